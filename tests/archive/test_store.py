"""The archive: whole lines only, each article once, and an index that anybody may spoil."""

import errno
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kompas_crawler.archive import sqlite_cache
from kompas_crawler.archive import store as archive_module
from kompas_crawler.archive.record import from_record, line_of, problems_of
from kompas_crawler.archive.schema import EXAMPLE
from kompas_crawler.archive.store import Archive
from kompas_crawler.errors import StorageFailed
from kompas_crawler.processors import content_hash, count_words

ROOT = Path(__file__).parents[2]
MONTH = "2021-08"
BARE = from_record(EXAMPLE | {key: [] for key in ("subheadings", "related", "images", "embeds")})


def identity(number, month=MONTH):
    return f"{month.replace('-', '/')}/{number % 28 + 1:02}/{number:07}70"


def article(number, text=None, month=MONTH):
    text = text or f"Kapal nomor {number}."
    return replace(
        BARE,
        id=identity(number, month),
        url=f"https://www.kompas.com/global/read/{identity(number, month)}/contoh",
        text=text,
        word_count=count_words(text),
        content_hash=content_hash(BARE.title, text),
    )


def file_of(root, month=MONTH):
    return root / "articles" / f"{month}.jsonl"


def index_of(root):
    return root / ".index.sqlite"


def store(root, *articles):
    with Archive(root) as archive:
        for one in articles:
            assert archive.append(one) is not None


def ids_in(root, month=MONTH):
    """The ids of a month file, read without the archive; every line must be a valid record."""
    content = file_of(root, month).read_bytes()
    assert content == b"" or content.endswith(b"\n")
    records = [json.loads(line) for line in content.split(b"\n")[:-1]]
    assert [problems_of(record) for record in records] == [()] * len(records)
    return [record["id"] for record in records]


FULL = os.environ.get("KOMPAS_PROOFS") == "full"


def started(script, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))},
    )


# -- storing and finding ---------------------------------------------------------------------


def test_an_article_is_found_as_it_was_stored(tmp_path):
    with Archive(tmp_path) as archive:
        assert identity(1) not in archive
        assert archive.stored(identity(1)) is None
        assert archive.latest(identity(1)) is None
        assert archive.revisions(identity(1)) == []
        assert archive.append(article(1)) == article(1)
        assert archive.append(article(2)) == article(2)
        stored = archive.stored(identity(2))
        assert (stored.id, stored.revision) == (identity(2), 1)
        assert stored.content_hash == article(2).content_hash
        assert archive.latest(identity(1)) == article(1)
    lines = file_of(tmp_path).read_bytes()
    assert lines == line_of(article(1)) + line_of(article(2))
    assert lines[stored.offset :][: stored.length] == line_of(article(2))
    with Archive(tmp_path) as archive:
        assert archive.stored(identity(2)) == stored
        assert archive.latest(identity(2)) == article(2)


def test_an_article_lies_in_the_month_of_its_id(tmp_path):
    store(tmp_path, article(1, month="2019-02"), article(1), article(2, month="2019-02"))
    with Archive(tmp_path) as archive:
        assert archive.months() == ["2019-02", MONTH]
        assert archive.ids("2019-02") == [identity(1, "2019-02"), identity(2, "2019-02")]
        assert archive.ids("2020-01") == []
        assert [record["id"] for record in archive.records(MONTH)] == [identity(1)]
        assert len(list(archive.records())) == 3
        assert list(archive.records("2020-01")) == []
    assert not file_of(tmp_path, "2020-01").exists()


def test_a_known_article_is_not_stored_again(tmp_path):
    with Archive(tmp_path) as archive:
        archive.append(article(1))
        assert archive.append(article(1)) is None
        assert archive.append(article(1, "Lain.")) is None
        assert archive.append(article(1), revise=True) is None
    with Archive(tmp_path) as archive:
        assert archive.append(article(1, "Lain.")) is None
    assert ids_in(tmp_path) == [identity(1)]


def test_a_changed_article_becomes_the_next_revision(tmp_path):
    with Archive(tmp_path) as archive:
        archive.append(article(1))
        second = archive.append(article(1, "Lain."), revise=True)
        assert second == replace(article(1, "Lain."), revision=2)
        assert archive.stored(identity(1)).revision == 2
    with Archive(tmp_path) as archive:
        third = archive.append(article(1), revise=True)
        assert third.revision == 3
        told = [article(1), second, third]
        assert archive.revisions(identity(1)) == told
        assert archive.latest(identity(1)) == third
        assert archive.ids(MONTH) == [identity(1)]
        assert [record["revision"] for record in archive.records()] == [1, 2, 3]
        assert [record["revision"] for record in archive.records(latest=True)] == [3]
    index_of(tmp_path).unlink()
    with Archive(tmp_path) as archive:
        assert archive.revisions(identity(1)) == told


def test_the_first_revision_is_one_whatever_the_article_says(tmp_path):
    with Archive(tmp_path) as archive:
        assert archive.append(replace(article(1), revision=7), revise=True).revision == 1


def test_the_same_content_is_found_under_its_earliest_id(tmp_path):
    content = article(1, "Sama.").content_hash
    with Archive(tmp_path) as archive:
        assert archive.same_content(content) is None
        archive.append(article(5, "Sama."))
        assert archive.same_content(content, apart_from=identity(5)) is None
        archive.append(article(3, "Sama.", "2022-01"))
        archive.append(article(4, "Sama."))
        archive.append(article(6))
        assert archive.same_content(content) == identity(4)
        assert archive.same_content(content, apart_from=identity(4)) == identity(5)
    with Archive(tmp_path) as archive:
        assert archive.same_content(content, apart_from=identity(4)) == identity(5)
    index_of(tmp_path).unlink()
    with Archive(tmp_path) as archive:
        assert archive.same_content(content) == identity(4)


