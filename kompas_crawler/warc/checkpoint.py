"""The checkpoint of a reparse: how far a killed one had come, and what it had lost until there."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec

from kompas_crawler import __version__
from kompas_crawler.archive.atomic_files import atomic_write
from kompas_crawler.archive.files import raising_storage_failed
from kompas_crawler.warc.gzip_members import Offset, Position
from kompas_crawler.warc.read_pages import UnreadPage
from kompas_crawler.warc.saved_pages import Damage, Source

MARK_EVERY = 5.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """What was lost in the parts that are done, for the run that continues after them.

    `place` is where in its file the next part begins, if known. `is_invented` says that there were
    pages of the stand-in. `deaths` counts by page the readers that it has killed.
    """

    damage: tuple[Damage, ...] = ()
    unread: tuple[UnreadPage, ...] = ()
    place: Position | None = None
    is_invented: bool = False
    deaths: Mapping[str, int] = field(default_factory=dict)


class _CheckpointData(msgspec.Struct):
    """The part of a checkpoint that says how many parts are done, and of which files and code."""

    plan: str
    parts: Offset


class ReparseCheckpoint:
    """The checkpoint from which a killed reparse of the same files is continued.

    It is valid only for the same unchanged files and the same code: after a change of the rules all
    pages are to be read by them.
    """

    def __init__(self, root: Path, sources: Sequence[Source]) -> None:
        self._path = root / ".reparse.json"
        self._plan = _plan(sources)
        self._parts = len(sources)
        self._marked_at = time.monotonic()

    def read(self) -> tuple[int, Losses]:
        """Return how many parts are done, and what was lost in them; 0 without a valid checkpoint."""
        try:
            written = self._path.read_bytes()
            done = msgspec.json.decode(written, type=_CheckpointData)
            lost = msgspec.json.decode(written, type=Losses)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return 0, Losses()
        is_valid = done.plan == self._plan and done.parts <= self._parts
        return (done.parts, lost) if is_valid else (0, Losses())

    def is_due(self) -> bool:
        """Return whether the last checkpoint is more than `MARK_EVERY` seconds old."""
        return time.monotonic() - self._marked_at > MARK_EVERY

    def mark(self, parts: int, lost: Losses) -> None:
        """Write that so many parts are done and on disk, and what was lost. Raises StorageFailed."""
        self._marked_at = time.monotonic()
        mark = {"plan": self._plan, "parts": parts, **asdict(lost)}
        with raising_storage_failed(self._path), atomic_write(self._path) as file:
            file.write(msgspec.json.encode(mark))

    def finish(self, deaths: Mapping[str, int]) -> None:
        """Start from the beginning next time; the same code need not end in the same pages again."""
        if deaths:
            self.mark(0, Losses(deaths=deaths))
        else:
            self._path.unlink(missing_ok=True)


def _plan(sources: Iterable[Source]) -> str:
    """Return a hash of the code and of the names, sizes and times of these files."""
    plan = sha256(__version__.encode())
    for name, module in sorted(_modules(resources.files("kompas_crawler"))):
        plan.update(f"{name}\n".encode())
        plan.update(module.read_bytes())
    for source in sources:
        plan.update(f"{source.name} {source.size} {source.changed_at}\n".encode())
    return plan.hexdigest()


def _modules(package: Traversable, above: str = "") -> Iterator[tuple[str, Traversable]]:
    """Yield the .py files of a package and its folders, which may be zipped, with their names."""
    for each in package.iterdir():
        name = f"{above}/{each.name}"
        if each.is_dir():
            yield from _modules(each, name)
        elif each.name.endswith(".py"):
            yield name, each
