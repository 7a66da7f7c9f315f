"""Appending whole lines to files that several processes share: locks, flushes, torn ends, advice."""

from __future__ import annotations

import codecs
import fcntl
import json
import logging
import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from kompas_crawler.errors import Interrupted, StorageFailed
from kompas_crawler.shutdown import stop
from kompas_crawler.timezones import WIB

logger = logging.getLogger(__name__)

# Seconds to wait for another process that appends a line. It needs microseconds, unless it has been
# suspended in the middle.
LOCK_PATIENCE = 120.0

BLOCK = 64 * 1024

# How the line of an article begins; other programs write JSON without the space.
LINE_ID = re.compile(rb'\{\s*"id"\s*:\s*"([0-9/]+)"')

# Byte order marks; some editors write one. That of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "UTF-8"),
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


@contextmanager
def raising_storage_failed(path: Path) -> Iterator[None]:
    """Raise StorageFailed, with advice, for every OSError of the block."""
    try:
        yield
    except OSError as error:
        raise StorageFailed(advice(path, error.strerror or str(error))) from error


def real_file(path: Path) -> Path:
    """Return a file's path with links resolved; StorageFailed if it leads out of its directory.

    Otherwise anyone who may create a link there could make a run read or write other people's files.
    """
    if not path.is_symlink():
        return path
    try:
        target = path.resolve()
    except RuntimeError as error:  # links that lead to each other; OSError from Python 3.13 on
        raise StorageFailed(f"{path} is a link that leads nowhere. Move it away.") from error
    if not target.is_relative_to(path.parent.resolve()):
        raise StorageFailed(
            f"{path} is a link to {target}, outside its directory: it is neither read nor written."
            " Put the file itself there, then run again."
        )
    return target


def open_to_append(path: Path) -> int:
    """Return a descriptor that appends to a file, created if missing. Raises OSError for a link."""
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o666)


def wait_for_lock(path: Path, fd: int, *, shared: bool = False) -> int:
    """Lock an open file for this process and return its descriptor; waits `LOCK_PATIENCE` seconds.

    A `shared` lock is for readers: it excludes writers and needs no permission to write. Raises
    StorageFailed if another process keeps the lock, and Interrupted if this one is to stop.
    """
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    deadline = time.monotonic() + LOCK_PATIENCE
    while True:
        try:
            fcntl.flock(fd, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if stop.is_over():
                raise Interrupted(
                    f"{path}: stopped by a signal while another process held the lock"
                ) from None
            if time.monotonic() > deadline:
                raise StorageFailed(f"{path}: another process has been holding its lock") from None
            time.sleep(0.002)
        else:
            return fd


def write_line(path: Path, fd: int, line: bytes) -> None:
    """Append a line, newline included, with one write; the caller holds the file's lock.

    Raises StorageFailed, after truncating the file to its length before, if not all was written.
    """
    end = os.fstat(fd).st_size
    try:
        written = os.write(fd, line)
    except OSError as error:
        os.ftruncate(fd, end)
        raise StorageFailed(advice(path, error.strerror or str(error))) from error
    if written < len(line):
        os.ftruncate(fd, end)
        raise StorageFailed(advice(path, f"only {written} of {len(line)} bytes found room"))


def open_to_read(path: Path) -> BinaryIO:
    """Open a file of the archive to read; raise StorageFailed for what is no regular file."""
    return os.fdopen(descriptor_to_read(path), "rb")


def descriptor_to_read(path: Path) -> int:
    """Return a read-only descriptor; StorageFailed for what is no regular file. Never blocks on a pipe."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        check_regular(path, fd)
    except StorageFailed:
        os.close(fd)
        raise
    return fd


def check_regular(path: Path, fd: int) -> None:
    """Raise StorageFailed for a directory, a pipe or a device where a file should be."""
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        raise StorageFailed(f"{path} is no regular file. Move it away: it is not the archive's.")
    encoding = encoding_in(os.pread(fd, 4, 0))
    if encoding not in (None, "UTF-8"):
        raise StorageFailed(
            f"{path} was saved as {encoding}. scrapy verify --repair converts it back."
        )


def encoding_in(beginning: bytes) -> str | None:
    r"""Return the encoding that a byte order mark names, None without one, as in every archive file.

    >>> encoding_in(b"\xff\xfe{\x00"), encoding_in(b'{"id')
    ('UTF-16', None)
    """
    return next((name for mark, name in _MARKS if beginning.startswith(mark)), None)


def files_in(folder: Path) -> list[Path]:
    """Return the entries of a folder, sorted, [] if it is missing; OSError if it cannot be read.

    `Path.glob` would find nothing in a folder that cannot be read.
    """
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []


def is_still_at(fd: int, path: Path) -> bool:
    """Return whether an open file still has this name: it may have been deleted or replaced."""
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False


def flush_data(fd: int) -> None:
    """Flush a file's data to disk (`fdatasync`, or `fsync` on macOS, which lacks it)."""
    getattr(os, "fdatasync", os.fsync)(fd)


def flush_to_disk(path: Path) -> None:
    """Flush a file or a directory to disk: the name of a new file is part of its directory."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@contextmanager
def exclusive_lock(path: Path) -> Iterator[None]:
    """Hold the lock of a file or a directory; waits for it."""
    fd = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


@dataclass(frozen=True, slots=True, kw_only=True)
class TornLine:
    """A torn line that was moved from a file to `NAME.torn`; `id` is its article, if legible."""

    path: Path
    offset: int
    length: int
    id: str | None


def cut_torn_end(path: Path, fd: int, start: int | None = None) -> TornLine | None:
    """Move an incomplete last line, left by a crash, to `NAME.torn`; None if there is none.

    The whole lines end at `start`, by default with the last newline. The file is cut only once the
    bytes are safe in `NAME.torn`, one JSON object per torn line.
    """
    size = os.fstat(fd).st_size
    start = _after_last_newline(fd, size) if start is None else start
    if start == size:
        return None
    torn = os.pread(fd, size - start, start)
    id_ = legible[1].decode() if (legible := LINE_ID.match(torn)) else None
    # Bytes that are no UTF-8 come through as lone surrogates: encoding them with the error
    # handler "surrogateescape" gives the bytes back.
    note = {
        "file": path.name,
        "offset": start,
        "length": len(torn),
        "id": id_,
        "found_at": datetime.now(WIB).isoformat(timespec="seconds"),
        "why": "not JSON" if torn.endswith(b"\n") else "no newline at its end",
        "bytes": torn.decode(errors="surrogateescape"),
    }
    beside = path.with_name(f"{path.name}.torn")
    with os.fdopen(open_to_append(beside), "ab") as file:
        write_line(beside, file.fileno(), json.dumps(note).encode() + b"\n")
        flush_data(file.fileno())
    os.ftruncate(fd, start)
    logger.warning("%s: %d bytes of a torn line were moved to %s.torn", path, len(torn), path.name)
    return TornLine(path=path, offset=start, length=len(torn), id=id_)


def _after_last_newline(fd: int, size: int) -> int:
    position = size
    while position > 0:  # read, not mapped: a failing disk gives an error, and no signal
        begin = max(0, position - BLOCK)
        found = os.pread(fd, position - begin, begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        position = begin
    return 0


def advice(path: Path, reason: str) -> str:
    """Return a sentence on what is wrong with a file, and what to do."""
    return (
        f"{path}: {reason}. What was stored before is whole. See that the disk has room, that no"
        " limit is set on file sizes and that the file may be written, then run again."
    )
