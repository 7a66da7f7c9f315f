"""Statistics of an archive's articles, collected in one pass."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from itertools import groupby
from statistics import median_low
from typing import Any, TypeVar

from kompas_crawler.items import Article
from kompas_crawler.runs.intervals import DAY, grouped
from kompas_crawler.search.counts import Count, Unit, counts, days_between, first_day, unit_for
from kompas_crawler.search.fulltext import DayCount
from kompas_crawler.timezones import WIB

#: The optional fields that a page may state, in the order of the record.
OPTIONAL = tuple(
    each.name
    for each in fields(Article)
    if each.metadata["origin"] == "page" and each.default in (None, ()) and each.name != "warnings"
)

#: The classes of time between publication and change: their upper ends; above the last, longer.
DELAYS = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 7 * 24, 30 * 24))

BIN = 50  # words
BINS = 40  # of 50 words; longer articles are in the last one

SHORT = 92  # days that are shown one by one; a longer time is shown as a calendar
CHANGED = 60  # changed articles that are shown, those changed last
TAGS, SPANS = 14, 40  # rows and columns that the tags over time have at most

T = TypeVar("T")


@dataclass(slots=True)
class Statistics:
    """The counts of all articles, each counted once, by its last revision.

    Days and hours are those of Jakarta (WIB). Tags are kept by day while there are few days, and
    by month always. `changed` holds when the last revision was fetched, and its id; `broken` is the
    number of lines that hold no record.
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
    tags_by_month: dict[date, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    tags_by_day: dict[date, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    changed: list[tuple[str, str]] = field(default_factory=list)
    lengths: Counter[int] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    revisions: Counter[int] = field(default_factory=Counter)
    delays: Counter[int] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    layouts: Counter[str] = field(default_factory=Counter)

    def add(self, record: Mapping[str, Any], invented_runs: frozenset[str] = frozenset()) -> None:
        """Count one record."""
        published = datetime.fromisoformat(record["published_at"])
        moment = published.astimezone(WIB)
        words = record["word_count"]
        self.articles += 1
        self.invented += record["crawl"] in invented_runs
        self.days[moment.date()] += 1
        self.hours[moment.hour] += 1
        self.words += words
        self.lengths[words] += 1
        self.revisions[record["revision"]] += 1
        self.layouts[record["layout"]] += 1
        self.duplicates += record["duplicate_of"] is not None
        if updated := record["updated_at"]:
            self.delays[bisect_left(DELAYS, datetime.fromisoformat(updated) - published)] += 1
        if record["revision"] > 1:
            heappush(self.changed, (str(record["fetched_at"]), record["id"]))
            if len(self.changed) > CHANGED:
                heappop(self.changed)
        self.filled.update([name for name in OPTIONAL if record.get(name)])
        self.sources.update(record["sources"])
        self.authors.update(record["authors"])
        self.tags.update(record["tags"])
        self.warnings.update(record["warnings"])
        if record["place"]:
            self.places[record["place"]] += 1
        self._add_tags(moment.date(), record["tags"])

    def _add_tags(self, day: date, tags: Sequence[str]) -> None:
        self.tags_by_month[day.replace(day=1)].update(tags)
        if len(self.days) <= SHORT:
            self.tags_by_day[day].update(tags)
        else:
            self.tags_by_day.clear()

    @property
    def revised(self) -> int:
        """How many articles have more than one revision."""
        return sum(found for revision, found in self.revisions.items() if revision > 1)


def collect_statistics(
    records: Iterable[Mapping[str, Any]], invented_runs: frozenset[str] = frozenset()
) -> Statistics:
    """Return the counts of the records, which are the last revision of each article."""
    counted = Statistics()
    for record in records:
        counted.add(record, invented_runs)
    return counted


def median_length(lengths: Counter[int]) -> int:
    """Return the words of the middle article, of two middle ones the shorter; 0 of none.

    >>> median_length(Counter({120: 3, 300: 1}))
    120
    """
    return median_low(lengths.elements()) if lengths else 0


def bins_of(lengths: Mapping[int, int]) -> Counter[int]:
    """Return how many articles are in each bin of words, the shortest first.

    >>> bins_of({149: 1, 120: 2, 99: 1, 12345: 1})
    Counter({2: 3, 1: 1, 39: 1})
    """
    bins: Counter[int] = Counter()
    for words, found in sorted(lengths.items()):
        bins[min(words // BIN, BINS - 1)] += found
    return bins


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of the calendar: its articles, and the share of it (0 to 1) that is proven."""

    day: date
    articles: int
    proven: float

    @property
    def is_proven(self) -> bool:
        return self.proven >= 1


def calendar(
    days: Mapping[date, int],
    proven: Mapping[date, float],
    today: date,
    asked: tuple[date, date] | None = None,
) -> list[Cell]:
    """Return every requested day or, without that, of the years that hold something.

    Then the first year begins with the first month that holds an article or a proof; a time that
    is short begins with its first day. The last year ends today, or where the collection ended
    long ago.
    """
    shown = days_between(*asked) if asked else _known_years({*days, *proven}, today)
    return [Cell(day, days.get(day, 0), proven.get(day, 0.0)) for day in shown]


def _known_years(known: set[date], today: date) -> Iterator[date]:
    if not known:
        return
    first, last = min(known), max(known)
    end = max(today, last) if (today - last).days <= SHORT else last
    begin = first if (end - first).days < SHORT else first.replace(day=1)
    for year in sorted({day.year for day in (*known, end)}):
        yield from days_between(max(begin, date(year, 1, 1)), min(date(year, 12, 31), end))


def shade_bounds(counts: Iterable[int], number: int = 5) -> list[int]:
    """Return the least counts of the shades above the first, so that each shade gets its share.

    >>> shade_bounds([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    [3, 5, 7, 9]
    >>> shade_bounds([4, 4, 4]), shade_bounds([])
    ([], [])
    """
    ordered = sorted(count for count in counts if count)
    if not ordered:
        return []
    bounds = (ordered[len(ordered) * part // number] for part in range(1, number))
    return sorted({bound for bound in bounds if bound > ordered[0]})


def unproven(cells: Iterable[Cell]) -> list[tuple[Cell, Cell, int]]:
    """Return the stretches of days that are not proven whole: first, last and their articles."""
    left = (cell for cell in cells if not cell.is_proven)
    stretches = grouped(left, lambda cell, other: other.day - cell.day == DAY)
    return [(days[0], days[-1], sum(cell.articles for cell in days)) for days in stretches]


@dataclass(frozen=True, slots=True)
class Month:
    """How many of a month's days (up to today) are proven whole, how many in part."""

    first: date
    days: int
    whole: int
    part: int
    articles: int


def months(cells: Iterable[Cell]) -> list[Month]:
    """Return the calendar's days, given in order, added up by month."""
    by_month = groupby(cells, lambda cell: cell.day.replace(day=1))
    return [
        Month(
            first,
            len(within),
            sum(cell.is_proven for cell in within),
            sum(0 < cell.proven < 1 for cell in within),
            sum(cell.articles for cell in within),
        )
        for first, within in ((first, list(some)) for first, some in by_month)
    ]


def tags_over_time(
    counted: Statistics, cells: Sequence[Cell]
) -> tuple[Unit, dict[str, list[Count]]]:
    """Return how many articles had each of the most frequent tags, by spans of the calendar."""
    tags = [tag for tag, _ in top(counted.tags, TAGS)]
    if not (tags and cells):
        return "month", {tag: [] for tag in tags}
    first, last = cells[0].day, cells[-1].day
    unit = unit_for(first, last, SPANS)
    if unit in ("day", "week") and (last - first).days >= SHORT:
        unit = "month"
    found: defaultdict[date, Counter[str]] = defaultdict(Counter)
    by_day = counted.tags_by_day if unit in ("day", "week") else counted.tags_by_month
    for day, names in by_day.items():
        found[first_day(unit, day)].update(names)
    days = (
        DayCount(day=cell.day, hits=0, found=0, articles=cell.articles, words=0) for cell in cells
    )
    spans = counts(days, unit, first, last, {cell.day: cell.proven for cell in cells})
    return unit, {
        tag: [replace(span, found=found[first_day(unit, span.first)][tag]) for span in spans]
        for tag in tags
    }


def top(counts: Mapping[T, int], most: int) -> list[tuple[T, int]]:
    """Return the most frequent, the names of equally frequent ones in their own order.

    >>> top({"b": 1, "a": 1, "c": 3}, 2)
    [('c', 3), ('a', 1)]
    """
    return sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))[:most]


def share(part: int, whole: int) -> float:
    """Return a share from 0 to 1; 0 if the whole is 0."""
    return part / whole if whole else 0.0


def percent(part: int, whole: int) -> str:
    """Return a whole percentage, which is 0 only for none and 100 only for all.

    >>> [percent(part, 1000) for part in (0, 1, 500, 999, 1000)], percent(0, 0)
    (['0%', '<1%', '50%', '>99%', '100%'], '0%')
    """
    exact = 100 * share(part, whole)
    if 0 < exact < 0.5:
        return "<1%"
    return ">99%" if 99.5 <= exact < 100 else f"{exact:.0f}%"
