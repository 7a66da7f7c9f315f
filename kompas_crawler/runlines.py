"""What may a line of `crawls.jsonl` hold?

A line that a person edited, or that a bad disk spoiled, must not decide what is proven. Fields that
a version to come adds are let through; those known here have their types.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import fastjsonschema

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


def _or_none(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _rows(*required: str, **known: Mapping[str, Any]) -> dict[str, Any]:
    fields = dict.fromkeys(required, _TEXT) | known
    return {
        "type": "array",
        "items": {"type": "object", "required": [*required], "properties": fields},
    }


_OWED = _rows("id", "url", "reason", tries=_COUNT)

SCHEMA: Mapping[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "required": ["crawl"],
    "properties": {
        **dict.fromkeys(("crawl", "spider", "section", "outcome", "reason"), _TEXT),
        **dict.fromkeys(("started_at", "finished_at"), _MOMENT),
        **dict.fromkeys(("since", "until", "followed_since"), _or_none(_MOMENT)),
        **dict.fromkeys(("covered", "coverage"), _STRETCHES),
        **dict.fromkeys(("requests", "lists", "listed", "known", "read", "stored"), _COUNT),
        **dict.fromkeys(("revised", "unchanged", "duplicates", "invalid", "not_fetched"), _COUNT),
        **dict.fromkeys(("failed", "pending"), _OWED),
        **dict.fromkeys(("given_up", "gone"), _rows("id")),
        **dict.fromkeys(("refused", "layouts", "warnings"), _COUNTS),
        **dict.fromkeys(("median_words", "newest_age_hours"), _or_none({"type": "number"})),
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
        "front_items": _or_none(_NUMBER),
    },
}


@cache
def _check() -> Callable[[Any], Any]:
    check: Callable[[Any], Any] = fastjsonschema.compile(dict(SCHEMA))
    return check


def wrong_in(line: Any) -> str | None:
    """Return what is wrong in a line of `crawls.jsonl`, None for one that may be read.

    >>> wrong_in({"crawl": "x", "coverage": [["2026-11-20T00:00:00", "2026-11-21T00:00:00"]]})
    'coverage[0][0] must match pattern'
    """
    try:
        _check()(line)
    except fastjsonschema.JsonSchemaValueException as error:
        said = str(error.message).removeprefix("data").removeprefix(".")
        return said.partition(" pattern")[0] + (" pattern" if " pattern" in said else "")
    return None
