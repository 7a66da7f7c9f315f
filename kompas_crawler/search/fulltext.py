"""The full-text index: the part of the SQLite cache that a search reads and updates.

It holds the words and lemmas of the last revision of every article, but not the articles: those are
read from the month files. Each search first indexes the lines that were added since.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice, takewhile
from typing import Any, TypeVar

from kompas_crawler.archive.index import HighWaterMark, range_of
from kompas_crawler.archive.record import record_in
from kompas_crawler.archive.sqlite_cache import CacheLost, retry_when_lost
from kompas_crawler.archive.store import Archive
from kompas_crawler.errors import BrokenRecord
from kompas_crawler.processors import count_words
from kompas_crawler.search.lemmas import tokens
from kompas_crawler.search.selection import (
    KINDS,
    Query,
    Selection,
    Term,
    composed,
    folded,
    names_of,
)
from kompas_crawler.urls import month_of

PATIENCE = 60.0  # seconds to wait for another search that is reading a month
BATCH = 2_000  # lines that are made searchable at once; a crawl may write in between

_FROM = "FROM words JOIN articles ON articles.key = words.rowid WHERE words MATCH ? AND "
_NEWEST = "articles.published DESC, articles.id DESC"
# A word in the title counts as much as eight in the text.
_BEST = f"bm25(words, 8.0, 1.0, 8.0, 1.0), {_NEWEST}"

_JAKARTA = 7 * 3600  # seconds that WIB is ahead of UTC
_DAY = 24 * 3600
_EPOCH = date(1970, 1, 1).toordinal()

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """How many articles hold the words, and the records of the first of them."""

    count: int
    records: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """How often words occur in the articles of a day, in how many, and out of what.

    `words` counts the words of all titles and texts of the day.
    """

    day: date
    hits: int
    found: int
    articles: int
    words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """A piece of a text, and where in it words begin and end."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()

    def marked(self, sign: str = "**") -> str:
        """Return the piece with a sign on both sides of each word.

        >>> Excerpt(text="… sebuah helikopter …", marks=((9, 19),)).marked()
        '… sebuah **helikopter** …'
        """
        parts, end = [], 0
        for begin, next_end in self.marks:
            parts += [self.text[end:begin], sign, self.text[begin:next_end], sign]
            end = next_end
        return "".join((*parts, self.text[end:]))


