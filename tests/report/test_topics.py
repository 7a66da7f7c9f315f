"""`scrapy report --words`: how often something is written about over time, out of what."""

import json
import re
from datetime import date, datetime, timedelta
from html import unescape

import pytest

from kompas_crawler.archive.store import Archive
from kompas_crawler.report.figures import report
from kompas_crawler.report.history import RunHistory, summarize_runs
from kompas_crawler.report.page import render
from kompas_crawler.report.statistics import Cell, Statistics, collect_statistics
from kompas_crawler.report.topics import Topic, topics_figure, topics_of
from kompas_crawler.runs.log import CrawlLog
from kompas_crawler.search.fulltext import DayCount, FullText
from kompas_crawler.search.selection import Query, Selection
from tests.in_process import run_in_process
from tests.invented_collections import NOW, collection
from tests.report.test_report import data_of

FIRST = date(2026, 11, 1)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return collection(tmp_path_factory.mktemp("made") / "output", days=120, words=8)


def rows_of(page):
    """Return the rows of the tables of topics as their cells' texts, in English."""
    figure = re.search(r'<figure id="topics".*?</figure>', page, re.DOTALL)[0]
    plain = re.sub(r'<span lang="id">.*?</span>', "", figure)
    rows = re.findall(r"<tr>(.*?)</tr>", plain, re.DOTALL)
    return [
        [
            unescape(re.sub("<.*?>", "", cell)).strip()
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row)
        ]
        for row in rows
    ]


def test_the_page_counts_what_search_counts(made, tmp_path):
    since, until = f"{NOW.date() - timedelta(days=69)}", f"{NOW.date()}"
    period = ["--since", since, "--until", until]
    done = run_in_process(
        *("report", "--to", str(tmp_path / "a.html"), "--words", 'kapal, "Surat Kereta"'),
        *period,
        output=made,
    )
    assert (done.code, done.log) == (0, "")
    page, data = data_of(tmp_path / "a.html")
    drawn = data["data"]["topics"]
    for words in ("kapal", '"Surat Kereta"'):
        told = run_in_process("search", words, "--by", "week", "--json", *period, output=made)
        weeks = [json.loads(line) for line in told.out.splitlines()]
        bars = [row for row in drawn if row["t"] == words]
        assert [
            (week["articles_with_hits"], week["articles"], week["hits"], week["days_proven"])
            for week in weeks
        ] == [(bar["n"], bar["of"], bar["h"], bar["w"]) for bar in bars]
        found, articles = (
            sum(week[name] for week in weeks) for name in ("articles_with_hits", "articles")
        )
        assert 0 < found < articles
        assert [words, str(found), str(articles)] in [row[:3] for row in rows_of(page)]


def test_a_topic_is_counted_among_the_articles_that_are_selected(made, tmp_path):
    done = run_in_process(
        *("report", "--to", str(tmp_path / "a.html"), "--json"),
        *("--words", "kapal", "--source", "AFP"),
        output=made,
    )
    _, data = data_of(tmp_path / "a.html")
    assert sum(row["of"] for row in data["data"]["topics"]) == json.loads(done.out)["articles"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (" , ", "--words is empty"),
        ("kapal, -hujan", "holds only words to leave out"),
        (",".join(f"kata{n}" for n in range(13)), "names 13 topics: 12 is the most"),
    ],
)
def test_words_that_are_none_are_refused_before_anything_is_read(made, tmp_path, words, says):
    done = run_in_process(
        "report", "--to", str(tmp_path / "a.html"), f"--words={words}", output=made
    )
    assert (done.code, done.log.count("\n")) == (2, 1)
    assert says in done.log
    assert list(tmp_path.iterdir()) == []


def figure_of(articles, found, proven):
    """Return the figure of a topic over days in a row, and the cells they are."""
    days = [FIRST + timedelta(days=n) for n in range(len(articles))]
    cells = [Cell(day, *rest) for day, *rest in zip(days, articles, proven, strict=True)]
    counted = [
        DayCount(day=day, hits=hits, found=hits, articles=all_, words=100 * all_)
        for day, all_, hits in zip(days, articles, found, strict=True)
        if all_
    ]
    return topics_figure([Topic(name="gaza", days=counted)], cells)


def test_what_is_not_proven_is_hatched_and_never_a_low_bar():
    figure = figure_of([4, 4, 0, 0, 4], [2, 1, 0, 0, 0], [1.0, 0.5, 0.0, 1.0, 0.9])
    rows = figure.data["topics"]
    assert [row["ok"] for row in rows] == [True, False, False, True, False]
    spec = figure.specs()["en"]
    hatched = next(
        layer for layer in spec["layer"] if layer["mark"].get("fill") == "url(#unproven)"
    )
    assert hatched["transform"][-1] == {"filter": "!datum.ok"}
    assert hatched["encoding"]["y2"]["field"] == "top"
    assert {row["top"] - row["y0"] for row in rows} == {max(row["y1"] - row["y0"] for row in rows)}
    assert list(figure.legend) == ["ramp-4", "hatch-4", "unproven"]
    assert "not proven complete" in " ".join(text.en for text in figure.says)
    proven = figure_of([4, 4], [2, 1], [1.0, 1.0])
    assert list(proven.legend) == ["ramp-4"]
    assert "not proven complete" not in " ".join(text.en for text in proven.says)


def test_a_stretch_without_an_article_has_no_share():
    totals, by_day = figure_of([1050, 0], [1050, 0], [1.0, 1.0]).tables
    assert [cell.id for cell in by_day.rows[0][4:7:2]] == ["–", "–"]
    assert [cell.id for cell in by_day.rows[1][4:7:2]] == ["100%", "10.000,0"]
    assert [cell.en for cell in by_day.rows[1][4:7:2]] == ["100%", "10,000.0"]
    assert totals.rows[0][:3] == ("gaza", 1050, 1050)


@pytest.mark.parametrize(
    ("length", "unit"), [(1, "day"), (45, "day"), (46, "week"), (500, "month"), (5000, "half")]
)
def test_a_long_time_is_drawn_in_few_bars_and_loses_no_article(length, unit):
    figure = figure_of([2] * length, [1] * length, [1.0] * length)
    rows = figure.data["topics"]
    assert len(rows) <= 121
    assert sum(row["of"] for row in rows) == 2 * sum(row["n"] for row in rows) == 2 * length
    words = {
        "day": "each day",
        "week": "each week",
        "month": "each month",
        "half": "each half-year",
    }
    assert words[unit] in figure.says[0].en


def test_topics_of_a_collection_without_articles_do_no_harm():
    shown = report(Statistics(), RunHistory(), NOW, topics=[Topic(name="gaza", days=[])])
    page = render(shown, "en")
    assert 'id="topics"' in page
    assert "data-chart=" not in page


def test_no_topic_can_become_an_element_or_end_a_script(made):
    evil = '"</script>" <b>kapal'
    with Archive(made) as archive:
        counted = collect_statistics(archive.records(latest=True))
        topics = topics_of(FullText(archive), Selection(), [Query.parse(evil)])
    told = summarize_runs(CrawlLog(made).newest_first())
    page = render(report(counted, told, datetime.now(NOW.tzinfo), topics=topics), "id")
    assert "<b>kapal" not in page
    assert page.count("</script>") == 3
