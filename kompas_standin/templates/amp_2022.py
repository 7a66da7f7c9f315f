"""The article page for accelerated mobile reading (AMP), after a page served 2022-01."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from kompas_standin.articles import Headline, StandInArticle
from kompas_standin.templates import bodies, metadata, pieces
from kompas_standin.templates.boxes_of import Boxes
from kompas_standin.templates.pieces import Page, attribute

_BANNER = """<div class="banner-show banner-middle" id="smart-banner">
    <div class="banner-wrap">
        <div class="banner-left"><amp-img src="https://asset.kompas.com/x.jpg"></amp-img>\
<div class="banner-rating"><span class="icon-star"></span><p>4+</p></div></div>
        <div class="banner-info">
            <div class="banner-title">KOMPAS.com: Berita Terpercaya</div>
            <div class="banner-desc">Baca Berita Terbaru Tanpa Terganggu Banyak Iklan</div>
        </div>
        <div class="banner-right"><div class="banner-btn">Dapatkan Aplikasi</div></div>
        <a href="https://bit.ly/30bML8a" class="banner-link" id="banner-btn"></a>
    </div>
</div>"""
_PLAYER = """<div class="spacer"></div>
    <div class="container"><amp-video-iframe id="kgwidget" \
src="https://amp.kompas.com/jixie/video?filename=widget"><amp-img placeholder \
src="https://asset.kompas.com/1x1.gif"></amp-img></amp-video-iframe></div>
    <div class="spacer"></div>"""
_SHOW = f"""<div class="rVideo-middle">
    <h3 class="rVideo-middle-lead">Video Rekomendasi</h3>
    {_PLAYER}
    <div class="rVideo-middle-title"></div>
</div>"""
_ADVERTISEMENTS = """<div class="ads__banner"><amp-ad type="doubleclick"></amp-ad></div>
<amp-ad type="unruly"></amp-ad>
<amp-web-push id="amp-web-push" layout="nodisplay"></amp-web-push>
<div class="subscribe__widget">
    <amp-web-push-widget visibility="unsubscribed" layout="fixed">
        <div class="subscribe__box">
            <div class="subscribe__img"><amp-img src="https://asset.kompas.com/x.png"></amp-img></div>
            <div class="subscribe__content">
                <div class="subscribe__title">Aktifkan Notifikasimu</div>
                <div class="subscribe__text">Jadilah yang pertama menerima kabar.</div>
                <button on="tap:amp-web-push.subscribe"><div class="subscribe__button">Aktifkan</div></button>
            </div>
        </div>
        <div class="subscribe__footer">Belum berhasil? <a href="https://www.kompas.com/x">Klik di sini</a></div>
    </amp-web-push-widget>
</div>"""
_BESIDE = ((2, _BANNER), (3, _SHOW), (5, '<div class="ads__banner"><amp-ad></amp-ad></div>'))
_NETWORKS = ("facebook", "twitter", "whatsapp", "line")


def draw(article: StandInArticle, boxes: Boxes, page: int | None) -> Page:
    """Return one page of the article, or with page None the whole."""
    title = f"{attribute(article.title)}{pieces.halaman(page)} - Kompas.com"
    shared = metadata.shared_meta(article, page, " - Kompas.com")
    # The address for social networks is the front of the whole site.
    shared = shared.replace(
        f'og:url" content="{article.url}"', 'og:url" content="https://www.kompas.com/"'
    )
    return [
        f"""<!doctype html>
