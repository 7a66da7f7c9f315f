"""Standard input, output and error: safe printing, closed streams and failed writes."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from typing import TextIO

from kompas_crawler.characters import escaped
from kompas_crawler.errors import StorageFailed

_COMMAND = re.compile(r"\bscrapy (?=[a-z])")


def program_name() -> str:
    """Return by which name this program was started: `scrapy`, or `kompas` outside a checkout."""
    return os.environ.get("KOMPAS_PROGRAM", "scrapy")


def with_program_name(text: str) -> str:
    """Return a text whose commands begin with the name of the program.

    >>> with_program_name("scrapy report shows what you have")
    'scrapy report shows what you have'
    """
    return _COMMAND.sub(f"{program_name()} ", text)


def open_missing_streams() -> None:
    """Open /dev/null in the place of a standard stream that was closed.

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


def check_output() -> None:
    """Raise `StorageFailed` when standard output is closed: nothing could be printed."""
    if sys.stdout is None:
        raise StorageFailed("Standard output is closed: nothing can be printed.")


def replace_unencodable() -> None:
    """Let a character that the terminal's encoding lacks become a question mark."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")


def flush_output() -> None:
    """Print what is still held back; raise `StorageFailed` when there is no room for it.

    Raises BrokenPipeError when the reader has gone, as `head` does when it has seen enough.
    """
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StorageFailed(f"Standard output: {error.strerror}.") from error


def discard(stream: TextIO | None) -> None:
    """Let nothing more reach a stream: what it still holds cannot be written, and would be told."""
    if stream is None:
        return
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def discard_output() -> None:
    """Let nothing more reach standard output."""
    discard(sys.stdout)


def print_answer(sentence: object) -> None:
    """Print a sentence on standard output; it commands no terminal."""
    print(escaped(str(sentence)))  # noqa: T201


def print_message(sentence: object) -> None:
    """Print a sentence on standard error, if that is open and takes it; it commands no terminal."""
    if sys.stderr is None:
        return
    try:
        print(escaped(with_program_name(str(sentence))), file=sys.stderr)  # noqa: T201
    except OSError:
        discard(sys.stderr)
