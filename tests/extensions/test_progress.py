"""What a person sees of a run, on a terminal and without one."""

import os
import pty
import re
import struct
import sys
import termios
from datetime import datetime, timedelta
from fcntl import ioctl
from io import StringIO

import pyte
import pytest

from kompas_crawler.errors import BadArgument
from kompas_crawler.extensions.progress import StatusReader, Summary, mode_of, read_mode
from kompas_crawler.runs.outcome import Outcome
from kompas_crawler.runs.run import Run
from kompas_crawler.timezones import WIB
from tests import forked
from tests.conftest import ROOT, command, environment, runs

NOW = datetime(2026, 11, 23, 12, tzinfo=WIB)
ESCAPE = "\x1b"


def a_run(days: int = 0) -> Run:
    run = Run(id="backfill-x", spider="backfill", started_at=NOW)
    if days:
        run.since = NOW.replace(hour=0) - timedelta(days=days - 1)
        run.until = NOW.replace(hour=23, minute=59)
    return run


def cover(run: Run, age: int) -> None:
    begin = NOW.replace(hour=0) - timedelta(days=age)
    run.coverage.note_covered(begin, min(begin + timedelta(days=1), NOW))


def ask(run: Run, *numbers: int) -> list[str]:
    ids = [f"2026/11/23/1200{number:02}0" for number in numbers]
    for each in ids:
        run.request(each, f"https://www.kompas.com/global/read/{each}")
    return ids


def test_days_are_done_when_their_list_and_their_articles_are():
    run = a_run(days=10)
    reader = StatusReader(run, 0)
    assert (reader.read(1).days_done, reader.read(1).days_asked) == (0, 10)
    cover(run, 0)
    (article,) = ask(run, 1)
    assert reader.read(2).days_done == 0
    run.resolve(article, "stored")
    assert reader.read(3).days_done == 1
    cover(run, 1)
    cover(run, 30)  # owed by an earlier run, not asked for now
    assert reader.read(4).days_done == 2
    run.coverage.failed_days.add((NOW - timedelta(days=2)).date())
    assert reader.read(5).days_done == 3
    assert reader.read(5).part == pytest.approx(0.3)


def test_the_time_left_is_that_of_the_days_so_far():
    run = a_run(days=10)
    reader = StatusReader(run, 100)
    assert reader.read(110).left is None
    for age in range(4):
        cover(run, age)
    assert reader.read(140).left == timedelta(seconds=60)


def test_where_few_days_are_asked_for_articles_tell_how_far_it_is():
    run = a_run(days=1)
    reader = StatusReader(run, 100)
    assert (reader.read(100).part, reader.read(100).pace) == (None, None)
    ids = ask(run, *range(20))
    for each in ids[:4]:
        run.counts["read"] += 1
        run.resolve(each, "stored")
    status = reader.read(160)
    assert status.part == pytest.approx(0.2)
    assert status.pace == pytest.approx(4)
    assert status.left == timedelta(minutes=4)


def test_the_pace_is_that_of_the_last_minutes():
    run = a_run(days=1)
    reader = StatusReader(run, 0)
    for second in range(0, 1200, 10):
        run.counts["read"] += 10 if second < 600 else 1
        reader.read(second)
    assert reader.read(1200).pace == pytest.approx(6, rel=0.1)


def test_one_line_says_it_all():
    run = a_run(days=7)
    reader = StatusReader(run, 0)
    cover(run, 0)
    first, _second = ask(run, 1, 2)
    run.counts["known"] = 3
    run.note_failed(first, "https://www.kompas.com/global/read/x", "http-500")
    run.note_failed_listing("https://indeks.kompas.com/", "TimeoutError")
    reader.last = "2026-11-23 12:00  Kabar"
    said = reader.read(60).line()
    assert said == (
        "0 of 7 days, 0 new, 0 changed, 3 already stored, 1 waiting, 1 a minute,"
        " trouble: 1 article not read (http-500), 1 list not read."
        " Last: 2026-11-23 12:00  Kabar"
    )


