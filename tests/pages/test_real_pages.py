"""Are real pages of Kompas read whole, and nothing but the article?

Point it at any folder of pages you saved (`*.html`, `*.html.gz`; none of ours is a real one):

    KOMPAS_PAGES=DIR python -m pytest tests/pages/test_real_pages.py

Without the variable the folders `kompas/pages` and `kompas/pages-2021-24` below KOMPAS_SHARED are
taken; without any of them everything here is skipped. A file `INDEX.tsv` in the folder (file name, tab, address) says
which address a page was fetched from, else the page's own canonical link does. A file
`examples.jsonl` above the folder holds articles written out by hand, one JSON object a line.
The last test prints which fields the pages gave.

What is checked here is worked out from the page with lxml alone, and the patterns of furniture
are written out once more, so that nothing is believed because the project says so.
"""

from __future__ import annotations

import dataclasses
import html
import json
import os
import re
import sys
import time
from collections import Counter
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from lxml import html as lxml_html

from kompas_crawler.errors import PageRefused
from kompas_crawler.items import Article, field_names
from kompas_crawler.pages import read_article, read_listing
from kompas_crawler.warc.page_address import own_address
from kompas_crawler.warc.saved_html import html_sources, read_saved
from kompas_crawler.warc.saved_pages import text_of_page
from kompas_crawler.warc.sources import HTML_ENDINGS
from tests.conftest import SHARED

CHOSEN = os.environ.get("KOMPAS_PAGES")
FOLDERS = (
    [Path(CHOSEN)] if CHOSEN else [SHARED / "kompas" / name for name in ("pages", "pages-2021-24")]
)
FILES = sorted(
    path for folder in FOLDERS for path in folder.glob("*") if path.name.endswith(HTML_ENDINGS)
)
EXAMPLES = FOLDERS[0].parent / "examples.jsonl"

pytestmark = pytest.mark.skipif(
    not FILES, reason=f"no saved pages in {FOLDERS[0]}; set KOMPAS_PAGES to a folder of them"
)

WIB = timezone(timedelta(hours=7))

