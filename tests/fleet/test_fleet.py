"""Several workers read the days once, whoever dies."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as NoRedis
from scrapy import Request
from scrapy.settings import Settings
from scrapy_redis.queue import Base

from kompas_crawler import pages
from kompas_crawler.errors import BadArgument, ForeignRequest
from kompas_crawler.fleet import check_fleet, serialization
from kompas_crawler.fleet.redis_queue import FleetQueue, connect
from kompas_crawler.fleet.scheduler import identity
from kompas_crawler.operations.backfill_plan import plan
from kompas_crawler.runs.evidence import ListEvidence
from kompas_crawler.spiders.backfill import BackfillSpider
from kompas_crawler.spiders.daily_index import IndexProgress
from kompas_crawler.timezones import WIB
from tests import forked
from tests.conftest import ROOT, Remote, command, environment, runs, stored

PATIENCE = 60  # seconds; a fleet takes ten
STUCK = 100.0  # seconds; nobody waits for such an answer
LEASE = 5.0  # long enough for a worker to renew it on a machine with other work
PASSWORD = ("sangat", "rahasia")
ID = "2021/08/26/162226370"
INDEX = "https://indeks.kompas.com/?site=global&date=2021-08-26"
URL = "https://www.kompas.com/global/read/2021/08/26/162226370/judul"


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    """Start a Redis server of the test's own, which listens on a socket in its directory."""
    server = shutil.which("redis-server") or "/usr/bin/redis-server"
    if not Path(server).exists():
        pytest.skip("no redis-server is installed (Debian's package is called redis-server)")
    socket = tmp_path / "redis.sock"
    words = [server, "--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no"]
    process = subprocess.Popen([*words, "--dir", str(tmp_path)], stdout=subprocess.DEVNULL)
    client = Redis(unix_socket_path=str(socket))
    for _ in range(200):
        try:
            client.ping()
            break
        except NoRedis:
            time.sleep(0.05)
    yield client
    client.close()
    process.terminate()
    process.wait(10)


@pytest.fixture
def worker(redis: Redis, tmp_path: Path) -> Iterator[Any]:
    """Start workers: `worker("a", site, output)`; what is left of them dies with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(
        name: str, site: Remote, output: Path, spider: str = "backfill", *given: str, **more: str
    ) -> subprocess.Popen[bytes]:
        settings = {
            "KOMPAS_REDIS_URL": "unix://" + redis.get_connection_kwargs()["path"],
            "KOMPAS_WORKER": name,
            "KOMPAS_LEASE": str(LEASE),
        }
        with (tmp_path / f"{name}.log").open("wb") as log:
            process = forked.start(
                command(spider, *(given or ("since=1d",)), **(settings | more)),
                cwd=ROOT,
                env=environment(site, output),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait(PATIENCE)


def holder_of(redis: Redis, mark: bytes, workers: dict[str, Any]) -> str:
    """Return the name of the worker that holds a request with this in its address."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        owners = redis.hgetall("kompas:backfill:owner")
        for token, owner in owners.items():
            name = owner.decode().rpartition("-")[0]
            body = redis.hget("kompas:backfill:body", token) or b""
            # What is stored but not acknowledged yet would be stored twice if it died now.
            is_all = list(owners.values()).count(owner) == 1
            if mark in body and is_all and workers[name].poll() is None:
                return name
        time.sleep(0.02)
    raise AssertionError(f"nobody holds {mark!r}")


def wait_until_asked(site: Remote, mark: str, times: int = 1) -> None:
    deadline = time.monotonic() + PATIENCE
    while sum(mark in row["target"] for row in site.requests()) < times:
        assert time.monotonic() < deadline, f"nobody asked for {mark}"
        time.sleep(0.05)


def logs(tmp_path: Path) -> str:
    return "\n".join(path.read_text() for path in sorted(tmp_path.glob("*.log")))


