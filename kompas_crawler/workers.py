"""Which processes read, and how do they end with the one they work for?"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def readers(workers: int) -> Iterator[Executor]:
    """Give as many processes as wanted; for one reader none of its own is needed."""
    if workers == 1:
        with ThreadPoolExecutor(1) as thread:
            yield thread
    else:
        # A fresh process shares no lock, signal handler or open file with this one.
        fresh = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, fresh, initializer=_begin_worker) as processes:
            yield processes


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