# A block that matches one of these from its start on is no journalism.
BOILERPLATE = [
    r"\(?\s*Baca\s*juga\s*:",
    r"\(?\s*Baca\s*:",
    r"Baca (berita |ulasan |artikel )?sel[ae]ngkapnya( di sini)?\.?$",
    r"(Berita|Artikel) selengkapnya (klik|bisa dibaca|dapat dibaca|baca)\b.{0,100}$",
    r"Simak artikel lengkapnya melalui tautan ini\.?$",
    r"Anda bisa menyimak kisah ini selengkapnya di sini\.?$",
    r"Baca berita tanpa iklan",
    r"Gabung KOMPAS\.com ?(Plus|\+)",
    r"ADVERTISEMENT$",
    r"Tulis komentar(mu)? dengan ",
    r"(Artikel|Berita) ini (sebelumnya |seelumnya )?(sudah |telah |pernah )?(di)?tayang di .+ dengan ",
    r"\(?(Penulis|Reporter)\s*:.*\|\s*Editor\s*:",
    r"\(?(Penulis|Sumber)\b[^.]*\|\s*Editor\b",
    r"\(?Sumber\s*: Kompas\.com/",
    r"Bagian pertama artikel ini bisa Anda baca ",
    r"(Selanjutnya|Selengkapnya|Jawabannya),? (baca )?di sini",
    r"Baca informasi(nya)? (lengkapnya )?(di sini|melalui tautan)",
    r"SUMBER\s*:",
    r"Penulis\s*:",
    r"Oleh\s*: ",
    r"Anda bisa menjadi kolumnis",
    r"Kriteria \(salah satu\):",
    r"Lihat Foto$",
    r"(Halaman Selanjutnya|Halaman:|Show All|Tag:|Bagikan:|Komentar$|Berita Terkait|Terkini Lainnya)",
    r"(View this post on Instagram|Lihat postingan ini di Instagram)",
    r"(A post shared by|Sebuah kiriman dibagikan oleh) ",
    r"[\u2014-] .{1,60}\(@\w+\)",
    r"Segera lengkapi data dirimu",
    r"Copyright \d{4}",
    r"Kolom komentar masih kosong",
    r"Berkomentarlah secara bijaksana",
    r"(?-i:[^a-z.]{0,40}KOMPAS[A.]?\.?\s?(com|COM|om)\s*[-\u2013\u2014])",  # the place has its own field
]
# These hide anywhere, glued to a sentence of the article.
PROMOTIONS = [
    r"Dapatkan update berita pilihan",
    r"t\.me/kompascomupdate",
    r"Anda harus install aplikasi",
    r"Simak\s*breaking news\s*dan\s*berita pilihan\s*kami",
    r"Pilih saluran andalanmu",
    r"whatsapp\.com/channel",
    r"Dapatkan update berita teknologi dan gadget",
    r"pic\.twitter\.com/",
    r"#JernihBerkomentar dan",
    r"(?<=[.!?] )Baca juga\s*:",
]
START_OF_FURNITURE = re.compile("|".join(f"(?:{one})" for one in BOILERPLATE), re.IGNORECASE)
PROMOTION = re.compile("|".join(PROMOTIONS), re.IGNORECASE)
PREFIX = re.compile(
    r"^(?:[A-Z\u00c0-\u00d6][^.,:;]{0,40},\s*|[A-Z]{3,40} )?(?:KOMPAS|KOMPAs|Kompas)[A.]?\.?\s?(?:com|COM|om)"
    r"\s*[-\u2013\u2014]\s*"
)
# The paragraph behind such a line is the linked title that it points to.
ANNOUNCES = re.compile(r"\b(?:di sini|tautan (?:ini|berikut)(?: ini)?)\s*:$")
POINTER_ONLY = re.compile(
    r"^(?:Baca|Simak|Berita|Artikel|Klik)\b.{0,60}\b(?:di sini|tautan ini)\.?$", re.IGNORECASE
)

BODY = (
    "//*[contains(concat(' ', @class, ' '), ' read__content ')]"
    "|//div[contains(concat(' ', @class, ' '), ' kcm-read-text ')]"
    "|//span[contains(concat(' ', @class, ' '), ' kcmread1114 ')]"
)
NOT_PROSE = (
    ".//script|.//style|.//iframe|.//comment()|.//noscript"
    "|.//div[contains(concat(' ', @class, ' '), ' photo ')]"
    "|.//*[contains(@class, 'twitter-tweet') or contains(@class, 'instagram-media')]"
    "|.//*[contains(@class, 'ads-') or contains(@class, 'gate-kgplus')]"
    "|.//*[contains(@class, 'kompasidRec') or contains(@class, 'inject-baca-juga')]"
    "|.//*[contains(@class, 'articleRelated') or contains(@class, 'inner__sidebar')]"
    "|.//*[contains(@class, 'komentar-bar') or @data-modal-target]"
    "|.//*[contains(@class, 'hoax__artikel')]"
    "|.//*[contains(@class, 'bapps-middle') or contains(@class, 'nwsLetter-article')]"
    "|.//*[contains(@class, 'rVideo-middle') or contains(@class, 'lihatJuga')]"
    "|.//*[contains(@class, 'banner-show') or contains(@class, 'subscribe__widget')]"
)
BREAK = "\ue000"  # stands for a <br>; two of them part paragraphs
TWO_BREAKS = re.compile(rf"{BREAK}\s*{BREAK}")
BLOCKS = "p", "h2", "h3", "h4", "li", "td", "th", "div", "ul", "ol", "table", "blockquote"


class Saved(NamedTuple):
    url: str
    html: str
    is_article: bool


ADDRESSES = {file.path: file.row.url for source in html_sources(FILES) for file in source.files}


