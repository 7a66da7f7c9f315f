"""Chance, with a seed: whatever pages, lists, lines, files and words hold, one thing is lost at most.

Reduced here, long under `KOMPAS_PROOFS=full`. No case may raise what has no name, or take two
seconds of CPU.
"""

from __future__ import annotations

import gzip
import html
import json
import os
import random
import re
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from urllib.parse import urlsplit

import pytest
from scrapy.http import Headers
from scrapy.responsetypes import responsetypes

from kompas_crawler import responses, urls
from kompas_crawler.archive.locks import RunLock, lock_path
from kompas_crawler.archive.record import (
    from_record,
    line_of,
    object_in,
    problems_of,
    record_in,
    to_record,
    validate,
)
from kompas_crawler.archive.schema import EXAMPLE
from kompas_crawler.audit.fixtures import article_fixture
from kompas_crawler.datelines import read_dateline
from kompas_crawler.errors import BrokenRecord, KompasError, PageRefused, StorageFailed
from kompas_crawler.operations import notifications
from kompas_crawler.pages import read_article, read_listing, read_sitemap, read_sitemap_index
from kompas_crawler.runs.log_validation import run_in
from kompas_crawler.runs.state import State
from kompas_crawler.timezones import WIB
from kompas_crawler.warc.checkpoint import Losses, ReparseCheckpoint
from kompas_crawler.warc.read_pages import read_source
from kompas_crawler.warc.sources import find_sources
from tests import test_middlewares
from tests.in_process import run_in_process
from tests.test_middlewares import Answer, article, site, tls  # noqa: F401 - fixtures
from tests.warc.test_foreign_files import HEAD, record

FULL = os.environ.get("KOMPAS_PROOFS") == "full"
MOST_CPU = 2.0  # seconds
NOW = datetime(2026, 11, 23, 12, tzinfo=WIB)
HERE = Path(__file__).parents[1]
SHARED = Path(os.environ.get("KOMPAS_SHARED", HERE.parents[1] / "shared"))
MONTHS = "januari februari maret april mei juni juli agustus september oktober november desember"
ADDRESS = "https://www.kompas.com/global/read/2021/08/26/162226370/judul"


@contextmanager
def in_time(case):
    """Hold a case to its time, and name it if anything is wrong."""
    begun = process_time()
    try:
        yield
    except Exception as error:
        raise AssertionError(f"case {case!r:.2000}") from error
    assert process_time() - begun < MOST_CPU, case


def dice_of(kind, number):
    """The dice of every case of a kind: a case can be thrown again by its number."""
    for case in range(number * (20 if FULL else 1)):
        yield case, random.Random(f"{kind} {case}")


# What a page, a list or a line is changed by.

TOKENS = [
    b"\x00", b"\x1b[2J", b"\xff\xfe", b"\xed\xa0\x80", "\u202e".encode(), "\U000e0041".encode(),
    b"&#0;", b"&#xD800;", b"&#x1F;", b"&#99999999999;", b"&amp;", b"<!--", b"-->", b"<![CDATA[",
    b"]]>", b"<script>", b"</script>", b"<style>", b"<base href='https://evil.example/'>",
    b"<template>", b"<svg><title>", b"<table><tr><td>", b"</body></html>", b"<p", b'="', b"'", b">",
    b"<plaintext>", b"<noscript>", b"javascript:alert(1)", b"../../etc/passwd", b"%00", b"//[",
    b"https://www.kompas.com@evil.example/", b"{", b"}", b"[", b"]", b'"', b"\\u", b"\\ud800", b"null",
    b"NaN", b"1e999", b"-1", b"9" * 5000, b"<div>" * 800, b"<b>" * 800, b"[" * 2000, b"&" * 2000,
    b" " * 5000, b"<a href=x>" * 300, b'<p class="' + b"a " * 2000 + b'">', b"\r\n\r\n",
    b"12:00 WIB", b"<br>", b"</p>", b"</div>", b"Baca juga: ", b"=cmd|' /C calc'!A0", b"\x85\xe2\x80\xa8",
]  # fmt: skip


