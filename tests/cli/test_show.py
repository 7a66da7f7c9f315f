"""`scrapy show`: one article, whole, and nothing that a page could do to a terminal."""

import json
from dataclasses import replace
from datetime import datetime

import pytest

from kompas_crawler.archive.record import from_record, to_record
from kompas_crawler.archive.schema import EXAMPLE
from kompas_crawler.archive.store import Archive
from kompas_crawler.cli.terminal import moment_text
from kompas_crawler.items import Embed, Image
from kompas_crawler.processors import content_hash, count_words
from kompas_crawler.runs.outcome import NOTHING_FOUND
from kompas_crawler.timezones import WIB, WIT, WITA
from tests.command_line import scrapy
from tests.in_process import run_in_process

FIRST = from_record(EXAMPLE)
ID = FIRST.id
TEXT = FIRST.text + "\n\n" + "Sebuah kalimat yang panjang sekali. " * 12 + "\n\nYang tertua"


def revised(**changes):
    text = changes.get("text", TEXT)
    title = changes.get("title", FIRST.title)
    return replace(
        FIRST,
        **{"text": text, "title": title} | changes,
        word_count=count_words(text),
        content_hash=content_hash(title, text),
        fetched_at=datetime(2021, 9, 1, 8, 0, 0, tzinfo=WIB),
    )


@pytest.fixture
def output(tmp_path):
    root = tmp_path / "output"
    with Archive(root) as archive:
        archive.append(FIRST)
        archive.append(revised(), revise=True)
    return root


EXPECTED = """\
Pameran Kapal Layar Dibuka di Tepi Sungai
=========================================
Published  Thursday, 26 August 2021, 16:22 WIB
Updated    Thursday, 26 August 2021, 18:05 WIB
Place      MOSKWA
Writers    Sari Contoh
Editors    Budi Misal
Sources    AFP, TASS
Tags       Rusia · Kapal Layar
Summary    Dua belas kapal layar dipamerkan sepekan.
Address    https://www.kompas.com/global/read/2021/08/26/162226370/contoh-alamat-artikel

Dua belas kapal layar dipamerkan sepekan.

Yang tertua
-----------

Kapal tertua dibangun seratus tahun lalu.

Photos
------
  Kapal layar di tepi sungai. (AFP)
    https://asset.kompas.com/crops/contoh.jpg

Posts and videos
----------------
  youtube
    https://www.youtube.com/watch?v=contoh

Read also
---------
  Sungai Itu Kembali Jernih
    https://www.kompas.com/global/read/2021/08/25/101500070/contoh-lain

Warnings
--------
  date-conflict

Revisions
---------
  1: fetched Thursday, 26 August 2021, 19:00 WIB, 14 words, shown here
  2: fetched Wednesday, 1 September 2021, 08:00 WIB, 76 words

Record
------
id              2021/08/26/162226370
section         Global
dateline        Kompas.com - 26/08/2021, 16:22 WIB
published_from  meta
page_count      1
word_count      14
layout          read-2017
fetched_at      Thursday, 26 August 2021, 19:00 WIB
crawl           international-20210826T185958-7f3a1c
content_hash    sha256:8bc553ed00f99a9957de9e219a80be307c7ff00aac4b8ec0cbb4629c52676945
"""


def test_an_article_with_all_its_facts(output):
    done = scrapy("show", ID, "--revision", "1", output=output)
    assert (done.code, done.log) == (0, "")
    assert done.out == EXPECTED


def test_the_last_revision_is_shown_unless_another_is_asked_for(output):
    out = run_in_process("show", ID, output=output).out
    assert "76 words, shown here" in out
    assert out.count("Yang tertua\n-----------\n") == 2


@pytest.mark.parametrize(
    "wanted",
    [
        ID,
        FIRST.url,
        f"http://amp.kompas.com/global/read/{ID}/apa-saja?page=all#komentar",
        f"internasional.kompas.com/read/{ID}",
    ],
)
def test_any_address_of_the_article_will_do(output, wanted):
    assert run_in_process("show", wanted, "--json", output=output).json["id"] == ID


