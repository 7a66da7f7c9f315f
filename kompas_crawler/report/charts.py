"""The Vega-Lite charts of the report, in the colours of its page.

A chart names its data and its colours only: the data lie once in the page, for both languages,
and a colour is a variable of the page's style, so light and dark need no second drawing. Widths
are those of the reader's screen, see `page.js`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import altair as alt

from kompas_crawler.report.history import Bucket
from kompas_crawler.report.statistics import BIN, BINS, Cell, Month, TagGrid, shade
from kompas_crawler.report.texts import (
    SHORT_MONTHS,
    TEXTS,
    Language,
    Text,
    page_text_or_name,
    short_weekday,
    span_lines,
    span_name,
)
from kompas_crawler.search.counts import Count
from kompas_crawler.search.places import Spot

Rows = list[dict[str, Any]]

FONT = '"Inter", system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif'
EMPTY = "empty"
UNPROVEN = "unproven"
#: The colours of a ramp by how many of them are needed: equal values lie in its middle.
RAMPS: Mapping[int, tuple[int, ...]] = {
    0: (),
    1: (3,),
    2: (2, 4),
    3: (1, 3, 5),
    4: (1, 2, 4, 5),
    5: (1, 2, 3, 4, 5),
}
#: Every shade of a cell: a ramp where its days are proven, the same hatched where they are not.
SHADES = (EMPTY, UNPROVEN, *(f"{kind}-{n}" for kind in ("ramp", "hatch") for n in range(1, 6)))
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
DESK, PHONE = 12, 4  # labels that an axis has room for
PANEL = 0.76  # of the height that a topic has: the bars; its name stands above them
LINE = 9  # rows of a line of the calendar: seven days, and room for the names of months


def colour(name: str) -> str:
    """Return a colour of the page's style by its name, or the hatching of that name."""
    if name == UNPROVEN or name.startswith("hatch-"):
        return f"url(#{name})"
    return f"var(--{name})"


# The data.


def cell_shade(number: int, bounds: Sequence[int], *, proven: bool) -> str:
    """Return the shade of a number of articles, or of percents.

    >>> cell_shade(0, [], proven=True), cell_shade(7, [], proven=True), cell_shade(7, [], proven=False)
    ('empty', 'ramp-3', 'hatch-3')
    """
    if not number:
        return EMPTY if proven else UNPROVEN
    rank = RAMPS[len(bounds) + 1][shade(number, bounds) - 1]
    return f"{'ramp' if proven else 'hatch'}-{rank}"


