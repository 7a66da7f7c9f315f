"""What a publisher wants taken out is out for good, and the archive stays true."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest

from kompas_crawler.archive.locks import RunLock, lock_path
from tests.command_line import scrapy
from tests.conftest import SEED, launched, runs, stored
from tests.in_process import run_in_process

pytest.importorskip("warcio")

WHY = "asked by the publisher"


def holding(folder: Path, text: str) -> list[str]:
    """The files that hold a text, whether packed or not."""
    found = []
    for path in filter(Path.is_file, folder.rglob("*")):
        raw = path.read_bytes()
        packed = raw.startswith(b"\x1f\x8b")
        if text.encode() in (gzip.decompress(raw) if packed else raw):
            found.append(path.name)
    return found


def sentence_of(record) -> str:
    """What only the article's own page has; its title is in the lists of other pages too."""
    return record["text"].split("\n\n")[-1][:60]


@pytest.fixture(scope="module")
def site():
    with launched("--seed", SEED, "--days", "2", "--per-day", "6") as remote:
        yield remote


@pytest.fixture(scope="module")
def withdrawn(site, tmp_path_factory):
    """An archive from which an article was withdrawn, a copy from before, and its record."""
    kept, before = (tmp_path_factory.mktemp(name) / "output" for name in ("kept", "before"))
    words = ("backfill", "-a", "since=1d", "-a", "keep=warc")
    assert scrapy("crawl", *words, output=kept, remote=site).code == 0
    shutil.copytree(kept, before)
    record = stored(kept)[3]
    assert len(holding(kept, sentence_of(record))) == 2
    done = run_in_process("withdraw", record["url"], "--reason", WHY, output=kept)
    assert done.code == 0, done.log
    month = f"{record['id'][:7].replace('/', '-')}.jsonl"
    assert f"articles/{month}: 1 line removed" in done.out
    assert "1 record removed" in done.out
    return kept, before, record


@pytest.fixture
def archive(withdrawn, tmp_path):
    """A copy of it that a test may change."""
    return Path(shutil.copytree(withdrawn[0], tmp_path / "output")), *withdrawn[1:]


def test_no_file_holds_it_any_more_and_all_others_are_there(withdrawn):
    kept, before, record = withdrawn
    assert holding(kept, sentence_of(record)) == []
    assert stored(kept) == [each for each in stored(before) if each != record]
    records = [
        gzip.decompress(next((each / "warc").iterdir()).read_bytes()).count(b"WARC-Type: ")
        for each in (kept, before)
    ]
    assert records[0] == records[1] - 1
    assert run_in_process("verify", output=kept).code == 0


def test_it_is_not_collected_again_and_the_runs_are_complete(archive, site, crawl):
    kept, _, record = archive
    done = crawl(site, "backfill", "since=1d", output=kept)
    assert (done.code, done.line["read"], done.line["stored"]) == (0, 0, 0), done.log
    assert "vanished" not in done.line
    asked = crawl(site, "articles", f"url={record['id']}", "recheck=yes", output=kept)
    assert (asked.code, asked.line["read"], asked.line["stored"]) == (0, 0, 0), asked.log
    days = scrapy("coverage", "--since=1d", "--json", remote=site, output=kept)
    assert days.code == 0, days.log
    assert (days.json["sums"]["withdrawn"], days.json["sums"]["missing"]) == (1, 0)
    table = scrapy("coverage", "--since=1d", remote=site, output=kept)
    assert "Withdrawn, and not collected again: 1 article." in table.out


def test_an_index_that_still_knows_it_takes_it_for_no_loss(archive, site, crawl):
    kept, before, _ = archive
    run_in_process("search", "kapal", output=before)
    shutil.copy(before / ".index.sqlite", kept)
    done = crawl(site, "backfill", "since=1d", output=kept)
    assert "no longer in it" not in done.log
    assert (done.code, done.line.get("vanished")) == (0, None)


def test_pages_kept_elsewhere_do_not_bring_it_back(archive):
    kept, before, _ = archive
    done = run_in_process("reparse", "--from", str(before / "warc"), output=kept)
    assert done.code == 0, done.log
    assert runs(kept)[-1]["stored"] == 0


def test_show_says_why_and_a_list_from_before_is_told_so(archive, tmp_path):
    kept, before, record = archive
    shown = run_in_process("show", record["id"], output=kept)
    assert shown.code == 23
    assert "is not stored: withdrawn " in shown.out
    assert WHY in shown.out
    listed = str(tmp_path / "list")
    assert run_in_process("export", "--format=manifest", "--to", listed, output=before).code == 0
    compared = run_in_process("verify", "--against", listed, output=kept)
    assert (compared.code, f"withdrawn: {record['id']}" in compared.out) == (24, True)


def test_what_a_backup_brings_back_is_named_and_taken_out_again(archive):
    kept, _, record = archive
    month = next((kept / "articles").glob(f"{record['id'][:4]}-{record['id'][5:7]}.jsonl"))
    with month.open("a", encoding="utf-8") as file:
        file.write(json.dumps(record, ensure_ascii=False) + "\n")
        file.write(json.dumps(record, separators=(",", ":")) + "\n")
    found = run_in_process("verify", output=kept)
    assert (found.code, "withdrawn: " in found.out) == (20, True)
    again = run_in_process("withdraw", output=kept)
    assert (again.code, f"articles/{month.name}: 2 lines removed" in again.out) == (0, True)
    assert run_in_process("verify", output=kept).code == 0


def test_what_may_still_hold_it_is_named(archive):
    kept, _, record = archive
    month = next((kept / "articles").iterdir())
    copy = month.with_name(f"{month.name}.before-repair-20261123T120000")
    copy.write_text(json.dumps(record) + "\n")
    packed = next((kept / "warc").iterdir())
    packed.write_bytes(packed.read_bytes()[:-9])
    done = run_in_process("withdraw", output=kept)
    assert f"articles/{copy.name}: may still hold withdrawn articles" in done.out
    assert f"warc/{packed.name}: may still hold withdrawn articles" in done.out


def test_a_file_that_is_written_anew_keeps_its_mode(archive):
    kept, _, _ = archive
    files = [*(kept / "articles").iterdir(), *(kept / "warc").iterdir()]
    for path in files:
        path.chmod(0o640)
    before = {path: path.stat().st_ino for path in files}
    ids = [record["id"] for record in stored(kept)]
    done = run_in_process("withdraw", *ids, "--reason", WHY, output=kept)
    assert done.code == 0, done.log
    assert all(path.stat().st_ino != before[path] for path in files), "each is a new file"
    assert {path.stat().st_mode & 0o777 for path in files} == {0o640}


def test_nothing_is_withdrawn_during_a_run_or_by_a_list_that_cannot_be_read(archive):
    kept, _, record = archive
    listed = kept / "withdrawn.jsonl"
    with RunLock(lock_path(kept, "backfill"), "a run"):
        busy = run_in_process("withdraw", stored(kept)[0]["id"], "--reason=x", output=kept)
    assert (busy.code, len(listed.read_bytes().splitlines())) == (15, 1)
    for words in ([record["id"]], ["--reason=x"], ["x", "--reason=x"]):
        assert run_in_process("withdraw", *words, output=kept).code == 2
    listed.write_bytes(b"{}\n")
    unread = run_in_process("search", "kapal", output=kept)
    assert (unread.code, "names no withdrawn article" in unread.log) == (14, True)
