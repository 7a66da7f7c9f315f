"""The pieces of pages: furniture that never changes, bodies, metadata.

A page is a list of fixtures and strings. Furniture is compressed once for all pages, which is why the stand-in can
serve pages of 200 KB as fast as a benchmark asks for them.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from functools import cached_property
from html import escape
from html.entities import codepoint2name
from typing import Any
from zlib import crc32

from kompas_crawler.standin import prose
from kompas_crawler.standin.articles import StandInArticle, tag_url
from kompas_crawler.standin.blocks import Block, Photo, Post, Run, squeeze
from kompas_crawler.standin.furniture import ADVERTISEMENT, WITHOUT_ADS

# Inside read__content of 2020 every letter beyond ASCII is an entity.
_ENTITIES = {code: f"&{name};" for code, name in codepoint2name.items() if code > 127}


def _deflate(data: bytes) -> bytes:
    """Return a stretch of raw deflate that needs nothing before it and ends at a byte."""
    squeezer = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    return squeezer.compress(data) + squeezer.flush(zlib.Z_FULL_FLUSH)


class Fixture:
    """Furniture that is the same on every page, with its bytes made once."""

    def __init__(self, html: str) -> None:
        self.html = html

    @cached_property
    def raw(self) -> bytes:
        return self.html.encode()

    @cached_property
    def deflated(self) -> bytes:
        return _deflate(self.raw)


Page = list[str | Fixture]


def page_bytes(page: Page) -> bytes:
    return b"".join(piece.encode() if isinstance(piece, str) else piece.raw for piece in page)


def page_gzip(page: Page) -> bytes:
    """Return the page as one gzip member, its fixtures taken from store."""
    out = [b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\xff"]
    crc, length = 0, 0
    for piece in page:
        raw = piece.encode() if isinstance(piece, str) else piece.raw
        out.append(_deflate(raw) if isinstance(piece, str) else piece.deflated)
        crc, length = zlib.crc32(raw, crc), length + len(raw)
    out.append(b"\x03\x00" + crc.to_bytes(4, "little") + length.to_bytes(4, "little"))
    return b"".join(out)


def attribute(text: str) -> str:
    return escape(text)


def with_entities(text: str) -> str:
    """Return text as the body of 2020 spells it.

    >>> with_entities("“Saya” & Hélène")
    '&ldquo;Saya&rdquo; &amp; H&eacute;l&egrave;ne'
    """
    return escape(text, quote=False).translate(_ENTITIES)


def with_letters(text: str) -> str:
    return escape(text, quote=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a generation of templates prints the pieces of a body.

    `beside` stands behind the block of that number: what the template puts into the body.
    """

    spell: Callable[[str], str]
    tag_link: str
    related_link: str
    between: str = "\n"
    video: str = "{frame}"
    table: str = "{table}"
    beside: tuple[tuple[int, str], ...] = ()


_RELATED = '<a href="{url}" class="inner-link-baca-juga" target="_self">{text}</a>'
_COLOURED = (
    "<a target='_self' class='inner-link-tag' href='{url}' style='color:#428bca;'>{text}</a>"
)
_SPANS = (
    (3, '<span class="ads-on-body"><!-- (ads.paragraph.4) --></span>'),
    (6, '<span class="ads-on-body"><!-- (ads.paralax) --></span>'),
)
_PEOPLE_ID = (5, '<div id="kid-wrap" class="kid-wrap"></div>')
_VIDEO = '<div id="{key}" class="video">{frame}</div>'
CLASSIC = Style(spell=with_entities, tag_link=f" {_COLOURED}", related_link=_RELATED, beside=_SPANS)
DESKTOP = Style(spell=with_entities, tag_link=_COLOURED, related_link=_RELATED, beside=_SPANS)
WITH_VIDEOS = replace(DESKTOP, video=_VIDEO, beside=(*_SPANS, _PEOPLE_ID))
MOBILE = Style(
    spell=with_entities,
    tag_link=_COLOURED,
    related_link='<a class="inner-link-baca-juga" target="_self" href="{url}" target="_self">{text}</a>',
    table='<div style="overflow-x: auto;">{table}</div>',
)
PLAIN = Style(spell=with_entities, tag_link="{text}", related_link='<a href="{url}">{text}</a>')
MODERN = Style(
    spell=with_letters,
    tag_link=' <a href="{url}" class="inner-link-tag" target="_self">{text}</a>',
    related_link=_RELATED,
    beside=_SPANS,
)


