"""The request rate that all runs on one output directory share.

A file beside the lock holds the moment of the next request, by the monotonic clock that all
processes of a machine share. A process takes its turn by reading the moment and writing the next
one, under the file's lock. A run that is killed leaves nothing but a moment that passes.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Final

# Seconds until the file is looked at again while another process holds its lock, which takes
# microseconds; and how long that is borne, for one that was stopped in the middle.
BUSY: Final = 0.005
PATIENCE: Final = 10.0

_BUSY: Final = -1  # no descriptor

_Change = Callable[[float, float], float | None]


class Turns:
    """The turns of all processes that share a file, or of this process without a writable one.

    `longest` is the longest possible wait in seconds: a moment further away was written before the
    machine was restarted.
    """

    def __init__(self, path: Path | None, longest: float) -> None:
        self.path = path
        self._longest = longest
        self._fd: int | None = None
        self._own = 0.0  # the moment as this process knows it
        self._busy_since: float | None = None

    def take(self, gap: float) -> float:
        """Take the next turn and return 0, or return the seconds after which to try again."""
        return self._changed(lambda free, now: now + gap if free <= now else None)

    def push(self, seconds: float) -> None:
        """Allow no turn in the next seconds."""
        self._own = max(self._own, monotonic() + seconds)
        self._changed(lambda free, now: max(free, now + seconds))

    def close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _changed(self, after: _Change) -> float:
        """Replace the stored moment by what `after` returns for it; None changes nothing."""
        fd = self._locked()
        if fd == _BUSY:
            return BUSY
        try:
            now = monotonic()
            free = max(self._own, self._read(fd, now))
            changed = after(free, now)
            if changed is None:
                return free - now
            self._own = changed
            self._write(fd, changed)
            return 0.0
        finally:
            if fd is not None:
                fcntl.flock(fd, fcntl.LOCK_UN)

    def _read(self, fd: int | None, now: float) -> float:
        if fd is None:
            return 0.0
        with suppress(OSError, ValueError):
            free = float(os.pread(fd, 64, 0) or 0)
            return free if free - now <= self._longest else 0.0
        return 0.0

    def _write(self, fd: int | None, moment: float) -> None:
        if fd is not None:
            with suppress(OSError):  # a full disk: only this process knows the moment
                os.pwrite(fd, f"{moment:.6f}\n".encode().ljust(32), 0)

    def _locked(self) -> int | None:
        """Return the locked file, None if there is none, `_BUSY` while another process has it."""
        fd = self._opened()
        if fd is None:
            return None
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._busy_since = self._busy_since or monotonic()
            return _BUSY if monotonic() - self._busy_since < PATIENCE else None
        except OSError:
            return None
        self._busy_since = None
        return fd

    def _opened(self) -> int | None:
        if self.path is None:
            return None
        with suppress(OSError):
            if self._fd is not None and os.fstat(self._fd).st_nlink:
                return self._fd
            self.close()
            self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        return self._fd
