"""Search: what it finds, what it prints, and what becomes of its index."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kompas_crawler.archive.record import from_record
from kompas_crawler.archive.schema import EXAMPLE
from kompas_crawler.archive.sqlite_cache import NAME, VERSION
from kompas_crawler.archive.store import Archive
from kompas_crawler.errors import BadArgument
from kompas_crawler.processors import content_hash, count_words
from kompas_crawler.runs.outcome import NOTHING_FOUND
from kompas_crawler.search.fulltext import FullText, excerpt, mark_all
from kompas_crawler.search.lemmas import tokens
from kompas_crawler.search.selection import Query, Selection, composed, folded
from kompas_crawler.timezones import WIB
from tests import forked
from tests.command_line import scrapy
from tests.conftest import ROOT, environment
from tests.in_process import run_in_process

TEXTS = [
    ("Helikopter Rusia jatuh di laut", "Sebuah helikopter milik Rusia jatuh pada Senin."),
    ("Rusia kirim bantuan", "Bantuan tiba. Pilot helikopter selamat, kata juru bicara."),
    ("Anak-anak pulang sekolah", "Para anak di Café Erdoğan, İSTANBUL, menunggu ﬁlm 2024/25."),
    ("Kapal layar", "Helikoptérnya mendarat; rusia_baru bukan Rusia. Don't panic: X-15 terbang."),
    ("Presiden Zelensky", "Ia berkata: “Perang dunia” tidak akan terjadi di Dunia perang."),
    (
        "Ελλάς dan Москва",
        "Kabar dari ΑΘΗΝΑΣ dan МОСКВЕ; 東京 2020. Tiếng Việt e\u0301tude Ångström.",
    ),
]


def article(number, title, text, *, day=1):
    moment = datetime(2024, 1, day, 8, number, tzinfo=WIB)
    return replace(
        from_record(EXAMPLE),
        id=f"{moment:%Y/%m/%d}/{moment:%H%M%S}{number:03}",
        title=title,
        text=text,
        subheadings=(),
        published_at=moment,
        content_hash=content_hash(title, text),
        word_count=count_words(text),
    )


def append(root, *articles, revise=False):
    with Archive(root) as archive:
        for each in articles:
            assert archive.append(each, revise=revise)


@pytest.fixture
def output(tmp_path):
    root = tmp_path / "output"
    append(root, *(article(number, *words) for number, words in enumerate(TEXTS)))
    return root


def found(root, asked, period=None, limit=100, **order):
    """The titles that a search finds."""
    with Archive(root) as archive:
        selection = Selection(words=Query.parse(asked), period=period)
        hits = FullText(archive).search(selection, limit, **order)
    assert hits.count >= len(hits.records)
    return [record["title"] for record in hits.records]


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ("helikopter rusia", [3, 1, 0]),
        ("RUSIA", [3, 1, 0]),
        ("helikopter", [3, 1, 0]),
        ('"helikopter"', [1, 0]),
        ("mendarat", [3]),
        ("daratan", [3]),
        ('"daratan"', []),
        ("darat*", []),
        ("jatuhkan -layar", [0]),
        ("helikopter -layarnya", [1, 0]),
        ('helikopter -"layarnya"', [3, 1, 0]),
        ("helikopter*", [3, 1, 0]),
        ('"helikopter rusia"', [0]),
        ("“helikopter rusia”", [0]),
        ('"helikopter rus"*', [0]),
        ("helikopter rusia senin", [0]),
        ("anak-anak", [2]),
        ("anak", [2]),
        ("erdogan cafe istanbul", [2]),
        ("ERDOĞAN", [2]),
        ("2024/25", [2]),
        ("dont", []),
        ("don't", [3]),
        ("x-15", [3]),
        ("rusia_baru", [3]),
        ('"perang dunia"', [4]),
        ('"dunia perang"', [4]),
        ('"senin bantuan"', []),
        ("ελλας", [5]),
        ("αθηνας", [5]),
        ("москве", [5]),
        ("東京", [5]),
        ("tieng viet etude angstrom", [5]),
        ("é́tude", []),
        ("kosong", []),
        ("NEAR(helikopter rusia)", []),
        ("title:rusia", []),
        ("rusia OR kapal", []),
        ('rusia"', [3, 1, 0]),
        ("* rusia", [3, 1, 0]),
    ],
)
def test_search_and_selection_give_the_same_answer(output, asked, numbers):
    titles = [TEXTS[number][0] for number in numbers]
    assert found(output, asked) == titles
    with Archive(output) as archive:
        selected = Selection(words=Query.parse(asked)).records(archive)
        assert sorted(record["title"] for record in selected) == sorted(titles)


LETTERS = "aAeéÉêẽ́ñçøØđßiİıIσςΣşğłйЙёαάжÅꜢ한東ｅ2²½٣_-'’.,\u00a0 \u200b"


@given(
    texts=st.lists(st.text(LETTERS, min_size=1, max_size=12), min_size=1, max_size=4),
    asked=st.text(LETTERS + '"', min_size=1, max_size=4).filter(
        lambda word: any(map(str.isalnum, word))
    ),
)
@example(texts=["ß\u0301ß"], asked="ß")
@example(texts=["a", "b a", "b"], asked="a -b")
@example(texts=["É\u0301tude", "e tude"], asked="e\u0301\u0301tude")
def test_words_are_taken_apart_as_sqlite_does(texts, asked):
    try:
        words = Query.parse(asked)
    except BadArgument:  # only words to leave out
        assert asked.lstrip().startswith("-")
        return
    with closing(sqlite3.connect(":memory:")) as db:
        columns = "title, text, title_lemmas, text_lemmas"
        db.execute(
            f"CREATE VIRTUAL TABLE t USING fts5({columns}, tokenize='unicode61 remove_diacritics 0')"
        )
        for text in map(folded, texts):
            lemmas = " ".join(lemma for _, _, lemma in tokens(text))
            db.execute("INSERT INTO t VALUES ('', ?, '', ?)", (text, lemmas))
        rows = db.execute("SELECT rowid FROM t WHERE t MATCH ?", (words.fts,)).fetchall()
    by_sqlite = [texts[number - 1] for (number,) in rows]
    assert [text for text in texts if words.matches("", text)] == by_sqlite


@given(st.text("aéİßﬁ한 e\u0301\u0307Σς"))
def test_folding_keeps_every_place(text):
    assert len(folded(text)) == len(composed(text))


def test_the_best_come_first_when_asked_for(output):
    append(output, article(9, "Kapal rusia", "Ini " + "kata " * 300 + "helikopter."))
    assert found(output, "helikopter rusia")[0] == "Kapal rusia"
    assert found(output, "helikopter rusia", best_first=True)[0] == TEXTS[0][0]


def test_a_revision_takes_the_place_of_the_one_before(output):
    assert found(output, "selamat") == ["Rusia kirim bantuan"]
    append(output, article(1, "Rusia batal", "Tidak ada bantuan."), revise=True)
    assert found(output, "selamat") == []
    assert found(output, "rusia") == [TEXTS[3][0], "Rusia batal", TEXTS[0][0]]


def test_a_revision_counts_too_when_it_was_there_from_the_start(output):
    append(output, article(1, "Rusia batal", "Tidak ada bantuan."), revise=True)
    assert found(output, "selamat") == []


def test_only_what_has_grown_is_read_again(output):
    assert found(output, "rusia")
    with Archive(output) as archive:
        index = FullText(archive)
        assert index.unread() == 0
        append(output, article(7, "Baru", "Kabar Rusia."))
        grown = index.unread()
        assert 0 < grown < 3_000
        read = []
        index.refresh(read.append)
        assert read == [grown]
        assert index.unread() == 0
    assert found(output, "rusia")[0] == "Baru"


def month_of(root):
    (path,) = (root / "articles").glob("*.jsonl")
    return path


def test_a_month_that_was_rewritten_is_read_anew(output):
    assert len(found(output, "rusia")) == 3
    path = month_of(output)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(reversed(lines[1:])))
    assert found(output, "rusia") == [TEXTS[3][0], TEXTS[1][0]]


def test_a_month_that_was_rewritten_and_has_grown_is_read_anew(output):
    assert found(output, "unik") == []
    path = month_of(output)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[-1] = lines[-1].replace(b"Kabar dari", b"Kabar unik dari")
    path.write_bytes(b"".join((*lines, lines[0])))
    assert found(output, "unik") == [TEXTS[5][0]]


def test_a_month_that_was_rewritten_while_searching_is_read_anew(output):
    path = month_of(output)
    with Archive(output) as archive:
        index = FullText(archive)
        index.refresh()
        lines = path.read_bytes().splitlines(keepends=True)
        original = index.refresh

        def refresh():
            original()
            index.refresh = original
            path.write_bytes(b"".join(reversed(lines)))

        index.refresh = refresh
        hits = index.search(Selection(words=Query.parse('"helikopter" rusia')), 9)
    assert [record["title"] for record in hits.records] == [TEXTS[1][0], TEXTS[0][0]]


def test_a_month_that_was_deleted_is_forgotten(output):
    append(output, article(8, "Lama", "Kabar Rusia.", day=2))
    other = replace(article(8, "Dulu", "Kabar Rusia."), id="2023/12/01/080000123")
    append(output, other)
    assert "Dulu" in found(output, "rusia")
    (output / "articles" / "2023-12.jsonl").unlink()
    assert found(output, "rusia") == ["Lama", TEXTS[3][0], TEXTS[1][0], TEXTS[0][0]]


def test_lines_that_are_no_articles_are_passed_by(output):
    with month_of(output).open("ab") as file:
        file.write(b"\n[]\nrusia\n{}\n" + b'{"id": "2024/01/01/08", "title": 5}\n')
        file.write(json.dumps(EXAMPLE | {"title": "Rusia lain"}).encode() + b"\n")  # of 2021-08
        file.write(b'{"id": "2024/01/01/081111111", "title": "Rusia')  # torn
    assert len(found(output, "rusia")) == 3
    assert len(found(output, "rusia")) == 3


DAMAGE = {
    "garbage": lambda path: path.write_bytes(b"no database" * 1_000),
    "empty": lambda path: path.write_bytes(b""),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:5_000]),
    "half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "overwritten": lambda path: path.write_bytes(path.read_bytes()[:4_096] + bytes(40_000)),
    "deleted": lambda path: path.unlink(),
    "another version": lambda path: write_version(path, 99),
    "without tables": lambda path: drop(path),
}


def write_version(path, version):
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {version}")


def drop(path):
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE words")


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_index_is_made_anew(output, damage):
    assert len(found(output, "rusia")) == 3
    DAMAGE[damage](output / NAME)
    assert len(found(output, "rusia")) == 3
    with closing(sqlite3.connect(output / NAME)) as db:
        assert db.execute("SELECT count(*) FROM articles").fetchone() == (len(TEXTS),)
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)


@pytest.mark.parametrize("seed", range(8))
def test_no_damage_anywhere_changes_an_answer(output, seed):
    append(output, *(article(n, f"Judul {n}", f"Kata{n} rusia " * 40) for n in range(10, 50)))
    right = found(output, "rusia")
    whole = (output / NAME).read_bytes()
    page = seed * len(whole) // 8 // 4_096 * 4_096
    broken = whole[:page] + bytes(255 - byte for byte in whole[page : page + 4_096])
    (output / NAME).write_bytes(broken + whole[page + 4_096 :])
    assert found(output, "rusia") == right


def test_where_no_index_can_be_kept_the_answer_is_the_same(output):
    (output / NAME).unlink()
    (output / NAME).mkdir()
    assert len(found(output, "rusia")) == 3


def test_two_first_searches_at_once_do_no_harm(output):
    append(output, *(article(n, f"Judul {n}", "kata rusia " * 400) for n in range(10, 60)))
    both = [
        forked.start(
            [sys.executable, "-m", "scrapy", "search", "rusia", "--json", "--limit", "99"],
            cwd=ROOT,
            env=environment(None, output),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    told = [each.communicate(timeout=60) for each in both]
    assert told[0] == told[1]
    assert (told[0][0].count("\n"), told[0][1]) == (53, "")
    assert found(output, "rusia")[:1] == ["Judul 59"]


def test_what_is_printed(output):
    done = scrapy("search", '"helikopter"', "rusia", output=output)
    assert (done.code, done.log) == (0, "")
    assert done.out == (
        "**Rusia** kirim bantuan\n"
        "Monday, 1 January 2024, 08:01 WIB · 2024/01/01/080100001\n"
        "Bantuan tiba. Pilot **helikopter** selamat, kata juru bicara.\n"
        "\n"
        "**Helikopter** **Rusia** jatuh di laut\n"
        "Monday, 1 January 2024, 08:00 WIB · 2024/01/01/080000000\n"
        "Sebuah **helikopter** milik **Rusia** jatuh pada Senin.\n"
        "\n"
        "2 articles.\n"
    )


def test_what_is_printed_as_json(output):
    done = run_in_process("search", '"helikopter rusia"', "--json", output=output)
    assert done.json == {
        "id": "2024/01/01/080000000",
        "published_at": "2024-01-01T08:00:00+07:00",
        "title": "Helikopter Rusia jatuh di laut",
        "url": EXAMPLE["url"],
        "snippet": "Sebuah helikopter milik Rusia jatuh pada Senin.",
    }
    assert done.out.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "last"),
    [
        (["--limit", "1"], "The 1 newest of 3 articles."),
        (["--limit", "1", "--best"], "The 1 best of 3 articles."),
        (["--since", "2024-01-01T08:01"], "2 articles."),
        (["--until", "2024-01-01T08:00:00"], "1 article."),
        (["--until", "2023-12-31"], "No article holds all these words."),
    ],
)
def test_limits(output, options, last):
    done = run_in_process("search", "rusia", *options, output=output)
    assert done.out.splitlines()[-1] == last
    assert done.code == (NOTHING_FOUND if last.startswith("No") else 0)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "there are no words to look for"),
        (["?!"], "'?!' holds no word"),
        (["rusia", "--limit", "0"], "limit='0' is no whole number from 1"),
        (["rusia", "--limit", "tiga"], "limit='tiga' is no whole number from 1"),
        (["rusia", "--since", "besok"], "since='besok' cannot be read"),
        (["rusia", "--sinse", "1d"], "there is no option --sinse"),
        (["rusia", "--output", "/nonexistent"], "/nonexistent holds no articles"),
    ],
)
def test_bad_arguments_are_told_in_one_sentence(output, words, sentence):
    done = run_in_process("search", *words, output=output)
    assert (done.code, done.out, done.log.count("\n")) == (2, "", 1)
    assert sentence in done.log


def test_a_page_commands_nothing_through_a_snippet(output):
    evil = "\x1b]0;rusia\x07 \x9b2J \u202erusia\u2069 \u200f\x7f"
    append(output, article(30, f"Judul {evil}", f"Teks {evil} helikopter"))
    for options in ([], ["--json"]):
        out = run_in_process("search", "rusia", "--limit", "1", *options, output=output).out
        assert not set(out) & set("\x1b\x07\x9b\u202e\u2069\u200f\x7f")
        assert out.isprintable() or "\n" in out
    assert "�" in run_in_process("search", "rusia", "--limit", "1", output=output).out


def test_a_terminal_sees_colours_instead_of_stars(output, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    out = run_in_process("search", '"helikopter rusia"', output=output).out
    assert "**" not in out
    assert "\x1b[1;7mHelikopter Rusia\x1b[0m" in out


def test_an_excerpt_shows_where_most_words_stand_together():
    text = "rusia " + "kata " * 100 + "dekat helikopter milik rusia sekali " + "lain " * 100
    piece = excerpt(text, Query.parse("rusia helikopter"), 60)
    assert "**helikopter** milik **rusia**" in piece.marked()
    assert piece.text.startswith("… kata")
    assert piece.text.endswith(" …")
    assert 40 < len(piece.text) < 90


@pytest.mark.parametrize("width", [5, 20, 60, 1_000])
def test_an_excerpt_marks_what_it_shows(width):
    text = composed("Satu café, dua CAFÉ. " * 7)
    piece = excerpt(text, Query.parse("cafe"), width)
    assert {piece.text[a:b].lower() for a, b in piece.marks} == {"café"}
    assert piece.text.removeprefix("… ").removesuffix(" …") in text


def test_an_excerpt_without_the_words_is_the_beginning():
    piece = excerpt("Satu dua tiga empat", Query.parse("lima"), 8)
    assert piece.marked() == "Satu dua …"
    assert mark_all("Kapal layar", Query.parse("layar")).marked() == "Kapal **layar**"


def test_what_a_crawl_stored_is_found(stand_in, crawl):
    done = crawl(stand_in("--days", "1", "--per-day", "6"), "international", "since=1d")
    assert done.records
    for record in done.records:
        hits = run_in_process("search", f'"{record["title"]}"', "--json", output=done.output).out
        assert record["id"] in [json.loads(line)["id"] for line in hits.splitlines()]


@pytest.mark.slow
def test_a_hundred_thousand_articles_are_asked_by_their_index(tmp_path):
    """1,000 articles in the reduced form; the words of a search are not looked for in the files."""
    size = 100_000 if os.environ.get("KOMPAS_PROOFS") == "full" else 1_000
    begin = datetime(2020, 1, 1, tzinfo=WIB)
    (tmp_path / "articles").mkdir()
    for number in range(size):
        moment = begin + timedelta(minutes=20 * number)
        record = EXAMPLE | {
            "id": f"{moment:%Y/%m/%d/%H%M%S}570",
            "published_at": moment.isoformat(),
            "text": f"Kabar nomor{number} dan kelompok{number % 100}. " + "kata lain " * 150,
        }
        with (tmp_path / "articles" / f"{moment:%Y-%m}.jsonl").open("a") as file:
            file.write(json.dumps(record) + "\n")
    words = Selection(words=Query.parse("kelompok7"))
    with Archive(tmp_path) as archive:
        index = FullText(archive)
        assert index.search(words, 5).count == size // 100
        read = []
        index.refresh(read.append)
        assert read == []
        last = index.search(Selection(words=Query.parse(f"nomor{size - 1}")), 5).records
        assert [record["text"].split()[1] for record in last] == [f"nomor{size - 1}"]
