"""Saved pages, read again: the same records, nothing lost, nothing twice."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
import zlib
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import brotli
import pytest
from backports import zstd

from kompas_crawler import pages
from kompas_crawler.archive.locks import RunLock, lock_path
from kompas_crawler.archive.revisions import next_revision
from kompas_crawler.archive.store import Archive
from kompas_crawler.commands.reparse import describe_progress
from kompas_crawler.errors import BadArgument
from kompas_crawler.pages import read_article
from kompas_crawler.processors import content_hash
from kompas_crawler.runs.storage_rules import recrawled
from kompas_crawler.timezones import WIB
from kompas_crawler.warc import checkpoint, reader, saved_html
from kompas_crawler.warc import sources as saved
from kompas_crawler.warc.checkpoint import Losses, ReparseCheckpoint
from kompas_crawler.warc.page_address import own_address
from kompas_crawler.warc.read_pages import read_source
from kompas_crawler.warc.reparse import Progress, Reparse, ReparseStorage
from kompas_crawler.warc.saved_pages import LOSSES, Damage
from kompas_crawler.warc.sources import find_sources
from tests.conftest import ROOT, runs, stored
from tests.in_process import run_in_process
from tests.saved_pages import HEAD, NOON, addresses, answered, files, ids_of, kept, site

pytest.importorskip("warcio")


def pages_in(*paths):
    return [page for source in find_sources(map(str, paths)) for page in source.pages()]


def seen_in(*paths):
    """What was counted while reading, pages and the rest."""
    sources = find_sources(map(str, paths))
    for source in sources:
        list(source.pages())
    return sum((source.seen for source in sources), Counter())


def reread(root, *paths, workers=1):
    """Read into an output directory, in this process; return the run's line."""
    return Reparse(root, find_sources(map(str, paths)), workers=workers).execute(lambda _: None)


def reread_by_command(root, path):
    """Read into an output directory by the command, with one reader: each more costs a start."""
    return run_in_process("reparse", "--from", str(path), "--workers", "1", output=root)


def without_crawl(records):
    return [{key: value for key, value in record.items() if key != "crawl"} for record in records]


# What a crawl stored, from the pages it kept.


def test_the_pages_of_a_crawl_give_its_records(stand_in, crawl, tmp_path):
    remote = stand_in("--days", "2", "--per-day", "20", "--no-page-all", "--twins")
    crawl(remote, "backfill", "since=2d", "keep=warc")
    time.sleep(1)  # a download is known by its second
    changed = [remote.ids()[number] for number in (3, 17)]
    for id_ in changed:
        remote.act("revise", id=id_)
    done = crawl(
        remote, "articles", "recheck=yes", "keep=warc", "url=" + " ".join(remote.ids()[:20])
    )
    assert done.code == 0, done.log
    again = run_in_process(
        "reparse", "--from", str(done.output / "warc"), "--workers", "2", output=tmp_path / "b"
    )
    assert again.code == 0, again.log
    old, new = done.records, stored(tmp_path / "b")
    assert {r["id"] for r in old if r["revision"] == 2} == set(changed)
    assert any(r["page_count"] > 1 for r in old)
    assert any(r["duplicate_of"] for r in old)
    assert without_crawl(new) == without_crawl(old)
    (line,) = runs(tmp_path / "b")
    assert {r["crawl"] for r in new} == {line["crawl"]}
    assert (line["spider"], line["outcome"], line["stored"]) == ("reparse", "complete", 40)
    assert (line["coverage"], line["covered"], line["requests"]) == ([], [], 0)
    assert "40 new, 2 changed" in again.out


def test_a_second_run_stores_nothing(tmp_path):
    kept(tmp_path / "warc", site(6))
    assert reread(tmp_path, tmp_path / "warc")["stored"] == 6
    before = {path: path.read_bytes() for path in (tmp_path / "articles").iterdir()}
    line = reread(tmp_path, tmp_path / "warc")
    assert (line["stored"], line["revised"], line["unchanged"]) == (0, 0, 6)
    assert {path: path.read_bytes() for path in (tmp_path / "articles").iterdir()} == before


def test_an_article_that_was_owed_is_not_owed_any_more(tmp_path, stand_in, crawl):
    answers = site(3)
    owed = ids_of(addresses(answers))[0]
    state = {
        "crawl": "x",
        "coverage": [],
        "pending": [
            {"id": owed, "url": "https://www.kompas.com/x", "reason": "NotAnArticle", "tries": 1},
            {
                "id": "2026/11/19/120000070",
                "url": "https://www.kompas.com/y",
                "reason": "x",
                "tries": 1,
            },
        ],
    }
    (tmp_path / "crawls.jsonl").write_text(json.dumps(state) + "\n")
    kept(tmp_path / "warc", answers)
    line = reread(tmp_path, tmp_path / "warc")
    assert [entry["id"] for entry in line["pending"]] == ["2026/11/19/120000070"]


# What today's rules read otherwise.


def article(**changes):
    answers = site(3, layout="read-2022")
    url = addresses(answers)[0]
    page = read_article(answered(answers, url).decode(), url)
    page = replace(page, **{"fetched_at": NOON, "crawl": "backfill-x"} | changes)
    return replace(page, content_hash=content_hash(page.title, page.text))


