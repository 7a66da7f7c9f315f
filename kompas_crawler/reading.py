"""How do the commands that only read the archive end: with an answer, or in one sentence?"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from kompas_crawler.archive import Archive
from kompas_crawler.commandline import BAD_ARGUMENT, ArchiveCommand, told
from kompas_crawler.errors import BadArgument, MissingPackage

DONE = 0
NOTHING_FOUND = 23  # not 1, with which Python ends when a program breaks
STOPPED = 130  # as a shell reports Ctrl-C


class ReadingCommand(ArchiveCommand):
    """A command that answers from the archive: 0 done, 2 refused, 23 nothing found."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            super().run(args, opts)
            sys.stdout.flush()
        except MissingPackage as missing:
            self.exitcode = told(missing, BAD_ARGUMENT)
        except KeyboardInterrupt:
            self.exitcode = STOPPED
        except BrokenPipeError:  # `| head` has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def archive_below(root: Path) -> Archive:
    """Return the archive below a directory; `BadArgument` when nothing was ever stored there."""
    if not (root / "articles").is_dir():
        raise BadArgument(f"{root} holds no articles: `scrapy crawl international` collects some")
    return Archive(root)


def refuse_unknown_options(args: list[str]) -> None:
    """Raise `BadArgument` for an option that Scrapy's parser has handed on as it is."""
    for arg in args:
        if arg.startswith("-"):
            raise BadArgument(f"there is no option {arg}: -h lists those there are")


def read_count(name: str, text: str) -> int:
    """Return the number that was typed; `BadArgument` unless it is a whole one from 1 on."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) > 0):
        raise BadArgument(f"{name}={text!r} is no number from 1 on")
    return int(text)
