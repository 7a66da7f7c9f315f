"""The index of stored lines (SQLite): where in its month file each revision of an article lies.

It is a cache; the month files alone decide what is stored. New lines stay in memory until `flush`:
after a crash they are read from the files again.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass

from kompas_crawler.archive.sqlite_cache import Cache, is_damage

logger = logging.getLogger(__name__)

# Seconds to wait for another process that writes to the cache: lines that are safe in their file
# can be added to the index later.
FLUSH_PATIENCE = 0.25

_LINE = 'id, revision, content, "offset", length'
_MARK = 'generation, inode, mtime_ns, "end", last, spoiled'
_MARK_OF_MONTH = f"SELECT {_MARK} FROM months WHERE month = ?"  # noqa: S608
_LINE_KINDS = (str, int, bytes, int, int)


@dataclass(frozen=True, slots=True)
class StoredLine:
    """One line of a month file: its article and revision, and its offset and length in bytes.

    The fields are in the order of the columns of the table.
    """

    id: str
    revision: int
    content_hash: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HighWaterMark:
    """How far a month file has been indexed.

    `end` is the offset where the last whole line ends, `last` the offset where the last indexed
    line begins, `spoiled` the number of lines that hold no record. A file that is indexed from its
    beginning gets another `generation`, so that lines of its old content cannot be added.
    """

    generation: int
    inode: int
    mtime_ns: int
    end: int
    last: int
    spoiled: int = 0

    def fits(self, file: os.stat_result) -> bool:
        """Return whether the file is unchanged since it was indexed, by size, mtime and inode."""
        return (self.end, self.mtime_ns, self.inode) == (
            file.st_size,
            file.st_mtime_ns,
            file.st_ino,
        )


class Index:
    """The lines of the month files, by id and by content.

    `unwritten` counts the lines that only memory holds. Every query may raise `CacheLost`.
    """

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._marks: dict[str, HighWaterMark] = {}
        self._recent: dict[str, dict[str, list[StoredLine]]] = {}
        self._recent_contents: dict[str, set[str]] = {}
        self.unwritten = 0

    def mark(self, month: str) -> HighWaterMark | None:
        """Return how far a month has been indexed, by this process or another; None if not at all."""
        return self._marks.get(month) or self.reload(month)

    def reload(self, month: str) -> HighWaterMark | None:
        """Return how far a month was indexed when the database was last written; drops what memory holds."""
        self.forget(month)
        rows = self._cache.query(_MARK_OF_MONTH, month, kinds=(int,) * 6)
        if rows:
            self._marks[month] = _mark(rows[0])
        return self._marks.get(month)

    def months(self) -> set[str]:
        """Return the months that the index holds."""
        rows = self._cache.query("SELECT month FROM months", kinds=(str,))
        return {month for (month,) in rows} | self._marks.keys()

    def last(self, month: str, article_id: str) -> StoredLine | None:
        """Return the last stored line of an article, None if there is none."""
        if recent := self._recent.get(month, {}).get(article_id):
            return recent[-1]
        rows = self._cache.query(
            f'SELECT {_LINE} FROM lines WHERE id = ? ORDER BY "offset" DESC LIMIT 1',  # noqa: S608
            article_id,
            kinds=_LINE_KINDS,
        )
        return _stored(rows[0]) if rows else None

    def every(self, month: str, article_id: str) -> list[StoredLine]:
        """Return all lines of an article, as they follow each other in the file."""
        sql = f"SELECT {_LINE} FROM lines WHERE id = ?"  # noqa: S608
        rows = self._cache.query(sql, article_id, kinds=_LINE_KINDS)
        recent = self._recent.get(month, {}).get(article_id, [])
        lines = {line.offset: line for line in (*map(_stored, rows), *recent)}
        return [lines[offset] for offset in sorted(lines)]

    def last_offsets(self, month: str, end: int) -> dict[str, int]:
        """Return where the last line before `end` lies, of each article that has several in a month."""
        rows = self._cache.query(
            'SELECT id, max("offset") FROM lines WHERE id >= ? AND id < ? AND "offset" < ?'
            " GROUP BY id HAVING count(*) > 1",
            *range_of(month),
            end,
            kinds=(str, int),
        )
        recent = self._recent.get(month, {})
        return dict(rows) | {id: lines[-1].offset for id, lines in recent.items()}

    def ids(self, month: str) -> list[str]:
        """Return the ids of a month, in their order."""
        rows = self._cache.query(
            "SELECT DISTINCT id FROM lines WHERE id >= ? AND id < ?", *range_of(month), kinds=(str,)
        )
        return sorted({id for (id,) in rows}.union(self._recent.get(month, {})))

    def with_content(self, content_hash: str) -> set[str]:
        """Return the ids of all articles that have, or once had, this content."""
        content = _packed(content_hash)
        rows = self._cache.query(
            "SELECT id FROM lines WHERE substr(content, 1, 8) = ? AND content = ?",
            content[:8],
            content,
            kinds=(str,),
        )
        return {id for (id,) in rows} | self._recent_contents.get(content_hash, set())

    def add(self, month: str, line: StoredLine) -> None:
        """Add a line in memory; the caller then calls `advance`. `flush` writes it to the database."""
        self._recent.setdefault(month, {}).setdefault(line.id, []).append(line)
        self._recent_contents.setdefault(line.content_hash, set()).add(line.id)
        self.unwritten += 1

    def advance(self, month: str, mark: HighWaterMark) -> None:
        """Set how far a month has been indexed."""
        self._marks[month] = mark

    def forget(self, month: str) -> None:
        """Drop what memory holds of a month. This is always safe: the file is read again."""
        self._marks.pop(month, None)
        for lines in self._recent.pop(month, {}).values():
            self.unwritten -= len(lines)
            for line in lines:
                self._recent_contents.get(line.content_hash, set()).discard(line.id)

    def forget_all(self) -> None:
        """Drop what memory holds of every month, after the cache was lost."""
        self._marks.clear()
        self._forget_lines()

    def rebuild(
        self, month: str, lines: Iterable[StoredLine], mark: Callable[[], HighWaterMark]
    ) -> HighWaterMark:
        """Replace all lines of a month; `mark` is called once the last of them has been consumed."""
        self.forget(month)
        with self._cache.writing() as db:
            _clear(db, month)
            _insert(db, lines)
            end = mark()
            _note(db, month, end)
        self._marks[month] = end
        return end

    def drop(self, month: str) -> None:
        """Delete a month from memory and from the database."""
        self.forget(month)
        with self._cache.writing() as db:
            _clear(db, month)

    def flush(self) -> None:
        """Write what memory holds to the database; if that fails, it stays in memory and nothing is lost.

        The caller flushes the month files to disk first: the index must never hold a line that a
        power failure can still remove.
        """
        if self._cache.is_another_file():
            self._cache.start_over("another file took its place")
        if not self._recent:
            return
        try:
            self._write_recent()
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                self._cache.start_over(str(error))
            else:
                logger.info("The index %s is not up to date: %s", self._cache.path, error)

    def _write_recent(self) -> None:
        with self._cache.transaction(patience=FLUSH_PATIENCE) as db:
            outdated = [month for month in self._recent if not self._write_month(db, month)]
        for month in outdated:
            self.forget(month)
        self._forget_lines()

    def _write_month(self, db: sqlite3.Connection, month: str) -> bool:
        """Write the recent lines of a month, unless another process has read the file again."""
        stored, ours = mark_in(db, month), self._marks.get(month)
        if stored is None or ours is None or stored.generation != ours.generation:
            return False
        _insert(db, (line for lines in self._recent[month].values() for line in lines))
        if ours.end >= stored.end:
            _note(db, month, ours)
        return True

    def _forget_lines(self) -> None:
        self._recent.clear()
        self._recent_contents.clear()
        self.unwritten = 0


def _insert(db: sqlite3.Connection, lines: Iterable[StoredLine]) -> None:
    db.executemany(
        f"INSERT OR REPLACE INTO lines ({_LINE}) VALUES (?, ?, ?, ?, ?)",  # noqa: S608
        (
            (line.id, line.revision, _packed(line.content_hash), line.offset, line.length)
            for line in lines
        ),
    )


def _note(db: sqlite3.Connection, month: str, mark: HighWaterMark) -> None:
    db.execute(
        f"INSERT OR REPLACE INTO months (month, {_MARK}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        (month, *astuple(mark)),
    )


def _clear(db: sqlite3.Connection, month: str) -> None:
    db.execute("DELETE FROM lines WHERE id >= ? AND id < ?", range_of(month))
    db.execute("DELETE FROM months WHERE month = ?", (month,))


def mark_in(db: sqlite3.Connection, month: str) -> HighWaterMark | None:
    """Return how far a month has been indexed, by the database."""
    row = db.execute(_MARK_OF_MONTH, (month,)).fetchone()
    return None if row is None else _mark(row)


def _mark(row: tuple[int, ...]) -> HighWaterMark:
    return HighWaterMark(**dict(zip(HighWaterMark.__dataclass_fields__, row, strict=True)))


def _stored(row: tuple[str, int, bytes, int, int]) -> StoredLine:
    id, revision, content, offset, length = row
    return StoredLine(id, revision, f"sha256:{content.hex()}", offset, length)


def range_of(month: str) -> tuple[str, str]:
    """Return the lower bound (included) and the upper bound (excluded) of the ids of a month.

    >>> range_of("2021-08")
    ('2021/08/', '2021/080')
    """
    stem = month.replace("-", "/")
    return f"{stem}/", f"{stem}0"


def _packed(content_hash: str) -> bytes:
    """Return a record's hash in half its size."""
    return bytes.fromhex(content_hash.removeprefix("sha256:"))