def mutated(whole, dice, foreign=(b"",)):
    """Bytes as disks, networks and hostile hands leave them."""
    data = bytearray(whole)
    for _ in range(dice.choice([1, 1, 2, 3, 8])):
        at = dice.randrange(len(data) + 1)
        length = dice.choice([1, 1, 4, 30, 200, 5_000])
        piece = bytes(data[at : at + length])
        other = dice.choice(foreign)
        start = dice.randrange(len(other) + 1)
        data[at : at + dice.choice([0, length])] = dice.choice(
            [
                b"",
                dice.choice(TOKENS),
                dice.choice(TOKENS),
                dice.choice(TOKENS),
                dice.randbytes(min(length, 200)),
                piece + piece,
                piece * dice.choice([3, 40]),
                other[start : start + length],
                piece[::-1],
            ]
        )
    return bytes(data)


def text_of(data):
    return data.decode(errors="replace")


# Pages.


def pages_of(folder):
    """Yield every page of the tests with its address, and real ones where a folder has them."""
    for path in sorted((HERE / "pages" / folder).glob("*.html")):
        yield json.loads(path.with_suffix(".json").read_text())["_url"], path.read_bytes()
    if FULL and (SHARED / "kompas" / "pages").is_dir():
        for path in sorted(SHARED.glob("kompas/pages*/**/*.html.gz")):
            page = gzip.decompress(path.read_bytes())
            canonical = re.search(rb'rel="canonical" href="([^"]+)"', page)
            yield (canonical[1].decode(errors="replace") if canonical else ADDRESS), page


ARTICLES = list(pages_of("articles"))
LISTINGS = list(pages_of("listings"))
LETTERS = re.compile(r"[^\W\d_]+")


def words_of(page):
    """All letters of a page, with and without its tags: no word of a text may be anything else."""
    whole = html.unescape(page)
    joined = html.unescape(re.sub(r"(?s)<!--.*?-->|<[^<>]*>", "", page))
    escaped = re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), whole)
    return "".join(LETTERS.findall(f"{escaped} {joined} {html.unescape(joined)}".casefold()))


def check_page(page, url):
    try:
        article = read_article(page, url)
        article = replace(article, fetched_at=NOW, crawl="x")
        validate(article)
    except (PageRefused, BrokenRecord):
        return False
    assert problems_of(to_record(article)) == ()
    assert record_in(line_of(article)) == to_record(article)
    known = words_of(page)
    for word in LETTERS.findall(f"{article.title} {article.text}".casefold()):
        assert word in known, word
    return True


def test_hostile_pages():
    read = 0
    foreign = [page for _, page in ARTICLES]
    for case, dice in dice_of("page", 120):
        url, page = ARTICLES[case % len(ARTICLES)]
        with in_time(case):
            read += check_page(text_of(mutated(page, dice, foreign)), url)
    assert read > 60  # most of them are still articles


def check_listing(listing):
    for id_, url in listing.urls_by_id.items():
        assert urls.article_id(url) == urls.article_id(id_) == id_
        assert urls.is_kompas(url)
    assert listing.next_url is None or urls.is_kompas(listing.next_url)


def test_hostile_lists():
    foreign = [page for _, page in LISTINGS]
    for case, dice in dice_of("list", 100):
        url, page = dice.choice(LISTINGS)
        with in_time(case):
            check_listing(read_listing(text_of(mutated(page, dice, foreign)), url))


SITEMAP = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">%s</urlset>"""
ENTRY = b"<url><loc>https://www.kompas.com/global/read/2026/11/%02d/100000170/judul</loc></url>"
MAPS = b"<sitemapindex><sitemap><loc>https://www.kompas.com/a.xml</loc></sitemap></sitemapindex>"


