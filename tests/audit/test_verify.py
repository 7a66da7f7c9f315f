"""Does `scrapy verify` find what is wrong, and does `--repair` mend it without losing a line?

Every directory here was written by the project's own archive and log of runs, then spoiled as a crash,
a disk or a person would.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kompas_crawler.archive.locks import RunLock, lock_path
from kompas_crawler.archive.record import from_record, line_of
from kompas_crawler.archive.schema import EXAMPLE
from kompas_crawler.archive.store import Archive
from kompas_crawler.audit.repair import ARTICLES, Repair, salvage
from kompas_crawler.audit.verify import Verification
from kompas_crawler.processors import content_hash, count_words
from kompas_crawler.runs.log import CrawlLog
from kompas_crawler.runs.outcome import Outcome
from kompas_crawler.runs.run import Run
from kompas_crawler.runs.state import State
from kompas_crawler.timezones import WIB
from tests import forked
from tests.in_process import run_in_process

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 23, 12, tzinfo=WIB)
# Writes a line in two pieces, half a second apart, under the file's lock.
SLOW_WRITER = """
import fcntl, os, sys, time
fd = os.open(sys.argv[1], os.O_RDWR | os.O_APPEND)
fcntl.flock(fd, fcntl.LOCK_EX)
line = sys.stdin.buffer.read()
os.write(fd, line[:300])
print(flush=True)
time.sleep(0.5)
os.write(fd, line[300:])
"""
CRAWL = "international-20261122T120000-abcdef"


def article(number, month="2026/11", revision=1):
    """An article of our own, another one for every number."""
    id_ = f"{month}/{number % 28 + 1:02}/{100000 + number:06}170"
    text = f"Kapal ke-{number} berlabuh.\n\nAwaknya {revision} orang “kuat” {{tegap}}."
    title = f"Kapal Nomor {number}"
    return replace(
        from_record(EXAMPLE),
        id=id_,
        url=f"https://www.kompas.com/global/read/{id_}/kapal-nomor-{number}",
        title=title,
        text=text,
        subheadings=(),
        word_count=count_words(text),
        content_hash=content_hash(title, text),
        published_at=datetime(2026, 8, 26, 16, 22, 26, tzinfo=WIB),
        updated_at=None,
        revision=revision,
        crawl=CRAWL,
    )


def note_run(root, crawl=CRAWL):
    run = Run(id=crawl, spider="international", started_at=NOW - timedelta(hours=1))
    run.coverage.note_covered(NOW - timedelta(days=1), NOW)
    CrawlLog(root).append(lambda before: run.to_line(Outcome.COMPLETE, "finished", NOW, before))


@pytest.fixture
def root(tmp_path):
    """An archive of 30 articles in two months, two of them changed once."""
    root = tmp_path / "output"
    with Archive(root) as archive:
        for number in range(20):
            archive.append(article(number))
        for number in range(10):
            archive.append(article(number, "2026/10"))
        for number in (3, 7):
            archive.append(article(number, revision=2), revise=True)
    note_run(root)
    return root


def scrapy(*words, **options):
    return forked.run(
        [sys.executable, "-m", "scrapy", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | forked.WARNINGS,
        **options,
    )


def verify(root, *more):
    done = scrapy("verify", "--output", str(root), "--json", *more)
    assert done.returncode in (0, 20), done.stdout + done.stderr
    document = json.loads(done.stdout)
    assert document["clean"] == (done.returncode == 0)
    return document


def counts(root):
    """What a verification counts, over all files, without a process of its own."""
    found = {}
    for report in Verification(root).reports():
        for what, number in report.counts.items():
            found[str(what)] = found.get(str(what), 0) + number
    return found


def mend(root):
    return list(Repair(root, NOW).apply(list(Verification(root).reports())))


def november(root):
    return root / "articles" / "2026-11.jsonl"


def lines(path):
    return path.read_bytes().splitlines(keepends=True)


def spoil(path, change):
    path.write_bytes(change(path.read_bytes()))


def compact(data):
    """The same lines as `jq -c` writes them."""
    records = map(json.loads, data.splitlines())
    return b"".join(json.dumps(each, separators=(",", ":")).encode() + b"\n" for each in records)


def test_lines_that_another_program_has_written_are_sound_and_are_repaired(root):
    spoil(november(root), compact)
    with Archive(root) as archive:
        assert archive.stored(article(3).id).revision == 2  # and all lines are in the index
    assert verify(root)["clean"]
    torn, whole = (json.loads(line)["id"] for line in lines(november(root))[5:7])
    spoil(november(root), glued)
    assert [each for action in mend(root) for each in action.lost] == [torn]
    with Archive(root) as archive:
        assert archive.stored(whole)
        assert not archive.stored(torn)


def glued(data):
    """The sixth line torn in its middle, the seventh written right behind it."""
    parts = data.splitlines(keepends=True)
    parts[5] = parts[5][: len(parts[5]) // 2]
    return b"".join(parts)


def with_line(number, change):
    def spoiled(data):
        parts = data.splitlines(keepends=True)
        parts[number] = change(parts[number])
        return b"".join(parts)

    return spoiled


def field(name, value):
    """Give the line's record another value, as a hand that edits files would."""

    def edited(line):
        return json.dumps(json.loads(line) | {name: value}, ensure_ascii=False).encode() + b"\n"

    return edited