def test_three_workers_of_which_two_are_killed_store_every_article_once(
    stand_in, worker, redis, tmp_path
):
    site = stand_in("--days", "2", "--per-day", "20", "--layout", "read-2017")
    victim = site.ids()[-4]  # of the day before: it is asked for when the first is dead
    site.fail(
        {"kind": "slow", "match": "*indeks*page=2*", "seconds": STUCK, "times": 1},
        {"kind": "slow", "match": f"*/read/{victim}*", "seconds": STUCK, "times": 1},
    )
    outputs = {name: tmp_path / name for name in "abc"}
    workers = {name: worker(name, site, output) for name, output in outputs.items()}

    wait_until_asked(site, "page=2")
    first = holder_of(redis, b"page=2", workers)
    workers[first].kill()
    wait_until_asked(site, f"/read/{victim}")
    second = holder_of(redis, b"/read/" + victim.encode(), workers)
    workers[second].kill()

    (last,) = set(workers) - {first, second}
    assert workers[last].wait(PATIENCE) == 0, logs(tmp_path)
    found = Counter(r["id"] for output in outputs.values() for r in stored(output))
    assert found == Counter(site.ids()), logs(tmp_path)
    asked = Counter(row["target"] for row in site.requests() if "/read/" in row["target"])
    assert sorted(asked.values())[-2:] == [1, 2], "only what was lost is asked for again"
    (line,) = runs(outputs[last])
    assert (line["outcome"], line["pending"], line["owed_days"]) == ("complete", [], {})
    assert line["coverage"] == [], "a directory with a part of the articles proves nothing"


def test_workers_that_share_a_directory_prove_the_days_and_leave_nothing_behind(
    stand_in, worker, redis, crawl, tmp_path
):
    site = stand_in("--days", "2", "--per-day", "10", "--layout", "read-2017")
    output = tmp_path / "output"
    FleetQueue(redis, "backfill", "test", LEASE).hold(STUCK)
    workers = {name: worker(name, site, output) for name in "ab"}

    held = holder_of(redis, b"indeks", workers)
    alone = crawl(site, "backfill", "since=1d", output=output)
    assert alone.code == 15, "a run that shares with nobody is refused meanwhile"
    workers[held].send_signal(signal.SIGTERM)
    assert workers[held].wait(PATIENCE) == 16, logs(tmp_path)
    assert site.requests() == [], "nobody asks while Kompas is to be left alone"
    redis.delete("kompas:pace:hold")
    (other,) = set(workers) - {held}
    assert workers[other].wait(PATIENCE) == 0, logs(tmp_path)

    assert Counter(r["id"] for r in stored(output)) == Counter(site.ids())
    lines = {line["outcome"]: line for line in runs(output)}
    assert lines["stopped"]["owed_days"] == {}, "the other worker sees to it"
    last = lines["complete"]
    assert (last["pending"], last["owed_days"], len(last["coverage"])) == ([], {}, 1)
    left = {key.decode() for key in redis.keys("kompas:backfill:*")} - {"kompas:backfill:done"}
    assert left == set()

    redis.delete("kompas:backfill:done")  # it goes by itself, as late as a lease
    asked = len(site.requests())
    assert worker("c", site, output).wait(PATIENCE) == 0, logs(tmp_path)
    again = site.requests()[asked:]
    assert any(row["host"] == "indeks.kompas.com" for row in again), "the next fleet reads anew"
    assert not [row for row in again if "/read/" in row["target"]], "and knows what is stored"


def test_the_last_worker_writes_down_what_is_owed_and_the_next_one_goes_on(
    stand_in, worker, redis, tmp_path
):
    site = stand_in("--days", "1", "--per-day", "6", "--layout", "read-2017")
    stuck = site.ids()[3]
    site.fail({"kind": "slow", "match": f"*/read/{stuck}*", "seconds": 3, "times": 1})
    output = tmp_path / "output"
    first = worker("a", site, output, "backfill", "since=0d")
    wait_until_asked(site, f"/read/{stuck}")
    first.send_signal(signal.SIGTERM)
    assert first.wait(PATIENCE) == 16, logs(tmp_path)
    (line,) = runs(output)
    assert line["stored"] + len(line["pending"]) == 6
    assert line["pending"], "what nobody is there to ask for"
    assert worker("b", site, output, "backfill", "since=0d").wait(PATIENCE) == 0, logs(tmp_path)
    assert Counter(r["id"] for r in stored(output)) == Counter(site.ids())
    assert runs(output)[-1]["pending"] == []
    asked = Counter(row["target"] for row in site.requests() if "/read/" in row["target"])
    assert set(asked.values()) == {1}


