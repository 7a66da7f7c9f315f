"""Whatever the site does wrong, a run tells the truth and the next ones leave nothing out."""

from __future__ import annotations

import os
import random
import re
from datetime import datetime, time, timedelta

import pytest

from kompas_crawler.archive.record import problems_of
from kompas_crawler.timezones import WIB
from tests.conftest import Remote
from tests.crawl.test_crawl import differences
from tests.forked import OTHER_DAY
from tests.lying_site import lying
from tests.patched_module import patched_module

FULL = os.environ.get("KOMPAS_PROOFS") == "full"
TODAY = datetime.now(WIB).date()
ONCE = {"RETRY_TIMES": "0", "DOWNLOAD_TIMEOUT": "1"}  # so that a fault is not asked away

# The reader has a fault that one article brings out.
BROKEN_READER = patched_module(
    "kompas_crawler.pages",
    """
read = module.read
def broken(html, url):
    if os.environ["KOMPAS_ILL"] in url:
        raise RuntimeError("ill")
    return read(html, url)
module.read = broken
""",
)


def ids_of(done):
    return [record["id"] for record in done.records]


def assert_whole(done, site: Remote) -> None:
    """Every article of the site is stored, once, valid, and as it is."""
    assert sorted(ids_of(done)) == sorted(site.ids())
    for record in done.records:
        assert not problems_of(record)
        assert not differences(record, site.record(record["id"]))


def asked(site: Remote, since: int = 0) -> list[str]:
    return [row["host"] + row["target"] for row in site.requests()[since:]]


def index_of(days_ago: int) -> str:
    return f"indeks.kompas.com/*date={TODAY - timedelta(days=days_ago)}"


# Faults that pass.

STORM = [
    {"kind": "status", "status": 500, "probability": 0.12, "match": "*/read/*"},
    {"kind": "truncated", "probability": 0.08, "match": "*/read/*"},
    {"kind": "reset", "probability": 0.08, "match": "*/read/*"},
    {"kind": "cut-html", "probability": 0.08, "match": "*/read/*"},
    {"kind": "empty", "probability": 0.05, "match": "*/read/*"},
    {"kind": "challenge", "probability": 0.04, "match": "*/read/*"},
    {"kind": "timeout", "times": 2, "match": "*/read/*", "probability": 0.1},
    {"kind": "unavailable", "retry_after": 1, "times": 1, "match": "*/read/*"},
    {"kind": "unavailable", "retry_after": 2, "http_date": True, "times": 1, "match": "*/read/*"},
    {"kind": "shift", "match": "*global?page=3"},
    {"kind": "status", "status": 502, "on": [1], "match": "*/global?page=2"},
    {"kind": "reset", "times": 1, "match": "indeks.*date=*"},
]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20 if FULL else 1))
@pytest.mark.parametrize("spider", ["international", "backfill"])
def test_after_a_storm_one_or_two_runs_leave_nothing_out(stand_in, crawl, spider, seed):
    site = stand_in("--days", "3", "--per-day", "24", "--front-pages", "3", "--seed", str(seed))
    dice = random.Random(seed)
    site.fail(*({**fault, "seed": dice.randrange(10**6)} for fault in STORM))
    storm = crawl(site, spider, "since=3d", **ONCE)
    assert storm.code in (10, 12), storm.log
    assert storm.line["outcome"] == ("partial" if storm.code == 10 else "blocked")
    assert sum(row["fault"] is not None for row in site.requests()) >= 5
    assert set(storm.line["refused"]) >= {"http-500"}
    known = set(ids_of(storm))
    owed = {entry["id"] for entry in storm.line["pending"]}
    assert owed
    assert not owed & known
    site.fail()
    before = len(site.requests())
    healed = crawl(site, "international")
    if healed.code:
        healed = crawl(site, "international")
    assert healed.code == 0, healed.log
    assert_whole(healed, site)
    assert not [i for i in known if any(i in row for row in asked(site, before))]


