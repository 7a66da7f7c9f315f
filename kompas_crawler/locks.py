"""Is another run of the same spider at work on the same output, and did the last one end well?"""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from kompas_crawler.datelines import WIB
from kompas_crawler.errors import AlreadyRunning, BrokenRecord, StorageFailed
from kompas_crawler.records import object_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A run as its lock file tells of it; None is what cannot be read there.

    `note` is what the run wants the next one to know, should it die without a word.
    """

    pid: int | None = None
    run: str | None = None
    since: datetime | None = None
    note: str | None = None

    def __str__(self) -> str:
        since = self.since.isoformat(sep=" ", timespec="seconds") if self.since else "unknown"
        return f"run {self.run or 'unknown'}, process {self.pid or 'unknown'}, since {since}"


def lock_path(root: Path, spider: str) -> Path:
    """Return the lock file of a spider that writes below an output directory.

    >>> lock_path(Path("output"), "international").as_posix()
    'output/.international.lock'
    """
    return root / f".{spider}.lock"


class RunLock:
    """The right of one run to be the only one; the kernel takes it back when the process ends.

    `previous` is the run that left the file without a release (it was killed, or the machine
    went down), once the lock is held; `holder` is who has it, once it was refused.
    """

    def __init__(self, path: Path, run: str) -> None:
        """Prepare the lock of the run with this id; nothing is held yet."""
        self.path = path
        self.run = run
        self.previous: Holder | None = None
        self.holder: Holder | None = None
        self._since = datetime.now(WIB)
        self._fd: int | None = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def acquire(self) -> None:
        """Take the lock or raise `AlreadyRunning`, which says who has it; never waits.

        Raises `StorageFailed` when the disk takes no lock file.
        """
        if self._fd is not None:
            return
        try:
            fd = self._locked()
            try:
                self.previous = _read(fd)
                self._write(fd)
            except OSError:
                os.close(fd)
                raise
        except OSError as error:
            raise StorageFailed(f"{self.path}: {error.strerror}. No run can begin here.") from error
        self._fd = fd

    def note(self, text: str) -> None:
        """Leave a word for the run that finds this one dead; without the lock nothing happens.

        Raises `StorageFailed` when the disk does not take it.
        """
        if self._fd is None:
            return
        try:
            self._write(self._fd, text)
        except OSError as error:
            raise StorageFailed(f"{self.path}: {error.strerror}. No run can begin here.") from error

    def release(self) -> None:
        """Give the lock back and empty its file; without a lock nothing happens."""
        if self._fd is None:
            return
        fd, self._fd = self._fd, None
        try:
            os.ftruncate(fd, 0)
        finally:
            os.close(fd)

    def _write(self, fd: int, note: str | None = None) -> None:
        _write(fd, Holder(pid=os.getpid(), run=self.run, since=self._since, note=note))

    def _locked(self) -> int:
        while True:
            fd = self._locked_or_refused()
            if _is_still_at(fd, self.path):
                return fd
            os.close(fd)  # it was deleted between opening and locking

    def _locked_or_refused(self) -> int:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.holder = _read(fd) or Holder()
            os.close(fd)
            raise AlreadyRunning(f"{self.path} is held by {self.holder}") from None
        except OSError:
            os.close(fd)
            raise
        return fd


def _read(fd: int) -> Holder | None:
    """Return whom the file names, or None if it is empty."""
    content = os.pread(fd, 4096, 0)
    if not content:
        return None
    try:
        told = object_in(content)
        since = datetime.fromisoformat(told["since"])
        pid, run, note = int(told["pid"]), str(told["run"]), told.get("note")
        return Holder(pid=pid, run=run, since=since, note=None if note is None else str(note))
    except (BrokenRecord, ValueError, KeyError, TypeError):  # the run died while it wrote
        return Holder()


def _write(fd: int, holder: Holder) -> None:
    since = holder.since.isoformat(timespec="seconds") if holder.since else None
    told = {"pid": holder.pid, "run": holder.run, "since": since, "note": holder.note}
    os.ftruncate(fd, 0)
    os.pwrite(fd, json.dumps(told).encode() + b"\n", 0)


def _is_still_at(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False
