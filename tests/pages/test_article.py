"""What the reader makes of one changed thing on a page of the current template.

The page is `pages/articles/read-2022-as-served-in-2024.html`; each test changes one thing of it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from kompas_crawler import errors, pages
from kompas_crawler.items import Article, Embed
from kompas_crawler.pages import boilerplate, read_article
from kompas_crawler.processors import people

WIB = timezone(timedelta(hours=7))
ID = "2024/03/05/103017121"
URL = f"https://www.kompas.com/properti/read/{ID}/jembatan-gantung-desa-awan-dibuka"
PAGE = Path(__file__).parents[1] / "pages" / "articles" / "read-2022-as-served-in-2024.html"
SAVED = PAGE.read_text(encoding="utf-8")
CLOCK = datetime(2024, 3, 5, 10, 30, 17, tzinfo=WIB)
BODY = re.compile(
    r'(<div class="read__content"><div class="clearfix">).*(<div style="height:1px")', re.DOTALL
)
CREDIT = re.compile(
    r'<div class="credit" onclick.*?(?=<div class="col-bs10-10"><div class="reaction)', re.DOTALL
)
COVER = re.compile(r'<div class="cover-photo.*?(?=<div class="photoCarousel">)', re.DOTALL)


def changed(*changes: tuple[str, str]) -> str:
    page = SAVED
    for old, new in changes:
        assert old in page, f"nothing on the page is {old}"
        page = page.replace(old, new)
    return page


def with_body(body: str) -> str:
    page, count = BODY.subn(lambda match: match[1] + body + match[2], SAVED)
    assert count == 1
    return page


def with_credit(credit: str, *, author: str = "", editor: str = "") -> str:
    page = CREDIT.sub(f"{credit}</div>", changed())
    page = re.sub('(name="content_author" content=)"[^"]*"', rf'\1"{author}"', page)
    return re.sub('(name="content_editor" content=)"[^"]*"', rf'\1"{editor}"', page)


def blocks(html: str) -> list[str]:
    return read_article(html, URL).text.split("\n\n")


def read_body(body: str) -> Article:
    return read_article(with_body(f"<p>Kapal tiba.</p>{body}<p>Warga lega.</p>"), URL)


# Dates.

METADATA = '<meta name="content_PublishedDate" content="2024-03-05 10:30:17" />'
PUBLISHED = '<meta property="article:published_time" content="2024-03-05T03:30:17+00:00" />'
JSON_LD = (
    '"datePublished": "2024-03-05T03:30:17+00:00", "dateModified": "2024-03-05T03:30:17+00:00"'
)
LINE = "05/03/2024, 10:30 WIB"


def later(days: int = 40) -> list[tuple[str, str]]:
    """Every source but the address holds the update."""
    moment = CLOCK + timedelta(days=days)
    utc = moment.astimezone(UTC)
    return [
        (METADATA, METADATA.replace("2024-03-05 10:30:17", f"{moment:%Y-%m-%d %H:%M:%S}")),
        (PUBLISHED, PUBLISHED.replace("2024-03-05T03:30:17", f"{utc:%Y-%m-%dT%H:%M:%S}")),
        (JSON_LD, JSON_LD.replace("2024-03-05T03:30:17", f"{utc:%Y-%m-%dT%H:%M:%S}")),
        (LINE, f"Diperbarui {moment:%d/%m/%Y, %H:%M} WIB"),
    ]


UPDATE = CLOCK + timedelta(days=40)
WITHOUT_METADATA = [(METADATA, ""), (PUBLISHED, ""), (JSON_LD, '"x": 1')]
DATES = {
    "all agree": ([], "meta", None, False),
    "all but the address are the update": (later(), "url", UPDATE, False),
    "the line alone is later": (
        [(LINE, "06/03/2024, 09:00 WIB")],
        "meta",
        "2024-03-06T09:00:00+07:00",
        False,
    ),
    "a modified time alone is later": (
        [(JSON_LD, JSON_LD.replace('Modified": "2024-03-05T03', 'Modified": "2024-03-05T09'))],
        "meta",
        "2024-03-05T16:30:17+07:00",
        False,
    ),
    "two updates that differ": (
        [*later()[:3], (LINE, "Diperbarui 01/05/2024, 08:00 WIB")],
        "url",
        "2024-05-01T08:00:00+07:00",
        True,
    ),
    "the line is earlier": ([(LINE, "05/03/2024, 09:00 WIB")], "meta", None, True),
    "the metadata is earlier": (
        [(METADATA, METADATA.replace("10:30:17", "08:00:00"))],
        "url",
        None,
        True,
    ),
    "the address alone": ([*WITHOUT_METADATA, (LINE, "")], "url", None, False),
    "address and line": (WITHOUT_METADATA, "url", None, False),
    "an update in the minute of publication": (
        [(LINE, f"Diperbarui {LINE}")],
        "meta",
        CLOCK,
        False,
    ),
}


@pytest.mark.parametrize("what", DATES)
def test_the_address_is_the_publication_and_what_is_later_the_update(what: str) -> None:
    changes, source, updated, conflict = DATES[what]

    read = read_article(changed(*changes), URL)

    assert read.published_at == CLOCK
    assert read.published_from == source
    if isinstance(updated, str):
        updated = datetime.fromisoformat(updated)
    assert read.updated_at == updated
    assert ("date-conflict" in read.warnings) is conflict


@pytest.mark.parametrize(
    ("number", "source", "published"),
    [
        ("12345", "meta", CLOCK),  # no clock before about 2012
        ("99887721", "meta", CLOCK),  # no time of day
        ("1030171", "meta", CLOCK),  # seven digits, 2012-14
    ],
)
def test_an_address_without_a_clock_leaves_the_date_to_the_metadata(
    number: str, source: str, published: datetime
) -> None:
    page = SAVED.replace("103017121", number)

    read = read_article(page, URL.replace("103017121", number))

    assert (read.published_at, read.published_from) == (published, source)
    assert read.warnings == ()


def test_the_news_article_of_another_article_is_never_used() -> None:
    other = SAVED.replace("103017121", "070000121").split("<script type=")[1].split("</script>")[0]
    told = f"<script type={other}</script>".replace("2024-03-05T03:30:17", "2025-01-01T00:00:00")
    told = told.replace("Jembatan itu", "Lain: jembatan itu")

    for page in (
        SAVED.replace("<script type=", told + "<script type=", 1),
        re.sub(r'<script type="application/ld.*?</script>', lambda _: told, SAVED, flags=re.DOTALL),
    ):
        read = read_article(page, URL)
        assert (read.published_at, read.updated_at, read.warnings) == (CLOCK, None, ())


@pytest.mark.parametrize("around", ["//<![CDATA[\n{}\n//]]>", "<!--\n{}\n-->", "{};"])
def test_json_ld_is_read_in_whatever_a_template_wraps_it(around: str) -> None:
    page = re.sub(
        r'(?<=<script type="application/ld\+json">)(.*?)(?=</script>)',
        lambda match: around.format(match[1].replace(":17+00:00", ":45+00:00")),
        changed((METADATA, ""), (PUBLISHED, "")),
        flags=re.DOTALL,
    )

    assert read_article(page, URL).updated_at == CLOCK.replace(second=45)


WITHOUT_CLOCK = SAVED.replace("103017121", "12345")
NEWS_ALONE = [(METADATA, ""), (PUBLISHED, ""), (LINE, "")]
LD_TYPE, NEWS_TYPE = 'type="application/ld+json"', '"@type": "NewsArticle"'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (LD_TYPE, 'type=" Application/LD+JSON; charset=utf-8"'),
        (NEWS_TYPE, '"@type": "OpinionNewsArticle"'),
        (NEWS_TYPE, '"@type": ["Thing", "http://schema.org/ReportageNewsArticle"]'),
        ("03:30:17+00:00", "03:30:17.250Z"),
        ("03:30:17+00:00", "10:30:17+0700"),
    ],
)
def test_json_ld_is_known_by_its_type_however_it_is_written(old: str, new: str) -> None:
    page = WITHOUT_CLOCK
    for change in (*NEWS_ALONE, (old, new)):
        assert change[0] in page
        page = page.replace(*change)

    read = read_article(page, URL.replace("103017121", "12345"))

    assert (read.published_at, read.published_from) == (CLOCK, "json-ld")


def test_a_date_in_a_property_of_the_metadata_is_of_the_metadata() -> None:
    page = WITHOUT_CLOCK
    for old, new in ((METADATA, ""), (JSON_LD, '"x": 1'), (LINE, "")):
        page = page.replace(old, new)

    read = read_article(page, URL.replace("103017121", "12345"))

    assert (read.published_at, read.published_from) == (CLOCK, "meta")


def test_a_publication_date_in_the_metadata_may_have_an_offset() -> None:
    page = WITHOUT_CLOCK.replace("2024-03-05 10:30:17", "2024-03-05T10:30:17+07:00")

    read = read_article(page, URL.replace("103017121", "12345"))

    assert (read.published_at, read.published_from, read.warnings) == (CLOCK, "meta", ())


def test_entities_in_json_ld_are_decoded() -> None:
    page = re.sub(r'<h1 class="read__title".*?</h1>', "", SAVED, flags=re.DOTALL)
    page = re.sub('"headline": ".*?"', '"headline": "Kapal &quot;A &amp; B&quot; Tiba"', page)

    assert read_article(page, URL).title == 'Kapal "A & B" Tiba'


def test_a_meta_without_content_gives_way_to_a_later_one() -> None:
    empty = METADATA.replace("2024-03-05 10:30:17", "")

    assert read_article(changed(("<head>", f"<head>{empty}")), URL).published_from == "meta"


def test_a_page_from_the_wayback_machine_has_its_own_addresses() -> None:
    kept = re.sub(
        r'(?<=[a-z]=")(https?://)',
        r"https://web.archive.org/web/20240405060708im_/\1",
        SAVED,
    )
    shorter = kept.replace('src="https://web.archive.org', 'src="')

    assert kept.count("web.archive.org") > 9
    for page in (kept, shorter):
        assert replace(read_article(page, URL), url=URL) == read_article(SAVED, URL)


def test_an_article_that_links_to_the_wayback_machine_keeps_the_link() -> None:
    kept = "https://web.archive.org/web/2021/https://kapal.example/"

    read = read_body(f'<p><a href="{kept}">{kept}</a></p>')

    assert kept in read.text


@pytest.mark.parametrize("address", ['canonical" href="', 'og:url" content="'])
def test_a_page_that_states_the_address_of_another_article_is_doubtful(address: str) -> None:
    page = changed((f"{address}{URL}", f"{address}{URL.replace('103017121', '070000121')}"))

    read = read_article(page, URL)

    assert (read.id, read.url, read.warnings) == (ID, URL, ("address-conflict",))


# People.

MODAL_NAME = '<h6 class="credit-author-name">{}</h6><h6 class="credit-author-position">{}<h6>'


def byline(*names: str, office: str) -> str:
    printed = "".join(f"<h6>{name}{',' if name != names[-1] else ''}</h6>" for name in names)
    return (
        '<div class="credit"><div class="credit-title"><div class="credit-title-name">'
        f"{printed}</div><p>{office}</p></div></div>"
    )


def labelled(*boxes: str) -> str:
    items = " | ".join(f'<div class="read__credit__item">{box}</div>' for box in boxes)
    return f'<div class="read__credit">{items}</div>'


BYLINES = {
    "one person without an editor": (byline("Ani", office="Penulis"), "", "", ["Ani"], []),
    "one editor": (byline("Ani", office="Editor"), "", "", [], ["Ani"]),
    "three by position": (
        byline("Ani", "Budi", "Cici", office="Tim Redaksi"),
        "",
        "",
        ["Ani", "Budi"],
        ["Cici"],
    ),
    "two by the metadata, in another order": (
        byline("Cici", "Ani", office="Tim Redaksi"),
        "Ani",
        "Cici",
        ["Ani"],
        ["Cici"],
    ),
    "two of whom the metadata knows the writer alone": (
        byline("Ani", "Cici", office="Tim Redaksi"),
        "Ani",
        "",
        ["Ani"],
        ["Cici"],
    ),
    "a writer beside a button": (
        (
            '<div class="read__credit"><div class="read__credit__item"><span>Penulis</span> '
            '<a href="#">Ani</a> <button>Ikuti</button></div></div>'
        ),
        "",
        "Cici",
        ["Ani"],
        ["Cici"],
    ),
    "one whom no office and no metadata knows": (byline("Ani", office=""), "", "", [], []),
    "two labelled boxes": (
        (
            '<div class="read__credit"><div class="read__credit__item" id="penulis"><span>Penulis</span> '
            '<a href="#">Ani</a> dan Budi</div> | <div class="read__credit__item" id="editor">'
            '<span>Editor</span> <a href="#">Cici</a></div></div>'
        ),
        "",
        "",
        ["Ani", "Budi"],
        ["Cici"],
    ),
    "names that comments and tags divide": (
        labelled("<span>Penulis</span> An<!-- x -->i <i>Rahman</i>, Budi", "Editor: Ci<i></i>ci"),
        "",
        "",
        ["Ani Rahman", "Budi"],
        ["Cici"],
    ),
    "a label that touches the name": (
        labelled("<span>Penulis</span>Ani", "<span>Pe</span>nyunting: <a>Cici</a>"),
        "",
        "",
        ["Ani"],
        ["Cici"],
    ),
    "names that a break divides, and one behind a link": (
        labelled("<div>Penulis <a>Ani</a>, Budi<br>Dedi</div>", "Editor <b><a>Cici</a></b>"),
        "",
        "",
        ["Ani", "Budi", "Dedi"],
        ["Cici"],
    ),
    "two labels in one box": (
        labelled("Penulis: <a>Ani</a> | Editor: <a>Cici</a>"),
        "",
        "",
        ["Ani"],
        ["Cici"],
    ),
    "two labels in one line": (
        labelled("Penulis: Ani, Budi, Editor: Cici"),
        "",
        "",
        ["Ani", "Budi"],
        ["Cici"],
    ),
    "offices of the credit box in tags of their own": (
        "".join(
            f'<div id="creditModal"><h6 class="credit-author-name">{name}</h6>'
            f'<h6 class="credit-author-position">\n<b>{office}</b></h6></div>'
            for name, office in (("Ani", "Penulis"), ("Cici", "Editor"))
        ),
        "",
        "",
        ["Ani"],
        ["Cici"],
    ),
    "a placeholder": (byline("Kompas Cyber Media", office="Penulis"), "", "Cici", [], ["Cici"]),
}


@pytest.mark.parametrize("what", BYLINES)
def test_people_have_the_office_that_the_page_gives_them(what: str) -> None:
    credit, author, editor, writers, editors = BYLINES[what]

    read = read_article(with_credit(credit, author=author, editor=editor), URL)

    assert (list(read.authors), list(read.editors)) == (writers, editors)


def test_everybody_in_the_credit_box_has_an_office() -> None:
    third = MODAL_NAME.format("Budi Misal", "Penulis")
    page = changed(
        (
            '<div id="creditModal" class="creditModal">',
            f'<div id="creditModal" class="creditModal">{third}',
        )
    )

    read = read_article(page, URL)

    assert (read.authors, read.editors) == (("Budi Misal", "Ani Rahman"), ("Cici Dedi",))


@pytest.mark.parametrize(
    ("line", "sources", "rule"),
    [
        ("", ("AFP", "TASS"), "meta"),
        ("<p>Artikel ini telah tayang di Kabar Laut.</p>", ("AFP", "TASS", "Kabar Laut"), "meta"),
        ("<p>Sumber: VOA</p>", ("VOA",), "printed"),
    ],
)
def test_sources_say_whether_they_are_the_metadata(
    line: str, sources: tuple[str, ...], rule: str
) -> None:
    body = f"<p>Kapal tiba.</p>{line}<p>Warga lega.</p>"
    page = re.sub(r'<div class="read__credit bottom">.*?</div></div>', "", with_body(body))
    page = re.sub('(name="content_source" content=)"[^"]*"', r'\1"AFP,TASS"', page)

    reading = pages.read(page, URL)

    assert (reading.article.sources, reading.rules["sources"]) == (sources, rule)


def test_placeholders_are_nobody() -> None:
    assert people(["Kompas Cyber Media", "Advertorial", "-", "KOMPAS.com", "Unknown"]) == ()


# Photos.


def cover(caption: str) -> str:
    return COVER.sub(
        '<div class="cover-photo"><div class="photo__wrap"><img src="https://asset.kompas.com/a.jpg">'
        f'<div class="photo__icon">Lihat Foto</div></div><div class="photo__caption">{caption}</div></div>',
        SAVED,
    )


@pytest.mark.parametrize(
    ("caption", "words", "credit"),
    [
        ('Kapal<span class="photo__author author">(AFP)</span>', "Kapal", "AFP"),
        ('Kapal<span class="photo__author author">()</span>', "Kapal", None),
        ('Kapal<span class="photo__author author">(-)</span>', "Kapal", None),
        ('Kapal<span class="photo__author author">((AFP))</span>', "Kapal", "(AFP)"),
        ('Kapal (besar)<span class="photo__author author">( AFP )</span>', "Kapal (besar)", "AFP"),
        ("Kapal <span>besar</span> tiba <span>(AFP)</span>", "Kapal besar tiba", "AFP"),
        ('<span class="photo__author author">(AFP)</span>', None, "AFP"),
        ("Kapal<br>besar", "Kapal besar", None),
        ("", None, None),
    ],
)
def test_a_photo_has_the_caption_and_the_credit_beside_it(
    caption: str, words: str | None, credit: str | None
) -> None:
    lead = read_article(cover(caption), URL).images[0]

    assert (lead.url, lead.caption, lead.credit) == (
        "https://asset.kompas.com/a.jpg",
        words,
        credit,
    )


@pytest.mark.parametrize(
    "figure",
    [
        "<p>{}</p><figcaption>Kapal <span>(AFP)</span></figcaption>",
        "{}<figcaption><p>Kapal <span>(AFP)</span></p></figcaption>",
    ],
)
def test_a_figure_keeps_its_caption_whatever_is_a_paragraph_in_it(figure: str) -> None:
    picture = '<img src="https://asset.kompas.com/kapal.jpg">'

    read = read_body(f"<figure>{figure.format(picture)}</figure>")

    assert read.text == "Kapal tiba.\n\nWarga lega."
    assert (read.images[-1].caption, read.images[-1].credit) == ("Kapal", "AFP")


def test_a_page_without_a_lead_photo_takes_none_of_another_article() -> None:
    bare = COVER.sub("", SAVED)

    urls = [image.url for image in read_article(bare, URL).images]

    assert urls == ["https://asset.kompas.com/crops/papan.jpg"]


# Sections.


@pytest.mark.parametrize(
    ("levels", "section"),
    [
        (
            [("News", "https://news.kompas.com/"), ("Properti", "https://www.kompas.com/properti")],
            "Properti",
        ),
        (
            [
                ("Properti", "https://www.kompas.com/properti/"),
                ("Hunian", "https://www.kompas.com/properti/hunian"),
            ],
            "Properti",
        ),
        ([("Properti", "/properti"), ("Hunian", "/properti/hunian")], "Properti"),
        ([("Properti", "https://properti.kompas.com")], "Properti"),
        ([("Rumah", "https://www.kompas.com/rumah")], "Kategori"),
        ([], "Kategori"),
    ],
)
def test_the_section_is_the_level_that_leads_to_the_front(
    levels: list[tuple[str, str]], section: str
) -> None:
    items = "".join(f'<li><a href="{href}"><span>{name}</span></a></li>' for name, href in levels)
    page = re.sub(
        r'<ul class="breadcrumb__wrap">.*?</ul>',
        f'<ul class="breadcrumb__wrap">{items}</ul>',
        SAVED,
    )
    page = page.replace(
        'content_category" content="Properti"', 'content_category" content="Kategori"'
    )

    assert read_article(page, URL).section == section


def test_tags_are_read_in_the_box_of_2025_where_there_is_no_other() -> None:
    tag = '<li><a href="https://www.kompas.com/tag/x">{}</a></li>'
    cloud = (
        f'<div class="tagsCloud-tag"><ul>{tag.format("jembatan ")}{tag.format("Awan")}</ul></div>'
    )
    box = re.search(r'<div class="read__tagging.*?</div>\n', SAVED, re.DOTALL)
    assert box is not None

    assert read_article(changed((box[0], f"{cloud}\n")), URL).tags == ("jembatan", "Awan")
    assert read_article(changed(("</body>", f"{cloud}</body>")), URL).tags == (
        "jembatan",
        "Desa Awan",
    )


# Pages of an article.

TOTAL = (
    '<meta name="content_total_pages" content="1" />',
    '<meta name="content_total_pages" content="3" />',
)
CURRENT = '<meta name="content_current_page" content="1" />'
SEVERAL_URL = "https://www.kompas.com/global/read/2021/03/09/203011970/kapal-layar-kayu-mengelilingi-samudra-tanpa-mesin"
PAGING = f'<div class="read__paging"><div class="paging paging--article"><a class="paging__link paging__link--active" href="{URL}?page=2">2</a><a class="paging__link" href="{URL}?page=3">3</a></div></div>'
WORDS = ('<meta name="content_total_words" content="60" />', "")


def test_pages_that_only_the_metadata_of_an_advertorial_announces_are_none() -> None:
    enough = (WORDS[0], WORDS[0].replace("60", "25"))

    read = read_article(changed(TOTAL, enough), URL)

    assert (read.page_count, read.warnings) == (1, ())


def test_pages_that_the_metadata_announces_and_the_words_lack_are_missing() -> None:
    many = (WORDS[0], WORDS[0].replace("60", "600"))

    read = read_article(changed(TOTAL, many), URL)

    assert (read.page_count, read.warnings) == (3, ("truncated",))


def test_all_pages_at_once_with_far_fewer_words_than_counted_are_not_all() -> None:
    paging = ("</body>", PAGING + "</body>")
    few = (WORDS[0], WORDS[0].replace("60", "40"))
    many = (WORDS[0], WORDS[0].replace("60", "60"))
    mark = (
        'og:title" content="Jembatan Gantung Desa Awan Dibuka',
        'og:title" content="Jembatan Gantung Desa Awan Dibuka Halaman all',
    )
    none_current = (CURRENT, "")

    whole = read_article(changed(paging, few, mark, none_current), f"{URL}?page=all")
    part = read_article(changed(paging, many, mark, none_current), f"{URL}?page=all")

    assert (whole.page_count, whole.warnings) == (3, ())
    assert (part.page_count, part.warnings) == (3, ("truncated",))


@pytest.mark.parametrize(("total", "warnings"), [("190", ("truncated",)), ("90", ())])
def test_the_only_page_with_far_fewer_words_than_counted_is_truncated(
    total: str, warnings: tuple[str, ...]
) -> None:
    """The text has some 30 words; Kompas also counts a "Baca juga" and the promotion."""
    words = (WORDS[0], WORDS[0].replace("60", total))

    read = read_article(changed(words), URL)

    assert (read.page_count, read.warnings) == (1, warnings)


def test_all_pages_at_once_that_lack_a_third_of_the_words_are_not_all() -> None:
    mark = (
        'og:title" content="Jembatan Gantung Desa Awan Dibuka',
        'og:title" content="Jembatan Gantung Desa Awan Dibuka Halaman all',
    )
    page = changed(("</body>", PAGING + "</body>"), mark, (CURRENT, ""))
    page = page.replace("<p>Warga menyeberang", f"<p>{'Kapal tiba. ' * 200}Warga menyeberang")

    for total, warnings in (("500", ()), ("640", ("truncated",))):
        stated = page.replace(WORDS[0], WORDS[0].replace("60", total))
        assert read_article(stated, f"{URL}?page=all").warnings == warnings


def test_words_of_related_links_and_posts_are_not_missed_in_the_text() -> None:
    link = '<p>Baca juga: <a href="https://www.kompas.com/global/read/2024/01/01/070000070/x">{}</a></p>'
    post = '<blockquote class="twitter-tweet"><p>{}</p><a href="https://twitter.com/a/status/1"></a></blockquote>'
    title, words = "Judul panjang sekali " * 4, "Kapal itu sudah tiba. " * 20
    page = with_body(f"<p>{'Kapal tiba. ' * 15}</p>{link.format(title) * 5}{post.format(words)}")

    for total, warnings in (("210", ()), ("330", ("truncated",))):
        stated = page.replace(WORDS[0], WORDS[0].replace("60", total))
        assert read_article(stated, URL).warnings == warnings


def test_words_that_attribute_a_post_are_not_missed_in_the_text() -> None:
    post = (
        '<blockquote class="instagram-media"><p>Lihat postingan ini di Instagram</p></blockquote>'
    )
    page = with_body(f"<p>{'Kapal tiba. ' * 40}</p>{post * 9}")

    for total, warnings in (("250", ()), ("400", ("truncated",))):
        stated = page.replace(WORDS[0], WORDS[0].replace("60", total))
        assert read_article(stated, URL).warnings == warnings


@pytest.mark.parametrize(
    "href",
    [
        f"{URL}?page=2#page2",
        f"{URL.replace('https', 'http')}?source=x&amp;page=2",
        f"/properti/read/{ID}/lain?lgn_source=a&page=2",
        f"https://www.kompas.com/properti/read/{ID}?page=2",
        f"{URL}?amp=1&amp;page=2",
    ],
)
def test_a_link_to_another_page_says_that_there_is_one(href: str) -> None:
    link = f'<a class="paging__link" href="{href}">2</a>'

    read = read_article(changed(("</body>", f"{link}</body>"), (CURRENT, "")), URL)

    assert (read.page_count, read.warnings) == (2, ("truncated",))


def test_the_page_shown_is_the_active_one_of_the_articles_own_paging() -> None:
    page = changed(("</body>", PAGING + "</body>"), (CURRENT, ""))

    reading = pages.read(page, URL)

    assert (reading.page, reading.article.page_count) == (2, 3)


MOBILE_URL = "https://www.kompas.com/food/read/2022/02/12/200842375/resep-sup-awan"


def reading_of(name: str, url: str) -> pages.Reading:
    return pages.read((PAGE.parent / f"{name}.html").read_text(encoding="utf-8"), url)


def test_a_page_that_comes_again_at_the_address_of_another_is_joined_once() -> None:
    url = SEVERAL_URL
    first = reading_of("read-2017-page-1-of-3", url)
    second = reading_of("read-2017-page-2-of-3", f"{url}?page=2")
    text = f"{first.article.text}\n\n{second.article.text}"

    for third in (first, replace(first, page=3)):
        joined = pages.join_pages([first, second, third])
        assert (joined.text, joined.warnings) == (text, ("truncated",))


def test_the_whole_article_needs_no_page_beside_it() -> None:
    first = reading_of("read-2017-page-1-of-3", SEVERAL_URL)
    whole = reading_of("read-2017-page-all", f"{SEVERAL_URL}?page=all")

    assert pages.join_pages([first, whole]) == whole.article


def test_the_brand_in_the_dateline_is_no_headline_where_the_headline_has_moved() -> None:
    saved = PAGE.parent / "mobile-2021-editor-only.html"
    page = saved.read_text(encoding="utf-8")
    assert ">Kompas.com</a>, 12 Februari" in page

    moved = page.replace("read__title", "judul")

    assert pages.read(moved, MOBILE_URL).article.title == pages.read(page, MOBILE_URL).article.title


def test_a_hidden_headline_is_not_the_one_that_is_read() -> None:
    twin = '<h1 class="read__title" hidden>Judul Lama</h1><h1 class="read__title">'
    page = changed(('<h1 class="read__title">', twin))

    assert read_article(page, URL).title == read_article(SAVED, URL).title


def test_a_headline_that_ends_in_a_page_is_no_page_mark() -> None:
    title = ("Jembatan Gantung Desa Awan Dibuka", "Buku Itu Berakhir di Halaman 12")

    assert read_article(changed(title), URL).title == "Buku Itu Berakhir di Halaman 12"


def test_page_1_of_2_without_a_word_is_refused_and_no_window_taken_for_it() -> None:
    page = BODY.sub(r"\1\2", SAVED).replace("</body>", PAGING + "</body>")

    with pytest.raises(errors.IncompleteArticle) as refused:
        read_article(page, URL)

    assert refused.value.missing == ("text",)


# Gates.


@pytest.mark.parametrize("name", ["-restricted", "-locked"])
def test_a_locked_page_with_its_first_paragraphs_alone_is_truncated(name: str) -> None:
    locked = ('<body class="theme--properti page--read">', f'<body class="page--read {name}">')
    many = (WORDS[0], WORDS[0].replace("60", "600"))

    assert read_article(changed(locked, many), URL).warnings == ("truncated",)
    assert (
        read_article(changed(locked, (WORDS[0], WORDS[0].replace("60", "25"))), URL).warnings == ()
    )


@pytest.mark.parametrize(("words", "warnings"), [("600", ("truncated",)), ("25", ())])
def test_a_page_for_subscribers_is_truncated_where_words_are_missing(
    words: str, warnings: tuple[str, ...]
) -> None:
    sold = ('name="subscription" content="False"', 'name="subscription" content="True"')
    many = (WORDS[0], WORDS[0].replace("60", words))

    assert read_article(changed(sold, many), URL).warnings == warnings


# The body.

NOISE = [
    *("ads-on-body", "ads__banner", "banner-300", "kid-wrap", "nwsLetter-article", "bapps-middle"),
    *("banner-show banner-middle", "rVideo-middle", "lihatJuga row-10", "subscribe__widget"),
    *(
        "kcm-track",
        "photoCarousel",
        "pCarousel",
        "kompasidRec",
        "articleRelated",
        "related__inline",
    ),
    *(
        "aTerkait",
        "wLink",
        "wSpec -aiml",
        "info-banner",
        "video-box-wrap",
        "read__paging__footnote",
    ),
    *(
        "reaction -top",
        "reactionList",
        "gate-kgplus",
        "creditModal-body",
        "komentar-bar",
        "next-topic",
    ),
    *("social--inline", "modal__box", "paging paging--article", "kcm-read-paging", "wKolom read"),
    *("kgnw-middle", "kgnowGate", "tagsCloud", "native-wrap"),
]


@pytest.mark.parametrize("names", NOISE)
def test_a_box_of_furniture_is_not_read(names: str) -> None:
    box = f'<div class="{names}"><p>4+</p><h3>Judul kotak</h3><img src="https://x.example/a.jpg"></div>'

    read = read_body(box)

    assert read.text == "Kapal tiba.\n\nWarga lega."
    assert [image.url for image in read.images if "x.example" in image.url] == []


@pytest.mark.parametrize(
    "name", ["social-distancing", "modal-usaha", "paging-dunia", "reaction", "modal", "adsorpsi"]
)
@pytest.mark.parametrize("tag", ["h2", "p", "h3"])
@pytest.mark.parametrize("attribute", ["id", "class"])
def test_prose_is_read_whatever_its_name_begins_with(name: str, tag: str, attribute: str) -> None:
    read = read_body(f'<{tag} {attribute}="{name}">Modal usaha dibagikan</{tag}>')

    assert read.text == "Kapal tiba.\n\nModal usaha dibagikan\n\nWarga lega."


@pytest.mark.parametrize(
    ("block", "is_heading"),
    [
        ("<p><strong>Kapal lain</strong></p>", True),
        (f"<p><strong>{'Kapal lain ' * 13}</strong></p>", False),  # longer than any heading
        ("<p><strong>Kapal lain tiba.</strong></p>", False),
        ("<p><strong>Kapal lain, tetapi...</strong></p>", True),
        ("<p><strong>Kapal lain</strong>:</p>", True),
        ("<p>K<strong>apal lain</strong></p>", True),
        ("<p>Kapal <strong>lain</strong></p>", False),
        ("<p><strong>Kapal: 12</strong></p>", False),
        ("<ul><li><strong>Langkah pertama</strong></li></ul>", True),
        ("<ul><li><strong>Kapal</strong></li><li><strong>Perahu</strong></li></ul>", False),
        ("<p><strong>*harga berubah</strong></p>", False),
        ("<h2>Kapal lain tiba.</h2>", True),
        ('<h2><span style="font-weight: 400">Kapal lain tiba.</span></h2>', False),
        ('<h3><span style="font-weight:normal">Kapal lain</span></h3>', True),
    ],
)
def test_a_heading_is_what_the_page_prints_as_one(block: str, is_heading: bool) -> None:
    assert bool(read_body(block).subheadings) is is_heading


def test_bold_that_was_never_closed_makes_no_headings() -> None:
    lines = ["Kapal lain tiba.", "Kata nakhoda:", "Perahu tiba.", "Warga lega.", "Hujan turun."]
    opened = "<p><b>Kapal tiba pada Senin.</p>" + "".join(f"<p>{line}</p>" for line in lines)

    read = read_body(opened + "<h2>Perahu</h2>")

    assert read.subheadings == ("Perahu",)
    assert "Kata nakhoda:" in read.text.split("\n\n")


def test_what_unfolds_is_read_and_its_label_is_a_line_of_its_own() -> None:
    read = read_body("<details><summary>Lini masa</summary>Kapal berangkat.<p>Tiba.</p></details>")

    assert read.text.split("\n\n")[1:-1] == ["Lini masa", "Kapal berangkat.", "Tiba."]


def test_what_the_page_hides_is_not_read() -> None:
    hidden = '<p style="display : none">A</p><div hidden>B</div><p style="color:red;visibility:hidden">C</p>'
    assert read_body(hidden).text == "Kapal tiba.\n\nWarga lega."


def test_breaks_part_paragraphs_whatever_unseen_is_between_them() -> None:
    read = read_body("<div>Satu.<br>\u200b<br>Dua.<br>&nbsp;<br>Tiga.</div>")

    assert read.text.split("\n\n")[1:-1] == ["Satu.", "Dua.", "Tiga."]


@pytest.mark.parametrize("link", ['class="inner-link-tag -x" href="#"', 'href="/tag/as"'])
def test_the_space_before_a_tag_link_goes_whatever_other_class_the_link_has(link: str) -> None:
    read = read_body(f"<p>Kapal ( <a {link}>AS</a>) tiba.</p>")

    assert read.text.split("\n\n")[1] == "Kapal (AS) tiba."


@pytest.mark.parametrize("names", ["ads-skin", "modal", "opinion__page"])
def test_classes_of_the_body_element_say_nothing_of_the_article(names: str) -> None:
    assert read_article(changed(("<body", f'<body class="{names}"')), URL).text


def test_a_page_in_the_template_that_states_no_article_is_refused() -> None:
    page = (
        '<html><head><meta property="og:url" content="https://www.kompas.com/"></head><body>'
        '<h1 class="read__title">Halaman tidak ditemukan</h1><div class="read__content"><p>Maaf,'
        " halaman yang Anda cari tidak ditemukan.</p></div></body></html>"
    )

    with pytest.raises(errors.NotAnArticle, match="neither a date"):
        read_article(page, URL)


def test_the_caption_of_an_embed_is_not_read() -> None:
    post = '<blockquote class="twitter-tweet"><p>Kapal!</p></blockquote>'

    read = read_body(f"<figure>{post}<figcaption>Cuitan nakhoda.</figcaption></figure>")

    assert (read.text, len(read.embeds)) == ("Kapal tiba.\n\nWarga lega.", 1)


@pytest.mark.parametrize("tag", ["div", "span", "blockquote", "b"])
@pytest.mark.parametrize("depth", [300, 1500, 4000])
def test_however_deep_a_page_nests_nothing_is_lost(tag: str, depth: int) -> None:
    read = read_body(f"<{tag}>Kata. " * depth + f"</{tag}>" * depth)

    assert read.text.count("Kata.") == depth
    assert read.text.endswith("Warga lega.")
    assert "truncated" not in read.warnings


def test_paragraphs_in_boxes_of_their_own_are_one_body_of_an_unknown_page() -> None:
    lines = [f"Kapal nomor {number} tiba di pelabuhan sejak pagi tadi." for number in range(9)]
    body = "".join(f'<div class="baris"><p>{line}</p></div>' for line in lines)
    page = with_body(body).replace("read__content", "isi")
    for name in ("cover-photo", "photo__wrap", "credit-title", "creditModal"):
        page = page.replace(name, "lain")

    reading = pages.read(page, URL)

    assert (reading.article.layout, reading.rules["text"]) == ("unknown", "fallback")
    assert reading.article.text.split("\n\n") == lines


def test_a_box_of_which_only_a_line_is_prose_is_no_body_of_an_unknown_page() -> None:
    window = f"<p>{'Segera lengkapi data dirimu untuk ikutan program #JernihBerkomentar.'}</p>"
    page = with_body(f"{window * 2}<p>Syarat &amp; Ketentuan</p>").replace("read__content", "isi")
    for name in ("cover-photo", "photo__wrap", "credit-title", "creditModal"):
        page = page.replace(name, "lain")

    with pytest.raises(errors.IncompleteArticle) as refused:
        read_article(page, URL)

    assert refused.value.missing == ("text",)


def test_a_credit_line_of_an_unknown_page_counts_less_than_the_metadata() -> None:
    line = "<p>(Penulis: Dedi Retold | Editor: Eka Retold)</p>"
    body = with_body(f"<p>{'Kapal tiba di pelabuhan. ' * 9}</p><p>Warga lega.</p>{line}")
    page = CREDIT.sub("</div>", body).replace("read__content", "isi")
    for name in ("cover-photo", "photo__wrap"):
        page = page.replace(name, "lain")
    nameless = re.sub('(name="content_(?:author|editor)" content=)"[^"]*"', r'\1""', page)

    told, read = read_article(nameless, URL), read_article(page, URL)

    assert read.layout == told.layout == "unknown"
    assert (read.authors, read.editors) == (("Ani Rahman",), ("Cici Dedi",))
    assert (told.authors, told.editors) == (("Dedi Retold",), ("Eka Retold",))


def test_a_body_that_is_printed_twice_is_read_once() -> None:
    body = f'<div class="read__content">{"<p>Kapal tiba.</p>" * 2}</div>'
    page = SAVED.replace('<div class="fb-quote"></div></div>', f"</div>{body}{body}")

    assert blocks(page)[-3:] == ["Beban paling berat 20 orang.", *["Kapal tiba."] * 2]


def test_the_body_goes_on_in_a_second_element_and_not_in_another_article() -> None:
    second = '<div class="read__content"><p>Bagian kedua.</p></div>'
    other = f'<h1 class="read__title">Lain</h1>{second.replace("kedua", "lain")}'
    page = SAVED.replace('<div class="fb-quote"></div></div>', f"</div>{second}{other}")

    assert blocks(page)[-1] == "Bagian kedua."


def test_nothing_of_another_article_below_is_read() -> None:
    other = re.sub(r"^.*?(?=<h1)|</body>.*$", "", SAVED, flags=re.DOTALL)
    for old, new in (("Ani Rahman", "Dedi Lain"), ("Cici Dedi", "Eka Lain"), (ID, "2024/03/04/x")):
        assert old in other
        other = other.replace(old, new)
    other = re.sub(r'(class="tag__article__link"[^>]*>)[^<]+', r"\1tag lain", other)

    assert read_article(changed(("</body>", f"{other}</body>")), URL) == read_article(SAVED, URL)


# Characters.


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("\x93Kapal\x94 \x96 tiba", "“Kapal” – tiba"),
        ("&#147;Kapal&#148;", "“Kapal”"),
        ("Selamat &#55357;&#56832;", "Selamat 😀"),
        ("Selamat &#xD83D;&#xDE00;", "Selamat 😀"),
        pytest.param("Selamat <!--" + 1_001 * "#" + "-->&#55357;&#56832;", "Selamat 😀", id="#"),
        ("Selamat \ud83d\ude00", "Selamat 😀"),
        ("10<sup>6</sup> km<sup>2</sup>", "10⁶ km²"),
        ("10<sup>-3</sup>", "10⁻³"),
        ("H<sub>2</sub>O", "H₂O"),
        ("abad 19<sup>th</sup>", "abad 19th"),
        ("Kapal&nbsp;\u200btiba", "Kapal tiba"),
        ("naik \u202ekapal\u202c", "naik kapal"),
    ],
)
def test_characters_are_those_that_a_browser_shows(printed: str, read: str) -> None:
    article = read_body(f"<p>{printed}</p>")

    assert article.text.split("\n\n")[1] == read
    assert article.warnings == ()


@pytest.mark.parametrize(
    "printed", ["Kapal \ufffd tiba", "Kapal &#55357; tiba", f"Kapal {chr(0xD83D)} tiba"]
)
def test_a_character_lost_on_the_way_is_told(printed: str) -> None:
    assert read_body(f"<p>{printed}</p>").warnings == ("lost-characters",)


# Embeds.

EMBEDS = {
    '<iframe src="HTTPS://www.youtube.com/embed/A"></iframe>': (
        "youtube",
        "HTTPS://www.youtube.com/embed/A",
    ),
    '<iframe src="https://www.youtube.com/embed/a"></iframe>': (
        "youtube",
        "https://www.youtube.com/embed/a",
    ),
    '<iframe src="about:blank" data-src="//www.youtube.com/embed/a?utm_source=x"></iframe>': (
        "youtube",
        "https://www.youtube.com/embed/a",
    ),
    '<div class="video"><iframe src="https://video.kompas.com/embed/p/a1"></iframe></div>': (
        "other",
        "https://video.kompas.com/embed/p/a1",
    ),
    '<object data="https://www.instagram.com/p/a/"><p>Tanpa Flash</p></object>': (
        "instagram",
        "https://www.instagram.com/p/a/",
    ),
    '<object><param name="movie" value="https://youtu.be/a"></object>': (
        "youtube",
        "https://youtu.be/a",
    ),
    '<video><source src="https://video.kompas.com/a.mp4">Peramban lama</video>': (
        "other",
        "https://video.kompas.com/a.mp4",
    ),
    '<div class="fb-post" data-href="https://www.facebook.com/a/posts/1"></div>': (
        "other",
        "https://www.facebook.com/a/posts/1",
    ),
    '<iframe src="https://www.facebook.com/plugins/video.php?href=https%3A%2F%2Ffb.example%2F1&show_text=0"></iframe>': (
        "other",
        "https://www.facebook.com/plugins/video.php?href=https%3A%2F%2Ffb.example%2F1&show_text=0",
    ),
    '<iframe src="https://www.google.com/maps/embed?pb=!1m18!2sA%20B#x"></iframe>': (
        "other",
        "https://www.google.com/maps/embed?pb=!1m18!2sA%20B#x",
    ),
    '<blockquote class="tiktok-embed" cite="https://www.tiktok.com/@a/video/1"><section><a href="https://www.tiktok.com/@a">@a</a></section></blockquote>': (
        "other",
        "https://www.tiktok.com/@a/video/1",
    ),
    '<blockquote class="twitter-tweet"><p>Halo</p>&mdash; A (@a) <a href="https://twitter.com/a/status/1?ref_src=x">1 Mei</a></blockquote>': (
        "twitter",
        "https://twitter.com/a/status/1",
    ),
    '<script async src="https://telegram.org/js/telegram-widget.js?22" data-telegram-post="a/1" data-width="100%"></script>': (
        "other",
        "https://t.me/a/1",
    ),
    '<blockquote class="reddit-embed-bq"><a href="https://www.reddit.com/r/a/comments/1/b/">B</a><br>by<a href="https://www.reddit.com/user/c/">u/c</a></blockquote><script async src="https://embed.reddit.com/widgets.js"></script>': (
        "other",
        "https://www.reddit.com/r/a/comments/1/b/",
    ),
    '<blockquote class="mastodon-embed"><a href="https://sosial.example/@a/1">A</a></blockquote>': (
        "other",
        "https://sosial.example/@a/1",
    ),
    '<amp-youtube data-videoid="a"></amp-youtube>': ("youtube", "https://www.youtube.com/embed/a"),
}
NO_EMBEDS = [
    '<iframe id="widget-polling" data-src="https://widget.kompas.com/polling?site=x"></iframe>',
    '<iframe src="https://widget.kompas.com/survey/39?source=kompas.com"></iframe>',
    '<iframe src="https://www.googletagmanager.com/ns.html"></iframe>',
    '<iframe src="about:blank"></iframe>',
    '<iframe id="google_ads_iframe_/1/KOMPAS.COM/global_0" src="https://iklan.example/x"></iframe>',
    '<iframe src="https://player.ivideosmart.com/ivideosense/player"></iframe>',
    '<iframe src="https://a.teads.tv/page/59434"></iframe>',
    '<amp-video-iframe id="kgwidget" src="https://amp.kompas.com/jixie/video"></amp-video-iframe>',
    '<iframe src="https://www.facebook.com/plugins/like.php?href=x"></iframe>',
]


@pytest.mark.parametrize("html", EMBEDS)
def test_what_a_page_embeds_is_kept_by_its_address(html: str) -> None:
    kind, url = EMBEDS[html]

    read = read_body(html)

    text = "Halo" if kind == "twitter" else None
    assert read.embeds == (Embed(kind=kind, url=url, text=text),)
    assert read.text == "Kapal tiba.\n\nWarga lega."


@pytest.mark.parametrize("html", NO_EMBEDS)
def test_polls_advertisements_and_recommendations_are_no_embeds(html: str) -> None:
    assert read_body(f"<p>{html}</p>").embeds == ()


# "Baca juga".

LINK = '<a href="https://www.kompas.com/global/read/2024/01/01/070000070/x">Judul Lain</a>'
SECOND = LINK.replace("070000070/x", "080000070/y").replace("Judul Lain", "Judul Kedua")
RELATED = {
    f"<p><strong>Baca juga: {LINK}</strong></p>": ([], ["Judul Lain"]),
    f"<p>Prosa. Baca juga: {LINK}</p>": (["Prosa."], ["Judul Lain"]),
    f"<p>Prosa.&nbsp; (Baca juga: {LINK})</p>": (["Prosa."], ["Judul Lain"]),
    f"<p><strong>Baca juga: {LINK}</strong> Prosa di belakang.</p>": (
        ["Prosa di belakang."],
        ["Judul Lain"],
    ),
    f"<p>Depan. <b>Baca juga: {LINK}</b> Belakang.</p>": (["Depan. Belakang."], ["Judul Lain"]),
    f'<p><a href="https://www.kompas.com/global/read/2020/01/01/070000070/z">Baca juga: </a>{LINK}</p>': (
        [],
        ["Judul Lain"],
    ),
    f"<p>{LINK.replace('>Judul', '>Baca juga: Judul')}</p>": ([], ["Judul Lain"]),
    f"<p>Baca juga:</p><ul><li>{LINK}</li><li>{SECOND}</li></ul>": (
        [],
        ["Judul Lain", "Judul Kedua"],
    ),
    f"<aside><h3>Baca juga</h3><p>{LINK}</p></aside>": ([], ["Judul Lain"]),
    f"<p>Baca juga: {LINK}, {SECOND}</p>": ([], ["Judul Lain", "Judul Kedua"]),
    f"<p>Baca juga: {LINK.replace('Judul Lain', 'J')}{LINK.replace('Judul Lain', 'udul Lain')}</p>": (
        [],
        ["Judul Lain"],
    ),
    f"<p><strong>Baca pula: {LINK}</strong></p><p>Lihat juga: {SECOND}</p>": (
        [],
        ["Judul Lain", "Judul Kedua"],
    ),
    f"<p><strong>(Baca juga {LINK})</strong></p>": ([], ["Judul Lain"]),
    f"<div><span>Baca juga</span>{LINK}</div>": ([], ["Judul Lain"]),
    f'<div class="read__also"><b>Artikel lain</b>{LINK}</div>': ([], ["Judul Lain"]),
    f"<p>&gt;&gt;&gt; Baca juga: {LINK}</p>": ([], ["Judul Lain"]),
    f"<p><b>Baca berikutnya: {LINK}</b></p>": ([], ["Judul Lain"]),
    "<p>Lihat juga: Lampiran Dua</p>": (["Lihat juga: Lampiran Dua"], []),
    f"<p>Ia baca juga {LINK}</p>": (["Ia baca juga Judul Lain"], []),
    "<p>Prosa. Baca juga: Judul Tanpa Tautan</p>": (["Prosa."], []),
    '<p>Ia menulis "baca juga: kitab" di dinding.</p>': (
        ['Ia menulis "baca juga: kitab" di dinding.'],
        [],
    ),
    f"<p>Baca juga: \u200b{LINK}\u200b</p>": ([], ["Judul Lain"]),
    f"<p>Ia mengutip {LINK} dalam pidatonya.</p>": (
        ["Ia mengutip Judul Lain dalam pidatonya."],
        [],
    ),
}


@pytest.mark.parametrize("html", RELATED)
def test_links_to_other_articles_leave_the_text_and_prose_stays(html: str) -> None:
    prose, titles = RELATED[html]

    read = read_body(html)

    assert read.text.split("\n\n") == ["Kapal tiba.", *prose, "Warga lega."]
    assert [link.title for link in read.related] == titles


# The place.

PLACES = {
    "<strong>MOSKWA, KOMPAS.com</strong> - Kapal": "MOSKWA",
    "<strong>MOSKWA,KOMPAS.com</strong> Kapal": "MOSKWA",
    "MOSKWA KOMPAS.com - Kapal": "MOSKWA",
    "MOSKWA - KOMPAS.com - Kapal": "MOSKWA",
    "<strong>MOSKWA, KOMPAS.con</strong> - Kapal": "MOSKWA",
    "MOSKWA, KOMPASA.com – Kapal": "MOSKWA",
    "MOSKWA, KOMPAS - Kapal": "MOSKWA",
    "WASHINGTON D.C., KOMPAS.com — Kapal": "WASHINGTON D.C.",
    "KARSKOVA, Zamburia, KOMPAS.com - Kapal": "KARSKOVA, Zamburia",
    "<strong>Kairo, KOMPAS.com</strong> - Kapal": "Kairo",
    "Kairo, KOMPAS.com - Kapal": "Kairo",
    "<b>Addis Ababa</b>, KOMPAS.com – Kapal": "Addis Ababa",
    "KARSKOVA dan VELDA, KOMPAS.com - Kapal": "KARSKOVA dan VELDA",
    "MOSKWA, KOMPAS.com \u2212 Kapal": "MOSKWA",
    "<strong>KOMPAS.com</strong> - Kapal": None,
    "OMPAS.com – Kapal": None,
}
NO_PLACES = [
    "Dilansir kantor berita Selat, Kompas.com - yang mengutip wali kota - menulis.",
    "Menurut laporan, KOMPAS.com menurunkan tiga wartawan.",
    "KOMPAS.com menurunkan tiga wartawan ke sana.",
    "Harian KOMPAS - yang terbit sejak 1965 - memuatnya.",
    "Kepada Kompas.com, ia mengaku lelah.",
]


@pytest.mark.parametrize("start", PLACES)
def test_the_place_is_what_stands_before_the_brand(start: str) -> None:
    read = read_article(with_body(f"<p>{start} tiba.</p><p>Warga lega.</p>"), URL)

    assert (read.place, read.text) == (PLACES[start], "Kapal tiba.\n\nWarga lega.")


@pytest.mark.parametrize("sentence", NO_PLACES)
def test_a_sentence_that_names_the_brand_stays_whole(sentence: str) -> None:
    read = read_article(with_body(f"<p>{sentence}</p><p>Warga lega.</p>"), URL)

    assert (read.place, read.text.split("\n\n")[0]) == (None, sentence)


def test_the_place_may_stand_behind_a_motto_or_a_stray_paragraph() -> None:
    for first in ("<em>Naik pelan.</em>", "KOTA DI", "<strong></strong>"):
        body = f"<p>{first}</p><p><strong>MOSKWA, KOMPAS.com</strong> - Kapal tiba.</p>"
        read = read_article(with_body(body), URL)
        assert (read.place, read.text.split("\n\n")[-1]) == ("MOSKWA", "Kapal tiba.")


def test_every_name_of_a_box_is_one_that_the_tables_can_tell_apart() -> None:
    names = [name for _, names in boilerplate.BOXES for name in names]

    assert len(names) == len(set(names))


def test_a_label_with_a_name_in_the_middle_of_the_text_credits_nobody() -> None:
    lines = "".join(f"<p>Kalimat nomor {number} tentang kapal.</p>" for number in range(6))

    read = read_body(f"{lines}<p>Penulis: Rina Ombak</p>{lines}")

    assert "Penulis: Rina Ombak" in read.text.split("\n\n")
    assert read.authors == ("Ani Rahman",)
