"""What do opening a month, asking for an id and appending cost, from a thousand ids to a million?

`python -m bench.archive [SIZE ...]` fills an archive of 120 months for each size in a temporary
directory (a million needs 3.5 GB and some minutes) and prints a JSON object for each size, times in
microseconds. The costs are those of one process; whole files are written by a faster road first.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from kompas_crawler.archive.record import from_record, line_of
from kompas_crawler.archive.schema import EXAMPLE
from kompas_crawler.archive.store import Archive
from kompas_crawler.items import Article
from kompas_crawler.processors import content_hash, count_words

SIZES = (1_000, 100_000, 1_000_000)
MONTHS = [f"{year}-{month:02}" for year in range(2015, 2025) for month in range(1, 13)]
QUESTIONS = 6_000
A_MONTH = 600
BLOCKS = 50


def measure(sizes: Sequence[int] = SIZES) -> list[dict[str, Any]]:
    """Return the costs at each size: medians and means in µs, memory in MB."""
    return [_measured(size) for size in sizes]


def _measured(size: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _fill(root, size)
        rebuild = _seconds(lambda: _reopen(root))
        os.sync()
        return {"ids": size, "rebuild_s": round(rebuild, 2)} | _costs(root, size)


def _reopen(root: Path) -> None:
    with Archive(root) as archive:
        archive.same_content(f"sha256:{0:064}")


def _costs(root: Path, size: int) -> dict[str, Any]:
    known = [_id(number) for number in range(0, size, max(1, size // QUESTIONS))]
    unknown = [
        f"{month.replace('-', '/')}/28/{number:07}71"  # month after month, as a backfill goes
        for month in MONTHS[: QUESTIONS // A_MONTH]
        for number in range(A_MONTH)
    ]
    fresh = [_article(id) for id in unknown]
    gc.collect()
    opening = [_seconds(lambda month=month: _open_month(root, month)) for month in MONTHS]  # type: ignore[misc]
    with Archive(root) as archive:
        costs = {
            "open_month": opening,
            "ask_known": _each(lambda id: id in archive, known),
            "ask_unknown": _each(lambda id: id in archive, unknown),
            "latest": _each(archive.latest, known),
            "append": _each(archive.append, fresh),
            "append_again": _each(archive.append, fresh),
            "same_content": _each(archive.same_content, [a.content_hash for a in fresh]),
        }
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {name: _summary(times) for name, times in costs.items()} | {"peak_mb": round(memory)}


def _open_month(root: Path, month: str) -> None:
    with Archive(root) as archive:
        _ = f"{month.replace('-', '/')}/01/999999999" in archive


def _each(act: Callable[[Any], object], values: Sequence[Any]) -> list[float]:
    return [_seconds(lambda value=value: act(value)) for value in values]  # type: ignore[misc]


def _seconds(act: Callable[[], object]) -> float:
    begin = time.perf_counter()
    act()
    return time.perf_counter() - begin


def _summary(times: list[float]) -> dict[str, float]:
    micro = [each * 1e6 for each in times]
    return {
        "median": round(statistics.median(micro), 1),
        "mean": round(statistics.fmean(micro), 1),
    }


def _fill(root: Path, size: int) -> None:
    folder = root / "articles"
    folder.mkdir()
    for index, month in enumerate(MONTHS):
        with (folder / f"{month}.jsonl").open("wb") as file:
            file.writelines(_lines(range(index, size, len(MONTHS))))
    os.sync()  # or the disk would still be at work while the clock runs


def _lines(numbers: range) -> Iterator[bytes]:
    """Yield lines as the archive writes them, without making each record from nothing."""
    for number in numbers:
        article = _article(_id(number))
        yield _PATTERN.replace(b"@id", article.id.encode()).replace(
            b"@hash", article.content_hash.encode()
        )


def _id(number: int) -> str:
    turn, index = divmod(number, len(MONTHS))
    return f"{MONTHS[index].replace('-', '/')}/{turn % 28 + 1:02}/{turn:07}70"


def _article(id: str) -> Article:
    text = _TEXT + f"\n\n{id}"
    return replace(
        _SAMPLE,
        id=id,
        url=f"https://www.kompas.com/global/read/{id}/contoh",
        text=text,
        word_count=count_words(text),
        content_hash=content_hash(_SAMPLE.title, text),
    )


_TEXT = "\n\n".join(["Dua belas kapal layar dipamerkan sepekan di tepi sungai itu."] * BLOCKS)
_SAMPLE = replace(from_record(EXAMPLE), subheadings=())
_PATTERN = line_of(
    replace(
        _SAMPLE,
        id="@id",
        url="https://www.kompas.com/global/read/@id/contoh",
        text=f"{_TEXT}\n\n@id",
        word_count=count_words(f"{_TEXT} @id"),
        content_hash="@hash",
    )
)

if __name__ == "__main__":
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    sys.stdout.write(json.dumps(measure(sizes), indent=1) + "\n")
