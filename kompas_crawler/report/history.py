"""Statistics of the runs of an archive: their outcomes, the proven days and the gaps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from typing import Any

from kompas_crawler.operations.health import valid_run_lines
from kompas_crawler.runs.intervals import Interval
from kompas_crawler.runs.state import State
from kompas_crawler.search.counts import Unit, days_between, first_day, unit_for
from kompas_crawler.timezones import WIB

NEWEST = 40  # runs that are shown one by one
SPANS = 60  # columns that the runs over time have at most


@dataclass(slots=True)
class RunHistory:
    """The totals of all runs; `newest` are the lines of the last ones, newest first."""

    state: State = field(default_factory=State)
    newest: list[Mapping[str, Any]] = field(default_factory=list)
    outcomes: Counter[tuple[date, str]] = field(default_factory=Counter)
    rules: dict[str, Counter[str]] = field(default_factory=dict)
    gone: int = 0

    @property
    def runs(self) -> int:
        return sum(self.outcomes.values())

    def ended(self) -> Counter[str]:
        """Return how many runs ended in each way."""
        counts: Counter[str] = Counter()
        for (_, outcome), number in self.outcomes.items():
            counts[outcome] += number
        return counts


def summarize_runs(newest_first: Iterable[Mapping[str, Any]]) -> RunHistory:
    """Return the totals of the lines of `crawls.jsonl`, which are given newest first."""
    lines = iter(newest_first)
    newest = list(islice(lines, 1))
    history = RunHistory(State.from_line(newest[0])) if newest else RunHistory()
    for line in valid_run_lines(chain(newest, lines)):
        if len(history.newest) < NEWEST:
            history.newest.append(line)
        started = datetime.fromisoformat(line["started_at"]).astimezone(WIB)
        history.outcomes[started.date(), line["outcome"]] += 1
        history.gone += len(line.get("gone", ()))
        for name, rules in line.get("fields", {}).items():
            history.rules.setdefault(name, Counter()).update(rules)
    return history


def proven_days(coverage: Iterable[Interval], now: datetime) -> dict[date, float]:
    """Return for each day that is proven at all its proven share, from 0 to 1.

    A day that is not over counts up to now: what is proven of it so far can be all of it.
    """
    seconds: Counter[date] = Counter()
    for interval in coverage:
        for day in interval.days():
            whole = Interval.of_day(day)
            part = min(interval.until, whole.until) - max(interval.since, whole.since)
            seconds[day] += round(part.total_seconds())
    return {day: min(1.0, found / _length(day, now)) for day, found in seconds.items() if found}


def _length(day: date, now: datetime) -> float:
    """Return how many seconds a day has, less the last minutes: a proof ends before its run does."""
    begin = datetime.combine(day, time.min, WIB)
    whole = timedelta(minutes=1439)
    so_far = max(now.astimezone(WIB) - begin - timedelta(hours=1), timedelta(seconds=1))
    return min(whole, so_far).total_seconds()


def outcomes_over_time(
    outcomes: Mapping[tuple[date, str], int],
) -> tuple[Unit, dict[date, Counter[str]]]:
    """Return how many runs ended in which way, by spans of the calendar, also those without any."""
    days = sorted(day for day, _ in outcomes)
    if not days:
        return "day", {}
    unit = unit_for(days[0], days[-1], SPANS)
    spans = {first_day(unit, day): Counter[str]() for day in days_between(days[0], days[-1])}
    for (day, outcome), number in outcomes.items():
        spans[first_day(unit, day)][outcome] += number
    return unit, spans
