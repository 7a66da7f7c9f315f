"""Collections of articles that never were, for tests of what people are shown."""

import json
import random
from datetime import date, datetime, time, timedelta
from pathlib import Path

from kompas_crawler.archive.store import Archive
from kompas_crawler.items import Article, Image, Link
from kompas_crawler.processors import content_hash, count_words
from kompas_crawler.runs.intervals import Interval
from kompas_crawler.runs.outcome import EXIT_CODES
from kompas_crawler.runs.run import Run
from kompas_crawler.runs.state import State
from kompas_crawler.timezones import WIB

PLACES = ["WASHINGTON DC", "KYIV", "MOSKWA", "GAZA", "BEIJING", "LONDON", "TOKYO", "KUALA LUMPUR"]
PLACES += ["TEHERAN", "NEW DELHI", "PARIS", "SYDNEY", "BUENOS AIRES", "NAIROBI", "ATLANTIS"]
SOURCES = ["AFP", "Reuters", "BBC", "CNN", "AP", "Al Jazeera", "Guardian", "Kantor Berita <Uji>"]
TAGS = ["Rusia", "Ukraina", "Gaza", "Donald Trump", "China", "Covid-19", "Iran", "Korea Utara"]
TAGS += ["Asia Tenggara", "Gempa", "Jepang", "Uni Eropa", "</script>", "Afrika", "Pemilu Uji, 2026"]
NAMES = ["Sari Contoh", "Budi Misal", "Tono Umpama", "Ayu Andaikata", "Rini Seumpama"]
WORDS = [
    "kapal",
    "layar",
    "sungai",
    "kota",
    "warga",
    "pasar",
    "kabar",
    "jembatan",
    "pameran",
    "hujan",
    "pagi",
    "surat",
    "kereta",
]
HOURS = [1, 1, 1, 1, 1, 3, 7, 9, 9, 9, 8, 8, 8, 7, 8, 9, 9, 8, 7, 6, 6, 5, 3, 2]

NOW = datetime(2026, 11, 23, 12, tzinfo=WIB)


def some(dice, names, most):
    """Pick some names; the first ones are the most frequent."""
    weights = [1 / (rank + 1) for rank in range(len(names))]
    return tuple(dict.fromkeys(dice.choices(names, weights, k=dice.randint(0, most))))


def article(day: date, number: int, dice: random.Random, *, words: int = 40) -> Article:
    clock = time(dice.choices(range(24), HOURS)[0], dice.randrange(60), dice.randrange(60))
    moment = datetime.combine(day, clock, WIB)
    ident = f"{day:%Y/%m/%d}/{clock:%H%M%S}{number % 100:02}0"
    length = max(3, int(dice.lognormvariate(0, 0.4) * words))
    text = f"Kabar {ident}. " + " ".join(dice.choices(WORDS, k=length))
    changed = dice.random() < 0.15
    title = f"Kabar {number} dari {dice.choice(WORDS)}"
    return Article(
        id=ident,
        url=f"https://www.kompas.com/global/read/{ident}/kabar",
        section="Global",
        title=title,
        published_at=moment,
        published_from="meta",
        updated_at=moment + timedelta(hours=dice.lognormvariate(2, 2)) if changed else None,
        dateline=f"Kompas.com - {moment:%d/%m/%Y, %H:%M} WIB",
        place=next(iter(some(dice, PLACES, 1)), None),
        authors=some(dice, NAMES, 1),
        editors=some(dice, NAMES, 1),
        sources=some(dice, SOURCES, 2),
        description=text[:60],
        text=text,
        tags=some(dice, TAGS, 5),
        related=(Link(title="Kabar lain", url="https://www.kompas.com/global/read/x"),),
        images=(Image(url="https://asset.kompas.com/x.jpg", caption="Kapal"),),
        word_count=count_words(text),
        content_hash=content_hash(title, text),
        layout="read-2022" if day.year > 2024 else "read-2017",
        fetched_at=moment + timedelta(hours=3),
        crawl="backfill-x",
    )


def collection(
    root: Path, *, days: int = 420, per_day: int = 3, words: int = 40, seed: int = 1
) -> Path:
    """Fill an archive with varied articles of the last days, and its log of runs.

    One stretch of 12 days is neither proven nor filled; some articles have a second revision.
    """
    dice = random.Random(seed)
    hole = range(days * 2 // 3, days * 2 // 3 + 12)
    with Archive(root, sync_every=600) as archive:
        for back in reversed(range(days)):
            if back in hole:
                continue
            day = NOW.date() - timedelta(days=back)
            for number in range(max(0, int(dice.gauss(per_day, per_day / 3)))):
                new = article(day, number, dice, words=words)
                archive.append(new)
                if dice.random() < 0.04:
                    archive.append(changed(new), revise=True)
    write_runs(root, days, hole, dice)
    return root


def changed(old: Article) -> Article:
    from dataclasses import replace

    text = old.text + " Tambahan."
    return replace(
        old,
        text=text,
        word_count=count_words(text),
        content_hash=content_hash(old.title, text),
        updated_at=old.published_at + timedelta(hours=5),
    )


def write_runs(root: Path, days: int, hole: range, dice: random.Random) -> None:
    """Write the lines of a backfill and of one run a day since."""
    state, lines = State(), []
    begin = NOW - timedelta(days=days)
    starts = [NOW - timedelta(days=back, hours=dice.randrange(6)) for back in range(70, -1, -1)]
    for number, started in enumerate(starts):
        run = Run(id=f"run-{number}", spider="international", started_at=started)
        run.counts.update(stored=dice.randint(5, 40), read=40, requests=60)
        run.readings.rules["published_at"] = {"meta": 30, "dateline": 9, "url": 1}
        run.readings.rules["authors"] = {"<printed>": 33}
        if number == 0:
            run.spider = "backfill"
            run.coverage.covered = [
                Interval(begin, NOW - timedelta(days=hole.stop)),
                Interval(NOW - timedelta(days=hole.start), started),
            ]
        elif dice.random() < 0.85:
            run.coverage.note_covered(state.coverage[-1].until, started)
        outcome = dice.choices(list(EXIT_CODES), [30, 4, 1, 2, 2, 1, 0, 2])[0]
        line = run.to_line(outcome, "finished", started + timedelta(minutes=7), state)
        state = State.from_line(line)
        lines.append(json.dumps(line))
    (root / "crawls.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
