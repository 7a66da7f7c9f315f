"""Time lines: tables of real forms, whatever hypothesis thinks of, and the shared strings."""

import csv
import pickle
import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kompas_crawler import datelines
from kompas_crawler.datelines import (
    Dateline,
    read_dateline,
    read_day,
    read_relative,
    read_timestamp,
    read_wib_timestamp,
)
from kompas_crawler.timezones import WIB, WIT, WITA, ZONES
from tests.conftest import SHARED

HERE = Path(__file__).parent
SHARED_LINES = SHARED / "kompas" / "datelines.tsv"


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


TABLE = rows_of(HERE / "data" / "datelines.tsv")


def rows_for(*readers):
    return [
        pytest.param(row["raw"].replace("<NBSP>", "\u00a0"), row, id=row["raw"])
        for row in TABLE
        if row["reader"] in readers
    ]


def spelled(moment, precision):
    return moment.isoformat(timespec=f"{precision}s") if moment else ""


@pytest.fixture
def asked(monkeypatch):
    """What dateparser is asked, while it still answers."""
    texts = []
    answer = datelines._moment_by_dateparser

    def listen(text):
        texts.append(text)
        return answer(text)

    monkeypatch.setattr(datelines, "_moment_by_dateparser", listen)
    return texts


@pytest.mark.parametrize(("raw", "row"), rows_for("dateline"))
def test_a_known_form_is_read_by_the_grammar(raw, row, asked):
    line = read_dateline(raw)
    assert line is not None
    assert spelled(line.published, row["precision"]) == row["published"]
    assert spelled(line.updated, row["precision"]) == row["updated"]
    assert line.precision == row["precision"]
    assert line.moment == (line.updated or line.published)
    assert asked == []
    assert read_dateline(raw, grammar_only=True) == line


@pytest.mark.parametrize(("raw", "row"), rows_for("dateparser"))
def test_an_unknown_arrangement_is_left_to_dateparser(raw, row, asked):
    line = read_dateline(raw)
    assert line is not None
    assert spelled(line.published, row["precision"]) == row["published"]
    assert spelled(line.updated, row["precision"]) == row["updated"]
    assert len(asked) == 1
    assert read_dateline(raw, grammar_only=True) is None


@pytest.mark.parametrize(("raw", "row"), rows_for("day"))
def test_a_day_is_a_day_and_never_a_midnight(raw, row):
    assert read_day(raw) == date.fromisoformat(row["published"])
    assert read_dateline(raw) is None


@pytest.mark.parametrize(("raw", "row"), rows_for("timestamp"))
def test_a_timestamp_needs_its_offset(raw, row):
    assert read_timestamp(raw).isoformat() == row["published"]
    assert read_wib_timestamp(raw) is None
    assert read_dateline(raw) is None


@pytest.mark.parametrize(("raw", "row"), rows_for("wib-timestamp"))
def test_a_machine_field_without_zone_is_in_wib(raw, row):
    assert read_wib_timestamp(raw).isoformat() == row["published"]
    assert read_timestamp(raw) is None


def test_the_grammar_knows_the_letters_a_to_z_only():
    assert read_dateline("26 Aguſtus 2021, 16:22 WIB", grammar_only=True) is None


def test_what_is_invisible_is_not_seen():
    line = read_dateline("\ufeffKompas\u00ad.com\u200b - 26/05/\u200e2021,\u202f16:22 WIB")
    assert spelled(line.published, line.precision) == "2021-05-26T16:22+07:00"


def test_the_table_names_no_unknown_reader():
    known = {"dateline", "dateparser", "day", "timestamp", "wib-timestamp"}
    assert {row["reader"] for row in TABLE} == known


