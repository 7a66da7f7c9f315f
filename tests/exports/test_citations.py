"""Citations of articles: each form is read by a library that others use, and holds what the page said."""

import json
import re
from dataclasses import replace

import bibtexparser
import pytest
import rispy
from bibtexparser.middlewares import LatexDecodingMiddleware
from citeproc.source.json import CiteProcJSON

from kompas_crawler.archive.record import from_record
from kompas_crawler.archive.schema import EXAMPLE
from kompas_crawler.archive.store import Archive
from kompas_crawler.characters import UNSAFE, plain
from kompas_crawler.exports.citations import STYLES
from kompas_crawler.processors import content_hash
from kompas_crawler.runs.outcome import NOTHING_FOUND
from tests.in_process import run_in_process

FIRST = from_record(EXAMPLE)
EVIL = (
    'Harga {naik} 100% \\input{x} & “turun” "kutip", #1 $5 a_b ^ ~ } @article{palsu, x = {y}}'
    "\nER  - \nTY  - JOUR\x1b[2J\u202e"
)
NAMES = ("Sari Contoh", "Budi and Tono", "O'Nama, Jr. {x")


@pytest.fixture
def output(tmp_path):
    root = tmp_path / "output"
    second = replace(
        FIRST,
        id="2021/08/27/162226370",
        url="https://www.kompas.com/global/read/2021/08/27/162226370/a_b-100%25-c",
        title=EVIL,
        authors=NAMES,
        content_hash=content_hash(EVIL, FIRST.text),
    )
    with Archive(root) as archive:
        archive.append(FIRST)
        archive.append(replace(second, authors=NAMES))
    return root


def cited(output, style, *words):
    done = run_in_process("show", *words, "--cite", style, output=output)
    assert (done.code, done.log) == (0, "")
    assert not UNSAFE.search(done.out.replace("\n", ""))
    return done.out


def by_bibtexparser(text):
    library = bibtexparser.parse_string(text, append_middleware=[LatexDecodingMiddleware()])
    assert library.failed_blocks == []
    assert len(library.blocks) == len(library.entries)
    return [
        {key: field.value for key, field in entry.fields_dict.items()} | {"type": entry.entry_type}
        for entry in library.entries
    ]


def test_bibtex_is_read_by_bibtexparser(output):
    first, second = by_bibtexparser(cited(output, "bibtex", "--place", "MOSKWA"))
    assert first == {
        "type": "article",
        "author": "Sari Contoh",
        "title": FIRST.title,
        "journal": "Kompas.com",
        "publisher": "PT Kompas Cyber Media",
        "year": "2021",
        "month": "8",
        "day": "26",
        "date": "2021-08-26",
        "url": FIRST.url,
        "urldate": f"{FIRST.fetched_at:%Y-%m-%d}",
        "langid": "indonesian",
    }
    # The library drops braces and has another circumflex; how they are written is looked at below.
    assert second["title"] == re.sub("[{}]", "", plain(EVIL)).replace("^", "ˆ")
    written = cited(output, "bibtex", "2021/08/27/162226370")
    assert "url = {https://www.kompas.com/global/read/2021/08/27/162226370/a_b-100%25-c}" in written
    # Its braces are in balance, and none of the page's own is left to unbalance them.
    title = written.partition("title = {{")[2].partition("}},\n")[0]
    assert "\\textbraceleft{}naik\\textbraceright{} 100\\%" in title
    assert title.count("{") == title.count("}") == title.count("{}")
    assert "{Budi and Tono} and {O'Nama, Jr. \\textbraceleft{}x}" in written


def test_ris_is_read_by_rispy(output):
    first, second = rispy.loads(cited(output, "ris", "--place", "MOSKWA"))
    assert first["type_of_reference"] == "NEWS"
    assert (first["title"], first["authors"]) == (FIRST.title, ["Sari Contoh"])
    assert (first["year"], first["date"]) == ("2021", "2021/08/26")
    assert (first["urls"], first["secondary_title"]) == ([FIRST.url], "Kompas.com")
    assert (second["title"], second["authors"]) == (plain(EVIL), list(NAMES))


def test_csl_json_is_read_by_citeproc(output):
    text = cited(output, "csl-json", "--place", "MOSKWA")
    read = CiteProcJSON(json.loads(text))
    assert sorted(read) == [FIRST.id, "2021/08/27/162226370"]
    first, second = read[FIRST.id], read["2021/08/27/162226370"]
    assert (first["type"], str(first["container_title"])) == ("article-newspaper", "Kompas.com")
    assert (first["issued"].year, first["issued"].month, first["issued"].day) == (2021, 8, 26)
    assert first["author"][0]["literal"] == "Sari Contoh"
    assert json.loads(text)[1]["title"] == plain(EVIL)
    assert [name["literal"] for name in second["author"]] == list(NAMES)


@pytest.mark.parametrize("style", STYLES)
def test_what_cannot_be_cited_is_told(output, style):
    done = run_in_process("show", "2021/08/28/162226370", "--cite", style, output=output)
    assert done.code == NOTHING_FOUND
    assert done.out.startswith("2021/08/28/162226370 is not stored")


@pytest.mark.parametrize("words", [("--cite", "apa"), ("--cite", "ris", "--json"), ("--cite", "")])
def test_another_form_is_refused(output, words):
    done = run_in_process("show", FIRST.id, *words, output=output)
    assert (done.code, done.out) == (2, "")
    assert "bibtex, ris, csl-json" in done.log
