"""A list of articles and an archive, compared article by article."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kompas_crawler.archive.store import Archive
from kompas_crawler.processors import content_hash
from kompas_crawler.runs.manifest import Listed


class Verdict(StrEnum):
    """How an article in the archive compares with a list."""

    SAME = "same"
    CHANGED = "changed"
    MISSING = "missing"
    WITHDRAWN = "withdrawn"
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
    """Yield how each article compares: the stored ones in their order, then the others.

    Of an article that is listed in several revisions, the last one counts. Contents are those of
    the stored texts, whatever a stored line calls its own. Raises `BadArgument` for a list that
    cannot be read.
    """
    wanted: dict[str, tuple[int, str]] = {}  # revision and content
    for each in listed:
        wanted[each.id] = max(wanted.get(each.id, (0, "")), (each.revision, each.content_hash))
    for record in archive.records(latest=True):
        yield _stored(archive, wanted.pop(record["id"], None), record)
    for id, (revision, _) in sorted(wanted.items()):
        verdict = Verdict.WITHDRAWN if id in archive.withdrawn else Verdict.MISSING
        yield Compared(id=id, verdict=verdict, listed=revision)


def _stored(archive: Archive, listed: tuple[int, str] | None, record: dict[str, Any]) -> Compared:
    id, stored = record["id"], record["revision"]
    if listed is None:
        return Compared(id=id, verdict=Verdict.NOT_LISTED, stored=stored)
    revision, content = listed
    is_same = content_hash(record["title"], record["text"]) == content
    earlier = (
        each.revision
        for each in reversed(() if is_same else archive.revisions(id))
        if content_hash(each.title, each.text) == content
    )
    return Compared(
        id=id,
        verdict=Verdict.SAME if is_same else Verdict.CHANGED,
        listed=revision,
        stored=stored,
        same_as=stored if is_same else next(earlier, None),
    )
