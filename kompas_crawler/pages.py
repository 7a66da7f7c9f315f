"""What a page of Kompas says: an article, or a list of articles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from kompas_crawler import urls
from kompas_crawler.bodies import Body, Element, read_body, read_photo, squeeze, text_of
from kompas_crawler.errors import ChallengePage, CutOffPage, NotAnArticle
from kompas_crawler.items import Article, Image, Link
from kompas_crawler.layouts import (
    ACTIVE_PAGE,
    BOX_NAMES,
    BOX_OFFICE,
    BYLINE_NAMES,
    BYLINE_OFFICES,
    LAYOUTS,
    LISTINGS,
    SIDE_BOXES,
    UNKNOWN,
    Layout,
    ListingLayout,
)
from kompas_crawler.loaders import ArticleLoader, outlets, people, without_page_mark
from kompas_crawler.markup import Page, below_all, is_cut_off
from kompas_crawler.moments import Moments, read_moments
from kompas_crawler.records import content_hash, count_words

MOST_PAGES = 60  # the longest article seen has seven
LONGEST_PAGE = 8_000_000  # characters; a real page has some 230,000
MOST_TAGS = 250_000  # "<" signs; a real page has some 4,000

# What a challenge of Kompas's gate says (AWS WAF, reported since 2026), within a tiny page.
_CHALLENGE = re.compile(r"awsWafCookieDomainList|AwsWafIntegration|challenge-container|gokuProps")
_PAGE_MARK = re.compile(r"Halaman (all|\d+)\b", re.IGNORECASE)
_PLACEHOLDERS = ("authors", "editors", "sources")  # fields that may print nobody, such as "-"
SHORTEST_BODY = 80  # characters of paragraphs; less is no body, but a line of some box
_NUMBER = re.compile(r"[0-9]{1,6}")  # str.isdigit is true of "²", which int() refuses
_PAGE_NUMBER = re.compile(r"[^\s\"'<>?]*+\?page=(\d{1,3})\b")
_LOST = "\ufffd"  # stands where bytes were no character of the page's encoding
_ENOUGH_WORDS = 0.6  # of the words Kompas counts; it counts the "Baca juga" lines too


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An article as read, and how it was read.

    `rules` names, for every field, the rule that answered: "printed", "meta", "json-ld", "url"
    or "fallback"; a field that nothing answered is not in it. `page` is the page of the article
    that was shown, None for the whole of it.
    """

    article: Article
    rules: Mapping[str, str]
    page: int | None


def read_article(html: str, url: str) -> Article:
    """Return the article that an article page shows.

    Raises `NotAnArticle`, `ChallengePage`, `CutOffPage` or `IncompleteArticle`, each a
    `PageRefused`.
    """
    return read(html, url).article


def read(html: str, url: str) -> Reading:
    """Return the article that a page shows, with the rules that answered."""
    article_id = _identity(html, url)
    page = Page(html)
    layout = layout_of(page)
    if layout is UNKNOWN and not _has_metadata(page):
        raise NotAnArticle(url, "neither a known layout nor an article's metadata")
    return _Reader(page, layout, article_id, url, html).reading()


def layout_of(page: Page) -> Layout:
    """Return the layout whose markers the page shows, `UNKNOWN` if none."""
    for layout in LAYOUTS:
        if any(map(page.shows, layout.markers)) and any(map(page.shows, layout.body)):
            return layout
    return UNKNOWN


def _identity(html: str, url: str) -> str:
    article_id = urls.article_id(url)
    if article_id is None:
        raise NotAnArticle(url, "no address of an article")
    if not html or html.isspace():
        raise NotAnArticle(url, "an empty page")
    if len(html) > LONGEST_PAGE:
        raise NotAnArticle(url, f"a page of {len(html):,} characters")
    if len(html) > MOST_TAGS and (tags := html.count("<")) > MOST_TAGS:
        raise NotAnArticle(url, f"a page of {tags:,} tags")
    if len(html) < 20_000 and _CHALLENGE.search(html):
        raise ChallengePage(url, "a challenge instead of the page")
    if "<" not in html:
        raise NotAnArticle(url, "no HTML")
    if is_cut_off(html):
        raise CutOffPage(url, f"the page ends in the middle, after {len(html):,} characters")
    return article_id


