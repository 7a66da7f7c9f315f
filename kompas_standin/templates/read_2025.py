"""The desktop article page of 2024-05 to 2026, according to public crawlers: no raw page is known."""

from __future__ import annotations

import json

from kompas_standin.articles import StandInArticle
from kompas_standin.furniture import ADVERTISEMENT, WITHOUT_ADS
from kompas_standin.templates import bodies, desktop, metadata, pieces
from kompas_standin.templates import boxes as site_boxes
from kompas_standin.templates.boxes_of import Boxes
from kompas_standin.templates.pieces import Page, attribute


def draw(article: StandInArticle, boxes: Boxes, page: int | None) -> Page:
    """Return one page of the article, or with page None the whole."""
    count = len(article.pages)
    later = f"""<meta property="article:published_time" \
content="{metadata.stamp(article.stated_at, utc=True)}" />
<meta name="content_sensi" content="" />
<meta name="subscription" content="False" />
<meta name="lestari_sdgs" content="" />
<meta name="content_total_pages" content="{count}" />
<meta name="content_current_page" content="{page or "all"}" />
"""
    head = f"""<!DOCTYPE html>
<html>
<head>
<script>
{_data_layer(article)}
</script>
<title>{attribute(article.title)}{pieces.halaman(page)} - Kompas.com</title>
<meta charset="utf-8"/>
{metadata.head_meta(article, page, later)}"""
    linked = f"""{metadata.json_ld(article, page)}<script>
var keywordBrandSafety = {_one_line(article)};
</script>
</head>
<body class="theme--global page--read">
"""
    return [
        head,
        boxes.scripts,
        linked,
        boxes.menu,
        _article(article, page),
        boxes.fixture("related-2017", lambda it: site_boxes.related(it.newest[:5])),
        boxes.fixture("beside-2025", _beside),
        boxes.tail,
    ]


def _data_layer(article: StandInArticle) -> str:
    layer = {
        "title": article.title,
        "content_category": article.section,
        "content_author": dict(enumerate(article.printed_authors)),
        "content_editor": dict(enumerate(article.printed_editors)),
        "content_PublishedDate": f"{article.stated_at:%Y-%m-%d %H:%M:%S}",
        "canonical": article.url,
        "subscription": "False",
    }
    return f"window.dataLayer = window.dataLayer || [];\nwindow.dataLayer.push({_script(layer)});"


def _one_line(article: StandInArticle) -> str:
    """Return the whole text as the script that judges it for advertisers carries it: a decoy."""
    text = " ".join(text for block in article.blocks for text in block.texts())
    return _script(f"<p>{text}</p>")


def _script(value: object) -> str:
    return json.dumps(value).replace("</", "<\\/")


def _article(article: StandInArticle, page: int | None) -> str:
    photo = article.lead_photo
    credit = f"<span>({attribute(photo.credit)})</span>" if photo.credit else ""
    brand, _, rest = article.dateline.partition("Kompas.com")
    return f"""<div class="row col-offset-fluid clearfix">
<div class="col-bs10-7">
<ul class="breadcrumb__wrap" itemscope itemtype="https://schema.org/BreadcrumbList">
<li class="breadcrumb__item"><a class="breadcrumb__link" href="https://www.kompas.com">\
<span itemprop="name">Home</span></a></li>
<li class="breadcrumb__item"><a class="breadcrumb__link" href="https://{article.host}">\
<span itemprop="name">{article.section}</span></a></li>
</ul>
{_GATE}
<div class="read__header col-offset-fluid clearfix">
<h1 class="read__title">{attribute(article.title)}</h1>
<div class="read__time">{brand}<a href="https://www.kompas.com">Kompas.com</a>{rest}</div>
{_credit(article)}
{desktop.sources(article, "")}
<div class="komentar-bar"><span>Komentar</span><span data-modal-target="gift">Hadiah</span></div>
</div>
<div class="photo__wrap"><img src="{photo.url}" alt="{attribute(photo.caption or "")}"/>\
<div class="photo__caption">{attribute(photo.caption or "")} {credit}</div></div>
<div class="read__article mt2 clearfix">
<div class="read__content">
<div class="clearfix">
{_content(article, page)}
<div id="EndOfArticle"></div>
</div>
<div class="fb-quote"></div>
</div>
{_box("Penerbangan Balon Dibuka Lagi", "2026/01/02/100000170")}
{desktop.paging(article, page)}
{desktop.tags_2017(article, "Tag:")}
</div>
{_roles(article)}
"""


def _content(article: StandInArticle, page: int | None) -> str:
    blocks = tuple(article.blocks) if page is None else article.pages[page - 1]
    lines = bodies.body(article, blocks, bodies.MODERN, first=page in (None, 1)).split("\n<p>")
    # Noise between the paragraphs; never between the first and the second one,
    # and only where a paragraph begins.
    for place, noise in ((4, _RECOMMENDED), (3, _ADVERT), (2, _GATE)):
        if len(lines) > place + 1:
            lines[place] += f"\n{noise}"
    return "\n<p>".join(lines)


_GATE = f'<div class="gate-kgplus clearfix"><span>{WITHOUT_ADS}</span></div>'
_ADVERT = f"<p>{ADVERTISEMENT}</p>"
_RECOMMENDED = """<div class="kompasidRec"><div class="kompasidRec__wrap">
<div class="kompasidRec__title">Analisis dari harian</div>
<div class="kompasidRec__subs"><a href="https://www.kompas.id/artikel/rekomendasi">Baca di sini</a></div>
</div></div>"""


def _beside(boxes: Boxes) -> str:
    """Return the lists below the article and in the right column."""
    return f"""{boxes.latest(advertised=True)}{boxes.comments}</div>
<div class="col-bs10-3">
{boxes.beside}</div>
</div>
"""


def _box(title: str, id_: str) -> str:
    return (
        '<div class="inner__sidebar"><div class="articleRelated"><a class="articleRelated-link" '
        f'href="https://www.kompas.com/global/read/{id_}/penerbangan-balon-dibuka-lagi">{title}</a>'
        "<span>02/01/2026, 10:00 WIB</span></div></div>"
    )


def _credit(article: StandInArticle) -> str:
    names = (*article.printed_authors, *article.printed_editors)
    role = "Tim Redaksi" if len(names) > 1 else "Editor"
    shown = "".join(
        f'<div class="credit-title-nameEditor">{attribute(name)}'
        f"{',' if name is not names[-1] else ''}</div>\n"
        for name in names
    )
    return f"""<div class="credit"><div class="credit-title"><div class="credit-title-name">
{shown}</div><p>{role}</p></div></div>"""


def _roles(article: StandInArticle) -> str:
    people = "".join(
        f"""<a href="https://indeks.kompas.com/profile/{len(name)}/{name.replace(" ", ".")}">
<div class="credit-author"><h6 class="credit-author-name">{attribute(name)}</h6>
<p class="credit-author-position">{role}</p></div></a>
"""
        for role, names in (
            ("Penulis", article.printed_authors),
            ("Editor", article.printed_editors),
        )
        for name in names
    )
    return f"""<div id="creditModal" class="modal"><div class="modal-content">
<div class="credit-author-title">Tim Redaksi</div>
{people}</div></div>"""
