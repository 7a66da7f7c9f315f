"""What do the articles of an archive add up to? One pass, nothing drawn."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, TypeVar

from kompas_crawler.datelines import WIB

#: What a page of Kompas may lack, in the order of the record.
OPTIONAL = (
    "section",
    "updated_at",
    "dateline",
    "place",
    "authors",
    "editors",
    "sources",
    "description",
    "subheadings",
    "tags",
    "related",
    "images",
    "embeds",
)

#: How long after publication an article changed: the upper ends, in hours; above the last, longer.
DELAYS = (1, 6, 24, 7 * 24, 30 * 24)

BIN = 50  # words
BINS = 40  # of 50 words; longer articles are in the last one

# Tags kept of one month: what is rare in every month is not among the most frequent of all.
TAGS_A_MONTH = 300

T = TypeVar("T")


@dataclass(slots=True)
class Tally:
    """What the articles add up to, each counted once, as its last revision has it.

    Days and hours are those of Jakarta (WIB).
    """

    articles: int = 0
    broken: int = 0
    invented: int = 0
    words: int = 0
    duplicates: int = 0
    days: Counter[date] = field(default_factory=Counter)
    hours: Counter[int] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    places: Counter[str] = field(default_factory=Counter)
    authors: Counter[str] = field(default_factory=Counter)
    tags: Counter[str] = field(default_factory=Counter)
    tags_by_month: dict[date, Counter[str]] = field(default_factory=dict)
    lengths: Counter[int] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    revisions: Counter[int] = field(default_factory=Counter)
    delays: Counter[int] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    layouts: Counter[str] = field(default_factory=Counter)

    def add_month(
        self, records: Iterable[Mapping[str, Any]], invented_runs: frozenset[str] = frozenset()
    ) -> None:
        """Count the records of one month; an id is in one month only, its last line is valid."""
        latest: dict[str, dict[str, Any]] = {}
        for record in records:
            latest[str(record.get("id"))] = {k: v for k, v in record.items() if k != "text"}
        tags: defaultdict[date, Counter[str]] = defaultdict(Counter)
        for record in latest.values():
            try:
                self._add(record, tags)
                self.invented += record.get("crawl") in invented_runs
            except (KeyError, TypeError, ValueError):
                self.broken += 1
        for month, counts in tags.items():
            kept = self.tags_by_month.setdefault(month, Counter())
            kept.update(dict(counts.most_common(TAGS_A_MONTH)))

    def _add(self, record: Mapping[str, Any], tags: Mapping[date, Counter[str]]) -> None:
        published = datetime.fromisoformat(record["published_at"])
        moment = published.astimezone(WIB)
        updated = record["updated_at"]
        delay = datetime.fromisoformat(updated) - published if updated else None
        words = int(record["word_count"])
        self.articles += 1
        self.days[moment.date()] += 1
        self.hours[moment.hour] += 1
        self.words += words
        self.lengths[min(words // BIN, BINS - 1)] += 1
        self.revisions[record["revision"]] += 1
        self.layouts[record["layout"]] += 1
        self.duplicates += record["duplicate_of"] is not None
        if delay is not None:
            self.delays[_delay_class(delay)] += 1
        self.filled.update(name for name in OPTIONAL if record[name])
        self._add_names(record)
        tags[moment.date().replace(day=1)].update(record["tags"])

    def _add_names(self, record: Mapping[str, Any]) -> None:
        self.sources.update(record["sources"])
        self.authors.update(record["authors"])
        self.tags.update(record["tags"])
        self.warnings.update(record["warnings"])
        if record["place"]:
            self.places[record["place"]] += 1

    @property
    def first_day(self) -> date | None:
        return min(self.days, default=None)

    @property
    def last_day(self) -> date | None:
        return max(self.days, default=None)


def tally(
    months: Iterable[Iterable[Mapping[str, Any]]], invented_runs: frozenset[str] = frozenset()
) -> Tally:
    """Return what the records add up to, given month by month."""
    counted = Tally()
    for records in months:
        counted.add_month(records, invented_runs)
    return counted


def _delay_class(delay: timedelta) -> int:
    """Return the place in `DELAYS` of a time between publication and change.

    >>> _delay_class(timedelta(minutes=20)), _delay_class(timedelta(hours=6)), len(DELAYS)
    (0, 1, 5)
    >>> _delay_class(timedelta(days=400))
    5
    """
    hours = delay / timedelta(hours=1)
    return next((i for i, end in enumerate(DELAYS) if hours <= end), len(DELAYS))


def median_length(lengths: Mapping[int, int]) -> int:
    """Return the middle of the bin of words in which the middle article lies; 0 of none.

    >>> median_length({2: 3, 6: 1})
    125
    """
    half, seen = sum(lengths.values()) / 2, 0
    for number in sorted(lengths):
        seen += lengths[number]
        if seen >= half:
            return number * BIN + BIN // 2
    return 0


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of the calendar: its articles, and the share of it (0 to 1) that is proven."""

    day: date
    articles: int
    proven: float


