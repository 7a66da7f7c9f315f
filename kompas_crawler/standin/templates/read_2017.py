"""The desktop article page of September 2017 to about 2023, after 147 pages of October 2020."""

from __future__ import annotations

from kompas_crawler.standin.site import StandInArticle, tag_url
from kompas_crawler.standin.templates import pieces
from kompas_crawler.standin.templates.boxes_of import Boxes
from kompas_crawler.standin.templates.pieces import Page, attribute


def draw(article: StandInArticle, boxes: Boxes, page: int | None) -> Page:
    """Return one page of the article, or with page None the whole."""
    title = attribute(article.title)
    head = f"""<!DOCTYPE html>
<html>
<head>
<title>{title}{pieces.halaman(page)}</title>
<link href="//asset.kompas.com" rel="dns-prefetch"><meta charset="utf-8">
{pieces.head_meta(article, page)}"""
    # In 2020 dateModified never differed from datePublished.
    linked = f"""{pieces.json_ld(article, article.published_at)}
</head>
    <body class="theme--global page--read">
<noscript><iframe src="//www.googletagmanager.com/ns.html?id=GTM-0" height="0"></iframe></noscript>
"""
    return [
        head,
        boxes.scripts,
        linked,
        boxes.menu,
        _article(article, page),
        boxes.related,
        boxes.side,
        boxes.tail,
    ]


def _article(article: StandInArticle, page: int | None) -> str:
    section_url = f"https://{article.host}{'/global' if article.host == 'www.kompas.com' else ''}"
    photo = article.lead_photo
    title = attribute(article.title)
    return f"""<div class="row mt2 col-offset-fluid clearfix">
    <div class="col-bs10-10">
<h3 class="breadcrumb clearfix">
    <ul class="breadcrumb__wrap" itemscope itemtype="http://schema.org/BreadcrumbList">
        <li class="breadcrumb__item"><a class="breadcrumb__link" itemprop="item" \
href="https://www.kompas.com"><span itemprop="name">Home</span></a>\
<meta itemprop="position" content="1" /></li>
        <li class="breadcrumb__item"><a class="breadcrumb__link" itemprop="item" \
href="{section_url}"><span itemprop="name">{article.section}</span></a>\
<meta itemprop="position" content="2" /></li>
            </ul>
</h3>
        <!-- (ads.header) -->
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
                <div class="social--inline eee">
    <span class="social--text">Bagikan:</span>
    <div class="social social--article clearfix">
        <div class="social__item">
            <a class="social__link social__link--facebook" href="javascript:void(0);" \
onclick="fb_share('x','{article.url}?utm_source=Facebook&utm_medium=Refferal')"></a>
        </div>
    </div>
    <div class="comment__read__text">
        <a href="{pieces.viewer(article).replace("/image/", "/komentar/")}">Komentar \
<div class="comment__counter total_comment_share"></div></a>
    </div>
    </div>            </div>
        </div>
        <div class="photo" data-photolink="{pieces.viewer(article)}?page=1">
    <img src="{photo.url}" alt="{attribute(photo.caption or "")}" />
    <span class="pb_10 author">{photo.credit}</span>{attribute(photo.caption or "")}</div>
        <p id="dsharetitle" style="display:none">{title}</p>
        <!-- (ads.overlay) -->
        <div class="read__article mt2 clearfix js-tower-sticky-parent">
            <div class="col-bs9-2 col-offset-0">
                <!-- (ads.skycraper) -->
            </div>
            <div class="col-bs9-7">
                <!-- read credit-->
                {credit(article)}
                <!-- read content-->
                <div class="read__content">
                    {_content(article, page)}                    <div class="fb-quote"></div>
                </div>
                <!-- pagging -->
                {paging(article, page)}
                <!-- read credit-->
                {sources(article)}
                <!-- read tag-->
                {tags(article)}
            </div>
        </div>
"""


def _content(article: StandInArticle, page: int | None) -> str:
    blocks = tuple(article.blocks) if page is None else article.pages[page - 1]
    html = pieces.body(article, blocks, pieces.CLASSIC, first=page in (None, 1))
    # Stray closing tags: one more on articles of one page.
    stray = "</p>" if len(article.pages) > 1 else "</p></p>"
    end = f'{stray}<!-- (ads.native_banner) --></p><span class="liftdown_v2_tanda"></span>'
    if article.deeper:
        return f'<div data-io-article-url="{article.url}">\n{html}{end}</div>'
    return f"<p><strong></strong></p>\n{html}{end}"


def credit(article: StandInArticle) -> str:
    items = [
        f'<div class="read__credit__item" id="{role}"><span>{role.title()}</span> '
        f"{pieces.profile_link(name)}</div>"
        for role, names in (
            ("penulis", article.printed_authors),
            ("editor", article.printed_editors),
        )
        for name in names
    ]
    return f'<div class="read__credit clearfix">{" | ".join(items)}</div>'


def sources(article: StandInArticle, more: str = " bottom") -> str:
    if not article.printed_sources:
        return ""
    return (
        f'<div class="read__credit{more} clearfix"><div class="read__credit__item">'
        f"<span>Sumber</span> {pieces.source_links(article)}</div></div>"
    )


def tags(article: StandInArticle) -> str:
    items = "".join(
        f'<li class="tag__article__item"><a class="tag__article__link" '
        f'href="{tag_url(tag)}?url={article.url}">{attribute(tag)}</a></li>'
        for tag in article.printed_tags
    )
    return f"""<div class="read__tagging mt1 clearfix">
	<h3 class="tag tag--article clearfix">
		<div class="col-bs10-1 tag__article__teaser col-offset-0">Tag:</div>
		<div class="col-bs10-9">
			<ul class="tag__article__wrap">{items}</ul>
		</div>
	</h3>
</div>"""


def paging(article: StandInArticle, page: int | None) -> str:
    """Return the pages of the article, and the teaser of the next one."""
    count = len(article.pages)
    if count == 1:
        return '<span class="js-autoNext-holder"></span>'
    links = "".join(
        f'<div class="paging__item"><a class="paging__link '
        f'{"paging__link--active" if number == page else ""}" '
        f'href="{pieces.page_url(article, number)}">{number}</a></div>'
        for number in range(1, count + 1)
    )
    return f"""{_teaser(article, page)}<div class="read__paging clearfix">
    <div class="paging paging--article col-offset-0 clearfix">
        <div class="col-bs12-2 col-offset-0">
            <div class="paging__teaser">Halaman: </div>
        </div>
        <div class="col-bs12-8 col-offset-0">
            <div class="paging__wrap clearfix">{links}</div>
        </div>
        <div class="col-bs12-2 col-offset-0"><a class="paging__link paging__link--show" \
href="{article.url}?page=all#page2">Show All</a></div>
    </div>
</div>"""


def _teaser(article: StandInArticle, page: int | None) -> str:
    if page is None or page == len(article.pages):
        return ""
    following = next((block for block in article.pages[page] if block.kind == "p"), None)
    words = " ".join(following.texts()[0].split()[:5]) if following else "Lanjutan"
    return f"""<div class="read__paging__footnote paging__footnote clearfix">
	<span>Halaman Selanjutnya</span>
	<h5><a href="{pieces.page_url(article, page + 1)}" class="next">{attribute(words)}&#8230;</a></h5>
</div>
"""
