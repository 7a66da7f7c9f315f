"""Export to a Parquet file: typed, compressed, one row group at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from kompas_crawler.exports.columns import COLUMNS, Column, ColumnType
from kompas_crawler.exports.options import ExportRequest
from kompas_crawler.items import Article

# A column of moments has one zone; that of Jakarta, where Kompas sits, has had no summer time
# since there are articles. The offset each page states is kept in a column of its own.
ZONE = "Asia/Jakarta"
OFFSET = "published_offset"

# Articles read at once, and the bytes of Arrow that make up a row group: what memory must hold.
BATCH = 1_000
ROW_GROUP = 32 * 1024 * 1024

_MOMENT = pa.timestamp("ms", tz=ZONE)


def write(articles: Iterable[Article], path: Path, request: ExportRequest) -> None:
    """Write a Parquet file (zstd), with times as timestamps, lists as lists and objects as structs.

    After the record's fields comes `published_offset`, such as "+07:00", as the page states it.
    """
    with Writer(path) as writer:
        for batch in batches(articles):
            writer.add(batch)


class Writer:
    """A Parquet file that grows; `bytes` is what its rows take in Arrow's memory."""

    def __init__(self, path: Path) -> None:
        self._file = pq.ParquetWriter(path, SCHEMA, compression="zstd", compression_level=3)
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_bytes = 0
        self.bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, batch: pa.RecordBatch) -> None:
        """Take a batch; it is written with others as one row group."""
        self._waiting.append(batch)
        self._waiting_bytes += batch.nbytes
        self.bytes += batch.nbytes
        if self._waiting_bytes >= ROW_GROUP:
            self._write_row_group()

    def close(self) -> None:
        """Finish the file."""
        self._write_row_group()
        self._file.close()

    def _write_row_group(self) -> None:
        if self._waiting:
            table = pa.Table.from_batches(self._waiting)
            self._file.write_table(table, row_group_size=table.num_rows)
            self._waiting.clear()
            self._waiting_bytes = 0


def batches(articles: Iterable[Article]) -> Iterator[pa.RecordBatch]:
    """Yield the articles as typed tables of some rows."""
    rest = iter(articles)
    while batch := list(islice(rest, BATCH)):
        columns = [_array(column, batch) for column in COLUMNS]
        offsets = pa.array([_offset(article.published_at) for article in batch], pa.string())
        yield pa.RecordBatch.from_arrays([*columns, offsets], schema=SCHEMA)


def _array(column: Column, articles: list[Article]) -> Any:
    values = [getattr(article, column.name) for article in articles]
    if column.kind is ColumnType.PARTS:
        values = [[_struct(column, part) for part in parts] for parts in values]
    return pa.array(values, _type(column))


def _struct(column: Column, part: Any) -> dict[str, Any]:
    return {name: getattr(part, name) for name in column.parts}


def _offset(moment: datetime) -> str:
    return moment.isoformat()[-6:]


def _type(column: Column) -> pa.DataType:
    simple = {
        ColumnType.TEXT: pa.string(),
        ColumnType.COUNT: pa.int32(),
        ColumnType.MOMENT: _MOMENT,
    }
    if column.kind in simple:
        return simple[column.kind]
    if column.kind is ColumnType.TEXTS:
        return pa.list_(pa.string())
    return pa.list_(pa.struct([(name, pa.string()) for name in column.parts]))


SCHEMA = pa.schema(
    [
        *(
            pa.field(column.name, _type(column), metadata={"about": column.about})
            for column in COLUMNS
        ),
        pa.field(OFFSET, pa.string(), metadata={"about": "Offset from UTC of `published_at`."}),
    ]
)
