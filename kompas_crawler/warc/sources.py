"""The files that a reparse reads, and the article pages in them.

They are WARC files, our own and those of Common Crawl, and saved HTML, split into parts that several
processes read at the same time. Torn and damaged records are skipped, counted and named.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from kompas_crawler.errors import BadArgument
from kompas_crawler.runs.invented import HEADER
from kompas_crawler.urls import in_section
from kompas_crawler.warc.gzip_members import (
    DAMAGED,
    TOO_LARGE,
    TORN,
    GzipMembers,
    Position,
)
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
from kompas_crawler.warc.saved_html import html_sources
from kompas_crawler.warc.saved_pages import (
    CUT_SHORT,
    LARGEST_PAGE,
    NOT_READABLE,
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

WARC_ENDINGS = (".warc.gz", ".warc")
HTML_ENDINGS = (".html", ".html.gz", ".htm", ".htm.gz")
# Formats that hold pages too, but are not supported; in a folder they are reported as not readable.
OTHER_ENDINGS = (
    *(".warc.zst", ".warc.bz2", ".warc.xz", ".wacz", ".arc", ".arc.gz"),
    *(".mhtml", ".mht", ".maff", ".webarchive"),
)

# WARC files of our own crawls hold pages of Kompas only.
_OWN_FILE = re.compile(r"\d{4}-\d\d-\d\d-[\w-]+-\d{8}T\d{6}-[0-9a-f]{6}-\d{3,}\.warc(?:\.gz)?")


@dataclass(slots=True, kw_only=True)
class WarcPart(Source):
    """The records of a WARC file that begin between two offsets.

    `begin` is where the first one is known to begin; where it is a number and no `Position`, the
    first one is searched, and `first` is its offset. `place` is where reading continues.
    """

    path: Path
    begin: Position | int
    end: int
    first: int | None = field(default=None, init=False, compare=False)
    place: Position | None = field(default=None, init=False, compare=False)

    @property
    def start(self) -> int:
        return self.begin if isinstance(self.begin, int) else self.begin.at

    @property
    def size(self) -> int:
        return self.end - self.start

    @property
    def name(self) -> str:
        return f"{path_text(self.path)}, bytes {self.start}-{self.end}"

    @property
    def rest(self) -> WarcPart | None:
        if self.place is None or self.place.at >= self.end:
            return None
        return replace(self, begin=self.place)

    def pages(self) -> Iterator[SavedPage]:
        if not self.end:
            self._note_damage(TORN, 0)
        try:
            records = self._packed if is_packed(self.path) else self._plain
            with self.path.open("rb") as file:
                for record in records(file):
                    yield from self.counted(self._page_of(record))
        except OSError as error:
            self.note(Damage(what=DAMAGED, where=error_text(self.path, error)))
            self.place = Position(at=self.end, doubt=self.end + LARGEST_RECORD)

    @property
    def _is_ours(self) -> bool:
        return _OWN_FILE.fullmatch(self.path.name) is not None

    def _note_damage(self, what: str, at: int) -> None:
        reason = CUT_SHORT if what == TORN and not self._is_ours else what
        self.note(Damage(what=reason, where=f"{path_text(self.path)}, byte {at}"))

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
        place = f"{path_text(self.path)}, byte {record.at}"
        if record.kind not in PAGES:
            return Damage(what="other records", where=place)
        if not in_section(record.url):
            return Damage(what=OTHER_ADDRESS, where=place)
        return within_budget(place, lambda: self._read(record, place))

    def _read(self, record: WarcRecord, place: str) -> SavedPage | Damage:
        is_readable = record.length <= LARGEST_RECORD
        answer = answer_in(record.read(), record.kind) if is_readable else TOO_LARGE
        if not isinstance(answer, str) and len(answer.body) > LARGEST_PAGE:
            answer = TOO_LARGE
        if isinstance(answer, str):
            return Damage(what=answer, where=place)
        return SavedPage(
            url=record.url,
            html=text_of_page(answer.body, answer.headers),
            fetched_at=answer.moment,
            place=place,
            is_doubtful=record.is_doubtful and not self._is_ours,
            is_invented=any(name.lower() == HEADER.lower() for name, _ in answer.headers),
        )


@dataclass(slots=True, kw_only=True)
class Unreadable(Source):
    """A file that holds pages in an unsupported format."""

    path: Path
    size: int
    rest: None = None

    @property
    def name(self) -> str:
        return path_text(self.path)

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
    dates = {file: or_bad_argument(first_date, file) for file in warcs}
    warcs.sort(key=lambda file: (dates[file], file.name))
    html = [file for file in files if _ends(file.name, HTML_ENDINGS)]
    others = [file for file in files if _ends(file.name, OTHER_ENDINGS)]
    if not warcs and not html:
        found = f"; {others[0]} is not readable here" if others else ""
        raise BadArgument(f"there is neither a WARC file nor saved HTML at the paths given{found}")
    return [
        *(part for file in warcs for part in or_bad_argument(_warc_parts, file)),
        *html_sources(html),
        *(or_bad_argument(_unreadable, file) for file in others),
    ]


def _files_at(path: Path) -> list[Path]:
    path = path.expanduser().absolute()
    if path.is_dir():
        return or_bad_argument(_files_below, path)
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


def _unreadable(path: Path) -> Unreadable:
    found = path.stat()
    return Unreadable(path=path, size=found.st_size, changed_at=found.st_mtime_ns)