def test_hostile_sitemaps():
    whole = SITEMAP % b"".join(ENTRY % day for day in range(1, 29))
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    for _, dice in dice_of("sitemap", 200):
        text = text_of(mutated(dice.choice([whole, MAPS]), dice, [bomb, MAPS, whole]))
        with in_time(text):
            check_listing(read_sitemap(text, "https://www.kompas.com/sitemap.xml"))
            assert all(map(urls.is_kompas, read_sitemap_index(text)))


# Addresses.

SEEDS = [
    ADDRESS,
    "https://internasional.kompas.com/read/2016/10/21/19195161/a.b?page=2#page2",
    "http://amp.kompas.com/global/read/2021/08/26/162226370/judul?page=all",
    "https://indeks.kompas.com/?site=global&date=2021-08-26&page=2",
    "https://www.kompas.com/tag/rusia?page=3",
    "2021/08/26/162226370",
]


def test_hostile_addresses():
    for _, dice in dice_of("url", 2_000):
        seed = dice.choice(SEEDS)
        url = text_of(mutated(seed.encode(), dice, [each.encode() for each in SEEDS]))
        with in_time(url):
            canonical = urls.canonical_url(url)
            if id_ := urls.article_id(url):
                assert urls.article_id(canonical) == id_
                assert urls.canonical_url(canonical) == canonical
            asked = urls.clean_url(urls.absolute_url(seed, url))
            for each in (canonical, urls.clean_url(url), asked):
                assert not urls.is_kompas(each) or re.fullmatch("[!-~]+", each), each
                if urls.is_kompas(each):
                    parts = urlsplit(each)
                    assert f".{parts.hostname}".endswith(".kompas.com"), each
                    assert parts.username is None
                    assert parts.port in (None, 80, 443)
            urls.kind_of(url), urls.front_of(url), urls.in_section(url)
            urls.whole_article_url(url), urls.page_url(url, 2)


# Time lines.

LINES = [
    "Kompas.com - 26/08/2021, 16:22 WIB",
    "Kompas.com- Diperbarui 26/08/2021, 16:22 WITA",
    "Kompas.com, 9 Mei 2026, 10:30 WIB",
    "Penulis : Budi | Jum'at, 5 Agustus 2011 | 14.46 WITA",
    "Kompas.com - 26/03/2021, 16:22 WIB - Diperbarui 27/03/2021, 08:00 WIB",
    "26 Mei 2021 pukul 16.22 WIT",
    "Rabu (26/5/2021) pukul 16.22 WIB",
    "31 October 2023, 14:24",
    "06-07-21, 17:01",
]


def accounts_for(line, dateline):
    """Read all numbers of a line anew: each must be a part of a moment that it states, in order."""
    names = [
        number
        for word in re.findall(r"[a-z]+", line.casefold())
        for number, month in enumerate(MONTHS.split(), 1)
        if len(word) >= 3 and (month.startswith(word[:3]) or word[:3] in FOREIGN.get(number, ()))
    ]
    numbers = [int(each) for each in re.findall(r"[0-9]+", line)]
    spelled = [[]]
    for moment in (each for each in (dateline.published, dateline.updated) if each):
        years = {moment.year, moment.year % 100}
        clocks = [[moment.hour, moment.minute, moment.second]]
        clocks += [[moment.hour, moment.minute]] * (not moment.second)
        days = [[moment.day, moment.month, year] for year in years]
        days += [[moment.day, year] for year in years if moment.month in names]
        spelled = [
            [*done, *each]
            for done in spelled
            for day in days
            for clock in clocks
            for each in (day + clock, clock + day)
        ]
    # Words in another order say the same, where the month is named and the clock stands together.
    return numbers in spelled or (bool(names) and sorted(numbers) in map(sorted, spelled))


FOREIGN = {
    2: ("peb",),
    5: ("may",),
    8: ("aug", "ags", "agt"),
    10: ("oct",),
    11: ("nop",),
    12: ("dec",),
}


