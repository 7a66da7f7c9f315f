"""The data of the report's charts: rows with short names, which lie once in the page."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from kompas_crawler.report.statistics import BIN, BINS, Cell, Month
from kompas_crawler.search.counts import Count, Unit, first_day

Rows = list[dict[str, Any]]

EMPTY = "empty"
UNPROVEN = "unproven"
#: The colours of a ramp by how many bounds part them: equal values lie in its middle.
RAMPS = ((3,), (2, 4), (1, 3, 5), (1, 2, 4, 5), (1, 2, 3, 4, 5))
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
PANEL = 0.76  # of the height of a topic: the bars; its name is above them
LINE = 9  # rows of a line of the calendar: seven days, and room for the names of months


def cell_shade(number: int, bounds: Sequence[int], *, proven: bool) -> str:
    """Return the shade of a number of articles, or of percents.

    >>> cell_shade(0, [], proven=True), cell_shade(7, [], proven=True), cell_shade(7, [], proven=False)
    ('empty', 'ramp-3', 'hatch-3')
    """
    if not number:
        return EMPTY if proven else UNPROVEN
    rank = RAMPS[len(bounds)][bisect(bounds, number)]
    return f"{'ramp' if proven else 'hatch'}-{rank}"


def _js_day(day: date) -> str:
    """Return a day as browsers read it in the reader's own zone; with hyphens it would be UTC."""
    return f"{day:%Y/%m/%d}"


def line_starts(cells: Iterable[Cell], unit: Unit) -> list[date]:
    """Return the first days of a calendar's lines, a year or half a year each; none is empty."""
    return sorted({first_day(unit, cell.day) for cell in cells})


def _place(day: date, unit: Unit, starts: Sequence[date]) -> tuple[int, int]:
    start = first_day(unit, day)
    week = ((day - start).days + start.weekday()) // 7
    return week, starts.index(start) * LINE + day.weekday()


def _places(cells: Sequence[Cell]) -> Callable[[date], dict[str, int]]:
    """Return what gives a day's column and row in the calendar of these days.

    They are `x` and `y` where a line holds a year, `k` and `h` where it holds half.
    """
    years, halves = line_starts(cells, "year"), line_starts(cells, "half")
    return lambda day: dict(
        zip("xykh", (*_place(day, "year", years), *_place(day, "half", halves)), strict=True)
    )


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


def length_rows(bins: Mapping[int, int], median: int) -> Rows:
    """Return the bins up to the last: from `a` up to below `b` words, or more if it is `open`."""
    last = max(bins, default=0)
    return [
        {
            "a": number * BIN,
            "b": (number + 1) * BIN,
            "n": bins.get(number, 0),
            "mid": number == min(median // BIN, BINS - 1),
            "open": number == BINS - 1,
        }
        for number in range(last + 1)
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
