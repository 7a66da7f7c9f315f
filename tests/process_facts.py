"""A program that prints what a process knows of itself, and ends as it is asked to."""

from __future__ import annotations

import atexit
import gc
import json
import locale
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path
from typing import Any


def facts() -> dict[str, Any]:
    main = sys.modules["__main__"]
    return {
        "words": sys.argv,
        "path": sys.path,
        "main": [main.__name__, main.__file__, main.__spec__.name if main.__spec__ else None],
        "variables": dict(os.environ),
        "directory": str(Path.cwd()),
        "files": sorted(int(path.name) for path in Path("/proc/self/fd").iterdir())[
            :-1
        ],  # the last lists
        "streams": [
            [s.name, s.mode, s.encoding, s.errors, s.line_buffering, s.write_through, s.isatty()]
            for s in (sys.stdin, sys.stdout, sys.stderr)
        ],
        "original": [
            sys.stdin is sys.__stdin__,
            sys.stdout is sys.__stdout__,
            sys.stderr is sys.__stderr__,
        ],
        "signals": {number: str(signal.getsignal(number)) for number in signal.valid_signals()},
        "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
        "leads": [os.getpgid(0) == os.getpid(), os.getsid(0) == os.getpid()],
        "threads": [
            threading.main_thread().ident == threading.get_ident(),
            threading.active_count(),
        ],
        "parent": str(multiprocessing.parent_process()),
        "collects": gc.isenabled(),
        "locale": [locale.setlocale(locale.LC_ALL, None), locale.getpreferredencoding()],
        "zone": time.tzname,
        "temporary": tempfile.gettempdir(),
        "warnings": [
            *sys.warnoptions,
            *(str(each) for each in warnings.filters if each[0] == "error"),
        ],
        "flags": str(sys.flags),
        "mask": os.umask(0o22),
        "nice": os.nice(0),
        "reactor": "twisted.internet.reactor" in sys.modules,
    }


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


class Waits:
    def __del__(self) -> None:
        os.write(1, b"freed\n")


if __name__ == "__main__":
    say(json.dumps(facts()))
    atexit.register(say, "at the end")
    waits = Waits()
    what = sys.argv[1] if sys.argv[1:] else ""
    if what == "read":
        say(sys.stdin.read())
    elif what == "raise":
        raise ValueError(what)
    elif what == "sleep":
        sys.stdout.flush()
        time.sleep(60)
    elif what == "thread":
        threading.Thread(target=lambda: (time.sleep(0.1), say("the thread's word"))).start()
    elif what:
        sys.exit(int(what))
