"""`scrapy backfill-plan`: distribute the days of a backfill over Scrapyd nodes, without Redis."""
# ruff: noqa: N999 - Scrapy names a command after its file

from __future__ import annotations

import argparse
import os
from datetime import datetime

from scrapy.utils.conf import get_config

from kompas_crawler.cli.command import ProjectCommand
from kompas_crawler.cli.reading_command import read_count
from kompas_crawler.cli.streams import print_answer, print_message
from kompas_crawler.errors import BadArgument, NotDeployed
from kompas_crawler.operations.backfill_plan import Job, plan, schedule
from kompas_crawler.operations.scrapyd import Scrapyd, Target, read_target
from kompas_crawler.runs.periods import read_period
from kompas_crawler.timezones import WIB

NOT_SCHEDULED = 3


class Command(ProjectCommand):
    """Distribute the days of a backfill over Scrapyd nodes.

    Prints a curl line for each node, or schedules the jobs with --post. The same period and nodes
    give the same jobs, and a job that waits or runs is not scheduled again. Each node asks so much
    more slowly that all together ask as one.
    """

    instead = "use --since and --nodes or --on"
    exit_codes = {0: "printed or scheduled", NOT_SCHEDULED: "a node did not accept its job"}
    usage = "--since DATE|AGE (--nodes N | --on NAME...) [options]"
    options = {
        "--since DATE|AGE": "first day: 2011-01-01 or 90d",
        "--until DATE|AGE": "last day (default: today)",
        "--nodes N": "how many nodes there are",
        "--on NAME": {
            "action": "append",
            "default": [],
            "help": "a node: [deploy:NAME] of scrapy.cfg; once for each",
        },
        "--post": "schedule the jobs",
    }

    def answer(self, args: list[str], opts: argparse.Namespace) -> int:
        targets = [read_target(get_config(), name, os.environ) for name in opts.on]
        nodes = _number(opts, len(targets))
        period = read_period(opts.since, opts.until, datetime.now(WIB))
        delay = max(1.0, self.settings.getfloat("DOWNLOAD_DELAY"))
        jobs = plan(list(period.days()), nodes, delay)
        if opts.post:
            return max(_posted(job, targets[job.node - 1]) for job in jobs)
        for job in jobs:
            print(job.curl(targets[job.node - 1] if targets else None))
        return 0


def _number(opts: argparse.Namespace, targets: int) -> int:
    if opts.post and not targets:
        raise BadArgument("--post needs the nodes: --on NAME, once for each")
    nodes = targets if opts.nodes is None else read_count("nodes", opts.nodes)
    if targets and nodes != targets:
        raise BadArgument(f"--nodes {nodes}, but --on names {targets}")
    if not nodes:
        raise BadArgument("the number of nodes is missing: --nodes N, or --on NAME once for each")
    return nodes


def _posted(job: Job, target: Target) -> int:
    try:
        is_new = schedule(job, Scrapyd(target))
    except NotDeployed as failure:
        print_message(f"{target.url} {job.id}: {failure}")
        return NOT_SCHEDULED
    print_answer(f"{target.url} {job.id}: {'scheduled' if is_new else 'already scheduled'}")
    return 0
