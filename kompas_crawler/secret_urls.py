"""URLs that may hold a secret: split without quoting it in errors, requested without redirects."""

from __future__ import annotations

from http.client import HTTPMessage
from typing import IO
from urllib.parse import SplitResult, urlsplit
from urllib.request import HTTPRedirectHandler, Request


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


class NoRedirects(HTTPRedirectHandler):
    """Makes urllib raise HTTPError for a redirect: the request is meant for one server only."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None
