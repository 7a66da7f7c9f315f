"""No word of a command line is lost: it is obeyed, joined with another, or refused with code 2."""

from __future__ import annotations

import json
import os
import re
import sys

import pytest
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.project import get_project_settings

from kompas_crawler.archive.record import line_of
from kompas_crawler.commands.crawl import ARGUMENTS
from kompas_crawler.errors import BadArgument
from kompas_crawler.runs.arguments import addresses_in, addresses_of_file
from kompas_crawler.runs.outcome import Outcome
from tests import forked
from tests.command_line import scrapy
from tests.conftest import PATIENCE, ROOT, environment
from tests.in_process import run_in_process
from tests.search.test_search import article

A, B = "2026/11/22/134820670", "2026/11/22/031254170"
COMMANDS = sorted(path.stem for path in (ROOT / "kompas_crawler" / "commands").glob("[!_]*.py"))
#: Commands that take words besides their options.
WORDS = {"search", "show", "changes", "crawl", "deploy", "parse", "shell", "fetch", "view", "check"}
WORDS |= {"withdraw"}
LOOKING = sorted({"verify", "health", "search", "show", "export", "changes", "report"})
NEEDED = {
    "search": ["rusia"],
    "show": ["2024/01/01/080001570"],
    "export": ["--to", "x.csv"],
    "crawl": ["international"],
    "coverage": ["--since", "1d"],
}


@pytest.fixture
def output(tmp_path):
    root = tmp_path / "output"
    (root / "articles").mkdir(parents=True)
    lines = [
        line_of(article(1, "Vaksin demam rawa", "Teks rusia.")),
        line_of(article(2, "Vaksin flu", "Teks.")),
    ]
    (root / "articles" / "2024-01.jsonl").write_bytes(b"".join(lines))
    return root


def refused(done, sentence):
    """The command ended with 2 and one sentence, and printed nothing else."""
    assert (done.code, done.out, done.log.count("\n")) == (2, "", 1), done
    assert sentence in done.log


@pytest.mark.parametrize("name", COMMANDS)
def test_an_unknown_option_is_refused_by_every_command(output, name):
    refused(
        run_in_process(name, *NEEDED.get(name, []), "--jsno", output=output),
        "there is no option --jsno",
    )


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - WORDS))
def test_a_word_too_many_is_refused_by_every_command(output, name):
    refused(
        run_in_process(name, *NEEDED.get(name, []), "extra", output=output),
        f"{name} takes no 'extra'",
    )


