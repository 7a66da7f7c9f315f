"""The progress of a run, and its summary, on a terminal or in the log.

On a terminal a few lines are redrawn in place below the log. Elsewhere, in a file or under cron, a
line is logged at intervals. See KOMPAS_PROGRESS.
"""

from __future__ import annotations

import atexit
import logging
import os
import shlex
import sys
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from time import monotonic
from typing import Any, Literal, Self, TextIO, get_args

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.settings import SETTINGS_PRIORITIES
from scrapy.utils.asyncio import create_looping_call

from kompas_crawler.characters import plain
from kompas_crawler.cli.streams import with_program_name
from kompas_crawler.cli.terminal import SafeConsole
from kompas_crawler.errors import BadArgument
from kompas_crawler.items import Article
from kompas_crawler.runs.intervals import Interval
from kompas_crawler.runs.outcome import MEANINGS, REMEDIES, Outcome
from kompas_crawler.runs.run import OUTCOME_LOGGER, Run
from kompas_crawler.spiders.base import KompasSpider
from kompas_crawler.timezones import WIB
from kompas_crawler.wording import duration, number_of, shown_path

logger = logging.getLogger(__name__)

Mode = Literal["auto", "live", "plain", "off"]

LIVE_EVERY = 0.5  # seconds
WINDOW = timedelta(minutes=2)  # the pace is that of the last minutes

# Up to this number of days, articles show better than days how far a run is.
FEW_DAYS = 3


def read_mode(given: str) -> Mode:
    """Return the mode that KOMPAS_PROGRESS names; raise `BadArgument`.

    >>> read_mode("Plain")
    'plain'
    """
    for mode in get_args(Mode):
        if given.strip().lower() == mode:
            return mode  # type: ignore[no-any-return]
    raise BadArgument(f"KOMPAS_PROGRESS={given!r} cannot be read: auto, live, plain or off")


def mode_of(asked: Mode, stream: TextIO, environment: Mapping[str, str]) -> Mode:
    """Return the mode, with `auto` as live on a terminal that can move its cursor, else plain."""
    if asked != "auto":
        return asked
    moves = stream.isatty() and environment.get("TERM", "dumb") not in ("", "dumb")
    return "live" if moves else "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How far a run is. `days_asked` is 0 for a run without a period."""

    days_done: int
    days_asked: int
    days_unproven: int
    new: int
    changed: int
    known: int
    waiting: int
    missing: int
    pace: float | None
    left: timedelta | None
    trouble: str
    last: str | None

    @property
    def part(self) -> float | None:
        """The part that is done, from 0 to 1; None while it cannot be known."""
        if self.days_asked > FEW_DAYS:
            return self.days_done / self.days_asked
        dealt = self.new + self.changed + self.known + self.missing
        return dealt / (dealt + self.waiting) if dealt else None

    @property
    def days(self) -> str:
        return f"{self.days_done} of {self.days_asked} days" if self.days_asked else ""

    @property
    def stored(self) -> tuple[str, ...]:
        return f"{self.new} new", f"{self.changed} changed", f"{self.known} already stored"

    @property
    def counts(self) -> list[str]:
        """What is stored and waiting, and the pace."""
        pace = [f"{self.pace:.0f} a minute"] if self.pace else []
        return [*self.stored, f"{self.waiting} waiting", *pace]

    @property
    def time_left(self) -> str:
        return f"about {duration(self.left)} left" if self.left else ""

    def line(self) -> str:
        """Return the status in one line."""
        wrong = f"trouble: {self.trouble}" if self.trouble else ""
        text = ", ".join(filter(None, (self.days, *self.counts, self.time_left, wrong)))
        return f"{text}. Last: {self.last}" if self.last else text


class StatusReader:
    """Computes the status of a run from its record, and its rate over the last minutes."""

    def __init__(self, run: Run, began: float) -> None:
        self.run = run
        self.last: str | None = None
        self.retries = 0
        self._began = began
        self._days: set[date] = set()
        self._intervals = 0
        self._readings: deque[tuple[float, int]] = deque([(began, 0)])

    def read(self, now: float) -> Status:
        """Return how far the run is; `now` is a monotonic clock's seconds."""
        run, counts = self.run, self.run.counts
        self._take_days(run.coverage.covered[self._intervals :])
        asked = self._days_asked()
        done = self._days_done(asked)
        pace = self._pace(now, counts["read"] + len(run.gone) + len(run.failed))
        return Status(
            days_done=done,
            days_asked=len(asked),
            days_unproven=len(asked) - sum(day.toordinal() in asked for day in self._days),
            new=counts["stored"],
            changed=counts["revised"],
            known=counts["known"] + counts["unchanged"],
            waiting=len(run.open),
            missing=len(run.failed),
            pace=pace,
            left=self._left(now, done, len(asked), pace),
            trouble=trouble(run, self.retries),
            last=self.last,
        )

    def _take_days(self, covered: list[Interval]) -> None:
        self._intervals += len(covered)
        self._days.update(day for interval in covered for day in interval.days())

    def _days_asked(self) -> range:
        """Return the days of the run's period as ordinals."""
        if self.run.since is None or self.run.until is None:
            return range(0)
        first, last = (day.astimezone(WIB).toordinal() for day in (self.run.since, self.run.until))
        return range(first, last + 1)

    def _days_done(self, asked: range) -> int:
        """Return how many days are done; the last one is not while articles are waiting."""
        read = {day.toordinal() for day in self._days | self.run.coverage.failed_days}
        number = sum(day in asked for day in read)
        return max(0, number - 1) if self.run.open else number

    def _pace(self, now: float, dealt: int) -> float | None:
        """Return the articles per minute over the last `WINDOW`."""
        readings = self._readings
        readings.append((now, dealt))
        while len(readings) > 2 and readings[1][0] < now - WINDOW.total_seconds():
            readings.popleft()
        since, before = readings[0]
        return 60 * (dealt - before) / (now - since) if now - since > 1 else None

    def _left(self, now: float, done: int, asked: int, pace: float | None) -> timedelta | None:
        if asked > FEW_DAYS:
            return timedelta(seconds=(now - self._began) / done * (asked - done)) if done else None
        return timedelta(minutes=len(self.run.open) / pace) if pace else None


