"""What do the runs say of themselves on disk? One line per run in `crawls.jsonl`.

The last line holds the state of the whole archive (see `runs.run`), so reading it costs the same
after a hundred thousand runs as after one.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

from kompas_crawler.archive.files import (
    cut_torn_end,
    open_to_read,
    real_file,
    refusals_told,
    wait_for_lock,
    write_line,
)
from kompas_crawler.characters import in_all, percent_encoded
from kompas_crawler.errors import BrokenRecord
from kompas_crawler.runs.log_validation import run_in
from kompas_crawler.runs.state import State
from kompas_crawler.sections import SECTION

logger = logging.getLogger(__name__)

BLOCK = 64 * 1024  # bytes read at once, from the end

# What a line says of articles that nobody is to ask for again.
GIVEN_UP = "given_up"
FINAL = ("gone", GIVEN_UP, "off_section")
TOLD_FOR = timedelta(days=7)  # what was given up keeps runs from being complete for so long
NEVER_OURS = ("gone", "off_section")  # whatever is tried, there is nothing to be had


_told: set[tuple[Path, bytes]] = set()  # lines that were complained of, by their digests


def passed_over(root: Path) -> int:
    """Return how many lines of an output directory's runs this process has not believed."""
    return sum(path.parent == root for path, _ in _told)


class CrawlLog:
    """The runs of one output directory, and the state of one section in it.

    Raises `StorageFailed`, whatever the method, when the disk refuses.
    """

    def __init__(self, root: Path, section: str = SECTION) -> None:
        self.section = section
        self.path = root / "crawls.jsonl"
        with refusals_told(self.path):
            root.mkdir(parents=True, exist_ok=True)

    def state(self, now: datetime | None = None) -> State:
        """Return what all runs so far have proven and still owe.

        A line without a state that can be read is passed over: the one before it proves less, so
        more is read again. So is, given the time it is, the proof of a run whose clock was ahead.
        """
        states = self._states()
        line, state = next(states, ({}, State()))
        if now is None:
            return state
        state, now = state.as_of(now), _ended_by(line, now)
        if not state.is_ahead(now):
            return state
        logger.warning(
            "%s: what %s calls proven ends in the future, at %s: a clock was ahead",
            self.path,
            line["crawl"],
            state.coverage[-1].until,
        )
        for line, earlier in states:
            now = _ended_by(line, now)  # a run ended before those that wrote their lines after it
            if not earlier.is_ahead(now):
                return replace(state, coverage=earlier.coverage)
        return replace(state, coverage=())

    def _of_section(self) -> Iterator[dict[str, Any]]:
        return (
            line for line in self.newest_first() if line.get("section", SECTION) == self.section
        )

    def _states(self) -> Iterator[tuple[Mapping[str, Any], State]]:
        """Yield the lines that have a state with it, the last one first."""
        for line in self._of_section():
            if "coverage" in line:
                yield line, State.from_line(line)

    def append(
        self, line_after: Callable[[State], Mapping[str, Any]], now: datetime | None = None
    ) -> Mapping[str, Any]:
        """Append the line that a run makes of the state before it, and return that line.

        Characters that a terminal obeys or nobody sees are escaped in it as in addresses. Raises
        StorageFailed; nothing is left of a line that could not be written whole.
        """
        with refusals_told(self.path), self._locked() as fd:
            cut_torn_end(self.path, fd)
            line: Mapping[str, Any] = in_all(line_after(self.state(now)), percent_encoded)
            data = (json.dumps(line, ensure_ascii=False) + "\n").encode("utf-8", "replace")
            write_line(self.path, fd, data)
            os.fsync(fd)
            return line

    def newest_first(self) -> Iterator[dict[str, Any]]:
        """Yield the lines, the last one first; what is no whole line is passed over."""
        with refusals_told(self.path):
            for raw in _lines_backwards(real_file(self.path)):
                try:
                    yield run_in(raw)
                except BrokenRecord as broken:
                    self._tell(raw, broken)

    def _tell(self, raw: bytes, broken: BrokenRecord) -> None:
        """Say once that a line is passed over."""
        line = (self.path, blake2b(raw, digest_size=8).digest())
        if line not in _told:
            _told.add(line)
            run, why = broken.article_id, "; ".join(broken.problems)
            logger.warning("%s: the line of %s is not believed: %s", self.path, run, why)

    def finals(
        self, not_before: datetime | None = None, *, kinds: Collection[str] = FINAL
    ) -> frozenset[str]:
        """Return the ids that are not asked for again: gone, given up, or of another section.

        Looks back over the runs that ended since `not_before`, over all without it. What is owed
        again since it was given up is asked for.
        """
        owed = self.state().pending
        found: set[str] = set()
        for line in self._of_section():
            # Lines stand in the order in which runs ended; a long one may have begun before all.
            ended = _ended(line)
            if ended and not_before and ended < not_before:
                break
            for key in kinds:
                ids = {entry["id"] for entry in line.get(key, ())}
                found |= ids - owed.keys() if key == GIVEN_UP else ids
        return frozenset(found)

    def given_up(self, since: datetime) -> tuple[frozenset[str], frozenset[date]]:
        """Return the articles and the days that runs which ended since then have given up."""
        articles: set[str] = set()
        days: set[date] = set()
        for line in self._of_section():
            ended = _ended(line)
            if ended and ended < since:
                break
            articles.update(entry["id"] for entry in line.get(GIVEN_UP, ()))
            days.update(each for text in line.get("given_up_days", ()) if (each := _day(text)))
        return frozenset(articles), frozenset(days)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        path = real_file(self.path)
        fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        try:
            wait_for_lock(self.path, fd)
            yield fd
        finally:
            os.close(fd)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:  # there is no 31 February
        return None


def _ended_by(line: Mapping[str, Any], now: datetime) -> datetime:
    """Return the latest moment at which a run can have ended, given that it has by `now`."""
    ended = _ended(line)
    return min(ended, now) if ended else now


def _ended(line: Mapping[str, Any]) -> datetime | None:
    try:
        ended = datetime.fromisoformat(line.get("finished_at") or line["started_at"])
    except (KeyError, TypeError, ValueError):
        return None
    return ended if ended.tzinfo else None


def _lines_backwards(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file from the last to the first, without reading it whole.

    What follows the last newline is no line yet, even if it reads like one: the next run will
    move it aside.
    """
    if not path.exists():
        return
    with open_to_read(path) as file:
        position = file.seek(0, os.SEEK_END)
        pieces: list[bytes] = []  # of the line in hand, the last one first
        torn = True
        while position > 0:
            size = min(BLOCK, position)
            position -= size
            file.seek(position)
            first, *whole = file.read(size).split(b"\n")
            for piece in reversed(whole):
                pieces.append(piece)
                if not torn:
                    yield b"".join(reversed(pieces))
                pieces, torn = [], False
            pieces.append(first)
        if not torn:
            yield b"".join(reversed(pieces))
