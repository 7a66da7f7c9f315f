"""What runs have proven of some days: which are complete and by which runs, and what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from kompas_crawler.runs.intervals import DAY, Interval, grouped, without
from kompas_crawler.runs.log import GIVEN_UP, CrawlLog
from kompas_crawler.urls import article_id, day_of

# A day is complete despite a shorter stretch that no run has listed: lists are by the minute.
SHORTEST_GAP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageProof:
    """What is proven of the days from `first` to `last`, in WIB.

    `complete` maps each complete day to the runs that listed some of it; `gaps` are the stretches
    that no run has listed. The articles are ids of these days that are not stored: `given_up` after
    several tries, `pending` for the next run, `gone` from the site.
    """

    first: date
    last: date
    complete: Mapping[date, tuple[str, ...]]
    gaps: tuple[Interval, ...]
    given_up: tuple[str, ...]
    pending: tuple[str, ...]
    gone: tuple[str, ...]

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def to_dict(self) -> dict[str, Any]:
        """Return the proof as JSON holds it; neighbouring days of the same runs are one entry."""
        return {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "days": self.days,
            "days_complete": len(self.complete),
            "complete": [
                {"first": first.isoformat(), "last": last.isoformat(), "runs": list(runs)}
                for first, last, runs in self._stretches()
            ],
            "gaps": [gap.to_list() for gap in self.gaps],
            "given_up": list(self.given_up),
            "pending": list(self.pending),
            "gone": list(self.gone),
        }

    def _stretches(self) -> list[tuple[date, date, tuple[str, ...]]]:
        def follows(day: date, other: date) -> bool:
            return other - day == DAY and self.complete[other] == self.complete[day]

        stretches = grouped(sorted(self.complete), follows)
        return [(days[0], days[-1], self.complete[days[0]]) for days in stretches]


def proof(
    first: date, last: date, crawl_log: CrawlLog, now: datetime, is_stored: Callable[[str], bool]
) -> CoverageProof:
    """Return what the runs of an output directory have proven of some days, both ends included.

    A day is complete when it is over and has no gap of a minute.
    """
    state = crawl_log.state(now)
    whole = Interval(Interval.of_day(first).since, Interval.of_day(last).until)
    left = without([whole], state.coverage)
    gaps = tuple(gap for gap in left if gap.until - gap.since >= SHORTEST_GAP)
    incomplete = {day for gap in gaps for day in gap.days()}
    complete: dict[date, list[str]] = {
        day: [] for day in reversed([*whole.days()]) if day not in incomplete
    }
    given_up: set[str] = set()
    gone: set[str] = set()
    for line in crawl_log.of_section():
        for day in _days_listed(line, whole) & complete.keys():
            complete[day].append(str(line["crawl"]))
        given_up.update(entry["id"] for entry in line.get(GIVEN_UP, ()))
        gone.update(entry["id"] for entry in line.get("gone", ()))

    def missing(ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(id for id in sorted(ids) if _lies_in(id, first, last) and not is_stored(id))

    return CoverageProof(
        first=first,
        last=last,
        complete={day: tuple(reversed(runs)) for day, runs in complete.items()},
        gaps=gaps,
        given_up=missing(given_up - state.pending.keys() - gone),
        pending=missing(state.pending.keys() - gone),
        gone=missing(gone),
    )


def nothing_proven(first: date, last: date) -> CoverageProof:
    """Return the proof of days of which no run has listed anything."""
    gap = Interval(Interval.of_day(first).since, Interval.of_day(last).until)
    return CoverageProof(
        first=first, last=last, complete={}, gaps=(gap,), given_up=(), pending=(), gone=()
    )


def _days_listed(line: Mapping[str, Any], whole: Interval) -> set[date]:
    """Return the days within a stretch of which a run has listed something."""
    covered = (Interval.from_list(ends) for ends in line.get("covered", ()))
    within = (
        Interval(max(each.since, whole.since), min(each.until, whole.until))
        for each in covered
        if each.since < whole.until and each.until > whole.since
    )
    return {day for each in within for day in each.days()}


def _lies_in(id: str, first: date, last: date) -> bool:
    """Return whether an id is of one of the days; an id edited by hand may be of none."""
    return article_id(id) == id and first <= day_of(id) <= last
