"""Reading of the paths that a person types; what is no plain path is refused."""

from __future__ import annotations

import os
import re
from pathlib import Path

from kompas_crawler.errors import BadArgument

# A file of another system ends its lines with CR, and some tools keep the quotes around a value:
# both would become part of the name of a new directory.
_NO_PART_OF_A_NAME = re.compile("[\x00-\x1f\x7f]|^[\"']|[\"']$|^ | $")


def read_path(name: str, text: str) -> Path:
    """Return an absolute path, with `~` as the home directory.

    >>> read_path("--to", "/tmp/kompas.csv").as_posix()
    '/tmp/kompas.csv'

    Raises `BadArgument` for an empty one, for quotes, spaces or line ends around it, and for a
    user who does not exist. `name` is how the person named the option or variable.
    """
    if not text.strip():
        raise BadArgument(f"{name} is empty: name a path, or leave it out")
    if _NO_PART_OF_A_NAME.search(text):
        raise BadArgument(
            f"{name}={text!r} has quotes, spaces or control characters around or in it:"
            " give the path alone"
        )
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as error:
        raise BadArgument(
            f"{name}={text!r} names the home of a user who is unknown here"
        ) from error


def keep_off_archive(name: str, path: Path, root: Path) -> None:
    """Raise `BadArgument` for a path that is the archive's own below an output directory.

    Only runs and repairs write there. Links count as what they lead to.
    """
    real, root, *folders = (
        Path(os.path.realpath(each))  # `Path.resolve` fails on links that lead to each other
        for each in (path, root, root / "articles", root / "warc")
    )
    inside = any(map(real.is_relative_to, folders))  # either may be a link to another disk
    lists = ("crawls.jsonl", "withdrawn.jsonl")
    own = real.parent == root and (real.name in lists or real.name.startswith("."))
    if inside or own or root.is_relative_to(real):
        raise BadArgument(f"{name} belongs to the archive itself: choose another place")
