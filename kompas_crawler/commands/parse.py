"""`scrapy parse`: how one page is read, of Kompas or from a saved file; nothing is stored."""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.commands.parse import Command as Scrapys
from scrapy.http import Response, TextResponse
from twisted.python.failure import Failure
from w3lib.url import file_uri_to_path

from kompas_crawler import pages, urls
from kompas_crawler.archive.record import to_record
from kompas_crawler.audit.doctor import Check, Fact, check_article, check_list
from kompas_crawler.budget import budget
from kompas_crawler.characters import plain
from kompas_crawler.cli.archive_command import print_json
from kompas_crawler.cli.command import unknown_spider
from kompas_crawler.cli.scrapy_command import ViewCommand
from kompas_crawler.cli.terminal import console
from kompas_crawler.commands.doctor import show_check
from kompas_crawler.errors import BadArgument, PageRefused
from kompas_crawler.responses import Refusal, evidence_of, reason_of
from kompas_crawler.runs.outcome import EXIT_CODES, UNKNOWN, Outcome
from kompas_crawler.timezones import WIB
from kompas_crawler.warc.page_address import own_address
from kompas_crawler.warc.saved_html import index_row

# What a spider cannot begin without; here it requests nothing by itself.
NEEDED = {"backfill": {"since": "1d"}, "articles": {"url": "2021/08/26/162226370"}}

# Options of Scrapy's that mean nothing here, with what to do instead.
_NOT_HERE = {
    "pipelines": "--pipelines: they store, and parse stores nothing; scrapy crawl articles -a url=… stores",
    "rules": "-r, --rules: no spider here has rules; leave it out",
    "output_dir": "--output: parse stores nothing; leave it out",
}


class Command(ViewCommand, Scrapys):
    """Show how one page is read: fields, rules, warnings, or why it is refused.

    Reads one page as a crawl does and prints each field with the rule that found it, the warnings,
    and what is not recognised; of a refused page the reason and the evidence. Nothing is stored.
    The page is fetched from Kompas, or read from a saved HTML file, gzipped or not. With --callback
    a spider's method is called instead, as Scrapy's parse does; only then -d, -m, -v, --cbkwargs,
    --no… and the feeds have a meaning.
    """

    exit_codes = {
        0: "the page is an article or a list, and all of it is recognised",
        EXIT_CODES[Outcome.BLOCKED]: "Kompas blocked the request",
        EXIT_CODES[Outcome.UNREACHABLE]: "no answer from Kompas",
        UNKNOWN: "the page is refused, was not received, or something on it is not recognised",
    }
    log_level = "WARNING"
    usage = "[options] ADDRESS|ID|FILE"
    options = {
        "--pipelines": argparse.SUPPRESS,
        "-r,--rules": argparse.SUPPRESS,
        "--output": {"dest": "output_dir", "help": argparse.SUPPRESS},
        "--json": "print JSON, with the whole record",
    }

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args and Path(args[0]).is_file():
            args[0] = Path(args[0]).absolute().as_uri()
        elif args and urls.article_id(args[0]):
            args[0] = urls.whole_article_url(urls.canonical_url(args[0]))
        elif args and "//" not in args[0]:
            self._refuse(f"{args[0]!r} is no file, no address and no id of an article")
        self._indexed: str | None = None
        self._check: Check | None = None
        self._record: dict[str, Any] | None = None
        super().run(args, opts)

    def set_spidercls(self, url: str, opts: argparse.Namespace) -> None:
        for name, refusal in _NOT_HERE.items():
            if getattr(opts, name):
                raise BadArgument(refusal)
        known = self.crawler_process.spider_loader.list()
        opts.spider = opts.spider or "international"
        if opts.spider not in known:
            raise unknown_spider(opts.spider, known)
        opts.spargs = NEEDED.get(opts.spider, {}) | opts.spargs
        super().set_spidercls(url, opts)
        if url.startswith("file:"):
            self._indexed = index_row(Path(file_uri_to_path(url))).url
        check = getattr(self.spidercls, "check_arguments", None)
        if check is not None:
            check(opts.spargs, datetime.now(WIB))

    def prepare_request(
        self, spider: Spider, request: Request, opts: argparse.Namespace
    ) -> Request:
        request.meta["allow_offsite"] = True  # a file has no host
        if opts.callback:
            return super().prepare_request(spider, request, opts)
        return request.replace(callback=self._read, errback=self._not_received)

    def _read(self, response: Response) -> None:
        self.first_response = response  # type: ignore[assignment]
        html = response.text if isinstance(response, TextResponse) else ""
        url = response.url
        if url.startswith("file:"):
            url = self._indexed or own_address(html) or url
        try:
            with budget.reading(url):
                self._record = to_record(pages.read_article(html, url))
                self._check = check_article(html, url)
        except PageRefused as refusal:
            self._check = _list_or_refusal(html, url, refusal)

    def _not_received(self, failure: Failure) -> None:
        error = failure.value
        found = f"{reason_of(failure)}: {evidence_of(failure)}"
        url = failure.request.url  # type: ignore[attr-defined]
        # Otherwise Scrapy reports once more that there is none.
        self.first_response = Response(url)  # type: ignore[assignment]
        self._check = Check(what="page", url=url, failed=found)
        self.exitcode = UNKNOWN
        if isinstance(error, Refusal) and error.outcome:
            self.exitcode = EXIT_CODES[Outcome(error.outcome)]

    def print_results(self, opts: argparse.Namespace) -> None:
        if opts.callback:
            super().print_results(opts)
            return
        check = self._check
        if check is None:  # the log has the reason
            self.exitcode = self.exitcode or UNKNOWN
            return
        if opts.json:
            print_json({**check.to_dict(), "article": self._record})
        else:
            show_check(console(), check)
        if not check.recognised:
            self.exitcode = self.exitcode or UNKNOWN


def _list_or_refusal(html: str, url: str, refusal: PageRefused) -> Check:
    """Return what a list offers or, of a page that is none, why it is no article."""
    try:
        with budget.reading(url):
            listing = pages.read_listing(html, url)
            if listing.layout is None:
                return check_article(html, url)
            check = check_list("list", html, url, datetime.now(WIB))
    except PageRefused:
        return Check(what="page", url=url, failed=f"{type(refusal).__name__}: {refusal.found}")
    entries = (
        Fact(name=entry.id, source=plain(entry.printed_date or "undated"), value=entry.url)
        for entry in listing.entries
    )
    return replace(check, facts=(*check.facts, *entries))