def respelled(line, dice):
    """A time line with another digit, a number too many, too few, or in another place."""
    at = dice.choice([match.start() for match in re.finditer(r"[0-9]", line)])
    extra = str(dice.choice([0, 1, 3, 7, 9, 12, 21, 99, 2021, 162226370]))
    return dice.choice(
        [
            line[:at] + str(dice.randrange(10)) + line[at + 1 :],
            line[:at] + line[at + 1 :],
            line[:at] + str(dice.randrange(10)) + line[at:],
            line[:at] + extra + dice.choice([" - ", "- ", " ", "/", ". ", ":", ", "]) + line[at:],
            line + dice.choice([" ", " - ", "/", ":"]) + extra,
            extra + dice.choice([" ", " - ", " komentar "]) + line,
            " ".join(dice.sample(line.split(), len(line.split()))),
        ]
    )


@pytest.mark.parametrize("line", LINES)
def test_the_strict_reader_agrees_with_whole_lines(line):
    assert accounts_for(line, read_dateline(line))


def test_no_number_of_a_time_line_is_left_over():
    read = 0
    for _, dice in dice_of("dateline", 3_000):
        line = dice.choice(LINES)
        for _turn in range(dice.choice([1, 1, 2])):
            line = respelled(line, dice)
        with in_time(line):
            if dateline := read_dateline(line):
                assert accounts_for(line, dateline), dateline
                read += 1
    assert read > 300


# Stored lines.

VALUES = [
    None, True, False, 0, -1, 1, 1.0, 1.5, 2**31, 10**400, "", " ", "x", "Unknown", "\x00", "\x1b[2J",
    "\ud800", "=1+1", "../../x", "2021-08-26", "2021-08-26T16:22:26", "2021-02-31T16:22:26+07:00",
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "２０２１-08-26T16:22:26+07:00",
    "2021/08/26/162226370", "2021/02/31/162226370", "https://", "javascript:x", [], {}, [None], [[]],
    [{}], {"id": "x"}, {"": []}, ["a", 1], [{"url": 1}], [{"url": "x", "caption": [], "credit": {}}],
    {"a": {"b": {"c": [1]}}}, "x" * 100_000,
]  # fmt: skip
RAW = [
    b"NaN", b"-Infinity", b"1e999", b"9" * 6_000, b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000,
    b'{"a":' * 100_000 + b"1" + b"}" * 100_000, b'"\xff"', b'"\xed\xa0\x80"', b"\x00", b"1 2", b"'x'",
    b'[1, 2, {"a": 1, "a": 2}]', b"0x10", b'"\\ud83d"', b"\xef\xbb\xbf1",
]  # fmt: skip
RUN = {
    "crawl": "international-20261122T120000-abc", "spider": "international", "section": "global",
    "outcome": "complete", "reason": "finished", "started_at": "2026-11-22T12:00:00+07:00",
    "finished_at": "2026-11-22T12:10:00+07:00", "arguments": {}, "since": None, "until": None,
    "covered": [["2026-11-20T00:00:00+07:00", "2026-11-22T00:00:00+07:00"]],
    "requests": 3, "lists": 1, "listed": 2, "known": 0, "read": 1, "stored": 1, "revised": 0,
    "unchanged": 0, "duplicates": 0, "invalid": 0, "not_fetched": 0, "failed_listings": [],
    "failed": [{"id": "2026/11/20/110000170", "url": ADDRESS, "reason": "timeout", "tries": 1}],
    "unknown_listings": [], "gone": [{"id": "2026/11/20/120000170", "url": ADDRESS, "status": 404,
    "seen_at": "2026-11-22T12:00:00+07:00"}], "off_section": [{"id": "x", "url": ADDRESS}],
    "given_up": [{"id": "x", "url": ADDRESS, "reason": "timeout", "tries": 8}],
    "given_up_days": ["2026-11-20"], "refused": {"timeout": 1}, "layouts": {"read-2022": 1},
    "warnings": {}, "fields": {"title": {"printed": 1}}, "median_words": 200.0, "drift": [],
    "coverage": [["2026-11-20T00:00:00+07:00", "2026-11-22T00:00:00+07:00"]],
    "pending": [{"id": "2026/11/20/110000170", "url": ADDRESS, "reason": "timeout", "tries": 1}],
    "owed_days": {"2026-11-21": 1}, "followed_since": "2026-11-20T00:00:00+07:00",
}  # fmt: skip


