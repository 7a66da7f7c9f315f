"""`scrapy search`: the articles that hold some words."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from kompas_crawler.characters import plain
from kompas_crawler.commandline import byte_progress
from kompas_crawler.datelines import WIB
from kompas_crawler.errors import BadArgument
from kompas_crawler.fulltext import Excerpt, Found, FullText, excerpt, mark_all
from kompas_crawler.invented import in_words as invented_in_words
from kompas_crawler.invented import invented_runs
from kompas_crawler.ledger import Ledger
from kompas_crawler.reading import (
    DONE,
    NOTHING_FOUND,
    ReadingCommand,
    archive_below,
    read_count,
)
from kompas_crawler.selection import Words, read_asked_period
from kompas_crawler.streams import say
from kompas_crawler.terminal import in_words, json_text, page, print_wrapped

LIMIT = "10"
WIDTH = 240  # characters of a snippet: three lines of a terminal


class Command(ReadingCommand):
    """Searches; 23 when no article holds all the words."""

    takes = None

    def syntax(self) -> str:
        return "[options] WORDS"

    def short_desc(self) -> str:
        return "Print the articles that hold all these words"

    def long_desc(self) -> str:
        return (
            "Print the newest articles whose title or text holds all WORDS; case and accents do not"
            ' count. "a phrase" in double quotes stands together, begin* is how a word begins,'
            " -without is a word that must not occur: put that in quotes, 'vaksin -demam'."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        add = parser.add_argument
        add("--since", metavar="WHEN", help="published then or later: 2026-11-20, 36h, 2w")
        add("--until", metavar="WHEN", help="published then or earlier")
        add("--limit", metavar="N", default=LIMIT, help=f"articles to print (default: {LIMIT})")
        add("--best", action="store_true", help="best first: often, and in the title")
        add("--json", action="store_true", help="print a line of JSON for each article")

    def answer(self, args: list[str], opts: argparse.Namespace) -> int:
        if not args:
            raise BadArgument("there are no words to look for")
        words = Words.read(" ".join(args))
        period = read_asked_period(opts.since, opts.until, datetime.now(WIB))
        limit = read_count("limit", opts.limit)
        root = self.root(opts)
        with archive_below(root) as archive, FullText(root, archive) as index:
            _bring_up_to_date(index)
            found = index.search(words, period, limit, best_first=opts.best)
        invented = invented_runs(Ledger(root).newest_first())
        number = sum(record.get("crawl") in invented for record in found.records)
        if opts.json:
            for record in found.records:
                print(json_text(_hit(record, words)))
        else:
            _print(found, words, invented, best_first=opts.best)
        if sentence := invented_in_words(number, len(found.records)):
            say(sentence)
        return DONE if found.count else NOTHING_FOUND


def _bring_up_to_date(index: FullText) -> None:
    with byte_progress() as bar:
        task = bar.add_task("Reading new articles", total=index.unread())
        index.refresh(lambda size: bar.advance(task, size))


def _hit(record: Mapping[str, Any], words: Words) -> dict[str, Any]:
    kept = {key: record[key] for key in ("id", "published_at", "title", "url")}
    return kept | {"snippet": excerpt(record["text"], words, WIDTH).marked()}


def _print(found: Found, words: Words, invented: Collection[str], *, best_first: bool) -> None:
    out = page()
    for record in found.records:
        published = in_words(datetime.fromisoformat(record["published_at"]))
        print_wrapped(out, _shown(mark_all(plain(record["title"]), words), out, "bold"))
        mark = " · invented" if record.get("crawl") in invented else ""
        print_wrapped(out, Text(f"{published} · {record['id']}{mark}", style="dim"))
        print_wrapped(out, _shown(excerpt(plain(record["text"]), words, WIDTH), out))
        out.print()
    out.print(Text(_summary(found, best_first=best_first)))


def _shown(piece: Excerpt, out: Console, style: str = "") -> Text:
    """Return the piece with its words highlighted or, where there is no colour, between stars."""
    if out.color_system is None:
        return Text(piece.marked())
    text = Text(piece.text, style=style)
    for begin, end in piece.marks:
        text.stylize("bold reverse", begin, end)
    return text


def _summary(found: Found, *, best_first: bool) -> str:
    shown = len(found.records)
    if not found.count:
        return "No article holds all these words."
    articles = "article" if found.count == 1 else "articles"
    if shown == found.count:
        return f"{found.count:,} {articles}."
    return f"The {shown} {'best' if best_first else 'newest'} of {found.count:,} {articles}."
