"""Which pages of articles lie in files, and how are they had out again?

WARC files, our own and those of Common Crawl, and folders of saved HTML. Large files are cut into
parts that several processes read at the same time: in a WARC file every record is a gzip member
of its own, so reading can begin at any of them. What a crash has torn or damaged is passed over
and counted; the records around it are read.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Protocol

from scrapy.http import Headers, HtmlResponse

from kompas_crawler.datelines import WIB, read_timestamp
from kompas_crawler.errors import BadArgument
from kompas_crawler.markup import encoding_of
from kompas_crawler.urls import in_section

PART = 2 * 1024 * 1024  # bytes of a WARC file that one process reads at a time: some 50 pages
FILES_AT_ONCE = 50  # of saved HTML
LARGEST_RECORD = 64 * 1024 * 1024  # bytes; a crawl refuses pages above 8 MiB

WARC_ENDINGS = (".warc.gz", ".warc")
HTML_ENDINGS = (".html", ".html.gz", ".htm")
INDEX = "INDEX.tsv"  # beside saved HTML: a line per file with its name, a tab, and its address

_BLOCK = 64 * 1024
_GZIP = 16 + zlib.MAX_WBITS
_GZIP_MARK = b"\x1f\x8b\x08"
_RECORD_MARK = b"WARC/"
# The address of a record stands within its first header lines.
_HEAD = 16 * 1024
_FIELD = re.compile(
    rb"^(WARC-Type|WARC-Target-URI|WARC-Date|Content-Length):[ \t]*(.*?)\r?$", re.MULTILINE
)
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


class Source(Protocol):
    """A part of what is to be read: its size in bytes, and its pages in their order.

    `seen` is counted while reading: "pages", and what was passed over and why. `changed_at` is
    when its files were last written, in nanoseconds.
    """

    @property
    def size(self) -> int: ...
    @property
    def seen(self) -> Counter[str]: ...
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
    seen: Counter[str] = field(default_factory=Counter, compare=False)

    @property
    def size(self) -> int:
        return self.end - self.start

    @property
    def name(self) -> str:
        return f"{self.path}, bytes {self.start}-{self.end}"

    @property
    def changed_at(self) -> int:
        return self.path.stat().st_mtime_ns

    def pages(self) -> Iterator[SavedPage]:
        with self.path.open("rb") as file:
            if self.path.suffix == ".gz":
                for member in _Members(file, self.start, self.end, self.seen):
                    yield from self._pages_in(BytesIO(member))
            else:
                yield from self._pages_in(file)

    def _pages_in(self, file: BinaryIO) -> Iterator[SavedPage]:
        for head in _heads(file):
            told = _fields(head)
            length = _length(told)
            behind = file.tell() + length
            url = told.get(b"WARC-Target-URI", b"").strip(b"<>").decode(errors="replace")
            if told.get(b"WARC-Type") != b"response":
                self.seen["other records"] += 1
            elif not in_section(url):
                self.seen["other addresses"] += 1
            else:
                block = file.read(min(length, LARGEST_RECORD + 1))
                page = _page_of(head + block, url) if len(block) == length else "torn"
                yield from self._counted(page)
            file.seek(behind)

    def _counted(self, page: SavedPage | str) -> Iterator[SavedPage]:
        if isinstance(page, str):
            self.seen[page] += 1
        else:
            self.seen["pages"] += 1
            yield page


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedHtml:
    """Some files of a folder of saved HTML, each with its address and its time if those are told.

    Without an address the page's own counts (`canonical`, `og:url`), without a time the file's.
    """

    files: tuple[tuple[Path, str | None, datetime | None], ...]
    seen: Counter[str] = field(default_factory=Counter, compare=False)

    @property
    def size(self) -> int:
        return sum(path.stat().st_size for path, _, _ in self.files)

    @property
    def name(self) -> str:
        return f"{self.files[0][0]} and {len(self.files) - 1} more"

    @property
    def changed_at(self) -> int:
        return max(path.stat().st_mtime_ns for path, _, _ in self.files)

    def pages(self) -> Iterator[SavedPage]:
        for path, told, moment in self.files:
            if told is not None and not in_section(told):
                self.seen["other addresses"] += 1
                continue
            try:
                html = _html(_content(path))
            except (OSError, EOFError, zlib.error):
                self.seen["damaged"] += 1
                continue
            url = told or own_address(html)
            if url is None or not in_section(url):
                self.seen["other addresses"] += 1
                continue
            self.seen["pages"] += 1
            yield SavedPage(url=url, html=html, fetched_at=moment or _changed_at(path))


def find_sources(paths: Iterable[str]) -> list[Source]:
    """Return what lies at the paths that somebody gave, oldest WARC file first.

    A folder stands for all WARC files and saved HTML below it. Raises `BadArgument`.
    """
    files = list(dict.fromkeys(file for path in paths for file in _files_at(Path(path))))
    warcs = sorted((f for f in files if f.name.endswith(WARC_ENDINGS)), key=_age)
    html = [file for file in files if file.name.endswith(HTML_ENDINGS)]
    if not warcs and not html:
        raise BadArgument("there is neither a WARC file nor saved HTML at the paths given")
    return [*(part for path in warcs for part in _parts(path)), *_saved_html(html)]


def own_address(html: str) -> str | None:
    """Return the address that a page gives as its own, None if it gives none.

    >>> own_address('<link href="https://www.kompas.com/x" rel="canonical">')
    'https://www.kompas.com/x'
    """
    for pattern in _OWN_ADDRESS:
        if (tag := pattern.search(html)) and (address := _ADDRESS_IN.search(tag[0])):
            return unescape(address[1])
    return None


def _files_at(path: Path) -> list[Path]:
    path = path.expanduser().absolute()
    if path.is_dir():
        found = sorted(p for p in path.rglob("*") if p.is_file())
        return [p for p in found if p.name.endswith(WARC_ENDINGS + HTML_ENDINGS)]
    if not path.is_file():
        raise BadArgument(f"there is no file or folder {path}")
    if not path.name.endswith(WARC_ENDINGS + HTML_ENDINGS):
        endings = ", ".join(WARC_ENDINGS + HTML_ENDINGS)
        raise BadArgument(f"{path} is none of {endings}")
    return [path]


def _age(path: Path) -> tuple[bytes, str]:
    """Return by what WARC files are read in the order in which they were written."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if path.suffix == ".gz":
        head = _beginning(head)
    first = next(_heads(BytesIO(head)), b"")
    return _fields(first).get(b"WARC-Date", b""), path.name


