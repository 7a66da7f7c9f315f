"""Addresses that may hold a secret: taken apart without showing it, asked without a redirect."""

from __future__ import annotations

from http.client import HTTPMessage
from typing import IO
from urllib.parse import SplitResult, urlsplit
from urllib.request import HTTPRedirectHandler, Request


def parts_of(url: str, *, has_path: bool = True) -> SplitResult | None:
    """Return the parts of an address, None if it is none; no error holds a word of it.

    Without `has_path` an @ behind the host is taken for the end of a password with / # or ?.

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
    """Lets urllib raise HTTPError for a redirect: what was sent is meant for that server only."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None