@pytest.mark.parametrize(
    "text",
    [
        # Impossible.
        "31/02/2021, 10:00 WIB",
        "29/02/2021, 10:00 WIB",
        "31 April 2021, 10:00 WIB",
        "00/05/2021, 10:00 WIB",
        "99/99/2021, 10:00 WIB",
        "Kompas.com - 26/05/2021, 25:61 WIB",
        "Kompas.com - 26/05/2021, 24:00 WIB",
        "Kompas.com - 26/05/2021, 16:60 WIB",
        "26/05/2021, 16:22:60 WIB",
        # Month first.
        "08/26/2021, 16:22 WIB",
        "08.26.2021 16.22 WIB",
        "Mei 26, 2021 16:22 WIB",
        "16:22 WIB, Mei 26, 2021",
        # Against itself.
        "Senin, 26 Mei 2021 | 16:22 WIB",
        "Senin | 26 Mei 2021 | 16:22 WIB",
        "26 Mei 2021 (Senin) 16:22",
        "Senin, 26-Mei-2021; 16:22",
        "16:22 WIB/WITA, 26 Mei 2021",
        "26/05/2021, 16:22 WIB - Diperbarui 25/05/2021, 16:22 WIB",
        "26/05/2021, 16:22 WIB - 27/05/2021, 16:22 WIB",
        "Diperbarui 26/05/2021, 16:22 WIB - 25/05/2021, 16:22 WIB",
        "26 Mei 2021 16:22 dan 17:00",
        "26/05-21, 16:22 WIB",
        # Incomplete: nothing is filled in from today.
        "16:22 WIB",
        "19:24",
        "Mei 2021",
        "Mei 2021 16:22",
        "26 Mei",
        "26 Mei, 16:22 WIB",
        "Senin",
        "Senin, 16:22 WIB",
        "hari ini 16:22 WIB",
        "kemarin",
        "2021",
        "2",
        "1629969720",
        # Out of range.
        "26/05/0021, 16:22",
        "26/05/1994, 16:22 WIB",
        "26/05/2101, 16:22 WIB",
        "16:22 WIB, 26 Mei 1901",
        # Relative, or of a clock that is not ours.
        "- 4 menit lalu",
        "1 jam lalu",
        "Posted: 06 Aug 2011 07:46 AM PDT",
        "Posted: 21 Jan 2013 02:44 AM PST",
        "Sep 29, 2020 at 7:58pm PDT",
        "26 Mei 2021 16:22 GMT",
        "26 Mei 2021 4:22 PM",
        "26 Mei 2021; 16:22+0900",
        # No line at all.
        "",
        " ",
        "[]",
        "Kompas.com - ",
        "Agus, 26 tahun",
        "26/05/202116:22",
        "٢٦/٠٥/٢٠٢١, ١٦:٢٢",
        "26/05/2021, 16:22 WIB" + " " * 5000,
        ("N" * 79 + "|") * 4 + "26/05/2021, 16:22 WIB",
        "N" * 70 + "|" + "N" * 70 + "|" + "26-Mei-2021; 16:22",
        "26/05/2021, 16:225 WIB",
        "ſelasa, 25 Mei 2021 | 16:22 WIB",
        "Terbit 26/05/2021, 16:22 WIB",
    ],
)
def test_what_states_no_whole_moment_gives_none(text):
    assert read_dateline(text) is None
    assert read_wib_timestamp(text) is None
    assert read_timestamp(text) is None
    assert read_day(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "31/02/2021",
        "08/26/2021",
        "Senin, 10 Februari 2016",
        "10 Februari",
        "Februari 2016",
        "26/05/1994",
        "26/05/2021, 16:22 WIB",
        "26 Mei 2021 dan 27 Mei 2021",
        "Terbit 26 Mei 2021",
    ],
)
def test_what_is_no_single_day_is_none(text):
    assert read_day(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "2021-02-30T10:00:00+00:00",
        "2021-02-03T24:00:00+00:00",
        "2021-02-03T10:00:00+15:00",
        "2021-02-03T10:00:00+07:60",
        "1994-02-03T10:00:00+00:00",
        "2021-02-03T10:00:00",
        "2021-02-03",
        "20210203T100000Z",
        "2021-02-03T10:00:00+00:00 x",
    ],
)
def test_what_is_no_timestamp_is_none(text):
    assert read_timestamp(text) is None


@pytest.mark.parametrize("text", ["2021-13-03 10:00:00", "2021-02-03 10:60:00", "03-02-2021 10:00"])
def test_what_is_no_machine_field_is_none(text):
    assert read_wib_timestamp(text) is None


NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("- 4 menit lalu", timedelta(minutes=4)),
        ("\n   41 menit lalu \n", timedelta(minutes=41)),
        ("- 45 detik lalu", timedelta(seconds=45)),
        ("1 jam lalu", timedelta(hours=1)),
        ("2\u00a0Jam yang lalu", timedelta(hours=2)),
        ("2 hari lalu", timedelta(days=2)),
        ("3 minggu lalu", timedelta(weeks=3)),
    ],
)
def test_an_age_is_counted_from_the_fetch(text, ago):
    moment = read_relative(text, NOW)
    assert moment == NOW - ago
    assert moment.tzinfo is WIB


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lalu",
        "menit lalu",
        "4 menit",
        "4 menit lagi",
        "-4 menit lalu nanti",
        "2 bulan lalu",
        "1000 hari lalu",
        "kemarin",
        "26 Mei 2021",
        "٤ menit lalu",
    ],
)
def test_what_is_no_age_gives_none(text):
    assert read_relative(text, NOW) is None


def test_an_age_without_a_zone_to_count_in_is_refused():
    with pytest.raises(ValueError, match="zone"):
        read_relative("4 menit lalu", datetime(2026, 11, 23))  # noqa: DTZ001


def test_a_dateline_states_something():
    with pytest.raises(ValueError, match="at least one"):
        Dateline()


