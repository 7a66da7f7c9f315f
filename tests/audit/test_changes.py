"""Does `scrapy changes` show what changed between revisions, word by word, newest first?"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kompas_crawler.archive.record import from_record
from kompas_crawler.archive.schema import EXAMPLE
from kompas_crawler.archive.store import Archive
from kompas_crawler.audit.changes import DiffPiece, compare_revisions, diff_of
from kompas_crawler.items import Link
from kompas_crawler.processors import content_hash, count_words
from kompas_crawler.runs.log import CrawlLog
from kompas_crawler.runs.outcome import Outcome
from kompas_crawler.runs.run import Run
from kompas_crawler.timezones import WIB
from tests.command_line import scrapy

NOW = datetime.now(WIB).replace(microsecond=0)
TEXT = (
    "Sebuah kapal tiba di pelabuhan kota pada Senin pagi.\n\n"
    "Awak kapal berjumlah dua belas orang.\n\n"
    "Warga menyambut mereka dengan lagu.\n\n"
    "Kapal itu akan berlayar lagi pekan depan."
)


def article(number=1, title="Kapal Tiba", text=TEXT, days_ago=5.0, **more):
    id_ = f"2026/10/0{number}/10000{number}170"
    return replace(
        from_record(EXAMPLE),
        id=id_,
        url=f"https://www.kompas.com/global/read/{id_}/kapal-tiba",
        title=title,
        text=text,
        subheadings=(),
        word_count=count_words(text),
        content_hash=content_hash(title, text),
        fetched_at=NOW - timedelta(days=days_ago),
        **more,
    )


@pytest.fixture
def output(tmp_path):
    """Article 1 changed four days and one day ago, article 2 two days ago, article 3 never."""
    edited = TEXT.replace("dua belas orang", "tiga belas orang, semuanya selamat")
    longer = edited.replace("\n\nWarga", "\n\nSeekor anjing ikut serta.\n\nWarga")
    root = tmp_path / "output"
    with Archive(root) as archive:
        for number in (1, 2, 3):
            archive.append(article(number))
        archive.append(article(1, text=edited, days_ago=4), revise=True)
        archive.append(article(2, "Kapal Pergi", days_ago=2, tags=("Kapal",)), revise=True)
        archive.append(article(1, text=longer, days_ago=1), revise=True)
    return root


def test_lines_that_another_program_has_written_have_their_changes_too(output):
    before = changes(output).out
    for path in (output / "articles").glob("*.jsonl"):
        records = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        compact = [json.dumps(record, separators=(",", ":")) for record in records]  # as jq -c
        path.write_text("".join(f"{line}\n" for line in compact), encoding="utf-8")
    assert changes(output).out == before
    assert "revision 3" in before


def lost(root, number, days_ago, status=404):
    when = NOW - timedelta(days=days_ago)
    run = Run(id=f"run-{number}", spider="international", started_at=when)
    run.note_gone(article(number).id, article(number).url, status, when)
    CrawlLog(root).append(lambda before: run.to_line(Outcome.COMPLETE, "finished", when, before))


def changes(root, *words, **more):
    return scrapy("changes", *words, output=root, **more)


def test_changes_are_shown_word_by_word_and_newest_first(output):
    done = changes(output)

    assert done.code == 0
    heads = re.findall(r"^(\S+), revision (\d)", done.out, re.MULTILINE)
    assert heads == [
        (article(1).id, "3"),
        (article(2).id, "2"),
        (article(1).id, "2"),
    ]
    assert (
        "    … 1 paragraph as before\n"
        "    Awak kapal berjumlah [-dua-] {+tiga+} belas [-orang.-] {+orang, semuanya selamat.+}\n"
    ) in done.out
    assert "    … 2 paragraphs as before\n    {+Seekor anjing ikut serta.+}\n" in done.out
    assert "  title\n    Kapal [-Tiba-] {+Pergi+}\n" in done.out
    assert "  tags\n    [-Rusia-]\n    Kapal [-Layar-]\n" in done.out
    assert "lagu" not in done.out, "what stayed is not repeated"
    assert "\x1b" not in done.out


def test_revisions_with_the_same_number_are_shown_once_each(output):
    """Two archives that were joined with `cat` have such."""
    (month,) = (output / "articles").iterdir()
    lines = month.read_bytes()
    month.write_bytes(lines + lines.replace(b"Kapal Pergi", b"Kapal Datang"))
    done = changes(output, article(2).id)
    heads = re.findall(r"^\S+, revision (\d)", done.out, re.MULTILINE)
    assert sorted(heads) == ["1", "2", "2"]


def test_only_changes_seen_since_a_day_are_shown(output):
    done = changes(output, "--since", "3d")
    assert re.findall(r"revision (\d)", done.out) == ["3", "2"]
    assert changes(output, "--since", "12h").out == "Nothing has changed, and nothing is gone.\n"


def test_one_article_is_shown_by_its_id_or_address(output):
    by_id = changes(output, article(1).id)
    by_address = changes(output, "https://amp.kompas.com/global/read/2026/10/01/100001170/x?page=2")
    assert re.findall(r"^(\S+), revision (\d)", by_id.out, re.MULTILINE) == [
        (article(1).id, "3"),
        (article(1).id, "2"),
    ]
    assert by_address.out == by_id.out
    assert "Nothing has changed" in changes(output, article(3).id).out


def test_a_terminal_gets_colours_in_place_of_marks(output, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    out = changes(output, article(2).id).out
    assert "\x1b[9;31mTiba" in out
    assert "\x1b[32mPergi" in out
    assert "[-" not in out


def test_a_page_cannot_command_the_terminal(output):
    with Archive(output) as archive:
        archive.append(
            article(
                3, "Kapal \x1b[2J Tiba", days_ago=0.5, related=(Link(title="x", url="https://x"),)
            ),
            revise=True,
        )
    assert "\x1b" not in changes(output, article(3).id).out


def test_an_article_gone_that_is_named_by_its_address_is_passed_over(output):
    lost(output, 3, days_ago=1)
    runs = output / "crawls.jsonl"
    text = runs.read_text()
    runs.write_text(text + text.replace(f'"id": "{article(3).id}"', f'"id": "{article(3).url}"'))
    assert changes(output).out.count("gone (404)") == 1


def test_articles_gone_are_shown_too(output):
    lost(output, 3, days_ago=6)
    lost(output, 2, days_ago=1, status=410)
    lost(output, 5, days_ago=0.1)

    out = changes(output).out
    recent = changes(output, "--since", "2d").out

    gone = re.findall(r"gone \((\d+)\), seen .*: (\S+), (.+)", out)
    assert gone == [
        ("404", article(5).id, "never stored"),
        ("410", article(2).id, "Kapal Pergi"),
        ("404", article(3).id, "Kapal Tiba"),
    ]
    assert re.findall(r"gone \((\d+)\)", recent) == ["404", "410"]
    assert "gone (410)" in changes(output, article(2).id).out
    assert "gone (410)" not in changes(output, article(1).id).out


def test_programs_get_the_fields_before_and_after(output):
    lost(output, 3, days_ago=1)
    document = changes(output, "--since", "3d", "--json").json
    newest, second = document["changes"]
    assert (newest["id"], newest["revision"]) == (article(1).id, 3)
    assert set(newest["changed"]) == {"text"}
    assert second["changed"]["title"] == {"before": "Kapal Tiba", "after": "Kapal Pergi"}
    assert second["changed"]["tags"] == {"before": ["Rusia", "Kapal Layar"], "after": ["Kapal"]}
    assert [gone["id"] for gone in document["gone"]] == [article(3).id]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--since", "soon"), "since='soon' cannot be read"),
        (("kapal",), "'kapal' is no id"),
        (("2020/01/01/000000170",), "is not stored in"),
        (("2020/01/01/000000170", "2020/01/02/000000170"), "takes one article"),
    ],
)
def test_a_bad_argument_is_refused_in_one_sentence(output, words, says):
    done = changes(output, *words)
    assert (done.code, done.out) == (2, "")
    assert says in done.log


def test_no_archive_is_refused_and_none_is_made(tmp_path):
    assert changes(tmp_path / "nowhere").code == 2
    assert not (tmp_path / "nowhere").exists()


def test_what_a_recheck_finds_is_shown(stand_in, crawl):
    site = stand_in("--days", "1", "--per-day", "4")
    done = crawl(site, "backfill", "since=0d")
    changed, removed = site.ids()[1], site.ids()[2]
    site.act("revise", id=changed)
    site.act("remove", id=removed)
    crawl(site, "articles", f"url={changed} {removed}", "recheck=yes", output=done.output)

    out = changes(done.output, "--since", "1d").out

    assert re.findall(r"^(\S+), revision (\d)", out, re.MULTILINE) == [(changed, "2")]
    assert "{+" in out
    assert f": {removed}, " in out


# The diff itself.


def test_a_paragraph_that_moved_in_is_added_and_the_edited_one_is_compared_with_its_twin():
    before = ["Awal yang sama.", "Harga beras naik sepuluh persen tahun ini.", "Akhir."]
    after = [
        "Awal yang sama.",
        "Gempa mengguncang Atlantis.",
        "Harga beras naik dua persen tahun ini.",
    ]
    assert list(diff_of(before, after)) == [
        (DiffPiece("same", "Awal yang sama."),),
        (DiffPiece("added", "Gempa mengguncang Atlantis."),),
        (
            DiffPiece("same", "Harga beras naik"),
            DiffPiece("removed", "sepuluh"),
            DiffPiece("added", "dua"),
            DiffPiece("same", "persen tahun ini."),
        ),
        (DiffPiece("removed", "Akhir."),),
    ]


def test_fields_that_came_left_and_stayed(output):
    before, after = (
        article(place="MOSKWA"),
        article(place=None, updated_at=NOW, title="Lain Sekali"),
    )
    change = compare_revisions(before, after)
    assert [each.name for each in change.fields] == ["title", "updated_at", "place"]
    assert change.fields[2].blocks == ((DiffPiece("removed", "MOSKWA"),),)


BLOCKS = st.lists(
    st.lists(st.sampled_from(["kapal", "tiba", "di", "kota", "dan"]), min_size=1), max_size=6
)


@settings(max_examples=300, deadline=None)
@given(BLOCKS, BLOCKS)
def test_both_versions_can_be_read_out_of_a_diff(old, new):
    before, after = [" ".join(words) for words in old], [" ".join(words) for words in new]
    blocks = list(diff_of(before, after))

    def version(*hows):
        kept = ([piece.words for piece in block if piece.how in hows] for block in blocks)
        return [" ".join(words) for words in kept if words]

    assert version("same", "removed") == before
    assert version("same", "added") == after