LATER, EARLIER = NOON + timedelta(hours=1), NOON - timedelta(hours=1)
CUT = {"warnings": ("truncated",), "text": "Sebagian."}


@pytest.mark.parametrize(
    ("page", "before", "gives"),
    [
        ({}, {}, "unchanged"),
        ({}, {"authors": ("Lama",)}, {"authors": article().authors, "updated_at": None}),
        ({}, {"text": "Dulu."}, {"updated_at": None}),
        ({"fetched_at": LATER}, {}, "unchanged"),
        ({"fetched_at": LATER}, {"authors": ("Lama",)}, "unchanged"),
        ({"fetched_at": LATER, "text": "Kini."}, {}, {"text": "Kini.", "updated_at": LATER}),
        ({"fetched_at": EARLIER, "text": "Dulu."}, {}, "known"),
        ({"fetched_at": EARLIER}, CUT, {"text": article().text, "updated_at": None}),
        ({"fetched_at": LATER, **CUT}, {}, "known"),
        (CUT, {}, {"text": "Sebagian."}),
        ({"fetched_at": LATER, **CUT}, CUT, "unchanged"),
        ({"crawl": "reparse-y"}, {"duplicate_of": "2026/11/19/120000070"}, "unchanged"),
    ],
)
def test_the_newest_download_wins_and_a_whole_one_over_a_part(page, before, gives):
    after = next_revision(article(**page), [article(**before)])
    if isinstance(gives, str):
        assert after == gives
    else:
        assert after.revision == 2
        assert {key: getattr(after, key) for key in gives} == gives


@pytest.mark.parametrize(
    ("page", "before", "gives"),
    [
        (CUT, {}, "known"),
        (CUT, {"warnings": ("truncated",)}, "Sebagian."),
        ({"text": "Kini."}, CUT, "Kini."),
    ],
)
def test_a_recheck_that_gets_a_part_leaves_the_whole_article(page, before, gives):
    stored = article(**before)
    archive = SimpleNamespace(stored=lambda _: stored, latest=lambda _: stored)

    after = recrawled(article(fetched_at=LATER, **page), archive, is_rechecked=True)

    assert (after if isinstance(after, str) else after.text) == gives


@pytest.mark.parametrize("stated", [None, LATER])
def test_no_update_is_dated_before_the_publication(stated):
    # A clock was wrong; an update before the publication would break the record's contract.
    before = article(published_at=LATER + timedelta(hours=1))
    after = next_revision(article(fetched_at=LATER, text="Kini.", updated_at=stated), [before])
    assert (after.published_at, after.updated_at) == (before.published_at, None)


def test_a_page_that_was_read_as_a_revision_stays_one():
    first = article(text="Dulu.", fetched_at=EARLIER)
    second = next_revision(article(), [first])
    assert (second.revision, second.updated_at) == (2, NOON)
    assert next_revision(article(), [first, second]) == "unchanged"
    third = next_revision(article(tags=("Baru",)), [first, second])
    assert (third.revision, third.updated_at, third.tags) == (3, NOON, ("Baru",))


def test_a_mended_rule_gives_a_revision_and_gives_it_once(tmp_path):
    answers = site(4)
    kept(tmp_path / "warc", answers)
    reread(tmp_path, tmp_path / "warc")
    (path,) = (tmp_path / "articles").iterdir()
    records = stored(tmp_path)
    misread = {**records[1], "editors": ["Siapa Saja"]}
    lines = [json.dumps(r, ensure_ascii=False) for r in [records[0], misread, *records[2:]]]
    path.write_text("\n".join(lines) + "\n")
    assert reread(tmp_path, tmp_path / "warc")["revised"] == 1
    assert reread(tmp_path, tmp_path / "warc")["revised"] == 0
    *_, last = stored(tmp_path)
    assert without_crawl([{**last, "revision": 1}]) == without_crawl([records[1]])
    assert last["revision"] == 2


# Files that are torn, damaged, of other people.


@pytest.mark.parametrize("part", [700, 4_321, 20_000, 10**9])
def test_every_page_is_read_once_however_a_file_is_cut(tmp_path, monkeypatch, part):
    answers = site(8)
    kept(tmp_path, answers)
    monkeypatch.setattr(reader, "PART", part)
    assert [page.url for page in pages_in(tmp_path)] == addresses(answers)
    assert [page.fetched_at for page in pages_in(tmp_path)][2] == NOON + timedelta(seconds=2)


def test_a_torn_tail_costs_the_last_record_and_no_other(tmp_path):
    (path,) = kept(tmp_path, site(3))
    whole = path.read_bytes()
    begins = whole.rindex(b"\x1f\x8b\x08\x00")
    for length in [*range(begins + 1, len(whole), 611), len(whole) - 1]:
        path.write_bytes(whole[:length])
        assert len(pages_in(path)) == 2, length
        assert seen_in(path) == {"pages": 2, "other records": 1, "torn": 1}, length


