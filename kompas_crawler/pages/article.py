"""The reader of article pages: from HTML and address to an `Article`, or a named refusal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from html import unescape
from itertools import islice
from typing import Any

from kompas_crawler import urls
from kompas_crawler.dates import META, PROPERTY, StatedText
from kompas_crawler.errors import ChallengePage, CutOffPage, NotAnArticle
from kompas_crawler.items import Article, Image, Link
from kompas_crawler.loaders import ArticleLoader
from kompas_crawler.pages.blocks import is_side_box
from kompas_crawler.pages.body import Body, read_body
from kompas_crawler.pages.boilerplate import GATED_BODY
from kompas_crawler.pages.credits import Credits, printed_credits
from kompas_crawler.pages.document import (
    Document,
    Element,
    ancestors,
    attribute,
    descendants,
    is_shown,
    outside_of,
    text_of,
)
from kompas_crawler.pages.layouts import LAYOUTS, UNKNOWN, Layout
from kompas_crawler.pages.markup import is_cut_off
from kompas_crawler.pages.media import read_photo
from kompas_crawler.pages.paging import Paging, lacks_prose, lacks_words
from kompas_crawler.pages.reading import Reading, once
from kompas_crawler.processors import people

# What a challenge of Kompas's gate contains (AWS WAF, reported since 2026), within a tiny page.
_CHALLENGE = re.compile(r"awsWafCookieDomainList|AwsWafIntegration|challenge-container|gokuProps")
MOST_PHOTOS = 20  # boxes that may hold the lead photo
SHORTEST_BODY = 80  # characters of paragraphs; less is no body, but a line of some box
_LOST = "\ufffd"  # replaces bytes that are no character of the page's encoding
_FEW_BLOCKS = 3  # paragraphs that a gate leaves of an article
_READ_FIELDS = ("title", "text", "description", "authors", "editors", "sources", "tags")


def read_article(html: str, url: str) -> Article:
    """Return the article that an article page shows; `url` is the address it was requested at.

    Raises `NotAnArticle`, `ChallengePage`, `CutOffPage`, `TooCostly` or `IncompleteArticle`, each
    a `PageRefused`.
    """
    return read(html, url).article


def read(html: str, url: str, loader: type[ArticleLoader] = ArticleLoader) -> Reading:
    """Return the article that a page shows, with the rules that gave its fields.

    `loader` is the class whose processors turn the page's strings into the record's values. Raises
    what `read_article` raises.
    """
    article_id = _identity(html, url)
    page = Document(html, url)
    layout = layout_of(page)
    if not _has_metadata(page):
        if layout is UNKNOWN:
            raise NotAnArticle(url, "neither a known layout nor an article's metadata")
        if not _states_itself(page, layout):
            raise NotAnArticle(url, "neither a date nor an article's address as its own")
    return _Reader(page, layout, article_id, url, loader()).reading()


def layout_of(page: Document) -> Layout:
    """Return the layout whose markers the page shows, `UNKNOWN` if none."""
    for layout in LAYOUTS:
        markers = [marker for place in layout.markers for marker in page.find(place)]
        if not markers:
            continue
        bodies = [body for place in layout.body for body in page.find(place)]
        if bodies and _stands_outside(markers, bodies):
            return layout
    return UNKNOWN


def _stands_outside(markers: Sequence[Element], bodies: Sequence[Element]) -> bool:
    """Return whether a marker stands outside the bodies: inside one, an editor may have put it there."""
    return bool(outside_of(markers, set(bodies)))


def _identity(html: str, url: str) -> str:
    article_id = urls.article_id(url)
    if article_id is None:
        raise NotAnArticle(url, "no address of an article")
    if not html or html.isspace():
        raise NotAnArticle(url, "an empty page")
    if len(html) < 20_000 and _CHALLENGE.search(html):
        raise ChallengePage(url, "a challenge instead of the page")
    if "<" not in html:
        raise NotAnArticle(url, "no HTML")
    if is_cut_off(html):
        raise CutOffPage(url, f"the page ends in the middle, after {len(html):,} characters")
    return article_id


def _has_metadata(page: Document) -> bool:
    return bool(
        page.has_news
        or page.metas.get("content_publisheddate")
        or page.metas.get("article:published_time")
    )


def _states_itself(page: Document, layout: Layout) -> bool:
    """Return whether a page prints a date, or states an article's address as its own.

    A page that says in an article's template that nothing was found does neither.
    """
    return bool(page.first(layout.dateline)) or any(map(urls.article_id, page.stated_addresses))


class _Reader:
    """Reads one page by one layout."""

    def __init__(
        self, page: Document, layout: Layout, article_id: str, url: str, loader: ArticleLoader
    ) -> None:
        self.page = page
        self.layout = layout
        self.article_id = article_id
        self.url = url
        self.news = page.news(article_id)
        self.address = urls.canonical_url(self._own_address() or url)
        self.rules: dict[str, str] = {}
        self.loader = loader
        page.end = self._next_article()

    def reading(self) -> Reading:
        containers = self._containers()
        body = self._body(containers)
        shown, count = Paging(self.page, self.layout, self.article_id, self.url).read(body)
        credits_ = self._credits(body)
        add = self.loader.add_value
        add("id", self.article_id)
        add("url", self.address)
        add("layout", self.layout.name)
        self._titles(shown)
        self._add("section", self._section(), self._meta("content_category"))
        self._dates()
        self._add("place", [body.place] if body.place else [])
        self._add("authors", credits_.writers, self._writers_of_meta(credits_))
        self._add("editors", credits_.editors, self._meta("content_editor"))
        self._add_sources(credits_.sources, [*body.credits.partners, *body.republished_from])
        self._add("tags", self._printed(self.layout.tags))
        self._add("images", self._images(body, containers))
        self._add("related", [self._whole(link) for link in body.related])
        self._add("embeds", body.embeds)
        add("text", body.text)
        add("subheadings", body.subheadings)
        add("page_count", count)
        self._add_warnings(body, shown, count)
        article, other = self.loader.load_item(), self._other_article()
        self.rules["published_at"] = article.published_from
        return Reading(article=article, rules=self.rules, page=shown, other=other)

    def _own_address(self) -> str | None:
        """Return the address that the page states as its own, if it is one of this article.

        Lists may name an article by a slug that it no longer has.
        """
        return next(filter(self._is_of_this_article, self.page.stated_addresses), None)

    def _other_article(self) -> str | None:
        stated = {urls.article_id(each) for each in self.page.stated_addresses}
        return stated.pop() if len(stated) == 1 and self.article_id not in stated else None

    def _is_of_this_article(self, url: str) -> bool:
        # In 2015 og:url had tracking parameters glued to the slug: "…jutautm.sourcewputm.…".
        is_spoiled = "utm.source" in url
        return urls.is_kompas(url) and urls.article_id(url) == self.article_id and not is_spoiled

    def _add(self, name: str, printed: Sequence[Any], meta: Sequence[Any] = ()) -> None:
        """Add what the page prints, or else what its metadata says, and note which rule it was."""
        for rule, values in (("printed", printed), ("meta", meta)):
            if values:
                self.loader.add_value(name, values)
            if self.loader.get_collected_values(name):
                self.rules[name] = rule
                return

    def _add_sources(self, printed: Sequence[str], partners: Sequence[str]) -> None:
        """Add the sources; `partners`, which a line of the body names, come after the others."""
        meta = [] if printed else self._meta("content_source")
        self._add("sources", [] if meta else [*printed, *partners], [*meta, *partners])

    def _printed(self, places: tuple[str, ...]) -> list[str]:
        return [text for element in self.page.first(places) if (text := text_of(element))]

    def _first_printed(self, places: tuple[str, ...]) -> list[str]:
        """Return the text of the first element at these places that has any, [] if none has."""
        for place in places:
            found = self.page.find(place)
            for element in filter(is_shown, found) if len(found) > 1 else found:
                if text := text_of(element):
                    return [text]
        return []

    def _meta(self, name: str) -> list[str]:
        value = self.page.metas.get(name)
        return [value] if value else []

    def _section(self) -> list[str]:
        """Return the level of the breadcrumb that leads to the front of the article's section."""
        section = urls.front_of(self.address)
        levels = [
            text_of(link)
            for link in self.page.first(self.layout.section)
            if section
            and urls.front_of(urls.absolute_url(self.url, attribute(link, "href"))) == section
        ]
        return [level for level in levels if level][-1:]

    def _titles(self, shown: int | None) -> None:
        # A headline may end in "Halaman 12" itself; only later pages are marked by their number.
        later = [str(shown)] if shown is not None and shown > 1 else []
        self.loader.context["page_marks"] = ("all", *later)
        headings = self._first_printed(self.layout.title)
        sources: dict[str, list[str]] = {
            "json-ld": [_text(self.news.get("headline"))],
            "meta": self._meta("og:title"),
        }
        if not self._first_of("title", {"printed": headings, **sources}):
            first_heading = next(iter(self.page.by_tag("h1")), None)
            if first_heading is not None:
                self._first_of("title", {"fallback": [text_of(first_heading)]})
        summaries = {
            "meta": self._meta("description") or self._meta("og:description"),
            "json-ld": [_text(self.news.get("description"))],
        }
        self._first_of("description", summaries)

    def _first_of(self, name: str, sources: Mapping[str, Sequence[str]]) -> bool:
        """Add the first value that is not empty; tell whether there was one."""
        for rule, values in sources.items():
            for value in values:
                if value:
                    self.loader.add_value(name, value)
                if self.loader.get_collected_values(name):
                    self.rules[name] = rule
                    return True
        return False

    def _dates(self) -> None:
        """Add every text that states a time, the most reliable first."""
        metas, news = self.page.metas, self.news
        published = [
            StatedText(META, metas.get("content_publisheddate", "")),
            StatedText("json-ld", _text(news.get("datePublished"))),
            StatedText(PROPERTY, metas.get("article:published_time", "")),
        ]
        updated = [
            StatedText("json-ld", _text(news.get("dateModified"))),
            StatedText(PROPERTY, metas.get("article:modified_time", "")),
        ]
        printed = self._first_printed(self.layout.dateline)
        self._add("dateline", printed)
        self.loader.add_value("published_at", [*published, *printed])
        self.loader.add_value("updated_at", [*updated, *printed])

    def _containers(self) -> list[Element]:
        """Return the elements that hold the body; a copy of one is for another device."""
        found = self._bodies()
        return list({text_of(body): body for body in found}.values()) if found[1:] else found

    def _bodies(self) -> list[Element]:
        return [body for body in self.page.first(self.layout.body) if not self._is_beside(body)]

    def _next_article(self) -> tuple[int, ...] | None:
        """Return where another article begins below this one: at a title between two bodies."""
        bodies = [self.page.position(body) for body in self._bodies()]
        if len(bodies) < 2:
            return None
        titles = [title for place in self.layout.title for title in self.page.find(place)]
        between = (at for at in map(self.page.position, titles) if bodies[0] < at < bodies[-1])
        return min(between, default=None)

    def _body(self, containers: Sequence[Element]) -> Body:
        rule = "printed"
        if not containers:
            box, rule = densest_element(self.page.root), "fallback"
            containers = [] if box is None else [box]
        body = read_body(containers)
        if rule == "fallback" and len(body.text) < SHORTEST_BODY:
            body.blocks.clear()  # the rest was furniture: this was a box, and no body
        if body.blocks:
            self.rules["text"] = rule
        return body

    def _images(self, body: Body, containers: Sequence[Element]) -> list[Image]:
        """Return the lead photo, then those of the body; one photo counts once.

        The lead photo stands between title and body; photos elsewhere are other articles'.
        """
        lead = self._lead_photo(containers)
        return list(once((lead, *body.images) if lead else tuple(body.images)))

    def _lead_photo(self, containers: Sequence[Element]) -> Image | None:
        begin = max((self.page.position(title) for title in self._title_elements()), default=())
        end = min(map(self.page.position, containers), default=None)
        for box in self._photo_boxes():
            at = self.page.position(box)
            is_between = begin <= at and (end is None or at <= end)
            if is_between and not self._is_beside(box) and (photo := read_photo(box)):
                return photo
        return None

    def _photo_boxes(self) -> Iterator[Element]:
        for place in self.layout.lead_photo:
            yield from filter(is_shown, self.page.find(place)[:MOST_PHOTOS])

    def _title_elements(self) -> list[Element]:
        return self.page.first(self.layout.title)[:1]

    def _is_beside(self, box: Element) -> bool:
        """Return whether an element lies in a box that belongs to other articles."""
        return any(map(is_side_box, ancestors(box)))

    def _whole(self, link: Link) -> Link:
        """Return a link with an absolute address."""
        return (
            replace(link, url=urls.absolute_url(self.url, link.url)) if link.url[0] == "/" else link
        )

    def _credits(self, body: Body) -> Credits:
        """Return the credits the page prints; those in the body fill what it prints nowhere else."""
        printed = printed_credits(self.page, self.layout)
        if printed.mixed:
            printed.writers, printed.editors = self._split_byline(printed.mixed)
        own = body.credits
        return Credits(
            writers=[
                *(printed.writers or self._of_body(own.writers, "content_author")),
                *own.partner_writers,
            ],
            editors=printed.editors or self._of_body(own.editors, "content_editor"),
            sources=printed.sources or self._of_body(own.sources, "content_source"),
        )

    def _of_body(self, names: list[str], meta: str) -> list[str]:
        """Return names of a line of the body, which often are those of articles that are retold.

        A page of no known layout may print others where they are not found: there the metadata counts.
        """
        return [] if self.layout is UNKNOWN and self._meta(meta) else names

    def _split_byline(self, names: list[str]) -> tuple[list[str], list[str]]:
        """Split the names of a byline into writers and editors.

        The metadata decides; without it the last name is the editor. A single name gets an office
        only from the metadata.
        """
        writers = set(people(self._meta("content_author")))
        editors = set(people(self._meta("content_editor")))
        ends_with_editor = not writers & set(names) or not (editors or names[-1] in writers)
        if len(names) > 1 and ends_with_editor:
            return names[:-1], names[-1:]
        return (
            [name for name in names if name in writers or (name not in editors and len(names) > 1)],
            [name for name in names if name in editors],
        )

    def _writers_of_meta(self, credits_: Credits) -> list[str]:
        """Return the writers in the metadata where the page prints none.

        Columnists are printed by a script (2020), so the box for their names is empty.
        """
        is_printed = bool(people(credits_.editors))
        if is_printed and not any(map(self.page.shows, self.layout.writers)):
            return []
        editors = set(people(self._meta("content_editor")))
        return [name for name in self._meta("content_author") if name not in editors]

    def _add_warnings(self, body: Body, shown: int | None, count: int) -> None:
        is_part = shown is not None or (count > 1 and lacks_words(self.page, body))
        if is_part or lacks_prose(self.page, body) or self._gated(body):
            self.loader.add_value("warnings", "truncated")
        stated = map(urls.article_id, self.page.stated_addresses)
        if any(each is not None and each != self.article_id for each in stated):
            self.loader.add_value("warnings", "address-conflict")
        if any(map(self._has_lost, _READ_FIELDS)):
            self.loader.add_value("warnings", "lost-characters")

    def _has_lost(self, name: str) -> bool:
        return any(_LOST in value for value in self.loader.get_collected_values(name))

    def _gated(self, body: Body) -> bool:
        """Return whether a gate withholds the rest of the article, leaving its first paragraphs."""
        subscription = self.page.metas.get("subscription", "").lower()
        names = attribute(self.page.body, "class").split()
        is_sold = subscription in ("true", "1", "yes")
        if body.gated and is_sold:
            return True
        is_locked = is_sold or not GATED_BODY.isdisjoint(names)
        is_locked = is_locked or self.page.metas.get("content_sensi") == "1"
        return is_locked and lacks_words(
            self.page, body, unless_told=len(body.blocks) <= _FEW_BLOCKS
        )


def densest_element(root: Element) -> Element | None:
    """Return the element whose paragraphs hold the most text: the body of an unknown page.

    Paragraphs that lie in boxes of their own count half for the element around these. Quotations and
    posts, modal windows and boxes of other articles are skipped. None where no element holds
    `SHORTEST_BODY` characters of paragraphs.
    """
    weight: dict[Element, float] = {}
    quoted = set(descendants(root, "blockquote"))
    for paragraph in outside_of(descendants(root, "p"), quoted):
        letters = len(text_of(paragraph))
        for box, share in zip(islice(ancestors(paragraph), 2), (1, 0.5), strict=False):
            weight[box] = weight.get(box, 0) + letters * share
    for heaviest in sorted(weight, key=weight.__getitem__, reverse=True)[:5]:
        if weight[heaviest] < SHORTEST_BODY:
            break
        if not any(map(is_side_box, (heaviest, *ancestors(heaviest)))):
            return heaviest
    return None


def _text(value: object) -> str:
    """Return a string of the JSON-LD; HTML does not decode the entities in a script."""
    return unescape(value) if isinstance(value, str) else ""
