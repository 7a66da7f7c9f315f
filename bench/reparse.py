"""How much faster do two processes reread kept pages than one?

`python -m bench.reparse [PAGES [TURNS]]` keeps so many pages of the stand-in as WARC, then lets
`scrapy reparse` read them with one worker and with two, in turn, five times by default. What this
machine lets two processes gain is measured in the same turns: the pages unpacked and parsed by lxml, and
nothing else.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from lxml import html as lxml_html

from bench.pages import stand_in_pages
from bench.timed import Cost, timed
from kompas_crawler.timezones import WIB
from kompas_crawler.warc.saved_pages import Source
from kompas_crawler.warc.sources import find_sources
from kompas_crawler.warc.worker_processes import readers
from kompas_crawler.warc.writer import WarcWriter

PAGES = 4_000
TURNS = 5
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one worker cost, what two did, and how much two processes gained by parsing alone."""

    one: Cost
    two: Cost
    ceiling: float


def measure(count: int = PAGES, number: int = TURNS) -> dict[str, Any]:
    """Return what rereading costs with one worker and with two, and how much faster two are."""
    with tempfile.TemporaryDirectory() as home:
        kept = Path(home) / "warc"
        _keep(kept, count)
        size = sum(path.stat().st_size for path in kept.iterdir())
        turns = [_turn(kept, Path(home) / str(turn), count) for turn in range(number)]
    middle = sorted(turns, key=lambda turn: turn.one.s)[number // 2]
    return {
        "pages": count,
        "MB packed": round(size / 1e6),
        "1 worker": middle.one.row(),
        "2 workers": middle.two.row(),
        "ms a page, 1 worker": round(middle.one.s / count * 1000, 2),
        "1 worker / 2 workers": _median(turn.one.s / turn.two.s for turn in turns),
        "… of unpacking and parsing alone": _median(turn.ceiling for turn in turns),
    }


def _keep(folder: Path, count: int) -> None:
    files = WarcWriter(folder, "bench-20210101T000000-000000", {"software": "bench"})
    moment = datetime(2021, 8, 27, tzinfo=WIB)
    for number, (html, url) in enumerate(stand_in_pages(count)):
        files.keep(url, HEAD, html.encode(), moment + timedelta(seconds=number))
    files.close()


def _turn(kept: Path, output: Path, count: int) -> Turn:
    costs = []
    for workers in ("1", "2"):
        read = output / workers
        words = ["--from", str(kept), "--workers", workers, "--output", str(read)]
        costs.append(timed("scrapy", "reparse", *words))
        stored = sum(len(path.read_bytes().splitlines()) for path in read.glob("articles/*"))
        if stored != count:
            raise SystemExit(f"{stored} of {count} pages became articles")
    return Turn(one=costs[0], two=costs[1], ceiling=_ceiling(find_sources([str(kept)])))


def _ceiling(sources: list[Source]) -> float:
    """Return how much faster two processes unpack and parse all pages than one does."""
    seconds = []
    for workers in (1, 2):
        with readers(workers) as pool:
            list(pool.map(_parse, sources[:workers]))  # starting a process is not to count
            began = time.perf_counter()
            list(pool.map(_parse, sources))
            seconds.append(time.perf_counter() - began)
    return seconds[0] / seconds[1]


def _parse(source: Source) -> None:
    for page in source.pages():
        lxml_html.document_fromstring(page.html.encode())


def _median(ratios: Iterable[float]) -> float:
    return round(statistics.median(ratios), 2)


if __name__ == "__main__":
    sys.stdout.write(
        json.dumps(measure(*map(int, sys.argv[1:])), indent=2, ensure_ascii=False) + "\n"
    )
