"""The desktop article page of 2022 to 2024, after pages served 2022-07, 2023-04, 2023-11, 2024-04.

What was served in 2025 is known by what public crawlers tell alone: see `read_2025`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from kompas_standin.articles import StandInArticle, tag_url
from kompas_standin.furniture import LOOSE
from kompas_standin.templates import (
    bodies,
    desktop,
    metadata,
    people_2022,
    pieces,
    read_2025,
)
from kompas_standin.templates import boxes as site_boxes
from kompas_standin.templates.bodies import Style
from kompas_standin.templates.boxes_of import Boxes
from kompas_standin.templates.pieces import Page, attribute

_SURVEY = (
    '<iframe class="darkMsg" src="https://widget.kompas.com/survey/39?source=kompas.com'
    '&separator=survey__separator" frameborder="0" width="100%" height="330"></iframe>'
)
_LAZY_POLL = """<!-- polling -->
<iframe loading="lazy" allow="clipboard-write" class="lozad darkMsg" id="widget-polling"
    data-src="https://widget.kompas.com/polling?site=global" frameborder="0"></iframe>"""
_POLL = _LAZY_POLL.replace("lozad ", "").replace("data-src", "src")


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What the template of a month prints otherwise than that of another."""

    style: Style
    boxed: bool = False  # the names in a box below the dateline
    last: bool = False  # the latest month known: fewer boxes of others
    sources: str = " bottom"  # where the sources stand
    tag_link: str = 'href="{url}"'
    following: str = "Selanjutnya"
    in_body: str = ""  # the frame that ends the body
    below: str = ""  # the frame below the tags
    buttons: str = ""  # the reactions below the dateline
    gates: int = 0
    metas: tuple[str, ...] = ("subscription",)


MONTHS = {
    "2022-07": Month(style=bodies.DESKTOP, metas=("subscription", "msvalidate.01")),
    "2023-04": Month(
        style=bodies.WITH_VIDEOS,
        tag_link='href="javascript:void(0)" data-url="{url}"',
        in_body=_SURVEY,
        buttons="button{} reactionItem",
        gates=2,
        metas=("content_sensi", "subscription", "lestari_sdgs"),
    ),
    "2023-11": Month(
        style=bodies.WITH_VIDEOS,
        boxed=True,
        tag_link='href="javascript:void(0)" data-url="{url}"',
        below=_POLL,
        buttons="reactionItem reactionIteration",
        gates=3,
        metas=("content_sensi", "subscription", "lestari_sdgs"),
    ),
    "2024-04": Month(
        style=bodies.WITH_VIDEOS,
        boxed=True,
        last=True,
        sources=" top",
        following="Berikutnya",
        in_body=_LAZY_POLL,
        buttons="reactionItem reactionIteration",
        gates=3,
        metas=("content_sensi", "subscription", "lestari_sdgs"),
    ),
}


def draw(article: StandInArticle, boxes: Boxes, page: int | None) -> Page:
    """Return one page of the article, or with page None the whole."""
    if article.served == "2025":
        return read_2025.draw(article, boxes, page)
    month = MONTHS[article.served]
    title = f"{attribute(article.title)}{pieces.halaman(page)}"
    head = f"""<!DOCTYPE html>
<html lang="en">
<head>
<script>
{_data_layer(article, page)}
</script>
<title>{title}{"" if page == 1 else " - Kompas.com"}</title>
<meta charset="utf-8">
{metadata.head_meta(article, page, _later(article, page, month), amp=not month.last)}"""
    linked = f"""{metadata.json_ld(article, page)}<script>
var keywordBrandSafety = {_one_line(article)};
</script>
</head>
<body class="theme--global page--read">
"""
    gates = 0 if article.form == "advertorial" else month.gates
    blogs = article.served in ("2022-07", "2023-11") or _rare(article)
    return [
        head,
        boxes.scripts,
        linked,
        boxes.menu,
        _article(article, page, month),
        boxes.fixture(f"below-{article.served}", lambda it: _below(it, article.served, month)),
        boxes.fixture(
            f"beside-{article.served}-{gates}-{blogs}",
            lambda it: _beside(it, article.served, month, gates, blogs),
        ),
        boxes.tail,
    ]