@pytest.mark.parametrize(
    "fault",
    [
        {"match": "www.kompas.com/global"},
        {"match": "www.kompas.com/global?page=2", "kind": "reset"},
        {"match": f"{index_of(2)}", "kind": "truncated"},
        {"match": f"{index_of(2)}&page=2", "kind": "cut-html"},
    ],
    ids=["front 1", "front 2", "index 1", "index 2"],
)
def test_a_list_that_fails_leaves_its_days_unproven_until_it_is_read(stand_in, crawl, fault):
    site = stand_in("--days", "4", "--per-day", "24", "--front-pages", "2")
    site.fail({"kind": "status", **fault})
    first = crawl(site, "international", "since=3d", **ONCE)
    assert first.code == 10, first.log
    assert first.line["outcome"] == "partial"
    assert [each["reason"] for each in first.line["failed_listings"]]
    if "global" in fault["match"]:  # the index tells what the front does not
        assert first.line["owed_days"] == {}
    else:
        assert first.line["owed_days"] == {f"{TODAY - timedelta(days=2)}": 1}
        assert [
            i for i in missing(first, site) if i.startswith(f"{TODAY - timedelta(days=2):%Y/%m/%d}")
        ]
    site.fail()
    again = crawl(site, "international")
    assert again.code == 0, again.log
    assert again.line["owed_days"] == {}
    begin = f"{TODAY - timedelta(days=2):%Y/%m/%d}"  # the day before began before `since`
    assert not [article_id for article_id in missing(again, site) if article_id > begin]


def missing(done, site: Remote) -> list[str]:
    return sorted(set(site.ids()) - set(ids_of(done)))


def test_every_kind_of_bad_list_is_told_and_read_again(stand_in, crawl):
    kinds = {
        "empty": "empty",
        "binary": "binary",
        "cut-html": "CutOffPage",
        "huge": "too-big",
        "off-site": "off-site",
        "status": "http-404",
        "challenge": "blocked",
    }
    site = stand_in("--days", "15", "--per-day", "3")
    site.fail(
        *(
            {"kind": kind, "status": 404 if kind == "status" else 202, "match": index_of(2 * n + 1)}
            for n, kind in enumerate(kinds)
        )
    )
    first = crawl(site, "backfill", f"since={TODAY - timedelta(days=14)}", **ONCE)
    assert first.code == 10, first.log
    assert [e["reason"] for e in first.line["failed_listings"]] == list(kinds.values())
    assert len(first.line["owed_days"]) == len(kinds)
    assert len(first.line["covered"]) == len(kinds) + 1
    assert len(ids_of(first)) == len(site.ids()) - 3 * len(kinds)
    site.fail()
    # Whatever the time of day, this begins in the middle of yesterday, the list of which failed.
    overlap = str(datetime.now(WIB).hour + 2)
    again = crawl(site, "international", KOMPAS_OVERLAP_HOURS=overlap)
    assert again.code == 0, again.log
    assert_whole(again, site)
    assert again.line["owed_days"] == {}


def test_a_day_whose_list_never_comes_is_given_up_in_the_end(stand_in, crawl):
    site = stand_in("--days", "3", "--per-day", "3")
    site.fail({"kind": "status", "match": index_of(2)})
    begin, day = TODAY - timedelta(days=2), f"{TODAY - timedelta(days=2)}"
    first = crawl(site, "backfill", f"since={begin}", KOMPAS_MAX_TRIES="2", **ONCE)
    second = crawl(site, "international", KOMPAS_MAX_TRIES="2", **ONCE)
    third = crawl(site, "international", KOMPAS_MAX_TRIES="2", **ONCE)
    assert [each.code for each in (first, second, third)] == [10, 10, 10], third.log
    assert "Given up in the last 7 days and not stored: 0 articles, 1 days" in third.log
    assert (first.line["given_up_days"], second.line["given_up_days"]) == ([], [day])
    assert third.line["owed_days"] == {day: 2}
    site.fail()
    healed = crawl(site, "backfill", f"since={begin}")  # who asks for the day gets it all the same
    assert healed.line["owed_days"] == {}
    assert_whole(healed, site)


def test_a_list_that_shifts_while_it_is_read_loses_nothing(stand_in, crawl):
    site = stand_in("--days", "3", "--per-day", "25")
    site.fail({"kind": "shift", "match": "*global?page=3"}, {"kind": "shift", "match": "*page=4"})
    first = crawl(site, "international", "since=3d")
    assert first.code == 0, first.log
    assert len(site.ids()) == 77
    assert len(ids_of(first)) == 75
    site.fail()
    assert_whole(crawl(site, "international"), site)


