"""What every spider of the section shares: articles, the daily index, and their bookkeeping."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from scrapy import Request, Spider
from scrapy.http import Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from kompas_crawler import pages, urls
from kompas_crawler.archive import Archive
from kompas_crawler.datelines import WIB, read_dateline, read_day
from kompas_crawler.errors import BadArgument, PageRefused
from kompas_crawler.items import Article
from kompas_crawler.ledger import Ledger
from kompas_crawler.middlewares import NotSent
from kompas_crawler.pages import Entry, Listing, Reading
from kompas_crawler.periods import Period, read_period
from kompas_crawler.runs import Run, State

# What is asked for first: what earlier runs owe, the rest of a list, its articles, the next list.
OWED, LISTING, ARTICLE, NEXT_DAY = 30, 20, 10, 0

GONE = frozenset({404, 410})
FULL_PAGE = 15  # items; an index page held 15 until 2023 and holds 20 since
IDLE_PAGES = 2  # pages in a row without anything new end a list
MOST_INDEX_PAGES = 200  # of one day; the fullest day seen had 53 for all sections

# Codes of the index that hold the section, by the names its own menu gives them, best first. Three
# crawlers of 2021-22 used `global`; a probe of 2026-10 found the section within `news`.
SITE_NAMES = ("global", "internasional", "news", "all")

# Names by which pages of other sections know themselves. Numbers of seven or eight digits and old
# hosts prove no section (four of six links of 2012-13 led to national politics).
OTHER_SECTIONS = frozenset(
    [
        "nasional",
        "megapolitan",
        "regional",
        "money",
        "ekonomi",
        "bola",
        "olahraga",
        "sports",
        "tekno",
        "otomotif",
        "travel",
        "lifestyle",
        "properti",
        "sains",
        "health",
        "edukasi",
        "hype",
        "entertainment",
        "tren",
        "skola",
        "food",
    ]
)


@dataclass(slots=True, kw_only=True)
class DayWalk:
    """How far the index of one day has been read."""

    day: date
    site: str
    seen: set[str] = field(default_factory=set)
    in_section: int = 0
    idle: int = 0
    failed: bool = False
    tried: set[str] = field(default_factory=set)


class SectionSpider(Spider):
    """The base of the spiders. `run` and `archive` are given to it when it is opened."""

    allowed_domains: ClassVar[list[str]] = ["kompas.com"]
    accepts: ClassVar[tuple[str, ...]] = ()

    run: Run
    archive: Archive
    ledger: Ledger
    state_before: State
    finals: frozenset[str]

    def __init__(self, name: str | None = None, **arguments: str) -> None:
        super().__init__(name)
        self.arguments = {key: value for key, value in arguments.items() if not key.startswith("_")}
        self.check_arguments(self.arguments, datetime.now(WIB))
        self.period: Period | None = None
        self.recheck: Period | None = None
        self.site: str | None = None
        self.days: Iterator[date] = iter(())

    @classmethod
    def check_arguments(cls, arguments: Mapping[str, str], now: datetime) -> None:
        """Raise BadArgument in one sentence for what cannot be understood."""
        for key in arguments:
            if key not in cls.accepts:
                known = ", ".join(cls.accepts)
                raise BadArgument(f"{cls.name} has no argument {key!r}; it accepts {known}")
        cls.read_arguments(arguments, now)

    @classmethod
    def read_arguments(cls, arguments: Mapping[str, str], now: datetime) -> None:
        """Read what a spider's own arguments say; raise BadArgument."""

    def open(self, run: Run, archive: Archive, ledger: Ledger) -> None:
        """Take what the run needs, before the first request."""
        self.run = run
        self.archive = archive
        self.ledger = ledger
        self.state_before = ledger.state()
        self.finals = frozenset()

    async def start(self) -> AsyncIterator[Any]:
        for request in self.first_requests():
            yield request

    def first_requests(self) -> Iterator[Request]:
        raise NotImplementedError

    def rechecks(self, article_id: str) -> bool:
        """Tell whether a stored article is to be compared with the site again."""
        clock = urls.clock_of(article_id)
        return self.recheck is not None and clock is not None and clock in self.recheck

    # Articles.

    def owed_requests(self) -> Iterator[Request]:
        """Ask for what earlier runs could not get."""
        for owed in self.state_before.pending.values():
            yield from self.article_requests({owed.id: owed.url}, priority=OWED)

    def recheck_requests(self) -> Iterator[Request]:
        """Ask again for the stored articles of the last days."""
        if self.recheck is None:
            return
        for month in sorted({f"{day:%Y-%m}" for day in self.recheck.days()}, reverse=True):
            for article_id in reversed(self.archive.ids(month)):
                if self.rechecks(article_id) and article_id not in self.finals:
                    yield from self._recheck_request(article_id)

    def _recheck_request(self, article_id: str) -> Iterator[Request]:
        stored = self.archive.latest(article_id)
        if stored is not None and self.run.ask(article_id, stored.url):
            yield self._article_request(article_id, stored.url, ARTICLE)

    def article_requests(
        self, urls_by_id: Mapping[str, str], *, priority: int = ARTICLE
    ) -> Iterator[Request]:
        """Ask for the articles that are neither stored nor final."""
        for article_id, url in urls_by_id.items():
            if article_id in self.finals:
                continue
            if article_id in self.archive:
                if article_id not in self.run.open:
                    self.run.settle(article_id, "known")
            elif self.run.ask(article_id, url):
                yield self._article_request(article_id, url, priority)

    def _article_request(self, article_id: str, url: str, priority: int) -> Request:
        return Request(
            urls.whole_article_url(url),
            callback=self.parse_article,
            errback=self.article_failed,
            cb_kwargs={"article_id": article_id},
            priority=priority,
            dont_filter=True,
        )

    def parse_article(self, response: Response, article_id: str) -> Iterator[Any]:
        reading = self._reading(response, article_id)
        if reading is None:
            return
        if reading.page is None:
            yield self._finished(reading.article, reading, response)
        else:
            yield self._page_request(article_id, 2 if reading.page == 1 else 1, [reading])

    def parse_page(
        self, response: Response, article_id: str, readings: list[Reading]
    ) -> Iterator[Any]:
        """Take one more page of an article that Kompas does not show whole."""
        reading = self._reading(response, article_id)
        if reading is None:
            return
        readings = [*readings, reading]
        wanted = set(range(1, reading.article.page_count + 1))
        missing = sorted(wanted - {each.page for each in readings})
        if reading.page is None or not missing or len(readings) > len(wanted):
            yield self._finished(pages.join_pages(readings), readings[0], response)
        else:
            yield self._page_request(article_id, missing[0], readings)

    def _page_request(self, article_id: str, number: int, readings: list[Reading]) -> Request:
        return Request(
            urls.page_url(readings[0].article.url, number),
            callback=self.parse_page,
            errback=self.article_failed,
            cb_kwargs={"article_id": article_id, "readings": readings},
            priority=OWED,
            dont_filter=True,
        )

    def _reading(self, response: Response, article_id: str) -> Reading | None:
        html = response.text if isinstance(response, TextResponse) else ""
        try:
            reading = pages.read(html, response.url)
        except PageRefused as refusal:
            self._refuse(article_id, response.url, type(refusal).__name__, refusal.found)
            return None
        if reading.article.id != article_id:
            self._refuse(article_id, response.url, "OtherArticle", reading.article.id)
            return None
        if self._of_other_section(reading.article):
            self.logger.info("%s is of %r, not ours", response.url, reading.article.section)
            self.run.settle(article_id, "off_section")
            return None
        return reading

    def _refuse(self, article_id: str, url: str, reason: str, found: str) -> None:
        self.logger.warning("Refused %s: %s, %s", urls.canonical_url(url), reason, found)
        self.crawler.stats.inc_value(f"kompas/refused/{reason}")
        self.run.fail(article_id, urls.canonical_url(url), reason)

    def _of_other_section(self, article: Article) -> bool:
        return (article.section or "").lower() in OTHER_SECTIONS and not article.id.endswith("70")

    def _finished(self, article: Article, reading: Reading, response: Response) -> Article:
        self.run.read(reading.rules, article)
        return replace(
            article, fetched_at=datetime.now(WIB).replace(microsecond=0), crawl=self.run.crawl
        )

    def article_failed(self, failure: Failure) -> None:
        """Note an article that could not be fetched; 404 and 410 are final."""
        request: Request = failure.request  # type: ignore[attr-defined]
        article_id = request.cb_kwargs["article_id"]
        url = urls.canonical_url(request.url)
        status = self._status(failure)
        if status in GONE:
            self.logger.info("Gone (%d): %s", status, url)
            self.run.lose(article_id, url, status, datetime.now(WIB))
        elif not isinstance(failure.value, NotSent):  # what was never asked for stays open
            self.run.fail(article_id, url, reason_of(failure))

    @staticmethod
    def _status(failure: Failure) -> int:
        return failure.value.response.status if isinstance(failure.value, HttpError) else 0

    # The daily index.

    def walk_days(self, days: Iterable[date]) -> Iterator[Request]:
        """Read the index of these days, one after the other; memory holds one day at a time."""
        self.days = iter(days)
        yield from self.next_day()

    def next_day(self) -> Iterator[Request]:
        for day in self.days:
            yield self.index_request(DayWalk(day=day, site=self.site or SITE_NAMES[0]), 1)
            return

    def index_request(self, walk: DayWalk, page: int) -> Request:
        return Request(
            urls.index_url(walk.day, page, walk.site),
            callback=self.parse_index,
            errback=self.index_failed,
            cb_kwargs={"walk": walk, "page": page},
            priority=LISTING if page > 1 else NEXT_DAY,
            dont_filter=True,
        )

    def parse_index(self, response: Response, walk: DayWalk, page: int) -> Iterator[Any]:
        listing = self.read_list(response)
        if page == 1 and self._better_site(walk, listing):
            yield self.index_request(walk, 1)
            return
        entries = self.entries_of(listing, response.url, day=walk.day)
        fresh = [entry for entry in entries if entry.id not in walk.seen]
        walk.seen.update(entry.id for entry in fresh)
        walk.idle = 0 if fresh else walk.idle + 1
        ours = {entry.id: entry.url for entry in fresh if urls.in_section(entry.url)}
        walk.in_section += len(ours)
        self.run.listed(len(ours))
        yield from self.article_requests(ours)
        if page < MOST_INDEX_PAGES and self.goes_on(listing.next_url, len(entries), walk.idle):
            yield self.index_request(walk, page + 1)
        else:
            yield from self._day_done(walk)

    def entries_of(self, listing: Listing, url: str, *, day: date | None) -> tuple[Entry, ...]:
        """Return what a list offers; where none is recognised, what else the page links to.

        An empty day has no list either, but it does not link to articles of that very day.
        """
        if listing.layout is not None:
            return listing.entries
        strays = [
            entry
            for entry in listing.strays
            if urls.in_section(entry.url) and day in (None, urls.day_of(entry.id))
        ]
        if strays:
            self.logger.error("No list recognised on %s: has Kompas changed it?", url)
            self.run.unknown_listings.append(url)
        return tuple(strays)

    @staticmethod
    def goes_on(next_url: str | None, items: int, idle: int) -> bool:
        """Tell whether a list goes on: it says so, or a full page might hide that it does.

        `idle` are the pages in a row that brought nothing new.
        """
        if idle >= IDLE_PAGES or not items:
            return False
        return next_url is not None or (items >= FULL_PAGE and idle == 0)

    def _better_site(self, walk: DayWalk, listing: Listing) -> bool:
        """Choose the code that serves the section, by the page's own menu where it has one."""
        walk.tried.add(walk.site)
        if self.site == walk.site or (listing.entries and not listing.sites):
            return False
        offered = {name.lower(): code for name, code in listing.sites.items()}
        offered |= {code: code for code in listing.sites.values()}
        codes = [offered[n] for n in SITE_NAMES if n in offered][:1] if offered else SITE_NAMES
        better = next((code for code in codes if code not in walk.tried), None)
        if better is None:
            return False
        walk.site = better
        return True

    def _day_done(self, walk: DayWalk) -> Iterator[Request]:
        if not walk.failed:
            begin = datetime.combine(walk.day, time.min, WIB)
            end = begin + timedelta(days=1)
            self.run.cover(begin, min(end, self.run.started_at))
        if walk.in_section:
            self.site = walk.site
        yield from self.next_day()

    def index_failed(self, failure: Failure) -> Iterator[Request]:
        """Leave the day unproven, but see what its next page has."""
        request: Request = failure.request  # type: ignore[attr-defined]
        walk: DayWalk = request.cb_kwargs["walk"]
        page: int = request.cb_kwargs["page"]
        self.list_failed(failure)
        again = walk.failed or page == 1
        walk.failed = True
        if again:
            yield from self._day_done(walk)
        else:
            yield self.index_request(walk, page + 1)

    def read_list(self, response: Response) -> Listing:
        html = response.text if isinstance(response, TextResponse) else ""
        return pages.read_listing(html, response.url)

    def list_failed(self, failure: Failure) -> None:
        """Note a list that could not be fetched: what it would have listed is not proven."""
        request: Request = failure.request  # type: ignore[attr-defined]
        reason = reason_of(failure)
        self.logger.warning("A list could not be read (%s): %s", reason, request.url)
        self.run.listing_failed(request.url, reason)


