"""Export to a dataset folder as Hugging Face lays it out, with a dataset card."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kompas_crawler import __version__
from kompas_crawler.exports.cards import conditions, template
from kompas_crawler.exports.columns import COLUMNS, Column, ColumnType
from kompas_crawler.exports.destination import CARD, DATA
from kompas_crawler.exports.options import ExportRequest
from kompas_crawler.exports.parquet import OFFSET, ZONE, Writer, batches
from kompas_crawler.items import Article
from kompas_crawler.sections import SECTION

# Bytes in Arrow's memory after which another file is begun; compressed it is about a quarter.
SHARD = 1024 * 1024 * 1024

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def write(articles: Iterable[Article], path: Path, request: ExportRequest) -> None:
    """Write `data/train-*.parquet` and the dataset card `README.md` into an empty folder."""
    (path / DATA).mkdir()
    arrow_bytes = _write_shards(articles, path / DATA)
    disk_bytes = sum(file.stat().st_size for file in (path / DATA).iterdir())
    card = _card(request, arrow_bytes=arrow_bytes, disk_bytes=disk_bytes)
    (path / CARD).write_text(card, encoding="utf-8")


def _write_shards(articles: Iterable[Article], folder: Path) -> int:
    writers: list[Writer] = []
    try:
        for batch in batches(articles):
            if not writers or writers[-1].bytes >= SHARD:
                for full in writers[-1:]:
                    full.close()
                writers.append(Writer(folder / str(len(writers))))
            writers[-1].add(batch)
    finally:
        for last in writers[-1:]:
            last.close()
    for number in range(len(writers)):
        name = f"train-{number:05}-of-{len(writers):05}.parquet"
        (folder / str(number)).rename(folder / name)
    return sum(writer.bytes for writer in writers)


def _card(request: ExportRequest, *, arrow_bytes: int, disk_bytes: int) -> str:
    totals = request.totals
    rows = totals.articles.total()
    title = f"Kompas.com {SECTION.english} news, {totals.first:%Y-%m-%d} to {totals.last:%Y-%m-%d}"
    front = _front(title, rows, arrow_bytes=arrow_bytes, disk_bytes=disk_bytes)
    if totals.invented:
        front["tags"].append("invented")
    return template("dataset_card.md").format(
        # JSON is YAML, too.
        front="\n".join(f"{key}: {json.dumps(value)}" for key, value in front.items()),
        title=title,
        section=SECTION.english,
        articles=rows,
        duplicates=totals.duplicates,
        first=totals.first,
        last=totals.last,
        made_at=request.made_at,
        version=__version__,
        invented=totals.invented_in_bold,
        selection=conditions(request.selection),
        years="\n".join(
            f"| {year} | {number:,} | {totals.words[year]:,} |"
            for year, number in sorted(totals.articles.items())
        ),
        fields="\n".join((*map(_field, COLUMNS), f"| `{OFFSET}` | text | as the page states it |")),
    )


def _field(column: Column) -> str:
    kind = f"list of {{{', '.join(column.parts)}}}" if column.parts else column.kind.value
    return f"| `{column.name}` | {kind} | {column.about} |"


def _front(title: str, rows: int, *, arrow_bytes: int, disk_bytes: int) -> dict[str, Any]:
    return {
        "pretty_name": title,
        "language": ["id"],
        "multilinguality": ["monolingual"],
        "annotations_creators": ["no-annotation"],
        "language_creators": ["found"],
        "source_datasets": ["original"],
        "task_categories": ["text-generation", "text-classification", "summarization"],
        "tags": ["news", "indonesian", "kompas"],
        "size_categories": [next((name for most, name in _SIZES if rows < most), "n>1M")],
        "license": "other",
        "license_name": "all-rights-reserved-kompas",
        "configs": [
            {
                "config_name": "default",
                "data_files": [{"split": "train", "path": f"{DATA}/train-*.parquet"}],
            }
        ],
        "dataset_info": {
            "features": [
                *map(_feature, COLUMNS),
                {"name": OFFSET, "dtype": "string"},
            ],
            "splits": [{"name": "train", "num_bytes": arrow_bytes, "num_examples": rows}],
            "download_size": disk_bytes,
            "dataset_size": arrow_bytes,
        },
    }


def _feature(column: Column) -> dict[str, Any]:
    if column.kind is ColumnType.TEXTS:
        return {"name": column.name, "list": "string"}
    if column.kind is ColumnType.PARTS:
        return {
            "name": column.name,
            "list": [{"name": name, "dtype": "string"} for name in column.parts],
        }
    dtypes = {
        ColumnType.TEXT: "string",
        ColumnType.COUNT: "int32",
        ColumnType.MOMENT: f"timestamp[ms, tz={ZONE}]",
    }
    return {"name": column.name, "dtype": dtypes[column.kind]}