@pytest.mark.parametrize("spider", ["international", "backfill"])
def test_a_robots_txt_that_disallows_all_is_a_block(crawl, spider):
    with lying("robots", "Disallow: /", "--days", "2", "--per-day", "3") as site:
        done = crawl(site, spider, f"since={TODAY - timedelta(days=1)}")
        assert {row["target"] for row in site.requests()} == {"/robots.txt"}
    assert (done.code, done.line["outcome"]) == (12, "blocked"), done.log
    assert "robots.txt disallows everything that this run requests" in done.log
    assert done.line["covered"] == []


@pytest.mark.parametrize(
    ("fault", "code", "outcome"),
    [
        ({"kind": "status", "status": 500, "match": "*/robots.txt"}, 13, "unreachable"),
        ({"kind": "timeout"}, 13, "unreachable"),
        ({"kind": "reset"}, 13, "unreachable"),
        ({"kind": "reset", "match": "*/read/*"}, 13, "unreachable"),
        ({"kind": "challenge", "match": "*/read/*"}, 12, "blocked"),
        ({"kind": "challenge", "status": 403}, 12, "blocked"),
        ({"kind": "unavailable", "retry_after": 4000, "match": "*/read/*"}, 12, "blocked"),
        ({"kind": "unavailable", "retry_after": 1, "match": "*/read/*"}, 12, "blocked"),
        ({"kind": "status", "status": 500, "match": "*/read/*"}, 10, "partial"),
        ({"kind": "status", "status": 500, "match": "*[gd][la][ot]*"}, 10, "partial"),
    ],
    ids=lambda value: " ".join(str(v) for v in value.values()) if isinstance(value, dict) else None,
)
def test_an_outage_has_its_name_and_uses_up_nothing(stand_in, crawl, fault, code, outcome):
    site = stand_in("--days", "1", "--per-day", "20")
    site.fail(fault)
    settings = ONCE | {"KOMPAS_RETRY_AFTER_MAX": "3"}
    first = crawl(site, "international", f"since={TODAY}", **settings)
    assert (first.code, first.line["outcome"]) == (code, outcome), first.log
    assert first.line["stored"] == 0
    assert len(site.requests()) <= 30
    if outcome != "partial":
        assert all(entry["tries"] == 0 for entry in first.line["pending"])
        # An outage is known by five in a row, and the robots.txt of two hosts may lie between.
        assert len(site.requests()) <= 16
    site.fail()
    assert_whole(crawl(site, "international"), site)


def test_a_week_without_a_run_is_made_good_by_the_next_one(stand_in, crawl, tmp_path, monkeypatch):
    site = stand_in("--days", "10", "--per-day", "8", "--front-pages", "1")
    monkeypatch.setenv("PYTHONPATH", OTHER_DAY)  # a week without a run takes no week
    monkeypatch.setenv("KOMPAS_DAYS", "-8")
    now = datetime.combine(TODAY - timedelta(days=8), time(20), WIB)
    site.act("now", at=now.isoformat())
    before = crawl(site, "international", "since=1d")
    assert before.code == 0, before.log
    first = set(ids_of(before))
    assert first <= set(site.ids())
    monkeypatch.delenv("PYTHONPATH")
    site.act("now", at=datetime.combine(TODAY, time(23), WIB).isoformat())
    site.fail({"kind": "status", "match": index_of(5)})
    hurt = crawl(site, "international", **ONCE)
    assert hurt.code == 10, hurt.log
    lost = [i for i in missing(hurt, site) if i > max(first)]
    assert {i[:10] for i in lost} == {f"{TODAY - timedelta(days=5):%Y/%m/%d}"}
    site.fail()
    healed = crawl(site, "international")
    assert healed.code == 0, healed.log
    assert not [i for i in missing(healed, site) if i > max(first)]
    assert len(set(ids_of(healed))) == len(ids_of(healed))


# Faults that stay.


