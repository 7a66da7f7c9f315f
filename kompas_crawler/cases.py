"""How does a page become a test case? As the page, and beside it what is to be read from it.

The format is that of `tests/pages`: NAME.html and NAME.json, keys with an underscore being of the
case and not of the record. What stands in the JSON is what was read; a person checks it by the
page, and corrects it where a layout is missing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from kompas_crawler import urls
from kompas_crawler.errors import PageRefused, StorageFailed
from kompas_crawler.items import Article
from kompas_crawler.pages import read_article, read_listing
from kompas_crawler.records import to_record

# The crawl fills these; the hash follows from title and text.
NOT_OF_THE_PAGE = frozenset({"fetched_at", "crawl", "revision", "content_hash", "duplicate_of"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A page and what is expected of it; `folder` is that of its kind."""

    folder: str
    name: str
    page: str
    expected: Mapping[str, Any]

    def save(self, root: Path) -> Path | None:
        """Write both files and return the page's path; None if the case is there already.

        What a person may have corrected is never written over. Raises `StorageFailed`.
        """
        page = root / self.folder / f"{self.name}.html"
        record = page.with_suffix(".json")
        if page.exists() or record.exists():
            return None
        expected = json.dumps(self.expected, ensure_ascii=False, indent=2) + "\n"
        try:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(self.page, encoding="utf-8", errors="replace", newline="")
            record.write_text(expected, encoding="utf-8")
        except OSError as error:
            raise StorageFailed(f"{page}: {error.strerror}") from error
        return page


def article_case(html: str, url: str, what: str) -> Case:
    """Return the case of an article page; of a page that is refused, the name of the error."""
    id_ = (urls.article_id(url) or "no-id").replace("/", "-")
    head = {"_url": url, "_what": what}
    try:
        article = read_article(html, url)
    except PageRefused as refusal:
        expected = {**head, "_refused": type(refusal).__name__}
        return Case(folder="articles", name=f"refused-{id_}", page=html, expected=expected)
    return Case(
        folder="articles",
        name=f"{article.layout}-{id_}",
        page=html,
        expected={**head, **fields_of_page(article)},
    )


def listing_case(html: str, url: str, what: str, name: str) -> Case:
    """Return the case of a listing page."""
    listing = read_listing(html, url)
    expected = {
        "_url": url,
        "_what": what,
        "urls_by_id": listing.urls_by_id,
        "next_url": listing.next_url,
    }
    layout = listing.layout or "unknown"
    return Case(folder="listings", name=f"{name}-{layout}", page=html, expected=expected)


def fields_of_page(article: Article) -> dict[str, Any]:
    """Return what a page alone tells of an article, its text as the list of its blocks."""
    record = to_record(article)
    names = [field.name for field in fields(Article) if field.name not in NOT_OF_THE_PAGE]
    return {name: record[name] for name in names} | {"text": article.text.split("\n\n")}
