"""A manifest's description in Croissant (JSON-LD), which data set catalogues and loaders read."""

from __future__ import annotations

import json
from typing import Any

from kompas_crawler.exports.cards import template
from kompas_crawler.exports.columns import COLUMNS, ColumnType
from kompas_crawler.runs.manifest import NAME, Listed

_TYPES = {
    ColumnType.TEXT: "sc:Text",
    ColumnType.COUNT: "sc:Integer",
    ColumnType.MOMENT: "sc:DateTime",
}


def metadata(*, size: int, digest: str, **properties: Any) -> dict[str, Any]:
    """Return the description of a list with so many bytes and this SHA-256.

    `properties` are those of schema.org's Dataset. The context is that of Croissant 1.0.
    """
    return {
        "@context": json.loads(template("croissant_context.json")),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        **properties,
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
