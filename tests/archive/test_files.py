"""Files that somebody else has laid into the output directory: links, and names foreseen."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kompas_crawler.archive.atomic_files import atomic_write
from kompas_crawler.archive.files import cut_torn_end
from kompas_crawler.archive.locks import RunLock
from kompas_crawler.archive.record import from_record, line_of
from kompas_crawler.archive.schema import EXAMPLE
from kompas_crawler.archive.sqlite_cache import open_read_only
from kompas_crawler.archive.store import Archive
from kompas_crawler.audit.verify import lines_with_offsets
from kompas_crawler.errors import StorageFailed
from kompas_crawler.fleet.shared_lock import hold_shared
from kompas_crawler.report import page as report_page
from kompas_crawler.runs.log import CrawlLog
from kompas_crawler.runs.pace import Turns

ARTICLE = replace(from_record(EXAMPLE), revision=1)
MONTH = ARTICLE.id[:7].replace("/", "-")
THEIRS = "somebody else's\n"


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """A file outside the output directory, which nothing may touch."""
    path = tmp_path / "theirs.txt"
    path.write_text(THEIRS)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "output" / "articles").mkdir(parents=True)
    return tmp_path / "output"


def append(root: Path) -> None:
    with Archive(root) as archive:
        archive.append(ARTICLE)


USES: dict[str, Callable[[Path], object]] = {
    "append": append,
    "contains": lambda root: ARTICLE.id in Archive(root),
    "latest": lambda root: Archive(root).latest(ARTICLE.id),
    "records": lambda root: list(Archive(root).records()),
    "verify": lambda root: list(lines_with_offsets(root / "articles" / f"{MONTH}.jsonl")),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("exists", [True, False])
def test_a_month_file_that_leads_outside_is_refused_by_name(root, theirs, use, exists):
    if not exists:
        theirs.unlink()
    month = root / "articles" / f"{MONTH}.jsonl"
    month.symlink_to(theirs)
    with pytest.raises(StorageFailed, match=f"{MONTH}.jsonl is a link to .*theirs.txt"):
        USES[use](root)
    assert theirs.exists() == exists
    assert not exists or theirs.read_text() == THEIRS


@pytest.mark.parametrize("use", USES)
def test_a_month_file_that_leads_to_itself_is_refused_by_name(root, use):
    month = root / "articles" / f"{MONTH}.jsonl"
    month.symlink_to(month.name)
    with pytest.raises((StorageFailed, OSError), match=f"{MONTH}.jsonl"):
        USES[use](root)


def test_a_link_within_the_directory_is_a_file_like_another(root):
    (root / "articles" / "kept.txt").write_bytes(line_of(ARTICLE))
    (root / "articles" / f"{MONTH}.jsonl").symlink_to("kept.txt")
    assert ARTICLE.id in Archive(root)


def test_the_lines_of_runs_are_not_written_through_a_link(root, theirs):
    (root / "crawls.jsonl").symlink_to(theirs)
    with pytest.raises(StorageFailed, match=r"crawls\.jsonl is a link"):
        CrawlLog(root).append(lambda _: {"crawl": "x"})
    with pytest.raises(StorageFailed, match=r"crawls\.jsonl is a link"):
        CrawlLog(root).state()
    assert theirs.read_text() == THEIRS


def test_an_index_that_is_a_pipe_is_not_waited_for(root):
    os.mkfifo(root / ".index.sqlite")
    append(root)
    with pytest.raises(StorageFailed, match="sqlite is a pipe"):
        open_read_only(root / ".index.sqlite")


@pytest.mark.parametrize("lock", [lambda path: RunLock(path, "x").acquire(), hold_shared])
def test_a_lock_is_not_taken_through_a_link(root, theirs, lock):
    (root / ".backfill.lock").symlink_to(theirs)
    with pytest.raises(StorageFailed, match=r"backfill\.lock"):
        lock(root / ".backfill.lock")
    assert theirs.read_text() == THEIRS


def test_the_turns_of_all_runs_are_not_written_through_a_link(root, theirs):
    (root / ".turns").symlink_to(theirs)
    turns = Turns(root / ".turns", 60)
    assert turns.take(30) == 0
    assert turns.take(30) > 0, "this process keeps its pace all the same"
    turns.close()
    assert theirs.read_text() == THEIRS


def test_a_torn_end_is_not_moved_through_a_link(root, theirs):
    month = root / "articles" / f"{MONTH}.jsonl"
    month.write_bytes(line_of(ARTICLE) + b'{"id": "torn')
    month.with_name(f"{month.name}.torn").symlink_to(theirs)
    with pytest.raises(StorageFailed, match="torn"):
        append(root)
    fd = os.open(month, os.O_RDWR)
    with pytest.raises(OSError, match="link"):
        cut_torn_end(month, fd)
    os.close(fd)
    assert theirs.read_text() == THEIRS
    assert month.read_bytes().endswith(b"torn"), "what is nowhere else is not cut off"


def test_a_draft_takes_the_place_of_a_file_at_once_and_under_a_name_nobody_knows(root):
    path, names = root / "page.html", set()
    for text in (b"one", b"two"):
        with atomic_write(path) as file:
            file.write(text)
            names.add(Path(file.name).name)
            assert not path.exists() or path.read_bytes() == b"one"
    assert path.read_bytes() == b"two"
    assert len(names) == 2
    with pytest.raises(ValueError, match="kaput"), atomic_write(path) as file:
        raise ValueError("kaput")
    assert [each.name for each in root.iterdir() if each.is_file()] == ["page.html"]


def test_a_report_is_not_written_through_a_link_of_a_name_foreseen(root, theirs):
    for name in (f".report.html.{os.getpid()}", "report.html.part", ".report.html"):
        (root / name).symlink_to(theirs)
    report_page.write("<p>", root / "report.html")
    assert theirs.read_text() == THEIRS
    assert not (root / "report.html").is_symlink()
