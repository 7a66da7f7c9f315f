"""What a search shows beside articles: word families, the concordance, counts over time; and filters."""

import csv
import io
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from rich.console import Console

from kompas_crawler.archive.record import from_record
from kompas_crawler.archive.schema import EXAMPLE
from kompas_crawler.archive.sqlite_cache import NAME, SUPERSEDED
from kompas_crawler.archive.store import Archive
from kompas_crawler.processors import content_hash, count_words
from kompas_crawler.runs.outcome import NOTHING_FOUND
from kompas_crawler.search.counts import counts
from kompas_crawler.search.fulltext import DayCount, FullText
from kompas_crawler.search.selection import Query, Selection, folded
from kompas_crawler.timezones import WIB
from tests.conftest import ROOT
from tests.in_process import run_in_process

FAMILIES = [
    line.split("\t")
    for line in (ROOT / "tests" / "data" / "families.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def article(day, title, text, **facts):
    moment = datetime.combine(day, datetime.min.time(), WIB) + timedelta(hours=8)
    number = sum(map(ord, title)) % 1000
    return replace(
        from_record(EXAMPLE),
        id=f"{moment:%Y/%m/%d}/{moment:%H%M%S}{number:03}",
        title=title,
        text=text,
        subheadings=(),
        published_at=moment,
        content_hash=content_hash(title, text),
        word_count=count_words(text),
        **facts,
    )


def store(root, *articles):
    with Archive(root) as archive:
        for each in articles:
            assert archive.append(each)


@pytest.fixture(scope="module")
def families(tmp_path_factory):
    """An article for each family, a minute after the other."""
    root = tmp_path_factory.mktemp("families")
    day = date(2024, 1, 1)
    store(
        root,
        *(
            article(day + timedelta(days=number), lemma.upper() + "X", text.replace("*", ""))
            for number, (lemma, text) in enumerate(FAMILIES)
        ),
    )
    return root


def hits(root, *words):
    return [
        json.loads(line)
        for line in run_in_process(
            "search", "--kwic", "--json", *words, output=root
        ).out.splitlines()
    ]


@pytest.mark.parametrize(("lemma", "text"), FAMILIES, ids=[lemma for lemma, _ in FAMILIES])
def test_a_root_finds_its_family_and_nobody_else(families, lemma, text):
    family = {folded(form) for form in re.findall(r"\*(.+?)\*", text)}
    assert len(FAMILIES) >= 60
    found = {folded(hit["hit"]) for hit in hits(families, lemma)}
    assert family - {lemma} <= found
    assert found - {lemma} <= family  # elsewhere, too


@pytest.mark.parametrize("lemma", ["bunuh", "temu"])
def test_every_form_finds_the_same_family(families, lemma):
    text = dict(FAMILIES)[lemma]
    right = hits(families, lemma)
    for form in re.findall(r"\*(.+?)\*", text):
        assert hits(families, form) == right
        assert {folded(hit["hit"]) for hit in hits(families, f'"{form}"')} <= {folded(form)}


TEXT = (
    "Ular itu dibunuh warga.\n\nAnak-anaknya tahu siapa yang membunuh, dan membunuhnya malam itu."
    " “Pembunuhan!” kata mereka."
)


@pytest.fixture
def output(tmp_path):
    root = tmp_path / "output"
    store(
        root,
        article(date(2024, 1, 1), "Pembunuh ular", TEXT, place="HAVN", sources=("AFP", "TASS")),
        article(date(2024, 1, 3), "Zebra", "Ia dibunuh.", place=None, sources=(), tags=("=Hewan",)),
        article(
            date(2024, 3, 2),
            "Lain",
            "Tidak ada apa-apa, apa pun.",
            place=None,
            sources=(),
            authors=("Sari Dewi",),
        ),
    )
    return root


def test_a_concordance_stands_one_hit_below_the_other(output):
    done = run_in_process("search", "bunuh", "--kwic", "--width", "20", output=output)
    *lines, last = done.out.splitlines()
    assert last == "6 hits in 2 articles."
    assert len(lines) == 6
    assert {line.index("**") for line in lines} == {22 + 14 + 16 + 20}
    assert lines[0].startswith("2024/01/01/080000")
    assert "HAVN          AFP, TASS" in lines[0]
    assert "ahu siapa yang **membunuh**, dan membunuhnya ma" in lines[2]


def test_the_forms_of_a_concordance_say_the_same(output):
    told = hits(output, "bunuh")
    assert told[2] == {
        "id": told[0]["id"],
        "published_at": "2024-01-01T08:00:00+07:00",
        "place": "HAVN",
        "sources": ["AFP", "TASS"],
        "part": "text",
        "left": "bunuh warga. Anak-anaknya tahu siapa yang "[-40:],
        "hit": "membunuh",
        "right": ", dan membunuhnya malam itu. “Pembunuhan",
    }
    assert [hit["part"] for hit in told] == ["title", "text", "text", "text", "text", "text"]
    rows = list(
        csv.DictReader(
            io.StringIO(run_in_process("search", "bunuh", "--kwic", "--csv", output=output).out)
        )
    )
    assert [row["hit"] for row in rows] == [hit["hit"] for hit in told]
    assert [row["left"] for row in rows] == [hit["left"] for hit in told]
    assert rows[2]["sources"] == "AFP | TASS"


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ("date", ["Pembunuh", "dibunuh", "membunuh", "membunuhnya", "Pembunuhan", "dibunuh"]),
        ("left", ["Pembunuh", "membunuhnya", "dibunuh", "Pembunuhan", "dibunuh", "membunuh"]),
        ("right", ["dibunuh", "membunuh", "membunuhnya", "Pembunuh", "dibunuh", "Pembunuhan"]),
    ],
)
def test_a_concordance_can_be_sorted(output, order, words):
    found = [hit["hit"] for hit in hits(output, "bunuh", "--sort", order)]
    assert sorted(found) == sorted(words)
    if order == "date":
        assert found == words
    else:
        sides = [
            hit[order].split()[:: -1 if order == "left" else 1]
            for hit in hits(output, "bunuh", "--sort", order)
        ]
        assert [[folded(word) for word in side] for side in sides] == sorted(
            [folded(word) for word in side] for side in sides
        )


