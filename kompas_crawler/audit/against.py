"""A list of articles and an archive, compared article by article."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kompas_crawler.archive.store import Archive
from kompas_crawler.errors import StorageFailed
from kompas_crawler.processors import content_hash
from kompas_crawler.runs.manifest import Listed

# Of an article that is listed in several revisions, the last one counts.
_NOTE = """
INSERT INTO listed VALUES (?, ?, ?, 0) ON CONFLICT (id) DO UPDATE
SET revision = excluded.revision, content = excluded.content WHERE excluded.revision > revision
"""


class Verdict(StrEnum):
    """How an article stands in the archive, by a list."""

    SAME = "same"
    CHANGED = "changed"
    MISSING = "missing"
    NOT_LISTED = "not-in-list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """An article in the list, in the archive or in both, with the revision that each holds.

    Archives count revisions by themselves, so contents are compared. `same_as` is the stored
    revision that has the listed content, if any.
    """

    id: str
    verdict: Verdict
    listed: int | None = None
    stored: int | None = None
    same_as: int | None = None


def compared(archive: Archive, listed: Iterable[Listed]) -> Iterator[Compared]:
    """Yield how each article stands: those stored in their order, then those that are missing.

    The list lies on disk meanwhile, in SQLite's own temporary file. Contents are those of the
    stored texts, whatever a stored line calls its own. Raises `BadArgument` for a list that
    cannot be read.
    """
    try:
        with closing(sqlite3.connect("")) as db:
            db.execute(
                "CREATE TABLE listed (id TEXT PRIMARY KEY, revision INT, content TEXT, found INT)"
                " WITHOUT ROWID"
            )
            db.executemany(_NOTE, ((each.id, each.revision, each.content_hash) for each in listed))
            for record in archive.records(latest=True):
                yield _stored(archive, db, record)
            rest = "SELECT id, revision FROM listed WHERE NOT found ORDER BY id"
            for id, revision in db.execute(rest):
                yield Compared(id=id, verdict=Verdict.MISSING, listed=revision)
    except sqlite3.Error as error:
        raise StorageFailed(
            f"The list has no room in the folder of temporary files: {error}"
        ) from error


def _stored(archive: Archive, db: sqlite3.Connection, record: dict[str, Any]) -> Compared:
    id, stored = record["id"], record["revision"]
    row = db.execute("SELECT revision, content FROM listed WHERE id = ?", (id,)).fetchone()
    if row is None:
        return Compared(id=id, verdict=Verdict.NOT_LISTED, stored=stored)
    db.execute("UPDATE listed SET found = 1 WHERE id = ?", (id,))
    revision, content = row
    if content_hash(record["title"], record["text"]) == content:
        return Compared(id=id, verdict=Verdict.SAME, listed=revision, stored=stored, same_as=stored)
    earlier = (
        each.revision
        for each in reversed(archive.revisions(id))
        if content_hash(each.title, each.text) == content
    )
    return Compared(
        id=id,
        verdict=Verdict.CHANGED,
        listed=revision,
        stored=stored,
        same_as=next(earlier, None),
    )
