"""The gzip members of a compressed WARC file, and how the next one is found after damage.

Every record is a gzip member of its own, directly after the one before it. Only this chain tells
where a record begins: the body of a page may hold bytes that look like a record, and compression may
keep them as they are. So a member that is only found by its magic number is a guess until the chain
reaches it. After damage it counts only if the members from there on follow each other further than
the damaged record can reach.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from struct import Struct
from typing import Annotated, BinaryIO, TypeAlias

import msgspec

# What can be wrong with a record. Only the last one of a file is torn; a doubtful one is whole, but
# may be a part of the damaged record before it.
TORN = "torn"
DAMAGED = "damaged"
TOO_LARGE = "too large"
DOUBTFUL = "doubtful"

# Called with what is wrong, and its offset in the file.
OnDamage: TypeAlias = Callable[[str, int], None]

#: A number of bytes that a checkpoint may hold.
Offset: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**62)]

GZIP = 16 + zlib.MAX_WBITS
GZIP_MARK = b"\x1f\x8b\x08"
RECORD_MARK = b"WARC/"

LONGEST_HEAD = 16 * 1024  # bytes; the headers of a record are shorter
MOST_SEARCHED = 512 * 1024 * 1024  # bytes, unpacked, for all that is sought in one part: 1 to 2 s
LEAST_SEARCHED = 4096  # bytes that a single mark counts for, so that many cost no more

_LENGTH = Struct("<I")  # of a member, at its end

_BLOCK = 64 * 1024
_BLOCK_OF_ZEROS = 1024  # what unpacks to a thousand times as much goes faster in small pieces
_STEP = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """The offset at which reading continues.

    If `doubt` is None, a record begins there. Otherwise a damaged record lies before it, which may
    reach up to the offset `doubt`; `length` is its uncompressed length, if its header says so. If
    `torn` is set, the damaged record began there and the end of the file cuts it off; it has not
    been reported, because it is torn only if no record follows.
    """

    at: Offset
    doubt: Offset | None = None
    length: Offset | None = None
    torn: Offset | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFormat:
    """What a record looks like: its largest length in bytes, and two functions that recognise one.

    `length_of` returns the length that a record's beginning states, `is_whole` tells whether some
    bytes are one or several records and nothing else.
    """

    largest: int
    length_of: Callable[[bytes], int | None]
    is_whole: Callable[[bytes], bool]


@dataclass(slots=True, kw_only=True)
class GzipMembers:
    """The members that begin between two offsets of a file, each with its own offset.

    Where `begin` is a number and no `Position`, the first member has to be searched. With
    `trusting`, every whole record after damage counts. Afterwards `first` is the offset of the first
    member, None if there is none, and `place` is where reading continues.
    """

    file: BinaryIO
    begin: Position | int
    end: int
    rules: RecordFormat
    on_damage: OnDamage
    trusting: bool
    first: int | None = None
    place: Position = Position(at=0)
    _left: int = field(default_factory=lambda: MOST_SEARCHED)
    _one_each: bool | None = None  # None until something was read

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        self._go_to_first()
        while self.place.at < self.end:
            at = self.place.at
            try:
                raw, behind = unpacked(self.file, at, self.rules.largest)
            except zlib.error:
                self.on_damage(DAMAGED, at)
                self._resume(self._behind_damage(at))
                continue
            except EOFError:
                self._resume(replace(self._behind_damage(at), torn=at))
                continue
            self.place = Position(at=behind)
            if raw is None:
                self.on_damage(TOO_LARGE, at)
            else:
                is_one = self.rules.length_of(raw[:LONGEST_HEAD]) == len(raw)
                self._one_each = is_one and self._one_each is not False
                yield at, raw

    @property
    def _size(self) -> int:
        return self.file.seek(0, os.SEEK_END)

    def _go_to_first(self) -> None:
        if isinstance(self.begin, int):
            self.first = next(filter(self._begins_at, self._marks(self.begin)), None)
            self.place = Position(at=self.end if self.first is None else self.first)
        elif self.begin.doubt is not None:
            self._resume(self.begin)
        else:
            self.first, self.place = self.begin.at, self.begin

    def _resume(self, lost: Position) -> None:
        """Go to the next proven record after damage, or to the end of the part if there is none.

        A record that the end of the file cuts off is torn if it is the last one, else damaged.
        """
        self.place, doubtful = self._next_behind(lost)
        if lost.torn is not None:
            if self.place.doubt is None:
                self.on_damage(DAMAGED, lost.torn)
            elif self.place.at >= self._size:
                self.on_damage(TORN, lost.torn)
        for at in doubtful:
            self.on_damage(DOUBTFUL, at)

    def _next_behind(self, lost: Position) -> tuple[Position, list[int]]:
        """Return where reading continues, and the offsets of records that are not proven."""
        doubtful: list[int] = []
        at = lost.at
        for candidate in self._marks(at):
            if candidate < at or not self._begins_at(candidate):
                continue
            behind, is_proven = self._run_from(candidate, self._least_reach(candidate, lost))
            if is_proven:
                return Position(at=candidate), doubtful
            if behind > candidate:
                doubtful.append(candidate)
            at = max(behind, candidate + 1)
            lost = replace(lost, length=None)  # where this run ends, more may be damaged
        return replace(lost, at=max(at, self.end)), doubtful

    def _least_reach(self, candidate: int, lost: Position) -> int:
        """Return how far the members from there must reach to be no part of a damaged record.

        A member ends with its uncompressed length. If that is the length of the damaged record, it
        ends there, or the candidate is a part of it. Otherwise more records may be damaged.
        """
        self.file.seek(max(0, candidate - _LENGTH.size))
        end = self.file.read(_LENGTH.size)
        if lost.doubt is not None and len(end) == _LENGTH.size:
            (length,) = _LENGTH.unpack(end)
            if length == lost.length:
                return lost.doubt
        return candidate + self._reach(self.rules.largest)

    def _run_from(self, candidate: int, far: int) -> tuple[int, bool]:
        """Return where the members end that follow each other from there, and whether that is a proof.

        A page's body ends before the record that holds it, and its author cannot know what follows
        that record. So members that are forged in a body cannot continue there.
        """
        at = candidate
        try:
            while at == candidate or not (self.trusting or at >= far or at == self._size):
                raw, behind = unpacked(self.file, at, self.rules.largest)
                self._left -= behind - at + len(raw or b"")
                if self._left < 0 or (raw is not None and not self.rules.is_whole(raw)):
                    return at, False
                at = behind
        except (zlib.error, EOFError):
            self._left -= self.file.tell() - at
            return at, False
        return at, True

    def _behind_damage(self, at: int) -> Position:
        """Return where to search for the next record, and how far the damaged one may reach.

        The length in its header is used only where the other members hold one record each.
        """
        self.file.seek(at)
        length = self.rules.length_of(beginning(self.file.read(LONGEST_HEAD)))
        if length is None or not self._one_each:
            return Position(at=at + 1, doubt=at + self._reach(self.rules.largest))
        return Position(at=at + 1, doubt=at + self._reach(length), length=length)

    def _reach(self, length: int) -> int:
        """Return how many bytes of the file a record takes at most: compression may add a few."""
        return length + length // 16 + 4096

    def _marks(self, at: int) -> Iterator[int]:
        """Yield the offsets of gzip magic numbers, until the limit of the search is used up."""
        while at < self.end and self._left > 0:
            self.file.seek(at)
            block = self.file.read(_BLOCK)
            if not block:
                return
            found = block.find(GZIP_MARK)
            while 0 <= found < self.end - at and self._left > 0:
                self._left -= LEAST_SEARCHED
                yield at + found
                found = block.find(GZIP_MARK, found + 1)
            at += max(1, len(block) - len(GZIP_MARK) + 1)

    def _begins_at(self, at: int) -> bool:
        self.file.seek(at)
        return beginning(self.file.read(1024)).startswith(RECORD_MARK)


def unpacked(file: BinaryIO, at: int, most: int) -> tuple[bytes | None, int]:
    """Return the decompressed member at an offset, None if larger than `most` bytes, and its end.

    Raises zlib.error for damage, and EOFError where the file ends within the member.
    """
    unpacker = zlib.decompressobj(GZIP)
    file.seek(at)
    pieces: list[bytes] = []
    size = read = 0
    while not unpacker.eof:
        block = file.read(_BLOCK if size <= most else _BLOCK_OF_ZEROS)
        if not block:
            raise EOFError
        read += len(block)
        piece = unpacker.decompress(block)
        size += len(piece)
        if size <= most:
            pieces.append(piece)
        else:
            pieces.clear()
    raw = b"".join(pieces) if size <= most else None
    return raw, at + read - len(unpacker.unused_data)


def beginning(packed: bytes) -> bytes:
    """Return what the first bytes of a gzip member decompress to, up to the first damaged one."""
    unpacker = zlib.decompressobj(GZIP)
    found = b""
    try:
        for step in range(0, len(packed), _STEP):
            found += unpacker.decompress(packed[step : step + _STEP], LONGEST_HEAD)
            if unpacker.eof or len(found) > LONGEST_HEAD:
                break
    except zlib.error:
        pass
    return found[:LONGEST_HEAD]
