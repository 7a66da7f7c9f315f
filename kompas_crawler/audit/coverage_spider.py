"""The spider behind `scrapy coverage`: it reads the daily index and fetches no article."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from scrapy import Request
from scrapy.http import Response

from kompas_crawler.archive.store import Archive
from kompas_crawler.archive.stored_days import StoredDays
from kompas_crawler.audit.survey_spider import SurveySpider
from kompas_crawler.runs import evidence
from kompas_crawler.runs.outcome import Outcome
from kompas_crawler.spiders.base import ARTICLE, read_period_of
from kompas_crawler.spiders.daily_index import IndexProgress
from kompas_crawler.timezones import WIB


class CoverageSpider(SurveySpider):
    """Reads the index of every day; `listed` then holds addresses by day and id.

    `proven` are the days whose index was read to its end.
    """

    accepts = ("since", "until")

    def __init__(self, name: str | None = None, **arguments: str) -> None:
        super().__init__(name or "coverage", **arguments)
        self.listed: dict[date, dict[str, str]] = {}
        self._day = datetime.now(WIB).date()

    @classmethod
    def read_arguments(cls, arguments: Mapping[str, str], now: datetime) -> None:
        read_period_of(arguments, now, None)

    @property
    def proven(self) -> frozenset[date]:
        return frozenset(day for stretch in self.run.coverage.proven for day in stretch.days())

    def outcome(self, reason: str) -> Outcome:
        self._reason = reason
        return super().outcome(reason)

    def outcome_against(self, archive: Archive, finals: frozenset[str]) -> Outcome:
        """Compare the days with what is stored, too, and return the outcome of the survey."""
        self.finals = finals
        self.stored_days = StoredDays(archive)
        for day, read in self.run.coverage.days_read.items():
            listed = self.listed.get(day, {}).keys() | finals
            if day not in self.run.coverage.doubted and evidence.is_shrunk(
                self.stored_on(day), listed
            ):
                self.proof().note_doubt(day, read.url, "shrunk")
        self.conclude()
        return self.outcome(self._reason)

    def first_requests(self) -> Iterator[Request]:
        self.period = read_period_of(self.arguments, datetime.now(WIB), None)
        yield from self.walk_days(self.period.days())

    def parse_index(self, response: Response, walk: IndexProgress, page: int) -> Iterator[Any]:
        self._day = walk.day
        yield from super().parse_index(response, walk, page)

    def article_requests(
        self, urls_by_id: Mapping[str, str], *, priority: int = ARTICLE
    ) -> Iterator[Request]:
        """Note the articles instead of requesting them."""
        self.listed.setdefault(self._day, {}).update(urls_by_id)
        yield from ()
