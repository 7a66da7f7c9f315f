"""The SQLite cache of an output directory, `.index.sqlite`: the index of lines and the full text.

Everything in it comes from the month files. It may be deleted, damaged or shared at any time, even
during a crawl: a cache that is missing, damaged or of another version is replaced by a new one. Its
tables are used by `archive.index` (lines) and `search.fulltext` (words); a crawl writes only the
first, a search both.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar
from urllib.parse import quote

from kompas_crawler.archive.files import exclusive_lock, real_file
from kompas_crawler.errors import StorageFailed

logger = logging.getLogger(__name__)

NAME = ".index.sqlite"
VERSION = 3

# Before version 2 the words had a file of their own.
SUPERSEDED = ".search.sqlite"

# What SQLite puts beside a database.
SUFFIXES = ("", "-wal", "-shm", "-journal")

# Seconds to wait for another process that writes to the cache. A month being read anew is worth
# waiting for; opening an intact cache never waits.
PATIENCE = 10.0
OPENING_PATIENCE = 1.0

# After so many failures a process keeps its cache in memory.
MOST_FAILURES = 3

# The lemma columns hold a lemma for each word of the columns beside them, see `search.lemmas`. Words of
# old revisions stay in `words`; without their row in `articles` no search finds them. FTS5 keeps new
# words in memory up to `hashsize` bytes, default 1 MB: the more, the fewer small pieces it has to
# merge afterwards.
_TABLES = """
CREATE TABLE lines (
    id TEXT, "offset" INTEGER, length INTEGER, revision INTEGER, content BLOB,
    PRIMARY KEY (id, "offset")
) WITHOUT ROWID;
CREATE INDEX lines_by_content ON lines (substr(content, 1, 8));
CREATE TABLE months (
    month TEXT PRIMARY KEY, generation INTEGER, inode INTEGER, mtime_ns INTEGER, "end" INTEGER,
    last INTEGER, spoiled INTEGER
) WITHOUT ROWID;

CREATE TABLE searchable (month TEXT PRIMARY KEY, generation INTEGER, "end" INTEGER) WITHOUT ROWID;
CREATE TABLE articles (
    key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, published INTEGER, length INTEGER
);
CREATE INDEX articles_by_published ON articles (published, length);
CREATE TABLE names (kind TEXT, name TEXT, key INTEGER, PRIMARY KEY (kind, name, key)) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(
    title, text, title_lemmas, text_lemmas, content='', tokenize='unicode61 remove_diacritics 0'
);
CREATE VIRTUAL TABLE places USING fts5vocab(words, instance);
INSERT INTO words (words, rank) VALUES ('hashsize', 67108864);
"""

Mode = Literal["ours", "memory", "copy"]
S = TypeVar("S")
P = ParamSpec("P")
R = TypeVar("R")


class CacheLost(Exception):
    """Raised when the cache was damaged or wrong and has been replaced: the query must be repeated."""


def retry_when_lost(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """Repeat a method that raises `CacheLost`, up to `MOST_FAILURES` + 1 times."""

    @wraps(method)
    def asked(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        for _ in range(MOST_FAILURES + 1):
            try:
                return method(self, *args, **kwargs)
            except CacheLost:
                continue
        return method(self, *args, **kwargs)

    return asked


class Cache:
    """An open cache.

    `beginnings` counts how often this process has opened or replaced it: after a loss, nothing that
    was written before is still there. `forget` is called then.
    """

    def __init__(self, path: Path, *, read_only: bool = False, copied: bool = False) -> None:
        """Open the cache.

        A `read_only` process that may not write it gets an empty one in memory or, with `copied`,
        a copy of it.
        """
        self.path = path
        self.beginnings = 1
        self._mode: Mode = "ours"
        if read_only and not may_write(path):
            self._mode = "copy" if copied else "memory"
        self.forget: Callable[[], object] = lambda: None
        self._failures = 0
        self._inode = 0
        self._db = self._opened()

    def query(self, sql: str, *values: object, kinds: Sequence[type] = ()) -> list[Any]:
        """Return the rows of a query. Raises CacheLost.

        A row whose values are not of these `kinds` is damage: SQLite does not check types itself.
        """
        with self._losing_on_error():
            rows = self._db.execute(sql, values).fetchall()
            for row in rows:
                if kinds and not all(map(isinstance, row, kinds)):
                    raise sqlite3.DatabaseError(f"it holds {row!r:.80}")
            return rows

    @contextmanager
    def writing(self, *, patience: float | None = None) -> Iterator[sqlite3.Connection]:
        """Give the database for one transaction. Raises CacheLost."""
        with self._losing_on_error(), self.transaction(patience=patience or PATIENCE) as db:
            yield db

    @contextmanager
    def transaction(self, *, patience: float) -> Iterator[sqlite3.Connection]:
        """Give the database for one transaction; the caller handles the errors of SQLite."""
        db = self._db
        _wait_at_most(db, patience)
        try:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")
        finally:
            if db.in_transaction:
                db.execute("ROLLBACK")
            _wait_at_most(db, PATIENCE)

    def start_over(self, reason: str, *, on_disk: bool = True) -> None:
        """Replace the cache by an empty one; without `on_disk` the file stays, and memory is used."""
        logger.warning("The index %s is not used: %s; the files are read again", self.path, reason)
        self._failures = self._failures + 1 if on_disk else MOST_FAILURES
        self.beginnings += 1
        self.forget()
        self._db.close()
        self._db = self._opened(instead_of=self._inode)

    def is_another_file(self) -> bool:
        """Return whether the open file has been replaced by another one on disk."""
        return bool(self._inode) and _inode(self.path) != self._inode

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _losing_on_error(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError:  # it has been closed
            raise
        except sqlite3.DatabaseError as error:
            self.start_over(str(error), on_disk=is_damage(error))
            raise CacheLost(str(error)) from error

    def _opened(self, *, instead_of: int = 0) -> sqlite3.Connection:
        """Open the cache, or an empty one instead of the file with this inode."""
        self._inode = 0
        if self._failures < MOST_FAILURES and self._mode != "memory":
            try:
                if self._mode == "copy":
                    return _copy(self.path)
                # Two processes must not replace a damaged cache at the same time.
                with exclusive_lock(self.path.parent):
                    return self._opened_file(instead_of)
            except sqlite3.DatabaseError as error:
                if self._mode == "ours":
                    logger.warning("No index can be kept at %s: %s", self.path, error)
        return _connected(":memory:")

    def _opened_file(self, instead_of: int) -> sqlite3.Connection:
        if _inode(self.path) in (0, instead_of):
            remove(self.path)
        try:
            db = _connected(self.path)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            logger.warning("The index %s is damaged (%s) and is rebuilt", self.path, error)
            remove(self.path)
            db = _connected(self.path)
        self._inode = _inode(self.path)
        return db


def may_write(path: Path) -> bool:
    """Return whether a process that only reads an archive may write its cache.

    A cache owned by another user than the output directory would shut out its owner.
    """
    if path.exists():
        return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    return os.access(path.parent, os.W_OK) and path.parent.stat().st_uid == os.geteuid()


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Return whether an error means a damaged file, and not a full or unreachable disk or a busy lock."""
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


