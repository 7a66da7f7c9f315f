"""The item pipelines: validate, deduplicate, store."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from kompas_crawler.archive.record import validate
from kompas_crawler.errors import BrokenRecord, Interrupted, StorageFailed
from kompas_crawler.runs.storage_rules import StorageContext
from kompas_crawler.spiders.base import KompasSpider

logger = logging.getLogger(__name__)


class ItemResolved(DropItem):
    """Raised when an article is not passed on and the run has noted its result."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, log_level="DEBUG")


class _Pipeline(ABC):
    """The base of the pipelines: gives them the run, and ends it when the disk fails."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def context(self) -> StorageContext:
        """What the pipelines use of the crawl or the reparse that is running."""
        spider: Any = self.crawler.spider
        return spider if isinstance(spider, KompasSpider) else spider.context

    def process_item(self, item: Any) -> Any:
        context = self.context
        if context.run.storage_failed:
            raise ItemResolved("nothing more can be stored")
        try:
            return self.passed(item, context)
        except Interrupted as failure:  # the article stays pending
            raise DropItem(str(failure), log_level="INFO") from failure
        except StorageFailed as failure:
            context.storage_failed(failure)
            self._stop()
            raise ItemResolved(str(failure)) from failure

    @abstractmethod
    def passed(self, item: Any, context: StorageContext) -> Any:
        """Return the item for the next pipeline; raise `DropItem` if there is none."""

    def _check(self, item: Any, context: StorageContext) -> None:
        """Refuse an article that breaks the record's contract."""
        try:
            validate(item)
        except BrokenRecord as broken:
            logger.error("Not stored, it breaks the record's contract: %s", broken)
            context.refuse(item, "invalid-record")
            raise ItemResolved(str(broken)) from broken

    def _stop(self) -> None:
        """End the run; articles that are not stored stay pending."""
        if self.crawler.engine is not None:
            closing = self.crawler.engine.close_spider_async(reason="storage")
            self._closing = asyncio.ensure_future(closing)


class Validate(_Pipeline):
    """Drops articles that break the record's contract, before other pipelines see them."""

    def passed(self, item: Any, context: StorageContext) -> Any:
        self._check(item, context)
        return item


class Deduplicate(_Pipeline):
    """Passes new articles, and changed ones where a recheck was requested."""

    def passed(self, item: Any, context: StorageContext) -> Any:
        if item.id in context.archive.withdrawn:
            context.run.resolve(item.id, "known")
            raise ItemResolved(f"withdrawn: {item.id}")
        if item.id in context.archive:
            after = context.following(item)
            if isinstance(after, str):
                context.run.resolve(item.id, after)
                raise ItemResolved(f"{after}: {item.id}")
            return after
        original = context.archive.same_content(item.content_hash, apart_from=item.id)
        if original is None:
            return item
        context.run.counts["duplicates"] += 1
        return replace(item, duplicate_of=original)


class Store(_Pipeline):
    """Appends one line an article; an article counts as stored once its line is written.

    Checks it again, since a pipeline that somebody has added may have changed it.
    """

    def passed(self, item: Any, context: StorageContext) -> Any:
        self._check(item, context)
        before = item.revision - 1
        written = context.archive.append(
            item, revise=context.rechecks(item.id), instead_of=before if before else None
        )
        if written is None:  # another run has stored it in the meantime
            context.run.resolve(item.id, "known")
            raise ItemResolved(f"known: {item.id}")
        context.run.resolve(written.id, "stored" if written.revision == 1 else "revised")
        return written
