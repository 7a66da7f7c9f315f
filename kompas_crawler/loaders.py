"""The loader of an article, which turns the strings of a page into an `Article`.

A field's input processor (`title_in`, `published_at_in`) reads what a page says of it. A subclass
with other processors is given to `pages.read`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from itemloaders import ItemLoader
from itemloaders.processors import Compose, Identity, TakeFirst

from kompas_crawler.dates import decide, publications, updates
from kompas_crawler.errors import IncompleteArticle
from kompas_crawler.items import Article
from kompas_crawler.processors import (
    content_hash,
    count_words,
    outlets,
    people,
    squeezed,
    titles,
)

REQUIRED = ("id", "url", "title", "published_at", "text")


class ArticleLoader(ItemLoader):
    """Loads a whole `Article`, or raises `IncompleteArticle`."""

    default_item_class = dict
    default_input_processor = Identity()
    default_output_processor = TakeFirst()

    title_in = description_in = titles
    section_in = dateline_in = place_in = tags_in = squeezed
    authors_in = editors_in = people
    sources_in = outlets
    published_at_in, updated_at_in = publications, updates
    published_at_out = updated_at_out = Identity()
    authors_out = editors_out = sources_out = tags_out = tuple
    subheadings_out = related_out = images_out = embeds_out = tuple
    warnings_out = Compose(dict.fromkeys, tuple)

    def get_input_processor(self, field_name: str) -> Any:
        """Return the processor that this class names for what a page says of a field.

        ItemLoader would ask the item too, for every value; the item names none.
        """
        return getattr(type(self), f"{field_name}_in", self.default_input_processor)

    def get_output_processor(self, field_name: str) -> Any:
        """Return the processor that this class names for a field; the item names none."""
        return getattr(type(self), f"{field_name}_out", self.default_output_processor)

    def load_item(self) -> Article:
        loaded: dict[str, Any] = super().load_item()
        if "id" in loaded:
            loaded |= _dates(loaded)
        missing = tuple(name for name in REQUIRED if not loaded.get(name))
        if missing:
            raise IncompleteArticle(str(loaded.get("url")), missing)
        loaded["word_count"] = count_words(loaded["text"])
        loaded["content_hash"] = content_hash(loaded["title"], loaded["text"])
        return Article(**loaded)


def _dates(loaded: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that all the times a page states give together."""
    stated = [*loaded.get("published_at", ()), *loaded.get("updated_at", ())]
    dates = decide(loaded["id"], stated)
    doubt = ("date-conflict",) if dates.conflict else ()
    return {
        "published_at": dates.published_at,
        "published_from": dates.published_from,
        "updated_at": dates.updated_at,
        "warnings": (*doubt, *loaded.get("warnings", ())),
    }
