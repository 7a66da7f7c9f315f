"""The download handler: sends each request once, and bounds the headers of the answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.exceptions import DownloadFailedError
from scrapy.http import Response
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS

from kompas_crawler.responses import HeadersTooLong, NotSent
from kompas_crawler.shutdown import CUT, STOP_CHECK_INTERVAL, stop

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.internet.defer import Deferred
    from twisted.internet.interfaces import IAddress
    from twisted.web._newclient import Request as TxRequest
    from twisted.web.iweb import IResponse

# Bytes of all headers of an answer; those of the answers known have some 2,000.
LONGEST_HEAD: Final = 64 * 1024


class _BoundedProtocol(_LenientHTTP11ClientProtocol):
    """Closes connections with endless headers: Twisted limits a header's length, not their number."""

    _head = 0

    def request(self, request: TxRequest) -> Deferred[IResponse]:
        self._head = 0
        answer = super().request(request)
        if self._parser is not None:  # so that one long line is named here too
            self._parser.MAX_LENGTH = 2 * LONGEST_HEAD
        return answer

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        super().dataReceived(data)  # type: ignore[no-untyped-call]
        if self._parser is not None and self._parser.state in (STATUS, HEADER):
            self._head += len(data)
            if self._head > LONGEST_HEAD:
                error = HeadersTooLong(f"headers above {LONGEST_HEAD:,} bytes")
                self._giveUp(Failure(error))  # type: ignore[no-untyped-call]


class _BoundedFactory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: IAddress | None) -> _BoundedProtocol:  # noqa: N802
        return _BoundedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class NoSilentRetryDownloadHandler(HTTP11DownloadHandler):
    """Sends each request once, limits the response headers, and cancels it when the run stops.

    Twisted repeats a request by itself, at once and uncounted, when a kept-alive connection is
    reset. Here that is an ordinary failure, which `RetryMiddleware` counts and delays.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool.retryAutomatically = False
        self._pool._factory = _BoundedFactory

    async def download_request(self, request: Request) -> Response:
        answer = asyncio.ensure_future(super().download_request(request))
        while not (await asyncio.wait({answer}, timeout=STOP_CHECK_INTERVAL))[0]:
            if stop.is_over():
                answer.cancel()
                request.meta[CUT] = True
                raise NotSent(request.url, "the run was stopped before the answer came")
        try:
            return answer.result()
        except DownloadFailedError as failed:
            for reason in getattr(failed.__cause__, "reasons", ()):
                if reason.check(HeadersTooLong):
                    raise reason.value from failed
            raise
