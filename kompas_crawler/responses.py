"""Which responses are refused, and why: a class for each reason, the checks, and the names of both.

The middlewares run these checks and raise the refusals; nothing here sends a request.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import ClassVar, Final
from urllib.parse import urljoin

from scrapy import Request
from scrapy.exceptions import DownloadFailedError, IgnoreRequest
from scrapy.http import Headers, HtmlResponse, Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from kompas_crawler.errors import CutOffPage, PageRefused
from kompas_crawler.pages.document import encoding_of, is_cut_off
from kompas_crawler.urls import article_id, in_section, is_kompas, kind_of

# Statuses of articles that were removed for good, and are not requested again.
GONE = frozenset({404, 410})
_ERRNO = re.compile(r".*?: ([0-9]{1,3}): ([^:]+)")
_CLASS = re.compile(r"^\w+(Error|Failed|Exception): ")
ROBOTS = "robots.txt: "  # the prefix of refusals whose reason is robots.txt

# 202 is the challenge of AWS WAF, seen from several networks in 2026; 403 was seen with some
# addresses and with the default agent of a Python library.
BLOCKED_STATUSES: Final = frozenset({202, 403, 429})
# The header that AWS WAF documents for its challenge (202) and its captcha (405).
WAF_HEADER: Final = "x-amzn-waf-action"
# Seen in the challenge page; a full page may carry the same script, so size decides with it.
WAF_MARK: Final = "awswafcookiedomainlist"
LARGEST_CHALLENGE: Final = 20_000
# The smallest real page known has 46 kB. Less than this with no heading is no page of Kompas.
SMALLEST_PAGE: Final = 1_000
PAGE_MARKS: Final = ("<h1", "<h2", "<h3", "article")

# Statuses whose Retry-After applies to the crawler, not to one page.
PATIENCE_STATUSES: Final = frozenset({429, 503})

# Years that a header may name; what lies outside overflows when it is added to.
YEARS: Final = (1970, 9000)

UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


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


class HeadersTooLong(DownloadFailedError):
    """Raised when the headers of an answer do not end within the limit."""


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


def decodable(response: Request | Response) -> Request | Response:
    """Return the response, as UTF-8 if it declares a codec not for text, such as `zlib`."""
    if isinstance(response, TextResponse):
        try:
            response.text  # noqa: B018 - kept by the response, and read again below
        except (LookupError, UnicodeError):
            return response.replace(encoding="utf-8")
    return response


def rightly_encoded(response: Response) -> Response:
    """Return the response with the encoding its bytes are in, see `encoding_of`."""
    if not isinstance(response, TextResponse):
        return response
    encoding = encoding_of(response.body, response.encoding)
    return response if encoding == response.encoding else response.replace(encoding=encoding)


def redirect_fault(start: str, target: str) -> str | None:
    """Return a word for why a redirect is refused, None if it leads to the same page."""
    if not is_kompas(target):
        return "off-site"
    identity = article_id(start)
    if identity is None:
        left_list = kind_of(start) == "listing" != kind_of(target)
        return "off-listing" if left_list else None
    if not in_section(target):
        return "off-section"
    return None if article_id(target) == identity else "other-article"


def block_in(response: Response) -> str | None:
    """Return the evidence that Kompas blocks us, None if there is none."""
    if response.status in BLOCKED_STATUSES:
        return f"HTTP {response.status}"
    if action := response.headers.get(WAF_HEADER):
        return f"AWS WAF: {action.decode('latin-1')}"
    return _challenge_in(response) if isinstance(response, HtmlResponse) else None


def _challenge_in(response: HtmlResponse) -> str | None:
    size = len(response.body)
    text = response.text.strip().lower() if size < LARGEST_CHALLENGE else ""
    if not text or any(mark in text for mark in PAGE_MARKS):
        return None
    if WAF_MARK in text:
        return f"challenge page of {size} bytes"
    is_page = response.status == 200 and kind_of(response.url) in {"article", "listing"}
    return f"{size} bytes without a page" if is_page and size < SMALLEST_PAGE else None


def body_fault(response: Response) -> tuple[str, str] | None:
    """Return a word and the evidence for what is wrong with a body, None if nothing is."""
    kind = (response.headers.get("Content-Type") or b"no type").decode("latin-1")
    if not response.body.strip():
        return "empty", f"empty body, HTTP {response.status}"
    if not isinstance(response, TextResponse) or _is_binary(response.body):
        return "binary", f"binary body, {kind}"
    if kind_of(response.url) in {"article", "listing"} and not isinstance(response, HtmlResponse):
        return "not-html", f"no HTML page, {kind}"
    if is_cut_off(response.text):
        cut_off = CutOffPage.__name__  # as `pages.read_article` calls it
        return cut_off, f"the page ends in the middle, after {len(response.body):,} bytes"
    return None


def _is_binary(body: bytes) -> bool:
    return b"\0" in body[:1024] and not body.startswith(UTF16_MARKS)


def retry_after(response: Response) -> float | None:
    """Return the seconds that a 429 or 503 asks us to wait, None without `Retry-After`."""
    header = response.headers.get("Retry-After")
    if header is None or response.status not in PATIENCE_STATUSES:
        return None
    text = header.decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    until = http_date(text)
    return max(0.0, (until - _clock_of(response.headers)).total_seconds()) if until else None


def _clock_of(headers: Headers) -> datetime:
    """Return the time by the server's clock, by which its `Retry-After` counts; else ours."""
    stated = http_date((headers.get("Date") or b"").decode("latin-1"))
    return stated or datetime.now(UTC)


def http_date(text: str) -> datetime | None:
    """Return the date of a header in UTC, None for what is no date or outside `YEARS`."""
    try:
        moment = parsedate_to_datetime(text)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return moment if YEARS[0] <= moment.year <= YEARS[1] else None