@cache
def saved(path: Path) -> Saved:
    page = text_of_page(read_saved(path))
    url = ADDRESSES[path] or own_address(page) or "https://www.kompas.com/"
    kind = re.search(
        r"""property=["']og:type["'][^>]*content=["']article["']"""
        r"""|content=["']article["'][^>]*property=["']og:type["']""",
        page,
    )
    return Saved(url, page, bool(kind) and "/read/" in url)


@cache
def article(path: Path) -> Article:
    return read_article(saved(path).html, saved(path).url)


@cache
def tree_of(path: Path) -> Any:
    return lxml_html.fromstring(saved(path).html)


ARTICLES = [path for path in FILES if saved(path).is_article]
OTHERS = [path for path in FILES if path not in ARTICLES]


def is_of_2017(path: Path) -> bool:
    """Is this the one template of which hundreds of real pages are known?"""
    page = saved(path).html
    return 'class="read__header' in page and "credit-title" not in page


NONE = pytest.param(
    None, marks=pytest.mark.skip(reason="the folder holds no such thing"), id="none"
)


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths or [NONE], ids=lambda path: path.stem)


def squeezed(text: str) -> str:
    """Without any space or direction mark: the site puts spaces that nobody wrote before its tag
    links, and nobody sees the mark.
    """
    return re.sub(r"[\s\u200e]+", "", text)


def shown(text: str) -> str:
    return " ".join(text.replace(BREAK, " ").split())


@cache
def prose_on(path: Path) -> list[str]:
    """Every piece of visible text of the body that is no furniture, in order."""
    pieces = []
    for body in lxml_html.fromstring(saved(path).html).xpath(BODY):
        for element in body.xpath(NOT_PROSE):
            element.drop_tree()
        for element in body.xpath(".//br"):
            element.tail = BREAK + (element.tail or "")
        pieces += [part for one in split_into_blocks(body) for part in TWO_BREAKS.split(one)]
    shown_pieces = [piece for piece in map(shown, pieces) if piece]
    before = ["", *shown_pieces]
    return [
        prose
        for piece, announced in zip(shown_pieces, before, strict=False)
        if (prose := without_furniture(piece)) and not ANNOUNCES.search(announced)
    ]


def split_into_blocks(element: Any) -> list[str]:
    """The text of the innermost blocks, and the text that stands loose between blocks."""
    pieces, loose = [], element.text or ""
    for child in element:
        if any(True for _ in child.iter(*BLOCKS)):
            pieces += [loose, *split_into_blocks(child)]
            loose = child.tail or ""
        else:
            loose += child.text_content() + (child.tail or "")
    return [*pieces, loose]


def without_furniture(piece: str) -> str:
    prose = PREFIX.sub("", shown(piece))
    if START_OF_FURNITURE.match(prose) or POINTER_ONLY.match(prose):
        return ""
    promotion = PROMOTION.search(prose)
    return prose[: promotion.start()].strip() if promotion else prose


@each(ARTICLES)
def test_a_real_article_is_read(path: Path) -> None:
    read = article(path)

    assert read.id in saved(path).url.replace("/read/xml/", "/read/")
    assert read.title
    assert read.text


@each(OTHERS)
def test_a_page_that_is_no_article_is_refused(path: Path) -> None:
    with pytest.raises(PageRefused):
        article(path)


@each(ARTICLES)
def test_no_furniture_in_the_text(path: Path) -> None:
    blocks = article(path).text.split("\n\n")

    assert not [block for block in blocks if START_OF_FURNITURE.match(block)]
    assert not [block for block in blocks if PROMOTION.search(block)]
    assert not [block for block in blocks if block != shown(block) or not block]


@each(ARTICLES)
def test_no_caption_and_no_post_of_others_in_the_text(path: Path) -> None:
    squeezed_text = squeezed(article(path).text)
    strangers = tree_of(path).xpath(
        "//div[contains(concat(' ', @class, ' '), ' photo ')]"
        "|//blockquote[contains(@class, 'twitter-tweet') or contains(@class, 'instagram-media')]"
    )

    assert not [
        shown(one.text_content())
        for one in strangers
        if squeezed(one.text_content()) and squeezed(one.text_content()) in squeezed_text
    ]


