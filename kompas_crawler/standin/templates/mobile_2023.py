"""The article page that a telephone got in 2023, as one public crawler describes it."""

from __future__ import annotations

from kompas_crawler.standin.site import StandInArticle, tag_url
from kompas_crawler.standin.templates import pieces, read_2017
from kompas_crawler.standin.templates.boxes_of import Boxes
from kompas_crawler.standin.templates.pieces import Page, attribute


def draw(article: StandInArticle, boxes: Boxes, page: int | None) -> Page:
    """Return one page of the article, or with page None the whole."""
    later = (
        '<meta property="article:published_time" '
        f'content="{pieces.stamp(article.published_at, utc=True)}" />\n'
    )
    head = f"""<!DOCTYPE html>
<html lang="id">
<head>
<meta charset="utf-8">
<title>{attribute(article.title)}{pieces.halaman(page)} - Kompas.com</title>
{pieces.head_meta(article, page, later)}{pieces.json_ld(article, article.published_at)}
"""
    return [head, boxes.scripts, "</head>\n<body>\n", _article(article, page), boxes.tail]


def _article(article: StandInArticle, page: int | None) -> str:
    photo = article.lead_photo
    blocks = tuple(article.blocks) if page is None else article.pages[page - 1]
    tags = "".join(
        f'<li><a href="{tag_url(tag)}">{attribute(tag)}</a></li>' for tag in article.printed_tags
    )
    return f"""<div class="content_article">
<div class="exp-tag-populer"><a href="{tag_url("cuaca")}">#cuaca</a></div>
<ul class="breadcrumb__wrap"><li><a href="https://www.kompas.com">Home</a></li>\
<li><a href="https://{article.host}">{article.section}</a></li></ul>
<h1 class="read__title">{attribute(article.title)}</h1>
<div class="read__date"><a href="https://www.kompas.com">{article.dateline}</a></div>
<div class="imgHL"><img src="{photo.url}" alt="{attribute(photo.caption or "")}"/>\
<span class="pb_10 author">{photo.credit}</span> {attribute(photo.caption or "")}</div>
<div class="read__credit">{_people(article)}</div>
<div class="read__content">
{pieces.body(article, blocks, pieces.MODERN, first=page in (None, 1))}
</div>
{read_2017.paging(article, page)}
<div class="read__credit__logo">{pieces.source_links(article)}</div>
<ul class="mob-tagging__items">{tags}</ul>
</div>
"""


def _people(article: StandInArticle) -> str:
    return "\n".join(
        f'<h6 id="{role}">{pieces.profile_link(name)}</h6>'
        for role, names in (
            ("penulis", article.printed_authors),
            ("editor", article.printed_editors),
        )
        for name in names
    )
