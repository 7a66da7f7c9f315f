"""The processors of the loader, which turn printed strings into values of the record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

# What a reader cannot see: control characters, zero-width spaces, soft hyphens, byte order marks,
# direction marks and overrides, tag characters, lone surrogates. Joiners (U+200C, U+200D) stay:
# Persian names and emoji need them. U+0080-009F are windows-1252, see below.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
# Browsers read these characters as windows-1252; five of them are nothing there either.
_C1 = re.compile("[\x80-\x9f]")
_WINDOWS_1252 = {
    code: bytes([code]).decode("cp1252", errors="ignore") for code in range(0x80, 0xA0)
}

_POWER = re.compile(r"[+\-\u2212]?[0-9]{1,12}")
_DIGITS = "0123456789+-\u2212"
_RAISED = str.maketrans(
    _DIGITS,
    "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207a\u207b\u207b",
)
_LOWERED = str.maketrans(
    _DIGITS,
    "\u2080\u2081\u2082\u2083\u2084\u2085\u2086\u2087\u2088\u2089\u208a\u208b\u208b",
)

# "Halaman all" and "Halaman 2" are added to titles and summaries of single pages of an article.
_PAGE_MARK = re.compile(
    r"\s*[-–|]?\s*\bHalaman (?P<page>all|[0-9]{1,3})\s*(?:[-–|]\s*Kompas\.com)?$", re.IGNORECASE
)
_SITE_MARK = re.compile(r"\s*[-–|]\s*Kompas\.com$", re.IGNORECASE)
_MARK_WORDS = ("halaman", "kompas.com")  # a text with none of them has neither mark

# "Kontributor Bone, NAME", "Kontributor Karskova, Zamburia, NAME", "Kontributor Karskova - NAME".
_CONTRIBUTOR = re.compile(r"^kontributor\b.*(?:,|\s[-–]\s)\s*(?=\S)", re.IGNORECASE)
_FOOTNOTE = re.compile(r"[\s*]*\*+\)?[\s,]*$")  # "NAME*", "NAME*)"
_NOTHING = frozenset(("", "-", "Unknown"))
# Placeholders for a name, as advertorials print them in place of the writer.
_NOBODY = frozenset({"", "-", "advertorial", "unknown", "kompas cyber media", "kompas.com"})


def squeeze(text: str) -> str:
    r"""Return text on one line, without invisible characters and repeated white space.

    >>> squeeze(" dua\xa0 kata\u200b\u200e. "), squeeze("\x93Ya\x94")
    ('dua kata.', '“Ya”')
    """
    return " ".join(visible(text).split())


def visible(text: str) -> str:
    r"""Return text without invisible characters, white space as it is.

    >>> visible("dua\u200b \u200e")
    'dua '
    """
    if text.isprintable():
        return text
    text = _UNSEEN.sub("", text)
    return text.translate(_WINDOWS_1252) if _C1.search(text) else text


def raised(text: str) -> str:
    """Return the digits of a `<sup>` as superscripts, other text as it is.

    >>> raised("6"), raised("-3"), raised("th")
    ('⁶', '⁻³', 'th')
    """
    return text.translate(_RAISED) if _POWER.fullmatch(text.strip()) else text


def lowered(text: str) -> str:
    """Return the digits of a `<sub>` as subscripts, other text as it is.

    >>> lowered("2")
    '₂'
    """
    return text.translate(_LOWERED) if _POWER.fullmatch(text.strip()) else text


def page_mark(text: str) -> str | None:
    """Return the page that a title or a summary names at its end: "all", "2", or None.

    >>> page_mark("Kapal Itu Tiba Halaman 2"), page_mark("Kapal Itu Tiba")
    ('2', None)
    """
    match = _PAGE_MARK.search(squeeze(text))
    return match["page"].lower() if match else None


def without_page_mark(text: str, pages: Iterable[str] = ("all",)) -> str:
    """Return a title or a summary without what Kompas adds to it.

    `pages` are the page marks that this page can bear: a headline may end in "Halaman 12" itself.

    >>> without_page_mark("Kapal Itu Tiba Halaman all - Kompas.com")
    'Kapal Itu Tiba'
    >>> without_page_mark("Berakhir di Halaman 12"), without_page_mark("Tiba Halaman 2", ["2"])
    ('Berakhir di Halaman 12', 'Tiba')
    """
    text = squeeze(text)
    if not any(word in text.lower() for word in _MARK_WORDS):
        return text
    text = _SITE_MARK.sub("", text)
    mark = page_mark(text)
    if mark is not None and mark in pages:
        text = _PAGE_MARK.sub("", text)
    return text.strip()


def titles(texts: Iterable[str], loader_context: Mapping[str, Any]) -> list[str]:
    """Return titles or summaries without what Kompas adds to them, and without empty ones.

    The loader's context holds `page_marks`, the marks that the page can bear.
    """
    marks = loader_context.get("page_marks", ("all",))
    return [title for text in texts if (title := without_page_mark(text, marks)) not in _NOTHING]


def person(text: str) -> str | None:
    """Return a name without role and footnote mark, None for a placeholder.

    >>> person("Kontributor Bone, Andi Rahman ,"), person("Sari Contoh*)")
    ('Andi Rahman', 'Sari Contoh')
    """
    name = _CONTRIBUTOR.sub("", _FOOTNOTE.sub("", squeeze(text)).strip(" ,;|:"))
    return None if name.lower() in _NOBODY else name


def people(texts: Iterable[str]) -> tuple[str, ...]:
    """Return names in order, each once."""
    return tuple(dict.fromkeys(name for text in texts if (name := person(text))))


def outlets(texts: Iterable[str]) -> tuple[str, ...]:
    """Return sources as printed, split on commas only: "Travel and Leisure" is one.

    >>> outlets(["AFP,TASS", "ozy.com"])
    ('AFP', 'TASS', 'ozy.com')
    """
    names = (squeeze(part) for text in texts for part in text.split(","))
    return tuple(dict.fromkeys(name for name in names if name not in _NOTHING))


def squeezed(texts: Iterable[str]) -> tuple[str, ...]:
    """Return texts in order, each once, without empty ones and placeholders."""
    return tuple(dict.fromkeys(text for raw in texts if (text := squeeze(raw)) not in _NOTHING))


def content_hash(title: str, text: str) -> str:
    """Return the fingerprint of an article's content: equal ones mean equal title and text.

    It is the SHA-256 of title, one newline (which no title holds) and text, in UTF-8.
    """
    return "sha256:" + sha256(f"{title}\n{text}".encode(errors="surrogatepass")).hexdigest()


def count_words(text: str) -> int:
    """Return the number of words, separated by white space.

    >>> count_words("Rusia kebanjiran. Mulai hari ini")
    5
    """
    return len(text.split())