def test_an_answer_that_a_stopped_worker_did_not_wait_for_is_another_one_s(
    stand_in, worker, redis, tmp_path
):
    site = stand_in("--days", "1", "--per-day", "6", "--layout", "read-2017")
    stuck = site.ids()[3]
    site.fail({"kind": "timeout", "match": f"*/read/{stuck}*", "times": 1})
    output = tmp_path / "output"
    first = worker("a", site, output, "backfill", "since=0d", DOWNLOAD_TIMEOUT="60")
    wait_until_asked(site, f"/read/{stuck}")
    first.send_signal(signal.SIGTERM)
    assert first.wait(PATIENCE) == 16, logs(tmp_path)
    assert worker("b", site, output, "backfill", "since=0d").wait(PATIENCE) == 0, logs(tmp_path)
    assert Counter(r["id"] for r in stored(output)) == Counter(site.ids())


# What is in Redis may be anybody's.


class Payload:
    """What runs a command when it is unpickled."""

    def __init__(self, words: str) -> None:
        self.words = words

    def __reduce__(self) -> Any:
        return os.system, (self.words,)


def test_a_pickled_payload_in_the_queue_runs_nothing_and_is_told(stand_in, worker, redis, tmp_path):
    site = stand_in("--days", "1", "--per-day", "3", "--layout", "read-2017")
    mark = tmp_path / "executed"
    evil = FleetQueue(redis, "backfill", "evil", LEASE)
    evil.push("evil", "", 99, pickle.dumps(Payload(f"touch {mark}")))
    assert worker("a", site, tmp_path / "output", "backfill", "since=0d").wait(PATIENCE) == 10
    assert not mark.exists()
    assert "is not one of our requests" in logs(tmp_path)
    assert "Traceback" not in logs(tmp_path)
    assert Counter(r["id"] for r in stored(tmp_path / "output")) == Counter(site.ids())
    (line,) = runs(tmp_path / "output")
    assert line["coverage"] == [], "nobody knows what was there before"
    assert line["refused"] == {"ForeignRequest": 1}


@pytest.fixture
def queue() -> Base:
    return Base(None, BackfillSpider(since="1d"), "", serializer=serialization)


def of_each_kind(spider: BackfillSpider) -> dict[str, Request]:
    days = ((date(2021, 8, 25), date(2021, 8, 1)), (date(2021, 7, 2), date(2021, 7, 2)))
    shown = ListEvidence(day=date(2021, 8, 26), seen={ID}, listed=1, announced=True)
    shown.clocks.append(datetime(2021, 8, 26, 16, 22, tzinfo=WIB))
    shown.volumes[date(2021, 8, 26)] += 1
    shown.doubt = (INDEX, "cut")
    walk = IndexProgress(
        day=date(2021, 8, 26), site="global", then=days, shown=shown, tried={"global"}
    )
    html = (ROOT / "tests" / "pages" / "articles" / "read-2017-seed-2021.html").read_text()
    first = replace(pages.read(html, URL), page=1)
    article = spider._article_request(ID, URL, 10)
    again = article.replace(meta={"retry_times": 2, "redirect_urls": [URL], "proxy": "p:geheim@h"})
    return {
        "index": spider.index_request(walk, 2).replace(headers={"Referer": INDEX}),
        "article": again,
        "page": spider._page_request(ID, 2, [first]),
    }