<html amp lang="id">
<head>
<meta charset="utf-8">
<title>{title}</title>
<meta name="viewport" content="width=device-width,minimum-scale=1">
<link rel="canonical" href="{article.url}">
<meta name="amp-google-client-id-api" content="googleanalytics">
<meta name="robots" content="index, follow" />
<meta name="googlebot-news" content="index,follow" />
<meta name="googlebot" content="index,follow" />
<meta name="author" content="Kompas Cyber Media">
<meta name="language" content="id" />
<meta name="geo.country" content="id" />
<meta name="geo.placename" content="Indonesia" />
<meta name="thumbnailUrl" content="https://asset.kompas.com/x.png" itemprop="thumbnailUrl" />
{shared}{metadata.content_meta(article, numbers=False)}\
<meta name="amp-script-src" content="x" />
{_linked_data(article, page)}</head>
<body>
""",
        _article(article, page),
        boxes.fixture("amp", lambda it: _below(it.newest)),
    ]


def _linked_data(article: StandInArticle, page: int | None) -> str:
    stamp = metadata.stamp(article.stated_at, utc=True).replace("+00:00", "Z")
    news = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": f"{article.title}{pieces.halaman(page)} - Kompas.com",
        "datePublished": stamp,
        "dateModified": stamp,
        "mainEntityOfPage": article.url,
        "image": {
            "@type": "ImageObject",
            "url": article.lead_photo.url,
            "width": 780,
            "height": 390,
        },
        "author": {"@type": "Person", "name": article.stated_editor},
        "publisher": {
            "@type": "Organization",
            "name": "Kompas.com",
            "logo": {
                "@type": "ImageObject",
                "url": "https://asset.kompas.com/x.png",
                "width": 291,
                "height": 60,
            },
        },
    }
    return f'<script type="application/ld+json">\n{json.dumps(news, indent=4)}\n</script>\n'


def _article(article: StandInArticle, page: int | None) -> str:
    brand, found, rest = article.dateline.partition("Kompas.com")
    dateline = f'{brand}<a href="https://www.kompas.com/">{found}</a>{rest}' if found else brand
    return f"""<section class="content__main">
{_breadcrumb(article)}
<h1 class="read__title">{attribute(article.title)}</h1>
<time class="read__date" itemprop="datePublished" datetime="{article.stated_at:%Y-%m-%d %H:%M:%S}">\
{dateline}</time>
{_share(article)}
{_photo(article)}
<div class="credit">{_people(article)}</div>
<article class="read__content">
<amp-position-observer on="exit:hideUpper.start" layout="nodisplay"></amp-position-observer>
<p><strong></strong></p>
{_content(article, page)}
{_ADVERTISEMENTS}
</article>
{_pages(article, page)}
{_foot(article)}
"""


def _breadcrumb(article: StandInArticle) -> str:
    items = "\n".join(
        f'<div class="crumb__item" itemprop="itemListElement"><a itemprop="item" href="{url}">'
        f'<span itemprop="name">{name}</span></a><meta itemprop="position" content="{number}" /></div>'
        for number, (name, url) in enumerate(pieces.levels(article), start=1)
    )
    return f'<div class="crumb" itemscope>\n{items}\n</div>'


def _share(article: StandInArticle) -> str:
    buttons = "".join(
        f'<div class="social__item social--{name}"><amp-social-share class="rounded" type="{name}">'
        "</amp-social-share></div>\n"
        for name in _NETWORKS
    )
    return f"""<div class="social">
{buttons}<div class="read__comment__social"><a href="{pieces.viewer(article, "komentar")}">Komentar\
<div class="comment__counter comment__counter--read"></div></a></div>
</div>"""


def _photo(article: StandInArticle) -> str:
    photo = article.lead_photo
    caption = attribute(photo.caption or "")
    viewer = pieces.viewer(article)
    return f"""<a href="{viewer}"><div class="photo">
