"""The ids of the stored articles of each day, read one month at a time."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from kompas_crawler import urls
from kompas_crawler.archive.store import Archive


class StoredDays:
    """The ids of the stored articles of each day, by the date in the id. Raises StorageFailed."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._month = lru_cache(maxsize=3)(self._grouped)  # days come one month after the other

    def on(self, day: date) -> frozenset[str]:
        return self._month(f"{day:%Y-%m}").get(day, frozenset())

    def _grouped(self, month: str) -> dict[date, frozenset[str]]:
        found: dict[date, set[str]] = {}
        for article_id in self._archive.ids(month):
            found.setdefault(urls.day_of(article_id), set()).add(article_id)
        return {day: frozenset(ids) for day, ids in found.items()}
