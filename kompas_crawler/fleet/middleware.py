"""How do all workers of a fleet together keep to one pace?"""

from __future__ import annotations

import asyncio

from redis.exceptions import RedisError
from scrapy import Request

from kompas_crawler.fleet.redis_queue import Shared
from kompas_crawler.fleet.scheduler import LeasedScheduler
from kompas_crawler.middlewares import SLOT, STOP_CHECK_INTERVAL, PaceMiddleware
from kompas_crawler.urls import is_kompas


class SharedPace(PaceMiddleware):
    """Takes turns with the other workers; waits, and being turned away, are everybody's."""

    async def process_request(self, request: Request) -> None:
        await super().process_request(request)
        if is_kompas(request.url):
            await self._turn(request.url)

    def hold(self, seconds: float) -> None:
        super().hold(seconds)
        self._scheduler.tell(lambda shared: shared.hold(seconds))

    def end(self, reason: str) -> None:
        """End this worker; what speaks of Kompas and not of this machine's network ends all."""
        if self.ended is None and reason == "blocked":
            self._scheduler.tell(lambda shared: shared.end(reason))
        super().end(reason)

    def count_from_answer(self, request: Request) -> None:
        super().count_from_answer(request)
        if request.meta.get("download_slot") == SLOT:
            self._scheduler.tell(lambda shared: shared.answered(self._gap))

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
        shared: Shared = self._scheduler.shared
        try:
            wait = shared.wait(self._gap)
        except RedisError as error:
            self._scheduler.broke(error)
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