def test_a_sound_archive_is_called_sound(root):
    done = scrapy("verify", "--output", str(root))

    assert done.returncode == 0, done.stderr
    assert "33 lines in 3 files, and no problem found." in done.stdout
    assert verify(root)["problems"] == 0


def test_articles_given_up_of_late_are_named_and_nothing_is_wrong_with_the_files(root):
    lost, old, gone, stored = (article(n, "2026/09").id for n in (1, 2, 3, 4))
    with Archive(root) as archive:
        archive.append(article(4, "2026/09"))
    for days, given_up, taken in ((9, (old,), ()), (2, (lost, gone, stored), ()), (1, (), (gone,))):
        now = datetime.now(WIB) - timedelta(days=days)
        run = Run(id=f"backfill-{days}", spider="backfill", started_at=now)
        line = run.to_line(Outcome.PARTIAL, "finished", now, State())
        line["given_up"] = [{"id": id_, "url": "", "reason": "x"} for id_ in given_up]
        line["gone"] = [{"id": id_, "url": "", "status": 404} for id_ in taken]
        CrawlLog(root).append(lambda _, line=line: line)
    done = run_in_process("verify", output=root)
    assert done.code == 0
    assert f"note: 1 article given up in the last 7 days and not stored: {lost}\n" in done.out
    assert run_in_process("verify", "--json", output=root).json["given_up"] == [lost]


def test_an_archive_that_a_crawl_has_written_is_sound(stand_in, crawl):
    site = stand_in("--days", "2", "--per-day", "8", "--twins")
    crawled = crawl(site, "backfill", "since=1d")
    assert crawled.code == 0, crawled.log

    document = verify(crawled.output)

    assert (document["problems"], document["notes"]) == (0, [])
    assert sum(file["articles"] for file in document["files"]) == len(crawled.records) > 10
    months = sorted((crawled.output / "articles").glob("*.jsonl"))
    months[0].write_bytes(months[0].read_bytes()[:-1].rpartition(b"\n")[0] + b"\n")
    document = verify(crawled.output)
    taken = "is missing, or shorter than when a run last read it: articles may have been taken"
    assert [taken in note for note in document["notes"]] == [True]
    assert months[0].name in document["notes"][0]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda data: data[:-40], "torn"),
        (lambda data: data + b'{"id": "2026/11/23/0', "torn"),
        (lambda data: data[:-1], "torn"),
        (lambda data: data + b"\x00" * 900, "torn"),
        (glued, "garbage"),
        (with_line(4, lambda line: b"\xff\xfe\x00" + line), "garbage"),
        (with_line(4, lambda line: b"\n" + line), "garbage"),
        (with_line(4, lambda line: line[:90] + b"\xff" + line[91:]), "garbage"),
        (with_line(4, lambda line: line + line), "duplicate"),
        (with_line(4, lambda _: line_of(article(55, "2026/10"))), "wrong-month"),
        (with_line(4, field("title", "Lain")), "contract"),
        (with_line(4, field("word_count", 99)), "contract"),
        (with_line(4, field("section", "")), "spoiled"),
        (with_line(4, lambda line: b'{"id": 5}\n'), "spoiled"),
        (with_line(4, field("revision", 2)), "revision"),
        (with_line(20, field("revision", 5)), "revision"),
        (with_line(20, field("published_at", "2026-08-26T16:22:27+07:00")), "published-at"),
    ],
)
def test_what_is_wrong_in_a_month_is_named(root, change, what):
    spoil(november(root), change)

    # The index cannot know of this change, except where it kept the size.
    assert set(counts(root)) - {"index"} == {what}


