"""Where in its month file does an article lie? A cache beside the archive, never a second truth.

Everything here is read from the files and may be deleted at any time, while a crawl runs too: an
index that is missing, damaged or of another version is put aside and made anew. New lines are
kept in memory until `flush`; a process that dies before has lost nothing but the time to read
those lines again.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, TypeVar

from kompas_crawler import caches

logger = logging.getLogger(__name__)

VERSION = 2

# Seconds to wait for another process that writes to the index. A month being read anew is worth
# waiting for; opening waits for nobody as long as the index is whole; and lines that are safe in
# their file can be told to the index some other time.
PATIENCE = 10.0
OPENING_PATIENCE = 1.0
FLUSH_PATIENCE = 0.25

# After so many failures a process keeps its index in memory.
MOST_FAILURES = 3

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
"""
R = TypeVar("R")

_LINE = 'id, revision, content, "offset", length'
_MARK = 'generation, inode, mtime_ns, "end", last, spoiled'


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One line of the archive: whose it is, and the bytes of its file where it lies."""

    id: str
    revision: int
    content_hash: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far a month file has been read.

    `end` is where the last whole line ends, `last` where the last indexed one begins, `spoiled`
    how many lines hold no record. A file that was rewritten gets another `generation`, so that
    nobody adds lines of the old one to it.
    """

    generation: int
    inode: int
    mtime_ns: int
    end: int
    last: int
    spoiled: int = 0

    def fits(self, file: os.stat_result) -> bool:
        """Tell whether the file is as it was when it was read."""
        return (self.end, self.mtime_ns, self.inode) == (
            file.st_size,
            file.st_mtime_ns,
            file.st_ino,
        )


class IndexLost(Exception):
    """Raised when the index was damaged and an empty one now stands in its place: ask again."""


