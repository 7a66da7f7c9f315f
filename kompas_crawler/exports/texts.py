"""Export to a folder of plain texts with a metadata table, for AntConc, Voyant and readtext."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from pathlib import Path

from kompas_crawler.exports.destination import METADATA, TEXTS
from kompas_crawler.exports.options import ExportRequest
from kompas_crawler.exports.spreadsheet import harmless, joined
from kompas_crawler.items import Article

#: The columns beside the name of the file, and what of an article is in them.
COLUMNS: Mapping[str, Callable[[Article], str]] = {
    "id": lambda article: article.id,
    "published_at": lambda article: article.published_at.isoformat(),
    "title": lambda article: article.title,
    "place": lambda article: article.place or "",
    "sources": lambda article: joined(article.sources),
    "authors": lambda article: joined(article.authors),
    "tags": lambda article: joined(article.tags),
    "word_count": lambda article: str(article.word_count),
    "url": lambda article: article.url,
}


def write(articles: Iterable[Article], path: Path, request: ExportRequest) -> None:
    """Write a text for each article, its title the first line, and a row of `metadata.csv`."""
    (path / TEXTS).mkdir()
    with (path / METADATA).open("x", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("file", *COLUMNS))
        for article in articles:
            # With --all-revisions an id is there more than once.
            revision = f"-{article.revision}" if request.selection.all_revisions else ""
            names = _names(f"{article.id.replace('/', '-')}{revision}")
            name = next(name for name in names if not (path / TEXTS / name).exists())
            text = f"{article.title}\n\n{article.text}\n"
            (path / TEXTS / name).write_text(text, encoding="utf-8", newline="\n")
            row = (f"{TEXTS}/{name}", *(value_of(article) for value_of in COLUMNS.values()))
            rows.writerow(map(harmless, row))


def _names(stem: str) -> Iterator[str]:
    """Yield names for a text: a revision's number may be stored twice, where archives were joined."""
    yield f"{stem}.txt"
    yield from (f"{stem}-{number}.txt" for number in count(2))
