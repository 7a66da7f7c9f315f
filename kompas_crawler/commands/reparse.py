"""`scrapy reparse`: read saved pages again by today's rules, without any network."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from importlib.util import find_spec
from typing import Any

from rich.progress import BarColumn, TaskProgressColumn, TimeRemainingColumn

from kompas_crawler.cli.archive_command import ArchiveCommand, print_json
from kompas_crawler.cli.streams import print_answer
from kompas_crawler.cli.terminal import progress_bar
from kompas_crawler.errors import BadArgument
from kompas_crawler.runs.log import refuse_other_section
from kompas_crawler.runs.outcome import EXIT_CODES, MEANINGS, Outcome
from kompas_crawler.warc import reparse
from kompas_crawler.warc.gzip_members import TORN
from kompas_crawler.warc.reparse import Reparse
from kompas_crawler.warc.saved_pages import LOSSES
from kompas_crawler.warc.sources import WarcPart, find_sources
from kompas_crawler.warc.worker_processes import cores
from kompas_crawler.wording import duration, number_of

MAX_WORKERS = 256
REPORT_INTERVAL = 10.0  # seconds, where there is no terminal


class Command(ArchiveCommand):
    """Read kept pages again, by today's rules and without any network.

    Reads WARC files (kept with -a keep=warc, or of Common Crawl) and saved HTML, and stores what is
    new or has changed. A run that was stopped or killed continues where it stopped when it is started
    again. See docs/reading-again.md.
    """

    exit_codes = {code: str(outcome) for outcome, code in EXIT_CODES.items()}
    usage = "--from PATH [PATH ...] [options]"
    options = {
        "--from PATH": {
            "dest": "paths",
            "nargs": "+",
            "action": "extend",
            "default": [],
            "help": "WARC files (.warc.gz, .warc), saved HTML (.html, .html.gz), or folders of them",
        },
        "--workers N": "processes that read (default: all cores)",
        "--quiet": "print only warnings and errors",
    }

    def answer(self, args: list[str], opts: argparse.Namespace) -> int:
        workers = _workers(opts.workers)
        if args or not opts.paths:
            raise BadArgument("reparse needs --from PATH, a WARC file, saved HTML, or a folder")
        sources = find_sources(opts.paths)
        if find_spec("warcio") is None and any(isinstance(s, WarcPart) for s in sources):
            raise BadArgument(
                "WARC files are read with the package warcio, which"
                " `pip install -r requirements-warc.txt` installs"
            )
        refuse_other_section(self.root(opts))
        logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
        arguments = {"from": " ".join(opts.paths), "workers": str(workers)}
        run = Reparse(
            self.root(opts),
            sources,
            workers=workers,
            arguments=arguments,
            settings=self.settings,
        )
        with _progress_display(quiet=opts.quiet) as report:
            line = run.execute(report)
        if opts.json:
            print_json(line)
        elif not opts.quiet:
            print_answer(summary(line))
        return EXIT_CODES[Outcome(line["outcome"])]


def summary(line: Mapping[str, Any]) -> str:
    """Return a run's line of `crawls.jsonl` in two sentences for people."""
    seen = line["seen"]
    lost = [f"{seen[what]} {what}" for what in (TORN, *LOSSES) if seen.get(what)]
    places = [f"{each['where']}: {each['what']}" for each in line["damage"]]
    first = f" (first: {places[0]})" if places else ""
    return (
        f"{line['outcome']}: {_meaning(line)}. "
        f"{number_of(seen.get('pages', 0), 'page')} read,"
        f" {line['pages_per_second']:.0f} pages per second: "
        f"{line['stored']:,} new, {line['revised']:,} changed, {line['unchanged']:,} unchanged, "
        f"{line['known']:,} older, {line['unread']:,} without an article"
        + (f"; in the files: {', '.join(lost)}{first}." if lost else ".")
    )


def _meaning(line: Mapping[str, Any]) -> str:
    if line["reason"] == "worker-died":
        return (
            "a reader process was killed from outside; started again, it continues where it stopped"
        )
    if line["outcome"] == Outcome.PARTIAL:
        return "some pages could not be read; `unread_articles` and `damage` of its line name them"
    return MEANINGS[Outcome(line["outcome"])]


def _workers(given: str | None) -> int:
    if given is None:
        return cores()
    if not (given.isascii() and given.isdecimal() and 1 <= int(given) <= MAX_WORKERS):
        raise BadArgument(f"--workers {given} is no number from 1 to {MAX_WORKERS}")
    return int(given)


@contextmanager
def _progress_display(*, quiet: bool) -> Iterator[Callable[[reparse.Progress], None]]:
    """Show progress on standard error: a bar on a terminal, else a line now and then."""
    columns = "{task.description}", BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    bar = progress_bar(*columns)
    if quiet:
        yield lambda progress: None
    elif bar.console.is_terminal:
        with bar:
            task = bar.add_task("Reading")
            yield lambda progress: bar.update(
                task,
                total=progress.total - progress.skipped,
                completed=progress.done,
                description=f"{progress.pages:,} pages, {progress.pages_per_second:.0f} per second",
            )
    else:
        printed_at = time.monotonic()

        def print_now_and_then(progress: reparse.Progress) -> None:
            nonlocal printed_at
            if time.monotonic() - printed_at >= REPORT_INTERVAL:
                printed_at = time.monotonic()
                print(describe_progress(progress), file=sys.stderr, flush=True)

        yield print_now_and_then


def describe_progress(progress: reparse.Progress) -> str:
    """Return one line on the share that is done and the time that is left."""
    share = (progress.skipped + progress.done) / max(progress.total, 1)
    left = progress.seconds_left
    return (
        f"reparse: {share:.0%}, {progress.pages:,} pages, {progress.pages_per_second:.0f} per second"
        + (f", {duration(timedelta(seconds=left))} left" if left is not None else "")
    )
