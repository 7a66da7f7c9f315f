"""Export to vertical text, a token a line, for Sketch Engine and the Corpus Workbench."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

from simplemma import simple_tokenizer

from kompas_crawler.exports.cards import template
from kompas_crawler.exports.destination import REGISTRY, VERTICAL
from kompas_crawler.exports.options import ExportRequest
from kompas_crawler.exports.sentences import sentences
from kompas_crawler.exports.spreadsheet import joined
from kompas_crawler.items import Article
from kompas_crawler.search.lemmas import lemma_of
from kompas_crawler.search.selection import folded

#: The attributes of <doc>, and what of an article is in them.
ATTRIBUTES: Mapping[str, Callable[[Article], str]] = {
    "id": lambda article: article.id,
    "date": lambda article: f"{article.published_at:%Y-%m-%d}",
    "month": lambda article: f"{article.published_at:%Y-%m}",
    "title": lambda article: article.title,
    "place": lambda article: article.place or "",
    "source": lambda article: joined(article.sources),
    "author": lambda article: joined(article.authors),
    "url": lambda article: article.url,
}

# What XML forbids in a text.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

_LEFT = re.compile(r"\S+")


def write(articles: Iterable[Article], path: Path, request: ExportRequest) -> None:
    """Write `corpus.vert` (word, tab, lemma) with <doc>, <p>, <s>, <g/>, and its `registry`.

    `<g/>` stands between two tokens that no space parts. The paths in the registry are relative:
    whoever compiles the corpus puts their own.
    """
    with (path / VERTICAL).open("x", encoding="utf-8", newline="\n") as file:
        for article in articles:
            file.writelines(f"{line}\n" for line in _lines(article))
    attributes = "\n".join(f"    ATTRIBUTE {name}" for name in ATTRIBUTES)
    registry = template("vertical_registry.txt").format(vertical=VERTICAL, attributes=attributes)
    (path / REGISTRY).write_text(registry, encoding="utf-8")


def _lines(article: Article) -> Iterator[str]:
    values = (f'{name}="{_safe(value_of(article))}"' for name, value_of in ATTRIBUTES.items())
    yield f"<doc {' '.join(values)}>"
    for block in article.text.split("\n\n"):
        yield "<p>"
        for sentence in sentences(block):
            yield "<s>"
            yield from _tokens(_FORBIDDEN.sub("", sentence))
            yield "</s>"
        yield "</p>"
    yield "</doc>"


def _tokens(sentence: str) -> Iterator[str]:
    before = 0
    for begin, end in _spans(sentence):
        if begin and begin == before:
            yield "<g/>"
        before = end
        token = sentence[begin:end]
        yield f"{escape(token)}\t{escape(lemma_of(folded(token)))}"


def _spans(sentence: str) -> Iterator[tuple[int, int]]:
    """Yield where tokens begin and end; what the tokenizer skips (🚁, |) is a token, too."""
    end = 0
    for token in (*simple_tokenizer(sentence), ""):
        begin = sentence.index(token, end) if token else len(sentence)
        yield from (left.span() for left in _LEFT.finditer(sentence, end, begin))
        end = begin + len(token)
        if token:
            yield begin, end


def _safe(value: str) -> str:
    return escape(" ".join(_FORBIDDEN.sub("", value).split()), {'"': "&quot;"})
