"""The base of commands about an output directory, and their tables and progress bars."""

from __future__ import annotations

import argparse
from abc import abstractmethod
from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from time import monotonic
from typing import Any, ClassVar, TypeVar

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from kompas_crawler.archive.store import Archive
from kompas_crawler.cli.command import CheckedCommand
from kompas_crawler.cli.paths import read_path
from kompas_crawler.cli.streams import print_message
from kompas_crawler.cli.terminal import SafeConsole, Terminal, json_text
from kompas_crawler.runs.log import passed_over

PROGRESS_DELAY = 1.0  # seconds until a progress bar is shown
Record = TypeVar("Record", bound=Mapping[str, Any])

# Without a terminal lines are not wrapped, so that grep finds whole ones.
_UNBROKEN = 200


class ArchiveCommand(CheckedCommand):
    """A command about one output directory; exit code 2 is an argument that was refused."""

    requires_project = True
    requires_crawler_process = False
    reads_archive: ClassVar[bool] = True
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        if self.reads_archive:
            parser.add_argument(
                "--output", metavar="DIR", help="the output directory (default: KOMPAS_OUTPUT_DIR)"
            )
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        self.exit_with(lambda: self._answered(args, opts))

    def _answered(self, args: list[str], opts: argparse.Namespace) -> int:
        code = self.answer(args, opts)
        if self.reads_archive and (number := passed_over(self.root(opts))):
            print_message(
                f"Lines of crawls.jsonl: {number} not believed; `scrapy verify` says more."
            )
        return code

    @abstractmethod
    def answer(self, args: list[str], opts: argparse.Namespace) -> int:
        """Do what was asked and return the exit code."""

    def root(self, opts: argparse.Namespace) -> Path:
        """Return the output directory as an absolute path."""
        if opts.output is not None:
            return read_path("--output", opts.output)
        configured = self.settings["KOMPAS_OUTPUT_DIR"] if self.settings else "output"
        return read_path("KOMPAS_OUTPUT_DIR", str(configured))


class SurveyCommand(ArchiveCommand):
    """A command that asks Kompas; its log level is WARNING unless one is given."""

    requires_crawler_process = True
    default_settings: ClassVar[dict[str, Any]] = {}

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        if self.settings is not None:  # above the project's level, below the command line's
            self.settings.set("LOG_LEVEL", "WARNING", priority="spider")


def print_refusal(error: Exception | str, code: int) -> int:
    """Print one sentence on what was refused, and return the exit code."""
    print_message(error)
    return code


def console() -> Console:
    """Return where tables go: standard output, as wide as the terminal."""
    stdout = Terminal(highlight=False, markup=False)
    if stdout.is_terminal:
        return stdout
    return Terminal(highlight=False, markup=False, width=_UNBROKEN)


def print_json(value: Any) -> None:
    """Print one JSON document."""
    print(json_text(value, indent=2))  # noqa: T201


def byte_progress() -> Progress:
    """Return a bar over bytes on standard error, which only a terminal shows."""
    stderr = SafeConsole(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=stderr,
        transient=True,
        disable=not stderr.is_terminal,
    )


def with_progress(records: Iterable[Record], archive: Archive) -> Iterator[Record]:
    """Yield the records; a terminal shows a progress bar after one second."""
    months = archive.months()
    stderr = SafeConsole(stderr=True)
    bar = Progress(
        TextColumn("Reading {task.fields[month]}"),
        BarColumn(),
        TextColumn("{task.fields[read]:,} articles"),
        console=stderr,
        transient=True,
        disable=not stderr.is_terminal,
    )
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