def _has_metadata(page: Page) -> bool:
    return bool(
        page.news
        or page.metas.get("content_publisheddate")
        or page.metas.get("article:published_time")
    )


class _Reader:
    """Reads one page by one layout."""

    def __init__(self, page: Page, layout: Layout, article_id: str, url: str, html: str) -> None:
        self.page = page
        self.layout = layout
        self.article_id = article_id
        self.url = url
        self.html = html
        self.rules: dict[str, str] = {}
        self.loader = ArticleLoader()

    def reading(self) -> Reading:
        body = self._body()
        moments = self._moments()
        credits_ = self._credits(body)
        add = self.loader.add_value
        add("id", self.article_id)
        add("url", urls.canonical_url(self._own_address() or self.url))
        add("layout", self.layout.name)
        self._titles()
        self._add(
            "section", self._printed(self.layout.section)[-1:], self._meta("content_category")
        )
        add("published_at", moments.published_at)
        add("published_from", moments.published_from)
        add("updated_at", moments.updated_at)
        self._add("place", [body.place] if body.place else [])
        self._add("authors", credits_.writers, self._meta("content_author"))
        self._add("editors", credits_.editors, self._meta("content_editor"))
        self._add("sources", credits_.sources, self._meta("content_source"))
        self._add("tags", self._printed(self.layout.tags))
        self._add("images", self._images(body))
        self._add("related", [self._whole(link) for link in body.related])
        self._add("embeds", body.embeds)
        add("text", body.text)
        add("subheadings", body.subheadings)
        shown, count = self._paging()
        add("page_count", count)
        self._add_warnings(body, moments, shown, count)
        return Reading(article=self.loader.load_item(), rules=self.rules, page=shown)

    def _own_address(self) -> str | None:
        """Return the address the page gives itself, if it is one of this article.

        Lists may name an article by a slug that it no longer has.
        """
        told = (self.page.canonical, self.page.metas.get("og:url", ""))
        return next((url for url in told if self._is_of_this_article(url)), None)

    def _is_of_this_article(self, url: str) -> bool:
        return urls.is_kompas(url) and urls.article_id(url) == self.article_id

    def _add(self, name: str, printed: Sequence[Any], meta: Sequence[Any] = ()) -> None:
        """Add what the page prints, else what its metadata says, and note which it was."""
        for rule, values in (("printed", printed), ("meta", meta)):
            if values:
                self.loader.add_value(name, values)
                if name not in _PLACEHOLDERS or self.loader.get_output_value(name):
                    self.rules[name] = rule
                    return

    def _printed(self, places: tuple[str, ...]) -> list[str]:
        return [text for element in self.page.first(places) if (text := text_of(element))]

    def _meta(self, name: str) -> list[str]:
        value = self.page.metas.get(name)
        return [value] if value else []

    def _titles(self) -> None:
        sources = {
            "printed": self._printed(self.layout.title),
            "json-ld": [str(self.page.news.get("headline") or "")],
            "meta": self._meta("og:title"),
        }
        if not self._first_of("title", sources):
            headings = [text_of(heading) for heading in self.page.by_tag("h1")]
            self._first_of("title", {"fallback": headings[:1]})
        self._first_of(
            "description",
            {
                "meta": self._meta("description") or self._meta("og:description"),
                "json-ld": [str(self.page.news.get("description") or "")],
            },
        )

    def _first_of(self, name: str, sources: Mapping[str, Sequence[str]]) -> bool:
        """Add what the first source says that says anything; tell whether one did."""
        for rule, values in sources.items():
            if any(without_page_mark(value) for value in values):
                self.loader.add_value(name, values)
                self.rules[name] = rule
                return True
        return False

    def _moments(self) -> Moments:
        printed = self._printed(self.layout.dateline)
        if printed:
            self.loader.add_value("dateline", printed[0])
            self.rules["dateline"] = "printed"
        moments = read_moments(
            self.article_id, self.page.metas, self.page.news, printed[0] if printed else None
        )
        if moments.published_from:
            self.rules["published_at"] = moments.published_from
        return moments

    def _body(self) -> Body:
        containers = self.page.first(self.layout.body)[:1]
        rule = "printed"
        if not any(squeeze(str(piece)) for element in containers for piece in element.itertext()):
            containers, rule = densest(self.page.root), "fallback"
        body = read_body(containers)
        if body.blocks:
            self.rules["text"] = rule
        return body

    def _images(self, body: Body) -> list[Image]:
        """Return the lead photo, then those of the body; one photo counts once."""
        boxes = [box for box in self.page.first(self.layout.lead_photo) if _is_lead(box)]
        lead = [photo for box in boxes[:1] if (photo := read_photo(box))]
        return list(_once((*lead, *body.images)))

    def _whole(self, link: Link) -> Link:
        """Return a link with the host that its page leaves out."""
        return replace(link, url=_absolute(self.url, link.url)) if link.url[0] == "/" else link

    def _credits(self, body: Body) -> Credits:
        layout = self.layout
        table = _credit_table(self.page.first(layout.credits))
        byline = _byline(self.page)
        writers = self._printed(layout.writers) or table.writers or byline.writers or body.writers
        editors = self._printed(layout.editors) or table.editors or byline.editors or body.editors
        boxes = self.page.first(layout.sources)
        printed = [s for box in boxes for s in _sources_in(box, bare=layout.name == "mobile-2023")]
        sources = printed or table.sources or body.sources
        if byline.mixed and not (writers or editors):
            writers, editors = self._parted(byline.mixed)
        return Credits(
            writers=[*writers, *body.partner_writers],
            editors=editors,
            sources=[*(sources or self._meta("content_source")), *body.republished_from],
        )

    def _parted(self, names: list[str]) -> tuple[list[str], list[str]]:
        """Part the names of a "Tim Redaksi": the first is the writer, the last the editor.

        A single name is nobody's office unless the metadata gives it one.
        """
        editor = people(self._meta("content_editor"))
        if len(names) > 1:
            return names[:-1], names[-1:]
        return ([], names) if tuple(names) == editor else ([], [])

    def _paging(self) -> tuple[int | None, int]:
        """Return which page of the article is shown (None: all of them), and how many it has."""
        count = self._page_count()
        if count == 1:
            return None, 1
        return self._shown_page(), count

    def _page_count(self) -> int:
        told = self.page.metas.get("content_total_pages", "")
        numbers = [int(n) for n in (*self._linked_pages(), told) if _NUMBER.fullmatch(n)]
        return max((n for n in numbers if n <= MOST_PAGES), default=1) or 1

    def _linked_pages(self) -> Iterator[str]:
        """Yield the page numbers in links to this article, wherever the page has them.

        The photo viewer counts pages too, under `/image/` instead of `/read/`.
        """
        here = f"/{self.article_id}/"
        position = self.html.find(here)
        while position >= 0:
            rest = position + len(here)
            is_of_reading = self.html.endswith(("/read", "/read/xml"), 0, position)
            if is_of_reading and (match := _PAGE_NUMBER.match(self.html, rest)):
                yield match[1]
            position = self.html.find(here, rest)

    def _shown_page(self) -> int | None:
        for mark in (
            *_PAGE_MARK.findall(self.page.metas.get("og:title", "")),
            *_PAGE_MARK.findall(self.page.metas.get("description", "")),
            *self._active_pages(),
            self.page.metas.get("content_current_page", ""),
            *parse_qs(urlsplit(self.url).query).get("page", []),
        ):
            if _NUMBER.fullmatch(mark):
                return int(mark)
            if mark.lower() in ("all", "show all"):
                return None
        return 1

    def _active_pages(self) -> list[str]:
        """Return the words of the active link of the article's own paging."""
        links = [link for place in ACTIVE_PAGE for link in self.page.find(place)]
        return [text_of(link) for link in links if self.article_id in (link.get("href") or "")]

    def _add_warnings(self, body: Body, moments: Moments, shown: int | None, count: int) -> None:
        if moments.conflict:
            self.loader.add_value("warnings", "date-conflict")
        if shown is not None or self._gated(body) or self._lacks_words(body, count):
            self.loader.add_value("warnings", "truncated")
        canonical = urls.article_id(self.page.metas.get("og:url", ""))
        if canonical is not None and canonical != self.article_id:
            self.loader.add_value("warnings", "address-conflict")
        if _LOST in self.html and any(map(self._has_lost, ("title", "text"))):
            self.loader.add_value("warnings", "lost-characters")

    def _has_lost(self, name: str) -> bool:
        return _LOST in (self.loader.get_output_value(name) or "")

    def _gated(self, body: Body) -> bool:
        subscription = self.page.metas.get("subscription", "").lower()
        return body.gated and subscription in ("true", "1", "yes")

    def _lacks_words(self, body: Body, count: int) -> bool:
        """Tell whether an article of several pages came with far fewer words than it has."""
        total = self.page.metas.get("content_total_words", "")
        if count == 1 or not _NUMBER.fullmatch(total):
            return False
        return count_words(body.text) < int(total) * _ENOUGH_WORDS