def _rare(article: StandInArticle) -> bool:
    """Return whether this is one of the few pages of 2023-04 with an older frame around the body."""
    return article.served == "2023-04" and article.has_topic


def _later(article: StandInArticle, page: int | None, month: Month) -> str:
    """Return the metadata that templates since 2022 add."""
    values = {"subscription": "False"}
    metas = "".join(
        f'<meta name="{name}" content="{values.get(name, "")}" />\n' for name in month.metas
    )
    if article.announced is not None:
        metas += f"""<meta name="content_total_pages" content="{article.announced}" />
<meta name="content_current_page" content="{_current(article, page)}" />
"""
    return metadata.published_time(article) + metas


def _current(article: StandInArticle, page: int | None) -> int | str:
    """Return which page is shown; how Kompas names all of several is not known."""
    return 1 if len(article.pages) == 1 else page or "all"


def _data_layer(article: StandInArticle, page: int | None) -> str:
    category, subcategory = (pieces.levels(article)[place][0] for place in (1, -1))
    layer: dict[str, object] = {
        "content_category": category,
        "content_subcategory": subcategory,
        "content_author": article.stated_author,
        "content_editor": article.stated_editor,
        "content_PublishedDate": f"{article.stated_at:%Y-%m-%d %H:%M:%S}",
        "content_title": f"{article.title} - Kompas.com",
    }
    if article.announced is not None:
        layer |= {
            "content_autopaging": True,
            "content_total_pages": int(article.announced),
            "content_current_page": _current(article, page),
        }
    return f"window.dataLayer = window.dataLayer || [];\nwindow.dataLayer.push({_script(layer)});"


def _one_line(article: StandInArticle) -> str:
    """Return the whole text as the script that judges it for advertisers carries it: a decoy."""
    text = " ".join(text for block in article.blocks for text in block.texts())
    return _script(f"<p>{text}</p>")


def _script(value: object) -> str:
    return json.dumps(value).replace("</", "<\\/")


def _article(article: StandInArticle, page: int | None, month: Month) -> str:
    gated = bool(month.gates) and article.form != "advertorial"
    above = site_boxes.GATE if gated else ""
    inside = site_boxes.GATE if gated and not month.boxed else ""
    brand, _, rest = article.dateline.partition("Kompas.com")
    return f"""{above}<div class="row mt2 col-offset-fluid clearfix">
    <div class="col-bs10-10">
{_topics_above(month)}{desktop.breadcrumb(article)}
        <!-- topik pilihan -->
        {_topic(article)}<!-- (ads.header) -->
        {people_2022.columnist(article)}<!-- read title-->
        {'<div class="read__subtitle"></div>' if article.served == "2022-07" else ""}
        <h1 class="read__title">{attribute(article.title)}</h1>
    </div>
</div>
<!-- read-->
<div class="row col-offset-fluid clearfix js-giant-wp-sticky-parent">
    <div class="col-bs10-7 js-read-article">
        <!-- read header-->
        <div class="read__header col-offset-fluid clearfix">
            <div class="col-bs10-10">
                <div class="read__time">{brand}<a href="https://www.kompas.com">Kompas.com</a>{rest}</div>
            </div>
            <div class="col-bs10-10">
{_below_dateline(article, month)}
        </div>
        <!-- photo artikel -->
        {_photo(article)}
        <!-- photo carousel -->
        {desktop.carousel(article, video=month.in_body != "")}
        <!-- (ads.overlay) -->
        {_overlay(article)}
        {inside}<!-- read artikel-->
        <div class="read__article mt2 clearfix{_tower(article)}">
            <div class="{_column(article)}">
            </div>
            <div class="col-bs9-7">
                <!-- read credit-->
                {people_2022.call(article)}{_credit(article, month)}
                <!-- read content-->
                <div class="read__content">
                    <div class="clearfix">{_content(article, page, month)}</div>
                    <div class="fb-quote"></div>
                </div>
                <div class="ads-partner-wrap osmplaceonsite">{_empty(month)}</div>
                {inside}<!-- pagging -->
                {_pages(article, page, month)}
                {_tags(article, month)}
"""


