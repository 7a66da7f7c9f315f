"""`scrapy crawl`, with an exit code that tells the truth."""

from __future__ import annotations

import argparse
import logging
import sys
from datetime import datetime

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.settings import BaseSettings

from kompas_crawler.datelines import WIB
from kompas_crawler.errors import BadArgument, MissingPackage
from kompas_crawler.fleet import check_fleet
from kompas_crawler.keeping import wants_pages_kept
from kompas_crawler.periods import read_period
from kompas_crawler.progress import read_mode
from kompas_crawler.runs import EXIT_CODES, Outcome
from kompas_crawler.spiders.section import SectionSpider

# Who lists every setting and component at the start of a run. `-L DEBUG` shows them.
STARTUP_LOGGERS = ("scrapy.addons", "scrapy.crawler", "scrapy.middleware", "scrapy.utils.log")

logger = logging.getLogger(__name__)

CRASHED = 1  # as Scrapy: the spider could not be started
REFUSED = 2  # as any command: its arguments cannot be understood


class Command(ScrapyCrawl):
    """Runs a spider; 0 only when the run is complete."""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "-q", "--quiet", action="store_true", help="say nothing unless something goes wrong"
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        if opts.quiet and self.settings is not None:
            self.settings.set("KOMPAS_PROGRESS", "off", priority="cmdline")
            self.settings.set("LOG_LEVEL", "WARNING", priority="cmdline")
        super().process_options(args, opts)
        if self.settings is not None and self.settings["LOG_LEVEL"] != "DEBUG":
            for name in STARTUP_LOGGERS:
                # A level would be reset when Scrapy sets up its log; a filter stays.
                logging.getLogger(name).addFilter(lambda record: record.levelno > logging.INFO)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1 or self.crawler_process is None:
            super().run(args, opts)
            return
        crawler = self.crawler_process.create_crawler(args[0])
        if issubclass(crawler.spidercls, SectionSpider):
            given = {key: value for key, value in opts.spargs.items() if not key.startswith("_")}
            try:
                crawler.spidercls.check_arguments(given, datetime.now(WIB))
                wants_pages_kept(given, crawler.settings["KOMPAS_KEEP"])
                check_fleet(args[0], given, crawler.settings)
                read_mode(str(crawler.settings["KOMPAS_PROGRESS"]))
                _check_settings(crawler.settings)
            except (BadArgument, MissingPackage) as refusal:
                print(f"{args[0]}: {refusal}", file=sys.stderr)
                self.exitcode = REFUSED
                return
        self.crawler_process.crawl(crawler, **opts.spargs)
        self.crawler_process.start()
        outcome = crawler.stats.get_value("kompas/outcome") if crawler.stats else None
        self.exitcode = EXIT_CODES[Outcome(outcome)] if outcome else CRASHED
        level = logging.INFO if outcome == Outcome.COMPLETE else logging.ERROR
        logger.log(level, "%s ended as %s, exit code %d", args[0], outcome, self.exitcode)


def _check_settings(settings: BaseSettings) -> None:
    if not str(settings["KOMPAS_OUTPUT_DIR"] or "").strip():
        raise BadArgument("KOMPAS_OUTPUT_DIR is empty: name the directory to write to")
    try:
        read_period(str(settings["KOMPAS_FIRST_SINCE"]), None, datetime.now(WIB))
    except BadArgument as refusal:
        raise BadArgument(f"KOMPAS_FIRST_SINCE: {refusal}") from refusal
