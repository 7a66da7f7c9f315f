"""Nothing that a page, a server or a spoiled file says commands a terminal, a log or a reader."""

from __future__ import annotations

import io
import json
import logging
import re
import subprocess
import sys

import pytest
from rich.table import Table
from rich.text import Text

from kompas_crawler.characters import UNSAFE, escaped, percent_encoded
from kompas_crawler.cli.logs import SafeRecord
from kompas_crawler.cli.terminal import SafeConsole
from kompas_crawler.operations.metrics import exposition
from kompas_crawler.pages.media import web_address
from kompas_crawler.runs.log import CrawlLog
from tests.command_line import scrapy
from tests.conftest import ROOT, environment, stored
from tests.extensions.test_progress import Seen, see
from tests.invented_collections import NOW, collection
from tests.lying_site import HOSTILE, lying

# What rich writes to colour a word and to redraw its own lines.
OURS = re.compile(r"\x1b\[(?:[0-9;]*m|[0-9]*A|2K|\?25[lh])|\r")
COMMANDS = "\x1b[2J\x1b]0;x\x07\x9b31m" + HOSTILE

UNSAFE_ONES = [
    chr(c) for c in (*range(32), *range(127, 160), 0x61C, 0x200E, 0x200F, 0x2028, 0x2029)
]
UNSAFE_ONES += [chr(c) for c in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]
UNSAFE_ONES += [chr(c) for c in range(0xE0000, 0xE0080)]


def unsafe_in(shown: str) -> list[str]:
    """The places of a text that would command a terminal, without what rich does itself."""
    text = OURS.sub("", shown).replace("\n", "")
    return [text[max(0, m.start() - 30) : m.end() + 10] for m in UNSAFE.finditer(text)]


def addresses_in(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [
            each
            for key, each in value.items()
            if key in ("url", "example") and isinstance(each, str)
        ]
        return own + [each for inner in value.values() for each in addresses_in(inner)]
    return [each for inner in value for each in addresses_in(inner)] if type(value) is list else []


# A site that says such things everywhere.


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    with lying("hostile", "x", "--days", "1", "--per-day", "8") as site:
        output = tmp_path_factory.mktemp("hostile") / "output"
        seen = see(site, output, "backfill", "since=1d", LOG_LEVEL="DEBUG")
        assert stored(output), seen.raw.decode()
        yield site, output, seen.raw.decode()


def test_a_crawl_shows_nothing_of_it_and_stores_safe_addresses(hostile):
    _, output, shown = hostile
    assert unsafe_in(shown) == []
    runs = [json.loads(line) for line in (output / "crawls.jsonl").read_text().splitlines()]
    addresses = addresses_in([*stored(output), *runs])
    assert [each for each in addresses if not each.isprintable()] == []
    assert any("%E2%80%AE" in each for each in addresses), "what was hostile is escaped"
    assert unsafe_in(json.dumps(runs, ensure_ascii=False)) == []


@pytest.mark.parametrize(
    "words",
    [
        ("doctor",),
        ("doctor", "--json"),
        ("coverage", "--since", "1d"),
        ("parse", "https://www.kompas.com/global"),
        ("fetch", "https://www.kompas.com/global"),
        ("fetch", "--headers", "https://www.kompas.com/global"),
    ],
    ids=" ".join,
)
def test_what_asks_kompas_shows_nothing_of_it(hostile, words):
    site, output, _ = hostile
    words = [sys.executable, "-m", "scrapy", *words, "-s", "DOWNLOAD_DELAY=0"]
    seen = Seen(words, environment(site, output), columns=200)
    assert len(seen.raw) > 300
    assert unsafe_in(seen.raw.decode()) == []


# An archive and books that hold such things, however they came there.


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory):
    root = collection(tmp_path_factory.mktemp("spoiled"), days=110, per_day=1)
    for path in (root / "articles").glob("*.jsonl"):
        records = [json.loads(line) for line in path.read_text().splitlines()]
        path.write_text("".join(json.dumps(hostile_record(each)) + "\n" for each in records))
    path = root / "crawls.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    bad = {"url": f"https://www.kompas.com/{COMMANDS}", "reason": COMMANDS}
    lines[-1] |= {"outcome": "partial", "refused": {COMMANDS: 1}, "failed_listings": [bad]}
    lines.append(lines[-1] | {"crawl": COMMANDS, "pending": 5})  # not believed, which is told
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return root