def _js_day(day: date) -> str:
    """Return a day as browsers read it in the reader's own zone; with hyphens it would be UTC."""
    return f"{day:%Y/%m/%d}"


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a calendar: a year in each, or half a year on a phone; none is empty."""

    starts: tuple[date, ...]
    halves: bool

    @classmethod
    def of(cls, cells: Iterable[Cell], *, halves: bool) -> Lines:
        return cls(tuple(sorted({_line_of(cell.day, halves=halves) for cell in cells})), halves)

    def place(self, day: date) -> tuple[int, int]:
        """Return the column and the row of a day."""
        start = _line_of(day, halves=self.halves)
        week = ((day - start).days + start.weekday()) // 7
        return week, self.starts.index(start) * LINE + day.weekday()


def _line_of(day: date, *, halves: bool) -> date:
    return date(day.year, 7 if halves and day.month > 6 else 1, 1)


def day_rows(cells: Sequence[Cell], bounds: Sequence[int]) -> Rows:
    """Return the calendar's days: the day `d`, articles `n`, shade `s`, column and row.

    They are `x` and `y` where a line holds a year, `k` and `h` where it holds half.
    """
    years, halves = (Lines.of(cells, halves=halves) for halves in (False, True))
    rows: Rows = []
    for cell in cells:
        (x, y), (k, h) = years.place(cell.day), halves.place(cell.day)
        shade_ = cell_shade(cell.articles, bounds, proven=cell.proven >= 1)
        rows.append(
            {
                "d": _js_day(cell.day),
                "n": cell.articles,
                "s": shade_,
                "x": x,
                "y": y,
                "k": k,
                "h": h,
            }
        )
    return rows


def month_marks(cells: Sequence[Cell]) -> Rows:
    """Return the names of the calendar's months, above the weeks in which they begin."""
    years, halves = (Lines.of(cells, halves=halves) for halves in (False, True))
    rows: Rows = []
    for first in sorted({cell.day.replace(day=1) for cell in cells}):
        (x, y), (k, h) = years.place(first), halves.place(first)
        after = int(first.weekday() > 0)  # in the first week there is more of the month before
        above = {"y": y // LINE * LINE - 1, "h": h // LINE * LINE - 1}
        rows.append({"m": first.month, "x": x + after, "k": k + after, **above})
    return rows


def short_rows(cells: Sequence[Cell]) -> Rows:
    """Return a few days, one by one: articles `n`, and how much of the day is proven `s`."""
    return [
        {
            "i": i,
            "d": _js_day(cell.day),
            "n": cell.articles,
            "p": cell.proven >= 1,
            "s": "ramp-4" if cell.proven >= 1 else "ramp-1" if cell.proven else UNPROVEN,
        }
        for i, cell in enumerate(cells)
    ]


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
    """Return a cell for each tag and span: the articles `n` that carry it, their share `p`."""
    return [
        {
            "t": tag,
            "i": i,
            "n": grid.count(tag, span),
            "of": span.articles,
            "p": round(grid.percent(tag, span), 1),
            "s": cell_shade(whole_percent(grid.percent(tag, span)), bounds, proven=span.proven),
        }
        for tag in grid.tags
        for i, span in enumerate(grid.spans)
    ]


def whole_percent(percent: float) -> int:
    """Return whole percents that are 0 only of nothing.

    >>> whole_percent(0), whole_percent(0.2), whole_percent(7.5)
    (0, 1, 8)
    """
    return max(1, round(percent)) if percent else 0


def topic_rows(topics: Sequence[tuple[str, Sequence[Count]]], most: float) -> Rows:
    """Return a bar for each topic and span: the articles `n` with its words, their share `p`.

    `y0` to `y1` is the bar where `most` percent fill the panel, `top` the panel's upper end; `ok`
    where all days of the span are proven.
    """
    rows: Rows = []
    for k, (name, counts) in enumerate(topics):
        foot = panel_foot(k, len(topics))
        for i, count in enumerate(counts):
            percent = 100 * count.found / count.articles if count.articles else 0.0
            rows.append(
                {
                    "k": k,
                    "t": name,
                    "i": i,
                    "n": count.found,
                    "of": count.articles,
                    "p": round(percent, 2),
                    "h": count.hits,
                    "w": count.proven,
                    "d": count.days,
                    "ok": count.proven == count.days,
                    "y0": foot,
                    "y1": round(foot + PANEL * percent / most, 4),
                    "top": foot + PANEL,
                }
            )
    return rows


def panel_foot(number: int, panels: int) -> int:
    """Return the height at which a topic's panel stands: the first one highest."""
    return panels - 1 - number


def delay_rows(delays: Mapping[int, int], classes: int) -> Rows:
    return [{"i": i, "n": delays.get(i, 0)} for i in range(classes)]


def run_rows(buckets: Sequence[Bucket]) -> Rows:
    """Return the runs by stretch of days and outcome, one outcome on top of the other."""
    heights: Counter[date] = Counter()
    places = {first: i for i, first in enumerate(bucket_days(buckets))}
    rows: Rows = []
    for bucket in sorted(buckets, key=lambda each: _rank(each.outcome)):
        below = heights[bucket.first]
        heights[bucket.first] += bucket.runs
        rows.append(
            {
                "i": places[bucket.first],
                "d": _js_day(bucket.first),
                "o": bucket.outcome,
                "n": bucket.runs,
                "y0": below,
                "y1": below + bucket.runs,
            }
        )
    return rows


def bucket_days(buckets: Sequence[Bucket]) -> list[date]:
    """Return the first days of all stretches, those without a run among them."""
    if not buckets:
        return []
    first, last = (each(bucket.first for bucket in buckets) for each in (min, max))
    width = (buckets[0].end - buckets[0].first).days
    return [first + timedelta(days=n) for n in range(0, (last - first).days + 1, width)]


def _rank(outcome: str) -> int:
    order = list(OUTCOME_COLOURS)
    return order.index(outcome) if outcome in order else len(order)


# The drawings.


def days_chart(language: Language, lines: Lines) -> dict[str, Any]:
    """Return the calendar, a line of weeks for every year, or for every half of it."""
    column, row = ("k", "h") if lines.halves else ("x", "y")
    columns = 28 if lines.halves else 54
    rows = len(lines.starts) * LINE - 1
    labels = dict(_weekday_labels(language, lines))
    across = alt.X(
        f"{column}:O", scale=alt.Scale(domain=list(range(columns)), paddingInner=0.16), axis=None
    )
    down = alt.Y(
        f"{row}:O",
        scale=alt.Scale(domain=list(range(-1, rows - 1)), paddingInner=0.16),
        axis=_axis(values=list(labels), labelExpr=_names(labels), labelPadding=6),
    )
    months = dict(enumerate(SHORT_MONTHS[language], start=1))
    names = (
        _base("month-marks")
        .transform_calculate(label=_names(months, of="datum.m"))
        .mark_text(align="left", baseline="middle", dx=-5, dy=-3, fill=colour("soft"))
        .encode(x=across, y=down, text="label:N")
    )
    days = (
        _base("days")
        .mark_rect(cornerRadius=1.5)
        .encode(
            x=across,
            y=down,
            fill=_shades("s", SHADES),
            tooltip=[_day_tip("d", "day", language), _tip("n", "articles", language)],
        )
    )
    return _finished(alt.layer(days, names), ratio=rows / columns, side=64)


def _weekday_labels(language: Language, lines: Lines) -> Iterable[tuple[int, str]]:
    """Name every other day of the week, the year beside the first of them."""
    monday = date(2024, 1, 1)
    for number, start in enumerate(lines.starts):
        for day in (0, 2, 4):
            name = short_weekday(monday + timedelta(days=day), language)
            yield number * LINE + day, f"{start.year}  {name}" if day == 0 else name


def short_days_chart(language: Language, cells: Sequence[Cell], most: int) -> dict[str, Any]:
    """Return a bar for each of a few days, over a hatched ground where the day is not proven."""
    days, highest = [cell.day for cell in cells], max(cell.articles for cell in cells)
    ground = (
        _base("short")
        .transform_filter("!datum.p")
        .mark_rect(fill=colour(UNPROVEN))
        .encode(
            x=_columns(days, "day", language, most),
            tooltip=[_day_tip("d", "day", language), _tip("n", "articles", language)],
        )
    )
    bars = (
        _base("short")
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            x=_columns(days, "day", language, most),
            y=_counts("n", highest),
            fill=_either("datum.p", "ramp-4", "hatch-4"),
            tooltip=[_day_tip("d", "day", language), _tip("n", "articles", language)],
        )
    )
    return _finished(alt.layer(ground, bars), height=220)


