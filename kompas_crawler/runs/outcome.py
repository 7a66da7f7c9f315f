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


# For every outcome: the exit code of `scrapy crawl` (1 and 2 are Scrapy's and the shell's own), what
# it means and what follows by itself, and what to do; `{root}` is the output directory.
_OUTCOMES: Mapping[Outcome, tuple[int, str, str]] = {
    Outcome.COMPLETE: (
        0,
        "everything requested was read and stored, or there was nothing new",
        "scrapy report --output {root} shows what you have; search, show and export take --output too",
    ),
    Outcome.PARTIAL: (
        10,
        "some pages could not be read; the next run tries them again",
        "run the same command again; if it lasts a day, `scrapy verify` names what was given up",
    ),
    Outcome.DRIFT: (
        11,
        "Kompas has changed its pages; what can still be read is stored, the rest is tried again",
        "run `scrapy doctor`, then add what is new to pages/layouts.py (docs/layouts.md)",
    ),
    Outcome.BLOCKED: (
        12,
        "Kompas blocked the crawler, and nothing was bypassed; the next run tries again, at the same pace",
        "wait some hours; run less often, or ask Kompas for permission; do not work around it",
    ),
    Outcome.UNREACHABLE: (
        13,
        "no answer from Kompas; the next run continues where this one ended",
        "check the network, name service and proxy of this host, then run again",
    ),
    Outcome.STORAGE: (
        14,
        "the output could not be written; what was stored is whole, and the next run fetches the rest",
        "free some space or correct the permissions (`df -h {root}; ls -ld {root}`), then run again",
    ),
    Outcome.LOCKED: (
        15,
        "another run of this spider holds the output directory; that run does the work",
        "nothing while the other run is working; if it hangs, stop it (kill -INT)",
    ),
    Outcome.STOPPED: (
        16,
        "the run was stopped; what was stored is whole, the rest is pending",
        "run the same command again: it continues from here",
    ),
}
EXIT_CODES = {outcome: code for outcome, (code, _, _) in _OUTCOMES.items()}
MEANINGS = {outcome: meaning for outcome, (_, meaning, _) in _OUTCOMES.items()}
REMEDIES = {outcome: remedy for outcome, (_, _, remedy) in _OUTCOMES.items()}

#: Outcomes that need no attention: no error in the log, no message, and a ping of success.
AS_ASKED = frozenset({Outcome.COMPLETE, Outcome.STOPPED})


DONE = 0
UNSOUND = 20  # scrapy verify: something is wrong in the files
MISSING = 21  # scrapy coverage: something that Kompas lists is not stored
UNKNOWN = 22  # scrapy doctor: a page was not recognised
NOTHING_FOUND = 23  # not 1, with which Python ends when a program breaks
DIFFERENT = 24  # scrapy verify --against: the archive does not hold just what the list names
