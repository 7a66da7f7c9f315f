"""The reparse: saved pages read by today's rules and stored by the rules of a crawl, without network.

Several processes read pages; one stores them, in the order in which they were saved. So a crawl's
pages that are read into an empty directory give the crawl's records.
"""

from __future__ import annotations

import logging
import signal
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any

from scrapy.settings import Settings

from kompas_crawler.archive.locks import RunLock, lock_path
from kompas_crawler.archive.revisions import next_revision
from kompas_crawler.archive.store import Archive
from kompas_crawler.budget import MOST_DEATHS, budget
from kompas_crawler.errors import StorageFailed
from kompas_crawler.items import Article
from kompas_crawler.pages import Reading, join_pages
from kompas_crawler.runs.invented import KEY
from kompas_crawler.runs.log import CrawlLog
from kompas_crawler.runs.outcome import Outcome
from kompas_crawler.runs.run import Run, new_run_id
from kompas_crawler.runs.storage_rules import note_spoiled, note_vanished
from kompas_crawler.sections import of_other_section
from kompas_crawler.timezones import WIB
from kompas_crawler.warc.checkpoint import Losses, ReparseCheckpoint
from kompas_crawler.warc.gzip_members import DAMAGED, Position
from kompas_crawler.warc.item_pipelines import PipelineChain
from kompas_crawler.warc.read_ahead import PartResult, ReadAhead, ReadingStopped
from kompas_crawler.warc.read_pages import ParsedPart, UnreadPage, unread_page
from kompas_crawler.warc.saved_pages import INVENTED, LOSSES, Damage, Source

logger = logging.getLogger(__name__)

NAME = "reparse"

# Articles of which some pages are read and some are not. A crawl saves the pages of one article close
# together; in other archives the rest may never follow.
MOST_HELD = 2_000
MOST_HELD_TEXT = 16_000_000  # characters

MOST_NAMED = 100  # articles that could not be read, and places of damage, in the run's line


@dataclass(slots=True, kw_only=True)
class Progress:
    """How far a reparse has come. `total`, `skipped` and `done` are bytes of the (compressed) files."""

    total: int
    skipped: int = 0
    done: int = 0
    pages: int = 0
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        return max(time.monotonic() - self.started, 1e-6)

    @property
    def pages_per_second(self) -> float:
        return self.pages / self.seconds

    @property
    def seconds_left(self) -> float | None:
        """Return the seconds left at the pace so far, None before anything is done."""
        left = self.total - self.skipped - self.done
        return left * self.seconds / self.done if self.done else None


@dataclass(slots=True, kw_only=True)
class _PendingPages:
    """The pages of an article read so far, and the number of the part with the first of them."""

    part: int
    pages: dict[int, Reading] = field(default_factory=dict)

    def add(self, reading: Reading) -> bool:
        """Add a page; return whether the article is complete now."""
        self.pages[reading.page or 0] = reading
        return set(range(1, reading.article.page_count + 1)) <= self.pages.keys()

    @property
    def length(self) -> int:
        return sum(len(reading.article.text) for reading in self.pages.values())

    def joined(self) -> Reading:
        """Return the article of all pages, downloaded when the last of them was."""
        readings = list(self.pages.values())
        times = [r.article.fetched_at for r in readings if r.article.fetched_at is not None]
        article = replace(join_pages(readings), fetched_at=max(times, default=None))
        return replace(readings[0], article=article, page=None)


