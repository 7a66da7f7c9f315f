"""`scrapy view`: open the response of an address in a browser; nothing is stored."""

from __future__ import annotations

from scrapy.commands.view import Command as Scrapys

from kompas_crawler.cli.scrapy_command import ViewCommand


class Command(ViewCommand, Scrapys):
    """As Scrapy has it; what it does not know is refused."""
