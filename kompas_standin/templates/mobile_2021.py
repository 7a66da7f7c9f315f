"""The article page that a telephone got, after pages served 2021-08, 2022-02 and 2022-10."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kompas_standin.articles import Headline, StandInArticle, tag_url
from kompas_standin.blocks import Photo
from kompas_standin.furniture import LOOSE
from kompas_standin.templates import bodies, desktop, metadata, pieces
from kompas_standin.templates import boxes as site_boxes
from kompas_standin.templates.boxes_of import Boxes
from kompas_standin.templates.pieces import Page, attribute

_RECOMMENDED = '<div id="rekomendasi_in_article"></div>'
_NEWSLETTER = """<div class="nwsLetter-article">
<p>Dapatkan informasi, inspirasi dan <i>insight</i> di <i>email</i> kamu.<br>\
<a href="javascript:void(0)">Daftarkan <i>email</i></a></p>
</div>"""
_STICKY = """<span class="ads-on-body"><!-- (ads.paragraph.4) -->\
<div class="wrap__sticky__article"><div class="sticky__article"><div class="flying_carpet_div">\
<script type="text/javascript"></script></div></div></div></span>"""
_TRACK = """<span class="ads-on-body"><!-- (ads.paragraph.4) --><div class="kcm-track">
		<div class="kcm-track-sticky"><script type="text/javascript"></script></div>\
<div id="AdTrackHbInterscrollerMobile"></div>
    </div></span>"""
# The application's banner has a paragraph of its own: the age it is fit for.
_APPLICATION = """<div class="bapps-middle">
    <div class="bapps-middle-wrap">
        <div class="bapps-middle-left"><div class="bapps-middle-icon"></div>\
<div class="bapps-middle-rating"><span class="icon-star"></span><p>4+</p></div></div>
        <div class="bapps-middle-info">
            <div class="bapps-middle-title">KOMPAS.com: Berita Terpercaya</div>
            <div class="bapps-middle-desc">Baca Berita Terbaru Tanpa Terganggu Banyak Iklan</div>
        </div>
        <div class="bapps-middle-right"><div class="bapps-middle-btn">Dapatkan Aplikasi</div></div>
        <a href="https://bit.ly/3agOAT4" class="bapps-middle-link"></a>
    </div>
</div>"""
_SHOW = """<div class="rVideo-middle">
    <h3 class="rVideo-middle-lead">Video Rekomendasi</h3>
    <div class="rVideo-middle-player"><div class="rVideo-player">\
<div id="idVideoCtrForWidgetArticle"></div></div></div>
    <div class="rVideo-middle-title"></div>
</div>"""
_BANNER = '<div class="banner-300"><script type="text/javascript"></script></div>'
_PARTNER = '<div class="ads-partner-wrap osmplaceonsite"><p></p></div>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What the template of a month prints otherwise than that of another."""

    in_body: tuple[tuple[int, str], ...]  # what stands behind the block of that number
    end: str  # what ends the body
    tag_label: str = "TAG:"
    classes: bool = True  # title and dateline have classes of their own
    old: bool = False  # before 2022: no carousel, a box of related articles below the tags
    linked: bool = False  # has linked data


MONTHS = {
    "2021-08": Month(
        in_body=((2, _RECOMMENDED), (3, _NEWSLETTER), (4, _STICKY)), end=_PARTNER, old=True
    ),
    "2021-08-tekno": Month(
        in_body=((2, _RECOMMENDED), (3, "{also}"), (4, _NEWSLETTER), (5, _STICKY)),
        end=_PARTNER,
        classes=False,
        old=True,
    ),
    "2022-02": Month(
        in_body=((2, _RECOMMENDED + _APPLICATION), (3, _SHOW), (4, _TRACK)),
        end='<div id="recWidgetTestDivId"></div>',
    ),
    "2022-10": Month(
        in_body=((2, _RECOMMENDED), (4, _TRACK), (6, _BANNER)),
        end="",
        tag_label="Tag",
        linked=True,
    ),
}


def draw(article: StandInArticle, boxes: Boxes, page: int | None) -> Page:
    """Return one page of the article, or with page None the whole."""
    month = MONTHS[article.served]
    title = f"{attribute(article.title)}{pieces.halaman(page)}"
    linked = metadata.json_ld(article, page) if month.linked else metadata.site_ld()
    head = f"""<!DOCTYPE html>
<html lang="id">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8">
<title>{title}{"" if page == 1 else " - Kompas.com"}</title>
{_metadata(article, page, month)}{linked}"""
    return [
        head,
        boxes.scripts,
        "</head>\n<body class='kcm--read'>\n<div class='root'>\n<div id='page1'>\n",
        _article(article, page, month, boxes.newest),
        boxes.fixture(f"mobile-{article.served}", lambda it: _below(it, month)),
        boxes.tail,
    ]


