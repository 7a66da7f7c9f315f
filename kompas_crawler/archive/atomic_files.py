"""Atomic replacement of a file: written under a random name beside it, then renamed over it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from kompas_crawler.archive.files import flush_to_disk


@contextmanager
def atomic_write(path: Path) -> Iterator[IO[bytes]]:
    """Give a new binary file to write, which replaces `path` when the block ends without an error.

    Until then, and after an error, readers see the old file. Raises OSError.
    """
    draft = temporary_name(path)
    try:
        with draft.open("xb") as file:  # "x": an existing link is not followed
            yield file
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def lasting_rewrite(path: Path) -> Iterator[IO[bytes]]:
    """Give a new binary file that replaces `path`, keeps its mode, and is on disk at the end.

    Otherwise as `atomic_write`.
    """
    with atomic_write(path) as file:
        yield file
        os.fchmod(file.fileno(), path.stat().st_mode & 0o777)
        file.flush()
        os.fsync(file.fileno())
    flush_to_disk(path.parent)


def temporary_name(path: Path) -> Path:
    """Return a hidden, unused and unpredictable name in the directory of a file."""
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
