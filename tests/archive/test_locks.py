"""The lock of a run: who has it, who had it, and that nobody dead keeps it."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kompas_crawler.archive.locks import LockHolder, RunLock, lock_path
from kompas_crawler.errors import AlreadyRunning, StorageFailed

ROOT = Path(__file__).parents[2]

# Takes the lock, says so, and waits for its end; with "child" it has a child that outlives it.
HOLDER = """
import subprocess, sys
from pathlib import Path
from kompas_crawler.archive.locks import RunLock
lock = RunLock(Path(sys.argv[1]), "run-of-another-process")
lock.acquire()
if "child" in sys.argv:
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3)"], stdin=-3, stdout=-3)
print("held", flush=True)
sys.stdin.read()
lock.release()
"""


@pytest.fixture
def path(tmp_path):
    return lock_path(tmp_path / "output", "international")


@pytest.fixture
def start_holder(path):
    started = []

    def start(*more):
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(path), *more],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        started.append(holder)
        assert holder.stdout.readline() == b"held\n"
        return holder

    yield start
    for holder in started:
        holder.kill()
        holder.communicate()


def test_a_second_run_is_told_who_holds_it_and_since_when(path, start_holder):
    holder = start_holder()
    lock = RunLock(path, "mine")
    with pytest.raises(AlreadyRunning) as refused:
        lock.acquire()
    assert str(holder.pid) in str(refused.value)
    assert "run-of-another-process" in str(refused.value)
    assert str(path) in str(refused.value)
    assert lock.holder.pid == holder.pid
    assert lock.holder.run == "run-of-another-process"
    assert lock.holder.since.utcoffset() == timedelta(hours=7)
    assert abs(datetime.now(UTC) - lock.holder.since) < timedelta(minutes=1)
    assert lock.holder.since.isoformat(sep=" ", timespec="seconds") in str(refused.value)


def test_a_refusal_leaves_the_file_of_the_holder_alone(path, start_holder):
    start_holder()
    before = path.read_bytes()
    with pytest.raises(AlreadyRunning):
        RunLock(path, "mine").acquire()
    assert path.read_bytes() == before


def test_a_lock_that_was_given_back_leaves_no_trace(path, start_holder):
    holder = start_holder()
    holder.communicate()
    assert path.read_bytes() == b""
    with RunLock(path, "mine") as lock:
        assert lock.previous is None


@pytest.mark.parametrize("more", [[], ["child"]])
def test_a_killed_run_blocks_nobody_and_is_known(path, start_holder, more):
    holder = start_holder(*more)
    holder.kill()
    holder.wait()
    with RunLock(path, "mine") as lock:
        assert lock.previous.pid == holder.pid
        assert lock.previous.run == "run-of-another-process"
    with RunLock(path, "mine") as lock:
        assert lock.previous is None


def test_the_file_tells_of_the_holder_while_it_is_held(path):
    with RunLock(path, "mine"):
        told = json.loads(path.read_text())
        assert (told["pid"], told["run"]) == (os.getpid(), "mine")
        assert datetime.fromisoformat(told["since"]).tzinfo is not None
    assert path.read_text() == ""


def test_a_shorter_name_does_not_leave_the_end_of_a_longer_one(path):
    path.parent.mkdir()
    path.write_text(json.dumps({"pid": 1, "run": "r" * 3000, "since": "2021-08-26T16:22:26+07:00"}))
    with RunLock(path, "mine"):
        assert json.loads(path.read_text())["run"] == "mine"


@pytest.mark.parametrize("content", ['{"pid": 12, "ru', "[]", "{}", "\0\0\0", '{"pid": null}'])
def test_a_lock_file_torn_by_a_crash_blocks_nobody(path, content):
    path.parent.mkdir()
    path.write_text(content)
    with RunLock(path, "mine") as lock:
        assert lock.previous == LockHolder()
        with pytest.raises(AlreadyRunning, match="run mine"):
            RunLock(path, "other").acquire()


def test_a_holder_that_has_not_written_its_name_yet_is_unknown(path):
    with RunLock(path, "mine"):
        os.truncate(path, 0)
        with pytest.raises(AlreadyRunning, match="run unknown, process unknown, since unknown"):
            RunLock(path, "other").acquire()


def test_one_process_cannot_hold_it_twice_but_may_ask_twice(path):
    lock = RunLock(path, "mine")
    lock.acquire()
    lock.acquire()
    with pytest.raises(AlreadyRunning):
        RunLock(path, "mine too").acquire()
    lock.release()
    lock.release()
    with RunLock(path, "mine too"):
        pass


def test_other_spiders_and_directories_have_other_locks(tmp_path):
    paths = {
        lock_path(root, spider)
        for root in (tmp_path / "a", tmp_path / "b")
        for spider in ("international", "backfill")
    }
    locks = [RunLock(path, "mine") for path in paths]
    for lock in locks:
        lock.acquire()
    assert len(locks) == 4
    for lock in locks:
        lock.release()


def test_a_file_deleted_between_opening_and_locking_is_not_the_lock(path, monkeypatch):
    opened = os.open
    deleted = []

    def open_and_delete(name, *more):
        fd = opened(name, *more)
        if not deleted and Path(name) == path:
            deleted.append(path.unlink())
        return fd

    monkeypatch.setattr("kompas_crawler.archive.locks.os.open", open_and_delete)
    with RunLock(path, "mine"):
        assert deleted
        with pytest.raises(AlreadyRunning):
            RunLock(path, "other").acquire()


def test_a_disk_that_takes_no_lock_file_is_a_storage_failure(tmp_path, path, monkeypatch):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed, match="file"):
        RunLock(tmp_path / "file" / "lock", "mine").acquire()

    def full(fd, content, offset):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("kompas_crawler.archive.locks.os.pwrite", full)
        with pytest.raises(StorageFailed, match="No space left"):
            RunLock(path, "mine").acquire()
    with RunLock(path, "other") as lock:  # the failed one has let it go
        assert lock.previous is None


def test_what_a_killed_run_left_outlives_one_that_is_killed_before_it_says_more(path, start_holder):
    with RunLock(path, "first") as lock:
        lock.note("2026-11-20T00:00:00+07:00")
        left = path.read_bytes()
    path.write_bytes(left)  # it was killed, and so is the next one
    holder = start_holder()
    holder.kill()
    holder.wait()
    with RunLock(path, "mine") as lock:
        assert lock.previous.run == "run-of-another-process"
        assert lock.previous.note == "2026-11-20T00:00:00+07:00"


def test_what_is_left_for_the_next_run_is_there_before_it_can_begin(path):
    lock = RunLock(path, "mine")
    lock.acquire()
    lock.release(b'{"run": "killed"}\n')
    with RunLock(path, "next") as following:
        assert following.previous.run == "killed"
