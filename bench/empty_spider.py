"""The crawl of the section's past with an empty callback: what all but reading and storing costs."""

from collections.abc import Iterator
from typing import Any

from scrapy.http import Response

from kompas_crawler.spiders.backfill import BackfillSpider


class EmptySpider(BackfillSpider):
    """Asks for the same lists and articles as `backfill`, and does nothing with an article."""

    name = "empty"

    def parse_article(self, response: Response, article_id: str) -> Iterator[Any]:
        return iter(())
