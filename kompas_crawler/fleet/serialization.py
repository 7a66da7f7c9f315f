"""The JSON form of a request in the shared queue, and the checks of what is read from it.

Anyone who can write to that Redis can put anything there. Nothing is unpickled or imported: a
request has exactly the fields below, a callback of our spiders, and an address of Kompas.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import date, datetime
from functools import cache
from typing import Any

import fastjsonschema

from kompas_crawler.archive.record import from_record, to_record
from kompas_crawler.archive.schema import shipped_schema
from kompas_crawler.errors import BrokenRecord, ForeignRequest
from kompas_crawler.items import Article
from kompas_crawler.pages import Reading
from kompas_crawler.runs.evidence import ListEvidence
from kompas_crawler.spiders.daily_index import IndexProgress
from kompas_crawler.urls import article_id, is_kompas, kind_of

#: Callback: its errback and what both are given. Only these methods can be named in the queue.
CALLBACKS: Mapping[str, tuple[str, frozenset[str]]] = {
    "parse_article": ("article_failed", frozenset({"article_id"})),
    "parse_page": ("page_failed", frozenset({"article_id", "readings"})),
    "parse_index": ("index_failed", frozenset({"walk", "page"})),
}
#: What of a request's meta another worker needs. The rest is this worker's own: its proxy with the
#: password, its timeouts, or what lets a request pass robots.txt.
META = ("retry_times", "redirect_times", "redirect_ttl", "redirect_urls", "redirect_reasons")

#: The numbers of what a list has shown so far.
COUNTED = ("listed", "strangers", "of_day", "again", "elsewhere", "fullest", "idle")

_DAY = {"type": "string", "format": "date"}
_TEXTS = {"type": "array", "items": {"type": "string"}}
_COUNT = {"type": "integer", "minimum": 0, "maximum": 10**9}
_URGENCY = {"type": "integer", "minimum": -(10**9), "maximum": 10**9}


def _object(**properties: Any) -> dict[str, Any]:
    """Return the schema of an object that has all these keys and no other."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


