"""Whatever ends a run, nothing is lost and nothing is stored twice."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kompas_crawler.archive.locks import lock_path
from kompas_crawler.archive.record import problems_of
from kompas_crawler.runs.log import CrawlLog
from kompas_crawler.timezones import WIB
from tests import forked
from tests.conftest import ROOT, Remote, command, environment, runs, stored

FULL = os.environ.get("KOMPAS_PROOFS") == "full"
PATIENCE = 60  # seconds; a run takes two
DICE = random.Random(os.environ.get("KOMPAS_SEED", "20261123"))

# Every os.write to a file of the output counts; the one that finds no room left is cut short, and
# all further ones fail, as on a full disk. KOMPAS_ROOM is the room in bytes.
FULL_DISK = """
import errno, os
room, real = [int(os.environ["KOMPAS_ROOM"])], os.write
def write(fd, data):
    if not os.readlink(f"/proc/self/fd/{fd}").endswith(".jsonl"):
        return real(fd, data)
    fits = min(len(data), room[0])
    room[0] -= fits
    if not fits:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return real(fd, data[:fits])
os.write = write
"""

# No file may become longer than KOMPAS_ROOM: a real limit of the system.
LIMIT = """
import os, resource
resource.setrlimit(resource.RLIMIT_FSIZE, (int(os.environ["KOMPAS_ROOM"]),) * 2)
"""


@dataclass
class Ended:
    """How a run ended: its exit code and its log."""

    code: int
    log: str


@dataclass
class Victim:
    """A crawl in a process of its own, to be hurt."""

    process: subprocess.Popen[bytes]
    log: Path

    def end(self, number: signal.Signals | None = None) -> Ended:
        if number is not None:
            self.process.send_signal(number)
        return Ended(self.process.wait(PATIENCE), self.log.read_text())


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Any]:
    """Start crawls and do not wait for their end: `begin(site, output, "backfill", "since=2d")`."""
    begun: list[Victim] = []

    def start(
        site: Remote,
        output: Path,
        spider: str,
        *arguments: str,
        env: dict[str, str] | None = None,
        **settings: str,
    ) -> Victim:
        log = tmp_path / f"{len(begun)}.log"
        with log.open("wb") as file:
            process = forked.start(
                command(spider, *arguments, **settings),
                cwd=ROOT,
                env=environment(site, output) | (env or {}),
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        begun.append(Victim(process, log))
        return begun[-1]

    yield start
    for victim in begun:
        victim.process.kill()
        victim.process.wait(PATIENCE)


@pytest.fixture
def noted(tmp_path: Path) -> Path:
    """The file to which the stand-in writes what it is asked: `stand_in("--log", str(noted))`."""
    return tmp_path / "asked.jsonl"


def asked_articles(path: Path, start: int = 0) -> list[str]:
    """The ids asked for since a byte of the stand-in's log."""
    return re.findall(r"/read/(\d{4}/\d\d/\d\d/\d+)", path.read_bytes()[start:].decode())


def wait_for_requests(path: Path, start: int, number: int, victim: Victim) -> None:
    """Return when the stand-in was asked that often since `start`, or the run has ended."""
    deadline = time.monotonic() + PATIENCE
    while path.read_bytes()[start:].count(b"\n") < number and victim.process.poll() is None:
        assert time.monotonic() < deadline, victim.log.read_text()
        time.sleep(0.001)


