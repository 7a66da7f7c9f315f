"""The selection of stored articles that search, show, export and report share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any, Self

from kompas_crawler.archive.store import Archive
from kompas_crawler.errors import BadArgument
from kompas_crawler.runs.periods import FIRST_DAY, Period
from kompas_crawler.search.lemmas import Token, tokens
from kompas_crawler.timezones import WIB

#: The kinds of names that can be selected by, each with its field of the record.
KINDS = {
    "section": "section",
    "place": "place",
    "source": "sources",
    "tag": "tags",
    "author": "authors",
    "crawl": "crawl",
}

_TYPED_QUOTES = str.maketrans("“”„", '"""')
_TERM = re.compile(r'(?:(?<!\S)(-))?(?:"([^"]*)"(\*?)|(\S+))')
_TOKEN = re.compile(r"[^\W_]+")
# What neither lies in a block without accented letters nor among the punctuation of a text.
_MAY_BE_ACCENTED = re.compile("[^\x00-\xbf\u2000-\u2bff]")
_ACCENTS = range(0x300, 0x370)


class _BaseLetters(dict[int, int]):
    """Every character without its accents, each computed once."""

    def __missing__(self, code: int) -> int:
        first, *rest = map(ord, unicodedata.normalize("NFD", chr(code)))
        base = first if all(mark in _ACCENTS for mark in rest) else code
        # An accent that combines with no letter is no part of a word.
        self[code] = ord(" ") if base in _ACCENTS else base
        return self[code]


_BASES = _BaseLetters()


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
    """Words that must follow one another, as written or by their lemmas.

    Written ones have a `pattern`, and the last of them may go on if `open`.
    """

    tokens: tuple[str, ...]
    pattern: re.Pattern[str] | None = None
    open: bool = False

    @property
    def columns(self) -> tuple[str, str]:
        """The columns of the search index that the term is looked for in."""
        return ("title", "text") if self.pattern else ("title_lemmas", "text_lemmas")

    @property
    def fts(self) -> str:
        """The term in SQLite's language for FTS5."""
        return f'{{{" ".join(self.columns)}}} : "{" ".join(self.tokens)}"{"*" if self.open else ""}'

    def spans(self, place: str) -> Iterator[tuple[int, int]]:
        """Yield where the term begins and ends in a folded text, as often as it occurs."""
        if self.pattern:
            # Most texts do not hold it, and to find that out `in` is ten times as fast.
            if self.tokens[0] in place:
                yield from (match.span(1) for match in self.pattern.finditer(place))
            return
        found = _tokens(place)
        size, first = len(self.tokens), self.tokens[0]
        for at, (begin, end, lemma) in enumerate(found):
            if lemma == first and size == 1:
                yield begin, end
            elif lemma == first:
                some = found[at : at + size]
                if tuple(lemma for _, _, lemma in some) == self.tokens:
                    yield begin, some[-1][1]

    def occurs_in(self, place: str) -> bool:
        """Return whether the term occurs in a folded text."""
        return next(self.spans(place), None) is not None


@lru_cache(maxsize=4)
def _tokens(place: str) -> list[Token]:
    """Return the tokens of a text that each of several terms is looked for in."""
    return list(tokens(place))


