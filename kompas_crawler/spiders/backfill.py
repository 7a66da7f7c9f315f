"""Past days of the section, through the daily index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from itertools import chain

from scrapy import Request

from kompas_crawler.errors import BadArgument
from kompas_crawler.runs.intervals import without
from kompas_crawler.runs.log import NEVER_OURS
from kompas_crawler.spiders.base import SectionSpider, read_period_of, read_recheck

UNPROVEN = "unproven"


class BackfillSpider(SectionSpider):
    """Reads the index of every day from `since` to `until`, newest day first.

    Whatever a day lists is taken, also an old article that was published again on that day, and one
    that earlier runs have given up. With `only=unproven` it leaves out the days that earlier runs have
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
        self.finals = self.ledger.finals(kinds=NEVER_OURS)

    def first_requests(self) -> Iterator[Request]:
        yield from self.owed_requests()
        yield from self.walk_days(chain(self.days, self.owed_days))
        yield from self.recheck_requests()

    def _leave_out_proven_days(self) -> None:
        unproven = without(map(self.asked_of, self.days), self.state_before.coverage)
        left = {day for stretch in unproven for day in stretch.days()}
        self.logger.info(
            "%d of %d days are proven, %d articles of earlier runs are pending; %s",
            len(self.days) - len(left),
            len(self.days),
            len(self.state_before.pending),
            f"next {max(left)}, oldest {min(left)}" if left else "no day is left",
        )
        self.days = tuple(day for day in self.days if day in left)

    def minds(self, day: date) -> bool:
        return self.period is not None and day in set(self.period.days())
