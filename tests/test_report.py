"""What `scrapy report` counts, and the page it writes."""

import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from kompas_crawler.archive import Archive
from kompas_crawler.datelines import WIB
from kompas_crawler.errors import StorageFailed
from kompas_crawler.ledger import Ledger
from kompas_crawler.records import to_record
from kompas_crawler.report import history, numbers, places
from kompas_crawler.report.figures import report
from kompas_crawler.report.page import render, write
from kompas_crawler.report.words import TEXTS, word
from kompas_crawler.runs import Interval, Outcome, Run, State
from tests.conftest import ROOT, environment
from tests.made_up import NOW, changed, collection

pytestmark = pytest.mark.xdist_group("report")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return collection(tmp_path_factory.mktemp("made") / "output", days=120)


@pytest.fixture(scope="module")
def records(made):
    with Archive(made) as archive:
        return list(archive.records(latest=True))


@pytest.fixture(scope="module")
def counted(made):
    with Archive(made) as archive:
        return numbers.tally(archive.records(month) for month in archive.months())


@pytest.fixture(scope="module")
def page(counted, made):
    return render(report(counted, history.history(Ledger(made).newest_first()), NOW), "id")


def test_every_article_is_counted_once_as_its_last_revision_has_it(counted, records):
    assert counted.articles == len(records) > 200
    assert counted.revisions == Counter(record["revision"] for record in records)
    assert counted.revisions[2] > 0
    assert counted.words == sum(record["word_count"] for record in records)
    assert counted.delays.total() == sum(record["updated_at"] is not None for record in records)


@pytest.mark.parametrize("name", ["sources", "authors", "tags", "warnings"])
def test_names_are_counted_as_the_records_have_them(counted, records, name):
    assert getattr(counted, name) == Counter(each for record in records for each in record[name])


def test_fields_are_there_where_a_record_has_them(counted, records):
    for name in numbers.OPTIONAL:
        assert counted.filled[name] == sum(bool(record[name]) for record in records), name


def test_days_and_hours_are_those_of_jakarta(records):
    of_jayapura = {**records[0], "published_at": "2026-03-01T01:30:00+09:00"}
    told = numbers.tally([[of_jayapura]])
    assert told.days == {date(2026, 2, 28): 1}
    assert told.hours == {23: 1}


def test_a_line_that_breaks_the_contract_is_counted_apart(records):
    broken = [{"id": "x"}, {**records[0], "published_at": "kemarin"}]
    told = numbers.tally([[*broken, records[1]]])
    assert (told.articles, told.broken) == (1, 2)
    assert told.days.total() == told.hours.total() == 1


def test_tags_over_time_add_up_to_the_tags(counted):
    grid = numbers.tag_grid(counted)
    for tag in grid.tags:
        assert sum(grid.counts.get((tag, p), 0) for p in grid.periods) == counted.tags[tag]


