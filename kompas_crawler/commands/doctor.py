"""`scrapy doctor`: check whether today's pages of Kompas are recognised."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from kompas_crawler import urls
from kompas_crawler.audit.doctor import (
    ARTICLE,
    FRONT,
    INDEX,
    ROBOTS,
    SITEMAP,
    SITEMAPS,
    Check,
    check_article,
    check_list,
    check_robots,
    check_sitemap,
    check_sitemap_index,
    fields_never_found,
)
from kompas_crawler.audit.doctor_spider import DoctorSpider, FetchedPage
from kompas_crawler.audit.fixtures import PageFixture, article_fixture, listing_fixture
from kompas_crawler.audit.survey import run_spider
from kompas_crawler.budget import budget
from kompas_crawler.characters import plain
from kompas_crawler.cli.archive_command import SurveyCommand, print_json
from kompas_crawler.cli.command import CRAWL_CODES
from kompas_crawler.cli.terminal import console
from kompas_crawler.errors import TooCostly
from kompas_crawler.paths import read_path
from kompas_crawler.runs.outcome import EXIT_CODES, MEANINGS, UNKNOWN, Outcome
from kompas_crawler.timezones import WIB

# Outcomes that leave nothing to recognise: their codes go before ours.
_NO_PAGES = frozenset({Outcome.BLOCKED, Outcome.UNREACHABLE, Outcome.STOPPED})


class Command(SurveyCommand):
    """Check whether today's pages of Kompas are recognised, and what to do if not.

    Fetches about ten pages (robots.txt, the section's front, an index day, sitemaps, articles) and
    prints what is recognised on each, by which rule, and what to do where nothing is. It stores
    nothing. For one page of your choice: scrapy parse.
    """

    exit_codes = {
        0: "all pages are recognised",
        UNKNOWN: "a page is not recognised",
        **CRAWL_CODES,
    }
    options = {
        "--json": "print JSON instead of text",
        "--save DIR": "save the pages as test fixtures below DIR, such as tests/pages; none is"
        " overwritten",
    }

    def answer(self, args: list[str], opts: argparse.Namespace) -> int:
        folder = read_path("--save", opts.save) if opts.save is not None else None
        spider, outcome = run_spider(self.crawler_process, DoctorSpider)
        agent = self.settings["ROBOTSTXT_USER_AGENT"]
        checks = [_check(seen, spider.seen, agent) for seen in spider.seen]
        saved = _saved(spider.seen, folder) if folder else []
        if opts.json:
            print_json(_document(checks, outcome, saved))
        else:
            _show(console(), checks, outcome, saved)
        if outcome not in _NO_PAGES and any(check.unknown for check in checks):
            return UNKNOWN
        return EXIT_CODES[outcome]


def _check(seen: FetchedPage, everything: list[FetchedPage], agent: str) -> Check:
    if seen.failed is not None:
        return Check(what=seen.what, url=seen.url, failed=seen.failed)
    article = next((each.url for each in everything if each.what == ARTICLE), urls.front_url())
    now = datetime.now(WIB)
    by_kind: Mapping[str, Callable[[], Check]] = {
        ROBOTS: lambda: check_robots(seen.text, seen.url, agent, article),
        FRONT: lambda: check_list(FRONT, seen.text, seen.url, now),
        INDEX: lambda: check_list(INDEX, seen.text, seen.url, now),
        SITEMAPS: lambda: check_sitemap_index(seen.text, seen.url),
        SITEMAP: lambda: check_sitemap(seen.text, seen.url),
        ARTICLE: lambda: check_article(seen.text, seen.url),
    }
    try:
        with budget.reading(seen.url):
            return by_kind[seen.what]()
    except TooCostly as refusal:
        return Check(what=seen.what, url=seen.url, failed=str(refusal))


def _saved(everything: list[FetchedPage], folder: Path) -> list[str]:
    """Save the fetched pages as test fixtures, and return a sentence for each."""
    what = f"Saved by scrapy doctor on {datetime.now(WIB):%Y-%m-%d}; not yet checked by a person."
    sentences = []
    for fixture in filter(None, (_fixture(seen, what) for seen in everything)):
        path = fixture.save(folder)
        place = f"{fixture.folder}/{fixture.name}"
        sentences.append(f"saved {path}" if path else f"not saved: {place} already exists")
    return sentences


def _fixture(seen: FetchedPage, what: str) -> PageFixture | None:
    if seen.failed is not None:
        return None
    if seen.what == ARTICLE:
        return article_fixture(seen.text, seen.url, what)
    if seen.what in (FRONT, INDEX):
        name = f"{'front' if seen.what == FRONT else 'index'}-{datetime.now(WIB):%Y-%m-%d}"
        return listing_fixture(seen.text, seen.url, what, name)
    return None


def _document(checks: list[Check], outcome: Outcome, saved: list[str]) -> dict[str, object]:
    return {
        "outcome": str(outcome),
        "recognised": all(check.recognised for check in checks),
        "in_no_article": list(fields_never_found(checks)),
        "checks": [check.to_dict() for check in checks],
        "saved": saved,
    }


def _show(out: Console, checks: list[Check], outcome: Outcome, saved: list[str]) -> None:
    for check in checks:
        show_check(out, check)
    if missing := fields_never_found(checks):
        out.print(f"In none of these articles, which may be correct: {', '.join(missing)}")
    for line in saved:
        out.print(line, soft_wrap=True)
    known = sum(check.recognised for check in checks)
    out.print(f"{known} of {len(checks)} pages recognised.", style="bold")
    if outcome is not Outcome.COMPLETE:
        out.print(f"{outcome}: {MEANINGS[outcome]}", soft_wrap=True)


def _verdict(check: Check) -> str:
    if check.failed:
        return "not fetched"
    if any(each.name == "article" for each in check.unknown):
        return "REFUSED"
    return "recognised" if check.recognised else "UNKNOWN"


def show_check(out: Console, check: Check) -> None:
    """Print what was recognised on a page, by which rule, and what to do about the rest."""
    word = _verdict(check)
    layout = f" as {check.layout}" if check.layout else ""
    style = "bold green" if check.recognised else "bold red"
    out.print(f"{check.what}: {word}{layout}", style=style)
    out.print(f"  {check.url}", soft_wrap=True)
    if check.failed:
        out.print(f"  {plain(check.failed)}", soft_wrap=True)
    table = Table.grid(padding=(0, 2))
    for fact in check.facts:
        table.add_row(f"  {fact.name}", fact.source, plain(fact.value))
    if check.facts:
        out.print(table)
    for each in check.unknown:
        out.print(f"  ? {each.name}: {plain(each.found)}", style="red", soft_wrap=True)
        out.print(f"    {plain(each.advice)}", soft_wrap=True)
    out.print()
