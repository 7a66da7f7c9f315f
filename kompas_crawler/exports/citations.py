r"""An article as an entry of a bibliography: BibTeX, RIS or CSL-JSON.

Names stand as they are printed: few Indonesian names have a family name to sort by. What an article
holds cannot end its field, begin another or command a terminal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
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


def citations(articles: Iterable[Article], style: str, invented: Collection[str]) -> Iterator[str]:
    """Yield the pieces of a bibliography in one of the `STYLES`; put together they are a file.

    Articles of the runs that are `invented` say so.
    """
    write = STYLES[style]
    yield from write((each, each.crawl in invented) for each in articles)


def _bibtex(articles: Iterable[tuple[Article, bool]]) -> Iterator[str]:
    for article, is_invented in articles:
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
            "note": _INVENTED if is_invented else "",
        }
        rows = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
        yield f"@article{{kompas-{article.id.replace('/', '-')},\n{rows}}}\n\n"


def _ris(articles: Iterable[tuple[Article, bool]]) -> Iterator[str]:
    for article, is_invented in articles:
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
            ("N1", _INVENTED if is_invented else ""),
        ]
        written = "".join(f"{tag}  - {plain(value)}\n" for tag, value in rows if value)
        yield f"{written}ER  - \n\n"


def _csl_json(articles: Iterable[tuple[Article, bool]]) -> Iterator[str]:
    before = "[\n"
    for article, is_invented in articles:
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
            "note": _INVENTED if is_invented else None,
        }
        kept = {name: value for name, value in entry.items() if value}
        yield before + json.dumps(kept, ensure_ascii=False)
        before = ",\n"
    yield "\n]\n"


#: The forms of a bibliography, by the names that people give.
STYLES: Mapping[str, Callable[[Iterable[tuple[Article, bool]]], Iterator[str]]] = {
    "bibtex": _bibtex,
    "ris": _ris,
    "csl-json": _csl_json,
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
