"""`scrapy check`: the contracts of spiders, of which there are none here."""

from __future__ import annotations

from scrapy.commands.check import Command as Scrapys

from kompas_crawler.cli.scrapy_command import ScrapysOwn


class Command(ScrapysOwn, Scrapys):
    """As Scrapy has it; what it does not know is refused."""

    takes = None
