"""Intervals of time: union and difference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from kompas_crawler.timezones import WIB

# Intervals this close are one: a run's start and its first request are not the same moment.
GAP_TOLERANCE = timedelta(seconds=1)

DAY = timedelta(days=1)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """An interval of time, both ends included and with a zone."""

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        if self.since.tzinfo is None or self.until.tzinfo is None:
            raise ValueError(f"an end without a zone: {self}")
        if self.since > self.until:
            raise ValueError(f"an interval that ends before it begins: {self}")

    def to_list(self) -> list[str]:
        return [moment.astimezone(WIB).isoformat() for moment in (self.since, self.until)]

    @classmethod
    def from_list(cls, ends: Iterable[str]) -> Interval:
        return cls(*(datetime.fromisoformat(end) for end in ends))

    @classmethod
    def of_day(cls, day: date, now: datetime | None = None) -> Interval:
        """Return a day in WIB, as far as it has passed; the whole day without `now`."""
        begin = datetime.combine(day, time.min, WIB)
        return cls(begin, max(begin, min(begin + DAY, now or begin + DAY)))

    def days(self) -> Iterator[date]:
        """Return the days in WIB that the interval touches, newest first."""
        first = self.since.astimezone(WIB).date()
        last = (self.until.astimezone(WIB) - timedelta(microseconds=1)).date()
        return days_back(max(first, last), first)


def grouped(things: Iterable[T], follows: Callable[[T, T], bool]) -> list[list[T]]:
    """Return things in groups in which each one follows the one before it.

    >>> grouped([1, 2, 5, 6, 7], lambda one, other: other == one + 1)
    [[1, 2], [5, 6, 7]]
    """
    found: list[list[T]] = []
    for thing in things:
        if found and follows(found[-1][-1], thing):
            found[-1].append(thing)
        else:
            found.append([thing])
    return found


def days_back(last: date, first: date) -> Iterator[date]:
    """Yield the days from `last` back to `first`, none if it is later."""
    for age in range((last - first).days + 1):
        yield last - timedelta(days=age)


def merged(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return the union of intervals in as few as possible, oldest first.

    >>> day = [datetime(2026, 11, d, tzinfo=WIB) for d in range(1, 6)]
    >>> [(i.since.day, i.until.day) for i in merged(
    ...     [Interval(day[3], day[4]), Interval(day[0], day[1]), Interval(day[1], day[2])])]
    [(1, 3), (4, 5)]
    """
    found: list[Interval] = []
    for interval in sorted(intervals):
        if found and interval.since <= found[-1].until + GAP_TOLERANCE:
            found[-1] = Interval(found[-1].since, max(found[-1].until, interval.until))
        else:
            found.append(interval)
    return tuple(found)


def without(wanted: Iterable[Interval], proven: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return the wanted time that is not proven, oldest first, without gaps in `GAP_TOLERANCE`.

    >>> day = [datetime(2026, 11, d, tzinfo=WIB) for d in range(1, 6)]
    >>> [(i.since.day, i.until.day) for i in without(
    ...     [Interval(day[0], day[4])], [Interval(day[1], day[2])])]
    [(1, 2), (3, 5)]
    """
    left = list(merged(wanted))
    for part in proven:
        left = [piece for each in left for piece in _cut(each, part)]
    return tuple(each for each in left if each.until - each.since > GAP_TOLERANCE)


def _cut(interval: Interval, part: Interval) -> Iterator[Interval]:
    if part.until <= interval.since or part.since >= interval.until:
        yield interval
        return
    if interval.since < part.since:
        yield Interval(interval.since, part.since)
    if part.until < interval.until:
        yield Interval(part.until, interval.until)
