"""A folder by which a corpus is cited and rebuilt: what is in it, and what proves it, but no text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from kompas_crawler import __version__
from kompas_crawler.characters import plain
from kompas_crawler.exports.croissant import metadata
from kompas_crawler.exports.destination import CARD, CITATION, CROISSANT, PROOF
from kompas_crawler.exports.options import ExportRequest
from kompas_crawler.items import Article
from kompas_crawler.runs.invented import in_words
from kompas_crawler.runs.manifest import NAME, Listed, line_of
from kompas_crawler.timezones import WIB

_PROGRAM = f"kompas_crawler {__version__}"
_NO_LICENCE = "No licence is granted; see README.md"

_CITATION = """\
# Put your own name into `authors` before you publish this list.
cff-version: 1.2.0
message: "If you use this list, please cite it, and Kompas.com as the source of the articles."
type: dataset
title: {title}
abstract: {abstract}
authors:
  - name: {program}
version: {version}
date-released: {made_on}
identifiers:
  - type: other
    value: {digest}
    description: SHA-256 of articles.jsonl
keywords:
  - news
  - Indonesian
  - Kompas.com
references:
  - type: website
    title: Kompas.com
    authors:
      - name: PT Kompas Cyber Media
    url: https://www.kompas.com
"""

_README = """\
# {title}

{abstract}{invented}

The folder makes a corpus citable and lets others rebuild it without passing on any text. It holds
addresses, moments, counts and digests; no text, no headline and no photo. An address holds words of
the headline, as Kompas.com publishes it.

| file | what it holds |
|---|---|
| `articles.jsonl` | a line of JSON for each article: {fields} |
| `proof.json` | which days are complete and by which runs, the gaps, the articles that could not be had |
| `CITATION.cff` | how to cite this list |
| `croissant.json` | its description in Croissant, for catalogues and loaders |

## What was asked for

{selection}

## Method

{program} reads the lists that Kompas.com publishes of its international section, and each article
they name. A run records the stretch of time whose lists it has read to their end. A day is complete
when it is over and no minute of it is left unread: {complete} of the {days} days from {first} to
{last} are. {missing}
This proof is about the whole section, whatever part of it was asked for.

`content_hash` is the SHA-256 of title and text as {program} reads them from the page. `revision`
counts the contents that the collecting archive has seen of an article.

## Rebuild and compare

```console
$ scrapy crawl articles -a file=FOLDER
$ scrapy verify --against FOLDER
```

The second command names each article that is the same, changed, missing or not in the list. What
Kompas.com has changed or removed since cannot be had again.

## Terms

The articles belong to Kompas.com (PT Kompas Cyber Media) and to the agencies and photographers that
they name. This list holds their addresses only and grants no right to them. Kompas.com asks for its
written permission before its pages are collected by a program; have it before you rebuild this
corpus. Articles name living persons: use them with the care that research with personal data asks
for.

## Citation

See `CITATION.cff`; put your own name into it before you publish this list. The list is identified
by the SHA-256 of `articles.jsonl`:

    {digest}
