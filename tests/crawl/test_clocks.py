"""Time is not trusted without bound: clocks that are ahead, jump back, or live in another zone."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from kompas_crawler.operations.health import Health
from kompas_crawler.runs.intervals import Interval
from kompas_crawler.runs.log import CrawlLog
from kompas_crawler.runs.state import State
from kompas_crawler.timezones import WIB
from tests.crawl.test_faults import ids_of, missing
from tests.forked import OTHER_DAY
from tests.lying_site import lying

FIRST = date(2026, 11, 27)
HOUR = timedelta(hours=1)


class Clock:
    """The clocks of the site and of the machine that crawls, which may differ."""

    def __init__(self, site, monkeypatch) -> None:
        self.site, self._environment = site, monkeypatch
        monkeypatch.setenv("PYTHONPATH", OTHER_DAY)

    def set(self, now: datetime, ahead: timedelta = timedelta()) -> None:
        self.site.act("now", at=now.isoformat())
        shift = now + ahead - datetime.now(WIB)
        self._environment.setenv("KOMPAS_DAYS", str(shift.total_seconds() / 86400))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(FIRST + timedelta(days=day), time(hour, minute), WIB)


SITE = ("--days", "6", "--per-day", "20", "--last-day", f"{FIRST + timedelta(days=5)}")
SPARSE = ("--days", "6", "--per-day", "5", "--last-day", f"{FIRST + timedelta(days=5)}")


@pytest.mark.parametrize("tells", ["tells", "does not tell"])
@pytest.mark.parametrize("options", [SITE, SPARSE], ids=["20", "5"])
def test_one_run_with_a_clock_ahead_loses_nothing(crawl, monkeypatch, tmp_path, tells, options):
    """Over a month's end; the site's answers carry a Date or not."""
    which = "clock" if tells == "tells" else "nothing"
    with lying(which, "", *options) as site:
        clock = Clock(site, monkeypatch)
        clock.set(at(1, 20))
        assert crawl(site, "international", "since=2026-11-27").code == 0
        clock.set(at(2, 3), ahead=44 * HOUR)
        wrong = crawl(site, "international")
        ends = datetime.fromisoformat(wrong.line["coverage"][-1][-1])
        assert ends <= at(2, 3) + 12 * HOUR
        told = "The clock of this machine is ahead of Kompas's by 1 day, 20:0"
        assert wrong.log.count(told) == (tells == "tells")
        for day in (3, 4, 5):  # it sleeps for a day, and is right again
            clock.set(at(day, 21))
            done = crawl(site, "international")
            assert done.code in (0, 11), done.log  # with few articles the newest may be a day old
        assert not missing(done, site)
        today = [f"date={FIRST + timedelta(days=n)}" for n in (3, 4)]
        asked = [row["target"] for row in site.requests()]
    if tells == "tells":
        assert not [each for each in asked[: asked.index("/global")] if each in today]


def test_days_that_have_not_begun_at_kompas_are_not_asked_for(crawl, monkeypatch, tmp_path):
    with lying("clock", "", *SITE) as site:
        clock = Clock(site, monkeypatch)
        clock.set(at(1, 20), ahead=44 * HOUR)
        done = crawl(site, "backfill", "since=2026-11-27")
        assert done.code == 0, done.log
        targets = " ".join(row["target"] for row in site.requests())
    assert "date=2026-11-28" in targets
    assert "date=2026-11-29" not in targets
    assert done.line["owed_days"] == {}
    assert done.line["coverage"] == [["2026-11-27T00:00:00+07:00", done.line["coverage"][0][1]]]
    assert datetime.fromisoformat(done.line["coverage"][0][1]) <= at(1, 20, 1)


def test_a_date_that_the_lists_contradict_is_not_believed(crawl):
    with lying("clock", "Thu, 01 Jan 1970 00:00:00 GMT", "--days", "2") as site:
        done = crawl(site, "international", "since=2d")
        assert done.code == 0, done.log
        assert sorted(ids_of(done)) == sorted(site.ids())


def test_a_period_that_has_not_begun_at_kompas_is_not_called_complete(crawl):
    with lying("clock", "Thu, 01 Jan 1970 00:00:00 GMT", "--days", "2") as site:
        done = crawl(site, "backfill", "since=2d")
    assert done.code == 10, done.log
    assert done.line["failed_listings"][0]["reason"] == "too-early"
    assert done.line["coverage"] == []


def test_what_an_earlier_version_proved_of_the_future_is_not_believed(
    stand_in, crawl, monkeypatch, tmp_path
):
    site = stand_in(*SITE)
    clock = Clock(site, monkeypatch)
    clock.set(at(1, 20))
    first = crawl(site, "international", "since=2026-11-27")
    poisoned = dict(first.line, crawl="poisoned", finished_at=at(3, 16).isoformat())
    poisoned["coverage"] = [["2026-11-27T00:00:00+07:00", at(3, 16).isoformat()]]
    later = dict(poisoned, crawl="later", finished_at=at(1, 21).isoformat())
    crawl_log = CrawlLog(first.output)
    crawl_log.append(lambda _: poisoned)
    crawl_log.append(lambda _: later)
    clock.set(at(4, 10))  # by now the proof does not lie in the future any more
    done = crawl(site, "international")
    assert done.code == 0, done.log
    assert "what later calls proven ends in the future" in done.log
    assert not missing(done, site)


def test_a_clock_that_jumps_back_costs_reading_again_and_nothing_else(
    stand_in, crawl, monkeypatch, tmp_path
):
    site = stand_in(*SITE)
    clock = Clock(site, monkeypatch)
    clock.set(at(2, 20))
    first = crawl(site, "international", "since=2026-11-27")
    clock.set(at(2, 21), ahead=-50 * HOUR)
    back = crawl(site, "international")
    assert back.code == 0, back.log
    assert ids_of(back)[: len(ids_of(first))] == ids_of(first)
    clock.set(at(4, 21))
    done = crawl(site, "international")
    assert done.code == 0, done.log
    assert not missing(done, site)
    assert len(set(ids_of(done))) == len(ids_of(done))


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati", "UTC"])
@pytest.mark.parametrize("now", [at(4, 0, 1), at(3, 23, 59)], ids=["midnight", "before midnight"])
def test_the_zone_of_the_machine_changes_nothing_at_midnight_and_month_s_end(
    stand_in, crawl, monkeypatch, tmp_path, zone, now
):
    site = stand_in(*SITE)
    clock = Clock(site, monkeypatch)
    monkeypatch.setenv("TZ", zone)
    clock.set(now - timedelta(days=1))
    assert crawl(site, "international", "since=2026-11-27").code == 0
    clock.set(now)
    done = crawl(site, "international")
    assert done.code == 0, done.log
    assert not missing(done, site)
    backfill = crawl(site, "backfill", "since=2026-11-27")
    assert backfill.code == 0, backfill.log
    assert backfill.line["stored"] == 0
    assert all(each.endswith("+07:00") for each in backfill.line["coverage"][0])


def test_a_run_complete_in_the_future_is_no_good_health():
    line = {"spider": "international", "outcome": "complete", "crawl": "x"}
    line |= {"started_at": at(3, 1).isoformat(), "finished_at": at(3, 2).isoformat()}
    health = Health.of([line], "international")
    assert health.is_good(at(3, 3), 26 * HOUR)
    assert not health.is_good(at(2, 1), 26 * HOUR)
    assert "in the future" in health.describe(at(2, 1))


def test_a_state_knows_what_cannot_have_been_proven_yet():
    state = State(coverage=(Interval(at(0, 0), at(2, 0)),), followed_since=at(1, 0))
    assert state.is_ahead(at(1, 0))
    assert not state.is_ahead(at(2, 0) - timedelta(minutes=1))
    assert state.as_of(at(0, 1)).followed_since is None
    assert state.as_of(at(1, 1)).followed_since == at(1, 0)
