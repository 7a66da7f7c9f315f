"""Reading of the pages in one part of the saved files, as done in the reader processes.

The module imports no spider, so that a reader process starts quickly.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from kompas_crawler import pages
from kompas_crawler.archive.record import bounded_size
from kompas_crawler.budget import budget
from kompas_crawler.errors import BrokenRecord, FutureDownload, PageRefused
from kompas_crawler.pages import Reading
from kompas_crawler.timezones import WIB
from kompas_crawler.urls import article_id, canonical_url
from kompas_crawler.warc.gzip_members import Position
from kompas_crawler.warc.saved_pages import Damage, SavedPage, Source

logger = logging.getLogger(__name__)

MOST_HELD = 4_000_000  # characters of articles; 50 honest ones have some 250,000
CLOCKS_DIFFER = timedelta(days=1)
BEHIND_DAMAGE = "behind-damage"  # a warning: it may be a piece of another site's page


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadPage:
    """A page of an article that gave no record; `reason` is one word."""

    id: str
    url: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPart:
    """What was read from a source; `seen` and `damage` are those of the source.

    `first` is the offset of its first record, if it is a WARC file, and `place` is where reading
    goes on. `rest` is the part of the source that is read later.
    """

    readings: tuple[Reading, ...] = ()
    unread: tuple[UnreadPage, ...] = ()
    seen: Counter[str] = field(default_factory=Counter)
    damage: tuple[Damage, ...] = ()
    first: int | None = None
    place: Position | None = None
    rest: Source | None = None


def read_source(source: Source, crawl: str) -> ParsedPart:
    """Return what the pages of a source hold; pages that cannot be read are in `unread`.

    After `MOST_HELD` characters of articles the rest is read by another call.
    """
    readings, unread = [], []
    held = 0
    for page in source.pages():
        read, size = _read(page, crawl)
        held += size
        if isinstance(read, Reading):
            readings.append(read)
        else:
            unread.append(read)
        if held > MOST_HELD:
            source.stop()
    return ParsedPart(
        readings=tuple(readings),
        unread=tuple(unread),
        seen=source.seen,
        damage=tuple(source.damage),
        first=getattr(source, "first", None),
        place=getattr(source, "place", None),
        rest=source.rest,
    )


def _read(page: SavedPage, crawl: str) -> tuple[Reading | UnreadPage, int]:
    """Return what a page holds, and the length of its line. No exception reaches other pages."""
    try:
        if page.fetched_at > datetime.now(WIB) + CLOCKS_DIFFER:
            raise FutureDownload(page.url, f"downloaded at {page.fetched_at.isoformat()}")
        with budget.reading(page.place):
            reading = _reading(page, crawl)
            if reading.other:  # as in a crawl
                return unread_page(page.url, "OtherArticle"), 0
            return reading, bounded_size(reading.article)
    except PageRefused as refusal:
        return unread_page(page.url, type(refusal).__name__), 0
    except BrokenRecord:
        return unread_page(page.url, "invalid-record"), 0
    except Exception as error:
        logger.exception("%s cannot be read", page.url)
        return unread_page(page.url, f"error-{type(error).__name__}"), 0


def _reading(page: SavedPage, crawl: str) -> Reading:
    reading = pages.read(page.html, page.url)
    article = replace(reading.article, fetched_at=page.fetched_at, crawl=crawl)
    if page.is_doubtful:
        article = replace(article, warnings=(*article.warnings, BEHIND_DAMAGE))
    return replace(reading, article=article)


def unread_page(url: str, reason: str) -> UnreadPage:
    """Return what is noted of a page that gave no record."""
    return UnreadPage(id=article_id(url) or "", url=canonical_url(url), reason=reason)
