"""Saved HTML as a source of pages: its files, and what INDEX.tsv says of them."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path

from kompas_crawler.datelines import read_timestamp
from kompas_crawler.errors import BadArgument
from kompas_crawler.timezones import WIB
from kompas_crawler.urls import in_section
from kompas_crawler.warc.gzip_members import DAMAGED, GZIP_MARK, TOO_LARGE
from kompas_crawler.warc.page_address import own_address, unwrapped
from kompas_crawler.warc.reader import LARGEST_RECORD
from kompas_crawler.warc.saved_pages import (
    BAD_TIME,
    LARGEST_PAGE,
    NO_ADDRESS,
    OTHER_ADDRESS,
    Damage,
    SavedPage,
    Source,
    error_text,
    or_bad_argument,
    path_text,
    text_of_page,
    within_budget,
)

FILES_AT_ONCE = 50  # of saved HTML
MOST_QUOTED = 50  # characters of what is no time
INDEX = "INDEX.tsv"  # beside saved HTML: a line per file with its name, a tab, and its address
UNREADABLE = (OSError, EOFError, zlib.error)  # what `read_saved` raises


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRow:
    """The row of INDEX.tsv about a file: its address, and when it was saved.

    `bad_time` is a time that cannot be read.
    """

    url: str | None = None
    moment: datetime | None = None
    bad_time: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedFile:
    """A file of saved HTML, with its row in the folder's INDEX.tsv."""

    path: Path
    row: IndexRow
    size: int
    changed_at: int  # nanoseconds

    @property
    def saved_at(self) -> datetime:
        """The time that INDEX.tsv states, otherwise when the file was written."""
        return self.row.moment or datetime.fromtimestamp(self.changed_at // 10**9, WIB)

    def page(self) -> SavedPage | Damage:
        """Return the page, or why there is none."""
        where, row = path_text(self.path), self.row
        if row.url is not None and not in_section(row.url):
            return Damage(what=OTHER_ADDRESS, where=where)
        if row.bad_time is not None:
            time = row.bad_time[:MOST_QUOTED]
            return Damage(what=BAD_TIME, where=f"{where}, {time!r} in {INDEX}")
        try:
            body = read_saved(self.path)
        except UNREADABLE as error:
            return Damage(what=DAMAGED, where=error_text(self.path, error))
        if len(body) > min(LARGEST_RECORD, LARGEST_PAGE):
            return Damage(what=TOO_LARGE, where=where)
        return within_budget(where, lambda: self._page_in(body))

    def _page_in(self, body: bytes) -> SavedPage | Damage:
        html, where = text_of_page(body), path_text(self.path)
        url = self.row.url or own_address(html)
        if url is None:
            return Damage(what=NO_ADDRESS, where=where)
        if not in_section(url):
            return Damage(what=OTHER_ADDRESS, where=where)
        return SavedPage(url=url, html=html, fetched_at=self.saved_at, place=where)


@dataclass(slots=True, kw_only=True)
class SavedHtml(Source):
    """Some files of saved HTML.

    Without a row in INDEX.tsv, the address is the one the page states, the time the file's mtime.
    """

    files: tuple[SavedFile, ...]
    read: int = field(default=0, init=False, compare=False)  # files

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    @property
    def name(self) -> str:
        return f"{path_text(self.files[0].path)} and {len(self.files) - 1} more"

    @property
    def rest(self) -> SavedHtml | None:
        return _html_source(left) if (left := self.files[self.read :]) else None

    def pages(self) -> Iterator[SavedPage]:
        for file in self.files:
            if self.stopped:
                return
            self.read += 1
            yield from self.counted(file.page())


def read_saved(path: Path) -> bytes:
    """Return a file's decompressed content, `LARGEST_RECORD` + 1 bytes at most; raises `UNREADABLE`."""
    with path.open("rb") as file:
        body = file.read(LARGEST_RECORD + 1)
    if body.startswith(GZIP_MARK):
        with gzip.open(BytesIO(body)) as unpacker:
            return unpacker.read(LARGEST_RECORD + 1)
    if path.suffix == ".gz" and b"<" not in body:
        raise gzip.BadGzipFile("neither gzip nor HTML")
    return body


def _html_source(files: tuple[SavedFile, ...]) -> SavedHtml:
    return SavedHtml(files=files, changed_at=max(file.changed_at for file in files))


def html_sources(paths: list[Path]) -> list[SavedHtml]:
    indexes = {
        folder: or_bad_argument(_index_of, folder)
        for folder in dict.fromkeys(p.parent for p in paths)
    }
    files = [_saved_file(path, indexes[path.parent].get(path.name, IndexRow())) for path in paths]
    files.sort(key=lambda file: (file.saved_at, file.path))
    return [
        _html_source(tuple(files[begin : begin + FILES_AT_ONCE]))
        for begin in range(0, len(files), FILES_AT_ONCE)
    ]


def index_row(path: Path) -> IndexRow:
    """Return the row of a file in its folder's INDEX.tsv, an empty one without it."""
    return or_bad_argument(_index_of, path.parent).get(path.name, IndexRow())


def _saved_file(path: Path, row: IndexRow) -> SavedFile:
    found = or_bad_argument(Path.stat, path)
    return SavedFile(path=path, row=row, size=found.st_size, changed_at=found.st_mtime_ns)


def _index_of(folder: Path) -> dict[str, IndexRow]:
    """Return the rows of a folder's INDEX.tsv by file name, {} without one."""
    if (folder / INDEX).is_fifo():
        raise BadArgument(f"{folder / INDEX} is a pipe; nothing was read")
    try:
        lines = (folder / INDEX).read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise BadArgument(f"{folder / INDEX} is not UTF-8 (at byte {error.start})") from error
    rows = [[cell.strip() for cell in line.split("\t")] for line in lines if "\t" in line]
    return {name: _index_row(url, *rest) for name, url, *rest in rows}


def _index_row(url: str, time: str = "", *_more: str) -> IndexRow:
    """Return a row as read; a time that cannot be read is kept in `bad_time`, not replaced."""
    moment = read_timestamp(time)
    return IndexRow(
        url=unwrapped(url) if url else None,
        moment=moment.astimezone(WIB).replace(microsecond=0) if moment else None,
        bad_time=time if time and not moment else None,
    )
