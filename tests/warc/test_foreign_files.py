"""Files that other people's programs wrote: every page is read, and none is forged."""

import gzip
import os
import random
import zlib
from collections import Counter
from datetime import datetime, timedelta

import pytest
from backports import zstd

from kompas_crawler.archive import record as records
from kompas_crawler.errors import BrokenRecord, NotAnArticle
from kompas_crawler.pages import read_article
from kompas_crawler.timezones import WIB
from kompas_crawler.warc import gzip_members, read_pages, reader, reparse, sources
from kompas_crawler.warc.page_address import own_address
from kompas_crawler.warc.read_ahead import ReadAhead
from kompas_crawler.warc.read_pages import BEHIND_DAMAGE, read_source
from kompas_crawler.warc.reparse import Reparse
from kompas_crawler.warc.sources import find_sources
from tests.conftest import runs, stored
from tests.in_process import run_in_process
from tests.saved_pages import HEAD, addresses, answered, ids_of, kept, site

pytest.importorskip("warcio")

FORGED = "https://www.kompas.com/global/read/2021/08/26/16222{:02}70/palsu"


def reread(root, *paths, workers=1):
    return Reparse(root, find_sources(map(str, paths)), workers=workers).execute(lambda _: None)


def record(url, http=HEAD, body=b"", *, when="2021-03-01T02:03:04Z", kind="response", fields=""):
    block = http + body
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:0>\r\nWARC-Date: {when}\r\n"
        f"WARC-Target-URI: {url}\r\n{fields}Content-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def transferred(*headers):
    return b"\r\n".join([b"HTTP/1.1 200 OK", b"Content-Type: text/html", *headers, b"", b""])


def chunked(body):
    pieces = (body[:999], body[999:], b"")
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)


@pytest.fixture(scope="module")
def answers():
    return site(6, layout="read-2017")


# Spelled in another way.


def spelled(url, page):
    """A record in every way in which somebody writes it, by what is special."""
    plain = record(url, HEAD, page)
    half = len(page) // 2
    frames = zstd.compress(page[:half]) + zstd.compress(page[half:])
    pieces = gzip.compress(page[:half]) + gzip.compress(page[half:])
    bare = zlib.compressobj(wbits=-15)
    return {
        "names of fields": plain.replace(b"WARC-Type", b"Warc-Type")
        .replace(b"WARC-Target-URI", b"warc-target-uri")
        .replace(b"WARC-Date", b"WARC-DATE")
        .replace(b"Content-Length", b"content-length", 1),
        "spaces around the colon": plain.replace(b"WARC-Type:", b"WARC-Type :\t"),
        "type in capitals": plain.replace(b"response", b"Response", 1),
        "resource": record(url, b"", page, kind="resource", fields="Content-Type: text/html\r\n"),
        "HTTP/2": record(url, HEAD.replace(b"HTTP/1.1 200 OK", b"HTTP/2 200"), page),
        "Chunked": record(url, transferred(b"Transfer-Encoding: Chunked"), chunked(page)),
        "gzip, chunked": record(
            url, transferred(b"transfer-encoding: gzip, chunked"), chunked(gzip.compress(page))
        ),
        "x-gzip": record(url, transferred(b"Content-Encoding: x-gzip"), gzip.compress(page)),
        "gzip of two members": record(url, transferred(b"Content-Encoding: GZip"), pieces),
        "zstd of two frames": record(url, transferred(b"Content-Encoding: zstd"), frames),
        "deflate without a frame": record(
            url, transferred(b"Content-Encoding: deflate"), bare.compress(page) + bare.flush()
        ),
        "packed twice": record(
            url, transferred(b"Content-Encoding: gzip, zstd"), zstd.compress(gzip.compress(page))
        ),
    }