def test_damage_costs_the_records_it_lies_in(tmp_path):
    (path,) = kept(tmp_path, site(6))
    urls = [page.url for page in pages_in(path)]
    whole = bytearray(path.read_bytes())
    begin = len(whole) // 2
    whole[begin : begin + 200] = bytes(200)
    path.write_bytes(whole)
    left = [page.url for page in pages_in(path)]
    assert len(left) == 5
    assert [url for url in urls if url in left] == left
    assert seen_in(path)["damaged"] == 1
    line = reread(tmp_path, path)
    assert (line["outcome"], line["stored"]) == ("partial", 5)


def record(url, kind="response", *, http=HEAD, body=b"", when="2021-03-01T02:03:04Z"):
    """A record as others write them."""
    block = http + body
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:0>\r\nWARC-Date: {when}\r\n"
        f"WARC-Target-URI: {url}\r\nContent-Type: application/http; msgtype={kind}\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def in_transit(body, *headers):
    return b"\r\n".join([b"HTTP/1.1 200 OK", b"Content-Type: text/html", *headers, b"", body])


@pytest.fixture
def news(tmp_path):
    """What a news archive of Common Crawl holds of all the world, as plain records."""
    answers = site(4, layout="read-2017")
    first, second, third, fourth = addresses(answers)
    body = answered(answers, first).replace(b"</title>", "Çelar</title>".encode())
    packed, page = gzip.compress(answered(answers, second)), answered(answers, third)
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in (page[:999], page[999:], b""))
    text = (
        answered(answers, fourth).decode().replace("utf-8", "x").replace("</title>", "Мир</title>")
    )
    other = text.encode("koi8-r", "replace")
    elsewhere = "https://www.example.com/global/read/2021/08/26/162226370/x"
    return answers, [
        record("", "warcinfo", http=b"software: StormCrawler\r\n"),
        record(first, "request", http=b"GET / HTTP/1.1\r\n\r\n"),
        record(first, http=HEAD.replace(b"UTF-8", b"iso-8859-1"), body=body),
        record(elsewhere, body=body),
        record("https://www.kompas.com/tren/read/2021/01/02/100000165/bukan-kami", body=body),
        record(second, http=in_transit(packed, b"Content-Encoding: gzip")),
        record(third, http=in_transit(chunked, b"Transfer-Encoding: chunked")),
        record(second, http=b"HTTP/1.1 404 Not Found\r\n\r\n", body=body),
        record(fourth, http=HEAD.replace(b"UTF-8", b"koi8-r"), body=other),
    ]


def packed_one_by_one(records):
    return b"".join(map(gzip.compress, records))


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("CC-NEWS-20210301020304-00001.warc.gz", packed_one_by_one),
        ("as-a-whole.warc.gz", lambda records: gzip.compress(b"".join(records))),
        ("plain.warc", b"".join),
    ],
)
def test_an_archive_of_all_the_world_gives_its_articles_of_the_section(
    tmp_path, news, name, packed
):
    answers, records = news
    (tmp_path / name).write_bytes(packed(records))
    found = pages_in(tmp_path / name)
    assert [page.url for page in found] == addresses(answers)
    assert {page.fetched_at.isoformat() for page in found} == {"2021-03-01T09:03:04+07:00"}
    assert "Мир</title>" in found[3].html
    assert "Çelar</title>" in found[0].html, "its bytes are UTF-8, whatever was declared"
    line = reread(tmp_path / "output", tmp_path / name)
    assert (line["outcome"], line["stored"]) == ("complete", 4)
    assert line["seen"] == {
        "other records": 2,
        "pages": 4,
        "other addresses": 2,
        "not answered with 200": 1,
    }
    truth = {id_: answers.site.record(id_) for id_ in ids_of(addresses(answers))}
    for told_ in stored(tmp_path / "output")[:3]:
        assert told_["text"] == truth[told_["id"]]["text"]


@pytest.mark.parametrize(
    ("told", "pack"),
    [
        ("br", brotli.compress),
        ("BR", brotli.compress),
        ("zstd", zstd.compress),
        ("deflate", zlib.compress),
        ("gzip", bytes),  # unpacked by somebody who left the header
        ("br", bytes),
        ("zstd", bytes),
    ],
)
@pytest.mark.parametrize("chunked", [False, True])
def test_pages_are_unpacked_as_a_browser_would(tmp_path, told, pack, chunked):
    answers = site(1)
    (url,) = addresses(answers)
    packed = pack(answered(answers, url))
    headers = [b"Content-Encoding: " + told.encode()]
    if chunked:
        packed = b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)
        headers.append(b"Transfer-Encoding: chunked")
    path = tmp_path / "a.warc.gz"
    path.write_bytes(packed_one_by_one([record(url, http=in_transit(packed, *headers))]))
    (page,) = pages_in(path)
    assert page.html == answered(answers, url).decode()


def test_what_unpacks_to_more_than_any_page_is_not_unpacked(tmp_path, monkeypatch):
    answers = site(2)
    first, second = addresses(answers)
    body = answered(answers, second)
    for module in (saved, saved_html, reader):
        monkeypatch.setattr(module, "LARGEST_RECORD", 200_000)
    bomb = b" " * 300_000
    small = record(second, http=HEAD, body=body)
    records = [
        record(first, http=HEAD, body=bomb),
        *(
            record(first, http=in_transit(pack(bomb), b"Content-Encoding: " + describe_progress))
            for describe_progress, pack in [
                (b"br", brotli.compress),
                (b"zstd", zstd.compress),
                (b"gzip", gzip.compress),
            ]
        ),
        small,
    ]
    (tmp_path / "a.warc").write_bytes(b"".join(records))
    (tmp_path / "b.warc.gz").write_bytes(packed_one_by_one(records))
    for name in ("a.warc", "b.warc.gz"):
        assert seen_in(tmp_path / name) == {"too large": 4, "pages": 1}, name
    (tmp_path / "c.html.gz").write_bytes(gzip.compress(bomb))
    assert seen_in(tmp_path / "c.html.gz") == {"too large": 1}


