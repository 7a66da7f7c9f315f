"""What is each figure of the report: its title, its sentence, its picture and its table?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kompas_crawler.datelines import WIB
from kompas_crawler.report import charts, numbers, places
from kompas_crawler.report.history import History, gaps, outcome_buckets, proven_days
from kompas_crawler.report.numbers import Cell, Tally
from kompas_crawler.report.words import (
    LANGUAGES,
    TEXTS,
    Language,
    Text,
    long_day,
    number,
    say,
    short_month,
    word,
)

RANKED = 12  # bars that are shown
LISTED = 200  # rows of a table

Value = Text | str | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The numbers of a figure, for eyes and ears that do not read pictures."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[Value, ...]]
    caption: str | None = None
    whole: int = 0

    @property
    def cut(self) -> bool:
        return self.whole > len(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A row of a ranking; `parts` divide its length and say by what."""

    name: Text
    value: str
    length: float
    parts: tuple[tuple[float, str], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A part of the page. It has a chart (by language, and one more for phones) or bars."""

    name: str
    says: tuple[Text, ...]
    tables: tuple[Table, ...]
    chart: Callable[[Language], dict[str, Any]] | None = None
    phone: Callable[[Language], dict[str, Any]] | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    bars: tuple[Bar, ...] = ()
    legend: tuple[tuple[str, Text], ...] = ()
    wide: bool = True

    @property
    def title(self) -> Text:
        return TEXTS[f"{self.name}.title"]

    def specs(self) -> dict[str, dict[str, Any]]:
        """Return the chart's descriptions by language, and those for phones by `phone-LANGUAGE`."""
        if self.chart is None:
            return {}
        specs: dict[str, dict[str, Any]] = {each: self.chart(each) for each in LANGUAGES}
        if self.phone is not None:
            specs |= {f"phone-{each}": self.phone(each) for each in LANGUAGES}
        return specs


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything the page shows."""

    made_at: datetime
    tally: Tally
    history: History
    percent_proven: str
    asked: tuple[str, ...]
    parts: tuple[tuple[str, tuple[Figure, ...]], ...]

    @property
    def figures(self) -> list[Figure]:
        return [figure for _, figures in self.parts for figure in figures]


def report(counted: Tally, told: History, now: datetime, asked: Sequence[str] = ()) -> Report:
    """Return the figures of what was counted, as of now; `asked` says which articles those are."""
    proven = proven_days(told.state.coverage, now)
    cells = numbers.calendar(counted.days, proven, now.astimezone(WIB).date())
    return Report(
        made_at=now.astimezone(WIB),
        tally=counted,
        history=told,
        percent_proven=_percent_proven(counted, cells),
        asked=tuple(asked),
        parts=(
            ("part-when", (days(counted, cells), coverage(told, cells), hours(counted))),
            ("part-who", (map_of_places(counted), sources(counted), writers(counted))),
            ("part-what", (tags(counted), length(counted))),
            ("part-trust", (fields(counted, told), delays(counted), runs(told))),
        ),
    )


def _percent_proven(counted: Tally, cells: Sequence[Cell]) -> str:
    first, last = counted.first_day, counted.last_day
    if first is None or last is None:
        return "0"
    within = [cell for cell in cells if first <= cell.day <= last]
    return numbers.percent(sum(cell.proven >= 1 for cell in within), (last - first).days + 1)


def days(counted: Tally, cells: Sequence[Cell]) -> Figure:
    bounds = numbers.shades(counted.days.values())
    years = sorted({cell.day.year for cell in cells})
    months = numbers.months(cells)
    return Figure(
        name="days",
        says=_days_say(counted),
        chart=lambda language: charts.days_chart(language, years, halves=False),
        phone=lambda language: charts.days_chart(language, years, halves=True),
        data={"days": charts.day_rows(cells, bounds)},
        legend=_shade_legend(bounds, least=bool(counted.days)),
        tables=(
            Table(
                columns=("month", "articles"),
                rows=[(short_month(m.first), m.articles) for m in reversed(months) if m.articles],
            ),
        ),
    )


def _days_say(counted: Tally) -> tuple[Text, ...]:
    if not counted.days:
        return ()
    (best, most), *_ = numbers.top(counted.days, 1)
    mean = round(counted.articles / len(counted.days))
    return (
        say("days.says", mean=number(mean), most=number(most), day=long_day(best)),
        say("days.pause", days=number(numbers.longest_pause(counted.days))),
    )


def _shade_legend(bounds: Sequence[int], *, least: bool) -> tuple[tuple[str, Text], ...]:
    if not least:
        return ()
    ends = (*(bound - 1 for bound in bounds), None)
    shaded = [
        (charts.SHADES[rank], _range(start, end))
        for rank, (start, end) in enumerate(zip((1, *bounds), ends, strict=True), start=1)
    ]
    return ((charts.UNPROVEN, TEXTS["unproven"]), ("empty", TEXTS["none"]), *shaded)


def _range(start: int, end: int | None) -> Text:
    """Return what numbers a shade stands for.

    >>> _range(4, 6).en, _range(4, 4).en, _range(9, None).id
    ('4–6', '4', '9 ke atas')
    """
    if end is None:
        return say("from", number=number(start))
    name = number(start) if start == end else f"{number(start)}–{number(end)}"
    return Text(name, name)


def coverage(told: History, cells: Sequence[Cell]) -> Figure:
    months = numbers.months(cells)
    years = len({month.first.year for month in months})
    holes = gaps(told.state.coverage)
    table = Table(
        columns=("month", "proven-days", "part-days", "of-days", "articles"),
        rows=[(short_month(m.first), m.whole, m.part, m.days, m.articles) for m in months[::-1]],
    )
    listed = Table(
        columns=("since", "until"),
        rows=[(_moment(hole.since), _moment(hole.until)) for hole in holes[::-1][:LISTED]],
        caption="gaps",
        whole=len(holes),
    )
    return Figure(
        name="coverage",
        says=(TEXTS["coverage.says"], _gaps_say(told)),
        chart=lambda language: charts.coverage_chart(language, years, letters=False),
        phone=lambda language: charts.coverage_chart(language, years, letters=True),
        data={"months": charts.month_rows(months)},
        legend=(
            (charts.UNPROVEN, TEXTS["unproven"]),
            ("ramp-1", TEXTS["proven-some"]),
            ("ramp-2", TEXTS["proven-most"]),
            ("ramp-4", TEXTS["whole"]),
        ),
        tables=(table, listed) if holes else (table,),
    )


def _gaps_say(told: History) -> Text:
    if not told.state.coverage:
        return TEXTS["coverage.none"]
    holes = gaps(told.state.coverage)
    if not holes:
        return TEXTS["coverage.no-gaps"]
    longest = max(hole.until - hole.since for hole in holes)
    return say("coverage.gaps", number=number(len(holes)), days=max(1, round(longest.days)))


def hours(counted: Tally) -> Figure:
    says: tuple[Text, ...] = ()
    if counted.hours:
        (hour, most), *_ = numbers.top(counted.hours, 1)
        percent = numbers.percent(most, counted.articles)
        says = (say("hours.says", hour=f"{hour:02}", percent=percent),)
    return Figure(
        name="hours",
        says=says,
        chart=charts.hours_chart,
        data={"hours": charts.hour_rows(counted.hours)},
        tables=(
            Table(
                columns=("hour", "articles", "share"),
                rows=[
                    (f"{hour:02}–{hour + 1:02}", found, _share(found, counted.articles))
                    for hour in range(24 if counted.articles else 0)
                    for found in [counted.hours[hour]]
                ],
            ),
        ),
    )


def map_of_places(counted: Tally) -> Figure:
    spots, _ = places.spots(counted.places)
    named, mapped = counted.filled["place"], sum(spot.articles for spot in spots)
    return Figure(
        name="places",
        says=(
            say(
                "places.says",
                percent=numbers.percent(named, counted.articles),
                mapped=numbers.percent(mapped, named),
            ),
        ),
        chart=lambda language: charts.map_chart(language, largest=1400),
        phone=lambda language: charts.map_chart(language, largest=400),
        data={"spots": charts.spot_rows(spots), "land": places.land()},
        bars=_bars(counted.places, counted.articles),
        tables=(_ranking("place", counted.places, counted.articles),),
    )


def sources(counted: Tally) -> Figure:
    return _ranked(counted, "sources", "source", counted.sources, "sources")


def writers(counted: Tally) -> Figure:
    return _ranked(counted, "writers", "writer", counted.authors, "authors")


def _ranked(
    counted: Tally, name: str, column: str, counts: Mapping[str, int], filled: str
) -> Figure:
    percent = numbers.percent(counted.filled[filled], counted.articles)
    return Figure(
        name=name,
        says=(say(f"{name}.says", percent=percent, number=number(len(counts))),),
        bars=_bars(counts, counted.articles),
        tables=(_ranking(column, counts, counted.articles),),
        wide=False,
    )


def _bars(counts: Mapping[str, int], whole: int) -> tuple[Bar, ...]:
    first = numbers.top(counts, RANKED)
    most = first[0][1] if first else 1
    return tuple(
        Bar(
            name=Text(name, name),
            value=number(found),
            length=found / most,
            note=_share(found, whole),
        )
        for name, found in first
    )


def _ranking(column: str, counts: Mapping[str, int], whole: int) -> Table:
    return Table(
        columns=(column, "articles", "share"),
        rows=[(name, found, _share(found, whole)) for name, found in numbers.top(counts, LISTED)],
        whole=len(counts),
    )


def tags(counted: Tally) -> Figure:
    grid = numbers.tag_grid(counted)
    bounds = numbers.shades(grid.counts.values())
    says = (
        (say("tags.says", number=number(len(counted.tags)), tag=f"“{grid.tags[0]}”"),)
        if grid.tags
        else ()
    )
    by_period = Table(
        columns=("period", "tag", "articles"),
        rows=[
            (short_month(period), tag, found)
            for period in reversed(grid.periods)
            for tag in grid.tags
            if (found := grid.counts.get((tag, period), 0))
        ][:LISTED],
    )
    return Figure(
        name="tags",
        says=says,
        chart=lambda language: charts.tags_chart(language, grid.tags),
        data={"tags": charts.tag_rows(grid, bounds)},
        legend=_shade_legend(bounds, least=bool(grid.counts))[1:],
        tables=(_ranking("tag", counted.tags, counted.articles), by_period),
    )


def length(counted: Tally) -> Figure:
    median = numbers.median_length(counted.lengths)
    return Figure(
        name="length",
        says=(say("length.says", median=number(median)),) if counted.lengths else (),
        chart=charts.length_chart,
        data={"lengths": charts.length_rows(counted.lengths, median)},
        tables=(
            Table(
                columns=("words", "articles", "share"),
                rows=[
                    (_bin_name(bin_), found, _share(found, counted.articles))
                    for bin_, found in sorted(counted.lengths.items())
                ],
            ),
        ),
    )


def _bin_name(bin_: int) -> Text:
    least = bin_ * numbers.BIN
    if bin_ == numbers.BINS - 1:
        return say("length.more", words=number(least))
    return say("length.from-to", least=number(least), most=number(least + numbers.BIN - 1))


def fields(counted: Tally, told: History) -> Figure:
    always = ("title", "text", "published_at")
    filled = dict.fromkeys(always, counted.articles) | {
        name: counted.filled[name] for name in numbers.OPTIONAL
    }
    return Figure(
        name="fields",
        says=(TEXTS["fields.says"],),
        bars=tuple(
            _field_bar(name, found, counted.articles, told.rules.get(name, {}))
            for name, found in filled.items()
        )
        if counted.articles
        else (),
        tables=(
            Table(
                columns=("field", "articles", "share", "rules"),
                rows=[
                    (name, found, _share(found, counted.articles), _rules(told.rules.get(name, {})))
                    for name, found in filled.items()
                    if counted.articles
                ],
            ),
            _counts_table("doubts", "doubt", counted.warnings, counted.articles),
            _counts_table("layouts", "layout", counted.layouts, counted.articles),
        ),
    )


def _counts_table(caption: str, column: str, counts: Mapping[str, int], whole: int) -> Table:
    return Table(
        caption=caption,
        columns=(column, "articles", "share"),
        rows=[(name, found, _share(found, whole)) for name, found in numbers.top(counts, LISTED)],
    )


def _field_bar(name: str, found: int, whole: int, rules: Mapping[str, int]) -> Bar:
    length = numbers.share(found, whole)
    every = sum(rules.values())
    return Bar(
        name=Text(name, name),
        value=_share(found, whole),
        length=length,
        parts=tuple((length * part / every, rule) for rule, part in numbers.top(rules, 4)),
        note=_rules(rules),
    )


def _rules(rules: Mapping[str, int]) -> str:
    r"""Say by which rules a field was read, the most frequent first.

    >>> _rules({"meta": 9, "url": 1})
    'meta 90\xa0%, url 10\xa0%'
    """
    every = sum(rules.values())
    return ", ".join(
        f"{rule} {_share(found, every)}" for rule, found in numbers.top(rules, len(rules))
    )


def delays(counted: Tally) -> Figure:
    classes = len(numbers.DELAYS) + 1
    updated, most = counted.delays.total(), max(counted.delays.values(), default=1)
    return Figure(
        name="delays",
        says=(
            say(
                "delays.says",
                updated=numbers.percent(updated, counted.articles),
                revised=number(sum(n for r, n in counted.revisions.items() if r > 1)),
            ),
        ),
        chart=lambda language: charts.delays_chart(language, classes, most),
        data={"delays": charts.delay_rows(counted.delays, classes)},
        tables=(
            Table(
                columns=("delay", "articles", "share"),
                rows=[
                    (TEXTS[f"delay-{i}"], counted.delays[i], _share(counted.delays[i], updated))
                    for i in range(classes if updated else 0)
                ],
            ),
            Table(columns=("revision", "articles"), rows=sorted(counted.revisions.items())),
        ),
    )


def runs(told: History) -> Figure:
    ended = told.ended()
    outcomes = [name for name in charts.OUTCOME_COLOURS if ended[name]]
    outcomes += sorted(ended.keys() - set(outcomes))
    complete = numbers.percent(ended["complete"], told.runs)
    return Figure(
        name="runs",
        says=(
            say(
                "runs.says",
                number=number(told.runs),
                percent=complete,
                gone=number(told.gone),
            ),
        )
        if told.runs
        else (),
        chart=lambda language: charts.runs_chart(language, outcomes),
        data={"runs": charts.run_rows(outcome_buckets(told.outcomes))},
        legend=tuple((charts.OUTCOME_COLOURS.get(name, "still"), word(name)) for name in outcomes),
        tables=(_run_table(told), _outcome_table(told)),
    )


def _run_table(told: History) -> Table:
    columns = ("started", "spider", "outcome", "stored", "revised", "failed", "requests", "took")
    return Table(
        columns=columns,
        rows=[
            (
                _moment(run.started_at),
                run.spider,
                word(run.outcome),
                run.stored,
                run.revised,
                run.failed,
                run.requests,
                str(run.finished_at - run.started_at),
            )
            for run in told.newest
        ],
        whole=told.runs,
    )


def _outcome_table(told: History) -> Table:
    return Table(
        columns=("outcome", "runs", "share"),
        rows=[
            (word(name), found, _share(found, told.runs))
            for name, found in numbers.top(told.ended(), LISTED)
        ],
    )


def _share(part: int, whole: int) -> str:
    return f"{numbers.percent(part, whole)}\u00a0%"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(WIB):%Y-%m-%d\u00a0%H:%M}"
