"""Does the memory of a backfill stay flat, however many months it reads?

`python -m bench.backfill [MONTHS]` lets `scrapy crawl backfill` read so many months of a light
stand-in (two articles a day) at full speed, looks at the process ten times on the way and prints
one JSON object: memory in MB after each tenth, and by how much the last half grew.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from kompas_standin.launch import LaunchedStandIn, launch_stand_in

MONTHS = 120
PER_DAY = 2
TENTHS = 10
HERE = Path(__file__).resolve().parent
SETTINGS = {"DOWNLOAD_DELAY": "0", "AUTOTHROTTLE_ENABLED": "0", "LOG_LEVEL": "ERROR"}


def measure(months: int = MONTHS, per_day: int = PER_DAY) -> dict[str, Any]:
    """Return the memory in MB after each tenth of a backfill, its length and its speed."""
    days = round(months * 30.4375)
    options = ["--days", str(days), "--per-day", str(per_day), "--layout", "read-2017"]
    with tempfile.TemporaryDirectory() as home:
        asked, output = Path(home) / "asked.jsonl", Path(home) / "output"
        with launch_stand_in(*options, "--log", str(asked)) as site:
            begun = time.monotonic()
            crawl = _begun(site, output, date.today() - timedelta(days=days - 1))  # noqa: DTZ011
            memory = _watched(crawl, asked, days * (per_day + 1))
            seconds = time.monotonic() - begun
        line = json.loads((output / "crawls.jsonl").read_text())
    half = memory[len(memory) // 2]
    return {
        "months": months,
        "articles": line["stored"],
        "requests": line["requests"],
        "outcome": line["outcome"],
        "s": round(seconds),
        "MB by tenths": memory,
        "growth of the last half in %": round((memory[-1] / half - 1) * 100, 1),
    }


def _begun(site: LaunchedStandIn, output: Path, since: date) -> subprocess.Popen[bytes]:
    settings = [part for name, value in SETTINGS.items() for part in ("-s", f"{name}={value}")]
    command = [sys.executable, "-m", "scrapy", "crawl", "backfill", "-a", f"since={since}"]
    found = {**os.environ, **site.environment, "KOMPAS_OUTPUT_DIR": str(output)}
    return subprocess.Popen([*command, *settings], cwd=HERE.parent, env=found)  # noqa: S603


def _watched(crawl: subprocess.Popen[bytes], asked: Path, requests: int) -> list[float]:
    """Return the memory of the process each time a tenth of its requests has been sent."""
    found: list[float] = []
    sent = 0
    with asked.open("rb") as log:
        while crawl.poll() is None and len(found) < TENTHS:
            sent += len(log.readlines())
            if sent >= requests * (len(found) + 1) / (TENTHS + 0.5):
                found.append(_resident(crawl.pid))
            time.sleep(0.05)
    crawl.wait()
    return found


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(*map(int, sys.argv[1:])), indent=1) + "\n")
