"""The item classes: `Article`, the project's only item, and the `Link`, `Image` and `Embed` in it.

The fields of `Article`, in this order, are the keys of a line of the output. A field's metadata is
the one place that says what the field is:

- `about`: its entry in the schema and the data dictionary;
- `origin`: "page" for what the page says, "derived" for what follows from other fields or from the
  way the page was read, "crawl" for the bookkeeping of the run and the archive; see `field_names`;
- `added`: the version that added it. Such a field has a default, with which older lines are read.

After a change run `python -m kompas_crawler.audit.regenerate`: it rewrites the schema, the
data dictionary and the test fixtures.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal

Origin = Literal["page", "derived", "crawl"]


def _about(text: str, *, origin: Origin = "page", **more: Any) -> dict[str, Any]:
    return {"about": text, "origin": origin, **more}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A "Baca juga" link inside the body."""

    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A photo, with caption and credit where the page prints them."""

    url: str
    caption: str | None = None
    credit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Embed:
    """A post or a video of another site that the body shows."""

    kind: str = field(metadata=_about("", enum=("twitter", "instagram", "youtube", "other")))
    url: str | None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article, whole: no instance exists without address, title, time and text."""

    id: str = field(
        metadata=_about(
            "Kompas's identity of the article: date and number of its address.",
            pattern=r"^\d{4}/\d{2}/\d{2}/\d+$",
            example="2021/08/26/162226370",
        )
    )
    url: str = field(
        metadata=_about("Canonical address: https, no query, desktop host.", pattern="^https://")
    )
    section: str | None = field(
        default=None,
        metadata=_about("The section whose front the article belongs to.", example="Global"),
    )
    title: str = field(metadata=_about("Headline, as the page's h1 shows it.", min_length=1))
    published_at: datetime = field(
        metadata=_about(
            "First publication, in the zone the page states (WIB, WITA or WIT): the clock in the"
            " address, where it has one."
        )
    )
    published_from: str = field(
        metadata=_about(
            "The source that gave `published_at`; `meta` where it agrees with the address.",
            enum=("meta", "json-ld", "dateline", "url"),
            origin="derived",
        )
    )
    updated_at: datetime | None = field(
        default=None, metadata=_about("The last change that the page states.")
    )
    dateline: str | None = field(
        default=None,
        metadata=_about("The printed dateline.", example="Kompas.com - 26/08/2021, 16:22 WIB"),
    )
    place: str | None = field(
        default=None,
        metadata=_about(
            "The place printed before `KOMPAS.com –`; not part of `text`.", example="MOSKWA"
        ),
    )
    authors: tuple[str, ...] = field(default=(), metadata=_about("Writers (Penulis), as printed."))
    editors: tuple[str, ...] = field(default=(), metadata=_about("Editors, apart from writers."))
    sources: tuple[str, ...] = field(
        default=(), metadata=_about("Agencies and media named under Sumber.", example="AFP")
    )
    description: str | None = field(default=None, metadata=_about("The page's own summary."))
    text: str = field(
        repr=False,
        metadata=_about(
            "The whole article, blocks in reading order, joined by a blank line.", min_length=1
        ),
    )
    subheadings: tuple[str, ...] = field(
        default=(), metadata=_about("The blocks of `text` that are headings.")
    )
    tags: tuple[str, ...] = field(default=(), metadata=_about("The visible tags, in order."))
    related: tuple[Link, ...] = field(
        default=(), repr=False, metadata=_about("The Baca juga links inside the body, in order.")
    )
    images: tuple[Image, ...] = field(
        default=(), repr=False, metadata=_about("The lead photo, then the photos of the body.")
    )
    embeds: tuple[Embed, ...] = field(
        default=(), repr=False, metadata=_about("Tweets, Instagram posts and videos of the body.")
    )
    page_count: int = field(
        default=1, metadata=_about("Pages of the article on the site.", minimum=1)
    )
    word_count: int = field(
        default=0, metadata=_about("Words of `text`.", minimum=1, origin="derived")
    )
    revision: int = field(
        default=1,
        metadata=_about(
            "1 when first stored; the highest one is valid.", minimum=1, origin="crawl"
        ),
    )
    content_hash: str = field(
        default="",
        metadata=_about(
            "SHA-256 over title and text; equal hashes mean equal content.",
            pattern=r"^sha256:[0-9a-f]{64}$",
            origin="crawl",
        ),
    )
    duplicate_of: str | None = field(
        default=None,
        metadata=_about(
            "`id` of an earlier article with the same content under another id.", origin="crawl"
        ),
    )
    warnings: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            "What was doubtful, by name: `date-conflict` (the page's own dates disagree by a minute"
            " or more), `truncated` (less than the page announces), `address-conflict` (the page"
            " says it is another article), `lost-characters` (U+FFFD in title or text),"
            " `behind-damage` (read from a damaged file, where a page may have forged it)."
        ),
    )
    layout: str = field(
        default="unknown",
        metadata=_about("Which generation of Kompas's templates this was.", origin="derived"),
    )
    fetched_at: datetime | None = field(
        default=None,
        metadata=_about("When the page was downloaded.", required=True, origin="crawl"),
    )
    crawl: str | None = field(
        default=None,
        metadata=_about(
            "The run that stored it; a line of `crawls.jsonl`.", required=True, origin="crawl"
        ),
    )


def field_names(*origins: Origin) -> tuple[str, ...]:
    """Return the names of the fields of `Article` that have one of these origins, in order.

    >>> field_names("crawl")
    ('revision', 'content_hash', 'duplicate_of', 'fetched_at', 'crawl')
    """
    return tuple(each.name for each in fields(Article) if each.metadata["origin"] in origins)
