"""A real Scrapyd: the project is deployed as an egg, and jobs run, are locked out and cancelled."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from kompas_crawler.errors import NotDeployed
from kompas_crawler.operations.scrapyd import Scrapyd, Target, build_egg
from kompas_crawler.settings import SPIDER_MODULES
from tests.conftest import QUICK, ROOT, environment, runs, stored

PASSWORD = "only for this test"
PATIENCE = 60  # seconds
OURS = sorted(SpiderLoader.from_settings(Settings({"SPIDER_MODULES": SPIDER_MODULES})).list())


@dataclass
class Server:
    """A Scrapyd in a process of its own, configured by deploy/scrapyd.conf."""

    home: Path
    api: Scrapyd
    process: subprocess.Popen[bytes]

    def schedule(self, spider: str, **told: str | list[str]) -> str:
        return self.api.post("schedule.json", spider=spider, **told)["jobid"]

    def wait(self, job: str, state: str) -> None:
        until(lambda: self.api.get("status.json", job=job)["currstate"] == state)

    def log(self, spider: str, job: str) -> str:
        return (self.home / f"logs/kompas_crawler/{spider}/{job}.log").read_text()

    @property
    def told(self) -> str:
        return (self.home / "scrapyd.log").read_text()


def until(holds: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def configure(home: Path, port: int) -> None:
    """Write deploy/scrapyd.conf with this test's directories, port and pace, nothing else."""
    conf = configparser.ConfigParser(interpolation=None)
    conf.read(ROOT / "deploy" / "scrapyd.conf")
    section = conf["scrapyd"]
    section["http_port"] = str(port)
    section["poll_interval"] = "0.2"
    for name in ("eggs", "dbs", "logs"):
        assert Path(section[f"{name}_dir"]).is_absolute()
        section[f"{name}_dir"] = str(home / name)
    with (home / "scrapyd.conf").open("w") as file:
        conf.write(file)


