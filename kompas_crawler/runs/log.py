"""The log of runs, `crawls.jsonl`, with one line a run.

The last line holds the state after all runs (see `runs.state`), so reading it takes the same time
after a hundred thousand runs as after one.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import blake2b
from itertools import takewhile
from pathlib import Path
from typing import Any

from kompas_crawler.archive.files import (
    cut_torn_end,
    open_to_read,
    raising_storage_failed,
    real_file,
    wait_for_lock,
    write_line,
)
from kompas_crawler.characters import in_all, percent_encoded
from kompas_crawler.errors import BadArgument, BrokenRecord, StorageFailed
from kompas_crawler.runs.log_validation import run_in
from kompas_crawler.runs.state import State
from kompas_crawler.sections import SECTION, UNNAMED

logger = logging.getLogger(__name__)

BLOCK = 64 * 1024  # bytes read at once, from the end

# Keys of a line with articles that are not requested again.
GIVEN_UP = "given_up"
FINAL = ("gone", GIVEN_UP, "off_section")
TOLD_FOR = timedelta(days=7)  # so long what was given up keeps runs from being complete
NEVER_OURS = ("gone", "off_section")  # no further try can succeed


_told: set[tuple[Path, bytes]] = set()  # lines that were reported, by their digests


def passed_over(root: Path) -> int:
    """Return how many invalid lines of an output directory's log this process has skipped."""
    return sum(path.parent == root for path, _ in _told)


def refuse_other_section(root: Path, section: str = SECTION.name) -> None:
    """Raise `BadArgument` for an output directory whose last run was of another section.

    Searches, exports, coverage and health are of a directory, and would mix the two.
    """
    with suppress(StorageFailed):  # the run meets it again, and has an outcome for it
        last = next(CrawlLog(root, section).newest_first(), {"section": section})
        if (other := last.get("section", UNNAMED)) != section:
            raise BadArgument(
                f"{root} holds the section {other!r}: give {section!r} an output directory of its"
                " own (KOMPAS_OUTPUT_DIR)"
            )


class CrawlLog:
    """The runs of one output directory, and the state of one section in it.

    Every method raises `StorageFailed` when the disk fails.
    """

    def __init__(self, root: Path, section: str = SECTION.name) -> None:
        self.section = section
        self.path = root / "crawls.jsonl"
        with raising_storage_failed(self.path):
            root.mkdir(parents=True, exist_ok=True)

    def state(self, now: datetime | None = None) -> State:
        """Return the state after all runs so far.

        A line without a valid state is skipped: the line before it proves less, so more is read
        again. With `now`, what a run with a clock that was ahead calls proven is skipped too.
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

    def of_section(self) -> Iterator[dict[str, Any]]:
        """Return the lines of this section's runs, newest first."""
        return (
            line for line in self.newest_first() if line.get("section", UNNAMED) == self.section
        )

    def _states(self) -> Iterator[tuple[Mapping[str, Any], State]]:
        """Yield the lines that have a state, each with it, newest first."""
        for line in self.of_section():
            if "coverage" in line:
                yield line, State.from_line(line)

    def append(
        self, line_after: Callable[[State], Mapping[str, Any]], now: datetime | None = None
    ) -> Mapping[str, Any]:
        """Append the line that `line_after` makes of the state before it, and return it.

        Control and invisible characters are percent-encoded. Raises `StorageFailed`; a line that
        could not be written whole is removed again.
        """
        with raising_storage_failed(self.path), self._locked() as fd:
            cut_torn_end(self.path, fd)
            line: Mapping[str, Any] = in_all(line_after(self.state(now)), percent_encoded)
            data = (json.dumps(line, ensure_ascii=False) + "\n").encode("utf-8", "replace")
            write_line(self.path, fd, data)
            os.fsync(fd)
            return line

    def newest_first(self) -> Iterator[dict[str, Any]]:
        """Yield the valid lines, newest first."""
        with raising_storage_failed(self.path):
            for raw in _lines_backwards(real_file(self.path)):
                try:
                    yield run_in(raw)
                except BrokenRecord as broken:
                    self._log_skipped(raw, broken)

    def _log_skipped(self, raw: bytes, broken: BrokenRecord) -> None:
        """Log once that a line is skipped."""
        line = (self.path, blake2b(raw, digest_size=8).digest())
        if line not in _told:
            _told.add(line)
            run, why = broken.article_id, "; ".join(broken.problems)
            logger.warning("%s: the line of %s is not believed: %s", self.path, run, why)

    def finals(
        self, not_before: datetime | None = None, *, kinds: Collection[str] = FINAL
    ) -> frozenset[str]:
        """Return the ids that are not requested again: gone, given up, or of another section.

        Covers the runs that ended since `not_before`, or all. An article that is pending again
        after it was given up is not among them.
        """
        pending = self.state().pending
        found: set[str] = set()
        for line in self._ended_since(not_before):
            for key in kinds:
                ids = {entry["id"] for entry in line.get(key, ())}
                found |= ids - pending.keys() if key == GIVEN_UP else ids
        return frozenset(found)

    def given_up(self, since: datetime) -> tuple[frozenset[str], frozenset[date]]:
        """Return the articles and the days given up by runs that ended since then."""
        articles: set[str] = set()
        days: set[date] = set()
        for line in self._ended_since(since):
            articles.update(entry["id"] for entry in line.get(GIVEN_UP, ()))
            days.update(each for text in line.get("given_up_days", ()) if (each := _day(text)))
        return frozenset(articles), frozenset(days)

    def _ended_since(self, moment: datetime | None) -> Iterator[dict[str, Any]]:
        """Return the lines of the runs that ended since a moment, or of all, newest first."""

        def is_later(line: Mapping[str, Any]) -> bool:
            # Lines are in the order in which runs ended; a long run may have begun before all others.
            ended = _ended(line)
            return not (ended and moment and ended < moment)

        return takewhile(is_later, self.of_section())

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
    """Return when a run ended, at the latest `now`."""
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

    Bytes after the last newline are an incomplete line, which the next run will move aside.
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
