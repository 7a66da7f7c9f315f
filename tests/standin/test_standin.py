"""The stand-in through its own door: sockets, the proxy's CONNECT, TLS that is verified."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import ssl
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, is_dataclass
from datetime import date, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from kompas_crawler.pages import read_article
from kompas_standin import prose
from kompas_standin.answers import Answers, PageRequest
from kompas_standin.articles import LAYOUTS, SERVED
from kompas_standin.desk import PREFIXES
from kompas_standin.faults import KINDS, Fault, Schedule, read_faults
from kompas_standin.launch import LaunchedStandIn, launch_stand_in
from kompas_standin.site import Site
from kompas_standin.templates import ARTICLE_PAGES
from kompas_standin.templates.boxes_of import boxes_of
from kompas_standin.templates.pieces import page_bytes

ROOT = Path(__file__).parents[2]
LAST = date(2026, 11, 22)
OPTIONS = ("--days", "4", "--per-day", "25", "--last-day", str(LAST), "--seed", "tests")
FRONT = "https://www.kompas.com/global"
INDEX = "https://indeks.kompas.com/?site=global&date={}&page={}"


class Got(NamedTuple):
    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Client:
    """What a crawler's downloader does, with the standard library: CONNECT, TLS, one request."""

    def __init__(self, stand_in: LaunchedStandIn) -> None:
        self.proxy = urlsplit(stand_in.address)
        self.context = ssl.create_default_context(cafile=str(stand_in.ca))

    def connection(self, host: str, timeout: float = 10) -> http.client.HTTPSConnection:
        connection = http.client.HTTPSConnection(
            str(self.proxy.hostname), self.proxy.port, timeout=timeout, context=self.context
        )
        connection.set_tunnel(host)
        return connection

    def open(self, url: str, timeout: float = 10, **headers: str) -> Got:
        parts = urlsplit(url)
        connection = self.connection(str(parts.hostname), timeout)
        target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request("GET", target, headers={"Connection": "close", **named})
            with connection.getresponse() as answer:
                return Got(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def text(self, url: str) -> str:
        answer = self.open(url)
        assert answer.status == 200, url
        return answer.text


@pytest.fixture(scope="module")
def shared() -> Iterator[LaunchedStandIn]:
    with launch_stand_in(*OPTIONS) as stand_in:
        yield stand_in


@pytest.fixture
def stand_in(shared: LaunchedStandIn) -> Iterator[LaunchedStandIn]:
    yield shared
    shared.tell("/faults", [])


@pytest.fixture
def client(stand_in: LaunchedStandIn) -> Client:
    return Client(stand_in)


@pytest.fixture(scope="module")
def site() -> Site:
    """The same site as the process holds, as nobody has touched it."""
    return Site("tests", LAST - timedelta(days=3), LAST, 25)


def ids_in(html: str) -> list[str]:
    """The articles a list offers, outside its side boxes."""
    listed = re.split('<div class="(?:mostList|footer)', html)[0]
    found = re.findall(r'<a [^>]*href="[^"]*/read/(?:xml/)?(\d{4}/\d\d/\d\d/\d+)/', listed)
    return list(dict.fromkeys(found))


def test_every_kind_of_address_has_its_answer(client: Client, site: Site) -> None:
    id_ = next(id_ for id_ in site.ids(LAST) if site.headline(id_).layout == "read-2017")
    here = site.headline(id_)
    path = f"/global/read/{id_}"
    for url, status, fragment in (
        ("https://www.kompas.com/robots.txt", 200, "Disallow: *?utm_source=*"),
        ("https://www.kompas.com/sitemap.xml", 200, "sitemap-news-global.xml"),
        ("https://www.kompas.com/sitemap-archive-global.xml", 200, id_),
        (here.url, 200, 'class="read__content"'),
        (f"https://www.kompas.com{path}", 200, 'class="read__content"'),
        (f"https://www.kompas.com{path}/another-slug?page=all", 200, "Halaman all"),
        (f"https://internasional.kompas.com/read/xml/{id_}/Slug", 200, here.url),
        (f"https://amp.kompas.com{path}/slug", 200, f'rel="canonical" href="{here.url}"'),
        ("https://nasional.kompas.com/read/2026/11/22/0800000/rapat", 200, ">Nasional<"),
        ("https://video.kompas.com/", 200, "Beranda"),
        ("https://www.kompas.com/tidak/ada", 404, "tidak ditemukan"),
        ("https://www.kompas.com/global/read/2026/11/22/010101170/x", 404, "tidak ditemukan"),
        (f"https://www.kompas.com/tren/read/{id_}/x", 404, "tidak ditemukan"),
        ("https://internasional.kompas.com/", 301, ""),
    ):
        answer = client.open(url)
        assert (answer.status, fragment in answer.text) == (status, True), url


def test_a_crawler_that_does_not_trust_the_authority_gets_nothing(client: Client) -> None:
    client.context = ssl.create_default_context()
    with pytest.raises(ssl.SSLCertVerificationError):
        client.open("https://www.kompas.com/robots.txt")


def test_other_hosts_are_not_reached(stand_in: LaunchedStandIn, client: Client) -> None:
    with pytest.raises(OSError, match="502"):
        client.open("https://example.org/")
    plain = http.client.HTTPConnection(str(client.proxy.hostname), client.proxy.port, timeout=10)
    plain.request("GET", "http://example.org/")
    answer = plain.getresponse()
    assert (answer.status, b"Kompas" in answer.read()) == (502, True)
    plain.request("GET", "http://www.kompas.com/global?page=2")
    answer = plain.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"{FRONT}?page=2")
    plain.close()
    assert [row["status"] for row in stand_in.ask("/requests")[-3:]] == [502, 502, 301]


