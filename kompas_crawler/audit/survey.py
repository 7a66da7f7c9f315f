"""Starting a survey spider from a command, and the outcome of its run."""

from __future__ import annotations

from typing import Any, TypeVar

from rich.progress import Progress, SpinnerColumn, TextColumn
from scrapy import signals
from scrapy.crawler import CrawlerProcessBase

from kompas_crawler.audit.survey_spider import SurveySpider
from kompas_crawler.cli.scrapy_command import check_scrapy_settings
from kompas_crawler.cli.terminal import SafeConsole
from kompas_crawler.errors import KompasError
from kompas_crawler.runs.outcome import Outcome

S = TypeVar("S", bound=SurveySpider)


class SpiderNotStarted(KompasError):
    """Raised when a spider could not be started; the log says why."""


def run_spider(
    process: CrawlerProcessBase | None, kind: type[S], **arguments: str
) -> tuple[S, Outcome]:
    """Run a spider to its end, and return it with the outcome that a crawl would have.

    Raises `SpiderNotStarted` when it did not start.
    """
    if process is None:
        raise SpiderNotStarted("this command needs Scrapy's crawler process")
    crawler = process.create_crawler(kind)
    check_scrapy_settings(crawler.settings)
    with _page_count() as count:
        task = count.add_task("Asking Kompas, one request a second", pages=0)
        pages = [0]

        def counted() -> None:
            pages[0] += 1
            count.update(task, pages=pages[0])

        crawler.signals.connect(counted, signals.response_received)
        process.crawl(crawler, **arguments)
        process.start()
    spider: Any = crawler.spider
    if not isinstance(spider, kind):  # then there are no stats to ask either
        raise SpiderNotStarted("the spider could not be started; see the log")
    reason = crawler.stats.get_value("finish_reason")
    if reason is None:
        raise SpiderNotStarted("the spider could not be started; see the log")
    return spider, spider.outcome(str(reason))


def _page_count() -> Progress:
    stderr = SafeConsole(stderr=True)
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}: {task.fields[pages]} pages"),
        console=stderr,
        transient=True,
        disable=not stderr.is_terminal,
    )
