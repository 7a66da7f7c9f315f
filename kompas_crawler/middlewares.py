"""The downloader and spider middlewares.

All hosts of Kompas.com share one delay, one wait after `Retry-After`, and one decision to end a run
that is blocked. A response that is not the page requested becomes a `Refusal`: it is passed to the
errback of the request, logged, and counted in the stats under `kompas/`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.downloadermiddlewares import httpcompression, redirect, retry, robotstxt, useragent
from scrapy.exceptions import CloseSpider, DownloadCancelledError, IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from kompas_crawler import redirects
from kompas_crawler.errors import PageRefused
from kompas_crawler.redirects import first_url, is_robots
from kompas_crawler.responses import (
    Blocked,
    Forbidden,
    HeadersTooLong,
    NotSent,
    RedirectRefused,
    Refusal,
    TooEarly,
    Unreachable,
    block_in,
    body_fault,
    is_damaged,
    retry_after,
    rightly_encoded,
    robots_refusal,
    server_time,
)
from kompas_crawler.runs.pace import Turns
from kompas_crawler.runs.site_clock import SiteClock
from kompas_crawler.shutdown import STOP_CHECK_INTERVAL
from kompas_crawler.timezones import WIB
from kompas_crawler.urls import is_kompas

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Self

    from scrapy.core.downloader import Slot
    from scrapy.crawler import Crawler
    from scrapy.robotstxt import RobotParser

logger = logging.getLogger(__name__)

# The name of the one queue in Scrapy's downloader that all hosts of Kompas share.
SLOT: Final = "kompas"

# Seconds. With some microseconds Scrapy's queue lets two go before it has counted the first.
SHORTEST_DELAY: Final = 0.001

# The file beside the lock through which runs take turns.
TURNS: Final = ".turns"


class PaceMiddleware:
    """Delays requests to all hosts of Kompas together, and obeys `Retry-After` and Crawl-delay.

    DOWNLOAD_DELAY is the minimum. The delay counts from the first byte of the response, because a
    request that first had to open a connection arrives late and would bring the next one close.
    Requests wait here and not in Scrapy's queue, so that a stopping run need not wait for them, and
    take turns with all runs on the same output directory.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        # With a delay of 0 Scrapy's queue never waits, not even when it is held.
        self.floor = max(crawler.settings.getfloat("DOWNLOAD_DELAY"), SHORTEST_DELAY)
        self.longest_wait = crawler.settings.getfloat("KOMPAS_RETRY_AFTER_MAX", 300)
        self.ended: str | None = None
        folder = crawler.settings["KOMPAS_OUTPUT_DIR"]
        path = Path(folder).expanduser() / TURNS if folder else None
        self._turns = Turns(path, max(self.longest_wait, self.floor))
        self.clock = SiteClock()
        self._ending: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        pace = cls(crawler)
        connect = crawler.signals.connect
        connect(pace.share_slot, signal=signals.request_scheduled)
        connect(pace.keep_floor, signal=signals.request_reached_downloader)
        connect(pace.count_from_answer, signal=signals.headers_received)
        # AutoThrottle lowers the delay at this signal too. Extensions are made before downloader
        # middlewares and receivers are called in that order, so ours decides.
        connect(pace.keep_floor, signal=signals.response_downloaded)
        connect(pace.obey_retry_after, signal=signals.response_downloaded)
        connect(pace.compare_clocks, signal=signals.response_downloaded)
        connect(pace.obey_crawl_delay, signal=signals.robots_parsed)
        connect(pace._turns.close, signal=signals.engine_stopped)
        return pace

    async def process_request(self, request: Request) -> None:
        self.share_slot(request)  # robots.txt does not pass the scheduler
        if is_kompas(request.url):
            self._check_day(request)
            await self._permission(request.url)

    def hold(self, seconds: float) -> None:
        """Send no request to Kompas in the next seconds."""
        self._turns.push(seconds)
        if slot := self._slot():  # what has passed `process_request` waits here
            slot.lastseen = max(slot.lastseen, monotonic() + seconds)

    def end(self, reason: str) -> None:
        """Close the spider with this reason; requests still waiting are not sent."""
        if self.ended is None:
            self.ended = reason
            # The engine closes only after the current request, so this must not be awaited here.
            self._ending = asyncio.ensure_future(
                self.crawler.engine.close_spider_async(reason=reason)
            )

    def share_slot(self, request: Request) -> None:
        """Put a request to Kompas into the one queue that all its hosts share."""
        if is_kompas(request.url):
            request.meta["download_slot"] = SLOT

    def keep_floor(self) -> None:
        """Raise the delay back to the minimum, whatever AutoThrottle has set."""
        if slot := self._slot():
            slot.delay = max(slot.delay, self.floor)
            slot.jitter = 0.0  # it goes both ways, so it would undercut the floor

    def count_from_answer(self, request: Request) -> None:
        """Count the delay from the first byte of an answer."""
        if request.meta.get("download_slot") == SLOT and (slot := self._slot()):
            slot.lastseen = max(slot.lastseen, monotonic())
            self._turns.push(self._gap)

    def obey_retry_after(self, response: Response, request: Request) -> None:
        """Hold all requests for the seconds that a 429 or 503 states."""
        seconds = retry_after(response)
        if seconds is None or not is_kompas(request.url):
            return
        if seconds <= self.longest_wait:  # else it ends the run, see RetryMiddleware
            self.hold(seconds)
        self.crawler.stats.inc_value("kompas/retry-after")
        logger.info("HTTP %d: Kompas asks us to wait %.0f s", response.status, seconds)

    def compare_clocks(self, response: Response, request: Request) -> None:
        """Compare our clock with the one that answered."""
        stated = server_time(response.headers)
        if stated is not None and is_kompas(request.url):
            self.clock.compare(stated)

    def _check_day(self, request: Request) -> None:
        walk = request.cb_kwargs.get("walk")
        if walk is None:
            return
        newest = self.crawler.spider.run.coverage.newest  # type: ignore[union-attr]
        if walk.day > self.clock.present(datetime.now(WIB), newest).date():
            raise self._counted(TooEarly(request.url, f"{walk.day} has not begun"))

    def obey_crawl_delay(self, robotparser: RobotParser, request: Request) -> None:
        """Take the Crawl-delay of a robots.txt, in seconds, as the minimum delay.

        One above KOMPAS_RETRY_AFTER_MAX ends the run as blocked.
        """
        agent = self.crawler.settings["ROBOTSTXT_USER_AGENT"] or self.crawler.settings["USER_AGENT"]
        delay = robotparser.crawl_delay(agent)
        if not delay or delay <= self.floor or not is_kompas(request.url):
            return
        if delay > self.longest_wait:
            logger.error(
                "robots.txt: Crawl-delay of %.0f s is longer than KOMPAS_RETRY_AFTER_MAX, %.0f s",
                delay,
                self.longest_wait,
            )
            self.end("blocked")
            return
        logger.info("robots.txt: Crawl-delay raises the pace to one request in %.1f s", delay)
        self.floor = delay
        self.hold(delay)  # robots.txt was a request too

    async def _permission(self, url: str) -> None:
        """Wait until the request may be sent; raise `NotSent` if the run ends before."""
        while True:
            if self.ended:
                raise self._not_sent(url, f"the run ended as {self.ended}")
            wait = self._turns.take(self._gap)
            if wait <= 0:
                return
            if not self.crawler.engine.running:
                raise self._not_sent(url, "the run was stopped before its turn came")
            await asyncio.sleep(min(wait, STOP_CHECK_INTERVAL))

    @property
    def _gap(self) -> float:
        slot = self._slot()
        return max(self.floor, slot.delay) if slot else self.floor

    def _not_sent(self, url: str, found: str) -> Refusal:
        return self._counted(NotSent(url, found))

    def _counted(self, refusal: Refusal) -> Refusal:
        self.crawler.stats.inc_value(refusal.counter)
        return refusal

    def _slot(self) -> Slot | None:
        return self.crawler.engine.downloader.slots.get(SLOT)