def test_what_is_gone_is_final_and_what_always_fails_is_given_up(stand_in, crawl):
    site = stand_in("--days", "1", "--per-day", "8")
    ids = site.ids()
    site.act("remove", id=ids[1], status="404")
    site.act("remove", id=ids[2], status="410")
    site.fail({"kind": "status", "match": f"*{ids[3]}*"})
    runs = []
    for _ in range(4):
        runs.append(crawl(site, "international", f"since={TODAY}", KOMPAS_MAX_TRIES="2", **ONCE))
        site.act("publish")  # a try counts where another article is read
    first, second, third, fourth = runs
    assert [each.code for each in runs] == [10, 10, 10, 10], fourth.log
    gone = {entry["id"]: entry["status"] for entry in first.line["gone"]}
    assert gone == {ids[1]: 404, ids[2]: 410}
    assert [entry["tries"] for entry in first.line["pending"]] == [1]
    assert [entry["id"] for entry in second.line["given_up"]] == [ids[3]]
    assert third.line["pending"] == fourth.line["pending"] == []
    assert "Given up in the last 7 days and not stored: 1 articles, 0 days" in fourth.log
    backfill = crawl(site, "backfill", f"since={TODAY}", **ONCE)
    assert backfill.code == 10, backfill.log
    assert [entry["id"] for entry in backfill.line["pending"]] == [ids[3]]
    for article_id, times in ((ids[1], 1), (ids[2], 1), (ids[3], 3)):
        assert sum(article_id in row for row in asked(site)) == times, article_id
    site.fail()
    healed = crawl(site, "international")
    assert healed.code == 0, healed.log
    assert ids[3] in ids_of(healed)


def test_a_night_in_which_no_article_comes_gives_up_none(stand_in, crawl):
    site = stand_in("--days", "1", "--per-day", "8")
    ids = site.ids()
    crawl(site, "articles", f"url={' '.join(ids[5:])}")
    site.fail({"kind": "status", "match": "*/read/*"})
    night = [crawl(site, "international", KOMPAS_MAX_TRIES="2", **ONCE) for _ in range(3)]
    assert [each.code for each in night] == [10, 10, 10]
    assert [entry["tries"] for entry in night[-1].line["pending"]] == [0] * 5
    assert all(each.line["given_up"] == [] for each in night)
    site.fail()
    assert_whole(crawl(site, "international"), site)


def test_a_site_that_finds_no_article_has_removed_none(stand_in, crawl):
    site = stand_in("--days", "1", "--per-day", "8")
    removed = site.ids()[3]
    site.act("remove", id=removed)
    site.fail({"kind": "status", "status": 404, "match": "*/read/*"})
    for _ in range(2):
        done = crawl(site, "international", f"since={TODAY}")
        assert (done.code, done.line["gone"], done.records) == (10, [], []), done.log
        assert {each["id"] for each in done.line["pending"]} == {*site.ids()}
        assert "8 articles answered 404 and 0 could be read" in done.log
    site.fail()
    healed = crawl(site, "international")
    assert healed.code == 0, healed.log
    assert [each["id"] for each in healed.line["gone"]] == [removed]
    assert missing(healed, site) == [removed]


@pytest.mark.parametrize("removed", [1, 2])
def test_one_or_two_removed_articles_are_gone_though_nothing_else_is_new(stand_in, crawl, removed):
    site = stand_in("--days", "1", "--per-day", "8")
    ids = site.ids()[:removed]
    for each in ids:
        site.act("remove", id=each)
    done = crawl(site, "articles", f"url={' '.join(ids)}")
    assert done.code == 0, done.log
    assert ({each["id"] for each in done.line["gone"]}, done.line["pending"]) == ({*ids}, [])


def test_a_fault_of_ours_gives_up_no_article(stand_in, crawl, tmp_path, monkeypatch):
    site = stand_in("--days", "1", "--per-day", "6")
    ill = site.ids()[2]
    (tmp_path / "sitecustomize.py").write_text(BROKEN_READER)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("KOMPAS_ILL", ill)
    runs = []
    for _ in range(3):
        runs.append(crawl(site, "international", f"since={TODAY}", KOMPAS_MAX_TRIES="2", **ONCE))
        site.act("publish")
    assert [each.line["read"] for each in runs] == [5, 1, 1]
    assert [entry["tries"] for entry in runs[-1].line["pending"]] == [0]
    assert runs[-1].line["pending"][0]["reason"] == "error-RuntimeError"
    found = runs[-1].line["pending"][0]["found"]
    assert re.fullmatch(r"RuntimeError\('ill'\) in \w+, sitecustomize\.py:\d+", found)
    assert f"{found} on https://" in runs[-1].log.splitlines()[-1]
    monkeypatch.delenv("PYTHONPATH")
    assert_whole(crawl(site, "international"), site)


