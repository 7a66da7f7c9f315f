"""What a page of Kompas carries: its metadata, and its landmarks by class and id.

The tree is walked for all of them together; every layout then finds its places without a search.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any, TypeAlias, cast

from cssselect import HTMLTranslator
from lxml import etree

from kompas_crawler.layouts import LANDMARKS

Element: TypeAlias = etree._Element

LANDMARK_TAGS = ("div", "h1", "h2", "ul")  # links are half of a page, and none is a landmark
HEAD_TAGS = ("meta", "link", "script")  # malformed heads spill them into the body
MOST_METAS = 400  # metas read; an honest page has some 60

# All 113 real pages at hand close; a fragment that never opened is no sign of anything.
PAGE_OPENS = "<html"
PAGE_CLOSES = "</html"
LAST_CHARACTERS = 4096

# The plain parser: lxml.html looks up a class for every element, which doubles the walk.
_PARSER = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
_NEWS_TYPES = ("NewsArticle", "Article", "ReportageNewsArticle")


class Page:
    """One parsed page."""

    def __init__(self, text: str) -> None:
        raw = text.encode("utf-8", "replace")
        if b"\0" in raw:
            raw = raw.replace(b"\0", b"")
        root = None if not raw or raw.isspace() else etree.fromstring(raw, _PARSER)
        self.root: Element = etree.Element("html") if root is None else root

    @cached_property
    def metas(self) -> Mapping[str, str]:
        """The content of every meta by name or property, in lower case; the first one counts."""
        found: dict[str, str] = {}
        for meta in self._walked["meta"][:MOST_METAS]:
            name = meta.get("name") or meta.get("property")
            if name:
                found.setdefault(name.lower(), (meta.get("content") or "").strip())
        return found

    @cached_property
    def news(self) -> Mapping[str, Any]:
        """The NewsArticle of the page's JSON-LD, empty where there is none that can be read."""
        for script in self._walked["script"]:
            if script.get("type") == "application/ld+json" and "Article" in (script.text or ""):
                for thing in _things(script.text or ""):
                    if _is_news(thing.get("@type")):
                        return thing
        return {}

    @property
    def canonical(self) -> str:
        """The address that the page gives itself, "" if none."""
        links = (link for link in self._walked["link"] if link.get("rel") == "canonical")
        return next((href for link in links if (href := link.get("href"))), "")

    @cached_property
    def _walked(self) -> Mapping[str, list[Element]]:
        """Every element that is looked for, by landmark class or by tag, in page order.

        What the page has of each is found at once: a search for one costs a tenth of its parsing.
        """
        found: dict[str, list[Element]] = {tag: [] for tag in HEAD_TAGS}
        for element in self.root.iter(*HEAD_TAGS):
            found[element.tag].append(element)
        for element in self.root.iter(*LANDMARK_TAGS):
            if classes := element.get("class"):
                for name in _landmarks_in(classes):
                    found.setdefault(name, []).append(element)
        return found

    def by_class(self, name: str) -> list[Element]:
        """Return the elements of a landmark class, in page order; KeyError for another class."""
        if name not in LANDMARKS:
            raise KeyError(f"{name} is no landmark of the layout tables")
        return self._walked.get(name, [])

    def by_tag(self, name: str) -> Iterator[Element]:
        """Yield the elements of a tag, in page order."""
        return self.root.iter(name)

    def find(self, place: str) -> list[Element]:
        """Return the elements at a place of the layout table, such as `.kcm-read-top h2`."""
        mark, _, below = place.partition(" ")
        starts = _by_id(self.root, mark[1:]) if mark.startswith("#") else self.by_class(mark[1:])
        if not below:
            return starts
        return [found for start in starts for found in below_all(start, below)]

    def first(self, places: tuple[str, ...]) -> list[Element]:
        """Return the elements at the first place that is on the page, [] if none is."""
        for place in places:
            if found := self.find(place):
                return found
        return []

    def shows(self, place: str) -> bool:
        return bool(self.find(place))


def is_cut_off(text: str) -> bool:
    """Tell whether a page ends in the middle: it opens, and does not close.

    It may come so with a length that is right, where something behind the server gave up.

    >>> is_cut_off("<html><p>Kapal itu"), is_cut_off("<html><p>Kapal itu.</html>")
    (True, False)
    """
    if PAGE_CLOSES in text[-LAST_CHARACTERS:].lower():
        return False
    return PAGE_OPENS in text[:LAST_CHARACTERS].lower() and PAGE_CLOSES not in text.lower()


def encoding_of(body: bytes, declared: str) -> str:
    """Return the encoding to read a page by: UTF-8 where its bytes are UTF-8, else the declared.

    Every saved page of Kompas is UTF-8. A cache on the way may declare what it has by default, and
    no other encoding gives bytes that happen to be UTF-8.

    >>> encoding_of("Çelar".encode(), "cp1252"), encoding_of("Çelar".encode("cp1252"), "cp1252")
    ('utf-8', 'cp1252')
    """
    if declared == "utf-8":
        return declared
    try:
        body.decode()
    except UnicodeDecodeError:
        return declared
    return "utf-8"


def below_all(element: Element, css: str) -> list[Element]:
    """Return the elements below one that CSS selects, in page order."""
    return cast("list[Element]", _below_path(css)(element))


@lru_cache(maxsize=4096)
def _landmarks_in(classes: str) -> tuple[str, ...]:
    """Return what a class attribute names that the tables look for; most name nothing."""
    return tuple(name for name in classes.split() if name in LANDMARKS)


@lru_cache(maxsize=256)
def _below_path(css: str) -> etree.XPath:
    return etree.XPath(HTMLTranslator().css_to_xpath(css, prefix="descendant::"))


@lru_cache(maxsize=64)
def _id_path(name: str) -> etree.XPath:
    return etree.XPath(f"id('{name}')")


def _by_id(root: Element, name: str) -> list[Element]:
    return cast("list[Element]", _id_path(name)(root))


def _is_news(kind: object) -> bool:
    """Tell whether a "@type" names an article; it may be a list of names."""
    return any(name in _NEWS_TYPES for name in (kind if isinstance(kind, list) else [kind]))


def _things(text: str) -> Iterator[Mapping[str, Any]]:
    try:
        data = json.loads(text, strict=False)
    except (ValueError, RecursionError):  # malformed JSON-LD is no JSON-LD
        return
    stack = [data]
    while stack:
        thing = stack.pop()
        if isinstance(thing, list):
            stack.extend(reversed(thing[:50]))
        elif isinstance(thing, dict):
            yield thing
            stack.append(thing.get("@graph"))