def test_zones_keep_name_and_offset_when_they_travel():
    assert {name: zone.tzname(None) for name, zone in ZONES.items()} == dict(
        zip(ZONES, ZONES, strict=True)
    )
    assert [zone.utcoffset(None).seconds // 3600 for zone in (WIB, WITA, WIT)] == [7, 8, 9]
    line = read_dateline("26 Mei 2021 16:22 WITA")
    assert pickle.loads(pickle.dumps(line)).moment.tzname() == "WITA"


def test_dateparser_is_not_even_imported_for_what_the_grammar_knows():
    code = (
        "import sys; from kompas_crawler.datelines import read_dateline as read;"
        "assert read('Kompas.com - 26/05/2021, 16:22 WIB');"
        "assert read('tidak ada 2 waktu') is None; assert read('31/02/2021, 10:00') is None;"
        "sys.exit('dateparser' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=HERE.parent, check=True)


@pytest.mark.parametrize(
    "text",
    [
        "16:22 17:00 26 Mei 2021",
        "16:22 26 Mei 2021 2022",
        "16:22 WIB WITA, 26 Mei 2021",
        "26 Mei 2021; 4:22 PM",
        "16:22, Mei 26, 2021",
        "16:22 26 Mei",
        "26 Mei 2021",
        "Nama 26-Mei-2021; 16:22",
    ],
)
def test_dateparser_is_not_asked_to_guess(text, asked):
    assert read_dateline(text) is None
    assert asked == []


def test_a_dateparser_that_guesses_is_not_believed(monkeypatch):
    for guess in (
        datetime(2021, 5, 8, 16, 22, tzinfo=WIB),  # another day
        datetime(2020, 5, 26, 16, 22, tzinfo=WIB),  # another year
        datetime(2021, 5, 26, 9, 22, tzinfo=UTC),  # another clock
    ):
        monkeypatch.setattr("dateparser.parse", lambda *_, guess=guess, **__: guess)
        assert read_dateline("16:22 WIB, 26 Mei 2021") is None


MONTHS = "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember"
DAYS = "Senin Selasa Rabu Kamis Jumat Sabtu Minggu"
FORMS = (
    "Kompas.com - {0:%d/%m/%Y, %H:%M} {zone}",
    "Kompas.com- {0:%d/%m/%Y, %H:%M} {zone}",
    "Kompas.com , {0.day} {month} {0.year}, {0:%H:%M} {zone}",
    "{0:%d/%m/%Y, %H:%M} {zone}",
    "{0:%d/%m/%Y %H:%M} {zone}",
    "{weekday}, {0.day} {month} {0.year} | {0:%H:%M} {zone}",
    "Penulis : A B | {weekday}, {0.day} {month} {0.year} | {0:%H.%M} {zone}",
    "{0.day} {short} {0.year} {0:%H:%M} {zone}",
    "{0:%Y-%m-%d %H:%M} {zone}",
)
moments = st.datetimes(datetime(1995, 1, 1), datetime(2100, 12, 31)).map(  # noqa: DTZ001
    lambda moment: moment.replace(second=0, microsecond=0)
)


@settings(deadline=None)
@given(moments, st.sampled_from(FORMS), st.sampled_from(sorted(ZONES)))
def test_every_moment_survives_being_printed(moment, form, zone):
    month = MONTHS.split()[moment.month - 1]
    text = form.format(
        moment,
        zone=zone,
        month=month,
        short="Agu" if month == "Agustus" else month[:3],
        weekday=DAYS.split()[moment.weekday()],
    )
    line = read_dateline(text, grammar_only=True)
    assert line is not None
    assert line.published == moment.replace(tzinfo=ZONES[zone])
    assert line.published.tzinfo is ZONES[zone]


@settings(deadline=None)
@given(st.datetimes(datetime(1995, 1, 3), datetime(2100, 12, 30), timezones=st.timezones()))  # noqa: DTZ001
def test_every_timestamp_with_offset_is_the_same_moment(moment):
    moment = moment.replace(microsecond=0)
    if moment.utcoffset().total_seconds() % 60 == 0:
        # Both in UTC: in the hour that a zone lives twice, Python calls no other zone's time equal.
        assert read_timestamp(moment.isoformat()).astimezone(UTC) == moment.astimezone(UTC)


PIECES = (
    "26 8 31 2021 99 10:30 16.22 25:61 WIB WITA / - . , | ( ) ; : + Agustus Mei Sept Kamis "
    "Jum'at pukul jam lalu kemarin Kompas.com Diperbarui PDT Z T"
)
texts = st.one_of(
    st.text(max_size=400),
    st.text(alphabet="0123456789/-:., |WIBTZ+agusmei'", max_size=60),
    st.builds(
        lambda pieces, glue: glue.join(pieces),
        st.lists(st.sampled_from(PIECES.split()), max_size=10),
        st.sampled_from(["", " ", "\u00a0"]),
    ),
)


@settings(max_examples=300, deadline=None)
@given(texts)
def test_no_text_raises_or_gives_a_naive_or_doubtful_moment(text):
    line = read_dateline(text)
    found = [line.published, line.updated] if line else []
    found += [read_timestamp(text), read_wib_timestamp(text), read_relative(text, NOW)]
    for moment in filter(None, found):
        assert moment.utcoffset() is not None
        assert 1995 <= moment.year <= 2101
    day = read_day(text)
    assert day is None or 1995 <= day.year <= 2100
    if line:
        assert f"{line.moment.year % 100:02}" in text


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Nd", "No", "Nl"])))
def test_without_digits_there_is_no_time(text):
    assert read_dateline(text) is None
    assert read_day(text) is None
    assert read_relative(text, NOW) is None


def answers(raw):
    """Everything that any of the readers makes of a string; at most one thing, if all is well."""
    line, day = read_dateline(raw), read_day(raw)
    found = {line and spelled(line.moment, line.precision), day and day.isoformat()}
    found |= {spelled(read(raw), "second") for read in (read_timestamp, read_wib_timestamp)}
    return found - {None, ""}


@pytest.mark.skipif(not SHARED_LINES.exists(), reason=f"needs {SHARED_LINES} (KOMPAS_SHARED)")
def test_every_shared_string_comes_out_as_expected(asked):
    rows = rows_of(SHARED_LINES)
    wrong = [
        (row["raw"], row["expected_iso"], answers(row["raw"]))
        for row in rows
        if answers(row["raw"]) != ({row["expected_iso"]} - {""})
    ]
    assert wrong == []
    assert len(rows) == 545
    assert asked == [], "the grammar answers all of Kompas's own forms"


@pytest.mark.skipif(not SHARED_LINES.exists(), reason=f"needs {SHARED_LINES} (KOMPAS_SHARED)")
def test_every_shared_update_is_told_apart():
    kinds = Counter()
    for row in rows_of(SHARED_LINES):
        line = read_dateline(row["raw"])
        is_update = line is not None and line.updated is not None
        assert is_update == ("UPDATE time" in row["note"]), row["raw"]
        kinds[is_update] += 1
    assert kinds[True] > 0


@pytest.mark.parametrize("number", ["1", "3", "7", "10", "12", "31", "2020"])
@pytest.mark.parametrize("parted", [" - ", "- ", " ", ". ", "/"])
@pytest.mark.parametrize(
    "line",
    [
        "26/08/2021, 16:22 WIB",
        "16 Oktober 2020, 22:09 WIB",
        "Kompas.com - 16/10/2020, 22:09 WIB",
        "Senin, 5 September 2011 | 14.46 WIB",
    ],
)
def test_a_line_with_a_number_left_over_is_no_dateline(line, parted, number):
    first = re.search("[0-9]", line).start()

    for text in (
        f"{line[:first]}{number}{parted}{line[first:]}",
        f"{line}{parted}{number}",
    ):
        assert read_dateline(text) is None, text
