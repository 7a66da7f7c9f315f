"""Distribution of a backfill's days over several Scrapyd nodes that share no Redis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from shlex import quote

from kompas_crawler.errors import BadArgument
from kompas_crawler.operations.scrapyd import Scrapyd, Target

SPIDER = "backfill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The days that one node reads, without a gap, both ends included.

    `delay` is the time between its requests in seconds: all nodes together keep the pace of one.
    """

    node: int
    nodes: int
    since: date
    until: date
    delay: float

    @property
    def id(self) -> str:
        """The job id, equal for equal days and nodes, so that nothing is scheduled twice."""
        return f"{SPIDER}-{self.since}-{self.until}-node-{self.node}-of-{self.nodes}"

    @property
    def form(self) -> Mapping[str, str]:
        """The form fields for Scrapyd's schedule.json, without the project."""
        return {
            "spider": SPIDER,
            "jobid": self.id,
            "setting": f"DOWNLOAD_DELAY={self.delay:g}",
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
        }

    def curl(self, target: Target | None) -> str:
        """Return a curl command; without a target it uses $NODE_1, $NODE_2 and so on."""
        where = f'"$NODE_{self.node}/schedule.json"'
        form = {"project": "kompas_crawler", **self.form}
        if target:
            where = quote(f"{target.url}schedule.json")
            form["project"] = target.project
        given = " ".join(f"-d {quote(f'{name}={value}')}" for name, value in form.items())
        return f"curl -fsS {where} {given}"


def plan(newest_first: Sequence[date], nodes: int, delay: float) -> tuple[Job, ...]:
    """Distribute days over nodes as evenly as possible; the first node gets the newest.

    `delay` are the seconds between two requests of all nodes together. Raises BadArgument.

    >>> days = [date(2026, 11, day) for day in range(23, 15, -1)]
    >>> [(job.until.day, job.since.day, job.delay) for job in plan(days, 3, 1.0)]
    [(23, 21, 3.0), (20, 18, 3.0), (17, 16, 3.0)]
    """
    if nodes < 1:
        raise BadArgument(f"{nodes} nodes can read nothing: at least 1")
    busy = min(nodes, len(newest_first))
    size, more = divmod(len(newest_first), busy)
    jobs, begin = [], 0
    for node in range(1, busy + 1):
        end = begin + size + (node <= more)
        newest, oldest = newest_first[begin], newest_first[end - 1]
        jobs.append(Job(node=node, nodes=nodes, since=oldest, until=newest, delay=delay * busy))
        begin = end
    return tuple(jobs)


def schedule(job: Job, node: Scrapyd) -> bool:
    """Schedule a job; False if it waits or runs there already. Raises NotDeployed."""
    jobs = node.get("listjobs.json")
    if any(each["id"] == job.id for state in ("pending", "running") for each in jobs[state]):
        return False
    node.post("schedule.json", **job.form)
    return True
