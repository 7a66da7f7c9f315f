"""Articles withdrawn for good: taken out of the archive, and not collected again.

`withdrawn.jsonl` has one line for each, with its id, when it was withdrawn, and why.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from kompas_crawler.archive.atomic_files import lasting_rewrite
from kompas_crawler.archive.files import (
    exclusive_lock,
    flush_to_disk,
    open_to_append,
    open_to_read,
    raising_storage_failed,
    real_file,
    write_line,
)
from kompas_crawler.archive.schema import MOMENT
from kompas_crawler.errors import StorageFailed

NAME = "withdrawn.jsonl"
# Files in which a repair or a crash leaves lines; their quotation marks may be escaped.
_LEFT_BEHIND = ("articles/*.jsonl*", "*.torn", "*.before-repair-*", "*.set-aside-*")


class Withdrawal(msgspec.Struct, frozen=True, kw_only=True):
    """That an article was withdrawn; `reason` is what the operator says of it."""

    id: Annotated[str, Meta(pattern=r"^\d{4}/\d{2}/\d{2}/\d{5,12}$")]
    withdrawn_at: Annotated[str, Meta(pattern=MOMENT)]
    reason: str


def withdrawals(root: Path) -> dict[str, Withdrawal]:
    """Return the withdrawals below an output directory, by id.

    Raises `StorageFailed` for a line that cannot be read: its article would be collected again.
    """
    path = real_file(root / NAME)
    try:
        with open_to_read(path) as file:
            found = [msgspec.json.decode(line, type=Withdrawal) for line in file if line.strip()]
    except FileNotFoundError:
        return {}
    except msgspec.MsgspecError as error:
        raise StorageFailed(
            f"{path} has a line that names no withdrawn article ({error}): correct or remove it"
        ) from error
    return {each.id: each for each in found}


def note_withdrawals(root: Path, noted: Iterable[Withdrawal]) -> None:
    """Append withdrawals to the list, and flush it to disk. Raises `StorageFailed`."""
    path = real_file(root / NAME)
    with raising_storage_failed(path):
        fd = open_to_append(path)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            for each in noted:
                write_line(path, fd, msgspec.json.encode(each) + b"\n")
            os.fsync(fd)
        finally:
            os.close(fd)
        flush_to_disk(root)


def take_out(path: Path, ids: Collection[str]) -> int:
    """Remove all lines of these articles from a month's file; return how many. `StorageFailed`."""
    path = real_file(path)
    theirs = _naming("(?:\ufeff)?" r'\s*\{\s*"id"\s*:\s*"%s"', ids)
    with raising_storage_failed(path), exclusive_lock(path):
        with open_to_read(path) as file:
            removed = sum(map(bool, map(theirs.match, file)))
        if removed:
            with open_to_read(path) as file, lasting_rewrite(path) as new:
                new.writelines(line for line in file if not theirs.match(line))
    return removed


def left_behind(root: Path, ids: Collection[str]) -> Iterator[Path]:
    """Yield the files that still hold a record of these articles, or a part of one."""
    theirs = _naming(r'"id\\?"\s*:\s*\\?"%s\\?"', ids)
    for path in sorted({path for form in _LEFT_BEHIND for path in root.glob(form)}):
        with raising_storage_failed(path), path.open("rb") as file:
            if any(map(theirs.search, file)):
                yield path


def _naming(form: str, ids: Collection[str]) -> re.Pattern[bytes]:
    return re.compile((form % f"(?:{'|'.join(map(re.escape, ids))})").encode())
