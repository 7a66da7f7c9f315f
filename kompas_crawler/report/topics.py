"""The share of articles with given words over time, one panel for each topic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from itertools import chain

from kompas_crawler.report import charts
from kompas_crawler.report.figure import LISTED, Figure, Legend, Table
from kompas_crawler.report.statistics import Cell
from kompas_crawler.report.texts import TEXTS, Text, decimal, joined, page_text, span_name
from kompas_crawler.search.counts import Count, Unit, counts, total
from kompas_crawler.search.fulltext import DayCount, FullText
from kompas_crawler.search.selection import Query, Selection

#: The most bars of a panel, by unit; what is longer is shown by the next longer unit.
BARS: tuple[tuple[Unit, timedelta], ...] = (
    ("day", timedelta(days=45)),
    ("week", timedelta(weeks=60)),
    ("month", timedelta(days=10 * 366)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Some words, and the days that have articles, each with how often it has the words."""

    name: str
    days: Sequence[DayCount]


def topics_of(index: FullText, selection: Selection, asked: Iterable[Query]) -> tuple[Topic, ...]:
    """Return what the search index counts for each of the words, among the articles selected."""
    return tuple(
        Topic(name=words.asked, days=index.days(replace(selection, words=words))) for words in asked
    )


def topics_figure(topics: Sequence[Topic], cells: Sequence[Cell]) -> Figure:
    """Return the topics over the days of the calendar, one panel and one block of rows each."""
    if not cells:
        return Figure(name="topics", says=(), tables=())
    first, last = cells[0].day, cells[-1].day
    unit, proven = unit_of(first, last), {cell.day: cell.proven for cell in cells}
    counted = [(topic.name, counts(topic.days, unit, first, last, proven)) for topic in topics]
    spans = [(count.first, count.last) for count in counted[0][1]]
    every = list(chain.from_iterable(rows for _, rows in counted))
    most = max(count.percent for count in every) or 1.0
    marks = [(at / most, _percent_text(at)) for at in ticks(most)]
    sums = [_sum(total(rows)) for _, rows in counted]
    return Figure(
        name="topics",
        says=_says(unit, every),
        chart=partial(charts.topics_chart, sums, spans, unit, marks),
        data={"topics": charts.topic_rows(counted, most)},
        legend=_legend(every),
        tables=(_totals(counted), _by_span(counted, unit)),
    )


def unit_of(first: date, last: date) -> Unit:
    """Return the shortest unit of time of which a panel has room for the bars.

    >>> unit_of(date(2026, 11, 20), date(2026, 11, 22)), unit_of(date(2015, 1, 1), date(2026, 1, 1))
    ('day', 'year')
    """
    length = last - first
    return next((unit for unit, most in BARS if length < most), "year")


def ticks(most: float) -> list[float]:
    """Return two to four round percents from 0 up to the largest share.

    >>> ticks(31.4), ticks(100), ticks(0.7)
    ([0.0, 10.0, 20.0, 30.0], [0.0, 50.0, 100.0], [0.0, 0.2, 0.4, 0.6])
    """
    steps = (base * 10.0**power for power in range(-6, 3) for base in (1, 2, 5))
    step = next(step for step in steps if most < 4 * step)
    return [round(n * step, 6) for n in range(int(most / step) + 1)]


def share_text(part: int, whole: int) -> Text:
    """Return a share with one digit after the comma; 0% and 100% are none and all.

    >>> share_text(123, 1050).id, share_text(7, 7).id, share_text(1, 9000).en, share_text(0, 0).en
    ('11,7%', '100%', '<0.1%', '–')
    """
    if not whole:
        return Text("–", "–")
    if part in (0, whole):
        return _percent_text(100 * part // whole)
    percent = 100 * part / whole
    if percent < 0.05:
        return joined(["<", decimal(0.1), "%"], "")
    if percent >= 99.95:
        return joined([">", decimal(99.9), "%"], "")
    return joined([decimal(percent), "%"], "")


def _percent_text(percent: float) -> Text:
    """Return a percentage with as many digits after the comma as it has.

    >>> _percent_text(2.5).id, _percent_text(100).id
    ('2,5%', '100%')
    """
    return Text(f"{percent:g}%".replace(".", ","), f"{percent:g}%")


def _sum(whole: Count) -> Text:
    return page_text(
        "topics.sum",
        found=whole.found,
        articles=whole.articles,
        share=share_text(whole.found, whole.articles),
    )


def _says(unit: Unit, every: Iterable[Count]) -> tuple[Text, ...]:
    says = [page_text("topics.says", unit=TEXTS[f"unit-{unit}"]), TEXTS["topics.words"]]
    if any(not count.is_proven for count in every):
        says.append(TEXTS["topics.unproven"])
    return tuple(says)


def _legend(every: Sequence[Count]) -> Legend:
    """Return the legend of the bars that are drawn."""
    shown = {"ramp-4" if count.is_proven else "hatch-4" for count in every if count.found}
    shown |= {charts.UNPROVEN for count in every if not count.is_proven}
    texts = {"ramp-4": "topics-proven", "hatch-4": "hatched", charts.UNPROVEN: "unproven"}
    return {shade: text for shade, text in texts.items() if shade in shown}


def _totals(counted: Sequence[tuple[str, Sequence[Count]]]) -> Table:
    return Table(
        columns=("topic", "articles", "of-articles", "share", "hits", "per-million"),
        rows=[(name, *_cells(total(rows))) for name, rows in counted],
    )


def _by_span(counted: Sequence[tuple[str, Sequence[Count]]], unit: Unit) -> Table:
    rows = [
        (
            span_name(count.first, count.last, unit),
            name,
            *_cells(count),
            page_text("topics.days", proven=count.proven, days=count.days),
        )
        for each in zip(*(reversed(counts_) for _, counts_ in counted), strict=True)
        for (name, _), count in zip(counted, each, strict=True)
    ]
    columns = ("period", "topic", "articles", "of-articles", "share", "hits", "per-million")
    return Table(columns=(*columns, "proven-days"), rows=rows[:LISTED], whole=len(rows))


def _cells(count: Count) -> tuple[int, int, Text, int, Text]:
    frequency = Text("–", "–") if count.per_million is None else decimal(count.per_million)
    share = share_text(count.found, count.articles)
    return count.found, count.articles, share, count.hits, frequency