def short_coverage_chart(language: Language, days: Sequence[date], most: int) -> dict[str, Any]:
    """Return a cell for each of a few days by how much of it is proven."""
    chart = (
        _base("short")
        .mark_rect(cornerRadius=3)
        .encode(
            x=_columns(days, "day", language, most),
            fill=_shades("s", SHADES),
            tooltip=[_day_tip("d", "day", language), _tip("n", "articles", language)],
        )
    )
    return _finished(chart, height=76)


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
            fill=_shades("s", SHADES),
            tooltip=[
                _day_tip("d", "month", language, "%B %Y"),
                _tip("w", "proven-days", language),
                _tip("of", "of-days", language),
                _tip("n", "articles", language),
            ],
        )
    )
    return _finished(chart, height=24 * years + 24)


def hours_chart(language: Language, most: int) -> dict[str, Any]:
    chart = (
        _base("hours")
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            x=alt.X(
                "h:O",
                scale=alt.Scale(paddingInner=0.22),
                axis=_axis(values=list(range(0, 24, 3)), format="02d"),
            ),
            y=_counts("n", most),
            fill=_either("datum.top", "accent", "ramp-2"),
            tooltip=[_tip("h", "hour", language), _tip("n", "articles", language)],
        )
    )
    return _finished(chart, height=220)


def length_chart(language: Language, most: int) -> dict[str, Any]:
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
            y=_counts("n", most),
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


