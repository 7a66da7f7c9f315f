"""The processes that read: killed, told to stop, at a page that never ends."""

import json
import os
import sys
import time
from pathlib import Path

import pytest

from kompas_crawler.warc import checkpoint, reader
from kompas_crawler.warc.checkpoint import Losses, ReparseCheckpoint
from kompas_crawler.warc.reparse import Reparse
from kompas_crawler.warc.sources import find_sources
from tests import forked
from tests.conftest import ROOT, runs, stored
from tests.saved_pages import addresses, ids_of, kept, site

pytest.importorskip("warcio")


def at_work(folder: Path, *words: str, **environment: str):
    """Return how a rereading ended, and how many seconds after what was done to it."""
    acted = folder / "acted"
    done = forked.run(
        [sys.executable, "-m", "tests.disturbed_reparse", "--from", str(folder / "warc"), *words],
        cwd=ROOT,
        env={**os.environ, **forked.WARNINGS, "ACTED": str(acted), **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done, time.time() - acted.stat().st_mtime if acted.exists() else None


@pytest.fixture
def pages(tmp_path):
    """Forty kept pages; returns their ids."""
    answers = site(40)
    kept(tmp_path / "warc", answers)
    return ids_of(addresses(answers))


def all_read(tmp_path, ids):
    """Read again what is left, and see that nothing is lost."""
    before = len(stored(tmp_path / "out"))
    done, _ = at_work(tmp_path, "--workers", "1", "--output", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    line = runs(tmp_path / "out")[-1]
    assert (line["outcome"], line["stored"]) == ("complete", len(ids) - before)
    assert line["parts_skipped"] >= 2
    assert sorted(record["id"] for record in stored(tmp_path / "out")) == sorted(ids)


def test_a_reader_that_is_killed_ends_the_run_with_a_true_line(tmp_path, pages):
    out = tmp_path / "out"
    done, seconds = at_work(tmp_path, "--workers", "2", "--output", str(out), ACT="reader SIGKILL")
    assert done.returncode == 10, done.stderr
    assert seconds < 5
    assert "started again, it continues where it stopped" in done.stdout
    (line,) = runs(out)
    assert (line["outcome"], line["reason"], line["damage"]) == ("partial", "worker-died", [])
    assert line["stored"] == len(stored(out)) < 40
    all_read(tmp_path, pages)


def test_a_reader_that_is_killed_when_all_is_read_loses_nothing(tmp_path, pages, monkeypatch):
    monkeypatch.setattr(reader, "PART", 20_000)
    parts = len(find_sources([str(tmp_path / "warc")]))
    done, seconds = at_work(
        tmp_path,
        *("--workers", "2", "--output", str(tmp_path / "out")),
        ACT="reader SIGKILL",
        AT=str(parts),
    )
    assert (done.returncode, len(stored(tmp_path / "out"))) == (0, 40), done.stderr
    assert seconds < 5


@pytest.mark.parametrize("who", ["itself", "all"])
def test_a_run_told_to_stop_leaves_a_page_that_never_ends(tmp_path, pages, who):
    out = tmp_path / "out"
    done, seconds = at_work(
        tmp_path,
        *("--workers", "2", "--output", str(out)),
        ACT=f"{who} SIGTERM",
        AFTER="0.5",
        ENDLESS=pages[25],
    )
    assert done.returncode == 16, done.stderr
    assert seconds < 5
    (line,) = runs(out)
    assert (line["outcome"], line["stored"]) == ("stopped", len(stored(out)))
    assert 0 < line["stored"] <= 25
    all_read(tmp_path, pages)


@pytest.mark.parametrize("after", ["0", "0.5"])
def test_a_single_reader_is_left_too(tmp_path, pages, after):
    """Told to stop before the page that never ends is waited for, and while it is."""
    out = tmp_path / "out"
    words = ["--workers", "1", "--output", str(out)]
    done, seconds = at_work(tmp_path, *words, ACT="itself SIGTERM", AFTER=after, ENDLESS=pages[14])
    assert done.returncode == 16, done.stderr
    assert seconds < 5
    assert "stopped: " in done.stdout
    all_read(tmp_path, pages)


def test_a_rule_mended_in_a_folder_is_a_reason_to_read_all_again(tmp_path, monkeypatch):
    kept(tmp_path / "warc", site(2))
    sources = find_sources([str(tmp_path / "warc")])
    ReparseCheckpoint(tmp_path, sources).mark(1, Losses())
    assert ReparseCheckpoint(tmp_path, sources).read() == (1, Losses())
    names = {name for name, _ in checkpoint._modules(checkpoint.resources.files("kompas_crawler"))}
    assert {"/pages/article.py", "/commands/reparse.py", "/exports/columns.py"} <= names
    package = tmp_path / "kompas_crawler"
    (package / "rules").mkdir(parents=True)
    rule = package / "rules" / "lead.py"
    rule.write_text("LEAD = 1\n")
    monkeypatch.setattr(checkpoint.resources, "files", lambda _: package)
    ReparseCheckpoint(tmp_path, sources).mark(1, Losses())
    assert ReparseCheckpoint(tmp_path, sources).read() == (1, Losses())
    rule.write_text("LEAD = 2\n")
    assert ReparseCheckpoint(tmp_path, sources).read() == (0, Losses())


def test_where_reading_goes_on_within_a_file_is_remembered(tmp_path, monkeypatch):
    """A part of a packed file that a run begins with has nobody before it to tell where it is."""
    kept(tmp_path / "warc", site(12))
    monkeypatch.setattr(reader, "PART", 10_000)
    monkeypatch.setattr(checkpoint, "MARK_EVERY", 0)
    sources = find_sources([str(tmp_path / "warc")])
    run = Reparse(tmp_path / "out", sources, workers=1)
    run.execute(lambda _: run._stop() if len(stored(tmp_path / "out")) > 2 else None)
    told = json.loads((tmp_path / "out" / ".reparse.json").read_text())
    assert told["place"]["at"] > sources[told["parts"]].start
    assert told["place"]["doubt"] is None
    line = Reparse(tmp_path / "out", sources, workers=1).execute(lambda _: None)
    assert (line["outcome"], len(stored(tmp_path / "out"))) == ("complete", 12)
