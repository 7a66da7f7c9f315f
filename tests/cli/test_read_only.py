"""Who may only read the output directory can read it: nothing there is changed, and nothing fails."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from kompas_crawler.archive.record import line_of
from kompas_crawler.archive.sqlite_cache import NAME
from kompas_crawler.archive.store import Archive
from kompas_crawler.search.fulltext import FullText
from tests.command_line import Done, scrapy
from tests.conftest import PATIENCE, ROOT, environment
from tests.in_process import run_in_process
from tests.search.test_search import article as article_of

NOBODY = 65534
SOMEBODY_ELSE = (
    ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    if os.geteuid() == 0
    else []
)
ID = "2024/01/01/080100001"
RUN = {
    "crawl": "international-20240101T000000-aaaaaa",
    "spider": "international",
    "outcome": "complete",
    "started_at": "2024-01-01T00:00:00+07:00",
    "finished_at": "2024-01-01T00:00:09+07:00",
}
LOOKS = [
    ["show", ID],
    ["search", "rusia"],
    ["export", "--to", "{free}/a.csv", "--force"],
    ["export", "--to", "{free}/b.jsonl", "--all-revisions", "--force"],
    ["report", "--to", "{free}/c.html"],
    ["changes"],
    ["changes", ID],
    ["verify"],
    ["health", "--within", "52000w"],
]


def article(number, title, text):
    made = article_of(number, title, text)
    url = f"https://www.kompas.com/global/read/{made.id}/judul"
    return replace(made, url=url, updated_at=None, crawl=RUN["crawl"])


@pytest.fixture
def shared():
    """A directory that others may enter, with an archive that only its owner may write."""
    with tempfile.TemporaryDirectory() as made:
        home = Path(made)
        (home / "output" / "articles").mkdir(parents=True)
        (home / "free").mkdir()
        lines = [line_of(article(1, "Kapal rusia", "Teks.")), line_of(article(2, "Dua", "Rusia."))]
        (home / "output" / "articles" / "2024-01.jsonl").write_bytes(b"".join(lines))
        (home / "output" / "crawls.jsonl").write_text(json.dumps(RUN) + "\n")
        home.chmod(0o755)
        (home / "free").chmod(0o777)
        yield home
        for path in (home / "output", home / "output" / "articles"):
            path.chmod(0o755)


def as_somebody_else(home, *looks):
    """Run commands as a user who may only read; as the owner without that right, if need be."""
    output = home / "output"
    given = [[word.format(free=home / "free") for word in words] for words in looks]
    if os.geteuid() != 0:
        for path in (output / "articles", output):
            path.chmod(0o555)
    told = environment(None, output) | {"PYTHONDONTWRITEBYTECODE": "1", "HOME": "/nonexistent"}
    done = subprocess.run(
        [*SOMEBODY_ELSE, sys.executable, "-m", "tests.in_process", str(output), json.dumps(given)],
        check=False,
        cwd=ROOT,
        env=told,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return [Done(**each) for each in json.loads(done.stdout)]


@pytest.fixture(scope="module", autouse=True)
def _others_can_run_python():
    words = [*SOMEBODY_ELSE, sys.executable, "-c", "import scrapy"]
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("setpriv is not there, which makes root another user")
    if subprocess.run(words, check=False, capture_output=True).returncode:
        pytest.skip("another user cannot run this Python")


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("index", ["this version's", "another version's", None])
def test_a_look_needs_no_right_to_write(shared, index):
    output = shared / "output"
    if index:
        with Archive(output) as archive:
            assert ID in archive
        assert run_in_process("search", "rusia", output=output).code == 0
        assert (output / NAME).exists()
    if index == "another version's":
        with closing(sqlite3.connect(output / NAME)) as db:
            db.executescript("PRAGMA user_version = 1; PRAGMA wal_checkpoint(TRUNCATE)")
    before = contents(output)
    for words, done in zip(LOOKS, as_somebody_else(shared, *LOOKS), strict=True):
        assert (done.code, done.log) == (0, ""), words
        assert "was not checked" not in done.out, words
    assert contents(output) == before


def test_a_search_sees_what_came_after_the_index_of_somebody_else(shared):
    output = shared / "output"
    assert run_in_process("search", "rusia", output=output).code == 0
    with (output / "articles" / "2024-01.jsonl").open("ab") as file:
        file.write(line_of(article(3, "Rusia lagi", "Teks.")))
    (done,) = as_somebody_else(shared, ["search", "rusia"])
    assert "3 articles." in done.out


def test_the_index_of_somebody_else_spares_reading_everything_again(shared, monkeypatch):
    output = shared / "output"
    # In a process of its own, so that nobody holds the index open while it is copied.
    assert scrapy("search", "rusia", output=output).code == 0
    monkeypatch.setattr("kompas_crawler.archive.sqlite_cache.may_write", lambda path: False)
    with Archive(output, read_only=True, to_search=True) as archive:
        assert FullText(archive).unread() == 0


def test_verify_still_tells_what_is_wrong(shared):
    with (shared / "output" / "articles" / "2024-01.jsonl").open("ab") as file:
        file.write(b'{"id": "2024/01/01/')
    (done,) = as_somebody_else(shared, ["verify"])
    assert done.code == 20
    assert "1 torn" in done.out


@pytest.mark.parametrize("words", LOOKS[:7], ids=" ".join)
def test_a_look_of_the_owner_mends_nothing(shared, words):
    month = shared / "output" / "articles" / "2024-01.jsonl"
    with month.open("ab") as file:
        file.write(b'{"id": "2024/01/01/')
    before = month.read_bytes()
    given = [word.format(free=shared / "free") for word in words]
    assert run_in_process(*given, output=shared / "output").code == 0
    assert month.read_bytes() == before
    assert not month.with_name("2024-01.jsonl.torn").exists()
    with Archive(shared / "output") as archive:  # a run does
        assert ID in archive
        assert len(archive.torn_lines) == 1


def test_root_leaves_no_cache_in_the_directory_of_somebody_else(shared):
    if os.geteuid() != 0:
        pytest.skip("only root can give a directory away")
    for path in (shared / "output", *(shared / "output").rglob("*")):
        shutil.chown(path, NOBODY, NOBODY)
    for words in LOOKS:
        given = [word.format(free=shared / "free") for word in words]
        assert run_in_process(*given, output=shared / "output").code == 0
    assert sorted(path.name for path in (shared / "output").iterdir()) == [
        "articles",
        "crawls.jsonl",
    ]
