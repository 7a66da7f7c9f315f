"""The desktop article page of September 2017 to 2022, after pages served 2020-10 to 2021-03."""

from __future__ import annotations

from dataclasses import dataclass

from kompas_standin.articles import StandInArticle
from kompas_standin.templates import bodies, desktop, metadata, pieces
from kompas_standin.templates import boxes as site_boxes
from kompas_standin.templates.boxes_of import Boxes
from kompas_standin.templates.pieces import Page, attribute


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What the template of a month prints otherwise than that of another."""

    published_time: bool = False
    subtitle: bool = False
    networks: tuple[str, ...] = ("facebook", "twitter")
    deeper: bool = False  # the content one <div> deeper
    recommends: bool = False  # others' articles below, and a frame of advertisers
    blogs: bool = False  # a frame of the house's blogs
    advertised: bool = False
    play: str = "li"  # what has the number of a game: the item or its link


MONTHS = {
    "2020-10": Month(blogs=True, advertised=True),
    "2020-11": Month(play="a"),
    "2021-03": Month(
        published_time=True,
        subtitle=True,
        networks=("facebook", "twitter", "telegram", "whatsapp"),
        deeper=True,
        recommends=True,
        blogs=True,
        play="a",
    ),
}


def draw(article: StandInArticle, boxes: Boxes, page: int | None) -> Page:
    """Return one page of the article, or with page None the whole."""
    month = MONTHS[article.served]
    title = attribute(article.title)
    later = metadata.published_time(article) if month.published_time else ""
    head = f"""<!DOCTYPE html>
<html>
<head>
<title>{title}{pieces.halaman(page)}{"" if page == 1 else " - Kompas.com"}</title>
<link href="//asset.kompas.com" rel="dns-prefetch"><meta charset="utf-8">
{metadata.head_meta(article, page, later)}"""
    linked = f"""{metadata.json_ld(article, page, profile=False)}
</head>
    <body class="theme--global page--read">
<noscript><iframe src="//www.googletagmanager.com/ns.html?id=GTM-0" height="0"></iframe></noscript>
"""
    return [
        head,
        boxes.scripts,
        linked,
        boxes.menu,
        _article(article, page, month),
        boxes.fixture("related-2017", lambda it: site_boxes.related(it.newest[:5])),
        boxes.fixture(f"beside-{article.served}", lambda it: _beside(it, month)),
        boxes.tail,
    ]


def _article(article: StandInArticle, page: int | None, month: Month) -> str:
    photo = article.lead_photo
    title = attribute(article.title)
    subtitle = '<div class="read__subtitle"></div>' if month.subtitle else ""
    return f"""<div class="row mt2 col-offset-fluid clearfix">
    <div class="col-bs10-10">
{desktop.breadcrumb(article)}
        <!-- (ads.header) -->
        {_partner(article)}{subtitle}
        <h1 class="read__title">{title}</h1>
    </div>
</div>
<!-- read-->
<div class="row col-offset-fluid clearfix js-giant-wp-sticky-parent">
    <div class="col-bs10-7 js-read-article">
        <div class="read__header col-offset-fluid clearfix">
            <div class="col-bs10-10">
                <div class="read__time">{article.dateline}</div>
            </div>
            <div class="col-bs10-10">
                {desktop.share(article, month.networks)}            </div>
        </div>
        <div class="photo" data-photolink="{pieces.viewer(article)}?page=1">
    <img src="{photo.url}" alt="{attribute(photo.caption or "")}" />
    <span class="pb_10 author">{photo.credit}</span>{attribute(photo.caption or "")}</div>
        <p id="dsharetitle" style="display:none">{title}</p>
        <!-- (ads.overlay) -->
        {_overlay(month)}
        <div class="read__article mt2 clearfix js-tower-sticky-parent">
            <div class="col-bs9-2 col-offset-0">
                <!-- (ads.skycraper) -->
            </div>
            <div class="col-bs9-7">
                <!-- read credit-->
                {desktop.names(article)}
                <!-- read content-->
                <div class="read__content">
                    {_content(article, page, month)}                    <div class="fb-quote"></div>
                </div>
                <div></div>
                <!-- pagging -->
                {desktop.paging(article, page)}<span class="js-autoNext-holder"></span>
                {desktop.topics(article)}<div id="next_previous_inject"></div>
                {_games(month)}<br/>
                {_player(month)}
                <!-- read credit-->
                {desktop.sources(article)}
                <!-- read tag-->
                {desktop.tags_2017(article, "Tag:")}