def test_a_problem_is_told_with_its_place(root):
    spoil(november(root), with_line(4, field("word_count", 99)))

    done = scrapy("verify", "--output", str(root))

    assert done.returncode == 20
    expected = f"articles/2026-11.jsonl:5: contract: {article(4).id}: word_count is 99, text has 8"
    assert expected in done.stdout
    assert "no crash can cause that" in done.stdout
    problem = verify(root)["files"][2]["named"][0]
    offset = len(b"".join(lines(november(root))[:4]))
    assert (problem["line"], problem["offset"], problem["id"]) == (5, offset, article(4).id)
    assert problem["mendable"] is False


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda data: data[:-30], "torn"),
        (lambda data: b"\x00\x00" + data, "garbage"),
        (lambda data: data * 2, "duplicate"),
        (with_line(0, field("outcome", "fine")), "run"),
        (with_line(0, field("started_at", "2026-11-22T12:00:00")), "spoiled"),
        (with_line(0, field("coverage", [["never", "ever"]])), "spoiled"),
        (with_line(0, field("pending", [{"id": "1"}])), "spoiled"),
        (lambda data: data + field("stored", 9)(data), "run"),
    ],
)
def test_what_is_wrong_in_the_runs_is_named(root, change, what):
    spoil(root / "crawls.jsonl", change)
    assert counts(root) == {what: 1}


def test_a_spoiled_line_cannot_command_the_terminal(root):
    spoil(november(root), with_line(4, field("id", "\x9b2J\x1b]0;x")))
    spoil(november(root), lambda data: data + b"\x1b[2J\n")
    done = scrapy("verify", "--output", str(root))
    assert done.returncode == 20
    assert not set(done.stdout) & {"\x1b", "\x9b"}


def test_a_killed_run_is_told_and_no_fault(root):
    (root / "crawls.jsonl").unlink()

    document = verify(root)

    assert document["clean"] is True
    assert f"run {CRAWL} stored 32 of the lines and has no line" in document["notes"][0]


@pytest.mark.parametrize("name", ["2026-11 (copy).jsonl", "2026-13.jsonl", "2026-10.jsonl.gz"])
def test_a_file_that_no_crawl_reads_is_named(root, name):
    shutil.copy(november(root), november(root).with_name(name))
    assert counts(root) == {"file-name": 1}


def test_an_index_that_a_full_disk_has_left_empty_is_only_behind(root):
    (root / ".index.sqlite").write_bytes(b"")
    assert counts(root) == {}


def test_an_index_that_is_wrong_is_found_and_deleted(root):
    path = november(root)
    parts, before = lines(path), path.stat()
    path.write_bytes(b"".join([*parts[1:], parts[0]]))  # the same size, and the same time below
    times = (before.st_atime_ns, before.st_mtime_ns)
    os.utime(path, ns=times)
    assert counts(root) == {"index": 1}

    mend(root)

    assert counts(root) == {}
    with Archive(root) as archive:
        assert archive.latest(article(0).id).title == "Kapal Nomor 0"


def test_an_index_that_misses_a_line_is_found(root):
    with closing(sqlite3.connect(root / ".index.sqlite")) as db, db:
        db.execute("DELETE FROM lines WHERE id = ?", (article(5).id,))
    assert counts(root) == {"index": 1}
    mend(root)
    assert counts(root) == {}


def test_an_index_that_is_no_database_is_found_and_deleted(root):
    for path in root.glob(".index.sqlite*"):
        path.write_bytes(b"not a database at all" * 400)
    assert counts(root) == {"index": 1}
    mend(root)
    assert counts(root) == {}