@each(ARTICLES)
def test_no_paragraph_is_missing(path: Path) -> None:
    prose = prose_on(path)
    squeezed_text = squeezed(article(path).text)

    assert prose, "this test found no body on the page"
    assert [piece for piece in prose if squeezed(piece) not in squeezed_text] == []


@each(ARTICLES)
def test_the_paragraphs_are_in_the_order_of_the_page(path: Path) -> None:
    squeezed_text = squeezed(article(path).text)
    end = 0

    for piece in prose_on(path):
        begin = squeezed_text.find(squeezed(piece), end)
        assert begin >= 0, f"missing from here on: {piece}"
        end = begin + len(squeezed(piece))


@each(ARTICLES)
def test_nothing_is_in_the_text_that_is_not_in_the_body(path: Path) -> None:
    squeezed_body = squeezed("".join(prose_on(path)))
    blocks = article(path).text.split("\n\n")

    cells = [cell for block in blocks for cell in block.split(" | ")]
    assert [cell for cell in cells if squeezed(cell) not in squeezed_body] == []


@each(ARTICLES)
def test_the_time_is_that_of_the_address_and_a_later_one_is_the_update(path: Path) -> None:
    printed = tree_of(path).xpath("//meta[@name='content_PublishedDate']/@content")
    address = re.search(r"/read/(?:xml/)?(\d{4}/\d\d/\d\d/\d{6})\d{1,3}/", saved(path).url)
    if not printed or not address:
        pytest.skip("the page has no content_PublishedDate, or its address no clock")

    clock = datetime.strptime(address[1], "%Y/%m/%d/%H%M%S").replace(tzinfo=WIB)
    told = datetime.fromisoformat(printed[0]).replace(tzinfo=WIB)

    assert article(path).published_at == clock
    assert article(path).published_from == ("meta" if told == clock else "url")
    assert article(path).updated_at == (told if told > clock else None)


def meta(path: Path, name: str) -> str:
    return shown(next(iter(tree_of(path).xpath(f"//meta[@name='{name}']/@content")), ""))


@each([path for path in ARTICLES if meta(path, "content_editor")])
def test_people_and_sources_are_those_of_the_metadata(path: Path) -> None:
    """Kompas's metadata agrees with what its pages print, but for what is excused here."""
    read = article(path)
    writer = re.sub(r"^Kontributor [^,]+, ", "", meta(path, "content_author"))
    editor = meta(path, "content_editor")
    sources = tuple(filter(None, map(str.strip, meta(path, "content_source").split(","))))
    is_editor_repeated = writer == editor and read.layout.startswith("mobile")
    nobody = ("", "advertorial")

    if "Tim Cek Fakta" not in read.editors:  # the desk is printed, a person in the metadata
        assert read.editors == (() if editor in nobody else (editor,))
        assert read.authors == ((writer,) if writer not in nobody else ()) or (
            is_editor_repeated and read.authors == ()
        )
    if read.sources != ("Kompas.com",):  # of a closing credit line, which no meta repeats
        assert read.sources == sources


@each([path for path in ARTICLES if "var keywordBrandSafety" in saved(path).html])
def test_the_text_is_all_that_kompas_gives_to_advertisers(path: Path) -> None:
    """A script holds the whole article as one string, and nothing of the page around it."""
    told = re.search(r'var keywordBrandSafety = "(.*?)";', saved(path).html, re.DOTALL)
    assert told is not None
    whole = letters(re.sub(r"<[^>]+>", " ", html.unescape(html.unescape(told[1]))))

    read = article(path)
    blocks = [letters(block) for block in read.text.split("\n\n")]
    assert [block for block in blocks if block not in whole] == []
    for block in blocks:
        whole = whole.replace(block, "|", 1)
    whole = re.sub("(dapatkanupdateberita|simakbreakingnews).*$", "", whole)
    for link in read.related:
        whole = whole.replace("bacajuga" + letters(link.title), "|")
    left = [part for part in whole.split("|") if len(part) > 40]
    if read.page_count == 1:
        assert [part for part in left if not LEFT_OUT.search(part)] == []


