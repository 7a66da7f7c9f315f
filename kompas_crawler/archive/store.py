"""The archive of stored articles: month files of JSON Lines with an index beside them.

`articles/YYYY-MM.jsonl` has one line per revision of an article and is the only record of what is
stored. Any number of processes append to it, with one write per line under the file's lock.
`.index.sqlite` only holds where the lines lie (see `archive.index`) and may be deleted at any time.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import secrets
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from kompas_crawler.archive.files import (
    TornLine,
    check_regular,
    cut_torn_end,
    descriptor_to_read,
    files_in,
    flush_data,
    flush_to_disk,
    is_still_at,
    open_to_read,
    raising_storage_failed,
    real_file,
    wait_for_lock,
    write_line,
)
from kompas_crawler.archive.index import HighWaterMark, Index, StoredLine
from kompas_crawler.archive.record import from_record, line_of, record_in
from kompas_crawler.archive.sqlite_cache import NAME, Cache, CacheLost, retry_when_lost
from kompas_crawler.archive.withdrawn import withdrawals
from kompas_crawler.errors import BrokenRecord, SpoiledLine
from kompas_crawler.items import Article
from kompas_crawler.urls import month_of

__all__ = ["Archive", "StoredLine", "TornLine"]

logger = logging.getLogger(__name__)

OPEN_FILES = 8
MOST_REASONS = 5

# Lines that may be missing in the index before it is written, and in bytes how much of a file is
# kept in memory for that; a file that is further ahead is read anew, line by line, into the index.
BATCH = 512
LONGEST_TAIL = 16 * 1024 * 1024

MONTH_NAME = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
OnSpoiled = Callable[[Path, int, BrokenRecord], None]  # is told of a line's file, offset and fault


class Archive:
    """The stored articles below a directory.

    Raises `StorageFailed`, whatever the method, when the disk refuses.
    """

    def __init__(
        self,
        root: Path,
        *,
        sync_every: float = 5.0,
        read_only: bool = False,
        to_search: bool = False,
    ) -> None:
        """Open the archive below `root`; what is appended is flushed to disk every `sync_every` s.

        With `read_only` no permission to write is needed, and no byte of a month file is changed:
        a line torn by a crash stays there for the next run to repair. With `to_search` as well, a
        cache that may not be written is copied, because a search needs the words of all months.
        """
        self._read_only = read_only
        self.torn_lines: list[TornLine] = []
        self.left_out: list[str] = []  # the first lines found that hold no record, and why
        self.vanished: set[str] = set()  # ids that the index knew, and no file holds any more
        self._folder = root / "articles"
        self._sync_every = sync_every
        self._synced_at = time.monotonic()
        self._fds: OrderedDict[str, int] = OrderedDict()
        self._unsynced: set[str] = set()
        self._has_new_files = False
        self._complete_index: int | None = None
        with raising_storage_failed(self._folder):
            if not read_only:
                self._folder.mkdir(parents=True, exist_ok=True)
            self.withdrawn = withdrawals(root)
            self.cache = Cache(root / NAME, read_only=read_only, copied=to_search)
        self._index = Index(self.cache)
        self.cache.forget = self._index.forget_all

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __contains__(self, article_id: str) -> bool:
        """Return whether an article is stored, or was withdrawn: whether it is not collected."""
        return article_id in self.withdrawn or self.stored(article_id) is not None

    @retry_when_lost
    def stored(self, article_id: str) -> StoredLine | None:
        """Return the line of the last revision of an article, None if it is not stored."""
        month = month_of(article_id)
        self._touch(month)
        return self._index.last(month, article_id)

    @retry_when_lost
    def latest(self, article_id: str) -> Article | None:
        """Return the last revision of an article, None if it is not stored; only its line is read."""
        stored = self.stored(article_id)
        return None if stored is None else self._article_at(stored)

    @retry_when_lost
    def record(self, article_id: str) -> dict[str, Any] | None:
        """Return the record of the last revision of an article, None if it is not stored."""
        stored = self.stored(article_id)
        return None if stored is None else self._record_at(stored)

    @retry_when_lost
    def revisions(self, article_id: str) -> list[Article]:
        """Return all revisions of an article, in the order in which they were stored."""
        month = month_of(article_id)
        self._touch(month)
        return [self._article_at(stored) for stored in self._index.every(month, article_id)]

    @retry_when_lost
    def same_content(self, content_hash: str, *, apart_from: str | None = None) -> str | None:
        """Return the earliest id that has, or once had, this content, or None.

        All months are checked for changes once per process; later changes by other processes are
        seen only in the months that this one reads or writes.
        """
        if self._complete_index != self.cache.beginnings:
            self._touch_all()
        return min(self._index.with_content(content_hash) - {apart_from}, default=None)

    def append(
        self, article: Article, *, revise: bool = False, instead_of: int | None = None
    ) -> Article | None:
        """Store an article that is not there yet; return it as stored, or None if nothing was.

        With `revise`, an article whose content has changed becomes the next revision. It also
        becomes the next one, whatever its content, if `instead_of` is still the last revision.
        """
        month = month_of(article.id)
        stored = self._appended(month, article, revise=revise, instead_of=instead_of)
        if self._index.unwritten >= BATCH or time.monotonic() - self._synced_at > self._sync_every:
            self.sync()
        return stored

    def months(self) -> list[str]:
        """Return the months that have a file, oldest first."""
        with raising_storage_failed(self._folder):
            return [path.stem for path in month_files(self._folder)]

    @retry_when_lost
    def ids(self, month: str) -> list[str]:
        """Return the ids stored in a month, in their order."""
        self._touch(month)
        return self._index.ids(month)

    @retry_when_lost
    def mark(self, month: str) -> HighWaterMark | None:
        """Return how far a month has been indexed, after indexing what is new in it."""
        self._touch(month)
        return self._index.mark(month)

    def lines(self, month: str, start: int = 0) -> Iterator[tuple[int, bytes]]:
        """Yield the offset and the bytes, newline included, of each whole line from `start` on."""
        offset = start
        try:
            with open_to_read(self.path(month)) as file:
                file.seek(offset)
                for line in file:
                    if line.endswith(b"\n"):
                        yield offset, line
                    offset += len(line)
        except FileNotFoundError:
            return

    def records(
        self, month: str | None = None, *, latest: bool = False
    ) -> Iterator[dict[str, Any]]:
        """Yield the records of a month, or of all, as they were stored.

        With `latest`, only the last revision that each article has when its month is begun. A line
        that holds no record of its month is skipped; `spoiled` counts, `left_out` names such lines.
        """
        for each in self.months() if month is None else [month]:
            last, end = self._last_lines(each) if latest else ({}, sys.maxsize)
            for offset, line in self.lines(each):
                try:
                    record = _record_of(each, line)
                except BrokenRecord as broken:
                    self._note_left_out(self.path(each), offset, broken)
                    continue
                if last.get(record["id"], offset) <= offset < end:
                    yield record

    @retry_when_lost
    def spoiled(self) -> int:
        """Return how many lines hold no record of their month, in all months ever looked at."""
        marks = (self._index.mark(month) for month in self._index.months())
        return sum(mark.spoiled for mark in marks if mark)

    def size(self, month: str) -> int:
        """Return the size of a month's file in bytes, 0 if there is none."""
        status = _status(self.path(month))
        return status.st_size if status else 0

    def path(self, month: str) -> Path:
        """Return the path of a month's file, links resolved. Raises StorageFailed."""
        return real_file(self._folder / f"{month}.jsonl")

    def sync(self) -> None:
        """Flush to disk what was appended, then update the index."""
        with raising_storage_failed(self._folder):
            for month in sorted(self._unsynced):
                flush_data(self._fd(month))
                self._unsynced.discard(month)
            if self._has_new_files:
                flush_to_disk(self._folder)
        self._has_new_files = False
        self._synced_at = time.monotonic()
        self._index.flush()

    def close(self) -> None:
        """Flush everything to disk and close the files; may be called twice."""
        try:
            if self._unsynced or self._index.unwritten:
                self.sync()
        finally:
            while self._fds:
                os.close(self._fds.popitem()[1])
            self.cache.close()

    @retry_when_lost
    def _appended(
        self, month: str, article: Article, *, revise: bool, instead_of: int | None
    ) -> Article | None:
        with self._locked(month) as fd:
            mark = self._catch_up(month, fd)
            last = self._index.last(month, article.id)
            changed = revise and last and last.content_hash != article.content_hash
            if last and last.revision != instead_of and not changed:
                return None
            revision = last.revision + 1 if last else 1
            if article.revision != revision:
                article = replace(article, revision=revision)
            self._write(month, fd, mark, article)
            return article

    def _write(self, month: str, fd: int, mark: HighWaterMark, article: Article) -> None:
        line = line_of(article)
        # If it fails and leaves bytes after the last whole line, they are moved to `NAME.torn` when
        # the month is read next, because the mark no longer fits the file.
        write_line(self.path(month), fd, line)
        self.vanished.discard(article.id)
        self._unsynced.add(month)
        id_, revision, content = article.id, article.revision, article.content_hash
        self._index.add(month, StoredLine(id_, revision, content, mark.end, len(line)))
        end, written_at = mark.end + len(line), os.fstat(fd).st_mtime_ns
        self._index.advance(month, replace(mark, mtime_ns=written_at, end=end, last=mark.end))

    def _touch(self, month: str) -> None:
        """Bring the index of a month up to date with its file."""
        status = _status(self.path(month))
        mark = self._index.mark(month)
        if status is None:
            if mark:
                known = self._index.ids(month)
                self._index.drop(month)
                self._note_vanished(month, known)
        elif mark is None or not mark.fits(status):
            with self._locked(month) as fd:
                self._catch_up(month, fd)

    def _touch_all(self) -> None:
        beginnings = self.cache.beginnings
        for month in self._index.months().union(self.months()):
            self._touch(month)
        self._complete_index = beginnings

    def _catch_up(self, month: str, fd: int) -> HighWaterMark:
        """Index what is new in a month; its lock is held, so no line is being written."""
        status = os.fstat(fd)
        for read_so_far in (self._index.mark, self._index.reload):
            mark = read_so_far(month)
            if mark and mark.fits(status):
                return mark
            if mark and self._was_only_appended_to(month, fd, status, mark):
                return self._read_tail(month, fd, mark)
        known = self._index.ids(month)
        mark = self._read_whole(month, fd)
        self._note_vanished(month, known)
        return mark

    def _note_vanished(self, month: str, known: Iterable[str]) -> None:
        """Note which of the ids that the index knew of a month are no longer in its file."""
        vanished = set(known).difference(self._index.ids(month), self.withdrawn)
        if vanished:
            self.vanished |= vanished
            path, gone = self.path(month), len(vanished)
            logger.warning("%s: %d articles that were stored are no longer in it", path, gone)

    def _was_only_appended_to(
        self, month: str, fd: int, status: os.stat_result, mark: HighWaterMark
    ) -> bool:
        """Return whether a file was only appended to since it was indexed: its last line is unchanged."""
        tail = status.st_size - mark.end
        if mark.inode != status.st_ino or not 0 < tail <= LONGEST_TAIL:
            return False
        if mark.end == 0:
            return True
        read = os.pread(fd, mark.end - mark.last, mark.last)
        first = read[: read.find(b"\n") + 1]
        line = _read(month, first, mark.last)
        known = line and line in self._index.every(month, line.id)
        return bool(known) and read.endswith(b"\n")

    def _note_left_out(self, path: Path, offset: int, broken: BrokenRecord) -> None:
        place = f"{path.name}, byte {offset}: {broken}"
        if place not in self.left_out and len(self.left_out) < MOST_REASONS:
            self.left_out.append(place)

    def _read_tail(self, month: str, fd: int, mark: HighWaterMark) -> HighWaterMark:
        scan = _Scan(self.path(month), month, self._note_left_out, mark)
        lines = list(scan)
        mark = self._settled(scan, fd, mark.generation)
        for line in lines:
            self._index.add(month, line)
        self._index.advance(month, mark)
        self._unsynced.add(month)
        return mark

    def _read_whole(self, month: str, fd: int) -> HighWaterMark:
        flush_data(fd)  # the index must not be ahead of the disk
        scan = _Scan(self.path(month), month, self._note_left_out)
        generation = secrets.randbits(62)
        return self._index.rebuild(month, scan, lambda: self._settled(scan, fd, generation))

    def _settled(self, scan: _Scan, fd: int, generation: int) -> HighWaterMark:
        """Return how far a file was indexed, after moving a torn end to `NAME.torn`."""
        if not self._read_only and (torn := cut_torn_end(scan.path, fd, scan.end)):
            self.torn_lines.append(torn)
        status = os.fstat(fd)
        return HighWaterMark(
            generation=generation,
            inode=status.st_ino,
            mtime_ns=status.st_mtime_ns,
            end=scan.end,
            last=scan.last,
            spoiled=scan.spoiled,
        )

    def _article_at(self, stored: StoredLine) -> Article:
        return from_record(self._record_at(stored))

    def _record_at(self, stored: StoredLine) -> dict[str, Any]:
        month = month_of(stored.id)
        with raising_storage_failed(self.path(month)):
            read = os.pread(self._fd(month), stored.length, stored.offset)
        if _read(month, read, stored.offset) != stored:
            self._index.drop(month)
            raise CacheLost(stored.id)
        return record_in(read)

    @retry_when_lost
    def _last_lines(self, month: str) -> tuple[dict[str, int], int]:
        """Return the last offset of each article with several lines, and where the month ends."""
        mark = self.mark(month)
        end = mark.end if mark else 0
        return self._index.last_offsets(month, end), end

    def _fd(self, month: str) -> int:
        if month not in self._fds:
            self._fds[month] = self._opened(month)
            if len(self._fds) > OPEN_FILES:
                os.close(self._fds.popitem(last=False)[1])
        self._fds.move_to_end(month)
        return self._fds[month]

    def _opened(self, month: str) -> int:
        path = self.path(month)
        if self._read_only:
            return descriptor_to_read(path)
        self._has_new_files |= not path.exists()
        fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        check_regular(path, fd)
        return fd

    @contextmanager
    def _locked(self, month: str) -> Iterator[int]:
        """Hold the lock of the file that has the month's name now, and give its descriptor."""
        path = self.path(month)
        with raising_storage_failed(path):
            while not is_still_at(
                wait_for_lock(path, self._fd(month), shared=self._read_only), path
            ):
                os.close(self._fds.pop(month))  # another program has replaced the file
            fd = self._fd(month)
            try:
                yield fd
            finally:
                fcntl.flock(fd, fcntl.LOCK_UN)


