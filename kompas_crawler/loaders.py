"""The loader of an article: from the strings of a page to the fields of an `Article`."""

from __future__ import annotations

from typing import Any

from itemloaders import ItemLoader
from itemloaders.processors import Compose, Identity, TakeFirst

from kompas_crawler.errors import IncompleteArticle
from kompas_crawler.items import Article
from kompas_crawler.processors import (
    content_hash,
    count_words,
    first_squeezed,
    outlets,
    people,
    squeezed,
)

REQUIRED = ("title", "published_at", "text")


class ArticleLoader(ItemLoader):
    """Loads a whole `Article`, or raises `IncompleteArticle`."""

    default_item_class = dict
    default_input_processor = Identity()
    default_output_processor = TakeFirst()

    title_out = description_out = section_out = dateline_out = place_out = first_squeezed
    authors_out = editors_out = people
    sources_out = outlets
    tags_out = squeezed
    subheadings_out = related_out = images_out = embeds_out = tuple
    warnings_out = Compose(dict.fromkeys, tuple)

    def get_input_processor(self, field_name: str) -> Any:
        """Return what every value passes on its way in.

        ItemLoader would ask this class and the item for each value; no field has one of its own.
        """
        return self.default_input_processor

    def get_output_processor(self, field_name: str) -> Any:
        """Return the processor that this class names for a field; the item names none."""
        return getattr(type(self), f"{field_name}_out", self.default_output_processor)

    def load_item(self) -> Article:
        loaded: dict[str, Any] = super().load_item()
        missing = tuple(name for name in REQUIRED if not loaded.get(name))
        if missing:
            raise IncompleteArticle(str(loaded.get("url")), missing)
        loaded["word_count"] = count_words(loaded["text"])
        loaded["content_hash"] = content_hash(loaded["title"], loaded["text"])
        return Article(**loaded)