"""


def _overlay(month: Month) -> str:
    return '<div class="overlay-desktop"></div>' if month.blogs else ""


def _partner(article: StandInArticle) -> str:
    """Return the name of the house whose article this is, as a picture above the title."""
    if "DW Indonesia" not in article.sources:
        return ""
    return """<div class="partner__header mt2 clearfix">
        <div class="title clearfix"><a href="http://internasional.kompas.com/dw" target="_blank">\
<img src="https://asset.kompas.com/x.png"/></a></div>
        </div>
        """


def _content(article: StandInArticle, page: int | None, month: Month) -> str:
    blocks = pieces.shown(article, page)
    html = bodies.body(article, blocks, bodies.CLASSIC, first=page in (None, 1))
    # Stray closing tags: one more on articles of one page.
    stray = "</p>" if len(article.pages) > 1 else "</p></p>"
    end = f'{stray}<!-- (ads.native_banner) --></p><span class="liftdown_v2_tanda"></span>'
    if month.deeper:
        return f'<div data-io-article-url="{article.url}">{html}{end}</div>'
    return f"<p><strong></strong></p>\n{html}{end}"


def _games(month: Month) -> str:
    if month.recommends:
        return site_boxes.games(heading="<h4>Kompas.com<span>Play</span></h4>")
    numbers = ('id="kompasplay-{}"', "") if month.play == "li" else ("", 'id="kompasplay-{}"')
    items = "".join(
        f"""<li {numbers[0].format(n)}>
<a {numbers[1].format(n)} href="https://info.kompas.com/kuis/{n}"><div class="info-banner-list-img"><img class="lozad" \
data-src="https://asset.kompas.com/x.jpg"></div><h4 class="info-banner-list-title">Kuis {n}</h4></a>
</li>
"""
        for n in (1, 2)
    )
    return f"""<div class="info-banner clearfix" data-slider="true">
<div class="info-banner-header"><h4>Kompas.com<span>Play</span></h4>\
<a href="https://info.kompas.com/kuis?source=kompascomplay">Lihat Semua</a></div>
<div class="info-banner-list"><ul>
{items}</ul></div>
</div>"""


def _player(month: Month) -> str:
    if month.recommends:
        return '<div id="ivs-inject" data-siteno="70"></div>'
    return (
        '<div id="ivsplayer01-container"><ivs-player id="Kompas-Global" data-ivs-wid="x">'
        "</ivs-player></div>"
    )


def _beside(boxes: Boxes, month: Month) -> str:
    """Return what stands below the article and in the right column."""
    rekomendasi = (
        '<div id="rekomendasi" class="recommendation recommendation--small clearfix"></div>'
    )
    if month.recommends:
        rekomendasi = site_boxes.recommended(boxes.newest[:4], told=True)
    frames = (
        '<iframe id="mgiframe" src="//mg.example/frame"></iframe>\n' if month.recommends else ""
    )
    if month.blogs:
        frames += (
            '<div class="row mt2 clearfix">'
            '<iframe src="https://widget.kompas.com/kompasiana_widget_read/"></iframe></div>'
        )
    return f"""            </div>
        </div>
{rekomendasi}
{frames}
<div id="voucher__banner1"><div class="voucher__banner"><a href="https://info.kompas.com/promo">\
<img class="lozad" data-src="https://asset.kompas.com/x.png"></a></div></div>
{boxes.comments}
{boxes.latest(month.advertised)}
<div id="rvideo-inject-start"></div>
<div class="rVideo" id="rvideo-inject"></div>
    </div>
    <div class="col-bs10-3">
<div class="mt2 clearfix"></div>
{boxes.beside}{boxes.missed()}</div>
</div>
"""
