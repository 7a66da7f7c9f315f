"""Kompas's clock, as its responses state it, compared with the clock of this machine."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from kompas_crawler.runs.state import CLOCK_TOLERANCE
from kompas_crawler.timezones import WIB

logger = logging.getLogger(__name__)


class SiteClock:
    """What is known of Kompas's clock; `ahead` is the smallest difference seen, None if none was."""

    def __init__(self) -> None:
        self.ahead: timedelta | None = None

    def compare(self, stated: datetime) -> None:
        """Note how far our clock is ahead of the time that a response states, and log it once."""
        ahead = datetime.now(UTC) - stated
        if self.ahead is None and ahead > CLOCK_TOLERANCE:
            logger.warning(
                "The clock of this machine is ahead of Kompas's by %s: what lies after %s is"
                " neither requested nor proven",
                timedelta(seconds=round(ahead.total_seconds())),
                stated.astimezone(WIB).isoformat(),
            )
        self.ahead = ahead if self.ahead is None else min(self.ahead, ahead)

    def present(self, now: datetime, newest: datetime | None) -> datetime:
        """Return the time by Kompas's clock where ours is ahead of it, else `now`.

        `newest` is the time of the newest article listed: Kompas's clock is not behind it.
        """
        if self.ahead is None or self.ahead <= CLOCK_TOLERANCE:
            return now
        by_kompas = datetime.now(WIB) - self.ahead
        return min(now, max(by_kompas, newest or by_kompas))
