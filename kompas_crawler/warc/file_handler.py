"""The download handler of `file:` addresses: reads saved pages as `scrapy reparse` does."""

from __future__ import annotations

from pathlib import Path

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.http import Response
from scrapy.responsetypes import responsetypes
from scrapy.utils.asyncio import run_in_thread
from w3lib.url import file_uri_to_path

from kompas_crawler.responses import Refusal
from kompas_crawler.warc.saved_html import UNREADABLE, read_saved
from kompas_crawler.warc.saved_pages import error_text


class SavedPageDownloadHandler(BaseDownloadHandler):
    """Gives the content of a file, decompressed where it is gzip; a damaged file is refused."""

    async def download_request(self, request: Request) -> Response:
        path = file_uri_to_path(request.url)
        try:
            body = await run_in_thread(read_saved, Path(path))
        except UNREADABLE as error:
            raise Refusal(request.url, error_text(path, error), "damaged") from error
        kind = responsetypes.from_args(filename=path.removesuffix(".gz"), body=body)
        return kind(url=request.url, body=body)
