"""`scrapy list`: list the spiders."""

from scrapy.commands.list import Command as Scrapys

from kompas_crawler.cli.scrapy_command import CheckedScrapyCommand


class Command(CheckedScrapyCommand, Scrapys):
    pass
