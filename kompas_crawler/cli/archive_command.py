"""The base of commands about an output directory, and their tables and progress bars."""

from __future__ import annotations

import argparse
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, ClassVar, TypeVar

from rich.progress import BarColumn, DownloadColumn, TimeRemainingColumn

from kompas_crawler.archive.store import Archive
from kompas_crawler.cli.command import ProjectCommand
from kompas_crawler.cli.streams import print_message
from kompas_crawler.cli.terminal import json_text, progress_bar
from kompas_crawler.paths import read_path
from kompas_crawler.runs.log import passed_over

PROGRESS_DELAY = 1.0  # seconds until a progress bar is shown
Record = TypeVar("Record", bound=Mapping[str, Any])


class ArchiveCommand(ProjectCommand):
    """A command about one output directory; exit code 2 is an argument that was refused."""

    options = {
        "--output DIR": "the output directory (default: KOMPAS_OUTPUT_DIR)",
        "--json": "print JSON instead of text",
    }

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        self.exit_with(lambda: self._answered(args, opts))

    def _answered(self, args: list[str], opts: argparse.Namespace) -> int:
        code = self.answer(args, opts)
        if number := passed_over(self.root(opts)):
            print_message(f"Lines of crawls.jsonl: {number} not used; `scrapy verify` says why.")
        return code

    def root(self, opts: argparse.Namespace) -> Path:
        """Return the output directory as an absolute path."""
        if opts.output is not None:
            return read_path("--output", opts.output)
        return read_path("KOMPAS_OUTPUT_DIR", str(self.settings["KOMPAS_OUTPUT_DIR"]))


class SurveyCommand(ProjectCommand):
    """A command that sends requests to Kompas; its log level is WARNING unless one is given."""

    requires_crawler_process = True
    default_settings: ClassVar[dict[str, Any]] = {}
    log_level = "WARNING"


def print_json(value: Any) -> None:
    """Print one JSON document."""
    print(json_text(value, indent=2))  # noqa: T201


@contextmanager
def byte_progress(doing: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar over bytes on a terminal; gives the function that is called with what was read."""
    columns = "{task.description}", BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with progress_bar(*columns) as bar:
        task = bar.add_task(doing, total=total)
        yield lambda size: bar.advance(task, size)


def with_progress(records: Iterable[Record], archive: Archive) -> Iterator[Record]:
    """Yield the records; a terminal shows a progress bar after one second."""
    months = archive.months()
    articles = "{task.fields[read]:,} articles"
    bar = progress_bar("Reading {task.fields[month]}", BarColumn(), articles)
    task = bar.add_task("", total=len(months), month="", read=0)
    begin = monotonic()
    try:
        for read, record in enumerate(records, 1):
            if read % 500 == 0 and monotonic() - begin > PROGRESS_DELAY:
                month = str(record.get("id"))[:7].replace("/", "-")
                bar.update(task, completed=bisect(months, month) - 1, month=month, read=read)
                bar.start()
            yield record
    finally:
        bar.stop()
