"""What the folders with a card share: totals of their articles, and pieces of Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import resources

from kompas_crawler.characters import plain
from kompas_crawler.items import Article
from kompas_crawler.runs.invented import in_words
from kompas_crawler.search.selection import Selection

_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class Totals:
    """The totals of articles, by year of publication."""

    articles: Counter[int] = field(default_factory=Counter)
    words: Counter[int] = field(default_factory=Counter)
    duplicates: int = 0
    invented: int = 0
    first: datetime = _LATEST
    last: datetime = _EARLIEST

    def counting(
        self, articles: Iterable[Article], invented_runs: frozenset[str]
    ) -> Iterator[Article]:
        """Yield articles, and count each before."""
        for article in articles:
            moment = article.published_at
            self.first, self.last = min(self.first, moment), max(self.last, moment)
            self.articles[moment.year] += 1
            self.words[moment.year] += article.word_count
            self.duplicates += article.duplicate_of is not None
            self.invented += article.crawl in invented_runs
            yield article

    @property
    def invented_in_bold(self) -> str:
        """A paragraph on the articles that are invented, "" if none is."""
        sentence = in_words(self.invented, self.articles.total())
        return f"\n\n**{sentence}**" if sentence else ""


def template(name: str) -> str:
    """Return a template of this folder, for `str.format`."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def conditions(selection: Selection) -> str:
    """Return what was selected as a list of Markdown that shows it and does nothing else."""
    lines = (f"- {_escaped(plain(line))}" for line in selection.in_words())
    return "\n".join(lines) or "Every article stored, in its last revision."


def _escaped(text: str) -> str:
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]<>#|!&~" else sign for sign in text)
