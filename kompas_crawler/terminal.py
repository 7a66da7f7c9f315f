"""How do an article's words and moments reach a terminal, and command it to nothing?"""

from __future__ import annotations

import json
import re
import sys
from datetime import datetime
from typing import Any, NoReturn

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from kompas_crawler.datelines import ZONES

MEASURE = 88  # columns; longer lines tire the eye

_ZONE_NAMES = {zone.utcoffset(None): name for name, zone in ZONES.items()}

# Control characters (C0, DEL, C1), the marks that turn the direction of a line around, line ends
# of Unicode, and halves of surrogate pairs, which no terminal can show.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def plain(text: str) -> str:
    r"""Return the text on one line, with U+FFFD where it holds what would command a terminal.

    >>> plain("Judul" + chr(27) + "[2J  dua\nbaris")
    'Judul�[2J dua baris'
    """
    return safe(" ".join(text.split()))


def safe(text: str) -> str:
    """Return the text, its spaces as they are, with U+FFFD for what would command a terminal."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text)


def json_text(value: Any, *, indent: int | None = None) -> str:
    """Return the value as JSON, on one line without `indent`.

    What would command a terminal is escaped, and so is what standard output cannot encode.
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    safe = _UNSAFE.sub(lambda found: found[0] if found[0] == "\n" else _escaped(found), text)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        safe.encode(encoding)
    except UnicodeEncodeError:
        return json.dumps(value, indent=indent)
    return safe


def in_words(moment: datetime) -> str:
    """Return a moment as people in its zone say it.

    >>> in_words(datetime.fromisoformat("2021-08-26T16:22:26+07:00"))
    'Thursday, 26 August 2021, 16:22 WIB'
    """
    offset = moment.utcoffset()
    zone = _ZONE_NAMES.get(offset) if offset is not None else None
    return (
        f"{moment:%A}, {moment.day} {moment:%B %Y, %H:%M} {zone or moment.tzname() or ''}".strip()
    )


class Terminal(Console):
    """A console that lets its command decide what a reader who has gone means."""

    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError


def page() -> Console:
    """Return the console of standard output, no wider than is good to read."""
    made = Terminal(highlight=False, markup=False, emoji=False, soft_wrap=False)
    made.width = min(made.width, MEASURE)
    return made


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
    """Return where a text goes on in the next line of this width.

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


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
