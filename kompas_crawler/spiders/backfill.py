"""Past days of the section, through the daily index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from scrapy import Request

from kompas_crawler.datelines import WIB
from kompas_crawler.spiders.section import SectionSpider, read_period_of, read_recheck


class BackfillSpider(SectionSpider):
    """Reads the index of every day from `since` to `until`, newest day first.

    Whatever a day lists is taken, also an old article that was published again on that day.
    """

    name = "backfill"
    accepts = ("since", "until", "recheck")

    @classmethod
    def read_arguments(cls, arguments: Mapping[str, str], now: datetime) -> None:
        read_period_of(arguments, now, None)
        read_recheck(arguments, now)

    def first_requests(self) -> Iterator[Request]:
        now = datetime.now(WIB)
        self.period = read_period_of(self.arguments, now, None)
        self.recheck = read_recheck(self.arguments, now)
        self.run.since, self.run.until = self.period.since, self.period.until
        self.finals = self.ledger.finals()
        yield from self.owed_requests()
        yield from self.walk_days(self.period.days())
        yield from self.recheck_requests()
