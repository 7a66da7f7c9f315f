"""The site that the stand-in serves: its articles by day, made from a seed.

Everything follows from the seed and the article's id, so any of a hundred thousand articles is made
when it is asked for, and two processes make the same one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from random import Random
from typing import Any

from kompas_standin import prose
from kompas_standin.articles import LAYOUTS, OLD, WIB, Headline, StandInArticle
from kompas_standin.desk import Desk

GLOBAL_BEGAN = date(2020, 3, 10)  # before, the section was internasional.kompas.com
_KEPT_HEADLINES, _KEPT_ARTICLES = 4096, 512
LAST_SECOND = 22 * 3600 + 15 * 60  # so that `now`, 23:00 by default, is after every update
# The sections that share the index code `news` with ours, and the last digits of their ids.
NEIGHBOURS = (
    ("nasional.kompas.com", "Nasional", "1"),
    ("megapolitan.kompas.com", "Megapolitan", "1"),
    ("regional.kompas.com", "Regional", "78"),
)


class Site:
    """Kompas's international section for some days, by seed.

    `layout` is one of LAYOUTS, or "mixed"; `index_site` is the code of the daily index that serves
    the section ("global", "internasional" as until 2020, or "news", which three other sections
    share); `index_markup` is "2017" (15 a page) or "2024" (20 a page); `evergreen` old articles are
    listed again each day; with `twins` the last article of a day repeats the words of the one
    before it. All times are WIB.
    """

    def __init__(
        self,
        seed: str | int,
        first_day: date,
        last_day: date,
        per_day: int,
        *,
        layout: str = "mixed",
        now: datetime | None = None,
        second_host: float = 0.1,
        index_site: str = "global",
        index_markup: str = "2024",
        front_pages: int = 10,
        evergreen: int = 0,
        twins: bool = False,
        page_all: bool = True,
        empty_days: Sequence[date] = (),
        weight: str = "light",
    ) -> None:
        if layout != "mixed" and layout not in LAYOUTS:
            raise ValueError(f"layout is mixed or one of {', '.join(LAYOUTS)}, not {layout}")
        self.seed = str(seed)
        self.first_day, self.last_day = first_day, last_day
        self.per_day = per_day
        self.layout = layout
        self.now = now or datetime.combine(last_day, time(23), WIB)
        self.second_host = second_host
        self.index_site, self.index_markup = index_site, index_markup
        self.front_pages = front_pages
        self.evergreen = evergreen
        self.twins = twins
        self.page_all = page_all
        self.empty_days = frozenset(empty_days)
        self.weight = weight
        self.gone: dict[str, int] = {}
        self.version = 0  # counts what happened to the site: caches of pages hang on it
        self._published: dict[date, list[str]] = {}
        self._revised: dict[str, tuple[int, datetime]] = {}
        self._ids: dict[date, tuple[str, ...]] = {}
        self._headlines: dict[str, Headline] = {}
        self._articles: dict[str, StandInArticle] = {}

    @cached_property
    def total(self) -> int:
        days = (self.last_day - self.first_day).days + 1
        return (days - len(self.empty_days)) * self.per_day

    def days(self) -> Iterator[date]:
        """Yield the site's days, newest first, up to the site's present."""
        day = max(self.last_day, self.now.date())
        while day >= self.first_day:
            yield day
            day -= timedelta(days=1)

    def ids(self, day: date) -> tuple[str, ...]:
        """Return the ids published on a day up to the site's present, newest first."""
        ids = (*reversed(self._published.get(day, ())), *self.first_published(day))
        if day < self.now.date():
            return ids
        return tuple(id_ for id_ in ids if _moment(id_) <= self.now)

    def first_published(self, day: date) -> tuple[str, ...]:
        """Return what the seed alone gives a day, newest first: `now` and `publish` aside."""
        if day not in self._ids:
            self._ids[day] = self._numbers(day)
        return self._ids[day]

    def listed(self, day: date) -> tuple[str, ...]:
        """Return what the daily index of a day lists: old articles may be among them."""
        listed = self.ids(day)
        if not listed or not self.evergreen:
            return listed
        dice = self.dice("evergreen", day.isoformat())
        earlier = (day - timedelta(days=back) for back in range(1, 31))
        past = [ids for ids in map(self.ids, earlier) if ids]
        old = [dice.choice(dice.choice(past)) for _ in range(self.evergreen if past else 0)]
        return (*listed[:2], *dict.fromkeys(old), *listed[2:])

    def latest(self, count: int, skip: int = 0) -> list[str]:
        """Return the newest ids of the site, as the section front has them."""
        found: list[str] = []
        for day in self.days():
            found += self.ids(day)
            if len(found) >= skip + count:
                break
        return found[skip : skip + count]

    def holds(self, id_: str) -> bool:
        day = _day(id_)
        return day is not None and id_ in self.ids(day)

    def headline(self, id_: str) -> Headline:
        """Return title, address and time of an article; KeyError if the site has no such id."""
        if id_ not in self._headlines:
            if not self.holds(id_):
                raise KeyError(id_)
            _make_room(self._headlines, _KEPT_HEADLINES)
            self._headlines[id_] = self.head(id_)
        return self._headlines[id_]

    def neighbours(self, day: date) -> list[Headline]:
        """Return what other sections published that day, for the lists that mix them."""
        dice = self.dice("neighbours", day.isoformat())
        found = []
        for moment in sorted(_moments(dice, day, self.per_day * 2), reverse=True):
            host, section, code = dice.choice(NEIGHBOURS)
            number = f"{moment:%H%M%S}{dice.randrange(10)}{code}"
            if moment <= self.now:
                found.append(self.head(f"{day:%Y/%m/%d}/{number}", host, section))
        return found

    def article(self, id_: str) -> StandInArticle:
        """Return an article with its truth; KeyError if the site has no such id."""
        revision, seen = self._revised.get(id_, (1, self.now))
        article = self._articles.get(id_)
        if article is None or article.revision != revision:
            article = Desk(self, self.headline(id_), revision, seen).article()
            _make_room(self._articles, _KEPT_ARTICLES)
            self._articles[id_] = article
        return article

    def stranger(self, host: str, id_: str) -> StandInArticle:
        """Return an article of another section, whatever its id."""
        named = {name: section for name, section, _ in NEIGHBOURS}
        section = named.get(host, host.partition(".")[0].title())
        head = replace(self.head(id_, host, section), layout="read-2017")
        return Desk(self, head, 1, self.now).article()

    def record(self, id_: str) -> dict[str, Any]:
        """Return the record that a crawl of this article as it is now must store."""
        return self.article(id_).record()

    def publish(self) -> str:
        """Let a minute pass and a new article appear on top of the section; return its id."""
        self.now += timedelta(minutes=1)
        day = self.now.date()
        dice = self.dice("published", self.now.isoformat())
        id_ = f"{day:%Y/%m/%d}/{self.now:%H%M%S}{_ending(dice, day)}"
        self._published.setdefault(day, []).append(id_)
        self.version += 1
        return id_

    def revise(self, id_: str) -> int:
        """Change the text of an article at the site's present; return its revision."""
        revision = self.article(id_).revision + 1
        self._revised[id_] = (revision, self.now.replace(second=0, microsecond=0))
        self.version += 1
        return revision

    def remove(self, id_: str, status: int = 404) -> None:
        """Let the article's address answer 404 or 410 from now on; lists still name it."""
        self.gone[id_] = status
        self.version += 1

    def travel(self, now: datetime) -> None:
        """Set the site's present."""
        self.now = now
        self.version += 1

    def dice(self, *names: str) -> Random:
        # A text seeds by its SHA-512, which is the same in every process.
        return Random(":".join((self.seed, *names)))

    def _numbers(self, day: date) -> tuple[str, ...]:
        if not self.first_day <= day <= self.last_day or day in self.empty_days:
            return ()
        dice = self.dice("day", day.isoformat())
        moments = sorted(_moments(dice, day, self.per_day), reverse=True)
        return tuple(f"{day:%Y/%m/%d}/{at:%H%M%S}{_ending(dice, day)}" for at in moments)

    def twin(self, id_: str) -> str | None:
        day = _day(id_)
        if not self.twins or day is None:
            return None
        ids = self.first_published(day)
        return ids[1] if len(ids) > 1 and id_ == ids[0] else None

    def head(self, id_: str, host: str = "", section: str = "") -> Headline:
        """Return the headline of any id, of another section if host and section name one."""
        source = self.twin(id_) or id_
        dice = self.dice("head", source)
        moment = _moment(id_)
        story = prose.Story(dice, moment.date())
        title = story.title()
        if dice.random() < 0.06:
            title = f"[POPULER GLOBAL] {title}"
        layout = self.layout
        if layout == "mixed":
            layout = dice.choices(tuple(LAYOUTS), tuple(LAYOUTS.values()))[0]
        if not host:
            second = moment.date() < GLOBAL_BEGAN or dice.random() < self.second_host
            host = "internasional.kompas.com" if second else "www.kompas.com"
            section = "Internasional" if second or layout in OLD else "Global"
        slug = slug_of(title)
        return Headline(
            id=id_,
            host=host,
            section=section,
            title=title + " " * (dice.random() < 0.07),  # 10 of 147 end in a space
            slug=slug,
            # Pages of 2014 have no canonical address that could tell which slug is the first.
            second_slug=f"{slug}-" if dice.random() < 0.12 and layout != "kcm-2014" else None,
            published_at=moment,
            story=story,
            layout=layout,
        )