def tags_chart(language: Language, grid: TagGrid, most: int) -> dict[str, Any]:
    """Return the tags by the share of each span's articles that carry them."""
    names = {
        i: span_name(span.first, span.end - timedelta(days=1), grid.unit)[language]
        for i, span in enumerate(grid.spans)
    }
    chart = (
        _base("tags")
        .transform_calculate(label=_names(names, of="datum.i"))
        .mark_rect(cornerRadius=1.5)
        .encode(
            x=_columns(
                [span.first for span in grid.spans], grid.unit, language, most, between=0.04
            ),
            y=alt.Y(
                "t:N",
                sort=list(grid.tags),
                scale=alt.Scale(paddingInner=0.14),
                axis=_axis(
                    labelLimit=150 if most == DESK else 90,
                    labelPadding=8,
                    labelColor=colour("ink"),
                ),
            ),
            fill=_shades("s", SHADES),
            tooltip=[
                _tip("t", "tag", language, kind="N"),
                _tip("label", "period", language, kind="N"),
                _tip("n", "articles", language),
                _tip("of", "of-articles", language),
                _tip("p", "percent", language, layout=",.1f"),
            ],
        )
    )
    return _finished(chart, height=24 * len(grid.tags) + 40)


def topics_chart(
    language: Language,
    sums: Sequence[Text],
    spans: Sequence[tuple[date, date]],
    unit: str,
    ticks: Sequence[tuple[float, Text]],
    most: int,
) -> dict[str, Any]:
    """Return a panel of bars for each topic, one below the other, on the same scale.

    Above each stand its words and what they add up to, one text of `sums` each. A tick is a part of
    a panel's height, from 0 to 1, and its label.
    """
    labels = {i: span_name(*span, unit)[language] for i, span in enumerate(spans)}
    told = {k: text[language] for k, text in enumerate(sums)}
    heights = {
        panel_foot(k, len(sums)) + PANEL * at: text[language]
        for k in range(len(sums))
        for at, text in ticks
    }
    # By thousandths: a number with a decimal mark is written differently in each language.
    tick_names = _names(
        {round(1000 * at): text for at, text in heights.items()}, of="round(1000 * datum.value)"
    )

    def down(name: str) -> alt.Y:
        return alt.Y(
            f"{name}:Q",
            scale=alt.Scale(domain=[0, len(sums)], nice=False),
            axis=_axis(values=list(heights), labelExpr=tick_names, labelFlush=False, grid=True),
        )

    across = _columns([first for first, _ in spans], unit, language, most, between=0.12)
    panels = (
        _base("topics")
        .transform_calculate(label=_names(labels, of="datum.i"), sum=_names(told, of="datum.k"))
        .encode(
            tooltip=[
                _tip("t", "topic", language, kind="N"),
                _tip("label", "period", language, kind="N"),
                _tip("n", "articles", language),
                _tip("of", "of-articles", language),
                _tip("p", "percent", language, layout=",.1f"),
                _tip("h", "hits", language),
                _tip("w", "proven-days", language),
                _tip("d", "of-days", language),
            ]
        )
    )
    ground = (
        panels.transform_filter("!datum.ok")
        .mark_rect(fill=colour(UNPROVEN))
        .encode(x=across, y=down("y0"), y2="top:Q")
    )
    bars = (
        panels.transform_filter("datum.n > 0")
        .mark_rect(cornerRadius=1)
        .encode(x=across, y=down("y0"), y2="y1:Q", fill=_either("datum.ok", "ramp-4", "hatch-4"))
    )
    head = panels.transform_filter("datum.i == 0").encode(y=down("top"))
    words = head.mark_text(
        align="left",
        baseline="bottom",
        dy=-4,
        fill=colour("ink"),
        limit=500 if most == DESK else 100,
    ).encode(x=alt.value(0), text="t:N")
    whole = head.mark_text(align="right", baseline="bottom", dy=-4, fill=colour("soft")).encode(
        x=alt.value("width"), text="sum:N"
    )
    return _finished(alt.layer(ground, bars, words, whole), height=104 * len(sums) + 36)


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


def runs_chart(
    language: Language, outcomes: Sequence[str], buckets: Sequence[Bucket], most: int
) -> dict[str, Any]:
    heights: Counter[date] = Counter()
    for bucket in buckets:
        heights[bucket.first] += bucket.runs
    days = bucket_days(buckets)
    names = {name: page_text_or_name(name)[language] for name in outcomes}
    chart = (
        _base("runs")
        .transform_calculate(label=_names(names, of="datum.o"))
        .mark_rect()
        .encode(
            x=_columns(days, _unit_of(buckets), language, most),
            y=_counts("y1", max(heights.values())),
            y2="y0:Q",
            fill=_scale(
                "o", outcomes, [colour(OUTCOME_COLOURS.get(name, "still")) for name in outcomes]
            ),
            stroke=alt.value(colour("card")),
            tooltip=[
                _day_tip("d", "since", language),
                _tip("label", "outcome", language, kind="N"),
                _tip("n", "runs", language),
            ],
        )
    )
    return _finished(chart, height=190)


