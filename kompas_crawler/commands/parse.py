"""`scrapy parse`: print what is read from one page or saved file; nothing is stored."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy import Request, Spider
from scrapy.commands.parse import Command as Scrapys
from scrapy.http import Response, TextResponse

from kompas_crawler import pages
from kompas_crawler.budget import budget
from kompas_crawler.cli.command import unknown_spider
from kompas_crawler.cli.scrapy_command import ViewCommand
from kompas_crawler.errors import BadArgument, PageRefused
from kompas_crawler.timezones import WIB
from kompas_crawler.warc.sources import own_address

if TYPE_CHECKING:  # Scrapy has it for type checkers only
    from scrapy.http.request import CallbackT

# What a spider cannot begin without; here it asks for nothing by itself.
NEEDED = {"backfill": {"since": "1d"}, "articles": {"url": "2021/08/26/162226370"}}

logger = logging.getLogger(__name__)


class Command(ViewCommand, Scrapys):
    """As Scrapy has it; without a callback an article or a list is read as a crawl reads it."""

    def syntax(self) -> str:
        return "[options] ADDRESS|FILE"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args and Path(args[0]).is_file():
            args[0] = Path(args[0]).absolute().as_uri()
        super().run(args, opts)

    def set_spidercls(self, url: str, opts: argparse.Namespace) -> None:
        assert self.crawler_process is not None  # noqa: S101 - for mypy; Scrapy sets it
        if opts.pipelines:
            raise BadArgument(
                "--pipelines: they store, and parse only looks; scrapy crawl articles -a url=… stores"
            )
        known = self.crawler_process.spider_loader.list()
        opts.spider = opts.spider or "international"
        if opts.spider not in known:
            raise unknown_spider(opts.spider, known)
        opts.spargs = NEEDED.get(opts.spider, {}) | opts.spargs
        super().set_spidercls(url, opts)
        check = getattr(self.spidercls, "check_arguments", None)
        if check is not None:
            check(opts.spargs, datetime.now(WIB))

    def prepare_request(
        self, spider: Spider, request: Request, opts: argparse.Namespace
    ) -> Request:
        request.meta["allow_offsite"] = True  # a file has no host
        return super().prepare_request(spider, request, opts)

    def _get_callback(
        self, *, spider: Spider, opts: argparse.Namespace, response: Response | None = None
    ) -> CallbackT:
        if opts.callback or (response is not None and response.meta["_callback"]):
            return super()._get_callback(spider=spider, opts=opts, response=response)
        return read_page


def read_page(response: Response) -> Iterator[Any]:
    """Yield the article that a page shows or, of a list, requests for what it offers."""
    html = response.text if isinstance(response, TextResponse) else ""
    url = response.url
    try:
        with budget.reading(url):
            if url.startswith("file:"):
                url = own_address(html) or url
            article = pages.read_article(html, url)
        yield article
        return
    except PageRefused as refusal:
        reason = refusal
    with budget.reading(url):
        listing = pages.read_listing(html, url)
    if listing.layout is None:
        logger.warning("Neither an article nor a list: %s", reason)
    for address in listing.urls_by_id.values():
        yield Request(address)
    if listing.next_url:
        yield Request(listing.next_url)
