"""Notifications of runs that ended badly: what is sent and how often; `channels` says to whom.

Nothing is sent until the environment names a receiver. The run's line is written and its lock
released before anything is sent, and a failed message does not change the outcome of the run.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from shlex import quote
from socket import gethostname
from typing import Any

from scrapy.settings import BaseSettings

from kompas_crawler.archive.files import open_to_append
from kompas_crawler.errors import BadArgument, MissingPackage, StorageFailed
from kompas_crawler.operations import metrics
from kompas_crawler.operations.channels import Message, channels, deliver
from kompas_crawler.operations.health import ended_at, valid_run_lines
from kompas_crawler.runs.log import CrawlLog
from kompas_crawler.runs.outcome import AS_ASKED, MEANINGS, REMEDIES, Outcome
from kompas_crawler.timezones import WIB
from kompas_crawler.wording import duration, moment_in_words, number_of, sentence, shown_path

logger = logging.getLogger(__name__)

# Schedulers start runs some minutes early or late; a daily run still notifies every day.
SCHEDULE_TOLERANCE = timedelta(minutes=5)
MOST_EXAMPLES = 3
# Its time of change is that of the last message about a line that could not be written.
STORAGE_NOTICE = ".storage-told"


def report_run_end(line: Mapping[str, Any], root: Path, settings: BaseSettings) -> None:
    """Write the metrics file and notify the receivers that the environment names.

    `line` is the run's line of `crawls.jsonl`, whether it could be written or not.
    """
    if given := settings["KOMPAS_METRICS_FILE"]:
        _write_metrics(Path(os.path.expanduser(given)), line, root)  # noqa: PTH111 - `~nosuch` is a name
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
    except (BadArgument, MissingPackage) as refusal:
        logger.error("No message can be sent: %s", refusal)
        return
    if ways and _is_due(line, root, every):
        deliver(message_of(line, root, every), ways, timeout)


def message_of(line: Mapping[str, Any], root: Path, every: timedelta) -> Message:
    """Return the message about a run: the evidence, and what to do."""
    outcome, host, seen = Outcome(line["outcome"]), gethostname(), main_evidence(line)
    meaning, _, follows = MEANINGS[outcome].partition("; ")
    reasons = sorted(set(_reasons(line)))
    numbers = {name: line.get(name, 0) for name in ("stored", "revised", "known", "requests")}
    hours = f"{every / timedelta(hours=1):g}"
    parts = [
        sentence(meaning),
        f"Seen: {seen}" if seen else "",
        f"Why: {', '.join(reasons)}." if set(reasons) - {outcome} else "",
        *(f"See {url}" for url in _examples(line) if url not in seen),
        f"To do: {REMEDIES[outcome].format(root=quote(str(root)))}.",
        f"By itself: {follows}.",
        _since_when(line, root),
        f"This run: {_numbers(line)}, after {run_duration(line)}.",
        f"Where: spider {line['spider']} on {host}, in {root}, run {line['crawl']}.",
        f"More in docs/operations.md. It is repeated after {hours} hours if the problem persists.",
    ]
    facts = {name: line[name] for name in ("crawl", "spider", "outcome", "started_at")}
    facts |= {"host": host, "evidence": seen}
    return Message(
        subject=f"kompas_crawler on {host}: {line['spider']} ended as {outcome}",
        text="\n".join(each for each in parts if each),
        facts={**facts, **numbers, "reasons": reasons, "output": str(root)},
    )


def final_summary(line: Mapping[str, Any], root: Path) -> str:
    """Return one line on the end of a run: duration, reason, counts and what is pending."""
    outcome, pending = Outcome(line["outcome"]), _pending(line)
    parts = [
        main_evidence(line) if outcome is not Outcome.COMPLETE else "",
        f"{_numbers(line)} in {shown_path(root)}",
        f"still to fetch: {pending}" if pending else "",
    ]
    text = " ".join(sentence(each) for each in parts if each)
    return f"{run_duration(line)}: {MEANINGS[outcome]}. {text}"


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
    counts = [f"{line.get(name, 0):,} {word}" for name, word in names.items()]
    gone = len(line.get("gone", ()))
    counts += [f"{gone:,} removed by Kompas"] if gone else []
    return ", ".join([*counts, number_of(line.get("requests", 0), "request")])


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
    before = f"last complete {moment_in_words(complete)}" if complete else "never complete before"
    runs = f"{number_of(number, 'run')} without a complete one"
    return f"Since: {moment_in_words(since)}, {runs}; {before}."


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
    pause, met = every - SCHEDULE_TOLERANCE, [now]
    for moment in earlier:
        if met[-1] - moment >= pause:
            break
        met.append(moment)
    due, sent = True, met.pop()
    for moment in reversed(met):
        if due := moment - sent >= pause:
            sent = moment
    return due


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


def incident_of(line: Mapping[str, Any]) -> tuple[str, str, frozenset[str]]:
    """Return the kind of a failure, without the numbers and addresses that differ between runs."""
    return line["spider"], line["outcome"], frozenset(_reasons(line))


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
    name = found if isinstance(found, str) else f"{found.get('what')}-{found.get('rule') or 'all'}"
    return re.sub(r"https?://\S+|[0-9][0-9.,]*%?", "#", name)


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
    incident = incident_of(line)
    for each in _lines(root):
        if each["crawl"] != line["crawl"] and incident_of(each) == incident:
            yield datetime.fromisoformat(each["started_at"])


def _mark_if_new(mark: Path, now: datetime, every: timedelta) -> bool:
    """Return whether no storage incident was sent recently, and mark that one is sent now.

    On a full disk the run has no line; an empty file can nearly always be created.
    """
    try:
        sent = mark.lstat().st_mtime if os.path.lexists(mark) else 0.0
        is_new = now.timestamp() - sent >= (every - SCHEDULE_TOLERANCE).total_seconds()
        if is_new:
            fd = open_to_append(mark)
            os.utime(fd)
            os.close(fd)
    except OSError:
        return True
    return is_new
