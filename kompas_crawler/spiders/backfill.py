"""The spider of past days, through the daily index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from itertools import chain

from scrapy import Request

from kompas_crawler.runs.log import NEVER_OURS
from kompas_crawler.spiders.base import read_period_of, read_recheck
from kompas_crawler.spiders.daily_index import IndexSpider


class BackfillSpider(IndexSpider):
    """Reads the index of every day from `since` to `until`, newest day first.

    All articles that a day lists are fetched, including old ones republished on that day and those
    that earlier runs gave up.
    """

    name = "backfill"
    accepts = ("since", "until", "recheck")

    @classmethod
    def read_arguments(cls, arguments: Mapping[str, str], now: datetime) -> None:
        read_period_of(arguments, now, None)
        read_recheck(arguments, now)

    def plan(self, now: datetime) -> None:
        self.plan_period(read_period_of(self.arguments, now, None), now)
        self.finals = self.crawl_log.finals(kinds=NEVER_OURS)

    def first_requests(self) -> Iterator[Request]:
        yield from self.pending_requests()
        days = self.period.days() if self.period else ()
        yield from self.walk_days(chain(days, self.pending_days))
        yield from self.recheck_requests()

    def covers_day(self, day: date) -> bool:
        return self.period is not None and day in set(self.period.days())
