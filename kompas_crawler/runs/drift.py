"""Drift: signs that Kompas has changed its pages since earlier runs.

A changed template does not break a crawl: a fallback rule answers, or none. So a run is compared
with earlier ones by the rule that answered for each field, the length of articles, the number of
items on the front and the pages refused. Quiet nights, holidays and days of round-ups are no drift:
the probability that a finding is an ordinary run is below `SURPRISE`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, lgamma
from statistics import median_high
from typing import Any

HISTORY = 30  # runs that are compared with
ENOUGH = 4  # pages; a run that read fewer is judged together with the runs just before it
SURPRISE = 2e-6  # chance of an ordinary run per comparison
DROP = 0.3  # of all pages; a smaller change is not worth a person's evening
NEW_LAYOUT = 0.1  # of all pages: a template comes step by step, and no real page at hand has none
USUAL = 0.5  # share of pages a rule must have answered for to be missed
MEDIANS = 4  # runs with a number that are needed before another one is compared with them
LONG_ENOUGH = 8  # articles whose median length means something

# On all 110 real pages examined these were printed where their layout has them.
ALWAYS = {("title", "printed"): 110, ("dateline", "printed"): 110, ("text", "printed"): 110}
# Articles of a day resemble each other (a writer, a series), so their pages count for fewer.
ALIKE = 2.0

SHORT = 0.35  # of the usual median length
FEW_ITEMS = 0.5  # of the usual items on the front
STALE_HOURS = 18.0  # the longest silence of the section that was seen is under 8 hours

REFUSALS = ("IncompleteArticle", "NotAnArticle", "invalid-record")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What one run, or several together, counted."""

    pages: int = 0
    rules: Mapping[tuple[str, str], int] = field(default_factory=dict)
    unknown: int = 0
    conflicts: int = 0
    refused: int = 0
    words: float | None = None  # median of an article
    front_items: int | None = None
    age: float | None = None  # hours since the newest article listed

    @classmethod
    def of(cls, line: Mapping[str, Any]) -> Sample:
        """Return the counts in a line of `crawls.jsonl`."""
        rules = {
            (name, rule): count
            for name, counts in line.get("fields", {}).items()
            for rule, count in counts.items()
        }
        return cls(
            pages=line.get("read", 0),
            rules=rules,
            unknown=line.get("layouts", {}).get("unknown", 0),
            conflicts=line.get("warnings", {}).get("date-conflict", 0),
            refused=sum(line.get("refused", {}).get(name, 0) for name in REFUSALS),
            words=line.get("median_words"),
            front_items=line.get("front_items"),
            age=line.get("newest_age_hours"),
        )