def places_in(value, path=()):
    """Yield the way to every value within a JSON value."""
    if isinstance(value, dict | list):
        for key, child in list(value.items() if isinstance(value, dict) else enumerate(value)):
            yield (*path, key)
            yield from places_in(child, (*path, key))


def spoiled(line, dice):
    """A stored line with any JSON, or what is none, in any place of it."""
    whole = json.loads(json.dumps(line))
    *way, key = dice.choice(list(places_in(whole)))
    place = whole
    for step in way:
        place = place[step]
    how = dice.choice(["value", "value", "raw", "missing", "more", "bytes", "whole"])
    if how == "missing":
        del place[key]
    elif how == "more" and isinstance(place, dict):
        place[dice.choice(["x", "", key + "x"])] = dice.choice(VALUES)
    elif how == "whole":
        return dice.choice([*RAW, *(json.dumps(value).encode() for value in VALUES)]) + b"\n"
    elif how == "raw":
        place[key] = "@@"
    else:
        place[key] = dice.choice(VALUES)
    raw = json.dumps(whole, ensure_ascii=dice.random() < 0.5)
    raw = raw.encode(errors="surrogatepass").replace(b'"@@"', dice.choice(RAW), 1)
    raw = mutated(raw, dice, [*RAW, raw]) if how == "bytes" else raw
    return raw.replace(b"\n", b"") + b"\n"


def every_spoiled(line, kind, number):
    """Yield a line with every value in every place, then what chance makes of it."""
    for *way, key in places_in(line):
        for value in VALUES[:-1]:
            whole = json.loads(json.dumps(line))
            place = whole
            for step in way:
                place = place[step]
            place[key] = value
            yield json.dumps(whole).encode() + b"\n"
    for _, dice in dice_of(kind, number):
        yield spoiled(line, dice)


def test_hostile_lines_of_articles():
    read = 0
    for raw in every_spoiled(EXAMPLE, "line", 400):
        with in_time(raw):
            try:
                record = record_in(raw)
            except BrokenRecord:
                continue
            article = from_record(record)
            assert from_record(record_in(line_of(article))) == article
            assert problems_of(record) is not None
            for moment in (article.published_at, article.updated_at, article.fetched_at):
                assert moment is None or moment.astimezone(UTC).year > 1990
            read += 1
    assert read > 40


def test_hostile_lines_of_runs():
    read = 0
    for raw in every_spoiled(RUN, "run", 400):
        with in_time(raw):
            try:
                line = run_in(raw)
            except BrokenRecord:
                continue
            assert State.from_line(line).days_to_prove(8) is not None
            read += 1
    assert read > 40


def test_a_line_of_any_length_and_depth_is_one_fault():
    for raw in (b'{"id": "' + b"x" * 50_000_000 + b'"}\n', b"[" * 50_000_000, b"\x00" * 50_000_000):
        with in_time(raw[:20]), pytest.raises(BrokenRecord):
            record_in(raw)
    with in_time("runs"), pytest.raises(BrokenRecord):
        run_in(b"[" * 50_000_000)
    with pytest.raises(BrokenRecord, match="twice"):
        object_in(b'{"id": 1, "id": 2}')


# Saved files and WARC files.


def warc(dice):
    records = [record(url, HEAD, page) for url, page in dice.sample(ARTICLES, 3)]
    pack = dice.choice([bytes, gzip.compress])
    whole = b"".join(pack(each) for each in records)
    return dice.choice(["a.warc", "a.warc.gz"]), mutated(whole, dice, records)


