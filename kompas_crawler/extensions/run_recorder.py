"""The recorder of a run: its lock, its archive, and its line in `crawls.jsonl`."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from traceback import extract_tb
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, NotConfigured
from scrapy.http import Response
from scrapy.utils.asyncio import AsyncioLoopingCall, create_looping_call
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure

from kompas_crawler import urls
from kompas_crawler.archive.locks import LockHolder, RunLock, lock_path
from kompas_crawler.archive.record import YEARS
from kompas_crawler.archive.store import Archive
from kompas_crawler.budget import budget
from kompas_crawler.cli.scrapy_command import check_scrapy_settings
from kompas_crawler.errors import AlreadyRunning, BadArgument, Interrupted, StorageFailed
from kompas_crawler.fleet import worker_name
from kompas_crawler.fleet.shared_lock import hold_shared
from kompas_crawler.items import Article
from kompas_crawler.middlewares import pace_of
from kompas_crawler.operations.notifications import final_summary, report_run_end
from kompas_crawler.runs import drift
from kompas_crawler.runs.invented import HEADER, KEY
from kompas_crawler.runs.log import CrawlLog
from kompas_crawler.runs.outcome import AS_ASKED, EXIT_CODES, Outcome
from kompas_crawler.runs.run import OUR_ERROR, OUTCOME_LOGGER, Run, new_run_id, nothing_is_stored
from kompas_crawler.runs.state import State
from kompas_crawler.runs.storage_rules import note_spoiled, note_vanished
from kompas_crawler.shutdown import stop
from kompas_crawler.spiders.base import KompasSpider
from kompas_crawler.timezones import WIB
from kompas_crawler.urls import canonical_url
from kompas_crawler.warc.writer import WarcMiddleware

FLUSH_EVERY = 5.0  # seconds
LINES_BACK = 500  # of all spiders of the section; enough for a month of hourly runs

logger = logging.getLogger(__name__)


def _is_stored(archive: Archive, article_id: str) -> bool:
    """Return whether an article is stored; False for one that cannot be read because the run stops."""
    try:
        return urls.article_id(article_id) is not None and article_id in archive
    except Interrupted:
        return False


class RunRecorder:
    """Opens a run with lock and archive, and closes it with its line in `crawls.jsonl`."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.root = Path(crawler.settings["KOMPAS_OUTPUT_DIR"]).expanduser().absolute()
        self.lock: RunLock | None = None
        self.shared_lock: int | None = None  # its descriptor
        self.archive: Archive | None = None
        self.line: Mapping[str, Any] | None = None
        self.is_open = False
        self.flushing: AsyncioLoopingCall | LoopingCall | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not issubclass(crawler.spidercls, KompasSpider):
            raise NotConfigured("only the section's own spiders record their runs")
        recorder = cls(crawler)
        crawler.signals.connect(recorder.spider_opened, signals.spider_opened)
        crawler.signals.connect(recorder.spider_error, signals.spider_error)
        crawler.signals.connect(recorder.item_error, signals.item_error)
        crawler.signals.connect(recorder.spider_closed, signals.spider_closed)
        crawler.signals.connect(recorder.log_outcome, signals.engine_stopped)
        crawler.signals.connect(recorder.response_received, signals.response_received)
        return recorder

    def response_received(self, response: Response) -> None:
        """Note that this run reads invented articles, of the stand-in."""
        if self.is_open and HEADER in response.headers:
            self.run.notes[KEY] = True

    def spider_opened(self, spider: KompasSpider) -> None:
        stop.listen()
        now = datetime.now(WIB)
        self.run = Run(
            id=new_run_id(spider.name, now),
            spider=spider.name,
            section=spider.section,
            started_at=now,
            arguments=spider.arguments,
            max_tries=max(1, self.crawler.settings.getint("KOMPAS_MAX_TRIES")),
        )
        try:
            self._open(spider)
        except AlreadyRunning as running:
            logger.error("%s", running)
            self.run.notes["evidence"] = str(running)
            raise CloseSpider("locked") from running
        except StorageFailed as failure:
            logger.critical("%s", failure)
            self.run.notes["evidence"] = str(failure)
            raise CloseSpider("storage") from failure
        except BadArgument as refusal:
            logger.error("%s", refusal)
            raise CloseSpider("refused") from refusal
        except CloseSpider:
            raise
        except Exception as fault:
            logger.exception("The run cannot begin")
            raise CloseSpider(f"error-{type(fault).__name__}") from fault
        self.is_open = True
        gc.freeze()  # what exists now lives as long as the process
        self.flushing = create_looping_call(self._flush)
        self.flushing.start(FLUSH_EVERY, now=False)

    def _flush(self) -> None:
        """Sync the archive to disk, also while requests wait for minutes."""
        spider = self.crawler.spider
        if self.archive is None or not isinstance(spider, KompasSpider):
            return
        try:
            self.archive.sync()
        except Interrupted:
            return
        except StorageFailed as failure:
            spider.storage_failed(failure)
            pace_of(self.crawler).end("storage")

    def _open(self, spider: KompasSpider) -> None:
        check_scrapy_settings(self.crawler.settings)
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageFailed(f"{self.root}: {error.strerror}") from error
        self.lock = self._lock(spider.name)
        self.lock.acquire()
        if self.lock.previous:
            logger.warning(
                "The previous run ended without writing its line: %s", self.lock.previous
            )
            self.run.notes["after_crash_of"] = self.lock.previous.run
            self._continue_following(self.lock.previous)
        self.archive = Archive(self.root)
        crawl_log = CrawlLog(self.root, spider.section)
        self._note_deaths(self.lock, crawl_log.state())
        spider.start_run(self.run, self.archive, crawl_log)
        if self.run.coverage.followed_since:
            self.lock.note(self.run.coverage.followed_since.isoformat())

    def _note_deaths(self, lock: RunLock, before: State) -> None:
        """Note which pages have ended runs, and let the reader note the page it reads."""
        self.run.note_deaths(lock.previous.died if lock.previous else (), before)
        for page in dict.fromkeys(self.run.died):
            logger.warning(
                "A run ended while it read %s, for the %d. time", page, self.run.deaths[page]
            )
        budget.deaths, budget.note = self.run.deaths, lock.reader_note()

    def _lock(self, spider: str) -> RunLock:
        """Return this run's lock, by its spider or by its worker in a shared directory."""
        if worker := worker_name(self.crawler.settings):
            self.shared_lock = hold_shared(lock_path(self.root, spider))
            spider = f"{spider}-{worker}"
        return RunLock(lock_path(self.root, spider), self.run.id)

    def _continue_following(self, previous: LockHolder) -> None:
        """Take over from which time on a run that was killed followed the section."""
        with suppress(TypeError, ValueError):
            since = datetime.fromisoformat(previous.note or "")
            if since.tzinfo and since.year in YEARS:
                self.run.coverage.note_followed(since)

    def spider_error(
        self, failure: Failure, response: Response | Failure | None, spider: Spider
    ) -> None:
        """Keep an article pending whose callback raised, which is an error of this program."""
        request: Request | None = getattr(response, "request", None)
        reason, found = self._fault(failure, request.url if request else "start")
        if request is None:
            self.run.note_failed_listing("start", reason)
        elif article_id := request.cb_kwargs.get("article_id"):
            self.run.note_failed(article_id, canonical_url(request.url), reason, found)
        else:
            self.run.note_failed_listing(request.url, reason)

    def item_error(self, item: Article, failure: Failure) -> None:
        """Keep an article pending on which a pipeline raised."""
        self.run.note_failed(item.id, item.url, *self._fault(failure, item.url))

    def _fault(self, failure: Failure, url: str) -> tuple[str, str]:
        """Return an exception's reason and evidence: its message, and the function that raised."""
        message = f"{failure.value!r:.200}"
        if frames := extract_tb(failure.getTracebackObject()):  # type: ignore[no-untyped-call]
            message += (
                f" in {frames[-1].name}, {Path(frames[-1].filename).name}:{frames[-1].lineno}"
            )
        self.run.notes["evidence"] = f"{message} on {url}"
        return f"{OUR_ERROR}{type(failure.value).__name__}", message

    def spider_closed(self, spider: KompasSpider, reason: str) -> None:
        """Write the run's line in any case, and release the lock."""
        if self.flushing is not None and self.flushing.running:
            self.flushing.stop()
        if reason == "finished" and not self.is_open:
            reason = "start_error"  # Scrapy continues when a handler of spider_opened fails
        self.run.counts["requests"] = self.crawler.stats.get_value("downloader/request_count", 0)
        try:
            line = self._written(spider, reason)
        except StorageFailed as failure:
            logger.critical("This run's line is not in crawls.jsonl. %s", failure)
            self.run.notes["evidence"] = str(failure)
            self.run.storage_failed = True
            line = self._line(reason, State())
        finally:
            budget.note, budget.deaths = None, {}  # the file is closed next
            if self.lock is not None:
                self.lock.release()
            if self.shared_lock is not None:
                os.close(self.shared_lock)
        self.crawler.stats.set_value("kompas/outcome", line["outcome"])
        self.line = line
        report_run_end(line, self.root, self.crawler.settings)

    def _written(self, spider: KompasSpider, reason: str) -> Mapping[str, Any]:
        """Write the run's line, after what it counts as stored has been synced to disk."""
        if self.is_open and (pages := self.crawler.get_downloader_middleware(WarcMiddleware)):
            pages.close()
        crawl_log, now = CrawlLog(self.root, spider.section), self.run.started_at
        if self.is_open:
            spider.conclude()
            with suppress(CloseSpider):  # the disk does not answer, which is in the log
                spider.proof().note_given_up(crawl_log, spider.covers_day, spider.is_stored)
        if self.archive is not None:
            note_vanished(self.run, self.archive)
        self._compare(crawl_log)
        if self.archive is None:
            return crawl_log.append(lambda before: self._line(reason, before), now)
        with self.archive as archive:
            archive.sync()
            self.run.notes["mended"] = [
                {"file": torn_line.path.name, "bytes": torn_line.length, "id": torn_line.id}
                for torn_line in archive.torn_lines
            ]
            note_spoiled(self.run, archive)
            known = partial(_is_stored, archive)
            return crawl_log.append(lambda before: self._line(reason, before, known), now)

    def _line(
        self, reason: str, before: State, is_stored: Callable[[str], bool] = nothing_is_stored
    ) -> Mapping[str, Any]:
        return self.run.to_line(
            self.run.outcome(reason), reason, datetime.now(WIB), before, is_stored
        )

    def _compare(self, crawl_log: CrawlLog) -> None:
        """Compare this run with earlier ones, and log how pages have changed."""
        line = self._line("finished", State())
        recent = islice(crawl_log.of_section(), LINES_BACK)
        before = (each for each in recent if each.get("spider") == self.run.spider)
        self.run.drifted += drift.findings(line, before, self.run.readings.examples)
        for found in self.run.drifted:
            logger.error(
                "Kompas has changed its pages: %s (%s before, %s now), for example %s",
                found["says"],
                found["was"],
                found["now"],
                found["example"],
            )

    def log_outcome(self) -> None:
        """Log how the run ended, once, as the last line.

        `scrapy crawl` calls it too: an engine that never started sends no signal.
        """
        line, self.line = self.line, None
        if line is None:
            return
        outcome = Outcome(line["outcome"])
        logger = logging.getLogger(OUTCOME_LOGGER)
        logger.log(
            logging.INFO if outcome in AS_ASKED else logging.ERROR,
            "%s ended as %s, exit code %d, after %s",
            line["spider"],
            outcome,
            EXIT_CODES[outcome],
            final_summary(line, self.root),
        )
