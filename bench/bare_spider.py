"""A crawl that asks for the same articles and reads nothing: what Scrapy alone costs."""

import json
import os
import urllib.request
from collections.abc import AsyncIterator
from typing import Any

from scrapy import Request, Spider

from kompas_crawler import urls


class BareSpider(Spider):
    """Fetches `n` articles of the stand-in with a callback that does nothing."""

    name = "bare"

    async def start(self) -> AsyncIterator[Any]:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(os.environ["https_proxy"] + "/ids") as answer:
            ids = json.load(answer)
        for article_id in ids[: int(self.n)]:
            yield Request(urls.whole_article_url(article_id))

    def parse(self, response: Any) -> None:
        pass