@pytest.mark.parametrize("kind", ["index", "article", "page"])
def test_a_request_is_for_another_worker_what_it_was_for_this_one(queue, kind):
    request = of_each_kind(queue.spider)[kind]
    body = queue._encode_request(request)
    again = queue._decode_request(body)
    for name in ("url", "callback", "errback", "cb_kwargs", "priority", "dont_filter", "headers"):
        assert getattr(again, name) == getattr(request, name)
    assert identity(again) == identity(request)
    assert b"geheim" not in body, "a proxy is each worker's own"


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("article", {"_class": "subprocess.Popen"}),
        ("article", {"callback": "__init__"}),
        ("article", {"callback": "storage_failed", "errback": "storage_failed"}),
        ("article", {"errback": "page_failed"}),
        ("article", {"url": "https://www.kompas.com.example.org/read/2021/08/26/162226370/x"}),
        ("article", {"url": "http://169.254.169.254/latest/meta-data/"}),
        ("article", {"url": "file:///etc/passwd"}),
        ("article", {"url": URL.replace("370", "371")}),
        ("article", {"cb_kwargs": {"article_id": "../../etc"}}),
        ("article", {"cb_kwargs": {"article_id": ID, "readings": []}}),
        ("article", {"meta": {"dont_obey_robotstxt": True}}),
        ("article", {"meta": {"proxy": "http://evil.example.org:3128"}}),
        ("article", {"meta": {"redirect_urls": ["https://www.kompas.com/robots.txt"]}}),
        ("article", {"meta": {"retry_times": -5}}),
        ("article", {"headers": {"Cookie": "a=b"}}),
        ("article", {"headers": {"Referer": f"{URL}\r\nCookie: a=b"}}),
        ("article", {"method": "POST"}),
        ("article", {"priority": 10**400}),
        ("index", {"url": URL}),
        ("index", {"cb_kwargs": {"walk": {"day": "2021-08-26"}, "page": 1}}),
        ("index", {"cb_kwargs": None}),
    ],
)
def test_what_no_spider_of_ours_asks_for_is_refused(queue, kind, changes):
    body = queue._encode_request(of_each_kind(queue.spider)[kind])
    queue._decode_request(body)
    with pytest.raises(ForeignRequest) as refusal:
        queue._decode_request(json.dumps(json.loads(body) | changes).encode())
    assert len(str(refusal.value)) < 120, "what somebody else wrote is not shown"


@pytest.mark.parametrize(
    "body",
    [pickle.dumps({"url": URL}), b"", b"null", b"[]", b"1", b"\xff", b"[" * 200_000, b'{"url": NaN}',
     b"9" * 5000, b'{"url": "' + URL.encode()],
)  # fmt: skip
def test_bytes_that_are_no_request_are_refused_by_name(queue, body):
    with pytest.raises(ForeignRequest):
        queue._decode_request(body)


def test_what_is_told_by_nobody_of_the_fleet_proves_nothing(pair, redis):
    one, _ = pair
    dead = FleetQueue(redis, "backfill", "dead", 0)
    dead.enter("x", "there")
    redis.sadd("kompas:backfill:proven", "2021-08-26", "\x1b[2J")
    redis.hset("kompas:backfill:failed", mapping={ID: "no json", "b": "[1]", "c": '{"worker": {}}'})
    left = one.leave()
    assert left.is_spoiled
    assert (left.days, left.failed) == ((date(2021, 8, 26),), ())


# What the workers have in common.


@pytest.fixture
def pair(redis: Redis) -> tuple[FleetQueue, FleetQueue]:
    """Two workers of one fleet, of which nobody notices within the test that they are dead."""
    both = tuple(FleetQueue(redis, "backfill", name, 100) for name in "ab")
    assert [each.enter("x", "here") for each in both] == [("first", ""), ("joined", "")]
    return both


def test_the_most_urgent_request_is_taken_first_and_of_equals_the_oldest(pair):
    one, other = pair
    for name, priority in (("low", 0), ("old", 10), ("new", 10)):
        assert one.push(name, "", priority, name.encode())
    assert not other.push("old", "", 10, b"again"), "the fleet asks once"
    assert [other.pop()[1] for _ in range(3)] == [b"old", b"new", b"low"]
    assert other.pop() is None
    assert one.remaining() == 3, "what is leased is not done"


def test_a_lease_that_ended_goes_to_another_worker_and_the_first_cannot_end_it(redis):
    asleep, awake = (
        FleetQueue(redis, "backfill", "a", 0.05),
        FleetQueue(redis, "backfill", "b", 100),
    )
    asleep.push("x", "", 0, b"x")
    token, _ = asleep.pop()
    assert awake.pop() is None
    time.sleep(0.1)
    assert awake.pop() == (token, b"x")
    assert asleep.renew([token]) == 1, "one lease is lost"
    assert not asleep.ack(token, [], {})
    assert awake.remaining() == 1
    assert awake.ack(token, [], {})
    assert awake.remaining() == 0


