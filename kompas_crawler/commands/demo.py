"""`scrapy demo`: a real crawl of the bundled stand-in for Kompas.com, shown step by step.

The articles are invented, so they are stored apart, in `demo/` below the output directory. They
are the same in every demo, so the commands that are printed and documented can be typed.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

from kompas_crawler.archive.store import Archive
from kompas_crawler.cli.command import CRAWL_CODES, ProjectCommand
from kompas_crawler.cli.streams import print_answer, with_program_name
from kompas_crawler.cli.terminal import SafeConsole
from kompas_crawler.paths import read_path
from kompas_crawler.timezones import WIB
from kompas_crawler.wording import shown_path

FIRST_DAY, LAST_DAY = "2026-11-20", "2026-11-22"
SHOWN = 8
# The stand-in runs on this machine: no pause between requests is needed.
AT_FULL_SPEED = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0")


class Command(ProjectCommand):
    """Crawl the bundled stand-in for Kompas.com and show what was stored.

    Starts the bundled stand-in for Kompas.com on a loopback port, crawls three invented days over
    TLS, writes a report, and prints what to type next. No network is used. Everything goes into
    demo/ in the output directory (KOMPAS_OUTPUT_DIR).
    """

    exit_codes = {
        0: "the crawl was complete",
        **CRAWL_CODES,
    }

    def answer(self, args: list[str], opts: argparse.Namespace) -> int:
        root = read_path("KOMPAS_OUTPUT_DIR", str(self.settings["KOMPAS_OUTPUT_DIR"]))
        output = root if root.name == "demo" else root / "demo"
        console = SafeConsole(highlight=False)
        console.print(
            f"[bold]A crawl of the stand-in for Kompas.com[/]: invented news from {FIRST_DAY} to"
            f" {LAST_DAY} on a loopback port, fetched over TLS as if from the real addresses. No"
            " network is used.\n"
        )
        code = subprocess.run(_crawl(), check=False, env=_environment(output)).returncode  # noqa: S603 - our own words
        if code:
            return code  # the crawl has printed the reason
        with Archive(output) as archive:
            records = sorted(
                archive.records(latest=True), key=lambda record: record["published_at"]
            )
        _show(console, records, output)
        report = subprocess.run(
            [sys.executable, "-m", "scrapy", "report"],
            check=False,
            env=_environment(output),
            capture_output=True,
        )
        console.print(
            f"Everything is in [bold]{shown_path(output)}[/]. Run it again: nothing is fetched twice."
            " For the real site: README, “Permission first”.\n"
        )
        page = output / "report.html" if report.returncode == 0 else None
        for step in _next_steps(output, records[-1]["id"], page):
            print_answer(with_program_name(step))
        return 0


def _crawl() -> list[str]:
    """Return the words that start the stand-in, with the crawl that it is to run."""
    days = ["-a", f"since={FIRST_DAY}", "-a", f"until={LAST_DAY}"]
    python = [sys.executable, "-m"]
    crawl = [*python, "scrapy", "crawl", "backfill", *days, *AT_FULL_SPEED]
    return [*python, "kompas_standin", "--last-day", LAST_DAY, "--run", *crawl]


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
    table.add_column("published\n(WIB)", no_wrap=True, min_width=12)
    table.add_column("place", no_wrap=True, max_width=12)
    table.add_column("title", no_wrap=True, ratio=1)
    table.add_column("source", no_wrap=True, max_width=16)
    table.add_column("words", justify="right", min_width=5)
    for record in reversed(records[-SHOWN:]):
        table.add_row(
            datetime.fromisoformat(record["published_at"]).astimezone(WIB).strftime("%d %b %H:%M"),
            record["place"] or "–",
            record["title"],
            ", ".join(record["sources"]) or "–",
            str(record["word_count"]),
        )
    console.print()
    console.print(table)
    console.print("\nOne line of the output, reformatted, its text shortened:")
    line = Syntax(_example(records[-1]), "json", background_color="default")
    console.print(line, soft_wrap=True)


def _example(record: dict[str, Any]) -> str:
    short = {**record, "text": record["text"][:160] + " …"}
    for name in ("related", "images", "embeds"):
        short[name] = short[name][:1]
    return json.dumps(short, ensure_ascii=False, indent=2)


def _next_steps(output: Path, newest: str, report: Path | None) -> list[str]:
    """Return what can be typed next in the same shell, each line as it is."""
    activate = Path(sys.prefix) / "bin" / "activate"  # a container has none
    is_needed = activate.exists() and os.environ.get("VIRTUAL_ENV") != sys.prefix
    steps = [f". {shlex.quote(shown_path(activate))}"] if is_needed else []
    steps += [
        f"export KOMPAS_OUTPUT_DIR={shlex.quote(str(output))}",
        "scrapy search 'kapal pelabuhan'",
        f"scrapy show {newest}",
        "scrapy export --to demo.csv --force",
    ]
    steps += [] if report else ["pip install -r requirements-report.txt", "scrapy report"]
    opened = [f"The report: open {report} in a browser."] if report else []
    return [*opened, "Next, in this shell:", *(f"  {step}" for step in steps)]