class _Scan:
    """The lines of a month file from an offset on.

    Afterwards `end` is where the last whole line ends and `last` where the last indexed one
    begins; what follows `end` was torn by a crash. `spoiled` counts the lines that hold no record
    of the month; `tell` is called with each.
    """

    def __init__(
        self, path: Path, month: str, tell: OnSpoiled, since: HighWaterMark | None = None
    ) -> None:
        self.path = path
        self._tell = tell
        self.end = since.end if since else 0
        self.last = since.last if since else 0
        self.spoiled = since.spoiled if since else 0
        self._month = month

    def __iter__(self) -> Iterator[StoredLine]:
        offset = self.end
        with open_to_read(self.path) as file:
            file.seek(offset)
            pending = 0  # spoiled lines that may be a torn end
            for raw in file:
                if not raw.endswith(b"\n"):
                    return
                begin, offset = offset, offset + len(raw)
                try:
                    record = _record_of(self._month, raw)
                except BrokenRecord as broken:
                    pending += 1
                    self._tell(self.path, begin, broken)
                    if isinstance(broken, SpoiledLine):
                        continue
                    record = None
                self.spoiled, pending = self.spoiled + pending, 0
                self.end = offset
                if record:
                    self.last = begin
                    yield _indexed(record, begin, len(raw))


