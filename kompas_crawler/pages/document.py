"""The parsed page: its metadata, and its elements by class and id.

The tree is walked once for everything the layout tables name; every layout then finds its places
without a search.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any, TypeAlias, cast

import webencodings
from cssselect import HTMLTranslator
from lxml import etree

from kompas_crawler import urls
from kompas_crawler.pages.layouts import LANDMARKS
from kompas_crawler.processors import lowered, raised, squeeze

Element: TypeAlias = etree._Element

HEAD_TAGS = ("meta", "link", "script")  # malformed heads spill them into the body
# Where landmarks are on nearly all pages at hand; the mobile titles that are links and the body of
# 2014 that is a span are found when nothing else is.
LANDMARK_TAGS = (
    "div",
    "ul",
    "h1",
    "h2",
    "h4",
    "h6",
    "time",
    "article",
    "section",
    "main",
    "figure",
)
NO_TEXT = ("replacement", "x-user-defined")  # names on WHATWG's list that decode nothing
LONGEST_PAGE = 4_000_000  # characters; real pages have up to 473,000
MOST_TAGS = 150_000  # "<" signs; real pages have up to 4,700
LARGE_PAGE = 600_000  # characters; real pages have up to 473,000
LONGEST_TAG = 20_000  # characters; scripts of real pages have up to 19,000 without ">"
MOST_ATTRIBUTES = 200  # of one tag
MOST_METAS = 400  # metas read; an honest page has some 60
MOST_FOUND = 2_000  # elements at one place; a real page has some 40
LONGEST_CLASS = 400  # characters of a class attribute that are looked at
DEEPEST = 2_000  # elements inside one another; libxml2 reads no further than 2,048

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

# All real pages at hand close; a fragment that never opened is no sign of anything.
PAGE_OPENS = "<html"
PAGE_CLOSES = "</html"
FIRST_CHARACTERS = 4096

# The plain parser: lxml.html looks up a class for every element, which doubles the walk.
_PARSER = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
_NEWS_TYPES = ("NewsArticle", "Article", "ReportageNewsArticle")

# A character beyond U+FFFF written as two references, the way UTF-16 stores it; browsers and
# libxml2 read neither half.
_SURROGATE_REFERENCES = re.compile(r"(?:&#(?:5[5-7][0-9]{3}|[xX][dD][89a-fA-F][0-9a-fA-F]{2});?)+")
_SURROGATE_START = re.compile(rb"&#(?:5[5-7]|[xX][dD])")
_REFERENCE = re.compile(r"&#(?:([0-9]{5})|[xX]([0-9a-fA-F]{4}));?")


class Document:
    """One parsed page."""

    def __init__(self, text: str) -> None:
        raw = self.raw = _encoded(text)
        root = None if not raw or raw.isspace() else etree.fromstring(raw, _PARSER)
        self.root: Element = etree.Element("html") if root is None else root
        self._is_complete = False
        self._ids: dict[str, list[Element]] = {}

    @cached_property
    def metas(self) -> Mapping[str, str]:
        """The content of every meta by name or property, in lower case; the first one counts."""
        found: dict[str, str] = {}
        for meta in self._walked["meta"][:MOST_METAS]:
            name = meta.get("name") or meta.get("property")
            if name:
                found.setdefault(name.lower(), (meta.get("content") or "").strip())
        return found

    def news(self, article_id: str) -> Mapping[str, Any]:
        """Return the NewsArticle of the page's JSON-LD that is this article, {} if none is.

        One that names no article counts only where it is the page's only one.
        """
        things = [thing for thing in self._things if _is_news(thing.get("@type"))]
        named = [(thing, _ids_of(thing)) for thing in things]
        own = next((thing for thing, ids in named if article_id in ids), None)
        if own is not None:
            return own
        return things[0] if len(things) == 1 and not named[0][1] else {}

    @property
    def has_news(self) -> bool:
        return any(_is_news(thing.get("@type")) for thing in self._things)

    @cached_property
    def _things(self) -> list[Mapping[str, Any]]:
        return [
            thing
            for script in self._walked["script"]
            if script.get("type") == "application/ld+json" and "Article" in (script.text or "")
            for thing in _things(script.text or "")
        ]

    @property
    def canonical(self) -> str:
        """The address that the page gives itself, "" if none."""
        links = (link for link in self._walked["link"] if link.get("rel") == "canonical")
        return next((href for link in links if (href := link.get("href"))), "")

    @cached_property
    def is_cut_by_parser(self) -> bool:
        """Whether the page nests deeper than the parser reads, so that its end is missing."""
        depth, element = 0, self.root
        while len(element):
            depth, element = depth + 1, element[-1]
        return depth >= DEEPEST

    @cached_property
    def _walked(self) -> dict[str, list[Element]]:
        """Every element that is looked for, by landmark class or by tag, in page order.

        What the page has of each is found at once: a search for one costs a tenth of its parsing.
        """
        found: dict[str, list[Element]] = {tag: [] for tag in HEAD_TAGS}
        for element in self.root.iter(*HEAD_TAGS):
            found[element.tag].append(element)
        self._add_landmarks(found, self.root.iter(*LANDMARK_TAGS))
        return found

    def _add_landmarks(self, found: dict[str, list[Element]], elements: Iterator[Element]) -> None:
        known = _LANDMARKS_IN
        for element in elements:
            if classes := element.get("class"):
                names = known.get(classes)
                if names is None:
                    names = _landmarks_in(classes)
                for name in names:
                    found.setdefault(name, []).append(element)

    def look_everywhere(self) -> bool:
        """Look at the elements of all other tags too; tell whether that was still to be done.

        Links, pictures, words and list items are most of a page, and hardly ever a landmark.
        """
        if self._is_complete:
            return False
        self._is_complete = True
        for name in LANDMARKS:
            self._walked.pop(name, None)
        self._add_landmarks(self._walked, self.root.iter())
        return True

    def position(self, element: Element) -> tuple[int, ...]:
        """Return where in the page an element begins: positions compare in page order."""
        path = []
        while (above := element.getparent()) is not None:
            path.append(above.index(element))
            element = above
        return tuple(reversed(path))

    def by_class(self, name: str) -> list[Element]:
        """Return the elements of a landmark class, in page order; KeyError for another class."""
        if name not in LANDMARKS:
            raise KeyError(f"{name} is no landmark of the layout tables")
        return self._walked.get(name, [])

    def _by_id(self, name: str) -> list[Element]:
        if name not in self._ids:
            self._ids[name] = cast("list[Element]", _id_path(name)(self.root))
        return self._ids[name]

    def by_tag(self, name: str) -> Iterator[Element]:
        """Yield the elements of a tag, in page order."""
        return self.root.iter(name)

    def find(self, place: str) -> list[Element]:
        """Return the elements at a place of the layout table, such as `.kcm-read-top h2`.

        Of elements that lie in one another only the outermost is returned.
        """
        return outermost(self.every(place))

    def every(self, place: str) -> list[Element]:
        """Return the elements at a place, those too that lie in one another."""
        mark, _, below = place.partition(" ")
        starts = self._by_id(mark[1:]) if mark[0] == "#" else self.by_class(mark[1:])
        if not below:
            return starts[:MOST_FOUND]
        found = [found for start in outermost(starts) for found in select(start, below)]
        return found[:MOST_FOUND]

    def first(self, places: tuple[str, ...], *, is_needed: bool = False) -> list[Element]:
        """Return the elements at the first place that the page shows, [] if none is.

        A landmark may be an element of any tag; where it is needed, all tags are looked at.
        """
        for place in places:
            if found := list(filter(is_shown, self.find(place))):
                return found
        if is_needed and places and self.look_everywhere():
            return self.first(places)
        return []

    def shows(self, place: str) -> bool:
        return bool(self.find(place))


def outermost(elements: Sequence[Element]) -> list[Element]:
    """Return the elements that lie in no other of them, `MOST_FOUND` at most."""
    if len(elements) < 2:
        return list(elements)
    kept: dict[Element, None] = {}
    for element in elements[:MOST_FOUND]:
        if not any(above in kept for above in element.iterancestors()):
            kept[element] = None
    return list(kept)


def too_much(html: str) -> str | None:
    """Return what a page has too much of to be parsed, None for one that may be.

    The parser's time grows with the square of the attributes in one tag.
    """
    if len(html) > LONGEST_PAGE:
        return f"a page of {len(html):,} characters"
    if len(html) > 3 * MOST_TAGS and (tags := html.count("<")) > MOST_TAGS:
        return f"a page of {tags:,} tags"
    is_honest = len(html) < LARGE_PAGE and not _has_long_gap(html)
    if not is_honest and _ORDINARY.match(html).end() < len(html):  # type: ignore[union-attr]
        return f"a tag of more than {MOST_ATTRIBUTES} attributes"
    return None


def _has_long_gap(html: str) -> bool:
    """Tell whether a page has `LONGEST_TAG` characters in a row without the end of a tag."""
    position = 0
    while position + LONGEST_TAG < len(html):
        last = html.rfind(">", position, position + LONGEST_TAG)
        if last < 0:
            return True
        position = last + 1
    return False


def is_cut_off(text: str) -> bool:
    """Tell whether a page ends in the middle: it opens, and does not close.

    It may come so with a length that is right, where something behind the server gave up.

    >>> is_cut_off("<html><p>Kapal itu"), is_cut_off("<html><p>Kapal itu.</html>")
    (True, False)
    """
    if text.rfind(PAGE_CLOSES) >= 0:  # from the end, where it stands on nearly every page
        return False
    return PAGE_OPENS in text[:FIRST_CHARACTERS].lower() and PAGE_CLOSES not in text.lower()


def encoding_of(body: bytes, declared: str) -> str:
    r"""Return the codec to read a page by: UTF-8 where its bytes are UTF-8, else the declared one.

    Every saved page of Kompas is UTF-8. A cache on the way may declare what it has by default, and
    no other encoding gives bytes that happen to be UTF-8. A byte that was spoiled on the way does
    not change that: UTF-8 it is where more letters of several bytes are sound than are not. What
    is declared counts only if it is an encoding of the web (WHATWG's list).

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


def is_hidden(element: Element) -> bool:
    """Tell whether the page hides an element from every reader."""
    style = element.get("style")
    if (
        style
        and ("none" in (lower := style.lower()) or "hidden" in lower)
        and _HIDDEN.search(style)
    ):
        return True
    return element.get("hidden") is not None


def is_shown(element: Element) -> bool:
    """Tell whether neither an element nor a box close around it is hidden."""
    around = islice(element.iterancestors(), HIDING_LEVELS)
    return not is_hidden(element) and not any(map(is_hidden, around))


def text_of(element: Element) -> str:
    """Return all that a reader sees of an element, on one line."""
    if len(element) == 0:  # most have nothing but words, and asking them is cheaper
        return squeeze(element.text or "")
    return squeeze("".join(pieces_of(element)))


def pieces_of(element: Element, left_out: frozenset[Element] = frozenset()) -> Iterator[str]:
    """Yield the text of an element piece by piece, a space for a break or the edge of a block."""
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, each in walk:
        if event == "start":
            if each is not element and _is_passed_over(each, left_out):
                walk.skip_subtree()
            elif each.tag in POWER_TAGS:
                yield printed_power(each)
                walk.skip_subtree()
            elif each.tag == "br" or each.tag in BLOCK_TAGS:
                yield " " + (each.text or "")
            elif each.text:
                yield each.text
        elif each is not element:
            if each.tail:
                yield " " + each.tail if each.tag in BLOCK_TAGS else each.tail
            elif each.tag in BLOCK_TAGS:
                yield " "


def _is_passed_over(element: Element, left_out: frozenset[Element]) -> bool:
    return element.tag in UNREAD_TAGS or element in left_out or is_hidden(element)


def printed_power(element: Element) -> str:
    """Return the text of a `<sup>` or `<sub>` as it is printed: digits are raised or lowered."""
    text = "".join(cast("Iterator[str]", element.itertext()))
    return raised(text) if element.tag == "sup" else lowered(text)


def select(element: Element, css: str) -> list[Element]:
    """Return the elements below one that CSS selects, in page order."""
    return cast("list[Element]", _below_path(css)(element))


def _encoded(text: str) -> bytes:
    """Return a page as UTF-8, characters put together that came in two halves."""
    try:
        raw = text.encode()
    except UnicodeEncodeError:  # halves that stand alone are lost, and counted as that
        raw = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
    if _SURROGATE_START.search(raw):
        raw = _SURROGATE_REFERENCES.sub(_joined_reference, raw.decode()).encode()
    return raw.replace(b"\0", b"") if b"\0" in raw else raw


def _joined_reference(match: re.Match[str]) -> str:
    codes = [
        int(decimal) if decimal else int(hexadecimal, 16)
        for decimal, hexadecimal in _REFERENCE.findall(match[0])
    ]
    text = "".join(map(chr, codes))
    if any(0xD800 <= code <= 0xDFFF for code in codes):
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return match[0]


# What class attributes name that the tables look for; most name nothing.
_LANDMARKS_IN: dict[str, tuple[str, ...]] = {}
MOST_REMEMBERED = 4_096  # class attributes; a page has some 300 different ones


def _landmarks_in(classes: str) -> tuple[str, ...]:
    names = dict.fromkeys(classes[:LONGEST_CLASS].split())
    found = tuple(name for name in names if name in LANDMARKS)
    if len(classes) <= LONGEST_CLASS and len(_LANDMARKS_IN) < MOST_REMEMBERED:
        _LANDMARKS_IN[classes] = found
    return found


@lru_cache(maxsize=256)
def _below_path(css: str) -> etree.XPath:
    return etree.XPath(HTMLTranslator().css_to_xpath(css, prefix="descendant::"))


@lru_cache(maxsize=64)
def _id_path(name: str) -> etree.XPath:
    return etree.XPath(f"id('{name}')")


def _is_news(kind: object) -> bool:
    """Tell whether a "@type" names an article; it may be a list of names."""
    return any(name in _NEWS_TYPES for name in (kind if isinstance(kind, list) else [kind]))


def _ids_of(news: Mapping[str, Any]) -> set[str]:
    """Return the articles that a NewsArticle says it is."""
    page = news.get("mainEntityOfPage")
    told = [news.get("url"), news.get("@id"), page]
    if isinstance(page, dict):
        told += [page.get("@id"), page.get("url")]
    addresses = (each for each in told if isinstance(each, str))
    return {id_ for each in addresses if (id_ := urls.article_id(each)) is not None}


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
