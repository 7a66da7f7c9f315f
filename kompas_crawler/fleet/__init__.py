"""The Scrapy add-on that shares a crawl among several workers, and the checks of its settings.

`-s KOMPAS_REDIS_URL=redis://…` turns it on; only then is scrapy-redis imported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Self
from urllib.parse import SplitResult, parse_qsl

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object

from kompas_crawler.errors import BadArgument, MissingPackage
from kompas_crawler.middlewares import PaceMiddleware
from kompas_crawler.secret_urls import parts_of

#: The spiders whose whole state is in their requests. Others keep state in memory.
SPIDERS = frozenset({"backfill", "articles"})
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# What may follow the address. Others would turn off the checks of TLS or name another host.
OPTIONS = frozenset({"db", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile"})

_WORKER = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_EXAMPLE = "rediss://USER:PASSWORD@HOST:6379/0"
_NO_ADDRESS = (
    f"KOMPAS_REDIS_URL is no address such as {_EXAMPLE}; in a password write / as %2F, # as %23,"
    " ? as %3F and @ as %40"
)


class Fleet:
    """The add-on that replaces a run's own scheduler and pace by those of the fleet."""

    def __init__(self, crawler: Crawler) -> None:
        # A survey has its name only once it is made.
        self.spider = getattr(crawler.spidercls, "name", None)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def update_settings(self, settings: BaseSettings) -> None:
        if not settings["KOMPAS_REDIS_URL"] or self.spider not in SPIDERS:
            raise NotConfigured
        settings.set("SCHEDULER", "kompas_crawler.fleet.scheduler.LeasedScheduler", "addon")
        # Loaded by name: it imports scrapy-redis.
        pace = load_object("kompas_crawler.fleet.middleware.SharedPaceMiddleware")
        settings.replace_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", PaceMiddleware, pace)


def worker_name(settings: BaseSettings) -> str | None:
    """Return the name of this worker in a shared output directory, None if it shares none."""
    return (settings["KOMPAS_WORKER"] or None) if settings["KOMPAS_REDIS_URL"] else None


def check_fleet(spider: str, arguments: Mapping[str, str], settings: BaseSettings) -> None:
    """Raise BadArgument or MissingPackage in one sentence if this crawl cannot be shared."""
    url = settings["KOMPAS_REDIS_URL"]
    if not url:
        return
    if spider not in SPIDERS:
        raise BadArgument(
            "KOMPAS_REDIS_URL cannot share a spider that keeps its state in memory: run it on one machine,"
            f" or share {' or '.join(sorted(SPIDERS))}"
        )
    if "recheck" in arguments:
        raise BadArgument(
            "recheck compares with what is stored, which other workers may not have: leave it out,"
            " or run without KOMPAS_REDIS_URL"
        )
    worker = settings["KOMPAS_WORKER"] or ""
    if worker and not _WORKER.fullmatch(worker):
        raise BadArgument(
            f"KOMPAS_WORKER={worker!r} is no name: letters, digits, '.', '_' and '-', 40 at most"
        )
    check_redis(url, trusted=settings.getbool("KOMPAS_REDIS_TRUST"))


def check_redis_answers(settings: BaseSettings) -> None:
    """Raise `RedisUnavailable` when KOMPAS_REDIS_URL is set and no Redis answers there."""
    if settings["KOMPAS_REDIS_URL"]:
        # Imported late: it needs requirements-redis.txt.
        from kompas_crawler.fleet.redis_queue import connect

        connect(settings["KOMPAS_REDIS_URL"]).close()


def check_redis(url: str, *, trusted: bool = False) -> None:
    """Raise BadArgument for a Redis that others can write to: they would decide what is requested.

    With `trusted`, a Redis on the loopback interface needs no password. Raises MissingPackage
    where scrapy-redis is not installed.

    >>> check_redis("redis://:secret@192.0.2.7:6379/0")
    Traceback (most recent call last):
    kompas_crawler.errors.BadArgument: KOMPAS_REDIS_URL leads to another host in the clear: use TLS\
 (rediss://), a Unix socket (unix://) or a Redis on this machine
    """
    parts = _split(url)
    if parts.scheme != "unix":
        _check_reach(parts, trusted=trusted)
    if find_spec("redis") is None or find_spec("scrapy_redis") is None:
        raise MissingPackage(
            "KOMPAS_REDIS_URL needs scrapy-redis: pip install -r requirements-redis.txt"
        )


def _check_reach(parts: SplitResult, *, trusted: bool) -> None:
    is_here = parts.hostname in LOOPBACK
    if not (is_here or parts.scheme == "rediss"):
        raise BadArgument(
            "KOMPAS_REDIS_URL leads to another host in the clear: use TLS (rediss://), a Unix"
            " socket (unix://) or a Redis on this machine"
        )
    if not (parts.password or (is_here and trusted)):
        raise BadArgument(
            "KOMPAS_REDIS_URL has no password: anyone who reaches that Redis decides what the workers"
            f" request and store; write one into it ({_EXAMPLE}), or use a Unix socket (unix://)"
        )


def _split(url: str) -> SplitResult:
    """Return the parts of a Redis URL; BadArgument, quoting nothing of it, for another one."""
    parts = parts_of(url, has_path=False)
    if (
        parts is None
        or parts.scheme not in ("redis", "rediss", "unix")
        or not (parts.hostname or parts.scheme == "unix")
    ):
        raise BadArgument(_NO_ADDRESS)
    options = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    if more := options - OPTIONS:
        raise BadArgument(
            f"KOMPAS_REDIS_URL has {len(more)} options that are not accepted: it may have"
            f" {', '.join(sorted(OPTIONS))}"
        )
    return parts
