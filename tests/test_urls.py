"""Kompas's addresses, of all eras. The slugs are ours."""

import csv
from datetime import date
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kompas_crawler import urls
from tests.conftest import ROOT, SHARED

ID = "2021/08/26/162226370"
WWW = f"https://www.kompas.com/global/read/{ID}"
HOSTS = {"www.kompas.com", "internasional.kompas.com", "global.kompas.com"}

with (ROOT / "tests" / "data" / "addresses.tsv").open(encoding="utf-8", newline="") as table:
    EXAMPLES = [
        pytest.param(row, id=row["what"])
        for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE)
    ]

SAME_ARTICLE = [
    f"{WWW}/kapal-tiba",
    f"http://www.kompas.com/global/read/{ID}/kapal-tiba",
    f"//www.kompas.com/global/read/{ID}/kapal-tiba",
    f"{WWW}/kapal-tiba?page=2",
    f"{WWW}/kapal-tiba?page=all#page2",
    f"{WWW}/kapal-tiba?utm_source=x&page=2&jxrecoid=1",
    f"{WWW}/kapal-tiba#komentar",
    f"{WWW}/-kapal--tiba-",
    f"{WWW}/6.443-kapal.tiba",
    f"{WWW}/twitter.com",
    f"{WWW}/",
    WWW,
    f"{WWW}/kapal-tiba/",
    f"https://WWW.Kompas.COM/global/read/{ID}/kapal-tiba",
    f"https://www.kompas.com:443/global/read/{ID}/kapal-tiba",
    f"https://amp.kompas.com/global/read/{ID}/kapal-tiba",
    f"https://internasional.kompas.com/read/{ID}/kapal-tiba",
    f"http://internasional.kompas.com/read/xml/{ID}/Kapal.Tiba",
    f"http://internasional.kompas.com/amp/read/{ID}/Kapal.Tiba",
    f"https://www.kompas.com/dunia/read/{ID}/kapal-tiba",  # a home that was never seen
    f"https://www.kompas.com/internasional/read/{ID}/kapal-tiba",
    f"https://global.kompas.com/read/{ID}/kapal-tiba",
    f" {WWW}/kapal-tiba\n",
    ID,
]


@pytest.mark.parametrize("url", SAME_ARTICLE)
def test_host_section_slug_and_query_do_not_change_who_an_article_is(url):
    assert urls.article_id(url) == ID
    assert urls.in_section(url)
    assert urls.kind_of(url) == "article"


@pytest.mark.parametrize("row", EXAMPLES)
def test_an_address_of_any_era_comes_out_as_the_table_says(row):
    address, clean = row["address"], row["clean address"]
    assert urls.kind_of(address) == row["kind"]
    assert (urls.article_id(address) or "") == row["id"]
    assert urls.clean_url(address) == clean
    assert urls.in_section(address) == (row["kind"] == "article")
    assert urls.is_kompas(address) == (row["kind"] != "foreign" and row["address"] != row["id"])


@pytest.mark.parametrize(
    "address",
    [
        "https://www.kompas.com/global/read/2021/08/26/\n162226370/kapal",
        "https://www.kompas.com/global/\x00read/2021/08/26/162226370/kapal\x1b",
        "\ufeffhttps://www.kompas.com/global/read/2021/08/26/162226370/ka\u200bpal\ud800",
    ],
)
def test_what_nobody_sees_is_taken_out_of_an_address(address):
    assert urls.clean_url(address) == f"{WWW}/kapal"


def test_a_slug_without_end_is_left_out():
    assert urls.canonical_url(f"{WWW}/{'é' * 200}") == WWW