def test_a_further_page_that_is_gone_or_never_comes_leaves_a_truncated_article(stand_in, crawl):
    options = ("--days", "1", "--per-day", "12", "--no-page-all", "--layout", "read-2017")
    site = stand_in(*options)
    several = [i for i in site.ids() if site.record(i)["page_count"] > 1][:2]
    site.fail(
        {"kind": "status", "status": 404, "match": f"*{several[0]}*page=2"},
        {"kind": "status", "status": 500, "match": f"*{several[1]}*page=2"},
    )
    first = crawl(site, "backfill", f"since={TODAY}", KOMPAS_MAX_TRIES="2", **ONCE)
    assert first.code == 10, first.log
    assert first.line["gone"] == []
    found = {record["id"]: record for record in first.records}
    assert found[several[0]]["warnings"] == ["truncated"]
    assert several[1] not in found
    second = crawl(site, "backfill", f"since={TODAY}", KOMPAS_MAX_TRIES="2", **ONCE)
    found = {record["id"]: record for record in second.records}
    assert found[several[1]]["warnings"] == ["truncated"]
    assert sorted(found) == sorted(site.ids())
    assert second.line["pending"] == []


def test_an_article_whose_every_page_is_its_first_is_truncated_in_the_end(crawl):
    options = ("--days", "1", "--per-day", "12", "--layout", "read-2017")
    with lying("pages", "", *options) as site:
        several = [i for i in site.ids() if site.record(i)["page_count"] > 1]
        first = crawl(site, "backfill", f"since={TODAY}", KOMPAS_MAX_TRIES="2")
        assert (first.code, first.line["refused"]) == (10, {"OtherPage": len(several)})
        assert not {*ids_of(first)} & {*several}
        second = crawl(site, "backfill", f"since={TODAY}", KOMPAS_MAX_TRIES="2")
        found = {record["id"]: record for record in second.records}
        assert sorted(found) == sorted(site.ids())
        for id_ in several:
            assert found[id_]["warnings"] == ["truncated"]
            assert site.record(id_)["text"].startswith(found[id_]["text"])


def test_the_page_of_another_article_is_stored_under_no_id_but_its_own(crawl):
    with lying("pages", "others", "--days", "1", "--per-day", "12") as site:
        done = crawl(site, "backfill", f"since={TODAY}")
        wrong = set(site.ids()) - {max(site.ids())}
    assert done.code in (10, 11), done.log
    assert not wrong & {*ids_of(done)}
    assert {each["id"] for each in done.line["pending"]} >= wrong
    assert done.line["refused"]["OtherArticle"] == len(wrong)


def test_a_page_of_utf_8_that_declares_another_encoding_is_read_as_what_it_is(stand_in, crawl):
    site = stand_in("--days", "1", "--per-day", "20")
    site.fail({"kind": "charset", "match": "*/read/*"})
    done = crawl(site, "backfill", f"since={TODAY}")
    assert done.code == 0, done.log
    assert sum(not record["text"].isascii() for record in done.records) > 1
    for record in done.records:
        assert not differences(record, site.record(record["id"]))


BAD = {  # a fault of one article, and the word for it in the counts; None where it is stored
    "empty": "empty",
    "binary": "binary",
    "charset": None,
    "huge": "too-big",
    "cut-html": "CutOffPage",
    "challenge": "blocked",
    "off-site": "off-site",
    "other-section": "off-section",
    "status": "http-418",
    "truncated": "ResponseDataLossError",
    "remove": "gone",
}
STATUS = {"status": 418}


def test_every_bad_answer_has_an_outcome_and_leaves_nothing_wrong_on_disk(stand_in, crawl):
    site = stand_in("--days", "1", "--per-day", "20")
    ids = dict(zip(BAD, site.ids(), strict=False))
    faults = []
    for kind, article_id in ids.items():
        faults.append({"kind": kind, "match": f"*{article_id}*", "status": STATUS.get(kind)})
    site.fail(*faults)
    done = crawl(site, "backfill", f"since={TODAY}", **ONCE)
    assert done.code == 10, done.log
    told = {entry["id"]: entry["reason"] for entry in done.line["failed"]}
    told |= {entry["id"]: "gone" for entry in done.line["gone"]}
    assert {kind: told.get(i) for kind, i in ids.items()} == BAD
    assert done.line["refused"] == {r: 1 for r in BAD.values() if r not in (None, "gone")}
    assert sorted(ids_of(done)) == sorted(set(site.ids()) - set(told))
    for record in done.records:
        assert not problems_of(record)
        assert not differences(record, site.record(record["id"]))
    for kind, reason in BAD.items():
        if reason not in (None, "gone"):
            assert ids[kind] in done.log, kind
    assert "Traceback" not in done.log