class Index:
    """The lines of the month files, by id and by content.

    `unwritten` counts the lines that only memory holds, `beginnings` how often this process has
    begun with what it found on disk: after a loss it must not rely on what it once put in.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open the index, or one in memory for who may only read (`read_only`) and not write it."""
        self._path = path
        self._may_write = not read_only or caches.may_write(path)
        self._failures = 0
        self._inode = 0
        self._marks: dict[str, Mark] = {}
        self._recent: dict[str, dict[str, list[Stored]]] = {}
        self._recent_contents: dict[str, set[str]] = {}
        self.unwritten = 0
        self.beginnings = 1
        self._db = self._opened()

    def mark(self, month: str) -> Mark | None:
        """Return how far the month has been read, by this process or by another one."""
        return self._marks.get(month) or self.reload(month)

    def reload(self, month: str) -> Mark | None:
        """Return how far the month had been read when the index was last written."""
        self.forget(month)
        question = f"SELECT {_MARK} FROM months WHERE month = ?"  # noqa: S608
        for mark in self._ask(_mark, question, month):
            self._marks[month] = mark
        return self._marks.get(month)

    def months(self) -> set[str]:
        """Return the months that the index knows."""
        return {*self._ask(_text, "SELECT month FROM months"), *self._marks}

    def last(self, month: str, article_id: str) -> Stored | None:
        """Return the last line of an article."""
        if recent := self._recent.get(month, {}).get(article_id):
            return recent[-1]
        lines = self._ask(
            _stored,
            f'SELECT {_LINE} FROM lines WHERE id = ? ORDER BY "offset" DESC LIMIT 1',  # noqa: S608
            article_id,
        )
        return lines[0] if lines else None

    def every(self, month: str, article_id: str) -> list[Stored]:
        """Return all lines of an article, as they follow each other in the file."""
        question = f"SELECT {_LINE} FROM lines WHERE id = ?"  # noqa: S608
        recent = self._recent.get(month, {}).get(article_id, [])
        lines = {line.offset: line for line in (*self._ask(_stored, question, article_id), *recent)}
        return [lines[offset] for offset in sorted(lines)]

    def ids(self, month: str) -> list[str]:
        """Return the ids of a month, in their order."""
        question = "SELECT DISTINCT id FROM lines WHERE id >= ? AND id < ?"
        ids = self._ask(_text, question, *_range(month))
        return sorted({*ids, *self._recent.get(month, {})})

    def with_content(self, content_hash: str) -> set[str]:
        """Return the ids of all articles that have, or once had, this content."""
        content = _packed(content_hash)
        ids = self._ask(
            _text,
            "SELECT id FROM lines WHERE substr(content, 1, 8) = ? AND content = ?",
            content[:8],
            content,
        )
        return {*ids, *self._recent_contents.get(content_hash, ())}

    def add(self, month: str, line: Stored) -> None:
        """Keep a line in memory; `advance` must follow, `flush` writes it."""
        self._recent.setdefault(month, {}).setdefault(line.id, []).append(line)
        self._recent_contents.setdefault(line.content_hash, set()).add(line.id)
        self.unwritten += 1

    def advance(self, month: str, mark: Mark) -> None:
        """Note how far the month has been read."""
        self._marks[month] = mark

    def forget(self, month: str) -> None:
        """Forget what memory holds of a month. This is always safe: the file will be asked."""
        self._marks.pop(month, None)
        for lines in self._recent.pop(month, {}).values():
            self.unwritten -= len(lines)
            for line in lines:
                self._recent_contents.get(line.content_hash, set()).discard(line.id)

    def rebuild(self, month: str, lines: Iterable[Stored], mark: Callable[[], Mark]) -> Mark:
        """Replace all lines of a month; `mark` is asked once the last of them has been taken."""
        self.forget(month)
        with self._losing_on_error(), self._transaction():
            self._clear(month)
            self._insert(lines)
            end = mark()
            self._note(month, end)
        self._marks[month] = end
        return end

    def drop(self, month: str) -> None:
        """Forget a month altogether."""
        self.forget(month)
        with self._losing_on_error(), self._transaction():
            self._clear(month)

    def flush(self) -> None:
        """Write what memory holds. If that is impossible now, it stays there and nothing is lost.

        Its caller has flushed the month files to disk first: the index must never claim a line
        that a power failure can still undo.
        """
        if self._path_is_another_file():
            self._begin_anew("another file took its place")
        if not self._recent:
            return
        try:
            self._write_recent()
        except sqlite3.DatabaseError as error:
            if caches.is_damage(error):
                self._begin_anew(str(error))
            else:
                logger.info("The index %s is not up to date: %s", self._path, error)

    def close(self) -> None:
        """Let the index go, without writing."""
        self._db.close()

    def _write_recent(self) -> None:
        _wait_at_most(self._db, FLUSH_PATIENCE)
        try:
            with self._transaction():
                outdated = [month for month in self._recent if not self._wrote(month)]
        finally:
            _wait_at_most(self._db, PATIENCE)
        for month in outdated:
            self.forget(month)
        self._forget_lines()

    def _wrote(self, month: str) -> bool:
        """Write the recent lines of a month, unless another process has read the file anew."""
        rows = self._db.execute(
            f"SELECT {_MARK} FROM months WHERE month = ?",  # noqa: S608
            (month,),
        ).fetchall()
        ours = self._marks.get(month)
        if not rows or ours is None or rows[0][0] != ours.generation:
            return False
        self._insert(line for lines in self._recent[month].values() for line in lines)
        if ours.end >= _mark(rows[0]).end:
            self._note(month, ours)
        return True

    def _forget_lines(self) -> None:
        self._recent.clear()
        self._recent_contents.clear()
        self.unwritten = 0

    def _insert(self, lines: Iterable[Stored]) -> None:
        self._db.executemany(
            f"INSERT OR REPLACE INTO lines ({_LINE}) VALUES (?, ?, ?, ?, ?)",  # noqa: S608
            (
                (line.id, line.revision, _packed(line.content_hash), line.offset, line.length)
                for line in lines
            ),
        )

    def _note(self, month: str, mark: Mark) -> None:
        self._db.execute(
            f"INSERT OR REPLACE INTO months (month, {_MARK}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            (month, *astuple(mark)),
        )

    def _clear(self, month: str) -> None:
        self._db.execute("DELETE FROM lines WHERE id >= ? AND id < ?", _range(month))
        self._db.execute("DELETE FROM months WHERE month = ?", (month,))

    def _ask(self, read: Callable[[Any], R], question: str, *values: object) -> list[R]:
        with self._losing_on_error():
            return [read(row) for row in self._db.execute(question, values)]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    @contextmanager
    def _losing_on_error(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError:  # the archive has been closed
            raise
        except sqlite3.DatabaseError as error:
            self._begin_anew(str(error), on_disk=caches.is_damage(error))
            raise IndexLost(str(error)) from error

    def _begin_anew(self, reason: str, *, on_disk: bool = True) -> None:
        """Begin with an empty index; one that is whole but out of reach is left as it is."""
        logger.warning("The index %s is not used: %s; the files are read again", self._path, reason)
        self._failures = self._failures + 1 if on_disk else MOST_FAILURES
        self.beginnings += 1
        self._marks.clear()
        self._forget_lines()
        self._db.close()
        self._db = self._opened(instead_of=self._inode)

    def _path_is_another_file(self) -> bool:
        return bool(self._inode) and _inode(self._path) != self._inode

    def _opened(self, *, instead_of: int = 0) -> sqlite3.Connection:
        """Open the index, or an empty one instead of the file with this inode."""
        self._inode = 0
        if self._failures < MOST_FAILURES and self._may_write:
            try:
                with caches.only_one_opens(self._path.parent):
                    return self._opened_file(instead_of)
            except sqlite3.DatabaseError as error:
                logger.warning("No index can be kept at %s: %s", self._path, error)
        return _connected(":memory:")

    def _opened_file(self, instead_of: int) -> sqlite3.Connection:
        if _inode(self._path) in (0, instead_of):
            caches.remove(self._path)
        try:
            db = _connected(self._path)
        except sqlite3.DatabaseError as error:
            if not caches.is_damage(error):
                raise
            logger.warning("The index %s is damaged (%s) and made anew", self._path, error)
            caches.remove(self._path)
            db = _connected(self._path)
        self._inode = _inode(self._path)
        return db


def _connected(path: Path | str) -> sqlite3.Connection:
    db = caches.connected(path, tables=_TABLES, version=VERSION, patience=OPENING_PATIENCE)
    # Contents are spread over the whole index: with a million ids it is cheaper to collect more
    # of them before each goes to its page. Default 1000.
    db.execute("PRAGMA wal_autocheckpoint = 4000")
    _wait_at_most(db, PATIENCE)
    return db


def _wait_at_most(db: sqlite3.Connection, seconds: float) -> None:
    db.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0


def _text(row: tuple[str]) -> str:
    _check_types(row, str)
    return row[0]


def _mark(row: tuple[int, ...]) -> Mark:
    _check_types(row, *(int,) * len(row))
    return Mark(**dict(zip(Mark.__dataclass_fields__, row, strict=True)))


def _stored(row: tuple[str, int, bytes, int, int]) -> Stored:
    _check_types(row, str, int, bytes, int, int)
    id, revision, content, offset, length = row
    return Stored(
        id=id,
        revision=revision,
        content_hash=f"sha256:{content.hex()}",
        offset=offset,
        length=length,
    )


def _check_types(row: Sequence[object], *kinds: type) -> None:
    """Take a row for damage that holds other types than were written; SQLite takes any."""
    if not all(map(isinstance, row, kinds)):
        raise sqlite3.DatabaseError(f"it holds {row!r:.80}")


def _range(month: str) -> tuple[str, str]:
    """Return between which strings the ids of a month lie.

    >>> _range("2021-08")
    ('2021/08/', '2021/080')
    """
    stem = month.replace("-", "/")
    return f"{stem}/", f"{stem}0"


def _packed(content_hash: str) -> bytes:
    """Return a record's hash in half its size."""
    return bytes.fromhex(content_hash.removeprefix("sha256:"))
