"""One pace for all runs on one output directory, and an end within the grace of who stops them."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import time
from datetime import datetime
from itertools import pairwise

import pytest

from kompas_crawler.archive.files import exclusive_lock
from kompas_crawler.archive.locks import lock_path
from kompas_crawler.runs.pace import BUSY, Turns
from kompas_crawler.timezones import WIB
from tests.conftest import runs
from tests.crawl.test_survival import begin, noted, wait_for_requests, whole  # noqa: F401
from tests.lying_site import lying

DELAY = 0.4
TODAY = datetime.now(WIB).date()


def moments(site) -> list[float]:
    return [row["time"] for row in site.requests()]


def gaps(site) -> list[float]:
    return [later - earlier for earlier, later in pairwise(sorted(moments(site)))]


def test_two_spiders_on_one_directory_keep_to_one_pace(stand_in, begin, tmp_path):  # noqa: F811
    site = stand_in("--days", "2", "--per-day", "8")
    output = tmp_path / "output"
    settings = {"DOWNLOAD_DELAY": str(DELAY)}
    crawls = [
        begin(site, output, "backfill", "since=1d", **settings),
        begin(site, output, "international", "since=1d", **settings),
    ]
    ended = [each.end() for each in crawls]
    assert [each.code for each in ended] == [0, 0], [each.log for each in ended]
    assert len(moments(site)) > 20
    # A request may be some milliseconds longer on its way than the next one.
    assert min(gaps(site)) > DELAY - 0.03, sorted(gaps(site))[:5]
    assert sorted(record["id"] for record in whole(output)) == sorted(site.ids())


def test_a_run_that_is_killed_leaves_its_turn_to_the_other(stand_in, begin, noted, tmp_path):  # noqa: F811
    site = stand_in("--days", "2", "--per-day", "8", "--log", str(noted))
    output = tmp_path / "output"
    victim = begin(site, output, "backfill", "since=1d", DOWNLOAD_DELAY=str(DELAY))
    other = begin(site, output, "international", "since=1d", DOWNLOAD_DELAY=str(DELAY))
    wait_for_requests(noted, 0, 8, victim)
    victim.end(signal.SIGKILL)
    ended = other.end()
    assert ended.code == 0, ended.log
    assert min(gaps(site)) > DELAY - 0.03


def test_turns_are_taken_one_by_one_and_survive_what_is_in_the_file(tmp_path):
    path = tmp_path / ".turns"
    one, other = Turns(path, 300), Turns(path, 300)
    assert one.take(5) == 0
    assert 4 < other.take(5) <= 5
    other.push(60)
    assert 59 < one.take(5) <= 60
    for text in ("", "nonsense", f"{time.monotonic() + 4000}"):  # of before the last start
        path.write_text(text)
        assert Turns(path, 300).take(1) == 0
    with path.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert Turns(path, 300).take(1) == BUSY
    alone = Turns(tmp_path / "nowhere" / ".turns", 300)
    assert alone.take(5) == 0
    assert 4 < alone.take(5) <= 5


def test_the_users_of_a_group_share_one_pace(tmp_path):
    before = os.umask(0o002)
    try:
        Turns(tmp_path / ".turns", 300).take(5)
    finally:
        os.umask(before)
    assert tmp_path.joinpath(".turns").stat().st_mode & 0o777 == 0o664


# Waiting, and being told to stop.


def seconds_until_end(victim, *numbers) -> float:
    begun = time.monotonic()
    for number in numbers:
        victim.process.send_signal(number)
        time.sleep(0.3)
    victim.end()
    return time.monotonic() - begun


def assert_stopped(victim, output, seconds: float) -> None:
    log = victim.log.read_text()
    assert victim.process.returncode == 16, log
    assert seconds < 8, log
    assert runs(output)[-1]["outcome"] == "stopped"
    assert "Traceback" not in log


@pytest.mark.parametrize("setting", [{"DOWNLOAD_DELAY": "100"}, {"AUTOTHROTTLE_ENABLED": "1"}])
def test_a_run_that_waits_for_its_turn_stops_when_it_is_told(
    stand_in,
    begin,  # noqa: F811
    noted,  # noqa: F811
    tmp_path,
    setting,
):
    site = stand_in("--days", "1", "--per-day", "9", "--log", str(noted))
    if "AUTOTHROTTLE_ENABLED" in setting:
        setting = {**setting, "AUTOTHROTTLE_START_DELAY": "50"}
    victim = begin(site, tmp_path / "output", "international", "since=1d", **setting)
    wait_for_requests(noted, 0, 1, victim)
    time.sleep(0.5)
    assert_stopped(victim, tmp_path / "output", seconds_until_end(victim, signal.SIGTERM))


@pytest.mark.parametrize(
    "numbers",
    [(signal.SIGTERM,) * 2, (signal.SIGTERM,) * 3, (signal.SIGHUP,), (signal.SIGINT,) * 2],
    ids=str,
)
def test_every_signal_ends_a_run_with_its_line(stand_in, begin, noted, tmp_path, numbers):  # noqa: F811
    site = stand_in("--days", "1", "--per-day", "9", "--log", str(noted))
    site.fail({"kind": "timeout", "match": "*/read/*"})  # its answer never comes
    victim = begin(site, tmp_path / "output", "international", "since=1d", DOWNLOAD_TIMEOUT="60")
    wait_for_requests(noted, 0, 3, victim)
    time.sleep(0.3)
    assert_stopped(victim, tmp_path / "output", seconds_until_end(victim, *numbers))
    assert runs(tmp_path / "output")[-1]["pending"]


def test_a_run_that_is_told_to_stop_while_it_opens_the_archive_writes_its_line(begin, tmp_path):  # noqa: F811
    output = tmp_path / "output"
    output.mkdir()
    with exclusive_lock(output):  # which whoever opens the index waits for
        victim = begin(None, output, "articles", "url=2026/11/22/134820670")
        while not output.joinpath(".articles.lock").exists() and victim.process.poll() is None:
            time.sleep(0.05)
        time.sleep(0.3)
        victim.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
    assert_stopped(victim, output, seconds_until_end(victim))
    assert lock_path(output, "articles").read_bytes() == b""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_waits_for_a_month_another_one_holds_stops_when_it_is_told(
    stand_in,
    begin,  # noqa: F811
    noted,  # noqa: F811
    tmp_path,
    number,
):
    site = stand_in("--days", "1", "--per-day", "9", "--log", str(noted))
    output = tmp_path / "output"
    month = output / "articles" / f"{TODAY:%Y-%m}.jsonl"
    month.parent.mkdir(parents=True)
    month.touch()
    with month.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        victim = begin(site, output, "international", "since=1d")
        wait_for_requests(noted, 0, 2, victim)
        time.sleep(0.5)
        assert_stopped(victim, output, seconds_until_end(victim, number))
    after = begin(site, output, "international").end()
    assert after.code == 0, after.log
    assert len(whole(output)) == 9


def test_a_crawl_delay_that_is_too_long_ends_the_run_and_is_named(crawl):
    with lying("robots", "Crawl-delay: 3600", "--days", "1", "--per-day", "3") as site:
        done = crawl(site, "international", "since=1d")
        asked = site.requests()
    assert (done.code, done.line["outcome"]) == (12, "blocked")
    assert re.search(
        r"Crawl-delay of 3600 s is longer than KOMPAS_RETRY_AFTER_MAX, 300 s", done.log
    )
    assert [row["target"] for row in asked] == ["/robots.txt"]


def test_a_run_stops_in_the_middle_of_a_crawl_delay(begin, tmp_path):  # noqa: F811
    with lying("robots", "Crawl-delay: 120", "--days", "1", "--per-day", "3") as site:
        victim = begin(site, tmp_path / "output", "international", "since=1d")
        while not site.requests():
            time.sleep(0.1)
        time.sleep(1)
        assert [row["target"] for row in site.requests()] == ["/robots.txt"]
        assert_stopped(victim, tmp_path / "output", seconds_until_end(victim, signal.SIGTERM))
