"""What commands that read the archive share: filters, and the archive opened for reading."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from kompas_crawler.archive.store import Archive
from kompas_crawler.characters import plain
from kompas_crawler.cli.archive_command import byte_progress
from kompas_crawler.cli.streams import print_message
from kompas_crawler.errors import BadArgument
from kompas_crawler.runs.periods import FIRST_DAY, read_period
from kompas_crawler.search.fulltext import FullText
from kompas_crawler.search.selection import Selection
from kompas_crawler.urls import article_id

_NAMES = {
    "source": "AFP",
    "place": "MOSKWA",
    "tag": "Rusia",
    "author": "Danur Lambang",
    "section": "Global",
}

#: The options that select articles; `read_filters` reads them.
FILTERS: Mapping[str, str | Mapping[str, Any]] = {
    "--since WHEN": "published then or later: 2026-11-20, 36h, 2w",
    "--until WHEN": "published then or earlier",
    **{
        f"--{kind} NAME": {"action": "append", "help": f"only this {kind}, for example {example!r}"}
        for kind, example in _NAMES.items()
    },
}


def read_filters(opts: argparse.Namespace, now: datetime) -> Selection:
    """Return the selection that the options of `FILTERS` describe; raise BadArgument."""
    names = {
        kind: tuple(" ".join(name.split()) for name in getattr(opts, kind) or ()) for kind in _NAMES
    }
    for kind, given in names.items():
        if not all(given):
            raise BadArgument(f"{kind} is empty: name one, or leave it out")
    if opts.since is None and opts.until is None:
        return Selection(names=names)
    period = read_period(opts.since, opts.until, now, default_since=f"{FIRST_DAY}")
    return Selection(period=period, names=names)


@contextmanager
def open_archive(
    root: Path, *, may_be_missing: bool = False, to_search: bool = False
) -> Iterator[Archive]:
    """Open the archive below a directory for reading; at the end, report unreadable lines.

    Raises `BadArgument` when nothing was ever stored there, unless that `may_be_missing`.
    """
    if not may_be_missing and not (root / "articles").is_dir():
        raise BadArgument(f"{root} holds no articles: `scrapy crawl international` collects some")
    with Archive(root, read_only=True, to_search=to_search) as archive:
        yield archive
        for reason in archive.left_out:
            print_message(f"Left out: {reason}")
        if number := archive.spoiled():
            print_message(
                f"Stored lines that hold no record: {number} left out; `scrapy verify` says why."
            )


def read_id(text: str) -> str:
    """Return the id of an article that is given by its id or address; raise `BadArgument`."""
    if (found := article_id(text)) is None:
        raise BadArgument(
            f"{plain(text[:120])!r} is no id and no address of an article of Kompas.com: give an id"
            " such as 2021/08/26/162226370, or its address"
        )
    return found


def read_count(name: str, text: str) -> int:
    """Return a whole number of at least 1; raise `BadArgument` for any other text."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) > 0):
        raise BadArgument(f"{name}={text!r} is no whole number from 1")
    return int(text)


def bring_up_to_date(index: FullText) -> None:
    """Make new articles searchable; a terminal shows the progress."""
    with byte_progress("Reading new articles", index.unread()) as advance:
        index.refresh(advance)
