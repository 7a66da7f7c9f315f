"""What does reading a page cost, against bare parsing and against other readers?

`python -m bench.pages [FOLDER]` reads the saved pages of a folder (`*.html`, `*.html.gz`, with
their addresses in INDEX.tsv or in the pages), or without one the stand-in's pages of full weight.
All readers get the same pages in turn, round by round. CPU time counts, and of it the fastest round
of each, because what slows a round is the machine and not the code.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lxml import html as lxml_html

from kompas_crawler import pages
from kompas_crawler.warc.page_address import own_address
from kompas_crawler.warc.saved_html import html_sources, read_saved
from kompas_crawler.warc.saved_pages import text_of_page
from kompas_standin.answers import Answers, PageRequest
from kompas_standin.site import Site

ROUNDS = 9
DAY = date(2021, 8, 26)
PAGES = 60
SLOW_PAGES = 12  # for readers that need tens of milliseconds

Saved = tuple[str, str]  # the page, its address
Reader = Callable[[str, str], Any]


def measure(folder: Path | None = None) -> dict[str, Any]:
    """Return ms a page for each reader, and the ratios to ours."""
    saved = _from_folder(folder) if folder else list(stand_in_pages(PAGES))
    size = sum(len(text) for text, _ in saved) / len(saved)
    rows = _costs({"bare lxml.html": _bare, "read_article": _ours}, saved, ROUNDS)
    few = saved[:SLOW_PAGES]
    others = _costs({"read_article": _ours, **_others()}, few, rounds=3)
    ours = others.pop("read_article")
    return {
        "pages": len(saved),
        "kB a page": round(size / 1000),
        "ms a page": {name: round(cost, 2) for name, cost in (rows | others).items()},
        "read_article / bare parse": round(rows["read_article"] / rows["bare lxml.html"], 2),
        "others / read_article": {name: round(cost / ours, 1) for name, cost in others.items()},
        "peak MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _bare(text: str, url: str) -> None:
    lxml_html.document_fromstring(text.encode())


def _ours(text: str, url: str) -> None:
    pages.read_article(text, url)


def _costs(readers: Mapping[str, Reader], saved: list[Saved], rounds: int) -> dict[str, float]:
    """Return each reader's ms a page, in its fastest round."""
    seconds = [
        {name: _round(reader, saved) for name, reader in readers.items()} for _ in range(rounds)
    ]
    return {name: min(each[name] for each in seconds) / len(saved) * 1000 for name in readers}


def _round(reader: Reader, saved: list[Saved]) -> float:
    began = time.process_time()
    for text, url in saved:
        reader(text, url)
    return time.process_time() - began


def _others() -> dict[str, Reader]:
    """Return the readers that are installed: `pip install -r requirements-bench.txt`."""
    found: dict[str, Reader] = {}
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


def _trafilatura(module: Any) -> Reader:
    return lambda text, url: module.bare_extraction(text, url=url, with_metadata=True)


def _newspaper(module: Any) -> Reader:
    config = module.Config()
    config.fetch_images = False  # no network
    config.language = "id"

    def read(text: str, url: str) -> None:
        article = module.Article(url, config=config)
        article.download(input_html=text)
        article.parse()

    return read


def _newswatch(module: Any) -> Reader:
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
    sources = html_sources(sorted(folder.glob("*.html*")))
    found = []
    for file in sorted((file for each in sources for file in each.files), key=lambda f: f.path):
        text = text_of_page(read_saved(file.path))
        url = file.row.url or own_address(text) or ""
        if "/read/" in url:
            found.append((text, url))
    return found


def stand_in_pages(count: int) -> Iterator[Saved]:
    """Yield pages of the stand-in that are as large as real ones."""
    site = Site("bench", DAY, DAY, count, layout="read-2017", weight="full")
    answers = Answers(site)
    for article_id in site.ids(DAY):
        url = site.record(article_id)["url"]
        parts = urlsplit(url)
        asked = PageRequest(host=parts.netloc, target=f"{parts.path}?page=all")
        yield answers.to(asked).raw.decode(), f"{url}?page=all"


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    sys.stdout.write(json.dumps(measure(folder), indent=2) + "\n")
