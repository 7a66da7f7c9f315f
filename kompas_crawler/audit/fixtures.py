"""Test fixtures: a saved page, and beside it as JSON what is read from it.

The format is that of `tests/pages`: NAME.html and NAME.json. Keys that begin with an underscore
describe the fixture; the others are the record as it was read. A person compares them with the
page, and corrects them where a layout is missing.
"""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kompas_crawler import urls
from kompas_crawler.archive.files import real_file
from kompas_crawler.archive.record import to_record
from kompas_crawler.errors import PageRefused, StorageFailed
from kompas_crawler.items import Article, field_names
from kompas_crawler.pages import read_article, read_listing


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFixture:
    """A page and what is expected of it; `folder` is `articles` or `listings`."""

    folder: str
    name: str
    page: str
    expected: Mapping[str, Any]

    def save(self, root: Path) -> Path | None:
        """Write both files and return the page's path; None if the fixture exists already.

        An existing file is never overwritten: a person may have corrected it. Raises `StorageFailed`.
        """
        page = root / self.folder / f"{self.name}.html"
        record = page.with_suffix(".json")
        if os.path.lexists(page) or os.path.lexists(record):
            return None
        expected = json.dumps(self.expected, ensure_ascii=False, indent=2) + "\n"
        try:
            real_file(page.parent).mkdir(parents=True, exist_ok=True)
            for path, text in ((page, self.page), (record, expected)):
                with path.open("xb") as file:  # "x": an existing link is not followed
                    file.write(text.encode(errors="replace"))
        except OSError as error:
            raise StorageFailed(f"{page}: {error.strerror}") from error
        return page


def article_fixture(html: str, url: str, what: str) -> PageFixture:
    """Return the fixture of an article page; for a refused page, it holds the error's name."""
    id_ = (urls.article_id(url) or "no-id").replace("/", "-")
    head = {"_url": url, "_what": what}
    try:
        article = read_article(html, url)
    except PageRefused as refusal:
        expected = {**head, "_refused": type(refusal).__name__}
        return PageFixture(folder="articles", name=f"refused-{id_}", page=html, expected=expected)
    return PageFixture(
        folder="articles",
        name=f"{article.layout}-{id_}",
        page=html,
        expected={**head, **fields_of_page(article)},
    )


def listing_fixture(html: str, url: str, what: str, name: str) -> PageFixture:
    """Return the fixture of a listing page."""
    listing = read_listing(html, url)
    expected = {
        "_url": url,
        "_what": what,
        "urls_by_id": listing.urls_by_id,
        "next_url": listing.next_url,
    }
    layout = listing.layout or "unknown"
    return PageFixture(folder="listings", name=f"{name}-{layout}", page=html, expected=expected)


def fields_of_page(article: Article) -> dict[str, Any]:
    """Return the fields of an article that come from its page, the text as a list of blocks."""
    record = to_record(article)
    names = field_names("page", "derived")
    return {name: record[name] for name in names} | {"text": article.text.split("\n\n")}


def update_fixtures(root: Path, *, accept: bool) -> Iterator[tuple[str, bool]]:
    """Update all fixtures below a folder to what is read now.

    Yields each difference, as a diff, and whether it was saved. New fields are always added; changed values are saved with `accept` only. Fixtures of refused
    pages stay as they are.
    """
    for path in sorted(root.glob("*/*.json")):
        before = path.read_text(encoding="utf-8")
        expected = json.loads(before)
        now = _read_again(path, expected)
        for found, settled in ((_completed(expected, now), True), (now, accept)):
            after = json.dumps(found, ensure_ascii=False, indent=2) + "\n"
            if after == before:
                continue
            if settled:
                real_file(path).write_text(after, encoding="utf-8")
            yield _diff(path, before, after), settled
            before = after


def _completed(expected: Any, now: Any) -> Any:
    """Return the expected record with the fields that only today's records have."""
    if isinstance(expected, dict) and isinstance(now, dict):
        if not now.keys() >= expected.keys():  # not the same thing
            return expected
        return {key: _completed(expected.get(key, value), value) for key, value in now.items()}
    if isinstance(expected, list) and isinstance(now, list) and len(expected) == len(now):
        return [_completed(*pair) for pair in zip(expected, now, strict=True)]
    return expected


def _read_again(path: Path, expected: Mapping[str, Any]) -> dict[str, Any]:
    if "_refused" in expected:
        return dict(expected)
    head = {key: value for key, value in expected.items() if key.startswith("_")}
    html = path.with_suffix(".html").read_bytes().decode("utf-8", errors="replace")
    if path.parent.name == "listings":
        fixture = listing_fixture(html, expected["_url"], "", path.stem)
    else:
        fixture = article_fixture(html, expected["_url"], "")
    if "_refused" in fixture.expected:
        return dict(expected)  # its test fails with the reason
    now = {**head, **fixture.expected, **head}
    if isinstance(expected.get("text"), str):
        now["text"] = "\n\n".join(now["text"])
    return now


def _diff(path: Path, before: str, after: str) -> str:
    name = f"{path.parent.name}/{path.name}"
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return "".join(difflib.unified_diff(old, new, name, name, n=1))