def test_no_code_of_a_section_stands_for_two():
    codes = [row.code for row in urls.SITE_CODES]
    assert len(codes) == len(set(codes))
    assert all(row.seen and row.sections for row in urls.SITE_CODES)
    assert all(row.seen and (row.hosts or row.parts) for row in urls.ELSEWHERE)


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        (f"http://amp.kompas.com/global/read/{ID}/a-b?page=2#x", f"{WWW}/a-b"),
        (
            f"http://internasional.kompas.com/amp/read/{ID}/A.B",
            f"https://internasional.kompas.com/read/{ID}/A.B",
        ),
        (
            f"http://internasional.kompas.com/read/xml/{ID}/A.B",
            f"https://internasional.kompas.com/read/{ID}/A.B",
        ),
        (
            f"https://amp.kompas.com/money/read/{ID[:-2]}26/a",
            f"https://money.kompas.com/read/{ID[:-2]}26/a",
        ),
        (f"{WWW}/-a--b-", f"{WWW}/-a--b-"),
        (ID, WWW),
    ],
)
def test_the_canonical_address_is_the_desktop_s(url, canonical):
    assert urls.canonical_url(url) == canonical
    assert urls.whole_article_url(url) == canonical + "?page=all"
    assert urls.page_url(url, 3) == canonical + "?page=3"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        (f"https://www.kompas.com/global/image/{ID}/a?page=1", "photo"),
        (f"https://www.kompas.com/global/komentar/{ID}/a", "comments"),
        (f"https://www.kompas.com/copy/{ID}/a", "copy"),
        ("https://video.kompas.com/watch/1234567/a", "video"),
        ("https://www.kompas.com/tag/rusia?sort=desc&page=2", "tag"),
        ("https://jeo.kompas.com/a", "feature"),
        ("https://kolom.kompas.com/a", "column"),
        ("https://indeks.kompas.com/?site=global&date=2021-08-26", "listing"),
        ("https://www.kompas.com/global?page=2", "listing"),
        ("https://internasional.kompas.com/", "listing"),
        (f"https://money.kompas.com/read/{ID[:-2]}26/a", "other-section"),
        (f"https://www.kompas.com/tren/read/{ID[:-2]}65/a", "other-section"),
        (f"https://www.kompas.com/global/read/{ID[:-2]}65/a", "other-section"),
        (f"https://internasional.kompas.com/read/{ID[:-2]}74/a", "other-section"),
        ("https://www.kompas.id/baca/a", "foreign"),
        (f"https://www.kompas.com.example.org/global/read/{ID}/a", "foreign"),
        (f"https://kompas.com@example.org/global/read/{ID}/a", "foreign"),
        (f"https://example.org/global/read/{ID}/a", "foreign"),
        (f"ftp://www.kompas.com/global/read/{ID}/a", "foreign"),
        ("javascript:alert(1)", "foreign"),
        ("", "foreign"),
    ],
)
def test_what_is_no_article_of_the_section_is_known_as_what_it_is(url, kind):
    assert urls.kind_of(url) == kind
    assert not urls.in_section(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.kompas.com/global/read/2021/02/30/162226370/a",  # no such day
        "https://www.kompas.com/global/read/2021/13/01/162226370/a",
        "https://www.kompas.com/global/read/2021/08/26/abc/a",
        "https://www.kompas.com/global/read/2021/08/26/",
        "https://www.kompas.com/global/read/2021/08/26/..%2f..%2fetc/passwd",
        f"{WWW}/" + "a" * 3000,
    ],
)
def test_an_identity_is_a_real_day_and_digits(url):
    assert urls.article_id(url) is None


@pytest.mark.parametrize(
    ("article_id", "clock"),
    [
        (ID, "2021-08-26T16:22:26+07:00"),
        ("2016/02/16/14115471", "2016-02-16T14:11:54+07:00"),
        ("2013/06/27/1305334", "2013-06-27T13:05:33+07:00"),
        ("2010/05/01/99887766", None),
        ("2009/05/01/12345", None),
    ],
)
def test_the_clock_in_a_number_is_read_where_it_is_one(article_id, clock):
    moment = urls.clock_of(article_id)
    assert (moment.isoformat() if moment else None) == clock


def test_tracking_is_taken_off_before_the_request():
    dirty = "http://www.kompas.com/global?source=x&utm_medium=y&page=2&jxrecoid=3&fbclid=4#top"
    assert urls.clean_url(dirty) == "https://www.kompas.com/global?page=2"