class FullText:
    """The searchable words of an archive."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._cache = archive.cache

    @retry_when_lost
    def unread(self) -> int:
        """Return about how many bytes of the month files are still to be read."""
        known = dict(self._cache.query('SELECT month, "end" FROM searchable'))
        sizes = {month: self._archive.size(month) for month in self._archive.months()}
        return sum(max(0, size - known.get(month, 0)) for month, size in sizes.items())

    @retry_when_lost
    def refresh(self, on_progress: Callable[[int], object] = lambda _: None) -> None:
        """Index the new lines of all months; `on_progress` is called with bytes read."""
        marks = {month: self._archive.mark(month) for month in self._archive.months()}
        self._archive.sync()  # nothing is searchable that a power failure can still undo
        for (gone,) in self._cache.query("SELECT month FROM searchable"):
            if gone not in marks:
                with self._cache.writing(patience=PATIENCE) as db:
                    _drop(db, gone)
        for month, mark in marks.items():
            while mark and self._index_batch(month, mark, on_progress):
                pass

    @retry_when_lost
    def search(self, selection: Selection, limit: int, *, best_first: bool = False) -> SearchResult:
        """Return the newest articles that hold all the words, or those that match best."""
        self.refresh()
        where, values = _sql_condition(selection)
        ((count,),) = self._cache.query(f"SELECT count(*) {_FROM} {where}", *values)
        order = _BEST if best_first else _NEWEST
        found = f"SELECT id {_FROM} {where} ORDER BY {order} LIMIT ?"
        rows = self._cache.query(found, *values, limit)
        return SearchResult(count=count, records=[self._record(id) for (id,) in rows])

    @retry_when_lost
    def every(
        self, selection: Selection, taken: Callable[[dict[str, Any]], Iterable[T]]
    ) -> list[T]:
        """Return what is taken of each article that holds all the words, the oldest first."""
        self.refresh()
        where, values = _sql_condition(selection)
        rows = self._cache.query(f"SELECT id {_FROM} {where} ORDER BY published, id", *values)
        return [each for (id,) in rows for each in taken(self._record(id))]

    @retry_when_lost
    def span(self) -> tuple[date, date] | None:
        """Return the first and the last day, in WIB, that have an article; None of no articles."""
        self.refresh()
        ((first, last),) = self._cache.query("SELECT min(published), max(published) FROM articles")
        return None if first is None else (_day_of(first), _day_of(last))

    @retry_when_lost
    def days(self, selection: Selection) -> list[DayCount]:
        """Return the days that have articles of the selection, whether or not with its words."""
        self.refresh()
        where, values = _sql_condition(selection)
        rows = self._cache.query(f"SELECT key, published {_FROM} {where}", *values)
        terms = selection.words.terms if selection.words else ()
        often = sum(map(self._frequency, terms), Counter[int]())
        hits: Counter[date] = Counter()
        found: Counter[date] = Counter()
        for key, second in rows:
            day = _day_of(second)
            hits[day] += often[key]
            found[day] += 1
        where, values = _sql_condition(selection, with_words=False)
        rows = self._cache.query(
            "SELECT min(published), count(*), sum(length) FROM articles"  # noqa: S608
            f" WHERE {where} GROUP BY (published + {_JAKARTA}) / {_DAY} ORDER BY 1",
            *values,
        )
        return [
            DayCount(day=day, hits=hits[day], found=found[day], articles=articles, words=words)
            for day, articles, words in ((_day_of(second), *rest) for second, *rest in rows)
        ]

    def _frequency(self, term: Term) -> Counter[int]:
        """Return how often a term occurs, by the keys of articles."""
        *before, last = term.tokens
        places = self._places(term, last, is_open=term.open)
        for distance, token in enumerate(reversed(before), start=1):
            earlier = self._places(term, token)
            places = {
                place for place in places if (place[0], place[1], place[2] - distance) in earlier
            }
        return Counter(key for key, _, _ in places)

    def _places(
        self, term: Term, token: str, *, is_open: bool = False
    ) -> set[tuple[int, str, int]]:
        """Return the positions of a word: the article's key, the column, and the offset."""
        last = f"{token}\U0010ffff" if is_open else token
        return set(
            self._cache.query(
                'SELECT doc, col, "offset" FROM places'
                " WHERE term >= ? AND term <= ? AND col IN (?, ?)",
                token,
                last,
                *term.columns,
            )
        )

    def _record(self, id: str) -> dict[str, Any]:
        record = self._archive.record(id)
        if record is None:  # its month was replaced or deleted meanwhile
            raise CacheLost(id)
        return record

    def _index_batch(
        self, month: str, mark: HighWaterMark, on_progress: Callable[[int], object]
    ) -> bool:
        """Make some more lines of a month searchable; return whether there may be others."""
        if self._known(month) == (mark.generation, mark.end):
            return False
        with self._cache.writing(patience=PATIENCE) as db:
            known = self._known(month)  # read again: another search may have been faster
            start = known[1] if known and known[0] == mark.generation else 0
            if not 0 < start <= mark.end:
                start = 0
                _drop(db, month)
            whole = takewhile(lambda line: line[0] < mark.end, self._archive.lines(month, start))
            lines = list(islice(whole, BATCH))
            for _, line in lines:
                _index_line(db, month, line)
            end = lines[-1][0] + len(lines[-1][1]) if lines else mark.end
            db.execute(
                "INSERT OR REPLACE INTO searchable VALUES (?, ?, ?)", (month, mark.generation, end)
            )
        on_progress(end - start)
        return end < mark.end

    def _known(self, month: str) -> tuple[int, int] | None:
        rows = self._cache.query('SELECT generation, "end" FROM searchable WHERE month = ?', month)
        return rows[0] if rows else None


def excerpt(text: str, words: Query, width: int) -> Excerpt:
    """Return the piece of a text, about `width` characters, that holds most of the terms.

    A text that holds none of them is shown from its beginning.

    >>> excerpt("Satu dua tiga. Sebuah helikopter jatuh.", Query.parse("helikopter"), 30).marked()
    '… tiga. Sebuah **helikopter** jatuh.'
    """
    whole = " ".join(composed(text).split())
    marks = words.marks(whole)
    begin, end = _window(whole, marks, width)
    shift = begin - (2 if begin else 0)
    inside = tuple((a - shift, b - shift) for a, b, _ in marks if begin <= a and b <= end)
    shown = ("… " if begin else "") + whole[begin:end] + (" …" if end < len(whole) else "")
    return Excerpt(text=shown, marks=inside)


