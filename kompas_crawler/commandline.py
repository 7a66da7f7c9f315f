"""What do our commands share? Where the archive lies, how a refusal is told, how tables look."""

from __future__ import annotations

import argparse
import json
import sys
from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from scrapy.commands import ScrapyCommand

from kompas_crawler.errors import AlreadyRunning, BadArgument, StorageFailed
from kompas_crawler.runs import EXIT_CODES, Outcome

BAD_ARGUMENT = 2
UNSOUND = 20  # scrapy verify: something is wrong in the files
MISSING = 21  # scrapy coverage: something that Kompas lists is not stored
UNKNOWN = 22  # scrapy doctor: a page was not recognised

# Without a terminal nobody needs lines to be broken: they are read by grep.
_UNBROKEN = 200


class ArchiveCommand(ScrapyCommand):
    """A command about one output directory: 0 is good, 2 an argument that cannot be understood."""

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
        try:
            self.exitcode = self.answer(args, opts)
        except BadArgument as refusal:
            self.exitcode = told(refusal, BAD_ARGUMENT)
        except AlreadyRunning as running:
            self.exitcode = told(running, EXIT_CODES[Outcome.LOCKED])
        except StorageFailed as failure:
            self.exitcode = told(failure, EXIT_CODES[Outcome.STORAGE])

    @abstractmethod
    def answer(self, args: list[str], opts: argparse.Namespace) -> int:
        """Do what was asked and return the exit code."""

    def root(self, opts: argparse.Namespace) -> Path:
        """Return the output directory that is meant, as an absolute path."""
        configured = self.settings["KOMPAS_OUTPUT_DIR"] if self.settings else "output"
        return Path(opts.output or configured).expanduser().absolute()


class SurveyCommand(ArchiveCommand):
    """A command that asks Kompas; its log says only what goes wrong, unless told otherwise."""

    requires_crawler_process = True
    default_settings: ClassVar[dict[str, Any]] = {}

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        if self.settings is not None:  # above the project's level, below the command line's
            self.settings.set("LOG_LEVEL", "WARNING", priority="spider")


def told(error: Exception, code: int) -> int:
    """Say in one sentence what was refused, and return the code."""
    print(error, file=sys.stderr)  # noqa: T201
    return code


def console() -> Console:
    """Return where tables go: standard output, as wide as the terminal."""
    stdout = Console(highlight=False, markup=False)
    if stdout.is_terminal:
        return stdout
    return Console(highlight=False, markup=False, width=_UNBROKEN)


def print_json(value: Any) -> None:
    """Print one JSON document."""
    print(json.dumps(value, ensure_ascii=False, indent=2))  # noqa: T201


def byte_progress() -> Progress:
    """Return a bar over bytes on standard error, which only a terminal shows."""
    stderr = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=stderr,
        transient=True,
        disable=not stderr.is_terminal,
    )