@pytest.mark.parametrize(
    ("months", "columns", "first_gap"), [(30, 30, 31), (100, 34, 92), (300, 25, 366)]
)
def test_long_times_are_shown_by_quarters_and_years(months, columns, first_gap):
    told = numbers.Tally()
    for number in range(months):
        month = date(2000 + number // 12, number % 12 + 1, 1)
        told.tags_by_month[month] = Counter({"Rusia": 1})
        told.tags["Rusia"] += 1
    grid = numbers.tag_grid(told)
    assert len(grid.periods) == columns
    assert (grid.periods[1] - grid.periods[0]).days >= first_gap - 2
    assert sum(grid.counts[tag, p] for tag in grid.tags for p in grid.periods) == months


def test_the_calendar_has_every_day_once_up_to_today():
    days, proven = {date(2024, 12, 30): 3}, {date(2026, 1, 2): 1.0}
    cells = numbers.calendar(days, proven, date(2026, 1, 5))
    assert [cell.day for cell in cells] == [
        *(date(2024, 12, number) for number in range(1, 32)),
        *(date(2026, 1, number) for number in range(1, 6)),
    ]
    assert sum(cell.articles for cell in cells) == 3
    assert [cell.day for cell in cells if cell.proven] == [date(2026, 1, 2)]


def test_months_tell_whole_days_from_parts():
    cells = [numbers.Cell(date(2026, 1, n), 2, p) for n, p in ((1, 1.0), (2, 0.4), (3, 0.0))]
    assert numbers.months(cells) == [numbers.Month(date(2026, 1, 1), 3, 1, 1, 6)]


def test_a_day_is_proven_by_the_share_of_its_hours():
    def at(day, hour):
        return datetime(2026, 11, day, hour, tzinfo=WIB)

    shares = history.proven_days([Interval(at(1, 12), at(3, 0)), Interval(at(5, 0), at(5, 8))], NOW)
    assert {day.day: round(share, 1) for day, share in shares.items()} == {1: 0.5, 2: 1, 5: 0.3}


def test_today_is_proven_when_it_is_proven_so_far():
    midnight = NOW.replace(hour=0)
    whole = history.proven_days([Interval(midnight, NOW - timedelta(minutes=20))], NOW)
    half = history.proven_days([Interval(midnight, NOW - timedelta(hours=6))], NOW)
    assert whole == {NOW.date(): 1.0}
    assert 0.4 < half[NOW.date()] < 0.7


def test_gaps_lie_between_the_proven_stretches():
    moments = [datetime(2026, 11, day, tzinfo=WIB) for day in range(1, 8)]
    stretches = [Interval(moments[4], moments[5]), Interval(moments[0], moments[1])]
    assert history.gaps(stretches) == [Interval(moments[1], moments[4])]


def test_runs_are_added_up_and_the_newest_comes_first(made):
    told = history.history(Ledger(made).newest_first())
    lines = [json.loads(line) for line in (made / "crawls.jsonl").read_text().splitlines()]
    assert told.runs == len(lines) > history.NEWEST
    assert told.ended() == Counter(line["outcome"] for line in lines)
    assert [run.crawl for run in told.newest[:2]] == ["run-70", "run-69"]
    assert told.state == State.from_line(lines[-1])
    assert told.rules["published_at"] == {
        rule: sum(line["fields"]["published_at"][rule] for line in lines)
        for rule in ("meta", "dateline", "url")
    }


def test_runs_of_years_are_shown_in_few_stretches_and_none_is_lost():
    begin = date(2010, 1, 1)
    outcomes = {(begin + timedelta(days=n), "complete"): 2 for n in range(0, 5000, 3)}
    buckets = history.outcome_buckets(outcomes)
    assert len(buckets) <= 60
    assert sum(bucket.runs for bucket in buckets) == sum(outcomes.values())
    assert all(earlier.end <= later.first for earlier, later in pairwise(buckets))


def test_a_line_of_another_program_in_the_ledger_does_no_harm():
    run = Run(crawl="a", spider="international", started_at=NOW)
    line = run.to_line(Outcome.COMPLETE, "finished", NOW, State())
    told = history.history([line, {"crawl": "what", "outcome": "complete"}])
    assert (told.runs, told.broken) == (1, 1)


def test_every_place_of_the_table_is_on_earth_and_named_once():
    points = places._points()
    assert all(-60 < latitude < 75 for latitude, _ in points.values())
    assert all(-180 <= longitude <= 180 for _, longitude in points.values())
    listed = places._text("places.tsv").splitlines()[1:]
    names = [places._plain(name) for row in listed for name in row.split("\t")[2].split("|")]
    assert [name for name, number in Counter(names).items() if number > 1] == []


def test_the_map_and_what_is_not_on_it_add_up(counted):
    spots, unknown = places.spots(counted.places)
    assert unknown["ATLANTIS"] == counted.places["ATLANTIS"] > 0
    assert sum(spot.articles for spot in spots) + unknown.total() == counted.places.total()


class Reader(HTMLParser):
    """Collects what a page would load, run or show."""

    def __init__(self):
        super().__init__()
        self.addresses, self.scripts, self.ids, self.labels = [], 0, [], []

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        self.scripts += tag == "script"
        self.addresses += [
            told[key] for key in ("src", "href", "data", "srcset", "action") if told.get(key)
        ]
        self.ids += [told["id"]] if "id" in told else []
        self.labels += told.get("aria-labelledby", "").split()


def test_the_page_asks_for_nothing_from_anywhere(page):
    reader = Reader()
    reader.feed(page)
    assert all(address.startswith(("#", "data:,")) for address in reader.addresses)
    assert "default-src 'none'" in unescape(page)
    assert not re.search(r"@import|url\(", re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1])