def _unit_of(buckets: Sequence[Bucket]) -> str:
    """Return how the axis of the runs names a stretch of days."""
    width = (buckets[0].end - buckets[0].first).days
    return "day" if width == 1 else "week" if width == 7 else "month"


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
    # That every chart keeps Vega-Lite's schema is tested; to check it takes half of the time.
    made: dict[str, Any] = whole.to_dict(validate=False, context={"pre_transform": False})
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


def _axis(**options: Any) -> alt.Axis:
    return alt.Axis(**({"title": None} | options))


def _columns(
    days: Sequence[date], unit: str, language: Language, most: int, *, between: float = 0.16
) -> alt.X:
    """Return the axis of spans that begin on these days, some `most` of them named."""
    step = -(-len(days) // most) or 1
    if unit == "day" and step > 2:
        step = -(-step // 7) * 7  # the same day of every week
    labels = {i: span_lines(days[i], unit, language) for i in range(0, len(days), step)}
    return alt.X(
        "i:O",
        scale=alt.Scale(domain=list(range(len(days))), paddingInner=between, paddingOuter=0.1),
        axis=_axis(
            values=list(labels),
            labelExpr=_names(labels),
            labelOverlap=False,
            labelAlign=_away_from_the_edge(len(days), most),
        ),
    )


def _away_from_the_edge(columns: int, most: int) -> dict[str, Any]:
    """Return how labels are aligned, so that none above a narrow last column is cut off."""
    narrow = most == PHONE or columns > 2 * most
    test = f"datum.value > {columns * 0.93 - 0.5}" if narrow else "false"
    return {"condition": {"test": test, "value": "right"}, "value": "center"}


def _counts(name: str, most: int) -> alt.Y:
    """Return an axis of whole numbers from 0 to the largest one."""
    return alt.Y(
        f"{name}:Q",
        axis=_axis(values=whole_ticks(most), grid=True, format=",d"),
        scale=alt.Scale(domain=[0, max(1, most)], nice=False),
    )


def whole_ticks(most: int) -> list[int]:
    """Return up to six round numbers from 0 on, none of them twice.

    >>> whole_ticks(1), whole_ticks(7), whole_ticks(1234)
    ([0, 1], [0, 2, 4, 6], [0, 500, 1000])
    """
    steps = (base * 10**power for power in range(12) for base in (1, 2, 5))
    step = next(step for step in steps if most < 5 * step)
    return list(range(0, max(1, most) + 1, step))


def _shades(name: str, names: Sequence[str]) -> alt.Fill:
    return _scale(name, names, [colour(each) for each in names])


def _scale(name: str, domain: Sequence[str], colours: Sequence[str]) -> alt.Fill:
    scale = alt.Scale(domain=list(domain), range=list(colours))
    return alt.Fill(f"{name}:N", scale=scale, legend=None)


def _either(test: str, yes: str, no: str) -> Any:
    return alt.condition(test, alt.value(colour(yes)), alt.value(colour(no)))


def _tip(
    name: str, title: str, language: Language, *, kind: str = "Q", layout: str = ",d"
) -> alt.Tooltip:
    options: dict[str, Any] = {"format": layout} if kind == "Q" else {}
    return alt.Tooltip(f"{name}:{kind}", title=TEXTS[title][language], **options)


def _day_tip(
    name: str, title: str, language: Language, layout: str = "%A, %-d %B %Y"
) -> alt.Tooltip:
    return alt.Tooltip(f"{name}:T", title=TEXTS[title][language], format=layout)


def _names(names: Mapping[Any, str | list[str]], *, of: str = "datum.value") -> str:
    """Return the Vega expression that names a value.

    >>> _names({1: "Jan"})
    '({"1": "Jan"})[datum.value]'
    """
    return f"({json.dumps({str(key): name for key, name in names.items()})})[{of}]"