def test_a_reduplication_is_one_hit(output):
    (hit,) = hits(output, "anak")
    assert hit["hit"] == "Anak-anaknya"


def test_counts_have_denominators_and_know_what_is_proven(output):
    line = {
        "crawl": "a",
        "spider": "backfill",
        "outcome": "complete",
        "section": "global",
        "started_at": "2024-03-05T00:00:00+07:00",
        "finished_at": "2024-03-05T00:00:09+07:00",
        "coverage": [["2024-01-01T00:00:00+07:00", "2024-01-03T23:59:59+07:00"]],
    }
    (output / "crawls.jsonl").write_text(json.dumps(line) + "\n")
    done = run_in_process("search", "bunuh", "--by", "month", "--json", output=output)
    words = count_words(f"Pembunuh ular {TEXT} Zebra Ia dibunuh.")
    january, february, march = map(json.loads, done.out.splitlines())
    assert january == {
        "first": "2024-01-01",
        "last": "2024-01-31",
        "hits": 6,
        "articles_with_hits": 2,
        "articles": 2,
        "words": words,
        "per_million": round(6e6 / words, 1),
        "share": 1.0,
        "days_proven": 3,
        "days": 31,
    }
    assert (february["articles"], february["per_million"], february["days_proven"]) == (0, None, 0)
    assert (march["hits"], march["articles"], march["share"], march["days"]) == (0, 1, 0.0, 2)
    rows = list(
        csv.DictReader(
            io.StringIO(
                run_in_process("search", "bunuh", "--by", "month", "--csv", output=output).out
            )
        )
    )
    assert [int(row["hits"]) for row in rows] == [6, 0, 0]
    assert rows[1]["per_million"] == ""
    shown = run_in_process("search", "bunuh", "--by", "month", output=output).out
    assert re.search(r"2024-01 │ +6 │.*3 of 31 │ █+", shown)
    assert re.search(r"2024-02 │ +0 │ +– │.*0 of 29 │ not proven", shown)
    assert "Not all of these days are proven complete" in shown


@pytest.mark.parametrize(("columns", "bars"), [(70, 0), (90, 1), (100, 1)])
def test_a_narrow_terminal_shows_whole_days_and_no_bar_is_cut(output, monkeypatch, columns, bars):
    monkeypatch.setattr(Console, "is_terminal", True)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    shown = run_in_process("search", "bunuh", "--by", "day", output=output).out
    shown = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    table = [line for line in shown.splitlines() if line[:1] in "┏┃┡│├└"]
    assert any(line.startswith("│ 2024-01-01 │") for line in table)
    assert {line[-1] for line in table} == {*"┓┃┩│┤┘"}
    assert max(map(len, table)) <= columns
    assert ("█" in shown) == bool(bars)


