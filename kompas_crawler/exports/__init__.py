"""The export formats, and the result of an export."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

from kompas_crawler.archive.record import from_record
from kompas_crawler.errors import BadArgument, needing
from kompas_crawler.exports import destination
from kompas_crawler.exports.cards import Totals
from kompas_crawler.exports.options import ExportRequest
from kompas_crawler.items import Article

__all__ = ["FORMATS", "ExportRequest", "ExportResult", "Format", "export", "format_named"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A form of export; its module is imported when it is needed."""

    name: str
    module: str
    suffixes: tuple[str, ...] = ()
    folder: bool = False

    def writer(self) -> Callable[[Iterable[Article], Path, ExportRequest], None]:
        """Return what writes it; `MissingPackage` when a package is not installed."""
        with needing(self.name, "export"):
            module = import_module(f"{__name__}.{self.module}")
        write: Callable[[Iterable[Article], Path, ExportRequest], None] = module.write
        return write


FORMATS: Mapping[str, Format] = {
    each.name: each
    for each in (
        Format(name="parquet", module="parquet", suffixes=(".parquet",)),
        Format(name="csv", module="spreadsheet", suffixes=(".csv",)),
        Format(name="xlsx", module="workbook", suffixes=(".xlsx",)),
        Format(name="sqlite", module="database", suffixes=(".sqlite", ".sqlite3", ".db")),
        Format(name="dataset", module="dataset", folder=True),
        Format(name="vertical", module="vertical", folder=True),
        Format(name="txt", module="texts", folder=True),
        Format(name="sentences", module="sentences"),
        Format(name="manifest", module="manifest", folder=True),
        Format(name="jsonl", module="jsonlines", suffixes=(".jsonl", ".ndjson")),
    )
}


@dataclass(slots=True)
class ExportResult:
    """The result of an export: its articles, and why lines were left out (the first reasons)."""

    path: Path
    articles: int = 0
    bytes: int = 0
    first: datetime | None = None
    last: datetime | None = None
    invented: int = 0
    left_out: int = 0
    reasons: list[str] = field(default_factory=list)


def format_named(name: str | None, target: Path) -> Format:
    """Return the format of that name or, without one, the format that the target's suffix names.

    >>> format_named(None, Path("kompas.csv")).name
    'csv'

    Raises `BadArgument` when there is no such format.
    """
    known = ", ".join(FORMATS)
    if name is not None:
        if name not in FORMATS:
            raise BadArgument(f"format={name!r} is unknown: choose one of {known}")
        return FORMATS[name]
    for each in FORMATS.values():
        if target.suffix.lower() in each.suffixes:
            return each
    raise BadArgument(f"{target} does not show the format: give --format, one of {known}")


def export(
    records: Iterable[Mapping[str, Any]],
    form: Format,
    target: Path,
    request: ExportRequest,
) -> ExportResult:
    """Write the articles that records hold to the target; when there are none, nothing.

    Memory holds some thousand articles at most. Raises `MissingPackage` and `StorageFailed`; the
    target is then as it was.
    """
    write, totals = form.writer(), Totals()
    articles = totals.counting(map(from_record, records), request.invented_runs)
    first = next(articles, None)
    if first is None:
        return ExportResult(target)
    with destination.replacing(target, folder=form.folder) as draft:
        write(chain((first,), articles), draft, replace(request, totals=totals))
        files = filter(Path.is_file, (draft, *draft.rglob("*")))
        size = sum(file.stat().st_size for file in files)
    return ExportResult(
        path=target,
        articles=totals.articles.total(),
        bytes=size,
        first=totals.first,
        last=totals.last,
        invented=totals.invented,
    )
