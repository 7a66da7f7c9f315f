"""The health of an archive: whether a run of a spider was complete recently enough."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kompas_crawler.runs.outcome import Outcome
from kompas_crawler.runs.state import CLOCK_TOLERANCE
from kompas_crawler.wording import duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The last run of one spider, and the time at which a run was last complete."""

    spider: str
    last: Mapping[str, Any] | None
    complete_at: datetime | None
    others: frozenset[str] = frozenset()  # spiders that have runs when this one has none

    @classmethod
    def of(cls, lines: Iterable[Mapping[str, Any]], spider: str) -> Health:
        """Return the health that lines of `crawls.jsonl`, newest first, show."""
        last, others = None, set()
        for line in valid_run_lines(lines):
            if line["spider"] != spider:
                others.add(line["spider"])
                continue
            last = last or line
            if line["outcome"] == Outcome.COMPLETE:
                return cls(spider=spider, last=last, complete_at=ended_at(line))
        return cls(spider=spider, last=last, complete_at=None, others=frozenset(others))

    def is_good(self, now: datetime, within: timedelta) -> bool:
        """Return whether a run was complete at most `within` ago.

        A run that ended in the future does not count: a clock was ahead.
        """
        return self.complete_at is not None and -CLOCK_TOLERANCE <= now - self.complete_at <= within

    def describe(self, now: datetime) -> str:
        """Return one sentence for people."""
        if self.last is None:
            others = " or ".join(f"--spider {each}" for each in sorted(self.others))
            return f"{self.spider}: no run yet" + (f", but see {others}" if others else "")
        if self.complete_at is None:
            return f"{self.spider}: no run was complete yet, the last one ended as {self._how}"
        if self.complete_at > now + CLOCK_TOLERANCE:
            at = self.complete_at.isoformat(timespec="seconds")
            return f"{self.spider}: complete at {at}, which is in the future: a clock is wrong"
        age = duration(max(now - self.complete_at, timedelta()))
        return f"{self.spider}: complete {age} ago, the last run ended as {self._how}"

    @property
    def _how(self) -> str:
        line = self.last or {}
        return f"{line['outcome']} at {line['finished_at']}, {len(line.get('pending', ()))} pending"


def ended_at(line: Mapping[str, Any]) -> datetime:
    """Return when the run of a line of `crawls.jsonl` ended."""
    return datetime.fromisoformat(line["finished_at"])


def valid_run_lines(lines: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield the lines of `crawls.jsonl` that have a spider, a known outcome and valid times.

    >>> list(valid_run_lines([{"crawl": "of a version to come", "spider": "x", "outcome": "delayed"}]))
    []
    """
    for line in lines:
        if line.get("spider") and line.get("outcome") in set(Outcome) and _has_times(line):
            yield line


def _has_times(line: Mapping[str, Any]) -> bool:
    try:
        times = [datetime.fromisoformat(line[name]) for name in ("started_at", "finished_at")]
    except (KeyError, TypeError, ValueError):
        return False
    return all(each.tzinfo for each in times)
