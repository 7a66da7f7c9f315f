"""How are parts of files read by several processes at a time, and had in their order?

Of a packed file nobody knows where the records of a part begin before the part before it is read.
Each is read ahead from where they seem to begin, and counts only if that is where the part before
it ended; else it is read again from there.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from kompas_crawler.members import Place
from kompas_crawler.parts import Part, read_source
from kompas_crawler.saved import Source, WarcPart
from kompas_crawler.warcs import LARGEST_RECORD
from kompas_crawler.workers import readers

GRACE = 1.0  # seconds that a reader has to end its page when the run is told to stop
LOOK_EVERY = 0.1  # seconds


class Stopped(Exception):
    """Raised when the run was told to stop, and what is being read is not waited for any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What was read of the part with a number, or in `error` why it could not be.

    `size` is how many bytes of the files that were, and `is_all` tells that nothing of the part is
    left. `place` is where reading goes on in the file.
    """

    number: int
    part: Part
    size: int
    is_all: bool
    place: Place | None
    error: BaseException | None = None


class ReadAhead:
    """The parts of some sources, in their order. A few are read ahead."""

    def __init__(
        self,
        sources: Sequence[Source],
        crawl: str,
        *,
        workers: int,
        is_told_to_stop: Callable[[], bool],
    ) -> None:
        self.has_left_a_thread = False
        self._sources = sources
        self._crawl = crawl
        self._workers = workers
        self._is_told_to_stop = is_told_to_stop
        self._at_work: list[tuple[Source, Future[Part]]] = []

    def parts(self, begin: int, place: Place | None) -> Generator[Read, None, None]:
        """Yield what is read of each part, from a number on, where the first one begins if told.

        Raises `Stopped`.
        """
        with readers(self._workers) as executor:
            try:
                yield from self._all(executor, begin, place)
            except BaseException:
                self._leave()
                raise

    def _all(
        self, executor: Executor, begin: int, place: Place | None
    ) -> Generator[Read, None, None]:
        waiting: deque[tuple[int, Future[Part]]] = deque()
        for number in range(begin, len(self._sources)):
            waiting.append((number, self._submitted(executor, self._sources[number])))
            if len(waiting) > 2 * self._workers:
                place = yield from self._in_turn(executor, place, *waiting.popleft())
        while waiting:
            place = yield from self._in_turn(executor, place, *waiting.popleft())

    def _in_turn(
        self, executor: Executor, place: Place | None, number: int, future: Future[Part]
    ) -> Generator[Read, None, Place | None]:
        """Yield what is read of a part, in as many pieces as it takes; return where it ends."""
        source = self._sources[number]
        if isinstance(source, WarcPart) and source.begin is None:
            future = self._from_place(executor, source, place, future)
        size = source.size
        while True:
            error = self._awaited(source, future)
            if error is not None:
                yield _failed(source, number, size, error)
                return _lost(source)
            part = future.result()
            left = part.rest.size if part.rest else 0
            yield Read(
                number=number,
                part=part,
                size=size - left,
                is_all=part.rest is None,
                place=part.place,
            )
            if part.rest is None:
                return part.place
            source, size = part.rest, left
            future = self._submitted(executor, source)

    def _from_place(
        self, executor: Executor, source: WarcPart, place: Place | None, future: Future[Part]
    ) -> Future[Part]:
        """Return what is read of a part from where the part before it ended."""
        place = place or Place(at=source.start, doubt=source.start + LARGEST_RECORD)
        if place.at >= source.end:  # a record reaches over all of it
            future.cancel()
            nothing: Future[Part] = Future()
            nothing.set_result(Part(place=place))
            return nothing
        error = self._awaited(source, future)
        if error is None and place.doubt is None and future.result().first == place.at:
            return future
        return future if error else self._submitted(executor, source.beginning_at(place))

    def _awaited(self, source: Source, future: Future[Part]) -> BaseException | None:
        """Wait until something is read, and return why it could not be; raises `Stopped`."""
        deadline = None
        while not wait([future], timeout=LOOK_EVERY).done:
            if not self._is_told_to_stop():
                continue
            if deadline is None:
                source.stop()  # a thread ends with its page
                deadline = time.monotonic() + GRACE
            elif time.monotonic() > deadline:
                raise Stopped
        return future.exception()

    def _submitted(self, executor: Executor, source: Source) -> Future[Part]:
        try:
            future = executor.submit(read_source, source, self._crawl)
        except BrokenProcessPool as broken:  # told in its turn, like all that a future tells
            future = Future()
            future.set_exception(broken)
        self._at_work = [each for each in self._at_work if not each[1].done()]
        self._at_work.append((source, future))
        return future

    def _leave(self) -> None:
        """Let a thread end the page it reads, if it does; processes are ended anyway."""
        if self._workers > 1:
            return
        for source, future in self._at_work:
            source.stop()
            future.cancel()
        left = wait([future for _, future in self._at_work], timeout=GRACE).not_done
        self.has_left_a_thread = bool(left)


def _failed(source: Source, number: int, size: int, error: BaseException) -> Read:
    return Read(
        number=number, part=Part(), size=size, is_all=True, place=_lost(source), error=error
    )


def _lost(source: Source) -> Place | None:
    """Return where reading goes on behind a part of which nobody knows where it ends."""
    if not isinstance(source, WarcPart):
        return None
    return Place(at=source.end, doubt=source.end + LARGEST_RECORD)