def started(home: Path, told: dict[str, str]) -> subprocess.Popen[bytes]:
    with (home / "scrapyd.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "scrapyd", "--pidfile="],
            cwd=home,
            env=told,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


@pytest.fixture
def scrapyd(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start Scrapyds: `scrapyd(remote, output)`."""
    servers: list[Server] = []

    def start(told: dict[str, str]) -> Server:
        home = tmp_path / f"scrapyd-{len(servers)}"
        home.mkdir()
        port = free_port()
        configure(home, port)
        process = started(home, told | {"SCRAPYD_PASSWORD": PASSWORD, "HOME": str(home)})
        target = Target(
            url=f"http://127.0.0.1:{port}/",
            project="kompas_crawler",
            username="kompas",
            password=PASSWORD,
        )
        servers.append(server := Server(home, Scrapyd(target), process))
        until(lambda: answers(server))
        return server

    yield start
    for server in servers:
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(20)


def answers(server: Server) -> bool:
    assert server.process.poll() is None, server.told
    try:
        server.api.get("daemonstatus.json")
    except NotDeployed:
        return False
    return True


def deploy(project: Path, server: Server, **more: str) -> subprocess.CompletedProcess[str]:
    """Deploy as `make deploy` does, to the port of this test."""
    cfg = (project / "scrapy.cfg").read_text()
    (project / "scrapy.cfg").write_text(
        re.sub(r"^url = .*$", f"url = {server.api.target.url}", cfg, flags=re.MULTILINE)
    )
    told = {k: v for k, v in os.environ.items() if not k.startswith(("SCRAPYD_", "KOMPAS_"))}
    return subprocess.run(
        [sys.executable, "-m", "scrapy", "deploy"],
        check=False,
        cwd=project,
        env=told | {"SCRAPYD_USERNAME": "kompas", "SCRAPYD_PASSWORD": PASSWORD} | more,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A checkout that may be spoiled."""
    folder = tmp_path / "checkout"
    leave = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "kompas_crawler", folder / "kompas_crawler", ignore=leave)
    for name in ("setup.py", "pyproject.toml", "requirements.txt", "scrapy.cfg"):
        shutil.copy(ROOT / name, folder)
    return folder


def settings(**more: str) -> list[str]:
    return [f"{name}={value}" for name, value in (QUICK | more).items()]


def essence(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What two crawls of the same site must agree on."""
    kept = [{k: v for k, v in r.items() if k not in ("crawl", "fetched_at")} for r in records]
    return sorted(kept, key=lambda record: record["id"])


def test_jobs_store_what_scrapy_crawl_stores_and_tell_the_truth(
    stand_in, crawl, scrapyd, project, tmp_path
):
    site = stand_in("--days", "2", "--per-day", "6")
    output = tmp_path / "data"
    server = scrapyd(environment(site, output))
    done = deploy(project, server)
    assert done.returncode == 0, done.stderr + server.told
    assert done.stdout.endswith(f": {', '.join(OURS)}\n")
    assert not list(project.glob("*.egg-info"))
    assert not (project / "build").exists()

    # Settings and spider arguments reach the job, and the articles the configured directory.
    complete = server.schedule("international", since="1d", setting=settings())
    server.wait(complete, "finished")
    (line,) = runs(output)
    assert line["outcome"] == "complete", server.log("international", complete)
    assert line["arguments"] == {"since": "1d"}
    by_hand = crawl(site, "international", "since=1d", output=tmp_path / "by-hand")
    assert stored(output)
    assert essence(stored(output)) == essence(by_hand.records)

    # Of two jobs of one spider the second is locked out; a cancelled one stops in order.
    wait = {"kind": "unavailable", "match": "www.kompas.com/global*", "retry_after": 250}
    site.fail(wait)  # so the first one is at work until it is cancelled
    first = server.schedule("international", setting=settings())
    until((output / ".international.lock").read_text)
    second = server.schedule("international", setting=settings())
    server.wait(second, "finished")
    assert server.api.get("status.json", job=first)["currstate"] == "running"
    server.api.post("cancel.json", job=first)
    server.wait(first, "finished")
    assert [each["outcome"] for each in runs(output)] == ["complete", "locked", "stopped"]
    assert essence(stored(output)) == essence(by_hand.records), "every line is whole and single"

    # A refusal is in the job's log, and of two values of an argument Scrapyd keeps the first.
    refused = server.schedule("backfill", since="kemarin")
    server.wait(refused, "finished")
    assert "Refused, nothing was requested: backfill: since='kemarin'" in server.log(
        "backfill", refused
    )
    twice = server.schedule("articles", url=["satu", "dua"])
    server.wait(twice, "finished")
    assert "none of the 1 given is an article" in server.log("articles", twice)
    assert len(runs(output)) == 3

    # The exit codes arrive, and nothing of ours lies where Scrapyd was started.
    assert re.findall(r"exitstatus=(\d+)", server.told) == ["15", "16", "2", "2"]
    of_scrapyd = {"scrapyd.conf", "scrapyd.log", "eggs", "dbs", "logs", "twistd.pid"}
    assert {path.name for path in server.home.iterdir()} <= of_scrapyd

    # The other commands run from the egg as well.
    told = environment(site, output) | {"SCRAPY_PROJECT": "kompas_crawler"}
    health = subprocess.run(
        [sys.executable, "-m", "scrapyd.runner", "health"],
        check=False,
        cwd=server.home,
        env=told,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert health.returncode == 0, health.stdout + health.stderr
    assert "international" in health.stdout


def test_an_egg_that_cannot_run_is_taken_back_and_said_aloud(scrapyd, project, tmp_path):
    server = scrapyd(environment(None, tmp_path / "data"))
    good = deploy(project, server)
    assert good.returncode == 0, good.stderr
    versions = server.api.get("listversions.json")["versions"]
    assert all(version.isdecimal() for version in versions)

    # What the server does not have is there for whoever deploys.
    (tmp_path / "only_here.py").touch()
    with (project / "kompas_crawler" / "spiders" / "backfill.py").open("a") as spoiled:
        spoiled.write("\nimport only_here\n")
    time.sleep(1)  # a version is a second
    bad = deploy(project, server, PYTHONPATH=str(tmp_path))
    assert bad.returncode == 3, bad.stdout
    assert "No module named 'only_here'" in bad.stderr
    assert "The previous version stays the default." in bad.stderr
    assert "Traceback" not in bad.stderr
    assert bad.stdout == ""
    assert server.api.get("listversions.json")["versions"] == versions


def test_an_egg_with_other_spiders_than_ours_is_taken_back(scrapyd, project, tmp_path):
    server = scrapyd(environment(None, tmp_path / "data"))
    egg = build_egg(project)
    server.api.deploy(egg, 7, OURS)
    with pytest.raises(NotDeployed, match=r"not \['another'\]"):
        server.api.deploy(egg, 8, ("another",))
    with pytest.raises(NotDeployed, match="7 sorts after it"):
        server.api.deploy(egg, 6, OURS)
    assert server.api.get("listversions.json")["versions"] == ["7"]
    stranger = Scrapyd(Target(url=server.api.target.url, project="kompas_crawler"))
    with pytest.raises(NotDeployed, match="HTTP 401"):
        stranger.deploy(egg, 9, ())


def test_without_a_password_scrapyd_does_not_start(tmp_path):
    configure(tmp_path, free_port())
    told = {k: v for k, v in os.environ.items() if not k.startswith("SCRAPYD_")}
    process = started(tmp_path, told | {"HOME": str(tmp_path)})
    assert process.wait(PATIENCE) != 0
    assert "set_scrapyd_password" in (tmp_path / "scrapyd.log").read_text().lower()
