"""The figures on where the collection comes from: fields and rules, changes, runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from kompas_crawler.audit.changes import Change
from kompas_crawler.operations.health import ended_at
from kompas_crawler.report import chart_data, charts, statistics
from kompas_crawler.report.differences import newest
from kompas_crawler.report.figure import (
    LISTED,
    Bar,
    Figure,
    Table,
    Value,
    ranking,
    shares,
)
from kompas_crawler.report.history import RunHistory, outcomes_over_time
from kompas_crawler.report.statistics import Statistics
from kompas_crawler.report.texts import TEXTS, articles_text, page_text
from kompas_crawler.timezones import WIB


def fields(counted: Statistics, history: RunHistory) -> Figure:
    always = dict.fromkeys(("title", "text", "published_at"), counted.articles)
    filled = always | {name: counted.filled[name] for name in statistics.OPTIONAL}
    known: list[tuple[str, int, Mapping[str, int]]] = [
        (name, found, history.rules.get(name, {}))
        for name, found in filled.items()
        if counted.articles
    ]
    return Figure(
        name="fields",
        says=(TEXTS["fields.says"],),
        bars=tuple(
            _field_bar(name, found, counted.articles, rules) for name, found, rules in known
        ),
        tables=(
            Table(
                columns=("field", "articles", "share", "rules"),
                rows=[
                    (name, found, statistics.percent(found, counted.articles), _rules(rules))
                    for name, found, rules in known
                ],
            ),
            ranking("doubt", counted.warnings, counted.articles, "doubts"),
            ranking("layout", counted.layouts, counted.articles, "layouts"),
        ),
    )


def _field_bar(name: str, found: int, whole: int, rules: Mapping[str, int]) -> Bar:
    length = statistics.share(found, whole)
    every = sum(rules.values())
    return Bar(
        name=name,
        value=statistics.percent(found, whole),
        length=length,
        parts=tuple(
            (length * part / every, f"{rule} {statistics.percent(part, every)}")
            for rule, part in statistics.top(rules, 4)
        ),
    )


def _rules(rules: Mapping[str, int]) -> str:
    """Return the rules by which a field was read, the most frequent first.

    >>> _rules({"meta": 9, "url": 1})
    'meta 90%, url 10%'
    """
    every = sum(rules.values())
    return ", ".join(
        f"{rule} {statistics.percent(found, every)}"
        for rule, found in statistics.top(rules, len(rules))
    )


def delays(counted: Statistics) -> Figure:
    classes = len(statistics.DELAYS) + 1
    updated, most = counted.delays.total(), max(counted.delays.values(), default=1)
    shown = range(classes if updated else 0)
    by_delay = ((TEXTS[f"delay-{i}"], counted.delays[i]) for i in shown)
    return Figure(
        name="delays",
        says=(
            page_text(
                "delays.says",
                updated=statistics.percent(updated, counted.articles),
                revised=counted.revised,
            ),
        ),
        chart=partial(charts.delays_chart, classes, most),
        data={"delays": [{"i": i, "n": counted.delays[i]} for i in range(classes)]},
        tables=(
            shares("delay", by_delay, updated),
            Table(columns=("revision", "articles"), rows=sorted(counted.revisions.items())),
        ),
    )


def changed(counted: Statistics, changes: Sequence[Change]) -> Figure:
    """Return the changes that were seen last, each with what differs from the revision before."""
    shown = newest(changes, statistics.CHANGED)
    whole = sum((revision - 1) * found for revision, found in counted.revisions.items())
    says = [page_text("changed.says", changes=whole, articles=articles_text(counted.revised))]
    if whole > len(shown):
        says.append(page_text("changed.newest", shown=len(shown)))
    return Figure(
        name="changed",
        says=tuple(says) if shown else (),
        legend={"came": "added", "was": "removed"},
        nothing=TEXTS["changed.none"],
        changes=shown,
        tables=(
            Table(
                columns=(
                    *("article", "revision", "seen"),
                    *("changed-fields", "words-added", "words-removed"),
                ),
                rows=[
                    (
                        each.change.after.id,
                        each.change.after.revision,
                        _moment(each.change.after.fetched_at),
                        each.fields,
                        each.count("added"),
                        each.count("removed"),
                    )
                    for each in shown
                ],
                whole=whole,
            ),
        ),
    )


def runs(history: RunHistory) -> Figure:
    ended = history.ended()
    outcomes = [name for name in chart_data.OUTCOME_COLOURS if ended[name]]
    complete = statistics.percent(ended["complete"], history.runs)
    unit, spans = outcomes_over_time(history.outcomes)
    ends = ((TEXTS[name], found) for name, found in statistics.top(ended, LISTED))
    says = page_text("runs.says", number=history.runs, percent=complete, gone=history.gone)
    return Figure(
        name="runs",
        says=(says,) if history.runs else (),
        chart=partial(charts.runs_chart, outcomes, unit, spans),
        data={"runs": chart_data.run_rows(spans)},
        legend={chart_data.OUTCOME_COLOURS[name]: name for name in outcomes},
        tables=(_run_table(history), shares("outcome", ends, history.runs, counted="runs")),
    )


def _run_table(history: RunHistory) -> Table:
    columns = ("started", "spider", "outcome", "stored", "revised", "failed", "requests", "took")
    return Table(
        columns=columns, rows=[_run_row(line) for line in history.newest], whole=history.runs
    )


def _run_row(line: Mapping[str, Any]) -> tuple[Value, ...]:
    started = datetime.fromisoformat(line["started_at"])
    stored, revised, requests = (line.get(name, 0) for name in ("stored", "revised", "requests"))
    failed = len(line.get("failed", ())) + line.get("not_fetched", 0)
    return (
        *(_moment(started), line["spider"], TEXTS[line["outcome"]]),
        *(stored, revised, failed, requests, _clock_time(ended_at(line) - started)),
    )


def _clock_time(time: timedelta) -> str:
    """Return a duration as hours, minutes and seconds.

    >>> _clock_time(timedelta(days=1, seconds=62))
    '24:01:02'
    """
    minutes, seconds = divmod(round(time.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(WIB):%Y-%m-%d\u00a0%H:%M}" if moment else ""
