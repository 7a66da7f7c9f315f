"""Scrapy's own commands and switches: who looks writes nothing, and nothing false is proven."""

from __future__ import annotations

import gzip
import subprocess
import sys

import pytest

from tests.command_line import scrapy
from tests.conftest import PATIENCE, QUICK, ROOT, SEED, environment, launched, runs
from tests.in_process import run_in_process


@pytest.fixture(scope="module")
def site(module_stand_in):
    return module_stand_in


@pytest.fixture(scope="module")
def module_stand_in():
    with launched("--seed", SEED, "--days", "1", "--per-day", "6") as remote:
        yield remote


@pytest.fixture
def address(site):
    return site.record(site.ids()[0])["url"]


def looked(site, output, *words):
    """A command that looked: it ended well, and the output directory is not even there."""
    done = scrapy(*words, output=output, remote=site)
    assert done.code == 0, done.log
    assert not output.exists(), list(output.iterdir())
    return done


@pytest.mark.parametrize("spider", [None, "international", "backfill", "articles"])
def test_parse_shows_an_article_with_any_spider(site, address, tmp_path, spider):
    chosen = [f"--spider={spider}"] if spider else []
    done = looked(site, tmp_path / "output", "parse", *chosen, f"{address}?page=all")
    shown = [line.split(None, 2) for line in done.out.splitlines()]
    assert ["id", "url", site.ids()[0]] in [[each.strip() for each in row] for row in shown]
    assert "title" in done.out


def test_parse_knows_an_id_and_prints_the_whole_record(site, tmp_path):
    done = looked(site, tmp_path / "output", "parse", "--json", site.ids()[0])
    assert done.json["article"]["text"] == site.record(site.ids()[0])["text"]
    assert done.json["facts"]["title"]["from"] == "printed"


def test_parse_shows_a_saved_file_and_why_half_of_it_is_refused(site, address, tmp_path):
    page = looked(site, tmp_path / "output", "fetch", "--nolog", f"{address}?page=all").out
    saved = tmp_path / "saved.html"
    saved.write_text(page, encoding="utf-8")
    for name in (str(saved), saved.as_uri()):
        done = looked(site, tmp_path / "output", "parse", "--spider=international", name)
        assert site.ids()[0] in done.out
    saved.write_text(page[: len(page) // 2], encoding="utf-8")
    done = scrapy("parse", str(saved), output=tmp_path / "output", remote=site)
    assert done.code == 22
    assert "CutOffPage: the page ends in the middle" in done.out


def test_parse_reads_a_saved_file_as_reparse_does_and_requests_nothing(tmp_path):
    page = (ROOT / "tests/pages/articles/read-2022-one-person.html").read_text(encoding="utf-8")
    saved = tmp_path / "saved.html.gz"
    saved.write_bytes(gzip.compress(page.replace("canonical", "x").replace("og:url", "x").encode()))
    address = "https://www.kompas.com/global/read/2021/08/26/162226370/x"
    (tmp_path / "INDEX.tsv").write_text(f"saved.html.gz\t{address}\n", encoding="utf-8")
    done = scrapy("parse", "--json", str(saved), output=tmp_path / "output", KOMPAS_CONTACT="")
    assert (done.json["article"]["id"], done.log) == ("2021/08/26/162226370", "")
    shown = scrapy("fetch", "--nolog", saved.as_uri(), output=tmp_path / "output")
    assert "<html" in shown.out


def test_parse_names_what_is_wrong_with_a_packed_file(tmp_path):
    saved = tmp_path / "saved.html.gz"
    saved.write_bytes(gzip.compress(b"<html><h1>Kapal itu tiba</h1></html>")[:-9])
    done = scrapy("parse", str(saved), output=tmp_path / "output")
    assert done.code == 22
    assert "damaged: " in done.out
    assert "Retrying" not in done.log


def test_parse_says_what_was_not_received(site, tmp_path):
    done = scrapy("parse", "2020/01/01/000000170", output=tmp_path / "output", remote=site)
    assert done.code == 22
    assert "not fetched" in done.out
    assert "HTTP 404" in done.out


def test_parse_shows_what_a_list_offers(site, tmp_path):
    front = "https://www.kompas.com/global"
    done = looked(site, tmp_path / "output", "parse", front)
    offered = [each for each in site.ids() if each in done.out]
    assert len(offered) > 3


@pytest.mark.parametrize(
    "words",
    [
        ["shell", "--spider=international", "-c", "print(response.status)"],
        ["fetch", "--spider=international"],
        ["parse", "--spider=international", "-a", "keep=warc"],
    ],
    ids=" ".join,
)
def test_who_looks_writes_nothing(site, address, tmp_path, words):
    looked(site, tmp_path / "output", *words, f"{address}?page=all")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["list", "--foo"], "there is no option --foo"),
        (["list", "extra"], "list takes no 'extra'"),
        (["parse", "--spider=nope", "https://www.kompas.com/"], "there is no spider 'nope'"),
        (["parse", "--pipelines", "https://www.kompas.com/"], "parse stores nothing"),
        (["parse", "--output", "https://www.kompas.com/"], "parse stores nothing"),
        (["parse", "nothing"], "no file, no address and no id"),
    ],
)
def test_scrapys_commands_refuse_what_they_would_pass_over(tmp_path, words, sentence):
    done = run_in_process(*words, output=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert sentence in done.log.splitlines()[-1]


@pytest.mark.parametrize("switch", ["HTTPCACHE_ENABLED=1", "JOBDIR=job"])
@pytest.mark.parametrize(
    "words", [["crawl", "international"], ["coverage", "--since=1d"], ["doctor"]]
)
def test_what_would_prove_something_false_is_refused(tmp_path, words, switch):
    done = scrapy(*words, "-s", switch, output=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert switch.partition("=")[0] in done.log.splitlines()[-1]
    assert runs(tmp_path) == []


def test_a_spider_that_a_script_runs_with_a_cache_proves_nothing_either(site, tmp_path):
    script = (
        "from scrapy.crawler import CrawlerProcess\n"
        "from scrapy.utils.project import get_project_settings\n"
        "settings = get_project_settings()\n"
        f"cache = {{'HTTPCACHE_ENABLED': True, 'HTTPCACHE_DIR': {str(tmp_path / 'cache')!r}}}\n"
        "settings.setdict(cache)\n"
        "process = CrawlerProcess(settings)\n"
        "process.crawl('international', since='1d')\n"
        "process.start()\n"
    )
    subprocess.run(
        [sys.executable, "-c", script],
        check=False,
        cwd=ROOT,
        env=environment(site, tmp_path),
        capture_output=True,
        timeout=PATIENCE,
    )
    assert all(line["outcome"] != "complete" and not line["coverage"] for line in runs(tmp_path))
    assert not list(tmp_path.glob("articles/*.jsonl"))


def test_a_feed_says_that_it_holds_what_is_new_and_no_more(site, tmp_path):
    feed = tmp_path / "feed.jsonl"
    for number in (6, 0):
        words = ["crawl", "international", "-a", "since=1d", "-O", str(feed)]
        done = scrapy(*words, output=tmp_path / "output", remote=site, **QUICK)
        assert done.code == 0, done.log
        assert len(feed.read_text().splitlines()) == number
        assert "holds only the articles that this run stores" in done.log
