"""Export to a folder of plain texts with a metadata table, for AntConc, Voyant and readtext."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from kompas_crawler.exports.destination import METADATA, TEXTS
from kompas_crawler.exports.options import ExportRequest
from kompas_crawler.exports.spreadsheet import harmless, joined
from kompas_crawler.items import Article

COLUMNS = (
    "file",
    "id",
    "published_at",
    "title",
    "place",
    "sources",
    "authors",
    "tags",
    "word_count",
    "url",
)


def write(articles: Iterable[Article], path: Path, request: ExportRequest) -> None:
    """Write a text for each article, its title the first line, and a row of `metadata.csv`."""
    (path / TEXTS).mkdir()
    with (path / METADATA).open("x", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for article in articles:
            # With --all-revisions an id is there more than once.
            revision = f"-{article.revision}" if request.selection.all_revisions else ""
            name = f"{article.id.replace('/', '-')}{revision}.txt"
            text = f"{article.title}\n\n{article.text}\n"
            (path / TEXTS / name).write_text(text, encoding="utf-8", newline="\n")
            rows.writerow(map(harmless, _row(article, f"{TEXTS}/{name}")))


def _row(article: Article, name: str) -> tuple[str, ...]:
    return (
        name,
        article.id,
        article.published_at.isoformat(),
        article.title,
        article.place or "",
        joined(article.sources),
        joined(article.authors),
        joined(article.tags),
        str(article.word_count),
        article.url,
    )