def test_no_page_of_another_address_is_parsed(tmp_path, news, monkeypatch):
    _, records = news
    (tmp_path / "all.warc.gz").write_bytes(packed_one_by_one(records))
    parsed = []

    def read(part, record, place):
        parsed.append(record.url)
        return Damage(what="damaged", where=place)

    monkeypatch.setattr(saved.WarcPart, "_read", read)
    pages_in(tmp_path)
    assert len(parsed) == 5
    assert all(saved.in_section(url) for url in parsed)


def test_a_plain_file_that_ends_in_the_middle_of_a_record_says_so(tmp_path, news):
    _, records = news
    path = tmp_path / "torn.warc"
    path.write_bytes(b"".join(records)[:-700])
    assert seen_in(path)["cut short"] == 1
    assert seen_in(path)["pages"] == 3
    line = reread(tmp_path / "output", path)
    begin = path.read_bytes().rindex(b"WARC/1.0")
    assert line["outcome"] == "partial"
    assert line["damage"] == [{"what": "cut short", "where": f"{path}, byte {begin}"}]


def test_half_a_download_is_no_complete_reading_and_a_killed_run_of_ours_is(tmp_path):
    (path,) = kept(tmp_path / "warc", site(3))
    path.write_bytes(path.read_bytes()[:-100])
    line = reread(tmp_path / "one", path)
    assert (line["outcome"], line["stored"], line["seen"]["torn"]) == ("complete", 2, 1)
    news = path.rename(path.with_name("CC-NEWS-20210301020304-00001.warc.gz"))
    done = reread_by_command(tmp_path / "two", news)
    assert done.code == 10
    assert f"in the files: 1 cut short (first: {news}, byte " in done.out
    assert len(stored(tmp_path / "two")) == 2
    for path in (news, news.with_name("a.warc")):
        path.write_bytes(b"")
        assert seen_in(path) == {"cut short": 1}


@pytest.mark.parametrize("part", [3_000, 10**9])
def test_what_is_damaged_in_a_plain_file_is_told_and_the_rest_is_read(
    tmp_path, news, monkeypatch, part
):
    answers, records = news
    monkeypatch.setattr(reader, "PART", part)
    whole = b"".join(records)
    urls = addresses(answers)
    without_beginning = whole[1_000:]
    of_no_size = whole.replace(b"Content-Length: ", b"Content-Length: 9999999999999999999999", 1)
    of_no_number = whole.replace(b"Content-Length: ", b"Content-Length: -", 1)
    glued = b"x" * 5_000 + whole
    for number, (content, found, left) in enumerate(
        [
            (without_beginning, {"damaged": 1}, urls[1:]),
            (of_no_size, {"cut short": 1}, urls),
            (of_no_number, {"damaged": 1}, urls),
            (glued, {"damaged": 1}, urls),
        ]
    ):
        path = tmp_path / f"{number}.warc"
        path.write_bytes(content)
        assert [page.url for page in pages_in(path)] == left, number
        assert found.items() <= seen_in(path).items(), number
        assert sum(seen_in(path)[what] for what in LOSSES) == 1, number


def test_pages_of_an_article_that_lie_apart_are_joined_and_lone_ones_marked(tmp_path):
    answers = site(30, page_all=False)
    several = [
        url for url in addresses(answers) if len(answers.site.article(ids_of([url])[0]).pages) > 1
    ]
    joined, alone = (url.partition("?")[0] for url in several[:2])
    count = len(answers.site.article(ids_of([joined])[0]).pages)
    pages = [f"{joined}?page={number}" for number in range(1, count + 1)]
    kept(tmp_path / "a", answers, [pages[-1], f"{alone}?page=1"], run="one")
    kept(tmp_path / "b", answers, [*pages[:-1]], at=LATER, run="two")
    line = reread(tmp_path, tmp_path / "a", tmp_path / "b")
    assert (line["outcome"], line["stored"]) == ("complete", 2)
    records = {record["id"]: record for record in stored(tmp_path)}
    whole, part = (records[id_] for id_ in ids_of([joined, alone]))
    assert whole["text"] == answers.site.record(whole["id"])["text"]
    assert (whole["page_count"], whole["warnings"]) == (count, [])
    assert datetime.fromisoformat(whole["fetched_at"]) == LATER + timedelta(seconds=count - 2)
    assert "truncated" in part["warnings"]
    kept(tmp_path / "c", answers, [f"{alone}?page=1", f"{joined}?page=1"], at=LATER + timedelta(1))
    line = reread(tmp_path, tmp_path / "c")
    assert (line["stored"], line["revised"], line["known"]) == (0, 0, 2)


