"""The HTML of a page before it is parsed: whether it is whole and not too costly, and its bytes as UTF-8."""

from __future__ import annotations

import re

import webencodings

NO_TEXT = ("replacement", "x-user-defined")  # names on WHATWG's list that decode nothing
LONGEST_PAGE = 4_000_000  # characters; real pages have up to 473,000
MOST_TAGS = 12_000  # "<" signs; real pages have up to 4,700, and HTML may take time by their square
LARGE_PAGE = 600_000  # characters; real pages have up to 473,000
LONGEST_TAG = 20_000  # characters; scripts of real pages have up to 19,000 without ">"
MOST_ATTRIBUTES = 200  # of one tag

# A page without a tag of too many attributes, by the rules of HTML: a quoted ">" ends no tag. It takes
# a fifth of a page's reading, so only pages are looked at that are like no honest one.
_ATTRIBUTE = r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+"""
_TAG = rf"<[a-zA-Z][^\s/>]*+(?:{_ATTRIBUTE}){{0,{MOST_ATTRIBUTES}}}+[\s/]*+(?:>|\Z)"
_ORDINARY = re.compile(rf"(?:[^<]++|<(?![a-zA-Z])|{_TAG})*+")

# All real pages seen close it; a fragment that never opened it may be complete.
PAGE_OPENS = "<html"
PAGE_CLOSES = "</html"
FIRST_CHARACTERS = 4096

# A character beyond U+FFFF written as two references, as UTF-16 stores it. By HTML's rules neither
# half is a character.
_SURROGATE_REFERENCES = re.compile(r"(?:&#(?:5[5-7][0-9]{3}|[xX][dD][89a-fA-F][0-9a-fA-F]{2});?)+")
MOST_HASHES = 1_000  # looked at one by one; a real page has some 70
_SURROGATE_START = re.compile(rb"&#(?:5[5-7]|[xX][dD])")
_REFERENCE = re.compile(r"&#(?:([0-9]{5})|[xX]([0-9a-fA-F]{4}));?")

FIRST_BYTES = 20_000  # of a page; its canonical address is in them
WAYBACK = b"//web.archive.org/web/"
# What the Wayback Machine puts before an address: when it was saved, and in which form it is given.
WAYBACK_PREFIX = r"/web/[0-9]{4,14}(?:[a-z]{2}_)?/"
_WRAPPING = re.compile(rf"(?:(?:https?:)?//web\.archive\.org)?{WAYBACK_PREFIX}(?=https?:)".encode())


def excess_of(html: str) -> str | None:
    """Return why a page is too costly to parse, None if it is not.

    The parser's time grows with the square of the number of attributes in one tag.
    """
    if len(html) > LONGEST_PAGE:
        return f"a page of {len(html):,} characters"
    if "<" in html.replace("<", ">", MOST_TAGS):  # half the time of counting them all
        return f"a page of {html.count('<'):,} tags"
    is_honest = len(html) < LARGE_PAGE and not _has_long_gap(html)
    if not is_honest and _ORDINARY.match(html).end() < len(html):  # type: ignore[union-attr]
        return f"a tag of more than {MOST_ATTRIBUTES} attributes"
    return None


def _has_long_gap(html: str) -> bool:
    """Return whether a page has `LONGEST_TAG` characters in a row without ">"."""
    position = 0
    while position + LONGEST_TAG < len(html):
        last = html.rfind(">", position, position + LONGEST_TAG)
        if last < 0:
            return True
        position = last + 1
    return False


def is_cut_off(text: str) -> bool:
    """Return whether a page ends in the middle: it has `<html`, and no `</html`.

    Such a page may come with a correct Content-Length, when something behind the server failed.

    >>> is_cut_off("<html><p>Kapal itu"), is_cut_off("<html><p>Kapal itu.</html>")
    (True, False)
    """
    if text.rfind(PAGE_CLOSES) >= 0:  # from the end, where it is on nearly every page
        return False
    return PAGE_OPENS in text[:FIRST_CHARACTERS].lower() and PAGE_CLOSES not in text.lower()


def encoding_of(body: bytes, declared: str) -> str:
    r"""Return the codec to read a page by: UTF-8 where its bytes are UTF-8, else the declared one.

    Every saved page of Kompas is UTF-8. A proxy may declare its own default, and text in another
    encoding is hardly ever valid UTF-8. A few damaged bytes do not change that: the page is UTF-8 if
    more of its multi-byte characters are valid than are not. The declared encoding counts only if it
    is on WHATWG's list.

    >>> encoding_of("Çelar".encode(), "cp1252"), encoding_of("Çelar".encode("cp1252"), "cp1252")
    ('utf-8', 'cp1252')
    >>> encoding_of("Çelar, é, ü".encode() + b" \xff", "cp1252"), encoding_of(b"\xff", "zlib")
    ('utf-8', 'utf-8')
    """
    known = webencodings.lookup(declared)
    codec = "utf-8" if known is None or known.name in NO_TEXT else known.codec_info.name
    if codec == "utf-8":
        return codec
    try:
        body.decode()
    except UnicodeDecodeError:
        text = body.decode("utf-8", errors="replace")
        lost = text.count("\ufffd")
        sound = sum(map(len, re.findall(r"[^\x00-\x7f\ufffd]+", text)))
        return "utf-8" if sound > lost else codec
    return "utf-8"


def as_utf8(text: str) -> bytes:
    """Return a page as UTF-8, with surrogate pairs joined and NUL characters removed."""
    try:
        raw = text.removeprefix("\ufeff").encode()
    except UnicodeEncodeError:  # single surrogates become U+FFFD, for the warning "lost-characters"
        raw = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
    if _has_surrogate_reference(raw):
        raw = _SURROGATE_REFERENCES.sub(_joined_reference, raw.decode()).encode()
    return _unwrapped(raw.replace(b"\0", b"") if b"\0" in raw else raw)


def _has_surrogate_reference(raw: bytes) -> bool:
    """Return whether a page may have one. Single bytes are found fastest, and "#" is rare."""
    at = 0
    for _ in range(MOST_HASHES):
        at = raw.find(b"#", at + 1)
        if at < 0:
            return False
        if _SURROGATE_START.match(raw, at - 1):
            return True
    return _SURROGATE_START.search(raw, at) is not None


def _unwrapped(raw: bytes) -> bytes:
    """Return a page with its own addresses, where the Wayback Machine has put its own before them.

    It does so in the head too, where no article mentions it.
    """
    body = raw.find(b"<body", 0, FIRST_BYTES)
    if raw.find(WAYBACK, 0, FIRST_BYTES if body < 0 else body) < 0:
        return raw
    return _WRAPPING.sub(b"", raw)


def _joined_reference(match: re.Match[str]) -> str:
    codes = [
        int(decimal) if decimal else int(hexadecimal, 16)
        for decimal, hexadecimal in _REFERENCE.findall(match[0])
    ]
    text = "".join(map(chr, codes))
    if any(0xD800 <= code <= 0xDFFF for code in codes):
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return match[0]
