"""The parsed page (lexbor): its metadata, its elements by class and id, and its visible text.

The tree is searched once for all classes and ids that the layout tables name; each layout then looks
its places up.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any, TypeAlias, cast

from selectolax.lexbor import (
    LexborDocumentOptions,
    LexborHTMLParser,
    LexborNode,
    SelectolaxError,
)

from kompas_crawler.errors import TooCostly
from kompas_crawler.memory import memory_limit
from kompas_crawler.pages.json_ld import MEDIA_TYPE, ids_of, is_news, objects_in
from kompas_crawler.pages.layouts import LANDMARKS
from kompas_crawler.pages.markup import as_utf8, excess_of
from kompas_crawler.processors import lowered, raised, squeeze

# A node of lexbor's tree; each access makes a new wrapper. Its hash is that of the node, but `==`
# compares HTML and `is` compares wrappers: use `is_same_element`.
Element: TypeAlias = LexborNode

TEXT = "-text"  # the tag that lexbor gives a text
COMMENT = "-comment"
MOST_METAS = 400  # metas read; an honest page has some 60
MOST_FOUND = 2_000  # elements at one place; a real page has some 40
LONGEST_CLASS = 400  # characters of a class attribute that are looked at
MOST_MEMORY = 256 * 2**20  # bytes; unclosed bold tags are opened again in every paragraph

# Elements whose text no reader sees.
UNREAD_TAGS = frozenset(
    (
        *("script", "style", "noscript", "template", "svg", "canvas", "head", "title", "meta"),
        *("link", "form", "button", "input", "select", "textarea", "audio", "ivs-player"),
    )
)
# Elements that begin a line of their own.
BLOCK_TAGS = frozenset(
    (
        *("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd"),
        *("blockquote", "table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption", "section"),
        *("article", "aside", "header", "footer", "main", "figure", "figcaption", "pre", "hr"),
        *("center", "address", "details", "summary"),
    )
)
POWER_TAGS = frozenset(("sup", "sub"))
HIDING_LEVELS = 4  # boxes around an element that may hide it
_HIDDEN = re.compile(r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)

# Nobody listens to changes of the tree.
_WITHOUT_EVENTS = LexborDocumentOptions.WO_EVENTS.value


class Document:
    """One parsed page."""

    def __init__(self, text: str, url: str = "") -> None:
        """Parse a page; `url` is for messages. Raises `TooCostly`."""
        if found := excess_of(text):
            raise TooCostly(url, found)
        self.raw = as_utf8(text)
        self.root: Element = _parsed(self.raw, url)
        self._places: dict[Element, dict[Element, int]] = {}
        self.end: tuple[int, ...] | None = None  # places of the layout tables end before this one

    @cached_property
    def metas(self) -> Mapping[str, str]:
        """The content of each <meta> by its name or property in lower case; the first text counts."""
        found: dict[str, str] = {}
        for meta in self._head["meta"][:MOST_METAS]:
            attributes = meta.attributes
            name = attributes.get("name") or attributes.get("property")
            if name and (content := (attributes.get("content") or "").strip()):
                found.setdefault(name.strip().lower(), content)
        return found

    def news(self, article_id: str) -> Mapping[str, Any]:
        """Return the NewsArticle of the page's JSON-LD with this article's id, {} if none has it.

        One without an id counts only where it is the page's only one.
        """
        things = [thing for thing in self._json_ld_objects if is_news(thing.get("@type"))]
        named = [(thing, ids_of(thing)) for thing in things]
        own = next((thing for thing, ids in named if article_id in ids), None)
        if own is not None:
            return own
        return things[0] if len(things) == 1 and not named[0][1] else {}

    @property
    def has_news(self) -> bool:
        """Whether the page has JSON-LD of a news article."""
        return any(is_news(thing.get("@type")) for thing in self._json_ld_objects)

    @cached_property
    def _json_ld_objects(self) -> list[Mapping[str, Any]]:
        return [
            thing
            for script in self._head["script"]
            if attribute(script, "type").partition(";")[0].strip().lower() == MEDIA_TYPE
            and "Article" in (text := script.text())
            for thing in objects_in(text)
        ]

    @cached_property
    def stated_addresses(self) -> tuple[str, str]:
        """The addresses that the page states as its own, in `<link rel="canonical">` and `og:url`.

        One that it does not state is "".
        """
        links = (link.attributes for link in self._head["link"])
        canonical = (link.get("href") for link in links if link.get("rel") == "canonical")
        return next(filter(None, canonical), ""), self.metas.get("og:url", "")

    @cached_property
    def _head(self) -> dict[str, list[Element]]:
        """The <meta>, <link> and <script> elements; in malformed pages they may be in the body."""
        found: dict[str, list[Element]] = {"meta": [], "link": [], "script": []}
        for element in self.root.css("meta, link, script"):
            found[element.tag or ""].append(element)
        return found

    @cached_property
    def _landmarks(self) -> dict[str, list[Element]]:
        """Every element that is looked for, by its mark in the layout tables, in page order.

        All are found in one pass: a search for a single one costs a tenth of parsing the page.
        """
        found: dict[str, list[Element]] = {}
        for element in self.root.css("[id]"):
            found.setdefault(f"#{element.id}", []).append(element)
        known = _LANDMARKS_IN
        for element in self.root.css("[class]"):
            classes = element.attrs.sget("class")
            marks = known.get(classes)
            if marks is None:
                marks = _landmarks_in(classes)
            for mark in marks:
                found.setdefault(mark, []).append(element)
        return found

    @property
    def body(self) -> Element:
        return self.root.parser.body or self.root

    def position(self, element: Element) -> tuple[int, ...]:
        """Return an element's position as a tuple of indexes; tuples compare in page order."""
        path = []
        for parent in ancestors(element):
            if parent not in self._places:
                self._places[parent] = {child: at for at, child in enumerate(parent.iter())}
            path.append(self._places[parent][element])
            element = parent
        return tuple(reversed(path))

    def by_class(self, name: str) -> list[Element]:
        """Return the elements of a landmark class, in page order; KeyError for another class."""
        if f".{name}" not in LANDMARKS:
            raise KeyError(f"{name} is no landmark of the layout tables")
        return self._landmarks.get(f".{name}", [])

    def by_tag(self, *names: str) -> list[Element]:
        """Return the elements of some tags, in page order."""
        return descendants(self.root, *names)

    def find(self, place: str) -> list[Element]:
        """Return the elements at a place of the layout tables, such as `.kcm-read-top h2`.

        Elements inside another one of them are left out.
        """
        return outermost(self.find_all(place))

    def find_all(self, place: str) -> list[Element]:
        """Return the elements at a place, `MOST_FOUND` at most, nested ones included."""
        mark, _, below = place.partition(" ")
        starts = self._landmarks.get(mark, [])
        if below:
            starts = [found for start in outermost(starts) for found in select(start, below)]
        found = starts[:MOST_FOUND]
        end = self.end
        return found if end is None else [each for each in found if self.position(each) < end]

    def first(self, places: tuple[str, ...]) -> list[Element]:
        """Return the visible elements at the first place that has any, [] if none has."""
        found = (list(filter(is_shown, self.find(place))) for place in places)
        return next(filter(None, found), [])

    def shows(self, place: str) -> bool:
        """Return whether there is an element at a place of the layout tables."""
        return bool(self.find(place))


