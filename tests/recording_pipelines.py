"""Pipelines that somebody else has added; each writes down what it sees into KOMPAS_WITNESS."""

import asyncio
import json
import os
from dataclasses import replace
from pathlib import Path

from scrapy.exceptions import DropItem


def note(who, item):
    with Path(os.environ["KOMPAS_WITNESS"]).open("a") as file:
        file.write(
            json.dumps([who, getattr(item, "id", item), getattr(item, "revision", 0)]) + "\n"
        )


class Witness:
    """Sees what was stored."""

    def process_item(self, item):
        note("stored", item)
        return item


class Waiting:
    """Waits for something before it is stored, and is told when the run begins and ends."""

    @classmethod
    def from_crawler(cls, crawler):
        pipeline = cls()
        pipeline.crawler = crawler
        return pipeline

    async def open_spider(self):
        note("opened", self.crawler.spider.name)

    async def close_spider(self):
        note("closed", self.crawler.spider.name)

    async def process_item(self, item):
        await asyncio.sleep(0)
        self.crawler.stats.inc_value("seen")
        note("waited", item)
        return item


class Editing:
    """Changes an article before anybody judges it."""

    def process_item(self, item):
        return replace(item, tags=(*item.tags, "Disunting"))


class Spoiling:
    """Changes a text and forgets what follows from it."""

    def process_item(self, item):
        return replace(item, text=f"{item.text}\n\nDisunting.")


class Refusing:
    """Drops what it does not like, and fails at some."""

    def process_item(self, item):
        if item.id.endswith(os.environ["KOMPAS_UNWANTED"]):
            raise DropItem("unwanted")
        if item.id.endswith(os.environ["KOMPAS_FATAL"]):
            raise KeyError(item.id)
        return item
