"""What happens to an article between its page and the disk: validate, deduplicate, store."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Any, Self

from itemadapter import ItemAdapter
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from kompas_crawler.errors import BrokenRecord, Interrupted, StorageFailed
from kompas_crawler.items import Article
from kompas_crawler.records import validate
from kompas_crawler.revisions import revised
from kompas_crawler.spiders.section import SectionSpider

logger = logging.getLogger(__name__)


class _Pipeline(ABC):
    """A pipeline that reaches the run through its spider, and ends it when the disk refuses."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def spider(self) -> SectionSpider:
        spider = self.crawler.spider
        if not isinstance(spider, SectionSpider):
            raise TypeError(f"{spider} is no spider of the section")
        return spider

    def process_item(self, item: Any) -> Any:
        if self.spider.run.storage_failed:
            raise DropItem("nothing more can be stored", log_level="DEBUG")
        try:
            return self.passed(item)
        except Interrupted as failure:  # the article stays owed
            raise DropItem(str(failure), log_level="INFO") from failure
        except StorageFailed as failure:
            self.spider.storage_failed(failure)
            self._stop()
            raise DropItem(str(failure), log_level="DEBUG") from failure

    @abstractmethod
    def passed(self, item: Any) -> Any:
        """Return the item as it goes on; DropItem if it does not."""

    def _stop(self) -> None:
        """End the run; the articles on the way stay owed."""
        if self.crawler.engine is not None:
            closing = self.crawler.engine.close_spider_async(reason="storage")
            self._closing = asyncio.ensure_future(closing)


class Validate(_Pipeline):
    """Refuses an article that breaks the contract of the output."""

    def passed(self, item: Any) -> Any:
        adapter = ItemAdapter(item)
        try:
            validate(item)
        except BrokenRecord as broken:
            logger.error("Not stored, it breaks the record's contract: %s", broken)
            self.spider.run.counts["invalid"] += 1
            self.spider.run.fail(adapter["id"], adapter["url"], "invalid-record")
            raise DropItem(str(broken), log_level="DEBUG") from broken
        return item


class Deduplicate(_Pipeline):
    """Lets through what is new, and what has changed where changes are asked for."""

    def passed(self, item: Any) -> Any:
        adapter = ItemAdapter(item)
        spider = self.spider
        stored = spider.archive.stored(adapter["id"])
        if stored is None:
            original = spider.archive.same_content(
                adapter["content_hash"], apart_from=adapter["id"]
            )
            return item if original is None else self._marked(item, original)
        if not spider.rechecks(adapter["id"]):
            self._drop(adapter["id"], "known")
        if stored.content_hash == adapter["content_hash"]:
            self._drop(adapter["id"], "unchanged")
        before = self._before(adapter["id"])
        return item if before is None else revised(item, before)

    def _before(self, article_id: str) -> Article | None:
        try:
            return self.spider.archive.latest(article_id)
        except BrokenRecord as broken:
            logger.error("A stored line breaks the contract, see scrapy verify: %s", broken)
            return None

    def _marked(self, item: Article, original: str) -> Article:
        self.spider.run.counts["duplicates"] += 1
        return replace(item, duplicate_of=original)

    def _drop(self, article_id: str, how: str) -> None:
        self.spider.run.settle(article_id, how)
        raise DropItem(f"{how}: {article_id}", log_level="DEBUG")


class Store(_Pipeline):
    """Appends one line per article; an article is known only once its line is written."""

    def passed(self, item: Any) -> Any:
        adapter = ItemAdapter(item)
        run = self.spider.run
        written = self.spider.archive.append(item, revise=self.spider.rechecks(adapter["id"]))
        if written is None:
            run.settle(adapter["id"], "known")
            raise DropItem(f"known: {adapter['id']}", log_level="DEBUG")
        run.settle(written.id, "stored" if written.revision == 1 else "revised")
        return written
