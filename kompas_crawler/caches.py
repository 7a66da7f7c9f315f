"""How is a memory beside the files opened, that may be deleted, damaged or shared at any time?"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kompas_crawler.lines import real_file

SUFFIXES = ("", "-wal", "-shm", "-journal")


def connected(
    path: Path | str, *, tables: str, version: int, patience: float, first: Sequence[str] = ()
) -> sqlite3.Connection:
    """Return an open cache with its tables, made where there are none yet.

    `patience` are the seconds to wait for a neighbour who writes, `first` what is executed once
    in a new cache. Raises sqlite3.DatabaseError for one that is damaged or of another version,
    StorageFailed for a link out of its directory.
    """
    if isinstance(path, Path):
        refuse_links(path)
        if not path.exists():
            # SQLite would shut out the group, whatever the umask says.
            with contextlib.suppress(OSError):
                path.touch(mode=0o666)
    db = sqlite3.connect(path, isolation_level=None, timeout=patience)
    try:
        db.execute("PRAGMA cell_size_check = ON")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        found = db.execute("PRAGMA user_version").fetchone()[0]
        if found == 0:
            db.executescript(f"BEGIN; {tables} PRAGMA user_version = {version}; COMMIT")
            for statement in first:
                db.execute(statement)
        elif found != version:
            raise sqlite3.DatabaseError(f"it is of version {found}")
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db


def refuse_links(path: Path) -> None:
    """Raise StorageFailed where the cache, or what SQLite puts beside it, is a link elsewhere."""
    for suffix in SUFFIXES:
        real_file(path.with_name(path.name + suffix))


def may_write(path: Path) -> bool:
    """Tell whether who only reads an archive may write its cache.

    A cache that belongs to somebody else than the output directory would shut out its owner.
    """
    if path.exists():
        return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    return os.access(path.parent, os.W_OK) and path.parent.stat().st_uid == os.geteuid()


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Tell damage from a disk that is full or out of reach, or a neighbour who writes."""
    passing = (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    )
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF not in passing


@contextmanager
def only_one_opens(folder: Path) -> Iterator[None]:
    """Keep two processes from replacing a damaged cache at the same time."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def remove(path: Path) -> None:
    """Remove a cache; its write-ahead log must not be applied to the next one."""
    for suffix in SUFFIXES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)
