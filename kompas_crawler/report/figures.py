"""The report's figures, each with its title, sentence, chart and table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import partial
from itertools import dropwhile, pairwise

from kompas_crawler.audit.changes import Change
from kompas_crawler.report import chart_data, charts, statistics
from kompas_crawler.report.chart_data import EMPTY, UNPROVEN
from kompas_crawler.report.compare import compare_periods
from kompas_crawler.report.figure import (
    LISTED,
    Figure,
    Legend,
    Table,
    bars_of,
    explained,
    proof_legend,
    ranking,
    shares,
)
from kompas_crawler.report.history import RunHistory, proven_days
from kompas_crawler.report.provenance import changed, delays, fields, runs
from kompas_crawler.report.statistics import Cell, Statistics
from kompas_crawler.report.texts import (
    TEXTS,
    Text,
    day_range,
    days_text,
    decimal,
    joined,
    long_day,
    number,
    page_text,
    short_month,
    span_name,
)
from kompas_crawler.report.topics import Topic, topics_figure
from kompas_crawler.runs.periods import Period
from kompas_crawler.search import places
from kompas_crawler.search.selection import Selection, days_of
from kompas_crawler.timezones import WIB

EVERYTHING = Selection()
MINUTES = 24 * 60  # of a day
_NAMES = (("source", "sources"), ("writer", "authors"))  # what each is called, and their field
UNKNOWN_NAMED = 5  # places that are not on the map and are named in its sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything the page shows; `asked` says what was selected, None if it is everything."""

    made_at: datetime
    totals: Statistics
    history: RunHistory
    cells: Sequence[Cell]
    parts: tuple[tuple[str, tuple[Figure, ...]], ...]
    asked: Text | None = None

    @property
    def figures(self) -> list[Figure]:
        return [figure for _, figures in self.parts for figure in figures]


def report(
    counted: Statistics,
    history: RunHistory,
    now: datetime,
    *,
    selection: Selection = EVERYTHING,
    changes: Sequence[Change] = (),
    other: tuple[Period, Statistics] | None = None,
    topics: Sequence[Topic] = (),
) -> Report:
    """Return the figures of what was counted of a selection; `other` is a period beside its own.

    `changes` are those of the articles that changed last; `topics` are drawn beside each other.
    """
    proven = proven_days(history.state.coverage, now)
    today = now.astimezone(WIB).date()
    first = min(counted.days, default=today)
    asked = days_of(selection.period, first) if selection.period else None
    cells = statistics.calendar(counted.days, proven, today, asked)
    known = list(dropwhile(lambda cell: not (cell.articles or cell.proven), cells))
    parts = [
        ("part-when", (days(counted, cells), coverage(cells, known), hours(counted))),
        ("part-who", (map_of_places(counted), *(named(counted, *names) for names in _NAMES))),
        ("part-what", (tags(counted, known), length(counted))),
        ("part-trust", (fields(counted, history), runs(history))),
        ("part-changed", (delays(counted), changed(counted, changes))),
    ]
    if topics:
        parts.insert(0, ("part-topics", (topics_figure(topics, known),)))
    if other and asked:
        sides = (counted, asked), (other[1], days_of(other[0]))
        parts.insert(0, ("part-compare", compare_periods(*sides, proven)))
    return Report(
        made_at=now.astimezone(WIB),
        totals=counted,
        history=history,
        cells=known,
        parts=tuple(parts),
        asked=_in_words(selection, asked),
    )


def _in_words(selection: Selection, days: tuple[date, date] | None) -> Text | None:
    parts = [page_text("asked-period", days=day_range(*days))] if days else []
    parts += [
        joined([TEXTS[kind], ": ", joined(names, Text(" atau ", " or "))], "")
        for kind, names in selection.names.items()
        if names
    ]
    return joined(parts, "; ") if parts else None


def days(counted: Statistics, cells: Sequence[Cell]) -> Figure:
    by_day = Table(
        columns=("day", "articles", "proven"),
        rows=[
            (
                f"{cell.day}",
                cell.articles,
                statistics.percent(round(cell.proven * MINUTES), MINUTES),
            )
            for cell in reversed(cells)
        ][:LISTED],
        whole=len(cells),
    )
    figure = partial(Figure, name="days", says=_days_sentence(counted))
    if len(cells) <= statistics.SHORT:
        return figure(
            chart=partial(charts.short_days_chart, cells),
            data={"short": chart_data.short_rows(cells)},
            legend=proof_legend("stored-day", [(c.is_proven, c.articles) for c in cells]),
            tables=(by_day,),
        )
    by_month = Table(
        columns=("month", "articles"),
        rows=[
            (short_month(month.first), month.articles)
            for month in reversed(statistics.months(cells))
            if month.articles
        ],
    )
    bounds = statistics.shade_bounds(counted.days.values())
    rows = chart_data.day_rows(cells, bounds)
    return figure(
        chart=partial(charts.days_chart, cells),
        data={"days": rows, "month-marks": chart_data.month_marks(cells)},
        legend=_legend(bounds, [row["s"] for row in rows]),
        tables=(by_month, by_day),
    )