def test_a_connection_serves_many_requests_even_sent_at_once(client: Client) -> None:
    connection = client.connection("www.kompas.com")
    for _ in range(3):
        connection.request("GET", "/robots.txt")
        assert connection.getresponse().read().startswith(b"#")
    connection.sock.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: www.kompas.com\r\n\r\n" * 2)
    received = b""
    while received.count(b"HTTP/1.1 200 OK") < 2 or not received.endswith(b"sitemap.xml\n"):
        received += connection.sock.recv(65536)
    connection.close()


def test_gzip_carries_the_same_page(client: Client, site: Site) -> None:
    for id_ in site.ids(LAST)[:8]:
        url = site.headline(id_).url
        packed = client.open(url, Accept_Encoding="gzip, deflate")
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.body) == client.open(url).body


def test_the_same_seed_makes_the_same_site_in_every_process(client: Client, site: Site) -> None:
    urls = [FRONT, INDEX.format(LAST, 1), *(site.headline(id_).url for id_ in site.ids(LAST))]
    with launch_stand_in(*OPTIONS) as twin, launch_stand_in(*OPTIONS[:-1], "other") as other:
        there = Client(twin)
        assert all(client.text(url) == there.text(url) for url in urls)
        assert set(other.ask("/ids")).isdisjoint(
            id_ for day in site.days() for id_ in site.ids(day)
        )


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_reader_finds_what_is_true_of_each_article(layout: str) -> None:
    site = Site("truth", LAST - timedelta(days=1), LAST, 40, layout=layout)
    answers = Answers(site)
    for day in site.days():
        for id_ in site.ids(day):
            head = site.headline(id_)
            target = f"{urlsplit(head.url).path}?page=all"
            html = answers.to(PageRequest(host=head.host, target=target)).raw.decode()
            read = read_article(html, f"{head.url}?page=all")
            truth = site.record(id_)
            assert {name: as_json(getattr(read, name)) for name in truth} == truth


