"""The JSON-LD of a page: its objects, and which of them are news articles."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from kompas_crawler import urls

_JSON = json.JSONDecoder(strict=False)
# JSON-LD may be in a comment or a CDATA section, and end in a semicolon.
_BEFORE_JSON = re.compile(r"\s*+(?:(?://\s*+)?(?:<!\[CDATA\[|<!--)\s*+)?")
MEDIA_TYPE = "application/ld+json"


def is_news(kind: object) -> bool:
    """Return whether a "@type" names an article; it may be a list of names, or of addresses.

    schema.org has kinds of NewsArticle, such as OpinionNewsArticle.
    """
    names = (str(name).rpartition("/")[2] for name in (kind if isinstance(kind, list) else [kind]))
    return any(name == "Article" or name.endswith("NewsArticle") for name in names)


def ids_of(news: Mapping[str, Any]) -> set[str]:
    """Return the article ids in the addresses of a NewsArticle."""
    page = news.get("mainEntityOfPage")
    stated = [news.get("url"), news.get("@id"), page]
    if isinstance(page, dict):
        stated += [page.get("@id"), page.get("url")]
    addresses = (each for each in stated if isinstance(each, str))
    return {id_ for each in addresses if (id_ := urls.article_id(each)) is not None}


def objects_in(text: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a script of JSON-LD, those of its `@graph` included, in their order.

    Yields nothing for malformed JSON.
    """
    start = _BEFORE_JSON.match(text).end()  # type: ignore[union-attr]
    try:
        data, _ = _JSON.raw_decode(text, start)
    except (ValueError, RecursionError):
        return
    stack = [data]
    while stack:
        thing = stack.pop()
        if isinstance(thing, list):
            stack.extend(reversed(thing[:50]))
        elif isinstance(thing, dict):
            yield thing
            stack.append(thing.get("@graph"))
