"""The runs' lines on disk."""

import json
import os
from datetime import datetime

import pytest

from kompas_crawler.errors import StorageFailed
from kompas_crawler.runs.log import BLOCK, CrawlLog
from kompas_crawler.runs.state import State
from kompas_crawler.timezones import WIB


def line(number, **more):
    return {
        "crawl": f"run-{number}",
        "started_at": f"2026-11-{number % 28 + 1:02}T00:00:00+07:00",
        "pending": [],
        "coverage": [],
        **more,
    }


ID = "2026/11/20/110000170"
URL = f"https://www.kompas.com/global/read/{ID}/x"


def test_an_empty_directory_has_proven_nothing(tmp_path):
    assert CrawlLog(tmp_path / "new").state() == State()


def test_the_state_is_the_last_line_s(tmp_path):
    crawl_log = CrawlLog(tmp_path)
    for number in range(3):
        owed = {"id": f"a{number}", "url": "https://x", "reason": "timeout", "tries": number}
        crawl_log.append(lambda before, n=number, o=owed: line(n, pending=[o]))
    assert list(crawl_log.state().pending) == ["a2"]


def test_a_section_stands_on_its_own_lines(tmp_path):
    ours, theirs = CrawlLog(tmp_path), CrawlLog(tmp_path, "money")
    proven = [["2026-11-01T00:00:00+07:00", "2026-11-02T00:00:00+07:00"]]
    owed = {"id": ID, "url": URL, "reason": "timeout"}
    ours.append(lambda before: line(1, coverage=proven))  # without a name, as ever
    theirs.append(lambda before: line(2, section="money", pending=[owed], gone=[{"id": "x"}]))
    assert len(ours.state().coverage) == 1
    assert ours.state().pending == {}
    assert ours.finals() == frozenset()
    assert theirs.state().coverage == ()
    assert list(theirs.state().pending) == [ID]
    assert theirs.finals() == {"x"}
    assert [each["crawl"] for each in ours.newest_first()] == ["run-2", "run-1"]


def test_lines_longer_than_a_block_are_read_backwards_whole(tmp_path):
    crawl_log = CrawlLog(tmp_path)
    for number in range(5):
        crawl_log.append(lambda before, n=number: line(n, note="é" * (BLOCK // 2 + n * 1000)))
    assert [each["crawl"] for each in crawl_log.newest_first()] == [
        f"run-{n}" for n in (4, 3, 2, 1, 0)
    ]


@pytest.mark.parametrize("kept", [1, 10, -2])
def test_a_torn_last_line_is_moved_aside_and_the_one_before_counts(tmp_path, kept):
    crawl_log = CrawlLog(tmp_path)
    crawl_log.append(lambda before: line(1))
    whole = crawl_log.path.stat().st_size
    torn = (json.dumps(line(2)) + "\n").encode()[:kept]
    with crawl_log.path.open("ab") as file:
        file.write(torn)
    assert [each["crawl"] for each in crawl_log.newest_first()] == ["run-1"]
    crawl_log.append(lambda before: line(3))
    lines = crawl_log.path.read_bytes()[:whole].splitlines()
    assert len(lines) == 1
    assert [each["crawl"] for each in crawl_log.newest_first()] == ["run-3", "run-1"]
    note = json.loads((tmp_path / "crawls.jsonl.torn").read_text())
    assert note["bytes"].encode() == torn


def test_a_full_disk_leaves_no_half_line(tmp_path, monkeypatch):
    crawl_log = CrawlLog(tmp_path)
    crawl_log.append(lambda before: line(1))
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, data[: len(data) // 2]))
    with pytest.raises(StorageFailed, match="found room"):
        crawl_log.append(lambda before: line(2))
    monkeypatch.undo()
    assert len(crawl_log.path.read_bytes().splitlines()) == 1


def test_what_is_gone_given_up_or_of_another_section_is_final(tmp_path):
    crawl_log = CrawlLog(tmp_path)
    crawl_log.append(lambda before: line(1, gone=[{"id": "old"}]))
    crawl_log.append(lambda before: line(20, given_up=[{"id": "new"}]))
    long_run = {"finished_at": "2026-11-21T00:00:00+07:00", "off_section": [{"id": "other"}]}
    crawl_log.append(lambda before: line(0, **long_run))
    assert crawl_log.finals() == {"old", "new", "other"}
    assert crawl_log.finals(datetime(2026, 11, 10, tzinfo=WIB)) == {"new", "other"}


def test_a_last_line_that_lacks_only_its_newline_is_no_state(tmp_path):
    crawl_log = CrawlLog(tmp_path)
    owed = {"id": "a", "url": "https://x", "reason": "timeout"}
    crawl_log.append(lambda before: line(1, pending=[owed]))
    with crawl_log.path.open("a") as file:
        file.write(json.dumps(line(2)))
    assert list(crawl_log.state().pending) == ["a"]
    assert [each["crawl"] for each in crawl_log.newest_first()] == ["run-1"]


@pytest.mark.parametrize(
    "broken",
    [
        {"crawl": "x"},
        line(3, coverage=[["never", "ever"]]),
        line(3, pending=[{"tries": "a"}]),
        line(3, owed_days=7),
        {**line(3), "coverage": None},
    ],
    ids=str,
)
def test_a_line_that_is_no_state_does_not_forget_what_is_owed(tmp_path, broken):
    crawl_log = CrawlLog(tmp_path)
    owed = {"id": "a", "url": "https://x", "reason": "timeout", "tries": 1, "of": "a later version"}
    crawl_log.append(lambda before: line(1, pending=[owed]))
    crawl_log.append(lambda before: broken)
    assert list(crawl_log.state().pending) == ["a"]


def test_a_disk_that_refuses_is_told_as_such(tmp_path):
    (tmp_path / "crawls.jsonl").mkdir()
    for ask in (
        CrawlLog(tmp_path).state,
        lambda: CrawlLog(tmp_path).append(lambda before: line(1)),
    ):
        with pytest.raises(StorageFailed, match=r"crawls\.jsonl"):
            ask()
    (tmp_path / "file").touch()
    with pytest.raises(StorageFailed, match=r"crawls\.jsonl"):
        CrawlLog(tmp_path / "file")
