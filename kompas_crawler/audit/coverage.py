"""Comparison of what Kompas lists, day by day, with what is stored in one output directory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from kompas_crawler.archive.store import Archive
from kompas_crawler.archive.stored_days import StoredDays
from kompas_crawler.runs.log import FINAL, CrawlLog


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of the index against the archive, each article by its id.

    `missing` is neither stored nor gone nor given up, nor of another section as its page says;
    `pending` are the missing ones that the next run asks for. `unlisted` counts what is stored of
    that day and no longer on the index. A day that is not `proven` may list more than was seen.
    """

    day: date
    proven: bool
    listed: tuple[str, ...] = ()
    stored: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    given_up: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    off_section: tuple[str, ...] = ()
    unlisted: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the day as a JSON object."""
        named = {name: list(getattr(self, name)) for name in ("missing", "updated", *FINAL)}
        return {
            "day": self.day.isoformat(),
            "proven": self.proven,
            "listed": len(self.listed),
            "stored": len(self.stored),
            **named,
            "owed": list(self.pending),
            "unlisted": self.unlisted,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The days compared, newest first. An article that two days list counts once in the sums."""

    days: tuple[Day, ...]

    @property
    def not_stored(self) -> tuple[str, ...]:
        """The listed articles that are missing or given up; their pages may still exist."""
        return (*self.ids("missing"), *self.ids("given_up"))

    @property
    def proven(self) -> bool:
        return all(day.proven for day in self.days)

    def sums(self) -> dict[str, int]:
        """Return how many articles there are of each kind."""
        lists = ("listed", "stored", "missing", "updated", *FINAL)
        sums = {name: len(self.ids(name)) for name in lists} | {"owed": len(self.ids("pending"))}
        return sums | {"unlisted": sum(day.unlisted for day in self.days)}

    def ids(self, name: str) -> tuple[str, ...]:
        """Return the articles of all days that a field of `Day` names, each once."""
        return tuple(dict.fromkeys(id_ for day in self.days for id_ in getattr(day, name)))


class Comparison:
    """Compares what was listed with one output directory."""

    def __init__(self, archive: Archive, crawl_log: CrawlLog) -> None:
        self._archive = archive
        self._crawl_log = crawl_log
        self._days = StoredDays(archive)

    def coverage(
        self,
        days: Iterable[date],
        listed: Mapping[date, Collection[str]],
        proven: Collection[date],
    ) -> Coverage:
        """Return every day with the status of its articles."""
        everything = {id_ for ids in listed.values() for id_ in ids}
        return Coverage(
            days=tuple(
                self._day(day, tuple(listed.get(day, ())), everything, proven=day in proven)
                for day in days
            )
        )

    def _day(
        self, day: date, listed: tuple[str, ...], everything: set[str], *, proven: bool
    ) -> Day:
        statuses = {id_: self._status(id_) for id_ in listed}

        def ids(*wanted: str) -> tuple[str, ...]:
            return tuple(id_ for id_, status in statuses.items() if status in wanted)

        return Day(
            day=day,
            proven=proven,
            listed=listed,
            stored=ids("stored", "updated"),
            missing=ids("missing"),
            pending=tuple(id_ for id_ in ids("missing") if id_ in self._pending),
            updated=ids("updated"),
            **{name: ids(name) for name in FINAL},
            unlisted=len(self._days.on(day) - everything) if proven else 0,
        )

    def _status(self, article_id: str) -> str:
        stored = self._archive.stored(article_id)
        if stored is not None:
            return "updated" if stored.revision > 1 else "stored"
        return "missing" if article_id in self._pending else self._finals.get(article_id, "missing")

    @cached_property
    def _finals(self) -> dict[str, str]:
        """Articles that are not asked for again, by id, with the key that the latest run gave."""
        finals: dict[str, str] = {}
        for line in self._crawl_log.newest_first():
            for kind in FINAL:
                for entry in line.get(kind, ()):
                    finals.setdefault(entry["id"], kind)
        return finals

    @cached_property
    def _pending(self) -> frozenset[str]:
        return frozenset(self._crawl_log.state().pending)
