"""Metrics of the runs for Prometheus: a file for node_exporter's textfile collector.

Everything is read from `crawls.jsonl`, so the file may be deleted; the next run writes it again.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Any

from kompas_crawler.archive.atomic_files import atomic_write
from kompas_crawler.characters import replaced
from kompas_crawler.operations.health import ended_at, valid_run_lines
from kompas_crawler.runs.outcome import EXIT_CODES, Outcome
from kompas_crawler.runs.run import COUNTS

LOOK_BACK = timedelta(days=31)  # a spider that did not run for longer is left out

_HEADS = {
    "kompas_run_outcome": "1 for the outcome of the spider's last run, 0 for the others.",
    "kompas_run_exit_code": "Exit code of the last run.",
    "kompas_run_end_timestamp_seconds": "When the last run ended.",
    "kompas_run_duration_seconds": "How long the last run took.",
    "kompas_run_count": "What the last run counted, by the names of crawls.jsonl.",
    "kompas_run_failed": "Articles the last run could not get.",
    "kompas_owed": "Articles known and not stored yet, of all runs.",
    "kompas_last_complete_timestamp_seconds": "When a run was last complete.",
}


def exposition(lines: Iterable[Mapping[str, Any]], now: datetime) -> str:
    """Return the metrics of every spider in Prometheus's text format.

    `lines` are those of `crawls.jsonl`, newest first; they are read back for `LOOK_BACK`.
    """
    last: dict[str, Mapping[str, Any]] = {}
    complete: dict[str, datetime] = {}
    for line in takewhile(lambda line: ended_at(line) >= now - LOOK_BACK, valid_run_lines(lines)):
        last.setdefault(line["spider"], line)
        if line["outcome"] == Outcome.COMPLETE:
            complete.setdefault(line["spider"], ended_at(line))
    values: dict[str, list[str]] = {name: [] for name in _HEADS}
    for spider, line in sorted(last.items()):
        for name, labels, value in _samples(line, complete.get(spider)):
            given = {"spider": spider, **labels}
            shown = ",".join(f'{label}="{_escaped(text)}"' for label, text in given.items())
            values[name].append(f"{name}{{{shown}}} {value:.15g}\n")
    return "".join(
        f"# HELP {name} {head}\n# TYPE {name} gauge\n{''.join(values[name])}"
        for name, head in _HEADS.items()
        if values[name]
    )


def write(path: Path, text: str) -> None:
    """Replace a file at once: a reader sees the old content or the new one.

    A link is followed. Raises OSError, also for a device or a pipe, which are never replaced.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is no regular file")
    with atomic_write(path) as file:
        file.write(text.encode(errors="replace"))
        os.fchmod(file.fileno(), 0o644)  # the collector runs as another user


def _escaped(value: str) -> str:
    r"""Return a label's value as the text format writes it.

    >>> print(_escaped('a"b\\c' + chr(10)))
    a\"b\\c\n
    """
    return replaced(value).replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _samples(
    line: Mapping[str, Any], complete: datetime | None
) -> Iterator[tuple[str, dict[str, str], float]]:
    end = ended_at(line)
    for outcome in Outcome:
        was_it = line["outcome"] == outcome
        yield "kompas_run_outcome", {"outcome": str(outcome)}, float(was_it)
    yield "kompas_run_exit_code", {}, EXIT_CODES[Outcome(line["outcome"])]
    yield "kompas_run_end_timestamp_seconds", {}, end.timestamp()
    duration = end - datetime.fromisoformat(line["started_at"])
    yield "kompas_run_duration_seconds", {}, duration.total_seconds()
    for name in COUNTS:
        yield "kompas_run_count", {"what": name}, line.get(name, 0)
    yield "kompas_run_failed", {}, len(line.get("failed", ())) + line.get("not_fetched", 0)
    yield "kompas_owed", {}, len(line.get("pending", ()))
    if complete is not None:
        yield "kompas_last_complete_timestamp_seconds", {}, complete.timestamp()
