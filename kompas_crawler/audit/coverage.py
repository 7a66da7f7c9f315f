"""Comparison of what Kompas lists, day by day, with what is stored in one output directory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kompas_crawler.archive.store import Archive
from kompas_crawler.archive.stored_days import StoredDays
from kompas_crawler.runs.log import FINAL, CrawlLog

NOT_REQUESTED = (*FINAL, "withdrawn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of the index against the archive, each article by its id.

    `missing` is neither stored nor withdrawn nor gone nor given up, nor of another section;
    `pending` are the missing ones that the next run requests. `unlisted` counts what is stored of
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
    withdrawn: tuple[str, ...] = ()
    unlisted: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the day as a JSON object."""
        named = {name: list(getattr(self, name)) for name in ("missing", "updated", *NOT_REQUESTED)}
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
        lists = ("listed", "stored", "missing", "updated", *NOT_REQUESTED)
        sums = {name: len(self.ids(name)) for name in lists} | {"owed": len(self.ids("pending"))}
        return sums | {"unlisted": sum(day.unlisted for day in self.days)}

    def ids(self, name: str) -> tuple[str, ...]:
        """Return the articles of all days that a field of `Day` names, each once."""
        return tuple(dict.fromkeys(id_ for day in self.days for id_ in getattr(day, name)))


def compare(
    archive: Archive,
    crawl_log: CrawlLog,
    days: Iterable[date],
    listed: Mapping[date, Collection[str]],
    proven: Collection[date],
) -> Coverage:
    """Compare what was listed with one output directory; return every day with its articles."""
    stored_days = StoredDays(archive)
    everything = {id_ for ids in listed.values() for id_ in ids}
    pending = crawl_log.state().pending
    not_stored = _finals(crawl_log) | dict.fromkeys(pending, "missing")
    not_stored |= dict.fromkeys(archive.withdrawn, "withdrawn")
    found = []
    for day in days:
        ids = _by_status(archive, listed.get(day, ()), not_stored)
        each = Day(
            day=day,
            proven=day in proven,
            listed=tuple(listed.get(day, ())),
            stored=(*ids["stored"], *ids["updated"]),
            pending=tuple(id_ for id_ in ids["missing"] if id_ in pending),
            **{name: tuple(ids[name]) for name in ("missing", "updated", *NOT_REQUESTED)},
            unlisted=len(stored_days.on(day) - everything) if day in proven else 0,
        )
        found.append(each)
    return Coverage(days=tuple(found))


def _by_status(
    archive: Archive, listed: Iterable[str], not_stored: Mapping[str, str]
) -> Mapping[str, list[str]]:
    """Return the listed articles by the field of `Day` that they are in."""
    ids: defaultdict[str, list[str]] = defaultdict(list)
    for id_ in listed:
        if (stored := archive.stored(id_)) is None:
            ids[not_stored.get(id_, "missing")].append(id_)
        else:
            ids["updated" if stored.revision > 1 else "stored"].append(id_)
    return ids


def _finals(crawl_log: CrawlLog) -> dict[str, str]:
    """Return the articles that are not requested again, with the key that the latest run gave."""
    finals: dict[str, str] = {}
    for line in crawl_log.newest_first():
        for kind in FINAL:
            for entry in line.get(kind, ()):
                finals.setdefault(entry["id"], kind)
    return finals
