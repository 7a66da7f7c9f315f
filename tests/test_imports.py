"""Imports run one way: a room uses rooms below it, and no modules import each other in a circle."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter

from tests.conftest import ROOT

#: From the bottom up. Rooms of one line do not import each other.
ORDER = """
characters
supported errors items memory timezones shutdown
sections
urls secret_urls datelines paths processors budget wording
dates
loaders settings
pages archive
responses runs
search download_handler redirects
middlewares cli
spiders
pipelines
warc fleet operations audit
exports
report
extensions
commands
__main__
"""
LEVELS = {room: n for n, line in enumerate(ORDER.split("\n")) for room in line.split()}
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in ("kompas_crawler", "kompas_standin")
    for path in (ROOT / package).rglob("*.py")
}
CRAWLER = sorted(module for module in MODULES if module.startswith("kompas_crawler."))


def imports(module: str) -> Iterator[str]:
    """The modules of ours that a module imports, in functions and for its types too."""
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            assert node.module, f"{module} imports from a dot"
            inner = (f"{node.module}.{alias.name}" for alias in node.names)
            found = {name if name in MODULES else node.module for name in inner}
            yield from found & MODULES.keys() - {"kompas_crawler"}


def room(module: str) -> str:
    return module.split(".")[1]


def test_imports_run_one_way():
    assert {room(module) for module in CRAWLER} <= LEVELS.keys()
    upward = [
        f"{module} -> {used}"
        for module in CRAWLER
        for used in imports(module)
        if used not in CRAWLER
        or (room(used) != room(module) and LEVELS[room(used)] >= LEVELS[room(module)])
    ]
    assert upward == []


def test_no_modules_import_each_other_in_a_circle():
    TopologicalSorter({module: set(imports(module)) for module in MODULES}).prepare()


def test_the_stand_in_imports_nothing_of_the_crawler():
    stand_in = MODULES.keys() - set(CRAWLER) - {"kompas_crawler"}
    assert {used for module in stand_in for used in imports(module)} <= stand_in


#: Scrapy imports the modules of all commands for each; these come with a part that few need.
LARGE = """
altair duckdb jinja2 numpy pandas pyarrow redis scrapy_redis warcio xlsxwriter
scrapy.core.downloader.handlers.http11 scrapy.core.downloader.tls twisted.internet.reactor
"""


def test_a_command_imports_no_large_package_that_another_needs():
    code = """
import sys
from scrapy.cmdline import execute
try:
    execute(["scrapy", "version"])
except SystemExit:
    print(*sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True, text=True
    )
    assert "kompas_crawler.commands.crawl" in done.stdout
    assert set(done.stdout.split()) & set(LARGE.split()) == set()
