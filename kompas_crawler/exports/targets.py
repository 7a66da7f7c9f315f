"""How does an export get to its place: whole, or not at all?"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kompas_crawler.errors import BadArgument, StorageFailed
from kompas_crawler.lines import advice

# What a folder of ours holds, and nothing else: only such a one is ever replaced.
CARD = "README.md"
DATA = "data"


def check(target: Path, root: Path, *, folder: bool, force: bool) -> None:
    """Refuse, with `BadArgument`, a target that an export must not be written to.

    `root` is the output directory, whose own files no export may replace.
    """
    if _belongs_to_archive(target, root):
        raise BadArgument(f"{target} belongs to the archive itself: choose another place")
    if not os.path.lexists(target):
        return
    if target.is_dir() != folder:
        raise BadArgument(f"{target} is {'no folder' if folder else 'a folder'}: choose another")
    if folder and not _is_ours(target):
        raise BadArgument(f"{target} holds what no export has written: choose another folder")
    if not force:
        raise BadArgument(f"{target} is there already: give --force to replace it")


@contextmanager
def placed(target: Path, *, folder: bool) -> Iterator[Path]:
    """Give a path to write to, beside the target; it takes the target's place at the end.

    When the writing fails, or the disk refuses (`StorageFailed`), the target stays as it was.
    """
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if folder:
            draft.mkdir()
        yield draft
        for path in (draft, *draft.rglob("*")):
            _to_disk(path)
        _replace(draft, target)
        _to_disk(target.parent)
    except OSError as error:
        raise StorageFailed(advice(target, error.strerror or str(error))) from error
    finally:
        _remove(draft)


def size_of(path: Path) -> int:
    """Return the bytes that a file, or all files of a folder, take."""
    return sum(file.stat().st_size for file in (path, *path.rglob("*")) if file.is_file())


def _belongs_to_archive(target: Path, root: Path) -> bool:
    real, root = target.resolve(), root.resolve()
    inside = real.is_relative_to(root / "articles")
    own = real.parent == root and (real.name == "crawls.jsonl" or real.name.startswith("."))
    return inside or own or root.is_relative_to(real)


def _is_ours(folder: Path) -> bool:
    names = {path.name for path in folder.iterdir()}
    data = folder / DATA
    return not names or (
        names == {CARD, DATA}
        and data.is_dir()
        and all(path.suffix == ".parquet" for path in data.iterdir())
    )


def _replace(draft: Path, target: Path) -> None:
    if not target.is_dir():
        draft.replace(target)
        return
    aside = draft.with_suffix(".old")
    target.rename(aside)
    try:
        draft.rename(target)
    except OSError:
        aside.rename(target)
        raise
    shutil.rmtree(aside)


def _to_disk(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _remove(draft: Path) -> None:
    if draft.is_dir():
        shutil.rmtree(draft)
    elif os.path.lexists(draft):
        draft.unlink()