def test_no_name_can_end_a_script_or_become_an_element(page):
    reader = Reader()
    reader.feed(page)
    assert reader.scripts == 3
    assert "Kantor Berita &lt;Uji&gt;" in page
    assert "&lt;printed&gt; 100" in page
    assert "<printed>" not in page
    data = json.loads(re.search(r'<script type="application/json"[^>]*>(.*?)</script>', page)[1])
    assert "</script>" in {row["t"] for row in data["data"]["tags"]}


def test_every_label_points_at_something_and_every_figure_has_a_table(page):
    reader = Reader()
    reader.feed(page)
    assert set(reader.labels) <= set(reader.ids)
    assert len(reader.ids) == len(set(reader.ids))
    figures = re.findall(r'<figure id="(\w+)".*?</figure>', page, re.DOTALL)
    assert figures == [
        *("days", "coverage", "hours", "places", "sources", "writers"),
        *("tags", "length", "fields", "delays", "runs"),
    ]
    for figure in re.findall(r"<figure .*?</figure>", page, re.DOTALL):
        assert re.search(r"<details>.*<table>.*<tbody>\s*<tr>.*</details>", figure, re.DOTALL), (
            figure
        )


def test_the_page_says_everything_in_both_languages(page):
    for language in ("id", "en"):
        for name in ("title", "part-when", "runs.title"):
            assert f'<span lang="{language}">{TEXTS[name][language]}</span>' in page
    both = [len(re.findall(rf'<span lang="{language}">', page)) for language in ("id", "en")]
    assert both[0] == both[1] > 100


def test_both_texts_of_each_pair_take_the_same_values():
    for name, text in TEXTS.items():
        assert set(re.findall(r"{(\w+)}", text.id)) == set(re.findall(r"{(\w+)}", text.en)), name


def test_every_outcome_has_a_name_in_indonesian():
    assert all(word(str(outcome)).id != str(outcome) for outcome in Outcome)


def test_a_collection_without_articles_has_a_page_too():
    page = render(report(numbers.Tally(), history.History(), NOW), "en")
    assert "There are no articles yet." in page
    assert '<html lang="en"' in page
    assert "data-chart=" not in page


def scrapy(*words, output):
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *words],
        check=False, cwd=ROOT, env=environment(None, output), capture_output=True, text=True,
    )  # fmt: skip


def test_the_command_writes_the_page_and_says_where(made, tmp_path):
    done = scrapy("report", "--to", str(tmp_path / "deep" / "page.html"), output=made)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == str(tmp_path / "deep" / "page.html")
    written = (tmp_path / "deep" / "page.html").read_text(encoding="utf-8")
    assert '<html lang="id"' in written
    assert len(written) < 5_000_000
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["page.html"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--output", "nowhere"], 2, "holds no articles"),
        (["--lang", "fr"], 2, "invalid choice"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(made, words, code, says):
    done = scrapy("report", *words, output=made)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_report_replaces_a_report_and_no_other_file(made, tmp_path):
    (tmp_path / "thesis.html").write_text("<html>mine</html>")
    for place in (tmp_path / "thesis.html", made / "crawls.jsonl"):
        before = place.read_bytes()
        done = scrapy("report", "--to", str(place), output=made)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert place.read_bytes() == before
    page = tmp_path / "page.html"
    for _ in range(2):
        assert scrapy("report", "--to", str(page), output=made).returncode == 0
    page.chmod(0o600)
    (tmp_path / "link.html").symlink_to(page)
    assert scrapy("report", "--to", str(tmp_path / "link.html"), output=made).returncode == 0
    assert (tmp_path / "link.html").is_symlink()
    assert page.stat().st_mode & 0o777 == 0o600


def test_where_the_disk_refuses_nothing_is_left_behind(tmp_path):
    in_the_way = tmp_path / "report.html"
    in_the_way.mkdir()
    with pytest.raises(StorageFailed, match="Is a directory"):
        write("<!doctype html>", in_the_way)
    assert list(tmp_path.iterdir()) == [in_the_way]


def test_a_changed_article_moves_with_its_last_revision(tmp_path, records):
    from kompas_crawler.records import from_record

    first = replace(from_record(records[0]), tags=("Lama",), revision=1)
    later = replace(changed(first), tags=("Baru",), revision=2)
    told = numbers.tally([[to_record(first), to_record(later)]])
    assert (told.tags, told.revisions) == ({"Baru": 1}, {2: 1})
