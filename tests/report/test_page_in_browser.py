"""The report in a real browser: both languages, both colour schemes, a desk and a phone."""

import base64
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from kompas_crawler.archive.store import Archive
from kompas_crawler.audit.changes import changes_of
from kompas_crawler.report.figures import report
from kompas_crawler.report.history import RunHistory, summarize_runs
from kompas_crawler.report.page import render
from kompas_crawler.report.statistics import Statistics, collect_statistics
from kompas_crawler.report.topics import topics_of
from kompas_crawler.runs.intervals import Interval
from kompas_crawler.runs.log import CrawlLog
from kompas_crawler.runs.state import State
from kompas_crawler.search.fulltext import FullText
from kompas_crawler.search.selection import Query, Selection
from tests.browser import CHROMIUM, Browser
from tests.invented_collections import NOW, collection

pytestmark = [
    pytest.mark.skipif(
        CHROMIUM is None, reason="no chromium on this machine: apt-get install chromium, then again"
    ),
]

CHARTS = ["topics", "days", "coverage", "hours", "places", "tags", "length", "runs", "delays"]
BARS = ["places", "sources", "writers", "fields"]


def eventually(condition):
    """Return a script that gives true as soon as a condition holds, false after half a minute."""
    return f"""new Promise(resolve => {{
      const begin = Date.now();
      (function look() {{
        if ({condition}) return resolve(true);
        if (Date.now() - begin > 30000) return resolve(false);
        setTimeout(look, 20);
      }})();
    }})"""


def drawn(language):
    return eventually(f"document.documentElement.dataset.drawn === '{language}'")