def test_a_page_without_an_article_is_named_as_long_as_the_article_is_missing(tmp_path):
    answers = site(2)
    first, second = addresses(answers)
    writer = files(tmp_path / "warc")
    writer.keep(first, HEAD, b"<html><h1>Pemeliharaan</h1></html>", NOON)
    writer.keep(second, HEAD, answered(answers, second), NOON)
    writer.close()
    line = reread(tmp_path, tmp_path / "warc")
    assert (line["outcome"], line["stored"], line["refused"]) == ("partial", 1, {"NotAnArticle": 1})
    assert [each["id"] for each in line["unread_articles"]] == ids_of([first])
    assert line["pending"] == []
    kept(tmp_path / "more", answers, [first], at=EARLIER)
    line = reread(tmp_path, tmp_path / "warc", tmp_path / "more")
    assert (line["outcome"], line["unread"]) == ("complete", 0)


def test_a_page_that_ends_in_the_middle_is_no_article_as_in_a_crawl(tmp_path):
    answers = site(2)
    first, second = addresses(answers)
    whole = answered(answers, first)
    writer = files(tmp_path / "warc")
    writer.keep(first, HEAD, whole[: whole.rindex(b"</p>")], NOON)
    writer.keep(second, HEAD, answered(answers, second), NOON)
    writer.close()
    line = reread(tmp_path, tmp_path / "warc")
    assert (line["outcome"], line["stored"], line["refused"]) == ("partial", 1, {"CutOffPage": 1})
    assert [each["id"] for each in line["unread_articles"]] == ids_of([first])
    kept(tmp_path / "more", answers, [first], at=EARLIER)
    line = reread(tmp_path, tmp_path / "warc", tmp_path / "more")
    assert (line["outcome"], line["stored"]) == ("complete", 1)


def test_a_page_of_another_article_is_refused_as_in_a_crawl(tmp_path):
    answers = site(2)
    first, second = addresses(answers)
    writer = files(tmp_path / "warc")
    writer.keep(first, HEAD, answered(answers, second), NOON)
    writer.keep(second, HEAD, answered(answers, second), NOON)
    writer.close()
    line = reread(tmp_path, tmp_path / "warc")
    assert (line["outcome"], line["stored"], line["refused"]) == ("partial", 1, {"OtherArticle": 1})
    assert [each["id"] for each in line["unread_articles"]] == ids_of([first])
    assert [record["id"] for record in stored(tmp_path)] == ids_of([second])


# Saved HTML.


def test_a_folder_of_saved_pages_gives_its_articles(tmp_path):
    answers = site(4, layout="read-2017")
    by_index, by_itself, packed, foreign = addresses(answers)
    folder = tmp_path / "pages" / "2026"
    folder.mkdir(parents=True)
    body = answered(answers, by_index).replace(b"canonical", b"x").replace(b"og:url", b"x")
    (folder / "a.html").write_bytes(body)
    (folder / "b.html").write_bytes(answered(answers, by_itself))
    (folder / "c.html.gz").write_bytes(gzip.compress(answered(answers, packed)))
    (folder / "d.html").write_bytes(answered(answers, foreign))
    (folder / "e.html").write_bytes(b"<html><p>Tanpa alamat.")
    (folder / "f.html.gz").write_bytes(b"not gzip")
    (folder / "g.pdf").write_bytes(b"%PDF")
    when = "2024-02-03T04:05:06+07:00"
    (folder / "INDEX.tsv").write_text(
        "file\turl\tfetched\n"
        f"a.html\t{by_index}\t{when}\n"
        "d.html\thttps://www.kompas.com/tren/read/2021/01/02/100000165/bukan-kami\n"
    )
    os.utime(folder / "b.html", (1_700_000_000, 1_700_000_000))
    done = run_in_process("reparse", "--from", str(tmp_path / "pages"), output=tmp_path / "out")
    records = {record["id"]: record for record in stored(tmp_path / "out")}
    assert set(records) == set(ids_of([by_index, by_itself, packed]))
    first, second = (records[id_] for id_ in ids_of([by_index, by_itself]))
    assert first["fetched_at"] == when
    assert second["fetched_at"] == datetime.fromtimestamp(1_700_000_000, WIB).isoformat()
    (line,) = runs(tmp_path / "out")
    assert line["seen"] == {
        "pages": 3,
        "other addresses": 1,
        "without address": 1,
        "damaged": 1,
    }
    assert {"what": "without address", "where": str(folder / "e.html")} in line["damage"]
    assert done.code == 10


@pytest.mark.parametrize("ending", saved.OTHER_ENDINGS)
def test_what_holds_pages_and_is_not_readable_here_is_told_by_name(tmp_path, ending):
    answers = site(1)
    kept(tmp_path / "pages", answers)
    other = tmp_path / "pages" / f"Berita{ending}".upper()
    other.write_bytes(b"\x28\xb5\x2f\xfd")
    done = reread_by_command(tmp_path / "out", tmp_path / "pages")
    (line,) = runs(tmp_path / "out")
    assert (done.code, line["outcome"], line["stored"]) == (10, "partial", 1)
    assert line["damage"] == [{"what": "not readable here", "where": str(other)}]
    assert line["seen"]["not readable here"] == 1
    assert f"1 not readable here (first: {other}: not readable here)" in done.out


