"""The ids of the stored articles of each day, read one month at a time."""

from __future__ import annotations

from datetime import date

from kompas_crawler import urls
from kompas_crawler.archive.store import Archive


class StoredDays:
    """The ids of the stored articles of each day, by the date in the id. Raises StorageFailed."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._months: dict[str, dict[date, frozenset[str]]] = {}

    def on(self, day: date) -> frozenset[str]:
        month = f"{day:%Y-%m}"
        if month not in self._months:
            if len(self._months) > 2:  # days come one month after the other
                self._months.pop(next(iter(self._months)))
            self._months[month] = self._grouped(month)
        return self._months[month].get(day, frozenset())

    def _grouped(self, month: str) -> dict[date, frozenset[str]]:
        found: dict[date, set[str]] = {}
        for article_id in self._archive.ids(month):
            found.setdefault(urls.day_of(article_id), set()).add(article_id)
        return {day: frozenset(ids) for day, ids in found.items()}
