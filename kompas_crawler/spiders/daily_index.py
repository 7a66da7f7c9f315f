"""The base of the spiders that read lists, and their walk through the daily index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from kompas_crawler import pages, urls
from kompas_crawler.budget import budget
from kompas_crawler.pages import Entry, Listing
from kompas_crawler.responses import NotSent, TooEarly, evidence_of, reason_of
from kompas_crawler.runs.evidence import ListEvidence
from kompas_crawler.runs.intervals import DAY, Interval, grouped
from kompas_crawler.sections import SECTION
from kompas_crawler.spiders.article_pages import ArticleSpider
from kompas_crawler.spiders.base import LISTING, NEXT_DAY, text_of

FULL_PAGE = 15  # items; an index page held 15 until 2023 and holds 20 since
IDLE_PAGES = 2  # pages in a row without anything new end a list
MOST_INDEX_PAGES = 200  # of one day; the fullest day seen had 53 for all sections
FAILED_IN_ROW = 5  # lists; after that the next run reads the other days
NOTHING_IN_ROW = 31  # days of a run that has seen no article in any list: more would show no more

DateRange = tuple[date, date]  # the newest and the oldest day, and all between


@dataclass(slots=True, kw_only=True)
class IndexProgress:
    """How far the index of one day has been read, and which days follow.

    It is passed with the request for the next page, so that any worker can continue.
    """

    day: date
    site: str
    home: str | None = None  # the code under which the section was found on a day before
    then: tuple[DateRange, ...] = ()
    shown: ListEvidence = field(default_factory=ListEvidence)
    failed: bool = False
    tried: set[str] = field(default_factory=set)


class IndexSpider(ArticleSpider):
    """Reads lists, and the daily index one day after the other, newest first."""

    _failed_lists = 0  # in a row

    def walk_days(self, days: Iterable[date]) -> Iterator[Request]:
        """Read the index of these days one after the other, with one day in memory."""
        yield from self.next_day(date_ranges(days), None)

    def next_day(self, days: tuple[DateRange, ...], home: str | None) -> Iterator[Request]:
        """Request the index of the first of these days; `home` is the section's code in `site=`."""
        if self._failed_lists >= FAILED_IN_ROW:
            self.logger.error(
                "%d lists in a row failed: no further day is read in this run", self._failed_lists
            )
            return
        if not days:
            return
        if (
            len(self.run.coverage.days_read) >= NOTHING_IN_ROW
            and not self.run.coverage.volumes.total()
        ):
            self.logger.error(
                "%d days list nothing: no further day is read in this run",
                len(self.run.coverage.days_read),
            )
            return
        (day, oldest), *later = days
        if day > oldest:
            later.insert(0, (day - DAY, oldest))
        part = self.proof().planned_part(day)
        self.run.coverage.plan_interval(part.since, part.until)
        site = home or SECTION.index_codes[0]
        walk = IndexProgress(
            day=day, site=site, home=home, then=tuple(later), shown=ListEvidence(day=day)
        )
        yield self.index_request(walk, 1)

    def index_request(self, walk: IndexProgress, page: int) -> Request:
        """Return the request for a page of the index of the day that `walk` reads."""
        return self.request(
            urls.index_url(walk.day, page, walk.site),
            self.parse_index,
            self.index_failed,
            priority=LISTING if page > 1 else NEXT_DAY,
            walk=walk,
            page=page,
        )

    def parse_index(self, response: Response, walk: IndexProgress, page: int) -> Iterator[Any]:
        """Request the new articles that a page of a day's index lists, and what follows it."""
        listing = self.read_list(response)
        if page == 1 and self._better_site(walk, listing):
            yield self.index_request(walk, 1)
            return
        entries = self.entries_of(listing, response.url, page, day=walk.day)
        fresh = walk.shown.take(listing, entries, response.url)
        ours = {entry.id: entry.url for entry in fresh if urls.in_section(entry.url)}
        self.run.note_listed(len(ours))
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
        """Return the entries of a list, or the page's other links where no list is recognised.

        An empty day has no list either, but no links to articles of that day. A page after the last
        one has no entries, whatever its side boxes link to.
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
        """Return whether a list has another page: by its link, or because this page is full.

        `idle` are the pages in a row that brought nothing new.
        """
        if idle >= IDLE_PAGES or not items:
            return False
        return next_url is not None or (items >= FULL_PAGE and idle == 0)

    def _better_site(self, walk: IndexProgress, listing: Listing) -> bool:
        """Switch to another `site` code for the section if one fits better; return whether so.

        The page's own menu decides where it has one. A code without any item that day may not
        have existed yet, so others are tried.
        """
        walk.tried.add(walk.site)
        if listing.unread or strays_of(listing, walk.day):
            return False
        offered = {name.lower(): code for name, code in listing.sites.items()}
        offered |= {code: code for code in listing.sites.values()}
        known = SECTION.index_codes
        codes = [offered[name] for name in known if name in offered] if offered else list(known)
        if listing.entries:
            codes = codes[:1] if offered and walk.home != walk.site else []
        better = next((code for code in codes if code not in walk.tried), None)
        walk.site = better or walk.site
        return better is not None

    def _day_done(self, walk: IndexProgress) -> Iterator[Request]:
        now = self.run.started_at
        self.run.coverage.note_volumes({walk.day: walk.shown.listed}, walk.shown.clocks)
        if walk.failed:
            self.run.coverage.failed_days.add(walk.day)
        elif doubt := walk.shown.doubt or self.proof().doubt_of_day(
            walk.shown, walk.day, walk.site
        ):
            self.proof().note_doubt(walk.day, *doubt)
        else:
            # The day in whose middle the period begins may be the first one that Kompas has: where
            # its list is empty, that proves nothing about its morning.
            whole = walk.shown.listed or walk.day in self.pending_days
            proven = (
                Interval.of_day(walk.day, now) if whole else self.proof().planned_part(walk.day)
            )
            self.run.coverage.note_covered(proven.since, proven.until)
        home = walk.site if walk.shown.listed else walk.home
        yield from self.next_day(walk.then, home)

    def index_failed(self, failure: Failure) -> Iterator[Request]:
        """Leave the day unproven, but request its next page."""
        if isinstance(failure.value, NotSent):
            return  # it was not requested: the day stays unproven, and no try is counted
        request: Request = failure.request  # type: ignore[attr-defined]
        walk: IndexProgress = request.cb_kwargs["walk"]
        if isinstance(failure.value, TooEarly):
            if self.period and walk.day <= self.period.since.date():
                self.list_failed(failure)  # by Kompas's clock the whole period lies in the future
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
        """Return the list of a page; `PageRefusedMiddleware` passes refusals to the errback."""
        with budget.reading(response.url):
            listing = pages.read_listing(text_of(response), response.url)
        self._failed_lists = 0
        self.run.note_listing()
        return listing

    def list_failed(self, failure: Failure) -> None:
        """Note a list that could not be fetched, so that its time is not proven."""
        request: Request = failure.request  # type: ignore[attr-defined]
        reason = reason_of(failure)
        self.logger.warning("A list could not be read (%s): %s", reason, request.url)
        self.run.notes["evidence"] = evidence_of(failure)
        self.run.note_failed_listing(request.url, reason)
        self._failed_lists += 1


def date_ranges(days: Iterable[date]) -> tuple[DateRange, ...]:
    """Return days, newest first, as ranges without a gap.

    >>> days = [date(2026, 3, 1), date(2026, 2, 28), date(2026, 2, 14)]
    >>> [(newest.day, oldest.day) for newest, oldest in date_ranges(days)]
    [(1, 28), (14, 14)]
    """
    stretches = grouped(days, lambda day, other: day - other == DAY)
    return tuple((each[0], each[-1]) for each in stretches)


def strays_of(listing: Listing, day: date | None) -> tuple[Entry, ...]:
    """Return the section's articles that a page links to outside lists, of `day` if given."""
    return tuple(
        entry
        for entry in listing.strays
        if urls.in_section(entry.url) and day in (None, urls.day_of(entry.id))
    )
