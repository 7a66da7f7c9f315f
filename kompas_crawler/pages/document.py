"""The parsed page (lexbor): its metadata, its elements by class and id, and its visible text.

The tree is searched once for all classes and ids that the layout tables name; each layout then looks
its places up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any, TypeAlias, cast

import webencodings
from selectolax.lexbor import (
    LexborDocumentOptions,
    LexborHTMLParser,
    LexborNode,
    SelectolaxError,
)

from kompas_crawler import urls
from kompas_crawler.errors import TooCostly
from kompas_crawler.memory import memory_limit
from kompas_crawler.pages.layouts import LANDMARKS
from kompas_crawler.processors import lowered, raised, squeeze

# A node of lexbor's tree; each access makes a new wrapper. Its hash is that of the node, but `==`
# compares HTML and `is` compares wrappers: use `is_same_element`.
Element: TypeAlias = LexborNode

TEXT = "-text"  # the tag that lexbor gives a text
COMMENT = "-comment"
NO_TEXT = ("replacement", "x-user-defined")  # names on WHATWG's list that decode nothing
LONGEST_PAGE = 4_000_000  # characters; real pages have up to 473,000
MOST_TAGS = 12_000  # "<" signs; real pages have up to 4,700, and HTML may take time by their square
LARGE_PAGE = 600_000  # characters; real pages have up to 473,000
LONGEST_TAG = 20_000  # characters; scripts of real pages have up to 19,000 without ">"
MOST_ATTRIBUTES = 200  # of one tag
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
        *("center", "address"),
    )
)
POWER_TAGS = frozenset(("sup", "sub"))
HIDING_LEVELS = 4  # boxes around an element that may hide it
_HIDDEN = re.compile(r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)

# A page without a tag of too many attributes, by the rules of HTML: a quoted ">" ends no tag. It takes
# a fifth of a page's reading, so only pages are looked at that are like no honest one.
_ATTRIBUTE = r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+"""
_TAG = rf"<[a-zA-Z][^\s/>]*+(?:{_ATTRIBUTE}){{0,{MOST_ATTRIBUTES}}}+[\s/]*+(?:>|\Z)"
_ORDINARY = re.compile(rf"(?:[^<]++|<(?![a-zA-Z])|{_TAG})*+")

# All real pages seen close it; a fragment that never opened it may be complete.
PAGE_OPENS = "<html"
PAGE_CLOSES = "</html"
FIRST_CHARACTERS = 4096

# Nobody listens to changes of the tree.
_WITHOUT_EVENTS = LexborDocumentOptions.WO_EVENTS.value
_JSON = json.JSONDecoder(strict=False)
# JSON-LD may be in a comment or a CDATA section, and end in a semicolon.
_BEFORE_JSON = re.compile(r"\s*+(?:(?://\s*+)?(?:<!\[CDATA\[|<!--)\s*+)?")
_JSON_LD = "application/ld+json"

# A character beyond U+FFFF written as two references, as UTF-16 stores it. By HTML's rules neither
# half is a character.
_SURROGATE_REFERENCES = re.compile(r"(?:&#(?:5[5-7][0-9]{3}|[xX][dD][89a-fA-F][0-9a-fA-F]{2});?)+")
MOST_HASHES = 1_000  # looked at one by one; a real page has some 70
_SURROGATE_START = re.compile(rb"&#(?:5[5-7]|[xX][dD])")
_REFERENCE = re.compile(r"&#(?:([0-9]{5})|[xX]([0-9a-fA-F]{4}));?")


class Document:
    """One parsed page."""

    def __init__(self, text: str, url: str = "") -> None:
        """Parse a page; `url` is for messages. Raises `TooCostly`."""
        if found := excess_of(text):
            raise TooCostly(url, found)
        self.raw = _unwrapped(_encoded(text))
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
        things = [thing for thing in self._json_ld_objects if _is_news(thing.get("@type"))]
        named = [(thing, _ids_of(thing)) for thing in things]
        own = next((thing for thing, ids in named if article_id in ids), None)
        if own is not None:
            return own
        return things[0] if len(things) == 1 and not named[0][1] else {}

    @property
    def has_news(self) -> bool:
        """Whether the page has JSON-LD of a news article."""
        return any(_is_news(thing.get("@type")) for thing in self._json_ld_objects)

    @cached_property
    def _json_ld_objects(self) -> list[Mapping[str, Any]]:
        return [
            thing
            for script in self._head["script"]
            if attribute(script, "type").partition(";")[0].strip().lower() == _JSON_LD
            and "Article" in (text := script.text())
            for thing in _json_ld_objects(text)
        ]

    @property
    def canonical(self) -> str:
        """The page's `<link rel="canonical">`, "" without one."""
        links = (link.attributes for link in self._head["link"])
        own = (link.get("href") for link in links if link.get("rel") == "canonical")
        return next(filter(None, own), "")

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


def excess_of(html: str) -> str | None:
    """Return why a page is too costly to parse, None if it is not.

    The parser's time grows with the square of the number of attributes in one tag.
    """
    if len(html) > LONGEST_PAGE:
        return f"a page of {len(html):,} characters"
    if "<" in html.replace("<", ">", MOST_TAGS):  # half the time of counting them all
        return f"a page of {html.count('<'):,} tags"
    is_honest = len(html) < LARGE_PAGE and not _has_long_gap(html)
    if not is_honest and _ORDINARY.match(html).end() < len(html):  # type: ignore[union-attr]
        return f"a tag of more than {MOST_ATTRIBUTES} attributes"
    return None


def _has_long_gap(html: str) -> bool:
    """Return whether a page has `LONGEST_TAG` characters in a row without ">"."""
    position = 0
    while position + LONGEST_TAG < len(html):
        last = html.rfind(">", position, position + LONGEST_TAG)
        if last < 0:
            return True
        position = last + 1
    return False


