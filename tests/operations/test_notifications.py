"""Who is told of a run that was not complete: real servers on loopback, and runs that fail."""

from __future__ import annotations

import email
import email.policy
import json
import logging
import os
import re
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import HTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kompas_crawler.characters import UNSAFE
from kompas_crawler.errors import BadArgument
from kompas_crawler.operations import metrics, notifications
from kompas_crawler.operations.channels import Message, channels, deliver
from kompas_crawler.operations.health import Health
from kompas_crawler.operations.notifications import incident_of, is_due, message_of
from kompas_crawler.runs.log import CrawlLog
from kompas_crawler.runs.outcome import Outcome
from kompas_crawler.runs.run import Run
from kompas_crawler.runs.state import State
from kompas_crawler.timezones import WIB
from tests import forked
from tests.conftest import ROOT, command, environment, runs
from tests.in_process import run_in_process
from tests.recording_server import recording

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=WIB)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HELLO = Message(subject="Halo", text="satu\ndua", facts={"spider": "x"})


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def webhook() -> Iterator[HTTPServer]:
    with recording(lambda path, body: (path, json.loads(body))) as server:
        yield server


class Postman(socketserver.StreamRequestHandler):
    """As much SMTP as takes a mail; it offers to take a password, but no TLS."""

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline():
            word = line.split()[0].upper()
            if word == b"EHLO":
                self.wfile.write(b"250-here\r\n250 AUTH PLAIN LOGIN\r\n")
                continue
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                mail = iter(self.rfile.readline, b".\r\n")
                self.server.received.append(b"".join(mail).decode())
            self.wfile.write({b"QUIT": b"221 bye", b"AUTH": b"235 in"}.get(word, b"250 fine"))
            self.wfile.write(b"\r\n")


@pytest.fixture
def smtp() -> Iterator[socketserver.TCPServer]:
    with socketserver.TCPServer(("127.0.0.1", 0), Postman) as server:
        server.received = []
        server.url = f"smtp://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


def line(**changes: Any) -> dict[str, Any]:
    run = Run(id="international-1", spider="international", started_at=NOW)
    reason = changes.pop("reason", "finished")
    outcome = Outcome(changes.pop("outcome", "partial"))
    return run.to_line(outcome, reason, NOW + HOUR, State()) | changes


# Each way to a receiver.


def test_a_webhook_gets_text_for_people_and_facts_for_programs(webhook):
    assert deliver(HELLO, channels({"KOMPAS_MESSAGE_WEBHOOK": f"{webhook.url}/hook"}), 5) == {}
    told = {"text": "Halo\nsatu\ndua", "subject": "Halo", "spider": "x"}
    assert webhook.received == [("/hook", told)]


def test_telegram_is_asked_as_its_bot_api_wants_it(webhook):
    told = {"KOMPAS_TELEGRAM_TOKEN": "1:abc", "KOMPAS_TELEGRAM_CHAT": "-100"}
    assert deliver(HELLO, channels(told | {"KOMPAS_TELEGRAM_API": webhook.url}), 5) == {}
    ((path, sent),) = webhook.received
    assert path == "/bot1:abc/sendMessage"
    assert (sent["chat_id"], sent["text"]) == ("-100", "Halo\nsatu\ndua")


def test_mail_reaches_all_receivers(smtp):
    told = {"KOMPAS_MESSAGE_SMTP": smtp.url, "KOMPAS_MESSAGE_TO": "a@example.org, b@example.org"}
    assert deliver(HELLO, channels(told), 5) == {}
    (mail,) = smtp.received
    assert "Subject: Halo\r\nFrom: a@example.org\r\nTo: a@example.org, b@example.org" in mail
    assert mail.endswith("\r\n\r\nsatu\r\ndua\r\n")


def test_apprise_sends_to_each_of_its_addresses(webhook):
    urls = f"{apprise_url(webhook, 'one')}\n{apprise_url(webhook, 'two')}"
    assert deliver(HELLO, channels({"KOMPAS_MESSAGE_APPRISE": urls}), 5) == {}
    sent = {path: (told["title"], told["message"]) for path, told in webhook.received}
    assert sent == dict.fromkeys(("/one", "/two"), ("Halo", "satu\ndua"))


def apprise_url(server: HTTPServer, path: str) -> str:
    """The address of a path of a web server, as Apprise writes it."""
    return f"json://127.0.0.1:{server.server_address[1]}/{path}"


