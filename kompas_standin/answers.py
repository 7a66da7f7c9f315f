"""The response to each address of Kompas, and what a fault changes in it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from email.utils import formatdate
from urllib.parse import parse_qs

from kompas_standin.articles import WIB, Headline, StandInArticle
from kompas_standin.faults import RENAMED, Fault
from kompas_standin.site import NEIGHBOURS, Site
from kompas_standin.templates import (
    ARTICLE_PAGES,
    home_2022,
    index_2017,
    listings,
    plain,
)
from kompas_standin.templates.boxes_of import Boxes, boxes_of
from kompas_standin.templates.pieces import Page, page_bytes

HTML = "text/html; charset=UTF-8"
XML = "text/xml; charset=UTF-8"
TEXT = "text/plain; charset=UTF-8"
PER_PAGE = {"2017": 15, "2024": 20}
_ARTICLE = re.compile(
    r"(?P<section>/[\w-]+)?/read/(?:xml/)?(?P<id>\d{4}/\d\d/\d\d/\d{6,12})(?:/|$)"
)
_INDEX_2016 = "/indeks/index/news/internasional"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """A request, as far as the pages depend on it."""

    host: str
    target: str
    cookie: str = ""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def option(self, name: str, default: str = "") -> str:
        return parse_qs(self.target.partition("?")[2]).get(name, [default])[-1]

    @property
    def page(self) -> int:
        number = self.option("page", "1")
        return int(number) if number.isdecimal() and int(number) else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A status, a page and its headers; `length` is a false Content-Length, if any."""

    page: Page | bytes
    status: int = 200
    type: str = HTML
    headers: tuple[tuple[str, str], ...] = ()
    length: int | None = None

    @property
    def raw(self) -> bytes:
        return self.page if isinstance(self.page, bytes) else page_bytes(self.page)