def calendar(days: Mapping[date, int], proven: Mapping[date, float], today: date) -> list[Cell]:
    """Return every day of the years that hold an article or a proof.

    The first year begins with its first month that holds one, the last one ends today.
    """
    known = sorted({*days, *proven})
    if not known:
        return []
    begin, end = known[0].replace(day=1), max(today, known[-1])
    return [
        Cell(day, days.get(day, 0), proven.get(day, 0.0))
        for year in sorted({day.year for day in known})
        for day in _days_between(max(begin, date(year, 1, 1)), min(date(year, 12, 31), end))
    ]


def _days_between(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def shades(counts: Iterable[int], number: int = 5) -> list[int]:
    """Return the least counts of the shades above the first, so that each shade gets its share.

    >>> shades([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    [3, 5, 7, 9]
    >>> shades([4, 4, 4]), shades([])
    ([], [])
    """
    ordered = sorted(count for count in counts if count)
    if not ordered:
        return []
    bounds = (ordered[len(ordered) * part // number] for part in range(1, number))
    return sorted({bound for bound in bounds if bound > ordered[0]})


def shade(count: int, bounds: Sequence[int]) -> int:
    """Return the number of a count's shade: 0 for nothing, else from 1 on.

    >>> [shade(count, [3, 5]) for count in (0, 1, 3, 9)]
    [0, 1, 2, 3]
    """
    return 0 if not count else 1 + sum(count >= bound for bound in bounds)


@dataclass(frozen=True, slots=True)
class Month:
    """How many of a month's days (up to today) are proven whole, how many in part."""

    first: date
    days: int
    whole: int
    part: int
    articles: int


def months(cells: Iterable[Cell]) -> list[Month]:
    """Return the calendar's days added up by month."""
    by_month: defaultdict[date, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_month[cell.day.replace(day=1)].append(cell)
    return [
        Month(
            first,
            len(within),
            sum(cell.proven >= 1 for cell in within),
            sum(0 < cell.proven < 1 for cell in within),
            sum(cell.articles for cell in within),
        )
        for first, within in sorted(by_month.items())
    ]


@dataclass(frozen=True, slots=True)
class TagGrid:
    """The most frequent tags over time: for each period its first day and the tags' numbers."""

    tags: tuple[str, ...]
    periods: tuple[date, ...]
    end: date
    counts: Mapping[tuple[str, date], int]


def tag_grid(counted: Tally, *, most_tags: int = 14, most_periods: int = 40) -> TagGrid:
    """Return how often each of the most frequent tags was given, by month, quarter or year."""
    tags = tuple(tag for tag, _ in top(counted.tags, most_tags))
    every = sorted(counted.tags_by_month)
    if not every:
        return TagGrid(tags, (), date.min, {})
    step = _step(every[0], every[-1], most_periods)
    periods = _periods(every[0], every[-1], step)
    counts: Counter[tuple[str, date]] = Counter()
    for month, found in counted.tags_by_month.items():
        for tag in tags:
            if found[tag]:
                counts[tag, _period_of(month, step)] += found[tag]
    return TagGrid(tags, periods, _after(periods[-1], step), counts)


def _step(first: date, last: date, most: int) -> int:
    """Return how many months a period has, so that there are not too many of them.

    >>> _step(date(2020, 1, 1), date(2020, 12, 1), 40), _step(date(2010, 1, 1), date(2026, 1, 1), 40)
    (1, 6)
    """
    number = (last.year - first.year) * 12 + last.month - first.month + 1
    return next((step for step in (1, 3, 6) if number <= step * most), 12)


def _period_of(day: date, step: int) -> date:
    return date(day.year, (day.month - 1) // step * step + 1, 1)


def _after(period: date, step: int) -> date:
    months = period.year * 12 + period.month - 1 + step
    return date(months // 12, months % 12 + 1, 1)


def _periods(first: date, last: date, step: int) -> tuple[date, ...]:
    found = [_period_of(first, step)]
    while (following := _after(found[-1], step)) <= last:
        found.append(following)
    return tuple(found)


def top(counts: Mapping[T, int], most: int) -> list[tuple[T, int]]:
    """Return the most frequent, the names of equally frequent ones in their own order.

    >>> top({"b": 1, "a": 1, "c": 3}, 2)
    [('c', 3), ('a', 1)]
    """
    return sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))[:most]


def share(part: int, whole: int) -> float:
    """Return part of whole, from 0 to 1; 0 of nothing."""
    return part / whole if whole else 0.0


def percent(part: int, whole: int) -> str:
    """Return whole percents that say 0 and 100 only where it is none and all.

    >>> [percent(part, 1000) for part in (0, 1, 500, 999, 1000)], percent(0, 0)
    (['0', '<1', '50', '>99', '100'], '0')
    """
    exact = 100 * share(part, whole)
    if 0 < exact < 0.5:
        return "<1"
    return ">99" if 99.5 <= exact < 100 else f"{exact:.0f}"


def longest_pause(days: Iterable[date]) -> int:
    """Return the most days in a row without an article between two days that have one."""
    return max(((later - earlier).days - 1 for earlier, later in pairwise(sorted(days))), default=0)