def hostile_record(record):
    told = {name: record[name] for name in ("id", "url", "crawl", "layout", "published_from")}
    kept = {name: value for name, value in record.items() if name.endswith(("_at", "_hash"))}
    return spoil(record) | told | kept | {"section": "Global"}


def spoil(value):
    if isinstance(value, str):
        return value + COMMANDS
    if isinstance(value, dict):
        return {key: spoil(inner) for key, inner in value.items()}
    return [spoil(each) for each in value] if isinstance(value, list) else value


SHOWN = [
    ("show", "ID"),
    ("show", "ID", "--json"),
    ("show", "ID", "--cite", "bibtex"),
    ("show", "ID", "--cite", "ris"),
    ("show", "ID", "--cite", "csl-json"),
    ("search", "kabar"),
    ("search", "kabar", "--json"),
    ("changes",),
    ("changes", "--json"),
    ("verify",),
    ("verify", "--json"),
    ("health",),
    ("health", "--json"),
    ("report", "--to", "r.html"),
    ("report", "--to", "r.html", "--json"),
    ("export", "--to", "e.jsonl", "--force"),
    ("export", "--to", "e.csv", "--force", "--json"),
    ("export", "--to", "m.list", "--format", "manifest", "--force"),
]


@pytest.mark.parametrize("words", SHOWN, ids=" ".join)
def test_what_shows_the_archive_shows_nothing_of_it(spoiled, tmp_path, words):
    ident = stored(spoiled)[0]["id"]
    words = [ident if word == "ID" else word for word in words]
    words = [str(tmp_path / word) if re.match(r"\w\.\w+$", word) else word for word in words]
    piped = scrapy(*words, output=spoiled)
    assert unsafe_in(piped.out + piped.log) == []
    command = [sys.executable, "-m", "scrapy", *words]
    seen = Seen(command, environment(None, spoiled), columns=200)
    assert unsafe_in(seen.raw.decode()) == []
    assert piped.out
    if "--json" in words and words[0] == "show":
        assert COMMANDS in json.loads(piped.out)["title"], "the value itself is exact"


def test_a_file_keeps_what_a_terminal_is_not_shown(spoiled, tmp_path):
    to = tmp_path / "all.jsonl"
    assert scrapy("export", "--to", str(to), output=spoiled).code == 0
    assert COMMANDS in json.loads(to.read_text().splitlines()[0])["title"]


def test_names_of_files_and_what_is_in_them_are_safe(spoiled, tmp_path):
    named = scrapy("export", "--to", str(tmp_path / f"{COMMANDS}.jsonl"), output=spoiled)
    assert (named.code, named.out) == (2, "")
    assert named.log
    assert unsafe_in(named.log) == []
    folder = tmp_path / f"pages{COMMANDS.replace(chr(0x2028), '')}"
    folder.mkdir()
    for name in ("a.warc.zst", "b.mhtml", "c.html", "d.warc"):
        (folder / f"{COMMANDS}{name}").write_bytes(f"<html>{COMMANDS}</html>".encode() * 20)
    for words in (("--json",), ()):
        done = scrapy("reparse", "--from", str(folder), *words, output=tmp_path / "output")
        assert done.out
        assert unsafe_in(done.out + done.log) == []


# Each way out.


