"""`scrapy fleet`: show or clean the queue that several workers share."""

from __future__ import annotations

import argparse

from kompas_crawler.cli.command import ProjectCommand
from kompas_crawler.cli.streams import print_answer, print_message
from kompas_crawler.errors import BadArgument
from kompas_crawler.fleet import SPIDERS, check_redis

WORKERS_RUNNING = 15  # as `locked` of a crawl


class Command(ProjectCommand):
    """Show or clean the queue that workers share through KOMPAS_REDIS_URL."""

    exit_codes = {
        0: "printed or cleaned",
        WORKERS_RUNNING: "workers are running; nothing was cleaned",
    }
    options = {"--clean": "delete what a finished fleet has left in Redis"}

    def answer(self, args: list[str], opts: argparse.Namespace) -> int:
        return max(self._show_queue(spider, opts.clean) for spider in sorted(SPIDERS))

    def _show_queue(self, spider: str, clean: bool) -> int:
        url = self.settings["KOMPAS_REDIS_URL"]
        if not url:
            raise BadArgument("KOMPAS_REDIS_URL is not set")
        check_redis(url, trusted=self.settings.getbool("KOMPAS_REDIS_TRUST"))
        # Only now: it needs what is in requirements-redis.txt, and `scrapy` imports all commands.
        from redis.exceptions import RedisError

        from kompas_crawler.fleet.redis_queue import FleetQueue, connect, describe_error

        fleet_queue = FleetQueue(connect(url), spider, "", self.settings.getfloat("KOMPAS_LEASE"))
        try:
            state = fleet_queue.state()
        except RedisError as error:
            raise BadArgument(f"Redis gave no answer: {describe_error(error)}") from None
        print_answer(
            f"{spider}: {state.waiting} waiting, {state.leased} leased, {state.workers} workers,"
            f" {state.failed} failed {state.arguments}".rstrip()
        )
        if clean and fleet_queue.clean():
            print_message(f"{spider}: not cleaned, workers are running")
            return WORKERS_RUNNING
        return 0
