"""Pings an address when a run begins, succeeds or fails, so that a monitor notices silence.

The protocol is that of healthchecks.io: a POST to `URL/start`, then to `URL` or `URL/fail`, with a
`rid` that pairs the two. The address is a secret, so it is read from the environment only and is
never logged. A ping that fails is logged and changes nothing about the run.
"""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Mapping
from functools import partial
from time import monotonic
from typing import Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from kompas_crawler.errors import BadArgument
from kompas_crawler.runs.outcome import AS_ASKED, EXIT_CODES, Outcome
from kompas_crawler.secret_urls import Sending, check_address, post

VARIABLE = "KOMPAS_PING_URL"
PLACE = "{spider}"
# Whose runs ping an address without PLACE: another spider's success must not hide its silence.
SCHEDULED = "international"

logger = logging.getLogger(__name__)


def ping_address(environ: Mapping[str, str], spider: str) -> str | None:
    """Return the address that runs of a spider ping, None if there is none.

    Raises BadArgument, which does not contain the address, for what is no web address.

    >>> ping_address({VARIABLE: "https://hc.example.org/ping/key/{spider}"}, "backfill")
    'https://hc.example.org/ping/key/backfill'
    >>> ping_address({VARIABLE: "https://hc.example.org/ping/id"}, "backfill")
    """
    url = environ.get(VARIABLE, "")
    if not url or (PLACE not in url and spider != SCHEDULED):
        return None
    check_address(VARIABLE, url, "http", "https")
    return url.replace(PLACE, spider)


def signal_address(url: str, signal: str, run: str) -> str:
    """Return the address for "start", "fail" or "" (success) of a run.

    >>> signal_address("https://hc.example.org/ping/id?create=1", "fail", "7")
    'https://hc.example.org/ping/id/fail?create=1&rid=7'
    """
    parts = urlsplit(url)
    path = f"{parts.path.rstrip('/')}/{signal}".rstrip("/")
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), ("rid", run)])
    return parts._replace(path=path, query=query, fragment="").geturl()


class Heartbeat:
    """Pings from threads of its own: a name that does not resolve has no timeout."""

    def __init__(self, crawler: Crawler, url: str, timeout: float) -> None:
        self.crawler = crawler
        self.url = url
        self.timeout = timeout  # seconds
        self.run = str(uuid.uuid4())
        self.pings: list[Sending] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        try:
            url = ping_address(os.environ, crawler.spidercls.name)
        except BadArgument as refusal:
            logger.error("No ping can be sent: %s", refusal)
            raise NotConfigured from refusal  # with words, Scrapy would log a second line
        if url is None:
            raise NotConfigured
        heartbeat = cls(crawler, url, crawler.settings.getfloat("KOMPAS_MESSAGE_TIMEOUT"))
        crawler.signals.connect(heartbeat.request_sent, signals.request_reached_downloader)
        crawler.signals.connect(heartbeat.spider_closed, signals.spider_closed)
        return heartbeat

    def request_sent(self) -> None:
        """Ping at the first request: a run that another one has locked out has not begun."""
        self.crawler.signals.disconnect(self.request_sent, signals.request_reached_downloader)
        self._ping("start", "")

    def spider_closed(self, spider: Spider) -> None:
        """Ping success or failure, waiting for the timeout at most; nothing for `locked`.

        The run's line is written and its lock released by then.
        """
        outcome = self.crawler.stats.get_value("kompas/outcome") if self.crawler.stats else None
        if outcome == Outcome.LOCKED:
            return
        code = EXIT_CODES[Outcome(outcome)] if outcome else 1
        text = f"{spider.name} ended as {outcome}, exit code {code}"
        deadline = monotonic() + self.timeout
        for started in self.pings:
            started.join(self.timeout / 2)  # in order, where the monitor answers
        self._ping("" if outcome in AS_ASKED else "fail", text)
        for ping in self.pings:
            ping.join(max(0.0, deadline - monotonic()))
            if ping.failure:
                logger.error("The ping failed: %s", ping.failure)

    def _ping(self, signal: str, text: str) -> None:
        address = signal_address(self.url, signal, self.run)
        self.pings.append(Sending(partial(post, address, text.encode(), self.timeout)))
