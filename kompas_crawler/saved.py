"""Which pages of articles lie in files, and how are they had out again?

WARC files, our own and those of Common Crawl, and folders of saved HTML, cut into parts that
several processes read at the same time. What is torn or damaged is passed over, counted and named.
"""

from __future__ import annotations

import gzip
import os
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Protocol, TypeVar

from scrapy.http import Headers, HtmlResponse

from kompas_crawler.datelines import WIB, read_timestamp
from kompas_crawler.errors import BadArgument
from kompas_crawler.markup import encoding_of
from kompas_crawler.urls import in_section
from kompas_crawler.warcs import (
    DAMAGED,
    LARGEST_RECORD,
    TOO_LARGE,
    TORN,
    Record,
    answer_in,
    first_date,
    parts_of,
    records_in,
)

FILES_AT_ONCE = 50  # of saved HTML

WARC_ENDINGS = (".warc.gz", ".warc")
HTML_ENDINGS = (".html", ".html.gz", ".htm")
INDEX = "INDEX.tsv"  # beside saved HTML: a line per file with its name, a tab, and its address

# What is counted and means that pages may be lost. The end of a file of ours is torn when its run
# was killed, and what it tore was never stored; another file with a torn end came incompletely.
CUT_SHORT = "cut short"
LOST = (DAMAGED, TOO_LARGE, CUT_SHORT)

T = TypeVar("T")

