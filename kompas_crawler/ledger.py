"""What do the runs say of themselves on disk? One line per run in `crawls.jsonl`.

The last line holds the state of the whole archive (see `runs`), so reading it costs the same
after a hundred thousand runs as after one.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from kompas_crawler.lines import (
    cut_torn_end,
    open_to_read,
    refusals_told,
    wait_for_lock,
    write_line,
)
from kompas_crawler.runs import State

logger = logging.getLogger(__name__)

BLOCK = 64 * 1024  # bytes read at once, from the end

# What a line says of articles that nobody is to ask for again.
FINAL = ("gone", "given_up", "off_section")


class Ledger:
    """The runs of one output directory.

    Raises `StorageFailed`, whatever the method, when the disk refuses.
    """

    def __init__(self, root: Path) -> None:
        self.path = root / "crawls.jsonl"
        with refusals_told(self.path):
            root.mkdir(parents=True, exist_ok=True)

    def state(self) -> State:
        """Return what all runs so far have proven and still owe.

        A line without a state that can be read is passed over: the one before it proves less, so
        more is read again.
        """
        for line in self.newest_first():
            try:
                if "coverage" in line:
                    return State.from_line(line)
            except (AttributeError, TypeError, ValueError) as error:
                logger.warning("%s: the state of %s: %s", self.path, line["crawl"], error)
        return State()

    def append(self, line_after: Callable[[State], Mapping[str, Any]]) -> Mapping[str, Any]:
        """Append the line that a run makes of the state before it, and return that line.

        Raises StorageFailed; nothing is left of a line that could not be written whole.
        """
        with refusals_told(self.path), self._locked() as fd:
            cut_torn_end(self.path, fd)
            line = line_after(self.state())
            data = (json.dumps(line, ensure_ascii=False) + "\n").encode("utf-8", "replace")
            write_line(self.path, fd, data)
            os.fsync(fd)
            return line

    def newest_first(self) -> Iterator[dict[str, Any]]:
        """Yield the lines, the last one first; what is no whole line is passed over."""
        with refusals_told(self.path):
            for raw in _lines_backwards(self.path):
                line = _parsed(raw)
                if line is not None:
                    yield line

    def finals(self, not_before: datetime | None = None) -> frozenset[str]:
        """Return the ids that are not asked for again: gone, given up, or of another section.

        Looks back over the runs that ended since `not_before`, over all without it.
        """
        found: set[str] = set()
        for line in self.newest_first():
            # Lines stand in the order in which runs ended; a long one may have begun before all.
            ended = _ended(line)
            if ended and not_before and ended < not_before:
                break
            found.update(entry["id"] for key in FINAL for entry in line.get(key, ()))
        return frozenset(found)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        fd = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            wait_for_lock(self.path, fd)
            yield fd
        finally:
            os.close(fd)


def _parsed(raw: bytes) -> dict[str, Any] | None:
    try:
        line = json.loads(raw)
    except ValueError:
        return None
    return line if isinstance(line, dict) and "crawl" in line else None


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
