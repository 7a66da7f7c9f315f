"""Pages are kept as they came, in files that nothing can spoil."""

import hashlib
import json
import os
import signal
import subprocess
import time
from base64 import b32encode
from datetime import datetime, timedelta

import pytest
from scrapy.exceptions import NotConfigured
from scrapy.utils.test import get_crawler

from kompas_crawler.errors import BadArgument, StorageFailed
from kompas_crawler.runs.arguments import wants_pages_kept
from kompas_crawler.timezones import WIB
from kompas_crawler.warc import writer as keeping
from kompas_crawler.warc.sources import find_sources
from tests import forked
from tests.conftest import PATIENCE, ROOT, command, environment, runs, stored
from tests.saved_pages import HEAD, NOON, RUN, addresses, answered, files, kept, site

archiveiterator = pytest.importorskip("warcio.archiveiterator")


def records(path):
    """What another program reads in a file: (headers, HTTP headers or None, body) per record."""
    with path.open("rb") as file:
        return [
            (record.rec_headers, record.http_headers, record.content_stream().read())
            for record in archiveiterator.ArchiveIterator(file, check_digests="raise")
        ]


def pages_in(folder):
    return [page for source in find_sources([str(folder)]) for page in source.pages()]


@pytest.mark.parametrize(
    ("arguments", "setting", "kept"),
    [
        ({}, None, False),
        ({}, "", False),
        ({}, "warc", True),
        ({"keep": "warc"}, None, True),
        ({"keep": "no"}, "warc", False),
        ({"keep": "warc"}, "no", True),
    ],
)
def test_pages_are_kept_where_somebody_asks_for_it(arguments, setting, kept):
    assert wants_pages_kept(arguments, setting) is kept


@pytest.mark.parametrize(("arguments", "setting"), [({"keep": "zip"}, None), ({}, "WARC ")])
def test_another_word_is_refused(arguments, setting):
    with pytest.raises(BadArgument, match="cannot be read"):
        wants_pages_kept(arguments, setting)


def test_without_warcio_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr("kompas_crawler.runs.arguments.find_spec", lambda name: None)
    with pytest.raises(BadArgument, match=r"pip install -r requirements-warc\.txt"):
        wants_pages_kept({"keep": "warc"})
    assert not wants_pages_kept({})


def test_another_program_reads_address_time_headers_and_body(tmp_path):
    answers = site(3)
    urls = addresses(answers)
    (path,) = kept(tmp_path, answers, urls)
    assert path.name == f"2026-11-21-{RUN}-001.warc.gz"
    about, *pages = records(path)
    assert about[0].get_header("WARC-Type") == "warcinfo"
    assert b"software: test" in about[2]
    for number, (headers, http, body) in enumerate(pages):
        assert headers.get_header("WARC-Type") == "response"
        assert headers.get_header("WARC-Target-URI") == urls[number]
        assert headers.get_header("WARC-Date") == f"2026-11-21T05:00:0{number}Z"
        digest = b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()
        assert headers.get_header("WARC-Payload-Digest") == f"sha1:{digest}"
        assert http.get_header("Content-Type") == "text/html; charset=UTF-8"
        assert body == answered(answers, urls[number])
    assert len(pages) == 3


def test_a_day_or_a_size_begins_a_new_file_and_no_file_has_two_writers(tmp_path):
    url = "https://www.kompas.com/global/read/2026/11/20/120000070/x"
    writer = files(tmp_path, largest=3000)
    evening = datetime(2026, 11, 21, 23, 59, 59, tzinfo=WIB)
    for seconds, body in enumerate([b"a", bytes(range(256)) * 9, b"c", b"d"]):
        writer.keep(
            url, HEAD, hashlib.shake_128(body).digest(2000), evening + timedelta(0, seconds)
        )
    writer.close()
    writer.close()
    names = [path.name for path in sorted(tmp_path.iterdir())]
    assert names == [
        f"2026-11-21-{RUN}-001.warc.gz",
        f"2026-11-22-{RUN}-002.warc.gz",
        f"2026-11-22-{RUN}-003.warc.gz",
    ]
    assert sum(len(records(path)) for path in tmp_path.iterdir()) == 4 + 3
    with pytest.raises(StorageFailed, match="File exists"):
        files(tmp_path).keep(url, HEAD, b"e", evening)


