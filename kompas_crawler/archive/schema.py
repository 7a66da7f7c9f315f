"""The JSON Schema and the data dictionary of a record, made from the metadata of `items.Article`.

`python -m kompas_crawler.audit.regenerate` rewrites them after a change of that class.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from importlib import resources
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from kompas_crawler.items import Article

DRAFT = "http://json-schema.org/draft-07/schema#"

MOMENT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[+-]\d{2}:\d{2}$"


def shipped_schema() -> dict[str, Any]:
    """Return the JSON Schema that is shipped with the package, which may be a zipped egg."""
    file = resources.files(__package__).joinpath("record.schema.json")
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema


def _completed(known: Mapping[str, Any], kind: type[Any]) -> dict[str, Any]:
    """Return a record with every field, missing ones by their own example or default."""
    hints = get_type_hints(kind)
    found = {field.name: known.get(field.name, _example_of(field)) for field in fields(kind)}
    for name, value in found.items():
        part = next(iter(get_args(hints[name])), None)
        if isinstance(value, list) and is_dataclass(part) and isinstance(part, type):
            found[name] = [_completed(each, part) for each in value]
    return found


def _example_of(field: Field[Any]) -> Any:
    default = None if field.default is MISSING else field.default
    if isinstance(default, tuple):
        return [field.metadata["example"]] if "example" in field.metadata else list(default)
    return field.metadata.get("example", default)


#: An invented article: the example of the shipped schema, with the fields that were added since.
EXAMPLE = _completed(shipped_schema()["examples"][0], Article)

_INTRODUCTION = """\
# The record

<!-- Written by `python -m kompas_crawler.audit.regenerate`; change `kompas_crawler/items.py` instead. -->

A line of `articles/YYYY-MM.jsonl` is one article, as a JSON object in UTF-8. Every key below is in
every line, in this order. What a page does not have is `null` (one value) or `[]` (a list), never
`""` and never `"Unknown"`. A field may be added one day; none is renamed. A line that was written
before a field was added does not have it, and is read as if it held the field's default.

An article that changed on the site is in its file once per `revision`; the last one is valid. The
month in the name of the file is the month in `id`. `content_hash` is the SHA-256 of title, one
newline and text, in UTF-8. The same as JSON Schema: `kompas_crawler/archive/record.schema.json`.
"""


def record_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 7) of one record, made from the class `Article`."""
    return {
        "$schema": DRAFT,
        "title": "An article of Kompas.com's international section",
        **_object(Article),
        "examples": [EXAMPLE],
    }


def data_dictionary() -> str:
    """Return the description of a record as Markdown: a table of the fields and an example."""
    hints = get_type_hints(Article)
    rows = (_row(field, hints[field.name]) for field in fields(Article))
    head = "| field | type | always there? | meaning | example |\n|---|---|---|---|---|"
    whole = json.dumps(EXAMPLE, ensure_ascii=False, indent=2)
    return "\n".join(
        (_INTRODUCTION, head, *rows, "", "## A whole record", "", f"```json\n{whole}\n```", "")
    )


def _object(kind: type[Any]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {
        "type": "object",
        "required": [field.name for field in fields(kind) if "added" not in field.metadata],
        "properties": {field.name: _property(field, hints[field.name]) for field in fields(kind)},
    }


def _property(field: Field[Any], hint: Any) -> dict[str, Any]:
    about = field.metadata
    shape = _shape(_without_none(hint))
    if _may_be_null(field, hint):
        shape["type"] = [shape["type"], "null"]
    if about.get("about"):
        shape["description"] = about["about"]
    for name in ("pattern", "enum", "minimum"):
        if value := about.get(name):
            shape[name] = list(value) if isinstance(value, tuple) else value
    if "example" in about:
        shape["examples"] = [[about["example"]] if shape["type"] == "array" else about["example"]]
    return shape


def _shape(hint: Any) -> dict[str, Any]:
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _shape(get_args(hint)[0])}
    if is_dataclass(hint) and isinstance(hint, type):
        return _object(hint)
    if hint is datetime:
        return {"type": "string", "format": "date-time", "pattern": MOMENT}
    if hint is int:
        return {"type": "integer"}
    # A value that the page does not have is null; an empty string would be a second way to say so.
    return {"type": "string", "pattern": r"\S"}


def _without_none(hint: Any) -> Any:
    """Return a hint without its "or None".

    >>> _without_none(str | None)
    <class 'str'>
    """
    kinds = [kind for kind in get_args(hint) if kind is not NoneType]
    return kinds[0] if NoneType in get_args(hint) else hint


def _may_be_null(field: Field[Any], hint: Any) -> bool:
    return NoneType in get_args(hint) and not field.metadata.get("required")


def _row(field: Field[Any], hint: Any) -> str:
    example = json.dumps(EXAMPLE[field.name], ensure_ascii=False)
    cells = (
        f"`{field.name}`",
        _type_name(_without_none(hint)),
        _presence(field, hint),
        str(field.metadata["about"]),
        f"`{example}`",
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _type_name(hint: Any) -> str:
    if get_origin(hint) is tuple:
        return f"list of {_type_name(get_args(hint)[0])}"
    if is_dataclass(hint):
        return "{" + ", ".join(f"`{field.name}`" for field in fields(hint)) + "}"
    return {datetime: "ISO 8601 with offset", int: "integer", str: "string"}[hint]


def _presence(field: Field[Any], hint: Any) -> str:
    if "added" in field.metadata:
        return f"since {field.metadata['added']}"
    if _may_be_null(field, hint):
        return "or `null`"
    return "or `[]`" if get_origin(_without_none(hint)) is tuple else "yes"
