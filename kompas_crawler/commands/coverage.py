"""`scrapy coverage`: compare what Kompas lists with what is stored."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import datetime

from rich.console import Console
from rich.table import Table

from kompas_crawler.audit.coverage import Coverage, compare
from kompas_crawler.audit.coverage_spider import CoverageSpider
from kompas_crawler.audit.survey import run_spider
from kompas_crawler.cli.archive_command import ArchiveCommand, SurveyCommand, print_json
from kompas_crawler.cli.reading_command import open_archive
from kompas_crawler.cli.streams import with_program_name
from kompas_crawler.cli.terminal import console
from kompas_crawler.errors import BadArgument
from kompas_crawler.runs.log import CrawlLog
from kompas_crawler.runs.outcome import EXIT_CODES, MEANINGS, MISSING, Outcome
from kompas_crawler.runs.periods import read_period
from kompas_crawler.timezones import WIB
from kompas_crawler.wording import number_of

SHOWN = 40  # missing ids that the table for people names; JSON has all
_COLUMNS = ("listed", "stored", "missing", "updated", "given up", "gone", "off section", "unlisted")


class Command(SurveyCommand, ArchiveCommand):
    """Compare, day by day, what Kompas lists with what is stored.

    Reads Kompas's daily index of the given days and compares it with the archive. It stores nothing.
    """

    instead = "use --since 3d, for example"
    exit_codes = {
        0: "everything that Kompas lists is stored",
        MISSING: "something that it lists is not stored",
        **{code: f"{outcome}, as of a crawl" for outcome, code in EXIT_CODES.items() if code},
    }
    usage = "--since DATE|AGE [options]"
    options = {
        "--since DATE|AGE": "first day: 2026-11-20 or 3d",
        "--until DATE|AGE": "last day (default: today)",
    }

    def answer(self, args: list[str], opts: argparse.Namespace) -> int:
        period = read_period(opts.since, opts.until, datetime.now(WIB))
        root = self.root(opts)
        if not root.is_dir():
            raise BadArgument(f"{root} is no directory: nothing has been stored there")
        since, until = period.iso
        spider, _ = run_spider(self.crawler_process, CoverageSpider, since=since, until=until)
        with open_archive(root, may_be_missing=True) as archive:
            outcome = spider.outcome_against(archive, CrawlLog(root).finals())
            crawl_log, days = CrawlLog(root), period.days()
            compared = compare(archive, crawl_log, days, spider.listed, spider.proven)
        if opts.json:
            print_json(_document(compared, outcome))
        else:
            _show(console(), compared, outcome, spider)
        if outcome is Outcome.COMPLETE and compared.not_stored:
            return MISSING
        return EXIT_CODES[outcome]  # the crawl's own where the list itself is not proven


def _document(compared: Coverage, outcome: Outcome) -> dict[str, object]:
    return {
        "outcome": str(outcome),
        "complete": outcome is Outcome.COMPLETE and not compared.not_stored,
        "sums": compared.sums(),
        "days": [day.to_dict() for day in compared.days],
    }


def _show(out: Console, compared: Coverage, outcome: Outcome, spider: CoverageSpider) -> None:
    table = Table("day")
    for column in _COLUMNS:
        table.add_column(column, justify="right")
    for day in compared.days:
        name = f"{day.day}{'' if day.proven else ' ?'}"
        was_read = day.proven or day.listed
        numbers = _numbers(day.to_dict()) if was_read else ["–" for _ in _COLUMNS]
        table.add_row(name, *numbers, style="red" if day.missing else None)
    table.add_section()
    table.add_row("all", *_numbers(compared.sums()))
    out.print(table)
    if not compared.proven:
        out.print("? The index of this day could not be read to its end; it may list more.")
    for failed in spider.run.failed_listings:
        out.print(f"not read ({failed['reason']}): {failed['url']}", soft_wrap=True)
    for url in spider.run.unknown_listings:
        out.print(f"no list recognised: {url}", soft_wrap=True)
    if withdrawn := compared.ids("withdrawn"):
        out.print(f"Withdrawn, and not collected again: {number_of(len(withdrawn), 'article')}.")
    _name_missing(out, compared)
    if outcome is not Outcome.COMPLETE:
        out.print(f"{outcome}: {MEANINGS[outcome]}", soft_wrap=True)


def _numbers(row: Mapping[str, object]) -> list[str]:
    values = (row[column.replace(" ", "_")] for column in _COLUMNS)
    return [str(len(value) if isinstance(value, list) else value) for value in values]


def _name_missing(out: Console, compared: Coverage) -> None:
    missing = compared.not_stored
    if not missing:
        return
    pending, given_up = set(compared.ids("pending")), set(compared.ids("given_up"))
    for id_ in missing[:SHOWN]:
        why = " (pending, the next run requests it)" if id_ in pending else ""
        out.print(f"missing: {id_}{' (given up)' if id_ in given_up else why}")
    if len(missing) > SHOWN:
        out.print(f"and {len(missing) - SHOWN} more; --json names all")
    if lost := [id_ for id_ in missing if id_ not in pending][:SHOWN]:
        again = with_program_name(f'scrapy crawl articles -a url="{" ".join(lost)}"')
        out.print(f"To fetch them: {again}", soft_wrap=True)
