"""`scrapy changes`: show what changed in stored articles, and which ones Kompas removed."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from rich.console import Console
from rich.text import Text

from kompas_crawler.audit.changes import (
    Change,
    DiffPiece,
    RemovedArticle,
    changes_since,
    removed_since,
)
from kompas_crawler.characters import plain
from kompas_crawler.cli.archive_command import ArchiveCommand, print_json
from kompas_crawler.cli.reading_command import open_archive, read_id
from kompas_crawler.cli.streams import print_message
from kompas_crawler.cli.terminal import console
from kompas_crawler.errors import BadArgument
from kompas_crawler.runs.invented import in_words, invented_runs
from kompas_crawler.runs.log import CrawlLog
from kompas_crawler.runs.periods import read_period
from kompas_crawler.timezones import WIB

# Without colours the marks of wdiff show what was removed and what was added.
_MARKS = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
_STYLES = {"same": "", "removed": "red strike", "added": "green"}


class Command(ArchiveCommand):
    """Show what has changed in stored articles, and which are gone.

    Prints every stored revision against the one before it, newest first, and the articles that
    Kompas has removed. Needs no network. With ID only that article.
    """

    takes = 1
    instead = "it takes one article"
    exit_codes = {0: "printed, whether anything has changed or not"}
    usage = "[options] [ID]"
    options = {"--since DATE|AGE": "changes seen since: 2026-11-20 or 3d (default: all)"}

    def answer(self, args: list[str], opts: argparse.Namespace) -> int:
        article_id = read_id(args[0]) if args else None
        since = read_period(opts.since, None, datetime.now(WIB)).since if opts.since else None
        root = self.root(opts)
        with open_archive(root) as archive:
            gone = removed_since(archive, CrawlLog(root), since, article_id)
            if article_id and article_id not in archive and not gone:
                raise BadArgument(f"{article_id} is not stored in {root}")
            runs = invented_runs(CrawlLog(root).newest_first())
            invented = {each.id: each.is_invented for each in gone}  # what is shown, by id
            found = _noted(changes_since(archive, since, article_id), runs, invented)
            if opts.json:
                rows = [change.to_dict() for change in found]
                print_json({"changes": rows, "gone": [each.to_dict() for each in gone]})
            else:
                _show(console(), found, gone, runs)
        if sentence := in_words(sum(invented.values()), len(invented)):
            print_message(sentence)
        return 0


def _noted(
    changes: Iterable[Change], runs: Collection[str], invented: dict[str, bool]
) -> Iterator[Change]:
    """Yield the changes, and note of their articles whether the stand-in has invented them."""
    for change in changes:
        after = change.after
        invented[after.id] = invented.get(after.id, False) or after.crawl in runs
        yield change


def _show(
    out: Console, found: Iterator[Change], gone: list[RemovedArticle], invented: Collection[str]
) -> None:
    number = 0
    for number, change in enumerate(found, 1):  # noqa: B007 - it is used below
        shown = _shown(change, invented, coloured=out.is_terminal)
        out.print(shown, soft_wrap=not out.is_terminal)
    for each in gone:
        title = plain(each.title) if each.title else "never stored"
        mark = ", invented" if each.is_invented else ""
        line = f"gone ({each.status}), seen {_clock(each.seen_at)}{mark}: {each.id}, {title}"
        out.print(line, soft_wrap=True)
    if not number and not gone:
        out.print("Nothing has changed, and nothing is gone.")


def _shown(change: Change, invented: Collection[str], *, coloured: bool) -> Text:
    after = change.after
    seen = _clock(after.fetched_at)
    mark = ", invented" if after.crawl in invented else ""
    heading = f"{after.id}, revision {after.revision}, seen {seen}{mark}\n"
    text = Text().append(heading, style="bold")
    text.append(f"{after.url}\n")
    for field in change.fields:
        units = ("paragraph", "paragraphs") if field.name == "text" else ("entry", "entries")
        text.append(f"  {field.name}\n", style="bold")
        for block, skipped in zip(field.blocks, field.skipped, strict=True):
            if skipped:
                text.append(f"    … {skipped} {units[skipped != 1]} as before\n", style="dim")
            text.append_text(_block(block, coloured=coloured))
    return text


def _block(block: tuple[DiffPiece, ...], *, coloured: bool) -> Text:
    line = Text("    ")
    for place, piece in enumerate(block):
        words = plain(piece.words)
        line.append(" " if place else "")
        if coloured:
            line.append(words, style=_STYLES[piece.how])
        else:
            line.append(_MARKS[piece.how].format(words))
    return line.append("\n")


def _clock(moment: datetime | None) -> str:
    return moment.astimezone(WIB).strftime("%Y-%m-%d %H:%M WIB") if moment else "never"
