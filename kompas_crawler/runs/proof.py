"""What the lists of a run prove, judged by all that is known of their days."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from kompas_crawler import urls
from kompas_crawler.runs import evidence
from kompas_crawler.runs.coverage import Coverage
from kompas_crawler.runs.evidence import DayRead, Doubt, ListEvidence
from kompas_crawler.runs.intervals import Interval, merged, without
from kompas_crawler.runs.log import NEVER_OURS, TOLD_FOR, CrawlLog
from kompas_crawler.runs.periods import Period
from kompas_crawler.runs.run import Run
from kompas_crawler.runs.state import State
from kompas_crawler.timezones import WIB

ALONE = 3  # empty days that are evidence when other workers read the others

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Judges the lists of a run and notes in it which days they prove and which they do not.

    `stored_on` returns the ids that are stored of a day. `is_shared` is set where other workers
    read other days of the same period.
    """

    run: Run
    before: State
    period: Period | None
    finals: frozenset[str]
    stored_on: Callable[[date], frozenset[str]]
    is_shared: bool

    @property
    def _coverage(self) -> Coverage:
        return self.run.coverage

    def doubt_of_day(self, shown: ListEvidence, day: date, site: str) -> Doubt | None:
        """Return why the list of a day proves nothing, None if it proves the day."""
        url = urls.index_url(day, site=site)
        passed = Interval.of_day(day, self.run.started_at)
        read = DayRead(
            listed=shown.listed,
            span=passed.until - passed.since,
            silence=shown.silence(passed.since, passed.until),
            url=url,
        )
        self._coverage.days_read[day] = read
        if shown.is_of_other_day:
            return url, "other-day"
        if evidence.is_shrunk(self.stored_on(day), shown.seen | self.finals):
            return url, "shrunk"
        return (url, "silent") if self._is_silent(day, read) else None

    def planned_part(self, day: date) -> Interval:
        """Return the part of a day that is in the period and has passed."""
        whole = Interval.of_day(day, self.run.started_at)
        if self.period is None or not self._begins_in(day):
            return whole
        return Interval(min(self.period.since, whole.until), whole.until)

    @staticmethod
    def _is_in(day: date, moment: datetime | None) -> bool:
        """Return whether a moment lies within a day, after its midnight."""
        begin = moment.astimezone(WIB) if moment else None
        return begin is not None and begin.date() == day and begin.time() > time.min

    def _begins_in(self, day: date) -> bool:
        """Return whether the period begins within a day, after its midnight."""
        return self._is_in(day, self.period.since if self.period else None)

    def _may_be_first(self, day: date, volumes: Iterable[date]) -> bool:
        """Return whether a day may be the first one that Kompas has.

        A period began within it, and no article of an earlier day is known.
        """
        began = self._begins_in(day) or self._is_in(day, self.before.followed_since)
        return began and not any(other < day for other in volumes)

    def _is_silent(self, day: date, read: DayRead) -> bool:
        if read.silence is None or not read.is_long_silent:
            return False
        volumes = self._volumes_around(day)
        if not read.listed and self._may_be_first(day, volumes):
            return False
        usual = evidence.usual_volume(day, volumes) or 0
        return evidence.is_silent(read.listed, read.silence, read.span, usual)

    def _volumes_around(self, day: date) -> dict[date, int]:
        """Return how many articles the days around have, by lists and by the archive."""
        around = (day + timedelta(days=n) for n in range(-evidence.NEAR, evidence.NEAR + 1))
        known = {
            other: max(self._coverage.volumes[other], len(self.stored_on(other)))
            for other in around
        }
        return {other: count for other, count in known.items() if count}

    def note_doubt(self, day: date, url: str, reason: str) -> None:
        """Leave a day unproven for a reason, a key of `evidence.REASONS`."""
        logger.warning("A list proves nothing (%s): %s", reason, url)
        self.run.note_failed_listing(url, reason)
        self._coverage.note_doubt(day)

    def judge_days(self) -> None:
        """Judge the days that were read by what all lists of the run have shown."""
        present = self._coverage.present or self.run.started_at
        for day, read in self._coverage.days_read.items():
            has_begun = day <= present.astimezone(WIB).date()
            if has_begun and day not in self._coverage.doubted and self._is_silent(day, read):
                self.note_doubt(day, read.url, "silent")
        self._note_that_nothing_is_listed()

    def present(self, overlap: timedelta) -> datetime:
        """Return until when something can have been published that the lists would show.

        Lists whose newest article is older than `overlap` prove nothing of the time since.
        """
        now = self.run.started_at
        reaches_present = self.period is not None and self.period.until >= now
        if reaches_present and self._coverage.newest is not None:
            now = min(now, self._coverage.newest + overlap)
        return now

    def _note_that_nothing_is_listed(self) -> None:
        """Note drift if no list of the run names any article.

        If what is stored shows that these are quiet days, it is none.
        """
        if self._coverage.volumes.total():
            return
        empty = {day: read for day, read in self._coverage.days_read.items() if read.is_long_silent}
        if all(day not in self._coverage.doubted and self._volumes_around(day) for day in empty):
            return
        if self.is_shared and len(empty) < ALONE:
            return  # the other workers have read the days that list something
        for day in self._coverage.days_read:
            self._coverage.note_doubt(day)
        first, last = min(empty), max(empty)
        usual = evidence.usual_volume(last, self._volumes_around(last))
        self.run.drifted.append(
            {
                "what": "lists",
                "rule": None,
                "was": usual or 0.0,
                "now": 0.0,
                "says": f"the lists of {first} to {last} name no article",
                "example": empty[last].url,
            }
        )

    def note_given_up(
        self,
        crawl_log: CrawlLog,
        covers_day: Callable[[date], bool],
        is_stored: Callable[[str], bool],
    ) -> None:
        """Note what recent runs have given up and is still missing, of the days that count."""
        if self.period is None:
            return
        since = self.run.started_at - TOLD_FOR
        articles, days = crawl_log.given_up(since)
        never = {*crawl_log.finals(since, kinds=NEVER_OURS), *self.run.gone}
        missing = {
            each
            for each in articles - never - self.run.off_section.keys()
            if urls.article_id(each) == each
            and covers_day(urls.day_of(each))
            and not is_stored(each)
        }
        proven = merged((*self.before.coverage, *self._coverage.proven))
        unproven = {
            day.isoformat()
            for day in days
            if covers_day(day) and without([Interval.of_day(day, self.run.started_at)], proven)
        }
        self.run.lost = missing | unproven
        if self.run.lost:
            logger.warning(
                "Given up in the last %d days and not stored: %d articles, %d days",
                TOLD_FOR.days,
                len(missing),
                len(unproven),
            )
