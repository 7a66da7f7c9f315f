"""`scrapy report`: write one HTML page about the collection."""

from __future__ import annotations

import argparse
import re
import webbrowser
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from kompas_crawler.audit.changes import changes_of
from kompas_crawler.cli.archive_command import ArchiveCommand, print_json, with_progress
from kompas_crawler.cli.reading_command import (
    FILTERS,
    bring_up_to_date,
    open_archive,
    read_filters,
)
from kompas_crawler.cli.streams import print_answer, print_message
from kompas_crawler.errors import BadArgument, needing
from kompas_crawler.exports import destination
from kompas_crawler.paths import read_path
from kompas_crawler.runs.invented import in_words, invented_runs
from kompas_crawler.runs.log import CrawlLog
from kompas_crawler.runs.outcome import DONE, NOTHING_FOUND
from kompas_crawler.runs.periods import Period, read_period
from kompas_crawler.search.fulltext import FullText
from kompas_crawler.search.selection import Query, Selection
from kompas_crawler.timezones import WIB
from kompas_crawler.wording import shown_path

_GENERATOR = b'<meta name="generator" content="kompas_crawler">'
TOPICS = 12  # that are shown beside each other
_TOPIC = re.compile(r'(?:["“„][^"“”]*["”“]|[^,])+')  # a comma within quotes separates nothing


class Command(ArchiveCommand):
    """Show the collection in one page of HTML.

    Writes what is stored, or what is selected, as one page of HTML. Options that name something
    may be given several times: one of the names is enough.
    """

    instead = "use --to {word}, for example"
    exit_codes = {0: "written", NOTHING_FOUND: "no article matches; nothing was written"}
    options = {
        "--to FILE": "the page (default: DIR/report.html)",
        "--lang id|en": {
            "choices": ("id", "en"),
            "default": "id",
            "help": "the language it opens in (default: id)",
        },
        "--open": "open it in the browser",
        **FILTERS,
        "--compare": {
            "metavar": ("SINCE", "UNTIL"),
            "nargs": 2,
            "action": "store",
            "help": "another period to compare with that of --since and --until",
        },
        "--words LIST": "show over time how many articles have these words, written as for"
        """ scrapy search, with commas between them: 'gaza, "uni eropa"'""",
    }

    def answer(self, args: list[str], opts: argparse.Namespace) -> int:
        root = self.root(opts)
        page = read_path("--to", opts.to) if opts.to is not None else root / "report.html"
        path = destination.check(page, root)
        if path.exists() and not _is_report(path):
            raise BadArgument(
                f"{page} exists and is not a report of this program: choose another file"
            )
        asked = _asked(opts, datetime.now(WIB))
        with needing("the report", "report"):
            articles, invented = _written(root, path, opts.lang, asked)
        if not (articles or asked.selection.is_everything):
            print_message("No article matches: nothing was written.")
            return NOTHING_FOUND
        if opts.json:
            print_json({"page": str(path), "articles": articles, "invented": invented})
        else:
            print_answer(shown_path(path))
        if sentence := in_words(invented, articles):
            print_message(sentence)
        if opts.open:
            webbrowser.open(path.as_uri())
        return DONE


def _is_report(path: Path) -> bool:
    """Return whether a file is a report of ours, or empty, so that it may be replaced."""
    with path.open("rb") as file:
        beginning = file.read(64 * 1024)
    return not beginning or _GENERATOR in beginning


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """The articles that the page is about, and the period that theirs is compared with."""

    now: datetime
    selection: Selection
    other: Period | None = None
    topics: tuple[Query, ...] = ()


def _asked(opts: argparse.Namespace, now: datetime) -> _Wanted:
    selection = read_filters(opts, now)
    topics = () if opts.words is None else read_topics(opts.words)
    other = None
    if opts.compare is not None:
        if opts.since is None:
            raise BadArgument("--compare needs --since: the period to compare with")
        since, until = opts.compare
        other = read_period(since, until, now)
    return _Wanted(now=now, selection=selection, other=other, topics=topics)


def read_topics(given: str) -> tuple[Query, ...]:
    """Return the searches between commas, each once; raise BadArgument.

    >>> [words.asked for words in read_topics('gaza, "Kiev, Ukraina", gaza')]
    ['gaza', '"Kiev, Ukraina"']
    """
    parts = [part.strip() for part in _TOPIC.findall(given)]
    topics = [Query.parse(part) for part in dict.fromkeys(filter(None, parts))]
    if not topics:
        raise BadArgument("--words is empty: name some, with commas between them")
    if len(topics) > TOPICS:
        raise BadArgument(f"--words names {len(topics)} topics: {TOPICS} is the most")
    return tuple(topics)


def _written(root: Path, path: Path, language: str, wanted: _Wanted) -> tuple[int, int]:
    """Write the page; return how many articles it shows, and how many of them are invented."""
    # Imported here: the other commands must not need what only this one does.
    from kompas_crawler.report.figures import report
    from kompas_crawler.report.history import summarize_runs
    from kompas_crawler.report.page import library, render, write
    from kompas_crawler.report.statistics import collect_statistics
    from kompas_crawler.report.topics import topics_of

    library()
    with open_archive(root, to_search=bool(wanted.topics)) as archive:
        runs = invented_runs(CrawlLog(root).newest_first())
        counted = collect_statistics(
            with_progress(wanted.selection.records(archive), archive), runs
        )
        counted.broken = archive.spoiled()
        other = None
        if wanted.other:
            others = replace(wanted.selection, period=wanted.other).records(archive)
            other = wanted.other, collect_statistics(with_progress(others, archive), runs)
        if not counted.articles and not wanted.selection.is_everything:
            return 0, 0
        ids = [article_id for _, article_id in sorted(counted.changed, reverse=True)]
        changes = [change for each in ids for change in changes_of(archive, each)]
        index = FullText(archive)
        if wanted.topics:
            bring_up_to_date(index)
        topics = topics_of(index, wanted.selection, wanted.topics)
    shown = report(
        counted,
        # What a run with a clock that was ahead calls proven is not.
        replace(
            summarize_runs(CrawlLog(root).newest_first()), state=CrawlLog(root).state(wanted.now)
        ),
        wanted.now,
        selection=wanted.selection,
        changes=changes,
        other=other,
        topics=topics,
    )
    write(render(shown, "en" if language == "en" else "id"), path)
    return counted.articles, counted.invented
