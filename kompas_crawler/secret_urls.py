"""URLs that may hold a secret: checked, split and posted to without showing it or a redirect."""

from __future__ import annotations

import smtplib
import threading
from collections.abc import Callable
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.error import HTTPError
from urllib.parse import SplitResult, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from kompas_crawler import __version__
from kompas_crawler.errors import BadArgument


def parts_of(url: str, *, has_path: bool = True) -> SplitResult | None:
    """Return the parts of a URL, None if it is malformed; no exception quotes it.

    Without `has_path`, an @ after the host is taken as the end of a password that holds / # or ?.

    >>> parts_of("redis://:se/cret@192.0.2.7:6379/0")
    >>> parts_of("smtp://me:12/34@mail.example.org", has_path=False)
    >>> parts_of("smtp://me:12%2F34@mail.example.org", has_path=False).hostname
    'mail.example.org'
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:  # its words are those of the address
        return None
    is_doubtful = not has_path and "@" in f"{parts.path}{parts.query}{parts.fragment}"
    return None if is_doubtful else parts


def check_address(name: str, url: str, *schemes: str) -> None:
    """Raise BadArgument, which quotes nothing of it, unless a URL is an address of these schemes."""
    is_web = "http" in schemes
    parts = parts_of(url, has_path=is_web)
    if parts is None or parts.scheme not in schemes or not parts.hostname:
        raise BadArgument(
            f"{name} must be an address that begins with {schemes[-1]}://; in a password write"
            " / as %2F, # as %23, ? as %3F and @ as %40"
        )
    if is_web and "@" in parts.netloc:
        raise BadArgument(f"{name} must not hold a user name or a password: they are not sent")


def post(url: str, body: bytes, timeout: float, content_type: str = "text/plain") -> None:
    """POST to a checked address; raise OSError, HTTPException or ValueError where it fails."""
    head = {"Content-Type": content_type, "User-Agent": f"kompas_crawler/{__version__}"}
    request = Request(url, body, head)  # noqa: S310 - see `check_address`
    try:
        with build_opener(NoRedirects).open(request, timeout=timeout) as answer:
            answer.read(1024)
    except HTTPError as refusal:
        refusal.close()
        raise


class Sending(threading.Thread):
    """A sending in a thread of its own, because resolving a host name has no timeout.

    One that still waits ends with the process. `failure` is the reason why it failed, "" if none.
    """

    def __init__(self, send: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self.send = send
        self.failure = "no answer in time"
        self.start()

    def run(self) -> None:
        try:
            self.send()
        except (OSError, HTTPException, ValueError) as error:
            self.failure = _without_secrets(error)
        else:
            self.failure = ""


def _without_secrets(error: Exception) -> str:
    """Return the name of an error; its own text may hold the address, which is a secret."""
    if isinstance(error, HTTPError):
        return f"HTTP {error.code}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__}, code {error.smtp_code}"
    cause = getattr(error, "reason", error)
    reason = getattr(cause, "strerror", None)
    return f"{type(cause).__name__}{f', {reason}' if reason else ''}"


class NoRedirects(HTTPRedirectHandler):
    """Makes urllib raise HTTPError for a redirect: the request is meant for one server only."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None
