"""`scrapy withdraw`: take articles out of the archive for good."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from scrapy.spiderloader import get_spider_loader

from kompas_crawler.archive import sqlite_cache
from kompas_crawler.archive.store import month_files
from kompas_crawler.archive.withdrawn import (
    Withdrawal,
    left_behind,
    note_withdrawals,
    take_out,
    withdrawals,
)
from kompas_crawler.audit.repair import hold_all_locks
from kompas_crawler.cli.archive_command import ArchiveCommand, print_json
from kompas_crawler.cli.reading_command import read_id
from kompas_crawler.cli.streams import print_answer, print_message
from kompas_crawler.errors import BadArgument
from kompas_crawler.timezones import WIB
from kompas_crawler.warc.withdrawn import take_out_pages
from kompas_crawler.wording import number_of


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """What was taken out of a file, or that it may still hold withdrawn articles."""

    file: str
    removed: int = 0
    may_hold_more: bool = False


class Command(ArchiveCommand):
    """Withdraw articles: take them out of the archive, and never collect them again.

    Removes all revisions from the article files and all their pages from warc/, and notes id, time
    and reason in withdrawn.jsonl: no crawl and no reparse stores them again. Without an article it
    repeats the removal for all of that list, as is needed after a backup was put back.
    """

    takes = None
    usage = "[options] [ID …]"
    exit_codes = {
        0: "the articles are withdrawn, and what may still hold them is named",
        15: "a run is using the directory, so nothing was withdrawn",
    }
    options = {"--reason TEXT": "why, as `scrapy show` will say: 'asked by the publisher'"}

    def answer(self, args: list[str], opts: argparse.Namespace) -> int:
        root, reason = self.root(opts), " ".join((opts.reason or "").split())
        if bool(args) != bool(reason):
            raise BadArgument("give articles and a --reason, or neither to repeat the removal")
        if not (root / "articles").is_dir():
            raise BadArgument(f"{root} holds no archive: there is no articles/ in it")
        ids = dict.fromkeys(map(read_id, args))
        now = datetime.now(WIB).isoformat(timespec="seconds")
        with hold_all_locks(root, get_spider_loader(self.settings).list(), "scrapy withdraw"):
            # Noted first, so that a removal that is broken off can be repeated.
            noted = (Withdrawal(id=each, withdrawn_at=now, reason=reason) for each in ids)
            note_withdrawals(root, noted)
            taken = list(_taken_out(root))
        if opts.json:
            print_json([asdict(each) for each in taken])
        else:
            _show(taken)
        print_message("Exports, reports and backups that were made before are not changed.")
        return 0


def _taken_out(root: Path) -> Iterator[_Taken]:
    """Take all withdrawn articles out of the files; yield the files that held some, or may."""
    ids = withdrawals(root).keys()
    if not ids:
        return
    for path in month_files(root / "articles"):
        if removed := take_out(path, ids):
            yield _Taken(file=path.relative_to(root).as_posix(), removed=removed)
    sqlite_cache.remove(root / sqlite_cache.NAME)  # it holds their words
    for found in take_out_pages(root / "warc", ids):
        if found.records or not found.searched:
            name = found.path.relative_to(root).as_posix()
            yield _Taken(file=name, removed=found.records, may_hold_more=not found.searched)
    for path in left_behind(root, ids):
        yield _Taken(file=path.relative_to(root).as_posix(), may_hold_more=True)


def _show(taken: list[_Taken]) -> None:
    for each in taken:
        if each.removed:
            what = "line" if each.file.startswith("articles/") else "record"
            print_answer(f"{each.file}: {number_of(each.removed, what)} removed")
        if each.may_hold_more:
            print_answer(f"{each.file}: may still hold withdrawn articles: look, or delete it")
    if not taken:
        print_answer("No file holds a withdrawn article.")
