"""Lists of articles without their texts: the lines of a manifest, written and read.

A line names one revision of one article by its address and by a digest of its content. Lines of a
JSON Lines export have the same keys and more, and are read too.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from kompas_crawler.archive.record import HIGHEST_COUNT, LONGEST_LINE
from kompas_crawler.archive.schema import MOMENT
from kompas_crawler.characters import percent_encoded
from kompas_crawler.errors import BadArgument
from kompas_crawler.items import Article
from kompas_crawler.urls import LONGEST_ADDRESS, article_id

NAME = "articles.jsonl"  # in the folder that an export writes
SUFFIXES = (".jsonl", ".ndjson")

_LONGEST = 4 * LONGEST_LINE  # bytes


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A revision of an article in a list; the fields are those of the record."""

    id: Annotated[str, Meta(pattern=r"^\d{4}/\d{2}/\d{2}/\d+$", max_length=40)]
    url: Annotated[str, Meta(pattern="^https://", max_length=LONGEST_ADDRESS)]
    published_at: Annotated[str, Meta(pattern=MOMENT)]
    revision: Annotated[int, Meta(ge=1, le=HIGHEST_COUNT)]
    content_hash: Annotated[str, Meta(pattern="^sha256:[0-9a-f]{64}$", max_length=71)]
    word_count: Annotated[int, Meta(ge=1, le=HIGHEST_COUNT)]

    @classmethod
    def of(cls, article: Article) -> Listed:
        """Return the entry of a list for an article."""
        values = {name: getattr(article, name) for name in cls.__struct_fields__}
        values["url"] = percent_encoded(article.url)
        values["published_at"] = article.published_at.isoformat(timespec="seconds")
        return cls(**values)


_DECODER = msgspec.json.Decoder(Listed)
_ENCODER = msgspec.json.Encoder()


def line_of(listed: Listed) -> bytes:
    """Return the line of a list, newline included."""
    return _ENCODER.encode(listed) + b"\n"


def is_list(path: Path) -> bool:
    """Return whether a path is that of a list: a folder, or a file of JSON Lines by its name."""
    return path.is_dir() or path.suffix.lower() in SUFFIXES


def listed_in(path: Path) -> Iterator[Listed]:
    """Yield the lines of a list, a folder or its file of lines, one at a time.

    Raises `BadArgument` when it cannot be read, and for the first line that lists no article.
    """
    path = path / NAME if path.is_dir() else path
    number = 0
    try:
        # A pipe could be read once only, and lists are read more than once.
        if path.exists() and not path.is_file():
            raise BadArgument(f"{path} is no regular file: save the list, and name that")
        with path.open("rb") as file:
            while raw := file.readline(_LONGEST + 1):
                number += 1
                if raw.strip():
                    yield _listed(raw)
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, BadArgument):
            raise
        if isinstance(error, OSError):
            raise BadArgument(f"{path} cannot be read: {error.strerror or error}") from error
        raise BadArgument(f"{path}, line {number}, lists no article: {error}") from error
    if not number:
        raise BadArgument(f"{path} is empty: it lists no article")


def _listed(raw: bytes) -> Listed:
    """Return the entry of a line; raises ValueError with the reason for a line that has none."""
    if len(raw) > _LONGEST:
        raise ValueError(f"it has more than {_LONGEST:,} bytes")
    listed = _DECODER.decode(raw)
    if article_id(listed.url) != listed.id:
        raise ValueError(f"its address is not that of {listed.id}")
    return listed