<amp-img layout="responsive" src="{photo.url}" alt="{caption}"></amp-img>
<div class="photo__icon"><amp-img src="https://asset.kompas.com/x.svg"></amp-img> Lihat Foto</div>
<div class="photo__author">{attribute(photo.credit or "")}</div>
<div class="photo__caption">{caption}</div>
</div></a>
<div class="pCarousel"><amp-carousel class="pCarousel-box" type="carousel">
<div class="pCarousel-item active"><a href="{viewer}"><div class="pCarousel-img">\
<amp-img src="{photo.url.replace("750x500", "150x100")}"></amp-img></div></a></div>
<div class="pCarousel-item"><a href="https://kompas.com/feedback"><div class="pCarousel-img">\
<amp-img src="https://asset.kompas.com/crop/0x0:0x0/300x200/data/photo/banner-NPS.png"></amp-img>\
</div></a></div>
</amp-carousel></div>"""


def _people(article: StandInArticle) -> str:
    """Return writer and editor; a name without a profile is bare text."""
    return " | ".join(
        f'<div class="credit__item"><span>{role}: </span> {_person(name)}</div>'
        for role, names in (
            ("Penulis", article.printed_authors),
            ("Editor", article.printed_editors),
        )
        for name in names
    )


def _person(name: str) -> str:
    return attribute(name) if len(name) % 2 else pieces.profile_link(name)


def _content(article: StandInArticle, page: int | None) -> str:
    style = replace(bodies.PLAIN, beside=_BESIDE)
    return bodies.body(article, pieces.shown(article, page), style, first=page in (None, 1))


def _pages(article: StandInArticle, page: int | None) -> str:
    """Return teaser and pages: the class of the one means the pages on desktops."""
    if len(article.pages) == 1:
        return ""
    links = "".join(
        f'<li><a class="{"active" if number == page else ""}" '
        f'href="{article.url}?amp=1&page={number}">{number}</a></li>'
        for number in range(1, len(article.pages) + 1)
    )
    teaser = ""
    if page is not None and page < len(article.pages):
        teaser = f"""<div class="read__paging">
<span>Halaman Selanjutnya</span>
<h5><a href="{article.url}?amp=1&page={page + 1}" class="next">{pieces.next_words(article, page)}\
&#8230;</a></h5>
</div>
"""
    return f"""{teaser}<div class="paging"><div class="paging__text">Halaman </div>
<ul>{links}<li class="all"><a class="prev" href="{article.url}?amp=1&page=all">Show All</a></li></ul></div>"""


def _foot(article: StandInArticle) -> str:
    tags = "".join(
        f'<li><a href="https://indeks.kompas.com/tag/{tag.replace(" ", "-")}">{attribute(tag)}</a></li>'
        for tag in article.printed_tags
    )
    return f"""<div class="wLink">
<a href="{article.section_url}">
<div class="wLink__block">
<div class="wLink__img"><amp-img src="https://asset.kompas.com/x.jpg"></amp-img></div>
<div class="wLink__title">Lihat {article.section} Selengkapnya</div>
<div class="wLink__arrow"><span class="wLink__arrowPoint"></span></div>
</div>
</a>
</div>
<div class="video-ivs"><br><div class="video-ivs__title"><strong>Video Pilihan</strong></div>
{_PLAYER}
<div class="video-ivs-lead"></div></div>
<div class="tagging"><div class="tagging__text">TAG:</div>
<ul>{tags}</ul></div>
</section>"""


def _below(newest: Sequence[Headline]) -> str:
    most = "".join(
        f'<li><div class="most__no">{number}</div><a href="{line.url}">{attribute(line.title)}</a>'
        f"<span>Dibaca {27 - number}850 kali</span></li>\n"
        for number, line in enumerate(newest[:5], start=1)
    )
    latest = "".join(
        f'<li><a href="{line.url}">{attribute(line.title)}</a>'
        '<span><a href="https://news.kompas.com/">NEWS</a> - 29 menit lalu</span></li>\n'
        for line in newest
    )
    return f"""<section class="most">
<div class="title">Terpopuler</div>
<ul class="list list--latest list--most">
{most}<div class="most__more"><a href="https://indeks.kompas.com/terpopuler">Terpopuler Lainnya</a></div>
</ul>
</section>
<section class="latest">
<div class="title">Terkini</div>
<ul class="list list--latest">
{latest}</ul>
</section>
<div class="more"><a href="https://indeks.kompas.com">Lihat Semua</a></div>
</body>
</html>
"""
