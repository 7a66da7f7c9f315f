"""Scrapy whose parser gets stuck on one page: `python -m tests.stuck_parser WORDS`; so do its processes.

CHOKE is how, how many seconds of CPU a page may take, and a part of the page's address. "spin" never
ends, "stuck" neither, in code of C that lets no signal handler run; "wait" sleeps, to be killed.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any

from scrapy.cmdline import execute

from kompas_crawler import budget, pages

HOW, SECONDS, WHERE = os.environ["CHOKE"].split(" ", 2)


def choke() -> None:
    if HOW == "stuck":
        sum(range(10**12))
    while HOW == "spin":
        pass
    time.sleep(60)


def stuck(read: Callable[..., Any]) -> Callable[..., Any]:
    def reads(html: str, url: str) -> Any:
        if f"{url} ".find(WHERE) >= 0:
            sys.stdout.write(f"stuck at {url}\n")
            sys.stdout.flush()
            choke()
        return read(html, url)

    return reads


budget.SECONDS, budget.LAST = float(SECONDS), 1.5 * float(SECONDS)  # type: ignore[misc]
pages.read, pages.read_listing = stuck(pages.read), stuck(pages.read_listing)

if __name__ == "__main__":
    execute(["scrapy", *sys.argv[1:]])
