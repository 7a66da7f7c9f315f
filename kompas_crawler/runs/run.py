"""What was one run to cover, what did it find, and how did it end?

A run's record becomes a line of `crawls.jsonl`. It carries the state on which the next run
stands: what has been proven, and the articles and the days that are still owed. A run that is
killed writes no line, so it proves nothing, and the next one begins where the last proof ended.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from kompas_crawler.budget import MOST_DEATHS
from kompas_crawler.items import Article
from kompas_crawler.runs.evidence import DayRead
from kompas_crawler.runs.intervals import Interval, merged, without
from kompas_crawler.runs.outcome import Outcome
from kompas_crawler.runs.state import Deaths, Owed, State
from kompas_crawler.sections import SECTION
from kompas_crawler.timezones import WIB

# Words; lengths are kept as a histogram, so that a run of years needs no more memory.
LENGTH_STEP = 10

# Articles that two lists of one run name, such as the front and a day of the index, lie closer.
MOST_SETTLED = 10_000

# Fields whose absence is always worth an example.
ON_EVERY_PAGE = ("title", "dateline", "text")

# What speaks about the run, or about this program, uses up none of an article's tries.
NOT_ITS_FAULT = frozenset(
    {"blocked", "ChallengePage", "unreachable", "not-sent", "not-kept", "invalid-record"}
)
OUR_ERROR = "error-"  # and the name of an exception

# So long a page that ended too many runs is left aside; then it is tried anew.
ASIDE_FOR = timedelta(days=7)


END_OF_TIME = datetime(9999, 1, 1, tzinfo=WIB)


#: The logger of the line with which a run ends.
LAST_WORD = "kompas_crawler.ended"

_BY_REASON = {
    "locked": Outcome.LOCKED,
    "storage": Outcome.STORAGE,
    "blocked": Outcome.BLOCKED,
    "unreachable": Outcome.UNREACHABLE,
    "shutdown": Outcome.STOPPED,
    "cancelled": Outcome.STOPPED,
}


def is_its_fault(reason: str) -> bool:
    """Tell whether a reason speaks about the article, so that it may use up one of its tries.

    >>> is_its_fault("IncompleteArticle"), is_its_fault("error-MemoryError")
    (True, False)
    """
    return reason not in NOT_ITS_FAULT and not reason.startswith(OUR_ERROR)


def never(article_id: str) -> bool:
    """Answer for an archive that is empty."""
    return False


@dataclass(slots=True, kw_only=True)
class Run:
    """The bookkeeping of one run. It knows no Scrapy and no disk."""

    crawl: str
    spider: str
    started_at: datetime
    section: str = SECTION
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
    wanted: list[Interval] = field(default_factory=list)
    followed_since: datetime | None = None
    failed_days: set[date] = field(default_factory=set)
    days_read: dict[date, DayRead] = field(default_factory=dict)
    doubted: set[date] = field(default_factory=set)
    volumes: Counter[date] = field(default_factory=Counter)  # articles of the section, by day
    newest: datetime | None = None  # the clock of the newest article that a list named
    present: datetime | None = None  # nothing after it can have been listed
    failed_listings: list[dict[str, str]] = field(default_factory=list)
    unknown_listings: list[str] = field(default_factory=list)
    open: dict[str, Owed] = field(default_factory=dict)
    failed: dict[str, Owed] = field(default_factory=dict)
    gone: dict[str, dict[str, Any]] = field(default_factory=dict)
    off_section: dict[str, str] = field(default_factory=dict)
    final: set[str] = field(default_factory=set)
    settled: OrderedDict[str, None] = field(default_factory=OrderedDict)  # the last of them
    lengths: Counter[int] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)  # given up of late, articles and days
    drifted: list[dict[str, Any]] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)
    died: tuple[str, ...] = ()  # what the runs that died since the last line were reading
    deaths: dict[str, int] = field(default_factory=dict)  # by page; none since it was read well
    storage_failed: bool = False
    cut_off: bool = False  # Kompas was out of reach, or turned us away, until the run ended

    def listed(self, number: int) -> None:
        self.counts["listed"] += number

    def ask(self, article_id: str, url: str) -> bool:
        """Note that an article is asked for; False if this run has already dealt with it."""
        if any(article_id in dealt for dealt in (self.open, self.failed, self.gone)):
            return False
        if article_id in self.off_section:
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

    def mourn(self, died: Iterable[str], before: State) -> None:
        """Note which pages have ended runs: of late, and by the state of the line before."""
        self.died = tuple(died)
        known = before.deaths.items()
        self.deaths |= {p: d.number for p, d in known if d.last + ASIDE_FOR > self.started_at}
        for page in self.died:
            self.deaths[page] = self.deaths.get(page, 0) + 1

    def settle(self, article_id: str, how: str) -> None:
        """Note that nothing more is owed of an article: stored, revised, unchanged, known."""
        self.counts[how] += 1
        self.open.pop(article_id, None)
        self.failed.pop(article_id, None)
        self.settled[article_id] = None
        if len(self.settled) > MOST_SETTLED:
            self.settled.popitem(last=False)

    def meet(self, article_id: str) -> None:
        """Note that a list names a stored article: it is known, once, unless this run dealt with it."""
        if article_id not in self.open and article_id not in self.settled:
            self.settle(article_id, "known")

    def disown(self, article_id: str, url: str) -> None:
        """Note that an article turned out to be of another section: nobody asks for it again."""
        self.settle(article_id, "off_section")
        self.off_section[article_id] = url

    def fail(self, article_id: str, url: str, reason: str, found: str = "") -> None:
        """Note that an article could not be had this time, with the evidence that was found."""
        self.refused[reason] += 1
        self.examples.setdefault(f"refused:{reason}", url)
        self.open.pop(article_id, None)
        self.failed[article_id] = Owed(id=article_id, url=url, reason=reason, found=found)

    def lose(self, article_id: str, url: str, status: int, when: datetime) -> None:
        """Note that Kompas has taken an article away: 404 and 410 are final."""
        self.settle(article_id, "lost")
        self.gone[article_id] = {
            "id": article_id,
            "url": url,
            "status": status,
            "seen_at": when.isoformat(timespec="seconds"),
        }

    def want(self, since: datetime, until: datetime) -> None:
        """Note what this run is to prove; later ones owe of it what it does not."""
        if since <= until:
            self.wanted.append(Interval(since, until))

    def cover(self, since: datetime, until: datetime) -> None:
        """Note that every article of this time was listed and is stored or owed."""
        if since <= until:
            self.covered.append(Interval(since, until))

    def see(self, volumes: Mapping[date, int], clocks: Iterable[datetime]) -> None:
        """Note how many articles of the section a list shows of days; the fullest list counts."""
        for day, count in volumes.items():
            self.volumes[day] = max(count, self.volumes[day])
        self.newest = max((*clocks, self.newest) if self.newest else clocks, default=None)

    def doubt(self, day: date) -> None:
        """Note that the list of a day proves nothing, whatever other lists and runs say of it."""
        self.failed_days.add(day)
        self.doubted.add(day)

    @property
    def proven(self) -> tuple[Interval, ...]:
        """What this run has covered, without doubted days and without what is yet to come."""
        return self._undoubted(self._passed(self.covered))

    def _undoubted(self, intervals: Iterable[Interval]) -> tuple[Interval, ...]:
        if not self.doubted:
            return merged(intervals)
        return without(intervals, [Interval.of_day(day) for day in sorted(self.doubted)])

    def _passed(self, intervals: Iterable[Interval]) -> tuple[Interval, ...]:
        if self.present is None or self.present >= self.started_at:
            return merged(intervals)
        return without(intervals, [Interval(self.present, END_OF_TIME)])

    def follow(self, since: datetime) -> None:
        """Note that from then on the section is to be whole."""
        self.followed_since = min(since, self.followed_since or since)

    def listing_read(self) -> None:
        self.counts["lists"] += 1

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
        owed = self.open or self.failed or self.lost
        return bool(owed or without(self._passed(self.wanted), self.proven))

    def settle_state(
        self, before: State, is_stored: Callable[[str], bool] = never
    ) -> tuple[State, list[Owed], list[date]]:
        """Return the state after this run, and the articles and the days it gives up.

        What another run has stored meanwhile (`is_stored` tells) is not owed.
        """
        coverage = self._undoubted((*before.coverage, *self.proven))
        pending, given_up = self._pending_after(before, is_stored)
        days = self._owed_days_after(before, coverage)
        state = State(
            coverage=coverage,
            pending=pending,
            owed_days=days,
            followed_since=before.followed_since,
            deaths=self._deaths_after(before),
        ).follows(self._follows_since)
        lost = [d for d, n in days.items() if n >= self.max_tries > before.owed_days.get(d, 0)]
        return state, given_up, lost

    @property
    def _follows_since(self) -> datetime | None:
        if self.followed_since is None or self.present is None:
            return self.followed_since
        return min(self.followed_since, self.present)

    @property
    def _works(self) -> bool:
        """Tell whether Kompas could be read: an outage or a block of hours uses up no tries."""
        return not self.cut_off and self.counts["read"] + self.counts["lists"] > 0

    @property
    def _reads_articles(self) -> bool:
        """Tell whether other articles could be read, by rules that still hold.

        Where none can, or Kompas has changed its pages, it is not this one's fault.
        """
        return not (self.cut_off or self.drifted) and self.counts["read"] > 0

    def _pending_after(
        self, before: State, is_stored: Callable[[str], bool]
    ) -> tuple[dict[str, Owed], list[Owed]]:
        settled = {*self.gone, *self.off_section, *self.final}
        pending, given_up = {}, []
        for owed in {**before.pending, **self.open, **self.failed}.values():
            if owed.id in settled or is_stored(owed.id):
                continue
            after = self._tried(owed, before)
            if after.tries >= self.max_tries or self.deaths.get(owed.id, 0) >= MOST_DEATHS:
                given_up.append(after)
            else:
                pending[owed.id] = after
        return pending, given_up

    def _tried(self, owed: Owed, before: State) -> Owed:
        tries = before.pending[owed.id].tries if owed.id in before.pending else 0
        counts = owed.id in self.failed and is_its_fault(owed.reason) and self._reads_articles
        return replace(owed, tries=tries + counts + self.died.count(owed.id))

    def _deaths_after(self, before: State) -> dict[str, Deaths]:
        after = dict(before.deaths)
        for page, number in self.deaths.items():
            last = None if page in self.died else after.get(page)
            after[page] = Deaths(number=number, last=last.last if last else self.started_at)
        begin = self.started_at - ASIDE_FOR
        return {page: each for page, each in after.items() if each.number and each.last > begin}

    def _owed_days_after(self, before: State, coverage: Iterable[Interval]) -> dict[date, int]:
        now = min(self.started_at, self.present or self.started_at)
        owed = (Interval.of_day(day, now) for day in before.owed_days)
        wanted = (*self._passed(self.wanted), *owed)
        unproven = without(wanted, coverage)
        days = {day for interval in unproven for day in interval.days()}
        tried = self.failed_days if self._works else ()
        return {d: before.owed_days.get(d, 0) + (d in tried) for d in sorted(days)}

    def to_line(
        self,
        outcome: Outcome,
        reason: str,
        now: datetime,
        before: State,
        is_stored: Callable[[str], bool] = never,
    ) -> dict[str, Any]:
        """Return this run's line of `crawls.jsonl`, standing on the state of the line before."""
        self.cut_off = outcome in (Outcome.BLOCKED, Outcome.UNREACHABLE)
        state, given_up, lost_days = self.settle_state(before, is_stored)
        return {
            "crawl": self.crawl,
            "spider": self.spider,
            "section": self.section,
            "outcome": str(outcome),
            "reason": reason,
            "started_at": self.started_at.isoformat(timespec="seconds"),
            "finished_at": now.isoformat(timespec="seconds"),
            "arguments": dict(self.arguments),
            "since": _iso(self.since),
            "until": _iso(self.until),
            "covered": [interval.to_list() for interval in self.proven],
            **{name: self.counts[name] for name in COUNTS},
            "failed": [owed.to_dict() for owed in self.failed.values()],
            "not_fetched": len(self.open),
            "failed_listings": self.failed_listings,
            "unknown_listings": self.unknown_listings,
            "gone": list(self.gone.values()),
            "off_section": [{"id": id, "url": url} for id, url in self.off_section.items()],
            "given_up": [owed.to_dict() for owed in given_up],
            "given_up_days": [day.isoformat() for day in lost_days],
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
    "lists",
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