@dataclass(slots=True, kw_only=True)
class Credits:
    """Who made an article. `mixed` are the names of a byline that gives no offices."""

    writers: list[str] = field(default_factory=list)
    editors: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)

    def add(self, office: str, names: list[str]) -> bool:
        """Add names under the office Kompas gives them; tell whether it is one we know."""
        word = squeeze(office).strip(" :").lower()
        if word in ("penulis", "reporter", "kontributor", "kolumnis"):
            self.writers.extend(names)
        elif word == "editor":
            self.editors.extend(names)
        elif word == "sumber":
            self.sources.extend(names)
        else:
            return False
        return True


def _credit_table(rows: Sequence[Element]) -> Credits:
    """Read "Editor : NAME", "Penulis : NAME", "Sumber : A, B" of 2015-16."""
    found = Credits()
    for row in rows:
        cells = [text_of(cell) for cell in row if cell.tag == "td"]
        if len(cells) >= 2:
            names = outlets([cells[1].lstrip(" :")])
            found.add(
                cells[0],
                list(names) if cells[0].lower().startswith("sumber") else [cells[1].lstrip(" :")],
            )
    return found


def _byline(page: Page) -> Credits:
    """Read the names of 2022-2026; the offices stand in the credit box, if anywhere."""
    found = Credits()
    for author in page.find(BOX_NAMES):
        found.add(_office_beside(author), [text_of(author)])
    if found.writers or found.editors:
        return found
    names = list(people(map(text_of, page.first(BYLINE_NAMES))))
    offices = [text_of(office) for place in BYLINE_OFFICES for office in page.find(place)]
    if not any(found.add(office, names) for office in offices):
        found.mixed = names
        if names and not offices and not page.find(BYLINE_NAMES[0]):
            found.writers, found.mixed = names, []
    return found


