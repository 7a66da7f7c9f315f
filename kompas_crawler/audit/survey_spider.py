"""The base of spiders that look something up at Kompas and store nothing, at a crawl's pace.

These spiders have no name, so `scrapy list` and Scrapyd do not offer them: what they collect is
for the command that runs them (`scrapy coverage`, `scrapy doctor`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from kompas_crawler.runs.outcome import Outcome
from kompas_crawler.runs.run import Run
from kompas_crawler.runs.state import State
from kompas_crawler.spiders.daily_index import IndexSpider
from kompas_crawler.timezones import WIB


class SurveySpider(IndexSpider):
    """A spider of the section that writes no run log, no lock and no article."""

    # In place of the project's; Scrapy's own extensions, such as the pace's, stay.
    custom_settings: dict[str, Any] | None = {"EXTENSIONS": {}, "ITEM_PIPELINES": {}}

    def __init__(self, name: str | None = None, **arguments: str) -> None:
        super().__init__(name or "survey", **arguments)
        self.run = Run(id="", spider=self.name, started_at=datetime.now(WIB))
        self.finals = frozenset()
        self.state_before = State()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.note_error, signals.spider_error)
        return spider

    def outcome(self, reason: str) -> Outcome:
        """Return the outcome that a crawl would have."""
        return self.run.outcome(reason)

    def note_error(self, failure: Failure, response: Response | Failure | None) -> None:
        """Note a page that could not be read because of an error in this project."""
        url = getattr(response, "url", "start")
        self.run.note_failed_listing(url, f"error-{type(failure.value).__name__}")
