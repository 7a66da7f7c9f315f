"""`scrapy list`: list the spiders."""

from __future__ import annotations

from scrapy.commands.list import Command as Scrapys

from kompas_crawler.cli.scrapy_command import CheckedScrapyCommand


class Command(CheckedScrapyCommand, Scrapys):
    """As Scrapy has it; what it does not know is refused."""
