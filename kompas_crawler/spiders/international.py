"""The spider of the section's newest articles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Any

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from kompas_crawler import pages, urls
from kompas_crawler.budget import budget
from kompas_crawler.datelines import read_dateline
from kompas_crawler.pages import Entry, Listing
from kompas_crawler.pages.listing import MOST_SITEMAPS
from kompas_crawler.runs import evidence
from kompas_crawler.runs.evidence import ListEvidence
from kompas_crawler.runs.intervals import days_back
from kompas_crawler.runs.periods import FIRST_DAY, Period, read_period
from kompas_crawler.spiders.base import LISTING, read_period_of, read_recheck, text_of
from kompas_crawler.spiders.daily_index import IndexSpider
from kompas_crawler.timezones import WIB

STALE = 3  # entries at the end of a page that are older than the period: the list has been read
MOST_FRONT_PAGES = 500
MOST_OVERLAP_PAGES = 3  # of a run without news, which costs five requests at most
# An article is not found to be gone before it is listed; its day may be printed later than its
# clock says.
FINAL_BEFORE = timedelta(days=3)


class InternationalSpider(IndexSpider):
    """Reads the section's front back to `since`, or to the end of what is proven.

    The daily index is read where the front does not reach that far or shows no list.
    """

    name = "international"
    accepts = ("since", "until", "recheck")
    period: Period  # set by `plan`

    @classmethod
    def read_arguments(cls, arguments: Mapping[str, str], now: datetime) -> None:
        read_period_of(arguments, now, "1d")
        read_recheck(arguments, now)

    def plan(self, now: datetime) -> None:
        self.period = read_period_of(self.arguments, now, self._begin(now))
        self.plan_period(self.period, now)
        self._proof = None  # until when the section was proven before, where the run follows it
        if not self.arguments.keys() & {"since", "until"}:
            self._proof = self.state_before.newest_proof(self._longest_gap(now))
        self.run.coverage.plan_interval(
            self._proof or self.period.since, min(self.period.until, now)
        )
        if "until" not in self.arguments:
            self.run.coverage.note_followed(self.period.since)
        begins = [each.since for each in (self.period, self.recheck) if each]
        self.finals = self.crawl_log.finals(min(begins) - FINAL_BEFORE)

    def own_days(self, period: Period) -> Iterator[date]:
        """Yield the days of the period, without a first day that is not covered in full."""
        begin = period.since.astimezone(WIB)
        return (day for day in period.days() if datetime.combine(day, time.min, WIB) >= begin)

    def first_requests(self) -> Iterator[Request]:
        self._front = ListEvidence()
        self._failed = self._has_news = False
        self._oldest: datetime | None = None
        yield from self.pending_requests()
        yield self._front_request(1)
        yield from self.recheck_requests()

    def _begin(self, now: datetime) -> str:
        """Return where the run begins: where proof ends, less an overlap for late articles."""
        overlap = timedelta(hours=self.settings.getfloat("KOMPAS_OVERLAP_HOURS"))
        first = read_period(self.settings["KOMPAS_FIRST_SINCE"], None, now).since
        begin = self.state_before.next_since(overlap, self._longest_gap(now)) or first
        until = read_period(f"{FIRST_DAY}", self.arguments.get("until"), now).until
        return min(begin, now, until - overlap).astimezone(WIB).isoformat(timespec="seconds")

    def _longest_gap(self, now: datetime) -> datetime:
        return now - timedelta(days=self.settings.getfloat("KOMPAS_LONGEST_GAP_DAYS"))

    def _front_request(self, page: int) -> Request:
        url = urls.front_url(page)
        return self.request(url, self.parse_front, self.front_failed, priority=LISTING, page=page)

    def parse_front(self, response: Response, page: int) -> Iterator[Any]:
        """Request the new articles that a page of the front lists, and what follows it."""
        listing = self.read_list(response)
        if page == 1:
            self._note_front(listing)
        if listing.layout is None and page == 1:
            # A sitemap proves nothing, whatever it names; the daily index does.
            yield self.request(
                urls.SITEMAP_INDEX, self.parse_sitemap_index, self.list_failed, priority=LISTING
            )
        entries = self.entries_of(listing, response.url, page, day=None)
        fresh = self._front.take(listing, entries, response.url)
        self.run.coverage.note_volumes(self._front.volumes, self._front.clocks)
        self._note_oldest(listing)
        ours = {entry.id: entry.url for entry in fresh if self._is_wanted(entry)}
        self.run.note_listed(len(ours))
        requests = list(self.article_requests(ours))
        self._has_news |= bool(requests)
        yield from requests
        yield from self._after_front(listing, page)

    def _note_front(self, listing: Listing) -> None:
        """Note the number of articles on the front and the age of the newest, for `drift`."""
        self.run.notes["front_items"] = len(listing.entries)
        clocks = [clock for entry in listing.entries if (clock := urls.clock_of(entry.id))]
        if clocks:
            age = self.run.started_at - max(clocks)
            self.run.notes["newest_age_hours"] = round(age.total_seconds() / 3600, 2)

    def _after_front(self, listing: Listing, page: int) -> Iterator[Request]:
        self._log_doubt()
        reached = self._reaches_back(listing)
        caught_up = self._has_caught_up(listing, page)
        if not self._failed and (reached or caught_up) and self._front_is_whole():
            self._cover_front(self.period.since if reached else self._oldest)
            yield from self.walk_days(self.pending_days)
        elif not (reached or caught_up or self._front.doubt) and self._front_goes_on(listing, page):
            yield self._front_request(page + 1)
        else:
            yield from self._go_on_by_index()

    def _log_doubt(self) -> None:
        """Log why the front proves nothing; the daily index is read for its time instead."""
        if self._front.doubt is None or self._failed:
            return
        self._failed = True
        url, reason = self._front.doubt
        self.logger.warning("A list proves nothing (%s): %s", reason, url)
        if url not in self.run.unknown_listings:
            self.run.note_failed_listing(url, reason)

    def _front_is_whole(self) -> bool:
        """Return whether the front lists all that is stored of its time, without a long gap.

        Otherwise nothing is logged: the daily index is read and decides.
        """
        now = min(self.run.started_at, self.period.until)
        begin = max(self._oldest or self.period.since, self.period.since)
        self._failed = self._front.is_silent(min(begin, now), now) or self._front_has_shrunk(begin)
        return not self._failed

    def _front_has_shrunk(self, begin: datetime) -> bool:
        end = max(self._front.clocks, default=begin)
        days = days_back(end.date(), begin.astimezone(WIB).date())
        stored = {
            article_id
            for day in days
            for article_id in self.stored_on(day)
            if (clock := urls.clock_of(article_id)) and begin <= clock <= end
        }
        return evidence.is_shrunk(stored, self._front.seen | self.finals)

    def _has_caught_up(self, listing: Listing, page: int) -> bool:
        """Return whether the front has no new article back to where proof ended.

        Older pages are read again only for articles that were listed late, so a run without news
        stops after `MOST_OVERLAP_PAGES` pages.
        """
        if self._has_news or self._failed or self._proof is None or self._oldest is None:
            return False
        ends = page >= MOST_OVERLAP_PAGES or not self._front_goes_on(listing, page)
        return ends and self._oldest < self._proof

    def _front_goes_on(self, listing: Listing, page: int) -> bool:
        idle = self._front.idle
        return page < MOST_FRONT_PAGES and self.goes_on(
            listing.next_url, len(listing.entries), idle
        )

    def front_failed(self, failure: Failure) -> Iterator[Request]:
        """Leave the front unproven; skip one failed page, and read the index after two."""
        self.list_failed(failure)
        page: int = failure.request.cb_kwargs["page"]  # type: ignore[attr-defined]
        if self._failed or page == 1:
            yield from self._go_on_by_index()
        else:
            self._failed = True
            yield self._front_request(page + 1)

    def _note_oldest(self, listing: Listing) -> None:
        moments = [m for entry in listing.entries[-STALE:] if (m := listed_moment(entry))]
        if moments:
            self._oldest = max(moments)

    def _reaches_back(self, listing: Listing) -> bool:
        """Return whether the last entries of a page, not only one, are older than `since`."""
        tail = [listed_moment(entry) for entry in listing.entries[-STALE:]]
        return bool(tail) and all(m is not None and m < self.period.since for m in tail)

    def _is_wanted(self, entry: Entry) -> bool:
        moment = listed_moment(entry)
        return urls.in_section(entry.url) and (moment is None or moment in self.period)

    def _cover_front(self, back_to: datetime | None) -> None:
        if back_to is not None and not self._failed:
            self.run.coverage.note_covered(back_to, min(self.period.until, self.run.started_at))

    def _go_on_by_index(self) -> Iterator[Request]:
        """Read the daily index for the time that the front did not cover."""
        if self._failed or self._oldest is None or not self._front_is_whole():
            last = self.period.until.date()
        else:
            last = min(self._oldest.astimezone(WIB).date(), self.period.until.date())
            self._cover_front(self._oldest)
        first = self.period.since.astimezone(WIB).date()
        others = (day for day in self.pending_days if not first <= day <= last)
        yield from self.walk_days(chain(days_back(last, first), others))

    def parse_sitemap_index(self, response: Response) -> Iterator[Request]:
        """Request the section's news sitemaps that the index of sitemaps names."""
        with budget.reading(response.url):
            addresses = pages.read_sitemap_index(text_of(response))
        if len(addresses) > MOST_SITEMAPS:
            self.logger.error("Not all sitemaps of the section are read: %s", response.url)
            self.run.note_failed_listing(response.url, "too-many-sitemaps")
        for address in addresses[:MOST_SITEMAPS]:
            yield self.request(address, self.parse_sitemap, self.list_failed, priority=LISTING)

    def parse_sitemap(self, response: Response) -> Iterator[Any]:
        """Request the articles that a news sitemap names."""
        with budget.reading(response.url):
            listing = pages.read_sitemap(text_of(response), response.url)
        ours = {entry.id: entry.url for entry in listing.entries if self._is_wanted(entry)}
        self.run.note_listed(len(ours))
        yield from self.article_requests(ours)


def listed_moment(entry: Entry) -> datetime | None:
    """Return when an entry was published: by its address, or by a later printed date.

    A republished article keeps its address and is listed with its new date.
    """
    clock = urls.clock_of(entry.id)
    day = evidence.printed_day(entry)
    if day is not None and (clock is None or day > clock.date()):
        printed = read_dateline(entry.printed_date or "")
        return printed.moment if printed else datetime.combine(day, time.max, WIB)
    return clock