@pytest.mark.parametrize("special", spelled("", b""))
def test_a_record_is_read_however_it_is_spelled(tmp_path, answers, special):
    url = addresses(answers)[0]
    page = answered(answers, url)
    (tmp_path / "a.warc.gz").write_bytes(gzip.compress(spelled(url, page)[special]))
    (source,) = find_sources([str(tmp_path)])
    (found,) = source.pages()
    assert (found.url, found.html) == (url, page.decode())
    assert found.fetched_at == datetime(2021, 3, 1, 9, 3, 4, tzinfo=WIB)


@pytest.mark.parametrize(
    ("name", "pack"),
    [("a.warc", gzip.compress), ("a.warc.gz", bytes), ("a.warc", bytes)],
)
def test_whether_a_file_is_packed_is_told_by_its_first_bytes(tmp_path, answers, name, pack):
    content = b"".join(
        pack(record(url, HEAD, answered(answers, url))) for url in addresses(answers)
    )
    (tmp_path / name).write_bytes(content)
    line = reread(tmp_path / "out", tmp_path / name)
    assert (line["outcome"], line["stored"]) == ("complete", 6)


def test_a_picture_of_a_page_is_no_page(tmp_path, answers):
    url = addresses(answers)[0]
    picture = record(url, b"", b"\x89PNG", kind="resource", fields="Content-Type: image/png\r\n")
    (tmp_path / "a.warc.gz").write_bytes(gzip.compress(picture))
    (source,) = find_sources([str(tmp_path)])
    assert list(source.pages()) == []
    assert source.seen == {"no HTML": 1}


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-8", b""),
        ("windows-1252", b""),
    ],
)
def test_a_page_is_decoded_as_it_says(tmp_path, encoding, mark):
    """A browser believes the mark at the beginning first, whatever is declared."""
    url = "https://www.kompas.com/global/read/2026/11/20/101112370/uji-layar"
    html = f'<meta charset="{"utf-8" if mark else encoding}"><p>Kapal kayu \xe9'
    (tmp_path / "A.HTML").write_bytes(mark + html.encode(encoding))
    (tmp_path / "INDEX.tsv").write_text(f"A.HTML\t{url}\n")
    (source,) = find_sources([str(tmp_path)])
    assert [page.html for page in source.pages()] == [html]


# What a saved page calls its own address.

ADDRESS = "https://www.kompas.com/global/read/2026/11/20/101112370/uji-layar"
FRONT = "https://www.kompas.com/"


@pytest.mark.parametrize(
    "html",
    [
        f'<link rel="canonical" href="https://web.archive.org/web/20261120040000/{ADDRESS}">',
        f'<link rel="canonical" href="/web/20261120040000id_/{ADDRESS}">',
        f'<link rel="canonical" href="https://web.archive.org/web/2026/{ADDRESS[8:]}">',
        f'<link rel="canonical" href="https://archive.ph/2026.11.20-040000/{ADDRESS}">',
        f'<meta property="og:url" content="https://web.archive.org/web/1/https:/{ADDRESS[8:]}">',
        f'<link rel="canonical" href="{ADDRESS[22:]}">',
        f'<link rel="canonical" href="//{ADDRESS[8:]}">',
        f'<base href="https://www.kompas.com/global/"><link rel="canonical" href="{ADDRESS[30:]}">',
        f'<base href="file:///home/"><link rel="canonical" href="{ADDRESS[22:]}">',
        f'<!-- <link rel="canonical" href="{FRONT}"> --><link rel="canonical" href="{ADDRESS}">',
        f"<script>x='<link rel=canonical href={ADDRESS[:-22]}2111170/x>'</script>"
        + f'<link rel="canonical" href="{ADDRESS}">',
        f'<link rel="canonical" href="{FRONT}"><meta property="og:url" content="{ADDRESS}">',
        f'<link rel="canonical" href="{FRONT}"><link rel="canonical" href="{ADDRESS}">',
        f'<link rel="shortlink canonical" href="{ADDRESS}">',
        f'<meta name="og:url" content="{ADDRESS}">',
        f"<!-- saved from url=(0065){ADDRESS} --><html>",
        f"<!--\n Page saved with SingleFile \n url: {ADDRESS} \n saved date: x\n--><html>",
        f"<html><!-- Mirrored from {ADDRESS[8:]} by HTTrack Website Copier/3.x -->",
        f'<html data-scrapbook-source="{ADDRESS}">',
        f"<!-- never closed <link rel=canonical href='{ADDRESS}'>",
    ],
)
def test_the_address_of_a_saved_page_is_found_in_every_form(html):
    assert own_address(html) is not None
    assert sources.in_section(own_address(html))
    assert ids_of([own_address(html)]) == ids_of([ADDRESS])


