"""`scrapy export`: write articles to a file that other programs open."""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import datetime

import msgspec
from rich.filesize import decimal

from kompas_crawler.cli.archive_command import ArchiveCommand, with_progress
from kompas_crawler.cli.reading_command import FILTERS, open_archive, read_filters
from kompas_crawler.cli.streams import print_answer, print_message
from kompas_crawler.cli.terminal import json_text
from kompas_crawler.errors import BadArgument
from kompas_crawler.exports import (
    FORMATS,
    ExportRequest,
    ExportResult,
    destination,
    export,
    format_named,
)
from kompas_crawler.paths import read_path
from kompas_crawler.runs.coverage_proof import proof
from kompas_crawler.runs.invented import in_words, invented_runs
from kompas_crawler.runs.log import CrawlLog
from kompas_crawler.runs.outcome import DONE, NOTHING_FOUND
from kompas_crawler.search.selection import Query
from kompas_crawler.timezones import WIB
from kompas_crawler.wording import number_of


class Command(ArchiveCommand):
    """Export articles for spreadsheets, databases, corpus tools and DataFrames.

    Exports the last revision of every article, or of those that are selected. Options that name
    something may be given several times: one of the names is enough.
    """

    instead = "use --words {word!r}, for example"
    exit_codes = {0: "written", NOTHING_FOUND: "no article matches; nothing was written"}
    usage = "--to PATH [options]"
    options = {
        "--to PATH": "the file or, for a dataset, the folder to write",
        "--format FORMAT": f"{', '.join(FORMATS)} (default: by PATH's suffix)",
        **FILTERS,
        "--words WORDS": "all in title or text; see `scrapy search -h`",
        "--all-revisions": "every revision, not only the last",
        "--bom": "begin a CSV with the mark by which Excel recognises UTF-8",
        "--delimiter SIGN": "separates a CSV's cells: ; or tab (default: ,)",
        "--force": "replace PATH if it exists",
    }

    def answer(self, args: list[str], opts: argparse.Namespace) -> int:
        if not opts.to:
            raise BadArgument("--to is missing: name the file or folder to write")
        now = datetime.now(WIB)
        target = read_path("--to", opts.to)
        form = format_named(opts.format, target)
        for name in ("bom", "delimiter"):
            if getattr(opts, name) and form.name != "csv":
                raise BadArgument(f"--{name} is for csv: {form.name} needs none")
        selection = replace(
            read_filters(opts, now),
            words=None if opts.words is None else Query.parse(opts.words),
            all_revisions=opts.all_revisions,
        )
        root = self.root(opts)
        form.writer()
        target = destination.check_export(target, root, folder=form.folder, force=opts.force)
        with open_archive(root) as archive:
            log = CrawlLog(root)
            request = ExportRequest(
                selection=selection,
                made_at=now,
                byte_order_mark=opts.bom,
                delimiter=_delimiter(opts.delimiter),
                invented_runs=invented_runs(log.newest_first()),
                proof=lambda first, last: proof(first, last, log, now, archive.__contains__),
            )
            done = export(with_progress(selection.records(archive), archive), form, target, request)
            done.left_out, done.reasons = archive.spoiled(), archive.left_out
        if not done.articles:
            print_message("No article matches: nothing was written.")
            return NOTHING_FOUND
        facts = json_text(msgspec.to_builtins(done, enc_hook=str))
        print_answer(facts if opts.json else _summary(done, opts.to))
        if sentence := in_words(done.invented, done.articles):
            print_message(sentence)
        return DONE


def _delimiter(given: str | None) -> str:
    """Return the separator of the cells; `BadArgument` for one that spreadsheets do not accept."""
    signs = {None: ",", ",": ",", ";": ";", "tab": "\t", "\t": "\t"}
    if given not in signs:
        raise BadArgument(f"delimiter={given!r} cannot separate cells: choose one of , ; tab")
    return signs[given]


def _summary(done: ExportResult, target: str) -> str:
    ends = " to ".join(f"{moment:%Y-%m-%d}" for moment in (done.first, done.last) if moment)
    return f"{number_of(done.articles, 'article')} from {ends} in {target}, {decimal(done.bytes)}"
