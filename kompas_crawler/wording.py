"""Counts, durations, times and paths as texts for people."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from kompas_crawler.timezones import WIB


def number_of(count: int, thing: str) -> str:
    """Return a count with its noun, in the plural where it needs one.

    >>> number_of(1, "list"), number_of(1200, "list"), number_of(2, "day")
    ('1 list', '1,200 lists', '2 days')
    """
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def duration(time: timedelta) -> str:
    """Return a duration in its two largest units.

    >>> [duration(timedelta(seconds=s)) for s in (5, 59, 150, 7300, 200_000)]
    ['5 s', '59 s', '2 min 30 s', '2 h 1 min', '2 d 7 h']
    """
    seconds = round(time.total_seconds())
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    for (name, size), (smaller, less) in pairwise(units):
        if seconds >= size:
            rest = seconds % size // less
            return f"{seconds // size} {name}" + (f" {rest} {smaller}" if rest else "")
    return f"{seconds} s"


def moment_in_words(moment: datetime) -> str:
    """Return a time in WIB, to the minute.

    >>> moment_in_words(datetime.fromisoformat("2026-11-23T05:00:00+00:00"))
    '23 November 2026, 12:00 WIB'
    """
    local = moment.astimezone(WIB)
    return f"{local.day} {local:%B %Y, %H:%M} WIB"


def sentence(words: str) -> str:
    """Return words as a sentence: a capital at the start, one full stop at the end.

    >>> sentence("no answer from Kompas")
    'No answer from Kompas.'
    """
    return f"{words[:1].upper()}{words[1:]}".rstrip(".") + "."


def shown_path(path: Path) -> str:
    """Return a path relative to the working directory where it lies below it, else as it is.

    >>> shown_path(Path.cwd() / "output"), shown_path(Path("/var/lib/kompas"))
    ('output', '/var/lib/kompas')
    """
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
