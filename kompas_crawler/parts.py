"""What do the pages in a part of the saved files say?

Nothing but this is done in the processes that read, so they need no spider and begin at once.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from kompas_crawler import pages
from kompas_crawler.errors import BrokenRecord, PageRefused
from kompas_crawler.pages import Reading
from kompas_crawler.records import validate
from kompas_crawler.saved import Damage, SavedPage, Source
from kompas_crawler.urls import article_id, canonical_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A page of an article that gave no record, and why in one word."""

    id: str
    url: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a source held; `seen` and `damage` are those of the source."""

    readings: tuple[Reading, ...]
    unread: tuple[Unread, ...]
    seen: Counter[str]
    damage: tuple[Damage, ...]


def read_source(source: Source, crawl: str) -> Part:
    """Read all pages of a source; a page that cannot be read is named, and does not end it."""
    readings, unread = [], []
    for page in source.pages():
        read = _read(page, crawl)
        if isinstance(read, Reading):
            readings.append(read)
        else:
            unread.append(read)
    return Part(
        readings=tuple(readings),
        unread=tuple(unread),
        seen=source.seen,
        damage=tuple(source.damage),
    )


def _read(page: SavedPage, crawl: str) -> Reading | Unread:
    try:
        reading = pages.read(page.html, page.url)
        article = replace(reading.article, fetched_at=page.fetched_at, crawl=crawl)
        if reading.page is None:
            validate(article)
    except PageRefused as refusal:
        return unread_page(page.url, type(refusal).__name__)
    except BrokenRecord:
        return unread_page(page.url, "invalid-record")
    return replace(reading, article=article)


def unread_page(url: str, reason: str) -> Unread:
    """Return what is noted of a page that gave no record."""
    return Unread(id=article_id(url) or "", url=canonical_url(url), reason=reason)
