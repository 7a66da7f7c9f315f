"""`scrapy search`: articles that match a query, a concordance, or counts over time."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from importlib import import_module
from itertools import zip_longest
from pathlib import Path
from typing import Any, Literal

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from kompas_crawler.characters import plain, replaced
from kompas_crawler.cli.archive_command import ArchiveCommand
from kompas_crawler.cli.reading_command import (
    FILTERS,
    bring_up_to_date,
    open_archive,
    read_count,
    read_filters,
)
from kompas_crawler.cli.streams import print_message
from kompas_crawler.cli.terminal import MAX_WIDTH, console, json_text, moment_text, print_wrapped
from kompas_crawler.errors import BadArgument, needing
from kompas_crawler.exports import destination
from kompas_crawler.exports.spreadsheet import harmless, joined
from kompas_crawler.paths import read_path
from kompas_crawler.report.history import proven_days
from kompas_crawler.runs.invented import in_words as invented_in_words
from kompas_crawler.runs.invented import invented_runs
from kompas_crawler.runs.log import CrawlLog
from kompas_crawler.runs.outcome import DONE, NOTHING_FOUND
from kompas_crawler.search.concordance import ORDERS, Line, lines
from kompas_crawler.search.concordance import WIDTH as KWIC_WIDTH
from kompas_crawler.search.counts import UNITS, Count, Unit, counts, total
from kompas_crawler.search.fulltext import Excerpt, FullText, excerpt, mark_all
from kompas_crawler.search.selection import Query, Selection, days_of
from kompas_crawler.timezones import WIB
from kompas_crawler.wording import number_of

Form = Literal["text", "json", "csv"]

LIMIT = 10
WIDTH = 240  # characters of a snippet: three lines of a terminal
BAR, NOTE = 24, 10  # cells of the longest bar; of the longest text in place of one
_COLUMNS = (22, 14, 16)  # cells for id, place and sources
NONE = "No article holds all these words."
UNPROVEN = (
    "Not all of these days are proven complete: few hits there may only mean that few articles were"
    " collected."
)
CHARTS = (".html", ".svg", ".png")

# The options that belong to one view only.
_ONLY = {"width": "kwic", "sort": "kwic", "chart": "by", "best": "articles"}

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for, where, and how it is printed; `invented` are runs of the stand-in."""

    index: FullText
    selection: Selection
    words: Query
    invented: Collection[str]
    form: Form


class Command(ArchiveCommand):
    """Print the articles that hold all these words, every hit, or counts over time.

    Prints the newest articles whose title or text has all WORDS; case and accents do not count. A
    bare word finds its whole family: bunuh finds membunuh, dibunuhnya, pembunuhan. "Two words" in
    double quotes must stand together exactly as written. beg* finds every word that begins with beg.
    -demam excludes the articles with that family; quote the whole for the shell: 'vaksin -demam'.
    """

    takes = None
    exit_codes = {0: "something was found", NOTHING_FOUND: "nothing was found"}
    usage = "[options] WORDS"
    options = {
        "--kwic": "print every hit with its context",
        "--width N": f"with --kwic: characters on each side (default: {KWIC_WIDTH})",
        "--sort ORDER": {
            "choices": ORDERS,
            "help": "with --kwic: left, right or date (default: date)",
        },
        "--by UNIT": {"choices": UNITS, "help": "count by day, week, month or year"},
        "--chart FILE": "with --by: draw it as .html, .svg or .png",
        "--force": "replace the chart if it exists",
        **FILTERS,
        "--limit N": f"print at most N (default: {LIMIT} articles)",
        "--best": "best articles first: most hits, and hits in the title",
        "--json": "print JSON, one line for each result",
        "--csv": "print CSV with a header, one row for each result",
    }

    def answer(self, args: list[str], opts: argparse.Namespace) -> int:
        if not args:
            raise BadArgument("there are no words to look for")
        root, now = self.root(opts), datetime.now(WIB)
        show = _view(opts, root, now)
        form: Form = "json" if opts.json else "csv" if opts.csv else "text"
        words = Query.parse(" ".join(args))
        selection = replace(read_filters(opts, now), words=words)
        with open_archive(root, to_search=True) as archive:
            invented = invented_runs(CrawlLog(root).newest_first())
            index = FullText(archive)
            bring_up_to_date(index)
            articles, number = show(Asked(index, selection, words, invented, form))
        if sentence := invented_in_words(number, articles):
            print_message(sentence)
        return DONE if articles else NOTHING_FOUND


