"""Other systems and Pythons: macOS has all that is called, and the rest is refused in a sentence."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from kompas_crawler.supported import main, refusal
from tests.conftest import PATIENCE, QUICK, ROOT, environment, stored


def test_old_pythons_and_windows_are_refused_in_one_sentence():
    assert refusal() == ""
    assert "needs Python 3.11 or newer, and this is 3.10" in refusal((3, 10), "posix")
    assert "WSL" in refusal((3, 13), "nt")
    assert main(["2.7"]) == f"this is Python {sys.version_info[0]}.{sys.version_info[1]}, not 2.7"


def test_everything_runs_without_what_only_linux_has(stand_in, tmp_path):
    site = stand_in("--days", "1", "--per-day", "4")
    home = environment(site, tmp_path / "output")
    home["PYTHONPATH"] = f"{ROOT / 'tests' / 'like_macos'}{os.pathsep}{ROOT}"
    quick = [part for k, v in QUICK.items() for part in ("-s", f"{k}={v}")]
    given = ["international", "-a", "since=1d", "-a", "keep=warc"]
    done = run(home, "scrapy", "crawl", *given, *quick)
    assert "ended as complete, " in done.stderr
    record = stored(tmp_path / "output")[0]
    warc = str(tmp_path / "output" / "warc")
    looks = [
        ["show", record["id"]],
        ["search", f'"{record["title"]}"'],
        ["verify", "--repair"],
        ["changes"],
        ["health"],
        ["export", "--to", str(tmp_path / "a.sqlite")],
        ["report", "--to", str(tmp_path / "a.html")],
        ["reparse", "--from", warc, "--workers", "2"],
        ["reparse", "--from", warc],
    ]
    # What does not crawl runs in one process, which these calls are taken from as well.
    words = ["tests.in_process", str(tmp_path / "output"), json.dumps(looks)]
    for look, ended in zip(looks, json.loads(run(home, *words).stdout), strict=True):
        assert (ended["code"], "Traceback" in ended["log"]) == (0, False), f"{look}\n{ended}"
    run(home, "scrapy", "coverage", "--since", "1d", *quick)
    run(home, "scrapy", "doctor", *quick)


def run(home, *words):
    done = subprocess.run(
        [sys.executable, "-m", *words],
        check=False,
        cwd=ROOT,
        env=home,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, f"{words}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    return done


# The Makefile, with a Python that makes environments and installs nothing.

PYTHON = """\
#!/bin/sh
case "$1 $2" in
"-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && echo venv >> "$LOG" ;;
"-m pip") echo pip >> "$LOG" ;;
"-m scrapy") echo "$3" >> "$LOG" ;;
*) exec {real} -c '
import runpy, sys
sys.version_info = {version}
sys.argv = sys.argv[1:]
if sys.argv[0] == "-c":
    exec(sys.argv[1])
else:
    runpy.run_path(sys.argv[0], run_name="__main__")
' "$@" ;;
esac
"""


@pytest.fixture
def make(tmp_path):
    """Call `make` in a bare checkout: `make("demo", "PYTHON=…")`; returns its end and the log."""
    (tmp_path / "kompas_crawler").mkdir()
    for name in (
        "Makefile",
        "requirements.txt",
        "requirements-report.txt",
        "kompas_crawler/supported.py",
    ):
        shutil.copy(ROOT / name, tmp_path / name)
    log = tmp_path / "log"

    def call(*words):
        log.write_text("")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "PYTHON"))}
        done = subprocess.run(
            ["make", *words],
            check=False,
            cwd=tmp_path,
            env=kept | {"LOG": str(log)},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        return done, log.read_text().split()

    return call


def python(folder, version):
    path = folder / "python{}.{}".format(*version)
    path.write_text(PYTHON.format(real=sys.executable, version=repr((*version, 0, 0, 0))))
    path.chmod(0o755)
    return f"PYTHON={path}"


def test_make_refuses_a_python_that_is_too_old_before_it_installs(make, tmp_path):
    done, log = make("demo", python(tmp_path, (3, 9)))
    assert done.returncode == 2
    assert "needs Python 3.11 or newer, and this is 3.9" in done.stderr
    assert log == []
    assert not (tmp_path / ".venv").exists()


def test_make_says_that_there_is_no_such_python(make):
    done, log = make("demo", "PYTHON=python-of-nobody")
    assert "There is no python-of-nobody here: install Python 3.11 or newer." in done.stderr
    assert (done.returncode, log) == (2, [])


def test_make_makes_an_environment_of_the_wrong_python_anew(make, tmp_path):
    done, log = make("demo", python(tmp_path, (3, 12)))
    assert log == ["venv", "pip", "pip", "demo"]
    said = [line.partition(" into")[0].partition(" with")[0] for line in done.stdout.splitlines()]
    installed = [f"Installing requirements{kind}.txt" for kind in ("", "-report")]
    assert said == ["Creating .venv", *installed]
    assert make("demo", python(tmp_path, (3, 12)))[1] == ["demo"]
    assert make("demo", python(tmp_path, (3, 13)))[1] == ["venv", "pip", "pip", "demo"]
    assert make("demo")[1] == ["demo"]  # whatever is asked for by nobody will do
    (tmp_path / ".venv" / "bin" / "python").unlink()
    assert make("demo", python(tmp_path, (3, 13)))[1] == ["venv", "pip", "pip", "demo"]
    old = PYTHON.format(real=sys.executable, version=repr((3, 9, 0, 0, 0)))
    (tmp_path / ".venv" / "bin" / "python").write_text(old)
    assert make("demo", python(tmp_path, (3, 13)))[1] == ["venv", "pip", "pip", "demo"]
