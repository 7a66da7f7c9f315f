"""A page that its reader chokes on costs one page, however often it ended a run."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kompas_crawler.archive.locks import lock_path
from kompas_crawler.budget import SECONDS
from kompas_crawler.pages.markup import MOST_ATTRIBUTES, excess_of
from kompas_crawler.urls import clock_of
from tests import forked
from tests.conftest import PATIENCE, ROOT, Remote, command, environment, runs, stored
from tests.saved_pages import addresses, ids_of, kept, site

FRONT = "https://www.kompas.com/global"
ONLY_FRONT = f"{FRONT} "  # an address ends there
GRACE = 5  # seconds that a run has which is told to stop


def start(how: str, where: str, words: list[str], remote: Remote | None, output: Path, cpu="0.5"):
    """Start Scrapy with a reader that chokes on what has `where` in its address."""
    return forked.start(
        [sys.executable, "-m", "tests.stuck_parser", *words],
        cwd=ROOT,
        env=environment(remote, output) | {"CHOKE": f"{how} {cpu} {where}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def crawl(how: str, where: str, remote: Remote, output: Path, spider: str = "international"):
    """Crawl with such a reader; return the exit code and what was said."""
    words = command(spider, "since=2d")[3:]
    process = start(how, where, words, remote, output)
    said, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, said


def begun(process: subprocess.Popen[str]) -> None:
    """Wait until the reader chokes."""
    while "stuck at" not in (line := process.stdout.readline()):
        assert line, "it ended before"


def cpu_of(process: subprocess.Popen[str]) -> float | None:
    """The seconds of CPU that a process has had, None when it has ended."""
    if process.poll() is not None:
        return None
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ids(output: Path) -> list[str]:
    return sorted(record["id"] for record in stored(output))


@pytest.fixture
def remote(stand_in) -> Remote:
    return stand_in("--days", "2", "--per-day", "12")


@pytest.fixture
def bad(remote) -> str:
    """An article of yesterday."""
    return sorted(remote.ids(), key=clock_of)[6]


def test_a_page_that_takes_too_long_is_refused_and_the_rest_is_stored(remote, bad, tmp_path):
    code, said = crawl("spin", bad, remote, tmp_path)
    (line,) = runs(tmp_path)
    assert (code, line["outcome"], line["refused"]) == (10, "partial", {"TooCostly": 1}), said
    assert [(each["id"], each["tries"]) for each in line["pending"]] == [(bad, 1)]
    assert bad not in ids(tmp_path)
    assert line["stored"] == len(ids(tmp_path)) > 5


def test_a_page_that_ends_its_runs_is_read_last_then_set_aside_and_told(remote, bad, tmp_path):
    for death in (1, 2, 3):
        code, said = crawl("stuck", bad, remote, tmp_path)
        assert code == -signal.SIGVTALRM, said
        assert not runs(tmp_path)
        told = f"A run ended while it read {bad}, for the {death - 1}. time"
        assert (told in said) == (death > 1), said
        if death > 1:  # all the others are stored by then
            assert len(ids(tmp_path)) > 5
    code, said = crawl("stuck", bad, remote, tmp_path)
    (line,) = runs(tmp_path)
    assert (code, line["outcome"], line["refused"]) == (10, "partial", {"SetAside": 1}), said
    (given_up,) = line["given_up"]
    assert (given_up["id"], given_up["reason"], given_up["tries"]) == (bad, "SetAside", 3)
    assert line["deaths"][bad]["number"] == 3
    assert line["pending"] == []
    assert line["covered"], "the rest is proven"
    code, said = crawl("stuck", bad, remote, tmp_path)
    assert (code, "Given up in the last 7 days" in said) == (10, True)  # told, and not read
    code, said = crawl("stuck", bad, remote, tmp_path, "backfill")  # that asks for it again
    assert (code, runs(tmp_path)[-1]["given_up"][0]["id"]) == (10, bad), said


def test_a_page_that_is_read_well_is_not_blamed_any_more(remote, bad, tmp_path):
    for _ in range(2):
        crawl("stuck", bad, remote, tmp_path)
    code, said = crawl("stuck", "no page", remote, tmp_path)
    (line,) = runs(tmp_path)
    assert (code, line["outcome"], line["deaths"]) == (0, "complete", {}), said
    assert bad in ids(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_whoever_ends_a_run_while_it_reads_what_it_read_is_known(remote, bad, tmp_path, number):
    """Ended from outside, by want of memory or an operator; SIGTERM is heard as well."""
    process = start("wait", bad, command("international", "since=2d")[3:], remote, tmp_path)
    begun(process)
    process.send_signal(number)
    if number is signal.SIGTERM:
        time.sleep(1)
        process.kill()  # it sleeps; another end comes only for a page that works
    process.communicate(timeout=PATIENCE)
    assert bad.encode() in lock_path(tmp_path, "international").read_bytes()
    code, said = crawl("wait", "no page", remote, tmp_path)
    assert (code, f"A run ended while it read {bad}, for the 1. time" in said) == (0, True), said


@pytest.mark.parametrize("how", ["spin", "stuck"])
def test_a_run_told_to_stop_ends_in_its_grace_whatever_it_reads(remote, bad, tmp_path, how):
    """Seconds of CPU: other work on this machine makes them longer."""
    words = command("international", "since=2d")[3:]
    process = start(how, bad, words, remote, tmp_path, cpu=str(SECONDS))
    begun(process)
    before = cpu_of(process)
    process.terminate()
    while (now := cpu_of(process)) is not None:
        assert now - before < GRACE
        time.sleep(0.02)
    said, _ = process.communicate(timeout=PATIENCE)
    if how == "spin":
        assert (process.returncode, runs(tmp_path)[-1]["outcome"]) == (16, "stopped"), said
    else:
        assert process.returncode == -signal.SIGVTALRM, said


def test_a_list_that_takes_too_long_is_a_list_that_failed(remote, tmp_path):
    code, said = crawl("spin", ONLY_FRONT, remote, tmp_path)
    (line,) = runs(tmp_path)
    assert (code, line["outcome"]) == (10, "partial"), said
    assert line["failed_listings"] == [{"url": FRONT, "reason": "TooCostly"}]
    assert line["stored"] > 5, "the index was read instead"


def test_a_list_that_ends_its_runs_is_set_aside(remote, tmp_path):
    for _ in range(3):
        assert crawl("stuck", ONLY_FRONT, remote, tmp_path)[0] == -signal.SIGVTALRM
    code, said = crawl("stuck", ONLY_FRONT, remote, tmp_path)
    (line,) = runs(tmp_path)
    assert (code, line["failed_listings"][0]["reason"]) == (10, "SetAside"), said
    assert line["stored"] > 5, "the index was read instead"
    code, said = crawl("stuck", ONLY_FRONT, remote, tmp_path)
    assert runs(tmp_path)[-1]["deaths"][FRONT]["number"] == 3, "for a week"


@pytest.mark.long
@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("how", ["spin", "stuck"])
def test_a_saved_page_that_ends_its_reader_costs_itself(tmp_path, workers, how):
    pytest.importorskip("warcio")
    answers = site(12)
    kept(tmp_path / "warc", answers)
    bad = ids_of(addresses(answers))[5]
    words = ["reparse", "--from", str(tmp_path / "warc"), "--workers", workers]
    ends = []
    for _ in range(5):
        done = start(how, bad, words, None, tmp_path / "out")
        said, _ = done.communicate(timeout=PATIENCE)
        ends.append(done.returncode)
        if len(stored(tmp_path / "out")) == 11:
            break
    (line,) = runs(tmp_path / "out")[-1:]
    assert len(stored(tmp_path / "out")) == 11, said
    assert (ends[-1], line["outcome"], line["reason"]) == (10, "partial", "finished"), said
    if how == "spin":
        assert len(ends) == 1
        assert [each["reason"] for each in line["unread_articles"]] == ["TooCostly"]
        return
    died = -signal.SIGVTALRM if workers == "1" else 10
    assert ends == [died, died, died, 10]
    (damage,) = line["damage"]
    assert damage["what"] == "too costly to read"
    assert re.search(r"warc\.gz, byte \d+$", damage["where"])
    for change, code in (lambda path: None, 10), (Path.touch, died):
        change(next((tmp_path / "warc").glob("*.gz")))
        again = start(how, bad, words, None, tmp_path / "out")
        said, _ = again.communicate(timeout=PATIENCE)
        assert again.returncode == code, said
        assert ("A run ended while it read" in said) == (change is Path.touch and workers == "2")


@pytest.mark.parametrize("hiding", ['">"', "'>'", '"<b>" '])
def test_a_quoted_sign_hides_no_attributes(hiding):
    names = " ".join(f"a{number}" for number in range(50_000))
    assert "attributes" in (excess_of(f"<html><p x={hiding} {names}>x</p>") or "")
    assert MOST_ATTRIBUTES < 50_000


def test_the_budget_of_a_page_costs_less_than_its_reading(tmp_path):
    """Ten microseconds a page; a page takes some milliseconds."""
    code = (
        "import os, time\n"
        "from kompas_crawler.budget import SLOT, Note, budget\n"
        f"budget.note = Note(os.open({str(tmp_path / 'lock')!r}, os.O_RDWR | os.O_CREAT), SLOT)\n"
        "def turn():\n"
        "    with budget.reading('2026/11/22/134820670'): pass\n"
        "turn()\n"
        "began = time.process_time()\n"
        "for _ in range(20_000): turn()\n"
        "print((time.process_time() - began) / 20_000 * 1e6)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert float(done.stdout) < 100, "microseconds"
