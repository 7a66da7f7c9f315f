"""Crawls of a small site over real sockets: how we ask, and which answers we refuse.

The site is an HTTPS proxy that answers Kompas's true addresses with a certificate of a CA of its
own, so every crawl also shows that certificates are verified against SSL_CERT_FILE. The crawler is
`tests/asking_crawler.py`.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from scrapy import Request
from scrapy.http import HtmlResponse, Response
from scrapy.settings import default_settings
from scrapy.utils.test import get_crawler

from kompas_crawler import middlewares, responses, settings
from kompas_crawler.characters import UNSAFE
from tests import forked

ROOT = Path(__file__).parents[1]
WWW = "https://www.kompas.com"
HOSTED = "https://internasional.kompas.com"
INDEX = "https://indeks.kompas.com"
PAGE = b"<html><h1>Sebuah judul</h1></html>"


def article(number: int, host: str = WWW, slug: str = "judul") -> str:
    section = "/global" if host == WWW else ""
    return f"{host}{section}/read/2021/08/26/1622{number:02}370/{slug}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int = 200
    body: bytes = PAGE
    kind: str | None = "text/html; charset=UTF-8"
    headers: dict[str, str] = field(default_factory=dict)
    fault: str = ""  # "cut", "reset", "slow" or "chunked"
    raw: bytes = b""  # the whole answer, as it is to be sent


@dataclass(slots=True)
class Seen:
    moment: float
    url: str
    headers: dict[str, str]


class Site(ThreadingHTTPServer):
    """Answers each address with its answers in turn, the last one again and again."""

    daemon_threads = True

    def __init__(self, tls: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), Door)
        self.tls = tls
        self.answers: dict[str, list[Answer]] = {}
        self.seen: list[Seen] = []

    def serve(self, url: str, *answers: Answer) -> str:
        self.answers[url] = list(answers) or [Answer()]
        return url

    def next_answer(self, url: str) -> Answer:
        row = self.answers.get(url, [Answer(status=404)])
        return row.pop(0) if len(row) > 1 else row[0]

    def asked(self) -> list[str]:
        return [seen.url for seen in self.seen if not seen.url.endswith("/robots.txt")]

    def gaps(self) -> list[float]:
        return [later.moment - sooner.moment for sooner, later in pairwise(self.seen)]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that refuses a certificate or a body hangs up on us."""


class Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site
    origin = ""

    def do_CONNECT(self) -> None:
        self.send_response_only(200)
        self.end_headers()
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.origin = "https://" + self.path.removesuffix(":443")
        self.close_connection = False

    def do_GET(self) -> None:
        url = self.origin + self.path
        self.server.seen.append(Seen(time.monotonic(), url, dict(self.headers)))
        answer = self.server.next_answer(url)
        if answer.fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        if answer.raw:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.wfile.write(answer.raw)
            return
        if answer.fault == "slow":
            time.sleep(1.5)
        self.send_head(answer)
        body = answer.body[: len(answer.body) // 2] if answer.fault == "cut" else answer.body
        with contextlib.suppress(OSError):
            self.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if self.chunked else body)
        self.close_connection = answer.fault == "cut"

    def send_head(self, answer: Answer) -> None:
        self.chunked = answer.fault == "chunked"
        self.send_response_only(answer.status)
        if answer.kind:
            self.send_header("Content-Type", answer.kind)
        if self.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def certificate(name: str, key: Any, issuer: x509.Certificate | None, signer: Any) -> Any:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names = (name, "rules.example", "login.example")
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(list(map(x509.DNSName, names))), critical=False)
    )
    return builder.sign(signer, hashes.SHA256())