@pytest.mark.parametrize("name", LOOKING)
def test_an_option_given_twice_is_refused_by_every_command(output, name):
    twice = ["--output", "one", "--output", "two"]
    refused(
        run_in_process(name, *NEEDED.get(name, []), *twice, output=output), "--output: given twice"
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["verify", "--repiar"], "there is no option --repiar: did you mean --repair?"),
        (["health", "--spider", "nope"], "there is no spider 'nope': there are articles, backfill"),
        (["health", "--within", "nan"], "--within='nan' cannot be read: give hours"),
        (["health", "--within", "-1"], "--within='-1' cannot be read"),
        (["health", "--within", "0"], "--within='0' cannot be read"),
        (["health", "--output", "/nonexistent"], "--output /nonexistent is no directory"),
        (["verify", "--output", ""], "--output is empty"),
        (["verify", "--output", "~nosuch/x"], "the home of a user who is unknown here"),
        (["report", "--to", "~nosuch/x.html"], "the home of a user who is unknown here"),
        (["export", "--to", "~nosuch/x.csv"], "the home of a user who is unknown here"),
        (["doctor", "--save", "~nosuch"], "the home of a user who is unknown here"),
        (["verify", "--pidfile", "/nonexistent/pid"], "there is no directory /nonexistent"),
        (["verify", "--logfile", "/nonexistent/log"], "there is no directory /nonexistent"),
        (["verify", "--logfile", "/"], "is a directory: name a file"),
        (["verify", "-L", "NOPE"], "the log level 'NOPE' is unknown"),
        (["verify", "-s", "KOMPAS_OUTPUT"], "-s KOMPAS_OUTPUT has no value"),
        (["verify", "-s", "KOMPAS_OUTPUT_DRI=x"], "did you mean KOMPAS_OUTPUT_DIR?"),
        (["deploy", "one", "two"], "deploy takes no 'two'"),
        (["search", "-demam -flu"], "'-demam -flu' holds only words to leave out"),
        (["crawl"], "crawl needs the name of a spider"),
        (["crawl", "internasional"], "did you mean international?"),
        (["crawl", "international", "backfill"], "crawl takes no 'backfill'"),
        (["crawl", "backfill", "-a", "since=1d", "-a", "since=2d"], "since is given twice"),
        (
            [
                "crawl",
                "backfill",
                "-a",
                "since=1d",
                "-s",
                "KOMPAS_REDIS_URL=redis://:rahasia@127.0.0.1:1/0",
            ],
            "no Redis answers at KOMPAS_REDIS_URL",
        ),
        (["crawl", "articles", "-a", "file=/"], "/articles.jsonl cannot be read"),
        (
            ["crawl", "international", "-s", "KOMPAS_MAX_TRIES=x"],
            "KOMPAS_MAX_TRIES='x' is no whole number",
        ),
    ],
)
def test_what_cannot_be_understood_is_refused_in_one_sentence(output, words, sentence):
    refused(run_in_process(*words, output=output), sentence)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ('"/tmp/out"', "has quotes, spaces or control characters"),
        ("/tmp/out\r", "has quotes, spaces or control characters"),
        (" /tmp/out", "has quotes, spaces or control characters"),
        ("~nosuch/out", "the home of a user who is unknown here"),
    ],
)
@pytest.mark.parametrize("words", [["verify"], ["crawl", "international"]])
def test_an_output_directory_that_is_no_plain_path_is_refused(tmp_path, words, told, sentence):
    done = forked.run(
        [sys.executable, "-m", "scrapy", *words],
        cwd=ROOT,
        env=environment(None, tmp_path) | {"KOMPAS_OUTPUT_DIR": told},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert sentence in done.stderr


def test_hours_and_ages_say_how_old_a_complete_run_may_be(output):
    line = {
        "crawl": "one",
        "spider": "international",
        "outcome": "complete",
        "started_at": "2024-01-01T00:00:00+07:00",
        "finished_at": "2024-01-01T00:00:00+07:00",
    }
    (output / "crawls.jsonl").write_text(json.dumps(line) + "\n")
    for within, code in (("2h", 1), ("26", 1), ("52000w", 0), ("999999", 0)):
        assert run_in_process("health", "--within", within, output=output).code == code, within


def test_a_month_is_understood_as_a_month(output):
    assert run_in_process("search", "vaksin", "--until", "2024-01", output=output).code == 0
    assert (
        run_in_process(
            "search", "vaksin", "--since", "2024-02", "--until", "2024-02", output=output
        ).code
        == 23
    )
    assert run_in_process("search", "vaksin", "--since", "2024-01", output=output).code == 0


def test_a_word_with_a_minus_must_not_occur(output):
    done = run_in_process("search", "vaksin -demam", output=output)
    assert "Vaksin** flu" in done.out
    assert "rawa" not in done.out
    assert done.out.endswith("1 article.\n")


def test_the_output_directory_in_the_home_is_one_place_for_articles_and_pages(tmp_path, stand_in):
    site = stand_in("--days", "1", "--per-day", "3")
    told = environment(site, tmp_path) | {"HOME": str(tmp_path)}
    words = ["crawl", "international", "-a", "keep=warc", "-s", "KOMPAS_OUTPUT_DIR=~/out"]
    words += ["-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0"]
    done = forked.run(
        [sys.executable, "-m", "scrapy", *words],
        cwd=ROOT,
        env=told,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "out").glob("[!.]*")) == [
        "articles",
        "crawls.jsonl",
        "warc",
    ]
    assert not (ROOT / "~").exists()


# Addresses for the spider `articles`.


@pytest.mark.parametrize(
    "given",
    [f"{A} {B}", f"{A},{B}", f"{A};{B}", f"{A}, {B},", f"{A}\n{B}\n", f"{A}\t{B}"],
)
def test_addresses_are_parted_by_what_people_type_between_them(given):
    assert addresses_in(given) == [A, B]