def pace_of(crawler: Crawler) -> PaceMiddleware:
    """Return the middleware that paces a crawl and may end it."""
    pace = crawler.get_downloader_middleware(PaceMiddleware)
    if pace is None:
        raise LookupError("PaceMiddleware is missing from DOWNLOADER_MIDDLEWARES")
    return pace


class _Refusing:
    """The base of the middlewares below, which may refuse, delay, or end the run."""

    crawler: Crawler

    @property
    def pace(self) -> PaceMiddleware:
        return pace_of(self.crawler)

    def counted(self, refusal: Refusal) -> Refusal:
        self.crawler.stats.inc_value(refusal.counter)
        logger.warning("Refused (%s): %s", refusal.reason, refusal)
        return refusal


class UserAgentMiddleware(useragent.UserAgentMiddleware):
    """Sets the user agent with the contact: `kompas_crawler/0.1.0 (+contact)`; warns if there is none."""

    _lacks_contact = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = super().from_crawler(crawler)
        contact = " ".join(str(crawler.settings["KOMPAS_CONTACT"] or "").split())
        middleware.user_agent += f" (+{contact})" if contact else ""
        middleware._lacks_contact = not contact
        return middleware

    def process_request(self, request: Request) -> None:  # type: ignore[override]
        super().process_request(request)
        if self._lacks_contact and is_kompas(request.url):
            self._lacks_contact = False  # once is enough
            logger.warning(
                "No contact in the User-Agent (%s): set KOMPAS_CONTACT so that Kompas can reach you",
                self.user_agent,
            )


