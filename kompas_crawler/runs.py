"""What was one run to cover, what did it find, and how did it end?

A run's record becomes a line of `crawls.jsonl`. It carries the state on which the next run
stands: the proven coverage, and the articles that are still owed. A run that is killed writes no
line, so it proves nothing, and the next one begins where the last proof ended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from kompas_crawler.datelines import WIB
from kompas_crawler.items import Article

# Words; lengths are kept as a histogram, so that a run of years needs no more memory.
LENGTH_STEP = 10

# Fields whose absence is always worth an example.
ON_EVERY_PAGE = ("title", "dateline", "text")

# What speaks about the run and not about an article uses up none of its tries.
NOT_ITS_FAULT = frozenset({"blocked", "unreachable", "not-sent"})

# Intervals this close are one: a run's start and its first request are not the same moment.
SEAM = timedelta(seconds=1)


class Outcome(StrEnum):
    """How a run ended, in one word."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    DRIFT = "drift"
    BLOCKED = "blocked"
    UNREACHABLE = "unreachable"
    STORAGE = "storage"
    LOCKED = "locked"
    STOPPED = "stopped"


#: The exit code of `scrapy crawl` for every outcome; 1 and 2 are Scrapy's and the shell's own.
EXIT_CODES: Mapping[Outcome, int] = {
    Outcome.COMPLETE: 0,
    Outcome.PARTIAL: 10,
    Outcome.DRIFT: 11,
    Outcome.BLOCKED: 12,
    Outcome.UNREACHABLE: 13,
    Outcome.STORAGE: 14,
    Outcome.LOCKED: 15,
    Outcome.STOPPED: 16,
}

#: What each outcome means and what to do, for people.
MEANINGS: Mapping[Outcome, str] = {
    Outcome.COMPLETE: "everything asked for was read and stored, or there was nothing new",
    Outcome.PARTIAL: "some pages could not be read; the next run tries them again",
    Outcome.DRIFT: "Kompas has changed its pages; see the named field and docs/layouts.md",
    Outcome.BLOCKED: "Kompas turned the crawler away; nothing was bypassed, ask less or ask leave",
    Outcome.UNREACHABLE: "no answer from Kompas; check the network, then run again",
    Outcome.STORAGE: "the output could not be written; make room, then run again",
    Outcome.LOCKED: "another run of this spider holds the output directory",
    Outcome.STOPPED: "the run was told to stop; what was stored is whole, the rest is remembered",
}

_BY_REASON = {
    "locked": Outcome.LOCKED,
    "storage": Outcome.STORAGE,
    "blocked": Outcome.BLOCKED,
    "unreachable": Outcome.UNREACHABLE,
    "shutdown": Outcome.STOPPED,
    "cancelled": Outcome.STOPPED,
}


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """A stretch of time of which every article was listed, both ends included."""

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        if self.since > self.until:
            raise ValueError(f"an interval that ends before it begins: {self}")

    def to_list(self) -> list[str]:
        return [moment.astimezone(WIB).isoformat() for moment in (self.since, self.until)]

    @classmethod
    def from_list(cls, ends: Iterable[str]) -> Interval:
        return cls(*(datetime.fromisoformat(end) for end in ends))


