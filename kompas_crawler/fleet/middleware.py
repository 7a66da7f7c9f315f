"""The pace that all workers of a fleet keep together, with its turns in Redis."""

from __future__ import annotations

import asyncio

from redis.exceptions import RedisError
from scrapy import Request

from kompas_crawler.fleet.redis_queue import FleetQueue
from kompas_crawler.fleet.scheduler import LeasedScheduler
from kompas_crawler.middlewares import SLOT, PaceMiddleware
from kompas_crawler.shutdown import STOP_CHECK_INTERVAL
from kompas_crawler.urls import is_kompas


class SharedPaceMiddleware(PaceMiddleware):
    """Takes turns with the other workers; a wait or a block that one of them meets applies to all."""

    async def process_request(self, request: Request) -> None:
        """Let a request to Kompas wait for its turn among all workers. Raises `NotSent`."""
        await super().process_request(request)
        if is_kompas(request.url):
            await self._turn(request.url)

    def hold(self, seconds: float) -> None:
        """Stop all workers from sending requests for some seconds."""
        super().hold(seconds)
        self._scheduler.notify_fleet(lambda queue: queue.hold(seconds))

    def end(self, reason: str) -> None:
        """End this worker; for the reason "blocked", which concerns Kompas and not this network, end all."""
        if self.ended is None and reason == "blocked":
            self._scheduler.notify_fleet(lambda queue: queue.end(reason))
        super().end(reason)

    def count_from_answer(self, request: Request) -> None:
        super().count_from_answer(request)
        if request.meta.get("download_slot") == SLOT:
            self._scheduler.notify_fleet(lambda queue: queue.answered(self._gap))

    async def _turn(self, url: str) -> None:
        while True:
            wait = self._wait(url)
            if wait == 0:
                return
            await asyncio.sleep(min(wait, STOP_CHECK_INTERVAL))
            await self._permission(url)  # the run may have ended meanwhile

    def _wait(self, url: str) -> float:
        if not self.crawler.engine.running:
            raise self._not_sent(url, "the run was stopped before its turn came")
        fleet_queue: FleetQueue = self._scheduler.fleet_queue
        try:
            wait = fleet_queue.wait(self._gap)
        except RedisError as error:
            self._scheduler.redis_failed(error)
            raise self._not_sent(url, "Redis does not answer") from error
        if wait is None:
            super().end("blocked")
            raise self._not_sent(url, "Kompas has turned another worker away")
        return wait

    @property
    def _scheduler(self) -> LeasedScheduler:
        scheduler = self.crawler.engine.scheduler
        if not isinstance(scheduler, LeasedScheduler):
            raise TypeError(f"{scheduler} is no scheduler of a fleet")
        return scheduler
