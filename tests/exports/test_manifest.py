"""Manifests: a corpus is listed without its texts, rebuilt from the list, and compared with it."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256

import pytest
import yaml

from kompas_crawler.archive.store import Archive
from kompas_crawler.errors import BadArgument
from kompas_crawler.processors import content_hash
from kompas_crawler.runs.outcome import DIFFERENT
from kompas_crawler.spiders.articles import ArticlesSpider
from tests.command_line import scrapy
from tests.in_process import run_in_process
from tests.invented_collections import NOW, changed, collection

FILES = ["CITATION.cff", "README.md", "articles.jsonl", "croissant.json", "proof.json"]
FIELDS = ["id", "url", "published_at", "revision", "content_hash", "word_count"]
# Its own warnings are its own affair, so it runs in a process of its own.
BY_CROISSANT = """
import json, sys
import mlcroissant
data = mlcroissant.Dataset(jsonld=sys.argv[1])
assert not data.metadata.ctx.issues.errors, data.metadata.ctx.issues.report()
rows = [{k.partition("/")[2]: v.decode() if isinstance(v, bytes) else v for k, v in row.items()}
        for row in data.records("articles")]
print(json.dumps([len(rows), rows[0], data.metadata.ctx.issues.report()], default=str))
"""


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    return collection(tmp_path_factory.mktemp("output"), days=120)


@pytest.fixture(scope="module")
def records(output):
    with Archive(output, read_only=True) as archive:
        return list(archive.records(latest=True))


@pytest.fixture(scope="module")
def folder(output, tmp_path_factory):
    return made(output, tmp_path_factory.mktemp("exports") / "list")


def made(output, folder, *words):
    done = run_in_process(
        "export", "--format", "manifest", "--to", str(folder), *words, output=output
    )
    assert done.code == 0, done.log
    assert sorted(path.name for path in folder.iterdir()) == FILES
    return folder


def lines_of(folder):
    return [json.loads(line) for line in (folder / "articles.jsonl").read_bytes().splitlines()]


def test_a_manifest_lists_every_article_in_its_last_revision(folder, records):
    assert lines_of(folder) == [{name: each[name] for name in FIELDS} for each in records]
    assert any(each["revision"] == 2 for each in records)


def test_no_text_title_or_photo_is_in_a_manifest(folder, records):
    every = "".join((folder / name).read_text(encoding="utf-8") for name in FILES)
    for each in records:
        for part in (each["title"], each["text"][:40], each["description"]):
            assert part not in every
    assert "asset.kompas.com" not in every


@pytest.mark.long
def test_croissant_is_read_by_its_library(folder, records):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", BY_CROISSANT, str(folder / "croissant.json")],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    number, first, report = json.loads(done.stdout)
    assert (number, report) == (len(records), "")
    moment = datetime.fromisoformat(first.pop("published_at"))
    wanted = {name: records[0][name] for name in FIELDS}
    assert moment == datetime.fromisoformat(wanted.pop("published_at"))
    assert first == wanted


def test_the_citation_file_is_yaml_and_names_the_digest(folder, records):
    read = yaml.safe_load((folder / "CITATION.cff").read_text(encoding="utf-8"))
    digest = sha256((folder / "articles.jsonl").read_bytes()).hexdigest()
    assert (read["cff-version"], read["type"]) == ("1.2.0", "dataset")
    assert read["identifiers"][0]["value"] == digest
    assert isinstance(read["date-released"], date)
    assert f"{len(records):,} articles" in read["abstract"]
    assert digest in (folder / "README.md").read_text(encoding="utf-8")
    assert json.loads((folder / "proof.json").read_bytes())["sha256"] == digest


def days(stretches):
    for each in stretches:
        first, last = (date.fromisoformat(each[end][:10]) for end in ("first", "last"))
        yield from (first + timedelta(days=n) for n in range((last - first).days + 1))


def test_the_proof_names_complete_days_their_runs_gaps_and_missing_articles(output, tmp_path):
    """The collection has a hole of 12 days; its last run is made to miss some articles here."""
    ledger = output / "crawls.jsonl"
    before = ledger.read_bytes()
    *_, last = map(json.loads, before.splitlines())
    day = (NOW - timedelta(days=5)).strftime("%Y/%m/%d")
    with Archive(output, read_only=True) as archive:
        stored = archive.ids("2026-11")[-1]

    def entry(number):
        id = number if "/" in number else f"{day}/{number}"
        url = f"https://www.kompas.com/global/read/{id}"
        return {"id": id, "url": url, "reason": "IncompleteArticle", "tries": 8}

    last |= {
        "crawl": "run-last",
        "covered": [],
        "given_up": [entry("000001170"), entry("000002170"), entry(stored)],
        "pending": [entry("000002170")],
        "gone": [{"id": f"{day}/000003170"}, {"id": "1999/01/01/000003170"}],
    }
    ledger.write_bytes(before + json.dumps(last).encode() + b"\n")
    try:
        folder = made(output, tmp_path / "list", "--since", "2026-08-01", "--until", "2026-11-22")
    finally:
        ledger.write_bytes(before)
    proof = json.loads((folder / "proof.json").read_bytes())
    assert (proof["first"], proof["last"], proof["days"]) == ("2026-08-01", "2026-11-22", 114)
    assert proof["given_up"] == [f"{day}/000001170"]
    assert proof["pending"] == [f"{day}/000002170"]
    assert proof["gone"] == [f"{day}/000003170"]
    complete = list(days(proof["complete"]))
    assert len(complete) == len(set(complete)) == proof["days_complete"] > 20
    gaps = [[datetime.fromisoformat(end) for end in gap] for gap in proof["gaps"]]
    assert proof["gaps"][0] == ["2026-08-23T12:00:00+07:00", "2026-09-04T12:00:00+07:00"]
    known = {json.loads(line)["crawl"] for line in before.splitlines()}
    for each in proof["complete"]:
        assert each["runs"]
        assert set(each["runs"]) <= known
    for number in range(proof["days"]):
        one = date(2026, 8, 1) + timedelta(days=number)
        noon = datetime(one.year, one.month, one.day, 12, tzinfo=NOW.tzinfo)
        assert (one in complete) != any(since <= noon <= until for since, until in gaps)


def test_what_was_asked_for_is_shown_and_does_nothing_else(output, tmp_path):
    evil = "Kantor Berita <Uji>"
    folder = made(
        output, tmp_path / "list", "--source", evil, "--tag", "a](b)*\x1b[2J", "--tag", "Gaza"
    )
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert "- source: Kantor Berita \\<Uji\\>" in readme
    assert "a\\](b)\\*�\\[2J" in readme
    assert json.loads((folder / "proof.json").read_bytes())["selection"][0] == f"source: {evil}"


def test_a_manifest_is_replaced_only_with_force(output, folder):
    words = ("--format", "manifest", "--to", str(folder))
    assert run_in_process("export", *words, output=output).code == 2
    assert run_in_process("export", *words, "--force", output=output).code == 0


def test_a_corpus_is_rebuilt_from_its_manifest(stand_in, crawl, tmp_path):
    """As a stranger does it, after the site has changed one article and removed another."""
    site = stand_in("--days", "2")
    first = crawl(site, "international", "since=2d", output=tmp_path / "first")
    assert first.code == 0, first.log
    folder = made(first.output, tmp_path / "list")
    again = crawl(site, "articles", f"file={folder}", output=tmp_path / "again")
    assert again.code == 0, again.log
    done = scrapy("verify", "--against", str(folder), output=again.output)
    number = len(lines_of(folder))
    assert done.code == 0, done.out
    assert done.out.endswith(f" {number} the same, 0 changed, 0 missing, 0 not in the list.\n")
    known = {each["id"]: each for each in first.records}
    assert {each["id"]: each["text"] for each in again.records} == {
        id: each["text"] for id, each in known.items()
    }
    changed, removed, *_ = known
    site.act("revise", id=changed)
    site.act("remove", id=removed, status="410")
    later = crawl(site, "articles", f"file={folder / 'articles.jsonl'}", output=tmp_path / "later")
    done = scrapy("verify", "--against", str(folder), output=later.output)
    assert done.code == DIFFERENT, done.out
    assert f"changed: {changed}: stored is revision 1; none of the stored revisions" in done.out
    assert f"missing: {removed}\n" in done.out
    assert done.out.endswith(f" {number - 2} the same, 1 changed, 1 missing, 0 not in the list.\n")


def test_every_article_is_compared(output, records, folder, tmp_path):
    """Of a copy one article is changed, one edited by hand, one lost and one added."""
    copy = tmp_path / "copy"
    told = [each for each in records if each["revision"] == 1][:3]
    with Archive(output, read_only=True) as old, Archive(copy) as new:
        for record in old.records():
            if record["id"] != told[1]["id"]:
                if record["id"] == told[2]["id"]:
                    record |= {"text": record["text"] + "!"}
                article = old.revisions(record["id"])[record["revision"] - 1]
                new.append(replace(article, text=record["text"]), revise=True)
        first = old.latest(told[0]["id"])
        new.append(changed(first), revise=True)
        extra = first.id[:-3] + "999"
        title = "Lain"
        new.append(
            replace(
                first,
                id=extra,
                url=first.url.replace(first.id, extra),
                title=title,
                content_hash=content_hash(title, first.text),
            )
        )
    done = run_in_process("verify", "--against", str(folder), "--json", output=copy)
    assert done.code == DIFFERENT
    found = {each["id"]: each for each in map(json.loads, done.out.splitlines())}
    assert len(found) == len(records) + 1

    def row(id, verdict, listed, stored, same_as):
        names = ("id", "verdict", "listed", "stored", "same_as")
        return dict(zip(names, (id, verdict, listed, stored, same_as), strict=True))

    ids = [each["id"] for each in told]
    assert found.pop(ids[0]) == row(ids[0], "changed", 1, 2, 1)
    assert found.pop(ids[1]) == row(ids[1], "missing", 1, None, None)
    assert found.pop(ids[2]) == row(ids[2], "changed", 1, 1, None)
    assert found.pop(extra) == row(extra, "not-in-list", None, 1, None)
    assert {each["verdict"] for each in found.values()} == {"same"}
    numbers = f"{len(found)} the same, 2 changed, 1 missing, 1 not in the list."
    assert done.log.endswith(f"{numbers}\n")
    seen = run_in_process("verify", "--against", str(folder), output=copy)
    assert f"changed: {ids[0]}: stored is revision 2; revision 1 has the content" in seen.out


def test_a_json_lines_export_serves_as_a_list(output, records, tmp_path):
    path = tmp_path / "all.jsonl"
    assert run_in_process("export", "--all-revisions", "--to", str(path), output=output).code == 0
    done = run_in_process("verify", "--against", str(path), output=output)
    same = f"{len(records)} the same, 0 changed, 0 missing, 0 not in the list."
    assert (done.code, done.out) == (0, f"Compared with {path}: {same}\n")


LINE = {
    "id": "2026/11/20/012847670",
    "url": "https://www.kompas.com/global/read/2026/11/20/012847670/judul",
    "published_at": "2026-11-20T01:28:47+07:00",
    "revision": 1,
    "content_hash": "sha256:" + "0" * 64,
    "word_count": 3,
}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff",
        b"[1]\n",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"{" + b" " * 5_000_000,
        json.dumps(LINE | {"id": "../../etc/passwd"}).encode(),
        json.dumps(LINE | {"id": "2026/11/20/012847671"}).encode(),
        json.dumps(LINE | {"url": "https://jahat.example/read/2026/11/20/012847670/x"}).encode(),
        json.dumps(LINE | {"url": "https://www.kompas.com/" + "x" * 3000}).encode(),
        json.dumps(LINE | {"revision": 10**30}).encode(),
        json.dumps(LINE | {"published_at": "2026-11-20"}).encode(),
        json.dumps(LINE | {"content_hash": "sha256:\x1b[2J"}).encode(),
        json.dumps({k: v for k, v in LINE.items() if k != "url"}).encode(),
    ],
    ids=range(14),
)
def test_a_list_that_is_none_is_refused(output, content, tmp_path):
    path = tmp_path / "list.jsonl"
    path.write_bytes((json.dumps(LINE).encode() + b"\n" if content else b"") + content)
    done = run_in_process("verify", "--against", str(path), output=output)
    assert (done.code, done.out) == (2, "")
    assert len(done.log.splitlines()) == 1
    assert len(done.log) < 400
    with pytest.raises(BadArgument):
        ArticlesSpider.read_arguments({"file": str(path)}, NOW)


@pytest.mark.parametrize("words", [("--against", "/dev/null"), ("--against", "x", "--repair")])
def test_a_comparison_without_a_list_is_refused(output, words):
    done = run_in_process("verify", *words, output=output)
    assert (done.code, done.out) == (2, "")


def test_a_refused_list_fetches_nothing(stand_in, crawl, tmp_path):
    folder = tmp_path / "list"
    folder.mkdir()
    (folder / "articles.jsonl").write_text('{"id": 1}\n')
    site = stand_in("--days", "1")
    done = crawl(site, "articles", f"file={folder}")
    assert done.code == 2
    assert "line 1, lists no article" in done.log
    assert site.requests() == []
