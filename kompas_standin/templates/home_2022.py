"""The home page of the whole site in 2022, after a page of 2022-04-25."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kompas_standin.articles import Headline
from kompas_standin.templates import boxes as site_boxes
from kompas_standin.templates import metadata
from kompas_standin.templates.boxes_of import Boxes
from kompas_standin.templates.pieces import Page, attribute

SIZES = (4, 7, 6, 5)  # of the four lists
_PICTURE = '<img class="lozad" data-src="https://asset.kompas.com/x.jpg">'


def draw(boxes: Boxes, lines: Sequence[Headline]) -> Page:
    """Return the page: newest articles of all sections, and no way to further pages but a script."""
    content = f"""<div id="general-container" class="container clearfix">
<div class="row mt2 col-offset-fluid clearfix"><div class="col-xs-10"></div></div>
<iframe src="https://widget.kompas.com/x"></iframe>
<div class="row mt2 col-offset-fluid clearfix">
<div class="col-bs10-7">
{_headlines(lines[:2])}
<div class="overlay-desktop"></div>
</div>
<div class="col-bs10-3">
{_FOLLOW}</div>
</div>
<div class="row col-offset-fluid ga--god-network clearfix"><div class="col-bs10-10">\
<div id="god-inject" class="article__wrap__grid--fixed mt2 col-offset-fluid"></div></div></div>
<div class="row col-offset-fluid clearfix">
<div class="col-bs10-7">
<div class="title clearfix"><h2 class="title__content">Berita Terkini</h2></div>
{"".join(_lists(lines))}</div>
<div class="col-bs10-3">
<div class="mt2"><iframe src="https://widget.kompas.com/x"></iframe></div>
<div id="kilas-inject"></div>
{_opinions(lines[-2:])}{site_boxes.most_read(list(lines[:5]))}{site_boxes.COMMENTED}</div>
</div>
</div>
<div class="text-center clearfix"><a id="btn-load-more-wp" class="button button--default" \
data-append="#general-container" data-url="https://www.kompas.com/home/more" href="#">Muat lebih \
banyak</a></div>
"""
    return [_head(), boxes.scripts, boxes.menu, content, boxes.tail]


def _head() -> str:
    title = "Berita Terkini Hari Ini - Kompas.com"
    return f"""<!DOCTYPE html>
<html>
<head>
<title>{title}</title>
<meta charset="utf-8">
{site_boxes.home_meta(title)}<meta name="content_category" content="home" />
<meta name="content_PublishedDate" content="" />
<meta property="article:published_time" content="" />
<link rel="canonical" href="https://www.kompas.com/" />
{metadata.site_ld()}</head>
<body class="theme--home">
"""


def _headlines(lines: Sequence[Headline]) -> str:
    big = "".join(
        f"""<li class="headline__big__item"><a class="headline__big__link" href="{line.url}">
<div class="headline__subtitle">Headline</div>
<div class="headline__big__img">{_PICTURE}</div>
<div class="headline__big__box"><h{number} class="headline__big__title">{attribute(line.title)}\
</h{number}><div class="headline__big__date">{line.published_at:%d/%m/%Y, %H:%M} WIB</div></div>
</a></li>
"""
        for number, line in enumerate(lines, start=1)
    )
    small = "".join(
        f"""<li class="headline__thumb__item"><div class="headline__thumb__img">{_PICTURE}</div>
<a class="headline__thumb__link" href="{line.url}"><h2 class="headline__thumb__title">\
{attribute(line.title)}</h2></a></li>
"""
        for line in lines
    )
    return f"""<div class="headline ga--headline clearfix">
<div class="headline__big clearfix"><ul class="headline__big__row clearfix js-hl-big">
{big}</ul></div>
<div class="headline__thumb clearfix"><ul class="headline__thumb__row clearfix js-hl-thumb">
{small}</ul></div>
</div>"""


def _lists(lines: Sequence[Headline]) -> Iterator[str]:
    """Yield the four lists; each but the first holds an item of another house."""
    start = 0
    for number, size in enumerate(SIZES):
        items = [
            site_boxes.listed_2017(line, line.url, label=line.section.upper())
            for line in lines[start : start + size]
        ]
        if number:
            items.insert(1, _FOREIGN[number - 1])
        start += size
        yield '<div class="latest ga--latest mt2 clearfix">\n' + "\n".join(items) + "\n</div>\n"
        yield f'<div class="video-inject" data-id="{number}"></div>\n'


def _foreign(url: str, label: str) -> str:
    return f"""<div class="article__list clearfix">
  <div class="article__list__asset clearfix">
        <div class="article__asset"><a href="{url}" target="_parent">{_PICTURE}</a></div>
  </div>
  <div class="article__list__title">
    <h3 class="article__title article__title--medium"><a class="article__link" href="{url}">Dari \
rumah lain</a></div>
  </h3>
  <div class="article__list__info">
    <div class="article__subtitle article__subtitle--inline color--premium">{label}</div>
    <div class="article__date">25/04/2022, 11:00 WIB</div>
  </div>
  <div class="clearfix"></div>
</div>"""


_FOREIGN = (
    _foreign("https://www.kompas.id/baca/x/2022/04/25/dari-rumah-lain", "KOMPAS.ID"),
    _foreign("https://www.kompasiana.com/x/6264c1/dari-rumah-lain", "KOMPASIANA"),
    _foreign("https://www.kompas.id/baca/x/2022/04/24/dari-rumah-lain", "KOMPAS.ID"),
)


def _opinions(lines: Sequence[Headline]) -> str:
    items = "".join(
        f"""<div class="opinion__list clearfix">
<div class="opinion__asset opinion--pull-left">{_PICTURE}</div>
<div class="opinion__author"><a class="opinion__link" href="http://kolom.kompas.com/1/x">Penulis \
Tamu</a></div>
<div class="opinion__authortitle">Pengamat pelabuhan</div>
<h4 class="opinion__title"><a class="opinion__link" href="{line.url}">{attribute(line.title)}</a></h4>
</div>
"""
        for line in lines
    )
    return f"""<div class="opinion ga--opinion mt2 clearfix">
<div class="title title--center clearfix"><h2 class="title__content">Kolom</h2></div>
<div class="opinion__wrap mt2 clearfix">
{items}</div>
</div>
"""


_FOLLOW = """<div class="social__block clearfix">
<div class="social__block__teaser">Follow us</div>
<div class="social social--header clearfix">
<div class="social__item"><a class="social__link social__link--facebook" href="#"></a></div>
<div class="social__item"><a class="social__link social__link--twitter" href="#"></a></div>
<div class="social__item"><a class="social__link social__link--instagram" href="#"></a></div>
<div class="social__item"><a class="social__link social__link--line" href="#"></a></div>
</div>
</div>
"""
