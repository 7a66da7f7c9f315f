"""docs/operations.md names every outcome, setting, stat and log line of the code, and no others."""

from __future__ import annotations

import ast
import importlib
import re
import signal
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import default_settings

from kompas_crawler import responses, settings
from kompas_crawler.cli import command
from kompas_crawler.commands import deploy, health
from kompas_crawler.operations import metrics
from kompas_crawler.runs import evidence
from kompas_crawler.runs import outcome as outcomes
from kompas_crawler.runs.outcome import EXIT_CODES, MEANINGS, Outcome
from kompas_crawler.runs.run import Run
from kompas_crawler.runs.state import State
from kompas_crawler.timezones import WIB
from tests.conftest import ROOT

PACKAGE = ROOT / "kompas_crawler"
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
LEVELS = {"warning": "WARNING", "error": "ERROR", "exception": "ERROR", "critical": "CRITICAL"}
SETTINGS = Path(settings.__file__).read_text(encoding="utf-8")
FROM_ENVIRONMENT = set(re.findall(r"environ\.get\(\"(\w+)\"", SETTINGS))
NOTE = r"notes\['(\w+)'\]"


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def section(title: str) -> str:
    """The text below a heading, up to the next one of its rank."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/operations.md has no section {title!r}"
    return found[1]


def table(title: str) -> dict[str, list[str]]:
    """The rows of the tables in a section, by the code in their first cell."""
    rows = {}
    for row in section(title).splitlines():
        if not row.startswith("| `"):
            continue
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", row)[1:-1]]
        name = re.fullmatch(r"`(.+?)`", cells[0])
        assert name, row
        assert name[1] not in rows, f"{name[1]} is there twice"
        rows[name[1]] = cells[1:]
    return rows


# Outcomes.


def test_every_outcome_has_its_exit_code_and_meaning():
    rows = table("How a run ends")
    assert set(rows) == {str(outcome) for outcome in Outcome}
    for outcome in Outcome:
        assert rows[outcome][0] == str(EXIT_CODES[outcome])
        assert rows[outcome][1] == MEANINGS[outcome]
        assert rows[outcome][2], "what to do"


def test_every_other_exit_code_is_told():
    codes = {deploy.NOT_DEPLOYED, health.UNHEALTHY}
    codes |= {
        value
        for module in (outcomes, command)
        for name, value in vars(module).items()
        if re.fullmatch("[A-Z][A-Z_]+", name) and type(value) is int
    }
    told = {
        int(code) for code in re.findall(r"^\| (\d+) \|", section("How a run ends"), re.MULTILINE)
    }
    ended = {137, 128 + signal.SIGVTALRM}  # by `timeout -k`, and by the budget of a page
    assert told == codes - {0} | ended


# Log lines.


def logged() -> Iterator[tuple[str, str, str]]:
    """Where, at which level and in which words the code logs at WARNING or above."""
    for path, tree in trees():
        where = str(path.relative_to(PACKAGE))
        for call in (each for each in ast.walk(tree) if isinstance(each, ast.Call)):
            if not isinstance(call.func, ast.Attribute) or not is_logger(call.func.value):
                continue
            level = LEVELS.get(call.func.attr)
            words = call.args[:1]
            if call.func.attr == "log":
                level, words = highest(call.args[0], tree), call.args[1:2]
            if level and words:
                yield where, level, format_of(words[0], where)


def is_logger(node: ast.expr) -> bool:
    return ast.unparse(node) in ("logger", "self.logger", "spider.logger", "self.spider.logger")


def highest(level: ast.expr, tree: ast.Module) -> str | None:
    """The highest level that an expression, or what is assigned to that name, may have."""
    said = ast.unparse(level)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == said:
            said += ast.unparse(node.value)
    named = [name for name in ("CRITICAL", "ERROR", "WARNING") if name in said]
    return named[0] if named else None


def format_of(node: ast.expr, where: str) -> str:
    assert isinstance(node, ast.Constant), f"{where}:{node.lineno}: a log line is a format"
    return str(node.value)


def test_every_line_at_warning_or_above_is_explained():
    rows = table("What the log says")
    code = {(words, level) for _, level, words in logged() if words != "%s"}
    assert {(words, cells[0]) for words, cells in rows.items()} == code
    assert all(cells[1] for cells in rows.values()), "what to do"


def test_lines_that_are_errors_own_words_are_explained_by_error():
    """`logger.error("%s", failure)` says what the error says."""
    told = section("What the log says")
    for path, tree in trees():
        for handler in (each for each in ast.walk(tree) if isinstance(each, ast.ExceptHandler)):
            bare = [
                call
                for call in ast.walk(handler)
                if isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and is_logger(call.func.value)
                and isinstance(call.args[0], ast.Constant)
                and call.args[0].value == "%s"
            ]
            if bare and handler.type is not None:
                assert f"`{ast.unparse(handler.type)}`" in told, path


def test_every_reason_why_a_list_proves_nothing_is_told():
    rows = table("What a list proves")
    assert {word: cells[0] for word, cells in rows.items()} == dict(evidence.REASONS)


# Stats.


def kinds_of(kind: type) -> Iterator[type]:
    for each in kind.__subclasses__():
        yield each
        yield from kinds_of(each)


def stat_names() -> Iterator[str]:
    """Every name under kompas/ that the code counts, with … for what it fills in."""
    importlib.import_module("kompas_crawler.warc.writer")  # it has a refusal of its own
    for kind in kinds_of(responses.Refusal):
        yield kind.family + ("…" if "reason" not in vars(kind) else kind.reason)
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                first = node.values[0]
                if isinstance(first, ast.Constant) and str(first.value).startswith("kompas/"):
                    yield f"{first.value}…"
            elif isinstance(node, ast.Constant) and re.fullmatch(
                r"kompas/[a-z/-]*[a-z]", str(node.value)
            ):
                yield str(node.value)


def test_every_stat_is_told():
    assert set(table("What Scrapy's stats say")) == set(stat_names())


def test_everything_in_a_runs_line_is_told():
    run = Run(id="x", spider="international", started_at=datetime(2026, 11, 23, tzinfo=WIB))
    line = run.to_line(Outcome.COMPLETE, "finished", run.started_at, State())
    notes = {name for _, tree in trees() for name in re.findall(NOTE, ast.unparse(tree))}
    assert notes
    for name in {*line, *notes}:
        assert f"`{name}`" in section("crawls.jsonl"), name


# Settings.


def chosen() -> dict[str, Any]:
    return {name: value for name, value in vars(settings).items() if name.isupper()}


def test_every_setting_of_ours_is_told_with_its_default_and_reason():
    ours = {name: value for name, value in chosen().items() if name.startswith("KOMPAS_")}
    rows = table("Our settings")
    assert set(rows) == set(ours)
    for name, (default, reason) in rows.items():
        assert reason, name
        if name not in FROM_ENVIRONMENT:
            assert default == f"`{ours[name]!r}`", name


def test_every_setting_of_scrapys_that_we_changed_is_told_with_both_values():
    changed = {name: value for name, value in chosen().items() if not name.startswith("KOMPAS_")}
    rows = table("Scrapy's settings that differ here")
    assert set(rows) == set(changed)
    for name, (ours, default, reason) in rows.items():
        assert reason, name
        value = changed[name]
        if not isinstance(value, dict | list) and name != "USER_AGENT":
            assert ours == f"`{value!r}`", name
            theirs = getattr(default_settings, name)
            assert theirs != value, f"{name} does not differ"
            assert default == f"`{theirs!r}`" or name == "USER_AGENT", name


def test_every_variable_of_the_environment_is_told():
    used = {
        node.value
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and re.fullmatch(r"KOMPAS_[A-Z_]+", str(node.value))
    }
    read = used - set(chosen()) | FROM_ENVIRONMENT
    assert set(table("The environment")) == read | {"SCRAPYD_USERNAME", "SCRAPYD_PASSWORD"}


# Metrics and commands.


def test_every_metric_is_told():
    assert set(table("Metrics for Prometheus")) == set(metrics._HEADS)


def test_every_command_is_told():
    names = {path.stem for path in (PACKAGE / "commands").glob("[a-z]*.py")}
    told = set(re.findall(r"`scrapy ([a-z-]+)", PAGE))
    assert names <= told
    for name in names:
        assert importlib.import_module(f"kompas_crawler.commands.{name}").Command


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#h][^)#]*)", PAGE))))
def test_links_lead_somewhere(target):
    assert (ROOT / "docs" / target).exists()


def test_every_room_that_security_names_is_there():
    text = (ROOT / "SECURITY.md").read_text()
    named = re.findall(r"`([a-z_/]+(?:\.py|\.conf|\.lock|/|Containerfile))`", text)
    assert len(named) > 25
    missing = {n for n in named if not ((PACKAGE / n).exists() or (ROOT / n).exists())}
    assert missing == set()
    assert "[SECURITY.md](SECURITY.md)" in (ROOT / "README.md").read_text()
    assert "[SECURITY.md](SECURITY.md)" in (ROOT / "README.id.md").read_text()
