"""May an article be stored, and as what? One rule for what is crawled and for what is read again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, TypeAlias

from kompas_crawler.archive.revisions import next_revision, revised
from kompas_crawler.archive.store import Archive
from kompas_crawler.errors import StorageFailed
from kompas_crawler.items import Article
from kompas_crawler.runs.run import Run

logger = logging.getLogger(__name__)

# What a stored article becomes that comes again: its next revision, or in a word why it has none.
Following: TypeAlias = Callable[[Article], Article | str]


class Desk(Protocol):
    """What the pipelines ask of a run, and what they tell it."""

    @property
    def run(self) -> Run: ...
    @property
    def archive(self) -> Archive: ...

    def following(self, article: Article) -> Article | str:
        """Return what a stored article becomes, or in a word why nothing."""

    def rechecks(self, article_id: str) -> bool:
        """Tell whether a stored article with another content is the next revision."""

    def refuse(self, article: Article, reason: str) -> None:
        """Note that an article may not be stored."""

    def storage_failed(self, failure: StorageFailed) -> None:
        """Note that the disk refuses; it may be raised instead."""


def decided(article: Article, desk: Desk) -> Article | str:
    """Return an article as it is to be stored, or in a word why it is not."""
    if article.id in desk.archive:
        return desk.following(article)
    original = desk.archive.same_content(article.content_hash, apart_from=article.id)
    if original is None:
        return article
    desk.run.counts["duplicates"] += 1
    return replace(article, duplicate_of=original)


def appended(article: Article, desk: Desk) -> Article | None:
    """Store an article; return it as stored, None if another run has stored it meanwhile."""
    before = article.revision - 1
    return desk.archive.append(
        article, revise=desk.rechecks(article.id), instead_of=before if before else None
    )


def recrawled(article: Article, archive: Archive, *, is_rechecked: bool) -> Article | str:
    """Return what a stored article becomes that the crawl reads again."""
    stored = archive.stored(article.id)
    if not is_rechecked or stored is None:
        return "known"
    if stored.content_hash == article.content_hash:
        return "unchanged"
    before = archive.latest(article.id)
    return article if before is None else revised(article, before)


def reread(article: Article, archive: Archive) -> Article | str:
    """Return what a stored article becomes of which a saved page is read again."""
    return next_revision(article, archive.revisions(article.id))


def note_spoiled(run: Run, archive: Archive) -> None:
    """Note and say how many stored lines hold no record, so that nobody reads them."""
    if number := archive.spoiled():
        run.notes["spoiled_lines"] = number
        logger.warning("%d stored lines hold no record: scrapy verify names them", number)
