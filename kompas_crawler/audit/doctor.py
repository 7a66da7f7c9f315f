"""Checks of single pages: what was recognised, by which rule, and what to do about the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from protego import Protego

from kompas_crawler import pages, urls
from kompas_crawler.audit.selector_hints import guess_item_classes, guess_selector
from kompas_crawler.datelines import read_dateline, read_day, read_relative
from kompas_crawler.errors import PageRefused, TooCostly
from kompas_crawler.items import Embed, Image, Link, field_names
from kompas_crawler.pages import Listing, Reading, layouts
from kompas_crawler.pages.document import Document

# The kinds of pages.
ROBOTS, FRONT, INDEX = "robots.txt", "section front", "daily index"
SITEMAPS, SITEMAP, ARTICLE = "sitemap index", "news sitemap", "article"

LAYOUTS_FILE = "kompas_crawler/pages/layouts.py"

# From where the facts without which there is no article are to come. Another source still gives
# them today, and is the last before there is none.
TRUSTED: Mapping[str, frozenset[str]] = {
    "title": frozenset({"printed"}),
    "dateline": frozenset({"printed"}),
    "published_at": frozenset({"meta", "json-ld", "dateline", "url"}),
    "text": frozenset({"printed"}),
}
# Fields of every article that no rule of `pages` is noted for: they come from the address, or with
# the text.
_WITHOUT_RULE = {"id": "url", "url": "url", "subheadings": "with text"}

# Fields that most articles have.
OPTIONAL = ("section", "authors", "editors", "sources", "description", "tags", "images", "related")

FULL_LIST = 15  # items; the index showed so many until 2023, and 20 since
MAX_VALUE_LENGTH = 70  # characters of a value that a table shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that was recognised, and its source."""

    name: str
    value: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Something that was not recognised: what was found instead, and what to do."""

    name: str
    found: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The result of one page; `failed` says why the page could not be fetched."""

    what: str
    url: str
    layout: str | None = None
    facts: tuple[Fact, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    failed: str | None = None

    @property
    def recognised(self) -> bool:
        return not self.unknown and self.failed is None

    def to_dict(self) -> dict[str, Any]:
        """Return the check as a JSON object."""
        return {
            "what": self.what,
            "url": self.url,
            "recognised": self.recognised,
            "layout": self.layout,
            "failed": self.failed,
            "facts": {fact.name: {"value": fact.value, "from": fact.source} for fact in self.facts},
            "unknown": [asdict(each) for each in self.unknown],
        }


def check_robots(text: str, url: str, agent: str, article_url: str) -> Check:
    """Return what robots.txt allows this crawler to fetch."""
    rules = Protego.parse(text)
    asked = {
        "section front": urls.front_url(),
        "article": article_url,
        "sitemap": urls.SITEMAP_INDEX,
    }
    facts = [
        Fact(name=name, value="may be asked" if rules.can_fetch(address, agent) else "forbidden")
        for name, address in asked.items()
    ]
    if not text.strip():
        facts.insert(0, Fact(name="rules", value="none: Kompas has no robots.txt, or an empty one"))
    delay = rules.crawl_delay(agent)
    facts.append(Fact(name="crawl-delay", value=f"{delay:g} s" if delay else "none"))
    is_robots = "user-agent" in text.lower() or not text.strip()
    no_robots = Unknown(
        name="robots.txt",
        found=f"no line User-agent, it begins {text[:60]!r}",
        advice="look at it in a browser before you crawl: what it forbids must be known",
    )
    unknown = () if is_robots else (no_robots,)
    return Check(what=ROBOTS, url=url, facts=tuple(facts), unknown=unknown)


def check_list(what: str, html: str, url: str, now: datetime) -> Check:
    """Return what a page of the section front or of the daily index lists."""
    listing = pages.read_listing(html, url)
    page = _document(html)
    return Check(
        what=what,
        url=url,
        layout=listing.layout,
        facts=tuple(_facts_of_list(listing, now)),
        unknown=tuple(_unknown_in_list(what, listing, page, url, now)),
    )


def _document(html: str) -> Document:
    """Return the parsed page to look for hints in, an empty one for a page that is refused."""
    try:
        return Document(html)
    except TooCostly:
        return Document("")


def _facts_of_list(listing: Listing, now: datetime) -> Iterator[Fact]:
    ours = sum(urls.in_section(entry.url) for entry in listing.entries)
    yield Fact(name="articles", value=f"{len(listing.entries)}, {ours} of them of the section")
    yield Fact(name="dated", value=f"{_dated(listing, now)} by the day printed beside them")
    yield Fact(name="next page", value=listing.next_url or "none")
    if listing.sites:
        yield Fact(name="codes of its menu", value=", ".join(listing.sites.values()))


def _dated(listing: Listing, now: datetime) -> int:
    return sum(
        bool(read_dateline(printed) or read_day(printed) or read_relative(printed, now))
        for entry in listing.entries
        if (printed := entry.printed_date)
    )


def _unknown_in_list(
    what: str, listing: Listing, page: Document, url: str, now: datetime
) -> Iterator[Unknown]:
    if listing.layout is None:
        if listing.strays or not listing.sites:  # with the index's menu it is an empty day
            yield _no_list(listing, page, url)
        return
    if not any(urls.in_section(entry.url) for entry in listing.entries):
        yield Unknown(
            name="articles",
            found=f"a list of the {what}, and no address in it is one of the section",
            advice="look at the addresses; SITE_CODES and ELSEWHERE in urls.py say whose are whose",
        )
    if not _dated(listing, now):
        yield _missing_list_selector("printed_date", listing, "no day is read beside any article")
    # A day may have just as many articles as fit on a page; the section always has more.
    if what == FRONT and listing.next_url is None and len(listing.entries) >= FULL_LIST:
        yield _missing_list_selector(
            "next_link", listing, "a full page, and no way to the next one"
        )


def _no_list(listing: Listing, page: Document, url: str) -> Unknown:
    found = f"no list of {_names(layouts.LISTINGS)}, and {len(listing.strays)} links to articles"
    candidates = ", ".join(guess_item_classes(page, url))
    hint = f"; one article each stands in boxes of class {candidates}" if candidates else ""
    return Unknown(
        name="list", found=found, advice=f"add a row to LISTINGS in {LAYOUTS_FILE}{hint}"
    )


def _missing_list_selector(place: str, listing: Listing, found: str) -> Unknown:
    advice = f"see `{place}` of the row {listing.layout!r} of LISTINGS in {LAYOUTS_FILE}"
    return Unknown(name=place, found=found, advice=advice)


def _names(rows: tuple[layouts.Layout, ...] | tuple[layouts.ListingLayout, ...]) -> str:
    return ", ".join(row.name for row in rows)


def check_sitemap_index(xml: str, url: str) -> Check:
    """Return which news sitemaps of the section the sitemap index names."""
    children = pages.read_sitemap_index(xml)
    unknown = Unknown(
        name="sitemap of the section",
        found=f"none of its {xml.count('<loc>')} addresses is one",
        advice="look for the section's name in it; pages.read_sitemap_index tells it by its name",
    )
    return Check(
        what=SITEMAPS,
        url=url,
        facts=(Fact(name="sitemaps of the section", value=", ".join(children) or "none"),),
        unknown=() if children else (unknown,),
    )


def check_sitemap(xml: str, url: str) -> Check:
    """Return what the section's news sitemap lists."""
    listing = pages.read_sitemap(xml, url)
    ours = sum(urls.in_section(entry.url) for entry in listing.entries)
    unknown = Unknown(
        name="articles",
        found=f"{xml.count('<loc>')} addresses, none of them an article of the section",
        advice="look at its addresses; pages.read_sitemap reads its <loc> elements",
    )
    facts = (Fact(name="articles", value=f"{len(listing.entries)}, {ours} of them of the section"),)
    return Check(
        what=SITEMAP,
        url=url,
        layout=listing.layout,
        facts=facts,
        unknown=() if ours else (unknown,),
    )


def check_article(html: str, url: str) -> Check:
    """Return every field that an article page shows, and the rule that read it."""
    page = _document(html)
    try:
        reading = pages.read(html, url)
    except PageRefused as refusal:
        return Check(what=ARTICLE, url=url, unknown=tuple(_refused(refusal, page, html, url)))
    return Check(
        what=ARTICLE,
        url=url,
        layout=reading.article.layout,
        facts=tuple(_facts_of(reading)),
        unknown=tuple(_unknown_in(reading, page)),
    )


def fields_never_found(checks: Iterable[Check]) -> tuple[str, ...]:
    """Return the optional fields that no checked article had; each may rightly be absent."""
    seen = [{fact.name for fact in check.facts} for check in checks if check.what == ARTICLE]
    read = [names for names in seen if names]
    return tuple(name for name in OPTIONAL if read and not any(name in names for names in read))


def _refused(refusal: PageRefused, page: Document, html: str, url: str) -> Iterator[Unknown]:
    layout = pages.layout_of(page)
    places = "; ".join(
        f"{name} may stand at {place}"
        for name in ("title", "text")
        if (place := guess_selector(page, name))
    )
    yield Unknown(
        name="article",
        found=f"{type(refusal).__name__}: {refusal.found}; layout {layout.name}; {len(html)} characters",
        advice=f"open {url} in a browser; if it is an article, see LAYOUTS in {LAYOUTS_FILE}"
        + (f": {places}" if places else ""),
    )


def _facts_of(reading: Reading) -> Iterator[Fact]:
    article = reading.article
    for name in field_names("page"):
        if (value := getattr(article, name)) not in (None, ()):
            source = reading.rules.get(name) or _WITHOUT_RULE.get(name, "")
            yield Fact(name=name, value=_short_value(value), source=source)
    if reading.page is not None:
        yield Fact(name="page", value=f"page {reading.page} alone; the crawler requests the others")


def _unknown_in(reading: Reading, page: Document) -> Iterator[Unknown]:
    layout = pages.layout_of(page)
    if layout is layouts.UNKNOWN:
        yield _no_layout(page)
    for name, trusted in TRUSTED.items():
        rule = reading.rules.get(name)
        if rule not in trusted and (name != "text" or layout is not layouts.UNKNOWN):
            yield _missing_selector(name, rule, page, layout)


def _no_layout(page: Document) -> Unknown:
    place = guess_selector(page, "text")
    hint = f"; its text seems to be in {place}" if place else ""
    return Unknown(
        name="layout",
        found=f"none of {_names(layouts.LAYOUTS)}",
        advice=f"add a row to LAYOUTS in {LAYOUTS_FILE}, see docs/layouts.md{hint}",
    )


def _missing_selector(
    name: str, rule: str | None, page: Document, layout: layouts.Layout
) -> Unknown:
    looked = ", ".join(getattr(layout, "body" if name == "text" else name, ())) or "its metadata"
    place = guess_selector(page, name)
    hint = f"{place} seems to hold it: " if place else ""
    return Unknown(
        name=name,
        found=f"not where layout {layout.name} looks ({looked}); "
        + (f"it came from {rule}" if rule else "nothing answered"),
        advice=f"{hint}add the place to the row {layout.name!r} of LAYOUTS in {LAYOUTS_FILE},"
        " or a row of its own if more has changed",
    )


def _short_value(value: object) -> str:
    """Return a value of an article in one short line."""
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, tuple):
        return _cut(f"{len(value)}: {', '.join(_word(each) for each in value)}")
    return _cut(str(value).replace("\n\n", " / "))


def _word(thing: object) -> str:
    if isinstance(thing, Link):
        return thing.title
    return str(thing.url) if isinstance(thing, (Image, Embed)) else str(thing)


def _cut(text: str) -> str:
    return text if len(text) <= MAX_VALUE_LENGTH else f"{text[: MAX_VALUE_LENGTH - 1]}…"