def test_a_disk_that_takes_half_a_record_leaves_whole_ones(tmp_path, monkeypatch):
    answers = site(2)
    first, second = addresses(answers)
    writer = files(tmp_path)
    writer.keep(first, HEAD, answered(answers, first), NOON)
    write = keeping.write_line.__globals__["os"].write
    with monkeypatch.context() as patched:
        patched.setattr("os.write", lambda fd, data: write(fd, data[: len(data) // 2]))
        with pytest.raises(StorageFailed, match="found room"):
            writer.keep(second, HEAD, answered(answers, second), NOON)
    writer.keep(second, HEAD, answered(answers, second), NOON)
    writer.close()
    (path,) = tmp_path.iterdir()
    assert [headers.get_header("WARC-Target-URI") for headers, _, _ in records(path)] == [
        None,
        first,
        second,
    ]


def test_a_crawl_keeps_what_it_read_and_what_nobody_could_read(stand_in, crawl):
    remote = stand_in("--days", "1", "--per-day", "8", "--no-page-all")
    odd, gone, broken, *good = remote.ids()
    remote.fail(
        {"kind": "challenge", "match": f"*{odd}*", "status": 200},
        {"kind": "status", "match": f"*{broken}*", "status": 500},
    )
    remote.act("remove", id=gone)
    done = crawl(
        remote,
        "articles",
        "url=" + " ".join([odd, gone, broken, *good]),
        "keep=warc",
        RETRY_TIMES="1",
    )
    assert done.code == 10, done.log
    assert sorted(r["id"] for r in done.records) == sorted(good)
    (path,) = (done.output / "warc").iterdir()
    found = {}
    for headers, http, body in records(path)[1:]:
        found.setdefault(headers.get_header("WARC-Target-URI"), []).append(http.get_statuscode())
        assert int(http.get_header("Content-Length")) == len(body)
        assert http.get_header("Content-Encoding") is None
    assert {url.partition("/read/")[2][:20].rstrip("/") for url in found} == {odd, broken, *good}
    assert [codes for url, codes in found.items() if broken in url] == [["500"]]
    assert all(codes == ["200"] for url, codes in found.items() if broken not in url)
    asked = sum(r["page_count"] for r in done.records)
    assert sum(1 for url in found if not any(i in url for i in (odd, broken))) >= asked
    assert done.line["kept_pages"] == sum(map(len, found.values()))
    times = {r["fetched_at"] for r in done.records}
    assert times <= {page.fetched_at.isoformat() for page in pages_in(path)}


def test_by_default_nothing_is_kept():
    crawler = get_crawler(settings_dict={"KOMPAS_KEEP": ""})
    with pytest.raises(NotConfigured):
        keeping.WarcMiddleware.from_crawler(crawler)


def test_a_word_for_keep_that_nobody_knows_is_refused_before_any_request(crawl):
    done = crawl(None, "international", KOMPAS_KEEP="zip")
    assert (done.code, done.lines) == (2, [])
    assert "keep='zip' cannot be read" in done.log
    assert "Traceback" not in done.log


def test_a_full_disk_ends_the_run_and_no_article_lacks_its_page(stand_in, tmp_path):
    remote = stand_in("--days", "1", "--per-day", "20")
    output = tmp_path / "output"
    # Pages fill their file long before articles do.
    done = forked.run(
        command("backfill", "since=1d", "keep=warc"),
        cwd=ROOT,
        env=environment(remote, output),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        largest_file=60_000,
    )
    log = done.stdout + done.stderr
    assert done.returncode == 14, log
    assert "the run ends here" in log
    line = runs(output)[-1]
    assert line["outcome"] == "storage"
    pages = {page.url for page in pages_in(output / "warc")}
    ids = {record["id"] for record in stored(output)}
    asked = [row for row in remote.requests() if "/read/" in row["target"]]
    assert 0 < len(ids) == len(asked) - 1 < 19
    assert ids <= {url.partition("/read/")[2][:20] for url in pages}
    assert {owed["id"] for owed in line["pending"]} == set(remote.ids()) - ids


def test_a_killed_crawl_leaves_every_page_of_what_it_stored(stand_in, tmp_path):
    remote = stand_in("--days", "1", "--per-day", "40")
    output = tmp_path / "output"
    process = forked.start(
        command("backfill", "since=1d", "keep=warc", DOWNLOAD_DELAY="0.02"),
        cwd=ROOT,
        env=environment(remote, output),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not list(output.glob("articles/*.jsonl")) and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    months = (path.read_text(encoding="utf-8") for path in output.glob("articles/*.jsonl"))
    # A kill may cut the line that is being written; the next run moves it away.
    whole = [line for month in months for line in month.split("\n")[:-1]]
    ids = {json.loads(line)["id"] for line in whole}
    assert ids
    pages = {page.url.partition("/read/")[2][:20] for page in pages_in(output / "warc")}
    assert ids <= pages


def test_pages_that_a_disk_does_not_take_at_the_end_make_the_run_storage(stand_in, tmp_path):
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(
        "import errno, os\n"
        "real = os.fdatasync\n"
        "def flush(fd):\n"
        "    if os.readlink(f'/proc/self/fd/{fd}').endswith('.warc.gz'):\n"
        "        raise OSError(errno.EIO, 'Input/output error')\n"
        "    return real(fd)\n"
        "os.fdatasync = flush\n"
    )
    site = stand_in("--days", "1", "--per-day", "3")
    told = environment(site, tmp_path / "output")
    done = subprocess.run(
        command("international", "since=1d", "keep=warc"),
        check=False,
        cwd=ROOT,
        env=told | {"PYTHONPATH": f"{broken}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 14, done.stderr
    assert "The last pages may not be kept." in done.stderr
    assert [line["outcome"] for line in runs(tmp_path / "output")] == ["storage"]
