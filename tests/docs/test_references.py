"""What the documents name is there: files, headings and commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.forked import ROOT

DOCUMENTS = sorted(
    path for folder in (ROOT, ROOT / "docs", ROOT / "deploy") for path in folder.glob("*.md")
)
PACKAGE = ROOT / "kompas_crawler"
COMMANDS = {path.stem for path in (PACKAGE / "commands").glob("*.py")}
SCRAPYS = {"list", "settings", "fetch", "view", "shell", "check", "version", "genspider"}
FOLDERS = (ROOT, PACKAGE, PACKAGE / "search", PACKAGE / "archive", PACKAGE / "report")
SUFFIXES = "py|md|tsv|toml|cfg|css|svg|png|lock|service|timer|schema.json"
#: Invented where an example needs a name, and files of other people's.
EXAMPLES = {"commands/count.py", "yours.py", "INDEX.tsv", "count"}


def anchors(path: Path) -> set[str]:
    """The anchors of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_heading_and_command_that_a_document_names_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    missing = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        to = document.parent / name if name else document
        if not to.exists() or (anchor and anchor not in anchors(to)):
            missing.append(link)
    for name in re.findall(rf"`(\w[\w./-]*\.(?:{SUFFIXES}))`", text):
        if not any((folder / name).exists() for folder in (*FOLDERS, document.parent)):
            missing.append(name)
    named = set(re.findall(r"(?:scrapy|kompas) ([a-z][a-z-]+)", text))
    missing += named - COMMANDS - SCRAPYS
    assert set(missing) <= EXAMPLES