def _office_beside(author: Element) -> str:
    """Return the office printed nearest to a name of the credit box."""
    box = author.getparent()
    for _ in range(2):
        if box is None:
            break
        offices = below_all(box, BOX_OFFICE)
        if len(offices) == 1:
            return text_of(offices[0])
        box = box.getparent()
    return ""


def _sources_in(box: Element, *, bare: bool) -> list[str]:
    """Return the outlets of a credit line that is headed "Sumber"."""
    words = text_of(box)
    labels = [text_of(span) for span in box.iter("span")]
    if not bare and "Sumber" not in labels and not words.startswith("Sumber"):
        return []
    links = [text_of(link) for link in box.iter("a")]
    if links:
        return list(outlets(links))
    return list(outlets([re.sub(r"^Sumber\s*:?\s*", "", words)]))


def _is_lead(box: Element) -> bool:
    """Tell whether a photo stands neither in the body nor in a box beside the article."""
    around = {name for div in box.iterancestors("div") for name in div.get("class", "").split()}
    return "read__content" not in around and not around & SIDE_BOXES


def densest(root: Element) -> list[Element]:
    """Return the element whose own paragraphs hold the most text: the body of an unknown page."""
    weight: dict[Element, int] = {}
    for paragraph in root.iter("p"):
        above = paragraph.getparent()
        if above is not None:
            weight[above] = weight.get(above, 0) + len(text_of(paragraph))
    heaviest = max(weight, key=weight.__getitem__, default=None)
    return [heaviest] if heaviest is not None and weight[heaviest] >= SHORTEST_BODY else []


