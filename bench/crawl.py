"""What does a crawl cost: pages a second, CPU and memory, against a crawl that reads nothing?

`python -m bench.crawl [ARTICLES]` crawls the stand-in at full speed, and again with a callback
that does nothing, on the same machine in turn. A no-news run and the time to the first request
are measured on the way.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from kompas_crawler.standin.launch import Launched, launched

ARTICLES = 3_000
DAYS = 30
# Neither crawl waits: the stand-in is nobody's server. Eight requests at once fill the pipe.
SPEED = {
    "DOWNLOAD_DELAY": "0",
    "AUTOTHROTTLE_ENABLED": "0",
    "CONCURRENT_REQUESTS": "8",
    "CONCURRENT_REQUESTS_PER_DOMAIN": "8",
    "KOMPAS_PROGRESS": "off",
}
HERE = Path(__file__).resolve().parent


def measure(articles: int = ARTICLES) -> dict[str, Any]:
    """Return the figures of a full crawl, a bare one, a no-news run, and their ratios."""
    options = ["--days", str(DAYS), "--per-day", str(articles // DAYS), "--weight", "full"]
    with launched(*options, "--layout", "read-2017") as site, tempfile.TemporaryDirectory() as home:
        output = Path(home) / "output"
        _timed(_crawl("backfill", f"since={DAYS}d", "until=29d"), site, Path(home) / "warm")
        bare = _timed(_bare(articles), site, output)
        full = _timed(_crawl("backfill", f"since={DAYS}d"), site, output)
        _timed(_crawl("international", "since=2d"), site, output)
        before = len(site.ask("/requests"))
        idle = _timed(_crawl("international"), site, output)
        requests = site.ask("/requests")[before:]
        stored = sum(len(p.read_bytes().splitlines()) for p in output.glob("articles/*.jsonl"))
    bare_rate, full_rate = articles / bare["s"], stored / full["s"]
    return {
        "articles": stored,
        "crawl": {**full, "pages/s": round(full_rate), "CPU ms a page": _each(full, stored)},
        "bare crawl": {**bare, "pages/s": round(bare_rate), "CPU ms a page": _each(bare, articles)},
        "crawl / bare crawl": round(full_rate / bare_rate, 2),
        "no news": {**idle, "requests": len(requests)},
        "first request after s": round(requests[0]["time"] - idle["began"], 2),
    }


def _each(row: dict[str, float], pages: int) -> float:
    return round(row["CPU s"] / pages * 1000, 2)


def _crawl(spider: str, *arguments: str) -> list[str]:
    given = [part for argument in arguments for part in ("-a", argument)]
    chosen = [part for key, value in SPEED.items() for part in ("-s", f"{key}={value}")]
    return [sys.executable, "-m", "scrapy", "crawl", spider, *given, *chosen]


def _bare(articles: int) -> list[str]:
    chosen = [part for key, value in SPEED.items() for part in ("-s", f"{key}={value}")]
    spider = HERE / "bare_spider.py"
    return [
        sys.executable,
        "-m",
        "scrapy",
        "runspider",
        str(spider),
        "-a",
        f"n={articles}",
        *chosen,
    ]


def _timed(command: list[str], site: Launched, output: Path) -> dict[str, float]:
    """Run a command; return wall and CPU seconds and the peak memory of its process in MB."""
    environment = {**os.environ, **site.environment, "KOMPAS_OUTPUT_DIR": str(output)}
    environment["KOMPAS_CONTACT"] = "mailto:bench@example.org"
    began, clock = time.time(), time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own words
        command, env=environment, cwd=HERE.parent, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    log = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{' '.join(command)}\n{log.decode()[-3000:]}")
    return {
        "s": round(time.perf_counter() - clock, 2),
        "CPU s": round(_cpu(usage), 2),
        "MB": round(usage.ru_maxrss / 1024),
        "began": round(began, 3),
    }


def _cpu(usage: resource.struct_rusage) -> float:
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES
    sys.stdout.write(json.dumps(measure(count), indent=2) + "\n")