def mark_all(text: str, words: Query) -> Excerpt:
    """Return a text as it is, with all words marked."""
    return Excerpt(text=composed(text), marks=tuple((a, b) for a, b, _ in words.marks(text)))


def _window(text: str, marks: list[tuple[int, int, Term]], width: int) -> tuple[int, int]:
    if not marks:
        return 0, _word_end(text, width)
    first, last = max(
        (_reach(marks, start, width) for start in range(len(marks))),
        key=lambda reach: len({term for _, _, term in marks[reach[0] : reach[1]]}),
    )
    room = max(0, width - (marks[last - 1][1] - marks[first][0]))
    earliest = min(marks[first][0] - room // 3, len(text) - width)
    begin = text.find(" ", earliest - 1) + 1 if earliest > 0 else 0
    return begin, _word_end(text, max(begin + width, marks[last - 1][1]))


def _reach(marks: list[tuple[int, int, Term]], start: int, width: int) -> tuple[int, int]:
    """Return which marks lie within `width` of the one at `start`, itself in any case."""
    stop = start + 1
    while stop < len(marks) and marks[stop][1] - marks[start][0] <= width:
        stop += 1
    return start, stop


def _word_end(text: str, at: int) -> int:
    return f"{text} ".find(" ", min(at, len(text)))


def _sql_condition(selection: Selection, *, with_words: bool = True) -> tuple[str, list[Any]]:
    """Return the condition that a selection is in SQL, and its values."""
    conditions, values = ["published BETWEEN ? AND ?"], list[Any](_seconds(selection))
    for kind, names in selection.folded_names.items():
        marks = ", ".join("?" * len(names))
        conditions.append(
            f"articles.key IN (SELECT key FROM names WHERE kind = ? AND name IN ({marks}))"  # noqa: S608
        )
        # For half a surrogate pair, which no file takes, "?" is looked for.
        values += [kind, *(name.encode(errors="replace").decode() for name in names)]
    if with_words:
        values.insert(0, selection.words.fts if selection.words else "")
    return " AND ".join(conditions), values


def _day_of(second: int) -> date:
    """Return the day in WIB.

    >>> _day_of(int(datetime.fromisoformat("2026-11-22T00:30:00+07:00").timestamp())).isoformat()
    '2026-11-22'
    """
    return date.fromordinal(_EPOCH + (second + _JAKARTA) // _DAY)


def _seconds(selection: Selection) -> tuple[int, int]:
    if selection.period is None:
        return -(2**62), 2**62
    return int(selection.period.since.timestamp()), int(selection.period.until.timestamp())


def _index_line(db: sqlite3.Connection, month: str, line: bytes) -> None:
    """Index a line in place of an earlier revision; a line that holds no article is skipped."""
    try:
        record = record_in(line)
    except BrokenRecord:
        return
    id, title, text = record["id"], folded(record["title"]), folded(record["text"])
    if month_of(id) != month:
        return
    second = int(datetime.fromisoformat(record["published_at"]).timestamp())
    # A key is never used again: the words of an old revision keep theirs.
    key = db.execute(
        "INSERT OR REPLACE INTO articles (id, published, length) VALUES (?, ?, ?)",
        (id, second, count_words(title) + count_words(text)),
    ).lastrowid
    db.execute(
        "INSERT INTO words (rowid, title, text, title_lemmas, text_lemmas) VALUES (?, ?, ?, ?, ?)",
        (key, title, text, _lemmas(title), _lemmas(text)),
    )
    db.executemany(
        "INSERT INTO names VALUES (?, ?, ?)",
        ((kind, name, key) for kind in KINDS for name in names_of(record, kind)),
    )


def _lemmas(text: str) -> str:
    return " ".join(lemma for _, _, lemma in tokens(text))


def _drop(db: sqlite3.Connection, month: str) -> None:
    db.execute("DELETE FROM articles WHERE id >= ? AND id < ?", range_of(month))
    db.execute("DELETE FROM searchable WHERE month = ?", (month,))
