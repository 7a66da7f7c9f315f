"""`since` and `until`: what is accepted, what it means, and what a refusal says."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kompas_crawler.errors import BadArgument
from kompas_crawler.runs.periods import Period, read_period
from kompas_crawler.timezones import WIB

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=WIB)
END_OF_TODAY = datetime(2026, 11, 23, 23, 59, 59, 999999, tzinfo=WIB)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        # A day, first to last moment.
        ("2026-11-20", "2026-11-20T00:00:00", "2026-11-20T23:59:59.999999"),
        ("20/11/2026", "2026-11-20T00:00:00", "2026-11-20T23:59:59.999999"),
        ("05/03/2026", "2026-03-05T00:00:00", "2026-03-05T23:59:59.999999"),
        ("20 November 2026", "2026-11-20T00:00:00", "2026-11-20T23:59:59.999999"),
        (" 1 Agustus 2021 ", "2021-08-01T00:00:00", "2021-08-01T23:59:59.999999"),
        # A minute.
        ("2026-11-20T10:30", "2026-11-20T10:30:00", "2026-11-20T10:30:59.999999"),
        ("2026-11-20 10:30", "2026-11-20T10:30:00", "2026-11-20T10:30:59.999999"),
        ("20/11/2026, 10:30 WIB", "2026-11-20T10:30:00", "2026-11-20T10:30:59.999999"),
        ("20 November 2026 10.30", "2026-11-20T10:30:00", "2026-11-20T10:30:59.999999"),
        # A second.
        ("2026-11-20T10:30:15", "2026-11-20T10:30:15", "2026-11-20T10:30:15.999999"),
        # A zone of its own.
        ("2026-11-20 10:30 WITA", "2026-11-20T09:30:00", "2026-11-20T09:30:59.999999"),
        ("2026-11-20T20:30Z", "2026-11-21T03:30:00", "2026-11-21T03:30:59.999999"),
        ("2026-11-20T10:30:15+09:00", "2026-11-20T08:30:15", "2026-11-20T08:30:15.999999"),
        # An age is a moment.
        ("90m", "2026-11-23T10:30:00", "2026-11-23T10:30:00"),
        ("36h", "2026-11-22T00:00:00", "2026-11-22T00:00:00"),
        ("3d", "2026-11-20T12:00:00", "2026-11-20T12:00:00"),
        ("2W", "2026-11-09T12:00:00", "2026-11-09T12:00:00"),
    ],
)
def test_what_an_argument_means_at_either_end(text, first, last):
    assert read_period(text, None, NOW).since.isoformat() == f"{first}+07:00"
    assert read_period("1995-01-01", text, NOW).until.isoformat() == f"{last}+07:00"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "kemarin",
        "2026-13-01",
        "2026-02-30",
        "11/20/2026",
        "20 Foo 2026",
        "2026-13",
        "2026",
        "20261120",
        "1794-11-20",
        "2026-11-20T24:00",
        "2026-11-20T10:61",
        "2026-11-20T10:30+25:00",
        "Senin, 20 November 2026",
        "Diperbarui 20/11/2026, 10:30",
        "20/11/2026, 10:30 - Diperbarui 20/11/2026, 11:30",
        "16:22 WIB, 20 November 2026",
        "36",
        "-3d",
        "3.5d",
        "3 days",
        "3y",
        "٣d",
        "99999w",
        "3d\n4d",
        "x" * 500,
    ],
)
@pytest.mark.parametrize("name", ["since", "until"])
def test_what_cannot_be_read_is_refused_by_name(name, text):
    given_arguments = {"since": "2026-11-01", "until": None, name: text}
    with pytest.raises(BadArgument) as refusal:
        read_period(**given_arguments, now=NOW)
    sentence = str(refusal.value)
    shown = text if len(text) <= 60 else text[:57] + "…"
    assert sentence.startswith(f"{name}={shown!r} cannot be read: give a date (2026-11-20)")
    assert "an age (90m, 36h, 3d, 2w)" in sentence
    assert "\n" not in sentence
    assert len(sentence) < 250


@pytest.mark.parametrize("text", ["2026-11-24", "2026-11-23T12:01", "2027-01-01"])
def test_a_since_in_the_future_is_refused(text):
    with pytest.raises(BadArgument, match=rf"^since='{text}' is in the future: give a date"):
        read_period(text, None, NOW)


@pytest.mark.parametrize(
    ("since", "until"),
    [("2026-11-20", "2026-11-19"), ("2d", "3d"), ("2026-11-20T10:30", "2026-11-20T10:29")],
)
def test_a_since_later_than_until_is_refused(since, until):
    with pytest.raises(BadArgument, match=rf"^since='{since}' is later than until='{until}': give"):
        read_period(since, until, NOW)


def test_since_is_asked_for_unless_there_is_a_default():
    with pytest.raises(BadArgument, match=r"^since is missing: give a date"):
        read_period(None, "2026-11-20", NOW)
    assert read_period(None, None, NOW, default_since="3d").since == NOW - timedelta(days=3)
    assert read_period("1d", None, NOW, default_since="3d").since == NOW - timedelta(days=1)


@pytest.mark.parametrize("until", [None, "2026-11-23", "2026-11-23T23:59", "2027-05-01"])
def test_a_period_ends_with_today_at_the_latest(until):
    assert read_period("3d", until, NOW).until == END_OF_TODAY


def test_today_is_todays_date_in_wib():
    late = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)  # 01:00 of the 23rd in WIB
    period = read_period("2026-11-23", None, late)
    assert period.iso == ("2026-11-23T00:00:00+07:00", "2026-11-23T23:59:59+07:00")
    assert list(period.days()) == [date(2026, 11, 23)]


def test_one_minute_is_a_period():
    period = read_period("2026-11-20T10:30", "2026-11-20T10:30", NOW)
    assert datetime(2026, 11, 20, 10, 30, tzinfo=WIB) in period
    assert datetime(2026, 11, 20, 10, 30, 59, tzinfo=WIB) in period
    assert datetime(2026, 11, 20, 10, 31, tzinfo=WIB) not in period
    assert datetime(2026, 11, 20, 10, 29, 59, tzinfo=WIB) not in period


def test_both_ends_belong_to_a_period_in_any_zone():
    period = read_period("2026-11-20", "2026-11-21", NOW)
    assert period.since.astimezone(UTC) in period
    assert period.until in period
    assert period.until + timedelta(microseconds=1) not in period
    assert period.since - timedelta(microseconds=1) not in period


def test_days_come_newest_first_and_are_days_in_wib():
    assert list(read_period("2026-02-27", "2026-03-01", NOW).days()) == [
        date(2026, 3, 1),
        date(2026, 2, 28),
        date(2026, 2, 27),
    ]
    in_utc = Period(
        since=datetime(2026, 11, 19, 18, 0, tzinfo=UTC),
        until=datetime(2026, 11, 20, 18, 0, tzinfo=UTC),
    )
    assert list(in_utc.days()) == [date(2026, 11, 21), date(2026, 11, 20)]


def test_a_period_prints_as_its_two_ends():
    period = read_period("2026-11-20", "2026-11-20T10:30", NOW)
    assert str(period) == "2026-11-20T00:00:00+07:00/2026-11-20T10:30:59+07:00"


def test_a_period_needs_zones_and_order():
    naive = datetime(2026, 11, 20)  # noqa: DTZ001
    with pytest.raises(ValueError, match="zone"):
        Period(since=naive, until=NOW)
    with pytest.raises(ValueError, match="zone"):
        Period(since=NOW, until=naive)
    with pytest.raises(ValueError, match="before it begins"):
        Period(since=NOW, until=NOW - timedelta(days=1))
    with pytest.raises(ValueError, match="zone"):
        read_period("3d", None, naive)


@settings(deadline=None)
@given(st.text(max_size=80), st.none() | st.text(max_size=80))
def test_any_argument_gives_a_period_or_a_sentence(since, until):
    try:
        period = read_period(since, until, NOW)
    except BadArgument:
        return
    assert period.since <= period.until <= END_OF_TODAY


@settings(deadline=None)
@given(st.integers(1, 9999), st.sampled_from([("m", 60), ("h", 3600), ("d", 86400), ("w", 604800)]))
def test_an_age_is_counted_back_from_now(count, unit):
    letter, seconds = unit
    length = timedelta(seconds=count * seconds)
    if NOW - length >= datetime(1995, 1, 1, tzinfo=WIB):
        assert read_period(f"{count}{letter}", None, NOW).since == NOW - length
    else:
        with pytest.raises(BadArgument, match="cannot be read"):
            read_period(f"{count}{letter}", None, NOW)


def test_a_month_begins_with_its_first_moment_and_ends_with_its_last():
    now = datetime(2026, 11, 23, 12, 0, tzinfo=WIB)
    assert read_period("2024-02", "2024-02", now).iso == (
        "2024-02-01T00:00:00+07:00",
        "2024-02-29T23:59:59+07:00",
    )
    assert read_period("2025-12", "2025-12", now).iso[1] == "2025-12-31T23:59:59+07:00"
    assert read_period("2026-11", None, now).iso[0] == "2026-11-01T00:00:00+07:00"
