"""The signals to stop that this process has received, and whether a wait must end now.

Scrapy ends a run at the first signal and aborts it at the second, without writing its line; it
also aborts one that it is still opening. Here the signal waits until the run is open, and every
further one only makes the end come sooner, SIGHUP included; the fourth one kills. Code that waits
without returning to the event loop asks `stop.is_over()` whether to go on waiting.
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
MOST: Final = 3  # signals; one more kills
# Seconds between two checks of a waiting request whether the run is stopping.
STOP_CHECK_INTERVAL: Final = 0.25
# A key of `Request.meta`: the request was sent, but cancelled before its response.
CUT: Final = "kompas_cut"


class Stop:
    """The stop signals that this process has received."""

    def __init__(self) -> None:
        self.times = 0
        self._since: float | None = None
        self._first: Any = None
        self._is_open = False

    def listen(self) -> None:
        """Install the handlers in place of Scrapy's, which are called at the first signal.

        A signal that is ignored (`nohup`) stays ignored. Outside the main thread nothing happens.
        """
        if threading.current_thread() is not threading.main_thread():
            return
        handler = signal.getsignal(signal.SIGTERM)
        if callable(handler) and handler != self.heard:
            self._first = handler
            self._install()

    def opened(self) -> None:
        """Let the first signal end the run from now on, at once if it has been received already."""
        self._is_open = True
        if self.times:
            self._end(signal.SIGTERM, None)

    def heard(self, number: int, frame: FrameType | None) -> None:
        self.times += 1
        if self.times == 1:
            self._since = monotonic()
            if self._is_open:
                self._end(number, frame)
        elif self.times > MOST:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    def is_over(self) -> bool:
        """Return whether every wait must end: after a second signal, or `GRACE` seconds after the first."""
        if self._since is None:
            return False
        return self.times > 1 or monotonic() - self._since > GRACE

    def _end(self, number: int, frame: FrameType | None) -> None:
        self._first(number, frame)
        self._install()  # Scrapy has put its second one in our place

    def _install(self) -> None:
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self.heard)


stop = Stop()