# What is no fault.


def test_evergreens_and_twins_are_stored_once_each(stand_in, crawl):
    site = stand_in("--days", "4", "--per-day", "12", "--evergreen", "2", "--twins")
    begin = f"since={TODAY - timedelta(days=1)}"
    first = crawl(site, "backfill", begin)
    stored = first.records
    second = crawl(site, "backfill", begin)
    assert (first.code, second.code) == (0, 0), first.log
    assert second.records == stored
    assert len(set(ids_of(first))) == len(ids_of(first))
    days = {article_id[:10] for article_id in ids_of(first)}
    assert len(days) > 2, "no old article was listed again"
    found = {record["id"]: record for record in first.records}
    twins = [(r["id"], r["duplicate_of"]) for r in first.records if r["duplicate_of"]]
    assert twins
    for one, other in twins:
        assert found[one]["content_hash"] == found[other]["content_hash"]
        assert found[other]["duplicate_of"] is None


@pytest.mark.parametrize("options", [("--per-day", "150"), ("--front-pages", "1")], ids=" ".join)
def test_no_news_costs_five_requests_at_most_and_a_late_piece_is_found(stand_in, crawl, options):
    now = datetime.now(WIB)
    site = stand_in("--days", "3", "--per-day", "28", *options)
    site.act("now", at=now.isoformat())
    first = crawl(site, "international", "since=1d")
    assert first.code == 0, first.log
    before = len(site.requests())
    idle = crawl(site, "international")
    assert idle.code == 0, idle.log
    assert len(asked(site, before)) <= 5, asked(site, before)
    site.act("now", at=(now - timedelta(hours=3)).isoformat())
    late = site.act("publish")["id"]
    site.act("now", at=now.isoformat())
    found = crawl(site, "international")
    assert found.code == 0, found.log
    assert ids_of(found).count(late) == 1


def test_days_of_another_section_code_are_found(stand_in, crawl):
    """An index that shows other sections under one code and ours under another is read whole."""
    site = stand_in("--days", "3", "--per-day", "16", "--index-site", "news")
    done = crawl(site, "backfill", f"since={TODAY - timedelta(days=2)}")
    assert done.code == 0, done.log
    assert sorted(ids_of(done)) == sorted(site.ids())


@pytest.mark.parametrize("spider", ["international", "backfill"])
def test_a_page_without_list_menu_or_links_proves_nothing(stand_in, crawl, spider):
    site = stand_in("--days", "1", "--per-day", "5")
    site.fail({"kind": "status", "status": 200, "match": "*[gd][la][ot]*"})
    done = crawl(site, spider, f"since={TODAY}")
    assert done.code in (10, 12), done.log
    assert done.line["covered"] == []
    site.fail()
    assert_whole(crawl(site, "international"), site)


HOSTS = {
    "www.kompas.com": "internasional.kompas.com",
    "internasional.kompas.com": "www.kompas.com/global",
}


def test_an_article_that_moves_to_the_other_host_is_the_same_one(stand_in, crawl):
    site = stand_in(
        "--days", "2", "--per-day", "12", "--second-host", "0.5", "--layout", "read-2017"
    )
    several = [r for i in site.ids() if (r := site.record(i))["page_count"] > 1]
    moves = {}
    for record in several:
        host = record["url"].split("/")[2]
        moves[record["id"]] = host, f"https://{HOSTS[host]}/read/{record['id']}/pindah"
    assert {host for host, _ in moves.values()} == set(HOSTS)
    site.fail(
        *(
            {"kind": "off-site", "match": f"{host}*{i}*", "location": location}
            for i, (host, location) in moves.items()
        )
    )
    first = crawl(site, "backfill", "since=2d")
    assert first.code == 0, first.log
    assert_whole(first, site)
    before = len(site.requests())
    second = crawl(site, "articles", "url=" + " ".join(to for _, to in moves.values()))
    assert second.line["known"] == len(moves)
    assert asked(site, before) == []
