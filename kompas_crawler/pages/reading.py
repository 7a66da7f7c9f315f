"""What reading a page gives: an article with the rules that gave its fields, and their joining."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kompas_crawler.items import Article
from kompas_crawler.processors import content_hash, count_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An article as read, and how it was read.

    `rules` maps the name of a field to the rule that gave its value: "printed", "meta", "json-ld",
    "dateline", "url" or "fallback"; a field without a value is not in it. `page` is the number of
    the article's page that was shown, None for the whole article. `other` is the id of another
    article, if all addresses that the page states as its own are of that one.
    """

    article: Article
    rules: Mapping[str, str]
    page: int | None
    other: str | None = None


def join_pages(readings: Sequence[Reading]) -> Article:
    """Return one article from the readings of its pages, which may come in any order.

    Most fields are those of the first page; text, names, photos and links of the others are added.
    A reading of the whole article needs no other. If a page is missing, the article has the warning
    "truncated".
    """
    for reading in readings:
        if reading.page is None:
            return reading.article
    ordered = _distinct(readings)
    articles = [reading.article for reading in ordered]
    first = articles[0]
    text = "\n\n".join(article.text for article in articles)
    whole = {reading.page for reading in ordered} >= set(range(1, first.page_count + 1))
    warnings = dict.fromkeys(w for article in articles for w in article.warnings)
    if whole:
        warnings.pop("truncated", None)
    return replace(
        first,
        text=text,
        subheadings=_joined(articles, "subheadings"),
        authors=tuple(dict.fromkeys(_joined(articles, "authors"))),
        editors=tuple(dict.fromkeys(_joined(articles, "editors"))),
        sources=tuple(dict.fromkeys(_joined(articles, "sources"))),
        related=_joined(articles, "related"),
        images=once(_joined(articles, "images")),
        embeds=_joined(articles, "embeds"),
        word_count=count_words(text),
        content_hash=content_hash(first.title, text),
        warnings=tuple(warnings),
    )


def _distinct(readings: Iterable[Reading]) -> list[Reading]:
    """Return pages in order, each once: Kompas may answer one page at the address of another."""
    by_number = {reading.page or 0: reading for reading in readings}
    by_text = {by_number[n].article.text: n for n in sorted(by_number, reverse=True)}
    return [by_number[number] for number in sorted(by_text.values())]


def _joined(articles: Sequence[Article], name: str) -> tuple[Any, ...]:
    return tuple(thing for article in articles for thing in getattr(article, name))


def once(things: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return things without repeated addresses: every page shows the lead photo again."""
    seen: dict[str, Any] = {}
    for thing in things:
        seen.setdefault(thing.url, thing)
    return tuple(seen.values())
