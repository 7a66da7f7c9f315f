"""How do the commands that only read the archive end: with an answer, or in one sentence?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kompas_crawler.archive import Archive
from kompas_crawler.commandline import ArchiveCommand
from kompas_crawler.errors import BadArgument
from kompas_crawler.streams import say

DONE = 0
NOTHING_FOUND = 23  # not 1, with which Python ends when a program breaks


class ReadingCommand(ArchiveCommand):
    """A command that answers from the archive: 0 done, 2 refused, 23 nothing found."""


@contextmanager
def archive_below(root: Path, *, may_lack: bool = False) -> Iterator[Archive]:
    """Give the archive below a directory to read; say in the end which lines of it nobody can read.

    Raises `BadArgument` when nothing was ever stored there, unless that `may_lack`.
    """
    if not may_lack and not (root / "articles").is_dir():
        raise BadArgument(f"{root} holds no articles: `scrapy crawl international` collects some")
    with Archive(root, read_only=True) as archive:
        yield archive
        if number := archive.spoiled():
            say(f"Stored lines that hold no record: {number} left out; `scrapy verify` says more.")


def read_count(name: str, text: str) -> int:
    """Return the number that was typed; `BadArgument` unless it is a whole one from 1 on."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) > 0):
        raise BadArgument(f"{name}={text!r} is no number from 1 on")
    return int(text)