class RobotsMiddleware(_Refusing, robotstxt.RobotsTxtMiddleware):
    """Obeys robots.txt by RFC 9309: no file allows everything, an unreachable one nothing.

    Scrapy allows everything when the file answers 5xx or not at all. Here no page of that host is
    requested in this run, and the run ends if no robots.txt could be read at all. It also ends, as
    blocked, if everything it requested was disallowed.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._one_was_readable = False
        self._one_was_allowed = False
        self._forbidden: str | None = None  # the first address
        self._why_closed: dict[str, Refusal] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = super().from_crawler(crawler)
        crawler.signals.connect(middleware.spider_idle, signal=signals.spider_idle)
        return middleware

    async def process_request(self, request: Request) -> None:  # type: ignore[override]
        try:
            await super().process_request(request)
        except IgnoreRequest as ignored:
            if isinstance(ignored, Refusal):
                raise
            self._forbidden = self._forbidden or request.url
            raise self.counted(Forbidden(request.url, "disallowed by robots.txt")) from ignored
        self._one_was_allowed |= not is_robots(request)

    def spider_idle(self) -> None:
        """End the run as blocked if robots.txt has disallowed all its requests."""
        if self._forbidden and not self._one_was_allowed:
            logger.error(
                "robots.txt disallows everything that this run requests, for example %s",
                self._forbidden,
            )
            raise CloseSpider("blocked")

    async def robot_parser(self, request: Request) -> RobotParser | None:
        # Of several requests that wait for one file Scrapy 2.19 hands the parser to the first only;
        # the others get None, its word for "allow everything". One after another all get it.
        async with self._turns[urlsplit(request.url).netloc]:
            parser = await super().robot_parser(request)
        if parser is None:
            raise self._closed(request)
        self._one_was_readable = True
        return parser

    def process_response(self, request: Request, response: Response) -> Response:
        if not is_robots(request):
            return response
        if refusal := robots_refusal(request.url, response):
            raise self._remembered(request, refusal)
        # The text of an error page holds no rules.
        return response if response.status < 300 else response.replace(body=b"")

    def process_exception(self, request: Request, exception: Exception) -> None:
        if is_robots(request) and not isinstance(exception, IgnoreRequest):
            found = f"{type(exception).__name__}: {exception}"
            raise self._remembered(request, Unreachable(request.url, found)) from exception

    def _remembered(self, request: Request, refusal: Refusal) -> Refusal:
        self._why_closed[urlsplit(first_url(request)).netloc] = refusal
        return self.counted(refusal)

    def _closed(self, request: Request) -> Refusal:
        why = self._why_closed.get(urlsplit(request.url).netloc)
        refusal = why or Unreachable(request.url, "no answer that could be read")
        if not self._one_was_readable and refusal.outcome:
            self.pace.end(refusal.outcome)
        return type(refusal)(request.url, f"robots.txt: {refusal.found}")


class RetryMiddleware(_Refusing, retry.RetryMiddleware):
    """Retries temporary failures after 2, 4 and 8 seconds.

    The wait applies to all requests, not only to this page: a site in trouble gets none. A run
    ends as blocked when `Retry-After`, without any other answer in between, takes too long.
    """

    _waiting_since: float | None = None

    def process_response(  # type: ignore[override]
        self, request: Request, response: Response
    ) -> Request | Response:
        if found := self._too_long_a_wait(response):
            self.pace.end("blocked")
            raise self.counted(Blocked(request.url, found))
        return super().process_response(request, response)

    def _too_long_a_wait(self, response: Response) -> str | None:
        seconds, now = retry_after(response), monotonic()
        if seconds is None:
            self._waiting_since = None
            return None
        self._waiting_since = self._waiting_since or now
        waited = now - self._waiting_since
        if waited + seconds <= self.pace.longest_wait:
            return None
        found = f"HTTP {response.status} with Retry-After: {seconds:.0f} s"
        return f"{found} after {waited:.0f} s of waiting" if waited else found

    def _retry(self, request: Request, reason: str | Exception | type[Exception]) -> Request | None:
        again = super()._retry(request, reason)
        if again is not None:
            first_wait = self.crawler.settings.getfloat("KOMPAS_BACKOFF", 2)
            wait = first_wait * 2 ** (again.meta["retry_times"] - 1)
            self.pace.hold(min(wait, self.pace.longest_wait))
        return again


class RedirectMiddleware(_Refusing, redirect.RedirectMiddleware):
    """Follows redirects only to the same article or list under another address."""

    def process_response(  # type: ignore[override]
        self, request: Request, response: Response
    ) -> Request | Response:
        try:
            return redirects.followed(
                request, response, super().process_response(request, response)
            )
        except RedirectRefused as refusal:
            self.counted(refusal)
            raise
        except IgnoreRequest as endless:
            raise self.counted(RedirectRefused(request.url, str(endless), "endless")) from endless
        except ValueError as error:  # a host or a port that is none
            raise self.counted(redirects.no_address(request, response)) from error


_GZIP: Final = ([b"gzip"], [b"x-gzip"])


class CompressionMiddleware(_Refusing, httpcompression.HttpCompressionMiddleware):
    """Decompresses bodies, and refuses those above DOWNLOAD_MAXSIZE before or after that.

    Damaged gzip data and headers above `LONGEST_HEAD` bytes are refused too. A page whose bytes are
    UTF-8 is decoded as UTF-8, whatever its headers declare.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = super().from_crawler(crawler)
        middleware.crawler = crawler
        return middleware

    def process_response(  # type: ignore[override]
        self, request: Request, response: Response
    ) -> Request | Response:
        coding, packed = response.headers.getlist("Content-Encoding"), response.body
        try:
            whole = super().process_response(request, response)
        except IgnoreRequest as bomb:
            raise self._too_big(request) from bomb
        if coding in _GZIP and isinstance(whole, Response) and is_damaged(packed, whole.body):
            raise self.counted(Refusal(request.url, f"gzip of {len(packed):,} bytes", "damaged"))
        return rightly_encoded(whole)

    def process_exception(self, request: Request, exception: Exception) -> None:
        if isinstance(exception, HeadersTooLong):
            found = str(exception)
            raise self.counted(Refusal(request.url, found, "long-headers")) from exception
        if isinstance(exception, DownloadCancelledError):
            raise self._too_big(request) from exception

    def _too_big(self, request: Request) -> Refusal:
        largest = self.crawler.settings.getint("DOWNLOAD_MAXSIZE")
        return self.counted(Refusal(request.url, f"body above {largest:,} bytes", "too-big"))


