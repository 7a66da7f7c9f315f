"""Counts of hits over time, per million words, and the share of days proven complete."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import groupby
from typing import Any, Literal

from kompas_crawler.search.fulltext import DayCount

Unit = Literal["day", "week", "month", "quarter", "half", "year"]
#: The units of time to count by.
UNITS: tuple[Unit, ...] = ("day", "week", "month", "year")
#: How many months the longer units have.
_MONTHS: Mapping[Unit, int] = {"month": 1, "quarter": 3, "half": 6, "year": 12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The counts of a stretch of days, both ends included.

    `hits` are places, `found` the articles that hold the words; `articles` and `words` are all
    there are. Where not all `days` are `proven`, few hits may be few articles collected.
    """

    first: date
    last: date
    hits: int
    found: int
    articles: int
    words: int
    proven: int

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def is_proven(self) -> bool:
        return self.proven == self.days

    @property
    def percent(self) -> float:
        """The share of the articles that hold the words, in percent; 0 of none."""
        return 100 * self.found / self.articles if self.articles else 0.0

    @property
    def per_million(self) -> float | None:
        """Hits per million words; None if there are no words."""
        return round(1_000_000 * self.hits / self.words, 1) if self.words else None

    @property
    def share(self) -> float | None:
        """The share of the articles that hold the words; None if there are no articles."""
        return round(self.found / self.articles, 4) if self.articles else None

    def row(self) -> dict[str, Any]:
        """Return the count as it is printed, in the order of its columns."""
        return {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "hits": self.hits,
            "articles_with_hits": self.found,
            "articles": self.articles,
            "words": self.words,
            "per_million": self.per_million,
            "share": self.share,
            "days_proven": self.proven,
            "days": self.days,
        }


def counts(
    days: Iterable[DayCount], unit: Unit, first: date, last: date, proven: Mapping[date, float]
) -> list[Count]:
    """Return a count for every unit of time between two days, also for those without an article.

    `proven` is the share of each day that is proven complete.
    """
    by_day = {each.day: each for each in days}
    every = days_between(first, last)
    stretches = (list(stretch) for _, stretch in groupby(every, partial(first_day, unit)))
    return [
        _added(
            [by_day[day] for day in stretch if day in by_day],
            (stretch[0], stretch[-1]),
            sum(proven.get(day, 0) >= 1 for day in stretch),
        )
        for stretch in stretches
    ]


def total(rows: Iterable[Count]) -> Count:
    """Return the sum of counts."""
    every = list(rows)
    return _added(every, (every[0].first, every[-1].last), sum(each.proven for each in every))


def _added(parts: Sequence[DayCount | Count], ends: tuple[date, date], proven: int) -> Count:
    return Count(
        first=ends[0],
        last=ends[1],
        hits=sum(part.hits for part in parts),
        found=sum(part.found for part in parts),
        articles=sum(part.articles for part in parts),
        words=sum(part.words for part in parts),
        proven=proven,
    )


def days_between(first: date, last: date) -> Iterator[date]:
    """Yield the days from the first to the last, both included."""
    for age in range((last - first).days + 1):
        yield first + timedelta(days=age)


def first_day(unit: Unit, day: date) -> date:
    """Return the day with which a day's unit of time begins.

    >>> f"{first_day('week', date(2024, 2, 2))} {first_day('half', date(2024, 8, 5))}"
    '2024-01-29 2024-07-01'
    """
    if unit == "day":
        return day
    if unit == "week":
        return day - timedelta(days=day.weekday())
    months = _MONTHS[unit]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def unit_for(first: date, last: date, most: int) -> Unit:
    """Return the shortest unit of time of which at most so many lie between two days.

    >>> unit_for(date(2020, 1, 1), date(2020, 1, 9), 40), unit_for(date(2010, 1, 1), date.max, 40)
    ('day', 'year')
    """
    lengths: dict[Unit, int] = {"day": 1, "week": 7}
    lengths |= {unit: 28 * months for unit, months in _MONTHS.items()}
    days = (last - first).days + 1
    return next((unit for unit, length in lengths.items() if days <= length * (most - 1)), "year")
