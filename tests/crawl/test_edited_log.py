"""A line of crawls.jsonl that somebody edited, or a disk spoiled, decides nothing."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from kompas_crawler.runs.log import CrawlLog
from kompas_crawler.timezones import WIB
from tests.command_line import scrapy
from tests.crawl.test_faults import ids_of
from tests.lying_site import lying
from tests.patched_module import patched_module

NOW = datetime.now(WIB)
TODAY = NOW.date()
LATE = (NOW - timedelta(minutes=1)).isoformat()

#: What one edit makes of a line. None takes the field out where that spoils something.
EDITS = {
    "a proof without offset": {"coverage": [["2026-11-20T00:00:00", "2026-11-21T00:00:00"]]},
    "a proof that ends before it begins": {"coverage": [[LATE, "2026-11-20T00:00:00+07:00"]]},
    "a proof with one end": {"coverage": [[LATE]]},
    "a proof with three ends": {"coverage": [[LATE, LATE, LATE]]},
    "a proof of numbers": {"coverage": [[1, 2]]},
    "a proof that is a word": {"coverage": "everything"},
    "a proof that is null": {"coverage": None},
    "a proof of no such day": {"coverage": [["2026-02-31T00:00:00+07:00", LATE]]},
    "a proof of year 1": {"coverage": [["0001-01-01T00:00:00+00:00", LATE]]},
    "a proof of year 9999": {"coverage": [[LATE, "9999-12-31T23:59:59-12:00"]]},
    "a proof by object": {"coverage": {"since": LATE}},
    "owed as words": {"pending": ["2026/11/20/110000170"]},
    "owed as an object": {"pending": {"id": "x"}},
    "owed as null": {"pending": None},
    "owed without id": {"pending": [{"url": "https://x", "reason": "timeout"}]},
    "owed without url": {"pending": [{"id": "x", "reason": "timeout"}]},
    "owed without reason": {"pending": [{"id": "x", "url": "https://x"}]},
    "owed with a number as id": {"pending": [{"id": 7, "url": "https://x", "reason": "timeout"}]},
    "owed with words as tries": {
        "pending": [{"id": "x", "url": "https://x", "reason": "timeout", "tries": "many"}]
    },
    "owed with less than no tries": {
        "pending": [{"id": "x", "url": "https://x", "reason": "timeout", "tries": -1}]
    },
    "days as a list": {"owed_days": ["2026-11-20"]},
    "days of a number": {"owed_days": 7},
    "no such day": {"owed_days": {"2026-11-31": 1}},
    "a day of year 1": {"owed_days": {"0001-01-01": 1}},
    "a day tried by words": {"owed_days": {"2026-11-20": "often"}},
    "a day tried by halves": {"owed_days": {"2026-11-20": 1.5}},
    "followed without offset": {"followed_since": "2026-11-20T00:00:00"},
    "followed as a number": {"followed_since": 20261120},
    "ended as a word": {"finished_at": "yesterday"},
    "ended without offset": {"finished_at": "2026-11-20T00:00:00"},
    "begun as null": {"started_at": None},
    "gone as words": {"gone": ["x"]},
    "gone as a number": {"gone": 3},
    "given up without id": {"given_up": [{"url": "https://x"}]},
    "given up after words": {"given_up": [{"id": "x", "tries": "many"}]},
    "given up days of no calendar": {"given_up_days": ["soon"]},
    "another section's as a list of lists": {"off_section": [["x"]]},
    "fields as a list": {"fields": []},
    "fields of words": {"fields": {"title": {"printed": "all"}}},
    "layouts as null": {"layouts": None},
    "words as words": {"median_words": "many"},
    "outcome as a list": {"outcome": ["complete"]},
    "spider as a number": {"spider": 1},
    "read as a word": {"read": "all"},
    "lists refused as a word": {"failed_listings": "none"},
    "drift as a number": {"drift": 1},
    "the run as a number": {"crawl": 5},
}


@pytest.fixture
def hurt(stand_in, crawl):
    """A run that owes one article, and the site where it can be had by now."""
    site = stand_in("--days", "2", "--per-day", "8", "--now", NOW.isoformat(timespec="seconds"))
    ill = site.ids()[1]
    site.fail({"kind": "status", "match": f"*{ill}*"})
    done = crawl(site, "international", "since=1d", RETRY_TIMES="0")
    assert [entry["id"] for entry in done.line["pending"]] == [ill]
    site.fail()
    return site, ill, done


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edited_line_is_passed_over_and_the_one_before_counts(tmp_path, edit, caplog):
    owed = {"id": "2026/11/20/110000170", "url": "https://x", "reason": "timeout", "tries": 1}
    good = {"crawl": "good", "started_at": LATE, "pending": [owed], "coverage": []}
    text = [json.dumps(good), json.dumps(good | {"crawl": "bad", "pending": []} | edit)]
    (tmp_path / "crawls.jsonl").write_text("\n".join(text) + "\n")
    crawl_log = CrawlLog(tmp_path)
    assert list(crawl_log.state(NOW).pending) == [owed["id"]]
    assert crawl_log.finals() == frozenset()
    assert crawl_log.given_up(NOW - timedelta(days=7)) == (frozenset(), frozenset())
    assert f"the line of {edit.get('crawl', 'bad')} is not believed" in caplog.text


def test_a_run_after_all_these_edits_knows_what_is_owed(hurt, crawl):
    site, ill, done = hurt
    with (done.output / "crawls.jsonl").open("a") as file:
        for name, edit in EDITS.items():
            file.write(json.dumps(done.line | {"crawl": name, "pending": []} | edit) + "\n")
    after = crawl(site, "international")
    assert after.code == 0, after.log
    assert "Traceback" not in after.log
    assert ill in ids_of(after)
    assert after.log.count("is not believed") == len(EDITS)


def test_a_day_that_is_in_no_calendar_was_not_given_up(tmp_path):
    line = {"crawl": "x", "given_up_days": ["2026-02-31", "2026-02-28"]}
    (tmp_path / "crawls.jsonl").write_text(json.dumps(line) + "\n")
    _, days = CrawlLog(tmp_path).given_up(NOW)
    assert [f"{day}" for day in days] == ["2026-02-28"]


@pytest.mark.parametrize(
    "edit",
    [
        {"id": "../../etc/passwd"},
        {"id": "2026/13/45/110000170"},
        {"url": "http://["},
        {"url": "https://www.kompas.com/global"},
    ],
    ids=str,
)
def test_an_owed_article_that_is_none_is_told_and_not_asked_for(hurt, crawl, edit):
    site, ill, done = hurt
    line = dict(done.line, crawl="edited")
    line["pending"] = [{**line["pending"][0], **edit}]
    with (done.output / "crawls.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")
    after = crawl(site, "international", "since=1d")  # in the morning it is 12 hours old
    assert after.code == 0, after.log
    assert "Pending, but no article of Kompas" in after.log
    assert "Traceback" not in after.log
    assert after.line["pending"] == []
    assert ill in ids_of(after)  # the front lists it


# What fails before the first request.

OPENING = patched_module("kompas_crawler.runs.periods", "module.Period.days = lambda self: 1 / 0")


def test_a_fault_when_the_spider_opens_ends_the_run_by_its_name(
    stand_in, crawl, tmp_path, monkeypatch
):
    site = stand_in("--days", "1", "--per-day", "3")
    (tmp_path / "sitecustomize.py").write_text(OPENING)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = crawl(site, "backfill", "since=0d")
    assert (done.code, done.line["reason"]) == (10, "error-ZeroDivisionError")
    assert "The run cannot begin" in done.log
    assert site.requests() == []


def test_a_bad_option_in_the_menu_does_not_end_the_reading_of_a_list(crawl):
    with lying("option", 'value="http://["', "--days", "2", "--per-day", "25") as site:
        done = crawl(site, "backfill", f"since={TODAY - timedelta(days=1)}")
        assert done.code == 0, done.log
        assert sorted(ids_of(done)) == sorted(site.ids())


def test_two_sections_do_not_share_a_directory(stand_in, crawl):
    """Its searches, its coverage and its health would be of both."""
    site = stand_in("--days", "1", "--per-day", "2")
    first = crawl(site, "articles", f"url={site.ids()[0]}")
    line = dict(first.line, crawl="money-1", section="money")
    (first.output / "crawls.jsonl").write_text(before := json.dumps(line) + "\n")
    asked = len(site.requests())
    done = crawl(site, "international")
    assert done.code == 2, done.log
    assert f"{first.output} holds the section 'money': give 'global' an output" in done.log
    (page := first.output / "page.html").write_text("<p>")
    again = scrapy("reparse", "--from", str(page), output=first.output)
    assert (again.code, "holds the section 'money'" in again.log) == (2, True), again.log
    assert (first.output / "crawls.jsonl").read_text() == before
    assert len(site.requests()) == asked
