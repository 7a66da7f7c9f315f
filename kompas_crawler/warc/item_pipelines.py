"""How does an article pass the pipelines of the project without a crawl?

So a pipeline that somebody has added sees what is stored from saved pages as it sees a crawl's.
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
    """What the pipelines know as the spider of a rereading. It asks nobody for anything."""

    name = "reparse"

    def __init__(self, context: StorageContext) -> None:
        super().__init__()
        self.context = context
        self.run = context.run
        self.archive = context.archive


class PipelineChain:
    """The pipelines of ITEM_PIPELINES, one after the other; there is neither engine nor network."""

    def __init__(self, context: StorageContext, settings: Settings | None = None) -> None:
        settings = settings or Settings({"ITEM_PIPELINES": project.ITEM_PIPELINES})
        crawler = Crawler(ReparseSpider, settings)
        crawler.spider = ReparseSpider(context)
        crawler.spider.crawler = crawler
        crawler.spider.settings = crawler.settings
        crawler.stats = load_object(crawler.settings["STATS_CLASS"])(crawler)
        self._manager = ItemPipelineManager.from_crawler(crawler)
        foreign = [each for each in self._manager.middlewares if not isinstance(each, OURS)]
        # Ours never wait for anything; only others need a loop.
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
        """Let an article pass; return a word if somebody else's pipeline dropped it.

        Raises what a pipeline raises.
        """
        try:
            self._passed(article)
        except ItemResolved:
            return None
        except DropItem as dropped:
            return f"dropped: {dropped}"
        return None

    def _passed(self, article: Article) -> None:
        if self._runner is not None:
            self._runner.run(self._manager.process_item_async(article))
            return
        for pipeline in self._manager.middlewares:
            article = pipeline.process_item(article)
