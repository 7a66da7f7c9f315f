"""Does every saved page of our own give exactly the record written beside it?

`pages/articles` and `pages/listings` hold pages of our own making, in Kompas's structure, and
beside each the expected record, written by hand from the contract of the output. Adding a case
is adding two files, NAME.html and NAME.json; nothing here changes. Keys with an underscore are
not of the record: `_url` is the address that was fetched, `_what` what the case proves,
`_refused` the error that a page which is no article ends in. `text` is written as the list of
its blocks.
"""

from __future__ import annotations

import dataclasses
import difflib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from kompas_crawler import errors
from kompas_crawler.items import Article, field_names
from kompas_crawler.pages import read_article, read_listing
from kompas_crawler.pages.layouts import LAYOUTS, UNKNOWN

PAGES = Path(__file__).parents[1] / "pages"
ARTICLES = sorted((PAGES / "articles").glob("*.json"))
LISTINGS = sorted((PAGES / "listings").glob("*.json"))

OF_THE_PAGE = list(field_names("page", "derived"))


def saved_page(record: Path) -> str:
    """The page beside a record, as a response with a broken charset would be decoded, too."""
    return record.with_suffix(".html").read_bytes().decode("utf-8", errors="replace")


def plain(value: Any) -> Any:
    """A field as JSON would hold it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (tuple, list)):
        return [plain(one) for one in value]
    return value


def in_blocks(text: str) -> list[str]:
    return text.split("\n\n")


def in_order(urls_by_id: dict[str, str]) -> list[str]:
    return [f"{article_id} {url}" for article_id, url in urls_by_id.items()]


def lines(value: Any) -> list[str]:
    return json.dumps(value, ensure_ascii=False, indent=1).splitlines()


def differences(expected: dict[str, Any], got: dict[str, Any]) -> list[str]:
    report = []
    for name, value in expected.items():
        if got[name] != value:
            diff = difflib.unified_diff(lines(value), lines(got[name]), n=1, lineterm="")
            report += [f"{name}: expected (-), read (+)", *list(diff)[3:], ""]
    return report


def fields_read(article: Article) -> dict[str, Any]:
    record = {name: plain(getattr(article, name)) for name in OF_THE_PAGE}
    record["text"] = in_blocks(article.text)
    return record


@pytest.mark.parametrize("case", ARTICLES, ids=lambda path: path.stem)
def test_a_saved_article_gives_the_record_beside_it(case: Path) -> None:
    expected = json.loads(case.read_text(encoding="utf-8"))
    if refusal := expected.get("_refused"):
        with pytest.raises(getattr(errors, refusal)) as refused:
            read_article(saved_page(case), expected["_url"])
        assert type(refused.value).__name__ == refusal
        return
    fields = {name: value for name, value in expected.items() if not name.startswith("_")}
    if isinstance(fields["text"], str):
        fields["text"] = in_blocks(fields["text"])
    assert list(fields) == OF_THE_PAGE, "the record beside the page names every field, in order"

    report = differences(fields, fields_read(read_article(saved_page(case), expected["_url"])))

    if report:
        pytest.fail("\n".join([f"{case.stem}: {expected['_what']}", *report]), pytrace=False)


@pytest.mark.parametrize("case", LISTINGS, ids=lambda path: path.stem)
def test_a_saved_listing_offers_the_addresses_beside_it(case: Path) -> None:
    expected = json.loads(case.read_text(encoding="utf-8"))

    listing = read_listing(saved_page(case), expected["_url"])

    got = {"urls_by_id": in_order(listing.urls_by_id), "next_url": listing.next_url}
    wanted = {**expected, "urls_by_id": in_order(expected["urls_by_id"])}
    report = differences({name: wanted[name] for name in got}, got)
    if report:
        pytest.fail("\n".join([f"{case.stem}: {expected['_what']}", *report]), pytrace=False)


def test_every_page_has_its_record_and_every_record_its_page() -> None:
    saved = [path for folder in ("articles", "listings") for path in (PAGES / folder).iterdir()]

    pages = {path.with_suffix("") for path in saved if path.suffix == ".html"}
    records = {path.with_suffix("") for path in saved if path.suffix == ".json"}

    assert pages == records
    assert len(ARTICLES) >= 25
    assert LISTINGS


def test_every_layout_of_the_site_has_a_case() -> None:
    layouts = {json.loads(case.read_text(encoding="utf-8")).get("layout") for case in ARTICLES}

    assert layouts >= {layout.name for layout in (*LAYOUTS, UNKNOWN)}


def test_a_page_of_more_tags_than_any_article_has_is_refused_by_name() -> None:
    url = "https://www.kompas.com/global/read/2021/02/05/070000970/jembatan"
    page = saved_page(PAGES / "articles" / "read-2017-placeholders-and-bare-paths.json")

    with pytest.raises(errors.TooCostly, match="tags"):
        read_article(page.replace("</body>", "<i>" * 300_000 + "</body>"), url)