def test_a_comma_within_an_address_parts_nothing():
    assert addresses_in("https://www.kompas.com/x/read/1,2;3") == [
        "https://www.kompas.com/x/read/1,2;3"
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_list_is_read_in_every_encoding_that_tells_itself(tmp_path, encoding):
    path = tmp_path / "list.txt"
    path.write_bytes(f"# two\r\n{A} {B}  # on a line\r\n\r\n{A}\r\n".encode(encoding))
    assert addresses_of_file(str(path)) == [A, B, A]


def test_a_list_that_cannot_be_read_twice_or_is_no_text_is_refused(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "bare").write_bytes(A.encode("utf-16-le"))
    for name, reason in (
        ("fifo", "no regular file"),
        ("bare", "no text"),
        ("none", "No such file"),
    ):
        with pytest.raises(BadArgument, match=reason):
            addresses_of_file(str(tmp_path / name))


def test_every_address_given_is_asked_for(stand_in, crawl, tmp_path):
    site = stand_in("--days", "2", "--per-day", "4")
    ids = site.ids()[:6]
    (tmp_path / "list.txt").write_bytes(f"{ids[4]} {ids[5]}\n".encode("utf-16"))
    given = [
        f"url={ids[0]}",
        f"url={ids[1]},{ids[2]}",
        f"url={ids[3]}",
        f"file={tmp_path}/list.txt",
    ]
    done = crawl(site, "articles", *given)
    assert sorted(record["id"] for record in done.records) == sorted(ids)


def test_a_refusal_reaches_the_log_file_of_a_job(tmp_path):
    log = tmp_path / "job.log"
    done = scrapy(
        "crawl", "backfill", "-a", "since=kemarin", "--logfile", str(log), output=tmp_path
    )
    assert done.code == 2
    assert "since='kemarin' cannot be read" in log.read_text()


def test_the_spiders_are_those_that_the_refusal_names(output):
    known = SpiderLoader.from_settings(get_project_settings()).list()
    log = run_in_process("crawl", "nope", output=output).log
    assert all(name in log for name in known)


def test_the_help_of_a_crawl_says_what_its_spiders_accept_and_how_it_ends(output):
    done = run_in_process("crawl", "international", "-h", output=output)
    assert done.code == 0
    loader = SpiderLoader.from_settings(get_project_settings())
    for name in loader.list():
        spider = loader.load(name)
        explained = {form.partition("=")[0] for form in ARGUMENTS[name] if form}
        assert explained == set(spider.accepts)
        assert all(f"-a {form}" in done.out for form in ARGUMENTS[name] if form)
    assert all(f"{outcome}: " in done.out for outcome in Outcome)
    assert run_in_process("crawl", "-a", "help", output=output).out == done.out


def test_output_names_the_output_directory_of_a_crawl_too(output):
    done = run_in_process("crawl", "international", "--output", "news.jsonl", output=output)
    assert (done.code, done.out) == (2, "")
    assert "-o news.jsonl writes a feed" in done.log


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_every_command_has_its_exit_codes(output, name):
    done = run_in_process(name, "-h", output=output)
    assert "\nExit codes\n==========\n  0 " in done.out
    assert done.out.index("Exit codes") < done.out.index("Global Options")


@pytest.mark.parametrize("columns", ["60", "100"])
@pytest.mark.parametrize("name", COMMANDS)
def test_help_names_the_program_that_was_started(output, name, columns, monkeypatch):
    monkeypatch.setenv("KOMPAS_PROGRAM", "kompas")
    monkeypatch.setenv("COLUMNS", columns)
    done = run_in_process(name, "-h", output=output)
    assert f"kompas {name}" in done.out
    assert re.findall(r"\bscrapy\s+[a-z]+", done.out) == []


def test_advice_names_the_program_that_was_started(output, monkeypatch):
    monkeypatch.setenv("KOMPAS_PROGRAM", "kompas")
    with (output / "articles" / "2024-01.jsonl").open("ab") as file:
        file.write(b"torn")
    assert "kompas verify --repair repairs 1" in run_in_process("verify", output=output).out
