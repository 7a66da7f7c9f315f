"""The reader of listing pages and sitemaps: the articles of a list, and its next page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

from kompas_crawler import urls
from kompas_crawler.pages.document import (
    MOST_FOUND,
    Document,
    Element,
    ancestors,
    attribute,
    descendants,
    outermost,
    select,
    text_of,
    text_pieces,
)
from kompas_crawler.pages.layouts import LISTINGS, ListingLayout
from kompas_crawler.processors import squeeze
from kompas_crawler.sections import SECTION

MOST_SITEMAPS = 10  # of the section in an index; one is expected
LONGEST_TEXT = 1_000  # characters; a real title has up to 150
MOST_LINKS = 3_000  # of a page without a list; a real page has some 300

NO_ADDRESS = ("#", "javascript:")  # of a link whose target is set by a script


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item of a listing: an article's id and address, and what the list prints about it."""

    id: str
    url: str
    title: str
    printed_date: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a listing page holds.

    `layout` is None where no list was recognised (an empty day, or a redesign); `strays` are then
    all articles that the page links to. `sites` maps the printed names in the index's menu to their
    codes, {} without a menu. `items` counts the boxes of the list, with or without an article;
    `unread` counts those without one that lead to no page of another known kind either.
    """

    entries: tuple[Entry, ...] = ()
    items: int = 0
    unread: int = 0
    next_url: str | None = None
    layout: str | None = None
    sites: Mapping[str, str] = field(default_factory=dict)
    strays: tuple[Entry, ...] = ()

    @property
    def urls_by_id(self) -> dict[str, str]:
        return {entry.id: entry.url for entry in self.entries}


def read_listing(html: str, url: str) -> Listing:
    """Return the articles of a listing page, in page order, and the address of the next page.

    Only the list's own items count: most-read and side boxes repeat on every page. So does the
    headline, which counts on the first page only. Raises `TooCostly`.
    """
    page = Document(html, url)
    if listing := _known_listing(page, url):
        return listing
    links = page.by_tag("a")[:MOST_LINKS]
    strays = {entry.id: entry for link in links if (entry := _linked(link, url))}
    return Listing(sites=_sites(page), strays=tuple(strays.values()))


def _known_listing(page: Document, url: str) -> Listing | None:
    for layout in LISTINGS:
        found = [(box, _entry(box, layout, url)) for box in _items(page, layout)]
        entries = [entry for _, entry in found if entry]
        unread = sum(_is_unread(box, layout, url) for box, entry in found if not entry)
        if entries or unread:
            offered = {entry.id: entry for entry in (*_headline(page, layout, url), *entries)}
            return Listing(
                entries=tuple(offered.values()),
                items=len(found),
                unread=unread,
                next_url=_next_url(page, layout, url),
                layout=layout.name,
                sites=_sites(page),
            )
    return None


def _items(page: Document, layout: ListingLayout) -> Iterator[Element]:
    """Yield the boxes of a list; one with an unclosed tag holds the boxes after it."""
    outside = {
        each
        for name in layout.outside
        for box in outermost(page.by_class(name))
        for each in descendants(box)
    }
    for box in page.by_class(layout.item)[:MOST_FOUND]:
        if box not in outside:
            yield box


def _headline(page: Document, layout: ListingLayout, url: str) -> Iterator[Entry]:
    """Yield the headline above the list of a first page; on other pages it is a side box."""
    number = parse_qs(urlsplit(url).query).get("page", ["1"])
    if layout.headline and number == ["1"]:
        for box in page.by_class(layout.headline):
            if entry := _entry(box, layout, url):
                yield entry


def _entry(box: Element, layout: ListingLayout, base: str) -> Entry | None:
    """Return an item's article by a link in its box, or around it (`a.article-link`, 2024)."""
    links = select(box, layout.link) or [each for each in ancestors(box) if each.tag == "a"]
    entry = next((entry for link in links if (entry := _linked(link, base))), None)
    if entry is None:
        return None
    return replace(
        entry,
        title=_first_text(box, layout.title) or entry.title,
        printed_date=_first_text(box, layout.printed_date),
        label=_first_text(box, layout.label),
    )


