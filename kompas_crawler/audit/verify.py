"""Verification of every stored line and of the index against what the output promises.

No file is changed (see `audit.repair`) or locked, except to wait for a line that is being written,
so a crawl may run at the same time. Memory holds one month's ids and a hash of every run's name.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

from kompas_crawler.archive.files import LINE_ID, encoding_in, files_in, open_to_read, real_file
from kompas_crawler.archive.index import mark_in, range_of
from kompas_crawler.archive.record import disagreements_of, record_in
from kompas_crawler.archive.sqlite_cache import NAME as INDEX
from kompas_crawler.archive.sqlite_cache import is_damage, open_read_only
from kompas_crawler.archive.store import MONTH_NAME, month_files
from kompas_crawler.archive.withdrawn import withdrawals
from kompas_crawler.errors import BadArgument, BrokenRecord, SpoiledLine, StorageFailed
from kompas_crawler.runs.log import GIVEN_UP, NEVER_OURS, TOLD_FOR
from kompas_crawler.runs.log_validation import run_in
from kompas_crawler.runs.outcome import Outcome
from kompas_crawler.timezones import WIB

# A month that somebody has compressed is not read any more.
_COMPRESSED = (".gz", ".bz2", ".xz", ".zst")

MAX_NAMED_PROBLEMS = 1_000  # problems of one file that are kept by name; all are counted

# Yields what is wrong with the next line of a file: kind, sentence, and the article.
LineCheck = Callable[[bytes], Iterator[tuple["ProblemKind", str, str | None]]]


class ProblemKind(StrEnum):
    """The kinds of problem of a line or a file."""

    TORN = "torn"
    GARBAGE = "garbage"
    SPOILED = "spoiled"
    DUPLICATE = "duplicate"
    WRONG_MONTH = "wrong-month"
    INDEX = "index"
    ENCODING = "encoding"
    CONTRACT = "contract"
    REVISION = "revision"
    PUBLISHED = "published-at"
    RUN = "run"
    NAME = "file-name"
    WITHDRAWN = "withdrawn"


#: What a crash or a bad disk can cause, and `scrapy verify --repair` repairs.
REPAIRABLE = frozenset(ProblemKind).difference(
    map(ProblemKind, ("contract", "revision", "published-at", "run", "file-name", "withdrawn"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong in a file: in which line, from 1, at which byte, with which article."""

    what: ProblemKind
    found: str
    line: int | None = None
    offset: int | None = None
    id: str | None = None

    @property
    def repairable(self) -> bool:
        return self.what in REPAIRABLE

    def to_dict(self) -> dict[str, Any]:
        """Return the problem as a JSON object."""
        return {**asdict(self), "mendable": self.repairable}


@dataclass(slots=True, kw_only=True)
class FileReport:
    """The contents and problems of one file; `problems` holds the first thousand of them."""

    name: str
    size: int = 0
    lines: int = 0
    articles: int = 0
    counts: Counter[ProblemKind] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)

    def add(self, problem: Problem) -> None:
        self.counts[problem.what] += 1
        if len(self.problems) < MAX_NAMED_PROBLEMS:
            self.problems.append(problem)

    @property
    def clean(self) -> bool:
        return not self.counts

    @property
    def repairable(self) -> int:
        """How many of the problems a repair can remove."""
        return sum(number for what, number in self.counts.items() if what in REPAIRABLE)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        return {
            "file": self.name,
            "bytes": self.size,
            "lines": self.lines,
            "articles": self.articles,
            "problems": self.counts.total(),
            "counts": {str(what): number for what, number in self.counts.items()},
            "named": [problem.to_dict() for problem in self.problems],
        }