class ReparseStorage:
    """Stores what was read, part after part, and counts it for the run's line."""

    def __init__(self, run: Run, archive: Archive, settings: Settings | None = None) -> None:
        self.run = run
        self.archive = archive
        self.pipelines = PipelineChain(self, settings)
        self.seen: Counter[str] = Counter()
        # Each with the part in which it was lost.
        self._unread: dict[str, tuple[int, UnreadPage]] = {}
        self._damage: list[tuple[int, Damage]] = []
        self._held: OrderedDict[str, _PendingPages] = OrderedDict()
        self._held_text = 0  # characters, or more
        self._number = 0  # of the part that is read now

    def take(self, part: ParsedPart, number: int) -> None:
        """Store the articles of the part with this number, and note what was lost in it."""
        self.seen.update(part.seen)
        if part.seen[INVENTED]:
            self.run.notes[KEY] = True
        self._damage += [(number, damage) for damage in part.damage]
        for unread in part.unread:
            self._note_unread(unread, number)
        for reading in part.readings:
            self._take(reading, number)

    def fail(self, number: int, name: str, error: BaseException) -> None:
        """Note that a part could not be read at all."""
        self.run.refused[f"error-{type(error).__name__}"] += 1
        self._note_damage(Damage(what=DAMAGED, where=f"{name}: {error!r}"), number)

    def restore(self, lost: Losses) -> None:
        """Note what the run before lost in the parts that are not read again."""
        if lost.is_invented:
            self.run.notes[KEY] = True
        for damage in lost.damage:
            self._note_damage(damage, -1)
        for unread in lost.unread:
            self._note_unread(unread, -1)

    def lost_before(self, number: int) -> Losses:
        """Return what was lost in the parts before number `number`."""
        return Losses(
            damage=tuple(damage for part, damage in self._damage if part < number),
            unread=tuple(unread for part, unread in self._unread.values() if part < number),
            is_invented=KEY in self.run.notes,
        )

    @property
    def damage(self) -> list[Damage]:
        return [damage for _, damage in self._damage]

    def stored_before(self, number: int) -> int:
        """Return the number of the first part with pages that are not stored yet, `number` if none."""
        return min((held.part for held in self._held.values()), default=number)

    def finish(self) -> None:
        """Store articles with missing pages as `truncated`, unless they are stored already."""
        while self._held:
            self._give_up_one()

    def still_unread(self) -> list[UnreadPage]:
        """Return the pages that gave no record, of articles that are not stored."""
        return [unread for id_, (_, unread) in self._unread.items() if id_ not in self.archive]

    def _note_unread(self, unread: UnreadPage, number: int) -> None:
        self.run.refused[unread.reason] += 1
        self.run.counts["invalid"] += unread.reason == "invalid-record"
        self._unread[unread.id] = number, unread

    def _note_damage(self, damage: Damage, number: int) -> None:
        self.seen[damage.what] += 1
        self._damage.append((number, damage))

    def _take(self, reading: Reading, number: int) -> None:
        if of_other_section(reading.article):
            self.seen["of other sections"] += 1
        elif reading.page is None:
            self._held.pop(reading.article.id, None)
            self._store(reading, number)
        else:
            self._hold(reading, number)

    def _hold(self, reading: Reading, number: int) -> None:
        id_ = reading.article.id
        if id_ in self._held and reading.page in self._held[id_].pages:
            del self._held[id_]  # another download of the article begins
        if self._held.setdefault(id_, _PendingPages(part=number)).add(reading):
            held = self._held.pop(id_)
            self._store(held.joined(), held.part)
            return
        self._held_text += len(reading.article.text)
        if len(self._held) > MOST_HELD or self._held_text > MOST_HELD_TEXT:
            self._give_up_one()
            self._held_text = sum(held.length for held in self._held.values())

    def _give_up_one(self) -> None:
        id_, held = self._held.popitem(last=False)
        if id_ in self.archive:
            self.run.resolve(id_, "known")
        else:
            self._store(held.joined(), held.part)

    def _store(self, reading: Reading, number: int) -> None:
        """Send an article through the pipelines, the last of which stores it."""
        article = reading.article
        self.run.note_read(reading.rules, article)
        self._number = number
        try:
            dropped = self.pipelines.through(article)
        except StorageFailed:
            raise
        except Exception as error:  # of a user's pipeline; a crawl continues as well
            logger.exception("%s is not stored", article.url)
            self.refuse(article, f"error-{type(error).__name__}")
        else:
            if dropped:
                self.refuse(article, "dropped")

    # The interface that the pipelines use: `runs.storage_rules.StorageContext`.

    def following(self, article: Article) -> Article | str:
        return next_revision(article, self.archive.revisions(article.id))

    def rechecks(self, article_id: str) -> bool:
        return False

    def refuse(self, article: Article, reason: str) -> None:
        self._note_unread(unread_page(article.url, reason), self._number)

    def storage_failed(self, failure: StorageFailed) -> None:
        raise failure