def _view(
    opts: argparse.Namespace, root: Path, now: datetime
) -> Callable[[Asked], tuple[int, int]]:
    """Return what prints the requested view and counts its articles, and the invented of them.

    Raises BadArgument for options that exclude each other.
    """
    if (opts.kwic and opts.by) or (opts.json and opts.csv):
        raise BadArgument(
            "--kwic and --by are two views, --json and --csv two forms: choose one of them"
        )
    view = "kwic" if opts.kwic else "by" if opts.by else "articles"
    for name, its in _ONLY.items():
        if getattr(opts, name) and view != its:
            raise BadArgument(
                f"--{name} is for {'a list of articles' if its == 'articles' else f'--{its}'}"
            )
    limit = None if opts.limit is None else read_count("limit", opts.limit)
    if view == "kwic":
        width = None if opts.width is None else read_count("width", opts.width)
        order = ORDERS[opts.sort or "date"]
        return partial(_concordance, limit=limit, width=width, order=order)
    if view == "articles":
        return partial(_articles, limit=limit or LIMIT, best_first=opts.best)
    if limit:
        raise BadArgument("--limit is not for --by: it counts all")
    chart = _chart(opts.chart, root, force=opts.force) if opts.chart else None
    return partial(_counts, unit=opts.by, chart=chart, root=root, now=now)


def _chart(name: str, root: Path, *, force: bool) -> Path:
    path = read_path("--chart", name)
    if path.suffix not in CHARTS:
        raise BadArgument(
            f"--chart {name} is no name of a chart: it must end in {', '.join(CHARTS)}"
        )
    with needing("a chart", "report"):
        import_module("kompas_crawler.report.trend")
    return destination.check_export(path, root, force=force)


