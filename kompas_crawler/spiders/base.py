"""The base of the spiders: arguments, the start of a run, and its plan."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from scrapy import Request, Spider
from scrapy.exceptions import CloseSpider
from scrapy.http import Response, TextResponse

from kompas_crawler import urls
from kompas_crawler.archive.store import Archive
from kompas_crawler.archive.stored_days import StoredDays
from kompas_crawler.errors import BadArgument, Interrupted, StorageFailed
from kompas_crawler.items import Article
from kompas_crawler.middlewares import pace_of
from kompas_crawler.runs.arguments import wants_pages_kept
from kompas_crawler.runs.intervals import Interval
from kompas_crawler.runs.log import CrawlLog
from kompas_crawler.runs.periods import Period, read_period
from kompas_crawler.runs.proof import Proof
from kompas_crawler.runs.run import Run
from kompas_crawler.runs.state import State
from kompas_crawler.runs.storage_rules import recrawled
from kompas_crawler.sections import SECTION
from kompas_crawler.shutdown import stop
from kompas_crawler.timezones import WIB

# Priorities: articles that earlier runs could not get, the next page of a list, its articles, the
# list of the next day; and last, when all else is stored, pages that have ended a run.
PENDING, LISTING, ARTICLE, NEXT_DAY, DEADLY = 30, 20, 10, 0, -10

ALWAYS_ACCEPTED = ("keep",)  # arguments of every spider

MOST_PENDING_DAYS = (
    31  # of earlier runs, read again by one run: today's news must not wait for years
)


class KompasSpider(Spider):
    """The base of the spiders. `RunRecorder` calls `start_run` when the spider is opened."""

    allowed_domains: ClassVar[list[str]] = ["kompas.com"]
    accepts: ClassVar[tuple[str, ...]] = ()
    section: ClassVar[str] = SECTION.name
    repeatable: ClassVar[tuple[str, ...]] = ()  # arguments that several `-a` may give

    run: Run
    archive: Archive
    crawl_log: CrawlLog
    state_before: State
    finals: frozenset[str]
    period: Period | None = None
    stored_days: StoredDays | None = None

    def __init__(self, name: str | None = None, **arguments: str) -> None:
        super().__init__(name)
        self.arguments = {key: value for key, value in arguments.items() if not key.startswith("_")}
        self.check_arguments(self.arguments, datetime.now(WIB))
        self.recheck: Period | None = None
        self.pending_days: list[date] = []

    @classmethod
    def check_arguments(cls, arguments: Mapping[str, str], now: datetime) -> None:
        """Raise `BadArgument`, with one sentence, for arguments that are not accepted."""
        accepted = (*cls.accepts, *ALWAYS_ACCEPTED)
        for key in arguments:
            if key not in accepted:
                known = ", ".join(accepted)
                raise BadArgument(f"{cls.name} has no argument {key!r}; it accepts {known}")
        wants_pages_kept(arguments)
        cls.read_arguments(arguments, now)

    @classmethod
    def read_arguments(cls, arguments: Mapping[str, str], now: datetime) -> None:
        """Check the arguments of this spider; raise `BadArgument`."""

    def start_run(self, run: Run, archive: Archive, crawl_log: CrawlLog) -> None:
        """Take over what the run needs, and plan it."""
        self.run = run
        self.archive = archive
        self.crawl_log = crawl_log
        self.state_before = crawl_log.state(run.started_at).follows(run.coverage.followed_since)
        self.finals = frozenset()
        self.stored_days = StoredDays(archive)
        self.plan(run.started_at)

    def plan(self, now: datetime) -> None:
        """Decide what the run has to cover, before the first request."""

    def plan_period(self, period: Period, now: datetime) -> None:
        """Note the period to cover, and the days that earlier runs could not prove."""
        self.period = period
        self.recheck = read_recheck(self.arguments, now)
        self.run.since, self.run.until = period.since, period.until
        own = set(self.own_days(period))
        days = self.state_before.days_to_prove(self.run.max_tries)
        if self.settings["KOMPAS_REDIS_URL"]:
            days = []  # what is pending in one directory is not for all workers
        days = [day for day in days if day not in own and day <= now.astimezone(WIB).date()]
        for day in days:
            whole = Interval.of_day(day, now)
            self.run.coverage.plan_interval(whole.since, whole.until)
        self.pending_days = days[:MOST_PENDING_DAYS]
        if days:
            self.logger.warning(
                "%d earlier days are not proven: %d of them are read again",
                len(days),
                len(self.pending_days),
            )

    def own_days(self, period: Period) -> Iterator[date]:
        """Yield the days that the run reads in full for its own period."""
        return period.days()

    async def start(self) -> AsyncIterator[Any]:
        stop.opened()
        for request in self.first_requests():
            yield request

    def first_requests(self) -> Iterator[Request]:
        """Yield the requests with which the run begins."""
        raise NotImplementedError

    @staticmethod
    def request(
        url: str,
        callback: Callable[..., Any],
        errback: Callable[..., Any],
        *,
        priority: int = 0,
        **given: Any,
    ) -> Request:
        """Return a request that is never dropped as a known one, with what its callback is given."""
        return Request(
            url,
            callback=callback,
            errback=errback,
            cb_kwargs=given,
            priority=priority,
            dont_filter=True,
        )

    def rechecks(self, article_id: str) -> bool:
        """Return whether a stored article is to be compared with the site again."""
        clock = urls.clock_of(article_id)
        return self.recheck is not None and clock is not None and clock in self.recheck

    def proof(self) -> Proof:
        """Return the judge of what the lists of this run prove, with all that is known now."""
        return Proof(
            run=self.run,
            before=self.state_before,
            period=self.period,
            finals=self.finals,
            stored_on=self.stored_on,
            is_shared=bool(self.settings["KOMPAS_REDIS_URL"]),
        )

    def conclude(self) -> None:
        """Judge the days that were read, when no more requests will be made."""
        self.run.doubt_gone()
        overlap = timedelta(hours=self.settings.getfloat("KOMPAS_OVERLAP_HOURS"))
        present = self.proof().present(overlap)
        self.run.coverage.present = pace_of(self.crawler).clock.present(
            present, self.run.coverage.newest
        )
        with suppress(CloseSpider):  # the disk does not answer, which is in the log
            self.proof().judge_days()

    def covers_day(self, day: date) -> bool:
        """Return whether the run is incomplete without what was given up of a day."""
        return True

    # What the pipelines use of a crawl: `runs.storage_rules.StorageContext`.

    def following(self, article: Article) -> Article | str:
        return recrawled(article, self.archive, is_rechecked=self.rechecks(article.id))

    def refuse(self, article: Article, reason: str) -> None:
        self.run.counts["invalid"] += reason == "invalid-record"
        self.run.note_failed(article.id, article.url, reason)

    # The disk.

    def stored_on(self, day: date) -> frozenset[str]:
        """Return the ids that are stored of a day; a disk that fails ends the run."""
        if self.stored_days is None:
            return frozenset()
        try:
            return self.stored_days.on(day)
        except StorageFailed as failure:
            raise self.ended_by(failure) from failure

    def is_stored(self, article_id: str) -> bool:
        """Return whether an article is stored; a disk that fails ends the run."""
        try:
            return article_id in self.archive
        except StorageFailed as failure:
            raise self.ended_by(failure) from failure

    def ended_by(self, failure: StorageFailed) -> CloseSpider:
        """Return the `CloseSpider` for a disk that failed or a run that is being stopped."""
        if isinstance(failure, Interrupted):
            return CloseSpider("shutdown")
        self.storage_failed(failure)
        return CloseSpider("storage")

    def storage_failed(self, failure: StorageFailed) -> None:
        """Note that the disk failed: nothing more is stored in this run."""
        if not self.run.storage_failed:
            self.logger.critical("Nothing more can be stored, the run ends here. %s", failure)
            self.run.notes["evidence"] = str(failure)
            self.run.storage_failed = True


def text_of(response: Response) -> str:
    """Return the text of a response, an empty one for what is no text."""
    return response.text if isinstance(response, TextResponse) else ""


def read_period_of(
    arguments: Mapping[str, str], now: datetime, default_since: str | None
) -> Period:
    """Return the period of a spider's `since` and `until`; raise BadArgument."""
    return read_period(
        arguments.get("since"), arguments.get("until"), now, default_since=default_since
    )


def read_recheck(arguments: Mapping[str, str], now: datetime) -> Period | None:
    """Return the period whose stored articles are fetched again, None without `recheck`."""
    given = arguments.get("recheck")
    return None if given is None else read_period(given, None, now)
