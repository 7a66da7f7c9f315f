"""The record of one run: what it had to cover, what it found, and how it ended.

It becomes a line of `crawls.jsonl` with the state from which the next run starts: what has been
proven, and which articles and days are pending. A run that is killed writes no line, so it proves
nothing, and the next one begins where the last proof ended.
"""

from __future__ import annotations

import logging
import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from kompas_crawler.budget import MOST_DEATHS
from kompas_crawler.items import Article
from kompas_crawler.runs.coverage import Coverage
from kompas_crawler.runs.outcome import Outcome
from kompas_crawler.runs.readings import Readings
from kompas_crawler.runs.state import Deaths, PendingArticle, State
from kompas_crawler.sections import SECTION

logger = logging.getLogger(__name__)

# Enough to recognise an article that two lists of a run name, such as front and index.
MOST_RESOLVED = 10_000

# Reasons that concern the run or this program count as no try of an article.
NOT_ITS_FAULT = frozenset(
    {"blocked", "ChallengePage", "unreachable", "not-sent", "not-kept", "invalid-record"}
)
OUR_ERROR = "error-"  # and the name of an exception

# How long a page that ended too many runs is skipped before it is tried again.
ASIDE_FOR = timedelta(days=7)

NOT_FOUND = 404  # an answer that need not mean that an article is gone
FEW_GONE = 2  # articles of one run; so many may be gone when nothing else is new

#: The logger of the line with which a run ends.
OUTCOME_LOGGER = "kompas_crawler.ended"

_BY_REASON = {
    "locked": Outcome.LOCKED,
    "storage": Outcome.STORAGE,
    "blocked": Outcome.BLOCKED,
    "unreachable": Outcome.UNREACHABLE,
    "shutdown": Outcome.STOPPED,
    "cancelled": Outcome.STOPPED,
    "closespider_timeout": Outcome.STOPPED,  # CLOSESPIDER_TIMEOUT, the limit of a piece of a backfill
}


def is_its_fault(reason: str) -> bool:
    """Return whether a reason concerns the article itself, so that it counts as a try.

    >>> is_its_fault("IncompleteArticle"), is_its_fault("error-MemoryError")
    (True, False)
    """
    return reason not in NOT_ITS_FAULT and not reason.startswith(OUR_ERROR)


def nothing_is_stored(article_id: str) -> bool:
    """Return False: the answer for an empty archive."""
    return False


def new_run_id(spider: str, now: datetime) -> str:
    """Return the id of a run that begins now, such as `backfill-20261123T120000-3fa9c1`."""
    return f"{spider}-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


