"""`scrapy crawl`: runs a spider; the exit code is the outcome of the run."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from kompas_crawler import settings as default_settings
from kompas_crawler.cli.command import BAD_ARGUMENT, CRASHED, CheckedCommand, unknown_spider
from kompas_crawler.cli.scrapy_command import check_scrapy_settings
from kompas_crawler.cli.streams import print_message
from kompas_crawler.errors import BadArgument, MissingPackage, RedisUnavailable
from kompas_crawler.extensions.progress import read_mode
from kompas_crawler.extensions.run_recorder import RunRecorder
from kompas_crawler.fleet import check_fleet, check_redis_answers
from kompas_crawler.operations.notifications import report_run_end
from kompas_crawler.paths import read_path
from kompas_crawler.runs.arguments import wants_pages_kept
from kompas_crawler.runs.log import CrawlLog, refuse_other_section
from kompas_crawler.runs.outcome import EXIT_CODES, MEANINGS, Outcome
from kompas_crawler.runs.periods import read_period
from kompas_crawler.runs.run import Run, new_run_id
from kompas_crawler.spiders.base import KompasSpider
from kompas_crawler.timezones import WIB

# Who lists every setting and component at the start of a run. `-L DEBUG` shows them.
STARTUP_LOGGERS = ("scrapy.addons", "scrapy.crawler", "scrapy.middleware", "scrapy.utils.log")

# Settings that a run reads as numbers when it has begun.
NUMBERS = tuple(
    name
    for name, value in vars(default_settings).items()
    if name.startswith("KOMPAS_") and isinstance(value, int | float)
)
LARGEST_NUMBER = 100_000  # in days 270 years; beyond it, times overflow

# Those that count something.
COUNTS = ("KOMPAS_MAX_TRIES", "KOMPAS_BLOCKED_LIMIT", "KOMPAS_UNREACHABLE_LIMIT")

logger = logging.getLogger(__name__)

NO_REDIS = "no-redis"  # why the run of a worker ended before it began

WHEN = (
    "WHEN is a date (2026-11-20), a month (2026-11), a date and time (2026-11-20T10:30)",
    "or an age (90m, 36h, 3d, 2w). It is read in WIB, and both ends are included.",
)

#: What the arguments of each spider mean, as `scrapy crawl -h` prints them.
ARGUMENTS: Mapping[str, Mapping[str, str]] = {
    "international": {
        "": "the section as it is now, newest first",
        "since=WHEN": "how far back (default: where the proven time ends; first run: one day)",
        "until=WHEN": "nothing published later (default: now)",
        "recheck=WHEN": "fetch stored articles again that were published since then",
    },
    "backfill": {
        "": "past days, through the daily index, newest day first",
        "since=WHEN": "first day; required",
        "until=WHEN": "last day (default: today)",
        "only=unproven": "skip the days that are proven, to crawl a long period in pieces",
        "recheck=WHEN": "fetch stored articles again that were published since then",
    },
    "articles": {
        "": "the articles that are named, of any year",
        "url=ADDRESS": "an address or an id; give several by repeating it, or with commas",
        "file=PATH": "a text file with one address or id per line; # begins a comment",
        "recheck=yes|no": "fetch those that are stored already, too (default: no)",
    },
    "every spider": {
        "": "",
        "keep=warc|no": "keep the raw pages as WARC (default: KOMPAS_KEEP, which is no)",
    },
}


class Command(CheckedCommand, ScrapyCrawl):
    """Collect articles with one of the spiders.

    Collects articles into the output directory, each once. Stored articles are not fetched again,
    and what earlier runs could not get is fetched first.
    """

    takes = 1
    instead = "a crawl is of one spider, and its arguments are -a NAME=VALUE"
    exit_codes = {
        **{code: f"{outcome}: {MEANINGS[outcome]}" for outcome, code in EXIT_CODES.items()},
        CRASHED: "the spider could not be started",
    }
    usage = "[options] SPIDER [-a NAME=VALUE ...]"
    options = {
        "--output DIR": {
            "dest": "output_dir",
            "help": "the output directory (default: KOMPAS_OUTPUT_DIR)",
        },
        "-q,--quiet": "print only warnings and errors",
    }

    def help_sections(self) -> Iterator[tuple[str, Iterable[str]]]:
        lines: list[str] = []
        for spider, arguments in ARGUMENTS.items():
            lines += [f"{spider:<20} {arguments['']}"]
            lines += [f"  -a {form:<15} {what}" for form, what in arguments.items() if form]
        yield "Spiders and their arguments", (*lines, "", *WHEN)
        yield from super().help_sections()

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        if "help" in opts.spargs:
            self._parser.print_help()
            sys.exit(0)
        if opts.output_dir is not None:
            self._set_output(opts.output_dir)
        if opts.quiet:
            self.settings.set("KOMPAS_PROGRESS", "off", priority="cmdline")
            self.settings.set("LOG_LEVEL", "WARNING", priority="cmdline")
        self._given = list(opts.spargs)
        super().process_options(args, opts)
        if self.settings["LOG_LEVEL"] != "DEBUG":
            for name in STARTUP_LOGGERS:
                # A level would be reset when Scrapy sets up its log; a filter stays.
                logging.getLogger(name).addFilter(lambda record: record.levelno > logging.INFO)

    def _set_output(self, given: str) -> None:
        try:
            path = read_path("--output", given)
            # Scrapy's own --output names the file of a feed.
            if path.suffix.partition(":")[0][1:] in self.settings.getwithbase("FEED_EXPORTERS"):
                raise BadArgument(
                    f"--output {given} is the output directory; -o {given} writes a feed"
                )
        except BadArgument as refusal:
            self._refuse(str(refusal))
        self.settings.set("KOMPAS_OUTPUT_DIR", str(path), priority="cmdline")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if not args:
            known = ", ".join(sorted(self.crawler_process.spider_loader.list()))
            self.exitcode = self._refused(f"crawl needs the name of a spider: {known}")
            return
        try:
            crawler = self._checked(args[0], opts)
        except (BadArgument, MissingPackage) as refusal:
            self.exitcode = self._refused(f"{args[0]}: {refusal}")
            return
        self.crawler_process.crawl(crawler, **opts.spargs)
        self.crawler_process.start()
        outcome = crawler.stats.get_value("kompas/outcome") if crawler.stats else None
        self.exitcode = EXIT_CODES[Outcome(outcome)] if outcome else CRASHED
        if recorder := outcome and crawler.get_extension(RunRecorder):
            recorder.log_outcome()
        if outcome is None:
            logger.error("%s could not be started, exit code %d", args[0], self.exitcode)

    def _checked(self, name: str, opts: argparse.Namespace) -> Crawler:
        """Return the spider's crawler; raise `BadArgument` or `MissingPackage`."""
        known = self.crawler_process.spider_loader.list()
        if name not in known:
            raise unknown_spider(name, known)
        crawler = self.crawler_process.create_crawler(name)
        if issubclass(crawler.spidercls, KompasSpider):
            opts.spargs = join_arguments(self._given, crawler.spidercls.repeatable)
            given = {key: value for key, value in opts.spargs.items() if not key.startswith("_")}
            crawler.spidercls.check_arguments(given, datetime.now(WIB))
            wants_pages_kept(given, crawler.settings["KOMPAS_KEEP"])
            check_fleet(name, given, crawler.settings)
            read_mode(str(crawler.settings["KOMPAS_PROGRESS"]))
            _check_settings(crawler.settings)
            check_scrapy_settings(crawler.settings)
            refuse_other_section(Path(crawler.settings["KOMPAS_OUTPUT_DIR"]))
            if crawler.settings.getdict("FEEDS"):
                logger.warning(
                    "A feed (-o, -O, FEEDS) holds only the articles that this run stores;"
                    " scrapy export writes everything stored"
                )
            try:
                check_redis_answers(crawler.settings)
            except RedisUnavailable:
                _write_line(crawler.spidercls, opts.spargs, crawler.settings)
                raise
        return crawler

    def _refused(self, sentence: str) -> int:
        """Print and log why there is no run; of a Scrapyd job only the log file is seen."""
        if self.settings["LOG_FILE"]:
            logger.error("Refused, nothing was requested: %s", sentence)
        print_message(sentence)
        return BAD_ARGUMENT


