"""A monitor, a real server on loopback, gets the pings of whole runs."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from kompas_crawler.archive.locks import RunLock, lock_path
from kompas_crawler.errors import BadArgument
from kompas_crawler.extensions.heartbeat import ping_address
from tests import forked
from tests.conftest import ROOT, command, environment, runs
from tests.recording_server import recording

SECRET = "0b9c-rahasia"
ONE = ("articles", "url=2021/08/26/162226370")


def noted(path: str, body: str) -> tuple[str, dict[str, list[str]], str]:
    parts = urlsplit(path)
    return parts.path, parse_qs(parts.query), body


@pytest.fixture
def monitor() -> Iterator[ThreadingHTTPServer]:
    with recording(noted) as server:
        server.location = f"/elsewhere/{SECRET}"
        server.url += f"/ping/{SECRET}/{{spider}}?create=1"
        yield server


def crawled(output: Path, address: str, *words: str, remote: Any = None) -> Any:
    """Crawl as a user does who has a monitor at that address; without a stand-in, no network."""
    lead = {} if remote else dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
    told = {"no_proxy": "127.0.0.1", "KOMPAS_PING_URL": address}
    return forked.run(
        command(*words, RETRY_TIMES="0", KOMPAS_MESSAGE_TIMEOUT="2"),
        cwd=ROOT,
        env=environment(remote, output) | lead | told,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_run_pings_its_start_and_its_success(stand_in, monitor, tmp_path):
    remote = stand_in("--days", "1", "--per-day", "2")
    done = crawled(tmp_path, monitor.url, "backfill", "since=1d", remote=remote)
    assert done.returncode == 0, done.stderr
    start, end = monitor.received
    assert start[0] == f"/ping/{SECRET}/backfill/start"
    assert end[0] == f"/ping/{SECRET}/backfill"
    assert start[1] == end[1], "one run"
    assert start[1].keys() == {"create", "rid"}
    assert (start[2], end[2]) == ("", "backfill ended as complete, exit code 0")
    assert SECRET not in done.stderr


def test_a_run_that_fails_says_so(monitor, tmp_path):
    assert crawled(tmp_path, monitor.url, *ONE).returncode == 13
    assert [path.rpartition("/")[2] for path, *_ in monitor.received] == ["start", "fail"]
    assert monitor.received[1][2] == "articles ended as unreachable, exit code 13"


def test_a_run_that_another_one_shuts_out_pings_nothing(monitor, tmp_path):
    with RunLock(lock_path(tmp_path, "articles"), "another"):
        assert crawled(tmp_path, monitor.url, *ONE).returncode == 15
    assert monitor.received == []


@pytest.mark.parametrize(
    ("status", "delay", "says"),
    [(500, 0, "The ping failed: HTTP 500"), (302, 0, "The ping failed: HTTP 302"),
     (200, 60, "The ping failed: no answer in time")],
)  # fmt: skip
def test_a_monitor_in_trouble_changes_nothing_and_its_address_stays_secret(
    monitor, tmp_path, status, delay, says
):
    monitor.status, monitor.delay = status, delay
    done = crawled(tmp_path, monitor.url, *ONE)
    (line,) = runs(tmp_path)
    assert (done.returncode, line["outcome"]) == (13, "unreachable")
    assert says in done.stderr
    assert SECRET not in done.stderr
    assert all("elsewhere" not in path for path, *_ in monitor.received)


def test_a_monitor_that_is_not_there_changes_nothing(tmp_path):
    done = crawled(tmp_path, f"http://127.0.0.1:9/{SECRET}/{{spider}}", *ONE)
    assert done.returncode == 13
    assert "The ping failed: ConnectionRefusedError" in done.stderr
    assert SECRET not in done.stderr


def test_without_an_address_the_log_says_nothing_of_pings(tmp_path):
    done = crawled(tmp_path, "", *ONE)
    assert done.returncode == 13
    assert "eartbeat" not in done.stderr


def test_what_is_no_address_is_said_once_and_the_run_goes_on(tmp_path):
    done = crawled(tmp_path, f"{SECRET}/{{spider}}", *ONE)
    assert done.returncode == 13
    assert done.stderr.count("No ping can be sent: KOMPAS_PING_URL must be") == 1
    assert "Disabled" not in done.stderr
    assert SECRET not in done.stderr


def test_another_spiders_success_does_not_hide_the_silence_of_the_schedule():
    told = {"KOMPAS_PING_URL": "https://hc.example.org/ping/id"}
    assert ping_address(told, "international") == "https://hc.example.org/ping/id"
    assert ping_address(told, "backfill") is None
    assert ping_address({}, "international") is None


@pytest.mark.parametrize(
    "url", ["hc.example.org/rahasia", "ftp://x/rahasia", "https://me:rahasia@x/", "http://[rahasia"]
)
def test_what_cannot_be_pinged_is_refused_without_showing_it(url):
    with pytest.raises(BadArgument, match="KOMPAS_PING_URL must") as refusal:
        ping_address({"KOMPAS_PING_URL": url}, "international")
    assert "rahasia" not in str(refusal.value)