_OWN_FILE = re.compile(r"\d{4}-\d\d-\d\d-[\w-]+-\d{8}T\d{6}-[0-9a-f]{6}-\d{3,}\.warc\.gz")
_OWN_ADDRESS = (
    re.compile(r"<link\b[^>]*\brel=[\"']?canonical\b[^>]*", re.IGNORECASE),
    re.compile(r"<meta\b[^>]*\bproperty=[\"']?og:url\b[^>]*", re.IGNORECASE),
)
_ADDRESS_IN = re.compile(r"\b(?:href|content)=[\"']?([^\"'\s>]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPage:
    """A page of an article of the section, and when it was downloaded (in WIB)."""

    url: str
    html: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """A place where pages may be lost: what is wrong, in one of the words of `LOST`, and where."""

    what: str
    where: str


class Source(Protocol):
    """A part of what is to be read: its size in bytes, and its pages in their order.

    While reading, `seen` counts "pages" and what was passed over and why; what of it is damage is
    in `damage` too. `changed_at` is when its files were last written, in nanoseconds.
    """

    @property
    def size(self) -> int: ...
    @property
    def seen(self) -> Counter[str]: ...
    @property
    def damage(self) -> list[Damage]: ...
    @property
    def name(self) -> str: ...
    @property
    def changed_at(self) -> int: ...
    def pages(self) -> Iterator[SavedPage]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WarcPart:
    """The records of a WARC file that begin between two offsets."""

    path: Path
    start: int
    end: int
    changed_at: int
    seen: Counter[str] = field(default_factory=Counter, compare=False)
    damage: list[Damage] = field(default_factory=list, compare=False)

    @property
    def size(self) -> int:
        return self.end - self.start

    @property
    def name(self) -> str:
        return f"{self.path}, bytes {self.start}-{self.end}"

    def pages(self) -> Iterator[SavedPage]:
        try:
            for record in records_in(self.path, self.start, self.end, self._lose):
                yield from self._page_of(record)
        except OSError as error:
            self.seen[DAMAGED] += 1
            self.damage.append(Damage(what=DAMAGED, where=_told(self.path, error)))

    def _page_of(self, record: Record) -> Iterator[SavedPage]:
        if record.kind != "response":
            self.seen["other records"] += 1
        elif not in_section(record.url):
            self.seen["other addresses"] += 1
        else:
            page = _page_of(record)
            if isinstance(page, SavedPage):
                self.seen["pages"] += 1
                yield page
            else:
                self._lose(page, record.at)

    def _lose(self, what: str, at: int) -> None:
        if what == TORN and not _OWN_FILE.fullmatch(self.path.name):
            what = CUT_SHORT
        self.seen[what] += 1
        if what in LOST:
            self.damage.append(Damage(what=what, where=f"{self.path}, byte {at}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedFile:
    """A file of saved HTML, with the address and the time that its folder's index tells of it."""

    path: Path
    url: str | None
    moment: datetime | None
    size: int
    changed_at: int  # nanoseconds

    @property
    def saved_at(self) -> datetime:
        return self.moment or datetime.fromtimestamp(self.changed_at // 10**9, WIB)

    def read(self) -> bytes:
        """Return its content, unpacked; up to a byte more than the largest. Raises `OSError`."""
        with gzip.open(self.path) if self.path.suffix == ".gz" else self.path.open("rb") as file:
            return file.read(LARGEST_RECORD + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedHtml:
    """Some files of saved HTML.

    Without an address the page's own counts (`canonical`, `og:url`), without a time the file's.
    """

    files: tuple[SavedFile, ...]
    seen: Counter[str] = field(default_factory=Counter, compare=False)
    damage: list[Damage] = field(default_factory=list, compare=False)

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    @property
    def name(self) -> str:
        return f"{self.files[0].path} and {len(self.files) - 1} more"

    @property
    def changed_at(self) -> int:
        return max(file.changed_at for file in self.files)

    def pages(self) -> Iterator[SavedPage]:
        for file in self.files:
            if file.url is not None and not in_section(file.url):
                self.seen["other addresses"] += 1
            elif (body := self._content(file)) is not None:
                html = _html(body)
                url = file.url or own_address(html)
                if url is None or not in_section(url):
                    self.seen["other addresses"] += 1
                else:
                    self.seen["pages"] += 1
                    yield SavedPage(url=url, html=html, fetched_at=file.saved_at)

    def _content(self, file: SavedFile) -> bytes | None:
        """Return a file's content, None where it is lost."""
        try:
            body = file.read()
        except (OSError, EOFError, zlib.error) as error:
            self._lose(DAMAGED, _told(file.path, error))
            return None
        if len(body) > LARGEST_RECORD:
            self._lose(TOO_LARGE, str(file.path))
            return None
        return body

    def _lose(self, what: str, where: str) -> None:
        self.seen[what] += 1
        self.damage.append(Damage(what=what, where=where))


def find_sources(paths: Iterable[str]) -> list[Source]:
    """Return what lies at the paths that somebody gave, oldest WARC file first.

    A folder stands for all WARC files and saved HTML below it. Raises `BadArgument`, for what
    cannot be read too: who is not told would take the rest for the whole.
    """
    files = list(dict.fromkeys(file for path in paths for file in _files_at(Path(path))))
    warcs = [file for file in files if file.name.endswith(WARC_ENDINGS)]
    dates = {file: _answer(first_date, file) for file in warcs}
    warcs.sort(key=lambda file: (dates[file], file.name))
    html = [file for file in files if file.name.endswith(HTML_ENDINGS)]
    if not warcs and not html:
        raise BadArgument("there is neither a WARC file nor saved HTML at the paths given")
    return [
        *(part for file in warcs for part in _answer(_warc_parts, file)),
        *_saved_html(html),
    ]


def own_address(html: str) -> str | None:
    """Return the address that a page gives as its own, None if it gives none.

    >>> own_address('<link href="https://www.kompas.com/x" rel="canonical">')
    'https://www.kompas.com/x'
    """
    for pattern in _OWN_ADDRESS:
        if (tag := pattern.search(html)) and (address := _ADDRESS_IN.search(tag[0])):
            return unescape(address[1])
    return None


def _answer(question: Callable[[Path], T], path: Path) -> T:
    """Return what the question finds at a path; raises `BadArgument` where it cannot be read."""
    try:
        return question(path)
    except OSError as error:
        raise BadArgument(f"{_told(error.filename or path, error)}; nothing was read") from error


def _files_at(path: Path) -> list[Path]:
    path = path.expanduser().absolute()
    if path.is_dir():
        return _answer(_files_below, path)
    if not path.is_file():
        raise BadArgument(f"there is no file or folder {path}")
    if not path.name.endswith(WARC_ENDINGS + HTML_ENDINGS):
        endings = ", ".join(WARC_ENDINGS + HTML_ENDINGS)
        raise BadArgument(f"{path} is none of {endings}")
    return [path]


def _files_below(folder: Path) -> list[Path]:
    """Return the files with pages in a folder and the folders in it, linked ones too."""

    def refuse(error: OSError) -> None:
        raise error

    found: list[Path] = []
    been: set[tuple[int, int]] = set()
    for below, folders, names in os.walk(folder, onerror=refuse, followlinks=True):
        here = Path(below).stat()
        if (here.st_dev, here.st_ino) in been:
            folders.clear()
            continue
        been.add((here.st_dev, here.st_ino))
        found += [Path(below, name) for name in names if name.endswith(WARC_ENDINGS + HTML_ENDINGS)]
    for path in found:
        if not path.is_file():
            raise BadArgument(f"{path} is no file, or leads to none; nothing was read")
    return sorted(found)


def _warc_parts(path: Path) -> list[WarcPart]:
    changed_at = path.stat().st_mtime_ns
    return [
        WarcPart(path=path, start=start, end=end, changed_at=changed_at)
        for start, end in parts_of(path)
    ]


def _saved_html(paths: list[Path]) -> list[SavedHtml]:
    indexes = {
        folder: _answer(_index_of, folder) for folder in dict.fromkeys(p.parent for p in paths)
    }
    files = [
        _saved_file(path, *indexes[path.parent].get(path.name, (None, None))) for path in paths
    ]
    files.sort(key=lambda file: (file.saved_at, file.path))
    return [
        SavedHtml(files=tuple(files[begin : begin + FILES_AT_ONCE]))
        for begin in range(0, len(files), FILES_AT_ONCE)
    ]


def _saved_file(path: Path, url: str | None, moment: datetime | None) -> SavedFile:
    found = _answer(Path.stat, path)
    return SavedFile(
        path=path, url=url, moment=moment, size=found.st_size, changed_at=found.st_mtime_ns
    )


def _index_of(folder: Path) -> dict[str, tuple[str, datetime | None]]:
    """Return the addresses that the folder's INDEX.tsv gives, and the times if they are whole."""
    try:
        lines = (folder / INDEX).read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise BadArgument(f"{folder / INDEX} is not UTF-8 (at byte {error.start})") from error
    rows = [line.split("\t") for line in lines if "\t" in line]
    return {
        row[0].strip(): (row[1].strip(), _moment(row[2].strip()) if len(row) > 2 else None)
        for row in rows
    }


def _moment(text: str) -> datetime | None:
    moment = read_timestamp(text)
    return moment.astimezone(WIB).replace(microsecond=0) if moment else None


def _page_of(record: Record) -> SavedPage | str:
    """Return the page that a response record holds, or in a word why there is none."""
    answer = answer_in(record.read()) if record.length <= LARGEST_RECORD else TOO_LARGE
    if isinstance(answer, str):
        return answer
    html = _html(answer.body, answer.headers)
    return SavedPage(url=record.url, html=html, fetched_at=answer.moment)


def _html(body: bytes, headers: Iterable[tuple[str, str]] = ()) -> str:
    """Return a page's text, its encoding found as in a crawl."""
    kinds = Headers([(name, value) for name, value in headers if name.lower() == "content-type"])
    page = HtmlResponse("https://www.kompas.com/", headers=kinds, body=body)
    encoding = encoding_of(body, page.encoding)
    return page.text if encoding == page.encoding else body.decode(encoding)


def _told(where: Path | str, error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) else None
    return f"{where}: {reason or error}"
