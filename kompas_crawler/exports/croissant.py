"""A manifest's description in Croissant (JSON-LD), which data set catalogues and loaders read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kompas_crawler.exports.cards import template
from kompas_crawler.exports.columns import COLUMNS, ColumnType
from kompas_crawler.runs.manifest import NAME, Listed
from kompas_crawler.sections import SECTION

_TYPES = {
    ColumnType.TEXT: "sc:Text",
    ColumnType.COUNT: "sc:Integer",
    ColumnType.MOMENT: "sc:DateTime",
}


def metadata(summary: Mapping[str, str], size: int, made_at: datetime) -> dict[str, Any]:
    """Return the description of a list of so many bytes.

    `summary` has its title, abstract, program, version and digest (SHA-256). The context is that of
    Croissant 1.0.
    """
    title, program, digest = summary["title"], summary["program"], summary["digest"]
    return {
        "@context": json.loads(template("croissant_context.json")),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": f"kompas-{SECTION.english}-articles",
        "description": summary["abstract"],
        "citeAs": f"{title}. {program}, {made_at:%Y}. SHA-256 {digest}.",
        "license": "No licence is granted; see README.md",
        "url": SECTION.front,
        "inLanguage": "id",
        "version": summary["version"],
        "datePublished": f"{made_at:%Y-%m-%d}",
        "creator": {"@type": "Organization", "name": program},
        "isBasedOn": SECTION.front,
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": NAME,
                "name": NAME,
                "description": "One line of JSON for each article.",
                "contentUrl": NAME,
                "contentSize": f"{size} B",
                "encodingFormat": "application/jsonlines",
                "sha256": digest,
            }
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "articles",
                "name": "articles",
                "description": "The articles, each in one revision, without their texts.",
                "field": [*map(_field, Listed.__struct_fields__)],
            }
        ],
    }


def _field(name: str) -> dict[str, Any]:
    column = next(each for each in COLUMNS if each.name == name)
    return {
        "@type": "cr:Field",
        "@id": f"articles/{name}",
        "name": name,
        "description": column.about,
        "dataType": _TYPES[column.kind],
        "source": {"fileObject": {"@id": NAME}, "extract": {"column": name}},
    }