class Verification:
    """The verification of one output directory; read `reports` first, then `notes`.

    Raises `BadArgument` when there is no archive.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "articles"
        if not self.folder.is_dir():
            raise BadArgument(f"{root} holds no archive: there is no {self.folder.name}/ in it")
        self._runs = _RunsCheck(datetime.now(WIB) - TOLD_FOR)
        self._withdrawn = withdrawals(root)
        self._unseen_index: str | None = None
        self._shortened: list[str] = []

    @property
    def size(self) -> int:
        """How many bytes there are to read."""
        files = (*self.folder.glob("*.jsonl"), self.root / "crawls.jsonl")
        return sum(path.stat().st_size for path in files if path.exists())

    def reports(self) -> Iterator[FileReport]:
        """Yield a report on each file."""
        yield self._report(self.root / "crawls.jsonl", self._runs.check)
        yield from self._odd_names()
        with closing(_IndexCheck(self.root / INDEX)) as index:
            for path in month_files(self.folder):
                yield self._month_report(path, index)
            if index.damage:
                report = FileReport(name=INDEX)
                report.add(Problem(what=ProblemKind.INDEX, found=index.damage))
                yield report
            self._shortened = [*index.shortened(self.folder)]
            self._unseen_index = index.unseen

    @property
    def given_up(self) -> list[str]:
        """The ids of articles that recent runs have given up and that are not stored."""
        return sorted(self._runs.given_up)

    def notes(self) -> Iterator[str]:
        """Yield remarks that are no problems."""
        for crawl, number in self._runs.unknown.items():
            yield (
                f"run {crawl} stored {number} of the lines and has no line in crawls.jsonl:"
                " it was killed, or is still running"
            )
        if self._runs.unnamed:
            yield f"{self._runs.unnamed} more lines are of other runs without a line"
        if self._unseen_index:
            yield f".index.sqlite was not checked ({self._unseen_index}); runs do without it"
        for month in self._shortened:
            yield (
                f"articles/{month}.jsonl is missing, or shorter than when a run last read it:"
                " articles may have been taken from it"
            )
        kept = sorted(self.root.glob("*.torn")) + sorted(self.folder.glob("*.torn"))
        yield from (f"{path.name} keeps what crashes have torn" for path in kept)
        copies = sorted(self.root.glob("*/*.before-repair-*"))
        yield from (f"{path.name} is a file as it was before a repair" for path in copies)
        aside = sorted(self.root.glob("**/*.set-aside-*"))
        yield from (f"{path.name} keeps lines that could not be read" for path in aside)

    def _report(self, path: Path, check: LineCheck) -> FileReport:
        """Return a report on the lines of a file, which `check` checks one after the other."""
        report = FileReport(name=path.relative_to(self.root).as_posix())
        if encoding := detected_encoding(path):
            found = f"an editor has saved it as {encoding} with a mark at its beginning"
            report.add(Problem(what=ProblemKind.ENCODING, found=found))
        for number, (offset, raw) in enumerate(lines_with_offsets(path), 1):
            report.lines, report.size = number, offset + len(raw)
            for what, found, whose in check(raw):
                report.add(Problem(what=what, found=found, line=number, offset=offset, id=whose))
        return report

    def _month_report(self, path: Path, index: _IndexCheck) -> FileReport:
        month = _MonthCheck(path.stem, self._withdrawn)
        report = self._report(path, month.check)
        report.articles = len(month.seen)
        self._runs.given_up -= month.seen.keys()
        self._runs.named(month.crawls)
        for found in index.check(path, month.indexable):
            report.add(Problem(what=ProblemKind.INDEX, found=found))
        return report

    def _odd_names(self) -> Iterator[FileReport]:
        for path in files_in(self.folder):
            is_odd = path.suffix == ".jsonl" and not MONTH_NAME.fullmatch(path.stem)
            if is_odd or path.suffix in _COMPRESSED:
                report = FileReport(name=f"articles/{path.name}", size=path.stat().st_size)
                found = "its name is not YYYY-MM.jsonl, so nothing in it is ever read"
                report.add(Problem(what=ProblemKind.NAME, found=found))
                yield report


def lines_with_offsets(path: Path, *, locked: bool = False) -> Iterator[tuple[int, bytes]]:
    """Yield each line of a file with its offset in bytes; a torn end comes without a newline.

    A line that is just being written is waited for, unless the caller has `locked` the file.
    """
    path = real_file(path)
    if not path.exists():
        return
    if marked := detected_encoding(path):
        yield from _recoded(path, marked)
        return
    offset = 0
    with open_to_read(path) as file:
        for raw in file:
            torn = not raw.endswith(b"\n") and not locked
            read_line = raw + _rest_of_line(file.fileno(), offset, raw) if torn else raw
            yield offset, read_line
            offset += len(read_line)
            if torn:
                file.seek(offset)


def detected_encoding(path: Path) -> str | None:
    """Return the encoding that a byte order mark states; None without one."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return encoding_in(file.read(4))


def _recoded(path: Path, encoding: str) -> Iterator[tuple[int, bytes]]:
    """Yield the lines as they are in UTF-8, with the offset they have there."""
    offset, codec = 0, "utf-8-sig" if encoding == "UTF-8" else encoding
    with path.open(encoding=codec, errors="replace", newline="\n") as file:
        for line in file:
            raw = line.encode()
            yield offset, raw
            offset += len(raw)


