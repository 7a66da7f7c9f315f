"""A folder by which a corpus is cited and rebuilt: what is in it, and what proves it, but no text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any

from kompas_crawler import __version__
from kompas_crawler.exports.cards import Totals, conditions, template
from kompas_crawler.exports.croissant import metadata
from kompas_crawler.exports.destination import CARD, CITATION, CROISSANT, PROOF
from kompas_crawler.exports.options import ExportRequest
from kompas_crawler.items import Article
from kompas_crawler.runs.manifest import NAME, Listed, line_of
from kompas_crawler.sections import SECTION
from kompas_crawler.timezones import WIB

_PROGRAM = f"kompas_crawler {__version__}"
_NO_LICENCE = "No licence is granted; see README.md"


def write(articles: Iterable[Article], path: Path, request: ExportRequest) -> None:
    """Write the list, its proof and its descriptions into an empty folder."""
    totals, listed = Totals(), path / NAME
    with listed.open("xb") as file:
        counted = totals.counting(articles, request.invented_runs)
        file.writelines(line_of(Listed.of(article)) for article in counted)
    with listed.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    first, last = (moment.astimezone(WIB).date() for moment in (totals.first, totals.last))
    asked = request.selection.period
    proof = request.proof(
        asked.since.astimezone(WIB).date() if asked else first,
        asked.until.astimezone(WIB).date() if asked else last,
    )
    about = {
        "program": _PROGRAM,
        "made_at": request.made_at.isoformat(timespec="seconds"),
        "selection": request.selection.in_words(),
        "articles": totals.articles.total(),
        "words": totals.words.total(),
        "invented": totals.invented,
        "sha256": digest,
    }
    _write_json(about | proof.to_dict(), path / PROOF)
    revisions = "revisions of articles" if request.selection.all_revisions else "articles"
    summary = {
        "title": f"Kompas.com {SECTION.english} news, {first} to {last}: a list of articles",
        "abstract": (
            f"{totals.articles.total():,} {revisions} with {totals.words.total():,} words from the"
            f" {SECTION.english} section of Kompas.com, published from {first} to {last} (WIB), listed"
            f" on {request.made_at:%Y-%m-%d} with {_PROGRAM}."
        ),
    }
    size = listed.stat().st_size
    _write_json(_croissant(summary, size, digest, request.made_at), path / CROISSANT)
    (path / CITATION).write_text(_citation(summary, digest, request.made_at), encoding="utf-8")
    readme = template("manifest_readme.md").format(
        **summary,
        section=SECTION.english,
        invented=totals.invented_in_bold,
        fields=", ".join(f"`{name}`" for name in Listed.__struct_fields__),
        selection=conditions(request.selection),
        program=_PROGRAM,
        complete=len(proof.complete),
        days=proof.days,
        first=proof.first,
        last=proof.last,
        given_up=len(proof.given_up),
        pending=len(proof.pending),
        gone=len(proof.gone),
        digest=digest,
    )
    (path / CARD).write_text(readme, encoding="utf-8")


def _croissant(
    summary: dict[str, str], size: int, digest: str, made_at: datetime
) -> dict[str, Any]:
    return metadata(
        size=size,
        digest=digest,
        name=f"kompas-{SECTION.english}-articles",
        description=summary["abstract"],
        citeAs=f"{summary['title']}. {_PROGRAM}, {made_at:%Y}. SHA-256 {digest}.",
        license=_NO_LICENCE,
        url=SECTION.front,
        inLanguage="id",
        version=_version(made_at),
        datePublished=f"{made_at:%Y-%m-%d}",
        creator={"@type": "Organization", "name": _PROGRAM},
        isBasedOn=SECTION.front,
    )


def _citation(summary: dict[str, str], digest: str, made_at: datetime) -> str:
    # A JSON string is one of YAML too.
    values = summary | {"program": _PROGRAM, "version": _version(made_at), "digest": digest}
    return template("manifest_citation.cff").format(
        made_on=f"{made_at:%Y-%m-%d}",
        **{name: json.dumps(value, ensure_ascii=False) for name, value in values.items()},
    )


def _version(made_at: datetime) -> str:
    """Return the day a list was made as a version of three numbers, as Croissant wants it."""
    return f"{made_at.year}.{made_at.month}.{made_at.day}"


def _write_json(value: Any, path: Path) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
