"""The records of real pages written out by hand, in `kompas/gold` below KOMPAS_SHARED.

Skipped without it. `accept` holds further right answers of a field,
`optional_blocks` what may be in the text or not, `not_in_text` the furniture of the page.
"""

from __future__ import annotations

import dataclasses
import gzip
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from kompas_crawler.items import Article
from kompas_crawler.pages import read_article, read_listing
from tests.conftest import SHARED

KOMPAS = SHARED / "kompas"
GOLD = sorted((KOMPAS / "gold").glob("*.json"))
FIELDS = {field.name for field in dataclasses.fields(Article)} - {"layout"}

pytestmark = pytest.mark.skipif(not GOLD, reason=f"no records of real pages in {KOMPAS}/gold")


def record(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def page(path: Path) -> str:
    return gzip.decompress((KOMPAS / "pages-2021-24" / f"{path.stem}.html.gz").read_bytes()).decode(
        "utf-8", errors="replace"
    )


def plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return [plain(one) for one in value] if isinstance(value, tuple) else value


@pytest.mark.parametrize(
    "path", [path for path in GOLD if path.stem.startswith("article")], ids=lambda path: path.stem
)
def test_a_real_article_gives_the_record_written_out_by_hand(path: Path) -> None:
    expected = record(path)
    read = read_article(page(path), expected.get("page_url") or expected["url"])
    optional = expected.get("optional_blocks", [])

    for name in FIELDS & set(expected) - {"text", "word_count"}:
        got = plain(getattr(read, name))
        assert got == expected[name] or got in expected.get("accept", {}).get(name, []), name
    blocks = [block for block in read.text.split("\n\n") if block not in optional]
    assert blocks == [block for block in expected["text"].split("\n\n") if block not in optional]
    assert [words for words in expected.get("not_in_text", []) if words in read.text] == []


@pytest.mark.parametrize(
    "path", [path for path in GOLD if path.stem.startswith("listing")], ids=lambda path: path.stem
)
def test_a_real_listing_offers_the_articles_written_out_by_hand(path: Path) -> None:
    expected = record(path)
    listing = read_listing(page(path), expected["page_url"])
    optional = set(expected.get("optional_ids", []))

    offered = [id_ for id_ in listing.urls_by_id if id_ not in optional]
    assert offered == [id_ for id_ in expected["ids"] if id_ not in optional]
    assert set(listing.urls_by_id).isdisjoint(expected.get("forbidden_ids", []))
    assert listing.next_url == expected["next_url"]
    printed = {entry.id: entry.printed_date for entry in listing.entries}
    for id_, day in expected.get("printed_dates", {}).items():
        assert printed[id_] == day
    labels = {entry.id: entry.label for entry in listing.entries}
    for id_, label in expected.get("labels", {}).items():
        assert labels[id_] == label
    menu = [option["site"] for option in expected.get("menu") or [] if "site" in option]
    assert menu == (list(listing.sites.values()) if menu else [])
