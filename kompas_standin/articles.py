"""The articles of the stand-in: their true records, and what lists show of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from kompas_standin import prose
from kompas_standin.blocks import HEADINGS, Block, Photo, plain, squeeze

WIB = timezone(timedelta(hours=7), "WIB")
# The weights of a mix; AMP has addresses of its own, at which every article is served.
LAYOUTS = {
    "read-2017": 44,
    "read-2022": 40,
    "mobile-2021": 7,
    "kcm-2015": 6,
    "kcm-2014": 3,
    "amp-2022": 0,
}
# A template changes while its layout keeps its name: in which month a page was served, by weight.
# "2025" follows what public crawlers say about later pages; all others follow saved pages.
SERVED = {
    "read-2017": {"2020-10": 4, "2020-11": 2, "2021-03": 4},
    "read-2022": {"2022-07": 10, "2023-04": 35, "2023-11": 10, "2024-04": 35, "2025": 10},
    "mobile-2021": {"2021-08": 2, "2021-08-tekno": 2, "2022-02": 3, "2022-10": 3},
    "amp-2022": {"2022-01": 1},
    "kcm-2015": {"2016-02": 1},
    "kcm-2014": {"2015-06": 1},
}
CREDIT_BOXES = frozenset({"2023-11", "2024-04", "2025"})  # names in a box, not in #penulis
TOPICAL = frozenset(
    {"2020-10", "2020-11", "2021-08", "2023-04", "2024-04"}
)  # pages that name a topic
OLD = frozenset({"kcm-2014", "kcm-2015"})  # no tags, no content_* metadata, one page


@dataclass(frozen=True, slots=True, kw_only=True)
class StandInArticle:
    """One article, as it was made: what its pages print, and what is true of it."""

    id: str
    host: str
    section: str
    title: str
    slug: str
    second_slug: str | None
    layout: str
    served: str  # the month whose template the page has, a name in SERVED
    form: str  # "news", "opinion", "advertorial"
    published_at: datetime
    updated_at: datetime | None
    dateline: str
    announced: str | None  # content_total_pages
    prefix: str
    place: str | None
    printed_authors: tuple[str, ...]
    printed_editors: tuple[str, ...]
    printed_sources: tuple[str, ...]
    authors: tuple[str, ...]
    editors: tuple[str, ...]
    sources: tuple[str, ...]
    tags: tuple[str, ...]
    printed_tags: tuple[str, ...]
    description: str
    lead_photo: Photo
    pages: tuple[tuple[Block, ...], ...]
    utc: bool  # JSON-LD speaks UTC, else +07:00
    revision: int
    duplicate_of: str | None

    @property
    def path(self) -> str:
        return f"{_section_path(self.host)}/read/{self.id}/{self.slug}"

    @property
    def url(self) -> str:
        return f"https://{self.host}{self.path}"

    @property
    def stated_at(self) -> datetime:
        """The time in all metadata: on a page that was updated, that of the update."""
        return self.updated_at or self.published_at

    @property
    def has_topic(self) -> bool:
        """Whether the page names a topic the article belongs to: one in ten of the articles."""
        return self.served in TOPICAL and self.id[16] == "4"

    @property
    def section_url(self) -> str:
        return f"https://{self.host}{_section_path(self.host)}"

    @property
    def stated_editor(self) -> str:
        """The editor of the metadata, where no page leaves it empty."""
        return (self.printed_editors or self.editors)[0]

    @property
    def stated_author(self) -> str:
        """The writer of the metadata: mobile pages repeat the editor where none is printed."""
        if self.printed_authors:
            return self.printed_authors[0]
        return self.stated_editor if self.layout == "mobile-2021" else ""

    @property
    def total_words(self) -> int:
        """The words of all pages, as every page of several states them."""
        return sum(len(text.split()) for block in self.blocks for text in block.texts())

    @property
    def published_from(self) -> str:
        """The source of the first publication: on updated and old pages only the address has it."""
        return "url" if self.updated_at or self.layout in OLD else "meta"

    @property
    def blocks(self) -> Iterator[Block]:
        for page in self.pages:
            yield from page

    def record(self) -> dict[str, Any]:
        """Return the record this article must become.

        It has the contract's keys in the contract's order, without `word_count`, `content_hash`,
        `fetched_at` and `crawl`.
        """
        blocks = tuple(self.blocks)
        photos = (self.lead_photo, *(block.photo for block in blocks if block.photo))
        return {
            "id": self.id,
            "url": self.url,
            "section": self.section,
            "title": squeeze(self.title),
            "published_at": self.published_at.isoformat(),
            "published_from": self.published_from,
            "updated_at": self.updated_at.isoformat() if self.updated_at else None,
            "dateline": self.dateline,
            "place": self.place,
            "authors": list(self.authors),
            "editors": list(self.editors),
            "sources": list(self.sources),
            "description": self.description,
            "text": "\n\n".join(text for block in blocks for text in block.texts()),
            "subheadings": [plain(block.runs) for block in blocks if block.kind in HEADINGS],
            "tags": list(self.tags),
            "related": [
                {"title": squeeze(block.link.title), "url": block.link.url}
                for block in blocks
                if block.kind == "related" and block.link
            ],
            "images": [
                {"url": photo.url, "caption": photo.caption, "credit": photo.credit}
                for photo in photos
            ],
            "embeds": [
                {"kind": block.post.kind, "url": block.post.url, "text": block.post.text}
                for block in blocks
                if block.post
            ],
            "page_count": len(self.pages),
            "revision": self.revision,
            "duplicate_of": self.duplicate_of,
            "warnings": [],
            "layout": self.layout,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """What a list needs of an article, without its body."""

    id: str
    host: str
    section: str
    title: str
    slug: str
    second_slug: str | None
    published_at: datetime
    story: prose.Story
    layout: str

    @property
    def url(self) -> str:
        return f"https://{self.host}{_section_path(self.host)}/read/{self.id}/{self.slug}"

    @property
    def listed_url(self) -> str:
        """The address the lists give: now and then by http, or with a mark of where it stood.

        robots.txt disallows the marked ones: they are to be cleaned.
        """
        return self._as_listed(self.url)

    @property
    def front_url(self) -> str:
        """The address the section front gives: some articles have a second slug there."""
        return self._as_listed(self.url.removesuffix(self.slug) + (self.second_slug or self.slug))

    def _as_listed(self, url: str) -> str:
        lot = self.id[17:18]  # the digit that Kompas, too, leaves to chance
        if lot == "3":
            return url.replace("https:", "http:")
        return f"{url}?utm_source=terkini&utm_medium=list" if lot == "7" else url


def tag_url(tag: str) -> str:
    return f"https://www.kompas.com/tag/{tag.replace(' ', '-')}"


def _section_path(host: str) -> str:
    return "/global" if host == "www.kompas.com" else ""
