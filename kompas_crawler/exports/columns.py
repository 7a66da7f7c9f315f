"""The columns of an export and the type of value that each one holds.

The columns are the fields of `Article`, in their order: a field that is added there is exported.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from enum import Enum
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from kompas_crawler.items import Article


class ColumnType(Enum):
    """What a column holds."""

    TEXT = "text"
    COUNT = "whole number"
    MOMENT = "timestamp"
    TEXTS = "list of text"
    PARTS = "list of objects"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A field of the record; `parts` names the fields of the objects that a list holds."""

    name: str
    kind: ColumnType
    about: str
    optional: bool
    parts: tuple[str, ...] = ()


def _columns() -> Iterator[Column]:
    hints = get_type_hints(Article)
    for field in fields(Article):
        kind, parts = _kind_of(hints[field.name])
        yield Column(
            name=field.name,
            kind=kind,
            about=str(field.metadata["about"]),
            optional=NoneType in get_args(hints[field.name]),
            parts=parts,
        )


def _kind_of(hint: Any) -> tuple[ColumnType, tuple[str, ...]]:
    if get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        if is_dataclass(inner):
            return ColumnType.PARTS, tuple(field.name for field in fields(inner))
        return ColumnType.TEXTS, ()
    bare = next((kind for kind in get_args(hint) if kind is not NoneType), hint)
    return {str: ColumnType.TEXT, int: ColumnType.COUNT, datetime: ColumnType.MOMENT}[bare], ()


COLUMNS = tuple(_columns())
