"""The command `kompas`: installed from the project, it works where there is no checkout."""

import os
import shlex
import subprocess
import sys

import pytest
from packaging.requirements import Requirement

from tests.conftest import PATIENCE, ROOT


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """What `pip install .` puts in place, without the packages that are here already."""
    made = tmp_path_factory.mktemp("installed")
    source = made / "source"
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in listed.splitlines():
        if name.startswith(
            ("kompas_crawler/", "kompas_standin/", "pyproject", "setup", "requirements", "README")
        ):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", str(made / "there"), str(source)], check=True)
    return made / "there"


@pytest.fixture
def kompas(installed, tmp_path):
    def run(*words, cwd=tmp_path):
        told = {k: v for k, v in os.environ.items() if not k.startswith(("KOMPAS", "SCRAPY"))}
        done = subprocess.run(
            [sys.executable, "-P", str(installed / "bin" / "kompas"), *words],
            cwd=cwd,
            env=told | {"PYTHONPATH": str(installed), "COLUMNS": "200"},
            check=False,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    return run


def test_a_demo_and_a_search_need_no_checkout(kompas, tmp_path):
    demo = kompas("demo")
    assert demo.returncode == 0, demo.stderr
    assert "kompas search 'kapal pelabuhan'" in demo.stdout
    assert list((tmp_path / "output" / "demo" / "articles").glob("*.jsonl"))
    found = kompas("search", "kata", "--output", "output/demo")
    assert found.returncode == 0
    assert "Invented" in found.stderr


def test_it_says_its_own_name(kompas):
    assert "kompas <command>" in kompas().stdout
    assert "kompas search [options] WORDS" in kompas("search", "-h").stdout
    refused = kompas("search", "kata")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "/output holds no articles: `kompas crawl international`" in refused.stderr


@pytest.mark.parametrize("extra", ["export", "redis", "report", "warc"])
def test_outside_a_checkout_packages_are_named_instead_of_a_file(installed, extra):
    code = f"from kompas_crawler.cli.streams import *; print(with_program_name({f'-r requirements-{extra}.txt'!r}))"
    told = {"PYTHONPATH": str(installed), "KOMPAS_PROGRAM": "kompas", "PATH": os.environ["PATH"]}
    words = [sys.executable, "-P", "-c", code]
    done = subprocess.run(
        words, cwd=installed, env=told, check=True, capture_output=True, text=True
    )
    rows = (ROOT / f"requirements-{extra}.txt").read_text().splitlines()
    wanted = {Requirement(row).name for row in rows if not row.startswith("#")}
    assert {Requirement(word).name for word in shlex.split(done.stdout)} == wanted


def test_another_scrapy_project_is_none_of_its_business(kompas, tmp_path):
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = theirs.settings\n")
    inside = tmp_path / "deep"
    inside.mkdir()
    refused = kompas("search", "kata", cwd=inside)
    assert f"{inside}/output holds no articles" in refused.stderr
