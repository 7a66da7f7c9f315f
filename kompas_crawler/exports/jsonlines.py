"""Export to one JSON Lines file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kompas_crawler.archive.record import line_of
from kompas_crawler.exports.options import ExportRequest
from kompas_crawler.items import Article


def write(articles: Iterable[Article], path: Path, request: ExportRequest) -> None:
    """Write a line for each article, as the archive writes it."""
    with path.open("xb") as file:
        for article in articles:
            file.write(line_of(article))