def test_no_console_lets_it_through():
    shown = io.StringIO()
    console = SafeConsole(file=shown, force_terminal=True, width=200)
    table = Table.grid()
    for character in UNSAFE_ONES:
        table.add_row(Text(f"a{character}b", style="bold red"), f"c{character}d")
        console.print(Text(f"e{character}f"), f"[green]g{character}h[/]", soft_wrap=True)
    console.print(table)
    assert "\x1b[1;31m" in shown.getvalue(), "our own colours stay"
    assert unsafe_in(shown.getvalue()) == []


@pytest.mark.parametrize("name", ["scrapy.core.engine", "twisted", "root"])
def test_no_logger_lets_it_through(name, monkeypatch, capsys):
    monkeypatch.setattr(logging, "_logRecordFactory", SafeRecord)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    logger = logging.getLogger(name)
    logger.addHandler(handler)
    try:
        for character in UNSAFE_ONES:
            logger.error("Refused %s", f"a{character}ERROR: forged")
            try:
                raise ValueError(f"b{character}ERROR: forged")
            except ValueError:
                logger.exception("It failed")
    finally:
        logger.removeHandler(handler)
    said = capsys.readouterr().err
    assert not UNSAFE.search(said.replace("\n", "").replace("\t", ""))
    assert not [line for line in said.splitlines() if line.startswith("ERROR: forged")]


def test_a_crash_of_a_command_commands_no_terminal():
    code = (
        "from kompas_crawler.cli.logs import install_safe_logging as safe; safe();"
        " raise ValueError('\\x1b[2J')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert r"ValueError: \x1b[2J" in done.stderr


def test_a_run_line_holds_none_of_it(tmp_path):
    told = {"crawl": "x-1", "reason": COMMANDS, "refused": {COMMANDS: 1}, "failed": [[COMMANDS]]}
    CrawlLog(tmp_path).append(lambda before: told)
    line = json.loads((tmp_path / "crawls.jsonl").read_text())
    assert unsafe_in(json.dumps(line, ensure_ascii=False)) == []
    assert "%1B[2J" in line["reason"]


def test_metrics_hold_none_of_it(spoiled):
    lines = list(CrawlLog(spoiled).newest_first())
    for line in lines:
        line["spider"] += COMMANDS
    text = exposition(lines, NOW)
    assert "kompas_run_outcome" in text
    assert unsafe_in(text) == []


@pytest.mark.parametrize("name", ["file", "url"])
def test_an_argument_that_is_quoted_is_safe(tmp_path, name):
    done = scrapy("crawl", "articles", "-a", f"{name}={COMMANDS}", output=tmp_path)
    assert done.code == 2
    assert unsafe_in(done.out + done.log) == []


def test_every_such_character_is_escaped_in_an_address():
    for character in UNSAFE_ONES:
        address = web_address(f"https://foto.example/a{character}b.jpg")
        assert address
        assert address.isascii()
        assert address.isprintable()
        assert percent_encoded(f"a{character}b").isprintable()
        assert not UNSAFE.search(re.sub(r"[\n\t]", "", escaped(character)))


# An index of sitemaps.


def test_an_index_of_sitemaps_is_not_walked(tmp_path, crawl):
    with lying("sitemaps", "100000", "--days", "1", "--per-day", "8") as site:
        done = crawl(site, "international", "since=1d")
        asked = [row["target"] for row in site.requests() if "sitemap-news" in row["target"]]
    assert len(asked) == 10
    assert done.code in (10, 11), "partial, or drift: the front shows no list"
    told = [each["reason"] for each in done.line["failed_listings"]]
    assert "too-many-sitemaps" in told


def test_a_sitemap_is_asked_for_by_https_only(crawl):
    with lying("sitemaps", "2", "--days", "1", "--per-day", "8") as site:
        done = crawl(site, "international", "since=1d")
        asked = [row for row in site.requests() if "sitemap-news" in row["target"]]
    assert [row["status"] for row in asked] == [404, 404], "by http the stand-in says 301"
    assert "too-many-sitemaps" not in done.log
