"""The Vega-Lite charts of the report, in the colours of its page.

A chart names its data and its colours only: the data lie once in the page, for both languages,
and a colour is a variable of the page's style, so light and dark need no second drawing. Widths
are those of the reader's screen, see `page.js`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import altair as alt

from kompas_crawler.report.statistics import BIN, BINS, Cell, Month, shade
from kompas_crawler.report.texts import (
    LANGUAGES,
    SHORT_MONTHS,
    TEXTS,
    Language,
    Text,
    short_weekday,
    span_lines,
    span_name,
)
from kompas_crawler.search.counts import Count
from kompas_crawler.search.places import Spot

Rows = list[dict[str, Any]]
Spec = dict[str, Any]  # a chart as Vega-Lite describes it

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
#: The colours of the ways a run ends, by what they mean to a person: good, partial, bad, stopped by hand.
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
PANEL = 0.76  # of the height of a topic: the bars; its name is above them
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


def _places(cells: Sequence[Cell]) -> Callable[[date], dict[str, int]]:
    """Return what gives a day's column and row in the calendar of these days.

    They are `x` and `y` where a line holds a year, `k` and `h` where it holds half.
    """
    years, halves = (Lines.of(cells, halves=halves) for halves in (False, True))
    return lambda day: dict(zip("xykh", (*years.place(day), *halves.place(day)), strict=True))


def day_rows(cells: Sequence[Cell], bounds: Sequence[int]) -> Rows:
    """Return the calendar's days: the day `d`, articles `n`, shade `s`, column and row."""
    places = _places(cells)
    return [
        {
            "d": _js_day(cell.day),
            "n": cell.articles,
            "s": cell_shade(cell.articles, bounds, proven=cell.is_proven),
            **places(cell.day),
        }
        for cell in cells
    ]


