"""`scrapy demo`: a crawl of the bundled stand-in, shown."""

from __future__ import annotations

import argparse
from typing import Any, ClassVar

from kompas_crawler.cli.command import CheckedCommand


class Command(CheckedCommand):
    """Crawls the stand-in; ends as that crawl does."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def short_desc(self) -> str:
        return "Crawl the bundled stand-in for Kompas.com and show what came of it"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        # Imported here: the other commands need no stand-in.
        from kompas_crawler.demo import main

        self.exit_with(main)
