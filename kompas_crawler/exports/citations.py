r"""An article as an entry of a bibliography: BibTeX, RIS or CSL-JSON.

Names stand as they are printed: few Indonesian names have a family name to sort by. What an article
holds cannot end its field, begin another or command a terminal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from kompas_crawler.characters import plain
from kompas_crawler.items import Article

OUTLET = "Kompas.com"
PUBLISHER = "PT Kompas Cyber Media"
_INVENTED = "Invented by the bundled stand-in, not published by Kompas.com"

# Braces count for BibTeX even behind a backslash, so they are named.
_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        **{sign: f"\\{sign}" for sign in "$&#_%"},
    }
)


class Style(NamedTuple):
    """A form of bibliography: how an entry is written, and what is written around the entries."""

    entry: Callable[[Article, str], str]
    begin: str = ""
    between: str = ""
    end: str = ""


def citations(articles: Iterable[Article], style: str, invented: Collection[str]) -> Iterator[str]:
    """Yield the pieces of a bibliography in one of the `STYLES`; put together they are a file.

    Articles of the runs that are `invented` say so.
    """
    entry, before, between, end = STYLES[style]
    for article in articles:
        yield before + entry(article, _INVENTED if article.crawl in invented else "")
        before = between
    yield end


def _bibtex(article: Article, note: str) -> str:
    published, read = article.published_at, article.fetched_at
    fields = {
        "author": " and ".join(f"{{{_latex(name)}}}" for name in article.authors),
        "title": f"{{{_latex(article.title)}}}",
        "journal": OUTLET,
        "publisher": PUBLISHER,
        "year": f"{published.year}",
        "month": f"{published.month}",
        "day": f"{published.day}",
        "date": f"{published:%Y-%m-%d}",
        "url": _address(article.url),
        "urldate": f"{read:%Y-%m-%d}" if read else "",
        "langid": "indonesian",
        "note": note,
    }
    rows = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@article{{kompas-{article.id.replace('/', '-')},\n{rows}}}\n\n"


def _ris(article: Article, note: str) -> str:
    published, read = article.published_at, article.fetched_at
    rows = [
        ("TY", "NEWS"),
        ("ID", article.id),
        ("TI", article.title),
        *(("AU", name) for name in article.authors),
        ("T2", OUTLET),
        ("PB", PUBLISHER),
        ("PY", f"{published.year}"),
        ("DA", f"{published:%Y/%m/%d}"),
        ("Y2", f"{read:%Y/%m/%d}" if read else ""),
        ("UR", _address(article.url)),
        ("LA", "id"),
        ("N1", note),
    ]
    return "".join(f"{tag}  - {plain(value)}\n" for tag, value in rows if value) + "ER  - \n\n"


def _csl_json(article: Article, note: str) -> str:
    entry: dict[str, Any] = {
        "id": article.id,
        "type": "article-newspaper",
        "title": plain(article.title),
        "author": [{"literal": plain(name)} for name in article.authors],
        "container-title": OUTLET,
        "publisher": PUBLISHER,
        "issued": _date_parts(article.published_at),
        "accessed": article.fetched_at and _date_parts(article.fetched_at),
        "URL": _address(article.url),
        "language": "id",
        "note": note,
    }
    return json.dumps({name: value for name, value in entry.items() if value}, ensure_ascii=False)


#: The forms of a bibliography, by the names that people give.
STYLES: Mapping[str, Style] = {
    "bibtex": Style(_bibtex),
    "ris": Style(_ris),
    "csl-json": Style(_csl_json, begin="[\n", between=",\n", end="\n]\n"),
}


def _date_parts(moment: datetime) -> dict[str, list[list[int]]]:
    return {"date-parts": [[moment.year, moment.month, moment.day]]}


def _latex(text: str) -> str:
    r"""Return a text on one line as LaTeX prints it, its braces in balance.

    >>> _latex("100% {uji} @a_b")
    '100\\% \\textbraceleft{}uji\\textbraceright{} @a\\_b'
    """
    return plain(text).translate(_LATEX)


def _address(url: str) -> str:
    """Return an address in signs that mean nothing to BibTeX, RIS or a terminal."""
    return quote(url, safe=":/?=&%+,;@!$()*'~-._#[]")
