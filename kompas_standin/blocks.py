"""The blocks of a stand-in article, and which of them belong to the article's text.

A page is drawn from these pieces by `templates`, and the truth of its record is read from the same
pieces by `site`: that is why the two can be compared.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from random import Random

HEADINGS = frozenset({"h2", "h3", "h2-strong", "bold"})
PROSE = HEADINGS | {"p", "quote"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stretch of a paragraph; `kind` is "", "em", "tag", "pointer", "outbound" or "break"."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """Another article, as a link names it."""

    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    url: str
    caption: str | None
    credit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A tweet, an Instagram post or a video; `kind` as in the record."""

    kind: str
    url: str
    text: str | None
    author: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One child of the body.

    `kind` is one of PROSE, "list", "numbers", "table", "related", "photo", "embed" or "furniture";
    `form` chooses among the ways in which Kompas prints it; `tail` is furniture glued to its end.
    """

    kind: str
    runs: tuple[Run, ...] = ()
    items: tuple[tuple[str, ...], ...] = ()
    link: Pointer | None = None
    photo: Photo | None = None
    post: Post | None = None
    form: str = ""
    tail: str = ""

    def texts(self) -> tuple[str, ...]:
        """Return the blocks of the record's text that this makes: none for furniture."""
        if self.kind in PROSE:
            return (plain(self.runs),)
        return tuple(" | ".join(cells) for cells in self.items)


def squeeze(text: str) -> str:
    """Return the text with every run of white space, NBSP included, as one space."""
    return " ".join(text.split())


def plain(runs: tuple[Run, ...]) -> str:
    return squeeze("".join(run.text for run in runs))


def words(text: str) -> tuple[Run, ...]:
    """Return runs of a text whose italics stand between asterisks.

    >>> [(run.kind, run.text) for run in words("dari *Selat Times,* kata")]
    [('', 'dari '), ('em', 'Selat Times,'), ('', ' kata')]
    """
    parts = text.split("*")
    return tuple(
        Run(text=part, kind="em" if number % 2 else "") for number, part in enumerate(parts) if part
    )


@lru_cache(maxsize=1024)
def _any_of(tags: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(tags, key=len, reverse=True)
    return re.compile(rf"(?<!\w)({'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)


class TagLinks:
    """Kompas's automatic keyword links: the first two places of each tag in an article."""

    def __init__(self, tags: tuple[str, ...], dice: Random) -> None:
        self._pattern = _any_of(tags)
        self._dice = dice
        self._seen: Counter[str] = Counter()

    def link(self, runs: tuple[Run, ...]) -> tuple[Run, ...]:
        linked: list[Run] = []
        for run in runs:
            linked += [run] if run.kind else self._split(run.text)
        return tuple(linked)

    def _split(self, text: str) -> list[Run]:
        runs: list[Run] = []
        start = 0
        for match in self._pattern.finditer(text):
            tag = match[0].lower()
            self._seen[tag] += 1
            if self._seen[tag] > 2:
                continue
            end = match.end()
            # 13 of the 147 pages have the space inside the link instead of after it.
            if text[end : end + 1] == " " and self._dice.random() < 0.06:
                end += 1
            runs += [
                Run(text=text[start : match.start()]),
                Run(text=text[match.start() : end], kind="tag"),
            ]
            start = end
        return [run for run in (*runs, Run(text=text[start:])) if run.text]
