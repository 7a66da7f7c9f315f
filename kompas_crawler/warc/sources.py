"""The files that a reparse reads, and the article pages in them.

They are WARC files, our own and those of Common Crawl, and saved HTML, split into parts that several
processes read at the same time. Torn and damaged records are skipped, counted and named.
"""

from __future__ import annotations

import gzip
import logging
import os
import re
import zlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, TypeVar

from scrapy.http import Headers, HtmlResponse
from w3lib.encoding import read_bom

from kompas_crawler.budget import budget
from kompas_crawler.datelines import read_timestamp
from kompas_crawler.errors import BadArgument, SetAside, TooCostly
from kompas_crawler.pages.document import LONGEST_PAGE, encoding_of
from kompas_crawler.runs.invented import HEADER
from kompas_crawler.timezones import WIB
from kompas_crawler.urls import in_section
from kompas_crawler.warc.gzip_members import (
    DAMAGED,
    DOUBTFUL,
    GZIP_MARK,
    TOO_LARGE,
    TORN,
    GzipMembers,
    Position,
)
from kompas_crawler.warc.page_address import own_address, unwrapped
from kompas_crawler.warc.reader import (
    LARGEST_RECORD,
    PAGES,
    WarcRecord,
    answer_in,
    first_date,
    is_packed,
    parts_of,
    plain_records,
    position_behind,
    record_format,
    records_of_member,
)

__all__ = ["own_address"]

logger = logging.getLogger(__name__)

LARGEST_PAGE = 4 * LONGEST_PAGE  # bytes; as text it may take four times as many, and be refused
FILES_AT_ONCE = 50  # of saved HTML
MOST_QUOTED = 50  # characters of what is no time
MOST_NAMED = 100  # places of damage in a part; a run's line names no more

WARC_ENDINGS = (".warc.gz", ".warc")
HTML_ENDINGS = (".html", ".html.gz", ".htm", ".htm.gz")
# Formats that hold pages too, but are not supported; in a folder they are reported as not readable.
OTHER_ENDINGS = (
    *(".warc.zst", ".warc.bz2", ".warc.xz", ".wacz", ".arc", ".arc.gz"),
    *(".mhtml", ".mht", ".maff", ".webarchive"),
)
INDEX = "INDEX.tsv"  # beside saved HTML: a line per file with its name, a tab, and its address

INVENTED = "invented"  # counted too: pages of the bundled stand-in

# What is counted and means that pages may be lost. The end of our own file is torn when its run was
# killed, and that page was never stored; any other file with a torn end is incomplete.
CUT_SHORT = "cut short"
NO_ADDRESS = "without address"
BAD_TIME = "unreadable time"
NOT_READABLE = "not readable here"
OTHER_ADDRESS = "other addresses"
COSTLY = "too costly to read"
LOSSES = (DAMAGED, TOO_LARGE, COSTLY, CUT_SHORT, DOUBTFUL, NO_ADDRESS, BAD_TIME, NOT_READABLE)

T = TypeVar("T")

