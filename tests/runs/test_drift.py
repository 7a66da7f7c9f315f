"""A changed template is told by the first run; ten thousand ordinary runs raise no alarm."""

import os
import random

import pytest

from kompas_crawler.runs.drift import HISTORY, findings

FULL = os.environ.get("KOMPAS_PROOFS") == "full"
ORDINARY_RUNS = 10_000 if FULL else 1_500

# How often a field is there on real pages (110 of them, and 209 texts of 2025), by its rule.
USUAL = {
    ("title", "printed"): 0.999,
    ("dateline", "printed"): 0.999,
    ("text", "printed"): 0.9995,
    ("section", "printed"): 0.99,
    ("description", "meta"): 1.0,
    ("published_at", "meta"): 0.995,
    ("place", "printed"): 0.86,
    ("authors", "printed"): 0.84,
    ("editors", "printed"): 0.99,
    ("sources", "printed"): 0.97,
    ("tags", "printed"): 0.98,
    ("related", "printed"): 0.97,
    ("images", "printed"): 0.995,
    ("embeds", "printed"): 0.12,
}
# Kinds of days: how much news there is, and which fields such days lack.
DAYS = (
    (0.80, 1.2, {}),
    (0.12, 0.5, {"sources": 0.7, "place": 0.6}),  # weekends and holidays: features, columns
    (0.06, 1.0, {"sources": 0.3, "place": 0.25, "authors": 0.9, "related": 0.8}),  # round-ups
    (0.02, 4.0, {"authors": 0.4, "embeds": 0.6}),  # breaking news: wires, many embeds
)
BY_HOUR = [0.1, 0.05, 0.05, 0.1, 0.4, 0.8, 1.2, 1.4, 1.5, 1.6, 1.6, 1.5, 1.4, 1.4, 1.5, 1.6]
BY_HOUR += [1.6, 1.5, 1.3, 1.2, 1.0, 0.8, 0.5, 0.3]


def ordinary_run(dice, hour, day):
    _, volume, lacks = day
    rate = BY_HOUR[hour % 24] * volume
    pages = sum(dice.random() < rate / 40 for _ in range(40))
    fields = {}
    for (name, rule), share in USUAL.items():
        share = min(share, lacks.get(name, 1.0))
        hits = sum(dice.random() < share for _ in range(pages))
        fields.setdefault(name, {})[rule] = hits
    missing = pages - fields["title"]["printed"]
    fields["title"]["json-ld"] = missing
    median = dice.lognormvariate(5.6, 0.25)
    return {
        "outcome": "complete",
        "read": pages,
        "fields": fields,
        "layouts": {"read-2022": pages},
        "warnings": {"date-conflict": sum(dice.random() < 0.004 for _ in range(pages))},
        "refused": {"IncompleteArticle": int(dice.random() < 0.01)},
        "median_words": median if pages else None,
        "front_items": 20,
        "newest_age_hours": dice.expovariate(1 / (0.5 if 5 < hour % 24 < 22 else 2.0)),
    }


def ordinary_history(dice, runs):
    lines = []
    for number in range(runs):
        if number % 24 == 0:
            day = dice.choices(DAYS, [share for share, *_ in DAYS])[0]
        lines.append(ordinary_run(dice, number, day))
    return lines


def test_ordinary_runs_raise_no_alarm():
    dice = random.Random("ordinary")
    lines = ordinary_history(dice, ORDINARY_RUNS + HISTORY)
    alarms = [
        (number, found)
        for number in range(len(lines))
        if (
            found := findings(lines[number], reversed(lines[max(0, number - HISTORY) : number]), {})
        )
    ]
    assert alarms == []


def changed(line, name, usual, other):
    fields = {key: dict(rules) for key, rules in line["fields"].items()}
    fields[name] = {other: line["read"]} if other else {}
    fields[name].pop(usual, None)
    return {**line, "fields": fields}


def busy_run(dice, pages=4):
    line = ordinary_run(dice, 10, DAYS[0])
    while line["read"] < pages:
        line = ordinary_run(dice, 10, DAYS[3])
    return line


