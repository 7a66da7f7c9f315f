"""Every command that README shows runs, and what it names is there."""

import os
import re
import shlex
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests import forked
from tests.conftest import QUICK, ROOT, environment

READMES = [path for path in (ROOT / "README.md", ROOT / "README.id.md") if path.exists()]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)#:]+)\)")


def commands(readme: Path) -> list[str]:
    """Return the commands after "$ " in the console blocks, in order."""
    found = []
    for kind, block in BLOCK.findall(readme.read_text(encoding="utf-8")):
        if kind == "console":
            found += [line[2:] for line in block.splitlines() if line.startswith("$ ")]
    assert len(found) > 10, f"{readme.name} shows fewer commands than it should"
    return found


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_what_a_readme_links_to_is_there(readme):
    missing = [to for to in LINK.findall(readme.read_text("utf-8")) if not (ROOT / to).exists()]
    assert missing == []


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_make_target_a_readme_names_is_there(readme):
    named = set(re.findall(r"`?make ([a-z-]+)", readme.read_text(encoding="utf-8")))
    there = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"demo", "test", "crawl"} <= named
    assert named <= there


def test_both_readmes_show_the_same_commands():
    shown = {readme.name: commands(readme) for readme in READMES}
    assert len(set(map(tuple, shown.values()))) == 1, shown


def test_every_command_shown_runs(stand_in, tmp_path):
    site = stand_in("--days", "3", "--per-day", "8")
    before, yesterday = sorted({article_id[:10] for article_id in site.ids()})[-3:-1]
    known = next(article_id for article_id in site.ids() if article_id.startswith(yesterday))
    today = {
        "2026/11/21/090602670": known,
        "2026/11/22/031254170": known,
        "2026-11-20": before.replace("/", "-"),
        "2026-11-21": yesterday.replace("/", "-"),
    }
    home = environment(site, tmp_path / "output")
    for shown in commands(ROOT / "README.md"):
        words = shlex.split(re.sub("|".join(today), lambda found: today[found[0]], shown))
        if words[0] != "scrapy":
            assert words[0] in ("python3", "pip"), f"nothing runs {shown!r}"
            continue
        if words[1] in ("crawl", "coverage", "doctor"):
            words += [part for k, v in QUICK.items() for part in ("-s", f"{k}={v}")]
        words = [str(tmp_path / w) if w.startswith("articles.") else w for w in words]
        done = forked.run(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            env=home,
            capture_output=True,
            text=True,
            timeout=120,
        )
        # The stand-in may have no news of vaccines today; 23 is that a search found nothing.
        expected = (2,) if "yesterday" in shown else (0, 23) if words[1] == "search" else (0,)
        assert done.returncode in expected, f"{shown}\n{done.stdout}{done.stderr}"


def test_after_the_demo_its_next_steps_and_the_section_on_use_work_as_they_stand(tmp_path):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    (tmp_path / "scrapy.cfg").write_bytes((ROOT / "scrapy.cfg").read_bytes())
    home = environment(None, tmp_path / "out put") | {"PYTHONPATH": str(ROOT), "PATH": path}

    def bash(words, env):
        return subprocess.run(
            ["bash", "-e", "-c", words],
            check=False, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    demo = bash(f"{sys.executable} -m scrapy demo", home)
    assert demo.returncode == 0, demo.stderr
    report, _, steps = demo.stdout.partition("The report: ")[2].partition(
        "\nNext, in this shell:\n"
    )
    assert Path(report.removeprefix("open ").removesuffix(" in a browser.")).is_file()
    del home["KOMPAS_OUTPUT_DIR"]
    use = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## Use\n")[2]
    shown = [line[2:] for line in BLOCK.search(use)[2].splitlines()]
    assert len(shown) > 4
    words = [step.strip() for step in steps.splitlines()]
    for line in (*words, *shown):
        done = bash("\n".join([*(w for w in words if not w.startswith("scrapy")), line]), home)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        assert len(done.stdout) > 20 or line in words[:2], f"{line} prints next to nothing"
    operations = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = operations.partition("\n## The output directory\n")[2].partition("\n## ")[0]
    named = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    patterns = [re.sub("[A-Z]{2,}", "*", name) for name in named]
    output = Path(report.removeprefix("open ").removesuffix(" in a browser.")).parent
    written = [str(path.relative_to(output)) for path in output.rglob("*") if path.is_file()]
    assert len(written) > 5
    assert [name for name in written if not any(fnmatch(name, each) for each in patterns)] == []
