"""The time that one run has to prove, and what its lists have proven of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from kompas_crawler.runs.evidence import DayRead
from kompas_crawler.runs.intervals import Interval, merged, without
from kompas_crawler.runs.state import State
from kompas_crawler.timezones import WIB

END_OF_TIME = datetime(9999, 1, 1, tzinfo=WIB)


@dataclass(slots=True, kw_only=True)
class Coverage:
    """What the lists of a run that began at `started_at` cover.

    `volumes` are the articles of the section that lists show, by day; `newest` is the clock of the
    newest article that a list named; nothing after `present` can have been listed.
    """

    started_at: datetime
    planned: list[Interval] = field(default_factory=list)
    covered: list[Interval] = field(default_factory=list)
    followed_since: datetime | None = None
    failed_days: set[date] = field(default_factory=set)
    days_read: dict[date, DayRead] = field(default_factory=dict)
    doubted: set[date] = field(default_factory=set)
    volumes: Counter[date] = field(default_factory=Counter)
    newest: datetime | None = None
    present: datetime | None = None

    def plan_interval(self, since: datetime, until: datetime) -> None:
        """Note time that the run has to prove; what it cannot prove stays pending."""
        if since <= until:
            self.planned.append(Interval(since, until))

    def note_covered(self, since: datetime, until: datetime) -> None:
        """Note that every article of this time was listed, so that it is stored or pending."""
        if since <= until:
            self.covered.append(Interval(since, until))

    def note_volumes(self, volumes: Mapping[date, int], clocks: Iterable[datetime]) -> None:
        """Note how many articles of each day a list shows; the longest list counts."""
        for day, count in volumes.items():
            self.volumes[day] = max(count, self.volumes[day])
        self.newest = max((*clocks, self.newest) if self.newest else clocks, default=None)

    def note_doubt(self, day: date) -> None:
        """Note that a day is not proven, whatever other lists and runs show of it."""
        self.failed_days.add(day)
        self.doubted.add(day)

    def note_followed(self, since: datetime) -> None:
        """Note that the section is to be complete from then on."""
        self.followed_since = min(since, self.followed_since or since)

    @property
    def proven(self) -> tuple[Interval, ...]:
        """What the run has covered, without doubted days and without the future."""
        return self._undoubted(self._passed(self.covered))

    @property
    def unproven(self) -> tuple[Interval, ...]:
        """What the run was to prove and has not."""
        return without(self._passed(self.planned), self.proven)

    @property
    def follows_since(self) -> datetime | None:
        """Since when the section is followed, not later than the time that lists can show."""
        if self.followed_since is None or self.present is None:
            return self.followed_since
        return min(self.followed_since, self.present)

    def proven_with(self, earlier: Iterable[Interval]) -> tuple[Interval, ...]:
        """Return what earlier runs and this one have proven."""
        return self._undoubted((*earlier, *self.proven))

    def pending_days_after(self, before: State, *, counts_as_try: bool) -> dict[date, int]:
        """Return the days that are not proven, each with the number of runs that tried."""
        now = min(self.started_at, self.present or self.started_at)
        earlier = (Interval.of_day(day, now) for day in before.pending_days)
        wanted = (*self._passed(self.planned), *earlier)
        unproven = without(wanted, self.proven_with(before.coverage))
        days = {day for interval in unproven for day in interval.days()}
        tried = self.failed_days if counts_as_try else ()
        return {d: before.pending_days.get(d, 0) + (d in tried) for d in sorted(days)}

    def _undoubted(self, intervals: Iterable[Interval]) -> tuple[Interval, ...]:
        if not self.doubted:
            return merged(intervals)
        return without(intervals, [Interval.of_day(day) for day in sorted(self.doubted)])

    def _passed(self, intervals: Iterable[Interval]) -> tuple[Interval, ...]:
        if self.present is None or self.present >= self.started_at:
            return merged(intervals)
        return without(intervals, [Interval(self.present, END_OF_TIME)])