def saved_page(dice):
    _, page = dice.choice(ARTICLES)
    page = mutated(page, dice)
    name = dice.choice(["a.html", "2021_08_26_162226370.htm", "b.html.gz", "-x.html", "ä b.html"])
    return name, gzip.compress(page) if name.endswith("gz") and dice.random() < 0.8 else page


def told(dice):
    row = f"a.html\t{ADDRESS}\t2021-08-26T16:22:26+07:00\n".encode()
    return "INDEX.tsv", mutated(b"file\turl\tfetched_at\n" + row * 3, dice)


def test_hostile_files(tmp_path):
    for case, dice in dice_of("file", 60):
        folder = tmp_path / str(case)
        folder.mkdir()
        for make in dice.choice([(warc,), (saved_page, told), (saved_page, saved_page, warc)]):
            name, data = make(dice)
            (folder / name).write_bytes(data)
        with in_time(case):
            check_files(folder)


def check_files(folder):
    try:
        sources = find_sources([str(folder)])
    except KompasError:
        return
    for source in sources:
        part = read_source(source, "x")
        for reading in part.readings:
            assert reading.article.fetched_at < datetime.now(WIB) + timedelta(days=1, minutes=1)
        assert [each for each in part.unread if each.reason.startswith("error-")] == []


# Headers.

HEADERS = [
    b"9" * 400, b"-1", b"1e9", b"Wed, 21 Oct 2026 07:28:00 GMT", b"Wed, 21 Oct 9999 23:59:59 -2359",
    b"Wed, 21 Oct 2026 07:28:00 +9999999999", b"9" * 70 + b" Oct 2026 07:28:00 GMT", b"Mon, 01 Jan 0001 00:00:00 +2359", b"\xff", b"",
    b"text/html; charset=zlib", b"text/html; charset=utf-7", b"gzip, gzip, gzip", b"//[", b"https://[",
]  # fmt: skip
NAMES = ["Retry-After", "Date", "Content-Type", "Content-Encoding", "Location", "X" * 200]


@pytest.fixture
def hostile_crawl(site, tls, tmp_path):  # noqa: F811
    return test_middlewares.Crawl(site, tls[1], tmp_path)


def test_hostile_headers():
    for _, dice in dice_of("header", 1_000):
        told = {name: mutated(dice.choice(HEADERS), dice, HEADERS) for name in NAMES}
        status = dice.choice([200, 301, 429, 503])
        with in_time(told):
            responses.http_date(dice.choice(HEADERS).decode("latin-1"))
            kind = responsetypes.from_headers(Headers({"Content-Type": told["Content-Type"]}))
            body = dice.choice([b"", b"<html>", dice.randbytes(50)])
            response = kind(url=ADDRESS, status=status, headers=told, body=body)
            seconds = responses.retry_after(response)
            assert seconds is None or seconds >= 0
            responses.body_fault(responses.rightly_encoded(response))


def test_hostile_headers_of_a_server(site, hostile_crawl):  # noqa: F811
    """Over a socket: whatever one answer says of itself, the next page comes."""
    for number, value in enumerate(HEADERS):
        text = value.decode("latin-1")
        told = {"Content-Encoding": text, "Retry-After": text, "Date": text, "X-" + "A" * 200: text}
        site.serve(article(number), Answer(headers=told))
    urls = [article(number) for number in range(len(HEADERS))]
    odd = [f"text/html; charset={name}" for name in ("zlib", "idna", "undefined", "utf-7", "rot13")]
    pages = [site.serve(article(40 + n), Answer(kind=kind)) for n, kind in enumerate(odd)]
    report = hostile_crawl(*urls, *pages, site.serve(article(30)))
    assert report["outcomes"].keys() == {*urls, *pages, article(30)}
    assert {report["outcomes"][url] for url in (*pages, article(30))} == {"page"}
    assert "Traceback" not in report["log"]


