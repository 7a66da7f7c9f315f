"""Strict command lines: unknown words and repeated options are refused.

Scrapy ignores unknown words, and the last of several values of an option silently replaces the
others. These commands refuse both, in one sentence and with exit code 2.
"""

from __future__ import annotations

import argparse
import difflib
import inspect
import logging
import os
import re
import signal
import sys
import textwrap
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from itertools import chain
from pathlib import Path
from shutil import get_terminal_size
from types import FrameType
from typing import Any, ClassVar, NoReturn

from scrapy.commands import ScrapyCommand, ScrapyHelpFormatter
from scrapy.crawler import CrawlerProcessBase
from scrapy.settings import BaseSettings, Settings
from scrapy.utils.conf import arglist_to_dict
from scrapy.utils.log import configure_logging

from kompas_crawler import sections
from kompas_crawler.cli import logs
from kompas_crawler.cli.streams import (
    discard,
    open_missing_streams,
    print_message,
    replace_unencodable,
    with_program_name,
)
from kompas_crawler.errors import (
    AlreadyRunning,
    BadArgument,
    MissingPackage,
    SpiderNotStarted,
    StorageFailed,
)
from kompas_crawler.paths import keep_off_archive, read_path
from kompas_crawler.runs.outcome import EXIT_CODES, Outcome

CRASHED = 1  # as Scrapy: the spider could not be started
BAD_ARGUMENT = 2
STOPPED = 130  # as a shell reports Ctrl-C

# Every command may end with these.
_ALWAYS = {
    BAD_ARGUMENT: "an argument, an option or a setting cannot be understood",
    EXIT_CODES[Outcome.STORAGE]: "a file cannot be read or written",
    STOPPED: "stopped with Ctrl-C",
}

# And a command that runs a spider may end with these.
CRAWL_CODES = {
    code: f"{outcome}: see `scrapy crawl -h`" for outcome, code in EXIT_CODES.items() if code
}

_OPTION = re.compile(r"(?<![\w-])--?[a-zA-Z][\w-]*")


