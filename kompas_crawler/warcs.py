"""How are the answers of servers had out of WARC files, torn and damaged ones too?

In a packed file every record is a gzip member of its own, in a plain one a record says how long it
is; so reading can begin at many places, and several processes can share a file. What is torn or
damaged is passed over and told; the records around it are read.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

import brotli

from kompas_crawler.datelines import WIB

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord

PART = 2 * 1024 * 1024  # bytes of a file that one process reads at a time: some 50 pages, packed
LARGEST_RECORD = 64 * 1024 * 1024  # bytes, unpacked; a crawl refuses pages above 8 MiB

# What can be wrong with a record. Only the last one of a file is ever torn.
TORN = "torn"
DAMAGED = "damaged"
TOO_LARGE = "too large"

# Told what is wrong, and at which byte of the file.
Lose: TypeAlias = Callable[[str, int], None]

_BLOCK = 64 * 1024
_GZIP = 16 + zlib.MAX_WBITS
_GZIP_MARK = b"\x1f\x8b\x08"
_RECORD_MARK = b"WARC/"
_HEAD = 16 * 1024  # bytes; the headers of a record are shorter
_FIELD = re.compile(
    rb"^(WARC-Type|WARC-Target-URI|WARC-Date|Content-Length):[ \t]*(.*?)\r?$", re.MULTILINE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record: its type and address, where in the file it lies, and how to have it whole."""

    kind: str
    url: str
    at: int
    head: bytes
    block: int
    length: int
    file: BinaryIO

    def read(self) -> bytes:
        """Return the record with its headers."""
        self.file.seek(self.block)
        return self.head + self.file.read(self.length)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered with status 200, unpacked, and when (in WIB)."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    moment: datetime


def parts_of(path: Path) -> list[tuple[int, int]]:
    """Return between which bytes the parts of a file lie; each can be read by itself."""
    size = path.stat().st_size
    packed = _is_packed(path)
    cuts = list(range(0, max(size, 1), PART)) if packed else _ends_of_records(path, size)
    return list(zip(cuts, [*cuts[1:], size], strict=True))


def records_in(path: Path, begin: int, end: int, lose: Lose) -> Iterator[Record]:
    """Yield the records that begin between two bytes of a file.

    A record can be read until the next one is asked for. Raises `OSError`.
    """
    with path.open("rb") as file:
        if not end:
            lose(TORN, 0)
            return
        if not _is_packed(path):
            yield from _records(file, begin, end, path.stat().st_size, lose)
            return
        for at, member in _Members(file, begin, end, lose):
            yield from _records_of_member(at, member, lose)


