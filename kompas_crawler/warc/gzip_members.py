"""The gzip members of a compressed WARC file, and how the next one is found after damage.

Every record is a gzip member of its own, directly after the one before it. Only this chain tells
where a record begins: the body of a page may hold bytes that look like a record, and compression may
keep them as they are. So a member that is only found by its magic number is a guess until the chain
reaches it. After damage it counts only if the members from there on follow each other further than
the damaged record can reach.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
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
    """The offset at which reading goes on.

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


class GzipMembers:
    """The members that begin between two offsets of a file, each with its own offset.

    Where `begin` is a number and no `Position`, the first member has to be searched. Afterwards
    `first` is its offset, None if there is none, and `place` is where reading goes on.
    """

    def __init__(
        self,
        file: BinaryIO,
        begin: Position | int,
        end: int,
        rules: RecordFormat,
        *,
        on_damage: OnDamage,
        trusting: bool,
    ) -> None:
        """Prepare to read; with `trusting`, every whole record after damage counts."""
        self.first: int | None = None
        self.place = begin if isinstance(begin, Position) else Position(at=begin)
        self._file = file
        self._size = file.seek(0, 2)
        self._end = end
        self._begin = begin
        self._rules = rules
        self._on_damage = on_damage
        self._trusting = trusting
        self._left = MOST_SEARCHED
        self._one_each: bool | None = None  # None until something was read

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        self._go_to_first()
        while self.place.at < self._end:
            at = self.place.at
            try:
                raw, behind = unpacked(self._file, at, self._rules.largest)
            except zlib.error:
                self._on_damage(DAMAGED, at)
                self._resume(self._behind_damage(at))
                continue
            except EOFError:
                self._resume(replace(self._behind_damage(at), torn=at))
                continue
            self.place = Position(at=behind)
            if raw is None:
                self._on_damage(TOO_LARGE, at)
            else:
                is_one = self._rules.length_of(raw[:LONGEST_HEAD]) == len(raw)
                self._one_each = is_one and self._one_each is not False
                yield at, raw

    def _go_to_first(self) -> None:
        if isinstance(self._begin, int):
            self.first = next(filter(self._begins_at, self._marks(self.place.at)), None)
            self.place = Position(at=self._end if self.first is None else self.first)
        elif self._begin.doubt is not None:
            self._resume(self._begin)
        else:
            self.first = self._begin.at

    def _resume(self, lost: Position) -> None:
        """Go to the next proven record after damage, or to the end of the part if there is none.

        A record that the end of the file cuts off is torn if it is the last one, else damaged.
        """
        self.place, doubtful = self._next_behind(lost)
        if lost.torn is not None:
            if self.place.doubt is None:
                self._on_damage(DAMAGED, lost.torn)
            elif self.place.at >= self._size:
                self._on_damage(TORN, lost.torn)
        for at in doubtful:
            self._on_damage(DOUBTFUL, at)

    def _next_behind(self, lost: Position) -> tuple[Position, list[int]]:
        """Return where reading goes on, and the offsets of records that are not proven."""
        doubtful: list[int] = []
        at = lost.at
        for candidate in self._marks(at):
            if candidate < at or not self._begins_at(candidate):
                continue
            behind, is_proven = self._run_from(candidate, self._far(candidate, lost))
            if is_proven:
                return Position(at=candidate), doubtful
            if behind > candidate:
                doubtful.append(candidate)
            at = max(behind, candidate + 1)
            lost = replace(lost, length=None)  # where this run ends, more may be damaged
        return replace(lost, at=max(at, self._end)), doubtful

    def _far(self, candidate: int, lost: Position) -> int:
        """Return how far the members from there must reach to be no part of a damaged record.

        A member ends with its uncompressed length. If that is the length of the damaged record, it
        ends there, or the candidate is a part of it. Otherwise more records may be damaged.
        """
        self._file.seek(max(0, candidate - _LENGTH.size))
        end = self._file.read(_LENGTH.size)
        if lost.doubt is not None and len(end) == _LENGTH.size:
            (length,) = _LENGTH.unpack(end)
            if length == lost.length:
                return lost.doubt
        return candidate + self._reach(self._rules.largest)

    def _run_from(self, candidate: int, far: int) -> tuple[int, bool]:
        """Return where the members end that follow each other from there, and whether that is a proof.

        A page's body ends before the record that holds it, and its author cannot know what follows
        that record. So members that are forged in a body cannot continue there.
        """
        at = candidate
        try:
            while at == candidate or not (self._trusting or at >= far or at == self._size):
                raw, behind = unpacked(self._file, at, self._rules.largest)
                self._left -= behind - at + len(raw or b"")
                if self._left < 0 or (raw is not None and not self._rules.is_whole(raw)):
                    return at, False
                at = behind
        except (zlib.error, EOFError):
            self._left -= self._file.tell() - at
            return at, False
        return at, True

    def _behind_damage(self, at: int) -> Position:
        """Return where to search for the next record, and how far the damaged one may reach.

        The length in its header is used only where the other members hold one record each.
        """
        self._file.seek(at)
        length = self._rules.length_of(beginning(self._file.read(LONGEST_HEAD)))
        if length is None or not self._one_each:
            return Position(at=at + 1, doubt=at + self._reach(self._rules.largest))
        return Position(at=at + 1, doubt=at + self._reach(length), length=length)

    def _reach(self, length: int) -> int:
        """Return how many bytes of the file a record takes at most: compression may add a few."""
        return length + length // 16 + 4096

    def _marks(self, at: int) -> Iterator[int]:
        """Yield the offsets of gzip magic numbers, until the limit of the search is used up."""
        while at < self._end and self._left > 0:
            self._file.seek(at)
            block = self._file.read(_BLOCK)
            if not block:
                return
            found = block.find(GZIP_MARK)
            while 0 <= found < self._end - at and self._left > 0:
                self._left -= LEAST_SEARCHED
                yield at + found
                found = block.find(GZIP_MARK, found + 1)
            at += max(1, len(block) - len(GZIP_MARK) + 1)

    def _begins_at(self, at: int) -> bool:
        self._file.seek(at)
        return beginning(self._file.read(1024)).startswith(RECORD_MARK)


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
