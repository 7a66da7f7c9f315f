"""Which processes read, and how do they end with the one they work for?"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess


class _Reader(SpawnProcess):
    """A process that reads; the pool ends it at once.

    The pool would send SIGTERM and then wait: when one reader has died, for ever.
    """

    def terminate(self) -> None:
        self.kill()


class _Fresh(SpawnContext):
    """Processes that share no lock, signal handler or open file with this one."""

    Process = _Reader


@contextmanager
def readers(workers: int) -> Iterator[Executor]:
    """Give as many processes as wanted; for one reader none of its own is needed.

    They end their work, but where an error ends this, what they are at is not waited for.
    """
    executor: Executor
    if workers == 1:
        executor = ThreadPoolExecutor(1)
    else:
        executor = ProcessPoolExecutor(workers, _Fresh(), initializer=_begin_worker)
    try:
        yield executor
    except BaseException:
        _end_now(executor)
        raise
    else:
        executor.shutdown()


def _end_now(executor: Executor) -> None:
    """End the readers, and wait until they have; a thread cannot be ended, only left."""
    if isinstance(executor, ThreadPoolExecutor):
        executor.shutdown(wait=False, cancel_futures=True)
        return
    for child in multiprocessing.active_children():
        if isinstance(child, _Reader):
            child.kill()
    # Processes that end while the interpreter does trip over each other.
    executor.shutdown(cancel_futures=True)


def _begin_worker() -> None:
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