def _parts(path: Path) -> list[WarcPart]:
    size = path.stat().st_size
    step = PART if path.suffix == ".gz" else max(size, 1)
    return [
        WarcPart(path=path, start=start, end=min(start + step, size))
        for start in range(0, size, step)
    ]


def _saved_html(paths: list[Path]) -> list[SavedHtml]:
    indexes = {folder: _index_of(folder) for folder in dict.fromkeys(p.parent for p in paths)}
    told = [(path, *indexes[path.parent].get(path.name, (None, None))) for path in paths]
    told.sort(key=lambda each: (each[2] or _changed_at(each[0]), each[0]))
    return [
        SavedHtml(files=tuple(told[begin : begin + FILES_AT_ONCE]))
        for begin in range(0, len(told), FILES_AT_ONCE)
    ]


def _index_of(folder: Path) -> dict[str, tuple[str, datetime | None]]:
    """Return the addresses that the folder's INDEX.tsv gives, and the times if they are whole."""
    try:
        lines = (folder / INDEX).read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return {}
    rows = [line.split("\t") for line in lines if "\t" in line]
    return {
        row[0].strip(): (row[1].strip(), _moment(row[2].strip()) if len(row) > 2 else None)
        for row in rows
    }


def _moment(text: str) -> datetime | None:
    moment = read_timestamp(text)
    return moment.astimezone(WIB).replace(microsecond=0) if moment else None


def _changed_at(path: Path) -> datetime:
    return datetime.fromtimestamp(int(path.stat().st_mtime), WIB)


def _content(path: Path) -> bytes:
    if path.suffix == ".gz":
        with gzip.open(path) as file:
            return file.read()
    return path.read_bytes()


