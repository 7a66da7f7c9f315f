"""Limits on the CPU time that reading one page may take, and notes on pages that killed a reader.

A page that takes more than `SECONDS` of CPU is refused with `TooCostly`. Where that exception
cannot be raised, because C code does not return, the kernel kills the process after `LAST` seconds.
A note in the lock file then says which page was being read, also when the process was killed
otherwise.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from types import FrameType
from typing import Final

from kompas_crawler.errors import SetAside, TooCostly

SECONDS: Final = 2.0  # of CPU; an honest page takes some milliseconds
AGAIN: Final = 0.5  # of CPU; an exception that a library swallowed is raised again
LAST: Final = 3.0  # of CPU, within the grace period of a run that gets a signal to stop
MOST_DEATHS: Final = 3  # readers that a page may end before it is set aside

SLOT: Final = 1024  # bytes of one note


@dataclass(frozen=True, slots=True)
class Note:
    """The place in an open file where a reader notes the page it reads; it is not flushed."""

    fd: int
    offset: int

    def write(self, what: str) -> None:
        self._put(f"{monotonic():.3f} {what}"[: SLOT // 4].encode() + b"\n")

    def clear(self) -> None:
        self._put(b"\n")

    def _put(self, data: bytes) -> None:
        try:
            os.pwrite(self.fd, data, self.offset)
        except OSError:  # a full disk ends the run when it stores an article
            return


def read_notes(fd: int, begin: int) -> str | None:
    """Return the page that has been read for the longest time by the notes in a file, None if none.

    When one reader fails, others are often killed with it, in the middle of harmless pages.
    """
    found: list[tuple[float, str]] = []
    for offset in range(begin, os.fstat(fd).st_size, SLOT):
        line = os.pread(fd, SLOT, offset).partition(b"\n")[0].decode(errors="replace")
        began, _, what = line.partition(" ")
        try:
            found.append((float(began), what))
        except ValueError:  # nothing was being read
            continue
    return min(found)[1] if found else None


class Budget:
    """The limits of the reader in this process; `deaths` counts by page the readers it has killed."""

    def __init__(self) -> None:
        self.note: Note | None = None
        self.deaths: dict[str, int] = {}
        self._reading: str | None = None
        self._is_heard = False

    @contextmanager
    def reading(self, what: str) -> Iterator[None]:
        """Limit the CPU time of the block, which reads the page, list or file named `what`.

        Raises `SetAside` before the block if `what` has killed `MOST_DEATHS` readers, and `TooCostly`
        within it.
        """
        deaths = self.deaths.get(what, 0) if self.deaths else 0
        if deaths >= MOST_DEATHS:
            raise SetAside(what, f"{deaths} readers ended in it")
        if self.note:
            self.note.write(what)
        self._arm(what)
        try:
            yield
        except MemoryError as error:
            raise TooCostly(what, "more memory than there is") from error
        finally:
            self._reading = None
            if self._is_heard:
                signal.setitimer(signal.ITIMER_PROF, 0)
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            if self.note:
                self.note.clear()
            if deaths:
                self.deaths[what] = 0

    def _arm(self, what: str) -> None:
        """Start the timers; signals reach the main thread only, so in others there is no limit."""
        if threading.current_thread() is not threading.main_thread():
            return
        if not self._is_heard:
            signal.signal(signal.SIGPROF, self._refuse)
            signal.signal(signal.SIGVTALRM, signal.SIG_DFL)
            self._is_heard = True
        self._reading = what
        signal.setitimer(signal.ITIMER_PROF, SECONDS, AGAIN)
        signal.setitimer(signal.ITIMER_VIRTUAL, LAST)

    def _refuse(self, number: int, frame: FrameType | None) -> None:
        if self._reading is not None:
            raise TooCostly(self._reading, f"more than {SECONDS:.0f} s of CPU")


budget = Budget()
