"""Atomic replacement of a file: written under a random name beside it, then renamed over it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


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


def temporary_name(path: Path) -> Path:
    """Return a hidden, unused and unpredictable name in the directory of a file."""
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
