"""The dates of an article: first publication and last update, from all that a page states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from kompas_crawler import urls
from kompas_crawler.datelines import read_dateline, read_timestamp, read_wib_timestamp
from kompas_crawler.timezones import WIB

DATELINE = "dateline"
META = "meta"  # content_PublishedDate, in WIB, mostly without a zone
PROPERTY = "property"  # a <meta property="article:…">; it counts after the JSON-LD
TOLERANCE = timedelta(minutes=1)  # dates that are this far apart disagree

_dateline = lru_cache(maxsize=16)(read_dateline)  # one line states publication and update


@dataclass(frozen=True, slots=True)
class StatedText:
    """The text of a time as a page states it, and its source: "json-ld", `META`, `PROPERTY`, …"""

    source: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedTime:
    """A time that a page states; a dateline has no seconds, and may be marked as an update."""

    source: str
    moment: datetime
    is_update: bool = False
    to_the_second: bool = True

    def is_before(self, published: datetime) -> bool:
        return self.moment <= published - TOLERANCE

    def is_after(self, published: datetime) -> bool:
        if self.to_the_second:
            return self.moment > published
        return self.moment >= _minute(published) + TOLERANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDates:
    """The times of one article, in the zone the page states.

    `published_from` is the source of `published_at`: "meta", "json-ld", "dateline" or "url".
    `conflict` says that the page contradicts itself.
    """

    published_at: datetime | None = None
    published_from: str | None = None
    updated_at: datetime | None = None
    conflict: bool = False


def publications(texts: Iterable[str | StatedText]) -> list[StatedTime]:
    """Return the publications that are stated; a plain string is a printed dateline.

    >>> [time] = publications(["Kompas.com - 26/08/2021, 16:22 WIB"])
    >>> time.moment.isoformat(), publications(["Diperbarui 26/08/2021, 18:00 WIB"])
    ('2021-08-26T16:22:00+07:00', [])
    """
    return list(_stated_times(texts, is_update=False))


def updates(texts: Iterable[str | StatedText]) -> list[StatedTime]:
    """Return the updates that are stated, of a dateline only what it marks as one ("Diperbarui")."""
    return list(_stated_times(texts, is_update=True))


def _stated_times(texts: Iterable[str | StatedText], *, is_update: bool) -> Iterator[StatedTime]:
    for each in texts:
        stated = StatedText(DATELINE, each) if isinstance(each, str) else each
        to_the_second, moment = _read(stated, is_update)
        if moment is not None:
            yield StatedTime(
                source=stated.source,
                moment=moment,
                is_update=is_update,
                to_the_second=to_the_second,
            )


def _read(stated: StatedText, is_update: bool) -> tuple[bool, datetime | None]:
    """Return whether a stated time has seconds, and the time, None if the text has none."""
    if stated.source != DATELINE:
        in_wib = read_wib_timestamp(stated.text) if stated.source == META else None
        return True, in_wib or read_timestamp(stated.text)
    line = _dateline(stated.text)
    if line is None:
        return False, None
    return line.precision == "second", line.updated if is_update else line.published


def decide(article_id: str, stated: Sequence[StatedTime]) -> PageDates:
    """Return the times of an article, from what its page states, the most reliable first.

    The clock in the address (WIB, to the second) is the first publication; on pages that print
    "Diperbarui" all other sources hold the update (142 of 142 pages of 2023-04), on all others they
    agree with it (24,000 pages of 2020-24). Where the address has no clock, before about 2012,
    `content_PublishedDate` (WIB without a zone) counts, then JSON-LD and `article:published_time`
    by their offset, then the printed line (minutes). All are None where the page states none.
    """
    clock = urls.clock_of(article_id)
    dates = _by_clock(clock, stated) if clock is not None else _without_clock(article_id, stated)
    printed = max((each.moment for each in stated if each.source == DATELINE), default=None)
    return _in_zone((printed and printed.tzinfo) or WIB, dates)


def _by_clock(clock: datetime, stated: Sequence[StatedTime]) -> PageDates:
    """Return the dates of an article whose address holds the time of first publication.

    A later time is the update. An earlier time is a conflict with the address, and so are two
    updates that are a minute or more apart.
    """
    later = [each for each in stated if each.is_after(clock)]
    is_meta = any(each.source == META and each.moment == clock for each in stated)
    earlier = any(each.is_before(clock) for each in stated)
    return PageDates(
        published_at=clock,
        published_from="meta" if is_meta else "url",
        updated_at=_latest(later) or _same_minute(clock, stated),
        conflict=earlier or _disagree(later),
    )


def _without_clock(article_id: str, stated: Sequence[StatedTime]) -> PageDates:
    """Return the dates of an article whose address holds only a day."""
    published = [each for each in stated if not each.is_update]
    if not published:
        return PageDates()
    first = published[0]
    later = [each for each in stated if each.is_update and each.is_after(first.moment)]
    minutes = [_minute(each.moment) for each in published]
    is_other_day = first.moment.astimezone(WIB).date() != urls.day_of(article_id)
    return PageDates(
        published_at=first.moment,
        published_from="meta" if first.source == PROPERTY else first.source,
        updated_at=_latest(later) or _same_minute(first.moment, stated),
        conflict=is_other_day or max(minutes) - min(minutes) >= TOLERANCE or _disagree(later),
    )


def _latest(later: Sequence[StatedTime]) -> datetime | None:
    """Return the last update, to the second where a source has seconds."""
    if not later:
        return None
    latest = max(each.moment for each in later)
    exact = [each.moment for each in later if each.to_the_second]
    return next((moment for moment in exact if _minute(moment) == _minute(latest)), latest)


def _same_minute(published: datetime, stated: Sequence[StatedTime]) -> datetime | None:
    """Return the publication if the dateline prints an update in the same minute, else None."""
    is_printed = any(
        each.source == DATELINE and each.is_update and _minute(each.moment) == _minute(published)
        for each in stated
    )
    return published if is_printed else None


def _disagree(later: Sequence[StatedTime]) -> bool:
    minutes = [_minute(each.moment) for each in later]
    return bool(minutes) and max(minutes) - min(minutes) >= TOLERANCE


def _in_zone(zone: tzinfo, dates: PageDates) -> PageDates:
    published, updated = (
        moment.astimezone(zone).replace(microsecond=0) if moment else None
        for moment in (dates.published_at, dates.updated_at)
    )
    return replace(dates, published_at=published, updated_at=updated)


def _minute(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)