# WARC files of our own crawls hold pages of Kompas only.
_OWN_FILE = re.compile(r"\d{4}-\d\d-\d\d-[\w-]+-\d{8}T\d{6}-[0-9a-f]{6}-\d{3,}\.warc(?:\.gz)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPage:
    """A page of an article of the section, and when it was downloaded (in WIB).

    A doubtful one was found after damage and may be a part of another site's page. An invented one
    comes from the bundled stand-in. `place` names the file it lies in, and the offset.
    """

    url: str
    html: str
    fetched_at: datetime
    place: str
    is_doubtful: bool = False
    is_invented: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """Where there is no page to read, and why: one of `LOSSES` if a page may be lost."""

    what: str
    where: str


@dataclass(slots=True, kw_only=True)
class Source(ABC):
    """A part of what is to be read: its size in bytes, and its pages in order.

    While reading, `seen` counts "pages" and what was skipped by its reason; `damage` lists what may
    be lost. `changed_at` is when its files were last written, in nanoseconds since 1970. After
    `stop`, only pages that are decompressed already follow, and `rest` is what was not read.
    """

    changed_at: int
    stopped: bool = field(default=False, compare=False)
    seen: Counter[str] = field(default_factory=Counter, compare=False)
    damage: list[Damage] = field(default_factory=list, compare=False)

    @property
    @abstractmethod
    def name(self) -> str: ...
    @property
    @abstractmethod
    def size(self) -> int: ...
    @property
    @abstractmethod
    def rest(self) -> Source | None: ...
    @abstractmethod
    def pages(self) -> Iterator[SavedPage]: ...

    def stop(self) -> None:
        self.stopped = True

    def counted(self, found: SavedPage | Damage) -> Iterator[SavedPage]:
        """Count what was found at a place, and yield it if it is a page."""
        if isinstance(found, Damage):
            self.note(found)
            return
        self.seen["pages"] += 1
        if found.is_invented:
            self.seen[INVENTED] += 1
        yield found

    def note(self, damage: Damage) -> None:
        """Count a place without a page, and keep it if a page may be lost there."""
        self.seen[damage.what] += 1
        if damage.what in LOSSES and len(self.damage) < MOST_NAMED:
            self.damage.append(damage)


def _within_budget(place: str, read: Callable[[], SavedPage | Damage]) -> SavedPage | Damage:
    """Return what `read` finds; of what cannot be read only this place is lost. Raises OSError."""
    try:
        with budget.reading(place):
            return read()
    except OSError:
        raise
    except (SetAside, TooCostly) as refusal:
        logger.warning("Refused %s", refusal)
        return Damage(what=COSTLY, where=place)
    except Exception:  # foreign bytes may fail in any way
        logger.exception("%s cannot be read", place)
        return Damage(what=DAMAGED, where=place)


@dataclass(slots=True, kw_only=True)
class WarcPart(Source):
    """The records of a WARC file that begin between two offsets.

    `begin` is where the first one is known to begin; where it is a number and no `Position`, the
    first one is searched, and `first` is its offset. `place` is where reading continues.
    """

    path: Path
    begin: Position | int
    end: int
    first: int | None = field(default=None, compare=False)
    place: Position | None = field(default=None, compare=False)

    @property
    def start(self) -> int:
        return self.begin if isinstance(self.begin, int) else self.begin.at

    @property
    def size(self) -> int:
        return self.end - self.start

    @property
    def name(self) -> str:
        return f"{_shown(self.path)}, bytes {self.start}-{self.end}"

    @property
    def rest(self) -> WarcPart | None:
        if self.place is None or self.place.at >= self.end:
            return None
        return self.beginning_at(self.place)

    def beginning_at(self, place: Position) -> WarcPart:
        """Return the unread part from a position on."""
        changed_at = self.changed_at
        return WarcPart(path=self.path, begin=place, end=self.end, changed_at=changed_at)

    def pages(self) -> Iterator[SavedPage]:
        if not self.end:
            self._note_damage(TORN, 0)
        try:
            records = self._packed if is_packed(self.path) else self._plain
            with self.path.open("rb") as file:
                for record in records(file):
                    yield from self.counted(self._page_of(record))
        except OSError as error:
            self.note(Damage(what=DAMAGED, where=_error_text(self.path, error)))
            self.place = Position(at=self.end, doubt=self.end + LARGEST_RECORD)

    @property
    def _is_ours(self) -> bool:
        return _OWN_FILE.fullmatch(self.path.name) is not None

    def _note_damage(self, what: str, at: int) -> None:
        reason = CUT_SHORT if what == TORN and not self._is_ours else what
        self.note(Damage(what=reason, where=f"{_shown(self.path)}, byte {at}"))

    def _packed(self, file: BinaryIO) -> Iterator[WarcRecord]:
        """Yield the records, each to be read before the next; then set `first` and `place`."""
        members = GzipMembers(
            file=file,
            begin=self.begin,
            end=self.end,
            rules=record_format(),
            on_damage=self._note_damage,
            trusting=self._is_ours,
        )
        for at, member in members:
            yield from records_of_member(at, member, self._note_damage)
            if self.stopped:
                break
        self.first, self.place = members.first, members.place

    def _plain(self, file: BinaryIO) -> Iterator[WarcRecord]:
        place = Position(at=self.begin) if isinstance(self.begin, int) else self.begin
        self.first = place.at
        for record in plain_records(file, place, self.end, self._note_damage):
            yield record
            self.place = place = position_behind(record)
            if self.stopped:
                return
        self.place = replace(place, at=max(self.end, place.at))

    def _page_of(self, record: WarcRecord) -> SavedPage | Damage:
        place = f"{_shown(self.path)}, byte {record.at}"
        if record.kind not in PAGES:
            return Damage(what="other records", where=place)
        if not in_section(record.url):
            return Damage(what=OTHER_ADDRESS, where=place)
        return _within_budget(place, lambda: self._read(record, place))

    def _read(self, record: WarcRecord, place: str) -> SavedPage | Damage:
        is_readable = record.length <= LARGEST_RECORD
        answer = answer_in(record.read(), record.kind) if is_readable else TOO_LARGE
        if not isinstance(answer, str) and len(answer.body) > LARGEST_PAGE:
            answer = TOO_LARGE
        if isinstance(answer, str):
            return Damage(what=answer, where=place)
        return SavedPage(
            url=record.url,
            html=_html(answer.body, answer.headers),
            fetched_at=answer.moment,
            place=place,
            is_doubtful=record.is_doubtful and not self._is_ours,
            is_invented=any(name.lower() == HEADER.lower() for name, _ in answer.headers),
        )


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

    def read(self) -> bytes:
        """Return its decompressed content, `LARGEST_RECORD` + 1 bytes at most. Raises `OSError`."""
        with self.path.open("rb") as file:
            body = file.read(LARGEST_RECORD + 1)
        if body.startswith(GZIP_MARK):
            with gzip.open(BytesIO(body)) as unpacker:
                return unpacker.read(LARGEST_RECORD + 1)
        if self.path.suffix == ".gz" and b"<" not in body:
            raise gzip.BadGzipFile("neither gzip nor HTML")
        return body

    def page(self) -> SavedPage | Damage:
        """Return the page, or why there is none."""
        where, row = _shown(self.path), self.row
        if row.url is not None and not in_section(row.url):
            return Damage(what=OTHER_ADDRESS, where=where)
        if row.bad_time is not None:
            time = row.bad_time[:MOST_QUOTED]
            return Damage(what=BAD_TIME, where=f"{where}, {time!r} in {INDEX}")
        try:
            body = self.read()
        except (OSError, EOFError, zlib.error) as error:
            return Damage(what=DAMAGED, where=_error_text(self.path, error))
        if len(body) > min(LARGEST_RECORD, LARGEST_PAGE):
            return Damage(what=TOO_LARGE, where=where)
        return _within_budget(where, lambda: self._page_in(body))

    def _page_in(self, body: bytes) -> SavedPage | Damage:
        html, where = _html(body), _shown(self.path)
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
    read: int = field(default=0, compare=False)  # files

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    @property
    def name(self) -> str:
        return f"{_shown(self.files[0].path)} and {len(self.files) - 1} more"

    @property
    def rest(self) -> SavedHtml | None:
        return _html_source(left) if (left := self.files[self.read :]) else None

    def pages(self) -> Iterator[SavedPage]:
        for file in self.files:
            if self.stopped:
                return
            self.read += 1
            yield from self.counted(file.page())


def _html_source(files: tuple[SavedFile, ...]) -> SavedHtml:
    return SavedHtml(files=files, changed_at=max(file.changed_at for file in files))


@dataclass(slots=True, kw_only=True)
class Unreadable(Source):
    """A file that holds pages in an unsupported format."""

    path: Path
    size: int
    rest: None = None

    @property
    def name(self) -> str:
        return _shown(self.path)

    def pages(self) -> Iterator[SavedPage]:
        self.note(Damage(what=NOT_READABLE, where=self.name))
        return iter(())


def find_sources(paths: Iterable[str]) -> list[Source]:
    """Return the sources at the given paths, oldest WARC file first.

    A folder stands for all WARC files and saved HTML below it; files in unsupported formats become
    `Unreadable`. Raises `BadArgument` for a missing path and for one that cannot be read, because
    the rest must not be taken for the whole.
    """
    files = list(dict.fromkeys(file for path in paths for file in _files_at(Path(path))))
    warcs = [file for file in files if _ends(file.name, WARC_ENDINGS)]
    dates = {file: _or_bad_argument(first_date, file) for file in warcs}
    warcs.sort(key=lambda file: (dates[file], file.name))
    html = [file for file in files if _ends(file.name, HTML_ENDINGS)]
    others = [file for file in files if _ends(file.name, OTHER_ENDINGS)]
    if not warcs and not html:
        found = f"; {others[0]} is not readable here" if others else ""
        raise BadArgument(f"there is neither a WARC file nor saved HTML at the paths given{found}")
    return [
        *(part for file in warcs for part in _or_bad_argument(_warc_parts, file)),
        *_saved_html(html),
        *(_or_bad_argument(_unreadable, file) for file in others),
    ]


def _or_bad_argument(question: Callable[[Path], T], path: Path) -> T:
    """Return what a function returns for a path; `BadArgument` where it raises OSError."""
    try:
        return question(path)
    except OSError as error:
        raise BadArgument(
            f"{_error_text(error.filename or path, error)}; nothing was read"
        ) from error


def _files_at(path: Path) -> list[Path]:
    path = path.expanduser().absolute()
    if path.is_dir():
        return _or_bad_argument(_files_below, path)
    if not path.is_file():
        raise BadArgument(f"there is no file or folder {path}")
    if not _ends(path.name, WARC_ENDINGS + HTML_ENDINGS):
        endings = ", ".join(WARC_ENDINGS + HTML_ENDINGS)
        raise BadArgument(f"{path} is none of {endings}")
    return [path]


def _ends(name: str, endings: tuple[str, ...]) -> bool:
    return name.lower().endswith(endings)


def _files_below(folder: Path) -> list[Path]:
    """Return the files with pages in a folder and the folders in it, linked ones too."""

    def refuse(error: OSError) -> None:
        raise error

    endings = WARC_ENDINGS + HTML_ENDINGS + OTHER_ENDINGS
    found: list[Path] = []
    been: set[tuple[int, int]] = set()
    for below, folders, names in os.walk(folder, onerror=refuse, followlinks=True):
        here = Path(below).stat()
        if (here.st_dev, here.st_ino) in been:
            folders.clear()
            continue
        been.add((here.st_dev, here.st_ino))
        found += [Path(below, name) for name in names if _ends(name, endings)]
    for path in found:
        if not path.is_file():
            raise BadArgument(f"{path} is no file, or leads to none; nothing was read")
    return sorted(found)


def _warc_parts(path: Path) -> list[WarcPart]:
    changed_at = path.stat().st_mtime_ns
    return [
        WarcPart(path=path, begin=begin, end=end, changed_at=changed_at)
        for begin, end in parts_of(path)
    ]


def _saved_html(paths: list[Path]) -> list[SavedHtml]:
    indexes = {
        folder: _or_bad_argument(_index_of, folder)
        for folder in dict.fromkeys(p.parent for p in paths)
    }
    files = [_saved_file(path, indexes[path.parent].get(path.name, IndexRow())) for path in paths]
    files.sort(key=lambda file: (file.saved_at, file.path))
    return [
        _html_source(tuple(files[begin : begin + FILES_AT_ONCE]))
        for begin in range(0, len(files), FILES_AT_ONCE)
    ]


def _saved_file(path: Path, row: IndexRow) -> SavedFile:
    found = _or_bad_argument(Path.stat, path)
    return SavedFile(path=path, row=row, size=found.st_size, changed_at=found.st_mtime_ns)


def _unreadable(path: Path) -> Unreadable:
    found = path.stat()
    return Unreadable(path=path, size=found.st_size, changed_at=found.st_mtime_ns)


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


def _html(body: bytes, headers: Iterable[tuple[str, str]] = ()) -> str:
    """Return a page's text, decoded by the same rules as in a crawl."""
    kinds = Headers([(name, value) for name, value in headers if name.lower() == "content-type"])
    page = HtmlResponse("https://www.kompas.com/", headers=kinds, body=body)
    marked, mark = read_bom(body)
    encoding = marked or encoding_of(body, page.encoding)
    return body.removeprefix(mark or b"").decode(encoding, "replace")


def _error_text(where: Path | str, error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) else None
    return f"{_shown(where)}: {reason or error}"


def _shown(path: Path | str) -> str:
    """Return a path as text that can be written; of bytes that are no UTF-8, "?"."""
    return str(path).encode(errors="replace").decode()
