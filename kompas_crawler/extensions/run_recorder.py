"""Who holds the output directory, what a run found, and how it ended."""

from __future__ import annotations

import gc
import logging
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, NotConfigured
from scrapy.http import Response
from scrapy.utils.asyncio import AsyncioLoopingCall, create_looping_call
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure

from kompas_crawler import urls
from kompas_crawler.archive.locks import Holder, RunLock, lock_path
from kompas_crawler.archive.record import YEARS
from kompas_crawler.archive.store import Archive
from kompas_crawler.budget import budget
from kompas_crawler.cli.scrapy_command import check_scrapy_settings
from kompas_crawler.errors import AlreadyRunning, BadArgument, Interrupted, StorageFailed
from kompas_crawler.fleet import worker_name
from kompas_crawler.fleet.shared_lock import Beside
from kompas_crawler.items import Article
from kompas_crawler.middlewares import PaceMiddleware
from kompas_crawler.operations.notifications import final_summary, report_run_end
from kompas_crawler.runs import drift
from kompas_crawler.runs.invented import HEADER, KEY
from kompas_crawler.runs.log import Ledger
from kompas_crawler.runs.outcome import EXIT_CODES, Outcome
from kompas_crawler.runs.run import LAST_WORD, Run, never
from kompas_crawler.runs.state import State
from kompas_crawler.runs.storage_rules import note_spoiled
from kompas_crawler.sections import SECTION
from kompas_crawler.shutdown import stop
from kompas_crawler.spiders.base import SectionSpider
from kompas_crawler.timezones import WIB
from kompas_crawler.urls import canonical_url
from kompas_crawler.warc.writer import KeepPages

FLUSH_EVERY = 5.0  # seconds
LINES_BACK = 500  # of all spiders; enough for a month of hourly runs

logger = logging.getLogger(__name__)


def _known_of(archive: Archive) -> Callable[[str], bool]:
    """Answer what is stored; what cannot be told any more, once the run is to stop, is not."""

    def is_stored(article_id: str) -> bool:
        try:
            return urls.article_id(article_id) is not None and article_id in archive
        except Interrupted:
            return False

    return is_stored


