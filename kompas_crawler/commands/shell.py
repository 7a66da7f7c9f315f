"""`scrapy shell`: examine a response in Python; nothing is stored."""

from scrapy.commands.shell import Command as Scrapys

from kompas_crawler.cli.scrapy_command import ViewCommand


class Command(ViewCommand, Scrapys):
    pass
