"""`make bench`: reading, rereading, crawling, a long backfill and the archive, in one run.

Each part runs in a process of its own, so that its memory is its own. Prints tables and writes
bench/results.json. Ratios are what to quote: single times depend on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import archive, backfill, crawl, reparse
from bench.timed import timed
from kompas_crawler.timezones import WIB

RESULTS = Path(__file__).with_name("results.json")


def main() -> None:
    """Measure, print, and keep the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=Path, help="a folder of saved pages to read")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    options = parser.parse_args()
    parts = 10 if options.quick else 1
    console = Console()
    results: dict[str, Any] = {
        "measured_at": datetime.now(WIB).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
    }
    for name, words in {
        "pages": [str(options.pages.absolute())] if options.pages else [],
        "reparse": [str(reparse.PAGES // parts)],
        "crawl": [str(crawl.ARTICLES // parts)],
        "backfill": [str(backfill.MONTHS // parts)],
        "archive": [str(size // parts) for size in archive.SIZES],
    }.items():
        with console.status(f"measuring: {name}"):
            results[name] = json.loads(timed(f"bench.{name}", *words).said)
        console.print((_sizes if name == "archive" else _figures)(name, results[name]))
    RESULTS.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    console.print(f"Written to {RESULTS}")


def _figures(title: str, figures: dict[str, Any]) -> Table:
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