def month_marks(cells: Sequence[Cell]) -> Rows:
    """Return the names of the calendar's months, above the weeks in which they begin."""
    places = _places(cells)
    rows: Rows = []
    for first in sorted({cell.day.replace(day=1) for cell in cells}):
        place = places(first)
        after = int(first.weekday() > 0)  # in the first week there is more of the month before
        above = {name: place[name] // LINE * LINE - 1 for name in "yh"}
        rows.append({"m": first.month, "x": place["x"] + after, "k": place["k"] + after, **above})
    return rows


def short_rows(cells: Sequence[Cell]) -> Rows:
    """Return a few days, one by one: articles `n`, and how much of the day is proven `s`."""
    return [
        {
            "i": i,
            "d": _js_day(cell.day),
            "n": cell.articles,
            "p": cell.is_proven,
            "s": "ramp-4" if cell.is_proven else "ramp-1" if cell.proven else UNPROVEN,
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


def tag_rows(tags: Mapping[str, Sequence[Count]], bounds: Sequence[int]) -> Rows:
    """Return a cell for each tag and span: the articles `n` that carry it, their share `p`."""
    return [
        {
            "t": tag,
            "i": i,
            "n": count.found,
            "of": count.articles,
            "p": round(count.percent, 1),
            "s": cell_shade(whole_percent(count.percent), bounds, proven=count.is_proven),
        }
        for tag, counts in tags.items()
        for i, count in enumerate(counts)
    ]


def whole_percent(percent: float) -> int:
    """Return a whole percentage, which is 0 only for 0.

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
            rows.append(
                {
                    "k": k,
                    "t": name,
                    "i": i,
                    "n": count.found,
                    "of": count.articles,
                    "p": round(count.percent, 2),
                    "h": count.hits,
                    "w": count.proven,
                    "d": count.days,
                    "ok": count.is_proven,
                    "y0": foot,
                    "y1": round(foot + PANEL * count.percent / most, 4),
                    "top": foot + PANEL,
                }
            )
    return rows


def panel_foot(number: int, panels: int) -> int:
    """Return the height of the foot of a topic's panel: the first one is highest."""
    return panels - 1 - number


def delay_rows(delays: Mapping[int, int], classes: int) -> Rows:
    return [{"i": i, "n": delays.get(i, 0)} for i in range(classes)]


def run_rows(spans: Mapping[date, Counter[str]]) -> Rows:
    """Return the runs by span and outcome, one outcome on top of the other."""
    rows: Rows = []
    for i, (first, outcomes) in enumerate(spans.items()):
        height = 0
        for outcome in filter(outcomes.get, OUTCOME_COLOURS):
            top = height + outcomes[outcome]
            shown = {"o": outcome, "n": outcomes[outcome], "y0": height, "y1": top}
            rows.append({"i": i, "d": _js_day(first), **shown})
            height = top
    return rows


# The drawings.


@dataclass(frozen=True, slots=True)
class View:
    """The language that a chart is drawn in, and how many labels an axis has room for."""

    language: Language
    labels: int

    @property
    def is_narrow(self) -> bool:
        return self.labels == PHONE

    def tips(self, **titles: str) -> list[alt.Tooltip]:
        """Return a tooltip: fields of the data, each with the name of its title."""
        return [
            alt.Tooltip(f"{name}:{kind}", title=TEXTS[title][self.language], format=layout)
            for name, title in titles.items()
            for kind, layout in [_TIPS.get(title, ("Q", ",d"))]
        ]


#: For whom every chart is drawn; `page.js` chooses.
VIEWS: Mapping[str, View] = {language: View(language, DESK) for language in LANGUAGES} | {
    f"phone-{language}": View(language, PHONE) for language in LANGUAGES
}
_DAY = ("T", "%A, %-d %B %Y")
#: What a tooltip shows that is no whole number, by its title: the kind of value and its format.
_TIPS: Mapping[str, tuple[str, Any]] = {
    "day": _DAY,
    "since": _DAY,
    "month": ("T", "%B %Y"),
    "percent": ("Q", ",.1f"),
    **dict.fromkeys(
        ("delay", "outcome", "period", "place", "tag", "topic", "words"), ("N", alt.Undefined)
    ),
}


def days_chart(cells: Sequence[Cell], view: View) -> Spec:
    """Return the calendar, a line of weeks for every year, on a phone for every half of it."""
    lines = Lines.of(cells, halves=view.is_narrow)
    column, row, columns = ("k", "h", 28) if lines.halves else ("x", "y", 54)
    rows = len(lines.starts) * LINE - 1
    labels = dict(_weekday_labels(view.language, lines))
    place: dict[str, Any] = {
        "x": alt.X(f"{column}:O", scale=_band(0.16, range(columns)), axis=None),
        "y": alt.Y(
            f"{row}:O",
            scale=_band(0.16, range(-1, rows - 1)),
            axis=_axis(values=list(labels), labelExpr=_names(labels), labelPadding=6),
        ),
    }
    months = _names(dict(enumerate(SHORT_MONTHS[view.language], start=1)), of="datum.m")
    look: dict[str, Any] = {
        "align": "left",
        "baseline": "middle",
        "dx": -5,
        "dy": -3,
        "fill": colour("soft"),
    }
    names = _marks("month-marks", "text", label=months, **look).encode(**place, text="label:N")
    days = _marks("days", "rect", cornerRadius=1.5).encode(
        **place, fill=_SHADES, tooltip=view.tips(d="day", n="articles")
    )
    return _finished(alt.layer(days, names), ratio=rows / columns, side=64)


def _weekday_labels(language: Language, lines: Lines) -> Iterable[tuple[int, str]]:
    """Name every other day of the week, the year beside the first of them."""
    monday = date(2024, 1, 1)
    for number, start in enumerate(lines.starts):
        for day in (0, 2, 4):
            name = short_weekday(monday + timedelta(days=day), language)
            yield number * LINE + day, f"{start.year}  {name}" if day == 0 else name


def short_days_chart(cells: Sequence[Cell], view: View) -> Spec:
    """Return a bar for each of a few days, over a hatched ground where the day is not proven."""
    days: dict[str, Any] = {
        "x": _columns([cell.day for cell in cells], "day", view),
        "tooltip": view.tips(d="day", n="articles"),
    }
    ground = _marks("short", "rect", fill=colour(UNPROVEN)).transform_filter("!datum.p")
    bars = _marks("short", "bar", cornerRadiusEnd=2).encode(
        **days,
        y=_counts("n", max(cell.articles for cell in cells)),
        fill=_either("datum.p", "ramp-4", "hatch-4"),
    )
    return _finished(alt.layer(ground.encode(**days), bars), height=220)


def short_coverage_chart(cells: Sequence[Cell], view: View) -> Spec:
    """Return a cell for each of a few days by how much of it is proven."""
    chart = _marks("short", "rect", cornerRadius=3).encode(
        x=_columns([cell.day for cell in cells], "day", view),
        fill=_SHADES,
        tooltip=view.tips(d="day", n="articles"),
    )
    return _finished(chart, height=76)


def coverage_chart(years: int, view: View) -> Spec:
    """Return the months by how much of them is proven, a line for every year."""
    names = {
        number: name[:1] if view.is_narrow else name
        for number, name in enumerate(SHORT_MONTHS[view.language], start=1)
    }
    months = _axis(orient="top", labelExpr=_names(names))
    chart = _marks("months", "rect", cornerRadius=3).encode(
        x=alt.X("m:O", scale=_band(0.08, names), axis=months),
        y=alt.Y("y:O", scale=_band(0.12), axis=_axis(labelPadding=6)),
        fill=_SHADES,
        tooltip=view.tips(d="month", w="proven-days", of="of-days", n="articles"),
    )
    return _finished(chart, height=24 * years + 24)


def hours_chart(most: int, view: View) -> Spec:
    hours = _axis(values=list(range(0, 24, 3)), format="02d")
    chart = _marks("hours", "bar", cornerRadiusEnd=2).encode(
        x=alt.X("h:O", scale=_band(0.22), axis=hours),
        y=_counts("n", most),
        fill=_either("datum.top", "accent", "ramp-2"),
        tooltip=view.tips(h="hour", n="articles"),
    )
    return _finished(chart, height=220)


def length_chart(most: int, view: View) -> Spec:
    until = f"datum.open ? '{BIN * (BINS - 1)} +' : datum.a + '–' + datum.b"
    words = _axis(tickCount=6, format=",d")
    chart = _marks("lengths", "rect", label=until).encode(
        x=alt.X("a:Q", scale=alt.Scale(nice=False, zero=True), axis=words),
        x2="b:Q",
        y=_counts("n", most),
        y2=alt.datum(0),
        fill=_either("datum.mid", "accent", "ramp-2"),
        stroke=alt.value(colour("card")),
        tooltip=view.tips(label="words", n="articles"),
    )
    return _finished(chart, height=220)


def map_chart(view: View) -> Spec:
    """Return the world with a disc on every place."""
    largest = 400 if view.is_narrow else 1400  # the area of a disc in pixels
    edge = colour("card")
    land = _marks("land", "geoshape", fill=colour("land"), stroke=edge, strokeWidth=0.4)
    discs = _marks("spots", "circle", opacity=0.72, stroke=edge, strokeWidth=0.8).encode(
        longitude="lon:Q",
        latitude="lat:Q",
        size=alt.Size("n:Q", legend=None, scale=alt.Scale(rangeMin=12, rangeMax=largest)),
        fill=alt.value(colour("accent")),
        tooltip=view.tips(name="place", n="articles"),
        order=alt.Order("n:Q", sort="descending"),
    )
    chart = alt.layer(land, discs).project(type="equalEarth", rotate=[-11, 0, 0])
    return _finished(chart, ratio=0.47)


def tags_chart(unit: str, tags: Mapping[str, Sequence[Count]], view: View) -> Spec:
    """Return the tags by the share of each span's articles that carry them."""
    spans = next(iter(tags.values()))
    names = {
        i: span_name(span.first, span.last, unit)[view.language] for i, span in enumerate(spans)
    }
    limit = 90 if view.is_narrow else 150
    axis = _axis(labelLimit=limit, labelPadding=8, labelColor=colour("ink"))
    chart = _marks("tags", "rect", label=_names(names, of="datum.i"), cornerRadius=1.5).encode(
        x=_columns([span.first for span in spans], unit, view, between=0.04),
        y=alt.Y("t:N", sort=list(tags), scale=_band(0.14), axis=axis),
        fill=_SHADES,
        tooltip=view.tips(t="tag", label="period", n="articles", of="of-articles", p="percent"),
    )
    return _finished(chart, height=24 * len(tags) + 40)


def topics_chart(
    sums: Sequence[Text],
    spans: Sequence[tuple[date, date]],
    unit: str,
    ticks: Sequence[tuple[float, Text]],
    view: View,
) -> Spec:
    """Return a panel of bars for each topic, one below the other, on the same scale.

    Above each are its words and their sum, one text of `sums` each. A tick is a part of
    a panel's height, from 0 to 1, and its label.
    """
    labels = {i: span_name(*span, unit)[view.language] for i, span in enumerate(spans)}
    heights = {
        panel_foot(k, len(sums)) + PANEL * at: text[view.language]
        for k in range(len(sums))
        for at, text in ticks
    }
    # By thousandths: a number with a decimal mark is written differently in each language.
    tick_names = _names(
        {round(1000 * at): text for at, text in heights.items()}, of="round(1000 * datum.value)"
    )
    axis = _axis(values=list(heights), labelExpr=tick_names, labelFlush=False, grid=True)
    scale = alt.Scale(domain=[0, len(sums)], nice=False)
    across = _columns([first for first, _ in spans], unit, view, between=0.12)
    tips = view.tips(
        t="topic",
        label="period",
        n="articles",
        of="of-articles",
        p="percent",
        h="hits",
        w="proven-days",
        d="of-days",
    )

    def marks(kind: str, where: str, foot: str, **look: Any) -> alt.Chart:
        return (
            _marks("topics", kind, label=_names(labels, of="datum.i"), **look)
            .transform_filter(where)
            .encode(y=alt.Y(f"{foot}:Q", scale=scale, axis=axis), tooltip=tips)
        )

    ground = marks("rect", "!datum.ok", "y0", fill=colour(UNPROVEN)).encode(x=across, y2="top:Q")
    bars = marks("rect", "datum.n > 0", "y0", cornerRadius=1).encode(
        x=across, y2="y1:Q", fill=_either("datum.ok", "ramp-4", "hatch-4")
    )
    head: dict[str, Any] = {"baseline": "bottom", "dy": -4, "where": "datum.i == 0", "foot": "top"}
    limit = 100 if view.is_narrow else 500
    words = marks("text", align="left", fill=colour("ink"), limit=limit, **head)
    whole = marks("text", align="right", fill=colour("soft"), **head).transform_calculate(
        sum=_names({k: text[view.language] for k, text in enumerate(sums)}, of="datum.k")
    )
    layers = (
        ground,
        bars,
        words.encode(x=alt.value(0), text="t:N"),
        whole.encode(x=alt.value("width"), text="sum:N"),
    )
    return _finished(alt.layer(*layers), height=104 * len(sums) + 36)


def delays_chart(classes: int, most: int, view: View) -> Spec:
    names = {i: TEXTS[f"delay-{i}"][view.language] for i in range(classes)}
    axis = _axis(labelExpr=_names(names), labelPadding=8, labelColor=colour("ink"))
    channels: dict[str, Any] = {
        "y": alt.Y("i:O", scale=_band(0.3), axis=axis),
        # A quarter more than the longest bar: room for its number.
        "x": alt.X("n:Q", axis=None, scale=alt.Scale(domain=[0, 1.25 * most], nice=False)),
        "tooltip": view.tips(label="delay", n="articles"),
    }
    label = _names(names, of="datum.i")
    bars = _marks("delays", "bar", label=label, cornerRadiusEnd=2, fill=colour("ramp-3"))
    numbers = _marks("delays", "text", label=label, align="left", dx=5, fill=colour("soft"))
    number = alt.Text("n:Q", format=",d")
    layers = (bars.encode(**channels), numbers.encode(**channels, text=number))
    return _finished(alt.layer(*layers), height=30 * classes)


def runs_chart(
    outcomes: Sequence[str], unit: str, spans: Mapping[date, Counter[str]], view: View
) -> Spec:
    names = {name: TEXTS[name][view.language] for name in outcomes}
    colours = [colour(OUTCOME_COLOURS[name]) for name in outcomes]
    chart = _marks("runs", "rect", label=_names(names, of="datum.o")).encode(
        x=_columns(list(spans), unit, view),
        y=_counts("y1", max(ended.total() for ended in spans.values())),
        y2="y0:Q",
        fill=_scale("o", outcomes, colours),
        stroke=alt.value(colour("card")),
        tooltip=view.tips(d="since", label="outcome", n="runs"),
    )
    return _finished(chart, height=190)


# What they share.


def _marks(data: str, kind: Any, *, label: str = "", **look: Any) -> alt.Chart:
    """Return a mark of this kind for each row of the data; `label` computes a field of each."""
    chart = alt.Chart(alt.NamedData(data), mark=alt.MarkDef(type=kind, **look))
    return chart.transform_calculate(label=label) if label else chart


def _finished(
    chart: alt.Chart | alt.LayerChart | alt.FacetChart,
    *,
    height: int | None = None,
    ratio: float | None = None,
    side: int = 0,
) -> Spec:
    """Return the chart as Vega-Lite; its height in pixels, or as a ratio of its width less a side.

    `page.js` fills in the width, and the height from `usermeta`.
    """
    usermeta = {"height": height} if height else {"ratio": ratio, "side": side}
    whole = chart.properties(usermeta=usermeta).configure(**_LOOK)
    # That every chart keeps Vega-Lite's schema is tested; to check it takes half of the time.
    made: Spec = whole.to_dict(validate=False, context={"pre_transform": False})
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


def _band(between: float, domain: Iterable[int] | None = None) -> alt.Scale:
    """Return a scale of places in a row, with this part of each left free between them."""
    places = alt.Undefined if domain is None else list(domain)
    return alt.Scale(domain=places, paddingInner=between)


def _columns(days: Sequence[date], unit: str, view: View, *, between: float = 0.16) -> alt.X:
    """Return the axis of spans that begin on these days, with as many labels as have room."""
    step = -(-len(days) // view.labels) or 1
    if unit == "day" and step > 2:
        step = -(-step // 7) * 7  # the same day of every week
    labels = {i: span_lines(days[i], unit, view.language) for i in range(0, len(days), step)}
    # No label above a narrow last column may be cut off.
    narrow = view.is_narrow or len(days) > 2 * view.labels
    test = f"datum.value > {len(days) * 0.93 - 0.5}" if narrow else "false"
    return alt.X(
        "i:O",
        scale=alt.Scale(domain=list(range(len(days))), paddingInner=between, paddingOuter=0.1),
        axis=_axis(
            values=list(labels),
            labelExpr=_names(labels),
            labelOverlap=False,
            labelAlign={"condition": {"test": test, "value": "right"}, "value": "center"},
        ),
    )


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


def _scale(name: str, domain: Sequence[str], colours: Sequence[str]) -> alt.Fill:
    scale = alt.Scale(domain=list(domain), range=list(colours))
    return alt.Fill(f"{name}:N", scale=scale, legend=None)


_SHADES = _scale("s", SHADES, list(map(colour, SHADES)))


def _either(test: str, yes: str, no: str) -> Any:
    return alt.condition(test, alt.value(colour(yes)), alt.value(colour(no)))


def _names(names: Mapping[Any, str | list[str]], *, of: str = "datum.value") -> str:
    """Return the Vega expression that names a value.

    >>> _names({1: "Jan"})
    '({"1": "Jan"})[datum.value]'
    """
    return f"({json.dumps({str(key): name for key, name in names.items()})})[{of}]"
