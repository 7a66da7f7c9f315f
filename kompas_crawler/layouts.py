"""Where each generation of Kompas's templates keeps its facts.

When Kompas changes its pages, a person adds a row here and a saved page under `tests/pages`.
Templates follow the day of the download, not the age of the article, so a layout is chosen by
what the page shows.

A place is a short path: a class (`.read__time`) or an id (`#penulis`), then, after a space,
CSS that is searched below it (`.kcm-read-top h2`). The first place that answers wins.
"""

from __future__ import annotations

from dataclasses import dataclass

Places = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One generation of article pages: its name, how to know it, where its facts are."""

    name: str
    seen: str
    markers: Places
    title: Places
    dateline: Places
    section: Places
    body: Places
    lead_photo: Places = ()
    writers: Places = ()
    editors: Places = ()
    sources: Places = ()
    credits: Places = ()
    tags: Places = ()


# Newest first: the newer templates still carry classes of the older ones.
LAYOUTS = (
    Layout(
        name="read-2022",
        seen="2022-2026, by public crawlers and their tests; no raw page was ever found",
        markers=(
            "#creditModal",
            ".credit-title-name",
            ".credit-title-nameEditor",
            ".photo__wrap",
            ".cover-photo",
            "#EndOfArticle",
            "#articleContent",
        ),
        title=(".read__title",),
        dateline=(".read__time",),
        section=(".breadcrumb__wrap a", ".breadcrumb__wrap span"),
        body=(".read__content", "#articleContent"),
        lead_photo=(".photo__wrap", ".cover-photo", ".photo"),
        writers=("#penulis a", "#penulis b"),
        editors=("#editor a", "#editor b"),
        sources=(".read__credit__item",),
        tags=(".tag__article__wrap a", ".read__tagging a"),
    ),
    Layout(
        name="mobile-2023",
        seen="2023-08, the same address asked for by a telephone",
        markers=(".content_article", ".mob-tagging__items", ".imgHL"),
        title=(".read__title",),
        dateline=(".read__date", ".read__time"),
        section=(".breadcrumb__wrap a",),
        body=(".read__content", ".content_article"),
        lead_photo=(".imgHL", ".photo"),
        writers=("#penulis a", "#penulis b"),
        editors=("#editor a", "#editor b"),
        sources=(".read__credit__logo a", ".read__credit__item"),
        tags=(".mob-tagging__items a", ".tag__article__wrap a"),
    ),
    Layout(
        name="read-2017",
        seen="2017-09 to about 2023: 147 international pages of 2020, 2,000 others of 2021",
        markers=(".read__content",),
        title=(".read__title",),
        dateline=(".read__time",),
        section=(".breadcrumb__wrap a", ".breadcrumb__wrap span"),
        body=(".read__content",),
        lead_photo=(".photo",),
        writers=("#penulis a", "#penulis b"),
        editors=("#editor a", "#editor b"),
        sources=(".read__credit__item",),
        tags=(".tag__article__wrap a", ".read__tagging a"),
    ),
    Layout(
        name="kcm-2015",
        seen="2015-2016: five pages, one of them international",
        markers=(".kcm-read-text", ".kcm-read-top"),
        title=(".kcm-read-top h2", ".kcm-read-top h1"),
        dateline=(".kcm-date", ".kcm-read-top .grey"),
        section=(".kcm-breadcrumb a",),
        body=(".kcm-read-text", ".kcm-read-content-text"),
        lead_photo=(".kcm-read-top .photo", ".photo"),
        credits=(".kcm-read-copy tr",),
    ),
)

# A page of none of these that still carries Kompas's metadata: what can be known is kept.
UNKNOWN = Layout(
    name="unknown",
    seen="never; what is found here is a reason to look",
    markers=(),
    title=(".read__title",),
    dateline=(".read__time", ".read__date", ".kcm-date"),
    section=(".breadcrumb__wrap a",),
    body=("#articleContent", ".content_article"),
    lead_photo=(".photo__wrap", ".photo"),
    writers=("#penulis a", "#penulis b"),
    editors=("#editor a", "#editor b"),
    sources=(".read__credit__item",),
    tags=(".tag__article__wrap a", ".read__tagging a", ".mob-tagging__items a"),
)

# The names of 2022-2026 and their offices, which stand in the credit box or beside the names.
BOX_NAMES = "#creditModal .credit-author-name"
BOX_OFFICE = ".credit-author-position"  # below the box of a name
BYLINE_NAMES = (".credit-title-nameEditor", ".credit-title-name h6")  # since 2024; 2022-23
BYLINE_OFFICES = (".credit-title p", ".credit-title-name p")

# Which page of an article is shown: 2017-2023; 2022-2026.
ACTIVE_PAGE = (".paging--article .paging__link--active", ".paging__wrap .paging__link--active")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingLayout:
    """One generation of listing pages: the box of an item, and of the way to the next page."""

    name: str
    seen: str
    item: str
    link: str
    title: str
    printed_date: str
    label: str
    next_link: str
    outside: Places = ()
    headline: str | None = None  # belongs to the list's first page, and repeats on the others


# Only what stands in an item box is offered by the list; side boxes repeat on every page.
LISTINGS = (
    ListingLayout(
        name="list-2024",
        seen="section front and index 2024-2026, by public crawlers; data of 2025-05 and 2025-08",
        item="articleItem",
        link="a",
        title=".articleTitle",
        printed_date=".articlePost-date",
        label=".articlePost-subtitle",
        next_link="a.paging__link--next",
        outside=("sideArticleList", "mostList", "articleRelated"),
        headline="articleHL-item",
    ),
    ListingLayout(
        name="list-2017",
        seen="index 2017-2023; the latest-news list of 147 article pages and of the home of 2017",
        item="article__list",
        link="a.article__link",
        title="a.article__link",
        printed_date=".article__date",
        label=".article__subtitle",
        next_link="a.paging__link--next",
        outside=("most__list", "related__inline", "sideArticleList"),
    ),
    ListingLayout(
        name="list-2016",
        seen="index of 2016-02-23",
        item="tleft",
        link="h3 a",
        title="h3 a",
        printed_date=".grey",
        label=".no-such-label",
        next_link="ul.paginasi",
    ),
)


#: The classes of boxes beside an article or a list, whose links and photos are others'.
SIDE_BOXES = frozenset(name for layout in LISTINGS for name in layout.outside)


def _marks(layout: Layout) -> set[str]:
    places = (getattr(layout, name) for name in Layout.__dataclass_fields__)
    return {place.split()[0] for group in places if isinstance(group, tuple) for place in group}


#: The classes by which something is looked for on a page.
LANDMARKS = frozenset(
    mark.removeprefix(".")
    for mark in (
        *(mark for layout in (*LAYOUTS, UNKNOWN) for mark in _marks(layout)),
        *(place.split()[0] for place in (*BYLINE_NAMES, *BYLINE_OFFICES, *ACTIVE_PAGE)),
        *(name for each in LISTINGS for name in (each.item, each.headline) if name),
    )
    if not mark.startswith("#")
)
