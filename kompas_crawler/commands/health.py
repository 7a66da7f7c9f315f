"""`scrapy health`: is the archive being kept up to date?"""

from __future__ import annotations

import argparse
import os
from datetime import datetime
from pathlib import Path

from scrapy.spiderloader import get_spider_loader

from kompas_crawler.cli.archive_command import ArchiveCommand, print_json
from kompas_crawler.cli.command import unknown_spider
from kompas_crawler.cli.streams import show
from kompas_crawler.errors import BadArgument
from kompas_crawler.operations.health import Health
from kompas_crawler.operations.notifications import Message, channels, send
from kompas_crawler.runs.log import Ledger
from kompas_crawler.runs.periods import read_hours
from kompas_crawler.timezones import WIB

UNHEALTHY = 1  # what a container's health check takes for "unhealthy"


class Command(ArchiveCommand):
    """Exit codes: 0 up to date, 1 not, 2 bad arguments."""

    exit_codes = {
        0: "a complete run ended recently enough",
        UNHEALTHY: "none did, or a message failed",
    }

    def short_desc(self) -> str:
        return "Tell whether a recent run was complete"

    def long_desc(self) -> str:
        return (
            "Says when the last complete run of a spider ended, and fails when that is too long ago:"
            " for cron, a container's health check or a monitor."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--spider",
            default="international",
            metavar="NAME",
            help="whose runs: international, backfill, articles, reparse (default: international)",
        )
        parser.add_argument(
            "--within",
            default="26",
            metavar="HOURS|AGE",
            help="how old the last complete run may be: 26 or 26h, 3d (default: 26)",
        )
        parser.add_argument(
            "--test-message",
            action="store_true",
            help="also send a test message to every recipient in KOMPAS_MESSAGE_…",
        )

    def answer(self, args: list[str], opts: argparse.Namespace) -> int:
        now, root = datetime.now(WIB), self.root(opts)
        within = read_hours("--within", opts.within)
        if opts.output is not None and not root.is_dir():
            raise BadArgument(f"--output {root} is no directory: no run has written there")
        health = Health.of(Ledger(root).newest_first() if root.is_dir() else (), opts.spider)
        if health.last is None:
            self._check_spider(opts.spider)
        is_good = health.is_good(now, within)
        if opts.json:
            at = health.complete_at
            print_json(
                {
                    "spider": health.spider,
                    "healthy": is_good,
                    "complete_at": at.isoformat() if at else None,
                    "outcome": health.last["outcome"] if health.last else None,
                }
            )
        else:
            show(health.told(now))
        if opts.test_message:
            return self._test(health.told(now), root)
        return 0 if is_good else UNHEALTHY

    def _check_spider(self, name: str) -> None:
        """Refuse a spider that never ran and is none: it would be unhealthy for ever."""
        known = (*get_spider_loader(self.settings).list(), "reparse") if self.settings else ()
        if name not in known:
            raise unknown_spider(name, known)

    def _test(self, told: str, root: Path) -> int:
        ways = channels(os.environ)
        if not ways:
            raise BadArgument("nobody is to be told: see KOMPAS_MESSAGE_… in docs/operations.md")
        message = Message(subject="kompas_crawler: a test", text=f"{told}\n{root}")
        timeout = self.settings.getfloat("KOMPAS_MESSAGE_TIMEOUT") if self.settings else 10.0
        failed = send(message, ways, timeout)
        for way in ways:
            show(f"{way.name}: {failed.get(way.name, 'sent')}")
        return UNHEALTHY if failed else 0
