"""Kompas's addresses: which of them are articles of the section, and the addresses of its lists.

An article is its date and number, `2021/08/26/162226370`; host, section and slug change, and the
server ignores the slug. The number begins with the clock (HHMMSS, WIB); since 2015 the rest is
chance and a code of the section. What is known of codes, hosts and paths stands in the tables
below, each row with where it was seen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final, Literal
from urllib.parse import quote, unquote, urlencode, urljoin

from kompas_crawler.sections import LABELS, SAME_AS, SECTION, WWW
from kompas_crawler.timezones import WIB

Kind = Literal[
    "article", "other-section", "listing", "sitemap", "photo", "comments", "copy", "video", "tag",
    "topic", "profile", "feature", "column", "search", "account", "asset", "other", "foreign",
]  # fmt: skip

SITEMAP_INDEX: Final = "https://www.kompas.com/sitemap.xml"
ROBOTS: Final = "https://www.kompas.com/robots.txt"

# Longer ones are not read: Kompas cuts its slugs at some 80 characters.
LONGEST_ADDRESS: Final = 2_000
LONGEST_SLUG: Final = 400

_AMP: Final = "amp.kompas.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCode:
    """The last two digits of a nine-digit number, which name the section that assigned it."""

    code: str
    sections: str
    seen: str


SITE_CODES: Final = (
    SiteCode(code="70", sections="global internasional", seen="2020-03 to 2026-07, no exception"),
    SiteCode(code="10", sections="entertainment", seen="15 links of 2020-06 to 2020-09"),
    SiteCode(code="15", sections="otomotif", seen="155 links of 2020-10 to 2024-03"),
    SiteCode(code="20", sections="lifestyle", seen="35 links of 2017-09 to 2024-03"),
    SiteCode(code="21", sections="properti", seen="21 links of 2017-09 to 2024-03"),
    SiteCode(code="23", sections="sains", seen="35 links of 2018-10 to 2020-11"),
    SiteCode(code="26", sections="money ekonomi bisniskeuangan", seen="31 links, 2016-02 to 2024"),
    SiteCode(code="27", sections="travel", seen="221 links of 2016-02 to 2024-03"),
    SiteCode(code="28", sections="biz", seen="one page of 2020-10"),
    SiteCode(code="65", sections="tren", seen="40 links of 2020-01 to 2024-03"),
    SiteCode(code="66", sections="hype entertainment", seen="19 links of 2019-12 to 2024-03"),
    SiteCode(code="68", sections="health", seen="one link of 2020-10"),
    SiteCode(code="69", sections="skola", seen="27 links of 2020-10"),
    SiteCode(code="71", sections="edu", seen="3 links of 2020-10 to 2024-03"),
    SiteCode(code="74", sections="go", seen="2 addresses of 2022-05 and 2025-09, in English"),
    SiteCode(code="75", sections="food", seen="2 links of 2020-09 and 2020-10"),
    SiteCode(code="76", sections="homey", seen="one link of 2021-03"),
    SiteCode(code="78", sections="regional and the cities", seen="20 links of 2021-03 to 2024-03"),
    SiteCode(code="79", sections="stori", seen="addresses of 2021-04 to 2026-06"),
    SiteCode(code="80", sections="konsultasihukum", seen="published listings"),
    SiteCode(code="82", sections="cekfakta", seen="one link of 2024-03"),
    SiteCode(code="83", sections="umkm", seen="3 addresses of 2023-08 to 2023-10"),
    SiteCode(code="86", sections="lestari", seen="published listings"),
    SiteCode(code="87", sections="ikn", seen="one link of 2024-03"),
    SiteCode(code="88", sections="jawa-barat kalimantan-timur", seen="addresses of 2025 and 2026"),
)
_OTHER_CODES: Final = frozenset(row.code for row in SITE_CODES if row.code != SECTION.code)

# Sections with a host of their own. amp.kompas.com/NAME/read/... belongs to NAME.kompas.com for
# these (32 pairs of rel=amphtml and rel=canonical of 11 of them, 2020-21; the others by their
# links), to www.kompas.com/NAME for the rest (global 73 pairs; sains, skola, sports, tren).
_HOSTED_SECTIONS: Final = frozenset(
    [
        "bandung",
        "biz",
        "bola",
        "edukasi",
        "entertainment",
        "health",
        "ikn",
        "internasional",
        "lestari",
        "lifestyle",
        "megapolitan",
        "money",
        "nasional",
        "otomotif",
        "properti",
        "regional",
        "surabaya",
        "tekno",
        "travel",
        "umkm",
    ]
)
_OTHER_NAMES: Final = (_HOSTED_SECTIONS | LABELS) - SECTION.labels

# What a link carries for statistics. robots.txt disallows three of them, so they are taken off
# before the request. `url` is in tag links, `amp` is a variant of 2022.
_TRACKING: Final = frozenset({"source", "medium", "jxrecoid", "fbclid", "url", "amp"})
_TRACKING_PREFIX: Final = "utm_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """A kind of page that is no article, known by its host or one of the first parts of its path."""

    kind: Kind
    hosts: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    seen: str


# The first row that fits decides.
ELSEWHERE: Final = (
    Elsewhere(
        kind="asset",
        hosts=frozenset({"asset", "assets", "adsimg", "assets-studiohub"}),
        seen="pictures and scripts of every page since 2016",
    ),
    Elsewhere(kind="photo", hosts=frozenset({"foto"}), parts=frozenset({"image"}), seen="2016-24"),
    Elsewhere(kind="comments", parts=frozenset({"komentar"}), seen="2020-10; robots.txt: no"),
    Elsewhere(kind="copy", parts=frozenset({"copy"}), seen="2025-06; robots.txt: no"),
    Elsewhere(
        kind="video",
        hosts=frozenset({"video", "tv"}),
        parts=frozenset({"watch"}),
        seen="7 in 10 entries of a tag list of 2025",
    ),
    Elsewhere(kind="tag", parts=frozenset({"tag"}), seen="under every article since 2016"),
    Elsewhere(
        kind="topic", hosts=frozenset({"lipsus"}), parts=frozenset({"topik-pilihan"}), seen="2020"
    ),
    Elsewhere(kind="profile", parts=frozenset({"profile"}), seen="bylines, 2020-10"),
    Elsewhere(kind="feature", hosts=frozenset({"jeo", "vik"}), seen="home page of 2024"),
    Elsewhere(kind="column", hosts=frozenset({"kolom"}), seen="home page of 2024"),
    Elsewhere(
        kind="account",
        hosts=frozenset({"account", "sso", "activity"}),
        parts=frozenset({"sso_personalisasi"}),
        seen="log-in links of 2016, 2020 and 2024",
    ),
    Elsewhere(
        kind="search", hosts=frozenset({"search"}), parts=frozenset({"search"}), seen="2020-10"
    ),
    Elsewhere(kind="listing", hosts=frozenset({"indeks"}), seen="2016-26"),
)
_HOSTS_ELSEWHERE: Final = frozenset(name for row in ELSEWHERE for name in row.hosts)

_AUTHORITY = r"""
    (?: (?:https?:)? // )?
    (?P<host> (?:[a-z0-9-]{1,63}\.){0,4} kompas\.com ) \.?
    (?: : (?:80|443)? )?
"""
_ADDRESS = re.compile(
    _AUTHORITY + r"(?P<path> (?:/[^?\#]*)? ) (?: \? (?P<query>[^\#]*) )? (?:\# .*)?",
    re.VERBOSE | re.ASCII | re.IGNORECASE | re.DOTALL,
)
# `index.php/` was seen in AMP links of 2020 and in links of 2012.
_ARTICLE = re.compile(
    r"(?:"
    + _AUTHORITY
    + r"""
    /+ (?:amp/)? (?: (?P<section>[a-z0-9-]+) / )? (?:index\.php/)? (?:amp/)? read/ (?:xml/)?
    )?
    (?P<id> (?P<day> (?:199[5-9]|20[0-9]{2}) / [01][0-9] / [0-3][0-9] ) / (?P<number>[0-9]{5,12}) )
    (?: /+ (?P<slug>[^/?\#]*) [^?\#]* )?
    (?: \? (?P<query>[^\#]*) )?
    (?: \# .* )?
    """,
    re.VERBOSE | re.ASCII | re.IGNORECASE | re.DOTALL,
)
# The date in short, with a letter for the month: health.kompas.com/read/24C25210000268/..., from
# 2023-05 to 2026-09 and on that host only. The section has never used it.
_SHORT_DATE = re.compile(r"read/[0-9]{2}[a-l][0-9]{11}(?:/.*)?")
_IDENTITY = re.compile(r"([0-9]{4})/([0-9]{2})/([0-9]{2})/([0-9]{5,12})")
# These get into an address when it is pasted, or when a page breaks a line in it.
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060\ufeff\ud800-\udfff]")
_PAGE = re.compile(r"(?:^|&(?:amp;)*)page=(all|[1-9][0-9]{0,3})(?:&|$)")
_SEPARATOR = re.compile("&(?:amp;)*")
_STRAY_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")


def article_id(url: str) -> str | None:
    """Return Kompas's identity of the article at any of its addresses, or None if it is none.

    Accepts the identity itself, so that a list of ids is as good as a list of addresses.

    >>> article_id("http://amp.kompas.com/global/read/2021/08/26/162226370/judul?page=2#page2")
    '2021/08/26/162226370'
    >>> article_id("https://www.kompas.com/global/image/2021/08/26/162226370/judul?page=1")
    """
    match = _article(url)
    return match["id"] if match else None


def canonical_url(url: str) -> str:
    """Return the desktop address, without query and fragment, under which Kompas lists the page.

    A bare id gets an address of the section. An address outside Kompas comes back as it is.

    >>> canonical_url("http://internasional.kompas.com/amp/read/xml/2016/10/21/19195161/a.b?page=2")
    'https://internasional.kompas.com/read/2016/10/21/19195161/a.b'
    """
    if article := _article(url):
        return _desktop_address(article)
    address = _address(url)
    return _page_address(address) if address else url


def clean_url(url: str) -> str:
    """Return the address to request: canonical, and of its query only what chooses the content.

    >>> clean_url("http://www.kompas.com/global?source=kompascom&page=2#top")
    'https://www.kompas.com/global?page=2'
    """
    if article := _article(url):
        page = _PAGE.search(article["query"] or "")
        return _desktop_address(article) + (f"?page={page[1]}" if page else "")
    address = _address(url)
    return _page_address(address) + _kept_query(address["query"]) if address else url


def whole_article_url(url: str) -> str:
    """Return the address that shows all pages of an article at once."""
    return f"{canonical_url(url)}?page=all"


def page_url(url: str, number: int) -> str:
    """Return the address of one page of an article; pages count from 1."""
    return f"{canonical_url(url)}?page={number}"


def clock_of(article_id: str) -> datetime | None:
    """Return the WIB time in an id, to the second, or None if its digits are no time.

    Numbers of 7 digits (to 2014), 8 and 9 begin with HHMMSS. It is the moment of publication:
    equal to the page's own timestamp on 147 of 147 pages of 2020.

    >>> clock_of("2021/08/26/162226370").isoformat()
    '2021-08-26T16:22:26+07:00'
    """
    match = _IDENTITY.fullmatch(article_id)
    if match is None or not 7 <= len(match[4]) <= 9:
        return None
    year, month, day, number = match.groups()
    clock = int(number[:2]), int(number[2:4]), int(number[4:6])
    try:
        return datetime(int(year), int(month), int(day), *clock, tzinfo=WIB)
    except ValueError:  # 99:88:77 is no time of day
        return None


def day_of(article_id: str) -> date:
    """Return the day in an id; ValueError if there is none."""
    return date.fromisoformat(article_id[:10].replace("/", "-"))


def month_of(article_id: str) -> str:
    """Return the month of an id as the archive names its files.

    >>> month_of("2021/08/26/162226370")
    '2021-08'
    """
    return f"{day_of(article_id):%Y-%m}"


def in_section(url: str) -> bool:
    """Return whether an address, or a bare id, is an article of the section.

    Host and path must say so, and a nine-digit number must not carry another section's code:
    `/global/read/` and `70` go together in all 1,764 known articles since 2020, the server
    ignores parts of the path, and boxes of related links have put the section's host before
    articles of others (2013, 2016). An unknown code is accepted: the page itself
    names its section. Numbers of 7 or 8 digits prove nothing, several sections share them.
    The section has moved twice: with its code, a host or folder of no known section is its own.
    """
    match = _article(url)
    return match is not None and _is_ours(match)


def kind_of(url: str) -> Kind:
    """Return the kind of page an address leads to, without raising on any string.

    "article" is one of the section, "other-section" one of another section or of none that the
    address names, "foreign" what is not Kompas's, and "other" what no table knows.
    """
    if article := _article(url):
        return "article" if _is_ours(article) else "other-section"
    address = _address(url)
    return _kind_of_page(address) if address else "foreign"


def front_of(url: str) -> str | None:
    """Return the section whose front or whose article an address is, None for any other address.

    A section is known by its folder on www.kompas.com or by its host; the international one has
    both.

    >>> front_of("https://money.kompas.com/read/2023/11/02/213419026/x"), front_of("https://money.kompas.com/")
    ('money', 'money')
    >>> front_of("https://www.kompas.com/properti/berita") is None
    True
    """
    if article := _article(url):
        return _section_name(*_home(article))
    address = _address(url)
    if address is None:
        return None
    path = address["path"].strip("/").lower()
    return None if "/" in path else _section_name(_host(address), path)


def _section_name(host: str, folder: str) -> str | None:
    name = _host_name(host)
    section = folder if name == "www" else "" if folder else name
    return SAME_AS.get(section, section) or None


def absolute_url(base: str, href: str) -> str:
    """Return the address a link leads to from a page, "" for one that is none."""
    href = href.strip()
    if href.startswith(("http://", "https://")):
        return href
    try:
        return urljoin(base, href)
    except ValueError:  # "http://[", for example
        return ""


def is_kompas(url: str) -> bool:
    """Return whether an address lies on kompas.com or a host below it."""
    return _address(url) is not None


def front_url(page: int = 1) -> str:
    """Return the address of the section's front, or of an older page of it.

    >>> front_url(2)
    'https://www.kompas.com/global?page=2'
    """
    return SECTION.front + (f"?page={page}" if page > 1 else "")


def index_url(day: date, page: int = 1, site: str = SECTION.index_codes[0]) -> str:
    """Return the address of the daily index; `site` is a code of the index's own menu.

    >>> index_url(date(2021, 8, 26), 2)
    'https://indeks.kompas.com/?site=global&date=2021-08-26&page=2'
    """
    query = {"site": site, "date": f"{day:%Y-%m-%d}"} | ({"page": str(page)} if page > 1 else {})
    return f"https://indeks.kompas.com/?{urlencode(query)}"


@lru_cache(maxsize=2048)
def _article(url: str) -> re.Match[str] | None:
    """Return the parts of an article's address; the host is missing in a bare id."""
    match = _ARTICLE.fullmatch(_visible(url)) if len(url) <= LONGEST_ADDRESS else None
    if match is None or not _is_real_day(match["day"]):
        return None
    return None if match["host"] and _host_name(_host(match)) in _HOSTS_ELSEWHERE else match


@lru_cache(maxsize=2048)
def _address(url: str) -> re.Match[str] | None:
    """Return the parts of an address of Kompas. User names and odd ports are not accepted."""
    return _ADDRESS.fullmatch(_visible(url)) if len(url) <= LONGEST_ADDRESS else None


def _visible(url: str) -> str:
    """Return an address without invisible characters and without unneeded percent-escapes."""
    if not url.isprintable():
        url = _INVISIBLE.sub("", url)
    if "%" in url:
        url = _ESCAPE.sub(_needed_escape, _STRAY_PERCENT.sub("%25", url))
    return url.strip()


def _needed_escape(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    plain = character.isascii() and (character.isalnum() or character in "-._~")
    return character if plain else escape[0].upper()


def _is_real_day(day: str) -> bool:
    try:
        date.fromisoformat(day.replace("/", "-"))
    except ValueError:  # there is no 31 June
        return False
    return True


def _host(address: re.Match[str]) -> str:
    host: str = address["host"].lower()
    return WWW if host == "kompas.com" else host


def _host_name(host: str) -> str:
    """Return what precedes kompas.com."""
    return host.removesuffix(".kompas.com")


def _desktop_address(article: re.Match[str]) -> str:
    host, section = _home(article)
    path = "/".join(filter(None, (section, "read", article["id"], _safe_slug(article["slug"]))))
    return f"https://{host}/{path}"


def _home(article: re.Match[str]) -> tuple[str, str]:
    """Return desktop host and section of an article's address."""
    if article["host"] is None:  # a bare id: where the section kept such numbers
        is_new = len(article["number"]) == 9
        return SECTION.home_since_2020 if is_new else SECTION.home_before
    host, section = _host(article), (article["section"] or "").lower()
    if host == _AMP and section in _HOSTED_SECTIONS:
        return f"{section}.kompas.com", ""
    return WWW if host == _AMP else host, section


def _is_ours(article: re.Match[str]) -> bool:
    code = article["number"][7:] if len(article["number"]) == 9 else None
    host, section = home = _home(article)
    if home in SECTION.homes:
        return code not in _OTHER_CODES
    return code == SECTION.code and (section or _host_name(host)) not in _OTHER_NAMES


def _kind_of_page(address: re.Match[str]) -> Kind:
    host, path = _host(address), address["path"].strip("/").lower()
    if (host, path) in SECTION.lists:
        return "listing"
    name, parts = _host_name(host), path.split("/")
    for row in ELSEWHERE:
        if name in row.hosts or not row.parts.isdisjoint(parts[:2]):
            return row.kind
    if _SHORT_DATE.fullmatch(path):
        return "other-section"
    return "sitemap" if re.fullmatch(r"sitemap.*\.xml", parts[-1]) else "other"


def _page_address(address: re.Match[str]) -> str:
    path = _escaped(address["path"]).rstrip("/") or "/"
    return f"https://{_host(address)}{path}"


def _kept_query(query: str | None) -> str:
    kept = [part for part in _SEPARATOR.split(query or "") if part and not _is_tracking(part)]
    return f"?{_escaped('&'.join(kept))}" if kept else ""


def _is_tracking(parameter: str) -> bool:
    name = unquote(parameter.partition("=")[0]).lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIX)


def _safe_slug(slug: str | None) -> str:
    """Return a slug that is safe in an address; "" if it would lead elsewhere or is too long."""
    safe = _escaped(slug or "")
    return "" if safe in {".", ".."} or len(safe) > LONGEST_SLUG else safe


def _escaped(text: str) -> str:
    """Return a part of an address with spaces, quotes and letters beyond ASCII as escapes."""
    return quote(text, safe="%/?&=+:;,@!$'()*~")