def _metadata(article: StandInArticle, page: int | None, month: Month) -> str:
    subscription = '<meta name="subscription" content="False" />\n' if month.linked else ""
    return f"""<meta name="viewport" content="width=device-width">
<meta name="description" content="{attribute(article.description + pieces.halaman(page))}">
<meta name="author" content="PT. Kompas Cyber Media">
<meta name="robots" content="index, follow" />
<meta name="theme-color" content="#000">
<meta name="msapplication-navbutton-color" content="#000">
<meta name="apple-mobile-web-app-capable" content="yes">
<meta name="apple-mobile-web-app-status-bar-style" content="black">
{metadata.shared_meta(article, page)}{metadata.content_meta(article)}\
{metadata.published_time(article)}{subscription}\
<link rel="amphtml" href="{metadata.amp_url(article)}">
<link rel="canonical" href="{article.url}" />
<meta name="google-site-verification" content="x" />
"""


def _article(
    article: StandInArticle, page: int | None, month: Month, newest: Sequence[Headline]
) -> str:
    levels = "".join(f'<li><a href="{url}">{name}</a></li>' for name, url in pieces.levels(article))
    return f"""<div class="content_article">
<div id="menuHeader" class="header row"></div>
<div class="row">
<div class="exp-tag-populer"><h3 class="hypeTag-title">TOPIK UNTUKMU:</h3>
<div class="hypeTag clearfix"><div class="hypeTag__item"><a class="hypeTag__link" \
href="{tag_url("cuaca")}">#Cuaca</a></div></div></div>
{"" if month.old else '<span class="banner-sticky-holder"></span>'}
    <div class="breadcum-new"><ul>{levels}</ul></div>
    <div class="headline column">
        {_title(article, month)}
        {_share(article)}
        <div class="imgHL">{_photo(article, article.lead_photo)}{_carousel(article, month)}</div>
    </div>
    {"" if month.old else '<div class="overlay-mobile"></div><div class="overlay-mobile"></div>'}
    <div class="read__credit">{_people(article)}</div>
    <div class="contentArticle box-shadow-new">
        <div id="contentArticle" class="read__content">{_content(article, page, month, newest)}</div>
        <!-- Paging -->
        {_pages(article, page)}
        {_tags(article, month)}
"""


def _title(article: StandInArticle, month: Month) -> str:
    title = attribute(article.title)
    brand, found, rest = article.dateline.partition("Kompas.com")
    dateline = f'<a href="https://www.kompas.com/">{found}</a>{rest}' if found else brand
    if month.classes:
        return f"""<h1 class="read__title">{title}</h1>
        <div class="read__date">{dateline}</div>"""
    return f"""<div class="read__subtitle"></div>
        <a href="#" rel="external" data-ajax="false">{title}</a>
        <h6>{dateline}</h6>"""


def _share(article: StandInArticle) -> str:
    buttons = "".join(
        f'<li><a class="{name}_share" href="https://berbagi.example/{name}"><span '
        f'class="ico-share icon-{short} ico-bg bg-{short}"><img class="lozad" data-src="x.png"></span>'
        "</a></li>\n"
        for name, short in (("fb", "fb"), ("twitter", "tw"), ("wa", "wa"), ("line", "line"))
    )
    return f"""<ul id="social--article" class="floating-share">
{buttons}<div class="comment__read__text"><a href="{pieces.viewer(article, "komentar")}">Komentar\
<div class="comment__counter total_comment_share"></div></a></div>
</ul>"""


def _photo(article: StandInArticle, photo: Photo) -> str:
    return (
        f'<div class="photo" data-photolink="{pieces.viewer(article)}?page=1"><img '
        f'data-width="750px" data-aligment="" src="{photo.url}" alt="{attribute(photo.caption or "")}">'
        f'<span class="pb_10 author">{attribute(photo.credit or "")}</span> '
        f"{attribute(photo.caption or '')}</div>"
    )


def _carousel(article: StandInArticle, month: Month) -> str:
    return "" if month.old else desktop.carousel(article)


def _people(article: StandInArticle) -> str:
    return " | ".join(
        f"<h6>{role}: {pieces.profile_link(name)}</h6>"
        for role, names in (
            ("Penulis", article.printed_authors),
            ("Editor", article.printed_editors),
        )
        for name in names
    )