def test_two_archives_on_one_directory_see_each_other(tmp_path):
    with Archive(tmp_path) as one, Archive(tmp_path) as other:
        for number in range(0, 20, 2):
            assert one.append(article(number))
            assert identity(number) in other
            assert other.append(article(number)) is None
            assert other.append(article(number + 1))
            assert one.stored(identity(number + 1)) == other.stored(identity(number + 1))
        assert one.ids(MONTH) == other.ids(MONTH) == sorted(map(identity, range(20)))
        assert one.same_content(article(7).content_hash) == identity(7)
    assert ids_in(tmp_path) == [identity(number) for number in range(20)]


@pytest.mark.parametrize("mark", ["\x85", "\u2028", "\u2029", "\x0b", "\x1c", "\r", "\x00"])
def test_no_character_of_a_text_breaks_a_line(tmp_path, mark):
    odd = article(1, f"Satu{mark}dua.")
    store(tmp_path, odd, article(2))
    index_of(tmp_path).unlink()
    with Archive(tmp_path) as archive:
        assert archive.torn_lines == []
        assert archive.latest(identity(1)) == odd
        assert archive.ids(MONTH) == [identity(1), identity(2)]


def test_closing_twice_does_no_harm(tmp_path):
    archive = Archive(tmp_path)
    archive.append(article(1))
    archive.close()
    archive.close()
    with pytest.raises(sqlite3.ProgrammingError):
        archive.stored(identity(1))


# -- torn tails --------------------------------------------------------------------------------


@pytest.fixture
def _hasty_disk(monkeypatch):
    """Wait for no disk: what is opened and closed a thousand times need not survive a power cut."""
    connected = sqlite_cache._connected

    def hastily(path):
        db = connected(path)
        db.execute("PRAGMA synchronous = OFF")
        return db

    monkeypatch.setattr(sqlite_cache, "_connected", hastily)
    monkeypatch.setattr("kompas_crawler.archive.store.os.fdatasync", lambda fd: None)


@pytest.mark.usefixtures("_hasty_disk")
@pytest.mark.parametrize("keeping_index", [True, False])
def test_a_last_line_cut_at_any_byte_is_moved_aside(tmp_path, keeping_index):
    store(tmp_path, article(1), article(2))
    first, last = line_of(article(1)), line_of(article(2))
    # The bytes around both ends and every thirteenth one, which meets each kind of place.
    ends = {*range(40), *range(len(last) - 40, len(last))}
    for kept in range(len(last)) if FULL else sorted(ends | {*range(0, len(last), 13)}):
        os.truncate(file_of(tmp_path), len(first) + kept)
        if not keeping_index:
            index_of(tmp_path).unlink()
        with Archive(tmp_path) as archive:
            assert identity(1) in archive
            assert identity(2) not in archive
            assert file_of(tmp_path).read_bytes() == first
            check_what_was_moved(archive, last[:kept])
            assert archive.append(article(2))
        assert file_of(tmp_path).read_bytes() == first + last


def check_what_was_moved(archive, torn):
    assert len(archive.torn_lines) == bool(torn)
    for torn_line in archive.torn_lines:
        legible = torn.startswith(b'{"id": "' + identity(2).encode() + b'"')
        assert torn_line.id == (identity(2) if legible else None)
        note = json.loads(torn_line.path.with_suffix(".jsonl.torn").read_text().splitlines()[-1])
        assert note["bytes"].encode(errors="surrogateescape") == torn
        assert (note["file"], note["length"]) == (f"{MONTH}.jsonl", len(torn))
        assert note["offset"] == torn_line.offset == len(line_of(article(1)))


def test_a_line_torn_within_a_character_comes_back_byte_for_byte(tmp_path):
    store(tmp_path, article(1))
    torn = "{“rusak".encode()[:3]
    with file_of(tmp_path).open("ab") as file:
        file.write(torn)
    with Archive(tmp_path) as archive:
        assert identity(1) in archive
        assert archive.torn_lines[0].length == 3
    note = json.loads(file_of(tmp_path).with_suffix(".jsonl.torn").read_text())
    assert note["bytes"].encode(errors="surrogateescape") == torn


@pytest.mark.parametrize(
    "junk",
    [
        b"\0" * 5000,
        b"\0" * 50 + b"\n",
        b'{"id": "2021/08/02/000000270", "url"\n',
        b"\n",
        b"[1]\n",
        b"nothing\nof\nthis\nis JSON\n\0\0",
        b"[" * 100_000 + b"\n",
        b"\xff\xfe\n",
    ],
    ids=range(8),
)
def test_whatever_is_no_line_at_the_end_is_moved_aside(tmp_path, caplog, junk):
    store(tmp_path, article(1))
    with file_of(tmp_path).open("ab") as file:
        file.write(junk)
    with Archive(tmp_path) as archive:
        assert archive.append(article(2))
        assert [torn_line.length for torn_line in archive.torn_lines] == [len(junk)]
    assert ids_in(tmp_path) == [identity(1), identity(2)]
    assert "torn line" in caplog.text
    store_nothing_more(tmp_path)


def store_nothing_more(root):
    with Archive(root) as archive:
        assert archive.append(article(1)) is None
        assert archive.torn_lines == []


