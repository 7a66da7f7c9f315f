"""What `make bench` keeps and compares; the measuring itself is not repeated here."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from bench import run
from tests.conftest import ROOT

COSTS = {"median": 2.0, "mean": 2.0}
RESULTS: dict[str, Any] = {
    "pages": {"read_article / bare parse": 1.05},
    "reparse": {"1 worker / 2 workers": 1.6},
    "crawl": {
        "of the pages/s of a parsing callback": 0.8,
        "of the pages/s of an empty callback": 0.5,
        "of the pages/s of Scrapy alone": 0.4,
        "CPU of an empty callback / crawl": 0.5,
    },
    "backfill": {"growth of the last half in %": 1.0},
    "exports": {"articles": 9, "bare": {"s": 1}, "1. verify": {"s": 3, "CPU / bare": 2.5}},
    "archive": [
        {"ids": ids, **dict.fromkeys(("open_month", "ask_known", "append"), COSTS)}
        for ids in (1_000, 100_000)
    ],
}


@pytest.fixture
def bench(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    """Run `make bench` with parts that are as fast as `results` says; return what it prints."""
    monkeypatch.setattr(run, "HISTORY", tmp_path / "history.jsonl")
    monkeypatch.setattr("sys.argv", ["bench"])
    monkeypatch.setenv("COLUMNS", "200")

    def measured(results: dict[str, Any]) -> str:
        class Said:
            def __init__(self, part: str, *_: str) -> None:
                self.said = json.dumps(results[part.removeprefix("bench.")])

        monkeypatch.setattr(run, "timed", Said)
        run.main()
        return capsys.readouterr().out

    return measured


def test_what_became_slower_by_more_than_a_tenth_is_named(bench, tmp_path):
    assert "slower than" not in bench(RESULTS)
    worse = RESULTS | {"pages": {"read_article / bare parse": 1.3}}
    (told,) = [row for row in bench(worse).splitlines() if row.startswith("slower than")]
    assert told.endswith("read_article / bare parse, 1.3 instead of 1.05 (+24 %)")
    assert "slower than" not in bench(worse), "it is compared with the last line only"
    lines = [json.loads(row) for row in (tmp_path / "history.jsonl").read_text().splitlines()]
    assert [line["ratios"]["read_article / bare parse"] for line in lines] == [1.05, 1.3, 1.3]
    assert lines[0]["ratios"]["crawl / empty callback"] == 2.0
    assert lines[0]["versions"].keys() == {"python", *run.PACKAGES}


def test_a_line_names_no_host_and_no_path(bench, tmp_path):
    bench(RESULTS)
    text = (tmp_path / "history.jsonl").read_text()
    for secret in (socket.gethostname(), str(ROOT), str(Path.home()) + "/", os.uname().release):
        assert secret not in text


def test_another_machine_is_not_compared_with(bench, tmp_path):
    bench(RESULTS)
    path = tmp_path / "history.jsonl"
    path.write_text(path.read_text().replace(" cores, ", "0 cores, "))
    assert "slower than" not in bench(RESULTS | {"pages": {"read_article / bare parse": 9}})
