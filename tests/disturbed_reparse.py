"""`scrapy reparse` of small parts, disturbed: `python -m tests.disturbed_reparse WORDS`.

After AT parts, and AFTER seconds more, it does to a reader, to itself or to all what ACT says, and
leaves the file ACTED; a page whose address holds ENDLESS never ends, neither in its readers.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from scrapy.cmdline import execute

from kompas_crawler import pages
from kompas_crawler.warc import checkpoint, reader, reparse

reader.PART = 20_000  # type: ignore[misc]
checkpoint.MARK_EVERY = 0  # type: ignore[misc]
_read, _take = pages.read, reparse.ReparseStorage.take
_told: list[int] = []


def read(html: str, url: str) -> Any:
    while os.environ.get("ENDLESS", "none") in url:
        if threading.current_thread() is threading.main_thread():
            re.fullmatch("(a+)+b", "a" * 40)  # holds the lock of the interpreter, too
    return _read(html, url)


def take(storage: reparse.ReparseStorage, part: Any, number: int) -> None:
    _take(storage, part, number)
    _told.append(number)
    if len(_told) == int(os.environ.get("AT", "3")) and "ACT" in os.environ:
        threading.Thread(target=act, args=(float(os.environ.get("AFTER", "0")),)).start()
        if os.environ["ACT"].startswith("reader"):
            time.sleep(1)


def act(after: float) -> None:
    time.sleep(after)
    who, name = os.environ["ACT"].split()
    readers = multiprocessing.active_children()
    at = {"reader": readers[:1], "all": [*readers, multiprocessing.current_process()]}
    for each in at.get(who, [multiprocessing.current_process()]):
        if each.pid is not None:
            os.kill(each.pid, getattr(signal, name))
    Path(os.environ["ACTED"]).touch()


pages.read = read

if __name__ == "__main__":
    reparse.ReparseStorage.take = take  # type: ignore[method-assign]
    execute(["scrapy", "reparse", *sys.argv[1:]])
