"""The section front and the daily index of 2024, the index of 2016, the sitemaps.

Front and index of 2024 are known from public crawlers and scraped data, not from pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from kompas_standin import prose
from kompas_standin.articles import Headline
from kompas_standin.templates.boxes_of import Boxes
from kompas_standin.templates.pieces import Page, attribute

# The codes of the index's form; which of them serves the section differs by option.
CODES = ("all", "news", "tren", "health", "money", "tekno", "bola", "travel", "edukasi")


def _head(title: str, url: str) -> str:
    return f"""<!DOCTYPE html>
<html>
<head>
<script>
window.dataLayer = window.dataLayer || [];
window.dataLayer.push({{"title": "{title}", "content_category": "home", "canonical": "{url}"}});
</script>
<title>{title}</title>
<meta charset="utf-8"/>
<meta content="article" property="og:type"/>
<meta content="{title}" property="og:title"/>
<meta content="" name="content_PublishedDate"/>
<meta content="" name="content_author"/>
<link href="{url}" rel="canonical">
</head>
<body class="theme--global">
"""


def front(
    boxes_: Boxes,
    lines: Sequence[Headline],
    headline: Headline,
    popular: Sequence[Headline],
    page: int,
    following: bool,
) -> Page:
    """Return page N of the section front, in the markup of 2024 and later.

    Page 1 shows its first six articles in a grid above the list; the headline and the side boxes
    are the same on every page.
    """
    grid, listed = (lines[:6], lines[6:]) if page == 1 else ((), lines)
    small = "".join(_item(line, line.front_url) for line in grid)
    small = f'<div class="articleHL-small clearfix --Grid">\n{small}</div>\n' if grid else ""
    content = f"""<div class="container clearfix">
<div class="col-bs10-7">
<div class="articleHL-item"><a href="{headline.url}"><img alt="foto"></a>\
<div class="articleHL-wrap"><div class="articleHL-box">
<h1 class="articleTitle">{attribute(headline.title)}</h1>
<div class="articlePost"><div class="articlePost-subtitle">{headline.section}</div>\
<div class="articlePost-date">{prose.long_date(headline.published_at.date())}</div></div>
</div></div></div>
{small}<div class="articleList -list">
{"".join(_item(line, line.front_url) for line in listed)}</div>
{_pages("https://www.kompas.com/global?page={}", page, following)}
</div>
<div class="col-bs10-3">
{_popular(popular[:10])}{_side(popular)}</div>
</div>
"""
    head = _head("Berita Global Terkini - Kompas.com", "https://www.kompas.com/global")
    return [head, boxes_.scripts, boxes_.menu, content, boxes_.tail]


def _item(line: Headline, url: str, printed: str = "") -> str:
    day = printed or prose.long_date(line.published_at.date())
    title = attribute(line.title)
    return f"""<div class="articleItem"><a class="article-link" href="{url}">
<div class="articleItem-wrap"><div class="articleItem-img"><img alt="{title}" class="lozad" \
data-src="https://asset.kompas.com/crops/177x117.jpg"/></div>
<div class="articleItem-box"><h2 class="articleTitle">{title}</h2>
<div class="articlePost"><div class="articlePost-subtitle">{line.section}</div>\
<div class="articlePost-date">{day}</div></div>
<div class="articleLead"><p>{attribute(line.story.topic.tags[0].title())} di mancanegara.</p></div>
</div></div></a></div>
"""


def _popular(lines: Sequence[Headline]) -> str:
    items = "".join(
        f'<div class="mostItem"><a href="{line.url}"><div class="mostItem-count">{number}</div>'
        f'<h2 class="mostItem-title">{attribute(line.title)}</h2></a></div>\n'
        for number, line in enumerate(lines, start=1)
    )
    return f'<div class="mostList -mostlist -mostArticle most_type2">\n{items}</div>\n'


def _side(lines: Sequence[Headline]) -> str:
    items = "".join(
        f'<div class="articleItem"><a href="{line.url.replace("https:", "http:")}'
        f'?utm_source=sisi&utm_medium=box"><h2 class="articleTitle">{attribute(line.title)}</h2></a>'
        "</div>\n"
        for line in lines[:9]
    )
    return f'<div class="sideArticleList">\n{items}</div>\n'


def _pages(template: str, page: int, following: bool) -> str:
    links = "".join(
        f'<div class="paging__item"><a class="paging__link '
        f'{"paging__link--active" if number == page else ""}" '
        f'href="{attribute(template.format(number))}">{number}</a></div>\n'
        for number in range(max(1, page - 2), page + 1 + following)
    )
    if following:
        links += (
            '<div class="paging__item"><a class="paging__link paging__link--next" '
            f'href="{attribute(template.format(page + 1))}" rel="next" '
            f'data-ci-pagination-page="{page + 1}">Next</a></div>\n'
        )
    return f'<div class="paging__wrap clearfix">\n{links}</div>\n'


def index(
    boxes_: Boxes,
    codes: Sequence[str],
    code: str,
    day: date | None,
    lines: Sequence[Headline],
    page: int,
    following: bool,
) -> Page:
    """Return page N of the daily index, in the markup of 2024.

    An article of another day among the lines is printed under the index's day: that is how old
    pieces are published again.
    """
    options = "\n".join(
        f'<option value="{name}"{" selected" if name == code else ""}>{name.title()}</option>'
        for name in codes
    )
    asked = f"&date={day}" if day else ""
    url = f"https://indeks.kompas.com/?site={code}{asked}&page={{}}"
    items = "".join(
        _item(line, line.listed_url, prose.long_date(day) if day else "") for line in lines
    )
    content = f"""<div class="container clearfix">
