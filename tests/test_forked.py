"""A forked command is a process like one that `python -m` starts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests import forked
from tests.conftest import ROOT, environment

FACTS = [sys.executable, "-m", "tests.process_facts"]
BOTH = (forked.start, subprocess.Popen)


@pytest.fixture(autouse=True)
def facts_may_be_forked(monkeypatch):
    monkeypatch.setattr(forked, "MODULES", (*forked.MODULES, "tests.process_facts"))


def begin(door, *words, tmp_path, **options):
    told = {"cwd": ROOT, "env": environment(None, tmp_path), "text": True, "stdin": subprocess.PIPE}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return door([*FACTS, *words], **(told | pipes | options))


def ended(process, asked=None):
    with process:
        out, log = process.communicate(asked, timeout=60)
    facts, _, said = (out or "{}\n").partition("\n")
    log = (log or "").partition("Traceback")  # the frames below `python -m` differ
    return process.returncode, json.loads(facts), said, log[0], log[2].split("\n")[-3:]


@pytest.mark.parametrize(
    ("words", "options", "asked"),
    [
        ((), {}, None),
        (("0", "--option", "a word"), {}, None),
        (("3",), {}, None),
        (("300",), {}, None),
        (("-1",), {}, None),
        (("raise",), {}, None),
        (("read",), {}, "two\nlines é\n"),
        (("read",), {"stdin": subprocess.DEVNULL}, None),
        (("thread",), {}, None),
        (("1",), {"stderr": subprocess.STDOUT}, None),
        (("1",), {"start_new_session": True}, None),
        (("1",), {"process_group": 0}, None),
        ((), {"stdout": subprocess.DEVNULL}, None),
    ],
)
def test_it_is_what_a_started_process_is(tmp_path, words, options, asked):
    one, other = (ended(begin(door, *words, tmp_path=tmp_path, **options), asked) for door in BOTH)
    assert one == other


def test_it_is_not_started_anew(tmp_path):
    started = begin(forked.start, tmp_path=tmp_path)
    assert isinstance(started, forked._Forked)
    ended(started)


@pytest.mark.parametrize(
    "told", [{"TZ": "Asia/Tokyo", "TMPDIR": "/var/tmp", "KOMPAS_X": "ä"}, {"HOME": "/nonexistent"}]
)
def test_it_has_the_variables_it_was_given(tmp_path, told):
    env = {k: v for k, v in environment(None, tmp_path).items() if "PYTHON" in k}
    env |= {"LANG": os.environ["LANG"]} if "LANG" in os.environ else {}
    one, other = (ended(begin(door, tmp_path=tmp_path, env=env | told)) for door in BOTH)
    assert one == other


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it(tmp_path, number):
    for door in BOTH:
        with begin(door, "sleep", tmp_path=tmp_path) as process:
            assert process.stdout.readline()
            assert process.poll() is None
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.05)
            process.send_signal(number)
            assert process.wait(10) == -number
            assert process.poll() == -number


def test_run_kills_what_lasts_too_long(tmp_path):
    begun = time.monotonic()
    with pytest.raises(subprocess.TimeoutExpired):
        forked.run([*FACTS, "sleep"], cwd=ROOT, env=environment(None, tmp_path), timeout=0.5,
                   capture_output=True)  # fmt: skip
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize(
    "options",
    [
        {"env": {**os.environ, **forked.WARNINGS, "PYTHONPATH": "/x"}},
        {"env": {**os.environ, **forked.WARNINGS, "PYTHONIOENCODING": "ascii"}},
        {"env": {**os.environ, **forked.WARNINGS, "LC_ALL": "C"}},
        {"env": {**os.environ, "PYTHONWARNINGS": "error"}},
        {"cwd": ROOT / "tests"},
        {"preexec_fn": os.getpid},
        {"umask": 0o77},
    ],
)
def test_what_only_a_start_can_give_is_started(options):
    told = {"cwd": ROOT, "env": {**os.environ, **forked.WARNINGS}}
    assert forked._may_be_forked([sys.executable, "-m", "scrapy", "version"], told)
    assert not forked._may_be_forked([sys.executable, "-m", "scrapy", "version"], told | options)
    assert not forked._may_be_forked([sys.executable, "-m", "scrapyd"], told)
    assert not forked._may_be_forked([sys.executable, "-X", "dev", "-m", "scrapy"], told)