def month_files(folder: Path) -> list[Path]:
    """Return the files of the months in a folder, oldest first. Raises OSError."""
    files = [path for path in files_in(folder) if path.suffix == ".jsonl"]
    return [path for path in files if MONTH_NAME.fullmatch(path.stem)]


def _read(month: str, raw: bytes, offset: int) -> StoredLine | None:
    """Return what the index keeps of a whole line, or None if it holds no article of this month."""
    try:
        return _indexed(_record_of(month, raw), offset, len(raw)) if raw.endswith(b"\n") else None
    except BrokenRecord:
        return None


def _record_of(month: str, raw: bytes) -> dict[str, Any]:
    """Return the record that a line of a month holds; BrokenRecord for one of another month.

    An article is looked for in the month of its id, so elsewhere it would be found by some
    commands only, and by some of them twice.
    """
    record = record_in(raw)
    if record["id"][:7] != month.replace("-", "/"):
        own = month_of(record["id"])
        raise BrokenRecord(record["id"], (f"its line belongs in {own}.jsonl",))
    return record


def _indexed(record: dict[str, Any], offset: int, length: int) -> StoredLine:
    return StoredLine(record["id"], record["revision"], record["content_hash"], offset, length)


def _status(path: Path) -> os.stat_result | None:
    with raising_storage_failed(path):
        try:
            return path.stat()
        except FileNotFoundError:
            return None