def first_date(path: Path) -> bytes:
    """Return the date of a file's first record as it is written, nothing if it has none."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if _is_packed(path):
        head = _beginning(head)
    record, _, _ = head.partition(b"\r\n\r\n")
    return _fields(record).get(b"WARC-Date", b"") if record.startswith(_RECORD_MARK) else b""


def answer_in(record: bytes) -> Answer | str:
    """Return what a response record holds, or in a word why it is of no use."""
    # Only who reads WARC files needs the package.
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    try:
        answer: ArcWarcRecord = next(iter(ArchiveIterator(BytesIO(record))))
        http = answer.http_headers
        if http is None or http.get_statuscode() != "200":
            return "not answered with 200"
        body = _body_of(answer)
    except (ArchiveLoadFailed, StopIteration, zlib.error):
        return DAMAGED
    moment = moment_of(answer.rec_headers.get_header("WARC-Date"))
    if moment is None:
        return DAMAGED
    if len(body) > LARGEST_RECORD:
        return TOO_LARGE
    return Answer(headers=tuple(http.headers), body=body, moment=moment)


def moment_of(text: str | None) -> datetime | None:
    """Return the moment of a record in WIB, to the second; None if it tells none.

    >>> moment_of("2026-11-23T03:15:00Z").isoformat()
    '2026-11-23T10:15:00+07:00'
    """
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(WIB).replace(microsecond=0)


def _is_packed(path: Path) -> bool:
    return path.suffix == ".gz"


def _ends_of_records(path: Path, size: int) -> list[int]:
    """Return the beginning of a plain file and some ends of records, a part from each other."""
    cuts = [0]
    with path.open("rb") as file:
        for record in _records(file, 0, size, size, lambda _what, _at: None):
            behind = record.block + record.length
            if cuts[-1] + PART <= behind < size:
                cuts.append(behind)
    return cuts


def _records(file: BinaryIO, begin: int, end: int, size: int, lose: Lose) -> Iterator[Record]:
    """Yield the records that begin between two bytes of an unpacked file of `size` bytes."""
    file.seek(begin)
    is_told = False  # what lies between two records is one damage, however long
    while (at := file.tell()) < end:
        line = file.readline(_HEAD)
        record = _record(file, at, line) if line.startswith(_RECORD_MARK) else None
        if record is None:
            if line.strip() and not is_told:
                lose(DAMAGED, at)
                is_told = True
        elif record.block + record.length > size:
            lose(TORN, at)
            is_told = True
        else:
            is_told = False
            yield record
            file.seek(record.block + record.length)


def _record(file: BinaryIO, at: int, line: bytes) -> Record | None:
    """Return the record that begins with a line, the file left at its block; None if none does."""
    lines = [line]
    while line.strip() and file.tell() - at < _HEAD:
        line = file.readline(_HEAD)
        lines.append(line)
    head = b"".join(lines)
    told = _fields(head)
    length = told.get(b"Content-Length", b"")
    if not length.isdigit() or line.strip():
        return None
    return Record(
        kind=told.get(b"WARC-Type", b"").decode(errors="replace"),
        url=told.get(b"WARC-Target-URI", b"").strip(b"<>").decode(errors="replace"),
        at=at,
        head=head,
        block=file.tell(),
        length=int(length[:18]),
        file=file,
    )


def _records_of_member(at: int, member: bytes, lose: Lose) -> Iterator[Record]:
    def lose_here(_what: str, _at: int) -> None:
        lose(DAMAGED, at)  # it was packed so

    size = len(member)
    for record in _records(BytesIO(member), 0, size, size, lose_here):
        yield replace(record, at=at)


class _Members:
    """The gzip members that begin between two offsets of a file, each with where it begins."""

    def __init__(self, file: BinaryIO, start: int, end: int, lose: Lose) -> None:
        self.file = file
        self.position = start
        self.end = end
        self.lose = lose

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        if self.position == 0 and not self._begins_here(0):
            self.lose(DAMAGED, 0)
        self._go_to_next()
        while self.position < self.end:
            begin = self.position
            try:
                raw = self._unpacked()
            except (zlib.error, EOFError) as damage:
                self.lose(TORN if isinstance(damage, EOFError) else DAMAGED, begin)
                self.position = begin + 1
                self._go_to_next()
            else:
                if raw is None:
                    self.lose(TOO_LARGE, begin)
                else:
                    yield begin, raw

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


def _fields(head: bytes) -> Mapping[bytes, bytes]:
    """Return the WARC headers that matter here."""
    return {match[1]: match[2].strip() for match in _FIELD.finditer(head)}


def _body_of(answer: ArcWarcRecord) -> bytes:
    """Return the body of an answer, unpacked; up to a byte more than the largest."""
    http = answer.http_headers
    unpack = _UNPACKERS.get((http.get_header("Content-Encoding") or "").strip().lower())
    if unpack is None:  # the encodings that warcio knows, and none
        body: bytes = answer.content_stream().read(LARGEST_RECORD + 1)
        return body
    http.remove_header("Content-Encoding")
    packed: bytes = answer.content_stream().read(LARGEST_RECORD + 1)
    # Some tools unpack a body and leave the header; warcio passes over it with gzip too.
    return unpack(packed) or packed


def _unbrotli(packed: bytes) -> bytes:
    """Return what is packed with Brotli, as far as it goes; nothing if it is not."""
    try:
        body: bytes = brotli.Decompressor().process(packed, output_buffer_limit=LARGEST_RECORD + 1)
    except brotli.error:
        return b""
    return body


def _unzstd(packed: bytes) -> bytes:
    """Return what is packed with Zstandard, as far as it goes; nothing if it is not."""
    try:
        return zstd.ZstdDecompressor().decompress(packed, LARGEST_RECORD + 1)
    except zstd.ZstdError:
        return b""


# warcio knows gzip and deflate; with today's Brotli it fails, and of Zstandard it does not know.
_UNPACKERS: Mapping[str, Callable[[bytes], bytes]] = {"br": _unbrotli, "zstd": _unzstd}
