"""The scheduler of a fleet's worker: it leases requests, and acknowledges them once they are stored.

A request stays leased until everything that came of it is stored or back in the queue. When the
lease of a dead worker ends, its requests return to the queue.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from time import monotonic
from typing import Any, Self, TypeVar

from redis.exceptions import RedisError
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from scrapy_redis.queue import Base
from scrapy_redis.scheduler import Scheduler
from twisted.python.failure import Failure

from kompas_crawler import __version__
from kompas_crawler.errors import ForeignRequest, StorageFailed
from kompas_crawler.fleet import check_redis, serialization
from kompas_crawler.fleet.redis_queue import FleetQueue, FleetRemainder, connect, describe_error
from kompas_crawler.runs.intervals import Interval
from kompas_crawler.runs.state import PendingArticle
from kompas_crawler.shutdown import CUT
from kompas_crawler.spiders.base import KompasSpider
from kompas_crawler.urls import canonical_url

# Seconds; Scrapy itself looks every five whether there is something to do.
QUEUE_CHECK_INTERVAL = 0.5

T = TypeVar("T")

logger = logging.getLogger(__name__)


class LeasedScheduler(Scheduler):  # type: ignore[misc]  # scrapy-redis has no types
    """scrapy-redis's scheduler over a queue whose requests are leased, not given away."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        url = crawler.settings["KOMPAS_REDIS_URL"]
        check_redis(url, trusted=crawler.settings.getbool("KOMPAS_REDIS_TRUST"))
        scheduler = cls(connect(url), persist=True)
        scheduler.crawler = crawler
        crawler.signals.connect(scheduler.share_known, signals.spider_opened)
        crawler.signals.connect(scheduler.note_sent, signals.request_reached_downloader)
        for passed in (signals.item_scraped, signals.item_dropped, signals.item_error):
            crawler.signals.connect(scheduler.settle_soon, passed)
        return scheduler

    def open(self, spider: KompasSpider) -> None:
        self.spider = spider
        settings = self.crawler.settings
        self.worker = settings["KOMPAS_WORKER"] or socket.gethostname()
        self.patience = settings.getfloat("KOMPAS_LEASE")
        self.fleet_queue = FleetQueue(
            self.server, spider.name, f"{self.worker}-{secrets.token_hex(4)}", self.patience
        )
        self.queue = Base(self.server, spider, "", serializer=serialization)
        self.held: dict[str, Request] = {}
        self.sent: set[Request] = set()  # of those that are held
        self.is_broken = self.is_done = False
        self._shared_days = 0
        self._shared_failures: set[str] = set()
        self._joined = False
        self._keeping: asyncio.Future[None] | None = None
        self._settling: set[asyncio.Future[None]] = set()

    def share_known(self, spider: KompasSpider) -> None:
        """Join the fleet once the archive is open, and add the ids that the archive holds."""
        if not hasattr(spider, "archive"):
            return  # the run was refused
        crawl = {"version": __version__, "section": spider.section, **spider.arguments}
        arguments = json.dumps(crawl, sort_keys=True)
        try:
            how, before = self.fleet_queue.enter(arguments, self._folder())
        except RedisError as error:
            self.redis_failed(error)
            return
        if how == "other":
            logger.error("Another fleet is at work there: %s. This one is %s", before, arguments)
            raise CloseSpider("locked")
        self.is_done = how == "done"
        if self.is_done:
            logger.warning(
                "The fleet has just finished this crawl; wait %d s, or run scrapy fleet --clean,"
                " to start it again",
                self.patience,
            )
            return
        self._joined = True
        if how == "first":
            archive = spider.archive
            self.fleet_queue.add_known(
                article_id for month in archive.months() for article_id in archive.ids(month)
            )
        self._keeping = asyncio.ensure_future(self._renew_leases())

    def _folder(self) -> str:
        """Return an identity of this output directory: host, device and inode."""
        status = Path(self.crawler.settings["KOMPAS_OUTPUT_DIR"]).expanduser().stat()
        return f"{socket.gethostname()}:{status.st_dev}:{status.st_ino}"

    # Scrapy's interface.

    def enqueue_request(self, request: Request) -> bool:
        """Add a request to the fleet's queue: it is no longer pending for this worker."""
        article_id = request.cb_kwargs.get("article_id")
        first = article_id if article_id and "readings" not in request.cb_kwargs else ""

        def push(fleet_queue: FleetQueue) -> bool:
            body = self.queue._encode_request(request)
            pushed = fleet_queue.push(identity(request), first, request.priority, body)
            self._hand_over(request)
            return pushed

        return self._call_fleet(push, otherwise=False)

    def next_request(self) -> Request | None:
        """Lease the most urgent request, once the results of the earlier ones are settled."""
        return self._call_fleet(self._leased, otherwise=None)

    def _leased(self, fleet_queue: FleetQueue) -> Request | None:
        self._settle()
        while found := fleet_queue.pop():
            token, body = found
            try:
                request: Request = self.queue._decode_request(body)
            except ForeignRequest as foreign:
                self._remove(token, foreign)
                continue
            self.held[token] = request
            self._take_over(request)
            return request
        return None

    def _remove(self, token: str, foreign: ForeignRequest) -> None:
        """Remove what is no request; which article or list is lost with it is unknown."""
        self.fleet_queue.discard(token)
        logger.error(
            "An entry of the shared queue is not one of our requests and is removed: %s", foreign
        )
        self.crawler.stats.inc_value("kompas/refused/ForeignRequest")
        self.spider.run.refused["ForeignRequest"] += 1

    def has_pending_requests(self) -> bool:
        """Return whether any request waits or is leased by any worker: a lease may still come back."""
        return self._call_fleet(self._has_more, otherwise=False)

    def _has_more(self, fleet_queue: FleetQueue) -> bool:
        self._settle()
        return fleet_queue.remaining() > 0

    def __len__(self) -> int:
        return self.fleet_queue.remaining()

    def close(self, reason: str) -> None:
        """Return leased requests to the queue, and note in the run's line what remains there."""
        if self._keeping is not None:
            self._keeping.cancel()
        if not self._joined:
            return
        try:
            self._settle()
            for token, request in self.held.items():
                self._give_back(token, request)
            self._record_remainder(self.fleet_queue.leave())
        except RedisError as error:
            logger.error(
                "Redis does not answer; the leases end by themselves. %s", describe_error(error)
            )
        finally:
            self.server.close()

    # Leases.

    def notify_fleet(self, what: Callable[[FleetQueue], None]) -> None:
        """Call something on the fleet's queue; without Redis the worker ends."""
        self._call_fleet(what, otherwise=None)

    def _call_fleet(self, what: Callable[[FleetQueue], T], *, otherwise: T) -> T:
        """Return what a call on the fleet's queue returns; `otherwise` without Redis."""
        if self._joined and not self.is_broken:
            try:
                return what(self.fleet_queue)
            except RedisError as error:
                self.redis_failed(error)
        return otherwise

    def redis_failed(self, error: RedisError) -> None:
        """End this worker: without Redis nothing can be acknowledged."""
        if not self.is_broken:
            logger.critical("Redis does not answer, this worker ends. %s", describe_error(error))
            self.is_broken = True
            closing = self.crawler.engine.close_spider_async(reason="redis")
            self._closing = asyncio.ensure_future(closing)

    def note_sent(self, request: Request) -> None:
        """Note that a request has left the queue of this worker: it may be acknowledged."""
        self.sent.add(request)

    def settle_soon(self, response: Response | Failure | None) -> None:
        """Acknowledge an article as soon as its item is processed, not only at the next request."""
        task = asyncio.ensure_future(self._settle_after(getattr(response, "request", None)))
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

    async def _settle_after(self, request: Request | None) -> None:
        while (slot := self.crawler.engine._slot) and request in slot.inprogress:
            await asyncio.sleep(0)
        self.notify_fleet(lambda _: self._settle())

    def _hand_over(self, request: Request) -> None:
        self.spider.run.open.pop(request.cb_kwargs.get("article_id", ""), None)

    def _take_over(self, request: Request) -> None:
        if article_id := request.cb_kwargs.get("article_id"):
            url = canonical_url(request.url)
            pending = PendingArticle(id=article_id, url=url, reason="not-fetched")
            self.spider.run.open.setdefault(article_id, pending)

    def _settle(self) -> None:
        """Acknowledge what is done; return to the queue what was not sent or not stored."""
        # No signal tells when all results of a request are stored. Scrapy keeps it here
        # until then; it is held to one minor version.
        slot = self.crawler.engine._slot
        under_way = slot.inprogress if slot else ()
        through = [token for token, request in self.held.items() if request not in under_way]
        if not through or not self._is_on_disk():
            return
        for token in through:
            request = self.held[token]
            is_done = request in self.sent and not request.meta.get(CUT)
            if self._is_ending and not is_done:
                self._give_back(token, request)
            elif not self.fleet_queue.ack(token, self._new_days(), self._new_failures()):
                logger.warning("A lease ended before its request was done: %s", request.url)
            else:
                self._shared_days = len(self.spider.run.coverage.covered)
                self._shared_failures.update(self.spider.run.failed)
            del self.held[token]
            self.sent.discard(request)

    @property
    def _is_ending(self) -> bool:
        slot = self.crawler.engine._slot
        return slot is None or slot.closing is not None or not self.crawler.engine.running

    def _give_back(self, token: str, request: Request) -> None:
        """Return a request that this worker will not do; its failure is forgotten."""
        self.fleet_queue.release([token])
        self._hand_over(request)
        self.spider.run.failed.pop(request.cb_kwargs.get("article_id", ""), None)

    def _is_on_disk(self) -> bool:
        """Flush to disk what was stored: an acknowledged article must survive a power failure."""
        run = self.spider.run
        if not run.storage_failed:
            try:
                self.spider.archive.sync()
            except StorageFailed as failure:
                self.spider.storage_failed(failure)
        return not run.storage_failed

    def _new_days(self) -> list[str]:
        new = self.spider.run.coverage.covered[self._shared_days :]
        return [interval.since.date().isoformat() for interval in new]

    def _new_failures(self) -> dict[str, dict[str, str]]:
        return {
            each.id: {"id": each.id, "url": each.url, "reason": each.reason}
            for each in self.spider.run.failed.values()
            if each.id not in self._shared_failures
        }

    async def _renew_leases(self) -> None:
        """Renew the leases, and look for what others have put into the queue."""
        renewed = monotonic()
        while not self.is_broken:
            await asyncio.sleep(min(QUEUE_CHECK_INTERVAL, self.patience / 4))
            self.notify_fleet(lambda _: self._settle())
            if monotonic() - renewed >= self.patience / 4:
                self.notify_fleet(self._renew)
                renewed = monotonic()
            if (slot := self.crawler.engine._slot) is not None:
                slot.nextcall.schedule()

    def _renew(self, fleet_queue: FleetQueue) -> None:
        if lost := fleet_queue.renew(self.held):
            logger.warning(
                "%d leases ended before they were renewed: was this worker asleep?", lost
            )

    # The line of the run.

    def _record_remainder(self, left: FleetRemainder) -> None:
        """Note as pending only what no other worker will do."""
        run = self.spider.run
        is_last = left.workers == 0
        is_shared = left.folders == 1
        run.notes["fleet"] = {
            "worker": self.worker,
            "left": left.requests,
            "workers": left.workers,
            "directories": left.folders,
        }
        for each in left.failed:  # of workers that died
            run.note_failed(each.id, each.url, each.reason)
        if left.requests and not is_last:
            run.coverage.planned, run.coverage.covered = [], []
            return
        if left.requests:
            self._note_pending_requests()
        proven = set() if left.is_spoiled else set(left.days)
        days = set(self.spider.period.days()) if self.spider.period else set()
        run.coverage.planned = self._intervals(days - proven)
        run.coverage.covered = self._intervals(proven) if is_shared else []

    def _intervals(self, days: set[date]) -> list[Interval]:
        return [Interval.of_day(day, self.spider.run.started_at) for day in sorted(days)]

    def _note_pending_requests(self) -> None:
        """Note as pending what stays in the queue when no worker remains."""
        for body in self.fleet_queue.bodies():
            with suppress(ForeignRequest):  # the worker that takes it next reports it
                self._take_over(self.queue._decode_request(body))


def identity(request: Request) -> str:
    """Return what makes a request the same for all workers.

    A retry, a redirect, and one more page of an article are others.
    """
    given, meta = request.cb_kwargs, request.meta
    readings = given.get("readings", ())
    subject = given.get("article_id") if not readings else None
    parts: list[Any] = [getattr(request.callback, "__name__", ""), subject or request.url]
    parts += [meta.get("retry_times", 0), meta.get("redirect_times", 0), len(readings)]
    return "|".join(map(str, parts))
