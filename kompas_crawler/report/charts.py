"""How are the numbers drawn? Vega-Lite charts whose colours are the page's own.

A chart names its data and its colours only: the data lie once in the page, for both languages,
and a colour is a variable of the page's style, so light and dark need no second drawing. Widths
are those of the reader's screen, see `page.js`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import altair as alt

from kompas_crawler.report.history import Bucket
from kompas_crawler.report.numbers import BIN, BINS, Cell, Month, TagGrid, shade
from kompas_crawler.report.places import Spot
from kompas_crawler.report.words import SHORT_MONTHS, TEXTS, Language, word

Rows = list[dict[str, Any]]

FONT = '"Inter", system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif'
SHADES = ("empty", "ramp-1", "ramp-2", "ramp-3", "ramp-4", "ramp-5")
UNPROVEN = "unproven"
#: The colours of the ways a run ends, by what they mean to a person: well, partly, badly, by hand.
OUTCOME_COLOURS: Mapping[str, str] = {
    "complete": "good",
    "partial": "fair",
    "drift": "warn",
    "blocked": "bad",
    "unreachable": "bad-2",
    "storage": "bad-3",
    "locked": "still",
    "stopped": "still-2",
}


def colour(name: str) -> str:
    """Return a colour of the page's style by its name."""
    return f"var(--{name})"


# The data.


def _js_day(day: date) -> str:
    """Return a day as browsers read it in the reader's own zone; with hyphens it would be UTC."""
    return f"{day:%Y/%m/%d}"


def day_rows(cells: Sequence[Cell], bounds: Sequence[int]) -> Rows:
    """Return the calendar's days: the day `d`, articles `n`, shade `s`, column `x` and rows.

    `y` is the row where a line holds a year, `h` and `k` are row and column where it holds half.
    """
    years = sorted({cell.day.year for cell in cells})
    return [_day_row(cell, years.index(cell.day.year), bounds) for cell in cells]


def _day_row(cell: Cell, year: int, bounds: Sequence[int]) -> dict[str, Any]:
    first = date(cell.day.year, 1, 1)
    week = (cell.day.timetuple().tm_yday - 1 + first.weekday()) // 7
    half = cell.day.month > 6
    middle = date(cell.day.year, 7, 1)
    begin = (middle.timetuple().tm_yday - 1 + first.weekday()) // 7 if half else 0
    unproven = not cell.articles and cell.proven == 0
    return {
        "d": _js_day(cell.day),
        "n": cell.articles,
        "s": UNPROVEN if unproven else SHADES[shade(cell.articles, bounds)],
        "x": week,
        "y": year * 8 + cell.day.weekday(),
        "k": week - begin,
        "h": (year * 2 + half) * 8 + cell.day.weekday(),
    }


def month_rows(months: Sequence[Month]) -> Rows:
    return [
        {
            "y": month.first.year,
            "m": month.first.month,
            "d": _js_day(month.first),
            "w": month.whole,
            "of": month.days,
            "n": month.articles,
            "s": proof_shade(month),
        }
        for month in months
    ]


def proof_shade(month: Month) -> str:
    """Return the shade of a month by how much of it is proven."""
    if month.whole == month.days:
        return "ramp-4"
    proven = (month.whole + month.part / 2) / month.days
    if not proven:
        return UNPROVEN
    return "ramp-2" if proven >= 0.5 else "ramp-1"


def hour_rows(hours: Mapping[int, int]) -> Rows:
    most = max(hours.values(), default=0)
    return [
        {"h": hour, "n": hours.get(hour, 0), "top": bool(most) and hours.get(hour, 0) == most}
        for hour in range(24)
    ]


def length_rows(lengths: Mapping[int, int], median: int) -> Rows:
    last = max(lengths, default=0)
    return [
        {
            "a": number * BIN,
            "b": (number + 1) * BIN,
            "n": lengths.get(number, 0),
            "mid": number * BIN <= median < (number + 1) * BIN,
            "open": number == BINS - 1,
        }
        for number in range(last + 1)
    ]


def spot_rows(spots: Sequence[Spot]) -> Rows:
    return [
        {"name": spot.name, "lat": spot.latitude, "lon": spot.longitude, "n": spot.articles}
        for spot in spots
    ]