@pytest.mark.parametrize("number", [1, 2])
def test_json_is_the_record(output, number):
    with Archive(output) as archive:
        stored = to_record(archive.revisions(ID)[number - 1])
    done = run_in_process("show", ID, "--json", "--revision", str(number), output=output)
    assert done.json == stored
    assert done.out.count("\n") == 1


@pytest.mark.parametrize("columns", [52, 70, 200])
def test_text_is_wrapped_to_the_terminal(output, columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = run_in_process("show", ID, output=output).out.splitlines()
    prose = [line for line in lines if "://" not in line and "sha256" not in line]
    assert max(map(len, prose)) <= min(columns, 88)
    assert f"  {FIRST.images[0].url}" in [line[2:] for line in lines]
    assert not [line for line in lines if line != line.rstrip()]
    shown = " ".join(" ".join(lines).split())
    assert all(" ".join(block.split()) in shown for block in TEXT.split("\n\n"))


def test_an_article_with_little_has_no_empty_headings(tmp_path):
    bare = replace(
        FIRST,
        place=None,
        authors=(),
        editors=(),
        sources=(),
        tags=(),
        description=None,
        updated_at=None,
        images=(),
        embeds=(),
        related=(),
        warnings=(),
        section=None,
        dateline=None,
    )
    with Archive(tmp_path) as archive:
        archive.append(bare)
    out = run_in_process("show", ID, output=tmp_path).out
    for name in ("Place", "Writers", "Tags", "Photos", "Posts", "Read also", "Warnings", "section"):
        assert name not in out
    assert "None" not in out


EVIL = "\x1b[2J\x1b]0;judul\x07\x9b31m\x08\r\x00\x7f\u202egnp.exe\u2066[bold red]x[/]:smile:"


def test_a_page_commands_nothing(tmp_path):
    evil = replace(
        FIRST,
        title=f"Judul {EVIL}",
        text=f"Satu {EVIL}\n\nSub {EVIL}",
        subheadings=(f"Sub {EVIL}",),
        dateline=EVIL,
        place=EVIL,
        section=EVIL,
        authors=(EVIL,),
        editors=(EVIL,),
        sources=(EVIL,),
        tags=(EVIL,),
        description=EVIL,
        images=(Image(url=f"https://a/{EVIL}", caption=EVIL, credit=EVIL),),
        embeds=(Embed(kind="other", url=f"https://b/{EVIL}", text=EVIL),),
        warnings=(EVIL,),
        layout=EVIL,
        crawl=EVIL,
    )
    with Archive(tmp_path) as archive:
        archive.append(evil)
    out = run_in_process("show", ID, output=tmp_path).out
    assert all(line.isprintable() for line in out.split("\n"))
    assert out.count("[bold red]x[/]:smile:") == 19
    told = run_in_process("show", ID, "--json", output=tmp_path)
    assert told.out.rstrip("\n").isprintable()
    assert told.json == to_record(evil)


def test_a_terminal_gets_bold_headings_and_no_lines_below(output, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    out = run_in_process("show", ID, output=output).out
    assert f"\x1b[1m{FIRST.title}\x1b[0m\n" in out
    assert "\x1b[1mYang tertua\x1b[0m\n" in out
    assert "---" not in out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "give one article"),
        ([ID, ID], "give one article"),
        (["berita"], "'berita' is no id and no address"),
        (["2021/13/26/162226370"], "is no id and no address"),
        (["https://www.kompas.com/global"], "is no id and no address"),
        (["https://example.org/read/2021/08/26/162226370"], "is no id and no address"),
        ([ID, "--revision", "3"], "2021/08/26/162226370 has no revision 3, only 1, 2"),
        ([ID, "--revision", "-1"], "revision='-1' is no whole number from 1"),
        ([ID, "--revison", "1"], "there is no option --revison"),
        ([ID, "--output", "/nonexistent"], "/nonexistent holds no articles"),
    ],
)
def test_bad_arguments_are_told_in_one_sentence(output, words, sentence):
    done = run_in_process("show", *words, output=output)
    assert (done.code, done.out, done.log.count("\n")) == (2, "", 1)
    assert sentence in done.log


