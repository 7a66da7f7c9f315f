"""The built image, run by podman: `KOMPAS_IMAGE=kompas-crawler pytest` this file.

`KOMPAS_PODMAN` is the command to use instead of `podman`, with options of its own if need be.
"""

from __future__ import annotations

import os
import secrets
import shlex
import subprocess
import time

import pytest

from tests.conftest import PATIENCE

IMAGE = os.environ.get("KOMPAS_IMAGE", "")
PODMAN = shlex.split(os.environ.get("KOMPAS_PODMAN", "podman"))
SLOW, QUICK = ("-s", "DOWNLOAD_DELAY=2"), ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0")

pytestmark = pytest.mark.skipif(not IMAGE, reason="KOMPAS_IMAGE names no image that was built")


def podman(*words):
    done = subprocess.run(
        [*PODMAN, *words], check=False, capture_output=True, text=True, timeout=PATIENCE
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def name():
    """A new volume, and the container of that name that writes to it."""
    made = f"kompas-test-{secrets.token_hex(4)}"
    assert podman("volume", "create", made)[0] == 0
    yield made
    podman("rm", "--force", made)
    podman("volume", "rm", "--force", made)


@pytest.fixture
def crawl(stand_in, name):
    """Run `crawl international` in a container: `crawl("--name", …, crawl=(…))`."""
    remote = stand_in("--days", "2", "--per-day", "8")
    variables = {**remote.environment, "SSL_CERT_FILE": "/ca.pem"}
    given = [part for pair in variables.items() for part in ("--env", "=".join(pair))]
    given += ["--network", "host", "--volume", f"{remote.ca}:/ca.pem:ro", "--read-only"]

    def run(*options, words=()):
        lead = ("run", *given, "--volume", f"{name}:/data", *options)
        return podman(*lead, IMAGE, "crawl", "international", *words)

    return run


def test_the_demo_needs_no_network_no_privilege_and_no_root_directory_to_write_to(name):
    confined = ("run", "--rm", "--network", "none", "--read-only", "--cap-drop", "all")
    confined += ("--volume", f"{name}:/data", "--env", "KOMPAS_OUTPUT_DIR=/data/demo", IMAGE)
    code, said = podman(*confined, "demo")
    assert code == 0, said
    assert "60 articles in /data/demo/articles" in said
    assert "activate" not in said
    code, said = podman(*confined, "search", "kapal")
    assert (code, "articles." in said) == (0, True), said


def test_a_container_lives_as_a_run_does(crawl, name):
    began = crawl("--detach", "--name", name, words=SLOW)
    assert began[0] == 0, began[1]
    deadline = time.monotonic() + PATIENCE
    while podman("exec", name, "sh", "-c", "cat /data/articles/*.jsonl")[0]:
        assert time.monotonic() < deadline, podman("logs", name)[1]
    assert podman("healthcheck", "run", name)[0] == 1, "no run was complete yet"
    assert crawl("--rm")[0] == 15, "two runs on one volume"
    assert podman("stop", "--time", "60", name)[0] == 0
    assert podman("wait", name)[1].split()[-1] == "16", podman("logs", name)[1]
    podman("rm", name)
    code, said = crawl("--rm", words=QUICK)
    assert code == 0, said
    crawl("--detach", "--name", name, words=(*SLOW, "-a", "recheck=2d"))
    code, said = podman("healthcheck", "run", name)
    assert code == 0, said
