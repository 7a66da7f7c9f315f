"""Pipelines that somebody adds see what reparse stores as they see what a crawl stores."""

import json
import re
from collections import Counter

import pytest

from kompas_crawler import settings
from tests.conftest import runs, stored
from tests.in_process import run_in_process
from tests.saved_pages import addresses, ids_of, kept, site

pytest.importorskip("warcio")


def pipelines(**added):
    """The setting, with pipelines of `tests.recording_pipelines` at some places."""
    chosen = settings.ITEM_PIPELINES | {
        f"tests.recording_pipelines.{n}": at for n, at in added.items()
    }
    return json.dumps(chosen)


@pytest.fixture
def seen(tmp_path, monkeypatch):
    """What the pipelines of `tests.recording_pipelines` wrote down so far."""
    path = tmp_path / "witness.jsonl"
    monkeypatch.setenv("KOMPAS_WITNESS", str(path))
    return lambda: [json.loads(line) for line in path.read_text().splitlines()]


def reparse(tmp_path, setting, *words):
    return run_in_process(
        "reparse",
        *("--from", str(tmp_path / "warc"), *words, "-s", f"ITEM_PIPELINES={setting}"),
        output=tmp_path / "out",
    )


def test_a_fourth_pipeline_sees_what_a_crawl_and_what_a_rereading_store(
    stand_in, crawl, tmp_path, seen
):
    remote = stand_in("--days", "1", "--per-day", "5")
    setting = pipelines(Witness=400, Waiting=250, Editing=50)
    done = crawl(remote, "backfill", "since=1d", "keep=warc", ITEM_PIPELINES=setting)
    assert done.code == 0, done.log
    crawled = seen()
    (done.output / "warc").rename(tmp_path / "warc")
    again = reparse(tmp_path, setting)
    assert again.code == 0, again.log
    reread_ = seen()[len(crawled) :]
    assert Counter(who for who, *_ in crawled) == {
        "opened": 1,
        "waited": 5,
        "stored": 5,
        "closed": 1,
    }
    assert sorted(map(str, crawled[1:-1])) == sorted(map(str, reread_[1:-1]))
    assert [each[1] for each in (reread_[0], reread_[-1])] == ["reparse", "reparse"]
    assert all(r["tags"][-1] == "Disunting" for r in stored(tmp_path / "out"))
    assert len(stored(tmp_path / "out")) == 5
    reparse(tmp_path, setting)
    assert [each for each in seen()[len(crawled) + len(reread_) :] if each[0] == "stored"] == []


def test_a_runs_line_names_what_a_pipeline_raised_and_where(stand_in, crawl, monkeypatch):
    remote = stand_in("--days", "1", "--per-day", "3")
    fatal = remote.ids()[1]
    monkeypatch.setenv("KOMPAS_UNWANTED", "none")
    monkeypatch.setenv("KOMPAS_FATAL", fatal)
    done = crawl(remote, "backfill", "since=1d", ITEM_PIPELINES=pipelines(Refusing=150))
    (failed,) = done.line["failed"]
    assert (done.code, failed["id"], failed["reason"]) == (10, fatal, "error-KeyError")
    place = r"in process_item, recording_pipelines\.py:\d+"
    assert re.fullmatch(rf"KeyError\('{fatal}'\) {place}", failed["found"])


def test_nothing_that_breaks_the_contract_is_stored_wherever_it_was_changed(tmp_path):
    kept(tmp_path / "warc", site(3))
    reparse(tmp_path, pipelines(Spoiling=250))
    (line,) = runs(tmp_path / "out")
    assert {each["reason"] for each in line["unread_articles"]} == {"invalid-record"}
    assert (line["stored"], stored(tmp_path / "out")) == (0, [])


def test_what_somebody_drops_or_fails_at_is_told_and_the_rest_is_stored(
    tmp_path, seen, monkeypatch
):
    answers = site(5)
    ids = ids_of(addresses(answers))
    kept(tmp_path / "warc", answers)
    monkeypatch.setenv("KOMPAS_UNWANTED", ids[1])
    monkeypatch.setenv("KOMPAS_FATAL", ids[3])
    done = reparse(tmp_path, pipelines(Refusing=150, Witness=400))
    (line,) = runs(tmp_path / "out")
    assert (done.code, line["outcome"], line["stored"]) == (10, "partial", 3)
    assert {each["id"]: each["reason"] for each in line["unread_articles"]} == {
        ids[1]: "dropped",
        ids[3]: "error-KeyError",
    }
    assert [id_ for _, id_, _ in seen()] == [ids[0], ids[2], ids[4]]
