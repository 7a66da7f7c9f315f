"""Repair of the files that a crash or a bad disk has damaged; no sound byte is lost.

A repaired file is written beside the old one, flushed, and replaces it at once. The old file stays
as `NAME.before-repair-TIME`, unreadable lines are kept in `NAME.set-aside-TIME`, and no sound line
is altered.
"""

from __future__ import annotations

import fcntl
import filecmp
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

from kompas_crawler.archive import sqlite_cache
from kompas_crawler.archive.atomic_files import temporary_name
from kompas_crawler.archive.files import (
    exclusive_lock,
    flush_to_disk,
    open_to_append,
    raising_storage_failed,
    write_line,
)
from kompas_crawler.archive.locks import RunLock, lock_path
from kompas_crawler.archive.record import disagreements_of, record_in
from kompas_crawler.archive.store import Archive
from kompas_crawler.audit.verify import (
    BrokenLine,
    FileReport,
    ProblemKind,
    detected_encoding,
    lines_with_offsets,
    month_of_record,
    read_line,
    run_line_error,
)
from kompas_crawler.errors import BrokenRecord
from kompas_crawler.runs.log_validation import run_in
from kompas_crawler.timezones import WIB

_ARTICLE_ID = re.compile(rb'\{"id": "(\d{4}/\d{2}/\d{2}/\d{5,12})"')


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairAction:
    """One action of a repair, done or refused; `lost` are the ids of articles to fetch again."""

    file: str
    did: str
    done: bool = True
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _DamagedLine:
    """A damaged line: how many bytes are lost, of which articles, and how many lines were kept."""

    offset: int
    rest: int
    kept: int
    articles: tuple[str, ...]

    def __str__(self) -> str:
        kept = f"{self.kept} whole line{'s' * (self.kept != 1)} kept" if self.kept else ""
        of = f" of {', '.join(self.articles)}" if self.articles else ""
        torn = f"{self.rest} bytes{of} that are no line set aside" if self.rest else ""
        return f"byte {self.offset}: {', '.join(filter(None, (torn, kept))) or 'empty line out'}"


class Repair:
    """The repair of one output directory, given the reports of a verification."""

    def __init__(self, root: Path, now: datetime) -> None:
        self.root = root
        self.folder = root / "articles"
        self._stamp = f"{now.astimezone(WIB):%Y%m%dT%H%M%S}"

    def apply(self, reports: Iterable[FileReport]) -> Iterator[RepairAction]:
        """Repair what these reports found, and yield each action.

        Raises `StorageFailed` when a write fails; that file is then unchanged.
        """
        found = {report.name: report for report in reports if report.repairable}
        if any(ProblemKind.INDEX in report.counts for report in found.values()):
            sqlite_cache.remove(self.root / sqlite_cache.NAME)
            yield RepairAction(file=sqlite_cache.NAME, did="deleted; it is rebuilt from the files")
        for name in found:
            if name != sqlite_cache.NAME:
                yield from self._repair_file(self.root / name)
        # An archive moves torn lines aside when it is opened, so those are repaired first.
        with closing(Archive(self.root)) as archive:
            for name in found:
                if name.startswith("articles"):
                    yield from self._move_strays(self.root / name, archive)

    def _repair_file(self, path: Path) -> Iterator[RepairAction]:
        name = path.relative_to(self.root).as_posix()
        encoding = detected_encoding(path)
        aside = path.with_name(f"{path.name}.set-aside-{self._stamp}")
        repair = _FileRepair(name, ARTICLES if path.parent == self.folder else RUNS)
        with exclusive_lock(path), self._replacement(path) as new, _late_file(aside) as set_aside:
            for offset, raw in lines_with_offsets(path, locked=True):
                for line in repair.lines(raw, offset, set_aside):
                    new.write(line)
        if encoding:
            yield RepairAction(
                file=name, did=f"saved as {encoding} with a mark, now UTF-8 without one"
            )
        yield from repair.actions()

    def _move_strays(self, path: Path, archive: Archive) -> Iterator[RepairAction]:
        """Move the lines of a file that belong to another month."""
        name = path.relative_to(self.root).as_posix()
        actions = []
        with exclusive_lock(path), self._replacement(path) as new:
            for offset, raw in lines_with_offsets(path, locked=True):
                month = _month_of_line(raw)
                action = None
                if month not in (None, path.stem):
                    action = _move_line(raw, archive, f"line at byte {offset}", name)
                    actions.append(action)
                if action is None or not action.done:
                    new.write(raw)
        yield from actions

    @contextmanager
    def _replacement(self, path: Path) -> Iterator[IO[bytes]]:
        """Give a file to write; if its content differs, it replaces the old file at once."""
        beside = temporary_name(path)
        try:
            with raising_storage_failed(path):
                with beside.open("xb") as new:
                    yield new
                    new.flush()
                    os.fchmod(new.fileno(), path.stat().st_mode & 0o777)
                    os.fsync(new.fileno())
                if not filecmp.cmp(path, beside, shallow=False):
                    _keep_copy(path, path.with_name(f"{path.name}.before-repair-{self._stamp}"))
                    beside.replace(path)
                    flush_to_disk(path.parent)
        finally:
            with suppress(OSError):
                beside.unlink(missing_ok=True)


