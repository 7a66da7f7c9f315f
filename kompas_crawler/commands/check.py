"""`scrapy check`: Scrapy's check of spider contracts; this project has none."""

from scrapy.commands.check import Command as Scrapys

from kompas_crawler.cli.scrapy_command import CheckedScrapyCommand


class Command(CheckedScrapyCommand, Scrapys):
    takes = None
