"""`scrapy shell`: examine a response in Python; nothing is stored."""

from __future__ import annotations

from scrapy.commands.shell import Command as Scrapys

from kompas_crawler.cli.scrapy_command import ViewCommand


class Command(ViewCommand, Scrapys):
    """As Scrapy has it; what it does not know is refused."""
