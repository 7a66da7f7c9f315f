"""The export formats, and the result of an export."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

from kompas_crawler.archive.record import from_record
from kompas_crawler.errors import BadArgument, MissingPackage
from kompas_crawler.exports import destination
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
        try:
            module = import_module(f"{__name__}.{self.module}")
        except ModuleNotFoundError as error:
            if (error.name or "").startswith(__package__.partition(".")[0]):
                raise
            raise MissingPackage(
                f"{self.name} needs {error.name}: pip install -r requirements-export.txt"
            ) from error
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

    def read(
        self, records: Iterable[Mapping[str, Any]], invented_runs: frozenset[str] = frozenset()
    ) -> Iterator[Article]:
        """Yield the articles that records hold, and count them."""
        for record in records:
            article = from_record(record)
            self._count(article)
            self.invented += article.crawl in invented_runs
            yield article

    def _count(self, article: Article) -> None:
        moment = article.published_at
        self.articles += 1
        self.first = min(self.first or moment, moment)
        self.last = max(self.last or moment, moment)


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
    done = ExportResult(target)
    write = form.writer()
    articles = done.read(records, request.invented_runs)
    first = next(articles, None)
    if first is None:
        return done
    with destination.replacing(target, folder=form.folder) as draft:
        write(chain((first,), articles), draft, request)
        done.bytes = destination.size_of(draft)
    return done
