"""The spider of single articles, given by any of their addresses or by id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from scrapy import Request

from kompas_crawler import urls
from kompas_crawler.errors import BadArgument
from kompas_crawler.runs.arguments import addresses_in, addresses_of_file
from kompas_crawler.sections import SECTION
from kompas_crawler.spiders.article_pages import ArticleSpider

EXAMPLE = f"2021/08/26/1622263{SECTION.code}"  # an id, for messages

_YES = frozenset({"1", "yes", "ya", "true"})
_NO = frozenset({"0", "no", "tidak", "false"})


class ArticlesSpider(ArticleSpider):
    """Fetches the articles named by `url` (several, separated by spaces or commas) or in `file`.

    `recheck=yes` also fetches stored ones and stores changed ones as a new revision.
    """

    name = "articles"
    accepts = ("url", "file", "recheck")
    repeatable = ("url",)

    @classmethod
    def read_arguments(cls, arguments: Mapping[str, str], now: datetime) -> None:
        addresses = _addresses(arguments)
        if not addresses:
            raise BadArgument(
                "articles needs url=ADDRESS or file=PATH: an address a line, or a manifest"
            )
        if not any(urls.in_section(address) for address in addresses):
            raise BadArgument(
                f"none of the {len(addresses)} given is an article of the {SECTION.english} section,"
                f" the first is {addresses[0][:120]!r}; give an address such as"
                f" {SECTION.front.rstrip('/')}/read/{EXAMPLE} or its id, {EXAMPLE}"
            )
        _wants_recheck(arguments)

    def rechecks(self, article_id: str) -> bool:
        return _wants_recheck(self.arguments)

    def first_requests(self) -> Iterator[Request]:
        for address in _addresses(self.arguments):
            article_id = urls.article_id(address)
            if article_id is None or not urls.in_section(address):
                self.logger.warning("Not requested, %s: %s", urls.kind_of(address), address[:200])
                self.run.refused[f"address-{urls.kind_of(address)}"] += 1
                continue
            self.run.note_listed(1)
            url = urls.canonical_url(address)
            if self.rechecks(article_id) and self.is_stored(article_id):
                yield from self._recheck_request(article_id)
            else:
                yield from self.article_requests({article_id: url})


def _addresses(arguments: Mapping[str, str]) -> list[str]:
    given = addresses_in(arguments.get("url", ""))
    if path := arguments.get("file"):
        given.extend(addresses_of_file(path))
    return given


def _wants_recheck(arguments: Mapping[str, str]) -> bool:
    given = arguments.get("recheck", "no").lower()
    if given not in _YES | _NO:
        raise BadArgument(f"recheck={given!r} cannot be read: articles accepts yes or no")
    return given in _YES