<form class="form clearfix" action="https://indeks.kompas.com/">
<div class="form__select__wrap"><select name="site" class="form__select">
{options}
</select></div>
<input type="text" name="date" class="form__input" value="{day or ""}">
</form>
<div class="articleList -list">
{items}</div>
{_pages(url, page, following)}
</div>
"""
    head = _head("Indeks Berita - Kompas.com", "https://indeks.kompas.com/")
    return [head, boxes_.scripts, boxes_.menu, content, boxes_.tail]


def index_2016(day: date, lines: Sequence[Headline], page: int, last: int) -> Page:
    """Return the index of 2016: ten a page, links to /read/xml/, the filter in a cookie."""
    items = "".join(
        f"""<li>
          <div class="tleft">
            <div class="grey small">{_printed_2016(line)}</div>
            <h3><a href="{line.url.replace("https:", "http:").replace("/read/", "/read/xml/")}">\
{attribute(line.title)}</a></h3>
            <p>{attribute(line.story.topic.tags[0].title())} di mancanegara.</p>
          </div>
        </li>
"""
        for line in lines
    )
    active = 'class="active"'
    pages = "".join(
        f"<li {active if number == page else ''}>"
        f"<a href='http://indeks.kompas.com/?p={number}'>{number}</a></li>"
        for number in range(1, last + 1)
    )
    return [
        f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Indeks Berita - Kompas.com</title>
</head>
<body class="indexing">
<div class="container">
<div class="small grey mt1 mb1">{prose.WEEKDAYS[day.weekday()]}, {prose.long_date(day)}</div>
<h1 class="tcenter">Indeks Berita</h1>
<div id="berita" class="tabContent mt2">
      <div class="kcm-main-list">
      <ul class="clearfix">
{items}      </ul>
    </div>
    <ul class="paginasi mt2" style="text-align: left;">
      <li class="inactive grey">‹‹</li>
      {pages}
    </ul>
</div>
</div>
</body>
</html>
"""
    ]


def _printed_2016(line: Headline) -> str:
    at = line.published_at
    return f"{prose.WEEKDAYS[at.weekday()]}, {prose.long_date(at.date())} | {at:%H:%M} WIB"


def sitemap_index() -> Page:
    names = ("sitemap-basic.xml", "sitemap-news-global.xml", "sitemap-archive-global.xml")
    hosts = [("www", name) for name in names] + [("money", "sitemap-news-money.xml")]
    entries = "".join(
        f"<sitemap><loc>https://{host}.kompas.com/{name}</loc></sitemap>\n" for host, name in hosts
    )
    return [
        f"""<?xml version="1.0" encoding="UTF-8"?>
<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
{entries}</sitemapindex>
"""
    ]


def news_sitemap(lines: Sequence[Headline]) -> Page:
    """Return the sitemap in Google's news form."""
    entries = "".join(
        f"""<url>
<loc>{line.url}</loc>
<news:news><news:publication><news:name>Kompas.com</news:name>\
<news:language>id</news:language></news:publication>
<news:publication_date>{line.published_at.isoformat()}</news:publication_date>
<news:title>{attribute(line.title)}</news:title>
<news:keywords>{attribute(", ".join(line.story.tags()))}</news:keywords></news:news>
<image:image><image:loc>https://asset.kompas.com/crops/780x390.jpg</image:loc></image:image>
</url>
"""
        for line in lines
    )
    return [
        f"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" \
xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" \
xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
{entries}</urlset>
"""
    ]


def archive_sitemap(lines: Sequence[Headline]) -> Page:
    entries = "".join(
        f"<url><loc>{line.url}</loc><lastmod>{line.published_at.isoformat()}</lastmod></url>\n"
        for line in lines
    )
    return [
        f"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
{entries}</urlset>
"""
    ]
