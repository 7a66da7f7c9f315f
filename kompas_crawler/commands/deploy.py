"""`scrapy deploy`: deploy this project to a Scrapyd server and check that it runs there."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any, ClassVar

from scrapy.utils.conf import closest_scrapy_cfg, get_config

from kompas_crawler.cli.command import CheckedCommand
from kompas_crawler.cli.streams import print_answer, print_message
from kompas_crawler.errors import NotDeployed
from kompas_crawler.operations.scrapyd import Scrapyd, build_egg, read_target

NOT_DEPLOYED = 3


class Command(CheckedCommand):
    """Exit codes: 0 deployed, 2 bad arguments, 3 not deployed; the version before stays then."""

    requires_project = True
    takes = 1
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    exit_codes = {0: "deployed", NOT_DEPLOYED: "not deployed; the previous version stays"}

    def syntax(self) -> str:
        return "[TARGET]"

    def short_desc(self) -> str:
        return "Build the project's egg and bring it to a Scrapyd server"

    def long_desc(self) -> str:
        return (
            "Builds the egg, adds it to the Scrapyd of scrapy.cfg's [deploy] or [deploy:TARGET],"
            " and makes sure that the server can run it. Name and password are read from"
            " SCRAPYD_USERNAME and SCRAPYD_PASSWORD."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        self.exit_with(lambda: self._ended(args[0] if args else None))

    def _ended(self, name: str | None) -> int:
        try:
            self._deploy(name)
        except NotDeployed as failure:
            notes = getattr(failure, "__notes__", ["The version before stays the default."])
            for sentence in (f"deploy: {failure}", *notes):
                print_message(sentence)
            return NOT_DEPLOYED
        return 0

    def _deploy(self, name: str | None) -> None:
        target = read_target(get_config(), name, os.environ)
        if self.crawler_process is None:
            raise NotDeployed("the project's spiders are not known here")
        spiders = self.crawler_process.spider_loader.list()
        version = int(time.time())
        egg = build_egg(Path(closest_scrapy_cfg()).absolute().parent)
        Scrapyd(target).deploy(egg, version, spiders)
        print_answer(f"{target.url} has {target.project} {version}: {', '.join(sorted(spiders))}")
