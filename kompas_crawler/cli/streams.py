"""Standard input, output and error: safe printing, closed streams and failed writes."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import sys
from importlib import metadata
from typing import TextIO

from kompas_crawler.characters import escaped

_COMMAND = re.compile(r"\bscrapy(?=\s+[a-z])")  # also where the help was wrapped
_REQUIREMENTS = re.compile(r"-r requirements-(\w+)\.txt")


def program_name() -> str:
    """Return the name by which this program was started: `scrapy` or `kompas`."""
    return os.environ.get("KOMPAS_PROGRAM", "scrapy")


def with_program_name(text: str) -> str:
    """Return a text with the name of the program before each command.

    Where it is not run from a checkout, packages are named instead of a requirements file.

    >>> with_program_name("scrapy report shows what you have")
    'scrapy report shows what you have'
    """
    if program_name() != "scrapy":
        text = _REQUIREMENTS.sub(_packages, text)
    return _COMMAND.sub(program_name(), text)


def _packages(found: re.Match[str]) -> str:
    try:
        needs = metadata.requires("kompas_crawler") or ()
    except metadata.PackageNotFoundError:
        return found[0]
    extra = [each.partition(";")[0] for each in needs if f'extra == "{found[1]}"' in each]
    return shlex.join(each.strip() for each in extra) or found[0]


def open_missing_streams() -> None:
    """Open /dev/null in place of a standard stream that was closed.

    Otherwise the next file that is opened, such as a month of the archive, gets its number, and
    whatever a library or a child process prints goes into that file.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stderr is None:  # Scrapy's log asks it whether it is a terminal
        sys.stderr = os.fdopen(2, "w", closefd=False)


def replace_unencodable() -> None:
    """Print a question mark for a character that the terminal's encoding does not have."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")


def discard(stream: TextIO | None) -> None:
    """Redirect a stream to /dev/null: flushing what it still holds would fail again."""
    if stream is None:
        return
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def print_answer(sentence: object) -> None:
    """Print a sentence on standard output, unsafe characters escaped."""
    print(escaped(str(sentence)))  # noqa: T201


def print_message(sentence: object) -> None:
    """Print a sentence on standard error, unsafe characters escaped; ignore a closed one."""
    if sys.stderr is None:
        return
    try:
        print(escaped(with_program_name(str(sentence))), file=sys.stderr)  # noqa: T201
    except OSError:
        discard(sys.stderr)