def read_if_there(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def whole(output: Path) -> list[dict[str, Any]]:
    """Every stored line, each one whole, valid and alone with its article."""
    records = stored(output)
    assert not [(r["id"], p) for r in records if (p := problems_of(r))]
    assert not [i for i, n in Counter(r["id"] for r in records).items() if n > 1]
    return records


def without_room(folder: Path, room: int, how: str) -> dict[str, str]:
    """Return the environment of a crawl that finds room for so many bytes."""
    (folder / "sitecustomize.py").write_text(how)
    return {"PYTHONPATH": str(folder), "KOMPAS_ROOM": str(room)}


DAYS = ("--days", "3", "--per-day", "14")
ALL = 42  # articles of these days
REQUESTS = 48  # of a whole crawl of them, about


def check_after(site, output, noted, mark, done, had):
    """The run after a crash: complete, and asks for nothing that was stored."""
    assert done.code == 0, done.log
    again = set(asked_articles(noted, mark)) & had
    assert not again, "asked for again though stored"
    assert sorted(r["id"] for r in whole(output)) == sorted(site.ids())


@pytest.mark.slow
@pytest.mark.parametrize("spider", ["international", "backfill"])
def test_no_kill_at_any_moment_loses_or_repeats_an_article(
    stand_in, begin, noted, tmp_path, spider, record_property
):
    site = stand_in(*DAYS, "--log", str(noted))
    killed = 0
    for life in range(15 if FULL else 1):
        output = tmp_path / f"{spider}-{life}"
        for _ in range(DICE.choice((1, 2, 3)) if FULL else 3):
            mark, had = noted.stat().st_size, {r["id"] for r in whole(output)}
            victim = begin(site, output, spider, "since=3d")
            wait_for_requests(noted, mark, DICE.randrange(REQUESTS // 2), victim)
            time.sleep(DICE.random() * 0.02)
            killed += victim.end(signal.SIGKILL).code == -signal.SIGKILL
            assert not set(asked_articles(noted, mark)) & had, "asked for again though stored"
        mark, had = noted.stat().st_size, {r["id"] for r in whole(output)}
        left = read_if_there(lock_path(output, spider))  # empty if it was killed before it began
        done = begin(site, output, spider, "since=3d").end()
        check_after(site, output, noted, mark, done, had)
        assert runs(output)[-1].get("after_crash_of", "") in left
        assert ("after_crash_of" in runs(output)[-1]) == bool(left)
    assert killed, "no run was killed before it ended"
    record_property("kills", killed)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_told_to_stop_stops_whole(stand_in, begin, noted, tmp_path, number):
    site = stand_in(*DAYS, "--log", str(noted))
    for life in range(10 if FULL else 1):
        output = tmp_path / f"life-{life}"
        victim = begin(site, output, "international", "since=3d", DOWNLOAD_DELAY="0.02")
        mark = noted.stat().st_size
        wait_for_requests(noted, mark, DICE.randrange(2, REQUESTS - 8), victim)
        ended = victim.end(number)
        line = runs(output)[-1]
        assert (ended.code, line["outcome"]) == (16, "stopped"), ended.log
        assert "INFO: international ended as stopped, exit code 16, " in ended.log.splitlines()[-1]
        mark, had = noted.stat().st_size, {r["id"] for r in whole(output)}
        assert line["stored"] == len(had) < ALL
        done = begin(site, output, "international").end()  # nobody has to say since when again
        check_after(site, output, noted, mark, done, had)


def test_a_run_that_waits_for_kompas_stops_when_it_is_told(stand_in, begin, noted, tmp_path):
    site = stand_in(*DAYS, "--log", str(noted))
    site.fail({"kind": "unavailable", "match": "*/read/*", "retry_after": 250})
    victim = begin(site, tmp_path / "output", "international", "since=1d")
    wait_for_requests(noted, 0, 3, victim)
    ended = victim.end(signal.SIGTERM)
    assert ended.code == 16, ended.log
    assert runs(tmp_path / "output")[-1]["pending"]


def test_what_a_killed_first_run_was_to_cover_is_not_forgotten(stand_in, begin, noted, tmp_path):
    site = stand_in("--days", "3", "--per-day", "8", "--log", str(noted))
    output = tmp_path / "output"
    victim = begin(site, output, "international", "since=3d")
    wait_for_requests(noted, 0, 4, victim)
    victim.end(signal.SIGKILL)
    mark, had = noted.stat().st_size, {r["id"] for r in whole(output)}
    assert not runs(output)
    done = begin(site, output, "international").end()
    check_after(site, output, noted, mark, done, had)


@pytest.mark.slow
@pytest.mark.parametrize("how", [LIMIT, FULL_DISK], ids=["limit", "enospc"])
def test_a_full_disk_ends_the_run_and_harms_nothing(stand_in, begin, noted, tmp_path, how):
    site = stand_in(*DAYS, "--log", str(noted))
    sizes = [DICE.randrange(1, 120_000) for _ in range(10)] if FULL else [DICE.randrange(60_000)]
    for size in sizes:
        output = tmp_path / f"room-{size}"
        env = without_room(tmp_path, size, how)
        ended = begin(site, output, "backfill", "since=3d", env=env).end()
        assert ended.code == 14, ended.log
        assert "Traceback" not in ended.log
        assert ended.log.count("the output could not be written") == 1
        for line in runs(output):
            assert line["outcome"] == "storage"
        mark, had = noted.stat().st_size, {r["id"] for r in whole(output)}
        assert len(had) < ALL
        done = begin(site, output, "backfill", "since=3d").end()
        check_after(site, output, noted, mark, done, had)


def test_a_disk_without_room_for_the_run_s_own_line_proves_nothing(stand_in, begin, tmp_path):
    site = stand_in("--days", "1", "--per-day", "5")
    output = tmp_path / "output"
    env = without_room(tmp_path, 100, FULL_DISK.replace('".jsonl"', '"crawls.jsonl"'))
    ended = begin(site, output, "international", env=env).end()
    assert ended.code == 14, ended.log
    assert "This run's line is not in crawls.jsonl" in ended.log
    assert (output / "crawls.jsonl").read_bytes() == b""
    done = begin(site, output, "international").end()
    assert done.code == 0, done.log
    assert sorted(r["id"] for r in whole(output)) == sorted(site.ids())


def test_an_output_that_cannot_be_a_directory_ends_the_run_before_any_request(
    stand_in, begin, tmp_path
):
    site = stand_in("--days", "1", "--per-day", "3")
    (tmp_path / "file").write_text("")
    ended = begin(site, tmp_path / "file" / "output", "international").end()
    assert ended.code == 14, ended.log
    assert "Traceback" not in ended.log
    assert site.requests() == []


def test_a_month_that_cannot_be_read_ends_the_run(stand_in, begin, tmp_path):
    site = stand_in("--days", "1", "--per-day", "3")
    output = tmp_path / "output"
    month = f"{datetime.now(WIB):%Y-%m}"
    (output / "articles" / f"{month}.jsonl").mkdir(parents=True)
    ended = begin(site, output, "international").end()
    assert ended.code == 14, ended.log
    assert "Traceback" not in ended.log
    assert "/read/" not in "".join(row["target"] for row in site.requests())
    assert runs(output)[-1]["outcome"] == "storage"


TAKEN = {
    "deleted": lambda month: month.unlink(),
    "emptied": lambda month: month.write_bytes(b""),
    "cut": lambda month: os.truncate(month, month.read_bytes().find(b"\n") + 1),
}


@pytest.mark.parametrize("how", TAKEN)
def test_articles_taken_from_the_files_are_fetched_again(stand_in, crawl, how):
    site = stand_in("--days", "2", "--per-day", "12")
    first = crawl(site, "backfill", "since=1d")
    before = {each["id"] for each in first.records}
    for month in (first.output / "articles").glob("*.jsonl"):
        TAKEN[how](month)
    left = len(first.records)
    second = crawl(site, "articles", f"url={max(before)}")
    assert (second.code, second.line["vanished"]) == (10, len(before) - left - 1), second.log
    assert f"{len(before) - left} articles that were stored are no longer in it" in second.log
    third = crawl(site, "international")
    assert third.code == 0, third.log
    assert {each["id"] for each in whole(third.output)} == before


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("KOMPAS_FIRST_SINCE", "yesterday"),
        ("KOMPAS_OUTPUT_DIR", " "),
        ("KOMPAS_MAX_TRIES", "1e9"),
        ("KOMPAS_BLOCKED_LIMIT", "2.5"),
        ("KOMPAS_OVERLAP_HOURS", "nan"),
        ("KOMPAS_OVERLAP_HOURS", "-5"),
        ("KOMPAS_LONGEST_GAP_DAYS", "1e7"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_before_any_request(
    stand_in, begin, tmp_path, setting, value
):
    site = stand_in("--days", "1", "--per-day", "3")
    ended = begin(site, tmp_path / "output", "international", **{setting: value}).end()
    assert ended.code == 2, ended.log
    assert setting in ended.log
    assert "Traceback" not in ended.log
    assert site.requests() == []


def test_a_relative_output_directory_is_below_the_current_one(stand_in, begin, tmp_path):
    site = stand_in("--days", "1", "--per-day", "3")
    told = os.path.relpath(tmp_path / "there", ROOT)
    ended = begin(site, tmp_path / "unused", "international", KOMPAS_OUTPUT_DIR=told).end()
    assert ended.code == 0, ended.log
    assert len(whole(tmp_path / "there")) == 3
    assert not (tmp_path / "unused").exists()


def test_a_second_run_of_a_spider_is_told_who_holds_the_directory(stand_in, begin, noted, tmp_path):
    site = stand_in(*DAYS, "--log", str(noted))
    output = tmp_path / "output"
    site.fail({"kind": "timeout", "match": "*/read/*"})
    first = begin(site, output, "backfill", "since=1d", DOWNLOAD_TIMEOUT="60")
    wait_for_requests(noted, 0, 4, first)
    before = noted.read_bytes()
    second = begin(site, output, "backfill", "since=1d").end()
    assert noted.read_bytes() == before, "the second run asked the site"
    assert second.code == 15, second.log
    holder = rf"held by run backfill-\w+-\w+, process {first.process.pid}, since 20\d\d-"
    assert re.search(holder, second.log), second.log
    assert "ERROR: backfill ended as locked, exit code 15, " in second.log.splitlines()[-1]
    line = runs(output)[-1]
    assert (line["outcome"], line["requests"], line["stored"]) == ("locked", 0, 0)
    first.end(signal.SIGKILL)
    site.fail()
    third = begin(site, output, "backfill", "since=1d").end()  # nobody holds it any more
    assert third.code == 0, third.log
    assert runs(output)[-1]["after_crash_of"] == re.search(r"run (backfill-\S+),", second.log)[1]


def test_four_crawls_at_once_store_every_article_once(stand_in, begin, tmp_path):
    site = stand_in("--days", "3", "--per-day", "25")
    output = tmp_path / "output"
    ids = site.ids()
    day = datetime.now(WIB).date()
    given = tmp_path / "urls.txt"
    given.write_text("\n".join(ids[::2]))
    crawls = [
        ("international", "since=3d"),
        ("backfill", "since=3d"),
        ("articles", f"file={given}"),
        ("backfill", f"since={day - timedelta(days=1)}", f"until={day}"),
    ]
    ended = [each.end() for each in [begin(site, output, *words) for words in crawls]]
    codes = [each.code for each in ended]
    assert codes[0] == codes[2] == 0, [each.log for each in ended]
    assert sorted((codes[1], codes[3])) == [0, 15]
    assert sorted(record["id"] for record in whole(output)) == sorted(ids)
    lines = runs(output)
    assert sum(line["stored"] for line in lines) == len(ids)
    assert len({line["crawl"] for line in lines}) == 4
    assert CrawlLog(output).state().pending == {}
    for spider in ("international", "backfill", "articles"):
        assert lock_path(output, spider).read_bytes() == b""