class Terminal(StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("asked", "stream", "term", "mode"),
    [
        ("auto", Terminal(), "xterm-256color", "live"),
        ("auto", Terminal(), "dumb", "plain"),
        ("auto", StringIO(), "xterm-256color", "plain"),
        ("plain", Terminal(), "xterm-256color", "plain"),
        ("live", StringIO(), "", "live"),
        ("off", Terminal(), "xterm-256color", "off"),
    ],
)
def test_auto_is_live_on_a_terminal_only(asked, stream, term, mode):
    assert mode_of(asked, stream, {"TERM": term}) == mode


def test_what_is_no_mode_is_refused():
    with pytest.raises(BadArgument, match="'loud' cannot be read: auto, live, plain or off"):
        read_mode("loud")


@pytest.mark.parametrize(
    ("outcome", "missing"), [("complete", "none"), ("partial", "2 days not read to the end; ")]
)
def test_a_summary_never_says_complete_and_missing(outcome, missing):
    """Of a fleet, a worker's days may be proven by others: only the outcome knows."""
    run = Run(id="a", spider="backfill", started_at=NOW)
    run.since, run.until = NOW - timedelta(days=1), NOW
    status = StatusReader(run, 0.0).read(1.0)
    assert status.days_unproven == 2
    took = timedelta(seconds=1)
    told = Summary(
        outcome=Outcome(outcome), took=took, status=status, gone=0, folder="output/articles"
    )
    assert told.missing().startswith(missing)
    assert told.headline().lower().startswith(outcome)


# Whole crawls.


def test_without_a_terminal_the_log_says_how_it_goes_on_and_how_it_ended(stand_in, crawl):
    site = stand_in("--days", "5", "--per-day", "5")
    done = crawl(site, "backfill", "since=5d", KOMPAS_PROGRESS_EVERY="0.1")
    assert done.code == 0, done.log
    assert ESCAPE not in done.log
    said = [
        line for line in done.log.splitlines() if "[kompas_crawler.extensions.progress]" in line
    ]
    on_the_way = [line for line in said if re.search(r"INFO: \d of 6 days, \d+ new, ", line)]
    assert len(on_the_way) > 1
    assert re.search(r"Last: \d{4}-\d\d-\d\d \d\d:\d\d WIB  \S", on_the_way[-1])
    *_, last = done.log.splitlines()
    assert re.search(
        r"INFO: backfill ended as complete, exit code 0, after \d+ s: everything requested [^.]+\."
        r" 25 new, 0 changed, 0 already stored, \d+ requests in \S+/output\.$",
        last,
    )
    assert done.log.count("exit code 0") == done.log.count("everything requested") == 1


def test_half_a_minute_passes_between_two_lines_of_the_log(stand_in, crawl):
    site = stand_in("--days", "3", "--per-day", "3")
    done = crawl(site, "backfill", "since=3d")
    assert not re.search(r"INFO: \d of 4 days, \d+ new, ", done.log)
    assert "9 new, 0 changed" in done.log
    assert "Crawled 0 pages" not in done.log


def test_what_is_missing_is_said_with_what_to_do(stand_in, crawl):
    site = stand_in("--days", "1", "--per-day", "6")
    site.fail({"kind": "status", "status": 500, "match": f"*{site.ids()[0]}*"})
    done = crawl(site, "backfill", "since=1d", RETRY_TIMES="1")
    assert done.code == 10, done.log
    *_, last = done.log.splitlines()
    assert "backfill ended as partial, exit code 10, after " in last
    assert "some pages could not be read; the next run tries them again. HTTP 500 on http" in last
    assert last.endswith("Still to fetch: 1 article.")
    assert runs(done.output)[-1]["evidence"] in last


