"""The figures that compare two periods of a collection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain

from kompas_crawler.report import statistics
from kompas_crawler.report.figure import LISTED, RANKED, Bar, Figure, Table
from kompas_crawler.report.statistics import Statistics
from kompas_crawler.report.texts import TEXTS, Text, day_range, decimal, joined, number

Side = tuple[Statistics, tuple[date, date]]  # the articles of a period, and its ends


@dataclass(frozen=True, slots=True)
class _Period:
    """One of the two periods: its name, its articles, its days and how many of them are proven."""

    name: Text
    totals: Statistics
    days: int
    proven: int


def compare_periods(one: Side, two: Side, proven: Mapping[date, float]) -> tuple[Figure, ...]:
    """Return the key numbers of two periods, and what was named in them how often.

    `proven` is the proven share of each day.
    """
    left, right = (
        _Period(
            name=day_range(first, last),
            totals=totals,
            days=(last - first).days + 1,
            proven=sum(share >= 1 for day, share in proven.items() if first <= day <= last),
        )
        for totals, (first, last) in (one, two)
    )
    rankings = (("sources", "source"), ("places", "place"), ("tags", "tag"), ("authors", "writer"))
    return (_key_numbers(left, right), *(_ranked(left, right, *names) for names in rankings))


def _key_numbers(one: _Period, two: _Period) -> Figure:
    sides = (one, two)
    articles = [side.totals.articles for side in sides]
    lengths = [statistics.median_length(side.totals.lengths) for side in sides]
    per_day = [side.totals.articles / side.days for side in sides]
    proven = [statistics.percent(side.proven, side.days) for side in sides]
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


def _ranked(one: _Period, two: _Period, counter: str, column: str) -> Figure:
    ones, twos = getattr(one.totals, counter), getattr(two.totals, counter)
    wholes = one.totals.articles, two.totals.articles
    found = {name: (ones[name], twos[name]) for name, _ in statistics.top(ones + twos, LISTED)}
    shares = {name: tuple(map(statistics.share, pair, wholes)) for name, pair in found.items()}
    names = sorted(found, key=lambda name: (-sum(shares[name]), name))
    percents = {name: tuple(map(statistics.percent, found[name], wholes)) for name in names}
    most = max(chain.from_iterable(shares.values()), default=1) or 1
    return Figure(
        name=f"compare-{column}s",
        says=(TEXTS["compare.shares"],),
        legend={"accent": one.name, "fair": two.name},
        wide=False,
        bars=tuple(
            Bar(
                name=name,
                value=percents[name][0],
                length=shares[name][0] / most,
                other=(shares[name][1] / most, percents[name][1]),
            )
            for name in names[:RANKED]
        ),
        tables=(
            Table(
                columns=(column, one.name, "share", two.name, "share"),
                rows=[
                    (name, *chain(*zip(found[name], percents[name], strict=True))) for name in names
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
