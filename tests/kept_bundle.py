"""The script of the report's charts, made once for all processes of a run of the tests.

Making it takes two seconds of CPU, and gives the same each time. Without a place to keep it, or the
right to write there, each process makes its own.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import vl_convert

#: The variable that tells all processes of a run where scripts are kept.
_PLACE = "TESTS_BUNDLE"
_made: list[tempfile.TemporaryDirectory[str]] = []
_bundle: Callable[..., str] = vl_convert.javascript_bundle


def keep() -> None:
    """Let `vl_convert` return what is kept."""
    vl_convert.javascript_bundle = _kept


def make_place() -> None:
    """Make a place to keep scripts in, unless the process that started this one has made it."""
    if _PLACE not in os.environ:
        _made.append(tempfile.TemporaryDirectory(prefix="kompas-bundle-"))
        Path(_made[0].name).chmod(0o755)  # some tests run as another user
        os.environ[_PLACE] = _made[0].name


def remove_place() -> None:
    """Remove the place that this process has made."""
    while _made:
        _made.pop().cleanup()
        del os.environ[_PLACE]


def _kept(*asked: str, **more: str) -> str:
    name = sha256(repr((asked, sorted(more.items()))).encode()).hexdigest()
    path = Path(os.environ.get(_PLACE, os.devnull)) / name
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        script = _bundle(*asked, **more)
    with suppress(OSError):  # another user's, or nowhere
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text(script, encoding="utf-8")
        draft.replace(path)
    return script
