"""The section of docs/contributing.md, added as the page says and crawled from the stand-in."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import PATIENCE, QUICK, environment
from tests.forked import ROOT

PAGE = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
SETTINGS = [part for name, value in QUICK.items() for part in ("-s", f"{name}={value}")]


def project_with_section(home: Path) -> Path:
    """A copy of the project, with the row that the page shows."""
    for package in ("kompas_crawler", "kompas_standin"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, home / package, ignore=ignored)
    shutil.copy(ROOT / "scrapy.cfg", home)
    row = re.search(r"^## Add a section\n.*?```python\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL)
    assert row, "the page shows no row"
    table = home / "kompas_crawler" / "sections.py"
    text = table.read_text(encoding="utf-8")
    before = "SECTIONS: Final = {each.name: each for each in (INTERNATIONAL,)}\n"
    assert text.count(before) == 1
    table.write_text(text.replace(before, row[1]), encoding="utf-8")
    return home


def test_a_section_is_added_by_one_row(tmp_path: Path) -> None:
    home, output = project_with_section(tmp_path / "project"), tmp_path / "output"
    site = [sys.executable, "-m", "kompas_standin", "--index-site", "news", "--run"]

    def run(*words: str, section: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*site, sys.executable, "-m", "scrapy", *words],
            check=False,
            cwd=home,
            env=environment(None, output) | {"KOMPAS_SECTION": section},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )

    crawled = run("crawl", "backfill", "-a", "since=1d", *SETTINGS, section="regional")
    assert crawled.returncode == 0, crawled.stderr
    line = json.loads((output / "crawls.jsonl").read_text(encoding="utf-8"))
    assert (line["section"], line["outcome"], line["refused"]) == ("regional", "complete", {})
    files = sorted((output / "articles").glob("*.jsonl"))
    records = [json.loads(each) for file in files for each in file.read_text().splitlines()]
    assert len(records) == line["stored"] > 5
    assert {record["section"] for record in records} == {"Regional"}
    assert {record["url"].split("/")[2] for record in records} == {"regional.kompas.com"}

    covered = run("coverage", "--since", "1d", "--json", *SETTINGS, section="regional")
    assert covered.returncode == 0, covered.stderr

    refused = run("health", section="regoinal")
    assert refused.returncode == 2
    assert "choose one of global, regional" in refused.stderr
