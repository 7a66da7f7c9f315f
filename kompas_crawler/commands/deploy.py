"""`scrapy deploy`: deploy this project to a Scrapyd server and check that it runs there."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

from scrapy.spiderloader import get_spider_loader
from scrapy.utils.conf import closest_scrapy_cfg, get_config

from kompas_crawler.cli.command import ProjectCommand
from kompas_crawler.cli.streams import print_answer, print_message
from kompas_crawler.errors import NotDeployed
from kompas_crawler.operations.scrapyd import Scrapyd, build_egg, read_target

NOT_DEPLOYED = 3


class Command(ProjectCommand):
    """Build the project's egg and upload it to a Scrapyd server.

    Builds the egg, adds it to the Scrapyd of scrapy.cfg's [deploy] or [deploy:TARGET], and makes
    sure that the server can run it. Name and password are read from SCRAPYD_USERNAME and
    SCRAPYD_PASSWORD.
    """

    takes = 1
    exit_codes = {0: "deployed", NOT_DEPLOYED: "not deployed; the previous version stays"}
    usage = "[TARGET]"

    def answer(self, args: list[str], opts: argparse.Namespace) -> int:
        target = read_target(get_config(), args[0] if args else None, os.environ)
        spiders = get_spider_loader(self.settings).list()
        version = int(time.time())
        try:
            egg = build_egg(Path(closest_scrapy_cfg()).absolute().parent)
            Scrapyd(target).deploy(egg, version, spiders)
        except NotDeployed as failure:
            notes = getattr(failure, "__notes__", ["The previous version stays the default."])
            for sentence in (f"deploy: {failure}", *notes):
                print_message(sentence)
            return NOT_DEPLOYED
        print_answer(f"{target.url} has {target.project} {version}: {', '.join(sorted(spiders))}")
        return 0
