"""What every spider of the section shares: articles, the daily index, and their bookkeeping."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar
from urllib.parse import urljoin

from scrapy import Request
from scrapy.http import Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from kompas_crawler import pages, urls
from kompas_crawler.archive.store import Archive
from kompas_crawler.archive.stored_days import StoredDays
from kompas_crawler.budget import budget
from kompas_crawler.datelines import read_dateline, read_day
from kompas_crawler.errors import BadArgument, PageRefused
from kompas_crawler.items import Article
from kompas_crawler.pages import Entry, Listing, Reading
from kompas_crawler.responses import NotSent, Refusal, TooEarly
from kompas_crawler.runs.arguments import wants_pages_kept
from kompas_crawler.runs.evidence import Shown
from kompas_crawler.runs.intervals import Interval
from kompas_crawler.runs.log import Ledger
from kompas_crawler.runs.periods import Period, read_period
from kompas_crawler.runs.run import Run, is_its_fault
from kompas_crawler.runs.state import Owed
from kompas_crawler.sections import SECTION, SITE_NAMES, of_other_section
from kompas_crawler.spiders.proof import ProvingSpider
from kompas_crawler.timezones import WIB

# What is asked for first: what earlier runs owe, the rest of a list, its articles, the next list.
# What ended a run before comes last, when all else is stored.
OWED, LISTING, ARTICLE, NEXT_DAY, DEADLY = 30, 20, 10, 0, -10

_ERRNO = re.compile(r".*?: ([0-9]{1,3}): ([^:]+)")
_CLASS = re.compile(r"^\w+(Error|Failed|Exception): ")
ROBOTS = "robots.txt: "  # how a refusal begins that robots.txt is the reason of

ALWAYS_ACCEPTED = ("keep",)  # arguments of every spider

GONE = frozenset({404, 410})
FULL_PAGE = 15  # items; an index page held 15 until 2023 and holds 20 since
IDLE_PAGES = 2  # pages in a row without anything new end a list
MOST_INDEX_PAGES = 200  # of one day; the fullest day seen had 53 for all sections
FAILED_IN_ROW = 5  # lists; after that the other days are left to the next run
NOTHING_IN_ROW = 31  # days of a run that has seen no article in any list: more would show no more
MOST_OWED_DAYS = 31  # of earlier runs, read again by one run: today's news must not wait for years

Stretch = tuple[date, date]  # the newest and the oldest day, and all between


@dataclass(slots=True, kw_only=True)
class DayWalk:
    """How far the index of one day has been read, and which days are to follow.

    It goes with the request for the next page, so whoever reads that page can go on.
    """

    day: date
    site: str
    home: str | None = None  # the code under which the section was found on a day before
    then: tuple[Stretch, ...] = ()
    shown: Shown = field(default_factory=Shown)
    failed: bool = False
    tried: set[str] = field(default_factory=set)


class SectionSpider(ProvingSpider):
    """The base of the spiders. `run` and `archive` are given to it when it is opened."""

    allowed_domains: ClassVar[list[str]] = ["kompas.com"]
    accepts: ClassVar[tuple[str, ...]] = ()
    section: ClassVar[str] = SECTION
    repeatable: ClassVar[tuple[str, ...]] = ()  # arguments that several `-a` may give

    def __init__(self, name: str | None = None, **arguments: str) -> None:
        super().__init__(name)
        self.arguments = {key: value for key, value in arguments.items() if not key.startswith("_")}
        self.check_arguments(self.arguments, datetime.now(WIB))
        self.recheck: Period | None = None
        self.owed_days: list[date] = []
        self._failed_lists = 0  # in a row

    @classmethod
    def check_arguments(cls, arguments: Mapping[str, str], now: datetime) -> None:
        """Raise BadArgument in one sentence for what cannot be understood."""
        accepted = (*cls.accepts, *ALWAYS_ACCEPTED)
        for key in arguments:
            if key not in accepted:
                known = ", ".join(accepted)
                raise BadArgument(f"{cls.name} has no argument {key!r}; it accepts {known}")
        wants_pages_kept(arguments)
        cls.read_arguments(arguments, now)

    @classmethod
    def read_arguments(cls, arguments: Mapping[str, str], now: datetime) -> None:
        """Read what a spider's own arguments say; raise BadArgument."""

    def open(self, run: Run, archive: Archive, ledger: Ledger) -> None:
        """Take what the run needs, before the first request."""
        self.run = run
        self.archive = archive
        self.ledger = ledger
        self.state_before = ledger.state(run.started_at).follows(run.followed_since)
        self.finals = frozenset()
        self.stored_days = StoredDays(archive)
        self.plan(run.started_at)

    def plan(self, now: datetime) -> None:
        """Decide what the run is to cover, before the first request."""

    def plan_period(self, period: Period, now: datetime) -> None:
        """Note what is to be covered, and what earlier runs owe besides."""
        self.period = period
        self.recheck = read_recheck(self.arguments, now)
        self.run.since, self.run.until = period.since, period.until
        own = set(self.own_days(period))
        days = self.state_before.days_to_prove(self.run.max_tries)
        if self.settings["KOMPAS_REDIS_URL"]:
            days = []  # what earlier runs of one directory owe is not for all workers
        days = [day for day in days if day not in own and day <= now.astimezone(WIB).date()]
        for day in days:
            owed = Interval.of_day(day, now)
            self.run.want(owed.since, owed.until)
        self.owed_days = days[:MOST_OWED_DAYS]
        if days:
            self.logger.warning(
                "%d earlier days are not proven: %d of them are read again",
                len(days),
                len(self.owed_days),
            )

    def own_days(self, period: Period) -> Iterator[date]:
        """Yield the days of which the run's own period will read everything."""
        return period.days()

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
        """Ask for what earlier runs could not get; of a fleet every worker owes something else."""
        if self.settings["KOMPAS_REDIS_URL"]:
            return
        for owed in self.state_before.pending.values():
            if urls.article_id(owed.id) != owed.id or urls.article_id(owed.url) != owed.id:
                self.logger.warning("Owed, and no article of Kompas's: %s, %s", owed.id, owed.url)
                self.run.final.add(owed.id)
                continue
            if owed.id in self.finals:
                self.run.final.add(owed.id)
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
        url = self._stored_url(article_id)
        if self.run.ask(article_id, url):
            yield self._article_request(article_id, url, ARTICLE)

    def _stored_url(self, article_id: str) -> str:
        stored = self.archive.latest(article_id)
        return stored.url if stored else urls.canonical_url(article_id)

    def article_requests(
        self, urls_by_id: Mapping[str, str], *, priority: int = ARTICLE
    ) -> Iterator[Request]:
        """Ask for the articles that are neither stored nor final."""
        for article_id, url in urls_by_id.items():
            if article_id in self.finals:
                continue
            if self.is_stored(article_id):
                self.run.meet(article_id)
            elif self.run.ask(article_id, url):
                yield self._article_request(article_id, url, priority)

    def _article_request(self, article_id: str, url: str, priority: int) -> Request:
        if budget.deaths.get(article_id):
            priority = DEADLY
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
            if self._is_last_try(self.run.failed.get(article_id)):
                yield self._cut_short(readings)
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
            errback=self.page_failed,
            cb_kwargs={"article_id": article_id, "readings": readings},
            priority=OWED,
            dont_filter=True,
        )

    def page_failed(self, failure: Failure) -> Iterator[Article]:
        """Leave an article whose further page failed to the next run.

        It is stored without that page, as `truncated`, when there is no such page or no next try.
        """
        given: dict[str, Any] = failure.request.cb_kwargs  # type: ignore[attr-defined]
        if self._status(failure) in GONE:
            yield self._cut_short(given["readings"])
            return
        self.article_failed(failure)
        if self._is_last_try(self.run.failed.get(given["article_id"])):
            yield self._cut_short(given["readings"])

    def _is_last_try(self, owed: Owed | None) -> bool:
        if owed is None or not is_its_fault(owed.reason):
            return False
        before = self.state_before.pending.get(owed.id)
        return (before.tries if before else 0) + 1 >= self.run.max_tries

    def _cut_short(self, readings: list[Reading]) -> Article:
        article = pages.join_pages(readings)
        self.logger.warning("Stored without all its pages: %s", article.url)
        return self._finished(article, readings[0], None)

    def _reading(self, response: Response, article_id: str) -> Reading | None:
        html = response.text if isinstance(response, TextResponse) else ""
        try:
            with budget.reading(article_id):
                reading = pages.read(html, response.url)
        except PageRefused as refusal:
            self._refuse(article_id, response.url, type(refusal).__name__, refusal.found)
            return None
        if reading.article.id != article_id:
            self._refuse(article_id, response.url, "OtherArticle", reading.article.id)
            return None
        if of_other_section(reading.article):
            self.logger.info("%s is of %r, not ours", response.url, reading.article.section)
            self.run.disown(article_id, urls.canonical_url(response.url))
            return None
        return reading

    def _refuse(self, article_id: str, url: str, reason: str, found: str) -> None:
        self.logger.warning("Refused %s: %s, %s", urls.canonical_url(url), reason, found)
        self.crawler.stats.inc_value(f"kompas/refused/{reason}")
        self.run.notes["evidence"] = f"{reason}, {found}: {urls.canonical_url(url)}"
        self.run.fail(article_id, urls.canonical_url(url), reason, found)

    def _finished(self, article: Article, reading: Reading, response: Response | None) -> Article:
        self.run.read(reading.rules, article)
        told = response.meta.get("downloaded_at") if response else None
        moment = told or datetime.now(WIB).replace(microsecond=0)
        return replace(article, fetched_at=moment, crawl=self.run.crawl)

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
            reason = reason_of(failure)
            if not isinstance(failure.value, Refusal):  # those have told it themselves
                self.logger.warning("Not fetched (%s): %s", reason, url)
            self.run.notes["evidence"] = found = evidence_of(failure)
            self.run.fail(article_id, url, reason, found)

    @staticmethod
    def _status(failure: Failure) -> int:
        return failure.value.response.status if isinstance(failure.value, HttpError) else 0

    # The daily index.

    def walk_days(self, days: Iterable[date]) -> Iterator[Request]:
        """Read the index of these days, one after the other; memory holds one day at a time."""
        yield from self.next_day(stretches_of(days), None)

    def next_day(self, days: tuple[Stretch, ...], home: str | None) -> Iterator[Request]:
        if self._failed_lists >= FAILED_IN_ROW:
            self.logger.error(
                "%d lists in a row failed: no further day is read in this run", self._failed_lists
            )
            return
        if not days:
            return
        if len(self.run.days_read) >= NOTHING_IN_ROW and not self.run.volumes.total():
            self.logger.error(
                "%d days list nothing: no further day is read in this run", len(self.run.days_read)
            )
            return
        (day, oldest), *later = days
        if day > oldest:
            later.insert(0, (day - timedelta(days=1), oldest))
        owed = self.asked_of(day)
        self.run.want(owed.since, owed.until)
        site = home or SITE_NAMES[0]
        walk = DayWalk(day=day, site=site, home=home, then=tuple(later), shown=Shown(day=day))
        yield self.index_request(walk, 1)

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
        entries = self.entries_of(listing, response.url, page, day=walk.day)
        fresh = walk.shown.take(listing, entries, response.url)
        ours = {entry.id: entry.url for entry in fresh if urls.in_section(entry.url)}
        self.run.listed(len(ours))
        yield from self.article_requests(ours)
        others = walk.shown.is_of_other_day and not walk.shown.of_day
        if others or not self.goes_on(listing.next_url, len(entries), walk.shown.idle):
            yield from self._day_done(walk)
        elif page < MOST_INDEX_PAGES:
            yield self.index_request(walk, page + 1)
        else:
            walk.shown.note_doubt(response.url, "too-long")
            yield from self._day_done(walk)

    def entries_of(
        self, listing: Listing, url: str, page: int, *, day: date | None
    ) -> tuple[Entry, ...]:
        """Return what a list offers; where none is recognised, what else its first page links to.

        An empty day has no list either, but it does not link to articles of that very day; and a
        page behind the last one has none, whatever its side boxes link to.
        """
        if listing.layout is not None or page > 1:
            return listing.entries
        strays = strays_of(listing, day)
        if strays:
            self.logger.error("No list recognised on %s: has Kompas changed it?", url)
            self.run.unknown_listings.append(url)
        return strays

    @staticmethod
    def goes_on(next_url: str | None, items: int, idle: int) -> bool:
        """Tell whether a list goes on: it says so, or a full page might hide that it does.

        `idle` are the pages in a row that brought nothing new.
        """
        if idle >= IDLE_PAGES or not items:
            return False
        return next_url is not None or (items >= FULL_PAGE and idle == 0)

    def _better_site(self, walk: DayWalk, listing: Listing) -> bool:
        """Choose the code that serves the section, by the page's own menu where it has one.

        A code without any item that day may not have had the section yet: others are tried.
        """
        walk.tried.add(walk.site)
        if strays_of(listing, walk.day):
            return False
        offered = {name.lower(): code for name, code in listing.sites.items()}
        offered |= {code: code for code in listing.sites.values()}
        codes = [offered[n] for n in SITE_NAMES if n in offered] if offered else list(SITE_NAMES)
        if listing.entries:
            codes = codes[:1] if offered and walk.home != walk.site else []
        better = next((code for code in codes if code not in walk.tried), None)
        walk.site = better or walk.site
        return better is not None

    def _day_done(self, walk: DayWalk) -> Iterator[Request]:
        now = self.run.started_at
        self.run.see({walk.day: walk.shown.listed}, walk.shown.clocks)
        if walk.failed:
            self.run.failed_days.add(walk.day)
        elif doubt := walk.shown.doubt or self.doubt_of_day(walk.shown, walk.day, walk.site):
            self.note_doubt(walk.day, *doubt)
        else:
            # The day in whose middle the period begins may be the first one that Kompas has: where
            # its list is empty, that is no word about its morning.
            whole = walk.shown.listed or walk.day in self.owed_days
            proven = Interval.of_day(walk.day, now) if whole else self.asked_of(walk.day)
            self.run.cover(proven.since, proven.until)
        home = walk.site if walk.shown.listed else walk.home
        yield from self.next_day(walk.then, home)

    def index_failed(self, failure: Failure) -> Iterator[Request]:
        """Leave the day unproven, but see what its next page has."""
        if isinstance(failure.value, NotSent):
            return  # it was never asked for: the day stays owed, and no try is used up
        request: Request = failure.request  # type: ignore[attr-defined]
        walk: DayWalk = request.cb_kwargs["walk"]
        if isinstance(failure.value, TooEarly):
            yield from self.next_day(walk.then, walk.home)
            return
        page: int = request.cb_kwargs["page"]
        self.list_failed(failure)
        again = walk.failed or page == 1
        walk.failed = True
        if again:
            yield from self._day_done(walk)
        else:
            yield self.index_request(walk, page + 1)

    def read_list(self, response: Response) -> Listing:
        """Return what a list offers; `PageRefused` goes to the errback, see `Unreadable`."""
        html = response.text if isinstance(response, TextResponse) else ""
        with budget.reading(response.url):
            listing = pages.read_listing(html, response.url)
        self._failed_lists = 0
        self.run.listing_read()
        return listing

    def list_failed(self, failure: Failure) -> None:
        """Note a list that could not be fetched: what it would have listed is not proven."""
        request: Request = failure.request  # type: ignore[attr-defined]
        reason = reason_of(failure)
        self.logger.warning("A list could not be read (%s): %s", reason, request.url)
        self.run.notes["evidence"] = evidence_of(failure)
        self.run.listing_failed(request.url, reason)
        self._failed_lists += 1