def inline(runs: Iterable[Run], style: Style, link_url: str = "") -> str:
    """Return the runs of a paragraph as HTML, with the space the site inserts before tag links."""
    return "".join(_run(run, style, link_url) for run in runs)


def _run(run: Run, style: Style, link_url: str) -> str:
    text = style.spell(run.text)
    if run.kind == "em":
        return f"<em>{text}</em>"
    if run.kind == "tag":
        return style.tag_link.format(url=tag_url(run.text.strip()), text=text)
    if run.kind == "pointer":
        return style.related_link.format(url=link_url, text=text)
    if run.kind == "outbound":
        return f'<a href="https://berita.example/{len(text)}" rel="nofollow"><em>{text}</em></a>'
    if run.kind == "break":
        return "<br />"
    return text


def body(article: StandInArticle, blocks: Iterable[Block], style: Style, first: bool) -> str:
    """Return the blocks of a page; on the first one the first paragraph names place and brand."""
    prefix = article.prefix if first else ""
    drawn = []
    for block in blocks:
        lead = ""
        if prefix and block.kind == "p":
            lead, prefix = prefix, ""
        drawn.append(_block(block, style, lead, article))
    for place, box in style.beside:
        if len(drawn) >= place:
            drawn[place - 1] += box
    return style.between.join(drawn)


def _block(block: Block, style: Style, lead: str, article: StandInArticle) -> str:
    if block.kind == "p":
        photo = _inner_photo(block.photo, style, article) if block.photo else ""
        url = block.link.url if block.link else ""
        # A promotion may be glued to the sentence, without a space.
        return f"<p>{photo}{lead}{inline(block.runs, style, url)}{style.spell(block.tail)}</p>"
    return _OTHER_BLOCKS[block.kind](block, style, article)


def _heading(block: Block, style: Style, article: StandInArticle) -> str:
    text = inline(block.runs, style)
    if block.kind == "bold":
        return f"<p><strong>{text}</strong></p>"
    tag = block.kind.partition("-")[0]
    return f"<{tag}>{'<strong>' + text + '</strong>' if tag != block.kind else text}</{tag}>"


def _quotation(block: Block, style: Style, article: StandInArticle) -> str:
    return f"<blockquote>\n<p>{inline(block.runs, style)}</p>\n</blockquote>"


def _listing(block: Block, style: Style, article: StandInArticle) -> str:
    tag = "ul" if block.kind == "list" else "ol"
    items = "\n".join(f"<li>{style.spell(cells[0])}</li>" for cells in block.items)
    return f"<{tag}>\n{items}\n</{tag}>"


def _table(block: Block, style: Style, article: StandInArticle) -> str:
    rows = "\n".join(
        f"<tr>\n{''.join(f'<td>{style.spell(cell)}</td>' for cell in row)}\n</tr>"
        for row in block.items
    )
    table = f'<table border="1" width="100%">\n<tbody>\n{rows}\n</tbody>\n</table>'
    return style.table.format(table=table)


def _photo(block: Block, style: Style, article: StandInArticle) -> str:
    return f"<p>{_inner_photo(block.photo, style, article)}</p>" if block.photo else ""


def _inner_photo(photo: Photo, style: Style, article: StandInArticle) -> str:
    key = photo.url[-17:-4]
    return (
        f'<div id="{key}" class="photo" data-photolink="{viewer(article)}?page=2"'
        '  style="   max-width: 100% ; width:750px " ><img data-width="750px" data-aligment=""'
        f'  src="{photo.url}" alt="{attribute(photo.caption or "")}" />'
        f'<span class="pb_10 author">{photo.credit or ""}</span> '
        f"{style.spell(photo.caption or '')}</div>"
    )


def viewer(article: StandInArticle, page: str = "image") -> str:
    """Return the address where the photos of an article are shown, or its comments."""
    return f"http://{article.host}{article.path.replace('/read/', f'/{page}/')}"


