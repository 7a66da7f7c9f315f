"""The faults of the stand-in: which one is due, when, and for which address.

A schedule is a list of faults, given as Python objects or as JSON objects with the same keys. The
first fault that is due for a request happens; a request with none is answered as it should be.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from random import Random
from typing import Any

KINDS = {
    "status": "answer with `status` (default 500) and a short page",
    "unavailable": "503 with Retry-After: `retry_after` seconds, as an HTTP date if `http_date`",
    "timeout": "never answer",
    "slow": "answer after `seconds`",
    "truncated": "announce the whole length and close after half of it",
    "reset": "reset the connection",
    "challenge": "202 (or `status`, such as 403) with the challenge of a web firewall",
    "empty": "200 with no body",
    "binary": "200 text/html with bytes that are none",
    "charset": "say `charset` (default iso-8859-1) of a page that is UTF-8",
    "huge": "the page, made `megabytes` (default 10) long",
    "cut-html": "the first half of the page, as if it were whole",
    "off-site": "redirect to `location` on a host that is not Kompas's",
    "other-section": "redirect to an article of another section",
    "rename": "the page with the class of `target` renamed: title, dateline, body or item",
    "shift": "a new article appears on top of the section, then the page as it then is",
    "change": "the text of `article` (default: the one requested) changes, then the page",
    "remove": "`article` is gone from now on: `status` (default 404)",
}
RENAMED = {
    "title": ("read__title",),
    "dateline": ("read__time", "read__date", "kcm-date"),
    "body": ("read__content", "contentArticle", "kcm-read-text", "kcmread1114", "articleContent"),
    "item": ("articleItem", "article__list", "tleft"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that goes wrong.

    `match` is a shell pattern over host and target ("www.kompas.com/global?page=3", "*/read/*").
    The fault is due on those of the matching requests whose number, from 1, is in `on` (empty:
    all), if the dice say so (`probability`), and at most `times` times. Requests are numbered per
    address, or with `per` "match" over all addresses that match.
    """

    kind: str
    match: str = "*"
    on: tuple[int, ...] = ()
    per: str = "address"
    probability: float = 1.0
    times: int | None = None
    seed: int = 0
    status: int | None = None
    retry_after: int = 1
    http_date: bool = False
    seconds: float = 1.0
    charset: str = "iso-8859-1"
    megabytes: int = 10
    location: str = "https://iklan.example/"
    target: str = "title"
    article: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no fault is called {self.kind!r}; there are {', '.join(KINDS)}")
        if self.kind == "rename" and self.target not in RENAMED:
            raise ValueError(f"a rename's target is one of {', '.join(RENAMED)}")


def read_faults(text: str) -> tuple[Fault, ...]:
    """Return the faults of a JSON list; ValueError says what is wrong with it.

    >>> read_faults('[{"kind": "status", "match": "*page=2", "on": [1]}]')[0].on
    (1,)
    """
    rows = json.loads(text)
    if not isinstance(rows, list):
        raise ValueError("a schedule is a list of faults")  # noqa: TRY004 - of what was sent
    return tuple(_fault(row) for row in rows)


def _fault(row: Mapping[str, Any]) -> Fault:
    known = {field.name for field in fields(Fault)}
    if unknown := set(row) - known:
        raise ValueError(f"a fault has no {', '.join(sorted(unknown))}")
    given: dict[str, Any] = dict(row)
    if "on" in given:
        given["on"] = tuple(given["on"])
    return Fault(**given)


class Schedule:
    """The faults of a run, and how often each has been due."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self.replace(faults)

    def replace(self, faults: Iterable[Fault]) -> None:
        """Put other faults in place of these; all counts begin again."""
        self.faults = tuple(faults)
        self._asked: list[Counter[str]] = [Counter() for _ in self.faults]
        self._happened = [0] * len(self.faults)
        self._dice = [Random(fault.seed) for fault in self.faults]

    def due(self, address: str) -> Fault | None:
        """Return what goes wrong with this request, which is counted, or None."""
        due = [
            place
            for place, fault in enumerate(self.faults)
            if fnmatchcase(address, fault.match) and self._is_due(place, fault, address)
        ]
        if not due:
            return None
        self._happened[due[0]] += 1
        return self.faults[due[0]]

    def _is_due(self, place: int, fault: Fault, address: str) -> bool:
        asked = self._asked[place]
        key = address if fault.per == "address" else ""
        asked[key] += 1
        if fault.on and asked[key] not in fault.on:
            return False
        if fault.times is not None and self._happened[place] >= fault.times:
            return False
        return fault.probability >= 1 or self._dice[place].random() < fault.probability