def test_a_file_of_nothing_but_a_torn_line_is_mended(tmp_path):
    file_of(tmp_path).parent.mkdir()
    file_of(tmp_path).write_bytes(line_of(article(1))[:-9])
    with Archive(tmp_path) as archive:
        assert archive.ids(MONTH) == []
        assert archive.append(article(1))
    assert ids_in(tmp_path) == [identity(1)]


def test_two_torn_ends_are_both_kept(tmp_path):
    for number in (1, 2):
        store(tmp_path, article(number))
        with file_of(tmp_path).open("ab") as file:
            file.write(b"torn %d" % number)
    with Archive(tmp_path) as archive:
        assert identity(2) in archive
    notes = file_of(tmp_path).with_suffix(".jsonl.torn").read_text().splitlines()
    assert [json.loads(note)["bytes"] for note in notes] == ["torn 1", "torn 2"]


def test_a_broken_line_in_the_middle_stays_and_is_told_once(tmp_path, caplog):
    store(tmp_path, article(1))
    content = file_of(tmp_path).read_bytes() + b"{broken}\n" + line_of(article(2))
    file_of(tmp_path).write_bytes(content)
    with Archive(tmp_path) as archive:
        assert archive.ids(MONTH) == [identity(1), identity(2)]
        assert archive.latest(identity(2)) == article(2)
        assert archive.torn_lines == []
        assert [record["id"] for record in archive.records()] == [identity(1), identity(2)]
    assert file_of(tmp_path).read_bytes() == content
    offset = content.index(b"{broken}")
    assert [told.split(":")[0] for told in archive.left_out] == [f"{MONTH}.jsonl, byte {offset}"]
    assert caplog.text == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"id": identity(2, "2020-01")},
        {"id": None},
        {"id": "x"},
        {"revision": 0},
        {"revision": "1"},
        {"revision": 2**70},
        {"content_hash": None},
    ],
)
def test_an_object_that_is_no_article_of_the_month_is_left_alone(tmp_path, changes):
    file_of(tmp_path).parent.mkdir()
    odd = json.dumps(EXAMPLE | changes).encode() + b"\n"
    file_of(tmp_path).write_bytes(line_of(article(1)) + odd)
    with Archive(tmp_path) as archive, Archive(tmp_path) as other:
        assert archive.ids(MONTH) == [identity(1)]
        assert archive.append(article(2))
        assert other.append(article(3))
        assert archive.append(article(4))
        assert len(list(archive.records(latest=True))) == 4
        assert archive.spoiled() == other.spoiled() == 1
        assert identity(2, "2020-01") not in archive
        assert archive.torn_lines == other.torn_lines == []
    assert odd in file_of(tmp_path).read_bytes()


@pytest.mark.parametrize("odd_hash", ["", "sha256:xyz", "é\ud800", "sha256:" + "AB" * 32])
def test_a_line_with_a_hash_of_another_kind_is_no_record_and_does_no_harm(tmp_path, odd_hash):
    file_of(tmp_path).parent.mkdir()
    line = json.dumps(EXAMPLE | {"content_hash": odd_hash}).encode() + b"\n"
    file_of(tmp_path).write_bytes(line)
    with Archive(tmp_path) as archive:
        assert (archive.ids(MONTH), archive.spoiled()) == ([], 1)
        assert archive.append(article(1))
    with Archive(tmp_path) as archive:
        assert archive.append(replace(article(1), id=EXAMPLE["id"]), revise=True).revision == 1


# -- disks that refuse ---------------------------------------------------------------------------

LIMITED = """
import resource, sys
from pathlib import Path
from kompas_crawler.archive.store import Archive
from kompas_crawler.errors import StorageFailed
from tests.archive.test_store import article
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
archive = Archive(Path(sys.argv[1]), sync_every=0 if "sync" in sys.argv else 5)
try:
    for number in range(1000):
        archive.append(article(number))
        print(number, flush=True)
except StorageFailed as failure:
    print(failure)
archive.close()
"""


@pytest.mark.parametrize("sync", ["", "sync"])
@pytest.mark.parametrize("limit", [100, 1_100, 4_096, 30_000, 100_001])
def test_a_limit_on_file_sizes_leaves_whole_lines(tmp_path, limit, sync):
    limited = started(LIMITED, tmp_path, limit, sync)
    *told, failure = limited.communicate()[0].decode().splitlines()
    assert limited.returncode == 0
    assert str(file_of(tmp_path)) in failure
    assert "run again" in failure
    assert ids_in(tmp_path) == [identity(int(number)) for number in told]
    size = file_of(tmp_path).stat().st_size
    assert size <= limit < size + len(line_of(article(1000)))
    with Archive(tmp_path) as archive:
        assert archive.torn_lines == []
        assert (archive.append(article(0)) is None) == bool(told)
        assert archive.append(article(1001))


class FailingDisk:
    """Refuses writes at random, or takes only a part of a line."""

    def __init__(self, monkeypatch, seed, names=("write",)):
        self.dice = random.Random(seed)
        self.likely = 0.4
        self.refused = 0
        self.writes = os.write
        self.cuts = os.ftruncate
        self.cannot_cut = False
        monkeypatch.setattr("kompas_crawler.archive.files.os.write", self.write)
        monkeypatch.setattr("kompas_crawler.archive.files.os.ftruncate", self.cut)

    def write(self, fd, line):
        if self.dice.random() > self.likely:
            return self.writes(fd, line)
        self.refused += 1
        part = self.dice.randrange(len(line))
        if self.dice.random() < 0.5:
            return self.writes(fd, line[:part]) if part else 0
        self.writes(fd, line[:part])
        code = self.dice.choice([errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EIO])
        raise OSError(code, os.strerror(code))

    def cut(self, fd, length):
        if self.cannot_cut:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        self.cuts(fd, length)


