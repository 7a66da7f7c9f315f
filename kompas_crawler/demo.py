"""What does a crawl look like? A real one, of the bundled stand-in for Kompas.com, shown.

Run it with `make demo`, `scrapy demo` or, installed, `kompas demo`. Its articles are invented, so they go
to a directory of their own, `demo/` in the output directory.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table

from kompas_crawler.archive import Archive
from kompas_crawler.datelines import WIB
from kompas_crawler.errors import BadArgument
from kompas_crawler.ledger import Ledger
from kompas_crawler.paths import read_path
from kompas_crawler.settings import KOMPAS_OUTPUT_DIR
from kompas_crawler.streams import program

DAYS = 3
PER_DAY = 24
SHOWN = 8
# The stand-in is nobody's server, so it need not be asked politely.
AT_FULL_SPEED = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0")


def main() -> int:
    """Crawl the stand-in and show what came of it; return the crawl's exit code."""
    console = Console(highlight=False)
    try:
        output = read_path("KOMPAS_OUTPUT_DIR", KOMPAS_OUTPUT_DIR) / "demo"
    except BadArgument as refusal:
        console.print(str(refusal))
        return 2
    console.print(
        f"[bold]A crawl of the stand-in for Kompas.com[/]: {DAYS} days of invented news on a"
        " loopback port, fetched over TLS as from the true addresses. No network is used.\n"
    )
    code = subprocess.run(_command(), env=_environment(output), check=False).returncode  # noqa: S603 - our own words
    with Archive(output) as archive:
        records = sorted(archive.records(latest=True), key=lambda record: record["published_at"])
    if records:
        _show(console, records, output)
    console.print(_summary(output, len(records)))
    return code


def _command() -> list[str]:
    """Return the words that start the stand-in, with the crawl that it is to run."""
    now = datetime.now(WIB).isoformat(timespec="seconds")
    options = ["--days", str(DAYS), "--per-day", str(PER_DAY), "--now", now]
    crawl = ["scrapy", "crawl", "international", "-a", f"since={DAYS - 1}d", *AT_FULL_SPEED]
    python = [sys.executable, "-m"]
    return [*python, "kompas_crawler.standin", *options, "--run", *python, *crawl]


def _environment(output: Path) -> dict[str, str]:
    return {
        **os.environ,
        "KOMPAS_OUTPUT_DIR": str(output),
        "KOMPAS_CONTACT": os.environ.get("KOMPAS_CONTACT", "mailto:demo@example.org"),
    }


def _show(console: Console, records: list[dict[str, Any]], output: Path) -> None:
    table = Table(
        title=f"The newest {SHOWN} of {len(records)} articles", title_justify="left", expand=True
    )
    table.add_column("published", no_wrap=True, min_width=11)
    table.add_column("place", no_wrap=True, max_width=12)
    table.add_column("title", no_wrap=True, ratio=1)
    table.add_column("source", no_wrap=True, max_width=16)
    table.add_column("words", justify="right", min_width=5)
    for record in reversed(records[-SHOWN:]):
        table.add_row(
            datetime.fromisoformat(record["published_at"]).astimezone(WIB).strftime("%d-%m %H:%M"),
            record["place"] or "–",
            record["title"],
            ", ".join(record["sources"]) or "–",
            str(record["word_count"]),
        )
    console.print()
    console.print(table)
    console.print("\nOne line of the output, spread out and its text shortened:")
    console.print(Syntax(_example(records[-1]), "json", word_wrap=True, background_color="default"))


def _example(record: dict[str, Any]) -> str:
    short = {**record, "text": record["text"][:160] + " …"}
    for name in ("related", "images", "embeds"):
        short[name] = short[name][:1]
    return json.dumps(short, ensure_ascii=False, indent=2)


def _summary(output: Path, stored: int) -> Panel:
    line = next(Ledger(output).newest_first(), {})
    began, ended = (datetime.fromisoformat(line[k]) for k in ("started_at", "finished_at"))
    here = os.path.relpath(Path(sys.executable).with_name("scrapy"))
    words = f"{here if program() == 'scrapy' else program()} search WORDS"
    text = (
        f"[bold]{line['outcome']}[/]: {line['stored']} new, {line['known']} already stored,"
        f" {line['requests']} requests in {(ended - began).total_seconds():.0f} s.\n"
        f"{stored} articles lie in [bold]{os.path.relpath(output / 'articles')}[/],"
        f" and what the run says of itself in"
        f" [bold]{os.path.relpath(output / 'crawls.jsonl')}[/].\n"
        f"Look into them: [bold]{words} --output {os.path.relpath(output)}[/]\n"
        "Run it again: nothing is fetched twice. For the real site: README, “Permission first”."
    )
    return Panel(text, expand=False)


if __name__ == "__main__":
    sys.exit(main())