def _make_room(cache: dict[str, Any], most: int) -> None:
    """Forget everything when there is too much: all of it can be made again."""
    if len(cache) >= most:
        cache.clear()


def slug_of(title: str) -> str:
    """Return Kompas's slug of a title: cut at a word, dots kept, hyphens where quotes stood.

    >>> slug_of('"Air Datang Saat Kami Tidur", Kesaksian 6.443 Korban')
    '-air-datang-saat-kami-tidur--kesaksian-6.443-korban'
    """
    slug = re.sub(
        r"[^\w.-]", "-", prose.without_accents(title).lower().replace(", ", " ").replace(": ", "--")
    )
    slug = slug.replace("[", "-").replace("]", "-")
    return slug if len(slug) <= 80 else slug[:80].rpartition("-")[0]


def _ending(dice: Random, day: date) -> str:
    """Return what follows HHMMSS in a number: a random digit and the site's code."""
    return f"{dice.randrange(10)}{'70' if day >= GLOBAL_BEGAN else '1'}"


def _moments(dice: Random, day: date, count: int) -> list[datetime]:
    midnight = datetime.combine(day, time(), WIB)
    return [midnight + timedelta(seconds=s) for s in dice.sample(range(300, LAST_SECOND), count)]


def _day(id_: str) -> date | None:
    try:
        return date.fromisoformat(id_[:10].replace("/", "-"))
    except ValueError:
        return None


def _moment(id_: str) -> datetime:
    year, month, day, clock = id_.split("/")
    hour, minute, second = int(clock[:2]), int(clock[2:4]), int(clock[4:6])
    return datetime(int(year), int(month), int(day), hour, minute, second, tzinfo=WIB)
