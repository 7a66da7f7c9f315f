"""What does reading a page cost, against bare parsing and against other readers?

`python -m bench.pages [FOLDER]` reads the saved pages of a folder (`*.html`, `*.html.gz`, with
their addresses in INDEX.tsv or in the pages), or without one the stand-in's pages of full weight.
All readers get the same pages in turn, several rounds; the fastest round of each counts, because
what slows a round is the machine and not the code.
"""

from __future__ import annotations

import asyncio
import csv
import gzip
import json
import re
import sys
import time
from collections.abc import Callable
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lxml import html as lxml_html

from kompas_crawler import pages
from kompas_crawler.standin.answers import Answers, Asked
from kompas_crawler.standin.site import Site

ROUNDS = 7
SLOW_PAGES = 12  # for readers that need tens of milliseconds
_OWN_ADDRESS = re.compile(r'property="og:url" content="([^"]+)"')

Saved = tuple[str, str]  # the page, its address


def measure(folder: Path | None = None) -> dict[str, Any]:
    """Return ms a page for each reader, and the ratios to ours."""
    saved = _from_folder(folder) if folder else _from_stand_in()
    rows = {"bare lxml.html": _cost(_bare, saved), "read_article": _cost(_ours, saved)}
    for name, reader in _others().items():
        rows[name] = _cost(reader, saved[:SLOW_PAGES], rounds=2)
    ours = rows["read_article"]
    return {
        "pages": len(saved),
        "kB a page": round(sum(len(text) for text, _ in saved) / len(saved) / 1000),
        "ms a page": {name: round(cost, 2) for name, cost in rows.items()},
        "read_article / bare parse": round(ours / rows["bare lxml.html"], 2),
        "others / read_article": {
            name: round(cost / ours, 1)
            for name, cost in rows.items()
            if name not in ("bare lxml.html", "read_article")
        },
    }


def _bare(text: str, url: str) -> None:
    lxml_html.document_fromstring(text.encode())


def _ours(text: str, url: str) -> None:
    pages.read_article(text, url)


def _cost(reader: Callable[[str, str], Any], saved: list[Saved], rounds: int = ROUNDS) -> float:
    best = float("inf")
    for _ in range(rounds):
        began = time.perf_counter()
        for text, url in saved:
            reader(text, url)
        best = min(best, time.perf_counter() - began)
    return best / len(saved) * 1000


def _others() -> dict[str, Callable[[str, str], Any]]:
    """Return the readers that are installed: `pip install -r requirements-bench.txt`."""
    found: dict[str, Callable[[str, str], Any]] = {}
    for name, module, make in (
        ("trafilatura", "trafilatura", _trafilatura),
        ("newspaper4k", "newspaper", _newspaper),
        ("news-watch", "newswatch.scrapers.kompas", _newswatch),
    ):
        try:
            found[name] = make(import_module(module))
        except ImportError:
            continue
    return found


def _trafilatura(module: Any) -> Callable[[str, str], Any]:
    return lambda text, url: module.bare_extraction(text, url=url, with_metadata=True)


def _newspaper(module: Any) -> Callable[[str, str], Any]:
    config = module.Config()
    config.fetch_images = False  # no network
    config.language = "id"

    def read(text: str, url: str) -> None:
        article = module.Article(url, config=config)
        article.download(input_html=text)
        article.parse()

    return read


def _newswatch(module: Any) -> Callable[[str, str], Any]:
    """Return news-watch's Kompas parser, handed the page instead of the network."""

    class Handed(module.KompasScraper):  # type: ignore[misc]
        page = ""

        async def fetch(self, *args: Any, **kwargs: Any) -> str:
            return self.page

    loop = asyncio.new_event_loop()

    def read(text: str, url: str) -> None:
        scraper = Handed("kata", queue_=asyncio.Queue())
        scraper.page = text
        loop.run_until_complete(scraper.get_article(url, "kata"))

    return read


def _from_folder(folder: Path) -> list[Saved]:
    index = folder / "INDEX.tsv"
    known: dict[str, str] = {}
    if index.exists():
        with index.open(encoding="utf-8", newline="") as rows:
            known = {row["file"]: row["url"] for row in csv.DictReader(rows, delimiter="\t")}
    found = []
    for path in sorted(folder.glob("*.html*")):
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8", "replace")
        told = _OWN_ADDRESS.search(text)
        url = known.get(path.name) or (told[1] if told else "")
        if "/read/" in url:
            found.append((text, url))
    return found


def _from_stand_in(count: int = 60) -> list[Saved]:
    day = date(2021, 8, 26)
    site = Site("bench", day, day, count, layout="read-2017", weight="full")
    answers = Answers(site)
    found = []
    for article_id in site.ids(day):
        url = site.record(article_id)["url"]
        parts = urlsplit(url)
        asked = Asked(host=parts.netloc, target=f"{parts.path}?page=all")
        found.append((answers.to(asked).raw.decode(), f"{url}?page=all"))
    return found


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    sys.stdout.write(json.dumps(measure(folder), indent=2) + "\n")
