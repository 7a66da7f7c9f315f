"""What do the runs say of themselves on disk? One line per run in `crawls.jsonl`.

The last line holds the state of the whole archive (see `runs`), so reading it costs the same
after a hundred thousand runs as after one.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from kompas_crawler.lines import cut_torn_end, write_line
from kompas_crawler.runs import State

logger = logging.getLogger(__name__)

BLOCK = 64 * 1024  # bytes read at once, from the end


class Ledger:
    """The runs of one output directory."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.path = root / "crawls.jsonl"

    def state(self) -> State:
        """Return what all runs so far have proven and still owe."""
        for line in self.newest_first():
            return State.from_line(line)
        return State()

    def append(self, line_after: Callable[[State], Mapping[str, Any]]) -> Mapping[str, Any]:
        """Append the line that a run makes of the state before it, and return that line.

        Raises StorageFailed; nothing is left of a line that could not be written whole.
        """
        with self._locked() as fd:
            cut_torn_end(self.path, fd)
            line = line_after(self.state())
            data = (json.dumps(line, ensure_ascii=False) + "\n").encode("utf-8", "replace")
            write_line(self.path, fd, data)
            os.fsync(fd)
            return line

    def newest_first(self) -> Iterator[dict[str, Any]]:
        """Yield the lines, the last one first; what is no whole line is passed over."""
        for raw in _lines_backwards(self.path):
            line = _parsed(raw)
            if line is not None:
                yield line

    def finals(self, not_before: datetime | None = None) -> frozenset[str]:
        """Return the ids that are not asked for again: gone from the site, or given up.

        Looks back over the runs that started since `not_before`, over all without it.
        """
        found: set[str] = set()
        for line in self.newest_first():
            started = datetime.fromisoformat(line["started_at"])
            if not_before is not None and started < not_before:
                break
            found.update(entry["id"] for key in ("gone", "given_up") for entry in line.get(key, ()))
        return frozenset(found)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        fd = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield fd
        finally:
            os.close(fd)


def _parsed(raw: bytes) -> dict[str, Any] | None:
    try:
        line = json.loads(raw)
    except ValueError:
        return None
    return line if isinstance(line, dict) and "crawl" in line else None


def _lines_backwards(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file from the last to the first, without reading it whole."""
    if not path.exists():
        return
    with path.open("rb") as file:
        position = file.seek(0, os.SEEK_END)
        rest = b""
        while position > 0:
            size = min(BLOCK, position)
            position -= size
            file.seek(position)
            (*lines,) = (file.read(size) + rest).split(b"\n")
            rest = lines[0]
            yield from (line for line in reversed(lines[1:]) if line)
        if rest:
            yield rest
