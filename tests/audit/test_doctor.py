"""Does `scrapy doctor` see what Kompas has changed, say what to do, and is that then enough?"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kompas_crawler.audit.doctor import (
    FRONT,
    INDEX,
    Check,
    Fact,
    check_article,
    check_list,
    check_robots,
    check_sitemap,
    check_sitemap_index,
    fields_never_found,
)
from kompas_crawler.audit.fixtures import article_fixture, fields_of_page, listing_fixture
from kompas_crawler.audit.selector_hints import guess_selector
from kompas_crawler.errors import StorageFailed
from kompas_crawler.pages import read_article
from kompas_crawler.pages.document import Document
from kompas_crawler.pages.layouts import LAYOUTS
from kompas_crawler.timezones import WIB
from kompas_crawler.urls import ROBOTS, SITEMAP_INDEX
from tests.command_line import scrapy
from tests.conftest import ROOT

PAGES = Path(__file__).parents[1] / "pages"
NOW = datetime(2026, 4, 17, 12, tzinfo=WIB)
KINDS = ["robots.txt", "section front", "daily index", "sitemap index", "news sitemap"]
KINDS += ["article"] * 3


def examined(site, output, *words, **more):
    return scrapy("doctor", *words, remote=site, output=output, **more)


@pytest.mark.parametrize(
    "options",
    [
        ("--layout", "read-2022"),
        ("--layout", "read-2017", "--index-markup", "2017"),
        ("--layout", "kcm-2015", "--index-site", "news"),
        ("--layout", "mobile-2021", "--no-page-all"),
    ],
    ids=" ".join,
)
def test_pages_of_every_known_layout_are_recognised(stand_in, tmp_path, options):
    site = stand_in("--days", "2", "--per-day", "20", *options)

    done = examined(site, tmp_path / "output", "--json")

    assert done.code == 0, done.out + done.log
    checks = done.json["checks"]
    assert [check["what"] for check in checks] == KINDS
    assert {check["layout"] for check in checks[5:]} == {options[1]}
    assert all(check["facts"]["title"]["from"] == "printed" for check in checks[5:])
    assert len({check["url"] for check in checks[5:]}) == 3
    assert len(site.requests()) <= 14
    assert not (tmp_path / "output").exists(), "a visit stores nothing"


def test_people_read_what_came_from_where(stand_in, tmp_path):
    site = stand_in("--days", "2", "--per-day", "20", "--layout", "read-2022")
    out = examined(site, tmp_path).out
    assert "8 of 8 pages recognised." in out
    assert re.search(r"article: recognised as read-2022\n  https://\S+\?page=all\n", out)
    assert re.search(r"\n  published_at +meta +20\d\d-\d\d-\d\dT", out)
    assert re.search(r"\n  crawl-delay +none", out)
    assert " object at 0x" not in out


@pytest.mark.parametrize(
    ("target", "layout", "what", "name", "place"),
    [
        ("title", "read-2022", "article", "title", ".eltit__daer"),
        ("dateline", "read-2017", "article", "dateline", ".emit__daer"),
        ("body", "read-2017", "article", "layout", ".tnetnoc__daer"),
        ("body", "kcm-2015", "article", "article", "see LAYOUTS in"),
        ("item", "read-2022", "section front, daily index", "list", "metIelcitra"),
    ],
)
def test_a_renamed_class_is_seen_and_found_again(
    stand_in, tmp_path, target, layout, what, name, place
):
    site = stand_in("--days", "2", "--per-day", "20", "--layout", layout)
    site.fail({"kind": "rename", "target": target})

    done = examined(site, tmp_path, "--json")

    assert done.code == 22, done.out
    changed = [check for check in done.json["checks"] if check["what"] in what]
    assert len(changed) >= 2
    for check in changed:
        assert check["recognised"] is False
        (unknown,) = [each for each in check["unknown"] if each["name"] == name]
        assert place in unknown["advice"]
    others = [c for c in done.json["checks"] if target != "item" and c["what"] != "article"]
    assert all(check["recognised"] for check in others)


@pytest.mark.parametrize(
    ("html", "place"),
    [
        ("<div class='new body'><p>{}</p></div>", ".new"),
        ("<div id=body><div><p>{}</p></div></div>", "#body"),
        ("<div><p>{}</p></div>", "div"),
    ],
)
def test_the_box_of_the_text_is_told_by_the_nearest_name(html, place):
    page = Document(f"<html><body>{html.format('Kapal itu berlayar. ' * 20)}</body></html>")
    assert guess_selector(page, "text") == place


def test_a_heading_without_a_name_is_told_by_its_box():
    page = Document("<html><body><div class='top'><h1>Kapal Berlayar</h1></div></body></html>")
    assert guess_selector(page, "title") == ".top h1"
    assert [each.text() for each in page.root.css(".top h1")] == ["Kapal Berlayar"]


def test_without_a_list_the_sitemap_leads_to_articles(stand_in, tmp_path):
    site = stand_in("--days", "2", "--per-day", "20", "--layout", "read-2022")
    site.fail(
        {"kind": "status", "status": 500, "match": "*date=*"},
        {"kind": "rename", "target": "item"},
    )
    done = examined(site, tmp_path, "--json", RETRY_TIMES="0")
    assert done.code == 22
    assert [check["recognised"] for check in done.json["checks"]] == [
        *(True, False, False, True, True),
        *(True, True, True),
    ]


def test_shortly_after_midnight_the_day_before_is_shown(stand_in, tmp_path):
    yesterday = (datetime.now(WIB) - timedelta(days=1)).date()
    site = stand_in("--days", "2", "--per-day", "20", "--last-day", str(yesterday))
    done = examined(site, tmp_path, "--json")
    assert done.code == 0, done.out
    (index,) = [check for check in done.json["checks"] if check["what"] == "daily index"]
    assert f"date={yesterday}" in index["url"]


@pytest.mark.parametrize(
    ("fault", "code", "says"),
    [
        ({"kind": "challenge", "match": "*"}, 12, "blocked: "),
        ({"kind": "reset", "match": "*"}, 13, "unreachable: "),
        ({"kind": "status", "status": 500, "match": "*/read/*"}, 10, "http-500"),
        ({"kind": "empty", "match": "*/sitemap.xml"}, 10, "not fetched"),
    ],
)
def test_what_is_not_had_is_no_change_of_layout(stand_in, tmp_path, fault, code, says):
    site = stand_in("--days", "2", "--per-day", "20")
    site.fail(fault)
    done = examined(site, tmp_path, RETRY_TIMES="0", KOMPAS_BLOCKED_LIMIT="1")
    assert done.code == code, done.out
    assert says in done.out


def test_no_robots_txt_allows_everything(stand_in, tmp_path):
    site = stand_in("--days", "2", "--per-day", "20")
    site.fail({"kind": "status", "status": 404, "match": "*/robots.txt"})
    done = examined(site, tmp_path)
    assert done.code == 0, done.out
    assert "none: Kompas has no robots.txt" in done.out


def test_a_word_too_much_is_refused(tmp_path):
    done = scrapy("doctor", "now", output=tmp_path)
    assert done.code == 2
    assert "doctor takes no 'now'" in done.log


# Saving cases.


def test_saved_pages_are_test_cases(stand_in, tmp_path):
    site = stand_in("--days", "2", "--per-day", "20", "--layout", "read-2022")
    folder = tmp_path / "pages"

    done = examined(site, tmp_path, "--save", str(folder))
    again = examined(site, tmp_path, "--save", str(folder))

    assert done.code == 0
    assert done.out.count("\nsaved ") == again.out.count(" already exists") == 5
    saved = sorted(path.relative_to(folder) for path in folder.rglob("*.*"))
    assert len(saved) == 10
    assert {path.with_suffix("") for path in saved if path.suffix == ".html"} == {
        path.with_suffix("") for path in saved if path.suffix == ".json"
    }
    for record in (folder / "articles").glob("*.json"):
        expected = json.loads(record.read_text(encoding="utf-8"))
        truth = site.record(expected["id"])
        assert list(expected)[:3] == ["_url", "_what", "id"]
        for name in ("title", "tags", "authors", "published_at"):
            assert expected[name] == truth[name]
        assert "\n\n".join(expected["text"]) == truth["text"]


def saved_case(folder):
    record = PAGES / "articles" / "refused-no-title.json"
    url = json.loads(record.read_text())["_url"]
    return article_fixture("<html></html>", url, "why").save(folder)


def test_what_a_person_has_corrected_is_not_written_over(tmp_path):
    page = saved_case(tmp_path)
    page.with_suffix(".json").write_text("corrected")
    page.unlink()
    assert saved_case(tmp_path) is None
    assert page.with_suffix(".json").read_text() == "corrected"


def test_a_directory_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed, match="Not a directory"):
        saved_case(tmp_path / "file" / "below")


def test_a_refused_page_is_saved_as_a_refusal():
    page = (PAGES / "articles" / "refused-no-title.html").read_text(encoding="utf-8")
    expected = json.loads((PAGES / "articles" / "refused-no-title.json").read_text())
    case = article_fixture(page, expected["_url"], "why")
    assert case.name.startswith("refused-")
    assert case.expected == {
        "_url": expected["_url"],
        "_what": "why",
        "_refused": expected["_refused"],
    }


@pytest.mark.parametrize("record", sorted((PAGES / "articles").glob("read-*.json")), ids=str)
def test_a_case_is_written_as_the_cases_are(record):
    expected = json.loads(record.read_text(encoding="utf-8"))
    page = record.with_suffix(".html").read_text(encoding="utf-8", errors="replace")
    article = read_article(page, expected["_url"])
    fields = fields_of_page(article)
    assert list(fields) == [name for name in expected if not name.startswith("_")]
    assert fields["text"] == article.text.split("\n\n")


def test_a_list_is_written_as_the_cases_are():
    record = PAGES / "listings" / "front-2024-first-page.json"
    expected = json.loads(record.read_text(encoding="utf-8"))
    page = record.with_suffix(".html").read_text(encoding="utf-8")
    case = listing_fixture(page, expected["_url"], expected["_what"], "front")
    assert (case.name, case.expected) == ("front-list-2024", expected)


# docs/layouts.md, followed to the letter.


def documented(language, after):
    """The first block of code of that language after a heading of docs/layouts.md."""
    text = (ROOT / "docs" / "layouts.md").read_text(encoding="utf-8")
    part = text.split(f"\n## {after}", 1)[1]
    return re.search(rf"```{language}\n(.*?)```", part, re.DOTALL)[1]


def test_the_documented_row_makes_the_changed_pages_known(stand_in, tmp_path):
    home = tmp_path / "home"
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("kompas_crawler", "kompas_standin", "tests"):
        shutil.copytree(ROOT / name, home / name, ignore=ignored)
    for name in ("scrapy.cfg", "pyproject.toml"):
        shutil.copy(ROOT / name, home / name)
    site = stand_in("--days", "2", "--per-day", "20", "--layout", "read-2017")
    site.fail(*json.loads(documented("json", "1.")))
    cases = home / "tests" / "pages"
    known = set(cases.rglob("*.json"))
    before = examined(site, tmp_path, "--save", str(cases), home=home)
    assert before.code == 22
    assert f"none of {', '.join(row.name for row in LAYOUTS)}" in before.out
    assert f"none of {', '.join(row.name for row in LAYOUTS)}" in documented("console", "1.")

    table = home / "kompas_crawler" / "pages" / "layouts.py"
    row = documented("python", "3.")
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace("LAYOUTS = (\n", f"LAYOUTS = (\n{row}", 1), encoding="utf-8")

    after = examined(site, tmp_path, "--json", home=home)
    assert after.code == 0, after.out
    assert {check["layout"] for check in after.json["checks"][5:]} == {"read-2027"}
    # The saved records still say `unknown`, until a person has looked at them.
    assert pages_tested(home) != 0
    for record in set(cases.rglob("*.json")) - known:
        said = record.read_text(encoding="utf-8")
        assert record.parent.name == "listings" or '"layout": "unknown"' in said
        record.write_text(said.replace('"layout": "unknown"', '"layout": "read-2027"'))
    assert pages_tested(home) == 0


def pages_tested(home):
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "tests/pages/test_fixtures.py",
            "-p",
            "no:cacheprovider",
        ],
        cwd=home,
        capture_output=True,
        check=False,
    ).returncode


# Single pages.


def unknown_in(check):
    return [each.name for each in check.unknown]


@pytest.mark.parametrize("name", ["front-2024-first-page", "index-2017-first-page"])
def test_a_saved_list_is_recognised(name):
    page = (PAGES / "listings" / f"{name}.html").read_text(encoding="utf-8")
    url = json.loads((PAGES / "listings" / f"{name}.json").read_text())["_url"]
    check = check_list(FRONT if "front" in name else INDEX, page, url, NOW)
    assert check.recognised, check.unknown
    assert check.layout in name.replace("front", "list").replace("index", "list")


def item(number, printed="17 April 2026", host="www.kompas.com/global"):
    return (
        f'<div class="articleItem"><a href="https://{host}/read/2026/04/17/1000{number:02}170/x">'
        f'<h2 class="articleTitle">Judul</h2></a><div class="articlePost-date">{printed}</div></div>'
    )


@pytest.mark.parametrize(
    ("page", "unknown"),
    [
        ("".join(item(n) for n in range(8)), []),
        ("".join(item(n) for n in range(20)), ["next_link"]),
        ("".join(item(n, printed="tadi") for n in range(8)), ["printed_date"]),
        ("".join(item(n, host="www.kompas.com/tren") for n in range(8)), ["articles"]),
        ("<p>Apa saja.</p>", ["list"]),
        ("".join(item(n).replace("articleItem", "kotak") for n in range(8)), ["list"]),
    ],
)
def test_what_a_front_lacks_is_named(page, unknown):
    check = check_list(
        FRONT, f"<html><body>{page}</body></html>", "https://www.kompas.com/global", NOW
    )
    assert unknown_in(check) == unknown


def test_robots_rules_for_this_crawler_are_told():
    text = "User-agent: *\nDisallow:\n\nUser-agent: kompas_crawler\nCrawl-delay: 7\nDisallow: /global\n"
    check = check_robots(text, ROBOTS, "kompas_crawler", "https://www.kompas.com/global/read/1")
    told = {fact.name: fact.value for fact in check.facts}
    assert told == {
        "section front": "forbidden",
        "article": "forbidden",
        "sitemap": "may be asked",
        "crawl-delay": "7 s",
    }
    assert unknown_in(check_robots("<html>Maaf</html>", ROBOTS, "x", ROBOTS)) == ["robots.txt"]


def test_sitemaps_without_the_section_are_unknown():
    other = "<loc>https://www.kompas.com/sitemap-news-bola.xml</loc>"
    assert unknown_in(check_sitemap_index(other, SITEMAP_INDEX)) == ["sitemap of the section"]
    assert unknown_in(check_sitemap(other, SITEMAP_INDEX)) == ["articles"]


def test_a_page_that_is_no_article_is_unknown_with_its_evidence():
    page = (PAGES / "articles" / "refused-video.html").read_text(encoding="utf-8")
    url = json.loads((PAGES / "articles" / "refused-video.json").read_text())["_url"]
    (unknown,) = check_article(page, url).unknown
    assert unknown.name == "article"
    assert "NotAnArticle" in unknown.found


def test_fields_that_no_article_had_are_told():
    def check(*names):
        return Check(what="article", url="x", facts=tuple(Fact(name=n, value="1") for n in names))

    everything = ["section", "authors", "editors", "sources", "description", "images", "related"]
    assert fields_never_found([check("title", "section"), check(*everything)]) == ("tags",)
    assert fields_never_found([]) == ()
