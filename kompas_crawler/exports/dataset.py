"""Export to a dataset folder as Hugging Face lays it out, with a dataset card."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from kompas_crawler import __version__
from kompas_crawler.exports.columns import COLUMNS, Column, ColumnType
from kompas_crawler.exports.destination import CARD, DATA
from kompas_crawler.exports.options import ExportRequest
from kompas_crawler.exports.parquet import OFFSET, ZONE, Writer, batches
from kompas_crawler.items import Article
from kompas_crawler.runs.invented import in_words

# Bytes in Arrow's memory after which another file is begun; compressed it is about a quarter.
SHARD = 1024 * 1024 * 1024

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))

_CARD = """\
---
{front}
---

# {title}

{articles:,} articles in Indonesian from the international section of Kompas.com, published from
{first:%Y-%m-%d} to {last:%Y-%m-%d} and collected with kompas_crawler {version}. Exported on \
{made_at:%Y-%m-%d}.{invented}

```python
import pandas as pd

articles = pd.read_parquet("data")
```

With the package `datasets`: `load_dataset("path/to/this/folder")`.

## What is in it

{selection}

| year | articles | words |
|---|---|---|
{years}

{duplicates:,} of the articles repeat an earlier one under another id (`duplicate_of` names it).

## Fields

| field | type | meaning |
|---|---|---|
{fields}

Timestamps are exact to the second and shown in Jakarta's zone (WIB, UTC+7). What a page does not
have is null or an empty list.

## Licence

The texts, titles and captions are not free: their copyright is Kompas.com's (PT Kompas Cyber
Media) and, where `sources` or the credit of a photo names somebody else, theirs. This folder
grants no right to them. Ask Kompas.com for permission before you publish it or pass it on, and do
not upload it to a public hub without. Photos and embedded posts are named by address only.

Articles name living persons: use them with the care that research with personal data asks for.

## Citation

```bibtex
@misc{{kompas-international,
  author = {{{{Kompas.com}}}},
  title = {{{title}}},
  year = {{{made_at:%Y}}},
  note = {{{articles:,} articles published {first:%Y-%m-%d} to {last:%Y-%m-%d}, collected with \
kompas\\_crawler {version}, exported {made_at:%Y-%m-%d}}}
}}
```
"""


@dataclass(slots=True)
class _Counts:
    """What the card tells of the articles."""

    articles: Counter[int] = field(default_factory=Counter)
    words: Counter[int] = field(default_factory=Counter)
    duplicates: int = 0
    invented: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def over(self, articles: Iterable[Article], invented_runs: frozenset[str]) -> Iterator[Article]:
        """Count the articles while they pass."""
        for article in articles:
            moment = article.published_at
            self.articles[moment.year] += 1
            self.words[moment.year] += article.word_count
            self.duplicates += article.duplicate_of is not None
            self.invented += article.crawl in invented_runs
            self.first = min(self.first or moment, moment)
            self.last = max(self.last or moment, moment)
            yield article


def write(articles: Iterable[Article], path: Path, request: ExportRequest) -> None:
    """Write `data/train-*.parquet` and the dataset card `README.md` into an empty folder."""
    counts = _Counts()
    (path / DATA).mkdir()
    arrow_bytes = _write_shards(counts.over(articles, request.invented_runs), path / DATA)
    disk_bytes = sum(file.stat().st_size for file in (path / DATA).iterdir())
    card = _card(counts, request, arrow_bytes=arrow_bytes, disk_bytes=disk_bytes)
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


def _card(counts: _Counts, request: ExportRequest, *, arrow_bytes: int, disk_bytes: int) -> str:
    rows = counts.articles.total()
    title = f"Kompas.com international news, {counts.first:%Y-%m-%d} to {counts.last:%Y-%m-%d}"
    told = in_words(counts.invented, rows)
    front = _front(title, rows, arrow_bytes=arrow_bytes, disk_bytes=disk_bytes)
    if told:
        front["tags"].append("invented")
    asked = request.selection.in_words()
    return _CARD.format(
        front="\n".join(yaml_lines(front)),
        title=title,
        articles=rows,
        duplicates=counts.duplicates,
        first=counts.first,
        last=counts.last,
        made_at=request.made_at,
        version=__version__,
        invented=f"\n\n**{told}**" if told else "",
        selection=_selection(asked),
        years="\n".join(_years(counts)),
        fields="\n".join((*map(_field, COLUMNS), f"| `{OFFSET}` | text | as the page states it |")),
    )


def _selection(asked: Sequence[str]) -> str:
    if not asked:
        return "Every article stored, in its last revision."
    return "\n".join(("What was asked for:", "", *(f"- {_escaped(line)}" for line in asked)))


def _years(counts: _Counts) -> Iterator[str]:
    for year in sorted(counts.articles):
        yield f"| {year} | {counts.articles[year]:,} | {counts.words[year]:,} |"


def _field(column: Column) -> str:
    kind = f"list of {{{', '.join(column.parts)}}}" if column.parts else column.kind.value
    return f"| `{column.name}` | {kind} | {_escaped(column.about)} |"


def _escaped(text: str) -> str:
    """Return a text as Markdown that shows it and does nothing else."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("[", "\\[")


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


def yaml_lines(value: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """Yield a mapping of mappings, lists, texts and numbers as lines of YAML.

    >>> print(*yaml_lines({"a": ["b", {"c": 1, "d": "e: f"}]}), sep=chr(10))
    a:
    - "b"
    - c: 1
      d: "e: f"
    """
    for key, inner in value.items():
        if isinstance(inner, Mapping):
            yield f"{indent}{key}:"
            yield from yaml_lines(inner, f"{indent}  ")
        elif isinstance(inner, list):
            yield f"{indent}{key}:"
            yield from (line for entry in inner for line in _entry_lines(entry, indent))
        else:
            # A JSON string is one of YAML too.
            yield f"{indent}{key}: {json.dumps(inner, ensure_ascii=False)}"


def _entry_lines(entry: Any, indent: str) -> Iterator[str]:
    if not isinstance(entry, Mapping):
        yield f"{indent}- {json.dumps(entry, ensure_ascii=False)}"
        return
    for number, line in enumerate(yaml_lines(entry, f"{indent}  ")):
        yield f"{indent}- {line.lstrip()}" if number == 0 else line