def pem(*parts: Any) -> bytes:
    return b"".join(part.public_bytes(serialization.Encoding.PEM) for part in parts)


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS for *.kompas.com, and the file of the CA that vouches for it."""
    folder = tmp_path_factory.mktemp("ca")
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca = certificate("a CA of our own", ca_key, None, ca_key)
    (folder / "ca.pem").write_bytes(pem(ca))
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "site.pem").write_bytes(private + pem(certificate("*.kompas.com", key, ca, ca_key)))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "site.pem")
    return context, folder / "ca.pem"


@dataclass(frozen=True, slots=True)
class Crawl:
    """Starts a crawl in a process of its own and returns what it reports."""

    site: Site
    ca: Path
    folder: Path

    def __call__(self, *urls: str, env: dict[str, str] | None = None, **changed: Any) -> Any:
        with self.start(*urls, env=env, **changed) as process:
            return self.report(process)

    def start(
        self, *urls: str, env: dict[str, str] | None = None, **changed: Any
    ) -> subprocess.Popen[bytes]:
        job = {"urls": urls, "report": str(self.folder / "report.json"), "settings": changed}
        proxy = f"http://127.0.0.1:{self.site.server_port}"
        kept = {k: v for k, v in os.environ.items() if not k.upper().endswith(("_PROXY", "_FILE"))}
        own = {"SSL_CERT_FILE": str(self.ca), "KOMPAS_OUTPUT_DIR": str(self.folder)}
        return forked.start(
            [sys.executable, "-m", "tests.asking_crawler", json.dumps(job)],
            env=kept
            | own
            | forked.WARNINGS
            | {"http_proxy": proxy, "https_proxy": proxy}
            | (env or {}),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def report(self, process: subprocess.Popen[bytes]) -> Any:
        log = process.communicate(timeout=60)[0].decode()
        assert process.returncode == 0, log
        return json.loads((self.folder / "report.json").read_text()) | {"log": log}


@pytest.fixture
def site(tls: tuple[ssl.SSLContext, Path]) -> Any:
    with Site(tls[0]) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def crawl(site: Site, tls: tuple[ssl.SSLContext, Path], tmp_path: Path) -> Crawl:
    return Crawl(site, tls[1], tmp_path)


# One pace.

# Settings that would undercut the pace if the middleware let them.
IMPATIENT = {
    "DOWNLOAD_DELAY_JITTER": 0.9,
    "AUTOTHROTTLE_ENABLED": True,
    "AUTOTHROTTLE_START_DELAY": 0,
    "CONCURRENT_REQUESTS": 8,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 4,
}


def test_all_hosts_share_one_pace(site: Site, crawl: Crawl) -> None:
    hosts = (WWW, HOSTED) * 3
    urls = [site.serve(article(n, host)) for n, host in enumerate(hosts)]
    urls.append(site.serve(f"{INDEX}/?site=global&date=2021-08-26"))
    report = crawl(*urls, DOWNLOAD_DELAY=0.3, **IMPATIENT)
    assert report["outcomes"] == dict.fromkeys(urls, "page")
    assert len(site.seen) == len(urls) + 3, "three files of robots.txt"
    assert min(site.gaps()) >= 0.3


def test_crawl_delay_raises_the_pace(site: Site, crawl: Crawl) -> None:
    rules = b"User-agent: *\nCrawl-delay: 0.7\n"
    site.serve(f"{WWW}/robots.txt", Answer(body=rules, kind="text/plain"))
    crawl(*(site.serve(article(n)) for n in range(4)), DOWNLOAD_DELAY=0.05, **IMPATIENT)
    assert len(site.seen) == 5
    assert min(site.gaps()) >= 0.7


# Patience.

AN_HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        pytest.param(429, {"Retry-After": "2"}, id="seconds"),
        pytest.param(
            503,
            {
                # The server's clock is an hour slow: its date counts by its own clock.
                "Date": format_datetime(AN_HOUR_AGO, usegmt=True),
                "Retry-After": format_datetime(AN_HOUR_AGO + timedelta(seconds=2), usegmt=True),
            },
            id="date",
        ),
    ],
)
def test_retry_after_silences_all_hosts(
    site: Site, crawl: Crawl, status: int, headers: dict[str, str]
) -> None:
    first = site.serve(article(1), Answer(status=status, headers=headers), Answer())
    others = [site.serve(article(n, host)) for n, host in ((2, HOSTED), (3, WWW), (4, HOSTED))]
    for host in (WWW, HOSTED):
        site.serve(f"{host}/robots.txt", Answer(body=b"", kind="text/plain"))
    report = crawl(first, *others, CONCURRENT_REQUESTS=8)
    moments = [seen.moment for seen in site.seen]
    told = next(seen.moment for seen in site.seen if seen.url == first)
    assert [moment for moment in moments if told < moment < told + 2] == []
    assert sorted(report["outcomes"].values()) == ["page"] * 4
    assert report["stats"]["kompas/retry-after"] == 1


def test_a_wait_beyond_the_bound_ends_the_run(site: Site, crawl: Crawl) -> None:
    urls = [site.serve(article(1), Answer(status=503, headers={"Retry-After": "11"}))]
    urls += [site.serve(article(n)) for n in (2, 3)]
    report = crawl(*urls, KOMPAS_RETRY_AFTER_MAX=10)
    assert report["reason"] == "blocked"
    assert site.asked() == urls[:1]
    assert report["outcomes"][urls[0]] == "Blocked blocked"


def test_waits_that_follow_each_other_end_the_run(site: Site, crawl: Crawl) -> None:
    wait = Answer(status=503, headers={"Retry-After": "1"})
    urls = [site.serve(article(1), wait, Answer())]  # another answer begins the count anew
    urls += [site.serve(article(n), *[wait] * 9) for n in (2, 3)]
    report = crawl(*urls, KOMPAS_RETRY_AFTER_MAX=2.5)
    assert report["reason"] == "blocked"
    assert 4 <= len(site.asked()) <= 5
    assert report["outcomes"][urls[0]] == "page"


def test_a_stopped_run_does_not_sit_out_the_wait(site: Site, crawl: Crawl) -> None:
    url = site.serve(article(1), Answer(status=429, headers={"Retry-After": "250"}))
    with crawl.start(url, site.serve(article(2))) as process:
        while not site.asked():
            time.sleep(0.02)
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        report = crawl.report(process)
    assert report["reason"] == "shutdown"
    assert site.asked() == [url]
    assert report["stats"]["kompas/not-sent"] == 1


FAULTS = {
    "server error": Answer(status=500),
    "gateway": Answer(status=502, body=b""),
    "reset": Answer(fault="reset"),
    "cut": Answer(body=PAGE * 1000, fault="cut"),
    "slow": Answer(fault="slow"),
}


def test_what_may_pass_is_asked_for_again(site: Site, crawl: Crawl) -> None:
    urls = [site.serve(article(n), fault, Answer()) for n, fault in enumerate(FAULTS.values())]
    report = crawl(*urls, DOWNLOAD_TIMEOUT=1)
    assert report["outcomes"] == dict.fromkeys(urls, "page")
    assert report["stats"]["retry/count"] == len(FAULTS)


def test_retries_wait_longer_each_time_and_end(site: Site, crawl: Crawl) -> None:
    url = site.serve(article(1), Answer(body=PAGE * 1000, fault="cut"))
    report = crawl(url, RETRY_TIMES=2, KOMPAS_BACKOFF=0.3)
    first, second = site.gaps()[1:]
    assert len(site.asked()) == 3
    assert first >= 0.3
    assert second >= 0.6
    assert report["outcomes"] == {url: "ResponseDataLossError"}
    assert report["stats"]["kompas/unreachable"] == 1


def test_a_site_that_is_gone_ends_the_run(site: Site, crawl: Crawl) -> None:
    urls = [site.serve(article(n), Answer(fault="reset")) for n in range(6)]
    report = crawl(*urls, RETRY_TIMES=0, KOMPAS_UNREACHABLE_LIMIT=3)
    assert report["reason"] == "unreachable"
    assert site.asked() == urls[:3]


# Turned away.


def test_three_refusals_in_a_row_end_the_run(site: Site, crawl: Crawl) -> None:
    turned_away = [Answer(status=202, body=b""), Answer(status=403), Answer(status=429)]
    urls = [site.serve(article(n), answer) for n, answer in enumerate(turned_away)]
    urls += [site.serve(article(n)) for n in (8, 9)]
    report = crawl(*urls, RETRY_TIMES=2)
    assert report["reason"] == "blocked"
    assert site.asked() == urls[:2] + urls[2:3] * 3, "429 is asked for again, the others are not"
    assert {report["outcomes"][url] for url in urls[:3]} == {"Blocked blocked"}
    assert report["stats"]["kompas/blocked"] == 3


def test_a_page_between_refusals_begins_the_row_anew(site: Site, crawl: Crawl) -> None:
    urls = [
        site.serve(article(n), Answer(status=403) if n % 3 else Answer()) for n in (1, 2, 3, 4, 5)
    ]
    report = crawl(*urls)
    assert report["reason"] == "finished"
    assert report["stats"]["kompas/blocked"] == 4


CHALLENGE = b"<html><title></title><script>window.awsWafCookieDomainList = [];</script></html>"


@pytest.mark.parametrize(
    ("blocked", "status", "headers", "body"),
    [
        (True, 202, {}, b""),
        (True, 403, {}, PAGE),
        (True, 429, {}, PAGE),
        (True, 405, {"x-amzn-waf-action": "captcha"}, b"<html>"),
        (True, 200, {}, CHALLENGE),
        (True, 200, {}, CHALLENGE + b" " + b"x" * 5000),
        (True, 200, {}, b"<html><body>Sebentar ...</body></html>"),
        (False, 200, {}, PAGE),
        (False, 200, {}, PAGE + CHALLENGE),  # a page that carries the script is a page
        (False, 200, {}, b""),  # empty, which has a name of its own
        (False, 404, {}, b"<html>Tidak ada</html>"),
        (False, 500, {}, b"<html>Rusak</html>"),
    ],
)
def test_a_challenge_is_known(
    blocked: bool, status: int, headers: dict[str, str], body: bytes
) -> None:
    answer = HtmlResponse(article(1), status=status, headers=headers, body=body)
    assert bool(responses.block_in(answer)) is blocked


# Redirects.


FRONT = f"{WWW}/global"
DAY = f"{INDEX}/?site=global&date=2021-08-26"
SENT_ON = [
    # asked, sent to, outcome
    (article(1), article(1, slug="judul-baru"), "page"),
    (article(2), article(2, HOSTED), "page"),
    (article(3, HOSTED), article(3), "page"),
    (article(4).replace("https:", "http:"), article(4), "page"),
    (article(5), article(5, HOSTED) + "?source=terkait", "page"),
    (FRONT, FRONT + "/", "page"),
    (article(11), "https://example.com/", "off-site"),
    (article(12), "https://money.kompas.com/read/2021/08/26/162212326/judul", "off-section"),
    (article(13), f"{WWW}/", "off-section"),
    (article(14), f"{WWW}/global/image/2021/08/26/162214370/judul", "off-section"),
    (article(15), article(1, slug="judul-baru"), "other-article"),
    (article(16), article(16), "endless"),
    (DAY, "https://account.kompas.com/masuk", "off-listing"),
]


def test_redirects_lead_to_the_same_thing_or_nowhere(site: Site, crawl: Crawl) -> None:
    for asked, target, outcome in SENT_ON:
        site.serve(asked, Answer(status=301, headers={"Location": target}))
        if outcome == "page":
            site.serve(target.partition("?source")[0])
    report = crawl(*(asked for asked, _, _ in SENT_ON))
    outcomes = {asked: report["outcomes"][asked].split()[-1] for asked, _, _ in SENT_ON}
    assert outcomes == {asked: outcome for asked, _, outcome in SENT_ON}
    assert report["stats"]["kompas/redirect/off-site"] == 1
    assert report["stats"]["kompas/redirect/off-section"] == 3
    hosts = {seen.headers["Host"] for seen in site.seen}
    assert hosts == {"www.kompas.com", "internasional.kompas.com", "indeks.kompas.com"}
    assert site.asked().count(article(16)) == settings.REDIRECT_MAX_TIMES + 1


def test_a_redirect_to_a_known_address_is_no_loss(site: Site, crawl: Crawl) -> None:
    old, new = article(1, slug="lama"), site.serve(article(1, slug="baru"))
    site.serve(old, Answer(status=302, headers={"Location": new}))
    report = crawl(new, old)
    assert report["outcomes"] == {old: "page", new: "page"}


def sent_on(location: bytes, status: int = 301) -> Answer:
    return Answer(raw=b"HTTP/1.1 %d x\r\nLocation: %b\r\n\r\n" % (status, location))


UNENCRYPTED = {
    # asked: sent to, outcome
    article(1): ("http://www.kompas.com/global/read/2021/08/26/162201370/judul", "unencrypted"),
    article(2): ("HTTP://WWW.kompas.com/global/read/2021/08/26/162202370/lain", "page"),
    article(3): ("http://www.kompas.com:80/global/read/2021/08/26/162203370/lain", "page"),
    article(4): ("http://www.kompas.com:8080/global/read/2021/08/26/162204370/x", "unencrypted"),
    article(5): ("http://bot@www.kompas.com/global/read/2021/08/26/162205370/x", "unencrypted"),
    article(6): ("http://internasional.kompas.com/read/2021/08/26/162206370/lain", "page"),
    article(7): ("//www.kompas.com/global/read/2021/08/26/162207370/lain", "page"),
    FRONT: ("http://www.kompas.com/global/", "page"),
    DAY: (DAY.replace("https", "http"), "unencrypted"),
}


def test_a_redirect_never_leads_out_of_encryption(site: Site, crawl: Crawl) -> None:
    for asked, (target, _) in UNENCRYPTED.items():
        site.serve(asked, sent_on(target.encode()))
    for number in (2, 3, 7):
        site.serve(article(number, slug="lain"))
    site.serve(article(6, HOSTED, "lain"))
    site.serve(FRONT + "/")
    report = crawl(*UNENCRYPTED)
    outcomes = {asked: report["outcomes"][asked].split()[-1] for asked in UNENCRYPTED}
    assert outcomes == {asked: outcome for asked, (_, outcome) in UNENCRYPTED.items()}
    assert [url for url in site.asked() if not url.startswith("https:")] == []
    assert report["stats"]["kompas/redirect/unencrypted"] == 4


@pytest.mark.parametrize("target", [f"{WWW}/robots.txt", f"{WWW}:8080/r", "https://login.example/"])
def test_rules_are_never_read_unencrypted(site: Site, crawl: Crawl, target: str) -> None:
    site.serve("https://login.example/")
    site.serve(f"{WWW}/robots.txt", sent_on(target.replace("https:", "http:").encode()))
    url = site.serve(article(1))
    assert crawl(url)["outcomes"] == {url: "Unreachable unreachable"}
    assert [seen.url for seen in site.seen if not seen.url.startswith("https:")] == []


NO_ADDRESS = [
    *(b"http://[::1", b"https://[x]/", b"global:99", b"http://www.kompas.com:99999999999/"),
    *(b"ftp://www.kompas.com/", b"file:///etc/passwd", b"javascript:alert(1)", b"data:text/html,x"),
    *(b"mailto:x@y", b"https://\xe2\x80\xae.com/", b"http://www.kompas.com:1e9/"),
]
RELATIVE = [  # parts of an address: they lead back here, or nowhere
    *(b"", b"#x", b"?", b".", b"www.kompas.com/x", b"\x1b[2J\xe2\x80\xae", b"%", b"\xff" * 9),
    *(b"://", b"http://", b"https:///", b"\xff://x", b"\x1b[2J:x"),
]


def test_a_location_that_is_no_address_is_named(site: Site, crawl: Crawl) -> None:
    asked = {article(n): location for n, location in enumerate([*NO_ADDRESS, *RELATIVE])}
    for n, (url, location) in enumerate(asked.items()):
        site.serve(url, sent_on(location, (301, 302, 303, 307, 308)[n % 5]))
    report = crawl(*asked)
    reasons = {asked[url]: outcome.split()[-1] for url, outcome in report["outcomes"].items()}
    assert {where for where, reason in reasons.items() if reason == "no-address"} == {*NO_ADDRESS}
    others = {"endless", "off-section", "off-site", "unencrypted", "HttpError"}
    assert set(reasons.values()) <= others | {"no-address"}
    assert "Traceback" not in report["log"]
    assert "\x1b" not in report["log"]
    assert {seen.url.split("/")[2] for seen in site.seen} == {"www.kompas.com"}


NO_WAIT = [b"-1", b"nan", b"", b"1e9", b"\x1b[2J", b"\xb2", b"Mon, 01 Jan 99999 00:00:00 GMT"]
TOO_LONG = [b"9" * 9, b"9" * 9000, b"Fri, 31 Dec 8999 23:59:59 GMT", b"1" * 400]


@pytest.mark.parametrize("told", [*NO_WAIT, *TOO_LONG], ids=lambda told: repr(told[:12]))
def test_a_wait_that_is_none_or_endless_is_not_waited_for(
    site: Site, crawl: Crawl, told: bytes
) -> None:
    clock = b"Date: Fri, 31 Dec 9999 23:59:59 -1200"
    head = b"HTTP/1.1 503 x\r\nRetry-After: %b\r\n%b\r\nContent-Length: 1\r\n\r\nx" % (told, clock)
    old = {"Date": format_datetime(datetime.now(UTC), usegmt=True), "Age": "9" * 5000}
    url = site.serve(article(1), Answer(raw=head), Answer(headers=old))
    report = crawl(url)
    is_endless = told in TOO_LONG
    assert report["outcomes"] == {url: "Blocked blocked" if is_endless else "page"}
    assert report["stats"]["elapsed_time_seconds"] < 10
    assert "Traceback" not in report["log"]


OK = b"HTTP/1.1 200 OK\r\n"
ENDLESS = {
    "many headers": OK + b"a: b\r\n" * 2_000_000,
    "a long header": OK + b"a: " + b"x" * 12_000_000,
    "a header of many lines": OK + b"a: b\r\n" + b" c\r\n" * 3_000_000,
    "a long status": b"HTTP/1.1 200 " + b"x" * 12_000_000,
    "many beginnings": b"HTTP/1.1 100 Continue\r\n\r\n" * 500_000,
    "a long location": b"HTTP/1.1 301 x\r\nLocation: /" + b"x" * 12_000_000,
}


def test_headers_are_bounded(site: Site, crawl: Crawl) -> None:
    urls = [
        site.serve(article(n), Answer(raw=raw), Answer()) for n, raw in enumerate(ENDLESS.values())
    ]
    good = site.serve(article(50), Answer(headers={f"X-{n}": "x" * 500 for n in range(100)}))
    report = crawl(*urls, good)
    assert report["outcomes"] == dict.fromkeys(urls, "Refusal long-headers") | {good: "page"}
    assert report["stats"]["kompas/refused/long-headers"] == len(ENDLESS)
    assert site.asked() == [*urls, good], "none is asked for again"


STATUS_LINES = [
    *(b"HTTP/1.1 200 \x1b[2J\xe2\x80\xae", b"HTTP/1.1 -1 x", b"HTTP/1.1 99999999999 x"),
    *(b"HTTP/9.9 404 \xff", b"\x1b[31mERROR", b"", b"HTTP/1.1 " + b"9" * 5000),
    b"HTTP/1.1 405 x\r\nX-Amzn-Waf-Action: \x1b[2J\x9b31m\x07",
    b"HTTP/1.1 200 x\r\nContent-Type: image/\x1b[2J\x9b31m\x07",
]


def test_no_header_and_no_status_line_commands_the_log(site: Site, crawl: Crawl) -> None:
    head = b"\r\nX: \x1b[2J\r\n\x1b]0;x\x07\r\nContent-Length: 9\r\n\r\n\0\x1b[2J\x1b[2J"
    urls = [
        site.serve(article(n), Answer(raw=status + head)) for n, status in enumerate(STATUS_LINES)
    ]
    report = crawl(*urls, LOG_LEVEL="DEBUG", KOMPAS_UNREACHABLE_LIMIT=99)
    words = {outcome.split()[-1] for outcome in report["outcomes"].values()}
    assert report["outcomes"].keys() == set(urls)
    assert words == {"binary", "HttpError", "DownloadFailedError", "blocked"}
    assert not UNSAFE.search(report["log"].replace("\n", ""))


# robots.txt.


@pytest.mark.parametrize(
    ("robots", "outcome", "reason"),
    [
        (Answer(status=404, body=b"User-agent: *\nDisallow: /"), "page", "finished"),
        (Answer(status=410), "page", "finished"),
        (Answer(body=b"", kind="text/plain"), "page", "finished"),
        (Answer(body=b"User-agent: *\nDisallow: /\n"), "Forbidden forbidden", "blocked"),
        (
            Answer(body=b"User-agent: kompas_crawler\nDisallow: /\n\nUser-agent: *\nAllow: /\n"),
            "Forbidden forbidden",
            "blocked",
        ),
        (Answer(status=500), "Unreachable unreachable", "unreachable"),
        (Answer(status=206, body=b"User-agent: *"), "Unreachable unreachable", "unreachable"),
        (Answer(fault="reset"), "Unreachable unreachable", "unreachable"),
        (Answer(status=403), "Blocked blocked", "blocked"),
        (Answer(status=202, body=b""), "Blocked blocked", "blocked"),
    ],
    ids=["404", "410", "empty", "all", "us", "500", "part", "reset", "403", "202"],
)
def test_robots_are_obeyed(
    site: Site, crawl: Crawl, robots: Answer, outcome: str, reason: str
) -> None:
    site.serve(f"{WWW}/robots.txt", robots)
    url = site.serve(article(1))
    report = crawl(url, RETRY_TIMES=1)
    assert report["outcomes"] == {url: outcome}
    assert report["reason"] == reason
    assert site.asked() == ([url] if outcome == "page" else [])
    assert "Traceback" not in report["log"]


def test_rules_hold_for_all_that_wait_for_them(site: Site, crawl: Crawl) -> None:
    rules = b"User-agent: *\nDisallow: /global/read/\n"
    site.serve(f"{WWW}/robots.txt", Answer(body=rules, kind="text/plain"))
    urls = [site.serve(article(n)) for n in range(4)]
    report = crawl(*urls, CONCURRENT_REQUESTS=8)
    assert report["outcomes"] == dict.fromkeys(urls, "Forbidden forbidden")
    assert site.asked() == []
    assert (
        f"robots.txt disallows everything that this run requests, for example {urls[0]}"
        in report["log"]
    )


def test_a_run_is_not_blocked_by_rules_that_leave_it_something(site: Site, crawl: Crawl) -> None:
    rules = b"User-agent: *\nDisallow: /global/read/\n"
    site.serve(f"{WWW}/robots.txt", Answer(body=rules, kind="text/plain"))
    urls = [site.serve(article(1)), site.serve(article(2, HOSTED))]
    report = crawl(*urls)
    assert report["outcomes"] == {urls[0]: "Forbidden forbidden", urls[1]: "page"}
    assert report["reason"] == "finished"


FORBIDDING = Answer(body=b"User-agent: *\nDisallow: /\n", kind="text/plain")


@pytest.mark.parametrize("target", [f"{HOSTED}/aturan.txt", "https://rules.example/r.txt"])
def test_rules_on_another_host_count_for_the_one_that_was_asked(
    site: Site, crawl: Crawl, target: str
) -> None:
    site.serve(f"{WWW}/robots.txt", Answer(status=301, headers={"Location": target}))
    site.serve(target, FORBIDDING)
    urls = [site.serve(article(1)), site.serve(article(2, HOSTED))]
    report = crawl(*urls)
    assert report["outcomes"] == {urls[0]: "Forbidden forbidden", urls[1]: "page"}
    assert [seen.url for seen in site.seen][:2] == [f"{WWW}/robots.txt", target]


@pytest.mark.parametrize(("redirects", "outcome"), [(5, "page"), (6, "Unreachable unreachable")])
def test_rules_are_looked_for_behind_five_redirects(
    site: Site, crawl: Crawl, redirects: int, outcome: str
) -> None:
    way = [f"{WWW}/robots.txt", *(f"{HOSTED}/{n}.txt" for n in range(redirects))]
    for here, there in pairwise(way):
        site.serve(here, Answer(status=302, headers={"Location": there}))
    site.serve(way[-1], Answer(body=b"User-agent: *\nAllow: /\n", kind="text/plain"))
    url = site.serve(article(1))
    report = crawl(url)
    assert report["outcomes"] == {url: outcome}
    assert report["reason"] == ("finished" if outcome == "page" else "unreachable")
    assert ("max redirections reached" in report["log"]) == (outcome != "page")


def test_a_network_that_asks_for_a_login_allows_nothing(site: Site, crawl: Crawl) -> None:
    login = site.serve("https://login.example/")
    site.serve(f"{WWW}/robots.txt", Answer(status=302, headers={"Location": login}))
    url = site.serve(article(1))
    report = crawl(url)
    assert report["outcomes"] == {url: "Unreachable unreachable"}
    assert report["reason"] == "unreachable"
    assert site.asked() == [login]


def test_a_host_without_readable_robots_is_left_alone_and_the_others_are_not(
    site: Site, crawl: Crawl
) -> None:
    site.serve(f"{HOSTED}/robots.txt", Answer(status=503))
    urls = [site.serve(article(1)), site.serve(article(2, HOSTED)), site.serve(article(3))]
    report = crawl(*urls, RETRY_TIMES=0)
    assert list(report["outcomes"].values()).count("page") == 2
    assert report["outcomes"][urls[1]] == "Unreachable unreachable"
    assert report["reason"] == "finished"


# Bodies.

TEN_MEGABYTES = PAGE * 310_000
PACKED = gzip.compress(PAGE + bytes(range(32, 127)) + b"</html>", 1)
DAMAGED = PACKED[:60] + bytes([PACKED[60] ^ 1]) + PACKED[61:]
BODIES = {
    "too-big declared": Answer(body=TEN_MEGABYTES),
    "too-big chunked": Answer(body=TEN_MEGABYTES, fault="chunked"),
    "too-big packed": Answer(
        body=gzip.compress(TEN_MEGABYTES), headers={"Content-Encoding": "gzip"}
    ),
    "damaged": Answer(body=DAMAGED, headers={"Content-Encoding": "gzip"}),
    "damaged end": Answer(body=gzip.compress(PAGE)[:-9], headers={"Content-Encoding": "gzip"}),
    "empty": Answer(body=b""),
    "empty of blanks": Answer(body=b"\n \n"),
    "binary picture": Answer(body=b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 99, kind="image/png"),
    "binary called html": Answer(body=b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 99),
    "binary document": Answer(body=b"%PDF-1.7\n\0\1\2" + b"x" * 2000, kind="application/pdf"),
    "not-html data": Answer(body=PAGE * 99, kind="application/json"),
    "CutOffPage that looks whole": Answer(status=206, body=PAGE * 99),
}


def test_bodies_that_are_no_page_are_refused_by_name(site: Site, crawl: Crawl) -> None:
    assert len(TEN_MEGABYTES) > 10_000_000
    expected = {
        site.serve(article(n), answer): f"Refusal {name.split()[0]}"
        for n, (name, answer) in enumerate(BODIES.items())
    }
    fine = [
        site.serve(f"{WWW}/sitemap.xml", Answer(body=b"<urlset/>", kind="application/xml")),
        site.serve(article(20), Answer(body=gzip.compress(PAGE), headers={"Content-Encoding": "gzip"})),
        site.serve(article(22), Answer(body=gzip.compress(PAGE) * 2, headers={"Content-Encoding": "gzip"})),
        site.serve(article(21), Answer(body=PAGE.decode().encode("utf-16"), kind="text/html; charset=utf-16")),
    ]  # fmt: skip
    report = crawl(*expected, *fine)
    assert report["outcomes"] == expected | dict.fromkeys(fine, "page")
    assert report["stats"]["kompas/refused/too-big"] == 3
    assert report["stats"]["kompas/refused/empty"] == 2
    assert report["stats"]["kompas/refused/binary"] == 3
    assert "retry/count" not in report["stats"]


# Who asks.


def test_every_request_says_who_asks(site: Site, crawl: Crawl) -> None:
    crawl(site.serve(article(1)), env={"KOMPAS_CONTACT": "mailto:redaksi@example.org"})
    assert len(site.seen) == 2
    for seen in site.seen:
        assert seen.headers["User-Agent"] == "kompas_crawler/0.1.0 (+mailto:redaksi@example.org)"
        assert seen.headers["Accept-Language"] == "id"
        assert "Cookie" not in seen.headers


def test_a_missing_contact_is_said(site: Site, crawl: Crawl) -> None:
    report = crawl(site.serve(article(1)), env={"KOMPAS_CONTACT": ""})
    assert "set KOMPAS_CONTACT" in report["log"]
    assert site.seen[0].headers["User-Agent"] == "kompas_crawler/0.1.0"


def test_an_unknown_authority_is_not_believed(site: Site, crawl: Crawl, tmp_path: Path) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "other.pem").write_bytes(pem(certificate("another CA", other, None, other)))
    env = {"SSL_CERT_FILE": str(tmp_path / "other.pem")}
    report = crawl(site.serve(article(1)), env=env, RETRY_TIMES=0)
    assert report["reason"] == "unreachable"
    assert site.seen == []


# Settings.


def test_settings_hold_only_what_differs() -> None:
    same = [
        name
        for name in dir(settings)
        if name.isupper() and getattr(default_settings, name, ...) == getattr(settings, name)
    ]
    assert same == []


@pytest.mark.parametrize(
    ("told", "with_cfg", "expected"),
    [
        (None, True, "output"),
        (None, False, "below/output"),
        ("arsip", True, "below/arsip"),
        ("arsip", False, "below/arsip"),
    ],
)
def test_output_lies_beside_scrapy_cfg_or_where_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    told: str | None,
    with_cfg: bool,
    expected: str,
) -> None:
    (tmp_path / "below").mkdir()
    if with_cfg:
        (tmp_path / "scrapy.cfg").touch()
    monkeypatch.chdir(tmp_path / "below")
    monkeypatch.delenv("KOMPAS_OUTPUT_DIR", raising=False)
    if told:
        monkeypatch.setenv("KOMPAS_OUTPUT_DIR", told)
    assert settings._output_dir() == str(tmp_path / expected)


@pytest.mark.parametrize(
    ("asked", "led", "goes_along"),
    [
        ("https://www.kompas.com", "https://www.kompas.com", True),
        ("https://www.kompas.com", "https://amp.kompas.com", False),
        ("https://amp.kompas.com", "https://amp.kompas.com", False),  # cleaned to www
    ],
)
def test_a_redirect_carries_no_password_to_another_host(asked, led, goes_along):
    middleware = middlewares.RedirectMiddleware.from_crawler(get_crawler())
    middleware.crawler = get_crawler()
    headers = {"Authorization": "Basic geheim", "Cookie": "sesi=geheim"}
    request = Request(f"{asked}/global/read/2021/08/26/162226370/judul", headers=headers)
    onward = f"{led}/global/read/2021/08/26/162226370/judul-lain"
    answer = Response(request.url, status=302, headers={"Location": onward}, request=request)
    again = middleware.process_response(request, answer)
    assert (again.headers.get("Authorization") == b"Basic geheim") is goes_along
    assert goes_along or b"geheim" not in again.headers.to_string()
