"""May the workers of a fleet share an output directory, while any other run is still refused?"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from kompas_crawler.errors import AlreadyRunning, StorageFailed


class SharedLock:
    """A hold on a spider's lock that workers can have together, and a run of its own cannot have.

    The kernel takes it back when the process ends. Each worker has a lock of its own name, too.
    """

    def __init__(self, path: Path) -> None:
        """Take part in the lock at `path`; AlreadyRunning if a single run holds it."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        except OSError as error:
            raise StorageFailed(f"{path}: {error.strerror}. No run can begin here.") from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._fd)
            raise AlreadyRunning(f"{path} is held by a run that shares with nobody") from None

    def release(self) -> None:
        """Give it back."""
        os.close(self._fd)