def test_a_folder_of_nothing_that_is_readable_is_refused_by_name(tmp_path):
    (tmp_path / "a.warc.zst").write_bytes(b"\x28\xb5\x2f\xfd")
    done = run_in_process("reparse", "--from", str(tmp_path), output=tmp_path / "out")
    assert done.code == 2
    assert f"{tmp_path}/a.warc.zst is not readable here" in done.log


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS takes no such names")
def test_pages_whose_names_are_no_utf8_are_read_and_named(tmp_path):
    """As of a disk that was written by another system."""
    answers = site(2, layout="read-2017")
    folder = tmp_path / "pages"
    folder.mkdir()
    for number, url in enumerate(addresses(answers)):
        name = f"berita-{number}-\udce9.html"
        (folder / name).write_bytes(answered(answers, url))
    (folder / "kosong-\udce9.html").write_bytes(b"<html>")
    done = reread_by_command(tmp_path / "out", folder)
    (line,) = runs(tmp_path / "out")
    assert (done.code, line["stored"]) == (10, 2)
    assert line["damage"] == [{"what": "without address", "where": f"{folder}/kosong-?.html"}]


def test_an_index_that_is_a_pipe_is_refused_and_not_waited_for(tmp_path):
    (tmp_path / "a.html").write_bytes(b"<html>")
    os.mkfifo(tmp_path / "INDEX.tsv")
    done = run_in_process("reparse", "--from", str(tmp_path), output=tmp_path / "out")
    assert (done.code, done.log) == (2, f"{tmp_path}/INDEX.tsv is a pipe; nothing was read\n")


@pytest.mark.parametrize("time", ["2024-02-03", "3 Februari 2024", "2024-02-03T04:05:06"])
def test_a_time_of_the_index_that_cannot_be_read_is_told_and_not_replaced(tmp_path, time):
    answers = site(2, layout="read-2017")
    folder = tmp_path / "pages"
    folder.mkdir()
    bad, good = addresses(answers)
    for name, url in (("a.html", bad), ("b.html", good)):
        (folder / name).write_bytes(answered(answers, url))
    (folder / "INDEX.tsv").write_text(f"a.html\t{bad}\t{time}\nb.html\t\t\n")
    done = reread_by_command(tmp_path / "out", folder)
    assert [record["id"] for record in stored(tmp_path / "out")] == ids_of([good])
    (line,) = runs(tmp_path / "out")
    where = f"{folder / 'a.html'}, {time!r} in INDEX.tsv"
    assert line["damage"] == [{"what": "unreadable time", "where": where}]
    assert done.code == 10


@pytest.mark.parametrize(
    ("html", "address"),
    [
        ('<link rel="canonical" href="https://a.b/c?d&amp;e">', "https://a.b/c?d&e"),
        ("<LINK href='https://a.b/c' rel='canonical' />", "https://a.b/c"),
        ('<meta property="og:url" content="https://a.b/c" />', "https://a.b/c"),
        ('<meta content="https://a.b/c" property="og:url">', "https://a.b/c"),
        ('<link rel="amphtml" href="https://a.b/c">', None),
        ("", None),
    ],
)
def test_a_page_tells_its_own_address(html, address):
    assert own_address(html) == address


# Stopped, killed, refused.

INTERRUPTED = """
import os, signal, sys
from pathlib import Path
from types import SimpleNamespace
from kompas_crawler.warc import checkpoint, reparse, sources, reader
reader.PART = 20_000
checkpoint.MARK_EVERY = 0
if __name__ == "__main__":
    run = reparse.Reparse(Path(sys.argv[1]), sources.find_sources([sys.argv[2]]), workers=2)
    told = []
    def tell(progress):
        told.append(progress)
        if len(told) == 5:
            os.kill(os.getpid(), getattr(signal, sys.argv[3]))
    print(run.execute(tell)["outcome"])
"""