def refusal_of(archive, one):
    try:
        assert archive.append(one) == one
    except StorageFailed as failure:
        return str(failure)
    return None


@pytest.mark.parametrize("seed", range(6))
def test_a_refused_line_is_cut_back_and_the_next_one_finds_its_place(tmp_path, monkeypatch, seed):
    disk = FailingDisk(monkeypatch, seed)
    owed = list(range(60))
    with Archive(tmp_path) as archive:
        while owed:
            before = ids_in(tmp_path) if file_of(tmp_path).exists() else []
            if refusal := refusal_of(archive, article(owed[0])):
                assert str(file_of(tmp_path)) in refusal
                assert ids_in(tmp_path) == before
                assert identity(owed[0]) not in archive
            else:
                assert identity(owed.pop(0)) in archive
        assert archive.torn_lines == []
    assert disk.refused > 10
    assert ids_in(tmp_path) == list(map(identity, range(60)))


def test_what_cannot_even_be_cut_back_is_mended_later(tmp_path, monkeypatch):
    store(tmp_path, article(1))
    with monkeypatch.context() as patch, Archive(tmp_path) as archive:
        disk = FailingDisk(patch, seed=1)
        disk.likely, disk.cannot_cut = 1, True
        with pytest.raises(StorageFailed, match="Input/output"):
            archive.append(article(2))
    with Archive(tmp_path) as archive:
        assert archive.append(article(2))
        assert len(archive.torn_lines) == 1
    assert ids_in(tmp_path) == [identity(1), identity(2)]


def test_a_torn_end_that_cannot_be_saved_stays_where_it_is(tmp_path, monkeypatch):
    store(tmp_path, article(1))
    with file_of(tmp_path).open("ab") as file:
        file.write(b'{"id": "torn')
    torn = file_of(tmp_path).read_bytes()
    with monkeypatch.context() as patch, Archive(tmp_path) as archive:
        FailingDisk(patch, seed=1).likely = 1
        with pytest.raises(StorageFailed, match="torn"):
            archive.stored(identity(1))
        assert file_of(tmp_path).read_bytes() == torn
        assert archive.torn_lines == []
    with Archive(tmp_path) as archive:
        assert identity(1) in archive
        assert len(archive.torn_lines) == 1


def test_a_failed_flush_is_told(tmp_path, monkeypatch):
    archive = Archive(tmp_path)
    archive.append(article(1))
    with monkeypatch.context() as patch:

        def fail(fd):
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        patch.setattr("kompas_crawler.archive.store.os.fdatasync", fail)
        with pytest.raises(StorageFailed, match="Input/output"):
            archive.sync()
    archive.close()
    assert ids_in(tmp_path) == [identity(1)]


def test_a_directory_that_cannot_be_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed, match="file"):
        Archive(tmp_path / "file")


def test_lines_are_flushed_in_time_and_at_the_end(tmp_path, monkeypatch):
    flushed = []
    fdatasync = os.fdatasync
    monkeypatch.setattr(
        "kompas_crawler.archive.store.os.fdatasync", lambda fd: flushed.append(fdatasync(fd))
    )
    clock = [0.0]
    monkeypatch.setattr("kompas_crawler.archive.store.time.monotonic", lambda: clock[0])
    with Archive(tmp_path, sync_every=5) as archive:
        archive.append(article(0))
        flushed.clear()
        archive.append(article(1))
        assert flushed == []
        clock[0] = 6
        archive.append(article(2))
        assert len(flushed) == 1
        archive.append(article(3))
        archive.append(article(4, month="2020-01"))
        flushed.clear()
        archive.sync()
        assert len(flushed) == 2
        archive.append(article(5))
        flushed.clear()
    assert len(flushed) == 1


def test_a_lock_that_nobody_gives_back_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("kompas_crawler.archive.files.LOCK_PATIENCE", 0.02)
    with Archive(tmp_path) as archive, Archive(tmp_path) as other:
        archive.append(article(1))
        with archive._locked(MONTH), pytest.raises(StorageFailed, match="lock"):
            other.append(article(2))
        assert other.append(article(2))


def test_few_files_are_open_whatever_the_number_of_months(tmp_path):
    def open_files():
        return len(list(Path("/proc/self/fd").iterdir()))

    with Archive(tmp_path) as archive:
        archive.append(article(1))
        one = open_files()
        for month in (f"{year}-{month:02}" for year in (2018, 2019) for month in range(1, 13)):
            archive.append(article(1, month=month))
            assert archive.latest(identity(1, month)) == article(1, month=month)
        assert open_files() <= one + 7
        assert len(archive.months()) == 25
    store_nothing_more(tmp_path)


# -- several processes ---------------------------------------------------------------------------

WRITER = """
import random, sys
from pathlib import Path
from tests.archive.test_store import article
from kompas_crawler.archive.store import Archive
root, seed, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
dice = random.Random(seed)
work = [(number, month) for number in range(count) for month in ("2021-07", "2021-08", "2021-09")]
dice.shuffle(work)
print("ready", flush=True)
sys.stdin.readline()
with Archive(root) as archive:
    for number, month in work:
        stored = archive.append(article(number, month=month))
        if dice.random() < 0.05:
            archive.append(article(number, f"Perubahan {seed}.", month), revise=True)
        if dice.random() < 0.02:
            archive.sync()
        if stored:
            print(stored.id, flush=True)
"""