@pytest.mark.parametrize(
    ("name", "usual", "other", "history"),
    [
        ("title", "printed", "json-ld", HISTORY),
        ("dateline", "printed", None, HISTORY),
        ("text", "printed", "fallback", HISTORY),
        ("editors", "printed", "meta", HISTORY),
        ("tags", "printed", None, HISTORY),
        ("published_at", "meta", "json-ld", HISTORY),
        # What every page has is missed by the first run ever.
        ("title", "printed", "json-ld", 0),
        ("dateline", "printed", None, 0),
        ("text", "printed", "fallback", 0),
    ],
)
def test_a_renamed_class_is_told_with_its_field_and_an_example(name, usual, other, history):
    dice = random.Random(f"change of {name}")
    before = ordinary_history(dice, 3 * history)[::-1]
    pages = 4 if name in ("title", "dateline", "text") else 10
    line = changed(busy_run(dice, pages), name, usual, other)
    found = findings(line, before, {f"{name}:{other or 'none'}": "https://www.kompas.com/a"})
    assert [each["what"] for each in found] == [name]
    assert found[0]["example"] == "https://www.kompas.com/a"


def test_a_change_is_told_although_each_run_reads_one_article():
    dice = random.Random("hourly")
    before = ordinary_history(dice, HISTORY)[::-1]
    one = {**ordinary_run(dice, 9, DAYS[0]), "read": 1}
    one["fields"] = {name: {rule: 1} for name, rule in USUAL}
    told = []
    for _ in range(6):
        line = changed(one, "title", "printed", "json-ld")
        told = findings(line, before, {})
        if told:
            break
        before = [line, *before]
    assert [each["what"] for each in told] == ["title"]


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("unknown", {"layouts": {"unknown": 9}}),
        ("conflicts", {"warnings": {"date-conflict": 9}}),
        ("refused", {"refused": {"IncompleteArticle": 9}}),
        ("front-items", {"front_items": 3}),
        ("freshness", {"newest_age_hours": 60.0}),
        ("text-length", {"median_words": 30.0}),
    ],
)
def test_other_signs_of_a_change_are_told(what, change):
    dice = random.Random(what)
    before = ordinary_history(dice, 3 * HISTORY)[::-1]
    line = {**busy_run(dice), "read": 9}
    line["fields"] = {name: {rule: 9} for name, rule in USUAL}
    found = findings({**line, **change}, before, {})
    assert what in [each["what"] for each in found]


@pytest.mark.parametrize(
    ("change", "tells"),
    [
        ({"layouts": {"unknown": 11}}, ["unknown"]),  # of 48: a template that comes step by step
        ({"layouts": {"unknown": 2}}, []),
        ({"warnings": {"date-conflict": 11}}, []),
        ({"refused": {"IncompleteArticle": 11}}, []),
    ],
)
def test_a_part_of_the_pages_is_drift_only_in_a_new_layout(change, tells):
    dice = random.Random("a part")
    before = ordinary_history(dice, 3 * HISTORY)[::-1]
    line = {**busy_run(dice), "read": 48}
    line["fields"] = {name: {rule: 48} for name, rule in USUAL}
    found = findings({**line, **change}, before, {})
    assert [each["what"] for each in found] == tells


def test_runs_that_drifted_are_not_what_is_usual():
    dice = random.Random("again")
    usual = ordinary_history(dice, 3 * HISTORY)[::-1]
    line = changed(busy_run(dice), "title", "printed", "json-ld")
    drifted = [{**line, "outcome": "drift", "drift": [{"what": "title"}]}] * 40
    assert findings(line, [*drifted, *usual], {})


@pytest.mark.parametrize("target", ["title", "dateline", "body", "item"])
@pytest.mark.parametrize("spider", ["international", "backfill"])
def test_the_first_run_after_a_template_change_tells_and_stores_what_it_can(
    stand_in, crawl, target, spider
):
    site = stand_in("--days", "2", "--per-day", "12", "--layout", "read-2022")
    site.fail({"kind": "rename", "target": target, "match": "*"})
    done = crawl(site, spider, "since=2d")
    assert done.code == 11, done.log
    assert done.line["outcome"] == "drift"
    assert sorted(record["id"] for record in done.records) == sorted(site.ids())
    told = [found["what"] for found in done.line["drift"]]
    if target == "item":
        assert done.line["unknown_listings"]
        assert "No list recognised" in done.log
    else:
        assert {"title": "title", "dateline": "dateline", "body": "text"}[target] in told
        assert all(found["example"] for found in done.line["drift"]), done.line["drift"]
