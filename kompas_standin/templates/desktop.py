"""The pieces of an article that the desktop templates of 2017 to 2024 share."""

from __future__ import annotations

from kompas_standin.articles import StandInArticle, tag_url
from kompas_standin.templates import pieces
from kompas_standin.templates.pieces import attribute


def breadcrumb(article: StandInArticle) -> str:
    items = "\n".join(
        f'        <li class="breadcrumb__item" itemprop="itemListElement" itemscope '
        f'itemtype="http://schema.org/ListItem"><a class="breadcrumb__link" '
        f'itemtype="https://schema.org/Thing" itemprop="item" href="{url}">'
        f'<span itemprop="name">{name}</span></a><meta itemprop="position" content="{number}" /></li>'
        for number, (name, url) in enumerate(pieces.levels(article), start=1)
    )
    return f"""<h3 class="breadcrumb clearfix">
    <ul class="breadcrumb__wrap" itemscope itemtype="http://schema.org/BreadcrumbList">
{items}
    </ul>
</h3>"""


def names(article: StandInArticle) -> str:
    """Return writer and editor as they stood above the body until 2023."""
    items = [
        f'<div class="read__credit__item" id="{role}"><span>{role.title()}</span> '
        f"{pieces.profile_link(name)}</div>"
        for role, named in (
            ("penulis", () if article.form == "opinion" else article.printed_authors),
            ("editor", article.printed_editors),
        )
        for name in named
    ]
    return f'<div class="read__credit clearfix">{" | ".join(items)}</div>'


def sources(article: StandInArticle, where: str = " bottom") -> str:
    if not article.printed_sources:
        return ""
    return (
        f'<div class="read__credit{where} clearfix"><div class="read__credit__item">'
        f"<span>Sumber</span> {pieces.source_links(article)}</div></div>"
    )


def share(article: StandInArticle, networks: tuple[str, ...]) -> str:
    """Return the bar of buttons that stood under the dateline until 2022."""
    buttons = "".join(
        f"""        <div class="social__item">
            <a class="social__link social__link--{name}" href="javascript:void(0);" \
onclick="{name}_share('x','{article.url}?utm_source={name}&utm_medium=Refferal')"></a>
        </div>
"""
        for name in networks
    )
    return f"""<div class="social--inline eee">
    <span class="social--text">Bagikan:</span>
    <div class="social social--article clearfix">
{buttons}    </div>
    <div class="comment__read__text">
        <a href="{pieces.viewer(article, "komentar")}">Komentar \
<div class="comment__counter total_comment_share"></div></a>
    </div>
    </div>"""


def tags_2017(article: StandInArticle, label: str) -> str:
    items = "".join(
        f'<li class="tag__article__item"><a class="tag__article__link" title="{attribute(tag)}" '
        f'href="{tag_url(tag)}?url={article.url}">{attribute(tag)}</a></li>'
        for tag in article.printed_tags
    )
    return f"""<div class="read__tagging mt1 clearfix">
	<h3 class="tag tag--article clearfix">
		<div class="col-bs10-1 tag__article__teaser col-offset-0">{label}</div>
		<div class="col-bs10-9">
			<ul class="tag__article__wrap">{items}</ul>
		</div>
	</h3>
</div>"""


def paging(article: StandInArticle, page: int | None, following: str = "Selanjutnya") -> str:
    """Return the pages of the article, and the teaser of the next one."""
    count = len(article.pages)
    if count == 1:
        return ""
    links = "".join(
        f'<div class="paging__item"><a class="paging__link '
        f'{"paging__link--active" if number == page else ""}" '
        f'href="{pieces.page_url(article, number)}">{number}</a></div>'
        for number in range(1, count + 1)
    )
    return f"""{_teaser(article, page, following)}<div class="read__paging clearfix">
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


def _teaser(article: StandInArticle, page: int | None, following: str) -> str:
    if page is None or page == len(article.pages):
        return ""
    return f"""<div class="read__paging__footnote paging__footnote clearfix">
	<span>Halaman {following}</span>
	<h5><a href="{pieces.page_url(article, page + 1)}" class="next">\
{pieces.next_words(article, page)}&#8230;</a></h5>
</div>
"""


def topics(article: StandInArticle) -> str:
    """Return the box of the topic that an article belongs to: single pages have it too."""
    if not article.has_topic:
        return ""
    topic = article.tags[0]
    return f"""<div class="read__paging__footnote paging__footnote next-topic">
	<span>Baca tentang</span>
	<h5><ul><li><a class="read__topic__link" href="https://www.kompas.com/topik-pilihan/list/\
69{len(topic):02}/{topic.replace(" ", "-")}">{attribute(topic.title())}</a></li></ul></h5>
</div>"""


def carousel(article: StandInArticle, video: bool = False) -> str:
    """Return the strip of photos below the lead photo: of all pages, and one that is no photo."""
    photos = [article.lead_photo, *(block.photo for block in article.blocks if block.photo)]
    items = "".join(
        f"""<div class="photoCarousel-item{" active" if number == 1 else ""}">
                <a href="{pieces.viewer(article)}?page={number}"><div class="photoCarousel-img">\
<img class="lozad" data-src="{photo.url.replace("750x500", "150x100")}" \
alt="{attribute(photo.caption or "")}"></div></a>
            </div>
"""
        for number, photo in enumerate(photos, start=1)
    )
    clip = ""
    if video:
        clip = '<div class="photoCarousel-item video"></div>\n            '
    return f"""<div class="photoCarousel">
    <div class="photoCarousel-block" data-scroll="side">
        <div class="photoCarousel-wrap photoCarousel-slider" data-active="scroll">
            {items}{clip}<div class="photoCarousel-item">
                <a href="https://www.kompas.com/feedback"><div class="photoCarousel-img">\
<img class="lozad" data-src="https://asset.kompas.com/crop/0x0:0x0/150x100/data/photo/banner-NPS.png" \
alt=""></div></a>
            </div>
        </div>
    </div>
</div>"""