def join_pages(readings: Sequence[Reading]) -> Article:
    """Return one article from its pages, in their order.

    The first page tells the facts, the others add names and sources; an article of which a page
    is missing carries `truncated`.
    """
    ordered = sorted(readings, key=lambda reading: reading.page or 0)
    articles = [reading.article for reading in ordered]
    first = articles[0]
    text = "\n\n".join(article.text for article in articles)
    whole = any(reading.page is None for reading in ordered) or (
        {reading.page for reading in ordered} >= set(range(1, first.page_count + 1))
    )
    warnings = dict.fromkeys(w for article in articles for w in article.warnings)
    if whole:
        warnings.pop("truncated", None)
    return replace(
        first,
        text=text,
        subheadings=_joined(articles, "subheadings"),
        authors=tuple(dict.fromkeys(_joined(articles, "authors"))),
        editors=tuple(dict.fromkeys(_joined(articles, "editors"))),
        sources=tuple(dict.fromkeys(_joined(articles, "sources"))),
        related=_joined(articles, "related"),
        images=_once(_joined(articles, "images")),
        embeds=_joined(articles, "embeds"),
        word_count=count_words(text),
        content_hash=content_hash(first.title, text),
        warnings=tuple(warnings),
    )


def _joined(articles: Sequence[Article], name: str) -> tuple[Any, ...]:
    return tuple(thing for article in articles for thing in getattr(article, name))