@pytest.mark.parametrize(("status", "location"), [(500, None), (302, "/elsewhere")])
def test_apprise_says_why_it_failed_and_logs_no_address(webhook, caplog, status, location):
    caplog.set_level(logging.DEBUG)
    webhook.status, webhook.location = status, location
    url = apprise_url(webhook, "rahasia")
    failed = deliver(HELLO, channels({"KOMPAS_MESSAGE_APPRISE": url}), 5)
    assert failed == {"Apprise 1 (json)": f"OSError, HTTP {status}"}
    assert [path for path, _ in webhook.received] == ["/rahasia"]
    assert "rahasia" not in log_of_run(caplog)


def log_of_run(caplog: pytest.LogCaptureFixture) -> str:
    """What handlers of the root logger get; pytest also listens to loggers that do not propagate."""
    records = [each for each in caplog.records if logging.getLogger(each.name).propagate]
    return "\n".join(f"{each.getMessage()} {each!r}" for each in records)


def test_apprise_may_be_missing(monkeypatch, tmp_path, caplog):
    monkeypatch.setitem(sys.modules, "apprise", None)
    told = {"KOMPAS_MESSAGE_APPRISE": "ntfy://ntfy.sh/rahasia"}
    notifications.notify(line(), tmp_path, told, every=DAY, timeout=2)
    assert "apprise: pip install -r requirements-apprise.txt" in caplog.text


def test_a_password_is_never_sent_in_the_clear(smtp, caplog):
    server = smtp.url.replace("//", "//user:geheim@")
    told = {"KOMPAS_MESSAGE_SMTP": server, "KOMPAS_MESSAGE_TO": "a@example.org"}
    assert deliver(HELLO, channels(told), 5) == {"mail": "SMTPNotSupportedError"}
    assert smtp.received == []
    assert "geheim" not in caplog.text


def test_who_does_not_answer_is_not_waited_for(caplog):
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the connection, says nothing
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/rahasia"
        failed = deliver(HELLO, channels({"KOMPAS_MESSAGE_WEBHOOK": url}), 0.2)
    assert list(failed) == ["webhook"]
    assert "rahasia" not in caplog.text


@pytest.mark.parametrize("status", [404, 500])
def test_a_refusal_is_told_without_the_address(webhook, caplog, status):
    webhook.status = status
    url = f"{webhook.url}/rahasia"
    assert deliver(HELLO, channels({"KOMPAS_MESSAGE_WEBHOOK": url}), 5) == {
        "webhook": f"HTTP {status}"
    }
    assert "rahasia" not in caplog.text
    assert "rahasia" not in repr(channels({"KOMPAS_MESSAGE_WEBHOOK": url}))


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"KOMPAS_MESSAGE_WEBHOOK": "hooks.example.org/1"}, "KOMPAS_MESSAGE_WEBHOOK must be"),
        ({"KOMPAS_MESSAGE_SMTP": "https://mail.example.org"}, "begins with smtps://"),
        ({"KOMPAS_MESSAGE_SMTP": "smtp://mail.example.org"}, "needs KOMPAS_MESSAGE_TO"),
        ({"KOMPAS_TELEGRAM_TOKEN": "1:abc"}, "needs KOMPAS_TELEGRAM_CHAT"),
        ({"KOMPAS_MESSAGE_APPRISE": "json://127.0.0.1/ nosuch://1:abc"}, "address 2 is none"),
        ({"KOMPAS_MESSAGE_APPRISE": "mailto://me:1:abc@gmail.com"}, "write mailtos://"),
    ],
)
def test_what_cannot_work_is_said_in_one_sentence(told, says):
    with pytest.raises(BadArgument, match=says) as refusal:
        channels(told)
    assert "1:abc" not in str(refusal.value)