def letters(text: str) -> str:
    return re.sub(r"\W+", "", text).lower()


# What may be left: pointers with the title they point to, closing credit lines, captions.
LEFT_OUT = re.compile(
    r"^(bagian|selanjutnya|selengkapnya|jawabannya|bacainformasi|bacajuga|penulis|sumberkompas)"
)


@each([path for path in ARTICLES if is_of_2017(path)])
def test_the_facts_are_those_that_the_page_prints(path: Path) -> None:
    tree, read = tree_of(path), article(path)

    assert [read.title] == printed_in(tree, "//h1[contains(@class, 'read__title')]")
    assert [read.dateline] == printed_in(tree, "//div[contains(@class, 'read__time')]")
    assert list(read.tags) == list(
        dict.fromkeys(printed_in(tree, "//a[@class='tag__article__link']"))
    )
    assert list(read.authors) == (names_under(tree, "penulis") or writer_in_meta(tree))
    assert list(read.editors) == names_under(tree, "editor")
    sources = "//div[contains(@class, 'read__credit bottom')]//a"
    if printed_in(tree, sources):
        assert list(read.sources)[: len(printed_in(tree, sources))] == printed_in(tree, sources)


@each([path for path in ARTICLES if is_of_2017(path)])
def test_the_related_links_are_those_of_the_baca_juga_lines(path: Path) -> None:
    lines = [
        line
        for line in tree_of(path).xpath(f"({BODY})//p")
        if re.match(r"\(?Baca juga\s*:", shown(line.text_content()))
    ]

    links = [link for line in lines for link in line.iter("a") if link.get("href")]
    assert [(one.title, one.url) for one in article(path).related] == [
        (shown(link.text_content()), link.get("href").strip()) for link in links
    ]


def printed_in(tree: Any, path: str) -> list[str]:
    return [words for one in tree.xpath(path) if (words := shown(one.text_content()))]


def names_under(tree: Any, label: str) -> list[str]:
    box = f"//div[@id='{label}' and contains(@class, 'read__credit__item')]"
    printed = printed_in(tree, f"{box}/a") or printed_in(tree, f"{box}/b")[:1]
    # "Kontributor CITY, NAME" is one person.
    return [re.sub(r"^Kontributor [^,]+, ", "", name) for name in printed]


def writer_in_meta(tree: Any) -> list[str]:
    """A columnist is printed by a script, so only the meta element has the name."""
    named = tree.xpath("//meta[@name='content_author']/@content")
    return [shown(name) for name in named if name.strip() not in ("", "advertorial")]


@each(ARTICLES)
def test_the_pages_are_counted(path: Path) -> None:
    numbers = tree_of(path).xpath(
        "//div[contains(@class, 'paging--article')]//a[contains(@class, 'paging__link')]/text()"
        "|//div[contains(@class, 'kcm-read-paging')]//a/text()"
        "|//div[@class='paging'][div[@class='paging__text']]//a/text()"
    )

    count = max([int(one) for one in numbers if one.strip().isdigit()], default=1)

    assert article(path).page_count == count


@each([path for path in OTHERS if "kcm-main-list" in saved(path).html])
def test_an_index_of_2016_offers_all_its_articles(path: Path) -> None:
    printed = tree_of(path).xpath("//div[@class='kcm-main-list']//h3/a/@href")

    offered = read_listing(saved(path).html, saved(path).url).urls_by_id

    assert printed
    assert list(offered) == [re.search(r"\d{4}/\d\d/\d\d/\d+", address)[0] for address in printed]


