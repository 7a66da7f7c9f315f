r"""Characters that control a terminal or hide what a line says, and how output replaces them.

They are control characters (C0, DEL, C1), marks that turn the direction of a line, line ends of
Unicode, the byte order mark, tags (U+E0000 to U+E007F) and halves of surrogate pairs. All output
for people passes one of the functions below; stored text of articles is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
_LINE_ENDS = re.compile("[\t\r\n]")


def plain(text: str) -> str:
    r"""Return the text on one line, with U+FFFD for each unsafe character.

    >>> plain("Judul" + chr(27) + "[2J  dua\nbaris")
    'Judul�[2J dua baris'
    """
    return replaced(" ".join(text.split()))


def replaced(text: str) -> str:
    """Return the text with U+FFFD for each unsafe character; newlines stay."""
    return text if text.isprintable() else UNSAFE.sub(_replaced, text)


def _replaced(found: re.Match[str]) -> str:
    return found[0] if found[0] == "\n" else "\N{REPLACEMENT CHARACTER}"


def escaped(text: str) -> str:
    r"""Return the text with unsafe characters as Python escapes; further lines are indented.

    So no line of foreign text can look like the beginning of a log entry.

    >>> print(escaped("Judul\x1b[2J\u202e\nERROR"))
    Judul\x1b[2J\u202e
        ERROR
    """
    return text if text.isprintable() else UNSAFE.sub(_as_python, text)


def _as_python(found: re.Match[str]) -> str:
    character = found[0]
    if character == "\n":
        return "\n    "
    return character if character == "\t" else character.encode("unicode_escape").decode()


def percent_encoded(address: str) -> str:
    r"""Return an address as a browser requests it: unsafe characters percent-encoded, no line ends.

    >>> percent_encoded("https://foto.example/\u202egnp.jpg\n")
    'https://foto.example/%E2%80%AEgnp.jpg'
    """
    if address.isprintable():
        return address
    return UNSAFE.sub(
        lambda found: quote(found[0], safe="", errors="surrogatepass"),
        _LINE_ENDS.sub("", address),
    )


def in_all(value: Any, change: Callable[[str], str]) -> Any:
    """Return a JSON value with `change` applied to every string in it, keys included."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {in_all(key, change): in_all(inner, change) for key, inner in value.items()}
    return [in_all(each, change) for each in value] if isinstance(value, list | tuple) else value
