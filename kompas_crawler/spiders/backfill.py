"""The spider of past days, through the daily index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from itertools import chain

from scrapy import Request

from kompas_crawler.errors import BadArgument
from kompas_crawler.runs.intervals import without
from kompas_crawler.runs.log import NEVER_OURS
from kompas_crawler.spiders.base import read_period_of, read_recheck
from kompas_crawler.spiders.daily_index import IndexSpider

UNPROVEN = "unproven"


class BackfillSpider(IndexSpider):
    """Reads the index of every day from `since` to `until`, newest day first.

    All articles that a day lists are fetched, including old ones republished on that day and those
    that earlier runs gave up. With `only=unproven` it leaves out the days that earlier runs have
    proven: the same command, repeated, reads a long past in pieces.
    """

    name = "backfill"
    accepts = ("since", "until", "only", "recheck")

    @classmethod
    def read_arguments(cls, arguments: Mapping[str, str], now: datetime) -> None:
        read_period_of(arguments, now, None)
        read_recheck(arguments, now)
        if arguments.get("only", UNPROVEN) != UNPROVEN:
            raise BadArgument(f"only={arguments['only']!r} is unknown: it can be {UNPROVEN}")

    def plan(self, now: datetime) -> None:
        self.plan_period(read_period_of(self.arguments, now, None), now)
        self.days = tuple(self.period.days()) if self.period else ()
        if "only" in self.arguments:
            self._leave_out_proven_days()
        self.finals = self.crawl_log.finals(kinds=NEVER_OURS)

    def first_requests(self) -> Iterator[Request]:
        yield from self.pending_requests()
        yield from self.walk_days(chain(self.days, self.pending_days))
        yield from self.recheck_requests()

    def _leave_out_proven_days(self) -> None:
        unproven = without(map(self.proof().planned_part, self.days), self.state_before.coverage)
        left = {day for stretch in unproven for day in stretch.days()}
        self.logger.info(
            "%d of %d days are proven, %d articles of earlier runs are pending; %s",
            len(self.days) - len(left),
            len(self.days),
            len(self.state_before.pending),
            f"next {max(left)}, oldest {min(left)}" if left else "no day is left",
        )
        self.days = tuple(day for day in self.days if day in left)

    def covers_day(self, day: date) -> bool:
        return self.period is not None and day in set(self.period.days())
