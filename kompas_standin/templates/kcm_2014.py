"""The article page of 2014 and 2015: the text in one paragraph, hardly any metadata."""

from __future__ import annotations

from kompas_standin.articles import StandInArticle
from kompas_standin.templates import kcm_2015
from kompas_standin.templates.boxes_of import Boxes
from kompas_standin.templates.pieces import Page, attribute


def draw(article: StandInArticle, boxes: Boxes, page: int | None) -> Page:
    """Return the article, which in this layout always has one page."""
    return [_head(article), boxes.scripts, _article(article, boxes), boxes.tail]


def _head(article: StandInArticle) -> str:
    """Return the head: no address but that for social networks, and that one is glued to its query."""
    title = attribute(article.title)
    summary = attribute(article.description)
    glued = f"{article.url.replace('https:', 'http:')}utm.sourcewputm.mediumboxutm.campaignkhlwp"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<meta name="author" content="Kompas Cyber Media">
<meta name="description" content="{summary}">
<meta name="keywords" content="">
<meta name="classification" content="Global">
<meta name="robots" content="index,follow">
<meta name="distribution" content="Global">
<meta name="rating" content="General">
<meta name="resource-type" content="document">
<meta name="revisit-after" content="9 days">
<title>{title} - Kompas.com Internasional</title>
<meta property="og:url" content="{glued}">
<meta property="og:title" content="{title} - Kompas.com Internasional">
<meta property="og:description" content="{summary}">
<meta property="og:image" content="{article.lead_photo.url}">
<meta property="og:type" content="article">
<meta property="fb:admins" content="1">
<meta property="fb:app_id" content="3">
</head>
<body>
<div class="kcm-header"><div class="msmall grey">Senin, 23 November 2026</div></div>
"""


def _article(article: StandInArticle, boxes: Boxes) -> str:
    photo = article.lead_photo
    seconds = int(article.published_at.timestamp()) + 14  # a decoy: when the comments opened
    others = "".join(
        f'<li><a href="{line.url}">{attribute(line.title)}</a></li>' for line in boxes.newest[:3]
    )
    return f"""<div class="kcm-main clearfix loading">
<div class="row main">
<div class="span8">
<div class="kcm-read mt2 clearfix">
<div align="center"></div>
<div class="kcm-read-content-top">
<h4 class="green breadcrump"><a href="http://news.kompas.com">News</a> / \
<a href="{article.section_url.replace("https:", "http:")}">{article.section}</a></h4>
<h2>{attribute(article.title)}</h2>
<div class="grey small mb2">{article.dateline}</div>
</div>
<div class="mb1"><div id="551408" class="photo"><img src="{photo.url}">\
<span class="pb_10 author">{attribute(photo.credit or "")}</span> {attribute(photo.caption or "")}</div></div>
<div class="kcm-read-content-text">
<div class="span2">
<div class="kcm-read-terkait mb1 mr2"><h4><span>Berita Terkait</span></h4>
<ul>{others}</ul>
{_SHARE}</div>
</div>
<div class="span6 nml">
<span class="kcmread1114"><p>{kcm_2015.text(article, "<br><br>")}</p></span>
<hr class="orange">
<div class="kcm-read-bottom-topic"><br><h3>Ikuti perkembangan berita ini dalam topik:</h3>
<ul><li><a href="http://lipsus.kompas.com/topikpilihanlist/3636/1/x">Cuaca Buruk</a></li></ul></div>
<div class="kcm-read-copy mb2"><table class="grey" cellpadding="0" cellspacing="0"><tbody>
{kcm_2015.credits_of(article)}</tbody></table></div>
</div>
</div>
<div align="center"></div>
</div>
<div class="kompas-widget"><iframe src="http://apis.kompas.com/widget/v1/related/kanal"></iframe></div>
<div class="kcm-read-bottom mt2 mb2 clearfix">
<div class="span4 kcm-read-terkait mb2 mr2"><h4><span>Baca Juga</span></h4><ul>{others}</ul></div>
<div class="span4 nml kcm-read-topic mb2 clearfix"><div class="editor-choices"><h4><a href="#">Topik \
Pilihan</a></h4><ul class="mt1"><ul class="mt1"><li><a href="http://lipsus.kompas.com/1">Cuaca</a></li>\
</ul></ul></div></div>
</div>
<div><div id="komentar"><div id="kompasComment" class="kcm-comments clearfix mt2">
<form class="kompasComment-form"><input type="hidden" value="{seconds}" name="published_date" \
id="kompasComment-published_date"></form>
</div></div></div>
</div>
</div>
</div>
"""


_SHARE = """<div class="mb2 mt2 clearfix">
<div class="social-fb-alt2 mb2"></div>
<div class="mb2"></div>
<div class="social-google-alt2 mb2"></div>
<a href="#komentar"><div class="social-komentar mb2"><div id="tot_komentar" \
class="social-komentar-count">2</div></div></a>
</div>
"""
