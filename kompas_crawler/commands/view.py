"""`scrapy view`: open what an address answers in a browser, without any bookkeeping."""

from __future__ import annotations

from scrapy.commands.view import Command as Scrapys

from kompas_crawler.cli.scrapy_command import ViewCommand


class Command(ViewCommand, Scrapys):
    """As Scrapy has it; what it does not know is refused."""