class _Members:
    """The gzip members that begin between two offsets of a file, unpacked."""

    def __init__(self, file: BinaryIO, start: int, end: int, seen: Counter[str]) -> None:
        self.file = file
        self.position = start
        self.end = end
        self.seen = seen

    def __iter__(self) -> Iterator[bytes]:
        if self.position == 0 and not self._begins_here(0):
            self.seen["damaged"] += 1
        self._go_to_next()
        while self.position < self.end:
            begin = self.position
            try:
                raw = self._unpacked()
            except (zlib.error, EOFError) as damage:
                self.seen["torn" if isinstance(damage, EOFError) else "damaged"] += 1
                self.position = begin + 1
                self._go_to_next()
            else:
                if raw is None:
                    self.seen["too large"] += 1
                else:
                    yield raw

    def _unpacked(self) -> bytes | None:
        """Return the member at the position, and go behind it; None if it is too large."""
        unpacker = zlib.decompressobj(_GZIP)
        self.file.seek(self.position)
        pieces: list[bytes] = []
        size = read = 0
        while not unpacker.eof:
            block = self.file.read(_BLOCK)
            if not block:
                raise EOFError
            read += len(block)
            piece = unpacker.decompress(block)
            size += len(piece)
            if size <= LARGEST_RECORD:
                pieces.append(piece)
        self.position += read - len(unpacker.unused_data)
        return b"".join(pieces) if size <= LARGEST_RECORD else None

    def _go_to_next(self) -> None:
        """Go to the first record at or behind the position; to the end if none begins before it."""
        for candidate in self._marks():
            if self._begins_here(candidate):
                self.position = candidate
                return
        self.position = self.end

    def _marks(self) -> Iterator[int]:
        """Yield where a gzip member might begin."""
        begin = self.position
        while begin < self.end:
            self.file.seek(begin)
            block = self.file.read(_BLOCK)
            if not block:
                return
            at = block.find(_GZIP_MARK)
            while at >= 0:
                yield begin + at
                at = block.find(_GZIP_MARK, at + 1)
            begin += max(1, len(block) - len(_GZIP_MARK) + 1)

    def _begins_here(self, offset: int) -> bool:
        self.file.seek(offset)
        return _beginning(self.file.read(1024)).startswith(_RECORD_MARK)


def _beginning(packed: bytes) -> bytes:
    """Return as much of a gzip member as the first bytes of it hold; nothing if it is none."""
    try:
        return zlib.decompressobj(_GZIP).decompress(packed, _HEAD)
    except zlib.error:
        return b""


def _fields(head: bytes) -> dict[bytes, bytes]:
    """Return the WARC headers that matter here."""
    return {match[1]: match[2].strip() for match in _FIELD.finditer(head)}


def _length(told: Mapping[bytes, bytes]) -> int:
    length = told.get(b"Content-Length", b"")
    return int(length) if length.isdigit() else 0


def _heads(file: BinaryIO) -> Iterator[bytes]:
    """Yield the headers of each record; whoever takes them leaves the file behind the record."""
    while line := file.readline(_HEAD):
        if line.startswith(_RECORD_MARK):
            lines = [line]
            while line.strip():
                line = file.readline(_HEAD)
                lines.append(line)
            yield b"".join(lines)


def _page_of(record: bytes, url: str) -> SavedPage | str:
    """Return the page that a response record holds, or in a word why there is none."""
    # Only who reads WARC files needs the package.
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed
    from warcio.recordloader import ArcWarcRecord

    try:
        answer: ArcWarcRecord = next(iter(ArchiveIterator(BytesIO(record))))
        body = answer.content_stream().read()
    except (ArchiveLoadFailed, StopIteration, zlib.error):
        return "damaged"
    if answer.http_headers is None or answer.http_headers.get_statuscode() != "200":
        return "not answered with 200"
    moment = _warc_date(answer.rec_headers.get_header("WARC-Date"))
    if moment is None:
        return "damaged"
    html = _html(body, answer.http_headers.headers)
    return SavedPage(url=url, html=html, fetched_at=moment)


def _html(body: bytes, headers: Iterable[tuple[str, str]] = ()) -> str:
    """Return a page's text, its encoding found as in a crawl."""
    kinds = Headers([(name, value) for name, value in headers if name.lower() == "content-type"])
    page = HtmlResponse("https://www.kompas.com/", headers=kinds, body=body)
    encoding = encoding_of(body, page.encoding)
    return page.text if encoding == page.encoding else body.decode(encoding)


def _warc_date(text: str | None) -> datetime | None:
    """Return the moment of a record in WIB, to the second; None if it tells none.

    >>> _warc_date("2026-11-23T03:15:00Z").isoformat()
    '2026-11-23T10:15:00+07:00'
    """
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(WIB).replace(microsecond=0)
