"""Checks of a list: whether it can prove that all articles of its time are known.

A list can come with status 200 and still be wrong: page 1 again, another day's, half of a day, or
empty. So its pages are compared with each other, with the day requested, with what is stored of
that day, and with the days around it. A list that fails a check proves nothing; `REASONS` says why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import log
from statistics import median

from kompas_crawler import urls
from kompas_crawler.datelines import read_dateline, read_day
from kompas_crawler.pages import Entry, Listing
from kompas_crawler.runs.intervals import DAY

#: Why a list proves nothing, by the word in the log and in `failed_listings`.
REASONS: Mapping[str, str] = {
    "repeated": "a page announced by the one before it shows nothing new",
    "no-list": "a page announced by the one before it shows no list",
    "unknown-list": "the list was not recognised; only the links of its page are known",
    "cut": "a page that announces another one is not full",
    "unread": "more than a few of its items lead to no page of a known kind",
    "too-long": "its pages do not end",
    "other-section": "its articles belong to other sections",
    "other-day": "its articles belong to other days",
    "reversed": "it does not list its articles newest first",
    "shrunk": "stored articles of its period are missing from it",
    "silent": "it names no article for hours in which the surrounding days have ten",
}

# The longest silence of the section that was seen is under 8 hours (pages of 2020-24).
LONGEST_SILENCE = timedelta(hours=8)
# The first hours of a day are no part of a silence: on weekends a newsroom begins late.
NIGHT = timedelta(hours=2)
# Articles that a silence would have held at the usual pace; by chance that happens to one day in
# twenty thousand.
EXPECTED = 10.0
# Articles of a day that is judged by its own pace. Days with fewer (2008-12 had a few each) may
# have them all within an hour or two.
DOZENS = 20
# Days that show what is usual: the number of nearest known ones, and the farthest, in days.
NEIGHBOURS, NEAR = 6, 31

# Items of a page that announces another one: 10 in 2016, 15 to 2023, 20 since.
SMALLEST_PAGE = 10
ALIKE = 0.5  # of the fullest page before it: an item may be a video or an advertisement

# Stored articles that a list may lack, because Kompas took them away or listed them elsewhere.
REMOVED, REMOVED_SHARE = 3, 0.2

# Articles of other days among a day's own: late ones are listed a day after their clock, and old
# ones are published again. In the stand-in two of twelve is the maximum.
STRAY, STRAY_SHARE = 2, 0.25
REPUBLISHED = 4

# Items of a page that lead to no page of a known kind: a form of address that no table has yet. On
# the five lists seen there is none.
UNREAD_SHARE = 0.1

# Neighbours on a page of the front that must be in the wrong order: by chance half of all are. Ten
# pages of 2025 were strictly newest first.
REVERSED, REVERSED_SHARE = 5, 1 / 3

Doubt = tuple[str, str]  # an address, and why it proves nothing


@dataclass(slots=True, kw_only=True)
class ListEvidence:
    """What the pages of one list have shown so far; `doubt` is why it proves nothing.

    `day` is the day that was requested, None for the section's front.
    """

    day: date | None = None
    seen: set[str] = field(default_factory=set)
    clocks: list[datetime] = field(default_factory=list)  # of the section's articles
    volumes: Counter[date] = field(default_factory=Counter)  # the same, by day
    listed: int = 0  # articles of the section
    of_others: int = 0  # articles of other sections
    of_day: int = 0
    again: int = 0  # older ones, printed with this day
    elsewhere: int = 0  # of another day
    later: int = 0  # of a later day than the one requested
    fullest: int = 0  # items of a page
    announced: bool = False  # a further page, by the last one read
    idle: int = 0  # pages in a row that brought nothing new
    doubt: Doubt | None = None

    def take(self, listing: Listing, entries: Iterable[Entry], url: str) -> list[Entry]:
        """Add one more page, and return its entries that were on no page before."""
        fresh = [entry for entry in entries if entry.id not in self.seen]
        ours = [entry for entry in fresh if urls.in_section(entry.url)]
        self.note_doubt(url, self._wrong_in(listing, fresh, ours))
        self.seen.update(entry.id for entry in fresh)
        self.idle = 0 if fresh else self.idle + 1
        self.announced = listing.next_url is not None
        self.fullest = max(self.fullest, listing.items)
        self.listed += len(ours)
        self.of_others += len(fresh) - len(ours)
        for entry in ours:
            self._note_day(entry)
            self.volumes[urls.day_of(entry.id)] += 1
        return fresh

    def _wrong_in(self, listing: Listing, fresh: list[Entry], ours: list[Entry]) -> str | None:
        if listing.unread > UNREAD_SHARE * (listing.items if listing.entries else 0):
            return "unread"
        if self.announced and not fresh:
            return "no-list" if listing.layout is None else "repeated"
        if listing.layout is None and fresh:
            return "unknown-list"
        if not self.seen and listing.layout is None and not listing.sites:
            return "no-list"  # nor the index's menu: an error with a good status
        if listing.next_url and listing.items < max(SMALLEST_PAGE, ALIKE * self.fullest):
            return "cut"
        if fresh and not ours and self.listed and not self.of_others:
            return "other-section"
        return self._wrong_on_front(fresh, ours) if self.day is None else None

    def _wrong_on_front(self, fresh: list[Entry], ours: list[Entry]) -> str | None:
        if 2 * len(ours) < len(fresh):
            return "other-section"
        clocks = [clock for entry in ours if (clock := urls.clock_of(entry.id))]
        return "reversed" if is_reversed(clocks) else None

    def _note_day(self, entry: Entry) -> None:
        clock = urls.clock_of(entry.id)
        if self.day is None or urls.day_of(entry.id) == self.day:
            self.of_day += 1
            self.clocks += [clock] if clock else []
        elif urls.day_of(entry.id) < self.day == printed_day(entry):
            self.again += 1
        else:
            self.elsewhere += 1
            self.later += urls.day_of(entry.id) > self.day

    def note_doubt(self, url: str, reason: str | None) -> None:
        """Note why the list proves nothing; the first reason is kept."""
        if reason and self.doubt is None:
            self.doubt = (url, reason)

    @property
    def is_of_other_day(self) -> bool:
        """Return whether most of what is listed is of other days than the one requested.

        A republished article counts for the date that is printed with it. Nothing is listed on a
        day before it was published, so even a few later ones mean that the days are shifted.
        """
        if self.elsewhere and not self.of_day + self.again:
            return True
        if self.later > STRAY:
            return True
        if self.again > REPUBLISHED and self.again > self.of_day:
            return True
        return self.elsewhere > max(STRAY, STRAY_SHARE * self.listed)

    def silence(self, begin: datetime, end: datetime) -> timedelta | None:
        """Return the longest time without an article, None if its ids have no time of day."""
        if self.of_day and not self.clocks:
            return None
        return longest_silence(self.clocks, begin + NIGHT, end)

    def is_silent(self, begin: datetime, end: datetime) -> bool:
        """Return whether a gap is longer than the list's own rate of articles explains."""
        inside = sum(begin <= clock <= end for clock in self.clocks)
        silence = longest_silence(self.clocks, begin, end)
        return is_silent(inside, silence, end - begin, fewest=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRead:
    """A day whose list was read to its end: number of articles, longest gap, address.

    `span` is the part of the day that has passed; `silence` is None without times of day.
    """

    listed: int
    span: timedelta
    silence: timedelta | None
    url: str

    @property
    def is_long_silent(self) -> bool:
        return self.silence is not None and self.silence >= LONGEST_SILENCE


def is_silent(
    listed: int, silence: timedelta, span: timedelta, usual: float = 0, fewest: int = DOZENS
) -> bool:
    """Return whether a gap is no accident, given what is listed and what is usual for a day.

    A list of less than `fewest` articles is not judged by its own pace.

    >>> night, half = timedelta(hours=7), timedelta(hours=12)
    >>> is_silent(50, night, DAY), is_silent(50, half, DAY), is_silent(6, half, DAY)
    (False, True, False)
    >>> is_silent(0, DAY, DAY, usual=4), is_silent(0, DAY, DAY, usual=24)
    (False, True)
    """
    if silence < LONGEST_SILENCE:
        return False
    if usual * (silence / DAY) >= EXPECTED:
        return True
    # The probability of so long a gap among so many moments.
    share = min(silence / span, 0.999)
    return max(listed, usual) >= fewest and listed * -log(1 - share) >= EXPECTED


def longest_silence(clocks: Iterable[datetime], begin: datetime, end: datetime) -> timedelta:
    """Return the longest time from `begin` to `end` without any of these moments."""
    inside = sorted(clock for clock in clocks if begin < clock < end)
    return max((b - a for a, b in pairwise((begin, *inside, end))), default=timedelta())


def usual_volume(day: date, volumes: Mapping[date, int]) -> float | None:
    """Return the median number of articles of the days around, None if none is known.

    >>> usual_volume(date(2026, 11, 20), {date(2026, 11, 18): 40, date(2026, 11, 21): 50})
    45.0
    """
    near = sorted(
        (abs(other - day), count)
        for other, count in volumes.items()
        if other != day and count and abs(other - day) <= timedelta(days=NEAR)
    )
    return float(median(count for _, count in near[:NEIGHBOURS])) if near else None


def is_shrunk(stored: Collection[str], listed: Collection[str]) -> bool:
    """Return whether a list lacks more stored articles than Kompas usually removes.

    >>> is_shrunk(range(50), range(48)), is_shrunk(range(50), range(20))
    (False, True)
    """
    missing = sum(each not in listed for each in stored)
    return missing > max(REMOVED, REMOVED_SHARE * len(stored))


def is_reversed(clocks: Iterable[datetime]) -> bool:
    """Return whether a list that should be newest first is in another order."""
    pairs = list(pairwise(clocks))
    rising = sum(later > earlier for earlier, later in pairs)
    return rising >= REVERSED and rising > REVERSED_SHARE * len(pairs)


def printed_day(entry: Entry) -> date | None:
    """Return the date that a list prints with an entry."""
    printed = read_dateline(entry.printed_date or "")
    return printed.moment.date() if printed else read_day(entry.printed_date or "")
