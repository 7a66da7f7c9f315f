"""New files that take the place of others at once, written under names nobody can foresee."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def atomic_write(path: Path) -> Iterator[IO[bytes]]:
    """Give a new file to write, which takes the place of `path` at the end. Raises OSError.

    Who reads meanwhile sees the old file; when the writing fails, it stays.
    """
    draft = temporary_name(path)
    try:
        with draft.open("xb") as file:  # never through a link that lies there
            yield file
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def temporary_name(path: Path) -> Path:
    """Return a name beside a file that nobody has and nobody can guess."""
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
