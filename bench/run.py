"""`make bench`: reading, rereading, crawling, a backfill, commands and the archive, in five minutes.

Each part runs in a process of its own, so that its memory is its own. The tables show single
figures, which depend on the machine. The ratios divide a cost of ours by the cost of the least
that could do the same work, measured in the same run: lower is better. Each run appends its
ratios to bench/history.jsonl, with versions and the class of the machine, and prints what became
slower by more than 10 % since the last line of that machine class.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import archive, backfill, crawl, reparse
from bench.timed import timed
from kompas_crawler.timezones import WIB

HISTORY = Path(__file__).with_name("history.jsonl")
SLOWER = 1.10
PACKAGES = ("scrapy", "twisted", "lxml", "selectolax", "msgspec")
#: The words that each part is started with: in five minutes on two cores, and as docs/scale.md has it.
SHORT = {
    "pages": [],
    "reparse": ["1000", "3"],
    "crawl": ["900", "3"],
    "backfill": ["36"],
    "exports": ["10000"],
    "archive": ["1000", "100000"],
}
FULL = {
    "pages": [],
    "reparse": [str(reparse.PAGES)],
    "crawl": [str(crawl.ARTICLES)],
    "backfill": [str(backfill.MONTHS)],
    "exports": ["100000"],
    "archive": [str(size) for size in archive.SIZES],
}


def main() -> None:
    """Measure, print, compare with the last run, and append to the history."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=Path, help="a folder of saved pages to read")
    parser.add_argument("--full", action="store_true", help="the sizes of docs/scale.md")
    options = parser.parse_args()
    parts = dict(FULL if options.full else SHORT)
    if options.pages:
        parts["pages"] = [str(options.pages.absolute())]
    console = Console()
    results: dict[str, Any] = {}
    for name, words in parts.items():
        with console.status(f"measuring: {name}"):
            results[name] = json.loads(timed(f"bench.{name}", *words).said)
        console.print((_sizes if name == "archive" else _figures)(name, results[name]))
    kind = ("full" if options.full else "short") + (", saved pages" if options.pages else "")
    line = line_of(ratios(results), kind)
    console.print(_figures("ratios, lower is better", line["ratios"]))
    last = last_like(line, HISTORY)
    if last:
        for each in slower(last["ratios"], line["ratios"]):
            console.print(f"slower than on {last['measured_at']}: {each}")
    with HISTORY.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def ratios(results: Mapping[str, Any]) -> dict[str, float]:
    """Return what ours costs divided by what the least that does the same work costs."""
    crawled, small, large = results["crawl"], *results["archive"][:: len(results["archive"]) - 1]
    commands = {name: each for name, each in results["exports"].items() if name[0].isdigit()}
    grown = results["backfill"]["growth of the last half in %"]
    return {
        "read_article / bare parse": results["pages"]["read_article / bare parse"],
        "reparse, 2 workers / 1": _inverse(results["reparse"]["1 worker / 2 workers"]),
        "crawl / parsing callback": _inverse(crawled["of the pages/s of a parsing callback"]),
        "crawl / empty callback": _inverse(crawled["of the pages/s of an empty callback"]),
        "crawl / Scrapy alone": _inverse(crawled["of the pages/s of Scrapy alone"]),
        "CPU of crawl / empty callback": _inverse(crawled["CPU of an empty callback / crawl"]),
        "memory at the end of a backfill / half-way": round(1 + grown / 100, 3),
        **{
            f"archive, {act}: largest / smallest": round(
                large[act]["median"] / small[act]["median"], 2
            )
            for act in ("open_month", "ask_known", "append")
        },
        **{f"{name} / bare decoding": each["CPU / bare"] for name, each in commands.items()},
    }


def _inverse(share: float) -> float:
    return round(1 / share, 2)


def line_of(found: Mapping[str, float], kind: str) -> dict[str, Any]:
    """Return a line of the history; it names no host and no path."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB"
    return {
        "measured_at": datetime.now(WIB).isoformat(timespec="seconds"),
        "kind": kind,
        "machine": system,
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in PACKAGES},
        "ratios": dict(found),
    }


def last_like(line: Mapping[str, Any], history: Path) -> Mapping[str, Any] | None:
    """Return the last line of the same machine class and sizes, None if there is none."""
    if not history.exists():
        return None
    lines = map(json.loads, history.read_text(encoding="utf-8").splitlines())
    same = [e for e in lines if all(e[key] == line[key] for key in ("kind", "machine"))]
    return same[-1] if same else None


def slower(before: Mapping[str, float], now: Mapping[str, float]) -> list[str]:
    """Return what costs more than 10 % more than before; what is new is not compared.

    >>> slower({"a": 1.0, "b": 2.0}, {"a": 1.2, "b": 2.1, "c": 9.0})
    ['a, 1.2 instead of 1.0 (+20 %)']
    """
    return [
        f"{name}, {cost} instead of {before[name]} ({cost / before[name] - 1:+.0%})".replace(
            "%", " %"
        )
        for name, cost in now.items()
        if name in before and cost > before[name] * SLOWER
    ]


def _figures(title: str, figures: Mapping[str, Any]) -> Table:
    table = Table("figure", "value", title=title, title_justify="left")
    for name, value in figures.items():
        if isinstance(value, dict):
            for part, each in value.items():
                table.add_row(f"{name}: {part}", str(each))
        else:
            table.add_row(name, str(value))
    return table


def _sizes(title: str, rows: list[dict[str, Any]]) -> Table:
    table = Table(title=f"{title} (medians in µs unless named)", title_justify="left")
    table.add_column("ids")
    for row in rows:
        table.add_column(f"{row['ids']:,}", justify="right")
    for name in list(rows[0])[1:]:
        values = (row[name] for row in rows)
        table.add_row(name, *(str(v["median"] if isinstance(v, dict) else v) for v in values))
    return table


if __name__ == "__main__":
    main()
