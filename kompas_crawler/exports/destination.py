"""Checks of an export's destination, and its replacement as a whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kompas_crawler.archive.files import flush_to_disk, raising_storage_failed
from kompas_crawler.errors import BadArgument
from kompas_crawler.runs.manifest import NAME as ARTICLES

# What a folder of ours holds, and nothing else: only such a one is ever replaced.
CARD, DATA = "README.md", "data"
METADATA, TEXTS = "metadata.csv", "texts"
VERTICAL, REGISTRY = "corpus.vert", "registry"
PROOF, CITATION, CROISSANT = "proof.json", "CITATION.cff", "croissant.json"
_OURS = (
    {CARD, DATA},
    {METADATA, TEXTS},
    {VERTICAL, REGISTRY},
    {ARTICLES, PROOF, CITATION, CROISSANT, CARD},
)
_LISTS = ("crawls.jsonl", "withdrawn.jsonl")
_WITHIN = {DATA: ".parquet", TEXTS: ".txt"}


def check(target: Path, root: Path, *, folder: bool = False) -> Path:
    """Return the file or folder to write, links resolved; `BadArgument` for what must not be.

    `root` is the output directory, whose own files nothing may replace.
    """
    if target.name == "-":
        raise BadArgument("it is written as a whole, never to standard output: name a file")
    real = _real(target)
    if _belongs_to_archive(real, root):
        raise BadArgument(f"{target} belongs to the archive itself: choose another place")
    if not os.path.lexists(real):
        return real
    if real.is_dir() != folder:
        raise BadArgument(f"{target} is {'no folder' if folder else 'a folder'}: choose another")
    if not real.is_dir() and not real.is_file():
        raise BadArgument(f"{target} is a device, a pipe or a socket: name a file")
    return real


def check_export(target: Path, root: Path, *, folder: bool = False, force: bool) -> Path:
    """Do the same for an export: it replaces an older one with `force`, and no other folder."""
    real = check(target, root, folder=folder)
    if real.is_dir() and not _is_ours(real):
        raise BadArgument(f"{target} holds what no export has written: choose another folder")
    if real.exists() and not force:
        raise BadArgument(f"{target} already exists: use --force to replace it")
    return real


@contextmanager
def replacing(target: Path, *, folder: bool = False) -> Iterator[Path]:
    """Give a path to write to, beside the target; it takes the target's place and mode at the end.

    When the writing fails, or the disk refuses (`StorageFailed`), everything stays as it was.
    """
    draft = target.with_name(f".{secrets.token_hex(8)}.part")
    made: list[Path] = []  # the innermost first
    try:
        with raising_storage_failed(target):
            folders = (target.parent, *target.parent.parents)
            made += [each for each in folders if not each.exists()]
            target.parent.mkdir(parents=True, exist_ok=True)
            if folder:
                draft.mkdir()
            yield draft
            _take_over_mode(draft, target)
            for path in (draft, *draft.rglob("*")):
                flush_to_disk(path)
            _replace(draft, target)
            made.clear()
            flush_to_disk(target.parent)
    finally:
        _remove(draft)
        for path in made:
            with suppress(OSError):
                path.rmdir()


def _real(target: Path) -> Path:
    """Return where links lead; raise `BadArgument` when nothing can be written there."""
    # A name of a stream leads to a pipe or terminal, or to a file that a shell holds open.
    streams = (Path("/dev"), Path("/proc"))
    try:
        if any(target.parent.resolve().is_relative_to(each) for each in streams):
            raise BadArgument(f"{target} is a device or a stream: name a file")
        real = target.resolve()
        if not real.name:
            raise BadArgument(f"{target} is a folder: choose another")
        with suppress(FileNotFoundError):
            real.stat()
    except RuntimeError as error:  # links that lead to each other; OSError from Python 3.13 on
        raise BadArgument(f"{target} is a link that leads nowhere: name a file") from error
    except OSError as error:
        raise BadArgument(f"{target}: {error.strerror}. Choose another place.") from error
    return real


def _take_over_mode(draft: Path, target: Path) -> None:
    """Give a draft the mode and, where that is allowed, the owner of the file it replaces."""
    if target.is_file():
        status = target.stat()
        with suppress(OSError):
            os.chown(draft, status.st_uid, status.st_gid)
        shutil.copymode(target, draft)


def _belongs_to_archive(real: Path, root: Path) -> bool:
    root = root.resolve()
    # Either folder may be a link to another disk.
    inside = any(real.is_relative_to((root / name).resolve()) for name in ("articles", "warc"))
    own = real.parent == root and (real.name in _LISTS or real.name.startswith("."))
    return inside or own or root.is_relative_to(real)


def _is_ours(folder: Path) -> bool:
    names = {path.name for path in folder.iterdir()}
    return not names or (
        names in _OURS
        and all(
            (folder / name).is_dir()
            and all(path.suffix == suffix for path in (folder / name).iterdir())
            for name, suffix in _WITHIN.items()
            if name in names
        )
    )


def _replace(draft: Path, target: Path) -> None:
    if not (draft.is_dir() and target.is_dir()):
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


def _remove(draft: Path) -> None:
    if draft.is_dir():
        shutil.rmtree(draft)
    elif os.path.lexists(draft):
        draft.unlink()