def findings(
    line: Mapping[str, Any], before: Iterable[Mapping[str, Any]], examples: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the changes found, each with its name, the shares and an example address.

    `line` is the run's line of `crawls.jsonl`, `before` are earlier ones of the same spider, newest
    first. `examples` has an address for each "FIELD:RULE" and refusal of the run.
    """
    history = [Sample.of(each) for each in _comparable(before)]
    now = Sample.of(line)
    found = [*_lost_rules(now, history), *_shares(now, history)]
    found += [*_lengths(now, history), *_lists(now, history)]
    return [{**each, "example": _example(each, examples)} for each in found]


def _comparable(before: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the newest lines of runs that read pages and found no drift."""
    chosen = []
    for line in before:
        usual = line.get("outcome") in ("complete", "partial", "stopped") and not line.get("drift")
        if usual and line.get("read"):
            chosen.append(line)
        if len(chosen) == HISTORY:
            break
    return chosen


def _pooled(samples: Sequence[Sample]) -> Sample:
    rules: Counter[tuple[str, str]] = Counter()
    for sample in samples:
        rules.update(sample.rules)
    return Sample(
        pages=sum(sample.pages for sample in samples),
        rules=rules,
        unknown=sum(sample.unknown for sample in samples),
        conflicts=sum(sample.conflicts for sample in samples),
        refused=sum(sample.refused for sample in samples),
    )


def _split(now: Sample, history: Sequence[Sample]) -> tuple[Sample, Sample]:
    """Return a sample of at least `ENOUGH` newest pages, and one of the rest."""
    newest, rest = [now], list(history)
    while rest and sum(sample.pages for sample in newest) < ENOUGH:
        newest.append(rest.pop(0))
    return _pooled(newest), _pooled(rest)


def _lost_rules(now: Sample, history: Sequence[Sample]) -> Iterable[dict[str, Any]]:
    """Yield the rules that supplied a field before and no longer do.

    A run of few pages without anything unusual is not judged by the runs before it.
    """
    if not now.pages:
        return
    recent, past = _split(now, history)
    for rule in sorted({*past.rules, *ALWAYS}):
        always = ALWAYS.get(rule, 0)
        trials, hits = past.pages + always, past.rules.get(rule, 0) + always
        if now.rules.get(rule, 0) == now.pages or hits < USUAL * trials:
            continue
        alike = 1.0 if always else ALIKE
        seen = recent.rules.get(rule, 0)
        if _is_surprising(seen, recent.pages, hits / alike, (trials - hits) / alike):
            was, share = hits / trials, seen / recent.pages
            if was - share >= DROP:
                yield _finding(rule[0], was, share, f"{rule[0]} is no longer {rule[1]}", rule[1])


def _shares(now: Sample, history: Sequence[Sample]) -> Iterable[dict[str, Any]]:
    """Yield what is far more frequent than before: unknown layouts, conflicts, refusals."""
    recent, past = _split(now, history)
    for name, least, says in (
        ("unknown", NEW_LAYOUT, "pages of no known layout"),
        ("conflicts", DROP, "dates of one page that disagree"),
        ("refused", DROP, "pages refused as no whole articles"),
    ):
        if not getattr(now, name):
            continue
        extra = name == "refused"
        trials = recent.pages + (recent.refused if extra else 0)
        earlier = past.pages + (past.refused if extra else 0) + min(ALWAYS.values())
        met, met_before = getattr(recent, name), getattr(past, name)
        if trials < ENOUGH or met / trials - met_before / earlier < least:
            continue
        if _is_surprising(trials - met, trials, (earlier - met_before) / ALIKE, met_before / ALIKE):
            yield _finding(name, met_before / earlier, met / trials, says)


def _lengths(now: Sample, history: Sequence[Sample]) -> Iterable[dict[str, Any]]:
    usual = _usual(s.words for s in history)
    if usual and now.words is not None and now.pages >= LONG_ENOUGH and now.words < SHORT * usual:
        yield _finding("text-length", usual, now.words, "articles are far shorter, in words")


def _lists(now: Sample, history: Sequence[Sample]) -> Iterable[dict[str, Any]]:
    usual = _usual(s.front_items for s in history)
    if usual and now.front_items is not None and now.front_items < FEW_ITEMS * usual:
        says = "the front lists far fewer articles"
        yield _finding("front-items", usual, now.front_items, says)
    if now.age is not None:
        oldest = max((s.age for s in history if s.age is not None), default=0.0)
        if now.age > max(STALE_HOURS, 2 * oldest):
            yield _finding("freshness", oldest, now.age, "the newest article is hours too old")


def _usual(numbers: Iterable[float | None]) -> float | None:
    """Return the upper median of the runs' numbers, None if fewer than `MEDIANS` runs have one."""
    known = [number for number in numbers if number]
    return median_high(known) if len(known) >= MEDIANS else None


def _finding(
    what: str, was: float, now: float, says: str, rule: str | None = None
) -> dict[str, Any]:
    return {"what": what, "rule": rule, "was": round(was, 3), "now": round(now, 3), "says": says}


def _example(finding: Mapping[str, Any], examples: Mapping[str, str]) -> str | None:
    """Return an address of a page where another rule supplied the field, or none."""
    what, usual = finding["what"], finding["rule"]
    for key, url in examples.items():
        name, _, rule = key.partition(":")
        if name == what and rule != usual:
            return url
    return None


def _is_surprising(hits: int, trials: int, good: float, bad: float) -> bool:
    """Return whether so few hits are no accident, given the good and bad pages before.

    The probability is beta-binomial, because the true share of good pages is not known.

    >>> _is_surprising(0, 4, 110, 0), _is_surprising(1, 2, 110, 0)
    (True, False)
    """
    if trials == 0:
        return False
    a, b = good + 0.5, bad + 0.5
    return sum(exp(_log_chance(k, trials, a, b)) for k in range(hits + 1)) < SURPRISE


def _log_chance(hits: int, trials: int, a: float, b: float) -> float:
    ways = lgamma(trials + 1) - lgamma(hits + 1) - lgamma(trials - hits + 1)
    return ways + _log_beta(hits + a, trials - hits + b) - _log_beta(a, b)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
