"""What has a run proven when it ends? The lists of its days are judged by all that is known."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime, time, timedelta

from scrapy import Spider
from scrapy.exceptions import CloseSpider

from kompas_crawler import urls
from kompas_crawler.archive.store import Archive
from kompas_crawler.archive.stored_days import StoredDays
from kompas_crawler.errors import Interrupted, StorageFailed
from kompas_crawler.middlewares import PaceMiddleware
from kompas_crawler.runs import evidence
from kompas_crawler.runs.evidence import DayRead, Doubt, Shown
from kompas_crawler.runs.intervals import Interval, merged, without
from kompas_crawler.runs.log import NEVER_OURS, TOLD_FOR, CrawlLog
from kompas_crawler.runs.periods import Period
from kompas_crawler.runs.run import Run
from kompas_crawler.runs.state import State
from kompas_crawler.timezones import WIB

ALONE = 3  # empty days that tell something when other workers read the others


class ProvingSpider(Spider):
    """A spider that knows what its run has proven; `run` and the rest are given when it opens."""

    run: Run
    archive: Archive
    crawl_log: CrawlLog
    state_before: State
    finals: frozenset[str]
    period: Period | None = None
    stored_days: StoredDays | None = None

    def doubt_of_day(self, shown: Shown, day: date, site: str) -> Doubt | None:
        """Return why all pages of a day together prove nothing, None if they prove the day."""
        url = urls.index_url(day, site=site)
        passed = Interval.of_day(day, self.run.started_at)
        read = DayRead(
            listed=shown.listed,
            span=passed.until - passed.since,
            silence=shown.silence(passed.since, passed.until),
            url=url,
        )
        self.run.days_read[day] = read
        if shown.is_of_other_day:
            return url, "other-day"
        if evidence.is_shrunk(self.stored_on(day), shown.seen | self.finals):
            return url, "shrunk"
        return (url, "silent") if self._is_silent(day, read) else None

    def asked_of(self, day: date) -> Interval:
        """Return the part of a day that the period asks for, as far as it has passed."""
        whole = Interval.of_day(day, self.run.started_at)
        if self.period is None or not self._begins_in(day):
            return whole
        return Interval(min(self.period.since, whole.until), whole.until)

    @staticmethod
    def _is_in(day: date, moment: datetime | None) -> bool:
        """Tell whether a moment lies in the middle of a day."""
        begin = moment.astimezone(WIB) if moment else None
        return begin is not None and begin.date() == day and begin.time() > time.min

    def _begins_in(self, day: date) -> bool:
        """Tell whether the period begins in the middle of a day."""
        return self._is_in(day, self.period.since if self.period else None)

    def _may_be_first(self, day: date, volumes: Iterable[date]) -> bool:
        """Tell whether nothing is known before a day in whose middle somebody began to ask.

        It may be the first one that Kompas has.
        """
        began = self._begins_in(day) or self._is_in(day, self.state_before.followed_since)
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
        """Return how many articles are known of the days around, by lists and by what is stored."""
        around = (day + timedelta(days=n) for n in range(-evidence.NEAR, evidence.NEAR + 1))
        known = {
            other: max(self.run.volumes[other], len(self.stored_on(other))) for other in around
        }
        return {other: count for other, count in known.items() if count}

    def stored_on(self, day: date) -> frozenset[str]:
        """Return what is stored of a day; a disk that does not answer ends the run."""
        if self.stored_days is None:
            return frozenset()
        try:
            return self.stored_days.on(day)
        except StorageFailed as failure:
            raise self.ended_by(failure) from failure

    def note_doubt(self, day: date, url: str, reason: str) -> None:
        """Leave a day unproven for a word of `evidence.REASONS`."""
        self.logger.warning("A list proves nothing (%s): %s", reason, url)
        self.run.note_failed_listing(url, reason)
        self.run.note_doubt(day)

    def conclude(self) -> None:
        """Judge the days by what all lists of the run have shown; nothing is asked for after it."""
        self.run.present = self._present()
        with suppress(CloseSpider):  # the disk does not answer, which is told
            for day, read in self.run.days_read.items():
                has_begun = day <= self.run.present.astimezone(WIB).date()
                if has_begun and day not in self.run.doubted and self._is_silent(day, read):
                    self.note_doubt(day, read.url, "silent")
            self._note_that_nothing_is_listed()
            self._note_given_up()

    def _present(self) -> datetime:
        """Return until when something can have been published that the lists would show.

        A clock that is ahead, and lists that stand still, prove nothing of the time between.
        """
        now = self.run.started_at
        reaches_present = self.period is not None and self.period.until >= now
        if reaches_present and self.run.newest is not None:
            overlap = timedelta(hours=self.settings.getfloat("KOMPAS_OVERLAP_HOURS"))
            now = min(now, self.run.newest + overlap)
        pace = self.crawler.get_downloader_middleware(PaceMiddleware)
        return pace.present(now) if pace else now

    def _note_that_nothing_is_listed(self) -> None:
        """Find a change of Kompas's where no list of the run names any article.

        Where what is stored tells that these days are quiet ones, it is none.
        """
        if self.run.volumes.total():
            return
        empty = {day: read for day, read in self.run.days_read.items() if read.is_long_silent}
        if all(day not in self.run.doubted and self._volumes_around(day) for day in empty):
            return
        if self.settings["KOMPAS_REDIS_URL"] and len(empty) < ALONE:
            return  # the other workers have read the days that list something
        for day in self.run.days_read:
            self.run.note_doubt(day)
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

    def _note_given_up(self) -> None:
        """Note what was given up of late and is not there yet, of the time that was asked for."""
        if self.period is None:
            return
        since = self.run.started_at - TOLD_FOR
        articles, days = self.crawl_log.given_up(since)
        never = {*self.crawl_log.finals(since, kinds=NEVER_OURS), *self.run.gone}
        missing = {
            each
            for each in articles - never - self.run.off_section.keys()
            if urls.article_id(each) == each
            and self.minds(urls.day_of(each))
            and not self.is_stored(each)
        }
        proven = merged((*self.state_before.coverage, *self.run.proven))
        unproven = {
            day.isoformat()
            for day in days
            if self.minds(day) and without([Interval.of_day(day, self.run.started_at)], proven)
        }
        self.run.lost = missing | unproven
        if self.run.lost:
            self.logger.warning(
                "Given up in the last %d days and not there: %d articles, %d days",
                TOLD_FOR.days,
                len(missing),
                len(unproven),
            )

    def minds(self, day: date) -> bool:
        """Tell whether this run is not complete without what was given up of a day."""
        return True

    def is_stored(self, article_id: str) -> bool:
        """Tell whether an article is on disk; a disk that does not answer ends the run."""
        try:
            return article_id in self.archive
        except StorageFailed as failure:
            raise self.ended_by(failure) from failure

    def ended_by(self, failure: StorageFailed) -> CloseSpider:
        """Return what ends the run for a disk that refuses, or because it was told to stop."""
        if isinstance(failure, Interrupted):
            return CloseSpider("shutdown")
        self.storage_failed(failure)
        return CloseSpider("storage")

    def storage_failed(self, failure: StorageFailed) -> None:
        """Note that the disk refuses: nothing more is stored in this run."""
        if not self.run.storage_failed:
            self.logger.critical("Nothing more can be stored, the run ends here. %s", failure)
            self.run.notes["evidence"] = str(failure)
            self.run.storage_failed = True
