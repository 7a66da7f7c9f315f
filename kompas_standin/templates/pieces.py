"""What pages are made of: furniture that never changes, and what all templates print alike.

A page is a list of fixtures and strings. Furniture is compressed once for all pages, which is why
the stand-in can serve pages of 200 KB as fast as a benchmark asks for them.
"""

from __future__ import annotations

import zlib
from functools import cached_property
from html import escape

from kompas_standin.articles import StandInArticle
from kompas_standin.blocks import Block, squeeze


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


def viewer(article: StandInArticle, page: str = "image") -> str:
    """Return the address where the photos of an article are shown, or its comments."""
    return f"http://{article.host}{article.path.replace('/read/', f'/{page}/')}"


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
