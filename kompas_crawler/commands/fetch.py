"""`scrapy fetch`: print what an address answers, without any bookkeeping."""

from __future__ import annotations

from scrapy.commands.fetch import Command as Scrapys

from kompas_crawler.looking import LookingCommand


class Command(LookingCommand, Scrapys):
    """As Scrapy has it; what it does not know is refused."""
