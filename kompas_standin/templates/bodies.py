"""The bodies of articles: how each generation of templates prints the blocks of a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from html import escape
from html.entities import codepoint2name
from zlib import crc32

from kompas_standin.articles import StandInArticle, tag_url
from kompas_standin.blocks import Block, Photo, Post, Run
from kompas_standin.templates.pieces import attribute, viewer

# Inside read__content of 2020 every letter beyond ASCII is an entity.
_ENTITIES = {code: f"&{name};" for code, name in codepoint2name.items() if code > 127}


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
    outbound: str = '<a href="{url}" rel="nofollow"><em>{text}</em></a>'
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
# Every link of a body but those of tags has the class of "Baca juga", wherever it leads.
MOBILE_2022 = replace(
    MOBILE,
    outbound='<a class="inner-link-baca-juga" target="_self" href="{url}" rel="nofollow">'
    "<em>{text}</em></a>",
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
        return style.outbound.format(url=f"https://berita.example/{len(text)}", text=text)
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