def reason_of(failure: Failure) -> str:
    """Return one word for what failed, for counts and for people.

    >>> reason_of(Failure(TimeoutError()))
    'TimeoutError'
    """
    if isinstance(failure.value, HttpError):
        return f"http-{failure.value.response.status}"
    return str(getattr(failure.value, "reason", None) or type(failure.value).__name__)


def listed_moment(entry: Entry) -> datetime | None:
    """Return when an entry was listed as published: its address's clock, or a later printed day.

    An old article that Kompas publishes again keeps its address and is printed with a new day.
    """
    clock = urls.clock_of(entry.id)
    printed = read_dateline(entry.printed_date or "")
    day = printed.moment.date() if printed else read_day(entry.printed_date or "")
    if day is not None and (clock is None or day > clock.date()):
        return printed.moment if printed else datetime.combine(day, time.max, WIB)
    return clock


def read_period_of(
    arguments: Mapping[str, str], now: datetime, default_since: str | None
) -> Period:
    """Return the period of a spider's `since` and `until`; raise BadArgument."""
    return read_period(
        arguments.get("since"), arguments.get("until"), now, default_since=default_since
    )


def read_recheck(arguments: Mapping[str, str], now: datetime) -> Period | None:
    """Return the last days whose stored articles are to be compared again, None for none."""
    given = arguments.get("recheck")
    return None if given is None else read_period(given, None, now)