def _rest_of_line(fd: int, offset: int, begun: bytes) -> bytes:
    fcntl.flock(fd, fcntl.LOCK_SH)
    try:
        end = os.fstat(fd).st_size
        rest = os.pread(fd, end - offset - len(begun), offset + len(begun))
        return rest[: rest.find(b"\n") + 1] or rest
    finally:
        fcntl.flock(fd, fcntl.LOCK_UN)


def read_line(raw: bytes, read: Callable[[bytes], dict[str, Any]]) -> dict[str, Any]:
    """Return what a line holds, as `read` reads such lines; `BrokenLine` if it is torn or unreadable."""
    is_torn = not raw.endswith(b"\n")
    try:
        found = read(raw)
    except BrokenRecord as broken:
        if not is_torn:
            is_json = not isinstance(broken, SpoiledLine)
            what = ProblemKind.SPOILED if is_json else ProblemKind.GARBAGE
            id_ = broken.article_id if is_json else None
            raise BrokenLine(what, "; ".join(broken.problems), id_) from broken
    if is_torn:
        raise BrokenLine(
            ProblemKind.TORN, f"no newline after {len(raw)} bytes at the end of the file", None
        )
    return found


class BrokenLine(Exception):
    """Raised for an incomplete line; `args` are kind, sentence, and the article."""


def month_of_record(record: Mapping[str, Any]) -> str:
    """Return the month that a valid record's id names."""
    return str(record["id"][:7].replace("/", "-"))


@dataclass(frozen=True, slots=True)
class _StoredLine:
    """What is remembered of a line of the month; `line` is the hash of its bytes."""

    revision: int
    line: int
    content: str
    published_at: datetime


class _MonthCheck:
    """The check of one month's lines, in their order."""

    def __init__(self, month: str, withdrawn: Collection[str]) -> None:
        self.month, self.withdrawn = month, withdrawn
        self.seen: dict[str, list[_StoredLine]] = {}
        self.crawls: Counter[str] = Counter()
        self.indexable = 0

    def check(self, raw: bytes) -> Iterator[tuple[ProblemKind, str, str | None]]:
        """Yield what is wrong with the next line, as kind, sentence and article."""
        try:
            record = read_line(raw, record_in)
        except BrokenLine as fault:
            yield fault.args
            return
        id_ = record["id"]
        self.indexable += month_of_record(record) == self.month
        if id_ in self.withdrawn:
            yield ProblemKind.WITHDRAWN, "scrapy withdraw takes it out again", id_
        elif problems := disagreements_of(record):
            yield from ((ProblemKind.CONTRACT, problem, id_) for problem in problems)
        elif month_of_record(record) != self.month:
            yield ProblemKind.WRONG_MONTH, f"belongs in {month_of_record(record)}.jsonl", id_
        else:
            self.crawls[record["crawl"]] += 1
            for what, found in self._among_its_revisions(record, raw):
                yield what, found, id_

    def _among_its_revisions(
        self, record: Mapping[str, Any], raw: bytes
    ) -> Iterator[tuple[ProblemKind, str]]:
        before = self.seen.setdefault(record["id"], [])
        now = _StoredLine(
            record["revision"],
            hash(raw),
            record["content_hash"],
            datetime.fromisoformat(record["published_at"]),
        )
        if any(each.line == now.line for each in before):
            yield ProblemKind.DUPLICATE, f"revision {now.revision} stands here again, word for word"
            return
        yield from _revision_errors(before, now)
        before.append(now)


def _revision_errors(
    before: list[_StoredLine], now: _StoredLine
) -> Iterator[tuple[ProblemKind, str]]:
    wanted = before[-1].revision + 1 if before else 1
    if now.revision != wanted:
        yield ProblemKind.REVISION, f"revision {now.revision} stands where {wanted} should"
    elif before and before[-1].content == now.content:
        yield ProblemKind.REVISION, f"revision {now.revision} has the content of the one before"
    if before and before[0].published_at != now.published_at:
        first = before[0].published_at.isoformat()
        yield (
            ProblemKind.PUBLISHED,
            f"published_at is {now.published_at.isoformat()}, it was {first}",
        )