def _parsed(raw: bytes, url: str) -> Element:
    try:
        with memory_limit(MOST_MEMORY):
            return cast("Element", LexborHTMLParser(raw or b" ", options=_WITHOUT_EVENTS).root)
    except (MemoryError, SelectolaxError) as error:
        raise TooCostly(url, f"a tree of more than {MOST_MEMORY:,} bytes") from error


def attribute(element: Element, name: str) -> str:
    """Return an attribute of an element, "" where it has none."""
    return element.attrs.sget(name)


def is_same_element(one: Element | None, other: Element | None) -> bool:
    """Return whether two nodes are the same element of the page."""
    return one is not None and other is not None and one.mem_id == other.mem_id


def ancestors(element: Element) -> Iterator[Element]:
    """Yield the ancestors of an element, the nearest first."""
    parent = element.parent
    while parent is not None and parent.tag != "-document":
        yield parent
        parent = parent.parent


def descendants(element: Element, *tags: str) -> list[Element]:
    """Return an element and its descendants that have one of these tags, in page order."""
    return element.css(", ".join(tags) or "*")


def next_element(element: Element) -> Element | None:
    """Return the next sibling element, None if there is none."""
    return _sibling(element, "next")


def previous_element(element: Element) -> Element | None:
    """Return the previous sibling element, None if there is none."""
    return _sibling(element, "prev")


