"""`scrapy settings`: print the value of a setting."""

from __future__ import annotations

from scrapy.commands.settings import Command as Scrapys

from kompas_crawler.cli.scrapy_command import CheckedScrapyCommand


class Command(CheckedScrapyCommand, Scrapys):
    """As Scrapy has it; what it does not know is refused."""
