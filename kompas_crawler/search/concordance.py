"""Concordance (KWIC): every hit of a query with the text to its left and right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kompas_crawler.search.selection import Query, composed, folded

WIDTH = 40  # characters on each side of a hit


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A hit in the title or the text of an article, with its context."""

    id: str
    published_at: str
    place: str | None
    sources: tuple[str, ...]
    part: str
    left: str
    hit: str
    right: str


def lines(record: Mapping[str, Any], words: Query, width: int = WIDTH) -> Iterator[Line]:
    """Yield the hits of an article, with `width` characters on each side of them.

    >>> record = {"id": "1", "published_at": "2026-11-22", "place": None, "sources": []}
    >>> record |= {"title": "Kapal", "text": "Ia menemukan kapal."}
    >>> [(line.part, line.left, line.hit) for line in lines(record, Query.parse("temu"), 3)]
    [('text', 'Ia ', 'menemukan')]
    """
    for part in ("title", "text"):
        whole = " ".join(composed(record[part]).split())
        for begin, end, _ in words.hits(whole):
            yield Line(
                id=record["id"],
                published_at=record["published_at"],
                place=record["place"],
                sources=tuple(record["sources"]),
                part=part,
                left=whole[max(0, begin - width) : begin],
                hit=whole[begin:end],
                right=whole[end : end + width],
            )


#: What hits are sorted by, by the name of the order; words to the left count from the nearest.
ORDERS: Mapping[str, Callable[[Line], Any]] = {
    "left": lambda line: (folded(line.left).split()[::-1], folded(line.hit)),
    "right": lambda line: (folded(line.right).split(), folded(line.hit)),
    "date": lambda line: (datetime.fromisoformat(line.published_at), line.id),
}
