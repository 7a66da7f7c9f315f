"""The grammar of Kompas's printed datelines and of its timestamps, read as aware datetimes.

A closed grammar answers in microseconds. dateparser is used only for an order of parts that the
grammar does not know, and its answer counts only if it agrees with what is printed. Days come
before months, always. Nothing is filled in from today's date: a line without year, month, day or
time of day gives None, and so does one that is impossible or contradicts itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Literal

from kompas_crawler.timezones import WIB, ZONES

Precision = Literal["minute", "second"]


#: Month spellings, each with where it was seen ("in use": known, not found in the sources).
_MONTH_NAMES: tuple[tuple[int, str, str], ...] = (
    # Full names: Kompas 2010-2017 (datelines), 2025 (listings), 2026 (datelines).
    (1, "januari", "Kompas"),
    (2, "februari", "Kompas"),
    (3, "maret", "Kompas"),
    (4, "april", "Kompas"),
    (5, "mei", "Kompas"),
    (6, "juni", "Kompas"),
    (7, "juli", "Kompas"),
    (8, "agustus", "Kompas"),
    (9, "september", "Kompas"),
    (10, "oktober", "Kompas"),
    (11, "november", "Kompas"),
    (12, "desember", "Kompas"),
    # Old spellings.
    (2, "pebruari", "in use"),
    (11, "nopember", "Kompas, body"),
    # Abbreviations, with or without a full stop.
    (1, "jan", "detik, Liputan6"),
    (2, "feb", "detik, Liputan6"),
    (2, "peb", "in use"),
    (3, "mar", "detik, Liputan6"),
    (4, "apr", "detik, Liputan6"),
    (6, "jun", "detik, Liputan6"),
    (7, "jul", "detik, Liputan6"),
    (8, "agu", "detik, Liputan6"),
    (8, "agus", "in use"),
    (8, "agt", "in use"),
    (8, "ags", "in use"),
    (8, "agst", "in use"),
    (9, "sep", "detik, Liputan6"),
    (9, "sept", "in use"),
    (10, "okt", "detik, Liputan6"),
    (11, "nov", "detik, Liputan6"),
    (11, "nop", "in use"),
    (12, "des", "detik, Liputan6"),
    # English names where they differ.
    (1, "january", "Republika"),
    (2, "february", "Republika"),
    (3, "march", "Republika"),
    (5, "may", "Republika"),
    (6, "june", "Republika"),
    (7, "july", "Republika"),
    (8, "august", "Republika"),
    (8, "aug", "RSS reposts"),
    (10, "october", "Republika"),
    (10, "oct", "in use"),
    (12, "december", "Republika, Bisnis"),
    (12, "dec", "in use"),
)
_MONTHS = {name: number for number, name, _ in _MONTH_NAMES}

#: Weekdays, Monday 0. `Jum'at` is found here once its apostrophe is taken out.
_WEEKDAYS = {
    "senin": 0,
    "selasa": 1,
    "rabu": 2,
    "kamis": 3,
    "jumat": 4,
    "sabtu": 5,
    "minggu": 6,
    "ahad": 6,
}
_APOSTROPHES = "'`´ʹʼʻ‘’‛′"
_NO_APOSTROPHE = str.maketrans("", "", _APOSTROPHES)

#: Invisible characters, which may split a word.
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))

#: Kompas.com went online in 1995; other years are typing errors.
_YEARS = range(1995, 2101)

# A dateline is one short line; longer ones are not read.
_LONGEST_LINE = 300
_LONGEST_FOR_DATEPARSER = 120

_FLAGS = re.ASCII | re.IGNORECASE | re.VERBOSE


def _any_of(names: Mapping[str, int]) -> str:
    return "|".join(sorted(names, key=len, reverse=True))


_WEEKDAY = rf"\b(?:{_any_of(_WEEKDAYS)}|jum[{_APOSTROPHES}]at)\b"

# Everything before the first digit. The byline is lazy, so that a weekday or `Diperbarui`
# between bars is never taken for a name.
_HEAD = re.compile(
    rf"""
    [\s,|(–—-]*
    (?: (?: [^|]{{0,80}} \| ){{1,4}}?                 # Penulis : X | ; NAME | NAME |  (2011, 2013)
      | [^|]{{1,80}}? [–—-] \s* (?= kompas\.com )     # Editor - Kompas.com -
      | jurnalis \s* -                                # Okezone
    )??
    \s*
    (?: kompas\.com [\s,|–—-]* )?                     # a text node of its own: glued, or spaced
    (?P<updated> \(? (?:terakhir\s+)? (?:diper(?:baru|baharu)i|updated?) (?:\s+pada\b)? [\s:,|–—-]* )?
    (?: (?P<weekday> {_WEEKDAY} ) [\s,|(]* )?
    """,
    _FLAGS,
)

_DATE = rf"""
    (?: (?P<day>[0-9]{{1,2}}) (?P<cut>[/-]) (?P<month>[0-9]{{1,2}}) (?P=cut)
        (?P<year>[0-9]{{4}}|[0-9]{{2}})
      | (?P<named_day>[0-9]{{1,2}}) [\s+]+ (?P<name>{_any_of(_MONTHS)}) [.,]* [\s+]+
        (?P<named_year>[0-9]{{4}})
      # A spreadsheet that read 10/09 as October: year-DAY-month, midnight, then the real clock.
      | (?P<sheet>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}) \s 00:00:00 (?= \s [0-9]{{2}}:[0-9]{{2}} \s WIB )
      | (?P<iso>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})
    )
    (?![0-9])
"""

_STAMP = re.compile(
    rf"""
    (?P<head>[^0-9]*)
    {_DATE}
    (?: (?<=-[0-9]{{2}}) T | [\s,|/)–—-]* (?: (?:pukul|pkl\.?|jam) \s* )? )
    (?P<hour>[0-9]{{1,2}}) [:.] (?P<minute>[0-9]{{2}}) (?: [:.] (?P<second>[0-9]{{2}}) )?
    (?: \s* (?P<zone>WITA|WIB|WIT) \b )?
    """,
    _FLAGS,
)
_DAY = re.compile(rf"(?P<head>[^0-9]*) {_DATE}", _FLAGS)
_TAIL = re.compile(r"[\s.,|)–—-]*")

_AGO = re.compile(
    r"[\s,|•–—-]* (?P<count>[0-9]{1,3}) \s+ (?P<unit>detik|menit|jam|hari|minggu) \s+"
    r"(?:yang\s+)? lalu \s* \.?",
    _FLAGS,
)
_UNITS = {
    "detik": timedelta(seconds=1),
    "menit": timedelta(minutes=1),
    "jam": timedelta(hours=1),
    "hari": timedelta(days=1),
    "minggu": timedelta(weeks=1),
}

_TIMESTAMP = re.compile(
    r"""
    ([0-9]{4})-([0-9]{2})-([0-9]{2}) [T\s] ([0-9]{2}):([0-9]{2}) (?: :([0-9]{2}) (?:\.[0-9]+)? )?
    (?P<offset> \s? (?: Z | (?P<sign>[+-]) (?P<hours>[0-9]{2}) :? (?P<minutes>[0-5][0-9]) ) )?
    """,
    _FLAGS,
)

_CLOCK = re.compile(r"(?<![0-9:.]) ([0-9]{1,2}) [:.] ([0-9]{2}) (?![0-9:.]*[0-9])", _FLAGS)
_YEAR = re.compile(r"(?<![0-9]) [0-9]{4} (?![0-9])", _FLAGS)
_ZONE = re.compile(r"\b (?:WITA|WIB|WIT) \b", _FLAGS)
_MONTH_NAME = re.compile(rf"(?<![a-z])(?:{_any_of(_MONTHS)})(?![a-z])", _FLAGS)
_WEEKDAY_ANYWHERE = re.compile(_WEEKDAY, _FLAGS)

# What changes the meaning of a time's digits, or puts the month first. "PDT" in the reposts
# of 2011 and 2013 was WIB read as UTC, seven hours wrong: no zone but ours is believed.
_FOREIGN = re.compile(
    rf"""
    (?<![a-z]) (?: [ap]\.?m | GMT | UTC | [ECMP][SD]T | BST | CEST | JST | SGT | lalu ) (?![a-z])
    | [0-9]Z\b | :[0-9]{{2}} \s? [+-][0-9]{{2}}
    | (?:{_any_of(_MONTHS)}) [\s.,/-]+ [0-9]{{1,2}} [\s.,/-]+ [0-9]{{4}}
    """,
    _FLAGS,
)

# Each of these stops one way in which dateparser guesses: month first, missing parts filled
# from today, a bare number as a Unix time.
_DATEPARSER_SETTINGS = {
    "DATE_ORDER": "DMY",
    "STRICT_DATE_ORDER": "all",
    "STRICT_PARSING": True,
    "REQUIRE_PARTS": ["day", "month", "year"],
    "PARSERS": ["absolute-time"],
    "TIMEZONE": "Asia/Jakarta",
    "RETURN_AS_TIMEZONE_AWARE": True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dateline:
    """What a printed dateline states: a publication, an update ("Diperbarui"), or both."""

    published: datetime | None = None
    updated: datetime | None = None
    precision: Precision = "minute"

    def __post_init__(self) -> None:
        if self.published is None and self.updated is None:
            raise ValueError("a dateline states at least one moment")

    @property
    def moment(self) -> datetime:
        """The latest moment stated: the update where there is one, else the publication."""
        return max(filter(None, (self.updated, self.published)))


def read_dateline(text: str, *, grammar_only: bool = False) -> Dateline | None:
    """Return what a printed dateline states, or None if it states no whole date and time.

    >>> read_dateline("Kompas.com - 26/08/2021, 16:22 WIB").moment.isoformat()
    '2021-08-26T16:22:00+07:00'
    >>> line = read_dateline("Penulis : Budi | Jum'at, 5 Agustus 2011 | 14.46 WITA")
    >>> line.published.isoformat()
    '2011-08-05T14:46:00+08:00'
    >>> read_dateline("Kompas.com- Diperbarui 03/07/2025, 17:49 WIB").published is None
    True
    >>> read_dateline("08/26/2021, 16:22 WIB"), read_dateline("16:22 WIB")
    (None, None)

    A time without a zone is in WIB. With `grammar_only` dateparser is not used.
    """
    line = _one_line(text)
    stamps = _stamps(line)
    if stamps:
        return _dateline_of(stamps)
    return None if grammar_only else _read_with_dateparser(line)


def read_day(text: str) -> date | None:
    """Return the day of a line that prints a day and no clock, as the listings of 2025 do.

    >>> read_day("12 Mei 2025")
    datetime.date(2025, 5, 12)
    """
    line = _one_line(text)
    stamp = _DAY.match(line)
    if stamp is None or not _TAIL.fullmatch(line, stamp.end()):
        return None
    head = _HEAD.fullmatch(stamp["head"])
    day = _day_of(stamp)
    return day if head and day and _agrees(head["weekday"], day) else None


def read_relative(text: str, now: datetime) -> datetime | None:
    """Return the moment of an age that a listing prints, such as "4 menit lalu", before `now`.

    It is as exact as the unit printed. "kemarin" names a day and no age: it gives None.

    >>> read_relative("- 4 menit lalu", datetime(2024, 3, 1, 12, 0, tzinfo=WIB)).isoformat()
    '2024-03-01T11:56:00+07:00'

    `now` is when the page was fetched, and aware: a naive one raises ValueError.
    """
    if now.tzinfo is None:
        raise ValueError("`now` needs a zone")
    ago = _AGO.fullmatch(_one_line(text))
    if ago is None:
        return None
    return now.astimezone(WIB) - int(ago["count"]) * _UNITS[ago["unit"].lower()]


@lru_cache(maxsize=256)  # a page states the same moment in three places
def read_timestamp(text: str) -> datetime | None:
    """Return the moment of an ISO 8601 timestamp that carries its offset, to the second.

    It is in WITA or WIT where the offset is theirs, and in WIB otherwise: Kompas wrote the same
    moments in UTC in 2020-2021 and in WIB by 2026.

    >>> read_timestamp("2021-02-14T17:12:00+00:00").isoformat()
    '2021-02-15T00:12:00+07:00'
    """
    stamp = _TIMESTAMP.fullmatch(_one_line(text))
    zone = _offset_of(stamp) if stamp else None
    if stamp is None or zone is None:
        return None
    moment = _moment_of(stamp, zone)
    return moment and moment.astimezone(_OUR_ZONES.get(zone.utcoffset(None), WIB))


def read_wib_timestamp(text: str) -> datetime | None:
    """Return the moment of a timestamp that Kompas writes without a zone, and means in WIB.

    So do `content_PublishedDate` and the data of the page's scripts (4,223 of 4,223 agree).

    >>> read_wib_timestamp("2020-10-16 12:20:00").isoformat()
    '2020-10-16T12:20:00+07:00'
    """
    stamp = _TIMESTAMP.fullmatch(_one_line(text))
    return _moment_of(stamp, WIB) if stamp and not stamp["offset"] else None


_OUR_ZONES = {zone.utcoffset(None): zone for zone in ZONES.values()}


def _one_line(text: str) -> str:
    """Return the text on one line, NBSP and what is invisible made plain; "" if it is too long."""
    if len(text) > _LONGEST_LINE * 4:
        return ""
    if not text.isascii():
        text = text.translate(_INVISIBLE)
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_LINE else ""


def _stamps(line: str) -> list[tuple[re.Match[str], re.Match[str]]]:
    """Return the (head, stamp) pairs that make up the whole line; none if the grammar does not."""
    found = []
    end = 0
    while end < len(line) and (stamp := _STAMP.match(line, end)):
        head = _HEAD.fullmatch(stamp["head"])
        if head is None:
            return []
        found.append((head, stamp))
        end = stamp.end()
    return found if _TAIL.fullmatch(line, end) else []


def _dateline_of(stamps: list[tuple[re.Match[str], re.Match[str]]]) -> Dateline | None:
    published = updated = None
    for head, stamp in stamps:
        day = _day_of(stamp)
        moment = _clocked(day, stamp) if day and _agrees(head["weekday"], day) else None
        if moment is None or updated is not None:
            return None
        if head["updated"]:
            updated = moment
        elif published is None:
            published = moment
        else:
            return None
    if published and updated and updated < published:
        return None
    to_the_second = all(stamp["second"] for _, stamp in stamps)
    precision: Precision = "second" if to_the_second else "minute"
    return Dateline(published=published, updated=updated, precision=precision)


def _day_of(stamp: re.Match[str]) -> date | None:
    if stamp["day"]:
        parts = _full_year(stamp["year"]), int(stamp["month"]), int(stamp["day"])
    elif stamp["name"]:
        parts = int(stamp["named_year"]), _MONTHS[stamp["name"].lower()], int(stamp["named_day"])
    elif stamp["iso"]:
        parts = _parts(stamp["iso"])
    else:
        year, day, month = _parts(stamp["sheet"])
        parts = year, month, day
    return _real_day(*parts)


def _full_year(digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (1900 if int(digits) >= _YEARS.start - 1900 else 2000)


def _parts(iso: str) -> tuple[int, int, int]:
    year, second, third = iso.split("-")
    return int(year), int(second), int(third)


def _real_day(year: int, month: int, day: int) -> date | None:
    if year not in _YEARS:
        return None
    try:
        return date(year, month, day)
    except ValueError:  # 31/02, or a month first
        return None


def _clocked(day: date, stamp: re.Match[str]) -> datetime | None:
    zone = ZONES[stamp["zone"].upper()] if stamp["zone"] else WIB
    hour, minute, second = int(stamp["hour"]), int(stamp["minute"]), int(stamp["second"] or 0)
    return _real_moment(day, hour, minute, second, zone)


def _real_moment(day: date, hour: int, minute: int, second: int, zone: tzinfo) -> datetime | None:
    try:
        return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=zone)
    except ValueError:  # 25:61, or 24:00, which is another day's
        return None


def _moment_of(stamp: re.Match[str], zone: tzinfo) -> datetime | None:
    year, month, day, hour, minute, second = (int(part or 0) for part in stamp.groups()[:6])
    real_day = _real_day(year, month, day)
    return _real_moment(real_day, hour, minute, second, zone) if real_day else None


def _offset_of(stamp: re.Match[str]) -> timezone | None:
    if not stamp["offset"]:
        return None
    offset = timedelta(hours=int(stamp["hours"] or 0), minutes=int(stamp["minutes"] or 0))
    if offset > timedelta(hours=14):  # no clock on Earth is farther from UTC
        return None
    return timezone(-offset if stamp["sign"] == "-" else offset)


def _agrees(weekday: str | None, day: date) -> bool:
    return weekday is None or _weekday_number(weekday) == day.weekday()


def _weekday_number(word: str) -> int:
    return _WEEKDAYS[word.lower().translate(_NO_APOSTROPHE)]


def _read_with_dateparser(line: str) -> Dateline | None:
    """Return what dateparser reads after the head, if it agrees with what is printed."""
    first_digit = re.search("[0-9]", line)
    if len(line) > _LONGEST_FOR_DATEPARSER or first_digit is None:
        return None
    head = _HEAD.fullmatch(line[: first_digit.start()])
    rest = line[first_digit.start() :]
    if head is None or not _is_plausible(rest):
        return None
    moment = _moment_by_dateparser(rest)
    weekdays = [head["weekday"], *_WEEKDAY_ANYWHERE.findall(rest)]
    if moment is None or not all(_agrees(weekday, moment) for weekday in weekdays):
        return None
    return Dateline(updated=moment) if head["updated"] else Dateline(published=moment)


def _is_plausible(rest: str) -> bool:
    """Return whether a text has one clock, one year, at most one zone and nothing foreign in it.

    A call of dateparser takes a millisecond, a thousand times this.
    """
    return (
        len(_CLOCK.findall(rest)) == 1
        and len(_YEAR.findall(rest)) == 1
        and len(_ZONE.findall(rest)) <= 1
        and not _FOREIGN.search(rest)
    )


def _moment_by_dateparser(rest: str) -> datetime | None:
    import dateparser  # 100 ms, and most crawls never need it

    zone = _ZONE.search(rest)
    # Our zones are put on by hand: dateparser would turn WITA and WIT into WIB.
    bare = _ZONE.sub(" ", rest).translate(_NO_APOSTROPHE)
    found: datetime | None = dateparser.parse(bare, languages=["id"], settings=_DATEPARSER_SETTINGS)
    if found is None or found.year not in _YEARS or not _is_printed(found, rest):
        return None
    return found.replace(tzinfo=ZONES[zone[0].upper()] if zone else WIB)


def _is_printed(moment: datetime, text: str) -> bool:
    """Return whether the numbers of a text are exactly those of a moment."""
    clock = _CLOCK.search(text)
    if clock is None or (moment.hour, moment.minute) != (int(clock[1]), int(clock[2])):
        return False
    numbers = Counter(int(number) for number in re.findall("[0-9]+", text))
    left = numbers - Counter((moment.year, moment.day, moment.hour, moment.minute))
    if sum(numbers.values()) - sum(left.values()) != 4:
        return False  # not all four of them are printed
    if not _MONTH_NAME.search(text):
        left -= Counter((moment.month,))
    left -= Counter((moment.second,))
    return not left
