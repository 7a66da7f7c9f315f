"""Terminal output of articles and moments; unsafe characters are replaced."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NoReturn

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import Progress, ProgressColumn
from rich.segment import Segment
from rich.text import Text

from kompas_crawler.characters import UNSAFE, replaced
from kompas_crawler.timezones import ZONES

MAX_WIDTH = 88  # columns; longer lines tire the eye
_UNBROKEN = 200

_ZONE_NAMES = {zone.utcoffset(None): name for name, zone in ZONES.items()}


def json_text(value: Any, *, indent: int | None = None) -> str:
    """Return the value as JSON, on one line without `indent`.

    What would command a terminal is escaped, and so is what standard output cannot encode.
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    safe = text if text.isprintable() else UNSAFE.sub(_escaped, text)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        safe.encode(encoding)
    except UnicodeEncodeError:
        return json.dumps(value, indent=indent)
    return safe


def moment_text(moment: datetime) -> str:
    """Return a moment in words, in its own time zone.

    >>> moment_text(datetime.fromisoformat("2021-08-26T16:22:26+07:00"))
    'Thursday, 26 August 2021, 16:22 WIB'
    """
    offset = moment.utcoffset()
    zone = _ZONE_NAMES.get(offset) if offset is not None else None
    return (
        f"{moment:%A}, {moment.day} {moment:%B %Y, %H:%M} {zone or moment.tzname() or ''}".strip()
    )


class SafeConsole(Console):
    """A console that prints U+FFFD in place of control characters."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(replaced(segment.text), segment.style)


class Terminal(SafeConsole):
    """A console that raises BrokenPipeError, so that the command can handle it."""

    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError


def console(most: int | None = None) -> Console:
    """Return the console of standard output, at most so many columns wide.

    Without a terminal and a limit, lines are not wrapped, so that grep finds whole ones.
    """
    made = Terminal(highlight=False, markup=False, emoji=False)
    if most:
        made.width = min(made.width, most)
    elif not made.is_terminal:
        made.width = _UNBROKEN
    return made


def progress_bar(*columns: ProgressColumn | str) -> Progress:
    """Return a bar of these columns on standard error, which only a terminal shows."""
    stderr = SafeConsole(stderr=True)
    return Progress(*columns, console=stderr, transient=True, disable=not stderr.is_terminal)


def print_wrapped(out: Console, text: Text, indent: str = "", first: str | None = None) -> None:
    """Print a text as lines that fit, `first` before the first and `indent` before the others.

    A word that is longer than a line stays whole, so that an address can be copied.
    """
    before = indent if first is None else first
    for whole in text.split("\n"):
        for line in whole.divide(_breaks(whole.plain, out.width - len(indent))):
            line.rstrip()
            out.print(Text(before) + line, soft_wrap=True)
            before = indent


def _breaks(text: str, width: int) -> list[int]:
    """Return where a text continues in the next line of this width.

    >>> _breaks("Judul yang panjang", 10)
    [11]
    """
    breaks, filled = [], 0
    for word in re.finditer(r"\S+\s*", text):
        if filled and filled + cell_len(word[0].rstrip()) > width:
            breaks.append(word.start())
            filled = 0
        filled += cell_len(word[0])
    return breaks


def _escaped(found: re.Match[str]) -> str:
    return found[0] if found[0] == "\n" else json.dumps(found[0])[1:-1]