def _related(block: Block, style: Style, article: StandInArticle) -> str:
    assert block.link is not None  # noqa: S101 - a related block is its link
    url, title = block.link.url, style.spell(block.link.title)
    link = style.related_link.format(url=url, text=title)
    if url.startswith("http:"):
        link = f'<a href="{url}">{title}</a>'  # an address that an editor typed gets no class
    forms = {
        "plain": f"<p><strong>Baca juga: {link}</strong></p>",
        "spaced": f"<p><strong>Baca juga : {link}</strong></p>",
        "brackets": f"<p><strong>(Baca juga: {link})</strong></p>",
        "nested": f"<p><strong><strong>Baca juga: {link}</strong><br /></strong></p>",
        "one-link": f'<p><strong><a href="{url}" class="inner-link-baca-juga" target="_self">'
        f"Baca juga: {title}</a></strong></p>",
        # The label kept the address of another article.
        "left-over": f'<p><strong><a href="{url.rpartition("/")[0][:-2]}70/berita-lama" '
        f'class="inner-link-baca-juga" target="_self">Baca juga: </a>{link}</strong></p>',
        "listed": f"<p><strong>Baca juga:</strong></p>\n<ul>\n<li><strong>{link}</strong></li>\n</ul>",
        "injected": f'<div class="inject-baca-juga2"><div class="inject-baca-juga__title">Baca juga:'
        f"</div>{link}</div>",
    }
    return forms[block.form]


def _embed(block: Block, style: Style, article: StandInArticle) -> str:
    assert block.post is not None  # noqa: S101 - an embed block is its post
    draw = {"twitter": _tweet, "instagram": _instagram, "youtube": _video, "other": _video}
    return draw[block.post.kind](block.post, style, block.form)


def _tweet(post: Post, style: Style, form: str) -> str:
    handle = post.url.split("/")[3]
    return (
        '<blockquote class="twitter-tweet">\n'
        f'<p lang="en" dir="ltr">{style.spell(post.text or "")}</p>\n'
        f"&mdash; {style.spell(post.author)} (@{handle}) "
        f'<a href="{post.url}?ref_src=twsrc%5Etfw">October 17, 2020</a></blockquote>'
    )


def _instagram(post: Post, style: Style, form: str) -> str:
    tracked = f"{post.url}?utm_source=ig_embed&amp;utm_campaign=loading"
    author = style.spell(post.author)
    return (
        '<blockquote class="instagram-media" style="background: #FFF; margin: 1px;" '
        f'data-instgrm-captioned="" data-instgrm-permalink="{tracked}" data-instgrm-version="12">\n'
        '<div style="padding: 16px;">\n<div style="display: flex;">&nbsp;</div>\n'
        '<div style="padding: 19% 0;">&nbsp;</div>\n<div style="padding-top: 8px;">\n'
        '<div style="color: #3897f0;">Lihat postingan ini di Instagram</div>\n</div>\n'
        '<div style="padding: 12.5% 0;">&nbsp;</div>\n<p style="margin: 8px 0 0 0;">'
        f'<a href="{tracked}" target="_blank">{style.spell(post.text or "")}</a></p>\n'
        f'<p style="color: #c9c8cd;">Sebuah kiriman dibagikan oleh <a href="{tracked}" '
        f'target="_blank"> {author}</a> (@{author.lower().replace(" ", "_")}) '
        "pada 7 Okt 2020 jam 1:56 PDT</p>\n</div>\n</blockquote>"
    )


def _video(post: Post, style: Style, form: str) -> str:
    frame = (
        f'<iframe src="{post.url}" frameborder="0" width="100%"  allowfullscreen="true" '
        'webkitallowfullscreen="true" height="301px"></iframe>'
    )
    if "{key}" in style.video:
        return style.video.format(key=f"{crc32(post.url.encode()):024x}", frame=frame)
    if form == "strong":
        return f"<p><strong>{frame}<br /></strong></p>"
    return f"<p>&nbsp;{frame}</p>" if form == "nbsp" else f"<p>{frame}</p>"


def _furniture(block: Block, style: Style, article: StandInArticle) -> str:
    if block.form == "spacer":
        return "<p>&nbsp;</p>"
    text = style.spell(block.tail)
    if block.form == "pointer" and block.link:
        link = style.related_link.format(url=block.link.url, text="di sini")
        return f"<p>{text.replace('di sini', link)}</p>"
    if block.form == "promotion":
        return f"<p><em>{text}</em></p>"
    return f"<p>{text}</p>"


_OTHER_BLOCKS: dict[str, Callable[[Block, Style, StandInArticle], str]] = {
    "h2": _heading,
    "h3": _heading,
    "h2-strong": _heading,
    "bold": _heading,
    "quote": _quotation,
    "list": _listing,
    "numbers": _listing,
    "table": _table,
    "photo": _photo,
    "related": _related,
    "embed": _embed,
    "furniture": _furniture,
}