def test_no_view_believes_the_proof_of_a_clock_that_was_ahead(output, tmp_path):
    moments = ["2024-01-01T00:00:00+07:00", "2099-01-01T00:00:00+07:00"]
    line = {"crawl": "a", "spider": "backfill", "outcome": "complete", "started_at": moments[0]}
    line |= {"finished_at": moments[1], "coverage": [moments], "pending": []}
    (output / "crawls.jsonl").write_text(json.dumps(line) + "\n")
    done = run_in_process("search", "bunuh", "--by", "year", "--json", output=output)
    assert json.loads(done.out)["days_proven"] == 0
    page = tmp_path / "report.html"
    assert run_in_process("report", "--to", str(page), output=output).code == 0
    assert "Proven complete: 0 of " in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "words",
    [
        "bunuh",
        '"membunuh"',
        "membunuh*",
        '"yang membunuh"',
        "anak",
        '"anak"',
        "itu dibunuh",
        '"ular itu"*',
        '"apa-apa"',  # twice, one within the other
    ],
)
def test_the_counts_are_those_of_the_concordance(output, words):
    done = run_in_process("search", words, "--by", "year", "--json", output=output)
    (row,) = map(json.loads, done.out.splitlines())
    assert row["hits"] == len(hits(output, words))
    assert row["articles_with_hits"] == len({hit["id"] for hit in hits(output, words)})


def test_weeks_begin_on_monday_and_end_where_the_span_does():
    one = DayCount(day=date(2024, 1, 3), hits=1, found=1, articles=1, words=10)
    rows = counts([one], "week", date(2024, 1, 3), date(2024, 1, 16), {date(2024, 1, 8): 1.0})
    assert [(str(row.first), row.days, row.hits, row.proven) for row in rows] == [
        ("2024-01-03", 5, 1, 0),
        ("2024-01-08", 7, 0, 1),
        ("2024-01-15", 2, 0, 0),
    ]


@pytest.mark.parametrize("form", ["html", "svg", "png"])
def test_a_chart_draws_what_is_not_collected_as_a_gap(output, tmp_path, form):
    path = tmp_path / f"chart.{form}"
    done = run_in_process(
        "search",
        "bunuh",
        "--by",
        "day",
        "--until",
        "2024-01-05",
        "--chart",
        str(path),
        output=output,
    )
    assert done.code == 0
    assert f"The chart is in {path}." in done.log
    made = path.read_bytes()
    if form == "svg":
        # Three of five days have no article: two points, each the only one of its line.
        points = [
            node
            for node in ET.fromstring(made).iter()
            if node.get("aria-roledescription") == "point" and node.get("d")
        ]
        assert len(points) == 2
        told = " ".join(ET.fromstring(made).itertext())
        assert "published: 1995-01-01" in told
        assert "Source: Kompas.com" in told
    elif form == "html":
        assert b"https://cdn" not in made
        assert b'"per_million": null' in made
    else:
        assert made.startswith(b"\x89PNG")
    again = run_in_process("search", "bunuh", "--by", "day", "--chart", str(path), output=output)
    assert (again.code, again.out) == (2, "")
    assert "use --force to replace it" in again.log


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--kwic", "--by", "day"], "choose one of them"),
        (["--json", "--csv"], "choose one of them"),
        (["--width", "9"], "--width is for --kwic"),
        (["--sort", "left", "--by", "day"], "--sort is for --kwic"),
        (["--chart", "a.png"], "--chart is for --by"),
        (["--kwic", "--best"], "--best is for a list of articles"),
        (["--kwic", "--sort", "up"], "--sort: invalid choice: 'up'"),
        (["--kwic", "--width", "0"], "width='0' is no whole number"),
        (["--by", "hour"], "--by: invalid choice: 'hour'"),
        (["--by", "day", "--limit", "3"], "--limit is not for --by"),
        (["--by", "day", "--chart", "a.gif"], "is no name of a chart"),
        (["--author", " "], "author is empty"),
    ],
)
def test_what_does_not_go_together_is_told_in_one_sentence(output, words, sentence):
    done = run_in_process("search", "bunuh", *words, output=output)
    assert (done.code, done.out, done.log.count("\n")) == (2, "", 1)
    assert sentence in done.log


