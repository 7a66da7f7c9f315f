"""The JSON form of a request in the shared queue, and the checks of what is read from it.

Anyone who can write to that Redis can put anything there. Nothing is unpickled or imported: a
request has exactly the fields below, a callback of our spiders, and an address of Kompas.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from functools import cache
from typing import Annotated, Any

import fastjsonschema
import msgspec
from msgspec import UNSET, UnsetType

from kompas_crawler.archive.record import from_record, to_record
from kompas_crawler.archive.schema import shipped_schema
from kompas_crawler.errors import BrokenRecord, ForeignRequest
from kompas_crawler.items import Article
from kompas_crawler.pages import Reading
from kompas_crawler.spiders.daily_index import IndexProgress
from kompas_crawler.urls import article_id, is_kompas, kind_of

#: Callback: its errback and what both are given. Only these methods can be named in the queue.
CALLBACKS: Mapping[str, tuple[str, frozenset[str]]] = {
    "parse_article": ("article_failed", frozenset({"article_id"})),
    "parse_page": ("page_failed", frozenset({"article_id", "readings"})),
    "parse_index": ("index_failed", frozenset({"walk", "page"})),
}
_Count = Annotated[int, msgspec.Meta(ge=0, le=10**9)]


class _Meta(msgspec.Struct, forbid_unknown_fields=True):
    """What of a request's meta another worker needs.

    The rest is this worker's own: its proxy with the password, its timeouts, or what lets a request
    pass robots.txt.
    """

    retry_times: _Count = 0
    redirect_times: _Count = 0
    redirect_ttl: _Count = 0
    redirect_urls: list[str] = []
    redirect_reasons: list[int | str] = []


class _Headers(msgspec.Struct, forbid_unknown_fields=True):
    Referer: Annotated[str, msgspec.Meta(pattern=r"^[!-~]+\Z")] | UnsetType = UNSET


class _Page(msgspec.Struct, forbid_unknown_fields=True):
    """A page of an article that was read already."""

    article: dict[str, Any]
    rules: dict[str, str]
    page: int | None

    def reading(self) -> Reading:
        """Return the page as it was read; raises ValueError or BrokenRecord."""
        _schema_check()(self.article)
        return Reading(article=from_record(self.article), rules=self.rules, page=self.page)


class _Given(msgspec.Struct, forbid_unknown_fields=True):
    """The arguments of a callback and its errback."""

    article_id: str | UnsetType = UNSET
    readings: Annotated[list[_Page], msgspec.Meta(min_length=1, max_length=1000)] | UnsetType = (
        UNSET
    )
    walk: IndexProgress | UnsetType = UNSET
    page: Annotated[int, msgspec.Meta(ge=1, le=10**6)] | UnsetType = UNSET


class _Request(msgspec.Struct, forbid_unknown_fields=True):
    url: str
    callback: str
    errback: str
    priority: Annotated[int, msgspec.Meta(ge=-(10**9), le=10**9)]
    headers: _Headers
    meta: _Meta
    cb_kwargs: _Given


def dumps(request: Mapping[str, Any]) -> bytes:
    """Return the JSON of a `Request.to_dict`, with only what another worker needs."""
    written = {name: request[name] for name in ("url", "callback", "errback", "priority")}
    meta = request["meta"]
    written["meta"] = {name: meta[name] for name in _Meta.__struct_fields__ if name in meta}
    referers = [each.decode("latin-1") for each in request["headers"].get(b"Referer", ())]
    written["headers"] = {"Referer": referers[0]} if referers else {}
    given = dict(request["cb_kwargs"])
    if "readings" in given:
        given["readings"] = [
            _Page(article=to_record(each.article), rules=dict(each.rules), page=each.page)
            for each in given["readings"]
        ]
    written["cb_kwargs"] = msgspec.to_builtins(given, str_keys=True)
    return json.dumps(written).encode()


def loads(body: bytes) -> dict[str, Any]:
    r"""Return the dict that Scrapy's `request_from_dict` takes; ForeignRequest for anything else.

    >>> loads(b"cposix\nsystem\n(S'true'\ntR.")
    Traceback (most recent call last):
    kompas_crawler.errors.ForeignRequest: no JSON
    """
    try:
        written = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ForeignRequest("no JSON") from error
    try:
        request = msgspec.convert(written, _Request, dec_hook=_counter_of_days)
    except msgspec.ValidationError as misfit:
        raise ForeignRequest("not the fields of a request") from misfit
    if CALLBACKS.get(request.callback) != (request.errback, frozenset(written["cb_kwargs"])):
        raise ForeignRequest("a callback that no spider of ours names so")
    try:
        given = _given(request.cb_kwargs)
    except (BrokenRecord, ValueError) as error:
        raise ForeignRequest("its values are none of a crawl") from error
    addresses = (request.url, *request.meta.redirect_urls)
    if not all(map(is_kompas, written["headers"].values())) or not _are_requested(addresses, given):
        raise ForeignRequest("an address in a form that no spider requests")
    return {**written, "cb_kwargs": given, "dont_filter": True}


def _are_requested(addresses: Iterable[str], given: Mapping[str, Any]) -> bool:
    """Return whether a list is requested as a list, and an article as that article."""
    if "walk" in given:
        return all(is_kompas(each) and kind_of(each) == "listing" for each in addresses)
    read = [each.article for each in given.get("readings", ())]
    found = (*addresses, *(each.url for each in read))
    ids = {each.id for each in read}.union(map(article_id, found))
    return all(map(is_kompas, found)) and ids == {given["article_id"]}


@cache
def _schema_check() -> Any:
    """Return the check of an article that is read but not stored yet."""
    record = shipped_schema()
    unset = {f.name: {"type": "null"} for f in fields(Article) if "required" in f.metadata}
    article = {**record, "properties": {**record["properties"], **unset}}
    return fastjsonschema.compile(article, use_default=False)


def _counter_of_days(kind: type, value: Any) -> Any:
    """Return a Counter by day, the only type of a walk that msgspec cannot convert."""
    counts = msgspec.convert(value, dict[date, _Count])
    return Counter(counts) if kind == Counter[date] else value


def _given(written: _Given) -> dict[str, Any]:
    """Return what a callback is given; raises ValueError or BrokenRecord for impossible values."""
    given = {name: getattr(written, name) for name in written.__struct_fields__}
    if isinstance(written.readings, list):
        given["readings"] = [page.reading() for page in written.readings]
    if isinstance(walk := written.walk, IndexProgress):
        if any(newest < oldest for newest, oldest in walk.then):
            raise ValueError("days that run backwards")
        if any(clock.tzinfo is None for clock in walk.shown.clocks):
            raise ValueError("a clock without a zone")
    return {name: value for name, value in given.items() if value is not UNSET}
