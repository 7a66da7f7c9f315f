"""A field can be added to the record: what was written before stays good, and one command does it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest

from kompas_crawler.archive.record import line_of
from tests.cli.test_read_only import RUN, article
from tests.conftest import PATIENCE, ROOT, environment

ADDED = """
    language: str | None = field(
        default=None, metadata=_about("The language, as the page names it.", added="0.2.0")
    )
    minutes: int = field(
        default=1, metadata=_about("Minutes to read.", minimum=1, added="0.2.0", example=3)
    )
    regions: tuple[str, ...] = field(
        default=(), metadata=_about("Where it happened.", added="0.2.0", example="Asia")
    )
    checked_at: datetime | None = field(
        default=None, metadata=_about("When somebody checked it.", added="0.2.0")
    )
    place: str | None = field("""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of the project whose record has four fields more."""
    home = tmp_path_factory.mktemp("checkout")
    for name in ("kompas_crawler", "kompas_standin", "tests", "docs"):
        shutil.copytree(ROOT / name, home / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("scrapy.cfg", "pyproject.toml"):
        shutil.copy(ROOT / name, home / name)
    items = home / "kompas_crawler" / "items.py"
    text = items.read_text(encoding="utf-8")
    items.write_text(text.replace("\n    place: str | None = field(", ADDED, 1), encoding="utf-8")
    photo = "    credit: str | None = None\n"
    added = '    width: int | None = field(default=None, metadata=_about("", added="0.2.0"))\n'
    items.write_text(items.read_text().replace(photo, photo + added, 1), encoding="utf-8")
    return home


def run(home, *words, output=None):
    told = environment(None, output or home / "output") | {"PYTHONPATH": str(home)}
    return subprocess.run(
        [sys.executable, "-m", *words],
        check=False,
        cwd=home,
        env=told,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def test_one_command_brings_everything_into_step(checkout):
    done = run(checkout, "kompas_crawler.audit.regenerate")
    assert done.returncode == 0, done.stdout + done.stderr
    assert '+  "language": null,' in done.stdout
    assert run(checkout, "kompas_crawler.audit.regenerate").stdout == ""
    shipped = json.loads(
        (checkout / "kompas_crawler" / "archive" / "record.schema.json").read_text()
    )
    assert "minutes" in shipped["properties"]
    assert "minutes" not in shipped["required"]
    assert "| `minutes` | integer | since 0.2.0 |" in (checkout / "docs" / "record.md").read_text()
    tests = (
        "tests/pages/test_fixtures.py",
        "tests/archive/test_record.py",
        "-p",
        "no:cacheprovider",
    )
    done = run(checkout, "pytest", "-q", *tests)
    assert done.returncode == 0, done.stdout


def test_another_value_is_shown_and_taken_over_only_when_accepted(checkout):
    run(checkout, "kompas_crawler.audit.regenerate")
    case = checkout / "tests" / "pages" / "articles" / "read-2017-contributor.json"
    before = case.read_text(encoding="utf-8")
    title = json.loads(before)["title"]
    wrong = before.replace(title, "Judul lain", 1)
    case.write_text(wrong, encoding="utf-8")
    done = run(checkout, "kompas_crawler.audit.regenerate")
    assert done.returncode == 1
    assert '-  "title": "Judul lain",' in done.stdout
    assert f'+  "title": "{title}",' in done.stdout
    assert "--accept saves them" in done.stdout
    assert case.read_text(encoding="utf-8") == wrong
    assert run(checkout, "kompas_crawler.audit.regenerate", "--accept").returncode == 0
    assert case.read_text(encoding="utf-8") == before


def test_lines_of_before_stay_valid_and_a_repair_keeps_them(checkout, tmp_path):
    run(checkout, "kompas_crawler.audit.regenerate")
    folder = tmp_path / "articles"
    folder.mkdir()
    (tmp_path / "crawls.jsonl").write_text(json.dumps(RUN) + "\n")
    first, second = line_of(article(1, "Satu", "Teks.")), line_of(article(2, "Dua", "Teks dua."))
    astray = line_of(replace(article(3, "Tiga", "Teks tiga.")))
    assert b"language" not in first
    (folder / "2024-01.jsonl").write_bytes(first)
    for words in (["verify"], ["verify", "--repair"]):
        assert run(checkout, "scrapy", *words, output=tmp_path).returncode == 0
    # A line that a crash has torn, with a whole one behind it; and one in the wrong month.
    (folder / "2024-01.jsonl").write_bytes(first + first[:100] + second)
    (folder / "2024-02.jsonl").write_bytes(astray)
    assert run(checkout, "scrapy", "verify", output=tmp_path).returncode == 20
    done = run(checkout, "scrapy", "verify", "--repair", output=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / "2024-01.jsonl").read_bytes() == first + second + astray
    names = ("a.csv", "a.sqlite", "a.jsonl", "a.parquet")
    exports = [["export", "--to", str(tmp_path / name)] for name in names]
    asked = [["show", "2024/01/01/080200002", "--json"], *exports]
    done = run(checkout, "tests.in_process", str(tmp_path), json.dumps(asked))
    shown, *exported = json.loads(done.stdout)
    record = json.loads(shown["out"])
    assert (record["language"], record["minutes"], record["regions"]) == (None, 1, [])
    for each in exported:
        assert each["code"] == 0, each["log"]
        assert each["out"].startswith("3 articles")
