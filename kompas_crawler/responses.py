"""The refusals of responses, one class a reason, and how failed requests are described."""

from __future__ import annotations

import re
from typing import ClassVar
from urllib.parse import urljoin

from scrapy.exceptions import IgnoreRequest
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from kompas_crawler.errors import PageRefused

# Statuses of articles that were removed for good, and are not requested again.
GONE = frozenset({404, 410})
_ERRNO = re.compile(r".*?: ([0-9]{1,3}): ([^:]+)")
_CLASS = re.compile(r"^\w+(Error|Failed|Exception): ")
ROBOTS = "robots.txt: "  # the prefix of refusals whose reason is robots.txt


class Refusal(PageRefused, IgnoreRequest):
    """Raised when a response is not the page requested, and a retry would not change that.

    `reason` is one word for programs, `found` the evidence, `outcome` the outcome of the run that
    this refusal alone justifies, if any.
    """

    family: ClassVar[str] = "kompas/refused/"
    outcome: ClassVar[str | None] = None
    reason: str = "refused"

    def __init__(self, url: str, found: str, reason: str | None = None) -> None:
        super().__init__(url, found)
        if reason:
            self.reason = reason

    @property
    def counter(self) -> str:
        """The key in Scrapy's stats under which this refusal is counted."""
        return self.family + self.reason


class RedirectRefused(Refusal):
    """Raised when a redirect leads to another page than the one requested."""

    family = "kompas/redirect/"


class Blocked(Refusal):
    """Raised when Kompas blocks us: 202, 403, 429 or a challenge, which is never bypassed."""

    family = "kompas/"
    outcome = "blocked"
    reason = "blocked"


class Unreachable(Refusal):
    """Raised when a host's robots.txt cannot be read, so that none of its pages is requested."""

    family = "kompas/robots/"
    outcome = "unreachable"
    reason = "unreachable"


class Forbidden(Refusal):
    """Raised when robots.txt disallows an address."""

    family = "kompas/robots/"
    reason = "forbidden"


class NotSent(Refusal):
    """Raised when a request is not sent because the run is ending."""

    family = "kompas/"
    reason = "not-sent"


class TooEarly(Refusal):
    """Raised when a requested list is of a day that has not begun by Kompas's own clock."""

    family = "kompas/"
    reason = "too-early"


def reason_of(failure: Failure) -> str:
    """Return one word for why a request failed, for counts and for messages.

    >>> reason_of(Failure(TimeoutError()))
    'TimeoutError'
    """
    if isinstance(failure.value, HttpError):
        return f"http-{failure.value.response.status}"
    return str(getattr(failure.value, "reason", None) or type(failure.value).__name__)


def evidence_of(failure: Failure) -> str:
    """Return what was seen of a failed request, and at which address.

    >>> from scrapy import Request
    >>> url = "https://www.kompas.com/global"
    >>> failure = Failure(Blocked(url, "robots.txt: HTTP 429"))
    >>> failure.request = Request(url)
    >>> evidence_of(failure)
    'HTTP 429 on https://www.kompas.com/robots.txt'
    """
    error, url = failure.value, failure.request.url  # type: ignore[attr-defined]
    if isinstance(error, HttpError):
        return f"HTTP {error.response.status} on {url}"
    if not isinstance(error, Refusal):
        return f"{_plainly(f'{type(error).__name__}: {error}')} on {url}"
    of_robots, found = error.found.startswith(ROBOTS), error.found.removeprefix(ROBOTS)
    return f"{_plainly(found)} on {urljoin(url, '/robots.txt') if of_robots else url}"


def _plainly(error: str) -> str:
    """Return the message of an error without its class and repetitions.

    >>> _plainly("DownloadConnectionRefusedError: Connection was refused: 111: Connection refused.")
    'Connection refused (errno 111)'
    >>> _plainly("TimeoutError: "), _plainly("HTTP 429")
    ('TimeoutError', 'HTTP 429')
    """
    summary = " ".join(error.split()).rstrip(".: ")
    if errno := _ERRNO.fullmatch(summary):
        return f"{errno[2]} (errno {errno[1]})"
    return _CLASS.sub("", summary)
