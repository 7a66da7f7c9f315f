"""Whatever a list says that is not so, the run does not believe it; what is true, it does."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from kompas_crawler.archive.record import from_record
from kompas_crawler.archive.schema import EXAMPLE
from kompas_crawler.archive.store import Archive
from kompas_crawler.processors import content_hash
from kompas_crawler.runs.evidence import REASONS
from kompas_crawler.timezones import WIB
from tests.command_line import scrapy
from tests.conftest import stored
from tests.lying_site import lying

NOW = datetime.now(WIB)
LAST = date(2026, 11, 22)
SITE = ("--days", "3", "--per-day", "48", "--last-day", f"{LAST}")
ALL = 3 * 48
PERIOD = ("since=2026-11-20", "until=2026-11-22")

#: How the index lies, and what a run says: its exit code, the reasons, how many articles it found.
INDEX = {
    "paged": (0, set(), ALL),
    "repeated": (10, {"repeated"}, 3 * 20),
    "no_list": (10, {"no-list"}, 3 * 20),
    "cut": (10, {"silent"}, 3 * 20),
    "not_full": (10, {"cut"}, 3 * 18),
    "hole": (10, {"silent"}, 3 * 24),
    "skipped": (10, {"cut"}, 3 * 28),
    "thinned": (0, set(), 3 * 24),  # nothing tells, the first time
    "backwards": (0, set(), ALL),
    "unordered": (0, set(), ALL),
    "unread": (10, {"unread"}, 3 * 24),
    "late": (10, {"other-day"}, ALL - 4),
    "shifted": (10, {"other-day", "shrunk"}, 2 * 20),  # of the day before each
    "today": (10, {"other-day"}, 48),
    "others": (11, set(), 0),
    "others_behind": (10, {"other-section"}, 3 * 20),
    "empty": (11, set(), 0),
}


def reasons(line):
    return {each["reason"] for each in line["failed_listings"]}


@pytest.mark.parametrize("how", INDEX)
def test_an_index_that_lies_proves_nothing_and_is_read_again(stand_in, crawl, how):
    code, why, found = INDEX[how]
    with lying("index", how, *SITE) as site:
        first = crawl(site, "backfill", *PERIOD)
    assert (first.code, reasons(first.line)) == (code, why), first.log
    assert first.line["stored"] == found
    if code:
        assert len(first.line["owed_days"]) >= 2
        assert all(tries == 1 for tries in first.line["owed_days"].values())
        assert all(reason in REASONS for reason in why)
    again = crawl(stand_in(*SITE), "backfill", *PERIOD)
    assert again.code == 0, again.log
    assert again.line["owed_days"] == {}
    assert len({record["id"] for record in again.records}) >= ALL


DAY = "2026/11/21"


@pytest.mark.parametrize(
    ("how", "why"), [("thinned", "shrunk"), ("cut", "silent"), ("empty", "shrunk")]
)
def test_a_proven_day_whose_list_shrinks_is_no_longer_proven(stand_in, crawl, how, why):
    first = crawl(stand_in(*SITE), "backfill", *PERIOD)
    assert first.code == 0, first.log
    with lying("index", how, *SITE, only=date(2026, 11, 21)) as site:
        second = crawl(site, "backfill", *PERIOD)
    assert second.code == 10, second.log
    assert reasons(second.line) <= {why, "silent", "shrunk"}
    assert list(second.line["owed_days"]) == ["2026-11-21"]
    assert len(second.line["coverage"]) == 2


@pytest.mark.parametrize("day", [20, 21, 22])
def test_an_empty_day_beside_days_of_dozens_is_not_believed(crawl, day):
    with lying("index", "empty", *SITE, only=date(2026, 11, day)) as site:
        done = crawl(site, "backfill", *PERIOD)
    assert (done.code, reasons(done.line)) == (10, {"silent"}), done.log
    assert list(done.line["owed_days"]) == [f"2026-11-{day}"]


# What is no lie.


def test_days_that_are_quiet_or_empty_are_proven(crawl):
    quiet = ("--days", "6", "--per-day", "4", "--last-day", f"{LAST}")
    with lying("index", "empty", *quiet, only=date(2026, 11, 20)) as site:
        done = crawl(site, "backfill", "since=2026-11-10", "until=2026-11-22")
        assert done.code == 0, done.log
        assert len(done.line["covered"]) == 1
        # Alone, it is one of the days that are known to be quiet.
        alone = crawl(site, "backfill", "since=2026-11-20", "until=2026-11-20")
        assert alone.code == 0, alone.log


def test_a_day_from_which_articles_were_taken_away_is_proven(stand_in, crawl):
    site = stand_in(*SITE)
    first = crawl(site, "backfill", *PERIOD)
    for article_id in site.ids()[60:62]:
        (first.output / "gone").touch()
        site.act("remove", id=article_id)
    with Archive(first.output) as archive:
        for number in range(3):  # stored, and on no list
            record = EXAMPLE | {"id": f"2026/11/21/{number}00000470"}
            record["url"] = f"https://www.kompas.com/global/read/{record['id']}/x"
            archive.append(from_record(record))
    second = crawl(site, "backfill", *PERIOD)
    assert second.code == 0, second.log


@pytest.mark.parametrize("per_day", [39, 40, 41])
def test_a_new_article_that_shifts_the_pages_of_today_is_no_lie(stand_in, crawl, per_day):
    now = datetime.combine(NOW.date(), time(23), WIB)
    site = stand_in("--days", "2", "--per-day", f"{per_day}", "--now", now.isoformat())
    day = f"*date={NOW:%Y-%m-%d}&page="
    site.fail(*({"kind": "shift", "match": f"{day}{page}"} for page in (2, 3)))
    first = crawl(site, "backfill", f"since={NOW.date() - timedelta(days=1)}")
    assert first.code == 0, first.log
    site.fail()
    assert crawl(site, "international").code == 0
    assert len({record["id"] for record in stored(first.output)}) == len(site.ids())


# The front. What it cannot prove, the index does.

FRONT = {
    "paged": (0, set()),
    "repeated": (10, {"repeated"}),
    "no_list": (10, {"no-list"}),
    "cut": (0, set()),
    "not_full": (10, {"cut"}),
    "hole": (0, set()),
    "skipped": (10, {"repeated"}),
    "backwards": (11, {"reversed"}),  # the newest article is hours too old
    "unordered": (10, {"reversed"}),
    "promoted": (0, set()),
    "unread": (10, {"unread"}),
    "shifted": (11, set()),  # the same
    "others": (10, {"other-section"}),
    "others_behind": (10, {"other-section"}),
    "empty": (11, set()),  # its boxes name articles, its list does not
}
CLOCK = ("--days", "4", "--per-day", "48", "--now", NOW.isoformat(timespec="seconds"))


def wanted(site):
    """The articles that a run with `since=2d`, begun before this call, has to store."""
    begin = f"{datetime.now(WIB) - timedelta(days=2):%Y/%m/%d/%H%M%S}"
    return {article_id for article_id in site.ids() if article_id > begin}


@pytest.mark.parametrize("how", FRONT)
def test_what_a_front_that_lies_hides_is_found_by_the_index(crawl, how):
    with lying("front", how, *CLOCK) as site:
        done = crawl(site, "international", "since=2d")
        assert (done.code, reasons(done.line)) == FRONT[how], done.log
        assert not wanted(site) - {record["id"] for record in done.records}
        assert done.line["owed_days"] == {}


def test_a_front_that_has_shrunk_since_the_last_run_is_not_believed(stand_in, crawl):
    first = crawl(stand_in(*CLOCK), "international", "since=2d")
    assert first.code == 0, first.log
    with lying("front", "thinned", *CLOCK) as site:
        second = crawl(site, "international")
        assert second.code == 0, second.log
        lists = [row for row in site.requests() if row["host"] == "indeks.kompas.com"]
    assert lists, "nothing but the front was read"


@pytest.mark.parametrize("how", ["paged", "cut", "backwards", "shifted", "others", "empty"])
def test_a_sitemap_proves_nothing_whatever_it_names(crawl, how):
    with lying("sitemap", how, *CLOCK) as site:
        done = crawl(site, "international", "since=2d")
        assert (done.code, reasons(done.line)) == FRONT["empty"], done.log
        assert not wanted(site) - {record["id"] for record in done.records}


@pytest.mark.parametrize("how", ["empty", "others", "shifted", "repeated", "cut"])
def test_where_front_and_index_lie_together_nothing_is_proven(stand_in, crawl, how):
    with lying("both", how, *CLOCK) as site:
        first = crawl(site, "international", "since=2d")
    assert first.code in (10, 11), first.log
    site = stand_in(*CLOCK)
    again = crawl(site, "international")
    assert again.code == 0, again.log
    assert not wanted(site) - {record["id"] for record in again.records}


# `scrapy coverage` reads the same lists.


@pytest.fixture
def full(stand_in, tmp_path):
    """All articles of the site, as a crawl would have stored them."""
    site = stand_in(*SITE)
    with Archive(tmp_path / "full") as archive:
        for id_ in site.ids():
            record = EXAMPLE | site.record(id_) | {"crawl": "by hand"}
            record["content_hash"] = content_hash(record["title"], record["text"])
            archive.append(from_record(record))
    return tmp_path / "full"


@pytest.mark.parametrize("how", [how for how in INDEX if INDEX[how][2] < ALL])
def test_coverage_does_not_believe_an_index_that_lies(full, how):
    with lying("index", how, *SITE) as site:
        words = ("coverage", "--since", "2026-11-20", "--until", "2026-11-22", "--json")
        done = scrapy(*words, remote=site, output=full)
    proven = [day["day"] for day in done.json["days"] if day["proven"]]
    assert done.code in (10, 11), done.log
    assert proven == (["2026-11-22"] if how in ("today", "late") else [])


def test_coverage_finds_what_an_earlier_version_took_for_proven(stand_in, crawl):
    with lying("index", "repeated", *SITE) as liar:
        done = crawl(liar, "backfill", *PERIOD)
    site = stand_in(*SITE)
    words = ("coverage", "--since", "2026-11-20", "--until", "2026-11-22", "--json")
    found = scrapy(*words, remote=site, output=done.output)
    assert found.code == 21
    assert found.json["sums"]["missing"] == ALL - 60
