"""`scrapy demo`: a crawl of the bundled stand-in, shown."""

from __future__ import annotations

import argparse
from typing import Any, ClassVar

from kompas_crawler.cli.command import CheckedCommand
from kompas_crawler.runs.outcome import EXIT_CODES


class Command(CheckedCommand):
    """Crawls the stand-in; ends as that crawl does."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    exit_codes = {
        0: "the crawl was complete",
        **{code: f"{outcome}, as of a crawl" for outcome, code in EXIT_CODES.items() if code},
    }

    def short_desc(self) -> str:
        return "Crawl the bundled stand-in for Kompas.com and show what came of it"

    def long_desc(self) -> str:
        return (
            "Starts the bundled stand-in for Kompas.com on a loopback port, crawls three invented days"
            " over TLS, writes a report, and prints what to type next. No network is used. Everything"
            " goes into demo/ in the output directory (KOMPAS_OUTPUT_DIR)."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        # Imported here: the other commands need no stand-in.
        from kompas_crawler.demo import main

        self.end_with(main)