def _topics_above(month: Month) -> str:
    if month.last:
        return ""
    return """<div class="exp-tag-populer"><h3 class="hypeTag-title">TOPIK UNTUKMU:</h3>
<div class="hypeTag clearfix"><div class="hypeTag__item"><a class="hypeTag__link" \
href="https://www.kompas.com/tag/cuaca">#Cuaca</a></div></div></div>
"""


def _topic(article: StandInArticle) -> str:
    if not article.has_topic:
        return ""
    topic = article.tags[0].title()
    return (
        '<div class="topicSubtitle"><ul><li><a href="http://indeks.kompas.com/topik-pilihan/list/'
        f'6920/x">{attribute(topic)}</a></li></ul></div>\n        '
    )


def _below_dateline(article: StandInArticle, month: Month) -> str:
    """Return the columns below the dateline: buttons, and since 2023-11 the names."""
    if not month.buttons:
        networks = ("facebook", "twitter", "whatsapp", "telegram", "copy")
        return f"{desktop.share(article, networks)}            </div>"
    names = ""
    if month.boxed and article.form != "opinion":
        names = f"""{people_2022.box(article)}
            </div>
            <div class="col-bs10-10">
"""
    return f"{names}{_reactions(article, month)}\n            </div>"


def _reactions(article: StandInArticle, month: Month) -> str:
    counted = '<span class="reactionTxt"></span>'
    counted = '<span class="reactionTxt"></span>'
    buttons = "".join(
        f'<button class="button {month.buttons.format(name)}"><span class="icoBase ico{name}"></span>'
        f"{counted if name == 'Like' else ''}</button>\n"
        for name in ("Like", "Dislike", "Bookmark")
    )
    return f"""<!-- reaction blok -->
<div class="reaction -top">
    <div class="reactionList display-flex">
{buttons}<button class="button buttonShare reactionItem"><span class="icoBase icoShare"></span></button>
<a href="{pieces.viewer(article, "komentar")}" class="button buttonComment reactionItem">\
<span class="icoBase icoComment"></span><span class="reactionTxt total_comment"></span></a>
    </div>
</div>"""


def _photo(article: StandInArticle) -> str:
    """Return the lead photo: caption and credit touch, the outer brackets are the template's."""
    photo = article.lead_photo
    credit = attribute(photo.credit or ("-" if int(article.id[-3]) % 2 else ""))
    return f"""<div class="cover-photo -gallery" data-photolink="{pieces.viewer(article)}?page=1" \
data-photostyle="">
    <div class="photo__wrap">
        <img width="780" height="520" src="{photo.url}" alt="{attribute(photo.caption or "")}">
        <div class="photo__icon photo__icon__expand"><svg class="icon icon-expand"></svg>Lihat Foto</div>
    </div>
    <div class="photo__caption">{attribute(photo.caption or "")}\
<span class="photo__author author">({credit})</span></div>
</div>"""


def _overlay(article: StandInArticle) -> str:
    shown = article.served != "2023-04" or _rare(article)
    return '<div class="overlay-desktop"></div>' if shown else ""


def _tower(article: StandInArticle) -> str:
    return "" if article.has_topic and article.served > "2022-07" else " js-tower-sticky-parent"


def _column(article: StandInArticle) -> str:
    sticky = " kcm__tower--sticky" if article.served > "2022-07" else ""
    return f"col-bs9-2 col-offset-0{sticky}"


def _empty(month: Month) -> str:
    return "" if month.last else "<p></p>"


def _credit(article: StandInArticle, month: Month) -> str:
    """Return what stands above the body: names until 2023, later an opinion's editor; sources."""
    names = "" if month.boxed and article.form != "opinion" else desktop.names(article)
    return names + (desktop.sources(article, " top") if month.last else "")


def _content(article: StandInArticle, page: int | None, month: Month) -> str:
    blocks = pieces.shown(article, page)
    html = bodies.body(article, blocks, month.style, first=page in (None, 1))
    end = "</p>"
    if pieces.ends(article, page) and article.form != "advertorial":
        end = f"""<!-- (ads.native_banner) --><div style="height:1px" id="EndOfArticle"></div>
    {LOOSE[article.served]}
</p>"""
    return f'{html}{end}{month.in_body}<span class="liftdown_v2_tanda"></span>'


