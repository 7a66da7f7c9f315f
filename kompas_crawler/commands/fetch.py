"""`scrapy fetch`: print the response of an address; nothing is stored."""

import sys

from scrapy.commands.fetch import Command as Scrapys

from kompas_crawler.characters import replaced
from kompas_crawler.cli.scrapy_command import ViewCommand


class Command(ViewCommand, Scrapys):
    def _print_bytes(self, bytes_: bytes) -> None:
        if sys.stdout.isatty():
            print(replaced(bytes_.decode(errors="replace").replace("\r\n", "\n")))
        else:
            super()._print_bytes(bytes_)
