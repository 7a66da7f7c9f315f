"""Reading of the HTTP responses in WARC files, torn and damaged ones included.

In a compressed file every record is a gzip member of its own, in a plain one a record states its
length. So reading can begin at many offsets, and several processes can share a file. Torn and
damaged records are skipped and reported; the records around them are read.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from kompas_crawler.timezones import WIB
from kompas_crawler.warc.content_encodings import decoded
from kompas_crawler.warc.gzip_members import (
    DAMAGED,
    GZIP_MARK,
    LONGEST_HEAD,
    RECORD_MARK,
    TOO_LARGE,
    TORN,
    OnDamage,
    Position,
    RecordFormat,
    beginning,
)

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord

PART = 2 * 1024 * 1024  # bytes of a file that one process reads at a time: some 50 pages, packed
LARGEST_RECORD = 64 * 1024 * 1024  # bytes, unpacked; a crawl refuses pages above 8 MiB

RESPONSE = "response"  # a server's answer, headers and body
RESOURCE = "resource"  # a page without the headers it came with
PAGES = (RESPONSE, RESOURCE)

_FIELD = re.compile(
    rb"^(WARC-Type|WARC-Target-URI|WARC-Date|Content-Length)[ \t]*:[ \t]*(.*?)\r?$",
    re.MULTILINE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WarcRecord:
    """A record: its type and address, and where in the file it lies.

    It may be a part of a damaged record if it begins before the offset `doubt`.
    """

    kind: str
    url: str
    at: int
    head: bytes
    block: int
    length: int
    file: BinaryIO
    doubt: int = 0

    @property
    def is_doubtful(self) -> bool:
        return self.at < self.doubt

    def read(self) -> bytes:
        """Return the record with its headers."""
        self.file.seek(self.block)
        return self.head + self.file.read(self.length)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedResponse:
    """A response with status 200: headers, decoded body, and when it came (in WIB)."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    moment: datetime


def parts_of(path: Path) -> list[tuple[Position | int, int]]:
    """Return the parts of a file that can be read independently, as (begin, end) offsets.

    A record belongs to the part in which it begins. Where `begin` is a number and no `Position`, the
    first record at or after it has to be searched.
    """
    size = path.stat().st_size
    begins: list[Position | int] = [Position(at=0)]
    if is_packed(path):
        begins += range(PART, size, PART)
    else:
        begins += _cuts(path, size)
    ends = [begin.at if isinstance(begin, Position) else begin for begin in begins[1:]]
    return list(zip(begins, [*ends, size], strict=True))


def is_packed(path: Path) -> bool:
    """Return whether a file is gzip by its first bytes, or by its name if they are damaged."""
    with path.open("rb") as file:
        first = file.read(len(RECORD_MARK))
    if first.startswith((GZIP_MARK, RECORD_MARK)):
        return first.startswith(GZIP_MARK)
    return path.suffix == ".gz"


def first_date(path: Path) -> bytes:
    """Return the WARC-Date of a file's first record as it is written, b"" if it has none."""
    with path.open("rb") as file:
        head = file.read(LONGEST_HEAD)
    if is_packed(path):
        head = beginning(head)
    return _fields(head).get(b"warc-date", b"") if head.startswith(RECORD_MARK) else b""


def answer_in(record: bytes, kind: str = RESPONSE) -> SavedResponse | str:
    """Return the response in a record's bytes, or in a few words why there is none to read."""
    # The package is needed only to read WARC files.
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    try:
        # It accepts only status lines of HTTP/1.
        found: ArcWarcRecord = next(iter(ArchiveIterator(BytesIO(record), verify_http=False)))
        http = found.http_headers
        if kind == RESOURCE:
            media_type = found.rec_headers.get_header("Content-Type") or "text/html"
            if "html" not in media_type.lower():  # a picture of the page, or its text
                return "no HTML"
            headers = [("Content-Type", media_type)]
            body = found.raw_stream.read(LARGEST_RECORD + 1)
        elif http is None or http.get_statuscode() != "200":
            return "not answered with 200"
        else:
            headers = http.headers
            body = decoded(found.raw_stream, http, LARGEST_RECORD + 1)
    except (ArchiveLoadFailed, StopIteration, zlib.error):
        return DAMAGED
    moment = moment_of(found.rec_headers.get_header("WARC-Date"))
    if moment is None:
        return DAMAGED
    if len(body) > LARGEST_RECORD:
        return TOO_LARGE
    return SavedResponse(headers=tuple(headers), body=body, moment=moment)