def _sibling(element: Element, side: str) -> Element | None:
    other: Element | None = getattr(element, side)
    while other is not None and other.tag in (TEXT, COMMENT):
        other = getattr(other, side)
    return other


def leading_text(element: Element) -> str:
    """Return the text of an element before the first element in it."""
    return _text_from(element.first_child)


def trailing_text(element: Element) -> str:
    """Return the text that follows an element, up to the next one."""
    return _text_from(element.next)


def _text_from(node: Element | None) -> str:
    words = []
    while node is not None and node.tag in (TEXT, COMMENT):
        words.append(node.text_content or "")
        node = node.next
    return "".join(words)


def outermost(elements: Iterable[Element]) -> list[Element]:
    """Return the elements that are inside no other of them; only `MOST_FOUND` are looked at."""
    found = dict.fromkeys(islice(elements, MOST_FOUND))
    return outside_of(found, found) if len(found) > 1 else list(found)


def outside_of(elements: Iterable[Element], boxes: Container[Element]) -> list[Element]:
    """Return the elements that are inside none of the boxes."""
    known: dict[Element, bool] = {}  # nesting has no limit, so each ancestor is visited once
    found = []
    for element in elements:
        path = []
        is_inside = False
        for each in ancestors(element):
            if is_inside := each in boxes or known.get(each, False):
                break
            if each in known:
                break
            path.append(each)
        known.update(dict.fromkeys(path, is_inside))
        if not is_inside:
            found.append(element)
    return found


def attributes_hide(attributes: Mapping[str, str | None]) -> bool:
    """Return whether these attributes hide an element, by `hidden` or by its style."""
    style = attributes.get("style")
    if style and ("none" in (lower := style.lower()) or "hidden" in lower):
        return bool(_HIDDEN.search(style)) or "hidden" in attributes
    return "hidden" in attributes


def is_hidden(element: Element) -> bool:
    """Return whether an element is hidden by its own attributes."""
    return attributes_hide(element.attributes)


def is_shown(element: Element) -> bool:
    """Return whether neither an element nor one of its nearest `HIDING_LEVELS` ancestors is hidden."""
    around = islice(ancestors(element), HIDING_LEVELS)
    return not is_hidden(element) and not any(map(is_hidden, around))


def text_of(element: Element) -> str:
    """Return the visible text of an element on one line."""
    first = element.first_child
    if first is not None and first.next is None and first.tag == TEXT:
        return squeeze(first.text_content or "")  # most elements hold only text
    return squeeze("".join(text_pieces(element)))


def text_pieces(element: Element, left_out: Container[Element] = ()) -> Iterator[str]:
    """Yield the text of an element piece by piece, a space for a break or the edge of a block."""
    if element.tag in POWER_TAGS:
        yield raised_or_lowered(element)
        return
    stack = [(element.iter(include_text=True), "")]
    while stack:
        children, edge = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            yield edge
            continue
        tag = child.tag
        if tag == TEXT:
            yield child.text_content or ""
        elif tag in POWER_TAGS:
            yield raised_or_lowered(child)
        elif not (tag in UNREAD_TAGS or child in left_out or is_hidden(child)):
            edge = " " if tag == "br" or tag in BLOCK_TAGS else ""
            yield edge
            stack.append((child.iter(include_text=True), edge))


def raised_or_lowered(element: Element) -> str:
    """Return the text of a `<sup>` or `<sub>` as it is printed: digits are raised or lowered."""
    text = element.text()
    return raised(text) if element.tag == "sup" else lowered(text)


def select(element: Element, css: str) -> list[Element]:
    """Return the elements below one that CSS selects, in page order."""
    return [each for each in dict.fromkeys(element.css(css)) if not is_same_element(each, element)]


# The landmarks in class attributes already seen; most have none.
_LANDMARKS_IN: dict[str, tuple[str, ...]] = {}
MOST_REMEMBERED = 4_096  # class attributes; a page has some 300 different ones


def _landmarks_in(classes: str) -> tuple[str, ...]:
    names = dict.fromkeys(classes[:LONGEST_CLASS].split())
    found = tuple(mark for name in names if (mark := f".{name}") in LANDMARKS)
    if len(classes) <= LONGEST_CLASS and len(_LANDMARKS_IN) < MOST_REMEMBERED:
        _LANDMARKS_IN[classes] = found
    return found