def test_four_writers_at_once_store_each_article_once(tmp_path):
    count = 150
    writers = [started(WRITER, tmp_path, seed, count) for seed in range(4)]
    for writer in writers:
        assert writer.stdout.readline() == b"ready\n"
    for writer in writers:
        writer.stdin.write(b"go\n")
        writer.stdin.flush()
    told = [writer.communicate()[0].decode().split() for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * 4
    every = sorted(
        identity(number, month)
        for number in range(count)
        for month in ("2021-07", "2021-08", "2021-09")
    )
    assert sorted(id for ids in told for id in ids) == every
    assert sum(map(bool, told)) > 1  # they did run at the same time
    with Archive(tmp_path) as archive:
        assert archive.torn_lines == []
        assert [id for month in archive.months() for id in archive.ids(month)] == every
        check_revisions(archive)
    index_of(tmp_path).unlink()
    with Archive(tmp_path) as archive:
        check_revisions(archive)


def check_revisions(archive):
    """Every line must be valid and the revisions of an article must count from one."""
    seen = {}
    for month in archive.months():
        for _, line in archive.lines(month):
            record = json.loads(line)
            assert problems_of(record) == ()
            seen.setdefault(record["id"], []).append(record["revision"])
    assert max(map(len, seen.values())) > 1
    for id, revisions in seen.items():
        assert revisions == list(range(1, len(revisions) + 1))
        assert [one.revision for one in archive.revisions(id)] == revisions
        assert archive.stored(id).revision == len(revisions)


KILLED = """
import sys
from pathlib import Path
from tests.archive.test_store import article
from kompas_crawler.archive.store import Archive
root, begin = Path(sys.argv[1]), int(sys.argv[2])
archive = Archive(root, sync_every=0.01)
print("begun", flush=True)
for number in range(begin, begin + 100_000):
    stored = archive.append(article(number, "Kapal. " * 500 + str(number)))
    print(stored.id if stored else "known", flush=True)
"""


@pytest.mark.slow
def test_a_killed_writer_loses_no_article_it_spoke_of(tmp_path):
    kills = 50 if FULL else 8
    dice = random.Random(kills)
    acknowledged, stored = set(), 0
    for _ in range(kills):
        writer = started(KILLED, tmp_path, max(0, stored - 1))
        assert writer.stdout.readline() == b"begun\n"
        time.sleep(dice.random() * 0.06)
        writer.kill()
        acknowledged.update(writer.stdout.read().decode().split("\n")[:-1])
        acknowledged.discard("known")
        writer.communicate()
        assert writer.returncode == -signal.SIGKILL
        with Archive(tmp_path) as archive:
            found = archive.ids(MONTH)
            # A line of more than one page of memory can be torn by a kill, not only by a crash.
            assert not acknowledged.intersection(torn_line.id for torn_line in archive.torn_lines)
            assert len(archive.torn_lines) <= 1
        assert acknowledged <= set(found)
        assert len(found) - len(acknowledged) <= kills  # killed before it could speak of it
        stored = len(found)
    assert stored > kills
    assert ids_in(tmp_path) == list(map(identity, range(stored)))


# -- the index -----------------------------------------------------------------------------------


@pytest.fixture
def scans(monkeypatch):
    """Where each reading of a month file began."""
    begun = []
    read = archive_module._Scan.__iter__

    def noted(scan):
        begun.append(scan.end)
        return read(scan)

    monkeypatch.setattr(archive_module._Scan, "__iter__", noted)
    return begun


def spoil_nothing(path):
    pass


def delete(path):
    path.unlink()


def empty(path):
    path.write_bytes(b"")


def replace_by_text(path):
    path.write_text("This is no database.\n" * 500)


def zero_all_but_the_head(path):
    content = path.read_bytes()
    path.write_bytes(content[:4096] + bytes(len(content) - 4096))


def scramble(path):
    content = path.read_bytes()
    path.write_bytes(content[:100] + random.Random(1).randbytes(len(content) - 100))


def another_version(path):
    db = sqlite3.connect(path)
    db.executescript("PRAGMA user_version = 77;")
    db.close()


def without_a_table(path):
    db = sqlite3.connect(path)
    db.executescript("DROP TABLE lines;")
    db.close()


def wrong_offsets(path):
    db = sqlite3.connect(path)
    db.executescript('UPDATE lines SET "offset" = "offset" + 1;')
    db.close()


SPOILS = [
    spoil_nothing,
    delete,
    empty,
    replace_by_text,
    zero_all_but_the_head,
    scramble,
    another_version,
    without_a_table,
    wrong_offsets,
]
SOME = range(0, 300, 7)


def fill(root):
    store(root, *(article(number) for number in SOME))
    assert index_of(root).stat().st_size > 8192
    assert not index_of(root).with_name(".index.sqlite-wal").exists()


def check_that_the_index_is_whole(root, scans):
    with Archive(root) as archive:
        assert identity(0) in archive
    with Archive(root) as archive:
        scans.clear()
        assert identity(0) in archive
        assert scans == []
    db = sqlite3.connect(index_of(root))
    assert db.execute("PRAGMA user_version").fetchone() == (sqlite_cache.VERSION,)
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()


def check_all(archive):
    for number in SOME:
        assert archive.append(article(number)) is None
        assert archive.latest(identity(number)) == article(number)
        assert archive.same_content(article(number).content_hash) == identity(number)
    assert archive.ids(MONTH) == sorted(map(identity, SOME))
    assert identity(1) not in archive


@pytest.mark.parametrize("spoil", SPOILS)
def test_a_spoiled_index_is_made_anew(tmp_path, spoil, scans):
    fill(tmp_path)
    before = file_of(tmp_path).read_bytes()
    spoil(index_of(tmp_path))
    with Archive(tmp_path) as archive:
        check_all(archive)
        archive.append(article(1000))
    with Archive(tmp_path) as archive:
        assert archive.stored(identity(1000))
    assert file_of(tmp_path).read_bytes() == before + line_of(article(1000))
    check_that_the_index_is_whole(tmp_path, scans)


def test_last_revisions_are_those_there_were_when_the_month_was_begun(tmp_path):
    fill(tmp_path)
    with Archive(tmp_path) as archive, Archive(tmp_path) as other:
        records = archive.records(MONTH, latest=True)
        first = next(records)
        changed = replace(article(1, "Lain."), id=first["id"], url=first["url"])
        assert other.append(changed, revise=True).revision == 2
        assert other.append(article(2001))
        other.sync()
        ids = [first["id"], *(record["id"] for record in records)]
        assert len(ids) == len(set(ids))
        assert identity(2001) not in ids
        again = {record["id"]: record for record in archive.records(MONTH, latest=True)}
        assert again.keys() == {*ids, identity(2001)}
        assert again[first["id"]]["revision"] == 2


def test_an_index_cut_anywhere_is_made_anew(tmp_path):
    fill(tmp_path)
    whole = index_of(tmp_path).read_bytes()
    for cut in {*range(0, len(whole), 4096), *range(0, len(whole), 1511), 15, 99, 101}:
        index_of(tmp_path).write_bytes(whole[:cut])
        with Archive(tmp_path) as archive:
            check_all(archive)


@pytest.mark.parametrize("spoil", SPOILS)
def test_an_index_spoiled_while_it_is_used_harms_nobody(tmp_path, spoil, scans):
    with Archive(tmp_path) as archive:
        for number in SOME:
            archive.append(article(number))
        archive.sync()
        spoil(index_of(tmp_path))
        assert archive.append(article(1000))
        archive.sync()
        with Archive(tmp_path) as other:
            assert identity(1000) in other
            assert other.append(article(1001))
        assert identity(1001) in archive
        assert archive.append(article(1001)) is None
        for number in SOME:
            assert archive.append(article(number)) is None
            assert archive.latest(identity(number)) == article(number)
    expected = [*map(identity, SOME), identity(1000), identity(1001)]
    assert ids_in(tmp_path) == expected
    with Archive(tmp_path) as archive:
        assert archive.ids(MONTH) == sorted(expected)
        for number in SOME:
            assert archive.latest(identity(number)) == article(number)
    check_that_the_index_is_whole(tmp_path, scans)


def test_an_index_deleted_while_it_is_used_is_there_again(tmp_path, scans):
    with Archive(tmp_path) as archive:
        archive.append(article(1))
        archive.sync()
        delete(index_of(tmp_path))
        archive.append(article(2))
        archive.sync()
        archive.append(article(3))
    scans.clear()
    with Archive(tmp_path) as archive:
        assert archive.ids(MONTH) == [identity(1), identity(2), identity(3)]
    assert scans == []


def test_an_index_that_fails_again_and_again_is_kept_in_memory(tmp_path, monkeypatch):
    connected = sqlite_cache._connected

    def broken(path):
        db = connected(path)
        if path != ":memory:":
            db.execute("DROP TABLE lines")
        return db

    monkeypatch.setattr(sqlite_cache, "_connected", broken)
    with Archive(tmp_path) as archive:
        assert archive.append(article(1))
        assert archive.append(article(1)) is None


def test_lines_of_a_file_that_was_rewritten_do_not_get_into_the_index(tmp_path):
    with Archive(tmp_path) as archive, Archive(tmp_path) as other:
        archive.append(article(1))
        archive.append(article(2))
        kept = range(2, 6)
        put_in_its_place(file_of(tmp_path), b"".join(line_of(article(n)) for n in kept))
        assert other.ids(MONTH) == [identity(number) for number in kept]
        archive.sync()
        with Archive(tmp_path) as third:
            assert identity(1) not in third
            assert third.stored(identity(2)).offset == 0
            assert third.same_content(article(1).content_hash) is None


def test_lines_that_the_index_does_not_take_are_not_forgotten(tmp_path):
    with Archive(tmp_path) as archive, Archive(tmp_path) as other:
        archive.append(article(1))
        archive.sync()
        wrong_offsets(index_of(tmp_path))
        assert other.latest(identity(1)) == article(1)  # it has read the file anew
        archive.append(article(2))
        archive.sync()
        assert archive.append(article(2)) is None
    assert ids_in(tmp_path) == [identity(1), identity(2)]


def test_after_a_loss_the_same_content_is_looked_for_everywhere(tmp_path):
    with Archive(tmp_path) as archive:
        archive.append(article(1, "Sama.", "2019-01"))
        archive.append(article(2))
        assert archive.same_content(article(1, "Sama.").content_hash) == identity(1, "2019-01")
        archive.sync()
        delete(index_of(tmp_path))
        archive.append(article(3))
        archive.sync()
        assert archive.same_content(article(1, "Sama.").content_hash) == identity(1, "2019-01")


def test_an_index_of_the_past_is_brought_up_to_date(tmp_path, scans):
    fill(tmp_path)
    past, end = index_of(tmp_path).read_bytes(), file_of(tmp_path).stat().st_size
    store(tmp_path, *(article(number) for number in range(1000, 1020)))
    index_of(tmp_path).write_bytes(past)
    scans.clear()
    with Archive(tmp_path) as archive:
        assert archive.append(article(1010)) is None
        assert identity(1019) in archive
        for number in SOME:
            assert archive.latest(identity(number)) == article(number)
    assert scans == [end]


def test_an_index_that_somebody_else_writes_to_can_wait(tmp_path):
    with Archive(tmp_path) as archive:
        archive.append(article(1))
        archive.sync()
        index = index_of(tmp_path).stat()
        writer = sqlite3.connect(index_of(tmp_path), isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        for number in range(2, 12):
            archive.append(article(number))
        archive.sync()
        assert archive.ids(MONTH) == list(map(identity, range(1, 12)))
        assert archive.same_content(article(9).content_hash) == identity(9)
        writer.execute("ROLLBACK")
        writer.close()
        archive.append(article(12))
    assert os.path.samestat(index_of(tmp_path).stat(), index)
    with Archive(tmp_path) as archive:
        assert archive.ids(MONTH) == list(map(identity, range(1, 13)))


def test_an_index_that_is_kept_locked_is_done_without(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite_cache, "PATIENCE", 0.05)
    store(tmp_path, article(1))
    writer = sqlite3.connect(index_of(tmp_path), isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with Archive(tmp_path) as archive:
        assert archive.append(article(2, month="2020-01"))
        assert archive.append(article(1)) is None
        assert archive.same_content(article(1).content_hash) == identity(1)
    writer.execute("ROLLBACK")
    writer.close()
    store_nothing_more(tmp_path)


def test_an_index_that_cannot_be_a_file_is_kept_in_memory(tmp_path, caplog):
    index_of(tmp_path).mkdir()
    with Archive(tmp_path) as archive:
        assert archive.append(article(1))
        assert archive.append(article(1)) is None
        assert archive.latest(identity(1)) == article(1)
    assert "No index can be kept" in caplog.text
    store_nothing_more(tmp_path)


def test_a_file_that_has_not_changed_is_not_read_again(tmp_path, scans):
    store(tmp_path, article(1), article(2), article(3, month="2020-01"))
    scans.clear()
    with Archive(tmp_path) as archive:
        assert identity(1) in archive
        assert archive.append(article(2)) is None
        assert archive.append(article(4))
        assert archive.same_content(article(3).content_hash) == identity(3, "2020-01")
    assert scans == []


def test_of_a_file_that_has_grown_only_the_end_is_read(tmp_path, scans):
    with Archive(tmp_path) as archive, Archive(tmp_path) as other:
        archive.append(article(1))
        archive.append(article(2))
        archive.sync()
        scans.clear()
        other.append(article(3))
        assert scans == []  # the index has told of the first two
        assert identity(3) in archive
        end = len(line_of(article(1))) + len(line_of(article(2)))
        assert scans == [end]


def test_an_index_that_lags_behind_is_caught_up_from_where_it_ended(tmp_path, scans):
    archive = Archive(tmp_path)
    archive.append(article(1))
    archive.sync()
    archive.append(article(2))
    del archive  # as if it had been killed: what it had not told the index is in the file
    scans.clear()
    with Archive(tmp_path) as archive:
        assert identity(2) in archive
    assert scans == [len(line_of(article(1)))]
    scans.clear()
    store_nothing_more(tmp_path)
    assert scans == []


def test_the_index_is_written_now_and_then(tmp_path, monkeypatch):
    monkeypatch.setattr(archive_module, "BATCH", 5)
    with Archive(tmp_path) as archive:
        for number in range(12):
            archive.append(article(number))
            assert archive._index.unwritten < 5
        db = sqlite3.connect(index_of(tmp_path))
        assert db.execute("SELECT count(*) FROM lines").fetchone() == (10,)
        db.close()


# -- files that people change --------------------------------------------------------------------


def rewritten(path, content):
    path.write_bytes(content)


def put_in_its_place(path, content):
    path.with_suffix(".new").write_bytes(content)
    path.with_suffix(".new").replace(path)


@pytest.mark.parametrize("change", [rewritten, put_in_its_place])
@pytest.mark.parametrize("deleted", range(4))
def test_a_line_deleted_by_hand_is_collected_again(tmp_path, change, deleted):
    numbers = range(4)
    with Archive(tmp_path) as archive:
        for number in numbers:
            archive.append(article(number))
        archive.sync()
        archive.append(article(9, month="2020-01"))
        kept = [number for number in numbers if number != deleted]
        change(file_of(tmp_path), b"".join(line_of(article(number)) for number in kept))
        assert archive.ids(MONTH) == [identity(number) for number in kept]
        assert identity(deleted) not in archive
        for number in kept:
            assert archive.latest(identity(number)) == article(number)
        assert archive.append(article(deleted))
        assert archive.append(article(deleted)) is None
    assert ids_in(tmp_path) == [identity(number) for number in (*kept, deleted)]
    with Archive(tmp_path) as archive:
        assert archive.ids(MONTH) == [identity(number) for number in numbers]


@pytest.mark.parametrize("change", [rewritten, put_in_its_place])
def test_a_line_deleted_between_two_runs_is_noticed(tmp_path, change):
    store(tmp_path, article(1), article(2), article(3))
    change(file_of(tmp_path), line_of(article(1)) + line_of(article(3)))
    with Archive(tmp_path) as archive:
        assert archive.same_content(article(2).content_hash) is None
        assert identity(2) not in archive
        assert archive.append(article(2))
    assert ids_in(tmp_path) == [identity(1), identity(3), identity(2)]


def test_a_line_deleted_where_others_have_grown_is_noticed(tmp_path):
    store(tmp_path, article(1), article(2), article(3))
    grown = (line_of(article(number)) for number in (1, 3, 4, 5, 6))
    rewritten(file_of(tmp_path), b"".join(grown))
    with Archive(tmp_path) as archive:
        assert archive.ids(MONTH) == [identity(number) for number in (1, 3, 4, 5, 6)]
        assert archive.latest(identity(6)) == article(6)


@pytest.mark.parametrize("change", [rewritten, put_in_its_place])
def test_a_line_changed_in_its_place_is_noticed(tmp_path, change):
    store(tmp_path, article(1, "Kapal."), article(2))
    content = line_of(article(1, "Perah.")) + line_of(article(2))
    assert len(content) == file_of(tmp_path).stat().st_size
    time.sleep(0.02)  # the clock of a file system ticks a hundred times a second or more
    change(file_of(tmp_path), content)
    with Archive(tmp_path) as archive:
        assert archive.stored(identity(1)).content_hash == article(1, "Perah.").content_hash


def test_a_file_put_in_place_is_read_whole_though_its_end_was_there_before(tmp_path):
    store(tmp_path, article(1, "Kapal."), article(2))
    lines = (article(1, "Perah."), article(2), article(3))
    put_in_its_place(file_of(tmp_path), b"".join(map(line_of, lines)))
    with Archive(tmp_path) as archive:
        assert archive.stored(identity(1)).content_hash == article(1, "Perah.").content_hash


def test_a_month_deleted_by_hand_is_collected_again(tmp_path):
    store(tmp_path, article(1), article(2, month="2020-01"))
    file_of(tmp_path).unlink()
    with Archive(tmp_path) as archive:
        assert archive.same_content(article(1).content_hash) is None
        assert identity(1) not in archive
        assert not file_of(tmp_path).exists()
        assert archive.append(article(1))
        file_of(tmp_path).unlink()
        assert identity(1) not in archive
        assert archive.append(article(1))
    assert ids_in(tmp_path) == [identity(1)]


def test_nothing_but_month_files_is_read(tmp_path):
    store(tmp_path, article(1))
    for name in ("2021-13.jsonl", "notes.jsonl", "2021-08.jsonl.torn", "2021-08.jsonl~"):
        (tmp_path / "articles" / name).write_bytes(b"junk")
    with Archive(tmp_path) as archive:
        assert archive.months() == [MONTH]
        assert archive.same_content(article(1).content_hash) == identity(1)


def test_a_line_that_is_not_finished_is_not_shown(tmp_path):
    store(tmp_path, article(1), article(2))
    os.truncate(file_of(tmp_path), file_of(tmp_path).stat().st_size - 1)
    with Archive(tmp_path) as archive:
        assert [line for _, line in archive.lines(MONTH)] == [line_of(article(1))]


# -- all of it together --------------------------------------------------------------------------

numbers = st.integers(0, 5)


class ArchiveBesideAModel(RuleBasedStateMachine):
    """Two archives on one directory and a list of what must be in the file."""

    def __init__(self):
        super().__init__()
        self.root = Path(os.environ["KOMPAS_TEST_ROOT"]) / f"{random.getrandbits(64):x}"
        self.archives = [Archive(self.root), Archive(self.root)]
        self.lines = []

    def revisions(self, number):
        return [one for one in self.lines if one.id == identity(number)]

    @rule(
        which=st.integers(0, 1), number=numbers, text=st.sampled_from("abc"), revise=st.booleans()
    )
    def append(self, which, number, text, revise):
        known = self.revisions(number)
        told = self.archives[which].append(article(number, text), revise=revise)
        if known and (not revise or known[-1].text == text):
            assert told is None
        else:
            assert told == replace(article(number, text), revision=len(known) + 1)
            self.lines.append(told)

    @rule(which=st.integers(0, 1), closing=st.booleans())
    def begin_again(self, which, closing):
        if closing:
            self.archives[which].close()
        self.archives[which] = Archive(self.root)

    @rule(which=st.integers(0, 1))
    def sync(self, which):
        self.archives[which].sync()

    @rule()
    def lose_the_index(self):
        index_of(self.root).unlink(missing_ok=True)

    @precondition(lambda self: self.lines)
    @rule(length=st.integers(1, 50))
    def tear(self, length):
        with file_of(self.root).open("ab") as file:
            file.write(line_of(article(99))[:length])

    @precondition(lambda self: self.lines)
    @rule(which=st.integers(0, 100))
    def delete_a_last_revision(self, which):
        last = self.revisions(int(self.lines[which % len(self.lines)].id[11:-2]))[-1]
        self.lines.remove(last)
        put_in_its_place(file_of(self.root), b"".join(map(line_of, self.lines)))

    @rule(which=st.integers(0, 1), number=numbers)
    def ask(self, which, number):
        archive = self.archives[which]
        assert archive.revisions(identity(number)) == self.revisions(number)
        assert archive.latest(identity(number)) == (self.revisions(number) or [None])[-1]
        assert archive.ids(MONTH) == sorted({one.id for one in self.lines})

    @invariant()
    def whole_lines_in_their_order(self):
        if file_of(self.root).exists():
            content = file_of(self.root).read_bytes()
            assert content.startswith(b"".join(map(line_of, self.lines)))

    def teardown(self):
        for archive in self.archives:
            archive.close()
        shutil.rmtree(self.root)


@pytest.fixture(autouse=True)
def model_root(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("KOMPAS_TEST_ROOT", str(tmp_path_factory.getbasetemp()))


TestArchiveBesideAModel = ArchiveBesideAModel.TestCase
TestArchiveBesideAModel.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
