"""The layout tables: where each generation of Kompas's templates keeps its facts.

When Kompas changes its pages, a person adds a row here and a saved page under `tests/pages`.
Templates follow the day of the download, not the age of the article, so a layout is chosen by
what the page shows.

A place is a short path: a class (`.read__time`) or an id (`#penulis`) of any element, then, after
a space, CSS that is searched below it (`.kcm-read-top h2`). The first place that is on the page
wins, whatever its position in the tuple.
"""

from __future__ import annotations

from dataclasses import dataclass

Places = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One generation of article pages: its name, how it is recognised, where its facts are.

    Names of people stand in one of three forms, each with its own fields:

    - `writers`, `editors`, `sources`: the names alone; the place shows their office.
    - `credits`: boxes that begin with the office, "Penulis: NAME" or "Sumber A, B".
    - `byline` with `byline_office`: names in a row, and one office for all of them ("Penulis"), or
      "Tim Redaksi", which the credit box explains: in `credit_box` every name (`credit_name`) is
      followed by its office (`credit_office`).
    """

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
    byline: Places = ()
    byline_office: Places = ()
    credit_box: Places = ()
    credit_name: Places = ()
    credit_office: Places = ()
    tags: Places = ()
    active_page: Places = ()


# Each layout is known by what only it has. `#EndOfArticle` and `.read__content` are on desktop and
# mobile pages alike, `.photo__caption` on desktop and AMP pages. A page that has `#contentArticle`
# is mobile whatever else it has, so the rows of telephones come first.
LAYOUTS = (
    Layout(
        name="mobile-2021",
        seen="8 pages served to telephones, 2021-08 to 2022-10",
        markers=("#contentArticle", ".breadcum-new"),
        title=(".read__title", ".headline a[data-ajax]"),  # tekno, 2021-08, has no class
        dateline=(".read__date", ".headline h6"),
        section=(".breadcum-new a",),
        body=(".read__content", "#contentArticle"),
        lead_photo=(".imgHL .photo", ".imgHL"),
        credits=(".read__credit h6",),
        tags=(".mob-tagging__items a",),
        active_page=(".kcm-read-paging a.active",),
    ),
    Layout(
        name="mobile-2023",
        seen="2023-08, by one public crawler; no raw page was found",
        markers=(".content_article", ".mob-tagging__items", ".imgHL"),
        title=(".read__title",),
        dateline=(".read__date", ".read__time"),
        section=(".breadcrumb__wrap a",),
        body=(".read__content", ".content_article"),
        lead_photo=(".imgHL", ".photo"),
        writers=("#penulis a", "#penulis b"),
        editors=("#editor a", "#editor b"),
        sources=(".read__credit__logo a",),
        credits=(".read__credit h6", ".read__credit__item"),
        tags=(".mob-tagging__items a", ".tag__article__wrap a"),
    ),
    Layout(
        name="amp-2022",
        seen="one AMP page of 2022-01",
        markers=(".crumb__item", ".pCarousel"),
        title=(".read__title",),
        dateline=(".read__date",),
        section=(".crumb a",),
        body=(".read__content",),
        lead_photo=(".photo",),
        credits=(".credit__item",),
        tags=(".tagging a",),
        active_page=(".paging a.active",),
    ),
    Layout(
        name="read-2022",
        seen="desktop, 122 pages at hand of 2022-07 to 2024-04, and 11,000 more that were counted",
        markers=(
            ".cover-photo",
            ".photo__wrap",
            ".credit-title",
            "#creditModal",
            "#articleContent",
        ),
        title=(".read__title",),
        dateline=(".read__time",),
        section=(".breadcrumb__wrap a",),
        body=(".read__content", "#articleContent"),
        lead_photo=(".cover-photo", ".photo__wrap"),
        writers=(".opinion__header .opinion__author",),  # opinion, 2020-11 to 2024-04
        credits=(".read__credit__item",),  # people to 2023-04, sources to 2024-04
        byline=(".credit-title-name h6", ".credit-title-nameEditor"),  # 2023-11; 2024 reported
        byline_office=(".credit-title p",),
        credit_box=("#creditModal",),
        credit_name=(".credit-author-name",),
        credit_office=(".credit-author-position",),
        # The last by seven public crawlers of 2025-26.
        tags=(".tag__article__wrap a", ".read__tagging a", ".tagsCloud-tag a"),
        active_page=(".paging--article .paging__link--active",),
    ),
    Layout(
        name="read-2017",
        seen="desktop, 2017-09 to 2022-01: 167 pages of 2020 at hand, 2,000 others of 2021",
        markers=(".read__content",),
        title=(".read__title",),
        dateline=(".read__time",),
        section=(".breadcrumb__wrap a",),
        body=(".read__content",),
        lead_photo=(".photo",),
        writers=(".opinion__header .opinion__author",),
        credits=(".read__credit__item",),
        tags=(".tag__article__wrap a", ".read__tagging a"),
        active_page=(".paging--article .paging__link--active",),
    ),
    Layout(
        name="kcm-2015",
        seen="2015-2016: five pages, one of them international",
        markers=(".kcm-read-text", ".kcm-read-top"),
        title=(".kcm-read-top h2", ".kcm-read-top h1"),
        dateline=(".kcm-date", ".kcm-read-top .grey"),
        section=(".kcm-breadcrumb a",),
        body=(".kcm-read-text",),
        lead_photo=(".kcm-read-top .photo", ".photo"),
        credits=(".kcm-read-copy tr",),
    ),
    Layout(
        name="kcm-2014",
        seen="2014-11 to 2015-06: one page of bola",
        markers=(".kcmread1114", ".kcm-read-content-top"),
        title=(".kcm-read-content-top h2",),
        dateline=(".kcm-read-content-top .grey",),
        section=(".breadcrump a",),
        body=(".kcmread1114", ".kcm-read-content-text .nml", ".kcm-read-content-text"),
        lead_photo=(".photo",),
        credits=(".kcm-read-copy tr",),
    ),
    Layout(
        name="baca-2014",
        seen="otomotif of 2014-2016, by six public crawlers; no raw page was found",
        markers=(".baca-content", ".div-read"),
        title=(".baca-content h1",),
        dateline=(".kcm-date", ".baca-content .grey"),
        section=(".kcm-breadcrumb a",),
        body=(".div-read",),
        lead_photo=(".photo",),
        credits=(".penulis-editor tr",),
    ),
    Layout(
        name="kompas-2011",
        seen="2011 to 2015, by six public crawlers; no raw page was found",
        markers=(".judul_artikel2011", ".isi_berita2011", ".isi_berita"),
        title=(".judul_artikel2011",),
        dateline=(".c_abu03_kompas2011",),
        section=(".menu_kompas a.selected",),
        body=(".isi_berita2011", ".isi_berita"),
        lead_photo=("#foto1", ".photo"),
    ),
)

# For a page of none of these that still has Kompas's metadata: what can be read is kept.
UNKNOWN = Layout(
    name="unknown",
    seen="never; what is found here is a reason to look",
    markers=(),
    title=(".read__title",),
    dateline=(".read__time", ".read__date", ".kcm-date"),
    section=(".breadcrumb__wrap a",),
    body=("#articleContent", ".content_article"),
    lead_photo=(".cover-photo", ".photo__wrap", ".photo"),
    credits=(".read__credit__item",),
    byline=(".credit-title-name h6",),
    byline_office=(".credit-title p",),
    credit_box=("#creditModal",),
    credit_name=(".credit-author-name",),
    credit_office=(".credit-author-position",),
    tags=(
        *(".tag__article__wrap a", ".read__tagging a", ".mob-tagging__items a"),
        ".tagsCloud-tag a",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingLayout:
    """One generation of listing pages: the box of an item, and the link to the next page."""

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


# Only what is in an item box is listed; side boxes repeat on every page.
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


#: Classes of side boxes: their links and photos belong to other articles.
SIDE_BOXES = frozenset(name for layout in LISTINGS for name in layout.outside)


def _marks(layout: Layout) -> set[str]:
    places = (getattr(layout, name) for name in Layout.__dataclass_fields__)
    return {place.split()[0] for group in places if isinstance(group, tuple) for place in group}


#: The classes and ids that the tables above name.
LANDMARKS = frozenset(
    (
        *(mark for layout in (*LAYOUTS, UNKNOWN) for mark in _marks(layout)),
        *(f".{name}" for each in LISTINGS for name in (each.item, each.headline) if name),
        *(f".{name}" for name in SIDE_BOXES),
    )
)
