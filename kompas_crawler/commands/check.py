"""`scrapy check`: Scrapy's check of spider contracts; this project has none."""

from __future__ import annotations

from scrapy.commands.check import Command as Scrapys

from kompas_crawler.cli.scrapy_command import CheckedScrapyCommand


class Command(CheckedScrapyCommand, Scrapys):
    """As Scrapy has it; what it does not know is refused."""

    takes = None
