"""The share of articles with given words over time, one panel for each topic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from kompas_crawler.report import chart_data, charts
from kompas_crawler.report.figure import LISTED, Figure, Table, proof_legend
from kompas_crawler.report.statistics import Cell
from kompas_crawler.report.texts import TEXTS, Text, decimal, joined, page_text, span_name
from kompas_crawler.search.counts import Count, Unit, counts, total, unit_for
from kompas_crawler.search.fulltext import DayCount, FullText
from kompas_crawler.search.selection import Query, Selection

SPANS = 46  # bars that a panel has at most
_COLUMNS = ("topic", "articles", "of-articles", "share", "hits", "per-million")


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
    unit, proven = unit_for(first, last, SPANS), {cell.day: cell.proven for cell in cells}
    counted = [(topic.name, counts(topic.days, unit, first, last, proven)) for topic in topics]
    spans = [(count.first, count.last) for count in counted[0][1]]
    every = list(chain.from_iterable(rows for _, rows in counted))
    most = max(count.percent for count in every) or 1.0
    marks = [(at / most, _percent_text(at)) for at in charts.ticks(most)]
    wholes = [(name, total(rows)) for name, rows in counted]
    sums = [
        page_text(
            "topics.sum",
            found=whole.found,
            articles=whole.articles,
            share=share_text(whole.found, whole.articles),
        )
        for _, whole in wholes
    ]
    says = (page_text("topics.says", unit=TEXTS[f"unit-{unit}"]), TEXTS["topics.words"])
    is_proven = all(count.is_proven for count in every)
    return Figure(
        name="topics",
        says=says if is_proven else (*says, TEXTS["topics.unproven"]),
        chart=partial(charts.topics_chart, sums, spans, unit, marks),
        data={"topics": chart_data.topic_rows(counted, most)},
        legend=proof_legend("topics-proven", [(c.is_proven, c.found) for c in every]),
        tables=(
            Table(columns=_COLUMNS, rows=[(name, *_cells(whole)) for name, whole in wholes]),
            _by_span(counted, unit),
        ),
    )


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
    columns = ("period", *_COLUMNS, "proven-days")
    return Table(columns=columns, rows=rows[:LISTED], whole=len(rows))


def _cells(count: Count) -> tuple[int, int, Text, int, Text]:
    frequency = Text("–", "–") if count.per_million is None else decimal(count.per_million)
    share = share_text(count.found, count.articles)
    return count.found, count.articles, share, count.hits, frequency