def interrupted(root: Path, pages: Path, name: str):
    script = root.with_suffix(".py")
    script.write_text(INTERRUPTED)
    return subprocess.run(
        [sys.executable, str(script), str(root), str(pages), name],
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MARK": str(root.parent)},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(("name", "code"), [("SIGKILL", -signal.SIGKILL), ("SIGTERM", 0)])
def test_a_run_that_was_ended_goes_on_where_it_was(tmp_path, monkeypatch, name, code):
    answers = site(40)
    pages = kept(tmp_path / "warc", answers)
    out = tmp_path / "out"
    done = interrupted(out, tmp_path / "warc", name)
    assert done.returncode == code, done.stderr
    assert done.stdout.strip() == ("" if code else "stopped")
    before = len(stored(out))
    assert 0 < before < 40
    monkeypatch.setattr(reader, "PART", 20_000)
    with monkeypatch.context() as other_code:
        other_code.setattr(checkpoint, "__version__", "next")
        assert ReparseCheckpoint(out, find_sources(map(str, pages))).read() == (0, Losses())
    line = reread(out, tmp_path / "warc")
    assert line["parts_skipped"] >= 4
    assert line["seen"]["pages"] < 40
    ids = [record["id"] for record in stored(out)]
    assert sorted(ids) == sorted(ids_of(addresses(answers)))
    assert (line["outcome"], line["stored"]) == ("complete", 40 - before)
    assert reread(out, tmp_path / "warc")["seen"]["pages"] == 40
    _wait_for_workers_to_end(str(tmp_path))


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_what_was_lost_before_the_end_of_a_run_is_not_forgotten(tmp_path, monkeypatch, name):
    answers = site(40)
    first, *rest = addresses(answers)
    writer = files(tmp_path / "warc")
    writer.keep(first, HEAD, b"<html><h1>Pemeliharaan</h1></html>", NOON)
    writer.close()
    kept(tmp_path / "warc", answers, rest, at=LATER, run="backfill-20261122T120000-abc123")
    (path, _) = sorted((tmp_path / "warc").iterdir())
    begin = path.stat().st_size
    path.write_bytes(path.read_bytes() + b"rubbish")
    interrupted(tmp_path / "out", tmp_path / "warc", name)
    monkeypatch.setattr(reader, "PART", 20_000)
    line = reread(tmp_path / "out", tmp_path / "warc")
    assert line["parts_skipped"] >= 4
    assert line["outcome"] == "partial"
    assert len(stored(tmp_path / "out")) == 39
    assert line["damage"] == [{"what": "damaged", "where": f"{path}, byte {begin}"}]
    assert [each["id"] for each in line["unread_articles"]] == ids_of([first])
    assert (line["seen"]["damaged"], line["refused"]) == (1, {"NotAnArticle": 1})


def test_what_is_read_again_is_not_recalled_too(tmp_path):
    (path,) = kept(tmp_path / "warc", site(1))
    path.write_bytes(path.read_bytes() + b"rubbish")
    (source,) = find_sources([str(path)])
    run = Reparse(tmp_path, [source], workers=1).run
    with Archive(tmp_path) as archive:
        storing = ReparseStorage(run, archive)
        storing.take(read_source(source, run.id), 4)
    assert storing.lost_before(4) == Losses()
    assert storing.lost_before(5) == Losses(damage=tuple(source.damage))
    assert [damage.what for damage in source.damage] == ["damaged"]


def test_a_page_that_waits_for_the_rest_of_its_article_is_read_again_after_a_kill(tmp_path):
    answers = site(30, page_all=False)
    url = next(
        u for u in addresses(answers) if len(answers.site.article(ids_of([u])[0]).pages) == 2
    )
    pages = [url.replace("all", number) for number in "12"]
    for number, page in enumerate(pages):
        kept(tmp_path / "warc", answers, [page], run=f"run-{number}")
    parts = find_sources([str(tmp_path / "warc")])
    run = Reparse(tmp_path, parts, workers=1).run
    with Archive(tmp_path) as archive:
        storing = ReparseStorage(run, archive)
        storing.take(read_source(parts[0], run.id), 0)
        assert storing.stored_before(1) == 0
        storing.take(read_source(parts[1], run.id), 1)
        assert storing.stored_before(2) == 2
    assert run.counts["stored"] == 1


def test_other_files_are_read_from_the_beginning(tmp_path):
    pages = kept(tmp_path / "warc", site(3))
    ReparseCheckpoint(tmp_path, find_sources(map(str, pages))).mark(1, Losses())
    assert ReparseCheckpoint(tmp_path, find_sources(map(str, pages))).read() == (1, Losses())
    os.utime(pages[0], (1, 1))
    assert reread(tmp_path, *pages)["parts_skipped"] == 0
    assert reread(tmp_path, *pages)["parts_skipped"] == 0


def _wait_for_workers_to_end(mark: str):
    """Fail if a process that was started with this in its environment does not end soon."""
    deadline = time.monotonic() + 20
    while left := [path for path in Path("/proc").glob("[0-9]*") if mark in _environment(path)]:
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def _environment(process: Path) -> str:
    try:
        return (process / "environ").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def test_an_error_of_ours_on_a_page_is_told_and_ends_nothing(tmp_path, monkeypatch):
    answers = site(8)
    kept(tmp_path / "warc", answers)
    monkeypatch.setattr(reader, "PART", 12_000)
    read = pages.read
    bad = addresses(answers)[3]

    def failing(html, url):
        if url == bad:
            raise IndexError(url)
        return read(html, url)

    monkeypatch.setattr(pages, "read", failing)
    line = reread(tmp_path, tmp_path / "warc")
    assert (line["outcome"], line["refused"]) == ("partial", {"error-IndexError": 1})
    assert 5 <= line["stored"] < 8


def test_a_full_disk_ends_the_run_as_storage(tmp_path, monkeypatch):
    kept(tmp_path / "warc", site(12))
    write, room = os.write, [20_000]

    def filling(fd, data):
        room[0] -= len(data)
        return write(fd, data if room[0] > 0 or len(data) < 2000 else data[:100])

    monkeypatch.setattr("os.write", filling)
    line = reread(tmp_path, tmp_path / "warc")
    assert line["outcome"] == "storage"
    assert len(stored(tmp_path)) == line["stored"] > 0


def test_two_runs_do_not_read_into_one_directory(tmp_path):
    kept(tmp_path / "warc", site(1))
    with RunLock(lock_path(tmp_path, "reparse"), "reparse-other"):
        done = run_in_process("reparse", "--from", str(tmp_path / "warc"), output=tmp_path)
    assert done.code == 15
    assert "reparse-other" in done.log
    assert not (tmp_path / "crawls.jsonl").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "reparse needs --from PATH"),
        (["--from", "/nowhere/at/all"], "there is no file or folder /nowhere/at/all"),
        (["--from", "README.md"], "README.md is none of .warc.gz"),
        (["--from", "{unread}"], "{unread}/INDEX.tsv is not UTF-8 (at byte 7)"),
        (["--from", "{nowhere}"], "{nowhere}/a.warc.gz is no file, or leads to none"),
        (["--from", "docs"], "neither a WARC file nor saved HTML"),
        (["--from", "docs", "--workers", "0"], "--workers 0 is no number from 1 to 256"),
        (["--from", "docs", "--workers", "two"], "--workers two is no number"),
    ],
)
def test_a_bad_argument_is_refused_in_one_sentence(tmp_path, words, says):
    unread, nowhere = tmp_path / "unread", tmp_path / "nowhere"
    unread.mkdir()
    (unread / "a.html").write_text("<html></html>")
    (unread / "INDEX.tsv").write_bytes(b"a.html\t\xff\n")
    nowhere.mkdir()
    (nowhere / "a.warc.gz").symlink_to("gone")
    words = [word.format(unread=unread, nowhere=nowhere) for word in words]
    says = says.format(unread=unread, nowhere=nowhere)
    done = run_in_process("reparse", *words, output=tmp_path / "out")
    assert done.code == 2
    assert says in done.log
    assert len(done.log.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_quiet_says_nothing_and_json_says_it_for_programs(tmp_path):
    kept(tmp_path / "warc", site(2))
    words = ["--from", str(tmp_path / "warc"), "--workers", "1"]
    assert run_in_process("reparse", *words, "--quiet", output=tmp_path).out == ""
    line = run_in_process("reparse", *words, "--json", output=tmp_path).json
    assert line == runs(tmp_path)[-1]


def test_progress_tells_how_long_the_rest_takes():
    progress = Progress(total=1000, skipped=200, done=200, pages=60)
    progress.started = time.monotonic() - 30
    assert describe_progress(progress) == "reparse: 40%, 60 pages, 2 per second, 1 min 30 s left"
    assert describe_progress(Progress(total=1000)) == "reparse: 0%, 0 pages, 0 per second"


def test_files_are_read_in_the_order_in_which_they_were_written(tmp_path):
    answers = site(2)
    for name, moment in [("1", NOON), ("2", EARLIER - timedelta(9)), ("3.plain", EARLIER)]:
        (path,) = kept(tmp_path / name, answers, at=moment)
        if name == "3.plain":
            (tmp_path / "3.warc").write_bytes(gzip.decompress(path.read_bytes()))
            path.unlink()
        else:
            path.rename(tmp_path / f"{name}.warc.gz")
    times = [page.fetched_at for page in pages_in(tmp_path)]
    assert times == sorted(times)
    assert len(times) == 6


def test_a_folder_that_cannot_be_read_is_refused_and_not_passed_over(tmp_path, monkeypatch):
    kept(tmp_path / "sealed", site(1))
    (tmp_path / "a.html").write_text("<html></html>")
    scandir = os.scandir

    def sealed(path):
        if str(path).endswith("sealed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", sealed)
    with pytest.raises(BadArgument, match="sealed: Permission denied; nothing was read"):
        find_sources([str(tmp_path)])


def test_a_file_that_fails_is_named_when_it_is_looked_for_and_when_it_is_read(tmp_path):
    """Reading the beginning of a process's own memory is an error, whoever reads."""
    (tmp_path / "a.warc.gz").symlink_to("/proc/self/mem")
    with pytest.raises(BadArgument, match=r"a\.warc\.gz: Input/output error; nothing was read"):
        find_sources([str(tmp_path)])
    (tmp_path / "a.warc.gz").unlink()
    (page,) = kept(tmp_path / "warc", site(1))
    (tmp_path / "b.html").write_text("<html></html>")
    sources = find_sources([str(tmp_path)])
    page.unlink()
    (tmp_path / "b.html").unlink()
    line = Reparse(tmp_path / "out", sources, workers=1).execute(lambda _: None)
    assert (line["outcome"], line["seen"]) == ("partial", {"damaged": 2})
    assert line["damage"] == [
        {"what": "damaged", "where": f"{path}: No such file or directory"}
        for path in (page, tmp_path / "b.html")
    ]


def test_linked_folders_are_read_and_loops_are_not_followed(tmp_path):
    kept(tmp_path / "elsewhere", site(2))
    folder = tmp_path / "folder" / "2026"
    folder.mkdir(parents=True)
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    for name in ("loop", "other-loop"):  # two are as many paths as a chessboard has grains
        (folder / name).symlink_to(tmp_path / "folder")
    assert len(pages_in(tmp_path / "folder")) == 2


def test_a_path_that_is_given_twice_is_read_once(tmp_path):
    (path,) = kept(tmp_path, site(2))
    assert len(pages_in(path, tmp_path)) == 2
    with pytest.raises(BadArgument):
        find_sources([])
