"""Notifications of runs that ended badly: what is sent, to whom and how often.

Nothing is sent until the environment names a receiver: addresses and secrets are read only from
there, because settings appear in process lists and logs. The run's line is written and its lock
released before anything is sent, and a failed message does not change the outcome of the run.

Messages are sent with the standard library. Apprise cannot keep what docs/operations.md promises:
its json:// carries strings only, its result does not say why a message failed, its Telegram API
address is fixed, and urllib3 logs the path of a webhook, which is a secret, at DEBUG.
"""

from __future__ import annotations

import json
import logging
import os
import re
import smtplib
import ssl
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from http.client import HTTPException
from itertools import chain
from pathlib import Path
from socket import gethostname
from time import monotonic
from typing import Any, Protocol
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, build_opener

from scrapy.settings import BaseSettings

from kompas_crawler import __version__
from kompas_crawler.archive.files import open_to_append
from kompas_crawler.characters import in_all, plain, replaced
from kompas_crawler.errors import BadArgument, StorageFailed
from kompas_crawler.operations import metrics
from kompas_crawler.operations.health import ended_at, valid_run_lines
from kompas_crawler.runs.log import CrawlLog
from kompas_crawler.runs.outcome import AS_ASKED, MEANINGS, Outcome
from kompas_crawler.secret_urls import NoRedirects, parts_of
from kompas_crawler.timezones import WIB
from kompas_crawler.wording import duration, moment_in_words, number_of, sentence, shown_path

logger = logging.getLogger(__name__)

# Schedulers start runs some minutes early or late; a daily run still notifies every day.
SCHEDULE_TOLERANCE = timedelta(minutes=5)
MOST_EXAMPLES = 3
TELEGRAM = "https://api.telegram.org"
# Its time of change is that of the last message about a line that could not be written.
STORAGE_NOTICE = ".storage-told"


