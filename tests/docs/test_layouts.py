"""The recipes of docs/layouts.md, followed to the letter on pages of the current templates.

Each recipe is a line of a table: what has moved, and what the line of the layout's row becomes. A
page whose element has moved loses the fact, or a fallback answers; with the documented line in the
row it is read as before.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "tests" / "pages"
TWO_PEOPLE = PAGES / "articles" / "read-2022-as-served-in-2024.json"
ONE_PERSON = PAGES / "articles" / "read-2022-one-person.json"
FRONT = PAGES / "listings" / "front-2024-first-page.json"

READ = """
import dataclasses, json, sys
from kompas_crawler import pages
html, url = sys.stdin.read(), sys.argv[1]
reading = pages.read(html, url)
record = dataclasses.asdict(reading.article)
print(json.dumps({"record": record, "rules": dict(reading.rules)}, default=str))
"""
LIST = """
import json, sys
from kompas_crawler import pages
listing = pages.read_listing(sys.stdin.read(), sys.argv[1])
print(json.dumps({"urls_by_id": listing.urls_by_id, "next_url": listing.next_url}))
"""


def recipe(what: str) -> tuple[str, str]:
    """The name of the line in the row, and the line as documented."""
    text = (ROOT / "docs" / "layouts.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| {what} \| `(\w+)` \| `(.+)` \|$", text, re.MULTILINE)
    assert row is not None, f"docs/layouts.md has no recipe for {what}"
    return row[1], row[2]


def project(home: Path, layout: str, *lines: tuple[str, str]) -> Path:
    """A copy of the project, with these lines in the row of that layout."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "kompas_crawler", home / "kompas_crawler", ignore=ignored)
    table = home / "kompas_crawler" / "pages" / "layouts.py"
    text = table.read_text(encoding="utf-8")
    start = text.index(f'name="{layout}"')
    for name, line in lines:
        before, row = text[:start], text[start:]
        changed = re.sub(
            rf"\b{name}=.*?,(?=\s*(?:#.*)?\n)", lambda _, line=line: line, row, count=1
        )
        assert changed != row
        text = before + changed
    table.write_text(text, encoding="utf-8")
    return home


def run(home: Path, script: str, page: str, url: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", script, url],
        cwd=home,
        input=page,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def moved(case: Path, *changes: tuple[str, str]) -> str:
    page = case.with_suffix(".html").read_text(encoding="utf-8")
    for pattern, replacement in changes:
        page, count = re.subn(pattern, replacement, page, flags=re.DOTALL)
        assert count, f"nothing on the page is {pattern}"
    return page


WITHOUT_METADATA = (r'<meta name="content_(?:author|editor)"[^>]*>', "")
WITHOUT_MODAL = (
    r'<div id="creditModal".*?(?=<div class="col-bs10-10"><div class="reaction)',
    "</div>",
)
ARTICLES = {
    "title": (
        TWO_PEOPLE,
        (r'<h1 class="read__title">(.*?)</h1>', r'<a class="judul-utama">\1</a>'),
    ),
    "dateline": (
        TWO_PEOPLE,
        (r'<div class="read__time">(.*?)</div>', r'<time class="waktu-terbit">\1</time>'),
    ),
    "byline": (
        TWO_PEOPLE,
        (r'<div class="credit-title-name">(.*?)</div>', r'<div class="nama-penulis">\1</div>'),
        WITHOUT_MODAL,
        WITHOUT_METADATA,
    ),
    "its office": (
        ONE_PERSON,
        (r"<p>Penulis</p>", '<li class="jabatan-penulis">Penulis</li>'),
        WITHOUT_METADATA,
    ),
    "body": (
        TWO_PEOPLE,
        (
            r'<div class="read__content">(.*)(<div class="ads-partner)',
            r'<li class="isi-berita">\1</li>\2',
        ),
    ),
    "lead photo": (
        TWO_PEOPLE,
        (
            r'<div class="cover-photo[^>]*>\s*<div class="photo__wrap">',
            '<li class="foto-utama"><div>',
        ),
    ),
}
FIELD = {"body": "text", "lead photo": "images", "byline": "authors", "its office": "authors"}


@pytest.mark.parametrize("what", ARTICLES)
def test_the_recipe_for_what_has_moved_brings_it_back(what: str, tmp_path: Path) -> None:
    case, *changes = ARTICLES[what]
    expected = json.loads(case.read_text(encoding="utf-8"))
    if WITHOUT_METADATA in changes and case is ONE_PERSON:
        expected["editors"] = []  # they stood in the metadata alone
    page, field = moved(case, *changes), FIELD.get(what, what)

    before = run(project(tmp_path / "before", "read-2022"), READ, page, expected["_url"])
    lost = before["record"][field] != plain(expected, field)
    assert lost or before["rules"].get(field) != "printed", f"{what} has not moved on this page"

    lines = [recipe(what)]
    after = run(project(tmp_path / "after", "read-2022", *lines), READ, page, expected["_url"])
    for name in ("title", "dateline", "authors", "editors", "text", "images", "layout"):
        assert after["record"][name] == plain(expected, name), name
    assert after["rules"][field] == "printed"


def plain(expected: dict[str, Any], field: str) -> Any:
    value = expected[field]
    return "\n\n".join(value) if field == "text" else value


def test_the_recipe_for_a_moved_list_item_brings_it_back(tmp_path: Path) -> None:
    expected = json.loads(FRONT.read_text(encoding="utf-8"))
    page = moved(FRONT, (r'class="articleItem\b', 'class="butirBerita'))

    before = run(project(tmp_path / "before", "list-2024"), LIST, page, expected["_url"])
    assert before["urls_by_id"] != expected["urls_by_id"]

    lines = [recipe("item of a list")]
    after = run(project(tmp_path / "after", "list-2024", *lines), LIST, page, expected["_url"])
    assert after == {name: expected[name] for name in ("urls_by_id", "next_url")}