def _content(
    article: StandInArticle, page: int | None, month: Month, newest: Sequence[Headline]
) -> str:
    in_body = tuple((place, box.replace("{also}", _also(newest))) for place, box in month.in_body)
    style = replace(bodies.MOBILE if month.old else bodies.MOBILE_2022, beside=in_body)
    html = bodies.body(article, pieces.shown(article, page), style, first=page in (None, 1))
    html = f"<p><strong></strong></p>\n{html}</p>"
    if pieces.ends(article, page) and not month.old:
        end = '<div style="height:1px" id="EndOfArticle"></div>\n' if month.linked else ""
        html += f"{end}{LOOSE[article.served]}</p></p>"
    return f'{html}<span class="liftdown_v2_tanda"></span>{month.end}'


def _also(newest: Sequence[Headline]) -> str:
    """Return a box that looks like a heading and a list of the text."""
    items = "".join(
        f'<li><a class="list-related" href="{line.url.replace("https:", "http:")}">'
        f"{attribute(line.title)}</a></li>\n"
        for line in newest[:3]
    )
    return f"""<div class="lihatJuga row-10 on-read mt2 mb2">
<h2>Baca Juga :</h2>
<ul>
{items}</ul>
</div>"""


def _pages(article: StandInArticle, page: int | None) -> str:
    return f"""{_teaser(article, page)}{_numbers(article, page)}\
<span class="js-autoNext-holder"></span>
{_topics(article)}<div id="next_previous_inject"></div>"""


def _topics(article: StandInArticle) -> str:
    """Return the topics of an article, in a box whose class is that of the next page's teaser."""
    if not article.has_topic:
        return ""
    return f"""<div class="read__paging__footnote paging__footnote next-topic">
	<span>Baca tentang</span>
	<h5><a href="https://www.kompas.com/topik-pilihan/list/6498/x" class="next">\
{attribute(article.tags[0].title())}</a></h5>
</div>
"""


def _teaser(article: StandInArticle, page: int | None) -> str:
    if page is None or page == len(article.pages):
        return ""
    return f"""<div class="read__paging__footnote paging__footnote clearfix">
	<span>Halaman Selanjutnya</span>
	<h5><a href="{pieces.page_url(article, page + 1)}" class="next">\
{pieces.next_words(article, page)}&#8230;</a></h5>
</div>
"""


def _numbers(article: StandInArticle, page: int | None) -> str:
    if len(article.pages) == 1:
        return ""
    links = "".join(
        f'<li><a class="{"active" if number == page else ""}" '
        f'href="{pieces.page_url(article, number)}">{number}</a></li>'
        for number in range(1, len(article.pages) + 1)
    )
    return f"""<div class="kcm-read-paging"><ul>{links}<li id="show-all">\
<a href="{article.url}?page=all#page2">Show All</a></li></ul></div>
"""


def _tags(article: StandInArticle, month: Month) -> str:
    """Return games, sources and tags, in the order of the month."""
    items = "".join(
        f'<li class="mob-tagging__item"><h4 class="mob-tagging__title"><a class="mob-tagging__link" '
        f'href="{tag_url(tag)}?url={article.url}">{attribute(tag)} </a></h4></li>'
        for tag in article.printed_tags
    )
    tags = (
        '<div class="mob-tagging mob-tagging--article mt2 clearfix">'
        f'<div class="mob-tagging__title">{month.tag_label}</div>'
        f'<ul class="mob-tagging__items">{items}</ul></div>'
    )
    games = site_boxes.games(lazy="") if month.old else ""
    before = "<br>" if month.old and month.classes else ""
    return f"{before}{games}{_sources(article)}{tags}"


def _sources(article: StandInArticle) -> str:
    if not article.printed_sources:
        return ""
    return (
        '<div class="read__credit bottom"><h6>Sumber: <div class="read__credit__logo">'
        f"{pieces.source_links(article)}</div></h6></div>\n"
    )