def trouble(run: Run, retries: int) -> str:
    """Return in a few words what went wrong so far, an empty text if nothing did.

    >>> from datetime import datetime
    >>> now = datetime(2026, 11, 23, tzinfo=WIB)
    >>> run = Run(id="a", spider="backfill", started_at=now)
    >>> run.note_failed("2026/11/23/101500070", "https://www.kompas.com/", "http-500")
    >>> trouble(run, 3), trouble(Run(id="b", spider="backfill", started_at=now), 0)
    ('1 article not read (http-500), 3 requests repeated', '')
    """
    reasons = Counter(pending.reason for pending in run.failed.values())
    named = ", ".join(reason for reason, _ in reasons.most_common(3))
    parts = [
        f"{number_of(len(run.failed), 'article')} not read ({named})" if run.failed else "",
        f"{number_of(len(run.failed_listings), 'list')} not read" if run.failed_listings else "",
        f"{number_of(len(run.unknown_listings), 'list')} not recognised"
        if run.unknown_listings
        else "",
        f"{number_of(retries, 'request')} repeated" if retries else "",
    ]
    return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The result of a run for the screen."""

    outcome: Outcome
    took: timedelta
    status: Status
    gone: int
    folder: str

    def rows(self) -> list[tuple[str, str]]:
        """Return the rows of the summary as names and texts."""
        status = self.status
        gone = f"{number_of(self.gone, 'article')} that Kompas has removed" if self.gone else ""
        output = shlex.quote(str(Path(self.folder).parent))
        rows = [
            ("New", ", ".join((str(status.new), *status.stored[1:]))),
            ("Missing", self.missing()),
            ("Gone", gone),
            ("Trouble", status.trouble),
            ("Where", self.folder),
            ("Next", with_program_name(REMEDIES[self.outcome].format(root=output))),
        ]
        return [(name, text) for name, text in rows if text]

    def missing(self) -> str:
        """Return what was requested and is missing."""
        if self.outcome is Outcome.COMPLETE:
            return "none"  # days that others of a fleet have proven are none of its own
        articles, days = self.status.missing + self.status.waiting, self.status.days_unproven
        parts = [
            number_of(articles, "article") if articles else "",
            f"{number_of(days, 'day')} not read to the end" if days else "",
        ]
        text = ", ".join(part for part in parts if part)
        return f"{text}; noted for the next run" if text else "none"

    def headline(self) -> str:
        return f"{str(self.outcome).capitalize()} after {duration(self.took)}"


def status_lines(spider: str, status: Status, width: int) -> Group:
    """Return the lines that are redrawn in place."""
    head = Table.grid(padding=(0, 2))
    part = status.part
    bar = ProgressBar(
        total=1, completed=part or 0, width=max(10, min(40, width - 50)), pulse=part is None
    )
    percent = "" if part is None else f"{100 * part:.0f}%"
    left = Text(status.time_left, style="dim")
    head.add_row(Text(spider, style="bold"), status.days, bar, percent, left)
    counts = Text(" · ".join(status.counts))
    last = Text(status.last or "", style="dim")
    wrong = Text(status.trouble, style="yellow")
    lines = [line for line in (counts, last, wrong) if line]
    for line in lines:
        line.no_wrap, line.overflow = True, "ellipsis"
    return Group(head, *lines)


class Progress:
    """Shows the progress of a run."""

    def __init__(self, crawler: Crawler, mode: Mode) -> None:
        self.crawler = crawler
        self.mode = mode
        self.root = Path(crawler.settings["KOMPAS_OUTPUT_DIR"]).expanduser().absolute()
        self.reader: StatusReader | None = None
        self.screen: Screen | None = None
        self.ended: Status | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        asked = read_mode(str(crawler.settings["KOMPAS_PROGRESS"]))
        mode = mode_of(asked, sys.stderr, os.environ)
        if mode == "off" or not issubclass(crawler.spidercls, KompasSpider):
            raise NotConfigured  # with a reason it would be a warning in the log
        progress = cls(crawler, mode)
        crawler.signals.connect(progress.spider_opened, signals.spider_opened)
        crawler.signals.connect(progress.item_scraped, signals.item_scraped)
        crawler.signals.connect(progress.spider_closed, signals.spider_closed)
        crawler.signals.connect(progress.engine_stopped, signals.engine_stopped)
        return progress

    def spider_opened(self, spider: Spider) -> None:
        """Start the display; a run that found the directory locked has no record."""
        run = getattr(spider, "run", None)
        if run is None:
            return
        self.began = monotonic()
        self.reader = StatusReader(run, self.began)
        if self.mode == "live":
            priority = self.crawler.settings.getpriority("LOG_LEVEL") or 0
            level = (
                logging.NOTSET if priority >= SETTINGS_PRIORITIES["cmdline"] else logging.WARNING
            )
            self.screen = Screen(run.spider, sys.stderr, level)
        self.timer = create_looping_call(self.look)
        every = self.crawler.settings.getfloat("KOMPAS_PROGRESS_EVERY")
        self.timer.start(LIVE_EVERY if self.screen else every, now=self.screen is not None)

    def look(self) -> None:
        """Show the current status."""
        if self.reader is None:
            return
        status = self._read(self.reader)
        if self.screen:
            self.screen.show(status)
        else:
            logger.info("%s", status.line())

    def _read(self, reader: StatusReader) -> Status:
        reader.retries = self.crawler.stats.get_value("retry/count", 0)
        return reader.read(monotonic())

    def item_scraped(self, item: Any) -> None:
        if self.reader is not None and isinstance(item, Article):
            published = item.published_at.astimezone(WIB)
            self.reader.last = f"{published:%Y-%m-%d %H:%M} WIB  {plain(item.title)}"

    def spider_closed(self) -> None:
        """Stop the display and restore the terminal before the outcome is logged."""
        if self.reader is None:
            return
        self.timer.stop()
        self.ended = self._read(self.reader)
        if self.screen:
            self.screen.close()

    def engine_stopped(self) -> None:
        """Show the summary on a terminal, after the run's line has been written."""
        outcome = self.crawler.stats.get_value("kompas/outcome")
        if self.reader is None or self.ended is None or outcome is None or self.screen is None:
            return
        summary = Summary(
            outcome=Outcome(outcome),
            took=timedelta(seconds=monotonic() - self.began),
            status=self.ended,
            gone=len(self.reader.run.gone),
            folder=shown_path(self.root / "articles"),
        )
        self.screen.show_summary(summary)


