"""What `scrapy report` counts, and the page it writes."""

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from html import escape, unescape
from html.parser import HTMLParser
from itertools import pairwise
from statistics import median_low

import altair as alt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kompas_crawler.archive.store import Archive
from kompas_crawler.cli import archive_command
from kompas_crawler.errors import StorageFailed
from kompas_crawler.report import chart_data, charts, history, statistics
from kompas_crawler.report.figures import report
from kompas_crawler.report.page import render, write
from kompas_crawler.report.texts import TEXTS
from kompas_crawler.runs.intervals import Interval
from kompas_crawler.runs.log import CrawlLog
from kompas_crawler.runs.outcome import Outcome
from kompas_crawler.runs.run import Run
from kompas_crawler.runs.state import State
from kompas_crawler.search import places
from kompas_crawler.timezones import WIB
from tests.command_line import scrapy
from tests.in_process import run_in_process
from tests.invented_collections import NOW, changed, collection


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
        return statistics.collect_statistics(archive.records(latest=True))


@pytest.fixture(scope="module")
def page(counted, made):
    return render(report(counted, history.summarize_runs(CrawlLog(made).newest_first()), NOW), "id")


def test_every_article_is_counted_once_as_its_last_revision_has_it(counted, records):
    assert counted.articles == len(records) > 200
    assert counted.revisions == Counter(record["revision"] for record in records)
    assert counted.revisions[2] > 0
    assert counted.words == sum(record["word_count"] for record in records)
    assert counted.delays.total() == sum(record["updated_at"] is not None for record in records)