GATE = f'<div class="gate-kgplus clearfix"><span>{WITHOUT_ADS}</span></div>'
ADVERT = f"<p>{ADVERTISEMENT}</p>"


def halaman(page: int | None) -> str:
    """Return what the address of a page puts behind title and description."""
    if page is None:
        return " Halaman all"
    return "" if page == 1 else f" Halaman {page}"


def levels(article: StandInArticle) -> tuple[tuple[str, str], ...]:
    """Return the levels of the breadcrumb, with their addresses.

    The section is the level whose address begins the article's own: the second, or on a host of its
    own the third, behind News. A level below it names a part of the section.
    """
    home = ("Home" if article.served < "2022" else "Kompas.com", "https://www.kompas.com")
    own = (article.section, article.section_url)
    if article.served in ("2020-10", "2020-11", "2021-03"):
        return home, own
    if article.host == "www.kompas.com":
        return home, own, ("Berita", f"{article.section_url}/berita")
    return home, ("News", "https://news.kompas.com"), own


def head_meta(article: StandInArticle, page: int | None, later: str = "", amp: bool = True) -> str:
    """Return the metadata of the desktop since 2017; `later` is what newer templates add."""
    keywords = attribute(", ".join(article.printed_tags))
    mobile = f'<link rel="amphtml" href="{amp_url(article)}">\n' if amp else ""
    return f"""<meta name="viewport" content="width=device-width">
<meta name="description" content="{attribute(article.description + halaman(page))}">
<meta name="keywords" content="{keywords}">
<meta name="googlebot-news" content="index, follow" />
<meta name="googlebot" content="index, follow" />
<meta name="author" content="Kompas Cyber Media">
<meta name="robots" content="index, follow" />
<meta name="language" content="id" />
<meta name="geo.country" content="id" />
<meta name="geo.placename" content="Indonesia" />
{shared_meta(article, page)}{content_meta(article)}{later}{mobile}\
<link rel="canonical" href="{article.url}" />
<link rel="shortcut icon" href="https://asset.kompas.com/data/2017/wp/images/favicon2017.ico">
<meta name="google-site-verification" content="x" />
"""


def amp_url(article: StandInArticle) -> str:
    section = "" if article.host == "www.kompas.com" else "/internasional"
    return f"https://amp.kompas.com{section}{article.path}"


def shared_meta(article: StandInArticle, page: int | None, suffix: str = "") -> str:
    """Return what social networks read."""
    whole = f"{article.title}{halaman(page)}"
    title = attribute(f"{whole}{suffix or ('' if page == 1 else ' - Kompas.com')}")
    summary = attribute(article.description + halaman(page))
    image = article.lead_photo.url.replace("750x500", "780x390")
    return f"""<meta property="og:type" content="article" />
<meta property="og:image" content="{image}" />
<meta property="og:title" content="{title}" />
<meta property="og:description" content="{summary}">
<meta property="og:url" content="{article.url}" />
<meta property="og:site_name" content="KOMPAS.com" />
<meta property="fb:app_id" content="3" />
<meta name="twitter:card" content="summary_large_image" />
<meta name="twitter:site" content="@kompascom" />
<meta name="twitter:creator" content="@kompascom">
<meta name="twitter:title" content="{title}" />
<meta name="twitter:description" content="{summary}" />
<meta name="twitter:image" content="{image}" />
"""


def content_meta(article: StandInArticle, numbers: bool = True) -> str:
    """Return what Kompas's own scripts read; `numbers` are those of people."""
    author, editor = attribute(article.stated_author), attribute(article.stated_editor)
    category, subcategory = (levels(article)[1][0], levels(article)[-1][0])
    # The last word of the place, in small letters, sometimes after a newline: never the place.
    location = "\n" + (article.place or "global").split()[-1].lower()
    kind = "Brandzview" if article.form == "advertorial" else "Standard"
    ids = (
        (
            f'<meta name="content_author_id" content="{2000 + len(author)}" />\n',
            f'<meta name="content_editor_id" content="{1000 + len(editor)}" />\n',
            '<meta name="content_lipsus_id" content="" />\n',
        )
        if numbers
        else ("", "", "")
    )
    return f"""<meta name="content_category" content="{category}" />
<meta name="content_subcategory" content="{subcategory}" />
<meta name="content_location" content="{location}" />
{ids[0]}<meta name="content_author" content="{author}" />
{ids[1]}<meta name="content_editor" content="{editor}" />
<meta name="content_lipsus" content="" />
{ids[2]}<meta name="content_type" content="{kind}" />
<meta name="content_PublishedDate" content="{article.stated_at:%Y-%m-%d %H:%M:%S}" />
<meta name="content_source" content="{attribute(", ".join(article.printed_sources))}" />
<meta name="content_tag" content="{attribute(article.printed_tags[0])}" />
<meta name="content_tags" content="{attribute(", ".join(article.printed_tags))}" />
<meta name="content_total_words" content="{120 + 40 * len(article.pages)}" />
"""


