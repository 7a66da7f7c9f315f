"""The state after all runs: what is proven, and what is pending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from kompas_crawler.runs.intervals import Interval, merged, without

# How far a clock may be ahead before its times are rejected.
CLOCK_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingArticle:
    """A pending article: known to exist, and not stored yet."""

    id: str
    url: str
    reason: str
    tries: int = 0
    found: str = ""  # the evidence for `reason`, if there is more to say than that word

    def to_dict(self) -> dict[str, Any]:
        entry = {"id": self.id, "url": self.url, "reason": self.reason, "tries": self.tries}
        return {**entry, "found": self.found} if self.found else entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Deaths:
    """How many runs in a row ended in the middle of reading a page, and when the last one did."""

    number: int
    last: datetime

    def to_dict(self) -> dict[str, Any]:
        return {"number": self.number, "last": self.last.isoformat(timespec="seconds")}


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What all runs so far have proven, and what is pending.

    `pending` are articles, `pending_days` days of which not everything was listed, with the runs
    that tried; those tried too often stay there until a run proves them. From `followed_since` on
    the section is to be complete: there the first run began that read it up to its present.
    `deaths` counts the runs that a page ended, by its id or address.
    """

    coverage: tuple[Interval, ...] = ()
    pending: Mapping[str, PendingArticle] = field(default_factory=dict)
    pending_days: Mapping[date, int] = field(default_factory=dict)
    followed_since: datetime | None = None
    deaths: Mapping[str, Deaths] = field(default_factory=dict)

    def newest_proof(self, not_before: datetime) -> datetime | None:
        """Return until when the section is proven, None if that is not known.

        In a section that is followed, that may be long ago. In one that is not, a proof that ended
        before `not_before` does not count: a crawl of a month of 2021 does not mean that all the
        years since are wanted.
        """
        proven = self.coverage[-1].until if self.coverage else None
        return proven if proven and proven > (self.followed_since or not_before) else None

    def next_since(self, overlap: timedelta, not_before: datetime) -> datetime | None:
        """Return where a run without `since` begins, None if that is not known."""
        proof = self.newest_proof(not_before)
        return proof - overlap if proof else self.followed_since

    def as_of(self, now: datetime) -> State:
        """Return this state without a `followed_since` in the future."""
        since = self.followed_since
        return replace(self, followed_since=None) if since and since > now else self

    def is_ahead(self, now: datetime) -> bool:
        """Return whether the coverage ends in the future, after `now` and a tolerance."""
        return bool(self.coverage) and self.coverage[-1].until > now + CLOCK_TOLERANCE

    def follows(self, since: datetime | None) -> State:
        """Return this state with `followed_since` no later than `since`."""
        begins = [each for each in (self.followed_since, since) if each]
        return replace(self, followed_since=min(begins, default=None))

    def days_to_prove(self, max_tries: int) -> list[date]:
        """Return the pending days, newest first, and those missing in what is followed.

        Days that were tried `max_tries` times are left out.
        """
        days = set(self.pending_days).union(*(gap.days() for gap in self._gaps()))
        return sorted((d for d in days if self.pending_days.get(d, 0) < max_tries), reverse=True)

    def _gaps(self) -> tuple[Interval, ...]:
        start, proven = self.followed_since, self.coverage[-1:]
        if start is None or not proven or proven[0].until <= start:
            return ()
        return without([Interval(start, proven[0].until)], self.coverage)

    def to_dict(self) -> dict[str, Any]:
        return {
            "coverage": [interval.to_list() for interval in self.coverage],
            "pending": [each.to_dict() for each in self.pending.values()],
            "owed_days": {day.isoformat(): tries for day, tries in self.pending_days.items()},
            "followed_since": self.followed_since.isoformat() if self.followed_since else None,
            "deaths": {page: deaths.to_dict() for page, deaths in self.deaths.items()},
        }

    @classmethod
    def from_line(cls, line: Mapping[str, Any]) -> State:
        """Return the state in a line of `crawls.jsonl`; missing fields are empty, others ignored.

        Raises AttributeError, TypeError or ValueError for invalid values.
        """
        pending = msgspec.convert(line.get("pending", ()), list[PendingArticle])
        days = line.get("owed_days", {}).items()
        followed = line.get("followed_since")
        return cls(
            coverage=merged(Interval.from_list(ends) for ends in line.get("coverage", ())),
            pending={each.id: each for each in pending},
            pending_days={date.fromisoformat(day): int(tries) for day, tries in days},
            followed_since=datetime.fromisoformat(followed) if followed else None,
            deaths=msgspec.convert(line.get("deaths", {}), dict[str, Deaths]),
        )