def _days_sentence(counted: Statistics) -> tuple[Text, ...]:
    if not counted.days:
        return ()
    (best, most), *_ = statistics.top(counted.days, 1)
    mean = decimal(counted.articles / len(counted.days))
    says = page_text("days.says", mean=mean, most=most, day=long_day(best))
    neighbours = pairwise(sorted(counted.days))
    pause = max(((later - earlier).days - 1 for earlier, later in neighbours), default=0)
    return (says, page_text("days.pause", days=days_text(pause))) if pause else (says,)


def _legend(bounds: Sequence[int], shown: Sequence[str], unit: str = "") -> Legend:
    """Return the legend of the shades that are shown."""
    legend: dict[str, str | Text] = {}
    legend |= explained({UNPROVEN: "unproven", EMPTY: "none"}, shown)
    if set(shown) > legend.keys():
        starts, ends = (1, *bounds), (*(bound - 1 for bound in bounds), None)
        for rank, start, end in zip(chart_data.RAMPS[len(bounds)], starts, ends, strict=True):
            legend[f"ramp-{rank}"] = _range(start, end, unit)
    if hatched := sorted({each for each in shown if each.startswith("hatch-")}):
        legend[hatched[len(hatched) // 2]] = "hatched"
    return legend


def _range(start: int, end: int | None, unit: str = "") -> Text:
    """Return the range of numbers that a shade represents.

    >>> _range(4, 6).en, _range(4, 4, "%").en, _range(9, None).id
    ('4–6', '4%', '9 atau lebih')
    """
    if end is None:
        return page_text("from", number=joined([number(start), unit], ""))
    ends = [number(start)] if start == end else [number(start), number(end)]
    return joined([joined(ends, "–"), unit], "")


def coverage(cells: Sequence[Cell], known: Sequence[Cell]) -> Figure:
    months = statistics.months(cells)
    by_month = Table(
        columns=("month", "proven-days", "part-days", "of-days", "articles"),
        rows=[(short_month(m.first), m.whole, m.part, m.days, m.articles) for m in months[::-1]],
    )
    stretches = statistics.unproven(known)
    gaps = Table(
        columns=("since", "until", "days", "articles"),
        rows=[
            (f"{first.day}", f"{last.day}", (last.day - first.day).days + 1, articles)
            for first, last, articles in stretches[::-1][:LISTED]
        ],
        caption="gaps",
        whole=len(stretches),
    )
    says = (TEXTS["coverage.says"], _coverage_sentence(known))
    figure = partial(Figure, name="coverage", says=says, tables=(by_month, gaps))
    if len(cells) <= statistics.SHORT:
        rows = chart_data.short_rows(cells)
        texts = {UNPROVEN: "unproven", "ramp-1": "in-part", "ramp-4": "whole"}
        return figure(
            chart=partial(charts.short_coverage_chart, cells),
            data={"short": rows},
            legend=explained(texts, [row["s"] for row in rows]),
        )
    some = {UNPROVEN: "unproven", "ramp-1": "proven-some", "ramp-2": "proven-most"}
    shown = chart_data.month_rows(months)
    return figure(
        chart=partial(charts.coverage_chart, len({month.first.year for month in months})),
        data={"months": shown},
        legend=explained(some | {"ramp-4": "whole"}, [row["s"] for row in shown]),
    )


def _coverage_sentence(cells: Sequence[Cell]) -> Text:
    whole = sum(cell.is_proven for cell in cells)
    if not whole:
        return TEXTS["coverage.none"]
    values = {
        "whole": whole,
        "days": days_text(len(cells)),
        "range": day_range(cells[0].day, cells[-1].day),
        "percent": statistics.percent(whole, len(cells)),
    }
    stretches = statistics.unproven(cells)
    if not stretches:
        return page_text("coverage.whole", **values)
    since, until, _ = max(stretches, key=lambda each: each[1].day - each[0].day)
    return page_text(
        "coverage.part",
        **values,
        longest=days_text((until.day - since.day).days + 1),
        gap=day_range(since.day, until.day),
    )


def hours(counted: Statistics) -> Figure:
    says: tuple[Text, ...] = ()
    if counted.hours:
        (hour, most), *_ = statistics.top(counted.hours, 1)
        percent = statistics.percent(most, counted.articles)
        says = (page_text("hours.says", hour=f"{hour:02}", percent=percent),)
    clock = range(24 if counted.articles else 0)
    by_hour = ((f"{hour:02}–{hour + 1:02}", counted.hours[hour]) for hour in clock)
    return Figure(
        name="hours",
        says=says,
        chart=partial(charts.hours_chart, max(counted.hours.values(), default=0)),
        data={"hours": chart_data.hour_rows(counted.hours)},
        legend={"accent": "busiest", "ramp-2": "other"},
        tables=(shares("hour", by_hour, counted.articles),),
    )


def map_of_places(counted: Statistics) -> Figure:
    spots, unknown = places.spots(counted.places)
    named = counted.places.total()
    says = [
        page_text(
            "places.says",
            percent=statistics.percent(counted.filled["place"], counted.articles),
            number=len(counted.places),
        )
    ]
    if unknown:
        first = [f"{name} ({found})" for name, found in statistics.top(unknown, UNKNOWN_NAMED)]
        names = joined([*first, *([TEXTS["other"]] if len(unknown) > len(first) else [])])
        percent = statistics.percent(unknown.total(), named)
        how = "places.unknown" if spots else "places.no-map"
        says.append(page_text(how, percent=percent, names=names))
    return Figure(
        name="places",
        says=tuple(says),
        chart=charts.map_chart if spots else None,
        data={"spots": [asdict(spot) for spot in spots], "land": places.land()} if spots else {},
        legend={"accent": "disc"} if spots else {},
        bars=bars_of(counted.places, counted.articles),
        tables=(
            ranking("place", counted.places, counted.articles),
            ranking("place", unknown, counted.articles, "off-map"),
        ),
    )


def named(counted: Statistics, column: str, field: str) -> Figure:
    """Return the figure of the names that a field holds, the most frequent first."""
    counts: Counter[str] = getattr(counted, field)
    percent = statistics.percent(counted.filled[field], counted.articles)
    return Figure(
        name=f"{column}s",
        says=(page_text(f"{column}s.says", percent=percent, number=len(counts)),),
        bars=bars_of(counts, counted.articles),
        tables=(ranking(column, counts, counted.articles),),
        wide=False,
    )


def tags(counted: Statistics, cells: Sequence[Cell]) -> Figure:
    unit, over_time = statistics.tags_over_time(counted, cells)
    percents = [count.percent for counts in over_time.values() for count in counts]
    bounds = statistics.shade_bounds(map(chart_data.whole_percent, percents))
    rows = chart_data.tag_rows(over_time, bounds)
    says = [
        page_text(
            "tags.says",
            unit=TEXTS[f"unit-{unit}"],
            number=len(counted.tags),
            tag=f"“{tag}”",
        )
        for tag in list(over_time)[:1]
    ]
    by_span = [
        (
            span_name(count.first, count.last, unit),
            tag,
            count.found,
            statistics.percent(count.found, count.articles),
            TEXTS["whole" if count.is_proven else "unproven"],
        )
        for counts in zip(*map(reversed, over_time.values()), strict=True)
        for tag, count in zip(over_time, counts, strict=True)
        if count.found
    ]
    return Figure(
        name="tags",
        says=tuple(says),
        chart=partial(charts.tags_chart, unit, over_time),
        data={"tags": rows},
        legend=_legend(bounds, [row["s"] for row in rows], "%"),
        tables=(
            ranking("tag", counted.tags, counted.articles),
            Table(columns=("period", "tag", "articles", "share", "proven"), rows=by_span[:LISTED]),
        ),
    )


def length(counted: Statistics) -> Figure:
    median = statistics.median_length(counted.lengths)
    bins = statistics.bins_of(counted.lengths)
    by_length = ((_bin_name(bin_), found) for bin_, found in bins.items())
    return Figure(
        name="length",
        says=(page_text("length.says", median=median),) if counted.lengths else (),
        chart=partial(charts.length_chart, max(bins.values(), default=0)),
        data={"lengths": chart_data.length_rows(bins, median)},
        legend={"accent": "middle", "ramp-2": "other"},
        tables=(shares("words", by_length, counted.articles),),
    )


def _bin_name(bin_: int) -> Text:
    least = bin_ * statistics.BIN
    if bin_ == statistics.BINS - 1:
        return page_text("length.more", words=least)
    return page_text("length.from-to", least=least, most=least + statistics.BIN - 1)