class Answers:
    """The pages of a site by their addresses."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._boxes: tuple[object, Boxes] | None = None

    @property
    def boxes(self) -> Boxes:
        state = (self.site.version, self.site.now)
        if self._boxes is None or self._boxes[0] != state:
            self._boxes = (state, boxes_of(self.site))
        return self._boxes[1]

    def to(self, asked: PageRequest) -> Answer:
        """Return what the site answers when nothing goes wrong."""
        if asked.path == "/robots.txt":
            return Answer(page=plain.robots(), type=TEXT)
        if match := _ARTICLE.match(asked.path):
            return self._article(asked, match["section"] or "", match["id"])
        if asked.host == "indeks.kompas.com":
            return self._index(asked)
        place = _PLACES.get((asked.host, asked.path.rstrip("/") or "/"))
        if place:
            return place(self, asked)
        if asked.host != "www.kompas.com" and asked.path == "/":
            return Answer(page=plain.simple(f"Beranda {asked.host}"))
        return not_found()

    def _article(self, asked: PageRequest, section: str, id_: str) -> Answer:
        # The slug does not matter, nor which of the section's two hosts is asked.
        ours = asked.host == "internasional.kompas.com" or section in ("/global", "/internasional")
        if not ours and (asked.host == "www.kompas.com" or section):
            return not_found()
        if not ours:
            return self._pages_of(self.site.stranger(asked.host, id_), asked)
        if id_ in self.site.gone:
            return not_found(self.site.gone[id_])
        if not self.site.holds(id_):
            return not_found()
        article = self.site.article(id_)
        if asked.host == "amp.kompas.com" or asked.option("amp") == "1":
            article = replace(article, layout="amp-2022", served="2022-01")
        return self._pages_of(article, asked)

    def _pages_of(self, article: StandInArticle, asked: PageRequest) -> Answer:
        if self.site.page_all and asked.option("page") == "all":
            return Answer(page=self._drawn(article, None))
        page = asked.page
        return Answer(page=self._drawn(article, page if page <= len(article.pages) else 1))

    def _drawn(self, article: StandInArticle, page: int | None) -> Page:
        return ARTICLE_PAGES[article.layout](article, self.boxes, page)

    def _front(self, asked: PageRequest) -> Answer:
        site = self.site
        page = asked.page
        ids = site.latest(21, skip=20 * (page - 1)) if page <= site.front_pages else []
        lines = [site.headline(id_) for id_ in ids[:20]]
        following = len(ids) > 20 and page < site.front_pages
        popular = [site.headline(id_) for id_ in site.latest(12)]
        headline = popular[-1] if popular else site.head("2020/03/11/11210070")
        drawn = listings.front(self.boxes, lines, headline, popular, page, following)
        return Answer(page=drawn)

    def _index(self, asked: PageRequest) -> Answer:
        if asked.path.startswith(_INDEX_2016) or asked.option("p"):
            return self._index_2016(asked)
        if asked.path != "/":
            return not_found()
        code = asked.option("site", "all")
        try:
            day = date.fromisoformat(asked.option("date"))
        except ValueError:
            day = self.site.now.date()
        size = PER_PAGE[self.site.index_markup]
        lines = self._indexed(code, day)
        start = size * (asked.page - 1)
        part = lines[start : start + size]
        if self.site.index_markup == "2017":
            last = max(1, -(-len(lines) // size))
            page = asked.page
            ours = self.site.index_site
            return Answer(page=index_2017.draw(self.boxes, ours, code, day, part, page, last))
        codes = (*listings.CODES, *({self.site.index_site} - set(listings.CODES)))
        told = day if asked.option("date") else None
        following = len(lines) > start + size
        drawn = listings.index(self.boxes, codes, code, told, part, asked.page, following)
        return Answer(page=drawn)

    def _indexed(self, code: str, day: date) -> list[Headline]:
        """Return what the index lists for a code: the section alone, or among its neighbours."""
        ours = [self.site.headline(id_) for id_ in self.site.listed(day)]
        if code == self.site.index_site != "news":
            return ours
        if code not in ("news", "all"):
            return []
        if code == "news" != self.site.index_site:
            ours = []
        mixed = ours + (self.site.neighbours(day) if day >= self.site.first_day else [])
        return sorted(mixed, key=lambda line: line.published_at, reverse=True)

    def _index_2016(self, asked: PageRequest) -> Answer:
        """Answer as in 2016: page 2 and later know their day only by the cookie."""
        kept = re.search(r"indeks_hari=([\d-]{10})", asked.cookie)
        day = self.site.now.date()
        if asked.option("tahun"):
            numbers = (asked.option(name) for name in ("tahun", "bulan", "tanggal"))
            try:
                day = date(*(int(number) for number in numbers))
            except ValueError:
                return not_found()
        elif kept:
            day = date.fromisoformat(kept[1])
        page = int(asked.option("p", "1"))
        lines = [self.site.headline(id_) for id_ in self.site.listed(day)]
        last = max(1, -(-len(lines) // 10))
        drawn = listings.index_2016(day, lines[10 * (page - 1) : 10 * page], page, last)
        return Answer(page=drawn, headers=(("Set-Cookie", f"indeks_hari={day}; path=/"),))

    def _sitemap_index(self, asked: PageRequest) -> Answer:
        return Answer(page=listings.sitemap_index(), type=XML)

    def _news_sitemap(self, asked: PageRequest) -> Answer:
        since = self.site.now - timedelta(hours=48)
        lines = [self.site.headline(id_) for id_ in self.site.latest(self.site.per_day * 3 + 10)]
        fresh = [line for line in lines if line.published_at >= since]
        return Answer(page=listings.news_sitemap(fresh), type=XML)

    def _archive_sitemap(self, asked: PageRequest) -> Answer:
        lines = [self.site.headline(id_) for id_ in self.site.latest(1000)]
        return Answer(page=listings.archive_sitemap(lines), type=XML)

    def _basic_sitemap(self, asked: PageRequest) -> Answer:
        return Answer(page=listings.archive_sitemap([]), type=XML)

    def _home(self, asked: PageRequest) -> Answer:
        lines = [self.site.headline(id_) for id_ in self.site.latest(sum(home_2022.SIZES) // 2)]
        mixed = lines + self.site.neighbours(self.site.now.date())
        mixed.sort(key=lambda line: line.published_at, reverse=True)
        return Answer(page=home_2022.draw(self.boxes, mixed))

    def _to_front(self, asked: PageRequest) -> Answer:
        return redirect("https://www.kompas.com/global")


_PLACES: dict[tuple[str, str], Callable[[Answers, PageRequest], Answer]] = {
    ("www.kompas.com", "/"): Answers._home,
    ("www.kompas.com", "/global"): Answers._front,
    ("internasional.kompas.com", "/"): Answers._to_front,
    ("www.kompas.com", "/sitemap.xml"): Answers._sitemap_index,
    ("www.kompas.com", "/sitemap-news-global.xml"): Answers._news_sitemap,
    ("www.kompas.com", "/sitemap-archive-global.xml"): Answers._archive_sitemap,
    ("www.kompas.com", "/sitemap-basic.xml"): Answers._basic_sitemap,
}


def not_found(status: int = 404) -> Answer:
    return Answer(page=plain.simple("Halaman tidak ditemukan"), status=status)


def redirect(url: str, status: int = 301) -> Answer:
    return Answer(page=b"", status=status, headers=(("Location", url),))


def with_fault(answer: Answer, fault: Fault, site: Site) -> Answer:
    """Return what a fault makes of a good answer; those of the wire leave it as it is."""
    spoil = _SPOILS.get(fault.kind)
    return spoil(answer, fault, site) if spoil else answer


def _status(answer: Answer, fault: Fault, site: Site) -> Answer:
    return Answer(page=plain.simple("Terjadi kesalahan"), status=fault.status or 500)


def _unavailable(answer: Answer, fault: Fault, site: Site) -> Answer:
    wait = str(fault.retry_after)
    if fault.http_date:
        wait = formatdate(time.time() + fault.retry_after, usegmt=True)
    busy = plain.simple("Sedang dalam perbaikan")
    return Answer(page=busy, status=503, headers=(("Retry-After", wait),))


def _truncated(answer: Answer, fault: Fault, site: Site) -> Answer:
    whole = answer.raw
    return replace(answer, page=whole[: len(whole) // 2], length=len(whole))


def _challenge(answer: Answer, fault: Fault, site: Site) -> Answer:
    status = fault.status or 202
    return Answer(
        page=plain.challenge(), status=status, headers=(("x-amzn-waf-action", "challenge"),)
    )


def _empty(answer: Answer, fault: Fault, site: Site) -> Answer:
    return replace(answer, page=b"")


def _binary(answer: Answer, fault: Fault, site: Site) -> Answer:
    return replace(answer, page=b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 64)


def _charset(answer: Answer, fault: Fault, site: Site) -> Answer:
    return replace(answer, type=f"text/html; charset={fault.charset}")


def _huge(answer: Answer, fault: Fault, site: Site) -> Answer:
    return replace(
        answer, page=answer.raw + b"<!-- panjang sekali -->\n" * (fault.megabytes * 43691)
    )


def _cut(answer: Answer, fault: Fault, site: Site) -> Answer:
    return replace(answer, page=answer.raw[: len(answer.raw) // 2])


def _off_site(answer: Answer, fault: Fault, site: Site) -> Answer:
    return redirect(fault.location, 302)


def _other_section(answer: Answer, fault: Fault, site: Site) -> Answer:
    day = site.now.astimezone(WIB)
    host, _, code = NEIGHBOURS[0]
    return redirect(f"https://{host}/read/{day:%Y/%m/%d}/0800000{code}/rapat-ditunda", 302)


def _rename(answer: Answer, fault: Fault, site: Site) -> Answer:
    html = answer.raw
    for name in RENAMED[fault.target]:
        html = html.replace(name.encode(), name.encode()[::-1])
    return replace(answer, page=html)


_SPOILS: dict[str, Callable[[Answer, Fault, Site], Answer]] = {
    "status": _status,
    "unavailable": _unavailable,
    "truncated": _truncated,
    "challenge": _challenge,
    "empty": _empty,
    "binary": _binary,
    "charset": _charset,
    "huge": _huge,
    "cut-html": _cut,
    "off-site": _off_site,
    "other-section": _other_section,
    "rename": _rename,
}


def apply_to_site(fault: Fault, site: Site, asked: PageRequest) -> None:
    """Apply what a fault changes in the site itself, before the page is made."""
    match = _ARTICLE.match(asked.path)
    id_ = fault.article or (match["id"] if match else None)
    if fault.kind == "shift":
        site.publish()
    elif fault.kind == "change" and id_ and site.holds(id_):
        site.revise(id_)
    elif fault.kind == "remove" and id_:
        site.remove(id_, fault.status or 404)
