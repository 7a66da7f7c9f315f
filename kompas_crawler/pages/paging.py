"""The pages of an article: which one is shown, how many there are, and whether its text is whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from kompas_crawler.pages.body import Body
from kompas_crawler.pages.document import Document, attribute, text_of
from kompas_crawler.pages.layouts import Layout
from kompas_crawler.processors import count_words, page_mark

MOST_PAGES = 60  # the longest article seen has thirteen
WHOLE_TYPES = frozenset(("brandzview",))  # of advertorials, 6 of 651 pages of 2024-04
_NUMBER = re.compile(r"[0-9]{1,6}")  # str.isdigit is true of "²", which int() refuses
# Behind the id: the slug, if any, and a query; AMP pages put "amp=1" before the page.
_PAGE_NUMBER = re.compile(
    rb"(?:/[^\s\"'<>?]{0,400}+)?\?(?:[^\s\"'<>?#]{0,200}&(?:amp;)?)?page=(\d{1,3})\b"
)
_ENOUGH_WORDS = 0.6  # of the words Kompas counts; it counts the "Baca juga" lines too
_PROMOTION_WORDS = 60  # at most, of the line at the end, which Kompas counts: 2022-24
_ATTRIBUTION_WORDS = 15  # at most, beside a post's own: "A post shared by ..."
_MOST_PROSE = 0.8  # of the others; 126 real articles of one page have 0.93 of them and more


@dataclass(frozen=True, slots=True)
class Paging:
    """What states the pages of one article: the page, its layout, its id and its address."""

    page: Document
    layout: Layout
    article_id: str
    url: str

    def read(self, body: Body) -> tuple[int | None, int]:
        """Return the number of the page that is shown (None: all of them), and how many there are."""
        linked = [int(n) for n in self._linked_pages() if _NUMBER.fullmatch(n)]
        stated = self.page.metas.get("content_total_pages", "")
        count = max((n for n in linked if n <= MOST_PAGES), default=1) or 1
        announced = min(int(stated), MOST_PAGES) if _NUMBER.fullmatch(stated) else 0
        if max(count, announced) < 2:
            return None, 1
        shown = self._shown_page(max(count, announced))
        if count == 1 and not self._is_part(body, shown, announced):
            return None, 1  # advertorials announce pages that they do not have
        count = max(count, announced)
        return (shown, count) if count > 1 else (None, 1)

    def _is_part(self, body: Body, shown: int | None, announced: int) -> bool:
        """Return whether pages that only the metadata announces exist.

        They do if the page states a number of its own, or has too few words. An advertorial
        announces two or three pages, and is whole on one, without a link to another.
        """
        if announced < 2:
            return False
        is_whole = self.page.metas.get("content_type", "").lower() in WHOLE_TYPES
        is_marked = shown != 1 and not is_whole
        return is_marked or lacks_words(self.page, body, unless_told=not is_whole)

    def _linked_pages(self) -> Iterator[str]:
        """Yield the page numbers in links to this article, wherever they are in the HTML.

        The photo viewer counts pages too, under `/image/` instead of `/read/`.
        """
        html, here = self.page.raw, f"/{self.article_id}".encode()
        position = html.find(here)
        while position >= 0:
            rest = position + len(here)
            is_of_reading = html.endswith((b"/read", b"/read/xml"), 0, position)
            if is_of_reading and (match := _PAGE_NUMBER.match(html, rest)):
                yield match[1].decode()
            position = html.find(here, rest)

    def _shown_page(self, count: int) -> int | None:
        for mark in self._page_marks():
            if _NUMBER.fullmatch(mark) and 1 <= int(mark) <= count:
                return int(mark)
            if mark.lower() in ("all", "show all"):
                return None
        return 1

    def _page_marks(self) -> Iterator[str]:
        """Yield what states the number of the page that is shown, the most reliable first."""
        metas = self.page.metas
        marks = [page_mark(metas.get(name, "")) or "" for name in ("og:title", "description")]
        yield from (mark for mark in marks if mark == "all")
        yield from self._active_pages()
        yield metas.get("content_current_page", "")
        yield from marks
        yield from parse_qs(urlsplit(self.url).query).get("page", [])

    def _active_pages(self) -> list[str]:
        """Return the text of the active links of the article's own paging."""
        links = [link for place in self.layout.active_page for link in self.page.find(place)]
        return [text_of(link) for link in links if self.article_id in (attribute(link, "href"))]


def lacks_words(page: Document, body: Body, *, unless_told: bool = False) -> bool:
    """Return whether the text has far fewer words than Kompas states.

    `unless_told` is the answer where Kompas states no number.
    """
    total = page.metas.get("content_total_words", "")
    if not _NUMBER.fullmatch(total):
        return unless_told
    return count_words(body.text) < int(total) * _ENOUGH_WORDS


def lacks_prose(page: Document, body: Body) -> bool:
    """Return whether all pages of an article have less text than Kompas has counted in them.

    Of the words that Kompas states, those of links to other articles, of posts and of a promotion
    are no text.
    """
    total = page.metas.get("content_total_words", "")
    if not _NUMBER.fullmatch(total):
        return False
    related = sum(2 + count_words(link.title) for link in body.related)
    posts = sum(_ATTRIBUTION_WORDS + count_words(embed.text or "") for embed in body.embeds)
    prose = int(total) - related - posts - _PROMOTION_WORDS
    return count_words(body.text) < prose * _MOST_PROSE