def test_lists_have_their_addresses():
    day = date(2021, 8, 6)
    assert urls.front_url() == "https://www.kompas.com/global"
    assert urls.index_url(day, 3, "news").endswith("/?site=news&date=2021-08-06&page=3")
    assert urls.month_of(ID) == "2021-08"
    assert urls.day_of(ID) == date(2021, 8, 26)


@given(st.text(max_size=300))
def test_no_text_at_all_raises(text):
    urls.kind_of(text)
    urls.article_id(text)
    urls.in_section(text)
    assert isinstance(urls.canonical_url(text), str)
    assert isinstance(urls.clean_url(text), str)


# What addresses are made of, and what breaks readers of them.
PIECES = [
    *(
        "https://",
        "//",
        "www.kompas.com",
        "kompas.com",
        "amp.",
        "indeks.kompas.com",
        "evil.example",
    ),
    *("/", "global", "internasional", "read/", "xml/", "amp/", "index.php/", "image/", ID, "kapal"),
    *(
        "?",
        "&",
        "&amp;",
        "page=2",
        "page=all",
        "utm_source=x",
        "source=",
        "#",
        "..",
        ".",
        "-",
        ":80",
    ),
    *(
        "%",
        "%41",
        "%2F",
        "%2e",
        "%%34",
        "@",
        "\\",
        " ",
        "\n",
        "\u200b",
        "é",
        "\ud800",
        "K",
        "\u212a",
    ),
]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_an_address_once_clean_stays_as_it_is(url):
    for cleaned in (urls.canonical_url(url), urls.clean_url(url)):
        assert urls.canonical_url(urls.canonical_url(cleaned)) == urls.canonical_url(cleaned)
        assert urls.article_id(cleaned) == urls.article_id(url)
        assert urls.kind_of(cleaned) == urls.kind_of(url)
    assert urls.clean_url(urls.clean_url(url)) == urls.clean_url(url)
    assert urls.canonical_url(urls.clean_url(url)) == urls.canonical_url(url)


@given(st.sampled_from(SAME_ARTICLE), st.text(max_size=60))
def test_a_canonical_address_is_its_own_and_safe(url, slug):
    for dirty in (url, f"{WWW}/{slug}"):
        once = urls.canonical_url(dirty)
        assert urls.canonical_url(once) == once
        if urls.article_id(dirty):
            assert once.isascii()
            assert once.isprintable()
            assert urlsplit(once).hostname in HOSTS
            assert urls.article_id(once) == urls.article_id(dirty)


def test_every_known_address_is_classified():
    known = SHARED / "kompas" / "urls.txt"
    if not known.exists():
        pytest.skip("KOMPAS_SHARED names no folder of real pages")
    addresses = known.read_text(encoding="utf-8").split("\n")
    kinds = [urls.kind_of(address) for address in addresses if address]
    assert "foreign" not in kinds
    articles = [a for a in addresses if "/read/" in a and "..." not in a and "register" not in a]
    assert [a for a in articles if urls.kind_of(a) != "article"] == []
    assert len(articles) > 1000


def test_every_saved_page_has_an_address_we_know():
    index = SHARED / "kompas" / "pages" / "INDEX.tsv"
    if not index.exists():
        pytest.skip("KOMPAS_SHARED names no folder of real pages")
    with index.open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    expected = {"inte": "article", "othe": "other-section", "inde": "listing", "home": "listing"}
    for row in rows:
        assert urls.kind_of(row["url"]) == expected.get(row["what"][:4], "other"), row["url"]
    assert len(rows) > 100


def test_the_two_homes_of_the_section_have_one_front():
    article = "https://internasional.kompas.com/read/2024/11/20/203307170/pulau"

    assert urls.front_of(article) == urls.front_of("https://www.kompas.com/global") == "global"
    assert urls.front_of("https://www.kompas.com/internasional") == "global"