def _write_line(
    spider: type[KompasSpider], given: Mapping[str, str], settings: BaseSettings
) -> None:
    """Write the line of a run that could not begin because Redis did not answer."""
    now = datetime.now(WIB)
    run = Run(
        id=new_run_id(spider.name, now),
        spider=spider.name,
        section=spider.section,
        started_at=now,
        arguments={key: value for key, value in given.items() if not key.startswith("_")},
    )
    root = Path(settings["KOMPAS_OUTPUT_DIR"]).expanduser().absolute()
    line = CrawlLog(root, spider.section).append(
        lambda before: run.to_line(run.outcome(NO_REDIS), NO_REDIS, datetime.now(WIB), before), now
    )
    report_run_end(line, root, settings)


def join_arguments(pairs: Iterable[str], repeatable: Container[str]) -> dict[str, str]:
    """Return spider arguments by name; values of a repeatable argument are joined.

    >>> join_arguments(["url=2026/11/22/134820670", "url=2026/11/22/031254170"], ("url",))
    {'url': '2026/11/22/134820670 2026/11/22/031254170'}

    Raises `BadArgument` for two values of which one would be lost.
    """
    found: dict[str, str] = {}
    for name, _, value in (pair.partition("=") for pair in pairs):
        if name in found and name not in repeatable:
            raise BadArgument(f"{name} is given twice, as {found[name]!r} and {value!r}: give one")
        found[name] = f"{found[name]} {value}" if name in found else value
    return found


def _check_settings(settings: BaseSettings) -> None:
    read_path("KOMPAS_OUTPUT_DIR", str(settings["KOMPAS_OUTPUT_DIR"] or ""))
    for name in NUMBERS:
        try:
            value = settings.getint(name) if name in COUNTS else settings.getfloat(name)
        except (TypeError, ValueError):
            kind = "whole number" if name in COUNTS else "number"
            raise BadArgument(f"{name}={settings[name]!r} is no {kind}") from None
        if not 0 <= value <= LARGEST_NUMBER:
            raise BadArgument(f"{name}={settings[name]!r} is not from 0 to {LARGEST_NUMBER:,}")
    try:
        read_period(str(settings["KOMPAS_FIRST_SINCE"]), None, datetime.now(WIB))
    except BadArgument as refusal:
        raise BadArgument(f"KOMPAS_FIRST_SINCE: {refusal}") from refusal
