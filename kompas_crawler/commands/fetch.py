"""`scrapy fetch`: print the response of an address; nothing is stored."""

from __future__ import annotations

import sys

from scrapy.commands.fetch import Command as Scrapys

from kompas_crawler.characters import replaced
from kompas_crawler.cli.scrapy_command import ViewCommand


class Command(ViewCommand, Scrapys):
    """As Scrapy has it; what it does not know is refused, and a terminal is not commanded."""

    def _print_bytes(self, bytes_: bytes) -> None:
        if sys.stdout.isatty():
            print(replaced(bytes_.decode(errors="replace").replace("\r\n", "\n")))
        else:
            super()._print_bytes(bytes_)
