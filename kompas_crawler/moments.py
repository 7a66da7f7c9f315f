"""When was an article published and when updated, and which source of the page says so?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from kompas_crawler import urls
from kompas_crawler.datelines import (
    WIB,
    Dateline,
    read_dateline,
    read_timestamp,
    read_wib_timestamp,
)

TOLERANCE = timedelta(minutes=1)  # dates that are this far apart disagree


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """The times of one article, in the zone the page states."""

    published_at: datetime | None
    published_from: str | None
    updated_at: datetime | None
    conflict: bool
    sources: tuple[str, ...]  # every source that told a time of publication


def read_moments(
    article_id: str, metas: Mapping[str, str], news: Mapping[str, Any], dateline: str | None
) -> Moments:
    """Return the times that a page tells, by order of trust.

    `content_PublishedDate` is WIB with seconds; JSON-LD and `article:published_time` carry an
    offset (UTC in 2020-21, +07:00 in 2026); the printed dateline has minutes, and when it says
    "Diperbarui" it is the time of the update; the clock in the address is WIB.
    """
    printed = read_dateline(dateline) if dateline else None
    known = _told(article_id, metas, news, printed)
    if not known:
        return Moments(
            published_at=None, published_from=None, updated_at=None, conflict=False, sources=()
        )
    zone = printed.moment.tzinfo if printed else None
    source, published = known[0]
    if source == "dateline":
        published = _with_seconds(published, urls.clock_of(article_id))
    return Moments(
        published_at=_in_zone(published, zone),
        published_from=source,
        updated_at=_in_zone_or_none(_updated(published, news, metas, printed), zone),
        conflict=_conflict([moment for _, moment in known]),
        sources=tuple(dict.fromkeys(name for name, _ in known)),
    )


def _told(
    article_id: str, metas: Mapping[str, str], news: Mapping[str, Any], printed: Dateline | None
) -> list[tuple[str, datetime]]:
    """Return the times of publication that a page tells, the most trusted first."""
    told = (
        ("meta", read_wib_timestamp(metas.get("content_publisheddate", ""))),
        ("json-ld", read_timestamp(_text(news.get("datePublished")))),
        ("json-ld", read_timestamp(metas.get("article:published_time", ""))),
        ("dateline", printed.published if printed else None),
        ("url", urls.clock_of(article_id)),
    )
    return [(source, moment) for source, moment in told if moment is not None]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _with_seconds(printed: datetime, clock: datetime | None) -> datetime:
    """Take the seconds from the address where it agrees with the printed minute."""
    if clock is not None and clock.replace(second=0) == printed.replace(second=0):
        return clock
    return printed


def _conflict(known: Sequence[datetime]) -> bool:
    minutes = [moment.replace(second=0, microsecond=0) for moment in known]
    return max(minutes) - min(minutes) >= TOLERANCE


def _updated(
    published: datetime, news: Mapping[str, Any], metas: Mapping[str, str], printed: Dateline | None
) -> datetime | None:
    """Return the page's own word on its update: the modified time has seconds, the line has not."""
    line = printed.updated if printed else None
    modified = read_timestamp(_text(news.get("dateModified"))) or read_timestamp(
        metas.get("article:modified_time", "")
    )
    if modified is not None and modified <= published:
        modified = None
    if line is None:
        return modified
    if modified is not None and abs(modified - line) < TOLERANCE:
        return modified
    # The line has no seconds: an update in the minute of publication is not before it.
    return line if line >= published else published if published - line < TOLERANCE else None


def _in_zone(moment: datetime, zone: tzinfo | None) -> datetime:
    return moment.astimezone(zone or WIB).replace(microsecond=0)


def _in_zone_or_none(moment: datetime | None, zone: tzinfo | None) -> datetime | None:
    return _in_zone(moment, zone) if moment is not None else None