MARKS = ("/", "#", "?", "@", "[", "]", ":", " ", "\\", '"', "%2F", "%73", "\u2100", "\n")


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("KOMPAS_MESSAGE_SMTP", "smtp://user:{}@127.0.0.1:9"),
        ("KOMPAS_MESSAGE_SMTP", "smtps://user:{}@127.0.0.1:x"),
        ("KOMPAS_MESSAGE_WEBHOOK", "http://user:{}@127.0.0.1:9/hook"),
        ("KOMPAS_MESSAGE_WEBHOOK", "http://127.0.0.1:9/hook/{}"),
        ("KOMPAS_TELEGRAM_API", "http://user:{}@127.0.0.1:9"),
        ("KOMPAS_TELEGRAM_TOKEN", "{}"),
        ("KOMPAS_MESSAGE_APPRISE", "json://user:{}@127.0.0.1:9"),
        ("KOMPAS_MESSAGE_APPRISE", "json://127.0.0.1:9/{}"),
        ("KOMPAS_MESSAGE_APPRISE", "nosuch://{}"),
    ],
)
def test_no_password_is_shown_whatever_characters_it_holds(name, url, mark, tmp_path, caplog):
    telegram = {"KOMPAS_TELEGRAM_TOKEN": "1", "KOMPAS_TELEGRAM_CHAT": "-1"}
    telegram["KOMPAS_TELEGRAM_API"] = "http://127.0.0.1:9"
    told = {"KOMPAS_MESSAGE_TO": "a@example.org"} | telegram
    told[name] = url.format(f"sangat{mark}rahasia")
    notifications.notify(line(), tmp_path, told, every=DAY, timeout=2)
    shown = log_of_run(caplog)
    assert shown, "that nobody was told is told"
    assert not [part for part in ("sangat", "rahasia") if part in shown]


COMMANDS = "\x1b[2J\x07\x9b\u2028\u202e\u2066\u061c\U000e0041\r\nBcc: x@example.org"


def test_no_message_holds_what_commands_a_terminal_or_forges_a_header(webhook, smtp, tmp_path):
    told = {"KOMPAS_MESSAGE_WEBHOOK": webhook.url, "KOMPAS_MESSAGE_SMTP": smtp.url}
    told |= {"KOMPAS_TELEGRAM_API": webhook.url, "KOMPAS_TELEGRAM_TOKEN": "1"}
    told |= {"KOMPAS_TELEGRAM_CHAT": "-1", "KOMPAS_MESSAGE_TO": "a@example.org"}
    told["KOMPAS_MESSAGE_APPRISE"] = apprise_url(webhook, "")
    failed = [{"url": f"https://www.kompas.com/{COMMANDS}", "reason": COMMANDS}]
    drift = [{"what": COMMANDS, "rule": COMMANDS, "example": COMMANDS}]
    hostile = line(failed_listings=failed, refused={COMMANDS: 1}, spider=COMMANDS, drift=drift)
    notifications.notify(hostile, tmp_path / "a\u202eb", told, every=DAY, timeout=5)
    assert len(webhook.received) == 3
    (mail,) = smtp.received
    parsed = email.message_from_string(mail, policy=email.policy.default)
    assert parsed["Bcc"] is None
    shown = [str(parsed["Subject"]), parsed.get_content()]
    for _, sent in webhook.received:
        shown.append(json.dumps(sent, ensure_ascii=False))
        shown += [text for text in sent.values() if isinstance(text, str)]
    assert len(shown) > 8
    assert [text for text in shown if UNSAFE.search(text.replace("\n", ""))] == []


def test_a_message_follows_no_redirect(webhook):
    webhook.status, webhook.location = 302, "http://127.0.0.1:9/elsewhere"
    failed = deliver(HELLO, channels({"KOMPAS_MESSAGE_WEBHOOK": webhook.url}), 5)
    assert failed == {"webhook": "HTTP 302"}


def test_nobody_is_told_by_default():
    assert channels({}) == []


# How often.


@pytest.mark.parametrize("step", [HOUR, timedelta(minutes=17), timedelta(hours=5), DAY])
def test_a_trouble_that_stays_is_told_at_once_and_then_once_a_day(step):
    met, told = [], []
    for n in range(int(5 * DAY / step)):
        # Schedulers are late by seconds.
        moment = NOW + n * step + timedelta(seconds=7 * (n % 3))
        if is_due(reversed(met), moment, DAY):
            told.append(moment)
        met.append(moment)
    assert told[0] == NOW
    gaps = [later - earlier for earlier, later in pairwise(told)]
    late = step if DAY % step else notifications.SCHEDULE_TOLERANCE
    assert gaps
    assert all(DAY - notifications.SCHEDULE_TOLERANCE <= gap < DAY + late for gap in gaps)


def test_a_pause_of_zero_hours_tells_every_time():
    assert is_due([NOW - timedelta(seconds=1)], NOW, timedelta())


