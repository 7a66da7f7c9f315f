"""Which of the stored articles does a person ask for? One answer for export and for search."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from kompas_crawler.archive import Archive
from kompas_crawler.errors import BadArgument
from kompas_crawler.periods import Period, read_period

# Kompas.com went online in September 1995: an `until` alone means everything before it.
_BEGINNING = "1995-01-01"

_TYPED_QUOTES = str.maketrans("“”„", '"""')
_TERM = re.compile(r'(?:(?<!\S)(-))?(?:"([^"]*)"(\*?)|(\S+))')
_TOKEN = re.compile(r"[^\W_]+")
# What neither lies in a block without accented letters nor among the punctuation of a text.
_MAY_BE_ACCENTED = re.compile("[^\x00-\xbf\u2000-\u2bff]")
_ACCENTS = range(0x300, 0x370)


class _Bases(dict[int, int]):
    """Every character without its accents, found out once."""

    def __missing__(self, code: int) -> int:
        first, *rest = map(ord, unicodedata.normalize("NFD", chr(code)))
        base = first if all(mark in _ACCENTS for mark in rest) else code
        # An accent that nothing composes with is no part of a word.
        self[code] = ord(" ") if base in _ACCENTS else base
        return self[code]


_BASES = _Bases()


def composed(text: str) -> str:
    """Return the text with every accented letter as one character (Unicode's NFC)."""
    return unicodedata.normalize("NFC", text)


def folded(text: str) -> str:
    """Return the text without case and accents; it is as long as `composed(text)`.

    >>> folded("Erdoğan di İSTANBUL, Café")
    'erdogan di istanbul, cafe'
    """
    if not text.isascii() and _MAY_BE_ACCENTED.search(text):
        return composed(text).translate(_BASES).lower().replace("ς", "σ")
    return text.lower()


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must stand one after another; the last one may go on if `open`."""

    tokens: tuple[str, ...]
    open: bool
    pattern: re.Pattern[str]

    @property
    def fts(self) -> str:
        """The term in SQLite's language for FTS5."""
        return f'"{" ".join(self.tokens)}"{"*" if self.open else ""}'

    def occurs_in(self, place: str) -> bool:
        """Tell whether the term occurs in a folded text."""
        # Most texts do not hold it, and to find that out `in` is ten times as fast.
        return self.tokens[0] in place and bool(self.pattern.search(place))