def merged(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return the same time in as few intervals as possible, oldest first.

    >>> day = [datetime(2026, 11, d, tzinfo=WIB) for d in range(1, 6)]
    >>> [(i.since.day, i.until.day) for i in merged(
    ...     [Interval(day[3], day[4]), Interval(day[0], day[1]), Interval(day[1], day[2])])]
    [(1, 3), (4, 5)]
    """
    found: list[Interval] = []
    for interval in sorted(intervals):
        if found and interval.since <= found[-1].until + SEAM:
            found[-1] = Interval(found[-1].since, max(found[-1].until, interval.until))
        else:
            found.append(interval)
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """An article that is known to exist and is not stored yet."""

    id: str
    url: str
    reason: str
    tries: int = 0

    def to_dict(self) -> dict[str, Any]:
        return {"id": self.id, "url": self.url, "reason": self.reason, "tries": self.tries}


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What all runs so far have proven, and what they still owe."""

    coverage: tuple[Interval, ...] = ()
    pending: Mapping[str, Owed] = field(default_factory=dict)

    @property
    def proven_until(self) -> datetime | None:
        """Where the first stretch without a hole ends; None before the first proof."""
        return self.coverage[0].until if self.coverage else None

    def to_dict(self) -> dict[str, Any]:
        return {
            "coverage": [interval.to_list() for interval in self.coverage],
            "pending": [owed.to_dict() for owed in self.pending.values()],
        }

    @classmethod
    def from_line(cls, line: Mapping[str, Any]) -> State:
        owed = [Owed(**entry) for entry in line.get("pending", ())]
        return cls(
            coverage=merged(Interval.from_list(ends) for ends in line.get("coverage", ())),
            pending={each.id: each for each in owed},
        )


@dataclass(slots=True, kw_only=True)
class Run:
    """The bookkeeping of one run. It knows no Scrapy and no disk."""

    crawl: str
    spider: str
    started_at: datetime
    arguments: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None
    max_tries: int = 8
    counts: Counter[str] = field(default_factory=Counter)
    rules: dict[str, Counter[str]] = field(default_factory=dict)
    layouts: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    covered: list[Interval] = field(default_factory=list)
    failed_listings: list[dict[str, str]] = field(default_factory=list)
    unknown_listings: list[str] = field(default_factory=list)
    open: dict[str, Owed] = field(default_factory=dict)
    failed: dict[str, Owed] = field(default_factory=dict)
    gone: dict[str, dict[str, Any]] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)
    lengths: Counter[int] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    drifted: list[dict[str, Any]] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)
    storage_failed: bool = False

    def listed(self, number: int) -> None:
        self.counts["listed"] += number

    def ask(self, article_id: str, url: str) -> bool:
        """Note that an article is asked for; False if this run has already dealt with it."""
        if article_id in self.open or article_id in self.failed or article_id in self.gone:
            return False
        self.open[article_id] = Owed(id=article_id, url=url, reason="not-fetched")
        return True

    def read(self, rules: Mapping[str, str], article: Article) -> None:
        """Note an article that was read, with the rule that answered for each field."""
        self.counts["read"] += 1
        self.layouts[article.layout] += 1
        self.warnings.update(article.warnings)
        self.lengths[article.word_count // LENGTH_STEP] += 1
        for name, rule in rules.items():
            self.rules.setdefault(name, Counter())[rule] += 1
            self.examples.setdefault(f"{name}:{rule}", article.url)
        for name in {*ON_EVERY_PAGE, *self.rules} - rules.keys():
            self.examples.setdefault(f"{name}:none", article.url)
        if article.layout == "unknown":
            self.examples.setdefault("unknown:layout", article.url)
        if "date-conflict" in article.warnings:
            self.examples.setdefault("conflicts:date", article.url)

    @property
    def median_words(self) -> float | None:
        """The median length of the articles read, to the nearest step."""
        middle, seen = sum(self.lengths.values()) / 2, 0
        for step in sorted(self.lengths):
            seen += self.lengths[step]
            if seen >= middle:
                return (step + 0.5) * LENGTH_STEP
        return None

    def settle(self, article_id: str, how: str) -> None:
        """Note that nothing more is owed of an article: stored, revised, unchanged, known."""
        self.counts[how] += 1
        self.open.pop(article_id, None)
        self.failed.pop(article_id, None)
        self.settled.add(article_id)

    def fail(self, article_id: str, url: str, reason: str) -> None:
        """Note that an article could not be had this time."""
        self.refused[reason] += 1
        self.examples.setdefault(f"refused:{reason}", url)
        self.open.pop(article_id, None)
        self.failed[article_id] = Owed(id=article_id, url=url, reason=reason)

    def lose(self, article_id: str, url: str, status: int, when: datetime) -> None:
        """Note that Kompas has taken an article away: 404 and 410 are final."""
        self.open.pop(article_id, None)
        self.gone[article_id] = {
            "id": article_id,
            "url": url,
            "status": status,
            "seen_at": when.isoformat(timespec="seconds"),
        }

    def cover(self, since: datetime, until: datetime) -> None:
        """Note that every article of this time was listed and is stored or owed."""
        if since <= until:
            self.covered.append(Interval(since, until))

    def listing_failed(self, url: str, reason: str) -> None:
        self.failed_listings.append({"url": url, "reason": reason})

    def outcome(self, reason: str) -> Outcome:
        """Return the one word for this run, given why Scrapy closed it."""
        if self.storage_failed:
            return Outcome.STORAGE
        if reason in _BY_REASON:
            return _BY_REASON[reason]
        if self.unknown_listings or self.drifted:
            return Outcome.DRIFT
        if reason != "finished" or self._owes() or self.failed_listings:
            return Outcome.PARTIAL
        return Outcome.COMPLETE

    def _owes(self) -> bool:
        return bool(self.open or self.failed)

    def settle_state(self, before: State) -> tuple[State, list[Owed]]:
        """Return the state after this run, and what it gives up.

        A try counts only where the run read other pages: an outage or a block of hours must not
        use up the tries of every article.
        """
        pending = dict(before.pending)
        for article_id in (*self.settled, *self.gone):
            pending.pop(article_id, None)
        given_up = []
        works = self.counts["read"] > 0
        for owed in (*self.failed.values(), *self.open.values()):
            tries = before.pending[owed.id].tries if owed.id in before.pending else 0
            counts = owed.reason not in NOT_ITS_FAULT and owed.id in self.failed and works
            after = replace(owed, tries=tries + counts)
            if after.tries >= self.max_tries:
                given_up.append(after)
                pending.pop(owed.id, None)
            else:
                pending[owed.id] = after
        coverage = merged((*before.coverage, *self.covered))
        return State(coverage=coverage, pending=pending), given_up

    def to_line(
        self, outcome: Outcome, reason: str, now: datetime, before: State
    ) -> dict[str, Any]:
        """Return this run's line of `crawls.jsonl`, standing on the state of the line before."""
        state, given_up = self.settle_state(before)
        return {
            "crawl": self.crawl,
            "spider": self.spider,
            "outcome": str(outcome),
            "reason": reason,
            "started_at": self.started_at.isoformat(timespec="seconds"),
            "finished_at": now.isoformat(timespec="seconds"),
            "arguments": dict(self.arguments),
            "since": _iso(self.since),
            "until": _iso(self.until),
            "covered": [interval.to_list() for interval in merged(self.covered)],
            **{name: self.counts[name] for name in COUNTS},
            "failed": [owed.to_dict() for owed in self.failed.values()],
            "not_fetched": len(self.open),
            "failed_listings": self.failed_listings,
            "unknown_listings": self.unknown_listings,
            "gone": list(self.gone.values()),
            "given_up": [owed.to_dict() for owed in given_up],
            "refused": dict(self.refused),
            "layouts": dict(self.layouts),
            "warnings": dict(self.warnings),
            "fields": {name: dict(rules) for name, rules in sorted(self.rules.items())},
            "median_words": self.median_words,
            "drift": self.drifted,
            **self.notes,
            **state.to_dict(),
        }


#: The numbers of a run's line.
COUNTS = (
    "requests",
    "listed",
    "known",
    "read",
    "stored",
    "revised",
    "unchanged",
    "duplicates",
    "invalid",
)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
