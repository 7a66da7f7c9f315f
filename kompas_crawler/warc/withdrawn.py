"""Removal of the raw pages of withdrawn articles from WARC files."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from kompas_crawler.archive.atomic_files import lasting_rewrite
from kompas_crawler.archive.files import open_to_read, raising_storage_failed
from kompas_crawler.urls import article_id
from kompas_crawler.warc.gzip_members import GzipMembers, Position
from kompas_crawler.warc.reader import record_format, records_of_member

_BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """How many records were removed from a file, and whether all of it could be searched."""

    path: Path
    records: int
    searched: bool


def take_out_pages(folder: Path, ids: Collection[str]) -> Iterator[Removed]:
    """Remove the records of these articles from the WARC files of a folder, and yield each file.

    What is damaged stays as it is. A file that is no gzip with one record per member, as ours have
    it, is not searched. Raises `StorageFailed`.
    """
    for path in sorted(each for each in folder.glob("**/*") if each.is_file()):
        with raising_storage_failed(path), open_to_read(path) as file:
            if path.name.endswith(".warc.gz"):
                cut, searched = _members_of(file, ids)
            else:
                cut, searched = [], False
            if cut:
                with lasting_rewrite(path) as new:
                    _copy_without(cut, file, new)
            yield Removed(path=path, records=len(cut), searched=searched)


def _members_of(file: BinaryIO, ids: Collection[str]) -> tuple[list[tuple[int, int]], bool]:
    """Return where members of these articles begin and end, and whether all could be read."""
    unread: list[int] = []
    members = GzipMembers(
        file=file,
        begin=Position(at=0),
        end=file.seek(0, os.SEEK_END),
        rules=record_format(),
        on_damage=lambda _what, at: unread.append(at),
        trusting=True,
    )
    cut = []
    for at, member in members:
        records = records_of_member(at, member, lambda _what, at: unread.append(at))
        named = [article_id(record.url) in ids for record in records]
        if named and all(named):
            cut.append((at, members.place.at))
        elif any(named):
            unread.append(at)
    return cut, not unread


def _copy_without(cut: list[tuple[int, int]], file: BinaryIO, new: IO[bytes]) -> None:
    at = 0
    for begin, end in (*cut, (file.seek(0, os.SEEK_END), 0)):
        file.seek(at)
        while left := begin - file.tell():
            new.write(file.read(min(left, _BLOCK)))
        at = end
