"""Reading of parts of files by several processes ahead of time, with results in file order.

Where the records of a part of a compressed file begin is certain only once the part before it is
read. Each part is read ahead from where they seem to begin. The result counts only if the part
before ended there; otherwise the part is read again from there.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path

from kompas_crawler.warc.gzip_members import Position
from kompas_crawler.warc.read_pages import ParsedPart, read_source
from kompas_crawler.warc.reader import LARGEST_RECORD
from kompas_crawler.warc.saved_pages import Source
from kompas_crawler.warc.sources import WarcPart
from kompas_crawler.warc.worker_processes import readers

GRACE = 1.0  # seconds in which a reader can finish its page when the run is to stop
LOOK_EVERY = 0.1  # seconds


class ReadingStopped(Exception):
    """Raised when the run is to stop and a reader has not finished its page within `GRACE` seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartResult:
    """What was read of the part with this number, or in `error` why it could not be read.

    `size` is the size in bytes of what was read in the files.
    """

    number: int
    part: ParsedPart
    size: int
    error: BaseException | None = None


class ReadAhead:
    """The parts of some sources, in order; up to twice as many as there are workers are read ahead."""

    def __init__(
        self,
        sources: Sequence[Source],
        crawl: str,
        *,
        workers: int,
        should_stop: Callable[[], bool],
        notes: Path | None = None,
    ) -> None:
        """Prepare to read; readers note the page they read in the file `notes`."""
        self._sources = sources
        self._crawl = crawl
        self._workers = workers
        self._is_told_to_stop = should_stop
        self._notes = notes
        self._submitting: Source | None = None
        self._executor: Executor

    def parts(self, begin: int, place: Position | None) -> Generator[PartResult, None, None]:
        """Yield what is read of each part, from number `begin` on, the first from `place` if given.

        Raises `ReadingStopped`.
        """
        waiting: deque[tuple[int, Future[ParsedPart]]] = deque()
        with readers(self._workers, self._notes) as self._executor:
            for number in range(begin, len(self._sources)):
                waiting.append((number, self._submitted(self._sources[number])))
                if len(waiting) > 2 * self._workers:
                    place = yield from self._in_turn(place, *waiting.popleft())
            while waiting:
                place = yield from self._in_turn(place, *waiting.popleft())

    def stop(self) -> None:
        """Stop the reader in this process, if there is one, after the page it is reading."""
        if self._submitting is not None:
            self._submitting.stop()

    def _in_turn(
        self, place: Position | None, number: int, future: Future[ParsedPart]
    ) -> Generator[PartResult, None, Position | None]:
        """Yield what is read of a part, in as many pieces as it takes; return where it ends."""
        source = self._sources[number]
        if isinstance(source, WarcPart) and isinstance(source.begin, int):
            future = self._from_place(source, place, future)
        size = source.size
        while True:
            error = self._awaited(future)
            part = ParsedPart(place=_lost(source)) if error else future.result()
            left = part.rest.size if part.rest else 0
            yield PartResult(number=number, part=part, size=size - left, error=error)
            if part.rest is None:
                return part.place
            source, size = part.rest, left
            future = self._submitted(source)

    def _from_place(
        self, source: WarcPart, place: Position | None, future: Future[ParsedPart]
    ) -> Future[ParsedPart]:
        """Return what is read of a part from where the part before it ended."""
        place = place or Position(at=source.start, doubt=source.start + LARGEST_RECORD)
        if place.at >= source.end:  # a record reaches over all of it
            future.cancel()
            nothing: Future[ParsedPart] = Future()
            nothing.set_result(ParsedPart(place=place))
            return nothing
        error = self._awaited(future)
        if error is None and place.doubt is None and future.result().first == place.at:
            return future
        return future if error else self._submitted(replace(source, begin=place))

    def _awaited(self, future: Future[ParsedPart]) -> BaseException | None:
        """Wait until something is read, and return why it could not be; raises `ReadingStopped`."""
        deadline = None
        while not wait([future], timeout=LOOK_EVERY).done:
            if not self._is_told_to_stop():
                continue
            if deadline is None:
                deadline = time.monotonic() + GRACE
            elif time.monotonic() > deadline:
                raise ReadingStopped
        return future.exception()

    def _submitted(self, source: Source) -> Future[ParsedPart]:
        self._submitting = source
        if self._is_told_to_stop():
            source.stop()
        try:
            future = self._executor.submit(read_source, source, self._crawl)
        except BrokenProcessPool as broken:  # raised in its turn, like every error of a future
            future = Future()
            future.set_exception(broken)
        return future


def _lost(source: Source) -> Position | None:
    """Return where reading continues after a part whose end is unknown."""
    if not isinstance(source, WarcPart):
        return None
    return Position(at=source.end, doubt=source.end + LARGEST_RECORD)
