"""What becomes of stored articles that Kompas changes or takes away."""

from datetime import datetime, timedelta

import pytest

from kompas_crawler.archive.record import problems_of
from kompas_crawler.timezones import WIB
from tests.crawl.test_crawl import differences

TODAY = datetime.now(WIB).date()
OF = "/read/"


def article_requests(site, since):
    return [row["target"] for row in site.requests()[since:] if OF in row["target"]]


def test_a_recheck_keeps_what_changed_and_records_what_is_gone(stand_in, crawl):
    site = stand_in("--days", "5", "--per-day", "6", "--layout", "read-2022")
    first = crawl(site, "backfill", f"since={TODAY - timedelta(days=4)}")
    ids = site.ids()
    changed, removed, unreachable = ids[0], ids[1], ids[2]
    site.act("revise", id=changed)
    site.act("remove", id=removed, status="410")
    site.fail({"kind": "status", "match": f"*{unreachable}*"})
    stored = first.records
    before = {record["id"]: record for record in stored}

    asked = len(site.requests())
    plain = crawl(site, "international")
    assert plain.code == 0, plain.log
    assert not article_requests(site, asked)

    second = crawl(site, "international", "recheck=3d", RETRY_TIMES="0")
    assert second.code == 10, second.log
    assert second.line["pending"] == [], "what is stored is not owed"
    counts = {k: second.line[k] for k in ("stored", "revised", "unchanged")}
    assert counts == {"stored": 0, "revised": 1, "unchanged": second.line["unchanged"]}
    assert [entry["id"] for entry in second.line["gone"]] == [removed]
    assert [entry["id"] for entry in second.line["failed"]] == [unreachable]
    asked_for = [i for i in ids if any(i in row for row in article_requests(site, asked))]
    assert len(asked_for) == second.line["unchanged"] + 3
    begin = datetime.now(WIB) - timedelta(days=3, minutes=5)
    assert all(i >= f"{begin:%Y/%m/%d/%H%M%S}" for i in asked_for), "only the last three days"
    assert 12 < len(asked_for) < 30

    records = second.records
    assert all(record in records for record in stored), "no line is ever taken away"
    (revision,) = [record for record in records if record not in stored]
    assert revision["id"] == changed
    assert revision["revision"] == 2
    assert revision["published_at"] == before[changed]["published_at"]
    assert revision["updated_at"] == site.record(changed)["updated_at"]
    assert not problems_of(revision)
    wrong = differences(revision, site.record(changed))
    wrong.pop("published_from", None)  # a revision keeps what told the time at first
    assert not wrong

    site.fail()
    asked = len(site.requests())
    third = crawl(site, "international", "recheck=3d")
    assert third.code == 0, third.log
    assert (third.line["revised"], third.line["gone"]) == (0, [])
    assert not [row for row in article_requests(site, asked) if removed in row], "gone is final"
    assert third.records == records


@pytest.mark.parametrize("spider", ["articles", "backfill"])
def test_an_update_the_page_does_not_date_is_dated_by_us(stand_in, crawl, spider):
    site = stand_in("--days", "2", "--per-day", "4", "--layout", "kcm-2015")  # prints no update
    article_id = site.ids()[-1]  # of yesterday: those of today may be of its evening
    given = {"articles": f"url={article_id}", "backfill": "since=1d"}[spider]
    stored = crawl(site, spider, given).records
    site.act("revise", id=article_id)
    again = crawl(site, spider, given, "recheck=yes" if spider == "articles" else "recheck=3d")
    assert again.code == 0, again.log
    one, two = (record for record in again.records if record["id"] == article_id)
    assert one in stored
    assert (two["revision"], two["updated_at"]) == (2, two["fetched_at"])
    assert two["published_at"] == one["published_at"]