def tag_rows(grid: TagGrid, bounds: Sequence[int]) -> Rows:
    ends = (*grid.periods[1:], grid.end)
    return [
        {
            "t": tag,
            "a": _js_day(begin),
            "b": _js_day(end),
            "n": grid.counts.get((tag, begin), 0),
            "s": SHADES[shade(grid.counts.get((tag, begin), 0), bounds)],
        }
        for tag in grid.tags
        for begin, end in zip(grid.periods, ends, strict=True)
    ]


def delay_rows(delays: Mapping[int, int], classes: int) -> Rows:
    return [{"i": i, "n": delays.get(i, 0)} for i in range(classes)]


def run_rows(buckets: Sequence[Bucket]) -> Rows:
    """Return the runs by stretch of days and outcome, one outcome on top of the other."""
    heights: Counter[date] = Counter()
    rows: Rows = []
    for bucket in sorted(buckets, key=lambda each: _rank(each.outcome)):
        below = heights[bucket.first]
        heights[bucket.first] += bucket.runs
        rows.append(
            {
                "a": _js_day(bucket.first),
                "b": _js_day(bucket.end),
                "o": bucket.outcome,
                "n": bucket.runs,
                "y0": below,
                "y1": below + bucket.runs,
            }
        )
    return rows


def _rank(outcome: str) -> int:
    order = list(OUTCOME_COLOURS)
    return order.index(outcome) if outcome in order else len(order)


# The drawings.


def days_chart(language: Language, years: Sequence[int], *, halves: bool) -> dict[str, Any]:
    """Return the calendar, a line of weeks for every year, or for every half of it."""
    column, row = ("k", "h") if halves else ("x", "y")
    lines = len(years) * (2 if halves else 1)
    columns = 28 if halves else 54
    labels = {8 * i * (2 if halves else 1) + 3: str(year) for i, year in enumerate(years)}
    chart = (
        _base("days")
        .mark_rect(cornerRadius=1.5)
        .encode(
            x=alt.X(
                f"{column}:O",
                scale=alt.Scale(domain=list(range(columns)), paddingInner=0.16),
                axis=None if halves else _month_axis(language),
            ),
            y=alt.Y(
                f"{row}:O",
                scale=alt.Scale(domain=list(range(lines * 8 - 1)), paddingInner=0.16),
                axis=_axis(values=list(labels), labelExpr=_names(labels), labelPadding=6),
            ),
            fill=_shades("s", [UNPROVEN, *SHADES]),
            stroke=alt.condition(
                f"datum.s == '{UNPROVEN}'", alt.value(colour("line")), alt.value(None)
            ),
            tooltip=[_day_tip("d", "day", language), _tip("n", "articles", language)],
        )
    )
    return _finished(chart, ratio=(lines * 8 - 1) / columns, side=34)


def coverage_chart(language: Language, years: int, *, letters: bool) -> dict[str, Any]:
    """Return the months by how much of them is proven, a line for every year."""
    names = {
        number: name[:1] if letters else name
        for number, name in enumerate(SHORT_MONTHS[language], start=1)
    }
    chart = (
        _base("months")
        .mark_rect(cornerRadius=3)
        .encode(
            x=alt.X(
                "m:O",
                scale=alt.Scale(domain=list(names), paddingInner=0.08),
                axis=_axis(orient="top", labelExpr=_names(names)),
            ),
            y=alt.Y("y:O", scale=alt.Scale(paddingInner=0.12), axis=_axis(labelPadding=6)),
            fill=_shades("s", [UNPROVEN, "ramp-1", "ramp-2", "ramp-4"]),
            stroke=alt.condition(
                f"datum.s == '{UNPROVEN}'", alt.value(colour("line")), alt.value(None)
            ),
            tooltip=[
                _day_tip("d", "month", language, "%B %Y"),
                _tip("w", "proven-days", language),
                _tip("of", "of-days", language),
                _tip("n", "articles", language),
            ],
        )
    )
    return _finished(chart, height=24 * years + 24)


def hours_chart(language: Language) -> dict[str, Any]:
    chart = (
        _base("hours")
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            x=alt.X(
                "h:O",
                scale=alt.Scale(paddingInner=0.22),
                axis=_axis(values=list(range(0, 24, 3)), format="02d"),
            ),
            y=_counts("n"),
            fill=_either("datum.top", "accent", "ramp-2"),
            tooltip=[_tip("h", "hour", language), _tip("n", "articles", language)],
        )
    )
    return _finished(chart, height=220)


