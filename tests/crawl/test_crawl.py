"""The whole crawler, started as a user starts it, against the stand-in."""

import sqlite3
import subprocess
import time
from collections import Counter
from contextlib import closing, suppress

import pytest

from kompas_crawler.items import field_names
from tests import forked
from tests.conftest import ROOT, command, environment

OURS = ("word_count", *field_names("crawl"))


def differences(record, truth):
    """Tell what a stored record says otherwise than the article it was made from."""
    return {
        key: (record[key], told)
        for key, told in truth.items()
        if key not in OURS and record[key] != told
    }


@pytest.mark.parametrize(
    "options",
    [
        ("--layout", "read-2017", "--index-markup", "2017"),
        ("--layout", "read-2022"),
        ("--layout", "kcm-2015"),
        ("--layout", "kcm-2014"),
        ("--layout", "mobile-2021"),
        ("--layout", "read-2017", "--index-markup", "2017", "--index-site", "news"),
    ],
    ids=" ".join,
)
def test_every_article_of_the_days_is_stored_once_and_as_it_is(stand_in, crawl, options):
    site = stand_in("--days", "2", "--per-day", "25", *options)
    done = crawl(site, "backfill", "since=2d")
    assert done.code == 0, done.log
    records = {record["id"]: record for record in done.records}
    assert len(records) == len(done.records), "an article is stored twice"
    listed = [i for i in site.ids() if i in records] if "news" in options else site.ids()
    assert sorted(records) == sorted(listed)
    wrong = {i: d for i, r in records.items() if (d := differences(r, site.record(i)))}
    assert not wrong


def test_a_second_run_asks_for_no_article_and_stores_nothing(stand_in, crawl):
    site = stand_in("--days", "2", "--per-day", "15")
    first = crawl(site, "international", "since=1d")
    stored = first.records
    asked = len(site.requests())
    second = crawl(site, "international", "since=1d")
    new = site.requests()[asked:]
    assert (first.code, second.code) == (0, 0), first.log + second.log
    assert not [row for row in new if "/read/" in row["target"]]
    assert second.records == stored
    assert second.line["stored"] == 0
    assert second.line["known"] == first.line["stored"]


def test_an_article_that_two_lists_name_counts_once(stand_in, crawl):
    site = stand_in("--days", "3", "--per-day", "15", "--front-pages", "1")
    first = crawl(site, "international", "since=2d")
    targets = [row["host"] + row["target"] for row in site.requests()]
    assert "www.kompas.com/global" in targets
    assert any(target.startswith("indeks.kompas.com/?") for target in targets)
    assert first.line["listed"] > first.line["stored"] > 30
    assert first.line["known"] == 0
    second = crawl(site, "international", "since=2d")
    assert (second.line["stored"], second.line["known"]) == (0, first.line["stored"])


def test_a_run_with_nothing_new_costs_at_most_five_requests(stand_in, crawl):
    site = stand_in("--days", "3", "--per-day", "30")
    crawl(site, "international", "since=2d")
    asked = len(site.requests())
    done = crawl(site, "international")
    new = list(site.requests()[asked:])
    assert done.code == 0, done.log
    assert done.line["stored"] == 0
    assert len(new) <= 5, [row["target"] for row in new]


def test_no_request_leaves_kompas_and_none_asks_for_what_robots_forbids(stand_in, crawl):
    site = stand_in("--days", "1", "--per-day", "20")
    crawl(site, "international", "since=1d")
    rows = site.requests()
    assert rows
    assert all(row["host"].endswith(".kompas.com") for row in rows)
    for row in rows:
        assert "utm_" not in row["target"]
        assert "/komentar/" not in row["target"]
        assert "/image/" not in row["target"]


def test_an_article_is_known_by_its_id_at_any_address(stand_in, crawl):
    site = stand_in("--days", "1", "--per-day", "6")
    ids = site.ids()[:4]
    addresses = [
        f"http://www.kompas.com/global/read/{ids[0]}/apa-saja?utm_source=x#komentar",
        f"https://amp.kompas.com/global/read/{ids[0]}/apa-saja",
        f"https://www.kompas.com/global/read/{ids[1]}/apa-saja?page=2",
        ids[2],
        "https://www.kompas.com/tren/read/2021/01/02/100000165/bukan-milik-kita",
    ]
    done = crawl(site, "articles", "url=" + " ".join(addresses))
    assert sorted(r["id"] for r in done.records) == sorted(ids[:3]), done.log
    assert Counter(
        row["target"].partition("?")[2] for row in site.requests() if "/read/" in row["target"]
    ) == {"page=all": 3}
    assert done.line["refused"] == {"address-other-section": 1}


def test_an_article_whose_pages_come_one_by_one_is_joined(stand_in, crawl):
    site = stand_in("--days", "1", "--per-day", "25", "--no-page-all", "--layout", "read-2017")
    done = crawl(site, "backfill", "since=1d")
    assert done.code == 0, done.log
    several = [record for record in done.records if record["page_count"] > 1]
    assert several, "the stand-in has articles of several pages"
    assert not {i["id"]: d for i in done.records if (d := differences(i, site.record(i["id"])))}


@pytest.mark.parametrize(
    ("spider", "argument", "says"),
    [
        ("international", "since=yesterday", "since='yesterday' cannot be read"),
        ("international", "since=2099-01-01", "is in the future"),
        ("backfill", "until=2d", "since is missing"),
        ("backfill", "sinse=2d", "no argument 'sinse'"),
        ("articles", "url=https://example.org/", "none of the 1 given is an article"),
        ("articles", "file=/nowhere/at/all.txt", "cannot be read: No such file"),
    ],
)
def test_a_bad_argument_is_refused_in_one_sentence_before_any_request(
    stand_in, crawl, spider, argument, says
):
    site = stand_in("--days", "1", "--per-day", "3")
    done = crawl(site, spider, argument)
    assert done.code == 2
    assert says in done.log
    assert "Traceback" not in done.log
    assert site.requests() == []
    assert not done.output.exists()


def test_without_a_network_the_run_says_so_and_fails(crawl, tmp_path):
    done = crawl(None, "international", https_proxy="", RETRY_TIMES="1")
    assert done.code == 13, done.log
    assert done.line["outcome"] == "unreachable"


def test_what_is_stored_is_on_disk_while_kompas_makes_us_wait(stand_in, crawl, tmp_path):
    """The index is written with the flush: it knows the lines long before the run ends."""
    site = stand_in("--days", "1", "--per-day", "6")
    site.fail(
        {"kind": "unavailable", "match": "*/read/*", "on": [4], "per": "match", "retry_after": 9}
    )
    process = forked.start(
        command("backfill", "since=0d"),
        cwd=ROOT,
        env=environment(site, tmp_path / "output"),
        stderr=subprocess.DEVNULL,
    )
    index = tmp_path / "output" / ".index.sqlite"
    deadline = time.monotonic() + 60
    known = 0
    while known < 3 and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.2)
        if index.exists():
            with closing(sqlite3.connect(index)) as rows, suppress(sqlite3.Error):
                known = rows.execute("SELECT count(*) FROM lines").fetchone()[0]
    asked = [row for row in site.requests() if "/read/" in row["target"]]
    process.wait(60)
    assert known >= 3
    assert len(asked) == 4, "nothing was flushed before the next article came"
