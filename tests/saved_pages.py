"""Kept pages without a crawl: the stand-in's pages, put straight into files."""

from datetime import date, datetime, timedelta
from pathlib import Path

from kompas_crawler.timezones import WIB
from kompas_crawler.urls import article_id
from kompas_crawler.warc.writer import WarcWriter
from kompas_standin.answers import Answers, PageRequest
from kompas_standin.site import Site

DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 21, 12, tzinfo=WIB)
RUN = "backfill-20261121T120000-abc123"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n"


def site(per_day=12, days=1, **options):
    return Answers(Site("1", DAY - timedelta(days=days - 1), DAY, per_day, **options))


def addresses(answers):
    """The addresses of all articles, as a crawl asks for them."""
    days = answers.site.days()
    ids = [id_ for day in days for id_ in answers.site.ids(day)]
    return [f"{answers.site.article(id_).url}?page=all" for id_ in ids]


def answered(answers, url):
    host, _, target = url.removeprefix("https://").partition("/")
    return answers.to(PageRequest(host=host, target=f"/{target}")).raw


def files(folder: Path, run=RUN, **options):
    return WarcWriter(folder, run, {"software": "test"}, **options)


def kept(folder: Path, answers, urls=None, *, at=NOON, run=RUN) -> list[Path]:
    """Keep these pages, a second apart; return the files."""
    writer = files(folder, run)
    for number, url in enumerate(urls if urls is not None else addresses(answers)):
        writer.keep(url, HEAD, answered(answers, url), at + timedelta(seconds=number))
    writer.close()
    return sorted(folder.glob("*.warc.gz"))


def ids_of(urls):
    return [article_id(url) for url in urls]