def length_chart(language: Language) -> dict[str, Any]:
    until = f"datum.open ? '{BIN * (BINS - 1)} +' : datum.a + '–' + datum.b"
    chart = (
        _base("lengths")
        .transform_calculate(label=until)
        .mark_rect()
        .encode(
            x=alt.X(
                "a:Q",
                scale=alt.Scale(nice=False, zero=True),
                axis=_axis(tickCount=6, format=",d"),
            ),
            x2="b:Q",
            y=_counts("n"),
            y2=alt.datum(0),
            fill=_either("datum.mid", "accent", "ramp-2"),
            stroke=alt.value(colour("card")),
            tooltip=[_tip("label", "words", language, kind="N"), _tip("n", "articles", language)],
        )
    )
    return _finished(chart, height=220)


def map_chart(language: Language, *, largest: int) -> dict[str, Any]:
    """Return the world with a disc on every place; the largest has that area in pixels."""
    land = _base("land").mark_geoshape(fill=colour("land"), stroke=colour("card"), strokeWidth=0.4)
    discs = (
        _base("spots")
        .mark_circle(opacity=0.72, stroke=colour("card"), strokeWidth=0.8)
        .encode(
            longitude="lon:Q",
            latitude="lat:Q",
            size=alt.Size("n:Q", legend=None, scale=alt.Scale(rangeMin=12, rangeMax=largest)),
            fill=alt.value(colour("accent")),
            tooltip=[_tip("name", "place", language, kind="N"), _tip("n", "articles", language)],
            order=alt.Order("n:Q", sort="descending"),
        )
    )
    chart = alt.layer(land, discs).project(type="equalEarth", rotate=[-11, 0, 0])
    return _finished(chart, ratio=0.47)


def tags_chart(language: Language, tags: Sequence[str]) -> dict[str, Any]:
    chart = (
        _base("tags")
        .mark_rect()
        .encode(
            x=alt.X(
                "a:T", axis=_axis(tickCount=_FEW_TICKS, format=_TIMES), scale=alt.Scale(nice=False)
            ),
            x2="b:T",
            y=alt.Y(
                "t:N",
                sort=list(tags),
                scale=alt.Scale(paddingInner=0.14),
                axis=_axis(labelLimit=150, labelPadding=8, labelColor=colour("ink")),
            ),
            fill=_shades("s", SHADES),
            stroke=alt.value(colour("card")),
            tooltip=[
                _tip("t", "tag", language, kind="N"),
                _day_tip("a", "period", language, "%B %Y"),
                _tip("n", "articles", language),
            ],
        )
    )
    return _finished(chart, height=24 * len(tags) + 24)


def delays_chart(language: Language, classes: int, most: int) -> dict[str, Any]:
    names = {i: TEXTS[f"delay-{i}"][language] for i in range(classes)}
    chart = (
        _base("delays")
        .transform_calculate(label=_names(names, of="datum.i"))
        .encode(
            y=alt.Y(
                "i:O",
                scale=alt.Scale(paddingInner=0.3),
                axis=_axis(labelExpr=_names(names), labelPadding=8, labelColor=colour("ink")),
            ),
            # A quarter more than the longest bar: room for its number.
            x=alt.X("n:Q", axis=None, scale=alt.Scale(domain=[0, 1.25 * most], nice=False)),
            tooltip=[_tip("label", "delay", language, kind="N"), _tip("n", "articles", language)],
        )
    )
    bars = chart.mark_bar(cornerRadiusEnd=2, fill=colour("ramp-3"))
    numbers = chart.mark_text(align="left", dx=5, fill=colour("soft")).encode(
        text=alt.Text("n:Q", format=",d")
    )
    return _finished(alt.layer(bars, numbers), height=30 * classes)


