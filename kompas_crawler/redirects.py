"""Which redirects are followed, and to which address: only to the same article or list.

A robots.txt may be redirected to any host: by RFC 9309 its rules apply to the original one.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response

from kompas_crawler.responses import RedirectRefused
from kompas_crawler.urls import (
    article_id,
    canonical_url,
    clean_url,
    in_section,
    is_kompas,
    kind_of,
)

STATUSES: Final = frozenset({301, 302, 303, 307, 308})
_PLAIN_HTTP: Final = re.compile(r"http://([^/?#@:]+)(?::80)?(?![^/?#])", re.IGNORECASE)
_FOR_ONE_HOST: Final = ("Authorization", "Cookie")


def followed(
    request: Request, response: Response, answer: Request | Response
) -> Request | Response:
    """Return what Scrapy makes of a response, with the address to request where it is a redirect.

    Raises `RedirectRefused` for a redirect that leads to no address, or to another page.
    """
    if isinstance(answer, Request):
        if not answer.url.isascii():  # Scrapy escapes all but the host
            raise no_address(request, response)
        onward = _encrypted(request, answer)
        return onward if is_robots(request) else _same_page(request, onward)
    if answer.status in STATUSES and "Location" in answer.headers and not _is_handled(request):
        raise no_address(request, answer)  # no address of the web
    return answer


def no_address(request: Request, response: Response) -> RedirectRefused:
    """Return the refusal of a redirect whose `Location` is no address."""
    found = f"sent to {(response.headers['Location'] or b'')[:200]!r}"
    return RedirectRefused(request.url, found, "no-address")


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


def first_url(request: Request) -> str:
    """Return the address that was requested before any redirect."""
    first: str = request.meta.get("redirect_urls", [request.url])[0]
    return first


def is_robots(request: Request) -> bool:
    """Return whether a robots.txt was requested, wherever a redirect has led."""
    return urlsplit(first_url(request)).path == "/robots.txt"


def _encrypted(request: Request, onward: Request) -> Request:
    """Return the redirect with https where the request had it.

    A redirect that changes nothing but https to http is refused.
    """
    if not request.url.startswith("https:") or onward.url.startswith("https:"):
        return onward
    url, is_usual = _PLAIN_HTTP.subn(r"https://\1", onward.url)
    if not is_usual or url == request.url:
        raise RedirectRefused(request.url, f"sent to {onward.url}", "unencrypted")
    return onward.replace(url=url)


def _same_page(request: Request, onward: Request) -> Request:
    if reason := redirect_fault(first_url(request), onward.url):
        raise RedirectRefused(request.url, f"sent to {onward.url}", reason)
    clean = _with_page_of(request.url, clean_url(onward.url))
    # A redirect that only adds a slash or a parameter would lead back here if cleaned.
    url = onward.url if clean == request.url else clean
    # Scrapy drops a known address silently, and the requested page would be lost.
    onward = onward.replace(url=url, dont_filter=True)
    if urlsplit(url).netloc != urlsplit(request.url).netloc:
        # Scrapy compares with where the redirect leads, not with its cleaned address.
        for name in _FOR_ONE_HOST:
            onward.headers.pop(name, None)
    return onward


def _with_page_of(asked: str, onward: str) -> str:
    """Return the target of a redirect with the query of the request, which selects pages.

    A redirect to another address of the article drops the query by accident; one that changes
    nothing else drops it on purpose.
    """
    query = urlsplit(asked).query
    is_moved = article_id(onward) and canonical_url(onward) != canonical_url(asked)
    return f"{onward}?{query}" if is_moved and query and not urlsplit(onward).query else onward


def _is_handled(request: Request) -> bool:
    """Return whether the request wants redirects passed to its callback."""
    return bool(
        request.meta.get("dont_redirect") or request.meta.get("handle_httpstatus_all")
    ) or any(status in request.meta.get("handle_httpstatus_list", ()) for status in STATUSES)
