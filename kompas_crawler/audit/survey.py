"""Starting a survey spider from a command, and the outcome of its run."""

from __future__ import annotations

from typing import Any, TypeVar

from rich.progress import SpinnerColumn
from scrapy import signals
from scrapy.crawler import CrawlerProcessBase

from kompas_crawler.audit.survey_spider import SurveySpider
from kompas_crawler.cli.scrapy_command import check_scrapy_settings
from kompas_crawler.cli.terminal import progress_bar
from kompas_crawler.errors import SpiderNotStarted
from kompas_crawler.runs.outcome import Outcome

S = TypeVar("S", bound=SurveySpider)


def run_spider(process: CrawlerProcessBase, kind: type[S], **arguments: str) -> tuple[S, Outcome]:
    """Run a spider to its end, and return it with the outcome that a crawl would have.

    Raises `SpiderNotStarted` when it did not start.
    """
    crawler = process.create_crawler(kind)
    check_scrapy_settings(crawler.settings)
    columns = SpinnerColumn(), "{task.description}: {task.completed:.0f} pages"
    with progress_bar(*columns) as count:
        task = count.add_task("Asking Kompas, one request a second", total=None)

        def counted() -> None:
            count.advance(task)

        crawler.signals.connect(counted, signals.response_received)
        process.crawl(crawler, **arguments)
        process.start()
    spider: Any = crawler.spider
    reason = crawler.stats and crawler.stats.get_value("finish_reason")
    if not isinstance(spider, kind) or reason is None:
        raise SpiderNotStarted("the spider could not be started; see the log")
    return spider, spider.outcome(str(reason))