# Words of a command line.

WORDS = [
    "", " ", "-", "--", "x", "-x", "--since", "--since=1d", "--since=9999999999d", "--since=0001-01-01",
    "--until=9999-12-31", "--since=2021-02-31", "--since=２d", "--limit=0", "--limit=1e3", "--limit=-1",
    "--limit=99999999999", "--json", "--output=", "--output=\x00", "--output=/dev/null", "--to=", "--to=/dev/full",
    "--to=x\x00.csv", "--format=csv", "--format=x", "--words=", '--words="', "--words=a* -b", "--words=*",
    "--source=", "--tag=\ud800", "--within=-1", "--within=9e99", "--within=1d", "--revision=1", "--revision=²",
    "2021/08/26/162226370", "2021/02/31/162226370", ADDRESS, "https://[", '"', "*", "NEAR(a b)", "a" * 5_000,
    "\x1b[2J", "\u202e", "-s", "-s KOMPAS_OUTPUT_DIR", "--lang=xx", "--lang=en", "--all-revisions", "-h",
]  # fmt: skip
COMMANDS = ["search", "show", "export", "changes", "health", "verify", "search", "show"]


@pytest.fixture
def output(tmp_path):
    folder = tmp_path / "output"
    (folder / "articles").mkdir(parents=True)
    (folder / "articles" / "2021-08.jsonl").write_text(json.dumps(EXAMPLE) + "\n")
    (folder / "crawls.jsonl").write_text(json.dumps(RUN) + "\n")
    return folder


