"""Every figure of the report, with its title, sentence, chart and table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from kompas_crawler.audit.changes import Change
from kompas_crawler.operations.health import ended_at
from kompas_crawler.report import charts, statistics
from kompas_crawler.report.compare import PeriodStatistics, compare_periods
from kompas_crawler.report.differences import newest
from kompas_crawler.report.figure import (
    LISTED,
    Bar,
    Figure,
    Legend,
    Table,
    Value,
    bars_of,
    percent_of,
    ranking,
    shares,
)
from kompas_crawler.report.history import RunHistory, outcomes_over_time, proven_days
from kompas_crawler.report.statistics import Cell, Statistics
from kompas_crawler.report.texts import (
    TEXTS,
    Text,
    articles_text,
    day_range,
    days_text,
    joined,
    long_day,
    number,
    page_text,
    short_month,
    span_name,
)
from kompas_crawler.report.topics import Topic, topics_figure
from kompas_crawler.search import places
from kompas_crawler.timezones import WIB

MINUTES = 24 * 60  # of a day
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionText:
    """The selection as text, its days, and those of the period that is compared."""

    words: Text | None = None
    days: tuple[date, date] | None = None
    other: tuple[date, date] | None = None


def report(
    counted: Statistics,
    history: RunHistory,
    now: datetime,
    *,
    asked: SelectionText | None = None,
    changes: Sequence[Change] = (),
    other: Statistics | None = None,
    topics: Sequence[Topic] = (),
) -> Report:
    """Return the figures of what was counted, as of now; `other` is compared with it.

    `changes` are those of the articles that changed last; `topics` are drawn beside each other.
    """
    asked = asked or SelectionText()
    proven = proven_days(history.state.coverage, now)
    today = now.astimezone(WIB).date()
    cells = statistics.calendar(counted.days, {} if asked.days else proven, today, asked.days)
    cells = [Cell(cell.day, cell.articles, proven.get(cell.day, 0.0)) for cell in cells]
    known = statistics.known_part(cells)
    named = (
        _ranked(counted, "sources", "source", counted.sources, "sources"),
        _ranked(counted, "writers", "writer", counted.authors, "authors"),
    )
    parts = [
        ("part-when", (days(counted, cells), coverage(cells, known), hours(counted))),
        ("part-who", (map_of_places(counted), *named)),
        ("part-what", (tags(counted, known), length(counted))),
        ("part-trust", (fields(counted, history), runs(history))),
        ("part-changed", (delays(counted), changed(counted, changes))),
    ]
    if topics:
        parts.insert(0, ("part-topics", (topics_figure(topics, known),)))
    if other is not None and asked.days and asked.other:
        sides = (
            PeriodStatistics.of(counted, asked.days, proven),
            PeriodStatistics.of(other, asked.other, proven),
        )
        parts.insert(0, ("part-compare", compare_periods(*sides)))
    return Report(
        made_at=now.astimezone(WIB),
        totals=counted,
        history=history,
        cells=known,
        parts=tuple(parts),
        asked=asked.words,
    )


def days(counted: Statistics, cells: Sequence[Cell]) -> Figure:
    months = statistics.months(cells)
    by_day = Table(
        columns=("day", "articles", "proven"),
        rows=[
            (f"{cell.day}", cell.articles, percent_of(round(cell.proven * MINUTES), MINUTES))
            for cell in reversed(cells)
        ][:LISTED],
        whole=len(cells),
    )
    by_month = Table(
        columns=("month", "articles"),
        rows=[(short_month(m.first), m.articles) for m in reversed(months) if m.articles],
    )
    if len(cells) <= statistics.SHORT:
        return Figure(
            name="days",
            says=_days_sentence(counted),
            chart=partial(charts.short_days_chart, cells),
            data={"short": charts.short_rows(cells)},
            legend=_short_legend(cells),
            tables=(by_day,),
        )
    bounds = statistics.shade_bounds(counted.days.values())
    rows = charts.day_rows(cells, bounds)
    return Figure(
        name="days",
        says=_days_sentence(counted),
        chart=partial(charts.days_chart, cells),
        data={"days": rows, "month-marks": charts.month_marks(cells)},
        legend=_legend(bounds, [row["s"] for row in rows]),
        tables=(by_month, by_day),
    )


def _short_legend(cells: Sequence[Cell]) -> Legend:
    texts = {"ramp-4": "stored-day", "hatch-4": "hatched", charts.UNPROVEN: "unproven"}
    shown = {"ramp-4" if cell.is_proven else "hatch-4" for cell in cells if cell.articles}
    if not all(cell.is_proven for cell in cells):
        shown.add(charts.UNPROVEN)
    return {shade: text for shade, text in texts.items() if shade in shown}


def _days_sentence(counted: Statistics) -> tuple[Text, ...]:
    if not counted.days:
        return ()
    (best, most), *_ = statistics.top(counted.days, 1)
    mean = round(counted.articles / len(counted.days))
    says = page_text("days.says", mean=mean, most=most, day=long_day(best))
    pause = statistics.longest_pause(counted.days)
    return (says, page_text("days.pause", days=days_text(pause))) if pause else (says,)


def _legend(bounds: Sequence[int], shown: Sequence[str], unit: str = "") -> Legend:
    """Return the legend of the shades that are shown."""
    starts, ends = (1, *bounds), (*(bound - 1 for bound in bounds), None)
    legend: dict[str, str | Text] = {charts.UNPROVEN: "unproven", charts.EMPTY: "none"}
    legend = {shade: text for shade, text in legend.items() if shade in shown}
    if set(shown) > legend.keys():
        for rank, start, end in zip(charts.RAMPS[len(starts)], starts, ends, strict=True):
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
    stretches = statistics.unproven(known)
    table = Table(
        columns=("month", "proven-days", "part-days", "of-days", "articles"),
        rows=[(short_month(m.first), m.whole, m.part, m.days, m.articles) for m in months[::-1]],
    )
    listed = Table(
        columns=("since", "until", "days", "articles"),
        rows=[
            (f"{first.day}", f"{last.day}", (last.day - first.day).days + 1, articles)
            for first, last, articles in stretches[::-1][:LISTED]
        ],
        caption="gaps",
        whole=len(stretches),
    )
    tables = (table, listed) if stretches else (table,)
    says = (TEXTS["coverage.says"], _coverage_sentence(known))
    if len(cells) <= statistics.SHORT:
        rows = charts.short_rows(cells)
        texts = {charts.UNPROVEN: "unproven", "ramp-1": "in-part", "ramp-4": "whole"}
        shown = {row["s"] for row in rows}
        return Figure(
            name="coverage",
            says=says,
            chart=partial(charts.short_coverage_chart, cells),
            data={"short": rows},
            legend={name: text for name, text in texts.items() if name in shown},
            tables=tables,
        )
    years = len({month.first.year for month in months})
    return Figure(
        name="coverage",
        says=says,
        chart=partial(charts.coverage_chart, years),
        data={"months": charts.month_rows(months)},
        legend={
            charts.UNPROVEN: "unproven",
            "ramp-1": "proven-some",
            "ramp-2": "proven-most",
            "ramp-4": "whole",
        },
        tables=tables,
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
        data={"hours": charts.hour_rows(counted.hours)},
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
        data={"spots": charts.spot_rows(spots), "land": places.land()} if spots else {},
        legend={"accent": "disc"} if spots else {},
        bars=bars_of(counted.places, counted.articles),
        tables=(
            ranking("place", counted.places, counted.articles),
            ranking("place", unknown, counted.articles, "off-map"),
        ),
    )


def _ranked(
    counted: Statistics, name: str, column: str, counts: Mapping[str, int], filled: str
) -> Figure:
    percent = statistics.percent(counted.filled[filled], counted.articles)
    return Figure(
        name=name,
        says=(page_text(f"{name}.says", percent=percent, number=len(counts)),),
        bars=bars_of(counts, counted.articles),
        tables=(ranking(column, counts, counted.articles),),
        wide=False,
    )


def tags(counted: Statistics, cells: Sequence[Cell]) -> Figure:
    unit, over_time = statistics.tags_over_time(counted, cells)
    percents = [count.percent for counts in over_time.values() for count in counts]
    bounds = statistics.shade_bounds(map(charts.whole_percent, percents))
    rows = charts.tag_rows(over_time, bounds)
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
            percent_of(count.found, count.articles),
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
    by_length = ((_bin_name(bin_), found) for bin_, found in sorted(counted.lengths.items()))
    return Figure(
        name="length",
        says=(page_text("length.says", median=median),) if counted.lengths else (),
        chart=partial(charts.length_chart, max(counted.lengths.values(), default=0)),
        data={"lengths": charts.length_rows(counted.lengths, median)},
        legend={"accent": "middle", "ramp-2": "other"},
        tables=(shares("words", by_length, counted.articles),),
    )


def _bin_name(bin_: int) -> Text:
    least = bin_ * statistics.BIN
    if bin_ == statistics.BINS - 1:
        return page_text("length.more", words=least)
    return page_text("length.from-to", least=least, most=least + statistics.BIN - 1)


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
                    (name, found, percent_of(found, counted.articles), _rules(rules))
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
        name=Text(name, name),
        value=percent_of(found, whole),
        length=length,
        parts=tuple(
            (length * part / every, f"{rule} {percent_of(part, every)}")
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
        f"{rule} {percent_of(found, every)}" for rule, found in statistics.top(rules, len(rules))
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
        data={"delays": charts.delay_rows(counted.delays, classes)},
        tables=(
            shares("delay", by_delay, updated),
            Table(columns=("revision", "articles"), rows=sorted(counted.revisions.items())),
        ),
    )


def changed(counted: Statistics, changes: Sequence[Change]) -> Figure:
    """Return the changes that were seen last, each with what differs from the revision before."""
    shown = newest(changes, statistics.CHANGED)
    whole = sum((revision - 1) * found for revision, found in counted.revisions.items())
    says = page_text("changed.says", changes=whole, articles=articles_text(counted.revised))
    return Figure(
        name="changed",
        says=(says,) if shown else (),
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
    outcomes = [name for name in charts.OUTCOME_COLOURS if ended[name]]
    complete = statistics.percent(ended["complete"], history.runs)
    unit, spans = outcomes_over_time(history.outcomes)
    ends = ((TEXTS[name], found) for name, found in statistics.top(ended, LISTED))
    says = page_text("runs.says", number=history.runs, percent=complete, gone=history.gone)
    return Figure(
        name="runs",
        says=(says,) if history.runs else (),
        chart=partial(charts.runs_chart, outcomes, unit, spans),
        data={"runs": charts.run_rows(spans)},
        legend={charts.OUTCOME_COLOURS[name]: name for name in outcomes},
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
