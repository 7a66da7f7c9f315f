"""`scrapy verify`: check every stored line and, with --repair, repair damaged files."""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from scrapy.spiderloader import get_spider_loader

from kompas_crawler.audit.against import Compared, Verdict, compared
from kompas_crawler.audit.repair import Repair, RepairAction, hold_all_locks
from kompas_crawler.audit.verify import FileReport, Verification
from kompas_crawler.characters import plain
from kompas_crawler.cli.archive_command import ArchiveCommand, byte_progress, print_json
from kompas_crawler.cli.reading_command import open_archive
from kompas_crawler.cli.streams import (
    print_answer,
    print_message,
    program_name,
    with_program_name,
)
from kompas_crawler.cli.terminal import console, json_text
from kompas_crawler.errors import BadArgument
from kompas_crawler.paths import read_path
from kompas_crawler.runs.log import TOLD_FOR
from kompas_crawler.runs.manifest import listed_in
from kompas_crawler.runs.outcome import DIFFERENT, DONE, UNSOUND
from kompas_crawler.timezones import WIB
from kompas_crawler.wording import number_of

SHOWN = 20  # problems of a file that the table for people names


class Command(ArchiveCommand):
    """Check every stored line, and repair what a crash has damaged.

    Checks every line of every month, the index and crawls.jsonl. With --repair it first repairs
    what a crash can damage and moves unreadable lines aside; the exit code then describes the files
    after the repair.
    """

    exit_codes = {
        0: "every stored line is sound",
        15: "a run is using the directory, so nothing was repaired",
        UNSOUND: "something is wrong in the files",
        DIFFERENT: "with --against: archive and list differ",
    }
    options = {
        "--repair": "repair torn, garbled, repeated and misplaced lines and a wrong index; the old"
        " files are kept as NAME.before-repair-TIME",
        "--against LIST": "compare with a manifest instead: which articles are the same, changed,"
        " missing or not in the list",
    }

    def answer(self, args: list[str], opts: argparse.Namespace) -> int:
        root = self.root(opts)
        if opts.against is not None:
            if opts.repair:
                raise BadArgument("--against compares and repairs nothing: leave out --repair")
            return _compare(root, opts.against, as_json=opts.json)
        actions = self._repaired(root) if opts.repair else []
        verification, reports = _verified(root)
        if opts.json:
            print_json(_document(verification, reports, actions))
        else:
            _show(console(), verification, reports, actions)
        return DONE if all(report.clean for report in reports) else UNSOUND

    def _repaired(self, root: Path) -> list[RepairAction]:
        spiders = get_spider_loader(self.settings).list()
        Verification(root)
        with hold_all_locks(root, spiders, "scrapy verify --repair"):
            _, reports = _verified(root)
            return list(Repair(root, datetime.now(WIB)).apply(reports))


def _compare(root: Path, against: str, *, as_json: bool) -> int:
    """Print how each article compares with a list, and return the exit code."""
    path = read_path("--against", against)
    counts: Counter[Verdict] = Counter()
    with open_archive(root) as archive:
        for each in compared(archive, listed_in(path)):
            counts[each.verdict] += 1
            if as_json:
                print(json_text(asdict(each)))
            elif each.verdict is not Verdict.SAME:
                print(_difference(each))
    told = [each for each in _VERDICTS if counts[each] or each is not Verdict.WITHDRAWN]
    found = ", ".join(f"{counts[verdict]:,} {_VERDICTS[verdict]}" for verdict in told)
    (print_message if as_json else print_answer)(f"Compared with {against}: {found}.")
    return DONE if counts.keys() <= {Verdict.SAME} else DIFFERENT


_VERDICTS = {
    Verdict.SAME: "the same",
    Verdict.CHANGED: "changed",
    Verdict.MISSING: "missing",
    Verdict.WITHDRAWN: "withdrawn",
    Verdict.NOT_LISTED: "not in the list",
}


def _difference(each: Compared) -> str:
    line = f"{_VERDICTS[each.verdict]}: {each.id}"
    if each.verdict is not Verdict.CHANGED:
        return line
    same = f"revision {each.same_as}" if each.same_as else "none of the stored revisions"
    return f"{line}: stored is revision {each.stored}; {same} has the content of the list"


def _verified(root: Path) -> tuple[Verification, list[FileReport]]:
    verification = Verification(root)
    reports = []
    with byte_progress("Reading", verification.size) as advance:
        for report in verification.reports():
            reports.append(report)
            advance(report.size)
    return verification, reports


def _document(
    verification: Verification, reports: list[FileReport], actions: list[RepairAction]
) -> dict[str, object]:
    return {
        "directory": str(verification.root),
        "clean": all(report.clean for report in reports),
        "problems": sum(report.counts.total() for report in reports),
        "files": [report.to_dict() for report in reports],
        "notes": list(verification.notes()),
        "given_up": verification.given_up,
        "repaired": [asdict(action) for action in actions],
    }


def _show(
    out: Console,
    verification: Verification,
    reports: list[FileReport],
    actions: list[RepairAction],
) -> None:
    for action in actions:
        out.print(
            f"{'repaired' if action.done else 'not repaired'}: {action.file}: {action.did}",
            soft_wrap=True,
        )
    if lost := " ".join(dict.fromkeys(id_ for action in actions for id_ in action.lost)):
        again = with_program_name(f'scrapy crawl articles -a url="{lost}"')
        out.print(f"To fetch the lost articles again: {again}", soft_wrap=True)
    out.print(f"Verified {verification.root}", soft_wrap=True)
    out.print(_table(reports))
    for report in reports:
        _name_problems(out, report)
    for note in verification.notes():
        out.print(f"note: {note}", soft_wrap=True)
    if ids := verification.given_up:
        named = plain(", ".join(ids[:SHOWN])) + (" …" if len(ids) > SHOWN else "")
        number = f"{number_of(len(ids), 'article')} given up in the last {TOLD_FOR.days} days"
        out.print(f"note: {number} and not stored: {named}", soft_wrap=True)
    out.print(_verdict(reports), soft_wrap=True)


def _table(reports: list[FileReport]) -> Table:
    table = Table("file")
    for heading in ("bytes", "lines", "articles", "wrong"):
        table.add_column(heading, justify="right")
    for report in reports:
        wrong = report.counts.total()
        counts = (report.size, report.lines, report.articles, wrong)
        table.add_row(report.name, *map("{:,}".format, counts), style="red" if wrong else None)
    return table


def _name_problems(out: Console, report: FileReport) -> None:
    for problem in report.problems[:SHOWN]:
        line = f":{problem.line}" if problem.line else ""
        article = f" {problem.id}:" if problem.id else ""
        what = plain(f"{problem.what}:{article} {problem.found}")
        out.print(f"{report.name}{line}: {what}", soft_wrap=True)
    if (more := report.counts.total() - SHOWN) > 0:
        out.print(f"{report.name}: and {more} more", soft_wrap=True)


def _verdict(reports: list[FileReport]) -> str:
    lines = sum(report.lines for report in reports)
    counts = sum((report.counts for report in reports), Counter())
    if not counts:
        files = number_of(len(reports), "file")
        return f"{number_of(lines, 'line')} in {files}, and no problem found."
    kinds = ", ".join(f"{number} {what}" for what, number in counts.most_common())
    repairable = sum(report.repairable for report in reports)
    repair = f"{program_name()} verify --repair repairs {repairable}"
    return f"Wrong: {kinds}; {repair if repairable else 'no crash can cause that'}."