def test_no_directory_is_no_sound_archive(tmp_path):
    done = scrapy("verify", "--output", str(tmp_path / "nowhere"))
    assert done.returncode == 2
    assert "holds no archive" in done.stderr
    assert not (tmp_path / "nowhere").exists()


def test_a_verification_changes_nothing(root):
    spoil(november(root), glued)
    before = {path.name: path.read_bytes() for path in root.rglob("*.jsonl*")}
    counts(root)
    assert {path.name: path.read_bytes() for path in root.rglob("*.jsonl*")} == before


# Repairs.


def test_a_repair_keeps_every_whole_line_and_the_file_as_it_was(root):
    path = november(root)
    sound = lines(path)
    spoil(path, glued)
    spoiled = path.read_bytes()

    done = scrapy("verify", "--output", str(root), "--repair")

    assert done.returncode == 0, done.stdout + done.stderr
    assert lines(path) == sound[:5] + sound[6:]
    (kept,) = path.parent.glob("*.before-repair-*")
    assert kept.read_bytes() == spoiled
    assert f'scrapy crawl articles -a url="{article(5).id}"' in done.stdout
    assert "1 whole line kept" in done.stdout
    assert "is a file as it was before a repair" in done.stdout


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (lambda data: data[:-40], slice(0, -1)),
        (lambda data: data[:-1], slice(None)),
        (lambda data: data + b"\x00" * 900, slice(None)),
        (lambda data: b"\x00" * 900 + data, slice(None)),
        (lambda data: data.replace(b"\n", b"", 4), slice(None)),
        (lambda data: data.replace(b"\n", b"\n\n"), slice(None)),
        (lambda data: data + data, slice(None)),
        (with_line(0, lambda line: line[:-1] + b"}}garbage\n"), slice(None)),
    ],
)
def test_what_a_crash_can_do_is_undone(root, change, left):
    path = november(root)
    sound = lines(path)
    spoil(path, change)
    assert counts(root)

    mend(root)

    assert lines(path) == sound[left]
    assert counts(root) == {}
    assert mend(root) == []


def test_any_spoiled_bytes_leave_the_other_lines_whole(root):
    path, dice = november(root), random.Random(7)
    original = path.read_bytes()
    for _ in range(40):
        data = bytearray(original)
        begin = dice.randrange(len(data))
        end = min(len(data), begin + dice.randrange(1, 3000))
        data[begin:end] = dice.choice([b"", bytes(end - begin), dice.randbytes(end - begin)])
        path.write_bytes(data)

        mend(root)

        untouched = original[:begin].splitlines(keepends=True)[:-1]
        untouched += original[end:].splitlines(keepends=True)[1:]
        assert set(untouched) <= set(lines(path))
        assert set(lines(path)) <= set(original.splitlines(keepends=True))
        for copy in path.parent.glob("*.before-repair-*"):
            copy.unlink()


def test_a_torn_line_is_cut_at_every_byte_without_harm(root):
    path = november(root)
    *before, last = lines(path)
    for length in range(1, len(last)):
        piece = last[:length]
        assert salvage(piece, ARTICLES) == ([piece] if length == len(last) - 1 else [])
        assert salvage(piece + last, ARTICLES)[-1] == last[:-1]
    path.write_bytes(b"".join(before) + last[:500])
    (deed,) = mend(root)
    assert lines(path) == before
    assert deed.lost == ()  # its first revision is there


def test_a_line_in_the_wrong_month_is_moved(root):
    path, october = november(root), root / "articles" / "2026-10.jsonl"
    stray, older = line_of(article(55, "2026/10")), lines(october)
    first_of_its_month = line_of(article(1, "2025/01"))
    sound = lines(path)
    path.write_bytes(b"".join([stray, *sound, first_of_its_month, older[0]]))

    deeds = mend(root)

    assert lines(path) == sound
    assert lines(october) == [*older, stray]
    assert lines(root / "articles" / "2025-01.jsonl") == [first_of_its_month]
    assert [deed.done for deed in deeds] == [True, True, True]
    assert counts(root) == {}


