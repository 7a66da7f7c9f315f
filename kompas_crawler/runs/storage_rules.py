"""The rules by which a crawl and a reparse store an article, a revision, or nothing."""

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

# What is stored of an article that is fetched again: its next revision, or why there is none.
Following: TypeAlias = Callable[[Article], Article | str]


class StorageContext(Protocol):
    """What the pipelines use of a crawl or a reparse."""

    @property
    def run(self) -> Run: ...
    @property
    def archive(self) -> Archive: ...

    def following(self, article: Article) -> Article | str:
        """Return the next revision of a stored article, or the reason why there is none, in one word."""

    def rechecks(self, article_id: str) -> bool:
        """Return whether changed content is stored as the next revision."""

    def refuse(self, article: Article, reason: str) -> None:
        """Note that an article may not be stored."""

    def storage_failed(self, failure: StorageFailed) -> None:
        """Note that the disk failed; an implementation may raise the failure instead."""


def decided(article: Article, context: StorageContext) -> Article | str:
    """Return the article to store, or the reason why none is stored, in one word."""
    if article.id in context.archive:
        return context.following(article)
    original = context.archive.same_content(article.content_hash, apart_from=article.id)
    if original is None:
        return article
    context.run.counts["duplicates"] += 1
    return replace(article, duplicate_of=original)


def appended(article: Article, context: StorageContext) -> Article | None:
    """Store an article and return it; None if another run has stored it in the meantime."""
    before = article.revision - 1
    return context.archive.append(
        article, revise=context.rechecks(article.id), instead_of=before if before else None
    )


def recrawled(article: Article, archive: Archive, *, is_rechecked: bool) -> Article | str:
    """Return the next revision of a stored article that a crawl fetched again, or why none."""
    stored = archive.stored(article.id)
    if not is_rechecked or stored is None:
        return "known"
    if stored.content_hash == article.content_hash:
        return "unchanged"
    before = archive.latest(article.id)
    return article if before is None else revised(article, before)


def reread(article: Article, archive: Archive) -> Article | str:
    """Return the next revision of a stored article whose saved page was reparsed, or why none."""
    return next_revision(article, archive.revisions(article.id))


def note_spoiled(run: Run, archive: Archive) -> None:
    """Note and log how many stored lines hold no valid record."""
    if number := archive.spoiled():
        run.notes["spoiled_lines"] = number
        logger.warning("%d stored lines hold no record: scrapy verify names them", number)