@pytest.mark.parametrize(
    "html",
    [
        f'<link rel="canonical" href="https://www.example.com/share?url={ADDRESS}">',
        f'<link rel="canonical" href="https://www.kompas.com/tren"><a href="{ADDRESS}">x</a>',
        f'<link rel="alternate" href="{ADDRESS}">',
        f"<textarea><link rel=canonical href={ADDRESS}></textarea>",
    ],
)
def test_the_address_of_another_page_is_not_its_own(html):
    assert not sources.in_section(own_address(html) or "")


@pytest.mark.parametrize(
    "unit",
    [
        "<link ",
        "<link rel=canonical href=x ",
        "<!--",
        "<script>",
        '<link a="',
        "<link " + "a" * 999,
    ],
)
def test_the_address_is_sought_in_one_pass(unit):
    own_address(unit * (2_000_000 // len(unit)))  # two seconds and a pattern that goes back: hours


def test_a_saved_page_is_packed_or_plain_whatever_its_name(tmp_path, answers):
    first, second, third, *_ = addresses(answers)
    (tmp_path / "a.html").write_bytes(gzip.compress(answered(answers, first)))
    (tmp_path / "b.html.gz").write_bytes(answered(answers, second))
    (tmp_path / "c.html").write_bytes(answered(answers, third).replace(b"<link", b"<!--x"))
    (tmp_path / "INDEX.tsv").write_text(f"c.html\thttps://web.archive.org/web/2021/{third}\n")
    line = reread(tmp_path / "out", tmp_path)
    assert (line["outcome"], line["stored"]) == ("complete", 3)


def test_a_page_that_tells_no_address_is_told(tmp_path):
    (tmp_path / "a.html").write_text("<html><h1>Tanpa alamat</h1></html>")
    done = run_in_process("reparse", "--from", str(tmp_path), output=tmp_path / "out")
    (line,) = runs(tmp_path / "out")
    assert (done.code, line["outcome"]) == (10, "partial")
    assert line["damage"] == [{"what": "without address", "where": str(tmp_path / "a.html")}]
    assert "1 without address" in done.out


# What a page's body holds is no record.


def packed_once(content):
    return gzip.compress(content, mtime=0)


def forged(number):
    return record(FORGED.format(number), HEAD, b"<html><h1>Palsu</h1></html>")


def smuggling(pack, pieces=8):
    """A page of another site that holds records, between bytes that cannot be packed any more."""
    dice = random.Random(7)
    held = b"".join(dice.randbytes(40_000) + pack(forged(n)) for n in range(pieces))
    return record("https://www.example.com/berita", HEAD, b"<html>" + held)


@pytest.fixture
def archive(answers):
    """The records of a news archive: good pages, and in their middle one that smuggles."""
    good = [record(url, HEAD, answered(answers, url)) for url in addresses(answers)]
    return [*good[:3], smuggling(packed_once), *good[3:]]


@pytest.mark.parametrize("part", [3_001, 20_011, 50_000, 10**9])
@pytest.mark.parametrize("workers", [1, 2])
def test_no_part_begins_with_a_record_that_a_page_holds(
    tmp_path, answers, archive, monkeypatch, part, workers
):
    if workers == 2 and part != 20_011:
        pytest.skip("one size is enough to see that processes hand on what they found")
    path = tmp_path / "CC-NEWS-20210605162324-00264.warc.gz"
    packed = list(map(gzip.compress, archive))
    assert packed[3].count(packed_once(forged(5))) == 1, "packing leaves it as it is"
    path.write_bytes(b"".join(packed))
    monkeypatch.setattr(reader, "PART", part)
    guessed = [source for source in find_sources([str(path)]) if isinstance(source.begin, int)]
    found = {page.url for source in guessed for page in source.pages()}
    line = reread(tmp_path / "out", path, workers=workers)
    assert (line["outcome"], line["stored"]) == ("complete", 6)
    assert line["seen"] == {"pages": 6, "other addresses": 1}
    assert {r["id"] for r in stored(tmp_path / "out")} == set(ids_of(addresses(answers)))
    if part == 20_011:
        assert any("palsu" in url for url in found), "a part did begin within the page"


def damaged(packed, at, length=30):
    """The file with some bytes overwritten."""
    whole = bytearray(packed)
    whole[at : at + length] = bytes(length)
    return bytes(whole)


@pytest.mark.parametrize("where", [0, 100, 20_000, 60_000, 200_000, -40])
@pytest.mark.parametrize("part", [20_011, 10**9])
def test_behind_damage_a_page_forges_nothing_and_the_rest_is_read(
    tmp_path, answers, archive, monkeypatch, where, part
):
    packed = list(map(gzip.compress, archive))
    begin = sum(map(len, packed[:3]))
    at = begin + where % len(packed[3])
    path = tmp_path / "CC-NEWS-20210605162324-00264.warc.gz"
    path.write_bytes(damaged(b"".join(packed), at))
    monkeypatch.setattr(reader, "PART", part)
    line = reread(tmp_path / "out", path)
    assert {r["id"] for r in stored(tmp_path / "out")} == set(ids_of(addresses(answers)))
    assert line["outcome"] == "partial"
    assert {"what": "damaged", "where": f"{path}, byte {begin}"} in line["damage"]
    assert line["seen"]["damaged"] == 1


@pytest.mark.parametrize(("last_is_damaged", "count"), [(False, 5), (True, 2)])
def test_a_damage_that_hides_where_the_next_record_begins_lets_nothing_in(
    tmp_path, archive, last_is_damaged, count
):
    """How far the first damaged record reaches says nothing of the second, which nobody sees."""
    packed = list(map(packed_once, archive))
    whole = damaged(b"".join(packed), sum(map(len, packed[:3])) - 200, 600)
    if last_is_damaged:  # so that no run reaches the end of the file
        whole = damaged(whole, len(whole) - 100)
    path = tmp_path / "news.warc.gz"
    path.write_bytes(whole)
    (source,) = find_sources([str(path)])
    found = [page.url for page in source.pages()]
    assert not any("palsu" in url for url in found)
    assert len(found) == count


def test_a_page_that_knows_how_long_the_damaged_record_is_forges_nothing(tmp_path, answers):
    """The record before it may be damaged as well: then that length says nothing of its own end."""
    good = [record(url, HEAD, answered(answers, url)) for url in addresses(answers)]
    dice = random.Random(7)
    long = record("https://www.example.com/a", HEAD, dice.randbytes(60_000))
    told = len(long).to_bytes(4, "little")
    body = dice.randbytes(90_000) + told + packed_once(forged(1)) + dice.randbytes(40_000)
    knowing = record("https://www.example.com/b", HEAD, body)
    packed = list(map(packed_once, [good[0], good[1], long, good[2], knowing, *good[3:]]))
    assert told + packed_once(forged(1)) in packed[4]
    whole = damaged(b"".join(packed), sum(map(len, packed[:2])) + 30_000)
    path = tmp_path / "news.warc.gz"
    path.write_bytes(damaged(whole, sum(map(len, packed[:4])) + 20_000))
    (source,) = find_sources([str(path)])
    found = [page.url for page in source.pages()]
    assert not any("palsu" in url for url in found)
    assert len(found) >= 5


def test_damage_in_a_file_packed_in_one_piece_lets_nothing_in(tmp_path, archive):
    """The first record tells how long it is, and nothing of the member that holds all of them."""
    path = tmp_path / "news.warc.gz"
    path.write_bytes(damaged(gzip.compress(b"".join(archive)), 2_000))
    (source,) = find_sources([str(path)])
    assert list(source.pages()) == []
    assert (source.seen["cut short"] + source.seen["damaged"], source.seen["doubtful"] > 4) == (
        1,
        True,
    )


def test_what_cannot_prove_itself_behind_damage_is_told_and_not_stored(tmp_path, archive):
    packed = list(map(gzip.compress, archive))
    begin = sum(map(len, packed[:3]))
    path = tmp_path / "news.warc.gz"
    path.write_bytes(damaged(b"".join(packed), begin + 100))
    (source,) = find_sources([str(path)])
    assert len(list(source.pages())) == 6
    assert source.seen["doubtful"] > 4
    first = next(each for each in source.damage if each.what == "doubtful")
    assert begin < int(first.where.rpartition(" ")[2]) < begin + len(packed[3])


def test_two_damages_close_together_cost_two_records_of_a_file_of_ours(tmp_path):
    mine = site(9)
    (path,) = kept(tmp_path / "warc", mine)
    whole = path.read_bytes()
    begins = [at for at in range(len(whole)) if whole.startswith(b"\x1f\x8b\x08\x00", at)]
    for begin in (begins[3], begins[5]):
        whole = damaged(whole, begin + 1_000)
    path.write_bytes(whole)
    line = reread(tmp_path / "out", path)
    assert (line["stored"], line["seen"]["damaged"]) == (7, 2)
    assert "doubtful" not in line["seen"]


@pytest.mark.parametrize("part", [7_001, 10**9])
def test_only_the_last_record_of_a_file_of_ours_is_torn(tmp_path, monkeypatch, part):
    """A damaged one may seem to go on to the end of the file, too."""
    monkeypatch.setattr(reader, "PART", part)
    mine = site(6)
    (path,) = kept(tmp_path / "warc", mine)
    whole = path.read_bytes()
    begins = [at for at in range(len(whole)) if whole.startswith(b"\x1f\x8b\x08\x00", at)]
    long_block = b"\0\xff\xff\0\0"
    for begin, stored_, seen in [(begins[2], 5, "damaged"), (begins[-1], 5, "torn")]:
        at = begin + 10
        path.write_bytes(whole[:at] + long_block + whole[at + len(long_block) :])
        line = reread(tmp_path / f"out-{seen}", path)
        assert (line["stored"], line["seen"].get(seen)) == (stored_, 1)
        assert line["outcome"] == ("complete" if seen == "torn" else "partial")


def test_two_damages_far_apart_cost_two_records_of_any_file(tmp_path, answers):
    many = site(60)
    packed = [gzip.compress(record(url, HEAD, answered(many, url))) for url in addresses(many)]
    begins = [sum(map(len, packed[:number])) for number in (10, 50)]
    whole = b"".join(packed)
    for begin in begins:
        whole = damaged(whole, begin + 2_000)
    path = tmp_path / "news.warc.gz"
    path.write_bytes(whole)
    line = reread(tmp_path / "out", path)
    assert (line["stored"], line["seen"]["damaged"]) == (58, 2)


def test_in_a_plain_file_what_is_found_behind_damage_is_marked(tmp_path, answers, archive):
    plain = [*archive[:3], smuggling(bytes, 2), *archive[4:]]
    begin = sum(map(len, plain[:3]))
    whole = b"".join(plain)
    path = tmp_path / "news.warc"
    path.write_bytes(whole)
    reread(tmp_path / "whole", path)
    path.write_bytes(whole[:begin] + whole[begin:].replace(b"Content-Length: ", b"Length: ", 1))
    line = reread(tmp_path / "out", path)
    marked = {r["id"]: BEHIND_DAMAGE in r["warnings"] for r in stored(tmp_path / "out")}
    ids = ids_of(addresses(answers))
    assert [marked[id_] for id_ in ids] == [False] * 3 + [True] * 3
    assert line["seen"]["damaged"] == 1
    assert line["warnings"][BEHIND_DAMAGE] == 3
    assert not any(BEHIND_DAMAGE in r["warnings"] for r in stored(tmp_path / "whole"))


def mutated(content, dice):
    """A file as disks, networks and hands leave it."""
    whole = bytearray(content)
    for _ in range(dice.choice([1, 1, 1, 2, 3])):
        at, length = dice.randrange(len(whole)), dice.choice([1, 4, 30, 200, 5_000])
        how = dice.choice(["zeros", "chance", "bit", "missing", "more", "end"])
        if how == "zeros":
            whole[at : at + length] = bytes(min(length, len(whole) - at))
        elif how == "chance":
            whole[at : at + length] = dice.randbytes(min(length, len(whole) - at))
        elif how == "bit":
            whole[at] ^= 1 << dice.randrange(8)
        elif how == "missing":
            del whole[at : at + length]
        elif how == "more":
            whole[at:at] = dice.randbytes(length)
        else:
            del whole[at:]
    return bytes(whole)


@pytest.mark.parametrize("pack", [packed_once, bytes])
def test_no_damage_forges_and_no_cut_changes_what_is_read(tmp_path, answers, monkeypatch, pack):
    """Long: `KOMPAS_PROOFS=full`."""
    good = [record(url, HEAD, b"<html>" + url.encode()) for url in addresses(answers)]
    hostile = [smuggling(pack, 3), smuggling(pack, 2)]
    content = b"".join(map(pack, [*good[:2], hostile[0], *good[2:4], hostile[1], *good[4:]]))
    path = tmp_path / "news.warc.gz"
    dice = random.Random(11)

    def refusing(html, url):
        raise NotAnArticle(url, "not read here")

    monkeypatch.setattr(read_pages.pages, "read", refusing)
    for turn in range(5_000 if os.environ.get("KOMPAS_PROOFS") == "full" else 100):
        path.write_bytes(mutated(content, dice))
        found = []
        for part in (10**9, dice.choice([5_003, 20_011, 60_013])):
            monkeypatch.setattr(reader, "PART", part)
            ahead = ReadAhead(find_sources([str(path)]), "x", workers=1, should_stop=lambda: False)
            reads = [read.part for read in ahead.parts(0, None)]
            unread = [page.url for read in reads for page in read.unread]
            found.append((unread, sum((read.seen for read in reads), Counter())))
        assert found[0] == found[1], turn
        if pack is not bytes:
            assert not any("palsu" in url for url in found[0][0]), turn


def test_members_that_hold_one_another_cost_no_more_than_they_are(tmp_path, monkeypatch):
    """Each is inflated to its end before it turns out to be none."""
    head = bytes([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 3])
    length = 64 * 1023 - 5
    block = b"\0" + length.to_bytes(2, "little") + (length ^ 0xFFFF).to_bytes(2, "little")
    path = tmp_path / "a.warc.gz"
    path.write_bytes((head + block + b"WARC/1.0").ljust(64, b"x") * 30_000)
    monkeypatch.setattr(gzip_members, "MOST_SEARCHED", 2**22)
    inflated = []
    inflate = gzip_members.unpacked
    monkeypatch.setattr(gzip_members, "unpacked", lambda *a: inflated.append(a[1]) or inflate(*a))
    (source,) = find_sources([str(path)])
    assert list(source.pages()) == []
    assert len(inflated) < 200
    assert source.seen == {"cut short": 1}


# What other people's bytes do costs one record.


@pytest.mark.parametrize(
    ("bad", "found"),
    [
        ({"http": HEAD.replace(b"UTF-8", b"zlib")}, {"pages": 6}),
        ({"http": HEAD.replace(b"UTF-8", b"rot13")}, {"pages": 6}),
        ({"http": HEAD.replace(b"UTF-8", b"undefined")}, {"pages": 6}),
        ({"when": "gestern"}, {"pages": 5, "damaged": 1}),
        ({"when": "0001-01-01T00:00:00+14:00"}, {"pages": 6}),
        ({"http": b"\xff" * 40 + b"\r\n\r\n"}, {"pages": 5}),
        ({"http": b""}, {"pages": 5}),
        ({"http": transferred(b"Content-Encoding: gzip"), "body": b"\x1f\x8b\x08"}, {}),
    ],
)
def test_whatever_a_record_holds_the_others_are_read(tmp_path, answers, bad, found):
    urls = addresses(answers)
    bodies = [answered(answers, url) for url in urls]
    content = [record(url, HEAD, body) for url, body in zip(urls, bodies, strict=True)]
    content[2] = record(urls[2], **{"body": bodies[2].replace(b"</title>", b"\xff</title>")} | bad)
    path = tmp_path / "news.warc.gz"
    path.write_bytes(b"".join(map(gzip.compress, content)))
    line = reread(tmp_path / "out", path)
    assert line["stored"] >= 5
    assert found.items() <= line["seen"].items()


def test_an_error_of_ours_costs_one_record(tmp_path, answers, monkeypatch):
    urls = addresses(answers)
    path = tmp_path / "news.warc.gz"
    path.write_bytes(
        b"".join(gzip.compress(record(url, HEAD, answered(answers, url))) for url in urls)
    )

    def failing(part, record_, place):
        if record_.url == urls[1]:
            raise RecursionError
        return page_of(part, record_, place)

    def failing_too(html, url):
        if url == urls[4]:
            raise MemoryError
        return read(html, url)

    page_of, read = sources.WarcPart._read, read_pages.pages.read
    monkeypatch.setattr(sources.WarcPart, "_read", failing)
    monkeypatch.setattr(read_pages.pages, "read", failing_too)
    line = reread(tmp_path / "out", path)
    assert (line["outcome"], line["stored"], line["seen"]["damaged"]) == ("partial", 4, 1)
    assert [(e["id"], e["reason"]) for e in line["unread_articles"]] == [
        (ids_of(urls)[4], "TooCostly")
    ]


@pytest.mark.parametrize("when", ["9999-12-31T23:59:59Z", "tomorrow"])
def test_a_download_later_than_tomorrow_is_refused_by_name(tmp_path, answers, when):
    urls = addresses(answers)
    if when == "tomorrow":
        when = (datetime.now(WIB) + timedelta(hours=25)).isoformat(timespec="seconds")
    soon = (datetime.now(WIB) + timedelta(hours=23)).isoformat(timespec="seconds")
    content = [
        record(urls[0], HEAD, answered(answers, urls[0]), when=when),
        record(urls[1], HEAD, answered(answers, urls[1]), when=soon),
    ]
    (tmp_path / "a.warc.gz").write_bytes(b"".join(map(gzip.compress, content)))
    (tmp_path / "b.html").write_bytes(answered(answers, urls[2]))
    (tmp_path / "INDEX.tsv").write_text(f"b.html\t{urls[2]}\t2031-01-01T00:00:00+07:00\n")
    line = reread(tmp_path / "out", tmp_path)
    assert (line["outcome"], line["stored"]) == ("partial", 1)
    assert {(each["id"], each["reason"]) for each in line["unread_articles"]} == {
        (id_, "FutureDownload") for id_ in ids_of([urls[0], urls[2]])
    }


# What a file unpacks to is bounded.


def page_of_length(answers, url, length):
    page = answered(answers, url)
    at = page.index(b"</p>", page.index(b'class="read__content'))
    return page[:at] + b" kata" * (length // 5) + page[at:]


def test_a_text_longer_than_any_article_is_refused(tmp_path, answers):
    url, other, *_ = addresses(answers)
    bomb = gzip.compress(page_of_length(answers, url, 3_500_000))
    content = record(url, transferred(b"Content-Encoding: gzip"), bomb)
    path = tmp_path / "a.warc.gz"
    path.write_bytes(
        gzip.compress(content) + gzip.compress(record(other, HEAD, answered(answers, other)))
    )
    assert path.stat().st_size < 40_000
    line = reread(tmp_path / "out", path)
    assert (line["stored"], line["refused"]) == (1, {"invalid-record": 1})
    assert max(len(str(each)) for each in stored(tmp_path / "out")) < records.LONGEST_LINE


def test_a_crawl_refuses_it_as_well(answers):
    url = addresses(answers)[0]
    long = read_article(page_of_length(answers, url, 2_000_000).decode(), url)
    with pytest.raises(BrokenRecord, match="its line would have 2,0"):
        records.validate(long)


@pytest.mark.parametrize("pack", [gzip.compress, bytes])
def test_a_part_that_says_much_is_read_in_pieces(tmp_path, answers, monkeypatch, pack):
    urls = addresses(answers)
    content = [record(url, HEAD, answered(answers, url)) for url in urls]
    (tmp_path / "a.warc").write_bytes(b"".join(map(pack, content)))
    more = site(3, days=2, layout="read-2017")
    for number, url in enumerate(addresses(more)[3:]):  # of the day before
        (tmp_path / f"{number}.html").write_bytes(answered(more, url))
    whole = reread(tmp_path / "whole", tmp_path)
    assert (whole["outcome"], whole["stored"]) == ("complete", 9)
    monkeypatch.setattr(read_pages, "MOST_HELD", 5_000)
    pieces, read = [], read_pages.read_source
    monkeypatch.setattr(
        "kompas_crawler.warc.read_ahead.read_source",
        lambda source, crawl: pieces.append(read(source, crawl)) or pieces[-1],
    )
    line = reread(tmp_path / "out", tmp_path)
    assert len(pieces) >= 4
    assert max(len(piece.readings) for piece in pieces) <= 3
    assert line["seen"] == whole["seen"]
    assert [r["id"] for r in stored(tmp_path / "out")] == [
        r["id"] for r in stored(tmp_path / "whole")
    ]


def test_pages_that_wait_for_the_rest_of_their_articles_are_bounded(tmp_path, monkeypatch):
    several = site(60, page_all=False)
    urls = [
        url for url in addresses(several) if len(several.site.article(ids_of([url])[0]).pages) > 1
    ]
    firsts = [url.replace("page=all", "page=1") for url in urls]
    kept(tmp_path / "warc", several, firsts)
    monkeypatch.setattr(reparse, "MOST_HELD_TEXT", 3_000)
    held = []
    take = reparse.ReparseStorage._hold
    monkeypatch.setattr(
        reparse.ReparseStorage,
        "_hold",
        lambda self, *a: take(self, *a) or held.append(len(self._held)),
    )
    line = reread(tmp_path / "out", tmp_path / "warc")
    assert len(urls) > 4
    assert max(held) < len(urls) / 2
    assert (line["outcome"], line["stored"]) == ("complete", len(urls))


def test_read_source_tells_where_the_next_record_begins(tmp_path, answers):
    urls = addresses(answers)
    packed = [gzip.compress(record(url, HEAD, answered(answers, url))) for url in urls]
    (tmp_path / "a.warc.gz").write_bytes(b"".join(packed))
    (source,) = find_sources([str(tmp_path)])
    part = read_source(source, "x")
    assert (part.first, part.place.at, part.rest) == (0, sum(map(len, packed)), None)