FILTERS = [
    (["--source", "tass"], ["Pembunuh ular"]),
    (["--source", "tass", "--source", "AFP", "--place", "havn"], ["Pembunuh ular"]),
    (["--source", "tass", "--place", "Moskwa"], []),
    (["--tag", "=hewan"], ["Zebra"]),
    (["--author", "SARI DEWI"], ["Lain"]),
    (["--section", "global", "--since", "2024-01-02", "--until", "2024-02-01"], ["Zebra"]),
]


@pytest.mark.parametrize(("filters", "titles"), FILTERS)
def test_filters_mean_the_same_everywhere(output, tmp_path, filters, titles):
    code = 0 if titles else NOTHING_FOUND
    exported = run_in_process("export", "--to", str(tmp_path / "a.jsonl"), *filters, output=output)
    shown = run_in_process("show", "--json", *filters, output=output)
    report = run_in_process(
        "report", "--to", str(tmp_path / "r.html"), "--json", *filters, output=output
    )
    assert (exported.code, shown.code, report.code) == (code, code, code)
    if titles:
        lines = (tmp_path / "a.jsonl").read_text().splitlines()
        assert [json.loads(line)["title"] for line in lines] == titles
        assert [json.loads(line)["title"] for line in shown.out.splitlines()] == titles
        assert json.loads(report.out)["articles"] == len(titles)
        assert filters[1] in (tmp_path / "r.html").read_text()
    with Archive(output, read_only=True) as archive:
        words = {"Pembunuh ular": "ular", "Zebra": "zebra", "Lain": "lain"}
        for title, word in words.items():
            found = run_in_process("search", word, "--json", *filters, output=output)
            assert [json.loads(line)["title"] for line in found.out.splitlines()] == [
                each for each in titles if each == title
            ]
        assert FullText(archive).unread() == 0


@pytest.mark.parametrize("command", ["search", "show", "report"])
def test_a_folder_that_is_not_there_is_not_made(tmp_path, command):
    words = ["bunuh"] if command == "search" else ["--source", "AFP"]
    done = run_in_process(command, *words, output=tmp_path / "none")
    assert (done.code, done.out, done.log.count("\n")) == (2, "", 1)
    assert not (tmp_path / "none").exists()


def test_an_article_and_filters_exclude_each_other(output):
    done = run_in_process("show", "2024/01/01/080000111", "--source", "AFP", output=output)
    assert (done.code, done.log.count("\n")) == (2, 1)


@pytest.mark.long
def test_a_crawl_makes_nothing_searchable(output):
    with Archive(output) as archive:
        assert archive.cache.query("SELECT count(*) FROM searchable") == [(0,)]
        assert archive.cache.query("SELECT count(*) FROM articles") == [(0,)]
    code = (
        "import sys; import kompas_crawler.extensions.run_recorder, kompas_crawler.pipelines, kompas_crawler.spiders.international;"
        "sys.exit('simplemma' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_a_search_and_a_crawl_share_the_cache(output):
    with Archive(output) as crawl:
        assert len(hits(output, "bunuh")) == 6
        assert crawl.append(article(date(2024, 1, 9), "Baru", "Ia membunuh waktu."))
        crawl.sync()
        assert len(hits(output, "bunuh")) == 7
        for path in output.glob(f"{NAME}*"):
            path.unlink()
        assert len(hits(output, "bunuh")) == 7
        assert crawl.append(article(date(2024, 1, 9), "Lagi", "Ia terbunuh."))
    assert len(hits(output, "bunuh")) == 8


def test_the_search_index_of_before_goes_when_the_cache_is_made_anew(output):
    (output / NAME).unlink()
    (output / SUPERSEDED).write_bytes(b"old")
    assert hits(output, "bunuh")
    assert not (output / SUPERSEDED).exists()


def test_what_a_search_costs_does_not_grow_with_what_is_stored(output):
    """The words of an article that is not shown are not read."""
    selection = Selection(words=Query.parse("bunuh"))
    with Archive(output) as archive:
        index = FullText(archive)
        index.refresh()
        read = []
        original = archive.record
        archive.record = lambda id: read.append(id) or original(id)
        assert index.search(selection, 1).count == 2
        assert len(read) == 1
        assert sum(day.hits for day in index.days(selection)) == 6
        assert len(read) == 1
