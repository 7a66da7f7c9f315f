"""The spider behind `scrapy doctor`: it fetches one page of each kind, and three articles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from kompas_crawler import pages, urls
from kompas_crawler.audit.doctor import ARTICLE, FRONT, INDEX, ROBOTS, SITEMAP, SITEMAPS
from kompas_crawler.audit.survey_spider import SurveySpider
from kompas_crawler.budget import budget
from kompas_crawler.responses import reason_of
from kompas_crawler.runs.outcome import Outcome
from kompas_crawler.runs.run import Run
from kompas_crawler.spiders.base import text_of
from kompas_crawler.spiders.daily_index import IndexProgress
from kompas_crawler.timezones import WIB

ARTICLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedPage:
    """A fetched page, or why it could not be fetched (`failed`)."""

    what: str
    url: str
    text: str = ""
    failed: str | None = None


class DoctorSpider(SurveySpider):
    """Requests one page after another, whether or not each succeeds; `seen` holds them."""

    def __init__(self, name: str | None = None, **arguments: str) -> None:
        super().__init__(name or "doctor", **arguments)
        self.seen: list[FetchedPage] = []
        self._offered: dict[str, str] = {}
        self._sitemaps: tuple[str, ...] = ()
        self._steps = self._plan()

    def outcome(self, reason: str) -> Outcome:
        """Return the outcome; a day that is not listed completely does not count against it."""
        run = self.run
        visit = Run(id="", spider=run.spider, started_at=run.started_at)
        visit.failed_listings = run.failed_listings
        return visit.outcome(reason)

    def first_requests(self) -> Iterator[Request]:
        yield from self._next_step()

    def _next_step(self) -> Iterator[Request]:
        yield from islice(self._steps, 1)

    def _plan(self) -> Iterator[Request]:
        """Yield one request when the one before it has been dealt with."""
        today = datetime.now(WIB).date()
        yield self._ask(ROBOTS, urls.ROBOTS)
        yield self._ask(FRONT, urls.front_url())
        # Shortly after midnight today's index is empty, and yesterday's shows more.
        yield from self.walk_days((today, today - timedelta(days=1)))
        yield self._ask(SITEMAPS, urls.SITEMAP_INDEX)
        for address in self._sitemaps[:1]:
            yield self._ask(SITEMAP, address)
        for url in self._newest_middle_oldest():
            yield self._ask(ARTICLE, urls.whole_article_url(url))

    def _newest_middle_oldest(self) -> list[str]:
        """Return three of the articles that the first list with any offers."""
        offered = [url for url in self._offered.values() if urls.in_section(url)]
        places = dict.fromkeys((0, len(offered) // 2, len(offered) - 1))
        return [offered[place] for place in places if 0 <= place < len(offered)][:ARTICLES]

    def _ask(self, what: str, url: str) -> Request:
        request = self.request(url, self.parse_any, self.any_failed, what=what)
        if what == ROBOTS:  # a missing one is an answer, too: everything may be fetched
            request.meta["handle_httpstatus_list"] = [404, 410]
        return request

    def parse_any(self, response: Response, what: str) -> Iterator[Any]:
        """Keep a page of any kind, with the addresses it offers, and go on to the next step."""
        text = text_of(response)
        if what == ROBOTS and not text:
            text = response.body.decode(errors="replace")
        with budget.reading(response.url):
            if what == SITEMAPS:
                self._sitemaps = pages.read_sitemap_index(text)
            elif what == SITEMAP:
                self._offer(pages.read_sitemap(text, response.url).urls_by_id)
            elif what == FRONT:
                self._offer(pages.read_listing(text, response.url).urls_by_id)
        self.seen.append(FetchedPage(what=what, url=response.url, text=text))
        yield from self._next_step()

    def any_failed(self, failure: Failure) -> Iterator[Any]:
        request: Request = failure.request  # type: ignore[attr-defined]
        self._note_failed(request.cb_kwargs["what"], failure)
        yield from self._next_step()

    def parse_index(self, response: Response, walk: IndexProgress, page: int) -> Iterator[Any]:
        """Keep the first index page that lists anything, of any day and site code."""
        site = walk.site
        further = list(super().parse_index(response, walk, page))
        if further and not walk.shown.seen:
            yield from further  # another code of the index, or the day before
            return
        walk.site = site
        self.seen.append(FetchedPage(what=INDEX, url=response.url, text=text_of(response)))
        yield from self._next_step()

    def article_requests(
        self, urls_by_id: Mapping[str, str], *, priority: int = 0
    ) -> Iterator[Request]:
        """Keep what the index lists; articles are requested at the end."""
        self._offer(urls_by_id)
        yield from ()

    def index_failed(self, failure: Failure) -> Iterator[Request]:
        self._note_failed(INDEX, failure)
        yield from self._next_step()

    def _offer(self, urls_by_id: Mapping[str, str]) -> None:
        if not any(map(urls.in_section, self._offered.values())):
            self._offered.update(urls_by_id)

    def _note_failed(self, what: str, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]
        reason = reason_of(failure)
        self.run.note_failed_listing(request.url, reason)
        found = f"{reason}: {failure.getErrorMessage()}"[:300]
        self.seen.append(FetchedPage(what=what, url=request.url, failed=found))
