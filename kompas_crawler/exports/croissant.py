"""A manifest's description in Croissant (JSON-LD), which data set catalogues and loaders read."""

from __future__ import annotations

from typing import Any

from kompas_crawler.exports.columns import COLUMNS, ColumnType
from kompas_crawler.runs.manifest import NAME, Listed

_TYPES = {
    ColumnType.TEXT: "sc:Text",
    ColumnType.COUNT: "sc:Integer",
    ColumnType.MOMENT: "sc:DateTime",
}

_OWN_TERMS = (
    "citeAs", "column", "extract", "field", "fileProperty", "fileObject", "fileSet", "format",
    "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet",
    "references", "regex", "repeated", "replace", "samplingRate", "separator", "source", "subField",
    "transform",
)  # fmt: skip

#: The context that Croissant 1.0 prescribes.
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{term: f"cr:{term}" for term in _OWN_TERMS},
}


def metadata(*, size: int, digest: str, **properties: Any) -> dict[str, Any]:
    """Return the description of a list with so many bytes and this SHA-256.

    `properties` are those of schema.org's Dataset.
    """
    return {
        "@context": CONTEXT,
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
