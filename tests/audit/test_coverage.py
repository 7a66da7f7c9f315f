"""Does `scrapy coverage` tell what Kompas lists and is not stored, and store nothing itself?"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from kompas_crawler.archive.record import from_record
from kompas_crawler.archive.schema import EXAMPLE
from kompas_crawler.archive.store import Archive
from kompas_crawler.processors import content_hash
from tests.command_line import scrapy


@pytest.fixture
def crawled(stand_in, tmp_path):
    """Three days, 12 articles each, all stored, as a crawl would have stored them."""
    site = stand_in("--days", "3", "--per-day", "12")
    output = tmp_path / "output"
    with Archive(output) as archive:
        for id_ in site.ids():
            record = EXAMPLE | site.record(id_) | {"crawl": "by hand"}
            record["content_hash"] = content_hash(record["title"], record["text"])
            archive.append(from_record(record))
    return site, output


def covered(site, output, *words, **settings):
    return scrapy("coverage", "--since", "2d", *words, remote=site, output=output, **settings)


def forget(output, *article_ids):
    """Delete lines from the files, as a person or a bad disk would."""
    for path in (output / "articles").glob("*.jsonl"):
        kept = [
            line
            for line in path.read_text(encoding="utf-8").splitlines(keepends=True)
            if not any(f'{{"id": "{id_}"' in line for id_ in article_ids)
        ]
        path.write_text("".join(kept), encoding="utf-8")


def add_article(output, article_id):
    """Store an article of the days that no list names."""
    url = f"https://www.kompas.com/global/read/{article_id}/x"
    with Archive(output) as archive:
        archive.append(replace(from_record(EXAMPLE), id=article_id, url=url))


def files(output):
    return {path: path.read_bytes() for path in output.rglob("*.jsonl")}


def rows(text):
    """The numbers of the printed table by the day in the first column."""
    cells = [re.findall(r"[\w?–-]+", line) for line in text.splitlines() if line.startswith("│")]
    return {
        " ".join(row[:-8]): [int(cell) if cell != "–" else None for cell in row[-8:]]
        for row in cells
    }


def test_all_that_is_listed_is_stored(crawled):
    site, output = crawled
    asked, before = len(site.requests()), files(output)

    done = covered(site, output)

    assert done.code == 0, done.out + done.log
    table = rows(done.out)
    assert table.pop("all") == [36, 36, 0, 0, 0, 0, 0, 0]
    assert set(map(tuple, table.values())) == {(12, 12, 0, 0, 0, 0, 0, 0)}
    assert len(table) == 3
    assert files(output) == before, "a survey stores nothing and keeps no books"
    targets = [row["target"] for row in site.requests()[asked:]]
    assert targets[0] == "/robots.txt"
    assert all(re.match(r"/(robots\.txt|\?site=)", target) for target in targets)


def test_what_is_missing_is_named_day_by_day(crawled):
    site, output = crawled
    yesterday = site.ids()[12][:10]
    lost = [site.ids()[0], site.ids()[1], site.ids()[12]]
    forget(output, *lost)

    done = covered(site, output)

    assert done.code == 21
    assert rows(done.out)["all"] == [36, 33, 3, 0, 0, 0, 0, 0]
    assert all(f"missing: {id_}\n" in done.out for id_ in lost)
    assert f'scrapy crawl articles -a url="{" ".join(lost)}"' in done.out
    document = covered(site, output, "--json").json
    found = {day["day"]: sorted(day["missing"]) for day in document["days"]}
    assert found[yesterday.replace("/", "-")] == [lost[2]]
    assert sorted(id_ for ids in found.values() for id_ in ids) == sorted(lost)
    assert document["complete"] is False


def test_the_command_it_names_brings_back_what_is_missing(crawled, crawl):
    site, output = crawled
    forget(output, site.ids()[3], site.ids()[20])
    advice = re.search(r'scrapy crawl articles -a url="(.+)"', covered(site, output).out)

    crawl(site, "articles", f"url={advice[1]}", output=output)

    assert covered(site, output).code == 0


def test_updated_gone_and_unlisted_are_told_apart(crawled, crawl):
    site, output = crawled
    changed, gone = site.ids()[0], site.ids()[14]
    site.act("revise", id=changed)
    assert crawl(site, "international", "recheck=2d", output=output).code == 0
    forget(output, gone)
    # It stays on the list of the day, and its page says 410.
    site.fail({"kind": "status", "status": 410, "match": f"*{gone}*"})
    crawl(site, "articles", f"url={gone}", output=output)
    off_the_list = site.ids()[5][:11] + "000000970"
    add_article(output, off_the_list)

    document = covered(site, output, "--json").json

    assert document["sums"] | {"listed": 0} == {
        "listed": 0,
        "stored": 35,
        "missing": 0,
        "owed": 0,
        "updated": 1,
        "given_up": 0,
        "gone": 1,
        "off_section": 0,
        "withdrawn": 0,
        "unlisted": 1,
    }
    (day,) = [day for day in document["days"] if day["updated"]]
    assert day["updated"] == [changed]
    assert [id_ for day in document["days"] for id_ in day["gone"]] == [gone]


def test_what_the_next_run_asks_for_is_called_owed_and_later_given_up(stand_in, crawl, tmp_path):
    site = stand_in("--days", "1", "--per-day", "5")
    ill = site.ids()[2]
    site.fail({"kind": "status", "status": 500, "match": f"*{ill}*"})
    assert crawl(site, "backfill", "since=0d", RETRY_TIMES="0").code == 10

    owed = scrapy("coverage", "--since", "0d", remote=site, output=tmp_path / "output")

    assert owed.code == 21
    assert f"missing: {ill} (pending, the next run requests it)" in owed.out
    assert "scrapy crawl articles" not in owed.out
    forget(tmp_path / "output", site.ids()[0])
    # One more try of one allowed, in a run that reads another page: it is given up.
    crawl(site, "backfill", "since=0d", RETRY_TIMES="0", KOMPAS_MAX_TRIES="1")
    given_up = scrapy(
        "coverage", "--since", "0d", "--json", remote=site, output=tmp_path / "output"
    )
    assert (given_up.code, given_up.json["days"][0]["given_up"]) == (21, [ill])
    assert given_up.json["complete"] is False


def test_an_index_that_is_down_is_no_proof(crawled):
    site, output = crawled
    site.fail({"kind": "status", "status": 500, "match": "*date=*"})

    done = covered(site, output, RETRY_TIMES="0")

    assert done.code == 10, done.out
    assert "The index of this day could not be read to its end" in done.out
    table = rows(done.out)
    assert table.pop("all") == [0, 0, 0, 0, 0, 0, 0, 0]
    assert len(table) == 3
    assert all(name.endswith("?") for name in table)
    assert all(numbers == [None] * 8 for numbers in table.values())
    assert "not read (http-500): https://indeks.kompas.com/" in done.out


def test_one_page_that_fails_leaves_only_its_day_unproven(stand_in, crawl):
    site = stand_in("--days", "2", "--per-day", "25")
    done = crawl(site, "backfill", "since=1d")
    day = site.ids()[0][:10].replace("/", "-")
    site.fail({"kind": "status", "status": 500, "match": f"*date={day}*page=2*"})

    asked = scrapy(
        "coverage", "--since", "1d", "--json", remote=site, output=done.output, RETRY_TIMES="0"
    )

    assert asked.code == 10
    assert {each["day"]: each["proven"] for each in asked.json["days"]}[day] is False
    assert sum(each["proven"] for each in asked.json["days"]) == 1


@pytest.mark.parametrize(
    ("fault", "code", "word"),
    [
        ({"kind": "challenge", "match": "indeks.kompas.com/*"}, 12, "blocked"),
        ({"kind": "reset", "match": "*"}, 13, "unreachable"),
        ({"kind": "rename", "target": "item", "match": "indeks.kompas.com/*"}, 11, "drift"),
    ],
)
def test_the_codes_of_a_crawl_say_why_nothing_is_proven(crawled, fault, code, word):
    site, output = crawled
    site.fail(fault)
    done = covered(site, output, RETRY_TIMES="0", KOMPAS_BLOCKED_LIMIT="1")
    assert done.code == code, done.out + done.log
    assert f"{word}: " in done.out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "since is missing"),
        (("--since", "yesterday"), "since='yesterday' cannot be read"),
        (("--since", "2d", "3d"), "coverage takes no '3d'"),
    ],
)
def test_a_bad_argument_is_refused_before_any_request(stand_in, tmp_path, words, says):
    site = stand_in("--days", "1", "--per-day", "3")
    done = scrapy("coverage", *words, remote=site, output=tmp_path)
    assert done.code == 2
    assert says in done.log
    assert site.requests() == []


def test_a_directory_that_is_not_there_is_refused(stand_in, tmp_path):
    done = scrapy("coverage", "--since", "1d", output=tmp_path / "nowhere")
    assert done.code == 2
    assert not (tmp_path / "nowhere").exists()


def test_the_survey_is_not_offered_as_a_spider(tmp_path):
    assert scrapy("list", output=tmp_path).out.split() == ["articles", "backfill", "international"]
