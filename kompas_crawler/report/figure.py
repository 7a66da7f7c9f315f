"""The parts of a figure: title, sentences, legend, chart or bars, tables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kompas_crawler.report import charts
from kompas_crawler.report import statistics as numbers
from kompas_crawler.report.chart_data import UNPROVEN
from kompas_crawler.report.differences import Difference
from kompas_crawler.report.texts import TEXTS, Text, number

RANKED = 12  # bars that are shown
LISTED = 1000  # rows of a table

Value = Text | str | int
Legend = Mapping[str, str | Text]  # what a colour stands for: a text, or the name of one


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The numbers of a figure, for readers and screen readers.

    A column is named by a text, or by the name of one.
    """

    columns: tuple[str | Text, ...]
    rows: Sequence[tuple[Value, ...]]
    caption: str | None = None
    whole: int = 0

    @property
    def cut(self) -> bool:
        return self.whole > len(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A row of a ranking; `parts` divide its length and say by what.

    `other` is the length and the value of the same row in the period that is compared.
    """

    name: str
    value: Text | str
    length: float
    parts: tuple[tuple[float, str], ...] = ()
    note: str = ""
    other: tuple[float, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A part of the page. It has a chart or bars.

    The tables of one that is `plain` are not folded away.
    """

    name: str
    says: tuple[Text, ...]
    tables: tuple[Table, ...]
    chart: Callable[[charts.View], charts.Spec] | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    bars: tuple[Bar, ...] = ()
    legend: Legend = field(default_factory=dict)
    wide: bool = True
    plain: bool = False
    changes: tuple[Difference, ...] = ()
    nothing: Text = TEXTS["nothing"]

    @property
    def title(self) -> Text:
        return TEXTS[f"{self.name}.title"]

    @property
    def is_drawn(self) -> bool:
        """Whether there is a chart, and something to draw in it."""
        return self.chart is not None and any(table.rows for table in self.tables)

    def specs(self) -> dict[str, charts.Spec]:
        """Return the chart's descriptions by the names of `charts.VIEWS`."""
        return {name: self.chart(view) for name, view in charts.VIEWS.items()} if self.chart else {}


def explained(texts: Legend, shown: Collection[str]) -> Legend:
    """Return the part of a legend that explains what is shown."""
    return {colour: text for colour, text in texts.items() if colour in shown}


def proof_legend(proven: str, bars: Collection[tuple[bool, int]]) -> Legend:
    """Return what bars mean, given of each whether its days are proven, and its height."""
    shown = {"ramp-4" if is_proven else "hatch-4" for is_proven, height in bars if height}
    shown |= {UNPROVEN for is_proven, _ in bars if not is_proven}
    return explained({"ramp-4": proven, "hatch-4": "hatched", UNPROVEN: "unproven"}, shown)


def bars_of(counts: Mapping[str, int], whole: int) -> tuple[Bar, ...]:
    """Return the most frequent names, each with its number and its share of all articles."""
    first = numbers.top(counts, RANKED)
    most = first[0][1] if first else 1
    return tuple(
        Bar(
            name=name,
            value=number(found),
            length=found / most,
            note=numbers.percent(found, whole),
        )
        for name, found in first
    )


def shares(
    column: str,
    counts: Iterable[tuple[Value, int]],
    whole: int,
    *,
    counted: str = "articles",
    caption: str | None = None,
    listed: int = 0,
) -> Table:
    """Return a table of names with their numbers, and the shares of the whole that they are."""
    rows = [(name, found, numbers.percent(found, whole)) for name, found in counts]
    return Table(columns=(column, counted, "share"), rows=rows, caption=caption, whole=listed)


def ranking(
    column: str, counts: Mapping[str, int], whole: int, caption: str | None = None
) -> Table:
    """Return a table of names, the most frequent first."""
    most = numbers.top(counts, LISTED)
    return shares(column, most, whole, caption=caption, listed=len(counts))