def stamp(moment: datetime, utc: bool) -> str:
    zone = UTC if utc else timezone(timedelta(hours=7))
    return moment.astimezone(zone).isoformat()


def published_time(article: StandInArticle) -> str:
    return (
        '<meta property="article:published_time" '
        f'content="{stamp(article.stated_at, utc=True)}" />\n'
    )


def json_ld(article: StandInArticle, page: int | None, profile: bool = True) -> str:
    """Return the three blocks of linked data.

    Their author is the editor, while the address of the author's profile (since 2022) is the
    writer's; no date of theirs is another than that of the other metadata.
    """
    author = {"@type": "Person", "name": article.stated_editor}
    if profile:
        author["url"] = f"https://indeks.kompas.com/profile/{2000 + len(article.stated_author)}"
    news = {
        "@context": "http://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": {"@type": "WebPage", "@id": f"{article.url}#"},
        "headline": article.title + halaman(page) + ("" if page == 1 else " - Kompas.com"),
        "image": {
            "@type": "ImageObject",
            "url": article.lead_photo.url,
            "height": 500,
            "width": 750,
        },
        "datePublished": stamp(article.stated_at, article.utc),
        "dateModified": stamp(article.stated_at, article.utc),
        "author": author,
        "publisher": {
            "@type": "Organization",
            "name": "Kompas.com",
            "logo": {
                "@type": "ImageObject",
                "url": "https://asset.kompas.com/logo.png",
                "width": 255,
                "height": 55,
            },
        },
        "description": article.description + halaman(page),
    }
    return _linked(_SITE, news, _OWNER)


def site_ld() -> str:
    """Return the linked data of a page that tells of the site but not of the article."""
    return _linked(_SITE, _OWNER)


def _linked(*told: dict[str, Any]) -> str:
    blocks = (json.dumps(block).replace("/", "\\/") for block in told)
    return "".join(f'<script type="application/ld+json">\n{block}\n</script>\n' for block in blocks)


_SITE = {
    "@context": "http://schema.org",
    "@type": "WebSite",
    "url": "https://www.kompas.com/",
    "potentialAction": {
        "@type": "SearchAction",
        "target": "https://search.kompas.com/search?q={search_term_string}",
        "query-input": "required name=search_term_string",
    },
}
_OWNER = {
    "@context": "http://schema.org",
    "@type": "Organization",
    "url": "https://www.kompas.com",
    "logo": "https://asset.kompas.com/logo.png",
    "sameAs": ["https://www.facebook.com/kompascom"],
}


def profile(name: str) -> str:
    return f"http://indeks.kompas.com/profile/{1000 + len(name)}/{squeeze(name).replace(' ', '.')}"


def profile_link(name: str) -> str:
    return f'<a href="{profile(name)}">{attribute(name)}</a>'


def source_links(article: StandInArticle) -> str:
    """Return the agencies as links joined by a comma; some addresses are broken, as on the site."""
    return ",".join(
        f'<a href="http://{name if "." in name else name.replace(" ", "") + ".example"}" '
        f'target="_blank">{attribute(name)}</a>'
        for name in article.printed_sources
    )


def page_url(article: StandInArticle, number: int) -> str:
    return f"{article.url}?page={number}"


def long_day(moment: datetime) -> str:
    return prose.long_date(moment.date())


def next_words(article: StandInArticle, page: int) -> str:
    """Return the words by which a page announces the next one."""
    following = next((block for block in article.pages[page] if block.kind == "p"), None)
    told = following.texts()[0].split()[:5] if following else ["Lanjutan"]
    return attribute(" ".join(told))


def shown(article: StandInArticle, page: int | None) -> tuple[Block, ...]:
    """Return the blocks of a page, or with page None of all pages."""
    return tuple(article.blocks) if page is None else article.pages[page - 1]


def ends(article: StandInArticle, page: int | None) -> bool:
    """Return whether the article ends on this page."""
    return page in (None, len(article.pages))
