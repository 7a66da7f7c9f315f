"""The rules by which a crawl and a reparse store an article, a revision, or nothing."""

from __future__ import annotations

import logging
from typing import Protocol

from kompas_crawler.archive.revisions import is_whole, revised
from kompas_crawler.archive.store import Archive
from kompas_crawler.errors import StorageFailed
from kompas_crawler.items import Article
from kompas_crawler.runs.intervals import Interval
from kompas_crawler.runs.run import Run
from kompas_crawler.urls import day_of

logger = logging.getLogger(__name__)


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


def recrawled(article: Article, archive: Archive, *, is_rechecked: bool) -> Article | str:
    """Return the next revision of a stored article that a crawl fetched again, or why none.

    A part of an article never follows the whole one.
    """
    stored = archive.stored(article.id)
    if not is_rechecked or stored is None:
        return "known"
    if stored.content_hash == article.content_hash:
        return "unchanged"
    before = archive.latest(article.id)
    if before is None:
        return article
    if is_whole(before) and not is_whole(article):
        return "known"
    return revised(article, before)


def note_vanished(run: Run, archive: Archive) -> None:
    """Note how many stored articles were taken from the files, and prove their days again."""
    if archive.vanished:
        run.notes["vanished"] = len(archive.vanished)
    for day in sorted({day_of(article_id) for article_id in archive.vanished}):
        passed = Interval.of_day(day, run.started_at)
        run.coverage.plan_interval(passed.since, passed.until)
        run.coverage.note_doubt(day)


def note_spoiled(run: Run, archive: Archive) -> None:
    """Note and log how many stored lines hold no valid record."""
    if number := archive.spoiled():
        run.notes["spoiled_lines"] = number
        logger.warning("%d stored lines hold no record: scrapy verify names them", number)