@contextmanager
def _late_file(path: Path) -> Iterator[Callable[[bytes], None]]:
    """Give a function that appends a line to a file, which its first call creates."""
    with ExitStack() as opened:
        fd: int | None = None

        def write(line: bytes) -> None:
            nonlocal fd
            if fd is None:
                fd = open_to_append(path)
                opened.callback(flush_to_disk, path.parent)
                opened.callback(os.close, fd)
                opened.callback(os.fsync, fd)
            write_line(path, fd, line)

        yield write


class _FileRepair:
    """Repairs the lines of one file: sound lines are kept, each of them once."""

    def __init__(self, name: str, kind: LineKind) -> None:
        self.name = name
        self._kind = kind
        self._seen: set[int] = set()
        self._whole: set[str] = set()
        self._spoiled: list[_DamagedLine] = []
        self._repeated = 0

    def lines(self, raw: bytes, offset: int, set_aside: Callable[[bytes], None]) -> Iterator[bytes]:
        """Yield the sound lines in a line of the old file; an unreadable one is set aside."""
        try:
            read_line(raw, self._kind.read)
        except BrokenLine as fault:
            # An object that is no record may hold one as a value; that was never a stored line.
            pieces = [] if fault.args[0] is ProblemKind.SPOILED else salvage(raw, self._kind)
        else:
            yield from self._once(raw)
            return
        kept = [piece + b"\n" for piece in pieces]
        rest = len(raw) - sum(len(line) - 1 for line in kept) - raw.endswith(b"\n")
        if rest:
            set_aside(raw)
        articles = _readable_ids(raw) - {id_ for line in kept for id_ in _readable_ids(line)}
        self._spoiled.append(
            _DamagedLine(offset=offset, rest=rest, kept=len(kept), articles=tuple(sorted(articles)))
        )
        for line in kept:
            yield from self._once(line)

    def _once(self, line: bytes) -> Iterator[bytes]:
        if hash(line) in self._seen:
            self._repeated += 1
            return
        self._seen.add(hash(line))
        self._whole.update(_readable_ids(line[:60]))
        yield line

    def actions(self) -> Iterator[RepairAction]:
        """Yield the actions, after the new file has replaced the old one."""
        for spoiled in self._spoiled:
            lost = tuple(id_ for id_ in spoiled.articles if id_ not in self._whole)
            yield RepairAction(file=self.name, did=str(spoiled), lost=lost)
        if self._repeated:
            yield RepairAction(file=self.name, did=f"{self._repeated} repeated lines removed")


def _readable_ids(raw: bytes) -> set[str]:
    """Return the article ids that can be read in a line, even a damaged one."""
    return {id_.decode() for id_ in _ARTICLE_ID.findall(raw)}