def stretches_of(days: Iterable[date]) -> tuple[Stretch, ...]:
    """Return days, newest first, as stretches without a gap.

    >>> days = [date(2026, 3, 1), date(2026, 2, 28), date(2026, 2, 14)]
    >>> [(newest.day, oldest.day) for newest, oldest in stretches_of(days)]
    [(1, 28), (14, 14)]
    """
    found: list[Stretch] = []
    for day in days:
        if found and found[-1][1] - day == timedelta(days=1):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return tuple(found)


def reason_of(failure: Failure) -> str:
    """Return one word for what failed, for counts and for people.

    >>> reason_of(Failure(TimeoutError()))
    'TimeoutError'
    """
    if isinstance(failure.value, HttpError):
        return f"http-{failure.value.response.status}"
    return str(getattr(failure.value, "reason", None) or type(failure.value).__name__)


def evidence_of(failure: Failure) -> str:
    """Return what was seen of a request that failed, and where.

    >>> from kompas_crawler.middlewares import Blocked
    >>> url = "https://www.kompas.com/global"
    >>> failure = Failure(Blocked(url, "robots.txt: HTTP 429"))
    >>> failure.request = Request(url)
    >>> evidence_of(failure)
    'HTTP 429 on https://www.kompas.com/robots.txt'
    """
    error, url = failure.value, failure.request.url  # type: ignore[attr-defined]
    if isinstance(error, HttpError):
        return f"HTTP {error.response.status} on {url}"
    if not isinstance(error, Refusal):
        return f"{_plainly(f'{type(error).__name__}: {error}')} on {url}"
    of_robots, found = error.found.startswith(ROBOTS), error.found.removeprefix(ROBOTS)
    return f"{_plainly(found)} on {urljoin(url, '/robots.txt') if of_robots else url}"


def _plainly(error: str) -> str:
    """Return what an error says, said once.

    >>> _plainly("DownloadConnectionRefusedError: Connection was refused: 111: Connection refused.")
    'Connection refused (errno 111)'
    >>> _plainly("TimeoutError: "), _plainly("HTTP 429")
    ('TimeoutError', 'HTTP 429')
    """
    told = " ".join(error.split()).rstrip(".: ")
    if errno := _ERRNO.fullmatch(told):
        return f"{errno[2]} (errno {errno[1]})"
    return _CLASS.sub("", told)


def strays_of(listing: Listing, day: date | None) -> tuple[Entry, ...]:
    """Return the section's articles, of a day if one is given, that a page links to in no list."""
    return tuple(
        entry
        for entry in listing.strays
        if urls.in_section(entry.url) and day in (None, urls.day_of(entry.id))
    )


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