def test_an_article_that_is_not_stored(output):
    done = run_in_process("show", "2021/08/26/162226371", output=output)
    assert (done.code, done.out) == (
        NOTHING_FOUND,
        "2021/08/26/162226371 is not stored, and no run has requested it.\n",
    )


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        (WIB, "Monday, 1 March 2021, 09:05 WIB"),
        (WITA, "Monday, 1 March 2021, 09:05 WITA"),
        (WIT, "Monday, 1 March 2021, 09:05 WIT"),
        (datetime.fromisoformat("2021-01-01T00:00:00+07:00").tzinfo, "09:05 WIB"),
        (datetime.fromisoformat("2021-01-01T00:00:00+05:30").tzinfo, "09:05 UTC+05:30"),
    ],
)
def test_a_moment_in_words(zone, words):
    assert moment_text(datetime(2021, 3, 1, 9, 5, 59, tzinfo=zone)).endswith(words)


def test_what_a_crawl_stored_is_shown(stand_in, crawl):
    done = crawl(stand_in("--days", "1", "--per-day", "6"), "international", "since=1d")
    assert done.records
    for record in done.records:
        out = " ".join(run_in_process("show", record["url"], output=done.output).out.split())
        for block in record["text"].split("\n\n"):
            assert block in out
        for name in ("id", "title", "url", "content_hash", "crawl"):
            assert record[name] in out


CUT = {
    "id": "2021/08/26/162226371",
    "url": "https://www.kompas.com/x",
    "reason": "CutOffPage",
    "tries": 2,
    "found": "the page ends in the middle, after 300 bytes",
}


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"gone": [CUT | {"status": 410}]}, "Kompas has removed it (HTTP 410)"),
        ({"given_up": [CUT]}, f"given up: CutOffPage ({CUT['found']}), 2 attempts so far"),
        ({"off_section": [CUT]}, "it belongs to another section"),
        ({"pending": [CUT]}, f"pending, the next run tries it again: CutOffPage ({CUT['found']})"),
    ],
)
def test_of_an_article_that_is_not_stored_it_says_what_the_runs_know(output, entry, said):
    lines = (
        {"crawl": "old-1", "pending": [CUT]},
        {"crawl": "one-2", "finished_at": "2021-09-01T08:00:00+07:00", **entry},
        {"crawl": "two-3"},
    )
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (output / "crawls.jsonl").write_text(text, encoding="utf-8")
    done = run_in_process("show", CUT["id"], output=output)
    told = " ".join(done.out.split())
    assert done.code == NOTHING_FOUND
    assert said in told
    assert told.endswith("Run one-2, ended Wednesday, 1 September 2021, 08:00 WIB.")


@pytest.mark.parametrize(("seen_at", "is_gone"), [("2021-09-02", True), ("2021-08-31", False)])
def test_of_a_stored_article_it_says_when_kompas_no_longer_had_it(output, seen_at, is_gone):
    gone = {"id": ID, "url": FIRST.url, "status": 410, "seen_at": f"{seen_at}T08:00:00+07:00"}
    line = {"crawl": "one-2", "gone": [gone]}
    (output / "crawls.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    done, as_json = (run_in_process("show", ID, *more, output=output) for more in ((), ("--json",)))
    said = (
        "Kompas no longer has this article: HTTP 410, seen Thursday, 2 September 2021, 08:00 WIB."
    )
    assert (done.code, f"Removed {said}" in " ".join(done.out.split())) == (0, is_gone)
    assert (as_json.json["revision"], f"Removed: {said}" in as_json.log) == (2, is_gone)
