"""What the tests share: a stand-in in a process of its own, and `scrapy crawl` as a user starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from scrapy.settings.default_settings import TWISTED_REACTOR
from scrapy.utils.reactor import install_reactor
from xdist.scheduler import LoadScopeScheduling

from kompas_standin.launch import LaunchedStandIn, launch_stand_in
from tests import forked, kept_bundle
from tests.forked import ROOT

# Some tests run a command of Scrapy in their own process. Whatever imports Twisted first installs
# a reactor for good, so the one of the settings is installed before any test module is imported.
install_reactor(TWISTED_REACTOR)
kept_bundle.keep()
# Imported by a test process it would take Linux's calls from all tests: it is for others only.
# Programs of their own:
collect_ignore = ["disturbed_reparse.py", "like_macos", "other_day", "stuck_parser.py"]

#: Real pages and strings of Kompas, which are no part of the project. Tests look outside the
#: checkout only where KOMPAS_SHARED says so; what needs them is skipped without it.
SHARED = ROOT / os.environ.get("KOMPAS_SHARED", "shared")
#: Quick, for a stand-in is nobody's server; everything else as for Kompas.
QUICK = {
    "DOWNLOAD_DELAY": "0",
    "AUTOTHROTTLE_ENABLED": "0",
    "KOMPAS_BACKOFF": "0.05",
    "DOWNLOAD_TIMEOUT": "5",
}
PATIENCE = 120  # seconds
#: The stand-in invents other articles every day, and others again with another seed: a test that
#: holds for some articles only fails some day. `KOMPAS_SEED=2 make test` tells today.
SEED = os.environ.get("KOMPAS_SEED", "1")


class Remote(LaunchedStandIn):
    """A stand-in that runs in another process."""

    def ids(self) -> list[str]:
        return self.ask("/ids")

    def record(self, article_id: str) -> dict[str, Any]:
        return self.ask(f"/record?{urlencode({'id': article_id})}")

    def requests(self) -> list[dict[str, Any]]:
        return self.ask("/requests")

    def fail(self, *faults: dict[str, Any]) -> None:
        self.tell("/faults", list(faults))

    def act(self, what: str, **query: str) -> Any:
        return self.tell(f"/{what}?{urlencode(query)}")


#: What `make test-fast` leaves out, besides all that crawls the stand-in.
LONG = (
    "audit/",
    "cli/",
    "crawl/",
    "docs/",
    "fleet/",
    "operations/",
    "standin/",
    "warc/",
    "archive/test_added_field.py",
    "archive/test_store.py",
    "report/test_page_in_browser.py",
    "test_middlewares.py",
    "test_program.py",
    "test_supported.py",
)


#: Files whose tests take seconds each and share nothing: any process may run any of them.
SPREAD = (
    "tests/archive/test_store.py",
    "tests/cli/test_streams.py",
    "tests/crawl/test_ch",
    "tests/crawl/test_cl",
    "tests/crawl/test_fa",
    "tests/crawl/test_survival.py",
    "tests/docs/",
    "tests/operations/test_deploy.py",
    "tests/test_budget.py",
    "tests/test_middlewares.py",
    "tests/warc/test_reparse.py",
    "tests/warc/test_worker_processes.py",
)


class ByFile(LoadScopeScheduling):
    """What a file makes once is made by one process; the tests of `SPREAD` fill up at the end.

    Marks of groups would not do: pytest 9.2 does not hear any more how xdist 3.8 passes them on.
    """

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if nodeid.startswith(SPREAD) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        crawls = {"stand_in", "crawl"} & set(getattr(item, "fixturenames", ()))
        if crawls or str(item.path).startswith(tuple(f"{ROOT}/tests/{name}" for name in LONG)):
            item.add_marker("long")


def pytest_configure() -> None:
    from hypothesis import HealthCheck, settings  # only pytest needs it here

    kept_bundle.make_place()
    # How long an example takes is told by what else the machine does.
    slow = [HealthCheck.too_slow]
    settings.register_profile("ours", deadline=None, suppress_health_check=slow)
    settings.load_profile("ours")


def pytest_unconfigure() -> None:
    forked.close()
    kept_bundle.remove_place()


@dataclass
class Crawl:
    """How a crawl ended, and what it left."""

    code: int
    log: str
    output: Path
    lines: list[dict[str, Any]] = field(default_factory=list)

    @property
    def line(self) -> dict[str, Any]:
        return self.lines[-1]

    @property
    def records(self) -> list[dict[str, Any]]:
        return stored(self.output)


def stored(output: Path) -> list[dict[str, Any]]:
    """Every line of every month, whole or the test fails."""
    found = []
    for path in sorted((output / "articles").glob("*.jsonl")):
        text = path.read_text(encoding="utf-8")
        assert text == "" or text.endswith("\n"), f"{path} ends in the middle of a line"
        found += [json.loads(line) for line in text.split("\n") if line]
    return found


def runs(output: Path) -> list[dict[str, Any]]:
    path = output / "crawls.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@contextmanager
def launched(*options: str) -> Iterator[Remote]:
    """Start a stand-in with these options, and stop it at the end."""

    def start(words: list[str], *, stdout: int, env: dict[str, str]) -> subprocess.Popen[bytes]:
        # It is found by the directory, and so needs no PYTHONPATH, which no forked process can have.
        own = os.environ | forked.WARNINGS
        return forked.start(words, cwd=ROOT, stdout=stdout, env=own)

    with launch_stand_in(*options, popen=start) as own:
        yield Remote(own.address, own.ca)


@pytest.fixture
def stand_in() -> Iterator[Any]:
    """Start stand-ins: `stand_in("--days", "2")`."""
    with ExitStack() as started:

        def start(*options: str) -> Remote:
            return started.enter_context(launched("--seed", SEED, *options))

        yield start


def environment(remote: Remote | None, output: Path) -> dict[str, str]:
    """Return the environment in which a user's crawl would reach that stand-in."""
    kept = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    kept |= {"KOMPAS_OUTPUT_DIR": str(output), "KOMPAS_CONTACT": "mailto:redaksi@example.org"}
    kept |= forked.WARNINGS
    if remote is not None:
        kept |= dict.fromkeys(("http_proxy", "https_proxy"), remote.address)
        kept["SSL_CERT_FILE"] = str(remote.ca)
    return kept


def command(spider: str, *arguments: str, **settings: str) -> list[str]:
    """Return the words of a `scrapy crawl`."""
    given = [part for argument in arguments for part in ("-a", argument)]
    chosen = [part for k, v in (QUICK | settings).items() for part in ("-s", f"{k}={v}")]
    return [sys.executable, "-m", "scrapy", "crawl", spider, *given, *chosen]


@pytest.fixture
def crawl(tmp_path: Path) -> Any:
    """Crawl as a user does: `crawl(remote, "international", "since=2d")`."""

    def run(
        remote: Remote | None,
        spider: str,
        *arguments: str,
        output: Path | None = None,
        **settings: str,
    ) -> Crawl:
        output = output or tmp_path / "output"
        done = forked.run(
            command(spider, *arguments, **settings),
            cwd=ROOT,
            env=environment(remote, output),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        return Crawl(done.returncode, done.stdout + done.stderr, output, runs(output))

    return run