def test_the_median_is_that_of_the_articles_and_not_of_their_classes(counted, records):
    words = [record["word_count"] for record in records]
    assert statistics.median_length(counted.lengths) == median_low(words)
    assert statistics.bins_of(counted.lengths) == Counter(min(n // 50, 39) for n in words)
    few = statistics.collect_statistics(
        {**records[0], "id": f"{n}", "word_count": n} for n in (199, 201, 7000)
    )
    (shown,) = (figure for figure in report(few, history.RunHistory(), NOW).figures
                if figure.name == "length")  # fmt: skip
    assert shown.says[0].en == "Median: 201 words; half of the articles are no longer than that."
    rows = shown.data["lengths"]
    assert [(row["a"], row["mid"]) for row in rows if row["n"]] == [
        (150, False), (200, True), (1950, False)
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["sources", "authors", "tags", "warnings"])
def test_names_are_counted_as_the_records_have_them(counted, records, name):
    assert getattr(counted, name) == Counter(each for record in records for each in record[name])


def test_fields_are_there_where_a_record_has_them(counted, records):
    for name in statistics.OPTIONAL:
        assert counted.filled[name] == sum(bool(record[name]) for record in records), name


def test_days_and_hours_are_those_of_jakarta(records):
    of_jayapura = {**records[0], "published_at": "2026-03-01T01:30:00+09:00"}
    told = statistics.collect_statistics([of_jayapura])
    assert told.days == {date(2026, 2, 28): 1}
    assert told.hours == {23: 1}


def test_lines_that_break_the_contract_are_counted_apart(records, tmp_path):
    broken = [{"id": "x"}, {**records[0], "published_at": "kemarin"}]
    (tmp_path / "articles").mkdir()
    month = tmp_path / "articles" / f"{records[1]['published_at'][:7]}.jsonl"
    month.write_text("".join(json.dumps(each) + "\n" for each in (*broken, records[1])))
    done = run_in_process("report", "--to", str(tmp_path / "a.html"), "--json", output=tmp_path)
    assert json.loads(done.out)["articles"] == 1
    assert "Lines of the archive that could not be read: 2" in (tmp_path / "a.html").read_text()


def cells_of(days, proven=frozenset(), first=date(2026, 11, 1)):
    """Return days in a row with these numbers of articles; those of `proven` are proven."""
    return [
        statistics.Cell(first + timedelta(days=n), found, float(n in proven))
        for n, found in enumerate(days)
    ]


def test_tags_over_time_add_up_to_the_tags(counted):
    cells = statistics.calendar(counted.days, {}, NOW.date())
    unit, tags = statistics.tags_over_time(counted, cells)
    assert unit == "month"
    for tag, counts in tags.items():
        assert sum(count.found for count in counts) == counted.tags[tag]


def test_a_tag_is_told_as_a_share_of_the_articles_of_its_span():
    told = statistics.Statistics()
    for day, tags in ((1, ["Rusia"]), (1, []), (2, ["Rusia"])):
        told.days[date(2026, 11, day)] += 1
        told._add_tags(date(2026, 11, day), tags)
        told.tags.update(tags)
    _, tags = statistics.tags_over_time(told, cells_of([2, 1, 0], {0, 1}))
    assert [count.percent for count in tags["Rusia"]] == [50, 100, 0]
    rows = chart_data.tag_rows(tags, [])
    assert [row["s"] for row in rows] == ["ramp-3", "ramp-3", "unproven"]


@pytest.mark.parametrize("length", [9, 60, 400, 4000])
def test_a_span_that_is_not_proven_is_hatched_whatever_its_length(length):
    told = statistics.Statistics()
    first = date(2015, 1, 1)
    cells = cells_of([3] * length, set(range(length // 2)), first)
    for cell in cells:
        told.days[cell.day] = 3
        told._add_tags(cell.day, ["Rusia"])
        told.tags["Rusia"] += 1
    _, tags = statistics.tags_over_time(told, cells)
    spans = tags["Rusia"]
    assert len(spans) <= 40
    assert sum(span.articles for span in spans) == 3 * length
    half = first + timedelta(days=length // 2)
    for row, span in zip(chart_data.tag_rows(tags, []), spans, strict=True):
        assert row["s"].startswith("ramp" if span.last < half else "hatch"), span
        assert row["p"] == pytest.approx(33.3)


def english(shown, part):
    """Return the sentences of a figure."""
    return " ".join(
        text.en for figure in shown.figures if figure.name == part for text in figure.says
    )


def of_days(days, proven):
    """Return the report of days in a row up to today, the last ones of which are proven."""
    told, state = statistics.Statistics(), State()
    for back, found in enumerate(reversed(days)):
        day = NOW.date() - timedelta(days=back)
        if found:
            told.days[day] = found
        told.articles += found
    if proven:
        midnight = NOW.replace(hour=0) - timedelta(days=proven - 1)
        state = replace(state, coverage=(Interval(midnight, NOW),))
    return report(told, history.RunHistory(state=state), NOW)


@pytest.mark.parametrize("length", [12, 200])
def test_a_collection_that_is_proven_in_part_is_never_said_to_have_no_gap(length):
    shown = of_days([5] * length, 1)
    says = english(shown, "coverage")
    assert f"1 of {length} days" in says
    assert f"({length - 1} days)" in says
    assert "Fully proven" not in says
    assert "Fully proven" in english(of_days([5] * length, length), "coverage")
    assert "No day is proven yet." in english(of_days([5] * length, 0), "coverage")


def test_the_head_and_the_figure_tell_the_same_share_of_proof():
    shown = of_days([5] * 12, 1)
    page = render(shown, "en")
    assert "Proven complete: 1 of 12 days (8%)" in page
    assert "(8%)" in english(shown, "coverage")


def test_every_chart_keeps_the_schema_of_vega_lite(counted, made):
    shown = report(counted, history.summarize_runs(CrawlLog(made).newest_first()), NOW)
    drawn = (figure for figure in shown.figures if figure.is_drawn)
    specs = [spec for figure in drawn for spec in figure.specs().values()]
    assert len(specs) > 10
    for spec in specs:
        alt.Chart.from_dict(spec, validate=True)


def test_equal_days_lie_in_the_middle_of_the_colours():
    cells = cells_of([4] * 10, set(range(10)))
    rows = chart_data.day_rows(cells, statistics.shade_bounds(cell.articles for cell in cells))
    assert {row["s"] for row in rows} == {"ramp-3"}


def test_articles_of_days_that_are_not_proven_look_different():
    cells = cells_of([4, 4, 0, 0], {0, 2})
    shades = [row["s"] for row in chart_data.day_rows(cells, [])]
    assert shades == ["ramp-3", "hatch-3", "empty", "unproven"]
    (days, *_) = of_days([4] * 200, 3).figures
    assert {"hatch-3", "ramp-3"} <= set(days.legend)


@pytest.mark.parametrize("kind", ["days", "tags", "coverage"])
@pytest.mark.parametrize("length", [3, 90, 200])
def test_every_shade_that_is_drawn_is_explained(kind, length):
    shown = of_days([n % 7 for n in range(length)], length // 2)
    figure = next(each for each in shown.figures if each.name == kind)
    explained = {shade.rpartition("-")[0] or shade for shade in figure.legend}
    for rows in figure.data.values():
        drawn = {row["s"] for row in rows if "s" in row}
        assert {shade.rpartition("-")[0] or shade for shade in drawn} - {"empty"} <= explained
        assert kind != "coverage" or drawn == set(figure.legend)


@given(st.integers(0, 10**9))
def test_no_number_stands_twice_on_an_axis(most):
    ticks = charts.ticks(max(1, most), smallest=0, fewer_than=5)
    assert min(3, most + 1) <= len(ticks) == len(set(ticks)) <= 6
    assert ticks[0] == 0
    assert ticks[-1] <= max(1, most)


def test_a_short_collection_is_drawn_by_its_days_and_not_by_the_year():
    for length in (1, 3, 90):
        days, coverage, *_ = of_days([2] * length, 1).figures
        assert len(days.data["short"]) == len(coverage.data["short"]) == length
    assert "days" in of_days([2] * 100, 1).figures[0].data


def test_a_collection_that_ended_long_ago_is_not_followed_by_empty_years():
    cells = statistics.calendar({date(2020, 3, 4): 2, date(2020, 3, 8): 1}, {}, NOW.date())
    assert (cells[0].day, cells[-1].day) == (date(2020, 3, 4), date(2020, 3, 8))


def test_where_no_place_is_known_there_is_no_map_but_their_names():
    told = statistics.Statistics(articles=3, days=Counter({NOW.date(): 3}))
    told.places.update({"KASENGA": 2, "ATLANTIS": 1})
    told.filled["place"] = 3
    page = render(report(told, history.RunHistory(), NOW), "en")
    assert 'data-chart="places"' not in page
    assert "there is no map: KASENGA (2), ATLANTIS (1)" in page


def test_numbers_are_written_as_each_language_writes_them():
    page = render(of_days([350] * 3, 3), "id")
    assert '<span lang="id">1.050</span><span lang="en">1,050</span>' in page
    assert not re.search(r"\d[\u00a0\u202f ]%", page.partition("<script")[0])


def test_every_ranked_row_is_in_a_table_with_its_count(page, counted):
    for name, found in counted.sources.items():
        share = statistics.percent(found, counted.articles)
        row = f'>{escape(name)}</th><td class="number">{found}</td>'
        assert row in page, name
        assert f'{row}<td class="number">{escape(share)}</td>' in page


def test_changed_articles_are_shown_with_their_differences(made, tmp_path):
    done = run_in_process("report", "--to", str(tmp_path / "a.html"), output=made)
    assert done.code == 0
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    with Archive(made) as archive:
        again = sorted(r["id"] for r in archive.records(latest=True) if r["revision"] == 2)
    shown = re.findall(r'<details class="change" id="change-([0-9/]+)-2"', page)
    assert sorted(shown) == again
    assert shown == sorted(shown, reverse=True)
    assert page.count("<ins>Tambahan.</ins>") == len(again)


def test_of_many_changes_the_newest_are_shown_and_the_page_says_so(made, tmp_path, monkeypatch):
    def shown():
        run_in_process("report", "--to", str(tmp_path / "a.html"), output=made)
        page = (tmp_path / "a.html").read_text(encoding="utf-8")
        return page.count('<details class="change"'), "Only the newest" in page

    assert shown() == (shown()[0], False)
    monkeypatch.setattr(statistics, "CHANGED", 3)
    assert shown() == (3, True)


def data_of(path):
    page = path.read_text(encoding="utf-8")
    return page, json.loads(
        re.search(r'<script type="application/json"[^>]*>(.*?)</script>', page)[1]
    )


def test_the_page_shows_what_is_asked_for_and_says_so(made, records, tmp_path):
    since = f"{NOW.date() - timedelta(days=40)}"
    words = ["--since", since, "--until", f"{NOW.date()}", "--tag", "rusia", "--source", "AFP"]
    done = run_in_process("report", "--to", str(tmp_path / "a.html"), "--json", *words, output=made)
    wanted = [
        record
        for record in records
        if record["published_at"] >= since
        and "Rusia" in record["tags"]
        and "AFP" in record["sources"]
    ]
    assert json.loads(done.out)["articles"] == len(wanted) > 2
    page, data = data_of(tmp_path / "a.html")
    assert "Source: AFP; Tag: rusia" in page
    assert sum(row["n"] for row in data["data"]["short"]) == len(wanted)
    assert len(data["data"]["short"]) == 41


def test_two_periods_are_set_side_by_side(made, records, tmp_path):
    ends = [f"{NOW.date() - timedelta(days=back)}" for back in (19, 0, 59, 20)]
    done = run_in_process(
        "report", "--to", str(tmp_path / "a.html"), "--since", ends[0], "--until", ends[1],
        "--compare", *ends[2:], output=made,
    )  # fmt: skip
    assert done.code == 0, done.log
    page, _ = data_of(tmp_path / "a.html")
    numbers_of = [
        sum(since <= record["published_at"][:10] <= until for record in records)
        for since, until in (ends[:2], ends[2:])
    ]
    key = re.search(r'<figure id="compare".*?</figure>', page, re.DOTALL)[0]
    cells = re.findall(r'<td class="number">([0-9]+)</td>', key)
    assert cells[:2] == [str(number) for number in numbers_of]
    for name in ("sources", "places", "tags", "writers"):
        assert f'<figure id="compare-{name}"' in page
    refused = run_in_process("report", "--compare", *ends[2:], output=made)
    assert (refused.code, refused.log.count("\n")) == (2, 1)
    assert "--compare needs --since" in refused.log


def test_a_terminal_sees_how_far_a_long_reading_is(made, monkeypatch, capsys):
    monkeypatch.setattr(archive_command, "PROGRESS_DELAY", -1)
    monkeypatch.setenv("FORCE_COLOR", "1")
    with Archive(made) as archive:
        read = list(
            archive_command.with_progress(({"id": "2026/11/01/1"} for _ in range(1200)), archive)
        )
    assert len(read) == 1200
    assert "Reading 2026-11" in (told := capsys.readouterr()).err
    assert told.out == ""
    monkeypatch.delenv("FORCE_COLOR")
    with Archive(made) as archive:
        list(archive_command.with_progress(archive.records(), archive))
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("months", "columns", "first_gap"), [(30, 30, 31), (100, 34, 92), (300, 25, 366)]
)
def test_long_times_are_shown_by_quarters_and_years(months, columns, first_gap):
    told = statistics.Statistics()
    for number in range(months):
        month = date(2000 + number // 12, number % 12 + 1, 1)
        told.tags_by_month[month] = Counter({"Rusia": 1})
        told.tags["Rusia"] += 1
        told.days[month] = 1
    cells = statistics.calendar(told.days, {}, max(told.days))
    _, tags = statistics.tags_over_time(told, cells)
    (spans,) = tags.values()
    assert len(spans) == columns
    assert (spans[1].first - spans[0].first).days >= first_gap - 2
    assert sum(span.found for span in spans) == months


def test_the_calendar_has_every_day_once_up_to_today():
    days, proven = {date(2024, 12, 30): 3}, {date(2026, 1, 2): 1.0}
    cells = statistics.calendar(days, proven, date(2026, 1, 5))
    assert [cell.day for cell in cells] == [
        *(date(2024, 12, number) for number in range(1, 32)),
        *(date(2026, 1, number) for number in range(1, 6)),
    ]
    assert sum(cell.articles for cell in cells) == 3
    assert [cell.day for cell in cells if cell.proven] == [date(2026, 1, 2)]


def test_months_tell_whole_days_from_parts():
    cells = [statistics.Cell(date(2026, 1, n), 2, p) for n, p in ((1, 1.0), (2, 0.4), (3, 0.0))]
    assert statistics.months(cells) == [statistics.Month(date(2026, 1, 1), 3, 1, 1, 6)]


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


def test_what_is_not_proven_is_told_in_stretches_of_days():
    cells = cells_of([1, 2, 3, 0, 5], {2})
    told = [
        (first.day.day, last.day.day, found) for first, last, found in statistics.unproven(cells)
    ]
    assert told == [(1, 2, 3), (4, 5, 5)]


def test_runs_are_added_up_and_the_newest_comes_first(made):
    told = history.summarize_runs(CrawlLog(made).newest_first())
    lines = [json.loads(line) for line in (made / "crawls.jsonl").read_text().splitlines()]
    assert told.runs == len(lines) > history.NEWEST
    assert told.ended() == Counter(line["outcome"] for line in lines)
    assert [line["crawl"] for line in told.newest[:2]] == ["run-70", "run-69"]
    assert told.state == State.from_line(lines[-1])
    assert told.rules["published_at"] == {
        rule: sum(line["fields"]["published_at"][rule] for line in lines)
        for rule in ("meta", "dateline", "url")
    }


def test_runs_of_years_are_shown_in_few_stretches_and_none_is_lost():
    begin = date(2010, 1, 1)
    outcomes = {(begin + timedelta(days=n), "complete"): 2 for n in range(0, 5000, 3)}
    _, spans = history.outcomes_over_time(outcomes)
    assert len(spans) <= 60
    assert sum(ended.total() for ended in spans.values()) == sum(outcomes.values())
    assert all(earlier < later for earlier, later in pairwise(spans))


def test_a_line_of_another_program_in_the_ledger_does_no_harm():
    run = Run(id="a", spider="international", started_at=NOW)
    line = run.to_line(Outcome.COMPLETE, "finished", NOW, State())
    told = history.summarize_runs([line, {"crawl": "what", "outcome": "complete"}])
    assert told.runs == 1


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
        *("tags", "length", "fields", "runs", "delays", "changed"),
    ]
    for figure in re.findall(r"<figure .*?</figure>", page, re.DOTALL):
        if 'id="changed"' not in figure:
            assert re.search(r"<details>.*<tbody>\s*<tr>.*</details>", figure, re.DOTALL), figure


def test_the_page_says_everything_in_both_languages(page):
    for language in ("id", "en"):
        for name in ("title", "part-when", "runs.title"):
            assert f'<span lang="{language}">{TEXTS[name][language]}</span>' in page
    both = [len(re.findall(rf'<span lang="{language}">', page)) for language in ("id", "en")]
    assert both[0] == both[1] > 100


def test_both_texts_of_each_pair_take_the_same_values():
    for name, text in TEXTS.items():
        assert set(re.findall(r"{(\w+)}", text.id)) == set(re.findall(r"{(\w+)}", text.en)), name


def test_every_outcome_has_a_colour_and_a_name_in_indonesian():
    assert chart_data.OUTCOME_COLOURS.keys() == set(Outcome)
    assert all(TEXTS[outcome].id != outcome for outcome in Outcome)


def test_a_collection_without_articles_has_a_page_too():
    page = render(report(statistics.Statistics(), history.RunHistory(), NOW), "en")
    assert "There are no articles yet." in page
    assert '<html lang="en"' in page
    assert "data-chart=" not in page


def test_the_command_writes_the_page_and_says_where(made, tmp_path):
    done = scrapy("report", "--to", str(tmp_path / "deep" / "page.html"), output=made)
    assert (done.code, done.log) == (0, "")
    assert done.out.strip() == str(tmp_path / "deep" / "page.html")
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
    done = run_in_process("report", *words, output=made)
    assert done.code == code
    assert says in done.log
    assert "Traceback" not in done.log


def test_a_report_replaces_a_report_and_no_other_file(made, tmp_path):
    (tmp_path / "thesis.html").write_text("<html>mine</html>")
    for place in (tmp_path / "thesis.html", made / "crawls.jsonl"):
        before = place.read_bytes()
        done = run_in_process("report", "--to", str(place), output=made)
        assert (done.code, done.log.count("\n")) == (2, 1)
        assert place.read_bytes() == before
    page = tmp_path / "page.html"
    for _ in range(2):
        assert run_in_process("report", "--to", str(page), output=made).code == 0
    page.chmod(0o600)
    (tmp_path / "link.html").symlink_to(page)
    assert run_in_process("report", "--to", str(tmp_path / "link.html"), output=made).code == 0
    assert (tmp_path / "link.html").is_symlink()
    assert page.stat().st_mode & 0o777 == 0o600


def test_where_the_disk_refuses_nothing_is_left_behind(tmp_path):
    in_the_way = tmp_path / "report.html"
    in_the_way.mkdir()
    with pytest.raises(StorageFailed, match="Is a directory"):
        write("<!doctype html>", in_the_way)
    assert list(tmp_path.iterdir()) == [in_the_way]


def test_a_changed_article_moves_with_its_last_revision(tmp_path, records):
    from kompas_crawler.archive.record import from_record

    first = replace(from_record(records[0]), tags=("Lama",), revision=1)
    later = replace(changed(first), tags=("Baru",), revision=2)
    with Archive(tmp_path) as archive:
        archive.append(first)
        archive.append(later, revise=True)
        told = statistics.collect_statistics(archive.records(latest=True))
    assert (told.tags, told.revisions) == ({"Baru": 1}, {2: 1})
    assert [article_id for _, article_id in told.changed] == [first.id]
