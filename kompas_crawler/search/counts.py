"""Counts of hits over time, per million words, and the share of days proven complete."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, get_args

from kompas_crawler.errors import BadArgument
from kompas_crawler.search.fulltext import DayCount

Unit = Literal["day", "week", "month", "year"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What a stretch of days adds up to; both of its ends are in it.

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
    def per_million(self) -> float | None:
        """Hits per million words; nothing where there is no word."""
        return round(1_000_000 * self.hits / self.words, 1) if self.words else None

    @property
    def share(self) -> float | None:
        """The share of the articles that hold the words; nothing where there is no article."""
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


def read_unit(text: str) -> Unit:
    """Return the unit of time that was asked for; raise BadArgument."""
    for unit in get_args(Unit):
        if text == unit:
            return unit  # type: ignore[no-any-return]
    raise BadArgument(f"by={text!r} is unknown: choose one of {', '.join(get_args(Unit))}")


def counts(
    days: Iterable[DayCount], unit: Unit, first: date, last: date, proven: Mapping[date, float]
) -> list[Count]:
    """Return a count for every unit of time between two days, also for those without an article.

    `proven` is the share of each day that is proven complete.
    """
    by_day = {each.day: each for each in days}
    made = []
    for begin, end in _stretches(unit, first, last):
        dates = [begin + timedelta(days=age) for age in range((end - begin).days + 1)]
        within = [by_day[each] for each in dates if each in by_day]
        made.append(
            Count(
                first=begin,
                last=end,
                hits=sum(each.hits for each in within),
                found=sum(each.found for each in within),
                articles=sum(each.articles for each in within),
                words=sum(each.words for each in within),
                proven=sum(proven.get(each, 0) >= 1 for each in dates),
            )
        )
    return made


def total(rows: Iterable[Count]) -> Count:
    """Return what counts add up to."""
    every = list(rows)
    return Count(
        first=every[0].first,
        last=every[-1].last,
        hits=sum(each.hits for each in every),
        found=sum(each.found for each in every),
        articles=sum(each.articles for each in every),
        words=sum(each.words for each in every),
        proven=sum(each.proven for each in every),
    )


def _stretches(unit: Unit, first: date, last: date) -> Iterator[tuple[date, date]]:
    """Yield the first and the last day of each unit; at both ends only what lies between them.

    >>> [f"{a} {b}" for a, b in _stretches("month", date(2024, 1, 30), date(2024, 2, 2))]
    ['2024-01-30 2024-01-31', '2024-02-01 2024-02-02']
    """
    while first <= last:
        end = min(_last_day(unit, first), last)
        yield first, end
        first = end + timedelta(days=1)


def _last_day(unit: Unit, day: date) -> date:
    if unit == "day":
        return day
    if unit == "week":
        return day + timedelta(days=6 - day.weekday())
    if unit == "year":
        return date(day.year, 12, 31)
    return date(day.year + day.month // 12, day.month % 12 + 1, 1) - timedelta(days=1)
