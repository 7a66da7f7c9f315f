"""The head of an article page, as programs read it: metadata and linked data."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from kompas_standin.articles import StandInArticle
from kompas_standin.templates.pieces import attribute, halaman, levels


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
<meta name="content_total_words" content="{article.total_words}" />
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