def _print_rows(rows: Iterable[Row], form: Form) -> None:
    """Print rows as lines of JSON or as CSV."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    for number, row in enumerate(rows):
        if form == "json":
            print(json_text(row))
            continue
        if not number:
            writer.writerow(row)
        writer.writerow(map(_cell, row.values()))


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple):
        value = joined(value)
    return harmless(replaced(value)) if isinstance(value, str) else value


def _articles(asked: Asked, *, limit: int, best_first: bool) -> tuple[int, int]:
    """Print the articles that hold the words, newest or best first, each with a snippet."""
    found = asked.index.search(asked.selection, limit, best_first=best_first)
    invented = [record.get("crawl") in asked.invented for record in found.records]
    number = len(found.records)
    if asked.form == "text":
        out = console(MAX_WIDTH)
        for record, is_invented in zip(found.records, invented, strict=True):
            _print_article(record, asked.words, out, is_invented=is_invented)
        which = f"The {number} {'best' if best_first else 'newest'} of "
        count = f"{'' if number == found.count else which}{number_of(found.count, 'article')}."
        out.print(Text(count if found.count else NONE))
    else:
        _print_rows((_hit(record, asked.words) for record in found.records), asked.form)
    return number, sum(invented)


def _hit(record: Row, words: Query) -> dict[str, Any]:
    kept = {key: record[key] for key in ("id", "published_at", "title", "url")}
    return kept | {"snippet": excerpt(record["text"], words, WIDTH).marked()}


def _print_article(record: Row, words: Query, out: Console, *, is_invented: bool) -> None:
    published = moment_text(datetime.fromisoformat(record["published_at"]))
    mark = " · invented" if is_invented else ""
    print_wrapped(out, _shown(mark_all(plain(record["title"]), words), out, "bold"))
    print_wrapped(out, Text(f"{published} · {record['id']}{mark}", style="dim"))
    print_wrapped(out, _shown(excerpt(plain(record["text"]), words, WIDTH), out))
    out.print()


def _shown(piece: Excerpt, out: Console, style: str = "") -> Text:
    """Return the piece with its words highlighted or, where there is no colour, between stars."""
    if out.color_system is None:
        return Text(piece.marked())
    text = Text(piece.text, style=style)
    for begin, end in piece.marks:
        text.stylize("bold reverse", begin, end)
    return text


def _concordance(
    asked: Asked, *, limit: int | None, width: int | None, order: Callable[[Line], Any]
) -> tuple[int, int]:
    """Print every hit of the words on a line of its own, aligned."""
    out = console()
    room = width or _room(out)
    runs: dict[str, str] = {}

    def taken(record: Row) -> Iterator[Line]:
        runs[record["id"]] = record.get("crawl", "")
        return lines(record, asked.words, room)

    every = sorted(asked.index.every(asked.selection, taken), key=order)
    shown = every[:limit]
    if asked.form == "text":
        for line in shown:
            text = _aligned(line, room, out)
            # Ten times as fast: there may be a hundred thousand.
            print(text.plain) if out.color_system is None else out.print(text, soft_wrap=True)
        first = "" if len(shown) == len(every) else f"The first {len(shown)} of "
        count = f"{first}{number_of(len(every), 'hit')} in {number_of(len(runs), 'article')}."
        out.print(Text(count if every else NONE))
    else:
        _print_rows(map(asdict, shown), asked.form)
    return len(runs), sum(run in asked.invented for run in runs.values())


def _room(out: Console) -> int:
    """Return how many characters on each side of a hit fit into a line of the terminal."""
    room = (out.width - sum(_COLUMNS) - 16) // 2
    return max(20, min(room, KWIC_WIDTH)) if out.is_terminal else KWIC_WIDTH


def _aligned(line: Line, width: int, out: Console) -> Text:
    made = Text()
    before = (line.id, line.place or "", ", ".join(line.sources))
    for value, cells in zip(before, _COLUMNS, strict=True):
        text = plain(value)
        cut = set_cell_size(text, cells - 2) + "… " if cell_len(text) >= cells else None
        made.append(cut or set_cell_size(text, cells), style="dim")
    left = replaced(line.left)
    made.append(" " * (width - cell_len(left)) + left)
    if out.color_system is None:
        made.append(f"**{replaced(line.hit)}**")
    else:
        made.append(replaced(line.hit), style="bold reverse")
    return made.append(replaced(line.right))


def _counts(
    asked: Asked, *, unit: Unit, chart: Path | None, root: Path, now: datetime
) -> tuple[int, int]:
    """Print how often the words occur in each stretch of time, and the totals they are part of."""
    index, selection = asked.index, asked.selection
    stored = index.span()
    if stored is None:
        raise BadArgument(f"{root} holds no articles to count")
    first, last = days_of(selection.period, stored[0]) if selection.period else stored
    proven = proven_days(CrawlLog(root).state(now).coverage, now)
    rows = counts(index.days(selection), unit, first, last, proven)
    if asked.form == "text":
        _print_counts(rows, unit)
    else:
        _print_rows((row.row() for row in rows), asked.form)
    of_invented = replace(selection, names={**selection.names, "crawl": tuple(asked.invented)})
    number = index.search(of_invented, 0).count if asked.invented else 0
    found = total(rows).found
    if chart:
        source = invented_in_words(number, found) or "Source: Kompas.com"
        notes = [*replace(selection, words=None).in_words(), source]
        _draw(rows, asked.words, unit, notes, chart)
    return found, number


def _print_counts(rows: Sequence[Count], unit: Unit) -> None:
    out = console()
    length = {"month": 7, "year": 4}.get(unit)  # 2026-11 of 2026-11-01
    lines = [(row.first.isoformat()[:length], *_cells(row)) for row in rows]
    lines.append(("all", *_cells(total(rows))))
    heads = [unit, "hits", "per million", "articles", "of", "share", "proven days"]
    if _left_for_bars(heads, lines, out.width) < BAR:
        heads = [head.replace(" ", "\n") for head in heads]
    bar = min(BAR, _left_for_bars(heads, lines, out.width))
    most = max((row.per_million or 0 for row in rows), default=0)
    table = Table(*(Column(head, justify="right", no_wrap=True) for head in heads))
    table.columns[0].justify = "left"
    if bar >= NOTE:
        table.add_column("", min_width=bar)
        bars = (*(_bar(row, most, bar) for row in rows), "")
        lines = [(*line, drawn) for line, drawn in zip(lines, bars, strict=True)]
    for line in lines[:-1]:
        table.add_row(*line)
    table.add_section()
    table.add_row(*lines[-1])
    out.print(table)
    if not all(row.is_proven for row in rows):
        out.print(Text(UNPROVEN), soft_wrap=True)


def _left_for_bars(heads: Sequence[str], lines: Sequence[tuple[str, ...]], width: int) -> int:
    """Return the columns of a terminal that a table leaves for a last column of bars."""
    head_lines = zip_longest(*(head.split("\n") for head in heads), fillvalue="")
    widest = (max(map(len, column)) for column in zip(*head_lines, *lines, strict=True))
    return width - sum(most + 3 for most in widest) - 4


def _draw(
    rows: Sequence[Count], words: Query, unit: Unit, notes: Sequence[str], chart: Path
) -> None:
    from kompas_crawler.report.trend import draw

    with destination.replacing(chart) as draft:
        draw(rows, words.asked, unit, notes, draft, chart.suffix[1:])
    print_message(f"The chart is in {chart}.")


def _cells(row: Count) -> tuple[str, ...]:
    return (
        f"{row.hits:,}",
        "–" if row.per_million is None else f"{row.per_million:,.1f}",
        f"{row.found:,}",
        f"{row.articles:,}",
        "–" if row.share is None else f"{100 * row.share:.1f} %",
        f"{row.proven} of {row.days}",
    )


def _bar(row: Count, most: float, width: int) -> str:
    """Return a bar that shows the frequency; a note if there is no article."""
    if row.per_million is None:
        return "no article" if row.is_proven else "not proven"
    return "█" * max(bool(row.hits), round(width * row.per_million / most)) if most else ""
