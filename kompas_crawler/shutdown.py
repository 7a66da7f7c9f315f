"""Was this process told to stop, and how long ago?

Scrapy ends a run at the first signal and drops it, unwritten, at the second. Here each signal only
makes the end come sooner, and SIGHUP is one of them; the fourth kills. What waits without giving
the event loop a chance looks here whether it is to go on waiting.
"""

from __future__ import annotations

import os
import signal
import threading
from time import monotonic
from types import FrameType
from typing import Any, Final

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Seconds in which an answer that is on its way, or a lock, may still come. A container gets ten.
GRACE: Final = 5.0
MOST: Final = 3  # signals that are borne


class Stop:
    """The signals that this process got."""

    def __init__(self) -> None:
        self.times = 0
        self._since: float | None = None
        self._first: Any = None

    def listen(self) -> None:
        """Take the place of Scrapy's handlers, which are asked first.

        A signal that is ignored (`nohup`) stays so, and outside of the main thread nothing happens.
        """
        if threading.current_thread() is not threading.main_thread():
            return
        handler = signal.getsignal(signal.SIGTERM)
        if callable(handler) and handler != self.heard:
            self._first = handler
            self._install()

    def heard(self, number: int, frame: FrameType | None) -> None:
        self.times += 1
        if self.times == 1:
            self._since = monotonic()
            self._first(number, frame)
            self._install()  # Scrapy has put its second one in our place
        elif self.times > MOST:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    def is_over(self) -> bool:
        """Tell whether nothing is to be waited for any more."""
        if self._since is None:
            return False
        return self.times > 1 or monotonic() - self._since > GRACE

    def _install(self) -> None:
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self.heard)


stop = Stop()
