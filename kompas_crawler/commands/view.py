"""`scrapy view`: open the response of an address in a browser; nothing is stored."""

from scrapy.commands.view import Command as Scrapys

from kompas_crawler.cli.scrapy_command import ViewCommand


class Command(ViewCommand, Scrapys):
    pass
