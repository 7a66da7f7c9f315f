"""Which processes read, and how do they end with the one they work for?"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path
from typing import Any

from kompas_crawler.budget import SLOT, Note, budget


class _Reader(SpawnProcess):
    """A process that reads; the pool ends it at once.

    The pool would send SIGTERM and then wait: when one reader has died, for ever.
    """

    def terminate(self) -> None:
        self.kill()


class _Fresh(SpawnContext):
    """Processes that share no lock, signal handler or open file with this one."""

    Process = _Reader


class _Here(Executor):
    """Reads at once, in this process and thread, where a page that costs too much is refused."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - whoever asks for the result gets it
            future.set_exception(error)
        return future


@contextmanager
def readers(workers: int, notes: Path | None = None) -> Iterator[Executor]:
    """Give as many processes as wanted; for one reader none of its own is needed.

    They end their work, but where an error ends this, what they are at is not waited for. What
    they read they note in a file, for whoever finds them dead.
    """
    if workers == 1:
        yield _Here()
        return
    context = _Fresh()
    given = (context.Value("i"), notes, budget.deaths)
    executor = ProcessPoolExecutor(workers, context, initializer=_begin_worker, initargs=given)
    try:
        yield executor
    except BaseException:
        _end_now(executor)
        raise
    else:
        executor.shutdown()


def _end_now(executor: Executor) -> None:
    """End the readers, and wait until they have."""
    for child in multiprocessing.active_children():
        if isinstance(child, _Reader):
            child.kill()
    # Processes that end while the interpreter does trip over each other.
    executor.shutdown(cancel_futures=True)


def _begin_worker(count: Any, notes: Path | None, deaths: dict[str, int]) -> None:
    with count.get_lock():
        count.value += 1
        number = count.value
    budget.deaths = deaths
    if notes is not None:
        fd = os.open(notes, os.O_WRONLY | os.O_NOFOLLOW)
        budget.note = Note(fd, SLOT * (number + 1))  # the first place is the parent's
    for number in (signal.SIGINT, signal.SIGTERM):  # they may reach all; the parent decides
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End a worker whose parent was killed: nobody would ever give it work again."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def cores() -> int:
    """Return how many cores this process may use; macOS only tells how many there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
