"""`scrapy settings`: print the value of a setting."""

from scrapy.commands.settings import Command as Scrapys

from kompas_crawler.cli.scrapy_command import CheckedScrapyCommand


class Command(CheckedScrapyCommand, Scrapys):
    pass