@dataclass(frozen=True, slots=True)
class Query:
    """The terms that must all occur in an article's title or text, and those that must not.

    A bare word finds its family (see `search.lemmas`), a quoted one only itself. Case and accents
    do not count, and neither do the marks between words. As in SQLite's tokenizer `unicode61`, a
    word is what letters and digits make up.

    >>> words = Query.parse('pembunuhan "luar angkasa" rusi*')
    >>> words.fts
    '({title_lemmas text_lemmas} : "bunuh" AND {title text} : "luar angkasa" AND {title text} : "rusi"*)'
    >>> words.matches("Dibunuh di Rusia", "Dari luar-angkasa.")
    True
    >>> Query.parse("vaksin -demam").fts
    '({title_lemmas text_lemmas} : "vaksin") NOT {title_lemmas text_lemmas} : "demam"'
    """

    asked: str
    terms: tuple[Term, ...]
    excluded: tuple[Term, ...] = ()

    @classmethod
    def parse(cls, asked: str) -> Self:
        """Parse a query: `family`, `"as written"`, `begin*`, `-without`.

        Raises `BadArgument` when it holds no word to look for.
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
        wanted = " AND ".join(term.fts for term in self.terms)
        return " NOT ".join((f"({wanted})", *(term.fts for term in self.excluded)))

    def matches(self, title: str, text: str) -> bool:
        """Return whether every term occurs in the title or the text, and no excluded one."""
        places = folded(title), folded(text)
        return all(any(map(term.occurs_in, places)) for term in self.terms) and not any(
            term.occurs_in(place) for term in self.excluded for place in places
        )

    def hits(self, text: str) -> list[tuple[int, int, Term]]:
        """Return where each term begins and ends in `composed(text)`, in order."""
        place = folded(text)
        found = [(*span, term) for term in self.terms for span in term.spans(place)]
        return sorted(found, key=lambda hit: (hit[0], -hit[1]))

    def marks(self, text: str) -> list[tuple[int, int, Term]]:
        """Return the hits in a text without those that overlap an earlier one."""
        marks: list[tuple[int, int, Term]] = []
        for hit in self.hits(text):
            if not marks or hit[0] >= marks[-1][1]:
                marks.append(hit)
        return marks


@dataclass(frozen=True, kw_only=True)  # without slots, for what is computed once
class Selection:
    """The conditions that selected articles meet, all of them at once.

    `names` are given by kind, see `KINDS`; of several names of a kind one is enough. They are
    compared as a whole, without case and accents. Only last revisions are selected, unless
    `all_revisions` is set.
    """

    period: Period | None = None
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: Query | None = None
    all_revisions: bool = False

    def records(self, archive: Archive) -> Iterator[dict[str, Any]]:
        """Return the selected records, month after month, as they were stored."""
        records = archive.records(latest=not self.all_revisions)
        return records if self.is_everything else filter(self.accepts, records)

    def accepts(self, record: Mapping[str, Any]) -> bool:
        """Return whether a record is selected."""
        return (
            (self.period is None or datetime.fromisoformat(record["published_at"]) in self.period)
            and all(
                not names_of(record, kind).isdisjoint(asked)
                for kind, asked in self.folded_names.items()
            )
            and (self.words is None or self.words.matches(record["title"], record["text"]))
        )

    @cached_property
    def folded_names(self) -> Mapping[str, frozenset[str]]:
        """The requested names, by kind, in the form in which they are compared."""
        return {kind: frozenset(map(folded, names)) for kind, names in self.names.items() if names}

    @property
    def is_everything(self) -> bool:
        return not (self.period or self.words or any(self.names.values()))

    def in_words(self) -> list[str]:
        """Return the conditions, one line each; an empty list without any.

        >>> Selection(names={"source": ("AFP", "TASS")}).in_words()
        ['source: AFP or TASS']
        """
        lines = [f"{kind}: {' or '.join(names)}" for kind, names in self.names.items() if names]
        if self.period:
            lines.insert(0, "published: {} to {}".format(*self.period.iso))
        if self.words:
            lines.append(f"words: {self.words.asked}")
        if self.all_revisions:
            lines.append("all revisions of every article")
        return lines


def names_of(record: Mapping[str, Any], kind: str) -> set[str]:
    """Return the names of a kind that a record has, as they are compared.

    >>> names_of({"sources": ["AFP"]}, "source"), names_of({"place": None}, "place")
    ({'afp'}, set())
    """
    value = record[KINDS[kind]] or ()
    return set(map(folded, (value,) if isinstance(value, str) else value))


def days_of(period: Period, first_stored: date | None = None) -> tuple[date, date]:
    """Return the first and the last day of a period, in WIB.

    A period that is open to the past begins with the first day that is stored.
    """
    first, last = (moment.astimezone(WIB).date() for moment in (period.since, period.until))
    if first == FIRST_DAY and first_stored:
        first = max(first, min(first_stored, last))
    return first, last


def _term(match: re.Match[str]) -> Term | None:
    _, phrase, star, word = match.groups()
    written = tuple(_TOKEN.findall(folded(word if phrase is None else phrase)))
    if not written:
        return None
    is_open = bool(star) if word is None else word.endswith("*")
    if word is not None and not is_open:
        return Term(tuple(lemma for _, _, lemma in tokens(folded(word))))
    between = r"[\W_]+".join(map(re.escape, written))
    end = "[^\\W_]*" if is_open else ""
    # Looked ahead at, for occurrences may overlap: "anak-anak" is twice in "anak-anak, anak".
    return Term(written, re.compile(rf"(?<![^\W_])(?=({between}{end})(?![^\W_]))"), is_open)