def _below(boxes: Boxes, month: Month) -> str:
    """Return what stands below the tags: lists of other articles, full of links and times."""
    games = "" if month.old else site_boxes.games()
    section = "" if month.old else site_boxes.WHOLE_SECTION
    also = site_boxes.also_read(boxes.newest[:5]) if month.linked else ""
    watched = ""
    if not month.old:
        watched = (
            f'<div class="native-wrap">{"" if month.linked else "<br>"}</div>\n'
            '<br><div class="video-box-wrap"></div>\n'
        )
    inside = "" if month.linked or month.old else _SLOT + games
    outside = f"{_PARTNER}\n{games}{_SECOND}{_BANNER}\n" if month.linked else ""
    related = _related(boxes.newest, month) if month.old else ""
    if not month.classes:
        inside, related = related, ""
    return f"""{section}{also}{watched}{inside}    </div>
{outside}{related}<br>
<div class="clearit"></div>
<div id="rekomendasi" class="rekomendasi--small"></div>
{_most(boxes.newest)}{_COMMENTS}{_latest(boxes.newest, month)}
</div>
</div>
</div>
</div>
"""


_SLOT = '<li class="box-shadow-new"><div class="boxBanner1"></div></li>\n'
_SECOND = '<div class="ads-partner-wrap"></div>\n'
_COMMENTS = """<div class="comment ga--comment clearfix"></div>
<div class="cm__widget ga--comment-widget clearfix"></div>
"""


def _related(newest: Sequence[Headline], month: Month) -> str:
    """Return others' articles, in a box that is called as the links of the body are."""
    picture = (
        "" if month.classes else '<img class="lozad" data-src="https://asset.kompas.com/x.jpg"> '
    )
    items = "".join(
        f'<li><a class="list-related" href="{line.url.replace("https:", "http:")}">'
        f"{picture}{attribute(line.title)}</a></li>\n"
        for line in newest[:3]
    )
    box = f"""<div class="bacaJuga column{"" if month.classes else " thumb"}">
<h2 class="read-title">Terkait</h2>
<ul>
{items}</ul>
</div>
"""
    if month.classes:
        return f'{box}<div class="native-wrap"></div>\n{_BANNER}\n'
    return f"""{box}<div class="native-wrap"></div>
<br>
<div class="banner-300">{_BANNER}{_SECOND}</div>
"""


def _row(line: Headline, head: str, told: str, sides: tuple[str, str] = ("", "right")) -> str:
    picture = '<img class="lozad" data-src="https://asset.kompas.com/x.jpg">'
    return f"""<li class="box-shadow-new"><div class="ListCol">{head}
<div class="left ListCol1 {sides[0]}">{told}</div>
<div class="{sides[1]} ListCol2"><a href="{line.url}">{picture}</a></div>
<div class="clearit"></div></div></li>
"""


def _most(newest: Sequence[Headline]) -> str:
    items = "".join(
        _row(
            line,
            f'<div class="most__no">{number}</div>',
            f'<a href="{line.url}">{attribute(line.title)}</a>'
            f'<div class="most__info">Dibaca {27 - number}.850 kali</div>',
        )
        for number, line in enumerate(newest[:5], start=1)
    )
    return f"""<h2 class="pop-title">Terpopuler</h2>
<div class="most listNews terpopuler-wp clearfix">
<ul>
{items}</ul>
<div class="most__more"><a class="most__other" href="https://indeks.kompas.com/terpopuler">\
Terpopuler Lainnya</a></div>
</div>
<div id="previous" style="display:none"><span id="previous_title"></span>\
<span id="previous_path"></span><span id="previous_thumbnail"></span></div>
"""


def _latest(newest: Sequence[Headline], month: Month) -> str:
    """Return "Terkini" with its own pages, of which the first is active."""
    sides = ("", "right") if month.classes else ("right", "left")
    items = "".join(
        _row(
            line,
            "",
            f'<h3><a href="{line.url}">{attribute(line.title)}</a></h3><div class="article__channel">'
            f'<strong><a href="javascript:void(0)">{line.section}</a></strong> - 1 jam lalu</div>',
            sides,
        )
        for line in newest
    )
    old = "".join(
        _row(line, "", f'<a href="{line.url}">{attribute(line.title)}</a>') for line in newest[:3]
    )
    index = "https://indeks.kompas.com?site=global&page="
    return f"""<div class="listNews">
<h2 class="pop-title">Terkini</h2>
<ul id="latest_content">
{items}</ul>
<div class="paging"><ul><li class="active"><a href="javascript:void(0)">1</a></li>\
<li><a href="{index}2">2</a></li><li><a href="{index}3">3</a></li></ul></div>
<h2 class="pop-title">Artikel yang mungkin Anda lewatkan</h2>
<div class="listNews oldArticle">
<ul id="content_news new-box">
{old}</ul>
</div>
{"" if month.linked else '<div class="wBox wBox--sonora"></div>'}
</div>"""