def test_a_trouble_is_the_same_whatever_its_numbers_and_addresses():
    one = line(refused={"http-500": 1}, failed_listings=[{"url": "https://a/1", "reason": "x"}])
    two = line(refused={"http-500": 9}, failed_listings=[{"url": "https://b/2", "reason": "x"}])
    other = line(refused={"http-502": 1}, failed_listings=[{"url": "https://a/1", "reason": "x"}])
    assert incident_of(one) == incident_of(two) != incident_of(other)
    assert incident_of(one) != incident_of(line(**one | {"spider": "backfill"}))
    title = {"what": "title", "rule": "printed", "was": 1.0, "example": "https://www.kompas.com/1"}
    drift = line(outcome="drift", drift=[title])
    later = line(outcome="drift", drift=[title | {"was": 0.93, "example": "https://a/9"}])
    assert incident_of(drift) == incident_of(later)
    body = line(outcome="drift", drift=[title | {"what": "text"}])
    assert incident_of(drift) != incident_of(body)


def test_a_message_tells_what_why_where_and_what_to_do():
    bad = line(
        outcome="drift",
        refused={"IncompleteArticle": 3},
        drift=[{"what": "title", "rule": "printed", "example": "https://www.kompas.com/x"}],
        stored=4,
    )
    told = message_of(bad, Path("/var/lib/kompas"), DAY)
    host = socket.gethostname()
    assert told.subject == f"kompas_crawler on {host}: international ended as drift"
    for part in (
        "Kompas has changed its pages",
        "Why: IncompleteArticle, title-printed.",
        "4 new",
        "See https://www.kompas.com/x",
        "run `scrapy doctor`",
        "what can still be read is stored",
        f"international on {host}, in /var/lib/kompas, run international-1.",
        "docs/operations.md",
        "24 hours",
    ):
        assert part in told.text
    assert told.facts["reasons"] == ["IncompleteArticle", "title-printed"]


def test_a_message_tells_since_when_and_in_the_right_numbers(tmp_path):
    crawl_log = CrawlLog(tmp_path)
    days = [("complete", 3), ("blocked", 2), ("partial", 1)]
    for outcome, back in days:
        began = NOW - back * DAY
        ended_at = (began + HOUR).isoformat()
        old = line(
            outcome=outcome, started_at=began.isoformat(), finished_at=ended_at, crawl=outcome
        )
        crawl_log.append(lambda _, old=old: old)
    bad = line(
        outcome="blocked", evidence="HTTP 429 on https://www.kompas.com/robots.txt", requests=1
    )
    text = message_of(bad, tmp_path, DAY).text
    assert "Seen: HTTP 429 on https://www.kompas.com/robots.txt\n" in text
    assert (
        "Since: 21 November 2026, 12:00 WIB, 3 runs without a complete one;"
        " last complete 20 November 2026, 13:00 WIB.\n"
    ) in text
    assert "0 already stored, 1 request, after 1 h." in text
    first = message_of(bad, tmp_path / "new", DAY).text
    assert "1 run without a complete one; never complete before." in first


@pytest.mark.parametrize(
    "outcome", [o for o in Outcome if o not in (Outcome.COMPLETE, Outcome.STOPPED)]
)
def test_every_message_tells_what_to_do_and_what_comes_by_itself(outcome, tmp_path):
    text = message_of(line(outcome=outcome), tmp_path, DAY).text
    assert re.search(r"^To do: \S.*\.$", text, re.MULTILINE)
    assert re.search(r"^By itself: \S.*\.$", text, re.MULTILINE)
    assert "{root}" not in text


# Whole runs.