def _pages(article: StandInArticle, page: int | None, month: Month) -> str:
    pages = desktop.paging(article, page, month.following)
    sources = desktop.sources(article) if not month.last else ""
    if article.served == "2022-07":
        return f"{pages}{sources}"
    comments = '<div id="widget-comment-bottom"></div>' if month.boxed else ""
    return f"""{pages}<span class="js-autoNext-holder"></span>{desktop.topics(article)}\
<div id="next_previous_inject"></div>
<div id="reaction-bottom"></div>{comments}{sources}"""


def _tags(article: StandInArticle, month: Month) -> str:
    if article.served == "2022-07":
        return desktop.tags_2017(article, "Tag:")
    items = "".join(
        f'<li class="tag__article__item"><a class="tag__article__link" title="{attribute(tag)}" '
        f"{month.tag_link.format(url=tag_url(tag))}>{attribute(tag)}</a></li>"
        for tag in article.printed_tags
    )
    return f"""<div class="read__tagging mt1 clearfix">
	<h3 class="tag tag--article clearfix">
		<div class="tag__article__teaser">Tag</div>
			<ul class="tag__article__wrap">{items}</ul>
	</h3>
</div>"""


_SHOW = """<div class="video-yt">
<div class="sectionHeader"><div class="sectionTitle">Video rekomendasi</div>\
<a class="sectionLink" href="https://video.kompas.com/">Video lainnya</a></div>
<div class="video-yt-player"><iframe id="youtube_embed_1" src="" title="YouTube video player"></iframe></div>
</div>
"""
_FOR_YOU = """<div id="rekomendasi-konten-pilihan-untukmu-aiml" class="wSpec -aiml -loading{}">
<div class="wSpec-heading"><div class="wSpec-heading-content">Pilihan Untukmu</div></div>
</div>
"""


def _below(boxes: Boxes, served: str, month: Month) -> str:
    """Return what stands below the tags."""
    html = site_boxes.WHOLE_SECTION + site_boxes.also_read(boxes.newest[:5]) + month.below
    if month.in_body:
        html += _SHOW
    if month.buttons:
        html += _FOR_YOU.format(" -grid" if month.boxed else "")
    html += site_boxes.games() + '<br/>\n<div class="native-wrap"></div>\n<br/>\n'
    if served == "2022-07":
        html += '<div class="video-box-wrap inline"></div>\n'
    if month.buttons:
        html += f'<div class="video-box-thumb{" kgnowGate" if month.boxed else ""}"></div>\n'
    return html + (site_boxes.related(boxes.newest[:5]) if not month.last else "")


def _beside(boxes: Boxes, served: str, month: Month, gates: int, blogs: bool) -> str:
    """Return the lists below the article and in the right column."""
    partner = '<div class="ads-partner-wrap mgidaiml"></div>\n' if month.buttons else ""
    frame = ""
    if blogs:
        frame = (
            '<div class="row mt2 clearfix"><iframe class="iframe-dark" '
            'src="https://widget.kompas.com/kompasiana_widget_read/"></iframe></div>\n'
        )
    comments = site_boxes.MODALS if month.boxed else boxes.comments
    return f"""            </div>
        </div>
{partner}{site_boxes.recommended(boxes.newest[:4], told=not month.last)}
{frame}{comments}
{boxes.latest(advertised=month.last)}    </div>
    <div class="col-bs10-3">
<div class="mt2 clearfix"></div>
{site_boxes.GATE * gates}<div class="row mt2 clearfix"></div>
{_videos(served, month)}{boxes.beside}{boxes.missed(lazy=month.last)}</div>
</div>
"""


def _videos(served: str, month: Month) -> str:
    if served == "2022-07":
        return ""
    gate = " kgnowGate" if month.boxed else ""
    title = '<div class="title title--center clearfix"></div>' if not month.boxed else ""
    return f'<div class="video-box-wrap sidebar inline{gate}">{title}</div>\n'
