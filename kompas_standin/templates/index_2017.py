"""The daily index of 2017 to about 2023, after a page of the index of 2019-12-06."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from kompas_standin import prose
from kompas_standin.articles import Headline
from kompas_standin.templates import boxes as site_boxes
from kompas_standin.templates import metadata
from kompas_standin.templates.boxes_of import Boxes
from kompas_standin.templates.pieces import Page, attribute

# The menu's codes; those below News are set off by hard spaces.
NAMES = {
    "news": "News",
    "nasional": "\xa0\xa0 Nasional",
    "regional": "\xa0\xa0 Regional",
    "megapolitan": "\xa0\xa0 Megapolitan",
    "tren": "Tren",
    "hype": "Hype",
    "money": "Money",
    "bola": "Bola",
    "tekno": "Tekno",
    "travel": "Travel",
    "edukasi": "Edukasi",
    "headline": "Indeks Headline",
    "terpopuler": "Indeks Terpopuler",
}
OURS = {"global": "\xa0\xa0 Global", "internasional": "\xa0\xa0 Internasional"}


def draw(
    boxes: Boxes,
    our_code: str,
    code: str,
    day: date,
    lines: Sequence[Headline],
    page: int,
    last: int,
) -> Page:
    """Return page N of the index.

    An article of another day among the lines is printed under the index's day: that is how old
    pieces are published again.
    """
    items = "\n".join(
        site_boxes.listed_2017(line, line.listed_url, _redated(line, day), lazy=False)
        for line in lines
    )
    content = f"""<div class="container clearfix">
<div class="row mt2 col-offset-fluid clearfix">
<div class="col-bs10-7">
<div class="title clearfix"><h2 class="title__content">Indeks Berita</h2></div>
{_form(our_code, code, day)}
<div class="latest--indeks mt2 clearfix">
{items}
</div>
{_paging(code, day, page, last)}
</div>
<div class="col-bs10-3">
<div class="mt2 clearfix"></div>
</div>
</div>
</div>
"""
    return [_head(code, day, page), boxes.scripts, boxes.menu, content, boxes.tail]


def _redated(line: Headline, day: date) -> str:
    if line.published_at.date() == day:
        return ""
    return f"{day:%d/%m/%Y}, {line.published_at:%H:%M} WIB"


def _head(code: str, day: date, page: int) -> str:
    """Return the head: its metadata is an article's without an article."""
    title = f"Indeks Berita {code.title()} Halaman {page} - {prose.long_date(day)} - Kompas.com"
    names = (
        "content_subcategory content_location content_author_id content_author content_editor_id"
        " content_editor content_lipsus content_lipsus_id content_type content_PublishedDate"
        " content_source content_tag content_total_words"
    )
    empty = "".join(f'<meta content="" name="{name}"/>\n' for name in names.split())
    return f"""<!DOCTYPE html>
<html>
<head>
<title>{title}</title>
<meta charset="utf-8"/>
{site_boxes.home_meta(title)}<meta content="{code.title()}" name="content_category"/>
{empty}<link href="https://indeks.kompas.com" rel="canonical"/>
{metadata.site_ld()}</head>
<body class="theme--home">
"""


def _form(our_code: str, code: str, day: date) -> str:
    """Return the menu: "All" is always marked, and the section that was asked for too."""
    names = dict(NAMES)
    if our_code in OURS:
        names = {**dict(list(NAMES.items())[:4]), our_code: OURS[our_code], **NAMES}
    options = "".join(
        f'<option value="{name}"{" selected" if name == code else ""}>{label}</option>'
        for name, label in names.items()
    )
    return f"""<div class="row indeks__form col-offset-fluid clearfix">
<div class="col-bs12-4">
<div class="form__select__wrap col-bs10-10 col-offset-0">
<select class="form__select dropdown_sites">
<option value="all" selected>All</option>
{options}
</select>
</div>
</div>
<div class="col-bs12-8 col-offset-0">
<div class="form__select__wrap col-bs12-4 col-offset-0" id="datepickers">
<input class="form__input" data-value="{day}" id="date_values" readonly="readonly" type="text" \
value="{day:%d %b %Y}"/>
<input id="pathurl" name="pathurl" type="hidden" value="https://indeks.kompas.com/?site={code}"/>
<input id="pathurlver2" name="pathurl" type="hidden" value="https://indeks.kompas.com/{code}"/>
</div>
</div>
</div>"""


def _paging(code: str, day: date, page: int, last: int) -> str:
    if last == 1:
        return ""
    index = f"https://indeks.kompas.com/?site={code}&date={day}&page="
    links = "".join(
        '<div class="paging__item"><a class="paging__link paging__link--active" '
        f'href="javascript:void(0)">{number}</a></div>'
        if number == page
        else f'<div class="paging__item"><a class="paging__link" data-ci-pagination-page="{number}" '
        f'href="{attribute(f"{index}{number}")}">{number}</a></div>'
        for number in range(1, last + 1)
    )
    if page < last:
        links += (
            '<div class="paging__item"><a class="paging__link paging__link--next" '
            f'href="{attribute(f"{index}{page + 1}")}" rel="next" '
            f'data-ci-pagination-page="{page + 1}">Next</a></div>'
        )
    return (
        '<div class="text-center mt2 clearfix"><div class="paging clearfix">'
        f'<div class="paging__wrap clearfix">{links}</div></div></div>'
    )
