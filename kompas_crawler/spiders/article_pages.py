"""The base of the spiders that fetch articles: requests, responses, joined pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from scrapy import Request
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from kompas_crawler import pages, urls
from kompas_crawler.budget import budget
from kompas_crawler.errors import PageRefused
from kompas_crawler.items import Article
from kompas_crawler.pages import Reading
from kompas_crawler.responses import GONE, NotSent, Refusal, evidence_of, reason_of
from kompas_crawler.sections import of_other_section
from kompas_crawler.spiders.base import ARTICLE, DEADLY, PENDING, KompasSpider, text_of
from kompas_crawler.timezones import WIB


class ArticleSpider(KompasSpider):
    """Requests articles, joins their pages, and notes those that cannot be fetched."""

    def pending_requests(self) -> Iterator[Request]:
        """Yield requests for the pending articles of earlier runs; none in a fleet.

        Workers of a fleet have different output directories, with other pending articles each.
        """
        if self.settings["KOMPAS_REDIS_URL"]:
            return
        for pending in self.state_before.pending.values():
            if not urls.article_id(pending.id) == urls.article_id(pending.url) == pending.id:
                self.logger.warning(
                    "Pending, but no article of Kompas: %s, %s", pending.id, pending.url
                )
                self.run.final.add(pending.id)
                continue
            if pending.id in self.finals:
                self.run.final.add(pending.id)
            yield from self.article_requests({pending.id: pending.url}, priority=PENDING)

    def recheck_requests(self) -> Iterator[Request]:
        """Yield requests for the stored articles of the period to recheck."""
        if self.recheck is None:
            return
        for month in sorted({f"{day:%Y-%m}" for day in self.recheck.days()}, reverse=True):
            for article_id in reversed(self.archive.ids(month)):
                if self.rechecks(article_id) and article_id not in self.finals:
                    yield from self._recheck_request(article_id)

    def _recheck_request(self, article_id: str) -> Iterator[Request]:
        stored = self.archive.latest(article_id)
        url = stored.url if stored else urls.canonical_url(article_id)
        if article_id in self.archive.withdrawn:
            self.run.note_known(article_id)
        elif self.run.request(article_id, url):
            yield self._article_request(article_id, url, ARTICLE)

    def article_requests(
        self, urls_by_id: Mapping[str, str], *, priority: int = ARTICLE
    ) -> Iterator[Request]:
        """Yield requests for the articles that are neither stored nor final."""
        for article_id, url in urls_by_id.items():
            if article_id in self.finals:
                continue
            if self.is_stored(article_id):
                self.run.note_known(article_id)
            elif self.run.request(article_id, url):
                yield self._article_request(article_id, url, priority)

    def _article_request(self, article_id: str, url: str, priority: int) -> Request:
        if budget.deaths.get(article_id):
            priority = DEADLY
        whole = urls.whole_article_url(url)
        return self.request(
            whole, self.parse_article, self.article_failed, priority=priority, article_id=article_id
        )

    def parse_article(self, response: Response, article_id: str) -> Iterator[Any]:
        """Yield the article, or the request for the next of its pages."""
        reading = self._reading(response, article_id)
        if reading is None:
            return
        if reading.page is None:
            yield self._finished(reading.article, reading, response)
        else:
            yield self._page_request(article_id, 2 if reading.page == 1 else 1, [reading])

    def parse_page(
        self, response: Response, article_id: str, readings: list[Reading]
    ) -> Iterator[Any]:
        """Add one more page of an article that is not shown on a single page."""
        reading = self._reading(response, article_id)
        known = {each.page for each in readings}
        wanted = set(range(1, reading.article.page_count + 1)) if reading else set()
        if reading and reading.page in known and wanted - known:
            self._refuse(article_id, response.url, "OtherPage", f"page {reading.page} again")
            reading = None
        if reading is None:
            if self.run.is_last_try(article_id, self.state_before):
                yield self._cut_short(readings)
            return
        readings = [*readings, reading]
        missing = sorted(wanted - known - {reading.page})
        if reading.page is None or not missing or len(readings) > len(wanted):
            yield self._finished(pages.join_pages(readings), readings[0], response)
        else:
            yield self._page_request(article_id, missing[0], readings)

    def _page_request(self, article_id: str, number: int, readings: list[Reading]) -> Request:
        return self.request(
            urls.page_url(readings[0].article.url, number),
            self.parse_page,
            self.page_failed,
            priority=PENDING,
            article_id=article_id,
            readings=readings,
        )

    def page_failed(self, failure: Failure) -> Iterator[Article]:
        """Leave an article with a failed page to the next run.

        It is stored without that page, as `truncated`, if the page does not exist or this was the
        last try.
        """
        given: dict[str, Any] = failure.request.cb_kwargs  # type: ignore[attr-defined]
        if self._status(failure) in GONE:
            yield self._cut_short(given["readings"])
            return
        self.article_failed(failure)
        if self.run.is_last_try(given["article_id"], self.state_before):
            yield self._cut_short(given["readings"])

    def _cut_short(self, readings: list[Reading]) -> Article:
        article = pages.join_pages(readings)
        self.logger.warning("Stored without all its pages: %s", article.url)
        return self._finished(article, readings[0], None)

    def _reading(self, response: Response, article_id: str) -> Reading | None:
        try:
            with budget.reading(article_id):
                reading = pages.read(text_of(response), response.url)
        except PageRefused as refusal:
            self._refuse(article_id, response.url, type(refusal).__name__, refusal.found)
            return None
        if (found := reading.other or reading.article.id) != article_id:
            self._refuse(article_id, response.url, "OtherArticle", found)
            return None
        if of_other_section(reading.article):
            self.logger.info("%s is of %r, not ours", response.url, reading.article.section)
            self.run.note_other_section(article_id, urls.canonical_url(response.url))
            return None
        return reading

    def _refuse(self, article_id: str, url: str, reason: str, found: str) -> None:
        self.logger.warning("Refused %s: %s, %s", urls.canonical_url(url), reason, found)
        self.crawler.stats.inc_value(f"kompas/refused/{reason}")
        self.run.notes["evidence"] = f"{reason}, {found}: {urls.canonical_url(url)}"
        self.run.note_failed(article_id, urls.canonical_url(url), reason, found)

    def _finished(self, article: Article, reading: Reading, response: Response | None) -> Article:
        self.run.note_read(reading.rules, article)
        downloaded_at = response.meta.get("downloaded_at") if response else None
        moment = downloaded_at or datetime.now(WIB).replace(microsecond=0)
        return replace(article, fetched_at=moment, crawl=self.run.id)

    def article_failed(self, failure: Failure) -> None:
        """Note an article that could not be fetched; 404 and 410 are final."""
        request: Request = failure.request  # type: ignore[attr-defined]
        article_id = request.cb_kwargs["article_id"]
        url = urls.canonical_url(request.url)
        status = self._status(failure)
        if status in GONE:
            self.logger.info("Gone (%d): %s", status, url)
            self.run.note_gone(article_id, url, status, datetime.now(WIB))
        elif not isinstance(failure.value, NotSent):  # never requested: it stays pending
            reason = reason_of(failure)
            if not isinstance(failure.value, Refusal):  # those are logged where they are raised
                self.logger.warning("Not fetched (%s): %s", reason, url)
            self.run.notes["evidence"] = found = evidence_of(failure)
            self.run.note_failed(article_id, url, reason, found)

    @staticmethod
    def _status(failure: Failure) -> int:
        return failure.value.response.status if isinstance(failure.value, HttpError) else 0
