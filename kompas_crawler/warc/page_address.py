"""The address that a saved page states as its own, in its head or in a comment.

A program that saved the page may have rewritten the address in the head, and may have noted the
original in a comment. The text is scanned once, in linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from kompas_crawler.pages.markup import WAYBACK_PREFIX
from kompas_crawler.urls import LONGEST_ADDRESS, absolute_url, in_section

SITE = "https://www.kompas.com/"

LONGEST_NOTE = 4_000  # characters of a comment that are looked at
MOST_CANDIDATES = 100  # an honest page has two or three
MOST_TAGS = 20_000  # of those that may name one, and comments and scripts; an honest page has 200

# Anything else that begins with "<link" is in a comment, a script or similar, and is ignored.
_NEXT = re.compile(
    r"<(?:(?P<note>!--)|(?P<text>script|style|textarea|template)\b"
    r"|(?P<tag>link|meta|base|html)\b(?P<attributes>[^<>]*+))",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(
    r"(?<![a-z:-])([a-z:-]++)\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))",
    re.IGNORECASE,
)
# Comments that programs write, each recognised by one word.
_NOTES = {
    "saved from url": re.compile(r"\bsaved from url=\s*(?:\(\d+\)\s*)?(\S+)", re.IGNORECASE),
    "singlefile": re.compile(r"\burl:\s*(\S+)", re.IGNORECASE),
    "httrack": re.compile(r"\bMirrored from (?:https?://)?(\S+)", re.IGNORECASE),
}
# https://web.archive.org/web/20261120040000id_/https://www.kompas.com/…, and others like it. Some
# programs make one slash of two.
_WITHIN = re.compile(r"/(https?):/+(?=[^/])", re.IGNORECASE)
_WITHIN_BARE = re.compile(rf"{WAYBACK_PREFIX}(?=[a-z0-9.-]+\.com/)", re.IGNORECASE)


def own_address(html: str) -> str | None:
    """Return the address that a page gives as its own, None if it gives none.

    If it gives several, the first one that is an article of the section.

    >>> own_address('<link href="https://www.kompas.com/x" rel="canonical">')
    'https://www.kompas.com/x'
    """
    addresses = list(filter(None, _addresses(html)))
    return next(filter(in_section, addresses), next(iter(addresses), None))


def unwrapped(address: str) -> str:
    """Return the original address from a web archive's address, which holds it in its path.

    >>> unwrapped("https://web.archive.org/web/20261120040000/http://www.kompas.com/global")
    'http://www.kompas.com/global'
    """
    path, _, _ = address.partition("?")
    if within := list(_WITHIN.finditer(path)):
        return f"{within[-1][1]}://{address[within[-1].end() :]}"
    if bare := _WITHIN_BARE.search(path):
        return f"http://{address[bare.end() :]}"
    return address


def _addresses(html: str) -> Iterator[str]:
    """Yield the addresses stated by a page and the programs that saved it, the best first."""
    base, heads, notes = "", list[str](), list[str]()
    for kind, found in _named(html):
        if kind == "base":
            base = base or _joined(SITE, found)
        else:
            (notes if kind == "note" else heads).append(found)
        if len(heads) + len(notes) == MOST_CANDIDATES:
            break
    base = base or SITE
    for address in (*heads, *notes):
        yield from dict.fromkeys(unwrapped(_joined(each, address)) for each in (base, SITE))


def _named(html: str) -> Iterator[tuple[str, str]]:
    """Yield the addresses in a text with what names them: "head", "note" or "base"."""
    at = 0
    unclosed: set[str] = set()  # ends that do not come any more
    for _ in range(MOST_TAGS):
        found = _NEXT.search(html, at)
        if found is None:
            return
        at = found.end()
        if found["tag"]:
            yield from _of_tag(found["tag"].lower(), found["attributes"])
            continue
        closing = "-->" if found["note"] else f"</{found['text'].lower()}"
        if closing in unclosed:
            continue
        end = re.compile(re.escape(closing), re.IGNORECASE).search(html, at)
        if end is None:
            unclosed.add(closing)
            continue
        if found["note"]:
            text = html[at : min(end.start(), at + LONGEST_NOTE)]
            yield from (("note", address) for address in _noted(text))
        at = end.start()


def _noted(text: str) -> Iterator[str]:
    """Yield the addresses that a comment notes."""
    lowered = text.lower()
    for word, pattern in _NOTES.items():
        if word in lowered and (found := pattern.search(text)):
            yield f"//{found[1]}" if word == "httrack" else found[1]


def _of_tag(tag: str, attributes: str) -> Iterator[tuple[str, str]]:
    values = {
        name.lower(): unescape(double or single or bare).strip()
        for name, double, single, bare in _ATTRIBUTE.findall(attributes)
    }
    if tag == "link" and "canonical" in values.get("rel", "").lower().split():
        yield "head", values.get("href", "")
    elif tag == "meta" and values.get("property", values.get("name", "")).lower() == "og:url":
        yield "head", values.get("content", "")
    elif tag == "base" and values.get("href"):
        yield "base", values["href"]
    elif tag == "html" and values.get("data-scrapbook-source"):
        yield "note", values["data-scrapbook-source"]


def _joined(base: str, address: str) -> str:
    if not address or len(address) > LONGEST_ADDRESS:
        return ""
    return absolute_url(base, address)
