"""`scrapy show`: print one article, or several, for reading."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from rich.console import Console
from rich.text import Text

from kompas_crawler.archive.record import to_record
from kompas_crawler.archive.store import Archive
from kompas_crawler.audit.changes import RemovedArticle, removed_since
from kompas_crawler.characters import plain
from kompas_crawler.cli.archive_command import ArchiveCommand
from kompas_crawler.cli.reading_command import (
    FILTERS,
    open_archive,
    read_count,
    read_filters,
    read_id,
)
from kompas_crawler.cli.streams import print_message
from kompas_crawler.cli.terminal import MAX_WIDTH, console, json_text, moment_text, print_wrapped
from kompas_crawler.errors import BadArgument
from kompas_crawler.exports.citations import STYLES, citations
from kompas_crawler.items import Article, Embed, Image
from kompas_crawler.runs.invented import invented_runs
from kompas_crawler.runs.log import CrawlLog
from kompas_crawler.runs.outcome import DONE, NOTHING_FOUND
from kompas_crawler.timezones import WIB
from kompas_crawler.wording import number_of

INVENTED = "this article comes from the bundled stand-in, not from Kompas.com."


class Command(ArchiveCommand):
    """Print one article to read, with all its facts and revisions.

    Print one article to read, with all its facts and revisions; without ID or ADDRESS, every
    article that --since, --source and so on select, the oldest first.
    """

    takes = 1
    instead = "give one article, or select some with --since, --source and so on"
    exit_codes = {
        0: "it is stored",
        NOTHING_FOUND: "it is not stored; what runs recorded of it is printed",
    }
    usage = "[options] [ID|ADDRESS]"
    options = {
        "--revision N": "an earlier revision (default: the last)",
        "--json": "print the record as it is stored",
        "--cite FORM": f"print a citation instead: {', '.join(STYLES)}",
        **FILTERS,
    }

    def answer(self, args: list[str], opts: argparse.Namespace) -> int:
        number = None if opts.revision is None else read_count("revision", opts.revision)
        if opts.cite is not None and (opts.cite not in STYLES or opts.json):
            raise BadArgument(f"--cite takes one of {', '.join(STYLES)}, and no --json beside it")
        selection = read_filters(opts, datetime.now(WIB))
        if selection.is_everything and not args:
            raise BadArgument(
                "give one article: its id, such as 2021/08/26/162226370, or its address;"
                " or select some with --since, --source and so on"
            )
        if not selection.is_everything and (args or number):
            raise BadArgument("ID and --revision name one article: leave out the other options")
        wanted = read_id(args[0]) if args else None
        out, shown = console(MAX_WIDTH), 0
        with open_archive(self.root(opts)) as archive:
            crawl_log = CrawlLog(self.root(opts))
            invented = invented_runs(crawl_log.newest_first())
            removed = {each.id: each for each in removed_since(archive, crawl_log, None, wanted)}
            every = (record["id"] for record in selection.records(archive))
            stored = filter(None, map(archive.revisions, [wanted] if wanted else every))
            if opts.cite:
                articles = (_revision(revisions, number) for revisions in stored)
                shown = _cite(articles, opts.cite, invented)
            else:
                for shown, revisions in enumerate(stored, 1):
                    article = _revision(revisions, number)
                    marks = _marks(article, revisions[-1], invented, removed)
                    if opts.json:
                        print(json_text(to_record(article)))
                        for name, words in marks:
                            print_message(f"{name}: {words}")
                    else:
                        out.print("\n\n" if shown > 1 else "", end="")
                        _print(article, revisions, out, marks)
        if not shown:
            print_wrapped(
                out, Text(_why_not(wanted, crawl_log, archive) if wanted else "No article matches.")
            )
        return DONE if shown else NOTHING_FOUND


def _cite(articles: Iterator[Article], style: str, invented: Collection[str]) -> bool:
    """Print citations; return whether there was an article to cite."""
    first = next(articles, None)
    if first is not None:
        for piece in citations(chain((first,), articles), style, invented):
            print(piece, end="")
    return first is not None


def _why_not(article_id: str, crawl_log: CrawlLog, archive: Archive) -> str:
    """Return why an article is not stored: withdrawn, or what the newest run recorded of it."""
    if each := archive.withdrawn.get(article_id):
        when = moment_text(datetime.fromisoformat(each.withdrawn_at))
        return plain(f"{article_id} is not stored: withdrawn {when}: {each.reason}")
    for line in crawl_log.newest_first():
        for kind, words in _NOT_STORED.items():
            for entry in line.get(kind, ()):
                if entry["id"] == article_id:
                    facts = {"seen_at": None, "found": None, "tries": 0, **entry}
                    return plain(f"{article_id} is not stored: {words(facts)}. {_run(line)}")
    return f"{article_id} is not stored, and no run has requested it."


def _run(line: Mapping[str, Any]) -> str:
    ended = line.get("finished_at")
    return f"Run {line['crawl']}" + (
        f", ended {moment_text(datetime.fromisoformat(ended))}." if ended else "."
    )


def _reason(entry: Mapping[str, Any]) -> str:
    evidence = f" ({entry['found']})" if entry["found"] else ""
    tried = number_of(entry["tries"], "attempt")
    return f"{entry.get('reason', 'no reason noted')}{evidence}, {tried} so far"


# By the key of a run's line: what it means for an article.
_NOT_STORED: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "gone": lambda entry: f"Kompas has removed it (HTTP {entry.get('status', '?')})",
    "given_up": lambda entry: f"given up: {_reason(entry)}",
    "off_section": lambda entry: "it belongs to another section",
    "pending": lambda entry: f"pending, the next run tries it again: {_reason(entry)}",
}


def _marks(
    article: Article,
    last: Article,
    invented: Collection[str],
    removed: Mapping[str, RemovedArticle],
) -> Iterator[tuple[str, str]]:
    """Yield what the runs recorded of an article and its record does not hold."""
    if article.crawl in invented:
        yield "Invented", INVENTED
    gone = removed.get(article.id)
    if gone and (last.fetched_at is None or gone.seen_at > last.fetched_at):
        when = moment_text(gone.seen_at)
        yield "Removed", f"Kompas no longer has this article: HTTP {gone.status}, seen {when}."


def _revision(revisions: Sequence[Article], number: int | None) -> Article:
    if number is None:
        return revisions[-1]
    for article in revisions:
        if article.revision == number:
            return article
    known = ", ".join(str(article.revision) for article in revisions)
    raise BadArgument(f"{revisions[-1].id} has no revision {number}, only {known}")


def _print(
    article: Article,
    revisions: Sequence[Article],
    out: Console,
    marks: Iterable[tuple[str, str]],
) -> None:
    _print_heading(plain(article.title), "=", out)
    _print_rows((*marks, *_head(article)), out)
    for block in article.text.split("\n\n"):
        out.print()
        if block in article.subheadings:
            _print_heading(plain(block), "-", out)
        else:
            print_wrapped(out, Text(plain(block)))
    for title, lines in _sections(article, revisions):
        out.print()
        _print_heading(title, "-", out)
        for line in lines:
            print_wrapped(out, Text(line), indent="    ", first="  ")
    out.print()
    _print_heading("Record", "-", out)
    _print_rows(tuple(_facts(article)), out)


def _print_heading(heading: str, line: str, out: Console) -> None:
    """Print a heading that stands out, by a line below it where there is no bold type."""
    text = Text(heading, style="bold")
    print_wrapped(out, text)
    if out.color_system is None:
        out.print(line * min(text.cell_len, out.width))


def _print_rows(rows: Sequence[tuple[str, str]], out: Console) -> None:
    width = max(len(name) for name, _ in rows) + 2
    for name, value in rows:
        print_wrapped(out, Text(value), indent=" " * width, first=f"{name:{width}}")


def _head(article: Article) -> Iterator[tuple[str, str]]:
    """Yield the lines above an article: when, where and by whom."""
    yield "Published", moment_text(article.published_at)
    if article.updated_at:
        yield "Updated", moment_text(article.updated_at)
    for name, value in (
        ("Place", article.place),
        ("Writers", ", ".join(article.authors)),
        ("Editors", ", ".join(article.editors)),
        ("Sources", ", ".join(article.sources)),
        ("Tags", " · ".join(article.tags)),
        ("Summary", article.description),
        ("Address", article.url),
    ):
        if value:
            yield name, plain(value)


def _sections(
    article: Article, revisions: Sequence[Article]
) -> Iterator[tuple[str, Iterable[str]]]:
    if article.images:
        yield "Photos", map(_photo, article.images)
    if article.embeds:
        yield "Posts and videos", map(_embed, article.embeds)
    if article.related:
        yield "Read also", (_lines(link.title, link.url) for link in article.related)
    if article.warnings:
        yield "Warnings", map(plain, article.warnings)
    yield "Revisions", (_revision_line(each, shown=each is article) for each in revisions)


def _photo(image: Image) -> str:
    credit = f"({image.credit})" if image.credit else None
    words = " ".join(filter(None, (image.caption, credit)))
    return _lines(words, image.url)


def _embed(embed: Embed) -> str:
    return _lines(": ".join(filter(None, (embed.kind, embed.text))), embed.url)


def _lines(*lines: str | None) -> str:
    """Return the texts that are not empty, each on a line of its own."""
    return "\n".join(plain(line) for line in lines if line)


def _revision_line(article: Article, *, shown: bool) -> str:
    fetched = _moment(article.fetched_at)
    mark = ", shown here" if shown else ""
    return f"{article.revision}: fetched {fetched}, {article.word_count:,} words{mark}"


def _facts(article: Article) -> Iterator[tuple[str, str]]:
    """Yield what remains of the record, by the names of its fields."""
    for name in _FACTS:
        value = getattr(article, name)
        if name == "fetched_at":
            value = _moment(value)
        if value:
            yield name, plain(str(value))


_FACTS = (
    *("id", "section", "dateline", "published_from", "page_count", "word_count"),
    *("duplicate_of", "layout", "fetched_at", "crawl", "content_hash"),
)


def _moment(moment: datetime | None) -> str:
    return moment_text(moment) if moment else "at an unknown time"