def as_json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [as_json(one) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def test_a_site_holds_everything_the_real_one_has_been_seen_with() -> None:
    site = Site("rich", LAST - timedelta(days=19), LAST, 60)
    seen: Counter[str] = Counter()
    for day in site.days():
        for id_ in site.ids(day):
            article = site.article(id_)
            seen[article.layout] += 1
            seen[article.host] += 1
            seen["place" if article.place else "no place"] += 1
            seen["several pages"] += len(article.pages) > 1
            seen["updated"] += article.updated_at is not None
            seen["editor only"] += not article.authors
            seen["stringer"] += any("Kontributor" in name for name in article.printed_authors)
            seen["second slug"] += article.second_slug is not None
            seen["several sources"] += len(article.sources) > 1
            seen["odd slug"] += article.slug.startswith("-") or "--" in article.slug
            seen["round-up"] += article.title.startswith("[POPULER")
            seen[f"served {article.served}"] += 1
            seen[article.form] += 1
            seen[f"pages {article.announced}"] += len(article.pages) == 1
            seen["a tag twice"] += len(set(article.printed_tags)) < len(article.printed_tags)
            seen["no credit"] += article.lead_photo.credit is None
            seen["editor in metadata only"] += not article.printed_editors
            seen["articles of others"] += "Kompas.com" in article.sources
            for block in article.blocks:
                seen[block.kind] += 1
                seen[f"form {block.form}"] += 1
                seen["prose after a photo"] += block.kind == "p" and block.photo is not None
                seen["glued promotion"] += block.kind == "p" and bool(block.tail)
                seen.update(run.kind for run in block.runs)
                if block.post:
                    seen[block.post.kind] += 1
    mixed = {layout for layout, weight in LAYOUTS.items() if weight}
    wanted = {*mixed, "www.kompas.com", "internasional.kompas.com", "place", "no place"}
    wanted |= {"several pages", "updated", "editor only", "stringer", "second slug", "round-up"}
    wanted |= {"several sources", "odd slug", "prose after a photo", "glued promotion"}
    wanted |= {"p", "h2", "h2-strong", "bold", "quote", "list", "numbers", "table", "related"}
    wanted |= {"photo", "embed", "furniture", "em", "tag", "pointer", "outbound", "break"}
    wanted |= {"twitter", "instagram", "youtube"}
    wanted |= {f"form {name}" for name in ("plain", "nested", "brackets", "spaced", "injected")}
    wanted |= {f"form {name}" for name in ("pointer", "promotion", "provenance", "signature")}
    wanted |= {"form byline", "form spacer", "form strong", "form nbsp"}
    wanted |= {f"form {name}" for name in ("one-link", "left-over", "listed")}
    wanted |= {f"served {month}" for layout in mixed for month in SERVED[layout]}
    wanted |= {"news", "opinion", "advertorial", "pages 0", "pages 1", "pages 2", "h3", "other"}
    wanted |= {"a tag twice", "no credit", "editor in metadata only", "articles of others"}
    assert {name for name in wanted if not seen[name]} == set()


def test_only_the_address_of_an_updated_page_keeps_its_first_publication() -> None:
    site = Site("updated", LAST, LAST, 120, layout="read-2022")
    boxes = boxes_of(site)
    updated = [a for a in map(site.article, site.ids(LAST)) if a.updated_at]
    assert updated
    for article in updated:
        html = page_bytes(ARTICLE_PAGES["read-2022"](article, boxes, 1)).decode()
        first, last = article.published_at, article.stated_at
        assert f"{first:%H%M%S}" == article.id[11:17]
        assert f'content_PublishedDate" content="{last:%Y-%m-%d %H:%M:%S}"' in html
        assert f"Diperbarui {last:%d/%m/%Y, %H:%M} WIB" in html
        stated = re.findall(r'(?:date\w+": |published_time" content=)"([^"]+)"', html)
        assert {datetime.fromisoformat(time) for time in stated} == {last}
        assert len(stated) == 3
        record = article.record()
        assert (record["published_at"], record["published_from"]) == (first.isoformat(), "url")
        assert (record["updated_at"], record["warnings"]) == (last.isoformat(), [])


@pytest.mark.parametrize("asked", ["amp.kompas.com", "www.kompas.com"])
def test_amp_has_the_canonical_address_and_another_for_networks(
    client: Client, site: Site, asked: str
) -> None:
    head = site.headline(site.ids(LAST)[0])
    mark = "?amp=1" if asked == "www.kompas.com" else ""
    html = client.text(f"https://{asked}/global/read/{head.id}/{head.slug}{mark}")
    assert f'<link rel="canonical" href="{head.url}">' in html
    assert '<meta property="og:url" content="https://www.kompas.com/" />' in html


def test_the_index_of_2017_marks_two_of_its_codes() -> None:
    site = Site("menu", LAST, LAST, 20, index_markup="2017", index_site="internasional")
    asked = PageRequest(host="indeks.kompas.com", target=f"/?site=internasional&date={LAST}")
    html = Answers(site).to(asked).raw.decode()
    assert re.findall(r'<option value="(\w+)" selected>', html) == ["all", "internasional"]
    assert ids_in(html) == list(site.ids(LAST)[:15])
    assert 'rel="next" data-ci-pagination-page="2"' in html


def test_the_home_page_lists_other_sections_and_other_houses(client: Client) -> None:
    html = client.text("https://www.kompas.com/")
    lists = html.split('class="latest ga--latest')[1:]
    assert len(lists) == 4
    assert "kompas.id" in html
    assert "kompasiana.com" in html
    assert "paging__link" not in html
    assert {"www.kompas.com", "nasional.kompas.com"} <= set(
        re.findall(r'class="article__link" href="https://([^/]+)/', html)
    )


def test_every_prefix_and_every_frame_can_be_printed() -> None:
    site = Site("prefixes", LAST, LAST, 900, layout="read-2017")
    drawn = [site.article(id_) for id_ in site.ids(LAST)]
    shapes = {re.sub(r"[A-Z][A-Z ]+(?=, KOMPAS|</a>)", "PLACE", a.prefix) for a in drawn}
    assert len({shape.split("href=")[0] for shape in shapes}) == len(PREFIXES)
    story = prose.Story(site.dice("x"), LAST)
    for frames in vars(prose).values():
        if isinstance(frames, tuple) and all(isinstance(frame, str) for frame in frames):
            assert not any("{" in story.fill(frame) for frame in frames)


def test_the_pages_of_an_article_make_up_the_whole(client: Client, site: Site) -> None:
    several = [a for a in map(site.article, site.ids(LAST)) if len(a.pages) > 2]
    for article in several[:3]:
        whole = client.text(f"{article.url}?page=all")
        parts = [client.text(f"{article.url}?page={n}") for n in range(1, len(article.pages) + 1)]
        for number, page in enumerate(article.pages):
            sentence = next(b for b in page if b.kind == "p" and b.runs[0].kind == "").runs[0].text
            printed = re.sub(r"&\w+;", "", sentence)[:20]
            assert printed in whole
            assert printed in parts[number]
        assert f'href="{article.url}?page=all#page2"' in parts[0]
        assert whole.count("KOMPAS.com</strong>") <= 1
    assert several


def test_page_all_can_be_ignored() -> None:
    with launch_stand_in("--days", "1", "--layout", "read-2017", "--no-page-all") as stand_in:
        ids = stand_in.ask("/ids")
        several = next(id_ for id_ in ids if stand_in.ask(f"/record?id={id_}")["page_count"] > 1)
        url = f"https://www.kompas.com/global/read/{several}/x"
        client = Client(stand_in)
        assert client.text(f"{url}?page=all") == client.text(url)
        assert client.text(f"{url}?page=2") != client.text(url)


def test_the_front_shows_all_newest_first_and_then_ends(client: Client, site: Site) -> None:
    found: list[str] = []
    url: str | None = FRONT
    pages = 0
    while url:
        html = client.text(url)
        shown = re.sub(r'(?s)<div class="articleHL-item">.*?</h1>', "", html)
        found += ids_in(shown)
        following = re.search(r'paging__link--next"\s+href="([^"]+)"', html)
        url = following[1] if following else None
        pages += 1
    assert found == [id_ for day in site.days() for id_ in site.ids(day)]
    assert pages == 5
    assert ids_in(client.text(f"{FRONT}?page=6").split('articleList -list">')[1]) == []


def test_the_front_ends_where_it_is_told() -> None:
    with launch_stand_in("--days", "3", "--per-day", "40", "--front-pages", "2") as stand_in:
        client = Client(stand_in)
        assert "paging__link--next" in client.text(FRONT)
        assert "paging__link--next" not in client.text(f"{FRONT}?page=2")


def test_lists_give_unclean_addresses_too(client: Client, site: Site) -> None:
    listed = client.text(INDEX.format(LAST, 1)) + client.text(f"{FRONT}?page=2")
    links = re.findall(r'class="article-link" href="([^"]+)"', listed)
    assert len(links) == 40
    assert any(link.startswith("http://") for link in links)
    assert any("?utm_source=" in link for link in links)
    slugs = {site.headline(id_).second_slug for day in site.days() for id_ in site.ids(day)} - {
        None
    }
    front = "".join(client.text(f"{FRONT}?page={n}") for n in range(1, 6))
    assert slugs
    assert all(re.search(rf'{re.escape(slug or "")}["?]', front) for slug in slugs)


@pytest.mark.parametrize(("markup", "size"), [("2017", 15), ("2024", 20)])
def test_the_index_lists_a_day(markup: str, size: int) -> None:
    options = (*OPTIONS, "--index-markup", markup, "--evergreen", "2")
    site = Site("tests", LAST - timedelta(days=3), LAST, 25, evergreen=2)
    with launch_stand_in(*options) as stand_in:
        client = Client(stand_in)
        first = client.text(INDEX.format(LAST, 1))
        second = client.text(INDEX.format(LAST, 2))
        assert ids_in(first) == list(site.listed(LAST)[:size])
        assert ids_in(second) == list(site.listed(LAST)[size:])
        assert "paging__link--next" in first
        assert "paging__link--next" not in second
        assert ids_in(client.text(INDEX.format(LAST, 3))) == []
        assert ids_in(client.text(INDEX.format("2019-01-01", 1))) == []
        old = [id_ for id_ in ids_in(first) if not id_.startswith(f"{LAST:%Y/%m/%d}")]
        assert old
        assert f"{LAST:%d/%m/%Y}" in first if markup == "2017" else "22 November 2026" in first


def test_the_section_may_be_listed_under_news(client: Client, site: Site) -> None:
    assert '<option value="global" selected>' in client.text(INDEX.format(LAST, 1))
    with launch_stand_in(*OPTIONS, "--index-site", "news") as stand_in:
        there = Client(stand_in)
        assert 'value="global"' not in there.text(INDEX.format(LAST, 1))
        assert ids_in(there.text(INDEX.format(LAST, 1))) == []
        mixed = [there.text(INDEX.format(LAST, n).replace("=global", "=news")) for n in range(1, 6)]
        listed = {id_ for html in mixed for id_ in ids_in(html)}
        assert set(site.ids(LAST)) < listed
        assert "https://nasional.kompas.com/read/" in "".join(mixed)


def test_the_index_of_2016_keeps_its_day_in_a_cookie(client: Client, site: Site) -> None:
    day = LAST - timedelta(days=1)
    asked = f"&tanggal={day.day}&bulan={day.month}&tahun={day.year}&pos=indeks"
    url = f"https://indeks.kompas.com/indeks/index/news/internasional?{asked}"
    answer = client.open(url)
    first = ids_in(answer.text)
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    second = client.open("https://indeks.kompas.com/?p=2", Cookie=cookie).text
    assert first + ids_in(second) == list(site.ids(day)[:20])
    without = client.text("https://indeks.kompas.com/?p=2")
    assert ids_in(without) == list(site.ids(LAST)[10:20])


def test_the_news_sitemap_holds_two_days(client: Client, site: Site) -> None:
    xml = client.text("https://www.kompas.com/sitemap-news-global.xml")
    urls = re.findall(r"<loc>(https://(?:www|internasional)[^<]+/read/[^<]+)</loc>", xml)
    since = site.now - timedelta(hours=48)
    ids = [id_ for day in site.days() for id_ in site.ids(day)]
    fresh = [site.headline(id_) for id_ in ids if site.headline(id_).published_at >= since]
    assert urls == [line.url for line in fresh]
    assert 40 < len(urls) < 75


OUTCOMES = {
    "status": (500, "kesalahan"),
    "challenge": (202, "awsWafCookieDomainList"),
    "empty": (200, ""),
    "off-site": (302, ""),
    "other-section": (302, ""),
    "slow": (200, "Global"),
    "unavailable": (503, "perbaikan"),
}


@pytest.mark.parametrize("kind", OUTCOMES)
def test_a_fault_happens_once_where_it_should(
    stand_in: LaunchedStandIn, client: Client, kind: str
) -> None:
    fault = {"kind": kind, "match": "www.kompas.com/global?page=2", "on": [2], "seconds": 0.05}
    stand_in.tell("/faults", [fault])
    url = f"{FRONT}?page=2"
    answers = [client.open(url) for _ in range(3)]
    status, fragment = OUTCOMES[kind]
    assert [answer.status for answer in answers] == [200, status, 200]
    whole, spoiled, again = (answer.text for answer in answers)
    assert fragment in spoiled
    assert whole == again
    assert (spoiled == whole) == (kind == "slow")
    assert client.open(f"{FRONT}?page=3").status == 200
    assert [row["fault"] for row in stand_in.ask("/requests")[-4:]] == [None, kind, None, None]


def test_a_busy_site_says_for_how_long(stand_in: LaunchedStandIn, client: Client) -> None:
    fault = {"kind": "unavailable", "retry_after": 7, "on": [1]}
    stand_in.tell("/faults", [fault])
    assert client.open(FRONT).headers["Retry-After"] == "7"
    stand_in.tell("/faults", [{**fault, "http_date": True}])
    answer = client.open(FRONT)
    assert parsedate_to_datetime(answer.headers["Retry-After"]).tzinfo is not None


def test_what_breaks_on_the_wire(stand_in: LaunchedStandIn, client: Client) -> None:
    stand_in.tell("/faults", [{"kind": "truncated"}])
    with pytest.raises(http.client.IncompleteRead):
        client.open(FRONT)
    stand_in.tell("/faults", [{"kind": "reset"}])
    with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
        client.open(FRONT)
    stand_in.tell("/faults", [{"kind": "timeout"}])
    with pytest.raises(TimeoutError):
        client.open(FRONT, timeout=0.3)


def test_what_a_page_can_become(stand_in: LaunchedStandIn, client: Client, site: Site) -> None:
    head = next(h for h in map(site.headline, site.ids(LAST)) if h.layout == "read-2017")
    whole = client.open(head.url).body
    stand_in.tell("/faults", [{"kind": "huge"}])
    huge = client.open(head.url).body
    assert len(huge) > 10 * 2**20
    assert huge.startswith(whole)
    stand_in.tell("/faults", [{"kind": "cut-html"}])
    assert client.open(head.url).body == whole[: len(whole) // 2]
    stand_in.tell("/faults", [{"kind": "binary"}])
    answer = client.open(head.url)
    assert (answer.headers["Content-Type"], b"\x00" in answer.body) == (
        "text/html; charset=UTF-8",
        True,
    )
    stand_in.tell("/faults", [{"kind": "charset"}])
    answer = client.open(head.url)
    assert answer.headers["Content-Type"] == "text/html; charset=iso-8859-1"
    assert answer.body == whole


@pytest.mark.parametrize(
    ("target", "url", "lost"),
    [
        ("title", "", 'class="read__title"'),
        ("dateline", "", 'class="read__time"'),
        ("body", "", 'class="read__content"'),
        ("item", FRONT, 'class="articleItem"'),
    ],
)
def test_a_class_can_be_renamed(
    stand_in: LaunchedStandIn, client: Client, site: Site, target: str, url: str, lost: str
) -> None:
    url = url or next(h.url for h in map(site.headline, site.ids(LAST)) if h.layout == "read-2017")
    others = {"read__title", "read__time", "read__content", "articleItem"} - {lost[7:-1]}
    before = client.text(url)
    stand_in.tell("/faults", [{"kind": "rename", "target": target}])
    after = client.text(url)
    assert lost in before
    assert lost not in after
    assert all((f'"{name}"' in before) == (f'"{name}"' in after) for name in others)


def test_the_list_shifts_while_it_is_read() -> None:
    with launch_stand_in(*OPTIONS) as stand_in:
        client = Client(stand_in)
        stand_in.tell("/faults", [{"kind": "shift", "match": "*/global?page=3", "on": [1]}])
        second = ids_in(client.text(f"{FRONT}?page=2").split('articleList -list">')[1])
        third = ids_in(client.text(f"{FRONT}?page=3").split('articleList -list">')[1])
        assert third[0] == second[-1]
        newest = stand_in.ask("/ids")[0]
        assert newest.startswith("2026/11/22/2301")
        assert newest in client.text(FRONT)
        assert client.open(f"https://www.kompas.com/global/read/{newest}/x").status == 200


def test_an_article_changes_and_another_goes() -> None:
    with launch_stand_in(*OPTIONS, "--layout", "read-2022") as stand_in:
        client = Client(stand_in)
        changed, gone, kept = stand_in.ask("/ids")[:3]
        before = {id_: stand_in.ask(f"/record?id={id_}") for id_ in (changed, gone, kept)}
        stand_in.tell(
            "/faults",
            [
                {"kind": "change", "match": f"*{changed}*", "on": [2]},
                {"kind": "remove", "match": f"*{gone}*", "on": [2], "status": 410},
            ],
        )
        urls = {id_: f"https://www.kompas.com/global/read/{id_}/x?page=all" for id_ in before}
        first, second = client.text(urls[changed]), client.text(urls[changed])
        assert "Diperbarui" in second
        assert first != second == client.text(urls[changed])
        after = stand_in.ask(f"/record?id={changed}")
        assert after["text"] != before[changed]["text"]
        assert after["text"].startswith(before[changed]["text"].rpartition("\n\n")[0])
        assert (after["revision"], after["updated_at"]) == (2, "2026-11-22T23:00:00+07:00")
        assert after["published_at"] == before[changed]["published_at"]
        assert [client.open(urls[gone]).status for _ in range(3)] == [200, 410, 410]
        assert gone in client.text(INDEX.format(LAST, 1))
        assert stand_in.ask(f"/record?id={kept}") == before[kept]


def test_the_present_of_the_site_can_be_moved() -> None:
    with launch_stand_in(*OPTIONS) as stand_in:
        assert len(stand_in.ask(f"/ids?day={LAST}")) == 25
        stand_in.tell("/now?at=2026-11-22T12:00:00%2B07:00")
        morning = stand_in.ask(f"/ids?day={LAST}")
        assert 0 < len(morning) < 25
        assert all(id_.split("/")[3] < "120000" for id_ in morning)
        assert ids_in(Client(stand_in).text(INDEX.format(LAST, 1))) == morning[:20]


def test_twins_say_the_same_under_two_ids() -> None:
    site = Site("twins", LAST, LAST, 10, twins=True)
    newest, model, *others = site.ids(LAST)
    copy, original = site.record(newest), site.record(model)
    assert (copy["title"], copy["text"]) == (original["title"], original["text"])
    assert (copy["duplicate_of"], original["duplicate_of"]) == (model, None)
    assert len({site.record(id_)["text"] for id_ in others}) == len(others)


@pytest.mark.parametrize(
    ("day", "host", "digits"),
    [("2016-02-16", "internasional.kompas.com", 8), ("2021-08-26", "www.kompas.com", 9)],
)
def test_ids_and_hosts_are_those_of_their_time(day: str, host: str, digits: int) -> None:
    day_ = date.fromisoformat(day)
    site = Site("eras", day_, day_, 30, second_host=0)
    heads = [site.headline(id_) for id_ in site.ids(day_)]
    assert {head.host for head in heads} == {host}
    assert {len(head.id.split("/")[3]) for head in heads} == {digits}
    assert [f"{head.published_at:%H%M%S}" for head in heads] == [head.id[11:17] for head in heads]


def test_a_hundred_thousand_articles_are_not_made_to_show_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[date] = []

    class Counted(prose.Story):
        def __init__(self, dice: Any, day: date) -> None:
            made.append(day)
            super().__init__(dice, day)

    monkeypatch.setattr(prose, "Story", Counted)
    first = LAST - timedelta(days=999)
    site = Site("many", first, LAST, 100)
    answers = Answers(site)
    assert site.total == 100_000
    oldest = site.headline(site.ids(first)[-1])
    for host, target in (
        (oldest.host, urlsplit(oldest.url).path),
        ("www.kompas.com", "/global?page=10"),
        ("indeks.kompas.com", f"/?site=global&date={first}"),
    ):
        assert answers.to(PageRequest(host=host, target=target)).status == 200
    assert len(made) < 500


@pytest.mark.parametrize("weight", ["light", "full"])
def test_a_page_weighs_what_it_should(weight: str) -> None:
    site = Site("weight", LAST, LAST, 8, layout="read-2017", weight=weight)
    low, high = {"light": (8_000, 60_000), "full": (150_000, 240_000)}[weight]
    answers = Answers(site)
    for id_ in site.ids(LAST):
        asked = PageRequest(
            host=site.headline(id_).host, target=urlsplit(site.headline(id_).url).path
        )
        assert low < len(answers.to(asked).raw) < high


def test_faults_are_numbered_per_address_or_over_all() -> None:
    each = Schedule([Fault(kind="status", match="*page=*", on=(1,))])
    assert [each.due(f"x?page={n}") is not None for n in (1, 2, 1)] == [True, True, False]
    over_all = Schedule([Fault(kind="status", match="*page=*", on=(2,), per="match")])
    assert [over_all.due(f"x?page={n}") is not None for n in (1, 2, 3)] == [False, True, False]
    twice = Schedule([Fault(kind="status", times=2)])
    assert [twice.due("x") is not None for _ in range(4)] == [True, True, False, False]
    assert twice.due("y") is None


def test_the_dice_of_a_fault_fall_alike_for_one_seed() -> None:
    def falls(seed: int) -> list[bool]:
        schedule = Schedule([Fault(kind="status", probability=0.3, seed=seed)])
        return [schedule.due("x") is not None for _ in range(200)]

    assert falls(4) == falls(4) != falls(5)
    assert 30 < sum(falls(4)) < 90


@pytest.mark.parametrize(
    "text", ['{"kind": "status"}', '[{"kind": "hujan"}]', '[{"kind": "status", "when": 1}]', "["]
)
def test_a_schedule_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_faults(text)


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kompas_standin", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


CRAWLER = """
import json, os, sys, urllib.request
with urllib.request.urlopen("https://www.kompas.com/robots.txt") as answer:
    print(answer.status, answer.read().decode().splitlines()[-1])
print(sorted(name for name in os.environ if name.lower().endswith("_proxy")))
sys.exit(7)
"""


def test_run_leads_a_command_to_the_stand_in_and_ends_as_it_did(tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    done = command("--log", str(log), "--run", sys.executable, "-c", CRAWLER)
    assert done.returncode == 7, done.stderr
    assert "200 Sitemap: https://www.kompas.com/sitemap.xml" in done.stdout
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(row["host"], row["target"], row["status"]) for row in rows] == [
        ("www.kompas.com", "/robots.txt", 200)
    ]
    assert command("--run", sys.executable, "-c", "pass").returncode == 0
    kill = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert command("--run", sys.executable, "-c", kill).returncode == 128 + 9


def test_what_a_command_stores_of_the_stand_in_lies_apart_unless_it_is_told_where(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask = "import os; print('in', os.environ['KOMPAS_OUTPUT_DIR'])"
    monkeypatch.delenv("KOMPAS_OUTPUT_DIR", raising=False)
    told = command("--run", sys.executable, "-c", ask).stdout
    assert f"in {ROOT / 'output' / 'stand-in'}\n" in told
    monkeypatch.setenv("KOMPAS_OUTPUT_DIR", "/x/y")
    assert "in /x/y\n" in command("--run", sys.executable, "-c", ask).stdout


def test_help_tells_all_and_nonsense_is_refused(tmp_path: Path) -> None:
    told = command("--help").stdout
    assert all(kind in told for kind in KINDS)
    schedule = tmp_path / "faults.json"
    schedule.write_text('[{"kind": "hujan"}]')
    refused = command("--faults", str(schedule))
    assert refused.returncode == 2
    assert "no fault is called 'hujan'" in refused.stderr