def _once(things: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return things by address: every page shows the lead photo again."""
    seen: dict[str, Any] = {}
    for thing in things:
        seen.setdefault(thing.url, thing)
    return tuple(seen.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item of a listing: an article's address, and what the list prints of it."""

    id: str
    url: str
    title: str
    printed_date: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a listing page offers.

    `layout` is None where no list was recognised: an empty day, or a redesign; `strays` are then
    all articles the page links to. `sites` are the codes of the index's own menu by their printed
    name, empty where it has none. `items` counts the boxes of the list, whatever they hold.
    """

    entries: tuple[Entry, ...] = ()
    items: int = 0
    next_url: str | None = None
    layout: str | None = None
    sites: Mapping[str, str] = field(default_factory=dict)
    strays: tuple[Entry, ...] = ()

    @property
    def urls_by_id(self) -> dict[str, str]:
        return {entry.id: entry.url for entry in self.entries}


def read_listing(html: str, url: str) -> Listing:
    """Return the article addresses a listing page offers, in page order, and the next page's.

    Only the list's own items count: most-read and side boxes repeat on every page, and so does
    the headline, which belongs to the first.
    """
    page = Page(html)
    for layout in LISTINGS:
        boxes = list(_items(page, layout))
        entries = [entry for box in boxes if (entry := _entry(box, layout, url))]
        if entries:
            offered = {entry.id: entry for entry in (*_headline(page, layout, url), *entries)}
            return Listing(
                entries=tuple(offered.values()),
                items=len(boxes),
                next_url=_next_url(page, layout, url),
                layout=layout.name,
                sites=_sites(page),
            )
    strays = {entry.id: entry for link in page.by_tag("a") if (entry := _linked(link, url))}
    return Listing(sites=_sites(page), strays=tuple(strays.values()))


def _items(page: Page, layout: ListingLayout) -> Iterator[Element]:
    outside = set(layout.outside)
    for box in page.by_class(layout.item):
        if not any(
            outside.intersection((above.get("class") or "").split())
            for above in box.iterancestors("div")
        ):
            yield box


def _headline(page: Page, layout: ListingLayout, url: str) -> Iterator[Entry]:
    """Yield what stands above the list of its first page; on the others it is a side box."""
    number = parse_qs(urlsplit(url).query).get("page", ["1"])
    if layout.headline and number == ["1"]:
        for box in page.by_class(layout.headline):
            if entry := _entry(box, layout, url):
                yield entry


def _entry(box: Element, layout: ListingLayout, base: str) -> Entry | None:
    """Return what an item offers by a link in its box, or around it (`a.article-link`, 2024)."""
    links = below_all(box, layout.link) or list(box.iterancestors("a"))
    entry = next((entry for link in links if (entry := _linked(link, base))), None)
    if entry is None:
        return None
    return replace(
        entry,
        title=_first_text(box, layout.title) or entry.title,
        printed_date=_first_text(box, layout.printed_date),
        label=_first_text(box, layout.label),
    )


def _linked(link: Element, base: str) -> Entry | None:
    """Return the article a link leads to, or None if it leads to something else."""
    address = _absolute(base, link.get("href") or "")
    article_id = urls.article_id(address)
    if article_id is None or urls.kind_of(address) not in ("article", "other-section"):
        return None
    return Entry(id=article_id, url=urls.canonical_url(address), title=text_of(link))


def _absolute(base: str, href: str) -> str:
    try:
        return urljoin(base, href.strip())
    except ValueError:  # "http://[", for example
        return ""


def _first_text(box: Element, css: str) -> str | None:
    return next((text for element in below_all(box, css) if (text := text_of(element))), None)


def _next_url(page: Page, layout: ListingLayout, base: str) -> str | None:
    for mark in below_all(page.root, layout.next_link):
        href = _following(mark) if mark.tag == "ul" else mark.get("href")
        if href and not href.startswith(("#", "javascript:")):
            address = _absolute(base, href)
            return address.replace("http://", "https://", 1) if urls.is_kompas(address) else None
    return None


def _following(paging: Element) -> str | None:
    """Return the address after the active page of the numbered paging of 2016."""
    items = list(paging.iter("li"))
    for item, following in pairwise(items):
        if "active" in (item.get("class") or "").split():
            return next((a.get("href") for a in following.iter("a")), None)
    return None


def _sites(page: Page) -> dict[str, str]:
    """Return the section codes of the index's menu: printed name to code."""
    found: dict[str, str] = {}
    for option in page.root.iter("option"):
        name, value = text_of(option), (option.get("value") or "").strip()
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
    """Return the news sitemaps of the section that a sitemap index names.

    The index was seen (2026-10), the section's child was not: it is known by its name.
    """
    return tuple(
        address
        for address in _locations(xml)
        if urls.is_kompas(address)
        and re.search(r"/sitemap-news-(?:global|internasional)\b", address)
    )


def _locations(xml: str) -> Iterator[str]:
    for match in re.finditer(r"<loc>\s*(?:<!\[CDATA\[)?\s*([^<\]\s]{8,2000})", xml):
        yield match[1].replace("&amp;", "&")
