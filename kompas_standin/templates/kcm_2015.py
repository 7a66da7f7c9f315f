"""The article page of 2015 and 2016: no paragraphs, no linked data, no content_* metadata."""

from __future__ import annotations

from kompas_standin.articles import StandInArticle
from kompas_standin.blocks import HEADINGS, Block, Run
from kompas_standin.templates import bodies, pieces
from kompas_standin.templates.boxes_of import Boxes
from kompas_standin.templates.pieces import Page, attribute


def draw(article: StandInArticle, boxes: Boxes, page: int | None) -> Page:
    """Return the article, which in this layout always has one page."""
    return [_head(article), _TOP, boxes.scripts, _article(article), boxes.tail]


def _head(article: StandInArticle) -> str:
    title = attribute(article.title)
    summary = attribute(article.description)
    photo = article.lead_photo
    return f"""<!-- 50.181 --><!DOCTYPE html>
<html lang="en">
<head>
<script type="text/javascript">
    var base_url = 'http://internasional.kompas.com/';
</script>
<meta charset="utf-8">
<meta name="description" content="{summary}">
<meta name="keywords" content="">
<meta name="viewport" content="width=device-width">
<meta name="author" content="Kompas Cyber Media">
<meta name="robots" content="index, follow" />
<title>{title} - Kompas.com</title>
<meta property="og:url" content="{article.url}" />
<meta property="og:type" content="article" />
<meta property="og:title" content="{title} - Kompas.com" />
<meta property="og:image" content="{photo.url}" />
<meta property="og:site_name" content="KOMPAS.com" />
<meta property="og:description" content="{summary}" />
<meta property="article:author" content="https://www.facebook.com/KOMPAScom"/>
<meta property="article:publisher" content="https://www.facebook.com/KOMPAScom" />
<meta property="fb:admins" content="1" />
<meta property="fb:app_id" content="3" />
<meta name="twitter:card" content="summary_large_image" />
<meta name="twitter:site" content="@kompascom" />
<meta name="twitter:creator" content="@kompascom">
<meta name="twitter:title" content="{title} - Kompas.com" />
<meta name="twitter:description" content="{summary}" />
<meta name="twitter:image" content="{photo.url}" />
<link rel="canonical" href="{article.url}" />
<link rel="amphtml" href="{article.url.replace("/read/", "/amp/read/")}">
</head>
"""


_TOP = """<body>
<div class="container pt4">
<div class="kcm-topbar"><ul><li class="active"><a href="http://www.kompas.com">Kompas.com</a></li></ul></div>
<div class="row kcm-header">
    <div class="msmall grey">Senin, 23 November 2026</div>
    <h1 class="tcenter xbold mt1">Internasional</h1>
    <div class="kcm-tag"><span class="title-tag">TAG</span><ul>
    <li><a href="http://internasional.kompas.com/tag/Cuaca">#Cuaca</a></li></ul></div>
</div>
"""


def _article(article: StandInArticle) -> str:
    photo = article.lead_photo
    return f"""<div class="row kcm-main mt2 bggrad">
<div id="leftside" class="span8 mainside">
    <div class="kcm-read">
        <div class="kcm-read-top clearfix">
            <ul class="kcm-breadcrumb orange">
                <li><h4><a href="http://news.kompas.com/">News</a></h4></li>
                <li><h4><a href="{article.section_url.replace("https:", "http:")}/">{article.section}</a></h4></li>
            </ul>
            <h2>{attribute(article.title)}</h2>
            <div class="clearfix">
                 <div class="kcm-date msmall grey">{article.dateline}</div>
                <div class="kcm-social-right kcm-social-share clearfix">
{_SHARE.format("atas")}</div>
            </div>
           <div id="581465" class="photo" style="   max-width: 100% ; width:780px " >\
<img data-width="780px" data-aligment=""  src="{photo.url}" alt="" />\
<span class="pb_10 author">{photo.credit}</span> {attribute(photo.caption or "")}</div>
        </div>
        <div class="kcm-read-body clearfix">
            <div class="span2">
                <div class="kcm-read-terkait"><h3>Terkait</h3><ul><li>
                <a href="http://internasional.kompas.com/read/2013/06/27/1305334/Pasar.Apung.Pindah\
?utm_source=RD&utm_medium=box&utm_campaign=Kaitrd">Pasar Apung Pindah</a></li></ul></div>
                <div class="mb2 mt2 clearfix"></div>
            </div>
            <div class="span6">
                <div class="kcm-read-text-wrap">
                            <div class="kcm-read-text">
                                {text(article, "<br /><br />")}
                            </div>
                            <div class="kcm-read-copy mt2">
                                <table class="grey">
                                    <tbody>
{credits_of(article)}                                    </tbody>
                                </table>
                            </div>
                            <div id="nps-data" data-articleid="1288218" data-siteid="1"></div>
                            <div id="nps" ></div>
                            <div id="btn-share-bawah" class="kcm-social-share mt2 clearfix">
{_SHARE.format("bawah")}</div>
                </div>
            </div>
        </div>
    </div>
    <script type="text/javascript">
        var articleid = "1288218";
        var article_kanal = "NEWS";
        var article_subkanal = "Internasional";
        var site_id = "1";
    </script>
</div>
"""


def text(article: StandInArticle, broken: str) -> str:
    """Return the blocks of the text, parted by breaks: there are no paragraphs."""
    lines = []
    prefix = article.prefix
    for block in article.blocks:
        if line := _line(block):
            lead, prefix = (prefix, "") if block.kind == "p" else ("", prefix)
            lines.append(f"{lead}{line}")
    return broken.join(lines)


def _line(block: Block) -> str:
    if block.kind == "related" and block.link:
        return f'<strong>Baca juga: <a href="{block.link.url}">{attribute(block.link.title)}</a></strong>'
    if block.kind == "furniture":
        return bodies.with_entities(block.tail)
    runs = (Run(text=run.text, kind="" if run.kind == "tag" else run.kind) for run in block.runs)
    html = bodies.inline(runs, bodies.PLAIN, block.link.url if block.link else "")
    return f"<strong>{html}</strong>" if block.kind in HEADINGS else html


def credits_of(article: StandInArticle) -> str:
    """Return the table of credits; the cell of the sources is not closed, as on the real pages."""
    rows = "".join(
        f"<tr>\n<td>{role}</td>\n<td>: {attribute(name)}</td>\n</tr>\n"
        for role, names in (
            ("Penulis", article.printed_authors),
            ("Editor", article.printed_editors),
        )
        for name in names
    )
    if not article.printed_sources:
        return rows
    return f"{rows}<tr><td>Sumber</td><td>: {pieces.source_links(article)}</tr>"


_SHARE = """                <ul>
                <li><a href="javascript:void(0);"><span class="ico-shared icon-fb ico-bg bg-fb"></span></a></li>
                <li><a href="javascript:void(0);"><span class="ico-shared icon-tw ico-bg bg-tw"></span></a></li>
                <li><a href="javascript:void(0);"><span class="ico-shared icon-gp2 ico-bg bg-gp"></span></a></li>
                <li><a href="#komentar"><span class="ico-shared icon-comment2 ico-bg bg-comment"></span>\
<span class="kcm-sosial-count">komentar</span></a></li>
                <li><a href="#" class="copylink"><span class="ico-shared icon-link ico-bg bg-link"></span>\
<span class="kcm-sosial-count">copy link</span></a></li>
                </ul>
                <div class="share-total"><div id="total-count-{}"></div><span>Shares</span></div>
"""
