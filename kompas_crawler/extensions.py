"""Who holds the output directory, what a run found, and how it ended."""

from __future__ import annotations

import logging
import os
import secrets
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, NotConfigured
from scrapy.http import Response
from twisted.python.failure import Failure

from kompas_crawler import drift
from kompas_crawler.archive import Archive
from kompas_crawler.datelines import WIB
from kompas_crawler.errors import AlreadyRunning, StorageFailed
from kompas_crawler.ledger import Ledger
from kompas_crawler.locks import RunLock, lock_path
from kompas_crawler.messages import run_ended
from kompas_crawler.runs import MEANINGS, Outcome, Run, State
from kompas_crawler.spiders.section import SectionSpider

LINES_BACK = 500  # of all spiders; enough for a month of hourly runs


logger = logging.getLogger(__name__)


class RunKeeper:
    """Opens and closes a run: lock, archive, bookkeeping, its line in `crawls.jsonl`."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.root = Path(crawler.settings["KOMPAS_OUTPUT_DIR"])
        self.lock: RunLock | None = None
        self.archive: Archive | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not issubclass(crawler.spidercls, SectionSpider):
            raise NotConfigured("only the spiders of the section keep books")
        keeper = cls(crawler)
        crawler.signals.connect(keeper.spider_opened, signals.spider_opened)
        crawler.signals.connect(keeper.spider_error, signals.spider_error)
        crawler.signals.connect(keeper.spider_closed, signals.spider_closed)
        return keeper

    def spider_opened(self, spider: SectionSpider) -> None:
        now = datetime.now(WIB)
        self.run = Run(
            crawl=f"{spider.name}-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}",
            spider=spider.name,
            started_at=now,
            arguments=spider.arguments,
            max_tries=self.crawler.settings.getint("KOMPAS_MAX_TRIES"),
        )
        try:
            self._open(spider)
        except AlreadyRunning as running:
            logger.error("%s", running)
            raise CloseSpider("locked") from running
        except StorageFailed as failure:
            logger.critical("%s", failure)
            raise CloseSpider("storage") from failure

    def _open(self, spider: SectionSpider) -> None:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageFailed(f"{self.root}: {error.strerror}") from error
        self.lock = RunLock(lock_path(self.root, spider.name), self.run.crawl)
        self.lock.acquire()
        if self.lock.previous:
            logger.warning("The run before ended without a word: %s", self.lock.previous)
            self.run.notes["after_crash_of"] = self.lock.previous.run
        self.archive = Archive(self.root)
        spider.open(self.run, self.archive, Ledger(self.root))

    def spider_error(self, failure: Failure, response: Response, spider: Spider) -> None:
        """Keep as owed the article whose callback failed: that is a fault of ours."""
        request = response.request
        article_id = request.cb_kwargs.get("article_id") if request else None
        reason = f"error-{type(failure.value).__name__}"
        if article_id:
            self.run.fail(article_id, response.url, reason)
        else:
            self.run.listing_failed(response.url, reason)

    def spider_closed(self, spider: SectionSpider, reason: str) -> None:
        """Write the run's line, whatever happened, and let go of the directory."""
        self.run.counts["requests"] = self.crawler.stats.get_value("downloader/request_count", 0)
        try:
            if self.archive is not None:
                self._close_archive(self.archive)
            outcome = self._written(reason)
        except StorageFailed as failure:
            logger.critical("This run's line is not in crawls.jsonl. %s", failure)
            outcome = Outcome.STORAGE
        finally:
            if self.lock is not None:
                self.lock.release()
        self.crawler.stats.set_value("kompas/outcome", str(outcome))
        self._say(outcome)
        line = self.run.to_line(outcome, reason, datetime.now(WIB), State())
        run_ended(line, self.root, self.crawler.settings)

    def _close_archive(self, archive: Archive) -> None:
        self.run.notes["mended"] = [
            {"file": mended.path.name, "bytes": mended.length, "id": mended.id}
            for mended in archive.mended
        ]
        archive.close()

    def _written(self, reason: str) -> Outcome:
        now = datetime.now(WIB)
        self._compare(now)
        outcome = self.run.outcome(reason)
        Ledger(self.root).append(lambda before: self.run.to_line(outcome, reason, now, before))
        return outcome

    def _compare(self, now: datetime) -> None:
        """Compare this run with those before it, and say what Kompas has changed."""
        line = self.run.to_line(Outcome.COMPLETE, "", now, State())
        before = (
            each
            for each in islice(Ledger(self.root).newest_first(), LINES_BACK)
            if each["spider"] == self.run.spider
        )
        self.run.drifted = drift.findings(line, before, self.run.examples)
        for found in self.run.drifted:
            logger.error(
                "Kompas has changed its pages: %s (%s before, %s now), for example %s",
                found["says"],
                found["was"],
                found["now"],
                found["example"],
            )

    def _say(self, outcome: Outcome) -> None:
        counts = self.run.counts
        logger.log(
            logging.INFO if outcome is Outcome.COMPLETE else logging.ERROR,
            "%s: %s. %d new, %d changed, %d already stored, %d owed, %d gone, %d requests, in %s.",
            outcome,
            MEANINGS[outcome],
            counts["stored"],
            counts["revised"],
            counts["known"],
            len(self.run.failed) + len(self.run.open),
            len(self.run.gone),
            counts["requests"],
            os.path.relpath(self.root),
        )