def test_progress_can_be_switched_off(stand_in, crawl):
    site = stand_in("--days", "1", "--per-day", "3")
    done = crawl(site, "backfill", "since=1d", KOMPAS_PROGRESS="off", KOMPAS_PROGRESS_EVERY="0.1")
    assert done.code == 0, done.log
    assert "[kompas_crawler.extensions.progress]" not in done.log


def test_a_mode_that_is_none_is_refused_before_any_request(stand_in, crawl):
    site = stand_in("--days", "1", "--per-day", "3")
    done = crawl(site, "backfill", "since=1d", KOMPAS_PROGRESS="loud")
    assert done.code == 2
    assert done.log == (
        "backfill: KOMPAS_PROGRESS='loud' cannot be read: auto, live, plain or off\n"
    )
    assert site.requests() == []


def test_quiet_says_nothing_unless_something_goes_wrong(stand_in, tmp_path):
    site = stand_in("--days", "1", "--per-day", "4")
    words = [*command("backfill", "since=1d", RETRY_TIMES="0"), "--quiet"]

    def said(output):
        done = forked.run(
            words, cwd=ROOT, env=environment(site, output), capture_output=True,
            text=True,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    assert said(tmp_path / "good") == (0, "")
    site.fail({"kind": "status", "status": 500, "match": f"*{site.ids()[0]}*"})
    code, log = said(tmp_path / "bad")
    assert code == 10
    assert "ERROR: backfill ended as partial" in log
    assert "INFO" not in log


class Seen:
    """What a command showed on a terminal of its own."""

    def __init__(self, words, environ, *, columns=100, rows=30):
        self.screen = pyte.HistoryScreen(columns, rows, history=5000)
        self.frames = []
        stream = pyte.ByteStream(self.screen)
        ours, theirs = pty.openpty()
        ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        # Where tests share a machine, these variables tell the size of another terminal.
        own = {k: v for k, v in environ.items() if k not in ("COLUMNS", "LINES")}
        process = forked.start(
            words,
            cwd=ROOT,
            env=own | {"TERM": "xterm-256color"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.raw = b""
        while read := self._read(ours):
            self.raw += read
            stream.feed(read)
            self.frames.append([line.rstrip() for line in self.screen.display])
        os.close(ours)
        self.code = process.wait()

    @staticmethod
    def _read(fd):
        try:
            return os.read(fd, 64)  # less than is drawn at once: what is wiped soon is seen, too
        except OSError:  # Linux says so when the other end is closed
            return b""

    @property
    def left(self):
        """Everything that stands on the terminal in the end, its history first."""
        gone = [
            "".join(line[x].data for x in range(self.screen.columns)).rstrip()
            for line in self.screen.history.top
        ]
        return [*gone, *map(str.rstrip, self.screen.display)]


def see(site, output, *words, columns=100, **settings):
    return Seen(command(*words, **settings), environment(site, output), columns=columns)


PRINTS = """
import sys, warnings
from datetime import timedelta
from kompas_crawler.extensions.progress import Screen, Status
status = Status(days_done=1, days_asked=6, days_unproven=5, new=1, changed=0, known=0, waiting=2,
                missing=0, pace=None, left=None, trouble="", last=None)
screen = Screen("backfill", sys.stderr, 0)
screen.show(status)
print("a word on stdout")
screen.show(status)
warnings.warn("a warning")
screen.show(status)
screen.close()
"""


def test_what_others_print_goes_above_what_is_redrawn():
    seen = Seen([sys.executable, "-c", PRINTS], dict(os.environ))
    assert seen.code == 0
    assert max(sum(line.startswith("backfill  ") for line in f) for f in seen.frames) == 1
    said = [line for line in seen.left if line]
    assert said[0] == "a word on stdout"
    assert "UserWarning: a warning" in said[1]
    assert not any("backfill" in line for line in said)


def test_a_terminal_shows_a_few_lines_in_place_and_a_summary(stand_in, tmp_path):
    site = stand_in("--days", "5", "--per-day", "8")
    seen = see(site, tmp_path / "o", "backfill", "since=5d", DOWNLOAD_DELAY="0.03")
    assert seen.code == 0, seen.left
    heads = [
        [line for line in frame if re.match(r"backfill  \d of 6 days  .*%", line)]
        for frame in seen.frames
    ]
    torn = [frame for frame, head in zip(seen.frames, heads, strict=True) if len(head) > 1]
    assert torn == [], "they are redrawn in place"
    assert len({head[0] for head in heads if head}) > 2, "they move"
    assert any("already stored" in line and "waiting" in line for f in seen.frames for line in f)
    text = "\n".join(seen.left)
    assert "of 6 days" not in text, "they are wiped in the end"
    assert re.search(r"^Complete after \d+ s: everything requested", text, re.MULTILINE)
    assert re.search(r"^New +40, 0 changed, 0 already stored$", text, re.MULTILINE)
    assert re.search(r"^Missing +none$", text, re.MULTILINE)
    shown = " ".join(text.partition("Next ")[2].split())
    assert shown.startswith(f"scrapy report --output {tmp_path / 'o'} shows what you have; search")
    assert "ended as complete" not in text, "the summary says so"
    assert not seen.screen.cursor.hidden


def test_log_lines_are_whole_above_what_is_redrawn(stand_in, tmp_path):
    site = stand_in("--days", "2", "--per-day", "12")
    site.fail({"kind": "status", "status": 500, "match": "*/read/*"})
    settings = {"DOWNLOAD_DELAY": "0.02", "RETRY_TIMES": "0", "LOG_LEVEL": "DEBUG"}
    seen = see(site, tmp_path / "o", "backfill", "since=2d", columns=300, **settings)
    assert any(re.match("backfill  .* of 3 days", line) for f in seen.frames for line in f)
    begin, end = (
        next(i for i, line in enumerate(seen.left) if said in line)
        for said in ("INFO: Spider opened", "INFO: Spider closed")
    )
    log = seen.left[begin:end]
    whole = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[[\w.]+\] (DEBUG|INFO|WARNING|ERROR): \S.*"
    assert len(log) > 20
    assert [line for line in log if not re.fullmatch(whole, line)] == []
    crawled = [line for line in log if re.search(r"Crawled \(500\) <GET https://.*/read/", line)]
    assert len(crawled) == len(
        {row["target"] for row in site.requests() if "/read/" in row["target"]}
    )
    assert not any("backfill  " in line for line in seen.left)


def test_a_narrow_terminal_is_not_torn(stand_in, tmp_path):
    site = stand_in("--days", "4", "--per-day", "6")
    settings = {"DOWNLOAD_DELAY": "0.1", "LOG_LEVEL": "DEBUG"}
    seen = see(site, tmp_path / "o", "backfill", "since=4d", columns=44, **settings)
    assert seen.code == 0
    assert "…".encode() in seen.raw, "what is too long for the terminal is cut"
    assert max(sum(line.startswith("backfill  ") for line in f) for f in seen.frames) == 1
    assert not any("already stored ·" in line for line in seen.left)
    for row in site.requests():  # a long line of the log is broken by the terminal, not by us
        if "/read/" in row["target"]:
            assert f"<GET https://{row['host']}{row['target']}>".encode() in seen.raw


def test_a_terminal_is_given_back_by_a_run_that_is_stopped(stand_in, tmp_path):
    site = stand_in("--days", "4", "--per-day", "6")
    settings = {"DOWNLOAD_DELAY": "0.05", "CLOSESPIDER_ITEMCOUNT": "2"}
    seen = see(site, tmp_path / "o", "backfill", "since=4d", **settings)
    text = "\n".join(seen.left)
    assert re.search(r"^Partial after", text, re.MULTILINE)
    assert re.search(
        r"^Missing +\d+ articles?, [345] days not read to the end; noted for the next run",
        text,
        re.MULTILINE,
    )
    assert not seen.screen.cursor.hidden