class _Checking(_Refusing):
    """The base of the middlewares that extend none of Scrapy's."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)


class BlockMiddleware(_Checking):
    """Detects that Kompas blocks us or is unreachable, and ends the run when that persists."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.blocked_limit = crawler.settings.getint("KOMPAS_BLOCKED_LIMIT", 3)
        self.unreachable_limit = crawler.settings.getint("KOMPAS_UNREACHABLE_LIMIT", 5)
        self._blocked = self._unreachable = 0  # in a row

    def process_response(self, request: Request, response: Response) -> Response:
        self._unreachable = 0
        if found := block_in(response):
            self._blocked += 1
            if self._blocked >= self.blocked_limit:
                self.pace.end("blocked")
            raise self.counted(Blocked(request.url, found))
        if response.status < 500:
            self._blocked = 0
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Count a failure after all retries; the exception itself is passed on to the errback."""
        if isinstance(exception, IgnoreRequest) or not is_kompas(request.url):
            return
        self.crawler.stats.inc_value("kompas/unreachable")
        self._unreachable += 1
        if self._unreachable >= self.unreachable_limit:
            self.pace.end("unreachable")


class PageRefusedMiddleware:
    """Passes a page that its callback refused to the errback, as if it had not been fetched."""

    def process_spider_exception(
        self, response: Response, exception: Exception
    ) -> Iterable[Any] | None:
        request = response.request
        if not isinstance(exception, PageRefused) or request is None or request.errback is None:
            return None
        failure = Failure(exception)  # type: ignore[no-untyped-call]
        failure.request = request  # type: ignore[attr-defined] # as Scrapy's own have it
        return request.errback(failure) or ()


class ResponseCheckMiddleware(_Checking):
    """Refuses bodies that cannot be a page: empty, binary, not HTML, or cut off."""

    def process_response(self, request: Request, response: Response) -> Response:
        fault = None if is_robots(request) or response.status >= 300 else body_fault(response)
        if fault:
            raise self.counted(Refusal(request.url, fault[1], fault[0]))
        return response
