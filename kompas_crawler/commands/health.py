"""`scrapy health`: check whether the archive is up to date."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from socket import gethostname

from scrapy.spiderloader import get_spider_loader

from kompas_crawler.cli.archive_command import ArchiveCommand, print_json
from kompas_crawler.cli.command import unknown_spider
from kompas_crawler.cli.streams import print_answer
from kompas_crawler.errors import BadArgument
from kompas_crawler.operations.channels import Message, channels, deliver
from kompas_crawler.operations.health import Health
from kompas_crawler.runs.log import CrawlLog
from kompas_crawler.runs.periods import read_hours
from kompas_crawler.timezones import WIB

UNHEALTHY = 1  # what a container's health check takes for "unhealthy"


class Command(ArchiveCommand):
    """Check whether a run was complete recently.

    Says when the last complete run of a spider ended, and fails when that is too long ago: for
    cron, a container's health check or a monitor.
    """

    exit_codes = {
        0: "a complete run ended recently enough",
        UNHEALTHY: "none did, or a message could not be sent",
    }
    options = {
        "--spider NAME": {
            "default": "international",
            "help": "whose runs: international (the default), backfill, articles, reparse",
        },
        "--within HOURS|AGE": {
            "default": "26",
            "help": "how old the last complete run may be: 26 or 26h, 3d (default: 26)",
        },
        "--test-message": "also send a test message to every receiver in KOMPAS_MESSAGE_…",
        "--notify": "send a message to them if no run was complete; for cron or a timer",
    }

    def answer(self, args: list[str], opts: argparse.Namespace) -> int:
        now, root = datetime.now(WIB), self.root(opts)
        within = read_hours("--within", opts.within)
        if opts.output is not None and not root.is_dir():
            raise BadArgument(f"--output {root} is no directory: no run has written there")
        health = Health.of(CrawlLog(root).newest_first() if root.is_dir() else (), opts.spider)
        known = (*get_spider_loader(self.settings).list(), "reparse")
        if health.last is None and opts.spider not in known:  # misspelt
            raise unknown_spider(opts.spider, known)
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
            print_answer(health.describe(now))
        if opts.test_message:
            return self._test(health.describe(now), root)
        if opts.notify and not is_good:
            self._send(_alarm(health, now, root))
        return 0 if is_good else UNHEALTHY

    def _test(self, state: str, root: Path) -> int:
        sent = self._send(Message(subject="kompas_crawler: a test", text=f"{state}\n{root}"))
        for name, failed in sent.items():
            print_answer(f"{name}: {failed or 'sent'}")
        return UNHEALTHY if any(sent.values()) else 0

    def _send(self, message: Message) -> Mapping[str, str]:
        """Return for each way to a receiver why it failed, "" if it did not."""
        ways = channels(os.environ)
        if not ways:
            raise BadArgument("no receiver is named: see KOMPAS_MESSAGE_… in docs/operations.md")
        failed = deliver(message, ways, self.settings.getfloat("KOMPAS_MESSAGE_TIMEOUT"))
        return {way.name: failed.get(way.name, "") for way in ways}


def _alarm(health: Health, now: datetime, root: Path) -> Message:
    """Return the message that no recent run was complete, with what to check."""
    host = gethostname()
    text = (
        f"{health.describe(now)}\n"
        "To do: check whether the schedule is active (`systemctl list-timers`, `crontab -l`) and what the "
        "last run logged; docs/operations.md explains its outcome.\n"
        f"Where: on {host}, in {root}."
    )
    subject = f"kompas_crawler on {host}: no recent complete run of {health.spider}"
    return Message(subject=subject, text=text, facts={"spider": health.spider, "host": host})