def moment_of(text: str | None) -> datetime | None:
    """Return the time of a record in WIB, to the second; None if it is malformed or missing.

    >>> moment_of("2026-11-23T03:15:00Z").isoformat()
    '2026-11-23T10:15:00+07:00'
    """
    try:
        moment = datetime.fromisoformat(text or "").replace(microsecond=0)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return aware.astimezone(WIB)
    except OverflowError:  # at the end of the year 9999, which is as good as any time of it
        return moment.replace(tzinfo=WIB)


def _cuts(path: Path, size: int) -> Iterator[Position]:
    """Yield ends of records of a plain file, at least `PART` bytes apart."""
    last = Position(at=0)
    with path.open("rb") as file:
        for record in plain_records(file, last, size, lambda _what, _at: None):
            behind = position_behind(record)
            if last.at + PART <= behind.at < size:
                last = behind
                yield last


def position_behind(record: WarcRecord) -> Position:
    """Return where the next record of a plain file begins."""
    at = record.block + record.length
    return Position(at=at, doubt=record.doubt if at < record.doubt else None)


def plain_records(
    file: BinaryIO, begin: Position, end: int, on_damage: OnDamage
) -> Iterator[WarcRecord]:
    """Yield the records that begin between two offsets of an uncompressed file.

    After damage a record is found by its first line, which a page's body may hold too: it is
    doubtful as far as the damaged record can reach.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(begin.at)
    doubt = begin.doubt or 0
    is_reported = False  # what lies between two records is one damage, however long
    while (at := file.tell()) < end:
        line = file.readline(LONGEST_HEAD)
        record = _record(file, at, line) if line.startswith(RECORD_MARK) else None
        if record is not None and record.block + record.length <= size:
            is_reported = False
            yield replace(record, doubt=doubt)
            file.seek(record.block + record.length)
            continue
        if line.strip() or record is not None:
            doubt = max(doubt, at + LARGEST_RECORD)
            if not is_reported:
                on_damage(DAMAGED if record is None else TORN, at)
            is_reported = True


def _record(file: BinaryIO, at: int, line: bytes) -> WarcRecord | None:
    """Return the record that begins with a line, the file left at its block; None if none does."""
    lines = [line]
    while line.strip() and file.tell() - at < LONGEST_HEAD:
        line = file.readline(LONGEST_HEAD)
        lines.append(line)
    head = b"".join(lines)
    headers = _fields(head)
    length = headers.get(b"content-length", b"")
    if not length.isdigit() or line.strip():
        return None
    kind = headers.get(b"warc-type", b"")
    if kind != kind.lower():  # warcio recognises types in lower case only
        head = head.replace(kind, kind.lower(), 1)
    return WarcRecord(
        kind=kind.lower().decode(errors="replace"),
        url=headers.get(b"warc-target-uri", b"").strip(b"<>").decode(errors="replace"),
        at=at,
        head=head,
        block=file.tell(),
        length=int(length[:18]),
        file=file,
    )


def records_of_member(at: int, member: bytes, on_damage: OnDamage) -> Iterator[WarcRecord]:
    """Yield the records of a gzip member that begins at an offset of its file."""

    def damage_here(_what: str, _at: int) -> None:
        on_damage(DAMAGED, at)  # it was packed so

    for record in plain_records(BytesIO(member), Position(at=0), len(member), damage_here):
        yield replace(record, at=at, doubt=at + 1 if record.is_doubtful else 0)


def _is_whole(raw: bytes) -> bool:
    """Return whether some bytes are one or several records, each as long as its header states."""
    losses: list[int] = []
    found = list(
        plain_records(BytesIO(raw), Position(at=0), len(raw), lambda _what, at: losses.append(at))
    )
    return bool(found) and not losses


def _length_of(beginning: bytes) -> int | None:
    """Return the length in bytes of a whole record by its header, None without one."""
    head, blank, _ = beginning.partition(b"\r\n\r\n")
    length = _fields(head).get(b"content-length", b"") if head.startswith(RECORD_MARK) else b""
    if not blank or not length.isdigit():
        return None
    return len(head) + len(blank) + int(length[:18]) + len(b"\r\n\r\n")


def record_format() -> RecordFormat:
    """Return what a WARC record looks like."""
    return RecordFormat(largest=LARGEST_RECORD, length_of=_length_of, is_whole=_is_whole)


def _fields(head: bytes) -> Mapping[bytes, bytes]:
    """Return the WARC headers that matter here, their names in lower case; the first ones count."""
    head, _, _ = head.partition(b"\r\n\r\n")
    found: dict[bytes, bytes] = {}
    for match in _FIELD.finditer(head):
        found.setdefault(match[1].lower(), match[2].strip())
    return found
