"""The schema of a line of `crawls.jsonl`.

A line that was edited by hand or damaged on disk must not decide what is proven. Fields that later
versions add are accepted; the known ones must have their types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import fastjsonschema

from kompas_crawler.archive.record import object_in
from kompas_crawler.errors import BrokenRecord
from kompas_crawler.runs.state import State

_TEXT = {"type": "string"}
_NUMBER = {"type": "number", "minimum": 0}
_COUNT = {"type": "integer", "minimum": 0, "maximum": 10**12}
# Moments have an offset, and lie in the time of Kompas.com.
_MOMENT = {
    "type": "string",
    "pattern": r"^(199[5-9]|20\d\d)-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$",
}
_DAY = {"type": "string", "pattern": r"^(199[5-9]|20\d\d)-\d\d-\d\d$"}
_TEXTS = {"type": "array", "items": _TEXT}
_COUNTS = {"type": "object", "additionalProperties": _COUNT}
_STRETCHES = {
    "type": "array",
    "items": {"type": "array", "items": _MOMENT, "minItems": 2, "maxItems": 2},
}


def or_none(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of what may also be null."""
    return {"anyOf": [schema, {"type": "null"}]}


def _rows(*required: str, **known: Mapping[str, Any]) -> dict[str, Any]:
    fields = dict.fromkeys(required, _TEXT) | known
    return {
        "type": "array",
        "items": {"type": "object", "required": [*required], "properties": fields},
    }


_OWED = _rows("id", "url", "reason", tries=_COUNT, found=_TEXT)

SCHEMA: Mapping[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "required": ["crawl"],
    "properties": {
        **dict.fromkeys(("crawl", "spider", "section", "outcome", "reason"), _TEXT),
        **dict.fromkeys(("started_at", "finished_at"), _MOMENT),
        **dict.fromkeys(("since", "until", "followed_since"), or_none(_MOMENT)),
        **dict.fromkeys(("covered", "coverage"), _STRETCHES),
        **dict.fromkeys(("requests", "lists", "listed", "known", "read", "stored"), _COUNT),
        **dict.fromkeys(("revised", "unchanged", "duplicates", "invalid", "not_fetched"), _COUNT),
        **dict.fromkeys(("failed", "pending"), _OWED),
        "given_up": _rows("id", tries=_COUNT),
        "gone": _rows("id", url=_TEXT, status=_COUNT, seen_at=_MOMENT),
        **dict.fromkeys(("refused", "layouts", "warnings"), _COUNTS),
        **dict.fromkeys(("median_words", "newest_age_hours"), or_none({"type": "number"})),
        "arguments": {"type": "object"},
        "off_section": _rows("id"),
        "failed_listings": _rows("url", "reason"),
        "unknown_listings": _TEXTS,
        "given_up_days": {"type": "array", "items": _DAY},
        "owed_days": {
            "type": "object",
            "propertyNames": _DAY,
            "additionalProperties": _COUNT,
        },
        "deaths": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["number", "last"],
                "properties": {"number": _COUNT, "last": _MOMENT},
            },
        },
        "fields": {"type": "object", "additionalProperties": _COUNTS},
        "drift": {"type": "array", "items": {"type": ["object", "string"]}},
        "front_items": or_none(_NUMBER),
    },
}


@cache
def _check() -> Callable[[Any], Any]:
    check: Callable[[Any], Any] = fastjsonschema.compile(dict(SCHEMA))
    return check


def run_in(raw: bytes) -> dict[str, Any]:
    """Return the parsed line of `crawls.jsonl`; raise `BrokenRecord` if it is invalid."""
    line = object_in(raw)
    if wrong := wrong_in(line):
        crawl = line.get("crawl")
        raise BrokenRecord(str(crawl)[:80] if isinstance(crawl, str | int) else "a run", (wrong,))
    return line


def wrong_in(line: Any) -> str | None:
    """Return what is wrong in a line of `crawls.jsonl`, None if it is valid.

    >>> wrong_in({"crawl": "x", "coverage": [["2026-11-20T00:00:00", "2026-11-21T00:00:00"]]})
    'coverage[0][0] must match pattern'
    """
    try:
        _check()(line)
    except fastjsonschema.JsonSchemaValueException as error:
        said = str(error.message).removeprefix("data").removeprefix(".")
        return said.partition(" pattern")[0] + (" pattern" if " pattern" in said else "")
    try:
        State.from_line(line)
        for moment in _moments(line):
            datetime.fromisoformat(moment)
    except ValueError as error:
        return str(error)[:200]
    return None


def _moments(line: Mapping[str, Any]) -> Iterator[str]:
    yield from (line[name] for name in ("started_at", "finished_at") if name in line)
    yield from (line[name] for name in ("since", "until") if line.get(name))
    yield from (moment for ends in line.get("covered", ()) for moment in ends)
    yield from (entry["seen_at"] for entry in line.get("gone", ()) if "seen_at" in entry)
