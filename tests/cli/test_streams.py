"""Streams that are closed, full or of another encoding, and files that are none: one sentence."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path

import pytest

from kompas_crawler.runs.outcome import EXIT_CODES, Outcome
from tests import forked
from tests.cli.test_read_only import ID, LOOKS, NOBODY, article, as_somebody_else, contents, shared
from tests.conftest import PATIENCE, ROOT, environment
from tests.in_process import run_in_process

__all__ = ["shared"]

STORAGE = EXIT_CODES[Outcome.STORAGE]


def given(words, home):
    return [word.format(free=home / "free") for word in words]


def run(line, words, home, **told):
    """Run `scrapy WORDS` with a shell's redirection."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with OPENED.get(line, nullcontext)() as changed:
        return forked.run(
            [sys.executable, "-m", "scrapy", *given(words, home)],
            **(streams | (changed or CLOSED.get(line, {}))),
            cwd=ROOT,
            env=environment(None, home / "output") | told,
            text=True,
            errors="replace",
            timeout=PATIENCE,
        )


@contextmanager
def full(name):
    with Path("/dev/full").open("w") as file:
        yield {name: file}


@contextmanager
def unread():
    """A pipe whose reader has gone."""
    reads, writes = os.pipe()
    os.close(reads)
    yield {"stdout": writes}
    os.close(writes)


CLOSED = {">&-": {"closed": ["stdout"]}, "2>&-": {"closed": ["stderr"]}}
OPENED = {
    ">/dev/full": partial(full, "stdout"),
    "2>/dev/full": partial(full, "stderr"),
    "| true": unread,
}


def shell(line, words, home):
    """Run `scrapy WORDS` in a shell."""
    command = [sys.executable, "-m", "scrapy", *given(words, home)]
    return subprocess.run(
        ["bash", "-c", f'set -o pipefail; "$@" {line}', "bash", *command],
        check=False,
        cwd=ROOT,
        env=environment(None, home / "output"),
        capture_output=True,
        text=True,
        errors="replace",
        timeout=PATIENCE,
    )


OTHERS = [["list"], ["backfill-plan", "--since", "2d", "--nodes", "2"]]


@pytest.mark.parametrize("words", LOOKS[:3] + LOOKS[4:6] + LOOKS[7:] + OTHERS, ids=" ".join)
def test_output_that_reaches_nobody_is_told(shared, words):
    for line in (">&-", ">/dev/full"):
        done = run(line, words, shared)
        assert (done.returncode, done.stderr.count("\n")) == (STORAGE, 1), done.stderr
    gone = run("| true", words, shared)
    assert (gone.returncode, gone.stderr) == (0, "")
    assert run("2>&-", words, shared).returncode == 0
    assert run("2>/dev/full", [*words, "--foo"], shared).returncode == 2


def test_a_shell_redirects_as_these_tests_do(shared):
    words = ["search", "rusia"]
    for line in (*CLOSED, *OPENED):
        one, other = (door(line, words, shared) for door in (run, shell))
        assert (one.returncode, one.stderr or "") == (other.returncode, other.stderr), line


def test_a_crawl_ends_as_it_ends_whatever_its_streams_are(shared):
    for line in (">&-", "2>&-", "2>/dev/full", "<&-"):
        assert shell(line, ["crawl", "articles", "-a", "url=x"], shared).returncode == 2, line


def test_what_is_opened_never_takes_the_number_of_a_closed_stream(shared, tmp_path):
    """A child process or a library that prints would write into the archive."""
    done = subprocess.run(
        ["bash", "-c", '"$@" >&- 2>&- <&-', "bash", sys.executable, "-c", PRINTING, "0"],
        check=False,
        cwd=ROOT,
        env=environment(None, tmp_path),
        timeout=PATIENCE,
    )
    assert done.returncode == 0
    assert (tmp_path / "file").read_bytes() == b"line\n"


