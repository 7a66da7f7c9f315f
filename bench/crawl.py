"""What does a crawl cost: pages a second, CPU and memory, against crawls that read nothing?

`python -m bench.crawl [ARTICLES [TURNS]]` crawls the stand-in at full speed; then as the same crawl
with a callback that only parses, with an empty one, and by a spider of Scrapy alone, which is given
the addresses. The four take turns, five times by default; the median counts, and the ratios are
medians of the ratios of one turn. A no-news run and the time to the first request are measured behind them.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.timed import HOME, Cost, timed
from kompas_standin.launch import LaunchedStandIn, launch_stand_in

ARTICLES = 3_000
DAYS = 30
TURNS = 5
# No crawl waits: the stand-in is nobody's server. Eight requests at once fill the pipe.
SPEED = {
    "DOWNLOAD_DELAY": "0",
    "AUTOTHROTTLE_ENABLED": "0",
    "CONCURRENT_REQUESTS": "8",
    "CONCURRENT_REQUESTS_PER_DOMAIN": "8",
    "KOMPAS_PROGRESS": "off",
}
SINCE = f"since={DAYS}d"
FULL = ("crawl", "backfill", "-a", SINCE)
PARSING = ("runspider", f"{HOME}/bench/parsing_spider.py", "-a", SINCE)
EMPTY = ("runspider", f"{HOME}/bench/empty_spider.py", "-a", SINCE)
ALONE = ("runspider", f"{HOME}/bench/bare_spider.py")
NAMES = ("crawl", "parsing callback", "empty callback", "Scrapy alone")


def measure(articles: int = ARTICLES, number: int = TURNS) -> dict[str, Any]:
    """Return what the four crawls cost, their ratios, and what a no-news run costs."""
    articles -= articles % DAYS
    options = ["--days", str(DAYS), "--per-day", str(articles // DAYS), "--weight", "full"]
    with (
        launch_stand_in(*options, "--layout", "read-2017") as site,
        tempfile.TemporaryDirectory() as home,
    ):
        for spider in (FULL, EMPTY):  # the stand-in invents its articles when first asked
            _run(site, Path(home) / "warm", *spider)
        turns = [_turn(site, Path(home) / str(turn), articles) for turn in range(number)]
        output = Path(home) / "0"
        _run(site, output, "crawl", "international", "-a", "since=2d")
        before = len(site.ask("/requests"))
        idle = _run(site, output, "crawl", "international")
        requests = site.ask("/requests")[before:]
    costs = zip(*turns, strict=True)
    return {
        "articles": articles,
        **{name: _row(each, articles) for name, each in zip(NAMES, costs, strict=True)},
        "of the pages/s of a parsing callback": _ratio(turns, "s", 1),
        "of the pages/s of an empty callback": _ratio(turns, "s", 2),
        "of the pages/s of Scrapy alone": _ratio(turns, "s", 3),
        "CPU of an empty callback / crawl": _ratio(turns, "cpu_s", 2),
        "no news": {**idle.row(), "requests": len(requests)},
        "first request after s": round(requests[0]["time"] - idle.began, 2),
    }


def _turn(site: LaunchedStandIn, output: Path, articles: int) -> tuple[Cost, ...]:
    costs = (
        _run(site, output, *FULL),
        _run(site, output.with_suffix(".parsing"), *PARSING),
        _run(site, output.with_suffix(".empty"), *EMPTY),
        _run(site, output.with_suffix(".alone"), *ALONE, "-a", f"n={articles}"),
    )
    stored = sum(len(path.read_bytes().splitlines()) for path in output.glob("articles/*.jsonl"))
    if stored != articles:
        raise SystemExit(f"{stored} of {articles} articles were stored")
    return costs


def _run(site: LaunchedStandIn, output: Path, *words: str) -> Cost:
    settings = [part for name, value in SPEED.items() for part in ("-s", f"{name}={value}")]
    environment = {
        **site.environment,
        "KOMPAS_OUTPUT_DIR": str(output),
        "KOMPAS_CONTACT": "mailto:bench@example.org",
    }
    return timed("scrapy", *words, *settings, environment=environment)


def _row(costs: Iterable[Cost], articles: int) -> dict[str, float]:
    ordered = sorted(costs, key=lambda cost: cost.s)
    middle = ordered[len(ordered) // 2]
    return {
        **middle.row(),
        "pages/s": round(articles / middle.s),
        "CPU ms a page": round(middle.cpu_s / articles * 1000, 2),
    }


def _ratio(turns: list[tuple[Cost, ...]], what: str, other: int) -> float:
    ratios = [getattr(turn[other], what) / getattr(turn[0], what) for turn in turns]
    return round(statistics.median(ratios), 2)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(*map(int, sys.argv[1:])), indent=2) + "\n")
