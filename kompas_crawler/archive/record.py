"""Articles as records (JSON objects) and lines, and the checks that a record keeps the contract."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import fastjsonschema
import msgspec

from kompas_crawler.archive.schema import shipped_schema
from kompas_crawler.errors import BrokenRecord, SpoiledLine
from kompas_crawler.items import Article, Embed, Image, Link
from kompas_crawler.processors import content_hash, count_words
from kompas_crawler.urls import article_id, canonical_url

FIELD_NAMES = tuple(field.name for field in fields(Article))
LONGEST_LINE = 1_000_000  # characters; the longest of 110 real pages gives 6,800
HIGHEST_COUNT = 2**31 - 1  # what exports and indexes have room for
YEARS = range(1995, 2100)  # of Kompas.com; with years 1 and 9999 no time zone can be changed
# Fields that lines of earlier versions do not have.
ADDED_FIELDS = frozenset(field.name for field in fields(Article) if "added" in field.metadata)
_types = get_type_hints(Article)
DATETIME_FIELDS = tuple(
    key for key in FIELD_NAMES if datetime in (_types[key], *get_args(_types[key]))
)
INTEGER_FIELDS = tuple(key for key in FIELD_NAMES if _types[key] is int)
STRING_LIST_FIELDS = tuple(key for key in FIELD_NAMES if _types[key] == tuple[str, ...])
LIST_FIELDS = tuple(key for key in FIELD_NAMES if get_origin(_types[key]) is tuple)
NESTED_FIELDS: dict[str, type[Link | Image | Embed]] = {
    key: get_args(_types[key])[0] for key in LIST_FIELDS if key not in STRING_LIST_FIELDS
}

_json = json.JSONEncoder(ensure_ascii=False).encode

# JSON allows these inside a string, but `str.splitlines` and many readers end a line there.
_LINE_ENDS = {mark.encode(): f"\\u{ord(mark):04x}".encode() for mark in "\x85\u2028\u2029"}


def to_record(article: Article) -> dict[str, Any]:
    """Return an article as the JSON object of its line: JSON types, keys in the order of the fields.

    Times are ISO 8601 with their offset, in whole seconds.
    """
    record: dict[str, Any] = msgspec.to_builtins(article, builtin_types=(datetime,))
    for name in DATETIME_FIELDS:
        if (moment := record[name]) is not None:
            record[name] = moment.isoformat(timespec="seconds")
    for name in LIST_FIELDS:
        record[name] = list(record[name])
    return record


def line_of(article: Article) -> bytes:
    """Return the article's line of the output: one JSON object in UTF-8, newline included.

    Raises `BrokenRecord` when a text holds half a surrogate pair, which UTF-8 cannot write.
    """
    try:
        line = msgspec.json.encode(to_record(article))
    except UnicodeEncodeError as error:
        raise BrokenRecord(article.id, (f"not writable as UTF-8: {error.reason}",)) from error
    for mark, escape in _LINE_ENDS.items():
        if mark[-1] in line:  # ten times as fast, and nearly always enough
            line = line.replace(mark, escape)
    return msgspec.json.format(line, indent=0) + b"\n"  # one line, a space after "," and ":"


def object_in(raw: bytes) -> dict[str, Any]:
    """Return the JSON object that a stored line holds; `SpoiledLine` names what is there instead."""
    try:
        found = _decoder.decode(raw.decode("utf-8-sig"))
    except RecursionError:
        raise SpoiledLine("nested too deeply to be read") from None
    except ValueError as error:
        raise SpoiledLine(f"no JSON object: {str(error)[:80]}: {raw[:60]!r}") from None
    if not isinstance(found, dict):
        raise SpoiledLine(f"no JSON object: {raw[:60]!r}")
    return found


def record_in(raw: bytes) -> dict[str, Any]:
    """Return the record that a stored line holds; it fits the schema.

    All code that reads stored articles reads them here. Raises `BrokenRecord`, or `SpoiledLine` for
    what is no JSON object. Whether the fields agree with each other is not checked.
    """
    if len(raw) > 4 * LONGEST_LINE:
        raise BrokenRecord("a line", (f"its line has {len(raw):,} bytes",))
    record = _written_here(raw)
    if record is not None and _no_value(record) is None:
        return record
    record = object_in(raw)
    misfits = _misfits(record) or _unwritable(record)
    if found := misfits[0] if misfits else _no_value(record):
        id_ = record.get("id")
        raise BrokenRecord(id_[:40] if isinstance(id_, str) else "a line", (found,))
    return record


def _written_here(raw: bytes) -> dict[str, Any] | None:
    """Return the record of a line that fits the schema and is written as by `line_of`, but for blanks.

    It is the fast way for nearly all lines; None means only that a full check is needed.
    """
    try:
        fitting = _fitting().decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if msgspec.json.encode(fitting) != msgspec.json.format(raw, indent=-1):
        return None  # a key may occur in it twice
    record: dict[str, Any] = msgspec.to_builtins(fitting)
    return None if _has_blank(record.values()) else record


def _has_blank(values: Iterable[Any]) -> bool:
    """Return whether a text is only white space. As a pattern of msgspec it would take twice as long."""
    for value in values:
        kind = type(value)
        if kind is str:
            if value.isspace():
                return True
        elif value and kind is list:
            if _has_blank(value):
                return True
        elif kind is dict and _has_blank(value.values()):
            return True
    return False


def _no_value(record: Mapping[str, Any]) -> str | None:
    """Return the first field of a record that fits the schema but has an impossible value."""
    if article_id(record["id"]) != record["id"]:
        return "id is none of an article, or no day of the calendar"
    for name in DATETIME_FIELDS:
        if record.get(name) is not None and _moment(record[name]) is None:
            return f"{name} is no time"
    for name in INTEGER_FIELDS:
        if type(count := record.get(name, 0)) is not int or count > HIGHEST_COUNT:
            return f"{name} is no count"
    return None


def from_record(record: Mapping[str, Any]) -> Article:
    """Return the article that a record holds; unknown keys are ignored.

    Raises `BrokenRecord` when a required key is missing or a value is of another kind.
    """
    try:
        return msgspec.convert(record, Article)
    except msgspec.ValidationError as error:
        raise BrokenRecord(str(record.get("id")), (str(error),)) from error


def problems_of(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Return every way in which a record breaks the contract of the output, () if it keeps it.

    The schema is checked first; whether the fields agree is checked only of a record that fits it.
    """
    return _misfits(record) or _unwritable(record) or disagreements_of(record)


