"""The reader of Kompas's pages, from HTML and address to articles and listings."""

from kompas_crawler.pages.article import layout_of, read, read_article
from kompas_crawler.pages.listing import (
    Entry,
    Listing,
    read_listing,
    read_sitemap,
    read_sitemap_index,
)
from kompas_crawler.pages.reading import Reading, join_pages

__all__ = [
    "Entry",
    "Listing",
    "Reading",
    "join_pages",
    "layout_of",
    "read",
    "read_article",
    "read_listing",
    "read_sitemap",
    "read_sitemap_index",
]
