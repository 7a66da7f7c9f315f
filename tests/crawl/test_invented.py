"""What the stand-in invents is told as invented wherever people meet it, and lies apart."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest

from kompas_crawler.archive.record import line_of
from kompas_crawler.archive.store import Archive
from kompas_crawler.runs.invented import invented_runs
from kompas_crawler.runs.run import Run
from kompas_crawler.warc.checkpoint import ReparseCheckpoint
from kompas_crawler.warc.read_pages import ParsedPart
from kompas_crawler.warc.reparse import ReparseStorage
from tests.cli.test_read_only import RUN, article
from tests.conftest import PATIENCE, QUICK, ROOT, environment, runs, stored
from tests.in_process import run_in_process
from tests.saved_pages import NOON


@pytest.fixture
def mixed(stand_in, crawl, tmp_path):
    """An archive with invented articles, and one that a true run has stored."""
    done = crawl(stand_in("--days", "1", "--per-day", "4"), "international", "since=1d")
    assert done.line["stand_in"] is True
    (done.output / "articles" / "2024-01.jsonl").write_bytes(line_of(article(1, "Satu", "Teks.")))
    with (done.output / "crawls.jsonl").open("a") as file:
        file.write(json.dumps(RUN) + "\n")
    return done.output


def test_show_export_and_report_tell_what_is_invented(mixed, tmp_path):
    invented = [record for record in stored(mixed) if record["crawl"] != RUN["crawl"]]
    number = len(invented)
    shown = run_in_process("show", invented[0]["id"], output=mixed)
    assert shown.out.splitlines()[2].startswith("Invented   this article comes from the bundled")
    told = run_in_process("show", invented[0]["id"], "--json", output=mixed)
    assert told.log.startswith("Invented: this article comes from the bundled stand-in")
    assert told.json == invented[0]
    assert "Invented" not in run_in_process("show", "2024/01/01/080100001", output=mixed).out

    done = run_in_process("export", "--to", str(tmp_path / "a.csv"), output=mixed)
    assert f"Invented: {number} of these articles come from the bundled" in done.log
    done = run_in_process("export", "--to", str(tmp_path / "b.csv"), "--json", output=mixed)
    assert done.json["invented"] == number
    true = run_in_process(
        "export", "--to", str(tmp_path / "c.csv"), "--until", "2024-12", output=mixed
    )
    assert true.log == ""

    folder = tmp_path / "dataset"
    run_in_process("export", "--to", str(folder), "--format", "dataset", output=mixed)
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert f"**Invented: {number} of these articles come from the bundled stand-in" in card
    assert '"invented"' in card.partition("---\n\n")[0]

    done = run_in_process("report", "--to", str(tmp_path / "a.html"), output=mixed)
    assert "Invented" in done.log
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert f"Invented: {number} articles come from the bundled stand-in" in page


def test_search_and_changes_tell_what_is_invented(mixed):
    invented = next(record for record in stored(mixed) if record["crawl"] != RUN["crawl"])
    path = mixed / "articles" / f"{invented['id'][:7].replace('/', '-')}.jsonl"
    again = invented | {"revision": 2, "text": "Teks lain.", "word_count": 2}
    with path.open("ab") as file:
        file.write(json.dumps(again).encode() + b"\n")
    words = invented["title"].split()[0]
    found = run_in_process("search", words, output=mixed)
    assert f"{invented['id']} · invented" in found.out
    assert found.log.startswith("Invented: ")
    assert run_in_process("search", words, "--json", output=mixed).log.startswith("Invented: ")
    assert run_in_process("search", "Satu", "--until", "2024-12", output=mixed).log == ""
    changed = run_in_process("changes", output=mixed)
    assert ", invented\n" in changed.out
    assert changed.log.startswith("Invented: these articles come from the bundled stand-in")
    assert run_in_process("changes", "--json", output=mixed).log == changed.log
    assert run_in_process("changes", "2024/01/01/080100001", output=mixed).log == ""


def test_what_the_stand_in_has_taken_away_is_told_as_invented(stand_in, crawl):
    site = stand_in("--days", "1", "--per-day", "4")
    site.fail({"kind": "remove", "match": f"*{site.ids()[0]}*"})
    done = crawl(site, "international", "since=1d")
    told = run_in_process("changes", output=done.output)
    assert told.out.startswith("gone (404), seen")
    assert f"WIB, invented: {done.line['gone'][0]['id']}" in told.out
    assert told.log.startswith("Invented: these articles come from the bundled stand-in")


def test_pages_kept_from_the_stand_in_are_read_again_as_invented(stand_in, crawl, tmp_path):
    pytest.importorskip("warcio")
    site = stand_in("--days", "1", "--per-day", "4")
    kept = crawl(site, "international", "since=1d", "keep=warc").output / "warc"
    done = run_in_process("reparse", "--from", str(kept), output=tmp_path / "again")
    (line,) = runs(tmp_path / "again")
    assert line["stand_in"] is True
    assert line["seen"]["invented"] == line["seen"]["pages"] > 0
    assert done.code == 0
    id_ = stored(tmp_path / "again")[0]["id"]
    assert "Invented" in run_in_process("show", id_, output=tmp_path / "again").out


def test_a_rereading_that_goes_on_knows_that_the_first_part_was_invented(tmp_path):
    pytest.importorskip("warcio")
    run = Run(id="reparse-1", spider="reparse", started_at=NOON, section="global")
    with Archive(tmp_path) as archive:
        storing = ReparseStorage(run, archive)
        storing.take(ParsedPart(seen=Counter(invented=1, pages=1)), 0)
        checkpoint = ReparseCheckpoint(tmp_path, ())
        checkpoint.mark(0, storing.lost_before(1))
        after = ReparseStorage(replace(run, notes={}), archive)
        after.restore(checkpoint.read()[1])
    assert after.run.notes == {"stand_in": True}


def test_a_run_that_was_killed_is_known_by_the_one_after_it():
    lines = [{"crawl": "two", "stand_in": True, "after_crash_of": "one"}, {"crawl": "three"}]
    assert invented_runs(lines) == {"one", "two"}


def standin(home, *words, output, told):
    """Run `python -m kompas_standin … --run scrapy crawl` with this environment."""
    quick = [part for k, v in QUICK.items() for part in ("-s", f"{k}={v}")]
    crawl = [sys.executable, "-m", "scrapy", "crawl", "international", "-a", "since=1d", *quick]
    kept = {k: v for k, v in environment(None, output).items() if k != "KOMPAS_OUTPUT_DIR"}
    options = ["--days", "1", "--per-day", "3", *words]
    return subprocess.run(
        [sys.executable, "-m", "kompas_standin", *options, "--run", *crawl],
        check=False,
        cwd=home,
        env=kept | {"PYTHONPATH": str(ROOT)} | told,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def test_the_stand_in_stores_apart_unless_it_is_told_to(tmp_path):
    (tmp_path / "scrapy.cfg").write_bytes((ROOT / "scrapy.cfg").read_bytes())
    assert standin(tmp_path, output=tmp_path, told={}).returncode == 0
    assert len(runs(tmp_path / "output" / "stand-in")) == 1

    true = tmp_path / "true"
    (true / "articles").mkdir(parents=True)
    (true / "crawls.jsonl").write_text(json.dumps(RUN) + "\n")
    told = {"KOMPAS_OUTPUT_DIR": str(true)}
    for number in (1, 2):
        assert standin(tmp_path, output=true, told=told).returncode == 0
        assert len(runs(true)) == 1
        assert len(runs(true / "stand-in")) == number

    empty = tmp_path / "empty"
    for number in (1, 2):  # a directory of its own stays its own
        assert (
            standin(tmp_path, output=empty, told={"KOMPAS_OUTPUT_DIR": str(empty)}).returncode == 0
        )
        assert len(runs(empty)) == number

    assert standin(tmp_path, "--output", str(true), output=true, told=told).returncode == 0
    assert [line.get("stand_in") for line in runs(true)] == [None, True]
    refused = standin(tmp_path, "--output", "~nosuch", output=true, told=told)
    assert refused.returncode == 2
    assert "user who is unknown here" in refused.stderr
