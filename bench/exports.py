"""What do reading commands cost on a large archive, against a loop that only decodes its lines?

`python -m bench.exports [SIZE]` writes an archive of SIZE (default 100,000) invented articles of
Kompas's usual length into a temporary directory, starts each command as a person does, and prints
one JSON object: for each command its seconds, those that it computed and the peak of its memory in
MB, and its CPU time divided by that of `json.loads` over all lines (in a process of its own).
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from bench.timed import timed
from kompas_crawler.archive.record import from_record, line_of
from kompas_crawler.archive.schema import EXAMPLE
from kompas_crawler.items import Article
from kompas_crawler.processors import content_hash, count_words
from kompas_crawler.runs.outcome import NOTHING_FOUND
from kompas_crawler.timezones import WIB

FIRST = datetime(2015, 1, 1, tzinfo=WIB)
MONTHLY = 1_000
LEXICON = 40_000
SYLLABLES = [
    "ka",
    "ra",
    "ta",
    "ma",
    "sa",
    "na",
    "la",
    "da",
    "pa",
    "ba",
    "ki",
    "ri",
    "ti",
    "mi",
    "si",
    "ni",
    "li",
    "di",
    "pu",
    "bu",
    "ku",
    "ru",
    "tu",
    "mu",
    "nya",
    "ngan",
]
SUFFIXES = ("parquet", "csv", "sqlite", "jsonl")
SEARCHES = ("helikopter rusia", "helikopter rusia", "rusia", '"helikopter rusia"')


def fill(root: Path, size: int, seed: int = 1) -> None:
    """Write an archive of that many articles, a thousand a month."""
    dice = random.Random(seed)  # noqa: S311
    words = [_word(dice) for _ in range(LEXICON)] + ["rusia", "helikopter"]
    # As in every language, the word at rank n is about as frequent as 1/n.
    weights = [1 / rank for rank in range(5, LEXICON + 5)] + [1 / 900, 1 / 9_000]
    sums = list(accumulate(weights))
    (root / "articles").mkdir(parents=True)
    for begin in range(0, size, MONTHLY):
        month = FIRST + timedelta(days=31) * (begin // MONTHLY)
        day = month.replace(day=1)
        with (root / "articles" / f"{day:%Y-%m}.jsonl").open("ab") as file:
            for number in range(begin, min(begin + MONTHLY, size)):
                file.write(line_of(_article(dice, words, sums, day, number)))


def _article(
    dice: random.Random, words: list[str], sums: list[float], day: datetime, number: int
) -> Article:
    chosen = dice.choices(words, cum_weights=sums, k=dice.randint(200, 500))
    text = "\n\n".join(" ".join(chosen[at : at + 30]) + "." for at in range(0, len(chosen), 30))
    moment = day + timedelta(minutes=number % 40_000)
    title = " ".join(dice.choices(words, cum_weights=sums, k=9)).title()
    return replace(
        from_record(EXAMPLE),
        id=(id := f"{moment:%Y/%m/%d}/{number:07}70"),
        url=f"https://www.kompas.com/global/read/{id}/judul",
        title=title,
        text=text,
        subheadings=(),
        published_at=moment,
        updated_at=None,
        word_count=count_words(text),
        content_hash=content_hash(title, text),
    )


def _word(dice: random.Random) -> str:
    return "".join(dice.choices(SYLLABLES, k=dice.randint(1, 4)))


def measure(size: int = 100_000) -> dict[str, Any]:
    """Return what each command costs, and its ratio to the bare loop."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "output"
        fill(root, size)
        first = (root / "articles" / "2015-01.jsonl").open("rb").readline()
        commands = [["export", "--to", f"{folder}/articles.{suffix}"] for suffix in SUFFIXES]
        commands += [["export", "--format", "dataset", "--to", f"{folder}/dataset"]]
        commands += [["search", words] for words in SEARCHES]
        commands += [["show", json.loads(first)["id"]], ["verify"]]
        commands += [["report", "--to", f"{folder}/report.html"]]
        bare = timed("bench.exports", "bare", str(root))
        found: dict[str, Any] = {"articles": size, "bare": bare.row()}
        for number, words in enumerate(commands):
            name = " ".join(words).replace(folder, "")
            cost = timed("scrapy", *words, "--output", str(root), fine=(0, NOTHING_FOUND))
            ratio = round(cost.cpu_s / bare.cpu_s, 2)
            found[f"{number + 1}. {name}"] = {**cost.row(), "CPU / bare": ratio}
        return found


def read_bare(root: Path) -> None:
    """Decode every line, and keep nothing."""
    for path in sorted((root / "articles").glob("*.jsonl")):
        with path.open("rb") as lines:
            for line in lines:
                json.loads(line)


if __name__ == "__main__":
    if sys.argv[1:2] == ["bare"]:
        read_bare(Path(sys.argv[2]))
    else:
        count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
        sys.stdout.write(json.dumps(measure(count), indent=2) + "\n")