def each_example() -> pytest.MarkDecorator:
    text = EXAMPLES.read_text(encoding="utf-8") if FILES and EXAMPLES.exists() else ""
    rows = [json.loads(line) for line in text.splitlines()]
    return pytest.mark.parametrize("example", rows or [NONE], ids=lambda row: row["article_id"])


def as_if_no_space_was_inserted(text: str) -> str:
    """Both "( AS)" and "(AS)" are right, so neither side is asked which one it has."""
    return re.sub(r"(?<=[(\u201c\u2018\"-])\s+", "", text)


@each_example()
def test_the_facts_written_out_by_hand(example: dict[str, Any]) -> None:
    read = article(FOLDERS[0].parent / example["file"])

    assert read.id == example["article_id"]
    assert read.url == example["url"]
    assert read.title == example["title"]
    assert read.published_at == datetime.fromisoformat(example["published_at_seconds"])
    assert list(read.authors) == example["authors"]
    assert list(read.editors) == example["editors"]
    assert list(read.sources) == example["sources"]
    assert read.place == example["place"]
    assert list(read.tags) == example["tags"]
    assert read.page_count == example["page_count"]
    assert [dataclasses.asdict(link) for link in read.related] == example["related"]


@each_example()
def test_the_photos_written_out_by_hand(example: dict[str, Any]) -> None:
    read = article(FOLDERS[0].parent / example["file"])
    lead, *in_body = read.images

    assert lead.url == example["lead_photo"]["url"]
    assert lead.caption == example["lead_photo"]["caption"]
    # Where the credit stands in brackets at the end of the caption, either reading is right.
    assert lead.credit in {
        example["lead_photo"]["credit"],
        example["lead_photo"].get("credit_in_caption"),
    }
    assert [dataclasses.asdict(image) for image in in_body] == [
        {name: photo[name] for name in ("url", "caption", "credit")}
        for photo in example.get("body_photos", [])
    ]


@each_example()
def test_the_blocks_written_out_by_hand(example: dict[str, Any]) -> None:
    read = article(FOLDERS[0].parent / example["file"])

    got = [as_if_no_space_was_inserted(block) for block in read.text.split("\n\n")]
    blocks = [(block, as_if_no_space_was_inserted(block["text"])) for block in example["blocks"]]
    expected = [text for block, text in blocks if not block.get("optional") or text in got]
    headings = [
        text
        for block, text in blocks
        if block["type"] in ("h2", "h3") or block.get("role") == "heading"
    ]

    assert got == expected
    assert [as_if_no_space_was_inserted(one) for one in read.subheadings] == headings


def test_the_fields_that_the_pages_gave(capsys: pytest.CaptureFixture[str]) -> None:
    began = time.perf_counter()
    read = [read_article(saved(path).html, saved(path).url) for path in ARTICLES]
    spent = (time.perf_counter() - began) * 1000
    present: Counter[str] = Counter()
    for one in read:
        present.update(
            name
            for name in field_names("page", "derived")
            if getattr(one, name) not in (None, (), "")
        )

    report = [
        f"{len(read)} articles read, {len(OTHERS)} other pages refused",
        *(f"{name:>14} {present[name]:>4}" for name in field_names("page", "derived")),
        *(f"{layout:>14} {number:>4}" for layout, number in Counter(_layouts(read)).items()),
        *(f"{name:>14} {number:>4}" for name, number in Counter(_warnings(read)).items()),
        f"{spent / max(len(read), 1):.1f} ms a page",
    ]
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(report) + "\n")

    always = {"id", "url", "section", "title", "published_at", "published_from", "text", "layout"}
    assert {name for name in always if present[name] < len(read)} == set()


def _layouts(read: list[Article]) -> list[str]:
    return [f"layout {one.layout}" for one in read]


def _warnings(read: list[Article]) -> list[str]:
    return [f"warned {name}" for one in read for name in one.warnings]
