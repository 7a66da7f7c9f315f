"""A crawler that asks for addresses and reports what became of each: `python -m … JOB`, as JSON."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.exceptions import ScrapyDeprecationWarning
from scrapy.settings import Settings

QUICK = {
    "EXTENSIONS": {},
    "ITEM_PIPELINES": {},
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "KOMPAS_BACKOFF": 0.01,
}


class Asker(Spider):
    name = "asker"
    urls: list[str]

    async def start(self) -> Any:
        for url in self.urls:
            yield Request(url, self.note_page, errback=self.note_failure, cb_kwargs={"asked": url})

    def note_page(self, response: Any, asked: str) -> None:
        self.outcomes[asked] = "page"

    def note_failure(self, failure: Any) -> None:
        words = [type(failure.value).__name__, getattr(failure.value, "reason", "")]
        self.outcomes[failure.request.cb_kwargs["asked"]] = " ".join(filter(None, words))

    @property
    def outcomes(self) -> dict[str, str]:
        return self.__dict__.setdefault("_outcomes", {})


def run(job: dict[str, Any]) -> None:
    warnings.simplefilter("error", ScrapyDeprecationWarning)
    told = Settings()
    told.setmodule("kompas_crawler.settings", priority="project")
    told.update(QUICK | job["settings"], priority="cmdline")
    process = AsyncCrawlerProcess(told)
    crawler = process.create_crawler(Asker)
    report: dict[str, Any] = {}

    def note_end(spider: Asker, reason: str) -> None:
        report.update(reason=reason, outcomes=spider.outcomes)

    crawler.signals.connect(note_end, signal=signals.spider_closed)
    process.crawl(crawler, urls=job["urls"])
    process.start()
    report["stats"] = crawler.stats.get_stats()
    Path(job["report"]).write_text(json.dumps(report, default=str))


if __name__ == "__main__":
    run(json.loads(sys.argv[1]))
