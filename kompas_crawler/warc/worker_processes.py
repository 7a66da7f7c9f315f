"""The pool of reader processes, which end with their parent and note what they read."""

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
    """A reader process, which the pool kills at once.

    By default the pool sends SIGTERM and waits, for ever when one reader has died.
    """

    def terminate(self) -> None:
        self.kill()


class _FreshProcesses(SpawnContext):
    """The multiprocessing context "spawn": no lock, signal handler or open file is inherited."""

    Process = _Reader


class _InlineExecutor(Executor):
    """An executor that runs everything at once in this thread, where `budget` can raise TooCostly."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - raised where the result is read
            future.set_exception(error)
        return future


@contextmanager
def readers(workers: int, notes: Path | None = None) -> Iterator[Executor]:
    """Give an executor with so many reader processes; one reader runs in this process.

    At the end of the block they finish their work, after an error they are killed. They note what
    they read in the file `notes`, for the run after a crash.
    """
    if workers == 1:
        yield _InlineExecutor()
        return
    context = _FreshProcesses()
    given = (context.Value("i"), notes, budget.deaths)
    executor = ProcessPoolExecutor(workers, context, initializer=_begin_worker, initargs=given)
    try:
        yield executor
    except BaseException:
        for child in multiprocessing.active_children():
            if isinstance(child, _Reader):
                child.kill()
        # Wait here: processes that end during the interpreter's exit interfere with each other.
        executor.shutdown(cancel_futures=True)
        raise
    else:
        executor.shutdown()


def _begin_worker(count: Any, notes: Path | None, deaths: dict[str, int]) -> None:
    with count.get_lock():
        count.value += 1
        number = count.value
    budget.deaths = deaths
    if notes is not None:
        fd = os.open(notes, os.O_WRONLY | os.O_NOFOLLOW)
        budget.note = Note(fd, SLOT * (number + 1))  # the first place is the parent's
    # A signal may reach the whole group; the parent decides.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Exit when the parent was killed: no more work would ever come."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def cores() -> int:
    """Return how many cores this process may use; on macOS how many the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