# What is to be seen of each chart: shapes with an area, in colours other than the card's.
SHAPES = """Object.fromEntries([...document.querySelectorAll("[data-chart]")].map(place => {
  const card = getComputedStyle(place.closest("figure")).backgroundColor;
  const shapes = [...place.querySelectorAll("svg .mark-rect path, svg .mark-shape path,"
                                            + "svg .mark-symbol path")].filter(path => {
    const { width, height } = path.getBoundingClientRect();
    const { fill } = getComputedStyle(path);
    return width > 1 && height > 0 && fill !== "none" && fill !== card;
  });
  return [place.dataset.chart, shapes.length];
}))"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    root = collection(tmp_path_factory.mktemp("made") / "output", days=500, words=150)
    with Archive(root) as archive:
        counted = collect_statistics(archive.records(latest=True))
        changes = [change for _, each in counted.changed for change in changes_of(archive, each)]
        asked = map(Query.parse, ("kapal -hujan", '"1 dari"', "kereta api cepat jarak jauh"))
        topics = topics_of(FullText(archive), Selection(), asked)
    path = root / "report.html"
    told = summarize_runs(CrawlLog(root).newest_first())
    shown = render(report(counted, told, NOW, changes=changes, topics=topics), "id")
    path.write_text(shown, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    opened = Browser(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


def show(browser, page, *, width=1280, scheme="light", language="id"):
    browser.open(page, width=width, scheme=scheme)
    assert browser.run(drawn("id"))
    if language != "id":
        browser.run(f"document.querySelector('input[value={language}]').click()")
        assert browser.run(drawn(language))


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_every_figure_is_drawn_without_a_word_of_complaint(browser, page, width, scheme, language):
    show(browser, page, width=width, scheme=scheme, language=language)
    assert browser.troubles() == []
    shapes = browser.run(SHAPES)
    assert list(shapes) == CHARTS
    assert {name: number for name, number in shapes.items() if number < 5} == {}
    for name in BARS:
        lengths = browser.run(
            f"[...document.querySelectorAll('.bars.{name} i')].map(bar => bar.offsetWidth)"
        )
        assert len(lengths) > 3, name
        assert max(lengths) > 100, name
    assert browser.run("document.documentElement.scrollWidth") == width


# The texts of charts of which a part lies outside of the drawing.
CUT_OFF = """[...document.querySelectorAll("[data-chart] svg")].flatMap(svg => {
  const frame = svg.getBoundingClientRect();
  return [...svg.querySelectorAll("text")].filter(text => {
    const { left, right, width } = text.getBoundingClientRect();
    return width && (left < frame.left - 1 || right > frame.right + 1);
  }).map(text => text.textContent);
})"""


def test_no_text_of_a_chart_is_cut_off(browser, page):
    for width in (1280, 768, 360):
        show(browser, page, width=width)
        assert browser.run(CUT_OFF) == []


def test_only_one_language_is_seen_and_the_charts_speak_it(browser, page):
    told = {}
    for language in ("id", "en"):
        show(browser, page, language=language)
        told[language] = browser.run("document.body.innerText")
        labels = browser.run("document.querySelector('[data-chart=days]').textContent")
        assert ("Agu" in labels, "Aug" in labels) == (language == "id", language == "en")
    assert "Artikel per hari" in told["id"]
    assert "Articles per day" not in told["id"]
    assert "Articles per day" in told["en"]
    assert "Artikel per hari" not in told["en"]


def test_the_switch_of_colours_overrules_the_system(browser, page):
    show(browser, page, scheme="dark")
    colours = "[document.body, document.querySelector('.mark-shape path')].map(part =>"
    colours += " getComputedStyle(part)[part === document.body ? 'backgroundColor' : 'fill'])"
    dark = browser.run(colours)
    browser.run("document.querySelector('input[value=light]').click()")
    light = browser.run(colours)
    browser.run("document.querySelector('input[value=auto]').click()")
    assert browser.run(colours) == dark
    assert all(ours != theirs for ours, theirs in zip(dark, light, strict=True))


def test_text_can_be_read_on_its_ground(browser, page):
    for scheme in ("light", "dark"):
        show(browser, page, scheme=scheme)
        weak = browser.run(
            """(() => {
              const shine = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v =>
                v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
              ).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
              const numbers = text => text.match(/[0-9.]+/g).map(Number);
              const ground = part => {
                for (; part; part = part.parentElement) {
                  const colour = numbers(getComputedStyle(part).backgroundColor);
                  if (colour.length < 4 || colour[3] > 0) return colour;
                }
                return [255, 255, 255];
              };
              return [...document.querySelectorAll("h1,h2,h3,p,dt,dd,a,li span,summary,label span")]
                .filter(part => part.offsetWidth > 1 && part.textContent.trim()).filter(part => {
                  const two = [shine(numbers(getComputedStyle(part).color)), shine(ground(part))];
                  return (Math.max(...two) + 0.05) / (Math.min(...two) + 0.05) < 4.5;
                }).map(part => part.outerHTML.slice(0, 80));
            })()"""
        )
        assert weak == []


def test_everything_is_reached_with_the_keyboard(browser, page):
    show(browser, page)
    reached = set()
    for _ in range(60):
        for kind in ("rawKeyDown", "keyUp"):
            browser.ask(
                "Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab",
                windowsVirtualKeyCode=9,
            )  # fmt: skip
        reached.add(
            browser.run(
                "(at => at.name || (at.tagName == 'SUMMARY' ? at.closest('figure').id"
                " : at.getAttribute('href')))(document.activeElement)"
            )
        )
    assert {"language", "scheme", "#content", "#runs"} <= reached
    assert {*CHARTS, *BARS} <= reached


def test_every_picture_has_a_name_and_a_description(browser, page):
    show(browser, page, language="en")
    browser.ask("Accessibility.enable")
    nodes = browser.ask("Accessibility.getFullAXTree")["nodes"]
    names = [
        node["name"]["value"]
        for node in nodes
        if node.get("role", {}).get("value") in ("image", "img") and not node["ignored"]
    ]
    assert len(names) == len(CHARTS)
    assert names[1].startswith("Articles per day On average")
    assert all(len(name) > 30 for name in names)


def test_a_turned_phone_is_drawn_anew(browser, page):
    show(browser, page, width=360)
    browser.ask(
        "Emulation.setDeviceMetricsOverride",
        width=800, height=360, deviceScaleFactor=1, mobile=True,
    )  # fmt: skip
    fits = """[...document.querySelectorAll("[data-chart]")].every(place =>
      place.clientWidth > 600
      && Math.abs(place.querySelector("svg").getBoundingClientRect().width - place.clientWidth) < 3
    )"""
    assert browser.run(eventually(fits))
    assert browser.troubles() == []


def of_days(days, proven, places=("KYIV", "ATLANTIS")):
    """Return the page of equal days up to today, the last ones of which are proven."""
    told, state = Statistics(), State()
    for back in range(days):
        day = NOW.date() - timedelta(days=back)
        told.days[day] = 4
        told.articles += 4
        told.hours[back % 24] += 4
        told.lengths[250 + back % 3 * 50] += 4
        told.tags["Rusia"] += 1 + back % 3
        told._add_tags(day, ["Rusia"] * (1 + back % 3))
    told.places.update(places)
    if proven:
        midnight = NOW.replace(hour=0) - timedelta(days=proven - 1)
        state = replace(state, coverage=(Interval(midnight, NOW),))
    runs = Counter({(NOW.date() - timedelta(days=n), "complete"): 1 for n in range(proven)})
    return render(report(told, RunHistory(state=state, outcomes=runs), NOW), "id")


# How strongly each shape of a chart stands out from its card, weakest last.
CONTRASTS = """(() => {
  const shine = text => text.match(/[0-9.]+/g).slice(0, 3).map(v => v / 255).map(v =>
    v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
  ).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  return [...document.querySelectorAll("[data-chart] .mark-rect path")].map(path => {
    const card = shine(getComputedStyle(path.closest("figure")).backgroundColor);
    const { fill } = getComputedStyle(path);
    const hatching = /url\\(.?#(\\S+?).?\\)/.exec(fill)?.[1];
    const rects = hatching ? [...document.getElementById(hatching).children] : [path];
    return Math.max(...rects.map(rect => getComputedStyle(rect).fill).filter(f => f !== "none"
      && !f.startsWith("rgba(0, 0, 0, 0")).map(shine).map(own =>
      (Math.max(own, card) + 0.05) / (Math.min(own, card) + 0.05)));
  });
})()"""


@pytest.mark.parametrize("days", [1, 3, 30, 90])
def test_a_short_collection_fills_its_figures(browser, tmp_path, days):
    path = tmp_path / "report.html"
    path.write_text(of_days(days, -(-days // 3)), encoding="utf-8")
    for width in (1280, 768, 360):
        show(browser, path, width=width, scheme="dark")
        assert browser.troubles() == []
        assert browser.run("document.documentElement.scrollWidth") == width
        share = browser.run(
            """(places => places.map(place => {
              const bars = [...place.querySelectorAll(".mark-rect path")].map(
                path => path.getBoundingClientRect());
              const width = Math.max(...bars.map(b => b.right)) - Math.min(...bars.map(b => b.left));
              return width / place.clientWidth;
            }))(["days", "coverage"].map(n => document.querySelector(`[data-chart=${n}]`)))"""
        )
        assert min(share) > 0.75
        assert min(browser.run(CONTRASTS)) > 1.25
        for name in ("days", "tags"):
            texts = browser.run(
                f"[...document.querySelectorAll('[data-chart={name}] .role-axis-label text')]"
                ".map(text => text.textContent)"
            )
            assert any("Nov" in text or "Okt" in text for text in texts), texts
        assert browser.run(CUT_OFF) == []


@pytest.mark.parametrize("days", [3, 120])
def test_no_axis_names_a_number_twice(browser, tmp_path, days):
    path = tmp_path / "report.html"
    path.write_text(of_days(days, 2), encoding="utf-8")
    show(browser, path)
    axes = browser.run(
        """[...document.querySelectorAll("[data-chart] .role-axis")].map(axis =>
          [...axis.querySelectorAll(".role-axis-label text")].map(text => text.textContent)
        ).filter(labels => labels.every(label => /^[0-9.]+$/.test(label)))"""
    )
    assert len(axes) > 4
    assert [labels for labels in axes if len(labels) != len(set(labels))] == []


def test_without_a_place_that_is_known_there_is_no_map(browser, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(of_days(5, 2, places=("KASENGA",)), encoding="utf-8")
    show(browser, path)
    assert browser.troubles() == []
    assert browser.run("document.querySelector('[data-chart=places]')") is None
    assert "KASENGA (1)" in browser.run("document.querySelector('#places').innerText")


def test_a_table_is_copied_as_a_spreadsheet_takes_it(browser, page):
    show(browser, page)
    browser.run("document.querySelectorAll('details').forEach(each => each.open = true)")
    copied = browser.run(
        """new Promise(resolve => {
          Object.defineProperty(navigator, "clipboard", {
            value: { writeText: async text => resolve(text) } });
          document.querySelector("#sources .copy").click();
        })"""
    )
    head, first, *_ = copied.split("\n")
    assert head == "Sumber\tArtikel\tPersentase"
    name, number, share = first.split("\t")
    assert (name, number.isdecimal(), share[-1]) == ("AFP", True, "%")


def test_a_link_to_a_difference_opens_it(browser, page):
    show(browser, page, width=360)
    each = "[...document.querySelectorAll('#changed .change')]"
    assert browser.run(f"{each}.length") > 20
    assert browser.run(f"{each}.at(-1).open") is False
    browser.run(f"location.hash = '#' + {each}.at(-1).id")
    assert browser.run(eventually(f"{each}.at(-1).open"))
    body = browser.run(f"{each}.at(-1).innerText")
    assert "Berubah di antara dua pengambilan" in body
    assert "Tambahan." in body
    browser.run("document.querySelector('[data-all]').click()")
    assert browser.run(f"{each}.every(one => one.open)")
    assert browser.run("document.documentElement.scrollWidth") == 360


def test_it_prints_on_few_pages(browser, page):
    show(browser, page)
    pdf = base64.b64decode(browser.ask("Page.printToPDF", printBackground=True)["data"])
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) <= 7  # one of them the topics
