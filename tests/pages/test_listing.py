"""Lists that are no page of items: sitemaps, menus, pages whose list is not recognised."""

from datetime import date

import pytest

from kompas_crawler import pages, urls
from kompas_crawler.sections import SECTION
from kompas_crawler.spiders.daily_index import IndexProgress, IndexSpider

ARTICLE = "https://www.kompas.com/global/read/2026/11/20/081501270/kapal-tiba-di-selat"
OTHER = "https://money.kompas.com/read/2026/11/20/091501226/harga-beras-naik"
DAY = date(2026, 11, 20)


def test_a_news_sitemap_names_articles_and_nothing_else():
    xml = f"""<?xml version="1.0"?><urlset>
      <url><loc>{ARTICLE}</loc><lastmod>2026-11-20</lastmod></url>
      <url><loc><![CDATA[{ARTICLE}?utm_source=x]]></loc></url>
      <s:url><s:loc xml:lang="id"> {OTHER} </s:loc></s:url>
      <url><loc>https://example.org/global/read/2026/11/20/081501370/a</loc></url>
      <image:loc>https://asset.kompas.com/crops/a.jpg</image:loc></urlset>"""
    listing = pages.read_sitemap(xml, "https://www.kompas.com/sitemap-news-global.xml")
    assert listing.urls_by_id == {"2026/11/20/081501270": ARTICLE, "2026/11/20/091501226": OTHER}
    assert listing.layout == "sitemap"


def test_a_sitemap_that_is_none_names_nothing():
    assert pages.read_sitemap("<html>Not found</html>", "https://www.kompas.com/x").layout is None


def test_of_the_index_of_sitemaps_only_the_section_s_news_is_taken():
    xml = "".join(
        f"<sitemap><loc>https://{address}</loc></sitemap>"
        for address in (
            "www.kompas.com/sitemap-news-tren.xml",
            "www.kompas.com/sitemap-news-global.xml",
            "www.kompas.com/sitemap-archive-global.xml",
            "internasional.kompas.com/sitemap-news-internasional.xml",
            "www.kompas.com.example.org/sitemap-news-global.xml",
        )
    )
    assert pages.read_sitemap_index(xml) == (
        "https://www.kompas.com/sitemap-news-global.xml",
        "https://internasional.kompas.com/sitemap-news-internasional.xml",
    )


def test_where_no_list_is_recognised_every_link_to_an_article_is_a_stray():
    html = f"<div class='renamed'><a href='{ARTICLE}?page=2#x'>a</a><a href='//[bad'>b</a></div>"
    listing = pages.read_listing(html, urls.front_url())
    assert listing.urls_by_id == {}
    assert [entry.url for entry in listing.strays] == [ARTICLE]


MENU = "".join(
    f'<option value="https://indeks.kompas.com/?site={code}">{name}</option>'
    for name, code in (("All", "all"), ("News", "news"), ("Global", "global"), ("Bola", "bola"))
)
ITEM = '<div class="articleItem"><a href="{}"><h2 class="articleTitle">Judul</h2></a></div>'


TWO = [ARTICLE, ARTICLE.replace("0815012", "0715012")]
ITEMS = "".join(map(ITEM.format, TWO))
VIDEO = ITEM.format("https://video.kompas.com/watch/1/kapal")
ODD = ITEM.format("https://www.kompas.com/artikel/1")
BLANK = "<div class='articleItem'><ins class='ads'></ins></div>"


@pytest.mark.parametrize(
    ("html", "items", "unread"),
    [
        (ITEMS, 2, 0),
        (ITEMS.replace("</a></div>", "</a>"), 2, 0),
        (ITEMS.replace("</h2></a></div>", "</h2></a>", 1), 2, 0),
        (f"<div class='articleItem'>{ITEMS}</div>", 3, 0),
        (VIDEO + BLANK + ITEMS + ITEM.format("https://iklan.example/"), 5, 0),
        (ITEMS + ITEM.format("https://www.kompas.com/global/read/20261120-kapal"), 3, 1),
        (ITEM.format("javascript:void(0)") + ITEMS + ITEM.format("#") + ITEM.format(""), 5, 3),
    ],
)
def test_every_item_is_an_article_or_is_counted(html, items, unread):
    listing = pages.read_listing(html, urls.index_url(DAY))
    assert [entry.url for entry in listing.entries] == TWO
    assert (listing.items, listing.unread) == (items, unread)


def test_a_list_of_which_nothing_is_understood_is_no_empty_day():
    listing = pages.read_listing(ODD, urls.index_url(DAY))
    assert (listing.layout, listing.entries, listing.unread) == ("list-2024", (), 1)


@pytest.mark.parametrize(
    ("html", "tried", "chosen"),
    [
        (MENU + ITEM.format(ARTICLE), "global", "global"),
        (MENU, "global", "news"),  # an empty day, or one from before the section had this code
        (MENU, "news", "all"),
        (MENU, "all", "all"),
        (MENU.replace("global", "dunia"), "global", "dunia"),  # its code has changed
        (MENU.replace("Global", "Dunia").replace("global", "dunia"), "global", "news"),
        (MENU + ODD, "global", "global"),  # an item that is not understood
        (ITEM.format(OTHER), "global", "global"),  # no menu, but a list: it is read whole
        ("<p>kosong</p>", "global", "internasional"),  # neither: another code may know more
        ("<p>kosong</p>", "internasional", "news"),
        ("<p>kosong</p>", "all", "all"),
    ],
)
def test_the_code_of_the_section_is_the_menu_s_own(html, tried, chosen):
    class Any(IndexSpider):
        name = "any"

    codes = SECTION.index_codes
    walk = IndexProgress(day=DAY, site=tried, tried=set(codes[: codes.index(tried)]))
    listing = pages.read_listing(html, urls.index_url(DAY, site=tried))
    spider = Any()
    again = spider._better_site(walk, listing)
    assert (walk.site, again) == (chosen, chosen != tried)