class RunKeeper:
    """Opens and closes a run: lock, archive, bookkeeping, its line in `crawls.jsonl`."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.root = Path(crawler.settings["KOMPAS_OUTPUT_DIR"]).expanduser().absolute()
        self.lock: RunLock | None = None
        self.beside: Beside | None = None
        self.archive: Archive | None = None
        self.line: Mapping[str, Any] | None = None
        self.is_open = False
        self.flushing: AsyncioLoopingCall | LoopingCall | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not issubclass(crawler.spidercls, SectionSpider):
            raise NotConfigured("only the spiders of the section keep books")
        keeper = cls(crawler)
        crawler.signals.connect(keeper.spider_opened, signals.spider_opened)
        crawler.signals.connect(keeper.spider_error, signals.spider_error)
        crawler.signals.connect(keeper.item_error, signals.item_error)
        crawler.signals.connect(keeper.spider_closed, signals.spider_closed)
        crawler.signals.connect(keeper.engine_stopped, signals.engine_stopped)
        crawler.signals.connect(keeper.response_received, signals.response_received)
        return keeper

    def response_received(self, response: Response) -> None:
        """Note that what this run reads is invented, so that nobody takes it for true."""
        if self.is_open and HEADER in response.headers:
            self.run.notes[KEY] = True

    def spider_opened(self, spider: SectionSpider) -> None:
        stop.listen()
        now = datetime.now(WIB)
        self.run = Run(
            crawl=f"{spider.name}-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}",
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
        gc.freeze()  # what stands now stays: no need to look through it for garbage at every page
        self.flushing = create_looping_call(self._flush)
        self.flushing.start(FLUSH_EVERY, now=False)

    def _flush(self) -> None:
        """Put on disk what was stored, also while Kompas lets us wait for minutes."""
        spider = self.crawler.spider
        if self.archive is None or not isinstance(spider, SectionSpider):
            return
        try:
            self.archive.sync()
        except Interrupted:
            return
        except StorageFailed as failure:
            spider.storage_failed(failure)
            if pace := self.crawler.get_downloader_middleware(PaceMiddleware):
                pace.end("storage")

    def _open(self, spider: SectionSpider) -> None:
        check_scrapy_settings(self.crawler.settings)
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageFailed(f"{self.root}: {error.strerror}") from error
        self.lock = self._lock(spider.name)
        self.lock.acquire()
        if self.lock.previous:
            logger.warning("The run before ended without a word: %s", self.lock.previous)
            self.run.notes["after_crash_of"] = self.lock.previous.run
            self._take_word(self.lock.previous)
        self.archive = Archive(self.root)
        ledger = Ledger(self.root, spider.section)
        self._take_deaths(ledger.state())
        spider.open(self.run, self.archive, ledger)
        if self.run.followed_since:
            self.lock.note(self.run.followed_since.isoformat())

    def _take_deaths(self, before: State) -> None:
        """Take over which pages ended runs, and let the reader note what it reads."""
        if self.lock is None:
            return
        self.run.mourn(self.lock.previous.died if self.lock.previous else (), before)
        for page in dict.fromkeys(self.run.died):
            logger.warning(
                "A run ended while it read %s, for the %d. time", page, self.run.deaths[page]
            )
        budget.deaths, budget.note = self.run.deaths, self.lock.reader_note()

    def _lock(self, spider: str) -> RunLock:
        """Return this run's lock: of the spider, or of a worker that shares the directory."""
        if worker := worker_name(self.crawler.settings):
            self.beside = Beside(lock_path(self.root, spider))
            spider = f"{spider}-{worker}"
        return RunLock(lock_path(self.root, spider), self.run.crawl)

    def _take_word(self, previous: Holder) -> None:
        """Take over from where on the run that was killed meant the section to be whole."""
        with suppress(TypeError, ValueError):
            since = datetime.fromisoformat(previous.note or "")
            if since.tzinfo and since.year in YEARS:
                self.run.follow(since)

    def spider_error(
        self, failure: Failure, response: Response | Failure | None, spider: Spider
    ) -> None:
        """Keep as owed the article whose callback failed: that is a fault of ours."""
        request: Request | None = getattr(response, "request", None)
        reason = f"error-{type(failure.value).__name__}"
        if request is None:
            self.run.listing_failed("start", reason)
        elif article_id := request.cb_kwargs.get("article_id"):
            self.run.fail(article_id, canonical_url(request.url), reason)
        else:
            self.run.listing_failed(request.url, reason)

    def item_error(self, item: Article, failure: Failure) -> None:
        """Keep as owed the article that a pipeline failed on."""
        self.run.fail(item.id, item.url, f"error-{type(failure.value).__name__}")

    def spider_closed(self, spider: SectionSpider, reason: str) -> None:
        """Write the run's line, whatever happened, and let go of the directory."""
        if self.flushing is not None and self.flushing.running:
            self.flushing.stop()
        if reason == "finished" and not self.is_open:
            reason = "start_error"  # Scrapy goes on without what could not be opened
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
            if self.beside is not None:
                self.beside.release()
        self.crawler.stats.set_value("kompas/outcome", line["outcome"])
        self.line = line
        report_run_end(line, self.root, self.crawler.settings)

    def _written(self, spider: SectionSpider, reason: str) -> Mapping[str, Any]:
        """Write the run's line: what it says to be stored is on disk by then."""
        if self.is_open and (pages := self.crawler.get_downloader_middleware(KeepPages)):
            pages.close()
        ledger, now = Ledger(self.root, spider.section), self.run.started_at
        if self.is_open:
            spider.conclude()
        self._compare(ledger)
        if self.archive is None:
            return ledger.append(lambda before: self._line(reason, before), now)
        with self.archive as archive:
            archive.sync()
            self._note_mended(archive)
            note_spoiled(self.run, archive)
            known = _known_of(archive)
            return ledger.append(lambda before: self._line(reason, before, known), now)

    def _line(
        self, reason: str, before: State, is_stored: Callable[[str], bool] = never
    ) -> Mapping[str, Any]:
        return self.run.to_line(
            self.run.outcome(reason), reason, datetime.now(WIB), before, is_stored
        )

    def _note_mended(self, archive: Archive) -> None:
        self.run.notes["mended"] = [
            {"file": mended.path.name, "bytes": mended.length, "id": mended.id}
            for mended in archive.mended
        ]

    def _compare(self, ledger: Ledger) -> None:
        """Compare this run with those before it, and say what Kompas has changed."""
        line = self._line("finished", State())
        before = (
            each
            for each in islice(ledger.newest_first(), LINES_BACK)
            if (each.get("spider"), each.get("section", SECTION))
            == (self.run.spider, self.run.section)
        )
        self.run.drifted += drift.findings(line, before, self.run.examples)
        for found in self.run.drifted:
            logger.error(
                "Kompas has changed its pages: %s (%s before, %s now), for example %s",
                found["says"],
                found["was"],
                found["now"],
                found["example"],
            )

    def engine_stopped(self) -> None:
        """Say in the last line of the log how the run ended."""
        if (line := self.line) is None:
            return
        outcome = Outcome(line["outcome"])
        logger = logging.getLogger(LAST_WORD)
        logger.log(
            logging.INFO if outcome is Outcome.COMPLETE else logging.ERROR,
            "%s ended as %s, exit code %d, after %s",
            line["spider"],
            outcome,
            EXIT_CODES[outcome],
            final_summary(line, self.root),
        )