def _is_unread(box: Element, layout: ListingLayout, base: str) -> bool:
    """Return whether an item has a title, and no link to a page of a known kind, nor out of Kompas."""
    hrefs = (attribute(link, "href") for link in select(box, "a"))
    addresses = (urls.absolute_url(base, href) for href in hrefs if _is_address(href))
    return {*map(urls.kind_of, addresses)} <= {"other"} and bool(_first_text(box, layout.title))


def _is_address(href: str) -> bool:
    return bool(href) and not href.startswith(NO_ADDRESS)


def _linked(link: Element, base: str) -> Entry | None:
    """Return the article a link leads to, or None if it leads to something else."""
    address = urls.absolute_url(base, attribute(link, "href"))
    article_id = urls.article_id(address)
    if article_id is None or urls.kind_of(address) not in ("article", "other-section"):
        return None
    return Entry(id=article_id, url=urls.canonical_url(address), title=text_of(link))


def _first_text(box: Element, css: str) -> str | None:
    return next((text for element in select(box, css) if (text := _beginning(element))), None)


def _beginning(element: Element) -> str:
    """Return the text of an element, `LONGEST_TEXT` characters at most: items may be nested."""
    pieces: list[str] = []
    room = LONGEST_TEXT
    for piece in text_pieces(element):
        pieces.append(piece[:room])
        room -= len(piece)
        if room <= 0:
            break
    return squeeze("".join(pieces))


def _next_url(page: Document, layout: ListingLayout, base: str) -> str | None:
    for mark in outermost(select(page.root, layout.next_link)):
        href = _following(mark) if mark.tag == "ul" else attribute(mark, "href")
        if href and _is_address(href):
            address = urls.absolute_url(base, href)
            return urls.clean_url(address) if urls.is_kompas(address) else None
    return None


def _following(paging: Element) -> str | None:
    """Return the address after the active page of the numbered paging of 2016."""
    for item, following in pairwise(descendants(paging, "li")):
        if "active" in attribute(item, "class").split():
            return next((attribute(a, "href") for a in descendants(following, "a")), None)
    return None


def _sites(page: Document) -> dict[str, str]:
    """Return the section codes of the index's menu: printed name to code."""
    found: dict[str, str] = {}
    for option in page.by_tag("option"):
        name, value = text_of(option), attribute(option, "value").strip()
        code = _site_code(value)
        if name and code and not code.isdigit():
            found.setdefault(name, code)
    return found


def _site_code(value: str) -> str:
    try:
        query = urlsplit(value).query
    except ValueError:  # "http://[", for example
        return ""
    return parse_qs(query).get("site", [value])[0]


def read_sitemap(xml: str, url: str) -> Listing:
    """Return the article addresses of a news sitemap, in its order."""
    entries: dict[str, Entry] = {}
    for address in _locations(xml):
        article_id = urls.article_id(address) if urls.is_kompas(address) else None
        if article_id is not None:
            canonical = urls.canonical_url(address)
            entries.setdefault(article_id, Entry(id=article_id, url=canonical, title=""))
    return Listing(entries=tuple(entries.values()), layout="sitemap" if entries else None)


def read_sitemap_index(xml: str) -> tuple[str, ...]:
    """Return the addresses (https) of the section's news sitemaps in a sitemap index.

    The index was seen (2026-10), the section's own sitemap was not: it is recognised by its name.
    Where there are more than `MOST_SITEMAPS`, one more than that is returned.
    """
    found: dict[str, None] = {}
    for address in _locations(xml):
        if SECTION.sitemap.search(address) and urls.is_kompas(address):
            found[urls.clean_url(address)] = None
        if len(found) > MOST_SITEMAPS:
            break
    return tuple(found)


def _locations(xml: str) -> Iterator[str]:
    for match in re.finditer(
        r"<(?:\w{1,20}:)?loc\b[^<>]{0,100}>\s*+(?:<!\[CDATA\[\s*+)?([^<\]\s]{8,2000})", xml
    ):
        yield match[1].replace("&amp;", "&")
