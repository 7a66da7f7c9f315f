"""Export to an SQLite database with tables for lists and a full-text index."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

from kompas_crawler.archive.record import to_record
from kompas_crawler.exports.columns import COLUMNS, Column, ColumnType
from kompas_crawler.exports.options import ExportRequest
from kompas_crawler.items import Article
from kompas_crawler.search.places import point_of

_SINGLE = tuple(
    column for column in COLUMNS if column.kind not in (ColumnType.TEXTS, ColumnType.PARTS)
)
_LISTS = tuple(column for column in COLUMNS if column.kind in (ColumnType.TEXTS, ColumnType.PARTS))

# Datasette recognises the table of a search index by these double quotes alone. With the
# default `hashsize` of 1 MB, FTS5 writes many small pieces and merges them again; here it merges once,
# at the end.
_SEARCH = """
CREATE VIRTUAL TABLE articles_fts USING fts5(
    title, text, content="articles", content_rowid='key', tokenize='unicode61 remove_diacritics 2'
);
INSERT INTO articles_fts (articles_fts, rank) VALUES ('hashsize', 16777216);
INSERT INTO articles_fts (articles_fts, rank) VALUES ('automerge', 0);
"""
_FILL_SEARCH = """
INSERT INTO articles_fts (articles_fts) VALUES ('rebuild');
INSERT INTO articles_fts (articles_fts) VALUES ('optimize');
INSERT INTO articles_fts (articles_fts, rank) VALUES ('automerge', 4);
"""
_INDEXED = ("id", "published_at")


def write(articles: Iterable[Article], path: Path, request: ExportRequest) -> None:
    """Write a table `articles`, a table for each list, and the search table `articles_fts`.

    A row of a list names its article by `articles.key` and its place by `position`, from 0 on.
    Moments are ISO 8601 with their offset, which SQLite's date functions understand. `latitude` and
    `longitude` are those of the place, where `search/places.tsv` knows it.
    """
    path.touch(exist_ok=False)
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            # The file is thrown away unless it is finished.
            db.execute("PRAGMA journal_mode = OFF")
            db.execute("PRAGMA synchronous = OFF")
            db.execute("BEGIN")
            for statement in chain(_tables(), _SEARCH.split(";")):
                db.execute(statement)
            _fill(db, articles)
            for statement in chain(_indexes(), _FILL_SEARCH.split(";")):
                db.execute(statement)
            db.execute("COMMIT")
            db.execute("ANALYZE")
    except sqlite3.OperationalError as error:
        raise OSError(str(error)) from error  # the caller names the target


def _tables() -> Iterator[str]:
    single = ", ".join(f'"{column.name}" {_type(column)}' for column in _SINGLE)
    yield (
        f"CREATE TABLE articles (key INTEGER PRIMARY KEY, {single}, latitude REAL, longitude REAL)"
    )
    for column in _LISTS:
        values = ", ".join(f'"{name}" TEXT' for name in _values(column))
        yield (
            f'CREATE TABLE "{column.name}" (article INTEGER NOT NULL REFERENCES articles (key),'
            f" position INTEGER NOT NULL, {values}, PRIMARY KEY (article, position)) WITHOUT ROWID"
        )


def _indexes() -> Iterator[str]:
    """Yield the indexes, which are made fastest of full tables."""
    for name in _INDEXED:
        yield f"CREATE INDEX articles_by_{name} ON articles ({name})"
    for column in _LISTS:
        yield f'CREATE INDEX "{column.name}_by_value" ON "{column.name}" ({_values(column)[0]})'


def _fill(db: sqlite3.Connection, articles: Iterable[Article]) -> None:
    into_articles = _insertion("articles", 3 + len(_SINGLE))
    into_lists = [(column, _insertion(column.name, 2 + len(_values(column)))) for column in _LISTS]
    for key, article in enumerate(articles, 1):
        record = to_record(article)
        point = (article.place and point_of(article.place)) or (None, None)
        db.execute(into_articles, (key, *(record[column.name] for column in _SINGLE), *point))
        for column, insertion in into_lists:
            rows = enumerate(record[column.name])
            db.executemany(insertion, ((key, at, *_row(value)) for at, value in rows))


def _row(value: str | dict[str, str | None]) -> Iterable[str | None]:
    return (value,) if isinstance(value, str) else value.values()


def _insertion(table: str, columns: int) -> str:
    return f'INSERT INTO "{table}" VALUES ({", ".join("?" * columns)})'  # noqa: S608 - our names


def _values(column: Column) -> tuple[str, ...]:
    return column.parts or ("value",)


def _type(column: Column) -> str:
    kind = "INTEGER" if column.kind is ColumnType.COUNT else "TEXT"
    return kind if column.optional else f"{kind} NOT NULL"
