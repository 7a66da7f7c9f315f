"""The runs' lines on disk."""

import json
import os

import pytest

from kompas_crawler.errors import StorageFailed
from kompas_crawler.ledger import BLOCK, Ledger
from kompas_crawler.runs import State


def line(number, **more):
    return {
        "crawl": f"run-{number}",
        "started_at": f"2026-11-{number % 28 + 1:02}T00:00:00+07:00",
        "pending": [],
        "coverage": [],
        **more,
    }


def test_an_empty_directory_has_proven_nothing(tmp_path):
    assert Ledger(tmp_path / "new").state() == State()


def test_the_state_is_the_last_line_s(tmp_path):
    ledger = Ledger(tmp_path)
    for number in range(3):
        owed = {"id": f"a{number}", "url": "https://x", "reason": "timeout", "tries": number}
        ledger.append(lambda before, n=number, o=owed: line(n, pending=[o]))
    assert list(ledger.state().pending) == ["a2"]


def test_lines_longer_than_a_block_are_read_backwards_whole(tmp_path):
    ledger = Ledger(tmp_path)
    for number in range(5):
        ledger.append(lambda before, n=number: line(n, note="é" * (BLOCK // 2 + n * 1000)))
    assert [each["crawl"] for each in ledger.newest_first()] == [
        f"run-{n}" for n in (4, 3, 2, 1, 0)
    ]


@pytest.mark.parametrize("kept", [1, 10, -2])
def test_a_torn_last_line_is_moved_aside_and_the_one_before_counts(tmp_path, kept):
    ledger = Ledger(tmp_path)
    ledger.append(lambda before: line(1))
    whole = ledger.path.stat().st_size
    torn = (json.dumps(line(2)) + "\n").encode()[:kept]
    with ledger.path.open("ab") as file:
        file.write(torn)
    assert [each["crawl"] for each in ledger.newest_first()] == ["run-1"]
    ledger.append(lambda before: line(3))
    lines = ledger.path.read_bytes()[:whole].splitlines()
    assert len(lines) == 1
    assert [each["crawl"] for each in ledger.newest_first()] == ["run-3", "run-1"]
    assert (tmp_path / "crawls.jsonl.torn").read_bytes().rstrip(b"\n") == torn


def test_a_full_disk_leaves_no_half_line(tmp_path, monkeypatch):
    ledger = Ledger(tmp_path)
    ledger.append(lambda before: line(1))
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, data[: len(data) // 2]))
    with pytest.raises(StorageFailed, match="found room"):
        ledger.append(lambda before: line(2))
    monkeypatch.undo()
    assert len(ledger.path.read_bytes().splitlines()) == 1


def test_what_is_gone_or_given_up_is_final(tmp_path):
    ledger = Ledger(tmp_path)
    ledger.append(lambda before: line(1, gone=[{"id": "old"}]))
    ledger.append(lambda before: line(20, given_up=[{"id": "new"}]))
    from datetime import datetime

    from kompas_crawler.datelines import WIB

    assert ledger.finals() == {"old", "new"}
    assert ledger.finals(datetime(2026, 11, 10, tzinfo=WIB)) == {"new"}