_META = _object(
    retry_times=_COUNT,
    redirect_times=_COUNT,
    redirect_ttl=_COUNT,
    redirect_urls=_TEXTS,
    redirect_reasons={"type": "array", "items": {"type": ["integer", "string"]}},
)
_SHOWN = _object(
    day={"type": ["string", "null"]},
    seen=_TEXTS,
    clocks=_TEXTS,
    volumes={"type": "object", "additionalProperties": _COUNT},
    **dict.fromkeys(COUNTED, _COUNT),
    announced={"type": "boolean"},
    doubt={"type": ["array", "null"], "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
)
_WALK = _object(
    day=_DAY,
    site={"type": "string"},
    home={"type": ["string", "null"]},
    then={"type": "array", "items": {"type": "array", "items": [_DAY, _DAY], "minItems": 2}},
    shown=_SHOWN,
    failed={"type": "boolean"},
    tried=_TEXTS,
)


def dumps(told: Mapping[str, Any]) -> bytes:
    """Return the JSON of a `Request.to_dict`, with only what another worker needs."""
    written = {name: told[name] for name in ("url", "callback", "errback", "priority")}
    written["meta"] = {name: told["meta"][name] for name in META if name in told["meta"]}
    referers = [each.decode("latin-1") for each in told["headers"].get(b"Referer", ())]
    written["headers"] = {"Referer": referers[0]} if referers else {}
    written["cb_kwargs"] = {
        name: _WRITERS.get(name, _as_it_is)(value) for name, value in told["cb_kwargs"].items()
    }
    return json.dumps(written).encode()


def loads(body: bytes) -> dict[str, Any]:
    r"""Return the dict that Scrapy's `request_from_dict` takes; ForeignRequest for anything else.

    >>> loads(b"cposix\nsystem\n(S'true'\ntR.")
    Traceback (most recent call last):
    kompas_crawler.errors.ForeignRequest: no JSON
    """
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ForeignRequest("no JSON") from error
    try:
        _schema_check()(told)
    except fastjsonschema.JsonSchemaValueException as misfit:
        raise ForeignRequest(f"not the fields of a request: {misfit.name}") from misfit
    _check_callback(told)
    try:
        given = {name: _READERS.get(name, _as_it_is)(v) for name, v in told["cb_kwargs"].items()}
    except (BrokenRecord, ValueError) as error:
        raise ForeignRequest("its values are none of a crawl") from error
    before = told["meta"].get("redirect_urls", ())
    if not all(map(is_kompas, told["headers"].values())) or not _are_asked_for(
        (told["url"], *before), given
    ):
        raise ForeignRequest("an address that is not asked for so")
    return {**told, "cb_kwargs": given, "dont_filter": True}


def _check_callback(told: Mapping[str, Any]) -> None:
    expected = CALLBACKS.get(told["callback"])
    if expected != (told["errback"], frozenset(told["cb_kwargs"])):
        raise ForeignRequest("a callback that no spider of ours names so")


def _are_asked_for(addresses: Iterable[str], given: Mapping[str, Any]) -> bool:
    """Tell whether a list is requested as a list, and an article as that article."""
    if "walk" in given:
        return all(is_kompas(each) and kind_of(each) == "listing" for each in addresses)
    read = [each.article for each in given.get("readings", ())]
    found = (*addresses, *(each.url for each in read))
    ids = {each.id for each in read}.union(map(article_id, found))
    return all(map(is_kompas, found)) and ids == {given["article_id"]}


@cache
def _schema_check() -> Any:
    record = shipped_schema()
    unset = {f.name: {"type": "null"} for f in fields(Article) if "required" in f.metadata}
    article = {**record, "properties": {**record["properties"], **unset}}  # not stored yet
    reading = _object(
        article=article,
        rules={"type": "object", "additionalProperties": {"type": "string"}},
        page={"type": ["integer", "null"]},
    )
    given = {
        "article_id": {"type": "string"},
        "readings": {"type": "array", "items": reading, "minItems": 1, "maxItems": 1000},
        "walk": _WALK,
        "page": {"type": "integer", "minimum": 1, "maximum": 10**6},
    }
    request = _object(
        url={"type": "string"},
        callback={"type": "string"},
        errback={"type": "string"},
        priority=_URGENCY,
        headers={**_object(Referer={"type": "string", "pattern": r"^[!-~]+\Z"}), "required": []},
        meta={**_META, "required": []},
        cb_kwargs={**_object(**given), "required": []},
    )
    return fastjsonschema.compile(request, use_default=False)


def _as_it_is(value: Any) -> Any:
    return value


def _write_walk(walk: IndexProgress) -> dict[str, Any]:
    return {
        "day": walk.day.isoformat(),
        "site": walk.site,
        "home": walk.home,
        "then": [[day.isoformat() for day in stretch] for stretch in walk.then],
        "shown": _write_shown(walk.shown),
        "failed": walk.failed,
        "tried": sorted(walk.tried),
    }


def _read_walk(told: Mapping[str, Any]) -> IndexProgress:
    day = date.fromisoformat
    then = tuple((day(newest), day(oldest)) for newest, oldest in told["then"])
    if any(newest < oldest for newest, oldest in then):
        raise ValueError("days that run backwards")
    read = {"day": day(told["day"]), "then": then, "shown": _read_shown(told["shown"])}
    return IndexProgress(**{**told, **read, "tried": set(told["tried"])})


def _write_shown(shown: ListEvidence) -> dict[str, Any]:
    return {
        **{name: getattr(shown, name) for name in (*COUNTED, "announced")},
        "day": shown.day.isoformat() if shown.day else None,
        "seen": sorted(shown.seen),
        "clocks": [clock.isoformat() for clock in shown.clocks],
        "volumes": {day.isoformat(): count for day, count in shown.volumes.items()},
        "doubt": list(shown.doubt) if shown.doubt else None,
    }


def _read_shown(told: Mapping[str, Any]) -> ListEvidence:
    clocks = [datetime.fromisoformat(clock) for clock in told["clocks"]]
    if any(clock.tzinfo is None for clock in clocks):
        raise ValueError("a clock without a zone")
    read: dict[str, Any] = {
        "day": date.fromisoformat(told["day"]) if told["day"] else None,
        "seen": set(told["seen"]),
        "clocks": clocks,
        "volumes": Counter({date.fromisoformat(d): n for d, n in told["volumes"].items()}),
        "doubt": tuple(told["doubt"]) if told["doubt"] else None,
    }
    return ListEvidence(**{**told, **read})


def _write_readings(readings: list[Reading]) -> list[dict[str, Any]]:
    return [
        {"article": to_record(each.article), "rules": dict(each.rules), "page": each.page}
        for each in readings
    ]


def _read_readings(told: list[Mapping[str, Any]]) -> list[Reading]:
    return [
        Reading(article=from_record(each["article"]), rules=each["rules"], page=each["page"])
        for each in told
    ]


_WRITERS: Mapping[str, Callable[[Any], Any]] = {"walk": _write_walk, "readings": _write_readings}
_READERS: Mapping[str, Callable[[Any], Any]] = {"walk": _read_walk, "readings": _read_readings}
