"""Which articles hold these words, and where? A search index beside the archive, never a truth.

`.search.sqlite` holds the words of the last revision of every article, but not the articles:
those are read from the month files. It may be deleted at any time; one that is missing, damaged or
of another version is made anew, and each search first reads what the months have grown by.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, TypeVar

from kompas_crawler import caches
from kompas_crawler.archive import Archive
from kompas_crawler.errors import BrokenRecord
from kompas_crawler.lines import open_to_read
from kompas_crawler.periods import Period
from kompas_crawler.records import record_in
from kompas_crawler.selection import Term, Words, composed, folded
from kompas_crawler.urls import month_of

logger = logging.getLogger(__name__)

NAME = ".search.sqlite"
VERSION = 1
PATIENCE = 60.0  # seconds to wait for another search that is reading a month

# FTS5 keeps new words in memory up to this many bytes. Default 1 MB; the more, the fewer small
# pieces it has to merge afterwards.
_HASH_SIZE = 64 * 1024 * 1024

_TABLES = """
CREATE TABLE months (
    month TEXT PRIMARY KEY, inode INTEGER, size INTEGER, mtime_ns INTEGER,
    "end" INTEGER, last INTEGER, digest BLOB
) WITHOUT ROWID;
CREATE TABLE articles (
    key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, published INTEGER, "offset" INTEGER, length INTEGER
);
CREATE VIRTUAL TABLE words USING fts5(
    title, text, content='', tokenize='unicode61 remove_diacritics 0'
);
"""
_MARK = 'inode, size, mtime_ns, "end", last, digest'
_MARK_TYPES = (int, int, int, int, int, bytes)

# Words of old revisions stay in `words`; without their row in `articles` nobody finds them.
_FOUND = """
FROM words JOIN articles ON articles.key = words.rowid
WHERE words MATCH ? AND articles.published BETWEEN ? AND ?
"""
_NEWEST = "articles.published DESC, articles.id DESC"
_BEST = f"bm25(words, 8.0, 1.0), {_NEWEST}"  # a word in the title counts for eight in the text

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How many articles hold the words, and the records of the first of them."""

    count: int
    records: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """A piece of a text, and where in it words begin and end."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()

    def marked(self, sign: str = "**") -> str:
        """Return the piece with a sign on both sides of each word.

        >>> Excerpt(text="… sebuah helikopter …", marks=((9, 19),)).marked()
        '… sebuah **helikopter** …'
        """
        parts, end = [], 0
        for begin, next_end in self.marks:
            parts += [self.text[end:begin], sign, self.text[begin:next_end], sign]
            end = next_end
        return "".join((*parts, self.text[end:]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """How a month file was when it was read, and the last whole line of it."""

    inode: int
    size: int
    mtime_ns: int
    end: int = 0
    last: int = 0
    digest: bytes = b""

    def fits(self, file: os.stat_result) -> bool:
        return (self.inode, self.size, self.mtime_ns) == (
            file.st_ino,
            file.st_size,
            file.st_mtime_ns,
        )


class _Misread(Exception):
    """Raised when a line is not where the index says: its month was replaced meanwhile."""


class FullText:
    """The search index of an archive."""

    def __init__(self, root: Path, archive: Archive) -> None:
        """Open the index below `root`, or begin an empty one."""
        self._archive = archive
        self._path = root / NAME
        self._copies: tempfile.TemporaryDirectory[str] | None = None
        if not caches.may_write(self._path):
            self._copies = tempfile.TemporaryDirectory(prefix="kompas-search-")
            self._path = _copied(self._path, Path(self._copies.name) / NAME)
        self._db = self._opened()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()
        if self._copies is not None:
            self._copies.cleanup()

    def unread(self) -> int:
        """Return about how many bytes of the month files are still to be read."""
        return self._whatever_happens(lambda: sum(map(self._unread, self._archive.months())))

    def search(
        self, words: Words, period: Period | None, limit: int, *, best_first: bool = False
    ) -> Found:
        """Return the newest articles that hold all the words, or those that fit best."""
        return self._whatever_happens(
            lambda: self._search(words, period, limit, _BEST if best_first else _NEWEST)
        )

    def refresh(self, told: Callable[[int], object] = lambda _: None) -> None:
        """Read what the months have grown by; `told` hears of every so many bytes."""
        self._whatever_happens(lambda: self._refresh(told))

    def _search(self, words: Words, period: Period | None, limit: int, order: str) -> Found:
        self._refresh(lambda _: None)
        bounds = _seconds(period)
        asked = (words.fts, *bounds)
        (count,) = self._db.execute(f"SELECT count(*) {_FOUND}", asked).fetchone()
        rows = self._db.execute(
            f'SELECT articles.id, "offset", length {_FOUND} ORDER BY {order} LIMIT ?',
            (*asked, limit),
        ).fetchall()
        return Found(count=count, records=[self._record(*row) for row in rows])

    def _unread(self, month: str) -> int:
        mark, status = self._mark(month), self._status(month)
        known = mark.end if mark and mark.inode == status.st_ino else 0
        return max(0, status.st_size - known)

    def _record(self, id: str, offset: int, length: int) -> dict[str, Any]:
        with contextlib.suppress(BrokenRecord, OverflowError, TypeError, ValueError):
            with open_to_read(self._archive.path(month_of(id))) as file:
                record = record_in(os.pread(file.fileno(), length, offset))
            if record["id"] == id:
                return record
        with self._transaction():
            self._db.execute("DELETE FROM months")
            self._db.execute("DELETE FROM articles")
        raise _Misread(id)

    def _refresh(self, told: Callable[[int], object]) -> None:
        months = self._archive.months()
        for (gone,) in self._db.execute("SELECT month FROM months").fetchall():
            if gone not in months:
                with self._transaction():
                    self._drop(gone)
        for month in months:
            mark = self._mark(month)
            if mark is None or not mark.fits(self._status(month)):
                unread = self._unread(month)
                with self._transaction():
                    self._read_month(month)
                told(unread)

    def _read_month(self, month: str) -> None:
        with open_to_read(self._archive.path(month)) as file:
            status = os.fstat(file.fileno())
            mark = self._mark(month)  # asked again: another search may have been faster
            if mark and mark.fits(status):
                return
            if mark is None or not _goes_on(file, status, mark):
                self._drop(month)
                mark = _Mark(inode=status.st_ino, size=0, mtime_ns=0)
            end, last, digest = mark.end, mark.last, mark.digest
            for offset, line in _lines(file, mark.end, status.st_size):
                end, last, digest = offset + len(line), offset, _digest(line)
                self._take(month, offset, line)
        self._db.execute(
            f"INSERT OR REPLACE INTO months (month, {_MARK}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            (month, status.st_ino, status.st_size, status.st_mtime_ns, end, last, digest),
        )

    def _take(self, month: str, offset: int, line: bytes) -> None:
        """Let a line take the place of an earlier revision; one that is no article is passed by."""
        try:
            record = record_in(line)
        except BrokenRecord:
            return
        id, title, text = record["id"], folded(record["title"]), folded(record["text"])
        if month_of(id) != month:
            return
        published = int(datetime.fromisoformat(record["published_at"]).timestamp())
        # A key is never used again: the words of an old revision keep theirs.
        key = self._db.execute(
            'INSERT OR REPLACE INTO articles (id, published, "offset", length) VALUES (?, ?, ?, ?)',
            (id, published, offset, len(line)),
        ).lastrowid
        self._db.execute(
            "INSERT INTO words (rowid, title, text) VALUES (?, ?, ?)", (key, title, text)
        )

    def _drop(self, month: str) -> None:
        stem = month.replace("-", "/")
        self._db.execute("DELETE FROM articles WHERE id >= ? AND id < ?", (f"{stem}/", f"{stem}0"))
        self._db.execute("DELETE FROM months WHERE month = ?", (month,))

    def _mark(self, month: str) -> _Mark | None:
        row = self._db.execute(
            f"SELECT {_MARK} FROM months WHERE month = ?",  # noqa: S608
            (month,),
        ).fetchone()
        if row and not all(map(isinstance, row, _MARK_TYPES)):  # SQLite takes any
            raise sqlite3.DatabaseError(f"it holds {row!r:.80}")
        return row and _Mark(**dict(zip(_Mark.__dataclass_fields__, row, strict=True)))

    def _status(self, month: str) -> os.stat_result:
        return self._archive.path(month).stat()

    def _whatever_happens(self, question: Callable[[], R]) -> R:
        """Ask; should the index turn out damaged or wrong, ask one that is made anew."""
        for in_memory in (False, True):
            try:
                return question()
            except (_Misread, FileNotFoundError):  # a month was replaced or deleted meanwhile
                continue
            except sqlite3.DatabaseError as error:
                self._begin_anew(error, in_memory=in_memory or not caches.is_damage(error))
        return question()

    def _begin_anew(self, error: sqlite3.DatabaseError, *, in_memory: bool) -> None:
        logger.warning("The search index %s is made anew: %s", self._path, error)
        self._db.close()
        if in_memory:
            self._db = _connected(":memory:")
        else:
            with caches.only_one_opens(self._path.parent):
                caches.remove(self._path)
            self._db = self._opened()

    def _opened(self) -> sqlite3.Connection:
        try:
            with caches.only_one_opens(self._path.parent):
                return self._opened_file()
        except sqlite3.DatabaseError as error:
            logger.warning("No search index can be kept at %s: %s", self._path, error)
            return _connected(":memory:")

    def _opened_file(self) -> sqlite3.Connection:
        if not self._path.exists():
            caches.remove(self._path)
        try:
            return _connected(self._path)
        except sqlite3.DatabaseError as error:
            if not caches.is_damage(error):
                raise
            logger.warning("The search index %s is made anew: %s", self._path, error)
            caches.remove(self._path)
            return _connected(self._path)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")


def excerpt(text: str, words: Words, width: int) -> Excerpt:
    """Return the piece of a text, about `width` characters, that holds most of the terms.

    A text that holds none of them is shown from its beginning.

    >>> excerpt("Satu dua tiga. Sebuah helikopter jatuh.", Words.read("helikopter"), 30).marked()
    '… tiga. Sebuah **helikopter** jatuh.'
    """
    whole = " ".join(composed(text).split())
    marks = words.marks(whole)
    begin, end = _window(whole, marks, width)
    shift = begin - (2 if begin else 0)
    inside = tuple((a - shift, b - shift) for a, b, _ in marks if begin <= a and b <= end)
    shown = ("… " if begin else "") + whole[begin:end] + (" …" if end < len(whole) else "")
    return Excerpt(text=shown, marks=inside)


def mark_all(text: str, words: Words) -> Excerpt:
    """Return a text as it is, with all words marked."""
    return Excerpt(text=composed(text), marks=tuple((a, b) for a, b, _ in words.marks(text)))


def _window(text: str, marks: list[tuple[int, int, Term]], width: int) -> tuple[int, int]:
    if not marks:
        return 0, _word_end(text, width)
    first, last = max(
        (_reach(marks, start, width) for start in range(len(marks))),
        key=lambda reach: len({term for _, _, term in marks[reach[0] : reach[1]]}),
    )
    room = max(0, width - (marks[last - 1][1] - marks[first][0]))
    begin = _word_begin(text, min(marks[first][0] - room // 3, len(text) - width))
    return begin, _word_end(text, max(begin + width, marks[last - 1][1]))


def _reach(marks: list[tuple[int, int, Term]], start: int, width: int) -> tuple[int, int]:
    """Return which marks lie within `width` of the one at `start`, itself in any case."""
    stop = start + 1
    while stop < len(marks) and marks[stop][1] - marks[start][0] <= width:
        stop += 1
    return start, stop


def _word_begin(text: str, at: int) -> int:
    return 0 if at <= 0 else text.find(" ", at - 1) + 1


def _word_end(text: str, at: int) -> int:
    if at >= len(text):
        return len(text)
    end = text.find(" ", at)
    return len(text) if end < 0 else end


def _seconds(period: Period | None) -> tuple[int, int]:
    if period is None:
        return -(2**62), 2**62
    return int(period.since.timestamp()), int(period.until.timestamp())


def _goes_on(file: BinaryIO, status: os.stat_result, mark: _Mark) -> bool:
    """Tell whether a file was only appended to since it was read: its last line still stands."""
    if mark.inode != status.st_ino or status.st_size < mark.end:
        return False
    file.seek(mark.last)
    return mark.end == 0 or _digest(file.read(mark.end - mark.last)) == mark.digest


def _lines(file: BinaryIO, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
    """Yield the whole lines between two offsets, each with its own."""
    file.seek(start)
    while start < stop and (line := file.readline()).endswith(b"\n"):
        yield start, line
        start += len(line)


def _digest(line: bytes) -> bytes:
    return blake2b(line, digest_size=16).digest()


def _copied(path: Path, copy: Path) -> Path:
    """Copy an index that may not be written, unless somebody is just writing it."""
    beside = path.with_name(f"{path.name}-wal")
    with contextlib.suppress(OSError):
        before = path.stat()
        if not beside.exists():
            shutil.copyfile(path, copy)
            if beside.exists() or path.stat() != before:
                copy.unlink()
    return copy


def _connected(path: Path | str) -> sqlite3.Connection:
    size = f"INSERT INTO words (words, rank) VALUES ('hashsize', {_HASH_SIZE})"  # noqa: S608
    return caches.connected(path, tables=_TABLES, version=VERSION, patience=PATIENCE, first=[size])
