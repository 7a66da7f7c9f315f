"""What other people's bytes may cost: no page, list or sitemap takes more than two seconds of CPU.

Each series is a shape that once took time by the square of its size. The bound is the budget of a
page, not a speed: honest pages take some milliseconds.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from datetime import datetime

import pytest

from kompas_crawler import pages
from kompas_crawler.audit import doctor
from kompas_crawler.errors import PageRefused, TooCostly
from kompas_crawler.timezones import WIB

BUDGET = 2.0  # seconds of CPU
SIZE = 1_000_000  # characters
ID = "2021/08/26/162226370"
URL = f"https://www.kompas.com/global/read/{ID}/judul"
FRONT = "https://www.kompas.com/global"
LINK = f'<a href="https://www.kompas.com/global/read/{ID}/x">J</a>'


def article(body: str = "<p>Kapal layar tiba.</p>", *, head: str = "", above: str = "") -> str:
    return (
        f'<html><head><meta name="content_PublishedDate" content="2021-08-26 16:22:26">{head}</head>'
        '<body><h1 class="read__title">Judul Kapal</h1>'
        f'<div class="read__time">Kompas.com - 26/08/2021, 16:22 WIB</div>{above}'
        f'<div class="read__content">{body}</div></body></html>'
    )


def repeated(piece: str, *, share: float = 1.0) -> str:
    return piece * int(SIZE * share / len(piece))


def nested(opening: str, closing: str, inside: str, depth: int = 200) -> str:
    return opening * depth + inside + closing * depth


ARTICLES = {
    "page numbers": article(above=f"<i>{repeated(f'/read/{ID}/')}</i>"),
    "queries before a page number": article(
        above=f"<i>{repeated(f'/read/{ID}/x?' + 'a&amp;' * 40)}</i>"
    ),
    "bold names in one another": article(
        above='<div class="read__credit__item">Penulis ' + "<b>" * 5500 + "Ani"
    ),
    "bold around linked names": article(
        above='<div class="read__credit__item">Penulis ' + "<b>" * 2700 + "<a>Ani</a>" * 2700
    ),
    "names of a credit box": article(
        above='<div id="creditModal">' + repeated('<b class="credit-author-name">A</b>') + "</div>"
    ),
    "datelines in one another": article(
        above=nested('<div class="read__time">', "</div>", repeated("kata "))
    ),
    "sources in one another": article(
        above=nested(
            '<div class="read__credit__item"><span>', "</span></div>", repeated("kata "), 100
        )
    ),
    "promotions": article(f"<p>{repeated('baca berita tanpa iklan gabung kompas.com ')}</p>"),
    "figures in one another": article(
        nested("<figure>", "</figure>", repeated("<b>x</b>", share=0.5))
    ),
    "links of Baca juga": article(
        f"<p>{repeated('<a href=/x>baca juga: </a>baca juga: ', share=0.5)}</p>"
    ),
    "breaks between links": article(f"<p>{repeated('<a href=/x>a</a><br>b', share=0.5)}</p>"),
    "cells in one another": article(nested("<table><tr><td>a</td><td>", "</table>", "x", 600)),
    "quotations in one another": article(nested("<blockquote>a", "</blockquote>", "x", 2000)),
    "one long paragraph": article(f"<p>{repeated('kata ')}</p>"),
    "classes of one box": article(
        above=f'<div class="{repeated("a ", share=0.5)}">'
        + repeated('<div class="photo"></div>', share=0.3)
    ),
    # What HTML itself makes quadratic: every paragraph opens again what the one before left open.
    "bold never closed": article("<p>" + "".join(f"<b {n}>" for n in range(5000)) + "<p>x" * 6000),
    "bold closed outside of boxes": article("<b>" * 3900 + "<div>" * 3900 + "</b>" * 3900),
    "ends of nothing": article("<span>" * 5900 + "</x>" * 5900),
    "JSON in JSON": article(
        head='<script type="application/ld+json">{"Article":' + "[" * 50_000 + "</script>"
    ),
}
ENDLESS = article(f"<p>{repeated('<a href=/x>a</a>')}</p>")
ATTRIBUTES = article("<p " + " ".join(f"a{number}=1" for number in range(50_000)) + ">x</p>")
LISTS = {
    "items in one another": nested(
        '<div class="articleItem">', "</div>", LINK + repeated("<b></b>", share=0.9)
    ),
    "titles in one another": nested(
        '<div class="articleItem articleTitle">', "</div>", LINK + repeated("kata ")
    ),
    "numbered paging in one another": f'<div class="tleft"><h3>{LINK}</h3></div>'
    + nested('<ul class="paginasi">', "</ul>", repeated("<li>", share=0.5)),
    "links": repeated("<a href=/x>x</a>"),
    "boxes around links": nested('<div class="a">', "</div>", repeated(LINK)),
}
SITEMAPS = {
    "blanks": "<loc>" + " " * SIZE,
    "openings": repeated("<loc>"),
    "one long address": "<loc>" + "a" * SIZE,
}


def cost(read: Callable[[], object]) -> float:
    began = time.process_time()
    with contextlib.suppress(PageRefused):
        read()
    return time.process_time() - began


@pytest.mark.parametrize("what", ARTICLES)
def test_an_article_page_costs_no_more_than_its_budget(what: str) -> None:
    assert cost(lambda: pages.read(ARTICLES[what], URL)) < BUDGET


@pytest.mark.parametrize("what", LISTS)
def test_a_list_costs_no_more_than_its_budget(what: str) -> None:
    html = f"<html><body>{LISTS[what]}</body></html>"

    assert cost(lambda: pages.read_listing(html, FRONT)) < BUDGET
    assert cost(lambda: doctor.check_list("front", html, FRONT, datetime.now(WIB))) < BUDGET


@pytest.mark.parametrize("what", SITEMAPS)
def test_a_sitemap_costs_no_more_than_its_budget(what: str) -> None:
    assert cost(lambda: pages.read_sitemap(SITEMAPS[what], FRONT)) < BUDGET


def test_a_page_of_more_tags_than_any_of_kompas_is_refused_before_the_parser() -> None:
    with pytest.raises(TooCostly, match="125,015 tags"):
        pages.read(ENDLESS, URL)


def test_a_page_that_grows_in_the_parser_is_refused() -> None:
    with pytest.raises(TooCostly, match="268,435,456 bytes"):
        pages.read(ARTICLES["bold never closed"], URL)


def test_a_tag_of_more_attributes_than_the_parser_bears_is_refused_before_it() -> None:
    with pytest.raises(TooCostly, match="attributes"):
        pages.read(ATTRIBUTES, URL)

    with pytest.raises(TooCostly, match="attributes"):
        pages.read_listing(ATTRIBUTES, FRONT)