class Screen:
    """A terminal with redrawn lines at its end and the log above them.

    The log shows only records of `level` and above there.
    """

    def __init__(self, spider: str, stream: TextIO, level: int) -> None:
        self.spider = spider
        self.stream = stream
        self.console = SafeConsole(file=stream, force_terminal=True, highlight=False, markup=False)
        self.live = Live(
            console=self.console,
            auto_refresh=False,
            transient=True,
            # What others print goes above as well; a feed that is piped away stays as it is.
            redirect_stdout=sys.stdout.isatty(),
            redirect_stderr=True,
        )
        self.moved = [(each, each.level) for each in _handlers_that_write_to(stream)]
        for handler, before in self.moved:
            handler.setStream(_LinesAbove(self.console))
            handler.setLevel(max(before, level))
            handler.addFilter(_is_not_outcome)  # the summary shows it
        atexit.register(self.live.stop)  # show the cursor again, even if the run is killed twice
        self.live.start()

    def show(self, status: Status) -> None:
        self.live.update(status_lines(self.spider, status, self.console.width), refresh=True)

    def close(self) -> None:
        """Erase the redrawn lines, and let the log write to its stream again."""
        self.live.stop()
        atexit.unregister(self.live.stop)
        for handler, _ in self.moved:
            handler.setStream(self.stream)

    def show_summary(self, summary: Summary) -> None:
        """Show how the run ended, and restore the levels of the log."""
        for handler, level in self.moved:
            handler.setLevel(level)
        table = Table.grid(padding=(0, 2))
        for name, text in summary.rows():
            table.add_row(Text(name, style="bold"), Text(text))
        good = summary.outcome is Outcome.COMPLETE
        self.console.print()
        headline = f"{summary.headline()}: {MEANINGS[summary.outcome]}."
        self.console.print(Text(headline, style="green" if good else "yellow"))
        self.console.print(table)


class _LinesAbove:
    """Writes whole lines above the redrawn ones, neither wrapped nor coloured."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.rest = ""

    def write(self, text: str) -> int:
        *lines, self.rest = (self.rest + text).split("\n")
        for line in lines:
            self.console.print(Text(line), soft_wrap=True)
        return len(text)

    def flush(self) -> None:
        """Do nothing: only an incomplete line is held back."""


def _is_not_outcome(record: logging.LogRecord) -> bool:
    return record.name != OUTCOME_LOGGER


def _handlers_that_write_to(stream: TextIO) -> list[logging.StreamHandler[Any]]:
    return [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler, logging.StreamHandler) and handler.stream is stream
    ]