def runs_chart(language: Language, outcomes: Sequence[str]) -> dict[str, Any]:
    names = {name: word(name)[language] for name in outcomes}
    chart = (
        _base("runs")
        .transform_calculate(label=_names(names, of="datum.o"))
        .mark_rect()
        .encode(
            x=alt.X(
                "a:T", axis=_axis(tickCount=_FEW_TICKS, format=_TIMES), scale=alt.Scale(nice=False)
            ),
            x2="b:T",
            y=alt.Y("y1:Q", axis=_axis(tickCount=3, grid=True, tickMinStep=1, format=",d")),
            y2="y0:Q",
            fill=_scale(
                "o", outcomes, [colour(OUTCOME_COLOURS.get(name, "still")) for name in outcomes]
            ),
            stroke=alt.value(colour("card")),
            tooltip=[
                _day_tip("a", "since", language),
                _tip("label", "outcome", language, kind="N"),
                _tip("n", "runs", language),
            ],
        )
    )
    return _finished(chart, height=190)


# What they share.


def _base(data: str) -> alt.Chart:
    return alt.Chart(alt.NamedData(data))


def _finished(
    chart: alt.Chart | alt.LayerChart | alt.FacetChart,
    *,
    height: int | None = None,
    ratio: float | None = None,
    side: int = 0,
) -> dict[str, Any]:
    """Return the chart as Vega-Lite; its height in pixels, or as a ratio of its width less a side.

    `page.js` fills in the width, and the height from `usermeta`.
    """
    usermeta = {"height": height} if height else {"ratio": ratio, "side": side}
    whole = chart.properties(usermeta=usermeta).configure(**_LOOK)
    made: dict[str, Any] = whole.to_dict(context={"pre_transform": False})
    return made


_LOOK: dict[str, Any] = {
    "autosize": alt.AutoSizeParams(type="fit", contains="padding"),
    "aria": False,  # the page describes its figures itself, and has a table for each
    "background": "transparent",
    "font": FONT,
    "padding": 0,
    "view": alt.ViewConfig(stroke=None),
    "axis": alt.AxisConfig(
        domain=False,
        ticks=False,
        grid=False,
        title=None,
        labelColor=colour("soft"),
        labelFontSize=11.5,
        gridColor=colour("line"),
        labelFlush=True,
        labelAngle=0,
    ),
    "text": alt.MarkConfig(fontSize=11.5),
}


#: As many ticks of a time axis as a phone, or a desk, has room for.
_FEW_TICKS = alt.ExprRef("width < 400 ? 3 : 7")

#: How the ticks of a time axis are named, by the coarsest thing that begins there.
_TIMES = {"year": "%Y", "quarter": "%b", "month": "%b", "week": "%-d %b", "date": "%-d %b"}


def _axis(**options: Any) -> alt.Axis:
    return alt.Axis(**({"title": None} | options))


def _month_axis(language: Language) -> alt.Axis:
    """Label the week in which each month begins, give or take one by the year."""
    weeks = {int(number * 4.35 + 0.45): SHORT_MONTHS[language][number] for number in range(12)}
    return _axis(
        orient="top", values=list(weeks), labelExpr=_names(weeks), labelAlign="left",
        labelFlush=False, labelOverlap=True, labelOffset=-5,
    )  # fmt: skip


def _counts(name: str) -> alt.Y:
    return alt.Y(f"{name}:Q", axis=_axis(tickCount=4, grid=True, format=",d"))


def _shades(name: str, names: Sequence[str]) -> alt.Fill:
    return _scale(name, names, [colour(each) for each in names])


def _scale(name: str, domain: Sequence[str], colours: Sequence[str]) -> alt.Fill:
    scale = alt.Scale(domain=list(domain), range=list(colours))
    return alt.Fill(f"{name}:N", scale=scale, legend=None)


def _either(test: str, yes: str, no: str) -> Any:
    return alt.condition(test, alt.value(colour(yes)), alt.value(colour(no)))


def _tip(name: str, title: str, language: Language, *, kind: str = "Q") -> alt.Tooltip:
    options: dict[str, Any] = {"format": ",d"} if kind == "Q" else {}
    return alt.Tooltip(f"{name}:{kind}", title=TEXTS[title][language], **options)


def _day_tip(
    name: str, title: str, language: Language, layout: str = "%A, %-d %B %Y"
) -> alt.Tooltip:
    return alt.Tooltip(f"{name}:T", title=TEXTS[title][language], format=layout)


def _names(names: Mapping[Any, str], *, of: str = "datum.value") -> str:
    """Return the Vega expression that names a value.

    >>> _names({1: "Jan"})
    '({"1": "Jan"})[datum.value]'
    """
    return f"({json.dumps({str(key): name for key, name in names.items()})})[{of}]"