def is_cut_off(text: str) -> bool:
    """Return whether a page ends in the middle: it has `<html`, and no `</html`.

    Such a page may come with a correct Content-Length, when something behind the server failed.

    >>> is_cut_off("<html><p>Kapal itu"), is_cut_off("<html><p>Kapal itu.</html>")
    (True, False)
    """
    if text.rfind(PAGE_CLOSES) >= 0:  # from the end, where it is on nearly every page
        return False
    return PAGE_OPENS in text[:FIRST_CHARACTERS].lower() and PAGE_CLOSES not in text.lower()


def encoding_of(body: bytes, declared: str) -> str:
    r"""Return the codec to read a page by: UTF-8 where its bytes are UTF-8, else the declared one.

    Every saved page of Kompas is UTF-8. A proxy may declare its own default, and text in another
    encoding is hardly ever valid UTF-8. A few damaged bytes do not change that: the page is UTF-8 if
    more of its multi-byte characters are valid than are not. The declared encoding counts only if it
    is on WHATWG's list.

    >>> encoding_of("Çelar".encode(), "cp1252"), encoding_of("Çelar".encode("cp1252"), "cp1252")
    ('utf-8', 'cp1252')
    >>> encoding_of("Çelar, é, ü".encode() + b" \xff", "cp1252"), encoding_of(b"\xff", "zlib")
    ('utf-8', 'utf-8')
    """
    known = webencodings.lookup(declared)
    codec = "utf-8" if known is None or known.name in NO_TEXT else known.codec_info.name
    if codec == "utf-8":
        return codec
    try:
        body.decode()
    except UnicodeDecodeError:
        text = body.decode("utf-8", errors="replace")
        lost = text.count("\ufffd")
        sound = sum(map(len, re.findall(r"[^\x00-\x7f\ufffd]+", text)))
        return "utf-8" if sound > lost else codec
    return "utf-8"


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


def _encoded(text: str) -> bytes:
    """Return a page as UTF-8, with surrogate pairs joined and NUL characters removed."""
    try:
        raw = text.removeprefix("\ufeff").encode()
    except UnicodeEncodeError:  # single surrogates become U+FFFD, for the warning "lost-characters"
        raw = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
    if _has_surrogate_reference(raw):
        raw = _SURROGATE_REFERENCES.sub(_joined_reference, raw.decode()).encode()
    return raw.replace(b"\0", b"") if b"\0" in raw else raw


def _has_surrogate_reference(raw: bytes) -> bool:
    """Tell whether a page may have one. Single bytes are found fastest, and "#" is rare."""
    at = 0
    for _ in range(MOST_HASHES):
        at = raw.find(b"#", at + 1)
        if at < 0:
            return False
        if _SURROGATE_START.match(raw, at - 1):
            return True
    return _SURROGATE_START.search(raw, at) is not None


def _unwrapped(raw: bytes) -> bytes:
    """Return a page with its own addresses, where the Wayback Machine has put its own before them.

    It does so in the head too, where no article mentions it.
    """
    body = raw.find(b"<body", 0, FIRST_BYTES)
    if raw.find(WAYBACK, 0, FIRST_BYTES if body < 0 else body) < 0:
        return raw
    return _WRAPPING.sub(b"", raw)


def _joined_reference(match: re.Match[str]) -> str:
    codes = [
        int(decimal) if decimal else int(hexadecimal, 16)
        for decimal, hexadecimal in _REFERENCE.findall(match[0])
    ]
    text = "".join(map(chr, codes))
    if any(0xD800 <= code <= 0xDFFF for code in codes):
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return match[0]


FIRST_BYTES = 20_000  # of a page; its canonical address is in them
WAYBACK = b"//web.archive.org/web/"
_WRAPPING = re.compile(
    rb"(?:(?:https?:)?//web\.archive\.org)?/web/[0-9]{4,14}(?:[a-z]{2}_)?/(?=https?:)"
)

# The landmarks in class attributes already seen; most have none.
_LANDMARKS_IN: dict[str, tuple[str, ...]] = {}
MOST_REMEMBERED = 4_096  # class attributes; a page has some 300 different ones


def _landmarks_in(classes: str) -> tuple[str, ...]:
    names = dict.fromkeys(classes[:LONGEST_CLASS].split())
    found = tuple(mark for name in names if (mark := f".{name}") in LANDMARKS)
    if len(classes) <= LONGEST_CLASS and len(_LANDMARKS_IN) < MOST_REMEMBERED:
        _LANDMARKS_IN[classes] = found
    return found


def _is_news(kind: object) -> bool:
    """Return whether a "@type" names an article; it may be a list of names, or of addresses.

    schema.org has kinds of NewsArticle, such as OpinionNewsArticle.
    """
    names = (str(name).rpartition("/")[2] for name in (kind if isinstance(kind, list) else [kind]))
    return any(name == "Article" or name.endswith("NewsArticle") for name in names)


def _ids_of(news: Mapping[str, Any]) -> set[str]:
    """Return the article ids in the addresses of a NewsArticle."""
    page = news.get("mainEntityOfPage")
    stated = [news.get("url"), news.get("@id"), page]
    if isinstance(page, dict):
        stated += [page.get("@id"), page.get("url")]
    addresses = (each for each in stated if isinstance(each, str))
    return {id_ for each in addresses if (id_ := urls.article_id(each)) is not None}


def _json_ld_objects(text: str) -> Iterator[Mapping[str, Any]]:
    start = _BEFORE_JSON.match(text).end()  # type: ignore[union-attr]
    try:
        data, _ = _JSON.raw_decode(text, start)
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