class Reparse:
    """One run over saved pages."""

    def __init__(
        self,
        root: Path,
        sources: Sequence[Source],
        *,
        workers: int,
        arguments: Mapping[str, str] | None = None,
        settings: Settings | None = None,
    ) -> None:
        """Prepare the run; nothing is read or locked yet.

        The pipelines are those of `settings`, by default those of the project.
        """
        now = datetime.now(WIB)
        self.run = Run(
            id=new_run_id(NAME, now),
            spider=NAME,
            started_at=now,
            arguments=arguments or {},
        )
        self.progress = Progress(total=sum(source.size for source in sources))
        self._root = root
        self._settings = settings
        self._sources = sources
        self._stopped = False
        self._done = 0  # parts
        self._places: dict[int, Position | None] = {}  # where each part begins, by its number
        self._ahead = ReadAhead(
            sources,
            self.run.id,
            workers=workers,
            should_stop=lambda: self._stopped,
            notes=lock_path(root, NAME),
        )
        self._deaths: dict[str, int] = {}
        self._lock = RunLock(lock_path(root, NAME), self.run.id)
        self._checkpoint = ReparseCheckpoint(root, sources)

    def execute(self, report: Callable[[Progress], None]) -> Mapping[str, Any]:
        """Read and store everything; return the run's line of `crawls.jsonl`.

        `report` is called after each part. Raises `AlreadyRunning`, and `StorageFailed` when not even
        the line can be written.
        """
        with self._lock, Archive(self._root) as archive:
            if self._lock.previous:
                self.run.notes["after_crash_of"] = self._lock.previous.run
            storage = ReparseStorage(self.run, archive, self._settings)
            try:
                with storage.pipelines, _stop_on_signal(self._stop):
                    reason = self._read_all(storage, report)
            except StorageFailed as failure:
                logger.critical("Nothing more can be stored, the run ends here. %s", failure)
                self.run.storage_failed, reason = True, "storage"
            finally:
                budget.note, budget.deaths = None, {}
            return self._written(storage, archive, reason)

    def _stop(self) -> None:
        self._stopped = True
        self._ahead.stop()

    def _read_all(self, storage: ReparseStorage, report: Callable[[Progress], None]) -> str:
        begin, lost = self._checkpoint.read()
        storage.restore(lost)
        self._deaths.update(lost.deaths)
        if (before := self._lock.previous) and before.died:
            self._note_death(before.died[-1])
            self._checkpoint.mark(begin, replace(lost, deaths=self._deaths))
        budget.note, budget.deaths = self._lock.reader_note(), dict(self._deaths)
        self.progress.skipped = sum(source.size for source in self._sources[:begin])
        self.run.notes["parts_skipped"] = begin
        self._done, self._places[begin] = begin, lost.place
        try:
            with closing(self._ahead.parts(begin, lost.place)) as parts:
                reason = self._take_all(parts, storage, report)
        except ReadingStopped:
            reason = "shutdown"
        if reason:
            self._mark(storage)
            return reason
        storage.finish()
        storage.archive.sync()
        self._checkpoint.finish({page: n for page, n in self._deaths.items() if n >= MOST_DEATHS})
        return "finished"

    def _take_all(
        self,
        parts: Iterable[PartResult],
        storage: ReparseStorage,
        report: Callable[[Progress], None],
    ) -> str | None:
        """Store what is read; return the reason if the run ends early, None if all was read."""
        for read in parts:
            if isinstance(read.error, BrokenProcessPool):
                if self._stopped:  # a reader that is just starting ends at the signal too
                    return "shutdown"
                logger.error("A reader process was killed from outside: %s", read.error)
                if page := self._lock.reading():
                    self._note_death(page)
                return "worker-died"
            if read.error is not None:
                name = self._sources[read.number].name
                logger.error("%s cannot be read", name, exc_info=read.error)
                storage.fail(read.number, name, read.error)
            storage.take(read.part, read.number)
            self.progress.done += read.size
            self.progress.pages = storage.seen["pages"]
            report(self.progress)
            if read.part.rest is None:
                self._done = read.number + 1
                self._places[self._done] = read.part.place
            if self._stopped:
                return "shutdown"
            if self._checkpoint.is_due():
                self._mark(storage)
        return None

    def _mark(self, storage: ReparseStorage) -> None:
        storage.archive.sync()
        settled = storage.stored_before(self._done)
        place = self._places.get(settled)
        lost = replace(storage.lost_before(settled), place=place, deaths=self._deaths)
        self._checkpoint.mark(settled, lost)

    def _note_death(self, page: str) -> None:
        """Count a reader that was killed in the middle of a page."""
        self._deaths[page] = self._deaths.get(page, 0) + 1
        logger.warning("A run ended while it read %s, for the %d. time", page, self._deaths[page])

    def _written(self, storage: ReparseStorage, archive: Archive, reason: str) -> Mapping[str, Any]:
        run, unread = self.run, storage.still_unread()
        note_vanished(run, archive)
        outcome = run.outcome(reason)
        if outcome is Outcome.COMPLETE and (unread or any(storage.seen[what] for what in LOSSES)):
            outcome = Outcome.PARTIAL
        run.notes["seen"] = dict(storage.seen)
        run.notes["damage"] = [asdict(each) for each in storage.damage[:MOST_NAMED]]
        note_spoiled(run, archive)
        run.notes["unread"] = len(unread)
        run.notes["unread_articles"] = [asdict(each) for each in unread[:MOST_NAMED]]
        run.notes["pages_per_second"] = round(self.progress.pages_per_second, 1)
        return CrawlLog(self._root).append(
            lambda before: run.to_line(
                outcome, reason, datetime.now(WIB), before, archive.__contains__
            )
        )


@contextmanager
def _stop_on_signal(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` at the first SIGINT or SIGTERM; the second one kills the process at once."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in numbers}

    def handle(number: int, _: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        stop()

    try:
        for number in numbers:
            signal.signal(number, handle)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