def ended(output: Path, told: dict[str, str], **settings: str) -> subprocess.CompletedProcess[str]:
    """Run without a network: every run ends as `unreachable`."""
    nowhere = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
    quick = {"RETRY_TIMES": "0", "KOMPAS_MESSAGE_TIMEOUT": "3"}
    return forked.run(
        command("articles", "url=2021/08/26/162226370", **quick | settings),
        cwd=ROOT,
        env=environment(None, output) | nowhere | {"no_proxy": "127.0.0.1"} | told,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_run_tells_its_trouble_once_and_leaves_metrics(webhook, tmp_path):
    output, textfile = tmp_path / "output", tmp_path / "kompas.prom"
    told = {"KOMPAS_MESSAGE_WEBHOOK": webhook.url, "KOMPAS_METRICS_FILE": str(textfile)}
    done = [ended(output, told) for _ in range(2)]
    assert [each.returncode for each in done] == [13, 13], done[0].stderr
    ((_, sent),) = webhook.received
    assert (sent["spider"], sent["outcome"]) == ("articles", "unreachable")
    assert sent["crawl"] == runs(output)[0]["crawl"]
    assert sent["host"] == socket.gethostname()
    assert "Connection refused (errno 111) on https://www.kompas.com/robots.txt" in sent["text"]
    assert sent["text"].lower().count("refused") == 1
    assert str(output) in sent["text"]
    samples = textfile.read_text()
    assert 'kompas_run_outcome{spider="articles",outcome="unreachable"} 1' in samples
    assert 'kompas_run_exit_code{spider="articles"} 13' in samples
    assert "kompas_last_complete" not in samples
    assert [path.name for path in tmp_path.glob("*kompas.prom*")] == ["kompas.prom"]


def test_telling_that_fails_changes_nothing_about_the_run(tmp_path):
    output = tmp_path / "output"
    told = {
        "KOMPAS_MESSAGE_WEBHOOK": "http://127.0.0.1:9/rahasia",
        "KOMPAS_METRICS_FILE": str(tmp_path / "nowhere" / "kompas.prom"),
    }
    done = ended(output, told)
    assert done.returncode == 13, done.stderr
    assert runs(output)[0]["outcome"] == "unreachable"
    assert "No message was sent by webhook: ConnectionRefusedError" in done.stderr
    assert f"The metrics were not written to {tmp_path}/nowhere" in done.stderr
    assert "rahasia" not in done.stderr
    assert "Traceback" not in done.stderr


def test_another_trouble_is_told_at_once(webhook, tmp_path):
    told = {"KOMPAS_MESSAGE_WEBHOOK": webhook.url}
    crawl_log = CrawlLog(tmp_path)
    for n, word in enumerate(("a", "b", "a", "b")):
        bad = line(crawl=f"run-{n}", refused={word: n + 1})
        crawl_log.append(lambda _, bad=bad: bad)
        notifications.notify(bad, tmp_path, told, every=DAY, timeout=5)
    assert [sent["crawl"] for _, sent in webhook.received] == ["run-0", "run-1"]


@pytest.mark.parametrize("outcome", ["complete", "stopped"])
def test_a_run_that_is_complete_or_was_stopped_tells_nobody(webhook, tmp_path, outcome):
    told = {"KOMPAS_MESSAGE_WEBHOOK": webhook.url}
    notifications.notify(line(outcome=outcome), tmp_path, told, every=DAY, timeout=5)
    assert webhook.received == []


def test_a_run_that_could_not_write_its_line_tells_so_once(webhook, tmp_path):
    told = {"KOMPAS_MESSAGE_WEBHOOK": webhook.url}
    began = datetime.now(WIB)
    for n in range(3):  # none of them is in crawls.jsonl
        bad = line(outcome="storage", crawl=f"run-{n}", started_at=(began + n * HOUR).isoformat())
        notifications.notify(bad, tmp_path, told, every=DAY, timeout=5)
    assert [sent["crawl"] for _, sent in webhook.received] == ["run-0"]


# Metrics and health.


def history(*told: tuple[str, str, timedelta]) -> list[dict[str, Any]]:
    """Lines, newest first: spider, outcome, age."""
    return [
        line(
            spider=spider,
            outcome=outcome,
            started_at=(NOW - age - HOUR).isoformat(),
            finished_at=(NOW - age).isoformat(),
        )
        for spider, outcome, age in told
    ]


def test_metrics_tell_of_every_spider_its_last_run_and_its_last_complete_one():
    lines = history(
        ("international", "blocked", HOUR),
        ("backfill", "complete", 2 * HOUR),
        ("international", "complete", 3 * HOUR),
        ("international", "complete", 4 * HOUR),
        ("articles", "complete", 32 * DAY),
    )
    samples = dict(
        each.rsplit(" ", 1)
        for each in metrics.exposition(lines, NOW).splitlines()
        if not each.startswith("#")
    )
    assert samples['kompas_run_outcome{spider="international",outcome="blocked"}'] == "1"
    assert samples['kompas_run_outcome{spider="international",outcome="complete"}'] == "0"
    assert samples['kompas_run_outcome{spider="backfill",outcome="complete"}'] == "1"
    name = 'kompas_last_complete_timestamp_seconds{spider="international"}'
    assert float(samples[name]) == (NOW - 3 * HOUR).timestamp()
    assert samples['kompas_run_duration_seconds{spider="international"}'] == "3600"
    assert samples['kompas_run_count{spider="international",what="stored"}'] == "0"
    assert not [each for each in samples if "articles" in each]


def test_a_labels_value_is_escaped_as_prometheus_wants_it(tmp_path):
    odd = 'a"} 1\n# evil\\'
    lines = history((odd, "complete", HOUR), ("half \ud800", "complete", HOUR))
    text = metrics.exposition(lines, NOW)
    assert 'kompas_run_exit_code{spider="a\\"} 1\\n# evil\\\\"} 0\n' in text
    assert all(row.startswith(("# HELP", "# TYPE", "kompas_")) for row in text.splitlines())
    metrics.write(tmp_path / "kompas.prom", text)
    assert (tmp_path / "kompas.prom").read_bytes().count("half \ufffd".encode()) > 5


def test_every_metric_says_what_it_is_and_an_empty_archive_has_none():
    text = metrics.exposition(history(("international", "complete", HOUR)), NOW)
    names = {row.split("{")[0] for row in text.splitlines() if not row.startswith("#")}
    for name in names:
        assert f"# HELP {name} " in text
        assert f"# TYPE {name} gauge\n" in text
    assert metrics.exposition([], NOW) == ""


@pytest.mark.parametrize(
    ("lines", "good", "says"),
    [
        ([], False, "no run yet"),
        ([("backfill", "complete", HOUR)], False, "no run yet, but see --spider backfill"),
        ([("international", "drift", HOUR)], False, "no run was complete yet"),
        ([("international", "complete", 26 * HOUR)], True, "complete 1 d 2 h ago"),
        ([("international", "complete", 27 * HOUR)], False, "complete 1 d 3 h ago"),
        (
            [("international", "locked", HOUR), ("international", "complete", 2 * HOUR)],
            True,
            "the last run ended as locked",
        ),
    ],
)
def test_health_is_a_complete_run_of_late(lines, good, says):
    health = Health.of(history(*lines), "international")
    assert health.is_good(NOW, 26 * HOUR) is good
    assert says in health.describe(NOW)


@pytest.fixture
def scrapy(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*words: str, **told: str) -> subprocess.CompletedProcess[str]:
        return forked.run(
            [sys.executable, "-m", "scrapy", *words, "--output", str(tmp_path)],
            cwd=ROOT,
            env={**os.environ, **forked.WARNINGS, **told},
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


def test_scrapy_health_is_a_health_check_and_tries_the_receivers(scrapy, webhook, tmp_path):
    fresh = line(outcome="complete", finished_at=datetime.now(WIB).isoformat())
    (tmp_path / "crawls.jsonl").write_text(json.dumps(fresh) + "\n")
    assert scrapy("health").returncode == 0
    other = scrapy("health", "--spider", "backfill")
    assert (other.returncode, other.stdout) == (
        1,
        "backfill: no run yet, but see --spider international\n",
    )
    nobody = scrapy("health", "--test-message")
    assert nobody.returncode == 2
    assert "no receiver is named" in nobody.stderr
    told = scrapy("health", "--test-message", KOMPAS_MESSAGE_WEBHOOK=webhook.url)
    assert told.returncode == 0, told.stderr
    assert told.stdout.endswith("webhook: sent\n")
    assert webhook.received[0][1]["subject"] == "kompas_crawler: a test"


def test_a_timer_of_health_sends_a_message_only_if_no_run_was_complete(
    webhook, tmp_path, monkeypatch
):
    monkeypatch.setenv("KOMPAS_MESSAGE_WEBHOOK", webhook.url)
    fresh = line(outcome="complete", finished_at=datetime.now(WIB).isoformat())
    (tmp_path / "crawls.jsonl").write_text(json.dumps(fresh) + "\n")
    assert run_in_process("health", "--notify", output=tmp_path).code == 0
    assert webhook.received == []
    old = fresh | {"finished_at": (datetime.now(WIB) - 2 * DAY).isoformat()}
    (tmp_path / "crawls.jsonl").write_text(json.dumps(old) + "\n")
    assert run_in_process("health", "--notify", output=tmp_path).code == 1
    ((_, sent),) = webhook.received
    assert "no recent complete run of international" in sent["subject"]
    assert "complete 2 d ago" in sent["text"]
    monkeypatch.delenv("KOMPAS_MESSAGE_WEBHOOK")
    assert run_in_process("health", "--notify", output=tmp_path).code == 2


def test_metrics_follow_a_link_and_replace_no_pipe(tmp_path):
    (tmp_path / "real.prom").write_text("old")
    (tmp_path / "link.prom").symlink_to("real.prom")
    metrics.write(tmp_path / "link.prom", "new")
    assert (tmp_path / "link.prom").is_symlink()
    assert (tmp_path / "real.prom").read_text() == "new"
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(OSError, match="no regular file"):
            metrics.write(path, "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.prom", "pipe", "real.prom"]