def test_a_worker_that_stops_gives_back_at_once_what_it_holds(pair):
    one, other = pair
    one.push("x", "", 0, b"x")
    token, _ = one.pop()
    one.release([token])
    assert other.pop() == (token, b"x")


def test_the_last_worker_deletes_the_keys_and_takes_the_failures_of_the_dead(redis, pair):
    one, _ = pair
    dead = FleetQueue(redis, "backfill", "dead", 0)
    dead.enter("x", "there")
    one.push("x", "", 0, b"x")
    token, _ = one.pop()
    failure = {"id": "2021/08/26/162226370", "url": URL, "reason": "http-500"}
    dead.ack("none", ["2021-08-26"], {failure["id"]: failure})
    one.ack(token, ["2021-08-27"], {})
    left = [each.leave() for each in pair]
    assert [each.workers for each in left] == [1, 0]
    assert [[f.reason for f in each.failed] for each in left] == [["http-500"], []]
    assert set(left[0].days) == {date(2021, 8, 26), date(2021, 8, 27)}
    assert left[0].folders == 2
    assert redis.keys("*") == [b"kompas:backfill:done"]
    assert one.enter("x", "here") == ("done", ""), "who comes late does not begin anew"
    assert one.enter("y", "here") == ("first", "")


def test_a_fleet_refuses_a_worker_with_other_arguments(pair, redis):
    stranger = FleetQueue(redis, "backfill", "c", 100)
    assert stranger.enter("since=9d", "here") == ("other", "x")


def test_what_is_stored_since_before_is_not_asked_for(pair):
    one, other = pair
    one.add_known(f"2021/08/26/{number:09}" for number in range(2500))
    assert not other.push("a", "2021/08/26/000002499", 0, b"a")
    assert other.push("b", "2021/08/26/000002500", 0, b"b")


def test_all_workers_share_one_pace_every_wait_and_being_turned_away(pair):
    one, other = pair
    assert one.wait(10) == 0
    assert 5 < other.wait(10) <= 10
    one.answered(20)
    assert 15 < other.wait(10) <= 20
    one.hold(100)
    assert 90 < other.wait(10) <= 100
    one.end("blocked")
    assert other.wait(10) is None


def test_keys_are_cleaned_only_when_nobody_is_at_work(redis, pair):
    one, other = pair
    one.push("x", "", 0, b"x")
    assert one.clean() == 2
    one.leave()
    other.leave()
    assert one.remaining() == 1, "a queue that is not empty waits for the next workers"
    assert one.clean() == 0
    assert redis.keys("*") == []


@pytest.mark.parametrize(
    ("spider", "arguments", "settings", "says"),
    [
        ("backfill", {}, {}, None),
        ("international", {}, {}, "cannot share"),
        ("backfill", {"recheck": "2d"}, {}, "recheck compares"),
        ("backfill", {}, {"KOMPAS_WORKER": "a/b"}, "is no name"),
        ("backfill", {}, {"KOMPAS_REDIS_URL": "http://127.0.0.1/"}, "is no address"),
        ("backfill", {}, {"KOMPAS_REDIS_URL": "redis://127.0.0.1:x/"}, "is no address"),
        ("backfill", {}, {"KOMPAS_REDIS_URL": "redis:///0?host=10.0.0.7"}, "is no address"),
        ("backfill", {}, {"KOMPAS_REDIS_URL": "redis://127.0.0.1:6379/0"}, "has no password"),
        ("backfill", {}, {"KOMPAS_REDIS_URL": "redis://user@127.0.0.1:6379/0"}, "has no password"),
        ("backfill", {}, {"KOMPAS_REDIS_URL": "redis://:secret@127.0.0.1:6379/0"}, None),
        ("backfill", {}, {"KOMPAS_REDIS_URL": "unix:///run/redis/redis.sock?db=1"}, None),
        ("backfill", {}, {"KOMPAS_REDIS_URL": "redis://:secret@10.0.0.7/0"}, "in the clear"),
        ("backfill", {}, {"KOMPAS_REDIS_URL": "rediss://10.0.0.7/0"}, "has no password"),
        (
            "backfill",
            {},
            {"KOMPAS_REDIS_URL": "rediss://:secret@10.0.0.7/0?ssl_cert_reqs=none"},
            "not accepted",
        ),
        ("backfill", {}, {"KOMPAS_REDIS_URL": "rediss://:secret@10.0.0.7/0"}, None),
        (
            "backfill",
            {},
            {"KOMPAS_REDIS_URL": "redis://127.0.0.1:6379/0", "KOMPAS_REDIS_TRUST": "1"},
            None,
        ),
        (
            "backfill",
            {},
            {"KOMPAS_REDIS_URL": "rediss://10.0.0.7/0", "KOMPAS_REDIS_TRUST": "1"},
            "has no password",
        ),
        ("international", {"recheck": "2d"}, {"KOMPAS_REDIS_URL": ""}, None),
    ],
)
def test_what_cannot_be_shared_is_refused_in_one_sentence(spider, arguments, settings, says):
    told = Settings({"KOMPAS_REDIS_URL": "redis://:secret@127.0.0.1:6379/0", **settings})
    if says is None:
        check_fleet(spider, arguments, told)
    else:
        with pytest.raises(BadArgument, match=says):
            check_fleet(spider, arguments, told)