@dataclass(slots=True, kw_only=True)
class Run:
    """The record of one run, without Scrapy and without the disk."""

    id: str
    spider: str
    started_at: datetime
    section: str = SECTION.name
    arguments: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None
    max_tries: int = 8
    coverage: Coverage = field(init=False)
    readings: Readings = field(default_factory=Readings)
    counts: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    failed_listings: list[dict[str, str]] = field(default_factory=list)
    unknown_listings: list[str] = field(default_factory=list)
    open: dict[str, PendingArticle] = field(default_factory=dict)
    failed: dict[str, PendingArticle] = field(default_factory=dict)
    gone: dict[str, dict[str, Any]] = field(default_factory=dict)
    off_section: dict[str, str] = field(default_factory=dict)
    final: set[str] = field(default_factory=set)
    renamed: dict[str, str] = field(default_factory=dict)  # by id, the address listed since
    resolved: OrderedDict[str, None] = field(default_factory=OrderedDict)  # the last of them
    lost: set[str] = field(default_factory=set)  # given up recently, articles and days
    drifted: list[dict[str, Any]] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)
    died: tuple[str, ...] = ()  # what the runs that died since the last line were reading
    deaths: dict[str, int] = field(default_factory=dict)  # by page; reset once it is read
    storage_failed: bool = False
    cut_off: bool = False  # Kompas was out of reach, or turned us away, until the run ended

    def __post_init__(self) -> None:
        self.coverage = Coverage(started_at=self.started_at)

    def note_listed(self, number: int) -> None:
        """Note how many articles of the section a list names."""
        self.counts["listed"] += number

    def request(self, article_id: str, url: str) -> bool:
        """Note that an article is requested; return False if this run has already done so.

        If it has, and without success, the next run requests this address.
        """
        if article_id in self.open or article_id in self.failed:
            self.renamed[article_id] = url
        if any(article_id in dealt for dealt in (self.open, self.failed, self.gone)):
            return False
        if article_id in self.off_section:
            return False
        self.open[article_id] = PendingArticle(id=article_id, url=url, reason="not-fetched")
        return True

    def note_read(self, rules: Mapping[str, str], article: Article) -> None:
        """Note an article that was read, with the rule that supplied each field."""
        self.counts["read"] += 1
        self.readings.note(rules, article)

    def note_deaths(self, died: Iterable[str], before: State) -> None:
        """Note which pages have ended runs: `died` since the last line, others by its state."""
        self.died = tuple(died)
        known = before.deaths.items()
        self.deaths |= {p: d.number for p, d in known if d.last + ASIDE_FOR > self.started_at}
        for page in self.died:
            self.deaths[page] = self.deaths.get(page, 0) + 1

    def resolve(self, article_id: str, how: str) -> None:
        """Note an article's result: stored, revised, unchanged, known, lost or off_section."""
        self.counts[how] += 1
        self.open.pop(article_id, None)
        self.failed.pop(article_id, None)
        self.resolved[article_id] = None
        if len(self.resolved) > MOST_RESOLVED:
            self.resolved.popitem(last=False)

    def note_known(self, article_id: str) -> None:
        """Note that a list names a stored article, once, unless this run requested it."""
        if article_id not in self.open and article_id not in self.resolved:
            self.resolve(article_id, "known")

    def note_other_section(self, article_id: str, url: str) -> None:
        """Note that an article is of another section; it is not requested again."""
        self.resolve(article_id, "off_section")
        self.off_section[article_id] = url

    def note_failed(self, article_id: str, url: str, reason: str, found: str = "") -> None:
        """Note that an article could not be fetched or read in this run, with the evidence found."""
        self.refused[reason] += 1
        self.readings.examples.setdefault(f"refused:{reason}", url)
        self.open.pop(article_id, None)
        self.failed[article_id] = PendingArticle(id=article_id, url=url, reason=reason, found=found)

    def is_last_try(self, article_id: str, before: State) -> bool:
        """Return whether an article that failed in this run would be given up after it."""
        failed = self.failed.get(article_id)
        if failed is None or not is_its_fault(failed.reason):
            return False
        return _tries(article_id, before) + 1 >= self.max_tries

    def note_gone(self, article_id: str, url: str, status: int, when: datetime) -> None:
        """Note that Kompas has removed an article (404 or 410), which is final."""
        self.resolve(article_id, "lost")
        self.gone[article_id] = {
            "id": article_id,
            "url": url,
            "status": status,
            "seen_at": when.isoformat(timespec="seconds"),
        }

    def doubt_gone(self) -> None:
        """Keep pending what answered 404, in a run that got several, and more than articles.

        Then the articles are not gone: the site is broken, has new addresses, or turns us away. One
        that is gone answers so again in a later run, between others. 410 is said on purpose.
        """
        doubtful = [each for each in self.gone.values() if each["status"] == NOT_FOUND]
        if len(doubtful) <= max(FEW_GONE, self.counts["read"]):
            return
        logger.warning(
            "%d articles answered 404 and %d could be read: they stay pending",
            len(doubtful),
            self.counts["read"],
        )
        for each in doubtful:
            del self.gone[each["id"]]
            self.counts["lost"] -= 1
            self.note_failed(each["id"], each["url"], f"http-{NOT_FOUND}", f"HTTP {NOT_FOUND}")

    def note_listing(self) -> None:
        """Note that a list was read."""
        self.counts["lists"] += 1

    def note_failed_listing(self, url: str, reason: str) -> None:
        """Note that a list could not be read, and why."""
        self.failed_listings.append({"url": url, "reason": reason})

    def outcome(self, reason: str) -> Outcome:
        """Return the outcome of this run, given Scrapy's reason for closing it."""
        if self.storage_failed:
            return Outcome.STORAGE
        if reason in _BY_REASON:
            return _BY_REASON[reason]
        if self.unknown_listings or self.drifted:
            return Outcome.DRIFT
        if reason != "finished" or self._is_incomplete() or self.failed_listings:
            return Outcome.PARTIAL
        return Outcome.COMPLETE

    def _is_incomplete(self) -> bool:
        is_missing = self.open or self.failed or self.lost
        return bool(is_missing or self.coverage.unproven)

    def state_after(
        self, before: State, is_stored: Callable[[str], bool] = nothing_is_stored
    ) -> tuple[State, list[PendingArticle], list[date]]:
        """Return the state after this run, and the articles and the days it gives up.

        What another run has stored in the meantime, by `is_stored`, is not pending.
        """
        pending, given_up = self._pending_after(before, is_stored)
        days = self.coverage.pending_days_after(before, counts_as_try=self._could_read_kompas)
        state = State(
            coverage=self.coverage.proven_with(before.coverage),
            pending=pending,
            pending_days=days,
            followed_since=before.followed_since,
            deaths=self._deaths_after(before),
        ).follows(self.coverage.follows_since)
        lost = [d for d, n in days.items() if n >= self.max_tries > before.pending_days.get(d, 0)]
        return state, given_up, lost

    @property
    def _could_read_kompas(self) -> bool:
        """Return whether Kompas could be read; an outage or a block counts as no try."""
        return not self.cut_off and self.counts["read"] + self.counts["lists"] > 0

    @property
    def _reads_articles(self) -> bool:
        """Return whether other articles could be read.

        If none could, or if pages have changed, a failure counts as no try of an article.
        """
        return not (self.cut_off or self.drifted) and self.counts["read"] > 0

    def _pending_after(
        self, before: State, is_stored: Callable[[str], bool]
    ) -> tuple[dict[str, PendingArticle], list[PendingArticle]]:
        settled = {*self.gone, *self.off_section, *self.final}
        pending, given_up = {}, []
        for each in {**before.pending, **self.open, **self.failed}.values():
            if each.id in settled or is_stored(each.id):
                continue
            after = self._tried(replace(each, url=self.renamed.get(each.id, each.url)), before)
            if after.tries >= self.max_tries or self.deaths.get(each.id, 0) >= MOST_DEATHS:
                given_up.append(after)
            else:
                pending[each.id] = after
        return pending, given_up

    def _tried(self, article: PendingArticle, before: State) -> PendingArticle:
        counts = article.id in self.failed and is_its_fault(article.reason) and self._reads_articles
        tries = _tries(article.id, before) + counts + self.died.count(article.id)
        return replace(article, tries=tries)

    def _deaths_after(self, before: State) -> dict[str, Deaths]:
        after = dict(before.deaths)
        for page, number in self.deaths.items():
            last = None if page in self.died else after.get(page)
            after[page] = Deaths(number=number, last=last.last if last else self.started_at)
        begin = self.started_at - ASIDE_FOR
        return {page: each for page, each in after.items() if each.number and each.last > begin}

    def to_line(
        self,
        outcome: Outcome,
        reason: str,
        now: datetime,
        before: State,
        is_stored: Callable[[str], bool] = nothing_is_stored,
    ) -> dict[str, Any]:
        """Return this run's line of `crawls.jsonl`, given the state of the line before."""
        self.cut_off = outcome in (Outcome.BLOCKED, Outcome.UNREACHABLE)
        state, given_up, lost_days = self.state_after(before, is_stored)
        return {
            "crawl": self.id,
            "spider": self.spider,
            "section": self.section,
            "outcome": str(outcome),
            "reason": reason,
            "started_at": self.started_at.isoformat(timespec="seconds"),
            "finished_at": now.isoformat(timespec="seconds"),
            "arguments": dict(self.arguments),
            "since": _iso(self.since),
            "until": _iso(self.until),
            "covered": [interval.to_list() for interval in self.coverage.proven],
            **{name: self.counts[name] for name in COUNTS},
            "failed": [each.to_dict() for each in self.failed.values()],
            "not_fetched": len(self.open),
            "failed_listings": self.failed_listings,
            "unknown_listings": self.unknown_listings,
            "gone": list(self.gone.values()),
            "off_section": [{"id": id, "url": url} for id, url in self.off_section.items()],
            "given_up": [each.to_dict() for each in given_up],
            "given_up_days": [day.isoformat() for day in lost_days],
            "refused": dict(self.refused),
            **self.readings.to_dict(),
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


def _tries(article_id: str, before: State) -> int:
    pending = before.pending.get(article_id)
    return pending.tries if pending else 0


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