def remove(path: Path) -> None:
    """Remove a cache and its write-ahead log, which must not be applied to the next one."""
    for name in (path.name, SUPERSEDED):
        for suffix in SUFFIXES:
            path.with_name(name + suffix).unlink(missing_ok=True)


def refuse_links(path: Path) -> None:
    """Raise StorageFailed where the cache, or what SQLite puts beside it, is a link elsewhere."""
    for suffix in SUFFIXES:
        real_file(path.with_name(path.name + suffix))


def open_read_only(path: Path) -> sqlite3.Connection:
    """Open a cache without writing beside it, if that is possible.

    SQLite creates files beside a database even to read it. Where that is not permitted, and no
    process is writing, the database is opened as immutable.
    """
    refuse_links(path)
    if path.is_fifo():  # SQLite would wait for it without end
        raise StorageFailed(f"{path} is a pipe. Move it away: it is not the archive's.")
    may_make = os.access(path.parent, os.W_OK)
    is_at_rest = not path.with_name(f"{path.name}-wal").exists()
    mode = "immutable=1" if is_at_rest and not may_make else "mode=ro"
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?{mode}", uri=True)


def _copy(path: Path) -> sqlite3.Connection:
    """Return a copy of a cache in a private temporary file that is deleted when it is closed."""
    db = sqlite3.connect("", isolation_level=None)
    try:
        with closing(open_read_only(path)) as source:
            source.backup(db)
        _prepare(db)
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db


def _connected(path: Path | str) -> sqlite3.Connection:
    """Return an open cache with its tables, made where there are none yet.

    Raises sqlite3.DatabaseError for one that is damaged or of another version, StorageFailed for a
    link out of its directory.
    """
    if isinstance(path, Path):
        refuse_links(path)
        if not path.exists():
            # SQLite would deny the group access, whatever the umask allows.
            with suppress(OSError):
                path.touch(mode=0o666)
    db = sqlite3.connect(path, isolation_level=None, timeout=OPENING_PATIENCE)
    try:
        _prepare(db)
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db


def _prepare(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA cell_size_check = ON")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    # Contents are spread over the whole index: with a million ids it is cheaper to collect more
    # of them before each goes to its page. Default 1000.
    db.execute("PRAGMA wal_autocheckpoint = 4000")
    found = db.execute("PRAGMA user_version").fetchone()[0]
    if found == 0:
        db.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {VERSION}; COMMIT")
    elif found != VERSION:
        raise sqlite3.DatabaseError(f"it is of version {found}")
    _wait_at_most(db, PATIENCE)


def _wait_at_most(db: sqlite3.Connection, seconds: float) -> None:
    db.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0
