"""`scrapy version`: print the version of Scrapy."""

from scrapy.commands.version import Command as Scrapys

from kompas_crawler.cli.scrapy_command import CheckedScrapyCommand


class Command(CheckedScrapyCommand, Scrapys):
    pass