@dataclass(frozen=True, slots=True)
class LineKind:
    """A kind of file: how its lines begin, how they are read, and which of them are sound."""

    begins: bytes
    read: Callable[[bytes], dict[str, Any]]
    is_line: Callable[[Mapping[str, Any]], bool]


# No line holds the beginning of another: within JSON's strings quotes are escaped, no part of a
# record begins with `id`, and none of a run's with `crawl`.
ARTICLES = LineKind(b'{"id": "', record_in, lambda record: not disagreements_of(record))
RUNS = LineKind(b'{"crawl": "', run_in, lambda line: run_line_error(line) is None)


def salvage(raw: bytes, kind: LineKind) -> list[bytes]:
    """Return the sound lines within a damaged one, byte for byte, without newlines.

    Two halves of torn lines may form a JSON object; they are not returned.
    """
    starts = [match.start() for match in re.finditer(re.escape(kind.begins), raw)]
    pieces = (raw[start:end] for start, end in pairwise([*starts, len(raw)]))
    return [line for piece in pieces if (line := _sound_line(piece, kind))]


def _sound_line(piece: bytes, kind: LineKind) -> bytes | None:
    text = piece.decode(errors="surrogateescape")
    try:
        _, end = json.JSONDecoder().raw_decode(text)
        line = text[:end].encode()
        return line if kind.is_line(kind.read(line)) else None
    except (BrokenRecord, ValueError, RecursionError):  # torn, or bytes that are no UTF-8 within
        return None


def _month_of_line(raw: bytes) -> str | None:
    """Return the month (YYYY-MM) of a valid record; None for any other line."""
    try:
        record = read_line(raw, record_in)
    except BrokenLine:
        return None
    return None if disagreements_of(record) else month_of_record(record)


def _move_line(raw: bytes, archive: Archive, what: str, name: str) -> RepairAction:
    """Append a line to the month it belongs to, if it is the next revision there."""
    record = record_in(raw)
    id_, revision = record["id"], record["revision"]
    path = archive.path(month_of_record(record))
    there = archive.stored(id_)
    begins = ARTICLES.begins + id_.encode() + b'"'
    if any(line == raw for _, line in lines_with_offsets(path) if line.startswith(begins)):
        return RepairAction(file=name, did=f"{what} taken out: {path.name} has it, word for word")
    if revision != (there.revision + 1 if there else 1):
        has = f"has revision {there.revision}" if there else "does not know the article"
        found = f"{what}, revision {revision} of {id_}, left where it is: {path.name} {has}"
        return RepairAction(file=name, did=found, done=False)
    _append(path, raw)
    return RepairAction(file=name, did=f"{what}, article {id_}, moved to {path.name}")


def _append(path: Path, raw: bytes) -> None:
    fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        write_line(path, fd, raw)
        os.fsync(fd)
    finally:
        os.close(fd)
    flush_to_disk(path.parent)


@contextmanager
def hold_all_locks(root: Path, spiders: Iterable[str], holder: str) -> Iterator[None]:
    """Hold every spider's lock on an output directory, as `holder`.

    Raises `AlreadyRunning`, which names the process that holds a lock. The content that a killed
    run left in its lock file is restored for the next run of that spider.
    """
    left = {path.name[1:-5] for path in root.glob(".*.lock")}
    with ExitStack() as stack:
        for spider in sorted({*spiders, *left}):
            path = lock_path(root, spider)
            before = path.read_bytes() if path.exists() else b""
            lock = RunLock(path, holder)
            lock.acquire()
            if before:
                stack.callback(path.write_bytes, before)
            stack.callback(lock.release)
        yield


def _keep_copy(path: Path, copy: Path) -> None:
    """Keep a file as it is under another name; a repair never replaces its first copy."""
    if copy.exists():
        return
    try:
        os.link(path, copy)
    except OSError:  # no hard links on this disk
        shutil.copy2(path, copy)
        flush_to_disk(copy)
