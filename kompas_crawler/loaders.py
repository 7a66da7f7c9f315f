"""How the strings of a page become the fields of an `Article`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from itemloaders import ItemLoader
from itemloaders.processors import Compose, Identity, TakeFirst

from kompas_crawler.bodies import squeeze
from kompas_crawler.errors import IncompleteArticle
from kompas_crawler.items import Article
from kompas_crawler.records import content_hash, count_words

REQUIRED = ("title", "published_at", "text")

# "Halaman all" and "Halaman 2" are added to titles and summaries of single pages of an article.
_PAGE_MARK = re.compile(r"\s*[-–|]?\s*Halaman (?:all|\d+)\s*(?:-\s*Kompas\.com)?$", re.IGNORECASE)
_SITE_MARK = re.compile(r"\s*[-–|]\s*Kompas\.com$", re.IGNORECASE)
_MARK_WORDS = ("halaman", "kompas.com")  # a text with none of them has neither mark
_CONTRIBUTOR = re.compile(r"^Kontributor\b[^,]*,\s*", re.IGNORECASE)
_NOTHING = frozenset(("", "-", "Unknown"))
# Names that are placeholders: advertorials say so in the writer's place.
_NOBODY = frozenset({"", "-", "advertorial", "unknown", "kompas cyber media", "kompas.com"})


def without_page_mark(text: str) -> str:
    """Return a title or a summary without what Kompas adds to it.

    >>> without_page_mark("Kapal Itu Tiba Halaman all - Kompas.com")
    'Kapal Itu Tiba'
    """
    text = squeeze(text)
    if not any(word in text.lower() for word in _MARK_WORDS):
        return text
    return _PAGE_MARK.sub("", _SITE_MARK.sub("", text)).strip()


def person(text: str) -> str | None:
    """Return a name as printed, None for a placeholder.

    >>> person("Kontributor Bone, Andi Rahman ,")
    'Andi Rahman'
    """
    name = _CONTRIBUTOR.sub("", squeeze(text).strip(" ,;|:"))
    return None if name.lower() in _NOBODY else name


def people(texts: Iterable[str]) -> tuple[str, ...]:
    """Return names in order, each once."""
    return tuple(dict.fromkeys(name for text in texts if (name := person(text))))


def outlets(texts: Iterable[str]) -> tuple[str, ...]:
    """Return sources as printed, split on commas only: "Travel and Leisure" is one.

    >>> outlets(["AFP,TASS", "ozy.com"])
    ('AFP', 'TASS', 'ozy.com')
    """
    names = (squeeze(part) for text in texts for part in text.split(","))
    return tuple(dict.fromkeys(name for name in names if name not in _NOTHING))


def _squeezed(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(text for raw in texts if (text := squeeze(raw)) not in _NOTHING)


def _first_squeezed(texts: Iterable[str]) -> str | None:
    return next(iter(_squeezed(texts)), None)


def _first_unmarked(texts: Iterable[str]) -> str | None:
    return next((text for raw in texts if (text := without_page_mark(raw))), None)


class ArticleLoader(ItemLoader):
    """Loads a whole `Article`, or raises `IncompleteArticle`."""

    default_item_class = dict
    default_input_processor = Identity()
    default_output_processor = TakeFirst()

    title_out = description_out = _first_unmarked
    section_out = dateline_out = place_out = _first_squeezed
    authors_out = editors_out = people
    sources_out = outlets
    tags_out = Compose(_squeezed, dict.fromkeys, tuple)
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