class _RunsCheck:
    """The names of the runs in `crawls.jsonl`, as hashes, and those that records name but are not among them.

    `given_up` are the articles that those which ended since `late` have given up.
    """

    def __init__(self, late: datetime) -> None:
        self._late = late
        self.given_up: set[str] = set()
        self._names: set[int] = set()
        self._before = b""
        self.unknown: Counter[str] = Counter()
        self.unnamed = 0

    def check(self, raw: bytes) -> Iterator[tuple[ProblemKind, str, str | None]]:
        """Yield what is wrong with the next line."""
        try:
            line = read_line(raw, run_in)
        except BrokenLine as fault:
            yield fault.args
            return
        run = line["crawl"]
        if found := run_line_error(line):
            yield ProblemKind.RUN, found, None
        elif raw == self._before:
            yield ProblemKind.DUPLICATE, f"run {run} stands here again, word for word", None
        else:
            if hash(run) in self._names:
                yield ProblemKind.RUN, f"run {run} has another line", None
            self._names.add(hash(run))
            self._note_given_up(line)
        self._before = raw

    def _note_given_up(self, line: Mapping[str, Any]) -> None:
        if datetime.fromisoformat(line["finished_at"]) < self._late:
            return
        self.given_up |= {entry["id"] for entry in line.get(GIVEN_UP, ())}
        for key in NEVER_OURS:
            self.given_up -= {entry["id"] for entry in line.get(key, ())}

    def named(self, crawls: Mapping[str, int]) -> None:
        """Note which of the runs that records name have no line."""
        for crawl, number in crawls.items():
            if hash(crawl) in self._names:
                continue
            if crawl in self.unknown or len(self.unknown) < MAX_NAMED_PROBLEMS:
                self.unknown[crawl] += number
            else:
                self.unnamed += number


def run_line_error(line: Mapping[str, Any]) -> str | None:
    """Return why a line is no valid line of `crawls.jsonl`; None if it is valid."""
    for key in ("crawl", "spider", "outcome", "started_at", "finished_at"):
        if not isinstance(line.get(key), str):
            return f"no {key}"
    if line["outcome"] not in set(Outcome):
        return f"no outcome is called {line['outcome']!r}"
    return None


class _IndexCheck:
    """The comparison of the index with the files; an index that is only behind is no problem."""

    def __init__(self, path: Path) -> None:
        self.damage: str | None = None
        self.unseen: str | None = None
        self._db: sqlite3.Connection | None = None
        if path.exists() and path.stat().st_size:  # a full disk leaves an empty one
            try:
                self._db = open_read_only(path)
            except StorageFailed as refusal:
                self.damage = str(refusal)
            except sqlite3.DatabaseError as error:
                self.unseen = str(error)

    def close(self) -> None:
        if self._db is not None:
            self._db.close()

    def check(self, path: Path, lines: int) -> Iterator[str]:
        """Yield the first error of the index about a month that it holds as up to date."""
        if self._db is None or self.damage or self.unseen:
            return
        try:
            yield from islice(_false_rows(self._db, path, lines), 1)
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                self.damage = f"the index cannot be read: {error}"
            else:
                self.unseen = str(error)

    def shortened(self, folder: Path) -> Iterator[str]:
        """Yield the months whose file is missing, or shorter than when it was indexed."""
        if self._db is None or self.damage or self.unseen:
            return
        try:
            for month, end in self._db.execute('SELECT month, "end" FROM months ORDER BY month'):
                if not MONTH_NAME.fullmatch(str(month)):
                    continue
                path = folder / f"{month}.jsonl"
                size = path.stat().st_size if path.exists() else 0
                if size < _byte_count(end):
                    yield month
        except sqlite3.DatabaseError as error:
            self.unseen = str(error)


def _false_rows(db: sqlite3.Connection, path: Path, lines: int) -> Iterator[str]:
    mark = mark_in(db, path.stem)
    if mark is None or not mark.fits(path.stat()):
        return
    lines_of_month = 'SELECT id, "offset", length FROM lines WHERE id >= ? AND id < ?'
    rows = db.execute(lines_of_month, range_of(path.stem))
    number = 0
    with open_to_read(path) as file:
        for id_, offset, length in rows:
            number += 1
            read = os.pread(file.fileno(), _byte_count(length), _byte_count(offset))
            if not ((m := LINE_ID.match(read)) and m[1].decode() == id_ and read[-1:] == b"\n"):
                yield f"the index expects {id_} at byte {offset}, where it is not"
    if number != lines:
        yield f"the index has {number} lines of the file's {lines}"


def _byte_count(value: object) -> int:
    """Return a number of bytes; SQLite accepts any value for one."""
    if not isinstance(value, int) or value < 0:
        raise sqlite3.DatabaseError(f"it holds {value!r:.80}")
    return value