def test_hostile_arguments(output, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    codes = set()
    for _, dice in dice_of("words", 40):
        words = dice.choices(WORDS, k=dice.choice([1, 1, 2, 3]))
        name = dice.choice(COMMANDS)
        with in_time((name, words)):
            done = run_in_process(name, *words, output=output)
            assert "Traceback" not in done.log
            codes.add(done.code if name != "health" or done.code != 1 else 0)
    assert codes <= {0, 2, 14, 20, 23}, codes


# A whole directory of spoiled files.


@pytest.fixture
def ruin(output):
    """An archive in which most lines are spoiled, and the lines that are whole."""
    dice = random.Random("ruin")
    month, log = output / "articles" / "2021-08.jsonl", output / "crawls.jsonl"
    for path, line in ((month, EXAMPLE), (log, RUN)):
        bad = [spoiled(line, dice) for _ in range(120)]
        path.write_bytes(b"".join([*bad[:60], path.read_bytes(), *bad[60:]]))
    return output


def lines_of(path):
    return [line + b"\n" for line in path.read_bytes().split(b"\n")[:-1]]


def is_json(raw):
    try:
        return isinstance(json.loads(raw.decode()), dict)
    except (ValueError, RecursionError):
        return False


def readable(path, read):
    found = []
    for raw in lines_of(path):
        try:
            read(raw)
        except BrokenRecord:
            continue
        found.append(raw)
    return found


READERS = [
    *(("export", "--to", f"x{suffix}") for suffix in (".csv", ".parquet", ".sqlite", ".jsonl")),
    ("export", "--to", "folder", "--format", "dataset"),
    ("report", "--to", "x.html"),
    ("search", "kapal"),
    ("show", EXAMPLE["id"]),
    ("changes",),
    ("health", "--within", "999999"),
    ("verify",),
]


READ_ALL = ("export", "report", "search", "show", "changes")  # health reads back to a complete run


@pytest.mark.parametrize("words", READERS, ids=lambda words: " ".join(words))
def test_a_ruin_is_read_and_what_nobody_can_read_is_counted(ruin, tmp_path, words):
    words = [str(tmp_path / word) if word[:2] in ("x.", "fo") else word for word in words]
    done = run_in_process(*words, output=ruin)
    assert done.code == (20 if words[0] == "verify" else 0), done.log
    articles = ruin / "articles" / "2021-08.jsonl"
    bad = 121 - len(readable(articles, record_in))
    lines = set(lines_of(ruin / "crawls.jsonl"))
    runs = len(lines.difference(readable(ruin / "crawls.jsonl", run_in)))
    if words[0] in READ_ALL:
        assert f"Stored lines that hold no record: {bad} left out" in done.log
        assert f"Lines of crawls.jsonl: {runs} not used" in done.log


def test_verify_names_every_spoiled_line_and_the_repair_sets_them_aside(ruin):
    paths = {ruin / "articles" / "2021-08.jsonl": record_in, ruin / "crawls.jsonl": run_in}
    before = {path: lines_of(path) for path in paths}
    good = {path: readable(path, read) for path, read in paths.items()}
    named = {
        each["file"]: each for each in run_in_process("verify", "--json", output=ruin).json["files"]
    }
    for path, lines in before.items():
        told = named[str(path.relative_to(ruin))]["named"]
        bad = {n for n, raw in enumerate(lines, 1) if raw not in good[path]}
        assert {each["line"] for each in told if each["mendable"]} >= bad
    run_in_process("verify", "--repair", output=ruin)
    for path in paths:
        assert lines_of(path) == list(dict.fromkeys(good[path]))
        (aside,) = path.parent.glob(f"{path.name}.set-aside-*")
        assert lines_of(aside) == [
            raw for raw in before[path] if raw not in good[path] and raw.strip()
        ]
    assert "set-aside" in " ".join(run_in_process("verify", "--json", output=ruin).json["notes"])


@pytest.mark.parametrize("name", [".reparse.json", ".international.lock", ".storage-told"])
def test_other_spoiled_files_are_as_if_they_were_not_there(output, name):
    for raw in (*RAW, *(json.dumps(value).encode() for value in VALUES)):
        (output / name).write_bytes(raw)
        with in_time(raw[:80]):
            checkpoint = ReparseCheckpoint(output, [])
            assert checkpoint.read() == (0, Losses())
            with RunLock(lock_path(output, "international"), "next"):
                pass


def test_caches_are_not_reached_through_links(output, tmp_path):
    secret = tmp_path / "secret"
    for name in (".index.sqlite", ".index.sqlite-wal"):
        secret.write_bytes(b"")
        (output / name).unlink(missing_ok=True)
        (output / name).symlink_to(secret)
        done = run_in_process("search", "kapal", output=output)
        # What SQLite once put beside a cache that is gone is removed; a link is no more than that.
        assert done.code == 14 or name.endswith("-wal"), name
        assert "is a link to" in done.log or done.code == 0
        assert secret.read_bytes() == b""
        assert run_in_process("verify", "--json", output=output).code in (0, 20)
        (output / name).unlink(missing_ok=True)


def test_a_saved_case_and_a_mark_are_not_written_through_links(tmp_path):
    secret = tmp_path / "secret"
    (tmp_path / "cases" / "articles").mkdir(parents=True)
    case = article_fixture("<p>", ADDRESS, "a page")
    (tmp_path / "cases" / "articles" / f"{case.name}.html").symlink_to(secret)
    assert case.save(tmp_path / "cases") is None
    mark = tmp_path / ".storage-told"
    mark.symlink_to(secret)
    assert notifications._mark_if_new(
        mark, datetime.now(WIB) + timedelta(days=2), timedelta(days=1)
    )
    assert not secret.exists()
    (tmp_path / "linked").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "linked" / "articles").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageFailed):
        case.save(tmp_path / "linked")
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_crawl_over_a_ruin_loses_nothing(ruin, stand_in, crawl):
    log = ruin / "crawls.jsonl"
    log.write_bytes(b"".join(each for each in lines_of(log) if is_json(each)))
    done = crawl(stand_in("--days", "1", "--per-day", "3"), "backfill", "since=0d", output=ruin)
    assert done.code == 0, done.log
    assert "Traceback" not in done.log
    assert "stored lines hold no record" in done.log
