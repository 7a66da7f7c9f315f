"""The lock file of a run: one run of a spider per output directory, and the trace of a killed run."""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Self

import msgspec

from kompas_crawler.archive.files import is_still_at, raising_storage_failed
from kompas_crawler.budget import SLOT, Note, read_notes
from kompas_crawler.errors import AlreadyRunning
from kompas_crawler.timezones import WIB


@dataclass(frozen=True, slots=True, kw_only=True)
class LockHolder:
    """The run that a lock file names; None for what cannot be read there.

    `note` is what the run leaves for the next one in case it is killed. `died` are the pages that
    were being read when it and the runs before it were killed, oldest first.
    """

    pid: int | None = None
    run: str | None = None
    since: datetime | None = None
    note: str | None = None
    died: tuple[str, ...] = ()

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
    """An exclusive lock for one run; the kernel releases it when the process ends.

    Once the lock is held, `previous` is the run that did not release it (it was killed, or the
    machine went down), if any. Once it was refused, `holder` is the run that holds it.
    """

    def __init__(self, path: Path, run: str) -> None:
        """Prepare the lock of the run with this id; `acquire` takes it."""
        self.path = path
        self.run = run
        self.previous: LockHolder | None = None
        self.holder: LockHolder | None = None
        self._since = datetime.now(WIB).replace(microsecond=0)
        self._fd: int | None = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def acquire(self) -> None:
        """Take the lock without waiting, or raise `AlreadyRunning`, which names the holder.

        Raises `StorageFailed` when the lock file cannot be written.
        """
        if self._fd is not None:
            return
        with raising_storage_failed(self.path):
            fd = self._locked()
            try:
                # With the page that was being read when the run was killed.
                left, killer = _read(fd), read_notes(fd, SLOT)
                if left and killer:
                    left = replace(left, died=(*left.died, killer))
                self.previous = left
                self._write(fd)
            except OSError:
                os.close(fd)
                raise
        self._fd = fd

    def note(self, text: str) -> None:
        """Write a note for the next run in case this one is killed; without the lock do nothing.

        Raises `StorageFailed` when it cannot be written.
        """
        if self._fd is None:
            return
        with raising_storage_failed(self.path):
            self._write(self._fd, text)

    def reading(self) -> str | None:
        """Return the page that a reader of this run has been at for the longest time, if any."""
        return None if self._fd is None else read_notes(self._fd, SLOT)

    def reader_note(self) -> Note | None:
        """Return where this process notes the page it reads, for the next run after a crash."""
        return None if self._fd is None else Note(self._fd, SLOT)

    def release(self, leaving: bytes = b"") -> None:
        """Empty the lock file, or leave this in it, and release the lock; without it do nothing."""
        if self._fd is None:
            return
        fd, self._fd = self._fd, None
        try:
            os.ftruncate(fd, 0)
            os.pwrite(fd, leaving, 0)
        finally:
            os.close(fd)

    def _write(self, fd: int, note: str | None = None) -> None:
        # What a killed run left is handed on until this run writes a note of its own.
        left = self.previous or LockHolder()
        note = note or left.note
        ours = LockHolder(
            pid=os.getpid(), run=self.run, since=self._since, note=note, died=left.died
        )
        while len(line := msgspec.json.encode(ours) + b"\n") > SLOT and ours.died:
            ours = replace(ours, died=ours.died[1:])
        os.ftruncate(fd, 0)
        os.pwrite(fd, line, 0)

    def _locked(self) -> int:
        while True:
            fd = self._locked_or_refused()
            if is_still_at(fd, self.path):
                return fd
            os.close(fd)  # it was deleted between opening and locking

    def _locked_or_refused(self) -> int:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.holder = _read(fd) or LockHolder()
            os.close(fd)
            raise AlreadyRunning(f"{self.path} is held by {self.holder}") from None
        except OSError:
            os.close(fd)
            raise
        return fd


def _read(fd: int) -> LockHolder | None:
    """Return the run that the file names, None if the file is empty."""
    content = os.pread(fd, SLOT, 0)
    if not content:
        return None
    try:
        return msgspec.json.decode(content.partition(b"\n")[0], type=LockHolder)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):  # torn while it was written
        return LockHolder()