class _HelpFormatter(ScrapyHelpFormatter):
    """Underlines titles only, and breaks no word.

    Scrapy's also takes a line of an option's text for a title if it happens to end with a colon.
    """

    def format_part_strings(self, part_strings: list[str]) -> list[str]:
        is_option = part_strings[:1] and part_strings[0].startswith(" ")
        return part_strings if is_option else super().format_part_strings(part_strings)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return _wrapped(text, width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return textwrap.indent("\n".join(_wrapped(text, width - len(indent))), indent)


_wrapped = partial(textwrap.wrap, break_on_hyphens=False)


class CheckedCommand(ScrapyCommand):
    """A command that takes `takes` words besides its options, any number if that is None.

    `instead` is the advice when there are more words. The first paragraph of the docstring of a
    command is what `scrapy -h` says of it, the others are what its own `-h` says; a command of
    Scrapy's without a docstring keeps Scrapy's texts.

    `options` are the options besides those of the base classes, in the form `--name VALUE`, or
    `--name` for one without a value, with the text for `-h` or the keywords of argparse.
    """

    crawler_process: CrawlerProcessBase  # Scrapy sets it before `run`
    settings: Settings  # Scrapy sets it before it calls a method
    usage: ClassVar[str] = ""
    options: ClassVar[Mapping[str, str | Mapping[str, Any]]] = {}
    takes: ClassVar[int | None] = 0
    instead: ClassVar[str] = "-h lists its options"
    exit_codes: ClassVar[Mapping[int, str]] = {0: "done"}  # without those of every command
    log_level: ClassVar[str | None] = None  # above the project's, below that of the command line

    def syntax(self) -> str:
        return self.usage or super().syntax()

    def short_desc(self) -> str:
        about = inspect.cleandoc(type(self).__doc__ or "").partition("\n\n")[0]
        return about.rstrip(".") or super().short_desc()

    def long_desc(self) -> str:
        about = inspect.cleandoc(type(self).__doc__ or "").partition("\n\n")[2]
        return " ".join(about.split()) or super().long_desc()

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        for name in (None, "store"):
            parser.register("action", name, _StoreOnce)
        parser.error = self._refuse  # type: ignore[method-assign]
        parser.formatter_class = _HelpFormatter
        super().add_options(parser)
        tables = [vars(kind).get("options", {}) for kind in reversed(type(self).__mro__)]
        for form, about in (option for table in tables for option in table.items()):
            flags, _, value = form.partition(" ")
            kind = {"metavar": value} if value else {"action": "store_true"}
            given = {"help": about} if isinstance(about, str) else about
            parser.add_argument(*flags.split(","), **{**kind, **given})
        self._parser = parser
        parser.usage = with_program_name(parser.usage or "")
        options = parser.format_help
        parser.format_help = lambda: self._help(options())  # type: ignore[method-assign]

    def help_sections(self) -> Iterator[tuple[str, Iterable[str]]]:
        """Yield what `-h` prints between this command's options and Scrapy's: titles and lines."""
        codes = {**_ALWAYS, **self.exit_codes}
        if self.requires_crawler_process:  # Ctrl-C ends these as the outcome `stopped`
            codes.pop(STOPPED)
        width = max(20, get_terminal_size().columns - 4)
        lines = (f"{code:<5} {meaning}" for code, meaning in sorted(codes.items()))
        wrapped = (_wrapped(line, width, subsequent_indent=" " * 6) for line in lines)
        yield "Exit codes", chain.from_iterable(wrapped)

    def _help(self, options: str) -> str:
        own, heading, scrapys = options.partition("Global Options\n")
        sections = (
            "\n".join((title, "=" * len(title), *(f"  {line}".rstrip() for line in lines), "\n"))
            for title, lines in self.help_sections()
        )
        return with_program_name("".join((own, *sections, heading, scrapys)))

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        open_missing_streams()
        logs.install_safe_logging()
        try:
            args[:] = self._words(args)
            check_settings_given(opts.set)
            check_section(os.environ)
            # Scrapy writes the pidfile as soon as it has set them.
            self.settings.setdict(arglist_to_dict(opts.set), priority="cmdline")
            opts.set = []
            self._make_output_absolute()
            for name, path in (("--pidfile", opts.pidfile), ("--profile", opts.profile)):
                if path is not None:
                    _check_file(name, path, self.root(opts))
            super().process_options(args, opts)
            if self.log_level:
                self.settings.set("LOG_LEVEL", self.log_level, priority="spider")
            check_log(self.settings, self.root(opts))
        except BadArgument as refusal:
            self._refuse(str(refusal))
        if not self.requires_crawler_process and (opts.logfile or opts.loglevel):
            configure_logging(self.settings)

    def exit_with(self, act: Callable[[], int]) -> None:
        """Run `act` and keep its exit code; a refusal is printed in one sentence."""
        try:
            if sys.stdout is None:
                raise StorageFailed("Standard output is closed: nothing can be printed.")
            replace_unencodable()
            if not self.requires_crawler_process:
                _exit_on_sigterm()
            self.exitcode = act()
            sys.stdout.flush()
        except (BadArgument, MissingPackage) as refusal:
            self._end(BAD_ARGUMENT, refusal)
        except SpiderNotStarted as failure:
            self._end(CRASHED, failure)
        except AlreadyRunning as running:
            self._end(EXIT_CODES[Outcome.LOCKED], running)
        except StorageFailed as failure:
            self._end(EXIT_CODES[Outcome.STORAGE], failure)
        except KeyboardInterrupt:
            self.exitcode = STOPPED
        except BrokenPipeError:  # `| head` has seen enough
            self.exitcode = 0
            discard(sys.stdout)
        except OSError as error:
            where = error.filename or "standard output, or a file"
            self._end(EXIT_CODES[Outcome.STORAGE], f"{where}: {error.strerror}")

    def _end(self, code: int, sentence: object) -> None:
        print_message(sentence)
        self.exitcode = code
        if code == EXIT_CODES[Outcome.STORAGE]:  # what is still held back would fail again
            discard(sys.stdout)
            sys.unraisablehook = lambda _: None

    @property
    def name(self) -> str:
        return type(self).__module__.rpartition(".")[2]

    def _words(self, args: Sequence[str]) -> list[str]:
        """Return the words that are no options; raise `BadArgument` for one that is unknown."""
        before, after = list(args), []
        if "--" in before:
            cut = before.index("--")
            before, after = before[:cut], before[cut + 1 :]
        for arg in before:
            if arg.startswith("-") and arg != "-" and " " not in arg:
                known = _OPTION.findall(self._parser.format_help())
                raise BadArgument(
                    f"there is no option {arg}: {suggestion(arg, known) or '-h lists all options'}"
                )
        words = before + after
        if self.takes is not None and len(words) > self.takes:
            word = words[self.takes]
            raise BadArgument(f"{self.name} takes no {word!r}: {self.instead.format(word=word)}")
        return words

    def root(self, opts: argparse.Namespace) -> Path:
        """Return the output directory as an absolute path."""
        return Path(str(self.settings["KOMPAS_OUTPUT_DIR"] or ""))

    def _make_output_absolute(self) -> None:
        """Make KOMPAS_OUTPUT_DIR absolute in the settings."""
        if given := str(self.settings["KOMPAS_OUTPUT_DIR"] or ""):
            path = str(read_path("KOMPAS_OUTPUT_DIR", given))
            priority = self.settings.getpriority("KOMPAS_OUTPUT_DIR") or 0
            self.settings.set("KOMPAS_OUTPUT_DIR", path, priority=priority)

    def _refuse(self, message: str) -> NoReturn:
        print_message(message)
        sys.exit(BAD_ARGUMENT)


class ProjectCommand(CheckedCommand):
    """A command of this project; `answer` does its work."""

    usage = "[options]"
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        self.exit_with(lambda: self.answer(args, opts))

    @abstractmethod
    def answer(self, args: list[str], opts: argparse.Namespace) -> int:
        """Do the work of the command and return the exit code."""


class _StoreOnce(argparse.Action):
    """Stores one value and refuses a second one, since one of the two would be lost."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        if vars(self).get("given"):
            raise argparse.ArgumentError(self, "given twice: give it once")
        self.given = True
        setattr(namespace, self.dest, values)


def _exit_on_sigterm() -> None:
    """Let SIGTERM and SIGHUP raise SystemExit, so that drafts of files are removed."""

    def end(number: int, frame: FrameType | None) -> None:
        sys.exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, end)


def suggestion(word: str, known: Iterable[str]) -> str | None:
    """Return "did you mean …?" with the most similar known word; None if there is none.

    >>> suggestion("--repiar", ["--repair", "--json"])
    'did you mean --repair?'
    """
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.7)
    return f"did you mean {close[0]}?" if close else None


def unknown_spider(name: str, known: Iterable[str]) -> BadArgument:
    """Return the error for the name of a spider that does not exist."""
    names = sorted(known)
    hint = suggestion(name, names)
    there = f"there are {', '.join(names)}"
    return BadArgument(f"there is no spider {name!r}: {f'{hint} ({there})' if hint else there}")


def check_section(environ: Mapping[str, str]) -> None:
    """Raise `BadArgument` when the environment names a section that is in no row of `SECTIONS`."""
    name = environ.get(sections.VARIABLE)
    if name and name not in sections.SECTIONS:
        known = ", ".join(sections.SECTIONS)
        raise BadArgument(f"{sections.VARIABLE}={name!r} is unknown: choose one of {known}")


def check_settings_given(given: Iterable[str]) -> None:
    """Raise `BadArgument` for `-s KOMPAS_…=VALUE` that names no setting of this project."""
    # Imported here: the settings know the version, not the commands.
    known = [name for name in vars(import_module("kompas_crawler.settings")) if name.isupper()]
    for pair in given:
        name, equals, _ = pair.partition("=")
        if not equals:
            raise BadArgument(f"-s {pair} has no value: use -s NAME=VALUE")
        if name.startswith("KOMPAS_") and name not in known:
            raise BadArgument(
                f"there is no setting {name}:"
                f" {suggestion(name, known) or 'docs/operations.md lists all settings'}"
            )


def check_log(settings: BaseSettings, root: Path) -> None:
    """Raise `BadArgument` when the log file cannot be written or the level is unknown."""
    if path := settings["LOG_FILE"]:
        _check_file("the log file", str(path), root)
    level = settings["LOG_LEVEL"]
    if not isinstance(level, int) and level not in logging.getLevelNamesMapping():
        known = "CRITICAL, ERROR, WARNING, INFO, DEBUG"
        raise BadArgument(f"the log level {level!r} is unknown: choose one of {known}")


def _check_file(name: str, given: str, root: Path) -> None:
    """Raise `BadArgument` when a file cannot be written, or is the archive's own."""
    path = read_path(name, given)
    if path.is_dir():
        raise BadArgument(f"{name} {path} is a directory: name a file")
    if not path.parent.is_dir():
        raise BadArgument(f"{name} {path} cannot be written: there is no directory {path.parent}")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise BadArgument(f"{name} {path} cannot be written: permission denied")
    keep_off_archive(f"{name} {path}", path, root)