@dataclass(frozen=True, slots=True)
class Words:
    """Terms that must all occur in an article's title or text, and those that must not.

    Case and accents do not count, and neither do the marks between words. As in SQLite's
    tokenizer `unicode61`, a word is what letters and digits make up.

    >>> words = Words.read('helikopter "luar angkasa" rusi*')
    >>> words.fts
    '"helikopter" "luar angkasa" "rusi"*'
    >>> words.occur_in("Helikopter Rusia", "Dari luar-angkasa.")
    True
    >>> Words.read("vaksin -demam").fts
    '"vaksin" NOT "demam"'
    """

    asked: str
    terms: tuple[Term, ...]
    excluded: tuple[Term, ...] = ()

    @classmethod
    def read(cls, asked: str) -> Self:
        """Return the words a person asks for: `word`, `"a phrase"`, `begin*`, `-without`.

        Raises `BadArgument` when there is no word in what is asked.
        """
        terms: list[Term] = []
        excluded: list[Term] = []
        for match in _TERM.finditer(asked.translate(_TYPED_QUOTES)):
            if term := _term(match):
                (excluded if match[1] else terms).append(term)
        if not terms:
            only = "only words to leave out" if excluded else "no word to look for"
            raise BadArgument(f"{asked!r} holds {only}")
        return cls(asked, tuple(terms), tuple(excluded))

    @property
    def fts(self) -> str:
        """The words in SQLite's language for FTS5."""
        wanted = " ".join(term.fts for term in self.terms)
        return " NOT ".join((wanted, *(term.fts for term in self.excluded)))

    def occur_in(self, title: str, text: str) -> bool:
        """Tell whether each term occurs in the title or in the text, and none that must not."""
        places = folded(title), folded(text)
        return all(any(map(term.occurs_in, places)) for term in self.terms) and not any(
            term.occurs_in(place) for term in self.excluded for place in places
        )

    def marks(self, text: str) -> list[tuple[int, int, Term]]:
        """Return where terms begin and end in `composed(text)`, in order and without overlap."""
        found = (
            (*match.span(), term)
            for term in self.terms
            for match in term.pattern.finditer(folded(text))
        )
        marks: list[tuple[int, int, Term]] = []
        for mark in sorted(found, key=lambda mark: (mark[0], -mark[1])):
            if not marks or mark[0] >= marks[-1][1]:
                marks.append(mark)
        return marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which articles are asked for; each question that was asked must be answered with yes.

    Names are compared without case and accents, and as a whole. Of several sources, places, tags
    or sections one is enough. It is the last revision that is asked, unless all are wanted.
    """

    period: Period | None = None
    sources: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    words: Words | None = None
    all_revisions: bool = False

    def records(self, archive: Archive) -> Iterator[dict[str, Any]]:
        """Yield the records asked for, month after month, as they were stored."""
        for record in archive.records(latest=not self.all_revisions):
            if self.takes(record):
                yield record

    def takes(self, record: Mapping[str, Any]) -> bool:
        """Tell whether a record is asked for; one that does not say so is not."""
        return (
            (self.period is None or _lies_in(self.period, record.get("published_at")))
            and _is_one_of(self.sections, (record.get("section"),))
            and _is_one_of(self.places, (record.get("place"),))
            and _is_one_of(self.sources, record.get("sources"))
            and _is_one_of(self.tags, record.get("tags"))
            and (self.words is None or _holds(self.words, record))
        )

    def in_words(self) -> list[str]:
        """Return what was asked for, a line for each question; nothing when it is everything.

        >>> Selection(sources=("AFP", "TASS")).in_words()
        ['source: AFP or TASS']
        """
        names = (
            ("section", self.sections),
            ("place", self.places),
            ("source", self.sources),
            ("tag", self.tags),
        )
        lines = [f"{name}: {' or '.join(asked)}" for name, asked in names if asked]
        if self.period:
            lines.insert(0, "published: {} to {}".format(*self.period.iso))
        if self.words:
            lines.append(f"words: {self.words.asked}")
        if self.all_revisions:
            lines.append("all revisions of every article")
        return lines


def read_asked_period(since: str | None, until: str | None, now: datetime) -> Period | None:
    """Return the period asked for, None if neither end is given.

    Raises `BadArgument` as `periods.read_period` does.
    """
    if since is None and until is None:
        return None
    return read_period(since, until, now, default_since=_BEGINNING)


def read_names(kind: str, names: Sequence[str] | None) -> tuple[str, ...]:
    """Return the names asked for, spaces collapsed; `BadArgument` when one is empty."""
    read = tuple(" ".join(name.split()) for name in names or ())
    if not all(read):
        raise BadArgument(f"{kind} is empty: name one, or leave it out")
    return read


def _term(match: re.Match[str]) -> Term | None:
    _, phrase, star, word = match.groups()
    tokens = tuple(_TOKEN.findall(folded(word if phrase is None else phrase)))
    if not tokens:
        return None
    is_open = bool(star) if word is None else word.endswith("*")
    between = r"[\W_]+".join(map(re.escape, tokens))
    end = "[^\\W_]*" if is_open else ""
    return Term(tokens, is_open, re.compile(rf"(?<![^\W_]){between}{end}(?![^\W_])"))


def _lies_in(period: Period, published: Any) -> bool:
    try:
        return datetime.fromisoformat(published) in period
    except (TypeError, ValueError):  # a line that somebody has written by hand
        return False


def _is_one_of(asked: Iterable[str], values: Any) -> bool:
    if not asked:
        return True
    given = {folded(value) for value in values or () if isinstance(value, str)}
    return not given.isdisjoint(map(folded, asked))


def _holds(words: Words, record: Mapping[str, Any]) -> bool:
    title, text = record.get("title"), record.get("text")
    return isinstance(title, str) and isinstance(text, str) and words.occur_in(title, text)
