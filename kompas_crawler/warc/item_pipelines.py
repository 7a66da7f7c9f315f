"""The project's item pipelines, run without a crawl for articles that are read from saved pages.

So a pipeline that a user has added sees the articles of a reparse as it sees those of a crawl.
"""

from __future__ import annotations

import asyncio
from typing import Self

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.pipelines import ItemPipelineManager
from scrapy.settings import Settings
from scrapy.utils.misc import load_object

from kompas_crawler import settings as project
from kompas_crawler.items import Article
from kompas_crawler.pipelines import Deduplicate, ItemResolved, Store, Validate
from kompas_crawler.runs.storage_rules import StorageContext

OURS = (Validate, Deduplicate, Store)


class ReparseSpider(Spider):
    """The spider that the pipelines see during a reparse; it sends no requests."""

    name = "reparse"

    def __init__(self, context: StorageContext) -> None:
        super().__init__()
        self.context = context
        self.run = context.run
        self.archive = context.archive


class PipelineChain:
    """The pipelines of ITEM_PIPELINES, called one after the other without engine or network."""

    def __init__(self, context: StorageContext, settings: Settings | None = None) -> None:
        settings = settings or Settings({"ITEM_PIPELINES": project.ITEM_PIPELINES})
        crawler = Crawler(ReparseSpider, settings)
        crawler.spider = ReparseSpider(context)
        crawler.spider.crawler = crawler
        crawler.spider.settings = crawler.settings
        crawler.stats = load_object(crawler.settings["STATS_CLASS"])(crawler)
        self._manager = ItemPipelineManager.from_crawler(crawler)
        foreign = [each for each in self._manager.middlewares if not isinstance(each, OURS)]
        # The project's own pipelines never await; only others need an event loop.
        self._runner = asyncio.Runner() if foreign else None

    def __enter__(self) -> Self:
        if self._runner is not None:
            self._runner.run(self._manager.open_spider_async())
        return self

    def __exit__(self, *_: object) -> None:
        if self._runner is not None:
            with self._runner as runner:
                runner.run(self._manager.close_spider_async())

    def through(self, article: Article) -> str | None:
        """Process an article; return the reason if a pipeline of the user dropped it, else None.

        Raises what a pipeline raises.
        """
        try:
            if self._runner is not None:
                self._runner.run(self._manager.process_item_async(article))
                return None
            for pipeline in self._manager.middlewares:
                article = pipeline.process_item(article)
        except ItemResolved:
            return None
        except DropItem as dropped:
            return f"dropped: {dropped}"
        return None