#: What a person should do after each outcome; `{root}` is the output directory.
REMEDIES: Mapping[Outcome, str] = {
    Outcome.PARTIAL: "nothing at first; if it lasts a day, `scrapy verify` names what was given up.",
    Outcome.DRIFT: "run `scrapy doctor`, then add what is new to pages/layouts.py (docs/layouts.md).",
    Outcome.BLOCKED: "run less often or ask Kompas for permission; do not work around it.",
    Outcome.UNREACHABLE: "check the network, name service and proxy of this host.",
    Outcome.STORAGE: "free some space, or correct the permissions: `df -h {root}; ls -ld {root}`.",
    Outcome.LOCKED: "nothing if the other run goes on; if it hangs, stop it (kill -INT).",
}
#: What happens without any action, by outcome.
AUTOMATIC_RECOVERY: Mapping[Outcome, str] = {
    Outcome.PARTIAL: "the next run asks again for what is missing.",
    Outcome.DRIFT: "what can still be read is stored; the rest is noted and asked for again.",
    Outcome.BLOCKED: "the next run asks again, at the same pace; what is stored stays.",
    Outcome.UNREACHABLE: "the next run continues where this one ended.",
    Outcome.STORAGE: "the next run continues where this one ended, once there is space.",
    Outcome.LOCKED: "the run that holds the directory does the work; nothing is lost.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """The kind of a failure, without the numbers and addresses that differ between runs."""

    spider: str
    outcome: str
    reasons: frozenset[str]

    @classmethod
    def of(cls, line: Mapping[str, Any]) -> Incident:
        """Return the incident that a line of `crawls.jsonl` describes."""
        return cls(
            spider=line["spider"], outcome=line["outcome"], reasons=frozenset(_reasons(line))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message for people, and the same as `facts` for programs."""

    subject: str
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class Channel(Protocol):
    """A way of sending to one receiver."""

    @property
    def name(self) -> str:
        """The name in the log."""

    def send(self, message: Message, timeout: float) -> None:
        """Send, or raise OSError, HTTPException or ValueError; seconds bound each wait."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """POSTs a JSON object whose `text` Slack and Mattermost show; the other keys are the facts."""

    url: str = field(repr=False)
    name: str = "webhook"

    def send(self, message: Message, timeout: float) -> None:
        text = f"{message.subject}\n{message.text}"
        _post(self.url, {"text": text, "subject": message.subject, **message.facts}, timeout)


@dataclass(frozen=True, slots=True)
class Telegram:
    """Sends through a bot of Telegram."""

    token: str = field(repr=False)
    chat: str
    api: str = TELEGRAM
    name: str = "Telegram"

    def send(self, message: Message, timeout: float) -> None:
        text = f"{message.subject}\n{message.text}"[:4096]  # Telegram's limit
        sent = {"chat_id": self.chat, "text": text, "disable_web_page_preview": True}
        _post(f"{self.api}/bot{self.token}/sendMessage", sent, timeout)


@dataclass(frozen=True, slots=True)
class Mail:
    """Sends mail through `smtp://[USER:PASSWORD@]HOST[:PORT]`, or `smtps://` for TLS throughout.

    A password is never sent in the clear: with one, `smtp://` demands STARTTLS.
    """

    server: str = field(repr=False)
    sender: str
    receivers: tuple[str, ...]
    name: str = "mail"

    def send(self, message: Message, timeout: float) -> None:
        mail = EmailMessage()
        mail["Subject"], mail["From"] = message.subject, self.sender
        mail["To"] = ", ".join(self.receivers)
        mail.set_content(message.text)
        with self._connected(timeout) as smtp:
            self._log_in(smtp)
            smtp.send_message(mail)

    def _connected(self, timeout: float) -> smtplib.SMTP:
        parts = urlsplit(self.server)
        host, port = parts.hostname or "", parts.port or 0
        if parts.scheme == "smtps":
            trust = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, port, timeout=timeout, context=trust)
        return smtplib.SMTP(host, port, timeout=timeout)

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        parts = urlsplit(self.server)
        if not (parts.username and parts.password):
            return
        if parts.scheme == "smtp":
            smtp.starttls(context=ssl.create_default_context())
        smtp.login(unquote(parts.username), unquote(parts.password))


def channels(environ: Mapping[str, str]) -> list[Channel]:
    """Return a channel for every receiver that the environment names; raise BadArgument."""
    found: list[Channel] = []
    if url := environ.get("KOMPAS_MESSAGE_WEBHOOK"):
        _check("KOMPAS_MESSAGE_WEBHOOK", url, "http", "https")
        found.append(Webhook(url))
    if server := environ.get("KOMPAS_MESSAGE_SMTP"):
        _check("KOMPAS_MESSAGE_SMTP", server, "smtp", "smtps")
        to = tuple(environ.get("KOMPAS_MESSAGE_TO", "").replace(",", " ").split())
        if not to:
            raise BadArgument(
                "KOMPAS_MESSAGE_SMTP needs KOMPAS_MESSAGE_TO, the receivers of the mail"
            )
        found.append(Mail(server, environ.get("KOMPAS_MESSAGE_FROM") or to[0], to))
    if token := environ.get("KOMPAS_TELEGRAM_TOKEN"):
        if not environ.get("KOMPAS_TELEGRAM_CHAT"):
            raise BadArgument("KOMPAS_TELEGRAM_TOKEN needs KOMPAS_TELEGRAM_CHAT, the receiver")
        api = environ.get("KOMPAS_TELEGRAM_API") or TELEGRAM
        _check("KOMPAS_TELEGRAM_API", api, "http", "https")
        found.append(Telegram(token, environ["KOMPAS_TELEGRAM_CHAT"], api.rstrip("/")))
    return found


def report_run_end(line: Mapping[str, Any], root: Path, settings: BaseSettings) -> None:
    """Write the metrics file and notify the receivers that the environment names.

    `line` is the run's line of `crawls.jsonl`, whether it could be written or not.
    """
    if told := settings["KOMPAS_METRICS_FILE"]:
        _write_metrics(Path(os.path.expanduser(told)), line, root)  # noqa: PTH111 - `~nosuch` is a name
    every = timedelta(hours=settings.getfloat("KOMPAS_MESSAGE_EVERY"))
    timeout = settings.getfloat("KOMPAS_MESSAGE_TIMEOUT")
    notify(line, root, os.environ, every=every, timeout=timeout)


def notify(
    line: Mapping[str, Any],
    root: Path,
    environ: Mapping[str, str],
    *,
    every: timedelta,
    timeout: float,
) -> None:
    """Send one message for a run that failed, unless the same incident was sent within `every`.

    A run that was complete or stopped by a person is no incident. Waits `timeout` seconds at most;
    failures to send are logged.
    """
    if line["outcome"] in AS_ASKED:
        return
    try:
        ways = channels(environ)
    except BadArgument as refusal:
        logger.error("No message can be sent: %s", refusal)
        return
    if ways and _is_due(line, root, every):
        deliver(message_of(line, root, every), ways, timeout)


def message_of(line: Mapping[str, Any], root: Path, every: timedelta) -> Message:
    """Return the message about a run: the evidence, and what to do."""
    outcome, host, seen = Outcome(line["outcome"]), gethostname(), main_evidence(line)
    reasons = sorted(Incident.of(line).reasons)
    numbers = {name: line.get(name, 0) for name in ("stored", "revised", "known", "requests")}
    hours = f"{every / timedelta(hours=1):g}"
    said = [
        sentence(MEANINGS[outcome].partition(";")[0]),
        f"Seen: {seen}" if seen else "",
        f"Why: {', '.join(reasons)}." if set(reasons) - {outcome} else "",
        *(f"See {url}" for url in _examples(line) if url not in seen),
        f"To do: {REMEDIES[outcome].format(root=root)}",
        f"By itself: {AUTOMATIC_RECOVERY[outcome]}",
        _since_when(line, root),
        f"This run: {_numbers(line)}, after {run_duration(line)}.",
        f"Where: spider {line['spider']} on {host}, in {root}, run {line['crawl']}.",
        f"More in docs/operations.md. It is repeated after {hours} hours if the problem persists.",
    ]
    facts = {name: line[name] for name in ("crawl", "spider", "outcome", "started_at")}
    facts |= {"host": host, "evidence": seen}
    return Message(
        subject=f"kompas_crawler on {host}: {line['spider']} ended as {outcome}",
        text="\n".join(each for each in said if each),
        facts={**facts, **numbers, "reasons": reasons, "output": str(root)},
    )


def final_summary(line: Mapping[str, Any], root: Path) -> str:
    """Return one line on the end of a run: duration, reason, counts and what is pending."""
    outcome, pending = Outcome(line["outcome"]), _pending(line)
    said = [
        main_evidence(line) if outcome is not Outcome.COMPLETE else "",
        f"{_numbers(line)} in {shown_path(root)}",
        f"still to fetch: {pending}" if pending else "",
    ]
    told = " ".join(sentence(each) for each in said if each)
    return f"{run_duration(line)}: {MEANINGS[outcome]}. {told}"


def main_evidence(line: Mapping[str, Any]) -> str:
    """Return the main evidence for the outcome of a run, "" if there is none."""
    for found in line.get("drift", ()):
        if not isinstance(found, str) and found.get("says"):
            was = f"{found.get('was')} before, {found.get('now')} now"
            return f"{found['says']} ({was}), for example {found.get('example')}"
    return str(line.get("evidence") or "")


def run_duration(line: Mapping[str, Any]) -> str:
    """Return how long a run took."""
    return duration(ended_at(line) - datetime.fromisoformat(line["started_at"]))


def _numbers(line: Mapping[str, Any]) -> str:
    names = {"stored": "new", "revised": "changed", "known": "already stored"}
    told = [f"{line.get(name, 0):,} {word}" for name, word in names.items()]
    gone = len(line.get("gone", ()))
    told += [f"{gone:,} removed by Kompas"] if gone else []
    return ", ".join([*told, number_of(line.get("requests", 0), "request")])


def _pending(line: Mapping[str, Any]) -> str:
    counts = {"article": len(line.get("pending", ())), "day": len(line.get("owed_days", ()))}
    return ", ".join(number_of(count, thing) for thing, count in counts.items() if count)


def _since_when(line: Mapping[str, Any], root: Path) -> str:
    """Return since when no run was complete, and when one was last complete."""
    since, number, complete = datetime.fromisoformat(line["started_at"]), 1, None
    for each in _lines(root):
        if each["spider"] != line["spider"] or each["crawl"] == line["crawl"]:
            continue
        if each["outcome"] == Outcome.COMPLETE:
            complete = ended_at(each)
            break
        since, number = datetime.fromisoformat(each["started_at"]), number + 1
    told = f"last complete {moment_in_words(complete)}" if complete else "never complete before"
    runs = f"{number_of(number, 'run')} without a complete one"
    return f"Since: {moment_in_words(since)}, {runs}; {told}."


def deliver(message: Message, ways: Sequence[Channel], timeout: float) -> Mapping[str, str]:
    """Send through all channels at once, waiting `timeout` seconds at most.

    Returns the reason of each failure by the name of its channel; the log holds them, too.
    """
    message = Message(
        subject=plain(message.subject),
        text=replaced(message.text),
        facts=in_all(message.facts, replaced),
    )
    sendings = [_Delivery(way, message, timeout) for way in ways]
    deadline = monotonic() + timeout
    for sending in sendings:
        sending.start()
    for sending in sendings:
        sending.join(max(0.0, deadline - monotonic()))
    # One that still waits dies with the process.
    failed = {sending.way.name: sending.failure() for sending in sendings}
    return {name: why for name, why in failed.items() if why}


def is_due(earlier: Iterable[datetime], now: datetime, every: timedelta) -> bool:
    """Return whether to send, given the times of earlier equal incidents, newest first.

    The first one was sent, and the next whenever `every` had passed since the last message.

    >>> day, hour = timedelta(hours=24), timedelta(hours=1)
    >>> now = datetime(2026, 11, 23, 12)
    >>> is_due([], now, day), is_due([now - hour], now, day)
    (True, False)
    >>> is_due([now - n * hour for n in range(1, 25)], now, day)
    True
    """
    pause = every - SCHEDULE_TOLERANCE
    met, latest = [], now
    for moment in earlier:
        if latest - moment >= pause:
            break
        met.append(moment)
        latest = moment
    told = None
    for moment in reversed(met):
        if told is None or moment - told >= pause:
            told = moment
    return told is None or now - told >= pause


class _Delivery(threading.Thread):
    """The sending of one message, in a thread: resolving a host name has no timeout."""

    def __init__(self, way: Channel, message: Message, timeout: float) -> None:
        super().__init__(daemon=True)
        self.way = way
        self.message = message
        self.timeout = timeout
        self.failed = "no answer in time"

    def run(self) -> None:
        try:
            self.way.send(self.message, self.timeout)
        except (OSError, HTTPException, ValueError) as error:
            self.failed = _without_secrets(error)
        else:
            self.failed = ""

    def failure(self) -> str:
        """Return why the message was not sent, "" if it was; the log holds the same."""
        if failed := self.failed:
            logger.error("No message was sent by %s: %s", self.way.name, failed)
        else:
            logger.info("Sent by %s: %s", self.way.name, self.message.subject)
        return failed


def _write_metrics(path: Path, line: Mapping[str, Any], root: Path) -> None:
    unwritten = [line] if line["outcome"] == Outcome.STORAGE else []
    text = metrics.exposition(chain(unwritten, _lines(root)), datetime.now(WIB))
    try:
        metrics.write(path, text)
    except OSError as error:
        logger.error("The metrics were not written to %s: %s", path, error.strerror)


def _lines(root: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the lines of `crawls.jsonl`, newest first, until one cannot be read."""
    try:
        yield from valid_run_lines(CrawlLog(root).newest_first())
    except (OSError, StorageFailed):  # the run could not write there either, and reports that
        return


def _reasons(line: Mapping[str, Any]) -> Iterator[str]:
    if line.get("reason", "finished") not in ("finished", line["outcome"]):
        yield str(line["reason"])
    yield from line.get("refused", {})
    yield from (str(each["reason"]) for each in line.get("failed_listings", ()))
    if line.get("unknown_listings"):
        yield "unknown-list"
    yield from (_drift_reason(each) for each in line.get("drift", ()))


def _drift_reason(found: Mapping[str, Any] | str) -> str:
    """Return what drifted, without figures and addresses."""
    told = found if isinstance(found, str) else f"{found.get('what')}-{found.get('rule') or 'all'}"
    return re.sub(r"https?://\S+|[0-9][0-9.,]*%?", "#", told)


def _examples(line: Mapping[str, Any]) -> list[str]:
    drifted = (each.get("example") for each in line.get("drift", ()) if not isinstance(each, str))
    found = [url for url in drifted if url]
    found += line.get("unknown_listings", ())
    found += [each["url"] for name in ("failed_listings", "failed") for each in line.get(name, ())]
    return list(dict.fromkeys(found))[:MOST_EXAMPLES]


def _is_due(line: Mapping[str, Any], root: Path, every: timedelta) -> bool:
    now = datetime.fromisoformat(line["started_at"])
    if not is_due(_met_before(line, root), now, every):
        return False
    return line["outcome"] != Outcome.STORAGE or _mark_if_new(root / STORAGE_NOTICE, now, every)


def _met_before(line: Mapping[str, Any], root: Path) -> Iterator[datetime]:
    """Yield the start of earlier runs with the same incident, newest first."""
    trouble = Incident.of(line)
    for each in _lines(root):
        same = each["outcome"] == trouble.outcome and Incident.of(each) == trouble
        if same and each["crawl"] != line["crawl"]:
            yield datetime.fromisoformat(each["started_at"])


def _mark_if_new(mark: Path, now: datetime, every: timedelta) -> bool:
    """Return whether no storage incident was sent recently, and mark that one is sent now.

    On a full disk the run has no line; an empty file can nearly always be created.
    """
    try:
        told = mark.lstat().st_mtime if os.path.lexists(mark) else 0.0
        is_new = now.timestamp() - told >= (every - SCHEDULE_TOLERANCE).total_seconds()
        if is_new:
            fd = open_to_append(mark)
            os.utime(fd)
            os.close(fd)
    except OSError:
        return True
    return is_new


def _check(name: str, url: str, *schemes: str) -> None:
    is_web = "http" in schemes
    parts = parts_of(url, has_path=is_web)
    if parts is None or parts.scheme not in schemes or not parts.hostname:
        raise BadArgument(
            f"{name} must be an address that begins with {schemes[-1]}://; in a password write"
            " / as %2F, # as %23, ? as %3F and @ as %40"
        )
    if is_web and "@" in parts.netloc:
        raise BadArgument(f"{name} may not hold a user name or a password: they would not be sent")


def _post(url: str, told: Mapping[str, Any], timeout: float) -> None:
    head = {"Content-Type": "application/json", "User-Agent": f"kompas_crawler/{__version__}"}
    request = Request(url, json.dumps(told).encode(), head)  # noqa: S310 - see `_check`
    try:
        with build_opener(NoRedirects).open(request, timeout=timeout) as answer:
            answer.read(1024)
    except HTTPError as refusal:
        refusal.close()
        raise


def _without_secrets(error: Exception) -> str:
    """Return the name of an error; its own text may hold the address, which is a secret."""
    if isinstance(error, HTTPError):
        return f"HTTP {error.code}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__}, code {error.smtp_code}"
    cause = getattr(error, "reason", error)
    told = getattr(cause, "strerror", None)
    return f"{type(cause).__name__}{f', {told}' if told else ''}"
