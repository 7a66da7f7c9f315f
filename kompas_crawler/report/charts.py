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

from kompas_crawler.report.chart_data import (
    EMPTY,
    LINE,
    OUTCOME_COLOURS,
    PANEL,
    UNPROVEN,
    line_starts,
    panel_foot,
)
from kompas_crawler.report.statistics import BIN, BINS, Cell
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

Spec = dict[str, Any]  # a chart as Vega-Lite describes it

FONT = '"Inter", system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif'
#: Every shade of a cell: a ramp where its days are proven, the same hatched where they are not.
SHADES = (EMPTY, UNPROVEN, *(f"{kind}-{n}" for kind in ("ramp", "hatch") for n in range(1, 6)))


def colour(name: str) -> str:
    """Return a colour of the page's style by its name, or the hatching of that name."""
    if name == UNPROVEN or name.startswith("hatch-"):
        return f"url(#{name})"
    return f"var(--{name})"


@dataclass(frozen=True, slots=True)
class View:
    """The language that a chart is drawn in, and whether the screen is that of a phone."""

    language: Language
    is_narrow: bool

    def tips(self, **titles: str) -> list[alt.Tooltip]:
        """Return a tooltip: fields of the data, each with the name of its title."""
        return [
            alt.Tooltip(f"{name}:{kind}", title=TEXTS[title][self.language], format=layout)
            for name, title in titles.items()
            for kind, layout in [_TIPS.get(title, ("Q", ",d"))]
        ]


#: For whom every chart is drawn; `page.js` chooses.
VIEWS: Mapping[str, View] = {
    f"{screen}{language}": View(language, is_narrow=bool(screen))
    for screen in ("", "phone-")
    for language in LANGUAGES
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
    column, row, columns = ("k", "h", 28) if view.is_narrow else ("x", "y", 54)
    starts = line_starts(cells, "half" if view.is_narrow else "year")
    rows = len(starts) * LINE - 1
    labels = dict(_weekday_labels(view.language, starts))
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


def _weekday_labels(language: Language, starts: Iterable[date]) -> Iterable[tuple[int, str]]:
    """Name every other day of the week, the year beside the first of them."""
    monday = date(2024, 1, 1)
    for number, start in enumerate(starts):
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
    until = f"datum.open ? '{BIN * (BINS - 1)} +' : datum.a + '–' + (datum.b - 1)"
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
        longitude="longitude:Q",
        latitude="latitude:Q",
        size=alt.Size("articles:Q", legend=None, scale=alt.Scale(rangeMin=12, rangeMax=largest)),
        fill=alt.value(colour("accent")),
        tooltip=view.tips(name="place", articles="articles"),
        order=alt.Order("articles:Q", sort="descending"),
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


_TOPIC_TIPS = {
    "t": "topic",
    "label": "period",
    "n": "articles",
    "of": "of-articles",
    "p": "percent",
    "h": "hits",
    "w": "proven-days",
    "d": "of-days",
}


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
    scale = alt.Scale(domain=[0, len(sums)], nice=False)
    axis = _topic_axis(len(sums), [(at, text[view.language]) for at, text in ticks])
    tips = view.tips(**_TOPIC_TIPS)

    def marks(kind: str, where: str, foot: str, **look: Any) -> alt.Chart:
        return (
            _marks("topics", kind, label=_names(labels, of="datum.i"), **look)
            .transform_filter(where)
            .encode(y=alt.Y(f"{foot}:Q", scale=scale, axis=axis), tooltip=tips)
        )

    across = _columns([first for first, _ in spans], unit, view, between=0.12)
    ground = marks("rect", "!datum.ok", "y0", fill=colour(UNPROVEN))
    bars = marks("rect", "datum.n > 0", "y0", cornerRadius=1)
    head: dict[str, Any] = {"baseline": "bottom", "dy": -4, "where": "datum.i == 0", "foot": "top"}
    limit = 100 if view.is_narrow else 500
    words = marks("text", align="left", fill=colour("ink"), limit=limit, **head)
    whole = marks("text", align="right", fill=colour("soft"), **head).transform_calculate(
        sum=_names({k: text[view.language] for k, text in enumerate(sums)}, of="datum.k")
    )
    layers = (
        ground.encode(x=across, y2="top:Q"),
        bars.encode(x=across, y2="y1:Q", fill=_either("datum.ok", "ramp-4", "hatch-4")),
        words.encode(x=alt.value(0), text="t:N"),
        whole.encode(x=alt.value("width"), text="sum:N"),
    )
    return _finished(alt.layer(*layers), height=104 * len(sums) + 36)


def _topic_axis(panels: int, ticks: Sequence[tuple[float, str]]) -> alt.Axis:
    """Return the axis beside all panels, with each panel's ticks."""
    names = {panel_foot(k, panels) + PANEL * at: text for k in range(panels) for at, text in ticks}
    # By thousandths: a number with a decimal mark is written differently in each language.
    thousandths = {round(1000 * at): text for at, text in names.items()}
    return _axis(
        values=list(names),
        labelExpr=_names(thousandths, of="round(1000 * datum.value)"),
        labelFlush=False,
        grid=True,
    )


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
    room = 4 if view.is_narrow else 12
    step = -(-len(days) // room) or 1
    if unit == "day" and step > 2:
        step = -(-step // 7) * 7  # the same day of every week
    labels = {i: span_lines(days[i], unit, view.language) for i in range(0, len(days), step)}
    # No label above a narrow last column may be cut off.
    narrow = view.is_narrow or len(days) > 2 * room
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
        axis=_axis(values=ticks(max(1, most), smallest=0, fewer_than=5), grid=True, format=",d"),
        scale=alt.Scale(domain=[0, max(1, most)], nice=False),
    )


def ticks(most: float, *, smallest: int = -6, fewer_than: int = 4) -> list[float]:
    """Return some round numbers from 0 up to the largest; steps are 1, 2 or 5 times a power of ten.

    >>> ticks(31.4), ticks(100), ticks(0.7)
    ([0, 10, 20, 30], [0, 50, 100], [0.0, 0.2, 0.4, 0.6])
    >>> ticks(7, smallest=0, fewer_than=5), ticks(1234, smallest=0, fewer_than=5)
    ([0, 2, 4, 6], [0, 500, 1000])
    """
    steps = (base * 10**power for power in range(smallest, 12) for base in (1, 2, 5))
    step = next(step for step in steps if most < fewer_than * step)
    return [round(n * step, 6) for n in range(int(most // step) + 1)]


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
