"""The figures that compare two periods of a collection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from kompas_crawler.report import statistics
from kompas_crawler.report.figure import LISTED, RANKED, Bar, Figure, Table, percent_of
from kompas_crawler.report.statistics import Statistics
from kompas_crawler.report.texts import TEXTS, Text, day_range, decimal, joined, number


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodStatistics:
    """One of the two periods: its name, its articles, its days and how many of them are proven."""

    name: Text
    totals: Statistics
    days: int
    proven: int

    @classmethod
    def of(
        cls, totals: Statistics, days: tuple[date, date], proven: Mapping[date, float]
    ) -> PeriodStatistics:
        """Return the side of a period, given the proven share of each day."""
        first, last = days
        return cls(
            name=day_range(first, last),
            totals=totals,
            days=(last - first).days + 1,
            proven=sum(share >= 1 for day, share in proven.items() if first <= day <= last),
        )


def compare_periods(one: PeriodStatistics, two: PeriodStatistics) -> tuple[Figure, ...]:
    """Return the key numbers of both periods, and how often they name each source, place, tag and writer."""
    rankings = (("sources", "source"), ("places", "place"), ("tags", "tag"), ("authors", "writer"))
    return (_key_numbers(one, two), *(_ranked(one, two, *names) for names in rankings))


def _key_numbers(one: PeriodStatistics, two: PeriodStatistics) -> Figure:
    sides = (one, two)
    articles = [side.totals.articles for side in sides]
    lengths = [statistics.median_length(side.totals.lengths) for side in sides]
    per_day = [side.totals.articles / side.days for side in sides]
    proven = [percent_of(side.proven, side.days) for side in sides]
    return Figure(
        name="compare",
        says=(TEXTS["compare.says"],) if one.proven < one.days or two.proven < two.days else (),
        plain=True,
        tables=(
            Table(
                columns=("measure", one.name, two.name, "difference"),
                rows=[
                    (TEXTS["articles"], *articles, _signed(articles[0] - articles[1])),
                    (TEXTS["per-day"], *map(decimal, per_day), _signed(per_day[0] - per_day[1])),
                    (TEXTS["median"], *lengths, _signed(lengths[0] - lengths[1])),
                    (TEXTS["proven-share"], *proven, ""),
                ],
            ),
        ),
    )


def _ranked(one: PeriodStatistics, two: PeriodStatistics, counter: str, column: str) -> Figure:
    ones, twos = getattr(one.totals, counter), getattr(two.totals, counter)
    names = [name for name, _ in statistics.top(ones + twos, LISTED)]
    shares = {
        name: (
            statistics.share(ones[name], one.totals.articles),
            statistics.share(twos[name], two.totals.articles),
        )
        for name in names
    }
    names.sort(key=lambda name: (-sum(shares[name]), name))
    most = max((max(pair) for pair in shares.values()), default=1) or 1
    return Figure(
        name=f"compare-{column}s",
        says=(TEXTS["compare.shares"],),
        legend={"accent": one.name, "fair": two.name},
        wide=False,
        bars=tuple(
            Bar(
                name=Text(name, name),
                value=percent_of(ones[name], one.totals.articles),
                length=shares[name][0] / most,
                other=(shares[name][1] / most, percent_of(twos[name], two.totals.articles)),
            )
            for name in names[:RANKED]
        ),
        tables=(
            Table(
                columns=(column, one.name, "share", two.name, "share"),
                rows=[
                    (
                        name,
                        ones[name],
                        percent_of(ones[name], one.totals.articles),
                        twos[name],
                        percent_of(twos[name], two.totals.articles),
                    )
                    for name in names
                ],
                whole=len(ones | twos),
            ),
        ),
    )


def _signed(value: float) -> Text:
    """Return a difference with its sign.

    >>> _signed(-1200).id, _signed(0.5).en, _signed(0).en
    ('−1.200', '+0.5', '0')
    """
    size = number(abs(value)) if isinstance(value, int) else decimal(abs(value))
    return joined(["+" if value > 0 else "−" if value < 0 else "", size], "")
