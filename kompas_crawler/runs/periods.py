"""The period that `since` and `until` name, in WIB."""

from __future__ import annotations

import re
from datetime import MAXYEAR, date, datetime, time, timedelta

from kompas_crawler.datelines import read_dateline, read_day, read_timestamp
from kompas_crawler.errors import BadArgument
from kompas_crawler.runs.intervals import Interval
from kompas_crawler.timezones import WIB

_ACCEPTED = (
    "give a date (2026-11-20), a month (2026-11), a date and time in WIB (2026-11-20T10:30) "
    "or an age (90m, 36h, 3d, 2w)"
)

_MONTH = re.compile(r"\s*([0-9]{4})-([0-9]{2})\s*", re.ASCII)
_HOURS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?", re.ASCII)
_AGE = re.compile(r"([0-9]{1,6})\s*([mhdw])", re.ASCII | re.IGNORECASE)
_UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_WITH_SECONDS = re.compile(r":[0-9]{2}:[0-9]{2}", re.ASCII)
_INSTANT = timedelta(microseconds=1)

# Kompas.com went online in September 1995: before that there is nothing to request.
FIRST_DAY = date(1995, 1, 1)


class Period(Interval):
    """The time from `since` to `until`, both included, both in WIB.

    >>> noon = datetime(2026, 11, 23, 12, 0, tzinfo=WIB)
    >>> period = read_period("2026-11-21", "2026-11-22", noon)
    >>> noon in period
    False
    >>> [day.isoformat() for day in period.days()]
    ['2026-11-22', '2026-11-21']
    >>> print(period)
    2026-11-21T00:00:00+07:00/2026-11-22T23:59:59+07:00
    """

    __slots__ = ()

    def __contains__(self, moment: datetime) -> bool:
        return self.since <= moment <= self.until

    def __str__(self) -> str:
        return "/".join(self.iso)

    @property
    def iso(self) -> tuple[str, str]:
        """Both ends in ISO 8601, to the second."""
        return self.since.isoformat(timespec="seconds"), self.until.isoformat(timespec="seconds")


def read_period(
    since: str | None, until: str | None, now: datetime, *, default_since: str | None = None
) -> Period:
    """Return the period that `since` and `until` name, in WIB, both inclusive.

    Each is a date, a month, a date and time, or an age counted back from `now`. A month, a date,
    a minute or a second begins with its first moment as `since` and ends with its last as `until`. Without
    `since`, `default_since` is used; without `until`, or with a later one, the period ends with
    today.

    >>> now = datetime(2026, 11, 23, 12, 0, tzinfo=WIB)
    >>> read_period("36h", None, now).iso
    ('2026-11-22T00:00:00+07:00', '2026-11-23T23:59:59+07:00')
    >>> read_period("yesterday", None, now)
    Traceback (most recent call last):
    kompas_crawler.errors.BadArgument: since='yesterday' cannot be read: give a date (2026-11-20), \
a month (2026-11), a date and time in WIB (2026-11-20T10:30) or an age (90m, 36h, 3d, 2w)

    Raises BadArgument, in one sentence, for an argument that cannot be read, a `since` that is
    missing or in the future, and a `since` later than `until`. A naive `now` raises ValueError.
    """
    if now.tzinfo is None:
        raise ValueError("`now` needs a zone")
    now = now.astimezone(WIB)
    wanted_since = default_since if since is None else since
    if wanted_since is None:
        raise BadArgument(f"since is missing: {_ACCEPTED}")
    begin = _span_of("since", wanted_since, now).since
    if begin > now:
        raise BadArgument(f"{_shown('since', wanted_since)} is in the future: {_ACCEPTED}")
    today = _span_of_day(now.date())
    end = today.until if until is None else min(_span_of("until", until, now).until, today.until)
    if begin > end:
        ends = f"{_shown('since', wanted_since)} is later than {_shown('until', until or '')}"
        raise BadArgument(f"{ends}: {_ACCEPTED}")
    return Period(since=begin, until=end)


def read_hours(name: str, text: str) -> timedelta:
    """Return the duration that a number of hours or an age names; raise `BadArgument`.

    >>> read_hours("--within", "26") == read_hours("--within", "26h")
    True
    """
    if _HOURS.fullmatch(text.strip()) and float(text) > 0:
        return timedelta(hours=float(text))
    if (length := _length_of_age(text)) and length > timedelta(0):
        return length
    raise BadArgument(
        f"{_shown(name, text)} cannot be read: give hours (26) or an age (90m, 36h, 3d, 2w)"
    )


def _span_of(name: str, text: str, now: datetime) -> Period:
    day = read_day(text)
    span = _span_of_day(day) if day else _span_of_month(text) or _span_of_clock(text)
    span = span or _span_of_age(text, now)
    if span is None:
        raise BadArgument(f"{_shown(name, text)} cannot be read: {_ACCEPTED}")
    return span


def _span_of_day(day: date) -> Period:
    return Period(datetime.combine(day, time.min, WIB), datetime.combine(day, time.max, WIB))


def _span_of_month(text: str) -> Period | None:
    match = _MONTH.fullmatch(text)
    if match is None:
        return None
    year, month = int(match[1]), int(match[2])
    if not (FIRST_DAY.year <= year < MAXYEAR and 1 <= month <= 12):
        return None
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return Period(_span_of_day(date(year, month, 1)).since, _span_of_day(last).until)


def _span_of_clock(text: str) -> Period | None:
    moment = read_timestamp(text) or _printed_moment(text)
    if moment is None:
        return None
    unit = timedelta(seconds=1) if _WITH_SECONDS.search(text) else timedelta(minutes=1)
    first = moment.astimezone(WIB)
    return Period(first, first + unit - _INSTANT)


def _printed_moment(text: str) -> datetime | None:
    line = read_dateline(text, grammar_only=True)
    return line.published if line and line.updated is None else None


def _span_of_age(text: str, now: datetime) -> Period | None:
    length = _length_of_age(text)
    if length is None or length > now - _span_of_day(FIRST_DAY).since:
        return None
    return Period(now - length, now - length)


def _length_of_age(text: str) -> timedelta | None:
    age = _AGE.fullmatch(text.strip())
    return int(age[1]) * _UNITS[age[2].lower()] if age else None


def _shown(name: str, text: str) -> str:
    """Return the argument as given, shortened to fit in a sentence."""
    return f"{name}={text if len(text) <= 60 else text[:57] + '…'!r}"