def disagreements_of(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Return which fields of a record that fits the schema contradict each other, in sentences."""
    return tuple(problem for question in _CHECKS for problem in question(record))


def validate(article: Article) -> None:
    """Raise `BrokenRecord`, with every reason, for an article that must not be stored.

    Its record breaks the contract, or its line is longer than `LONGEST_LINE` characters.
    """
    record = to_record(article)
    if _plainly_fits(record):
        problems = disagreements_of(record)
    else:
        _bounded(record)
        problems = problems_of(record)
    if problems:
        raise BrokenRecord(article.id, problems)


def _plainly_fits(record: Mapping[str, Any]) -> bool:
    """Return quickly whether a record fits the schema, can be written, and is far from too long.

    False means only that a full check is needed.
    """
    try:
        raw = msgspec.json.encode(record)
    except UnicodeEncodeError:
        return False
    return 2 * len(raw) < LONGEST_LINE and _written_here(raw) is not None


def bounded_size(article: Article) -> int:
    """Return the length of the article's line in characters; `BrokenRecord` above `LONGEST_LINE`."""
    return _bounded(to_record(article))


def _bounded(record: Mapping[str, Any]) -> int:
    if (size := len(_json(record))) > LONGEST_LINE:
        raise BrokenRecord(record["id"], (f"its line would have {size:,} characters",))
    return size


def _one_value_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands in it twice")
    return found


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{text[:20]} is no number")
    return number


_decoder = json.JSONDecoder(
    object_pairs_hook=_one_value_each, parse_float=_finite, parse_constant=_finite
)


@cache
def _schema_check() -> Callable[..., Any]:
    check: Callable[..., Any] = fastjsonschema.compile(
        shipped_schema(), use_default=False, fast_fail=False
    )
    return check


@cache
def _fitting() -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(_kind_of(shipped_schema()))


def _kind_of(shape: Mapping[str, Any]) -> Any:
    """Return the Python type, with constraints, that a part of the JSON Schema describes."""
    stated = shape["type"]
    kinds = stated if isinstance(stated, list) else [stated]
    if "enum" in shape:
        kind: Any = Literal[tuple(shape["enum"])]
    elif kinds[0] == "array":
        kind = list[_kind_of(shape["items"])]  # type: ignore[misc]
    elif kinds[0] == "object":
        kind = _object_of(shape)
    elif kinds[0] == "integer":
        kind = Annotated[int, msgspec.Meta(ge=shape.get("minimum"), le=HIGHEST_COUNT)]
    elif (pattern := shape["pattern"]) == r"\S":
        kind = Annotated[str, msgspec.Meta(min_length=1)]
    else:  # in JSON Schema "$" is the very end
        kind = Annotated[str, msgspec.Meta(pattern=re.sub(r"\$$", r"\\Z", pattern))]
    return kind | None if "null" in kinds else kind


def _object_of(shape: Mapping[str, Any]) -> type[msgspec.Struct]:
    keys = [
        (name, _kind_of(each))
        if name in shape["required"]
        else (name, _kind_of(each) | msgspec.UnsetType, msgspec.UNSET)
        for name, each in shape["properties"].items()
    ]
    return msgspec.defstruct("Fitting", keys, kw_only=True, forbid_unknown_fields=True)


def _misfits(record: Mapping[str, Any]) -> tuple[str, ...]:
    try:
        _schema_check()(record, name_prefix="record")
    except fastjsonschema.JsonSchemaValuesException as error:
        return tuple(str(misfit).removeprefix("record.") for misfit in error.errors)
    return ()


def _unwritable(record: Mapping[str, Any]) -> tuple[str, ...]:
    try:
        _json(record).encode()
    except UnicodeEncodeError as error:
        return (f"not writable as UTF-8: {error.reason}",)
    except RecursionError:
        return ("nested too deeply to be written",)
    return ()


def _order(record: Mapping[str, Any]) -> Iterator[str]:
    known = [key for key in FIELD_NAMES if key in record]
    if list(record) != known and [key for key in record if key in FIELD_NAMES] != known:
        yield "keys are not in the order of the contract"


def _identity(record: Mapping[str, Any]) -> Iterator[str]:
    if article_id(record["url"]) != record["id"]:
        yield "id is not the one in url, or no day of the calendar"
    elif canonical_url(record["url"]) != record["url"]:
        yield f"url is not the canonical one: {canonical_url(record['url'])}"
    if record["duplicate_of"] == record["id"]:
        yield "duplicate_of is the record itself"


def _clocks(record: Mapping[str, Any]) -> Iterator[str]:
    moments = {
        name: _moment(record[name]) for name in DATETIME_FIELDS if record.get(name) is not None
    }
    yield from (f"{name} is no time" for name, moment in moments.items() if moment is None)
    published, updated = moments.get("published_at"), moments.get("updated_at")
    if published and updated and updated < published:
        yield "updated_at is before published_at"


def _content(record: Mapping[str, Any]) -> Iterator[str]:
    title, text = record["title"], record["text"]
    if record["content_hash"] != content_hash(title, text):
        yield "content_hash is not that of title and text"
    if record["word_count"] != count_words(text):
        yield f"word_count is {record['word_count']}, text has {count_words(text)}"
    if headings := set(record["subheadings"]):
        for heading in headings.difference(text.split("\n\n")):
            yield f"subheading is no block of text: {heading!r}"


def _addresses(record: Mapping[str, Any]) -> Iterator[str]:
    for name in NESTED_FIELDS:
        for part in record.get(name, ()):
            if part["url"] is not None and not part["url"].startswith(("https://", "http://")):
                yield f"{name} has a url that is not http: {part['url']!r}"


def _words(record: Mapping[str, Any]) -> Iterator[str]:
    for name, value in record.items():
        if (value == "Unknown" and name != "title") or (
            name in STRING_LIST_FIELDS and "Unknown" in value
        ):
            yield f"{name} is 'Unknown' where it should be empty"
        elif name in NESTED_FIELDS and any(
            "Unknown" in part.values() for part in value if "title" not in part
        ):
            yield f"{name} says 'Unknown' where it should say null"


_CHECKS = (_order, _identity, _clocks, _content, _addresses, _words)


def _moment(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo and moment.year in YEARS else None
