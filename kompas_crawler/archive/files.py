"""How does a line get into a file whole, or not at all?"""

from __future__ import annotations

import codecs
import fcntl
import logging
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from kompas_crawler.errors import Interrupted, StorageFailed
from kompas_crawler.shutdown import stop

logger = logging.getLogger(__name__)

BLOCK = 64 * 1024

# Seconds to wait for another process that appends a line. It needs microseconds, unless somebody
# has stopped it in the middle.
LOCK_PATIENCE = 120.0


# An editor puts them before a text; that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "UTF-8"),
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


@contextmanager
def raising_storage_failed(path: Path) -> Iterator[None]:
    """Tell what the disk refuses as StorageFailed, with what to do."""
    try:
        yield
    except OSError as error:
        raise StorageFailed(advice(path, error.strerror or str(error))) from error


def real_file(path: Path) -> Path:
    """Return where a file lies; StorageFailed if its name is a link out of its directory.

    Whoever may lay a link there could make a run read or write what is somebody else's.
    """
    if not path.is_symlink():
        return path
    target = path.resolve()
    if not target.is_relative_to(path.parent.resolve()):
        raise StorageFailed(
            f"{path} is a link to {target}, outside its directory: it is neither read nor written."
            " Put the file itself there, then run again."
        )
    return target


def open_to_append(path: Path) -> int:
    """Open a file to append to, never through a link. Raises OSError."""
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o666)


def wait_for_lock(path: Path, fd: int, *, shared: bool = False) -> int:
    """Lock a file for this process alone and return its descriptor.

    A `shared` lock is for those who only read: it keeps out who writes, and needs no right to.
    Raises StorageFailed if another one does not let go, and Interrupted if this one is to stop.
    """
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    deadline = time.monotonic() + LOCK_PATIENCE
    while True:
        try:
            fcntl.flock(fd, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if stop.is_over():
                raise Interrupted(f"{path}: told to stop while another process held it") from None
            if time.monotonic() > deadline:
                raise StorageFailed(f"{path}: another process has been holding its lock") from None
            time.sleep(0.002)
        else:
            return fd


def write_line(path: Path, fd: int, line: bytes) -> None:
    """Append a line, newline included, with one write; its file is locked by the caller.

    Raises StorageFailed after cutting back what did not go in whole.
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
    """Return what `open_to_read` reads from; a pipe in a file's place is not waited for."""
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
        raise StorageFailed(f"{path} was saved as {encoding}. scrapy verify --repair undoes that.")


def encoding_in(beginning: bytes) -> str | None:
    r"""Return the encoding that the mark at a file's beginning names; an archive's has none.

    >>> encoding_in(b"\xff\xfe{\x00"), encoding_in(b'{"id')
    ('UTF-16', None)
    """
    return next((name for mark, name in _MARKS if beginning.startswith(mark)), None)


def files_in(folder: Path) -> list[Path]:
    """Return what lies in a folder, in order; raise OSError where `glob` would find nothing."""
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []


def is_still_at(fd: int, path: Path) -> bool:
    """Tell whether an open file still bears a name: it may have been deleted or replaced."""
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False


def flush_data(fd: int) -> None:
    """Put on disk what a file holds; macOS has no `fdatasync`."""
    getattr(os, "fdatasync", os.fsync)(fd)


def flush_folder(folder: Path) -> None:
    """Put on disk which files a folder has: a new file's name is not in the file."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def cut_torn_end(path: Path, fd: int) -> int:
    """Move a last line without its newline to `NAME.torn`; return its length in bytes."""
    size = os.fstat(fd).st_size
    start = _after_last_newline(fd, size)
    if start == size:
        return 0
    torn = os.pread(fd, size - start, start)
    with os.fdopen(open_to_append(path.with_name(path.name + ".torn")), "ab") as beside:
        beside.write(torn + b"\n")
    os.ftruncate(fd, start)
    logger.warning("%s: %d bytes of a torn line were moved to %s.torn", path, len(torn), path.name)
    return len(torn)


def _after_last_newline(fd: int, size: int) -> int:
    position = size
    while position > 0:
        begin = max(0, position - BLOCK)
        found = os.pread(fd, position - begin, begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        position = begin
    return 0


def advice(path: Path, reason: str) -> str:
    """Say what is wrong with a file, and what to do."""
    return (
        f"{path}: {reason}. What was stored before is whole. See that the disk has room, that no"
        " limit is set on file sizes and that the file may be written, then run again."
    )
