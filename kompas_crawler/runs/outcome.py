"""The outcomes of runs, their meanings, and the exit codes of all commands."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Outcome(StrEnum):
    """How a run ended, in one word."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    DRIFT = "drift"
    BLOCKED = "blocked"
    UNREACHABLE = "unreachable"
    STORAGE = "storage"
    LOCKED = "locked"
    STOPPED = "stopped"


#: The exit code of `scrapy crawl` for every outcome; 1 and 2 are Scrapy's and the shell's own.
EXIT_CODES: Mapping[Outcome, int] = {
    Outcome.COMPLETE: 0,
    Outcome.PARTIAL: 10,
    Outcome.DRIFT: 11,
    Outcome.BLOCKED: 12,
    Outcome.UNREACHABLE: 13,
    Outcome.STORAGE: 14,
    Outcome.LOCKED: 15,
    Outcome.STOPPED: 16,
}


#: Outcomes that need no attention: no error in the log, no message, and a ping of success.
AS_ASKED = frozenset({Outcome.COMPLETE, Outcome.STOPPED})


#: What each outcome means and what to do, for people.
MEANINGS: Mapping[Outcome, str] = {
    Outcome.COMPLETE: "everything requested was read and stored, or there was nothing new",
    Outcome.PARTIAL: "some pages could not be read; the next run tries them again",
    Outcome.DRIFT: "Kompas has changed its pages; see the named field and docs/layouts.md",
    Outcome.BLOCKED: "Kompas blocked the crawler; nothing was bypassed; send requests less often, or ask for permission",
    Outcome.UNREACHABLE: "no answer from Kompas; check the network, then run again",
    Outcome.STORAGE: "the output could not be written; make room, then run again",
    Outcome.LOCKED: "another run of this spider holds the output directory",
    Outcome.STOPPED: "the run was stopped; what was stored is whole, the rest is pending",
}


UNSOUND = 20  # scrapy verify: something is wrong in the files


MISSING = 21  # scrapy coverage: something that Kompas lists is not stored


UNKNOWN = 22  # scrapy doctor: a page was not recognised


DONE = 0


DIFFERENT = 24  # scrapy verify --against: the archive does not hold just what the list names


NOTHING_FOUND = 23  # not 1, with which Python ends when a program breaks
