"""`make bench`: reading, crawling, a long backfill and the archive, in one run, as a table.

Writes bench/results.json. Ratios are what to quote: single times depend on the machine.
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

from bench import archive, backfill, crawl, pages
from kompas_crawler.datelines import WIB

RESULTS = Path(__file__).with_name("results.json")
SIZES = (1_000, 100_000, 1_000_000)


def main() -> None:
    """Measure, print, and keep the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=Path, help="a folder of saved pages to read")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    options = parser.parse_args()
    parts = 10 if options.quick else 1
    results = {
        "measured_at": datetime.now(WIB).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "pages": pages.measure(options.pages),
        "crawl": crawl.measure(crawl.ARTICLES // parts),
        "backfill": backfill.measure(backfill.MONTHS // parts),
        "archive": archive.measure([size // parts for size in SIZES]),
    }
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    console = Console()
    for name in ("pages", "crawl", "backfill"):
        console.print(_table(name, results[name]))
    console.print(_archive_table(results["archive"]))
    console.print(f"Written to {RESULTS}")


def _table(title: str, figures: dict[str, Any]) -> Table:
    table = Table("figure", "value", title=title, title_justify="left")
    for name, value in figures.items():
        if isinstance(value, dict):
            for part, each in value.items():
                table.add_row(f"{name}: {part}", str(each))
        else:
            table.add_row(name, str(value))
    return table


def _archive_table(rows: list[dict[str, Any]]) -> Table:
    table = Table(title="archive (medians in µs unless named)", title_justify="left")
    table.add_column("ids")
    for row in rows:
        table.add_column(f"{row['ids']:,}", justify="right")
    for name in list(rows[0])[1:]:
        values = (row[name] for row in rows)
        table.add_row(name, *(str(v["median"] if isinstance(v, dict) else v) for v in values))
    return table


if __name__ == "__main__":
    main()
