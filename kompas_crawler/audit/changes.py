"""Differences between the stored revisions of articles, and articles that Kompas removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any, Literal

from kompas_crawler.archive.files import LINE_ID
from kompas_crawler.archive.record import to_record
from kompas_crawler.archive.store import Archive
from kompas_crawler.items import Article, field_names
from kompas_crawler.runs.invented import KEY
from kompas_crawler.runs.log import CrawlLog
from kompas_crawler.urls import article_id as article_id_of
from kompas_crawler.urls import month_of

DiffKind = Literal["same", "removed", "added"]

# What can differ between two revisions: `revised` keeps id and first publication.
COMPARED = tuple(name for name in field_names("page") if name not in ("id", "published_at"))

# Two paragraphs that share this much are one that was edited; otherwise one was removed, one added.
MIN_SIMILARITY = 0.4

_FIRST_REVISION = b'"revision": 1,'  # within JSON's strings quotes are escaped


@dataclass(frozen=True, slots=True)
class DiffPiece:
    """Some words, and whether they are unchanged, removed or added."""

    how: DiffKind
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """What changed in one field, in blocks: a paragraph of the text, an entry of a list.

    An unchanged block is not there; `skipped` is the number of such blocks before each.
    """

    name: str
    blocks: tuple[tuple[DiffPiece, ...], ...]
    skipped: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One revision of an article against the one before it."""

    before: Article
    after: Article
    fields: tuple[FieldChange, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the change as JSON holds it: every changed field before and after."""
        old, new = to_record(self.before), to_record(self.after)
        return {
            "id": self.after.id,
            "url": self.after.url,
            "title": self.after.title,
            "revision": self.after.revision,
            "updated_at": new["updated_at"],
            "fetched_at": new["fetched_at"],
            "changed": {
                change.name: {"before": old[change.name], "after": new[change.name]}
                for change in self.fields
            },
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedArticle:
    """An article that Kompas has removed; `title` is None where it had never been stored.

    An invented one was removed by the bundled stand-in.
    """

    id: str
    url: str
    status: int
    seen_at: datetime
    title: str | None = None
    is_invented: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {
            "id": self.id,
            "url": self.url,
            "status": self.status,
            "seen_at": self.seen_at.isoformat(),
            "title": self.title,
        }


def changes_of(archive: Archive, article_id: str) -> list[Change]:
    """Return every change of one article, newest first."""
    revisions = archive.revisions(article_id)
    return [compare_revisions(before, after) for before, after in pairwise(revisions)][::-1]


def changes_since(
    archive: Archive, since: datetime | None, article_id: str | None = None
) -> Iterator[Change]:
    """Yield the changes, of all articles or of one, that were seen since a moment, or ever.

    The one seen last comes first. Files that were not written to since then are not read, lines of
    first revisions not parsed.
    """
    # By their place: in an archive that two were joined into, numbers occur twice.
    seen = [
        (revision.fetched_at, id_, place)
        for id_ in ([article_id] if article_id else _revised(archive, since))
        for place, revision in enumerate(archive.revisions(id_)[1:])
        if revision.fetched_at and (since is None or revision.fetched_at >= since)
    ]
    for _, id_, place in sorted(seen, reverse=True):
        for before, after in [*pairwise(archive.revisions(id_))][place : place + 1]:
            yield compare_revisions(before, after)


def _revised(archive: Archive, since: datetime | None) -> Iterator[str]:
    """Yield the articles with more than one revision, of the months written to since a moment."""
    for month in archive.months():
        if since and archive.path(month).stat().st_mtime < since.timestamp():
            continue
        lines = (line for _, line in archive.lines(month) if _FIRST_REVISION not in line)
        ids = dict.fromkeys(m[1].decode() for line in lines if (m := LINE_ID.match(line)))
        yield from (id_ for id_ in ids if archive.stored(id_) and month_of(id_) == month)


def removed_since(
    archive: Archive, crawl_log: CrawlLog, since: datetime | None, article_id: str | None = None
) -> list[RemovedArticle]:
    """Return the articles that runs found gone since a moment, or ever, newest first."""
    found: dict[str, RemovedArticle] = {}
    for line in crawl_log.newest_first():
        for entry in line.get("gone", ()):
            if (
                not entry.keys() >= {"url", "status", "seen_at"}
                or article_id_of(entry["id"]) != entry["id"]
            ):
                continue  # of another version, or edited
            gone = _gone(archive, entry, is_invented=bool(line.get(KEY)))
            if article_id in (None, gone.id) and (since is None or gone.seen_at >= since):
                found.setdefault(gone.id, gone)
        ended = line.get("finished_at")
        if since is not None and ended and datetime.fromisoformat(ended) < since:
            break
    return sorted(found.values(), key=lambda gone: gone.seen_at, reverse=True)


def _gone(archive: Archive, entry: Mapping[str, Any], *, is_invented: bool) -> RemovedArticle:
    stored = archive.latest(entry["id"])
    return RemovedArticle(
        id=entry["id"],
        url=entry["url"],
        status=entry["status"],
        seen_at=datetime.fromisoformat(entry["seen_at"]),
        title=stored.title if stored else None,
        is_invented=is_invented,
    )


def compare_revisions(before: Article, after: Article) -> Change:
    """Return what differs between two revisions: title and text first, then the other fields."""
    names = sorted(COMPARED, key=lambda name: name not in ("title", "text"))
    found = [_field_change(name, _blocks(before, name), _blocks(after, name)) for name in names]
    return Change(
        before=before, after=after, fields=tuple(change for change in found if change.blocks)
    )


def _blocks(article: Article, name: str) -> list[str]:
    value = to_record(article)[name]
    if value is None:
        return []
    if name == "text":
        return str(value).split("\n\n")
    return [_words_of(each) for each in value] if isinstance(value, list) else [str(value)]


def _words_of(value: object) -> str:
    if isinstance(value, dict):
        return " | ".join(str(part) for part in value.values() if part is not None)
    return str(value)


def _field_change(name: str, before: list[str], after: list[str]) -> FieldChange:
    blocks: list[tuple[DiffPiece, ...]] = []
    skipped: list[int] = []
    same = 0
    for block in diff_of(before, after):
        if all(piece.how == "same" for piece in block):
            same += 1
        else:
            blocks.append(block)
            skipped.append(same)
            same = 0
    return FieldChange(name=name, blocks=tuple(blocks), skipped=tuple(skipped))


def diff_of(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[DiffPiece, ...]]:
    """Yield the blocks of two versions in reading order, word by word where one was edited.

    >>> list(diff_of(["Satu kapal tiba."], ["Dua kapal tiba."])) == [
    ...     (DiffPiece("removed", "Satu"), DiffPiece("added", "Dua"),
    ...      DiffPiece("same", "kapal tiba."))]
    True
    """
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for how, i1, i2, j1, j2 in matcher.get_opcodes():
        if how == "equal":
            yield from ((DiffPiece("same", block),) for block in before[i1:i2])
        else:
            yield from _replaced(before[i1:i2], after[j1:j2])


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[DiffPiece, ...]]:
    """Pair each old block with the first similar new one; the others were removed or added."""
    place = 0
    for block in old:
        twin = next((n for n in range(place, len(new)) if _alike(block, new[n])), None)
        if twin is None:
            yield (DiffPiece("removed", block),)
            continue
        yield from ((DiffPiece("added", came),) for came in new[place:twin])
        yield tuple(_edited(block, new[twin]))
        place = twin + 1
    yield from ((DiffPiece("added", came),) for came in new[place:])


def _alike(old: str, new: str) -> bool:
    matcher = SequenceMatcher(None, old.split(), new.split(), autojunk=False)
    return matcher.real_quick_ratio() >= MIN_SIMILARITY and matcher.ratio() >= MIN_SIMILARITY


def _edited(old: str, new: str) -> Iterator[DiffPiece]:
    """Yield the words of an edited block."""
    before, after = old.split(), new.split()
    for how, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if how == "equal":
            yield DiffPiece("same", " ".join(before[i1:i2]))
            continue
        if i1 < i2:
            yield DiffPiece("removed", " ".join(before[i1:i2]))
        if j1 < j2:
            yield DiffPiece("added", " ".join(after[j1:j2]))
