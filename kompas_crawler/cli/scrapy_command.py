"""Bases for Scrapy's own commands; those that fetch a page write nothing to the archive."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scrapy.settings import BaseSettings
from w3lib.url import file_uri_to_path

from kompas_crawler.cli.command import CheckedCommand
from kompas_crawler.errors import BadArgument
from kompas_crawler.paths import keep_off_archive

# The components that write into the output directory or a shared queue; None disables one.
_WRITERS: Mapping[str, Mapping[str, None]] = {
    "EXTENSIONS": {
        "kompas_crawler.extensions.run_recorder.RunRecorder": None,
        "kompas_crawler.extensions.progress.Progress": None,
    },
    "ITEM_PIPELINES": {
        "kompas_crawler.pipelines.Deduplicate": None,
        "kompas_crawler.pipelines.Store": None,
    },
    "DOWNLOADER_MIDDLEWARES": {"kompas_crawler.warc.writer.WarcMiddleware": None},
    "ADDONS": {"kompas_crawler.fleet.Fleet": None},
}


class CheckedScrapyCommand(CheckedCommand):
    """A command of Scrapy that refuses unknown words and handles a closed output.

    It is a mixin that precedes Scrapy's class.
    """

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        self.exit_with(lambda: self._as_scrapy_does(args, opts))

    def _as_scrapy_does(self, args: list[str], opts: argparse.Namespace) -> int:
        super().run(args, opts)  # type: ignore[safe-super]
        return self.exitcode


class ViewCommand(CheckedScrapyCommand):
    """A command of Scrapy that fetches one page and stores nothing."""

    takes = 1
    instead = "it looks at one address"

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        for name, components in _WRITERS.items():
            kept: dict[str, Any] = {**self.settings.getdict(name), **components}
            self.settings.set(name, kept, priority="cmdline")
        self.settings.set("KOMPAS_REDIS_URL", "", priority="cmdline")


def check_scrapy_settings(settings: BaseSettings) -> None:
    """Raise `BadArgument` for settings that make the result of a run unreliable.

    Neither a feed nor the metrics may be written into the archive.
    """
    if settings.getbool("HTTPCACHE_ENABLED"):
        raise BadArgument(
            "HTTPCACHE_ENABLED: a list from the cache proves nothing about Kompas as it is now;"
            " leave the cache off, and keep pages with -a keep=warc"
        )
    if settings["JOBDIR"]:
        raise BadArgument(
            "JOBDIR: a killed run would lose pages for good; leave it out, for the next run"
            " continues by itself where the proven time ends"
        )
    root = Path(settings["KOMPAS_OUTPUT_DIR"])
    uris = map(str, settings.getdict("FEEDS"))
    feeds = (file_uri_to_path(uri) for uri in uris if uri.startswith("file:") or "://" not in uri)
    for path in filter(None, (*feeds, settings["KOMPAS_METRICS_FILE"])):
        place = Path(os.path.expanduser(path))  # noqa: PTH111 - `~nosuch` is a name
        keep_off_archive(path, place, root)
