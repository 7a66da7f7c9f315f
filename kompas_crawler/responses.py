"""Which answers are refused, and why: each reason is a class."""

from __future__ import annotations

from typing import ClassVar

from scrapy.exceptions import (
    IgnoreRequest,
)

from kompas_crawler.errors import PageRefused

# Statuses by which Kompas says that an article is gone for good: there is nothing to ask for again.
GONE = frozenset({404, 410})


class Refusal(PageRefused, IgnoreRequest):
    """Raised when an answer is not the page that was asked for, and will not become it.

    `reason` is one word for programs, `found` is the evidence, `outcome` is the outcome of the
    run that this refusal alone justifies, if any.
    """

    family: ClassVar[str] = "kompas/refused/"
    outcome: ClassVar[str | None] = None
    reason: str = "refused"

    def __init__(self, url: str, found: str, reason: str | None = None) -> None:
        super().__init__(url, found)
        if reason:
            self.reason = reason

    @property
    def counter(self) -> str:
        """The key in Scrapy's stats under which it is counted."""
        return self.family + self.reason


class RedirectRefused(Refusal):
    """Raised when Kompas sends us from what was asked for to something else."""

    family = "kompas/redirect/"


class Blocked(Refusal):
    """Raised when Kompas turns us away: 202, 403, 429 or a challenge. It is never bypassed."""

    family = "kompas/"
    outcome = "blocked"
    reason = "blocked"


class Unreachable(Refusal):
    """Raised when a host's robots.txt cannot be read, so that nothing of the host may be asked."""

    family = "kompas/robots/"
    outcome = "unreachable"
    reason = "unreachable"


class Forbidden(Refusal):
    """Raised when robots.txt disallows an address."""

    family = "kompas/robots/"
    reason = "forbidden"


class NotSent(Refusal):
    """Raised when a request is not sent because the run is ending: the page was never asked for."""

    family = "kompas/"
    reason = "not-sent"


class TooEarly(Refusal):
    """Raised when the list of a day is asked for that has not begun by Kompas's own clock."""

    family = "kompas/"
    reason = "too-early"
