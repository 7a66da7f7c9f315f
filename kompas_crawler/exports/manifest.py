"""A folder by which a corpus is cited and rebuilt: what is in it, and what proves it, but no text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from hashlib import file_digest
from pathlib import Path

from kompas_crawler import __version__
from kompas_crawler.exports.cards import conditions, template
from kompas_crawler.exports.croissant import metadata
from kompas_crawler.exports.destination import CARD, CITATION, CROISSANT, PROOF
from kompas_crawler.exports.options import ExportRequest
from kompas_crawler.items import Article
from kompas_crawler.runs.coverage_proof import CoverageProof
from kompas_crawler.runs.manifest import NAME, Listed, line_of
from kompas_crawler.search.selection import days_of
from kompas_crawler.sections import SECTION
from kompas_crawler.timezones import WIB

_PROGRAM = f"kompas_crawler {__version__}"


def write(articles: Iterable[Article], path: Path, request: ExportRequest) -> None:
    """Write the list, its proof and its descriptions into an empty folder."""
    totals, listed = request.totals, path / NAME
    with listed.open("xb") as file:
        file.writelines(line_of(Listed.of(article)) for article in articles)
    with listed.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    days = totals.first.astimezone(WIB).date(), totals.last.astimezone(WIB).date()
    asked = request.selection.period
    proof = request.proof(*(days_of(asked) if asked else days))
    about = {
        "program": _PROGRAM,
        "made_at": request.made_at.isoformat(timespec="seconds"),
        "selection": request.selection.in_words(),
        "articles": totals.articles.total(),
        "words": totals.words.total(),
        "invented": totals.invented,
        "sha256": digest,
    }
    summary = _summary(request, *days) | {"digest": digest}
    described = metadata(summary, listed.stat().st_size, request.made_at)
    (path / CARD).write_text(_card(summary, request, proof), encoding="utf-8")
    (path / CITATION).write_text(_citation(summary, request.made_at), encoding="utf-8")
    for name, value in ((PROOF, about | proof.to_dict()), (CROISSANT, described)):
        (path / name).write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def _summary(request: ExportRequest, first: date, last: date) -> dict[str, str]:
    """Return what all descriptions of a list say of it, by the names in their templates."""
    revisions = "revisions of articles" if request.selection.all_revisions else "articles"
    made, totals = request.made_at, request.totals
    return {
        "program": _PROGRAM,
        "version": f"{made.year}.{made.month}.{made.day}",  # Croissant wants three numbers
        "title": f"Kompas.com {SECTION.english} news, {first} to {last}: a list of articles",
        "abstract": (
            f"{totals.articles.total():,} {revisions} with {totals.words.total():,} words from the"
            f" {SECTION.english} section of Kompas.com, published from {first} to {last} (WIB), listed"
            f" on {made:%Y-%m-%d} with {_PROGRAM}."
        ),
    }


def _card(summary: dict[str, str], request: ExportRequest, proof: CoverageProof) -> str:
    return template("manifest_readme.md").format(
        **summary,
        section=SECTION.english,
        invented=request.totals.invented_in_bold,
        fields=", ".join(f"`{name}`" for name in Listed.__struct_fields__),
        selection=conditions(request.selection),
        complete=len(proof.complete),
        days=proof.days,
        first=proof.first,
        last=proof.last,
        given_up=len(proof.given_up),
        pending=len(proof.pending),
        gone=len(proof.gone),
    )


def _citation(summary: dict[str, str], made_at: datetime) -> str:
    # A JSON string is one of YAML too.
    values = {name: json.dumps(value, ensure_ascii=False) for name, value in summary.items()}
    return template("manifest_citation.cff").format(made_on=f"{made_at:%Y-%m-%d}", **values)