PRINTING = """
import os
from pathlib import Path
from kompas_crawler.cli.streams import open_missing_streams
open_missing_streams()
with (Path(os.environ["KOMPAS_OUTPUT_DIR"]) / "file").open("wb") as file:
    for number in (1, 2):
        os.write(number, b"noise")
    file.write(b"line\\n")
"""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_json_is_whole_on_a_terminal_of_another_encoding(shared, encoding):
    month = shared / "output" / "articles" / "2024-01.jsonl"
    title = "Erdoğan – “Kyiv” 🚀 ğ"
    from kompas_crawler.archive.record import line_of

    month.write_bytes(month.read_bytes() + line_of(article(9, title, "Teks rusia.")))
    for words in (["show", ID[:11] + "080900009", "--json"], ["search", "kyiv", "--json"]):
        out = subprocess.run(
            [sys.executable, "-m", "scrapy", *words],
            check=True,
            cwd=ROOT,
            env=environment(None, shared / "output") | {"PYTHONIOENCODING": encoding},
            stdout=subprocess.PIPE,
            timeout=PATIENCE,
        ).stdout
        assert json.loads(out.decode(encoding))["title"] == title
    shown = run("", ["show", ID[:11] + "080900009"], shared, PYTHONIOENCODING=encoding)
    assert (shown.returncode, shown.stderr) == (0, "")


@pytest.mark.parametrize("kind", ["folder", "fifo"])
@pytest.mark.parametrize("name", ["articles/2024-01.jsonl", "crawls.jsonl"])
def test_what_is_no_file_is_told_and_never_waited_for(shared, kind, name):
    path = shared / "output" / name
    path.unlink()
    (path.mkdir if kind == "folder" else lambda: os.mkfifo(path))()
    asked = 0
    for words in (*LOOKS, ["verify", "--repair"]):
        done = run_in_process(*given(words, shared), output=shared / "output")
        asked += done.code == STORAGE
        if done.code != 0 and words[0] != "show":
            assert (done.code, done.out, done.log.count("\n")) == (STORAGE, "", 1), (words, done)
            assert f"{path} is no regular file" in done.log
    assert asked >= 5


@pytest.mark.parametrize("name", ["articles", "articles/2024-01.jsonl", "crawls.jsonl", "."])
def test_what_may_not_be_read_is_told(shared, name):
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("setpriv is not there, which makes root another user")
    path = shared / "output" / name
    path.chmod(0)
    looks = (["search", "rusia"], ["changes"], ["verify"], ["export", "--to", "{free}/a.csv"])
    try:
        for done in as_somebody_else(shared, *looks):
            assert (done.code, done.log.count("\n")) == (STORAGE, 1), done.log
            assert "Permission denied" in done.log
    finally:
        path.chmod(0o755)


def test_an_output_directory_is_shared_by_a_group(shared, stand_in):
    """Two users of one group run one after the other, with the umask that a group shares by."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root can be two other users")
    root = shared / "output"
    shutil.rmtree(root)
    root.mkdir()
    os.chown(root, NOBODY, 54321)
    root.chmod(0o2775)
    site = stand_in("--days", "2", "--per-day", "3")
    site.ca.chmod(0o644)
    site.ca.parent.chmod(0o755)
    for user, since in ((54322, "1d"), (54323, "2d")):
        who = ["setpriv", f"--reuid={user}", "--regid=54321", "--clear-groups"]
        words = ["crawl", "international", "-a", f"since={since}", "-a", "keep=warc"]
        words += ["-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0"]
        done = subprocess.run(
            [*who, sys.executable, "-m", "scrapy", *words],
            check=False,
            cwd=ROOT,
            env=environment(site, root) | {"HOME": "/nonexistent"},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            umask=0o002,
        )
        assert done.returncode == 0, done.stderr
        assert "No index can be kept" not in done.stderr
    assert len(contents(root)["crawls.jsonl"].splitlines()) == 2