def test_a_revision_that_fits_nowhere_is_named_and_left(root):
    path = november(root)
    stray = line_of(article(2, "2026/10", revision=4))
    path.write_bytes(path.read_bytes() + stray)

    done = scrapy("verify", "--output", str(root), "--repair")

    assert done.returncode == 20
    assert "left where it is: 2026-10.jsonl has revision 1" in done.stdout
    assert lines(path)[-1] == stray
    assert not list(path.parent.glob("*.before-repair-*"))


def test_what_no_crash_can_cause_is_left_as_it_is(root):
    path = november(root)
    spoil(path, with_line(4, field("word_count", 99)))
    data = path.read_bytes()
    assert mend(root) == []
    assert path.read_bytes() == data


def test_the_runs_are_mended_too(root):
    note_run(root, "international-2")
    path = root / "crawls.jsonl"
    sound = lines(path)
    path.write_bytes(sound[0][:100] + sound[0] + sound[1][:-1] + sound[1] + b'{"crawl": "x')

    mend(root)

    assert lines(path) == sound
    assert list(root.glob("crawls.jsonl.before-repair-*"))


def test_a_repair_refuses_while_a_run_holds_the_directory(root):
    spoil(november(root), glued)
    spoiled = november(root).read_bytes()
    with RunLock(lock_path(root, "backfill"), "backfill-20261123T110000-beef"):
        done = scrapy("verify", "--output", str(root), "--repair")
    assert done.returncode == 15
    assert "run backfill-20261123T110000-beef" in done.stderr
    assert november(root).read_bytes() == spoiled


def test_a_repair_leaves_the_next_run_the_word_of_a_killed_one(root):
    lock_path(root, "backfill").write_text(
        '{"pid": 1, "run": "killed", "since": "2026-11-22T10:00:00+07:00"}\n'
    )
    assert scrapy("verify", "--output", str(root), "--repair").returncode == 0
    with RunLock(lock_path(root, "backfill"), "next") as lock:
        assert lock.previous.run == "killed"


def test_a_full_disk_leaves_the_file_as_it_was(root):
    path = november(root)
    spoil(path, lambda data: data + b"\x00" * 10)
    data = path.read_bytes()

    done = scrapy("verify", "--output", str(root), "--repair", largest_file=9000)

    assert done.returncode == 14, done.stdout + done.stderr
    assert "File too large" in done.stderr
    assert path.read_bytes() == data
    assert not list(path.parent.glob("*.repairing"))


def test_a_crawl_goes_on_after_a_repair(root):
    spoil(november(root), glued)
    with Archive(root) as archive:
        assert article(6).id not in archive  # the line it is glued into is passed over
        mend(root)
        assert article(6).id in archive
        assert archive.append(article(5)) is not None
        assert archive.append(article(6)) is None
    assert counts(root) == {}


def test_a_line_that_is_being_written_is_no_torn_one(root):
    path, line = november(root), line_of(article(99))
    writer = subprocess.Popen(
        [
            sys.executable,
            "-c",
            SLOW_WRITER,
            str(path),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    writer.stdin.write(line)
    writer.stdin.close()
    writer.stdout.readline()

    found = counts(root)

    writer.wait()
    writer.stdout.close()
    assert found == {}
    assert lines(path)[-1] == line


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("name", ["articles/2026-11.jsonl", "crawls.jsonl"])
def test_a_file_that_an_editor_saved_in_another_encoding_is_told_and_mended_once(
    root, encoding, name
):
    path = root / name
    before = path.read_bytes()
    path.write_bytes(before.decode().encode(encoding))
    told = run_in_process("verify", output=root)
    assert told.code == 20
    assert "Wrong: 1 encoding; scrapy verify --repair repairs 1." in told.out
    if encoding != "utf-8-sig":
        looked = run_in_process("report", "--to", str(root.parent / "x.html"), output=root)
        assert (looked.code, looked.log.count("\n")) == (14, 1)
        assert "scrapy verify --repair converts it back" in looked.log
    done = run_in_process("verify", "--repair", output=root)
    assert done.code == 0, done.out + done.log
    assert "now UTF-8 without one" in done.out
    assert path.read_bytes() == before
    again = run_in_process("verify", "--repair", output=root)
    assert again.code == 0
    assert "repaired" not in again.out