"""


@dataclass(slots=True)
class _Totals:
    """What the written lines add up to."""

    articles: int = 0
    words: int = 0
    bytes: int = 0
    invented: int = 0
    first: date = date.max
    last: date = date.min


def write(articles: Iterable[Article], path: Path, request: ExportRequest) -> None:
    """Write the list, its proof and its descriptions into an empty folder."""
    totals, digest = _write_lines(articles, path / NAME, request)
    asked = request.selection.period
    proof = request.proof(
        asked.since.astimezone(WIB).date() if asked else totals.first,
        asked.until.astimezone(WIB).date() if asked else totals.last,
    )
    about = {
        "program": _PROGRAM,
        "made_at": request.made_at.isoformat(timespec="seconds"),
        "selection": request.selection.in_words(),
        "articles": totals.articles,
        "words": totals.words,
        "invented": totals.invented,
        "sha256": digest,
    }
    _write_json(about | proof.to_dict(), path / PROOF)
    said = _said(totals, request)
    _write_json(_croissant(said, totals, digest, request.made_at), path / CROISSANT)
    (path / CITATION).write_text(_citation(said, digest, request.made_at), encoding="utf-8")
    missing = (
        f"Of the articles of these days, {len(proof.given_up):,} were given up after several"
        f" tries, {len(proof.pending):,} are pending and {len(proof.gone):,} were gone."
    )
    told = in_words(totals.invented, totals.articles)
    readme = _README.format(
        **said,
        invented=f"\n\n**{told}**" if told else "",
        fields=", ".join(f"`{name}`" for name in Listed.__struct_fields__),
        selection=_selection(request.selection.in_words()),
        program=_PROGRAM,
        complete=f"{len(proof.complete):,}",
        days=f"{proof.days:,}",
        first=proof.first,
        last=proof.last,
        missing=missing,
        digest=digest,
    )
    (path / CARD).write_text(readme, encoding="utf-8")


def _write_lines(
    articles: Iterable[Article], path: Path, request: ExportRequest
) -> tuple[_Totals, str]:
    totals, digest = _Totals(), sha256()
    with path.open("xb") as file:
        for article in articles:
            line = line_of(Listed.of(article))
            file.write(line)
            digest.update(line)
            day = article.published_at.astimezone(WIB).date()
            totals.articles += 1
            totals.words += article.word_count
            totals.bytes += len(line)
            totals.invented += article.crawl in request.invented_runs
            totals.first, totals.last = min(totals.first, day), max(totals.last, day)
    return totals, digest.hexdigest()


def _said(totals: _Totals, request: ExportRequest) -> dict[str, str]:
    """Return title and abstract of a list."""
    revisions = "revisions of articles" if request.selection.all_revisions else "articles"
    abstract = (
        f"{totals.articles:,} {revisions} with {totals.words:,} words from the international"
        f" section of Kompas.com, published from {totals.first} to {totals.last} (WIB), listed on"
        f" {request.made_at:%Y-%m-%d} with {_PROGRAM}."
    )
    title = f"Kompas.com international news, {totals.first} to {totals.last}: a list of articles"
    return {"title": title, "abstract": abstract}


def _croissant(
    said: dict[str, str], totals: _Totals, digest: str, made_at: datetime
) -> dict[str, Any]:
    return metadata(
        size=totals.bytes,
        digest=digest,
        name="kompas-international-articles",
        description=said["abstract"],
        citeAs=f"{said['title']}. {_PROGRAM}, {made_at:%Y}. SHA-256 {digest}.",
        license=_NO_LICENCE,
        url="https://www.kompas.com/global",
        inLanguage="id",
        version=_version(made_at),
        datePublished=f"{made_at:%Y-%m-%d}",
        creator={"@type": "Organization", "name": _PROGRAM},
        isBasedOn="https://www.kompas.com/global",
    )


def _citation(said: dict[str, str], digest: str, made_at: datetime) -> str:
    # A JSON string is one of YAML too.
    values = said | {"program": _PROGRAM, "version": _version(made_at), "digest": digest}
    return _CITATION.format(
        made_on=f"{made_at:%Y-%m-%d}",
        **{name: json.dumps(value, ensure_ascii=False) for name, value in values.items()},
    )


def _version(made_at: datetime) -> str:
    """Return the day a list was made as a version of three numbers, as Croissant wants it."""
    return f"{made_at.year}.{made_at.month}.{made_at.day}"


def _selection(asked: Iterable[str]) -> str:
    lines = [f"- {_markdown(plain(line))}" for line in asked]
    return "\n".join(lines) or "Every article stored, in its last revision."


def _markdown(text: str) -> str:
    """Return a text as Markdown that shows it and does nothing else."""
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]<>#|!&~" else sign for sign in text)


def _write_json(value: Any, path: Path) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
