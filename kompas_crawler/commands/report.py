"""`scrapy report`: one page of HTML that shows what the collection holds."""

from __future__ import annotations

import argparse
import webbrowser
from datetime import datetime
from functools import partial
from pathlib import Path

from kompas_crawler.commandline import ArchiveCommand, print_json
from kompas_crawler.datelines import WIB
from kompas_crawler.errors import BadArgument
from kompas_crawler.exports import targets
from kompas_crawler.invented import in_words, invented_runs
from kompas_crawler.ledger import Ledger
from kompas_crawler.paths import read_path
from kompas_crawler.reading import DONE, NOTHING_FOUND, add_filters, archive_below, read_filters
from kompas_crawler.selection import Selection
from kompas_crawler.streams import say

_GENERATOR = b'<meta name="generator" content="kompas_crawler">'
INSTALL = "the report needs a few packages more: pip install -r requirements-report.txt"


class Command(ArchiveCommand):
    """Writes the report and prints where it is."""

    instead = "say --to {word}, for example"

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Show the collection in one page of HTML"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--to", metavar="FILE", help="the page (default: DIR/report.html)")
        parser.add_argument(
            "--lang", choices=("id", "en"), default="id", help="the language it opens in"
        )
        parser.add_argument("--open", action="store_true", help="open it in the browser")
        add_filters(parser)

    def answer(self, args: list[str], opts: argparse.Namespace) -> int:
        root = self.root(opts)
        selection = read_filters(opts, datetime.now(WIB))
        told = read_path("--to", opts.to) if opts.to is not None else root / "report.html"
        path = targets.check(told, root, replaces=_why_not)
        try:
            articles, invented = _written(root, path, opts.lang, selection)
        except ModuleNotFoundError as missing:
            raise BadArgument(f"{INSTALL} ({missing.name} is not installed)") from missing
        if not (articles or selection.is_everything):
            say("No article fits: nothing was written.")
            return NOTHING_FOUND
        if opts.json:
            print_json({"page": str(path), "articles": articles, "invented": invented})
        else:
            print(path)
        if sentence := in_words(invented, articles):
            say(sentence)
        if opts.open:
            webbrowser.open(path.as_uri())
        return DONE


def _why_not(target: Path) -> str | None:
    """Say why a file must stay that is there already; an older report may be replaced."""
    with target.open("rb") as file:
        beginning = file.read(64 * 1024)
    if not beginning or _GENERATOR in beginning:
        return None
    return "is there already and is no report of ours: choose another file"


def _written(root: Path, path: Path, language: str, selection: Selection) -> tuple[int, int]:
    """Write the page; return how many articles it shows, and how many of them are invented."""
    # Imported here: the other commands must not need what only this one does.
    from kompas_crawler.report.figures import report
    from kompas_crawler.report.history import history
    from kompas_crawler.report.numbers import tally
    from kompas_crawler.report.page import render, write

    with archive_below(root) as archive:
        runs = invented_runs(Ledger(root).newest_first())
        # The tally itself keeps the last revision only, without asking where each lies.
        every = (
            archive.records if selection.is_everything else partial(selection.records_of, archive)
        )
        counted = tally(map(every, archive.months()), runs)
    if not (counted.articles or selection.is_everything):
        return 0, 0
    told = history(Ledger(root).newest_first())
    shown = report(counted, told, datetime.now(WIB), selection.in_words())
    write(render(shown, "en" if language == "en" else "id"), path)
    return counted.articles, counted.invented
