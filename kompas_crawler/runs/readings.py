"""How the pages of one run were read: what drift is judged by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kompas_crawler.items import Article

# Words; lengths are kept as a histogram, so that a run of years needs no more memory.
LENGTH_STEP = 10

# Fields whose absence is always worth an example.
ON_EVERY_PAGE = ("title", "dateline", "text")


@dataclass(slots=True, kw_only=True)
class Readings:
    """The layouts, rules and warnings of the articles read, with an address for each finding."""

    rules: dict[str, Counter[str]] = field(default_factory=dict)  # by field
    layouts: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    lengths: Counter[int] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def note(self, rules: Mapping[str, str], article: Article) -> None:
        """Note an article, and for each field the rule that supplied it."""
        self.layouts[article.layout] += 1
        self.warnings.update(article.warnings)
        self.lengths[article.word_count // LENGTH_STEP] += 1
        for name, rule in rules.items():
            self.rules.setdefault(name, Counter())[rule] += 1
            self.examples.setdefault(f"{name}:{rule}", article.url)
        for name in {*ON_EVERY_PAGE, *self.rules} - rules.keys():
            self.examples.setdefault(f"{name}:none", article.url)
        if article.layout == "unknown":
            self.examples.setdefault("unknown:layout", article.url)
        if "date-conflict" in article.warnings:
            self.examples.setdefault("conflicts:date", article.url)

    @property
    def median_words(self) -> float | None:
        """The median length of the articles, to the nearest step."""
        middle, seen = sum(self.lengths.values()) / 2, 0
        for step in sorted(self.lengths):
            seen += self.lengths[step]
            if seen >= middle:
                return (step + 0.5) * LENGTH_STEP
        return None

    def to_dict(self) -> dict[str, Any]:
        return {
            "layouts": dict(self.layouts),
            "warnings": dict(self.warnings),
            "fields": {name: dict(rules) for name, rules in sorted(self.rules.items())},
            "median_words": self.median_words,
        }
