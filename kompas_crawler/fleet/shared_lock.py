"""The lock that lets the workers of a fleet share an output directory and excludes other runs."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from kompas_crawler.archive.files import raising_storage_failed
from kompas_crawler.errors import AlreadyRunning


def hold_shared(path: Path) -> int:
    """Take a shared hold on a spider's lock, and return the descriptor that keeps it.

    A single run needs the lock exclusively. The kernel releases it when the descriptor is closed or
    the process ends. Each worker also holds a lock of its own name. Raises AlreadyRunning if a
    single run holds it, StorageFailed if it cannot be opened.
    """
    with raising_storage_failed(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        raise AlreadyRunning(f"{path} is held by a run that does not share it") from None
    return fd