@pytest.mark.parametrize("scheme", ["redis", "rediss"])
@pytest.mark.parametrize("mark", ["/", "#", "?", "@", "[", ":", "\u2100", "%2F", "%73"])
def test_a_refusal_shows_no_part_of_the_password(scheme, mark):
    for url in (
        f"{scheme}://:{PASSWORD[0]}{mark}{PASSWORD[1]}@10.0.0.7:6379/0",
        f"{scheme}://user:{PASSWORD[0]}{mark}{PASSWORD[1]}@h:x/0",
    ):
        assert not [part for part in PASSWORD if part in refusal_of(url)]


def refusal_of(url: str) -> str:
    try:
        check_fleet("backfill", {}, Settings({"KOMPAS_REDIS_URL": url}))
    except BadArgument as refusal:
        return "".join(traceback.format_exception(refusal))
    return ""


@pytest.mark.parametrize(
    "answer", ["-ERR unknown command 'HELLO', args: '{}' \x1b[2J", "-WRONGPASS {}", "nonsense {}"]
)
def test_what_a_server_answers_is_not_shown_for_it_may_hold_the_password(answer):
    class Server(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                while self.request.recv(4096):
                    self.request.sendall(answer.format("rahasia").encode() + b"\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        with pytest.raises(BadArgument, match="no Redis answers") as refusal:
            connect(f"redis://:rahasia@127.0.0.1:{server.server_address[1]}/0")
        server.shutdown()
    assert "rahasia" not in str(refusal.value)
    assert "\x1b" not in str(refusal.value)


def test_a_password_of_any_characters_opens_the_door_and_none_does_not(redis):
    redis.config_set("requirepass", "a/b#c?d@e:f")
    path = redis.get_connection_kwargs()["path"]
    assert connect(f"unix://:a%2Fb%23c%3Fd%40e%3Af@{path}").ping()
    with pytest.raises(BadArgument, match=r"AuthenticationError$"):
        connect(f"unix://{path}")


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not here")
def test_the_certificate_of_a_redis_with_tls_is_checked(tmp_path):
    server = shutil.which("redis-server") or pytest.skip("no redis-server is installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]
    words += ["-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*words, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [server, "--port", "0", "--tls-port", str(port), "--requirepass", "rahasia"]
    words += ["--tls-cert-file", key.with_name("certificate.pem"), "--tls-key-file", key]
    words += ["--tls-auth-clients", "no", "--bind", "127.0.0.1", "--save", ""]
    url = f"rediss://:rahasia@localhost:{port}/0"
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.DEVNULL) as process:
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        try:
            assert connect(f"{url}?ssl_ca_certs={certificate}").ping()
            with pytest.raises(BadArgument, match="no Redis answers"):
                connect(url)
            with pytest.raises(BadArgument, match="no Redis answers"):
                connect(f"{url.replace('localhost', '127.0.0.1')}?ssl_ca_certs={certificate}")
        finally:
            process.terminate()


# Without Redis.


def test_a_redis_that_does_not_answer_at_start_is_one_sentence_and_a_line(tmp_path, crawl):
    owed = {"id": "2026/11/20/101112370", "url": "https://www.kompas.com/", "reason": "x"}
    before = {"crawl": "a", "spider": "backfill", "coverage": [], "pending": [owed]}
    (tmp_path / "output").mkdir()
    (tmp_path / "output" / "crawls.jsonl").write_text(json.dumps(before) + "\n")
    silent = f"unix://{tmp_path}/none.sock"
    done = crawl(None, "backfill", "since=2026-11-20", KOMPAS_REDIS_URL=silent)
    assert done.code == 2
    (sentence,) = done.log.splitlines()
    assert sentence.startswith("backfill: no Redis answers at KOMPAS_REDIS_URL")
    assert (done.line["outcome"], done.line["reason"]) == ("partial", "no-redis")
    assert done.line["arguments"] == {"since": "2026-11-20"}
    assert [entry["id"] for entry in done.line["pending"]] == [owed["id"]], "it is still owed"
    assert done.line["covered"] == []


def test_a_mistake_of_the_arguments_leaves_no_line_where_redis_is_silent(tmp_path, crawl):
    silent = f"unix://{tmp_path}/none.sock"
    done = crawl(None, "backfill", "since=never", KOMPAS_REDIS_URL=silent)
    assert (done.code, done.lines) == (2, [])
    done = crawl(None, "backfill", "since=1d", KOMPAS_REDIS_URL=silent, KOMPAS_MAX_TRIES="x")
    assert (done.code, done.lines) == (2, [])


class FakeScrapyd(BaseHTTPRequestHandler):
    """Takes jobs as Scrapyd does: it has nothing against two of one id."""

    jobs: list[dict[str, str]]

    def do_GET(self) -> None:
        pending = [{"id": job["jobid"]} for job in self.jobs]
        self._answer({"status": "ok", "pending": pending, "running": [], "finished": []})

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.jobs.append({name: value for name, (value,) in form.items()})
        self._answer({"status": "ok"})

    def _answer(self, told: dict[str, Any]) -> None:
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[list[list[dict[str, str]]]]:
    """Two Scrapyd servers that a scrapy.cfg names n1 and n2; the jobs of each."""
    servers, lines = [], ["[settings]", "default = kompas_crawler.settings"]
    for number in (1, 2):
        handler = type("Node", (FakeScrapyd,), {"jobs": []})
        servers.append(HTTPServer(("127.0.0.1", 0), handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        lines += [f"[deploy:n{number}]", f"url = http://127.0.0.1:{servers[-1].server_port}/"]
    (tmp_path / "scrapy.cfg").write_text("\n".join(lines))
    yield [server.RequestHandlerClass.jobs for server in servers]
    for server in servers:
        server.shutdown()
        server.server_close()


def planned(cwd: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scrapy", "backfill-plan", *options],
        check=False,
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def test_days_are_shared_out_over_scrapyd_nodes_once(nodes, tmp_path):
    given = ("--since", "2026-11-01", "--until", "2026-11-05", "--on", "n1", "--on", "n2", "--post")
    first, second = planned(tmp_path, *given), planned(tmp_path, *given)
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert [[(job["until"], job["since"]) for job in jobs] for jobs in nodes] == [
        [("2026-11-05", "2026-11-03")],
        [("2026-11-02", "2026-11-01")],
    ]
    assert {job["setting"] for jobs in nodes for job in jobs} == {"DOWNLOAD_DELAY=2"}
    assert second.stdout.count("already scheduled") == 2


def test_a_plan_can_be_read_before_it_is_carried_out():
    jobs = plan([date(2026, 11, 2), date(2026, 11, 1)], 9, 1.5)
    assert [job.curl(None) for job in jobs] == [
        f'curl -fsS "$NODE_{node}/schedule.json" -d project=kompas_crawler -d spider=backfill'
        f" -d jobid=backfill-{day}-{day}-node-{node}-of-9 -d setting=DOWNLOAD_DELAY=3"
        f" -d since={day} -d until={day}"
        for node, day in ((1, "2026-11-02"), (2, "2026-11-01"))
    ]
    with pytest.raises(BadArgument, match="at least 1"):
        plan([date(2026, 11, 2)], 0, 1.0)
