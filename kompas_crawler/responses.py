"""Which responses are refused, and why: a class for each reason, the checks, and the names of both.

The middlewares run these checks and raise the refusals; nothing here sends a request.
"""

from __future__ import annotations

import gzip
import re
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import ClassVar, Final
from urllib.parse import urljoin

from scrapy import Request
from scrapy.exceptions import DownloadFailedError, IgnoreRequest
from scrapy.http import Headers, HtmlResponse, Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from kompas_crawler.errors import CutOffPage, PageRefused
from kompas_crawler.pages.markup import encoding_of, is_cut_off
from kompas_crawler.urls import is_kompas, kind_of

# Statuses of articles that were removed; `Run.doubt_gone` decides which of them are final.
GONE = frozenset({404, 410})
_ERRNO = re.compile(r".*?: ([0-9]{1,3}): ([^:]+)")
_CLASS = re.compile(r"^\w+(Error|Failed|Exception): ")
_WRAPPED = re.compile(r"\[<twisted\.python\.failure\.Failure [\w.]+: (.*)>\]")
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

# A part of a page or of a robots.txt, though no part was requested: a fault of a cache.
PARTIAL: Final = 206

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
    >>> _plainly("DownloadFailedError: [<twisted.python.failure.Failure a.Lost: It was lost.>]")
    'It was lost'
    """
    summary = _WRAPPED.sub(r"\1", " ".join(error.split())).rstrip(".: ")
    if errno := _ERRNO.fullmatch(summary):
        return f"{errno[2]} (errno {errno[1]})"
    return _CLASS.sub("", summary)


def is_damaged(packed: bytes, body: bytes) -> bool:
    """Return whether gzip data does not hold this body whole, by its checksum.

    Scrapy returns what it could decompress, with garbage and without an error.

    >>> packed = gzip.compress(b"Kapal itu tiba.")
    >>> is_damaged(packed, b"Kapal itu tiba."), is_damaged(packed[:-9], b"Kapal itu")
    (False, True)
    """
    if packed[-8:-4] == zlib.crc32(body).to_bytes(4, "little"):
        return False
    try:
        return gzip.decompress(packed) != body  # data of several members has one checksum each
    except (EOFError, OSError, zlib.error):
        return True


def rightly_encoded(response: Request | Response) -> Request | Response:
    """Return a response with the encoding its bytes are in, see `encoding_of`."""
    if not isinstance(response, TextResponse):
        return response
    encoding = encoding_of(response.body, response.encoding)
    return response if encoding == response.encoding else response.replace(encoding=encoding)


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


def robots_refusal(url: str, response: Response) -> Refusal | None:
    """Return why the robots.txt at `url` cannot be read; None if it can, or if there is none."""
    if found := block_in(response):
        return Blocked(url, found)
    if 200 <= response.status < 300 and response.status != PARTIAL:
        # A network that asks for a login answers every address with its own page.
        is_login = not is_kompas(response.url) and isinstance(response, HtmlResponse)
        return Unreachable(url, f"sent to {response.url}, which is a page") if is_login else None
    return None if 400 <= response.status < 500 else Unreachable(url, f"HTTP {response.status}")


def body_fault(response: Response) -> tuple[str, str] | None:
    """Return a word and the evidence for what is wrong with a body, None if nothing is."""
    kind = (response.headers.get("Content-Type") or b"no type").decode("latin-1")
    if not response.body.strip():
        return "empty", f"empty body, HTTP {response.status}"
    is_binary = b"\0" in response.body[:1024] and not response.body.startswith(UTF16_MARKS)
    if is_binary or not isinstance(response, TextResponse):
        return "binary", f"binary body, {kind}"
    if kind_of(response.url) in {"article", "listing"} and not isinstance(response, HtmlResponse):
        return "not-html", f"no HTML page, {kind}"
    if response.status == PARTIAL or is_cut_off(response.text):
        cut_off = CutOffPage.__name__  # as `pages.read_article` calls it
        return cut_off, f"the page ends in the middle, after {len(response.body):,} bytes"
    return None


def retry_after(response: Response) -> float | None:
    """Return the seconds that a 429 or 503 asks us to wait, None without `Retry-After`."""
    header = response.headers.get("Retry-After")
    if header is None or response.status not in PATIENCE_STATUSES:
        return None
    text = header.decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    until, now = http_date(text), server_time(response.headers) or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds()) if until else None


def server_time(headers: Headers) -> datetime | None:
    """Return the time by the server's clock, None if the headers do not state it.

    A cached response states when it was stored (`Date`) and how old it is (`Age`, seconds).
    """
    stated = http_date((headers.get("Date") or b"").decode("latin-1"))
    age = re.fullmatch(rb"\s*([0-9]{1,9})\s*", headers.get("Age") or b"")
    return stated + timedelta(seconds=int(age[1])) if stated and age else stated


def http_date(text: str) -> datetime | None:
    """Return the date of a header in UTC, None for what is no date or outside `YEARS`."""
    try:
        moment = parsedate_to_datetime(text)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return moment if YEARS[0] <= moment.year <= YEARS[1] else None
