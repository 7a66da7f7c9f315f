"""docs/use.md: every command in it runs, and prints what is printed there.

`KOMPAS_REWRITE_DOCS=1 pytest tests/docs/test_use.py` puts into the document what they print now.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PATIENCE, QUICK, ROOT, environment

PAGE = ROOT / "docs" / "use.md"
BLOCK = re.compile(r"```(console|python)\n(.*?)```\n(?:\n```text\n(.*?)```\n)?", re.DOTALL)
# Two runs differ in these.
SIZE = re.compile(r"\b\d+(\.\d)? kB")
# True of the stand-in's articles, and left out of the page: it is said there once.
INVENTED = "Invented: these articles come from the bundled stand-in, not from Kompas.com."
# Already there when the tests run, and the way to the internet is not theirs.
NOT_RUN = ("$ pip install ",)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A directory as a clone of the project is: the commands write into it."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "scrapy.cfg").write_bytes((ROOT / "scrapy.cfg").read_bytes())
    return folder


def run(words, home):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    told = environment(None, home / "output" / "stand-in") | {"PATH": path, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        words,
        check=False,
        cwd=home,
        env=told | {"COLUMNS": "88"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
    )
    assert "Traceback" not in done.stdout, done.stdout
    lines = done.stdout.splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines if line != INVENTED)


def printed(kind, code, home):
    """What a block of the document prints; of a crawl, only that it was complete."""
    if kind == "python":
        return run([sys.executable, "-c", code], home)
    shown = []
    for command in re.findall(r"^\$ (.*)$", code, re.MULTILINE):
        line = f"$ {command}\n"
        if line.startswith(NOT_RUN):
            shown.append(line)
        elif " scrapy crawl " in command:
            quick = " ".join(f"-s {name}={value}" for name, value in QUICK.items())
            assert "ended as complete, " in run(["bash", "-c", f"{command} {quick}"], home)
            shown.append(line)
        else:
            shown += [line, run(["bash", "-c", command], home)]
    return "".join(shown)


def test_everything_on_the_page_runs_and_prints_what_it_says(home):
    text = PAGE.read_text(encoding="utf-8")
    blocks = list(BLOCK.finditer(text))
    assert len(blocks) > 10
    now = []
    for block in blocks:
        kind, code, _ = block.groups()
        result = printed(kind, code, home)
        if kind == "console":
            now.append(f"```console\n{result}```\n")
        else:
            now.append(f"```python\n{code}```\n\n```text\n{result}```\n")
    rest = BLOCK.split(text)[:: BLOCK.groups + 1]
    renewed = "".join(part for pair in zip(rest, [*now, ""], strict=True) for part in pair)
    if os.environ.get("KOMPAS_REWRITE_DOCS"):
        PAGE.write_text(renewed, encoding="utf-8")
    assert SIZE.sub("N kB", renewed) == SIZE.sub("N kB", text)
