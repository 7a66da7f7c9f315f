"""What a reader of the report is shown of revisions: which article, what, and when."""

import random
import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape

import pytest

from kompas_crawler.archive.store import Archive
from kompas_crawler.audit.changes import COMPARED
from kompas_crawler.processors import content_hash, count_words
from kompas_crawler.report import statistics
from kompas_crawler.report.texts import TEXTS
from tests.in_process import run_in_process
from tests.invented_collections import article

HOUR = timedelta(hours=1)
TABLE = "Table: Differences between revisions"


def revised(old, hours, **changes):
    """Return an article as it was fetched some hours later."""
    new = replace(old, fetched_at=old.fetched_at + hours * HOUR, **changes)
    return replace(
        new, word_count=count_words(new.text), content_hash=content_hash(new.title, new.text)
    )


def shown(root, tmp_path, language="en"):
    """Return the differences of the report as lines of text in one language."""
    done = run_in_process("report", "--to", str(tmp_path / "a.html"), output=root)
    assert done.code == 0, done.log
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    figure = re.search(r'<figure id="changed".*?</figure>', page, re.DOTALL)[0]
    other = "id" if language == "en" else "en"
    own = re.sub(rf'<span lang="{other}">.*?</span>', "", figure)
    blocks = re.sub(r"</(p|summary|h\d|tr)>|<br>", "\n", own)
    lines = (unescape(re.sub(r"<.*?>", "", line)).strip() for line in blocks.split("\n"))
    return page, [" ".join(line.split()) for line in lines if line]


@pytest.fixture
def made(tmp_path):
    first = article(date(2026, 11, 20), 1, random.Random(1))
    paragraphs = ["Satu kapal tiba.", "Dua orang turun.", "Tiga hari <kemudian> pulang."]
    first = revised(first, 0, title="Kapal Tiba", text="\n\n".join(paragraphs), tags=("Kapal",))
    second = revised(first, 20, text="\n\n".join([*paragraphs[:2], "Lima hari <kemudian> pulang."]))
    third = revised(second, 44, title="Kapal Sudah Tiba", tags=("Kapal", "Plovac"))
    third = replace(third, updated_at=first.published_at + 30 * HOUR)
    with Archive(tmp_path / "output") as archive:
        archive.append(first)
        archive.append(second, revise=True)
        archive.append(third, revise=True)
    return tmp_path / "output", first


def test_every_revision_is_told_with_its_words_and_its_two_moments(made, tmp_path):
    root, _ = made
    _, lines = shown(root, tmp_path)
    assert "Changes: 2, in 1 article." in lines[1]
    differences = lines[lines.index("Open all") + 1 : lines.index(TABLE)]
    address = (
        "https://www.kompas.com/global/read/2026/11/20/075451010/kabar · #2026/11/20/075451010"
    )
    assert differences == [
        "23 November 2026",
        "Kapal Sudah Tiba Revision 3 · Title, Time of update, Tags · +1 −0 words",
        (
            "Published: 20 November 2026, 07:54 WIB. Changed between two fetches: 21 November 2026, 06:54"
            " WIB and 23 November 2026, 02:54 WIB. Kompas states the time of update: 21 November 2026,"
            " 13:54 WIB."
        ),
        address,
        *("Title", "Kapal Sudah Tiba", "Tags", "Plovac"),
        "21 November 2026",
        "Kapal Tiba Revision 2 · Text · +1 −1 words",
        (
            "Published: 20 November 2026, 07:54 WIB. Changed between two fetches: 20 November 2026, 10:54"
            " WIB and 21 November 2026, 06:54 WIB."
        ),
        address,
        *("Text", "unchanged paragraphs: 2", "Tiga Lima hari <kemudian> pulang."),
    ]


def test_added_and_removed_words_are_marked_as_such(made, tmp_path):
    root, _ = made
    page, _ = shown(root, tmp_path)
    assert "<del>Tiga</del> <ins>Lima</ins> hari &lt;kemudian&gt; pulang." in page
    assert "<kemudian>" not in page


def test_indonesian_readers_have_their_own_words_and_clock(made, tmp_path):
    root, _ = made
    _, lines = shown(root, tmp_path, "id")
    assert "Kapal Sudah Tiba Revisi 3 · Judul, Waktu pembaruan, Tag · +1 −0 kata" in lines
    assert "paragraf tidak berubah: 2" in lines
    assert any(
        "Kompas menyebut waktu pembaruan: 21 November 2026, 13.54 WIB." in line for line in lines
    )


def test_a_table_of_them_can_be_copied(made, tmp_path):
    root, _ = made
    page, _ = shown(root, tmp_path)
    table = re.search(r'<figure id="changed".*?(<table>.*?</table>)', page, re.DOTALL)[1]
    cells = re.findall(r'<td class="number">(\d+)</td>', table)
    assert cells == ["3", "1", "0", "2", "1", "1"]  # revision, words added, words removed


def test_every_field_that_can_change_has_a_name_in_both_languages():
    assert {f"field-{name}" for name in COMPARED} <= TEXTS.keys()


def test_of_many_changes_the_newest_are_shown_and_the_others_counted(tmp_path):
    root, dice = tmp_path / "output", random.Random(1)
    with Archive(root) as archive:
        for number in range(statistics.CHANGED // 2 + 5):
            last = article(date(2026, 11, 1 + number // 4), number, dice)
            archive.append(last)
            for hours in (1, 2):
                last = revised(last, hours, text=f"{last.text} Tambahan.")
                archive.append(last, revise=True)
    page, lines = shown(root, tmp_path)
    assert page.count('<details class="change"') == statistics.CHANGED
    assert "Changes: 70, in 35 articles." in " ".join(lines)
    assert "The first 60 of 70." in lines
    days = [int(line.partition(" ")[0]) for line in lines if line.endswith(" November 2026")]
    assert days == sorted(days, reverse=True)
    assert len(days) > 5
