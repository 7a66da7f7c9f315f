"""Which articles does the stand-in hold, and what is true of each?

Everything follows from the seed and the article's id, so any of a hundred thousand articles is made
when it is asked for, and two processes make the same one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone
from functools import cached_property
from random import Random
from typing import Any

from kompas_crawler.standin import furniture, prose
from kompas_crawler.standin.blocks import (
    HEADINGS,
    Block,
    Photo,
    Pointer,
    Post,
    Run,
    TagLinks,
    plain,
    squeeze,
    words,
)

WIB = timezone(timedelta(hours=7), "WIB")
LAYOUTS = {"read-2017": 45, "read-2022": 40, "kcm-2015": 9, "mobile-2023": 6}  # weights of a mix
GLOBAL_BEGAN = date(2020, 3, 10)  # before, the section was internasional.kompas.com
_KEPT_HEADLINES, _KEPT_ARTICLES = 4096, 512
LAST_SECOND = 22 * 3600 + 15 * 60  # so that `now`, 23:00 by default, is after every update
PAGE_COUNTS = (1,) * 46 + (2,) * 72 + (3,) * 18 + (4,) * 7 + (5, 6, 6, 7)  # 147 pages of 2020
# The sections that share the index code `news` with ours, and the last digits of their ids.
NEIGHBOURS = (
    ("nasional.kompas.com", "Nasional", "1"),
    ("megapolitan.kompas.com", "Megapolitan", "1"),
    ("regional.kompas.com", "Regional", "78"),
)
# How the first paragraph names place and brand.
PREFIXES = (
    ("<strong>{place}, KOMPAS.com</strong> - ", 30),
    ("<strong>{place}, KOMPAS.com - </strong>", 30),
    ("<strong>{place}, KOMPAS.com</strong> &ndash; ", 14),
    ("<strong>{place}, KOMPAS.com -</strong>&nbsp;", 8),
    ("<strong>{place}, KOMPAS.com&nbsp;-</strong> ", 4),
    ("<strong> {linked}, KOMPAS.com</strong> - ", 6),
    ("<strong>{place}, KOMPAS.COM -</strong> ", 2),
    ("<strong>{place}, KOMPAS.com- </strong>", 2),
    ("<strong>{place}, KOMPAS.com</strong> — ", 2),
    ("<strong>KOMPAS.com - </strong>", 8),
    ("<strong>KOMPAS.com</strong> &ndash; ", 4),
    ("", 2),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandInArticle:
    """One article, as it was made: what its pages print, and what is true of it."""

    id: str
    host: str
    section: str
    title: str
    slug: str
    second_slug: str | None
    layout: str
    deeper: bool  # the content one <div> deeper, as of 2021
    published_at: datetime
    updated_at: datetime | None
    dateline: str
    prefix: str
    place: str | None
    printed_authors: tuple[str, ...]
    printed_editors: tuple[str, ...]
    printed_sources: tuple[str, ...]
    authors: tuple[str, ...]
    editors: tuple[str, ...]
    sources: tuple[str, ...]
    tags: tuple[str, ...]
    printed_tags: tuple[str, ...]
    description: str
    lead_photo: Photo
    pages: tuple[tuple[Block, ...], ...]
    utc: bool  # JSON-LD speaks UTC, else +07:00
    revision: int
    duplicate_of: str | None

    @property
    def path(self) -> str:
        return f"{_section_path(self.host)}/read/{self.id}/{self.slug}"

    @property
    def url(self) -> str:
        return f"https://{self.host}{self.path}"

    @property
    def blocks(self) -> Iterator[Block]:
        for page in self.pages:
            yield from page

    def record(self) -> dict[str, Any]:
        """Return the record this article must become.

        It has the contract's keys in the contract's order, without `word_count`, `content_hash`,
        `fetched_at` and `crawl`.
        """
        blocks = tuple(self.blocks)
        photos = (self.lead_photo, *(block.photo for block in blocks if block.photo))
        return {
            "id": self.id,
            "url": self.url,
            "section": self.section,
            "title": squeeze(self.title),
            "published_at": self.published_at.isoformat(),
            "published_from": "dateline" if self.layout == "kcm-2015" else "meta",
            "updated_at": self.updated_at.isoformat() if self.updated_at else None,
            "dateline": self.dateline,
            "place": self.place,
            "authors": list(self.authors),
            "editors": list(self.editors),
            "sources": list(self.sources),
            "description": self.description,
            "text": "\n\n".join(text for block in blocks for text in block.texts()),
            "subheadings": [plain(block.runs) for block in blocks if block.kind in HEADINGS],
            "tags": list(self.tags),
            "related": [
                {"title": squeeze(block.link.title), "url": block.link.url}
                for block in blocks
                if block.kind == "related" and block.link
            ],
            "images": [
                {"url": photo.url, "caption": photo.caption, "credit": photo.credit}
                for photo in photos
            ],
            "embeds": [
                {"kind": block.post.kind, "url": block.post.url, "text": block.post.text}
                for block in blocks
                if block.post
            ],
            "page_count": len(self.pages),
            "revision": self.revision,
            "duplicate_of": self.duplicate_of,
            "warnings": [],
            "layout": self.layout,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """What a list needs of an article, without its body."""

    id: str
    host: str
    section: str
    title: str
    slug: str
    second_slug: str | None
    published_at: datetime
    story: prose.Story
    layout: str

    @property
    def url(self) -> str:
        return f"https://{self.host}{_section_path(self.host)}/read/{self.id}/{self.slug}"

    @property
    def listed_url(self) -> str:
        """The address the lists give: now and then by http, or with a mark of where it stood.

        robots.txt disallows the marked ones: they are to be cleaned.
        """
        return self._as_listed(self.url)

    @property
    def front_url(self) -> str:
        """The address the section front gives: some articles have a second slug there."""
        return self._as_listed(self.url.removesuffix(self.slug) + (self.second_slug or self.slug))

    def _as_listed(self, url: str) -> str:
        lot = self.id[17:18]  # the digit that Kompas, too, leaves to chance
        if lot == "3":
            return url.replace("https:", "http:")
        return f"{url}?utm_source=terkini&utm_medium=list" if lot == "7" else url


class Site:
    """Kompas's international section for some days, by seed.

    `layout` is one of LAYOUTS, or "mixed"; `index_site` is the code of the daily index that serves
    the section ("global", or "news" where three other sections share it); `index_markup` is "2017"
    (15 a page) or "2024" (20 a page); `evergreen` old articles are listed again each day; with
    `twins` the last article of a day repeats the words of the one before it. All times are WIB.
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
            article = _Desk(self, self.headline(id_), revision, seen).article()
            _make_room(self._articles, _KEPT_ARTICLES)
            self._articles[id_] = article
        return article

    def stranger(self, host: str, id_: str) -> StandInArticle:
        """Return an article of another section, whatever its id."""
        named = {name: section for name, section, _ in NEIGHBOURS}
        section = named.get(host, host.partition(".")[0].title())
        head = replace(self.head(id_, host, section), layout="read-2017")
        return _Desk(self, head, 1, self.now).article()

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
            section = "Internasional" if second or layout == "kcm-2015" else "Global"
        slug = slug_of(title)
        return Headline(
            id=id_,
            host=host,
            section=section,
            title=title + " " * (dice.random() < 0.07),  # 10 of 147 end in a space
            slug=slug,
            second_slug=f"{slug}-" if dice.random() < 0.12 else None,
            published_at=moment,
            story=story,
            layout=layout,
        )


class _Desk:
    """Writes one article."""

    def __init__(self, site: Site, head: Headline, revision: int, seen: datetime) -> None:
        self.site, self.head, self.revision, self.seen = site, head, revision, seen
        self.twin = site.twin(head.id)
        self.dice = site.dice("body", self.twin or head.id)
        self.story = prose.Story(site.dice("head", self.twin or head.id), head.published_at.date())
        self.old = head.layout == "kcm-2015"
        self.roundup = head.title.startswith("[POPULER")
        self.tags = self.story.tags()
        self.links = TagLinks(self.tags, self.dice)

    def article(self) -> StandInArticle:
        head = self.head
        prefix, place = self._prefix()
        description = plain(words(self.story.lead()))
        pages = self._pages()
        printed = self._credits()
        authors, editors, sources, lines = self._signed(*printed)
        first = tuple(line for line in lines if line.form == "byline")
        last = tuple(line for line in lines if line.form != "byline")
        pages = [list(page) for page in pages]
        pages[0] = [*first, *pages[0]]
        pages[-1] += [*self._changes(), *last, *self._promotion()]
        updated = self._updated()
        dateline = self._dateline(updated)
        return StandInArticle(
            id=head.id,
            host=head.host,
            section=head.section,
            title=head.title,
            slug=head.slug,
            second_slug=head.second_slug,
            layout=head.layout,
            deeper=self.dice.random() < 0.4,
            published_at=head.published_at,
            updated_at=None if self.old else updated,
            dateline=dateline,
            prefix=prefix,
            place=place,
            printed_authors=printed[0],
            printed_editors=printed[1],
            printed_sources=printed[2],
            authors=authors,
            editors=editors,
            sources=sources,
            tags=() if self.old else self.tags,
            printed_tags=self.tags,
            description=description,
            lead_photo=self._photo(),
            pages=tuple(tuple(page) for page in pages),
            utc=head.layout == "read-2017" or self.dice.random() < 0.5,
            revision=self.revision,
            duplicate_of=self.twin,
        )

    def _chance(self, share: float) -> bool:
        return self.dice.random() < share

    def _prose(self, text: str, **more: Any) -> Block:
        return Block(kind="p", runs=self.links.link(words(text)), **more)

    def _prefix(self) -> tuple[str, str | None]:
        forms = PREFIXES[:3] if self.old else PREFIXES
        form = self.dice.choices([f for f, _ in forms], [w for _, w in forms])[0]
        place = self.story.facts["ibukota" if self._chance(0.5) else "kota"].upper()
        link = (
            f"<a target='_self' class='inner-link-tag' href='{tag_url(place.title())}'>{place}</a>"
        )
        return form.format(place=place, linked=link), place if "{" in form else None

    def _pages(self) -> list[list[Block]]:
        if self.roundup:
            return [self._roundup()]
        count = 1 if self.old else self.dice.choice(PAGE_COUNTS)
        return [self._page(number, count) for number in range(count)]

    def _page(self, number: int, count: int) -> list[Block]:
        size = self.dice.randrange(5, 11)
        blocks = [self._prose(self.story.paragraph()) for _ in range(size)]
        if number == 0:
            blocks[0] = self._prose(self.story.lead())
        if not self.old:
            self._decorate(blocks)
        for _ in range(self.dice.choice((1, 2, 2, 3))):
            blocks.insert(self.dice.randrange(2, len(blocks) + 1), self._related())
        if number == count - 1:
            blocks.append(self._prose(self.story.sentence(prose.CONCLUSIONS)))
        return blocks

    def _roundup(self) -> list[Block]:
        blocks = [self._prose(self.story.sentence(prose.ROUNDUP_LEADS))]
        blocks.append(self._prose("Selamat membaca."))
        numbered = self.dice.choice(("h2", "h2-strong", "bold"))
        for number, id_ in enumerate(self._others(4), start=1):
            other = self.site.head(id_)
            heading = f"{number}. {squeeze(other.title)}"
            blocks.append(Block(kind=numbered, runs=(Run(text=heading),)))
            blocks += [self._prose(other.story.lead()), self._prose(other.story.paragraph())]
            blocks.append(self._pointer(other, number))
        return blocks

    def _pointer(self, other: Headline, number: int) -> Block:
        link = Pointer(title="di sini", url=other.url)
        if number == 3:
            line = self.dice.choice(furniture.ONLY_POINTERS)
            return Block(kind="furniture", form="pointer", link=link, tail=line)
        text = other.story.fill(self.dice.choice(prose.POINTER_FRAMES))
        runs = (Run(text=text), Run(text="di sini", kind="pointer"), Run(text="."))
        return Block(kind="p", runs=runs, link=link)

    def _decorate(self, blocks: list[Block]) -> None:
        """Put in what the site has now and then, as often as 147 pages of 2020 have it."""
        for share, make in (
            (0.25, self._heading),
            (0.06, self._tweet),
            (0.03, self._instagram),
            (0.09, self._youtube),
            (0.06, self._photo_alone),
            (0.06, self._photo_then_prose),
            (0.04, self._list),
            (0.02, self._table),
            (0.02, self._quotation),
            (0.03, self._broken_line),
            (0.05, self._outbound),
            (0.06, self._spacer),
            (0.08, self._false_friend),
        ):
            if self._chance(share):
                blocks.insert(self.dice.randrange(2, len(blocks)), make())

    def _heading(self) -> Block:
        kind = self.dice.choice(("h2", "h2", "h2-strong", "bold"))
        text = self.story.sentence(self.story.topic.headings)
        return Block(kind=kind, runs=self.links.link(words(text)))

    def _tweet(self) -> Block:
        handle = self.story.facts["nama_lain"].replace(" ", "").lower()
        number = self.dice.randrange(10**18, 2 * 10**18)
        post = Post(
            kind="twitter",
            url=f"https://twitter.com/{_ascii(handle)}/status/{number}",
            text=self.story.sentence(prose.POSTS),
            author=self.story.facts["nama_lain"],
        )
        return Block(kind="embed", post=post)

    def _instagram(self) -> Block:
        code = "".join(self.dice.choices("ABCDEFGHJKLMnpqrstuvwxyz123456789", k=11))
        text = self.story.sentence(prose.POSTS)
        url = f"https://www.instagram.com/p/{code}/"
        author = self.story.facts["nama_lain"]
        return Block(kind="embed", post=Post(kind="instagram", url=url, text=text, author=author))

    def _youtube(self) -> Block:
        code = "".join(self.dice.choices("ABCDEFGHJKLMnpqrstuvwxyz123456789_", k=11))
        url = f"https://www.youtube.com/embed/{code}"
        form = self.dice.choice(("", "", "strong", "nbsp"))
        return Block(kind="embed", post=Post(kind="youtube", url=url, text=None), form=form)

    def _photo(self) -> Photo:
        day = self.head.published_at
        key = f"{self.dice.getrandbits(52):013x}"
        return Photo(
            url=f"https://asset.kompas.com/crops/{key[:9]}=/0x0:780x390/750x500"
            f"/data/photo/{day:%Y/%m/%d}/{key}.jpg",
            caption=self.story.sentence(prose.CAPTIONS),
            credit=self.dice.choice(prose.PHOTOGRAPHERS),
        )

    def _photo_alone(self) -> Block:
        return Block(kind="photo", photo=self._photo())

    def _photo_then_prose(self) -> Block:
        return self._prose(self.story.paragraph(), photo=self._photo())

    def _list(self) -> Block:
        rows = tuple((plain(words(self.story.sentence(self.story.topic.details))),) for _ in "abc")
        return Block(kind=self.dice.choice(("list", "numbers")), items=rows)

    def _table(self) -> Block:
        fill = self.story.fill
        rows = (("Wilayah", "Jumlah"), (fill("{kota}"), fill("{ratus}")))
        return Block(kind="table", items=(*rows, (fill("{ibukota}"), fill("{ribu}"))))

    def _quotation(self) -> Block:
        return Block(kind="quote", runs=words(self.story.sentence(prose.QUOTES)))

    def _broken_line(self) -> Block:
        first, second = (plain(words(self.story.sentence(prose.BACKGROUND))) for _ in "ab")
        return Block(
            kind="p", runs=(Run(text=first), Run(text=" ", kind="break"), Run(text=second))
        )

    def _outbound(self) -> Block:
        runs = (
            Run(text="Melansir "),
            Run(text=self.story.facts["kantor"], kind="outbound"),
            Run(text=f", {plain(words(self.story.lead()))}"),
        )
        return Block(kind="p", runs=runs)

    def _spacer(self) -> Block:
        return Block(kind="furniture", form="spacer")

    def _false_friend(self) -> Block:
        return self._prose(self.story.sentence(prose.FALSE_FRIENDS))

    def _others(self, count: int) -> list[str]:
        """Return other articles to point to, from the days just before."""
        day = self.head.published_at.date()
        ids: tuple[str, ...] = ()
        for back in (1, 2, 3):
            ids += self.site.first_published(day - timedelta(days=back))
        if len(ids) < count:
            ids += tuple(f"2020/03/1{n}/1{n}2{n}00{n}70" for n in range(count))
        return self.dice.sample(ids, count)

    def _related(self) -> Block:
        other = self.site.head(self._others(1)[0])
        # Plain in nine of ten; the others are all real.
        form = self.dice.choices(("plain", "nested", "brackets", "spaced"), (90, 3, 3, 4))[0]
        if self.head.layout == "read-2022" and self._chance(0.2):
            form = "injected"
        return Block(kind="related", link=Pointer(title=other.title, url=other.url), form=form)

    def _changes(self) -> list[Block]:
        dice = self.site.dice("changes", self.head.id)
        story = prose.Story(dice, self.head.published_at.date())
        return [
            Block(kind="p", runs=words(story.sentence(prose.CHANGES)))
            for _ in range(self.revision - 1)
        ]

    def _promotion(self) -> list[Block]:
        lines = furniture.PROMOTIONS[self.head.layout]
        if not lines or not self._chance(0.5):
            return []
        line = self.dice.choice(lines)
        if self._chance(0.2):
            sentence = words(self.story.sentence(prose.BACKGROUND))
            return [Block(kind="p", runs=sentence, tail=line)]
        return [Block(kind="furniture", form="promotion", tail=line)]

    def _credits(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """Return writers, editors and sources as the page's credits print them."""
        writer = self.dice.choice(prose.WRITERS)
        if self._chance(0.06):
            writer = f"Kontributor {self.dice.choice(prose.STRINGERS)}, {writer}"
        writers = () if self._chance(0.16) else (writer,)
        sources = tuple(
            self.dice.sample(prose.AGENCIES, self.dice.choices((0, 1, 2, 3), (4, 80, 13, 3))[0])
        )
        return writers, (self.dice.choice(prose.EDITORS),), sources

    def _signed(
        self, writers: tuple[str, ...], editors: tuple[str, ...], sources: tuple[str, ...]
    ) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], list[Block]]:
        """Return the true credits, and the lines of the body that carry some of them."""
        authors = tuple(_person(name) for name in writers)
        lines = []
        if not writers and not sources:
            name = self.dice.choice(prose.WRITERS)
            lines.append(_line("byline", f"Penulis: {name}/DW Indonesia"))
            return (name,), editors, ("DW Indonesia",), lines
        if self._chance(0.04):
            other = "Kabar Jiran"
            title = squeeze(self.head.title)
            text = f"Artikel ini telah tayang di {other} dengan judul {title}"
            lines.append(_line("provenance", text))
            sources = (*sources, other)
        if self._chance(0.04):
            name, editor = self.dice.choice(prose.WRITERS), self.dice.choice(prose.EDITORS)
            lines.append(_line("signature", f"(Penulis: {name} | Editor: {editor})"))
            authors = authors or (name,)
        return authors, editors, sources, lines

    def _updated(self) -> datetime | None:
        if self.revision > 1:
            return self.seen
        if not self._chance(0.12):
            return None
        later = self.head.published_at + timedelta(minutes=self.dice.randrange(3, 40))
        return later.replace(second=0)

    def _dateline(self, updated: datetime | None) -> str:
        at, layout = self.head.published_at, self.head.layout
        if self.old:
            weekday = prose.WEEKDAYS[at.weekday()]
            return f"{weekday}, {prose.long_date(at.date())} | {at:%H:%M} WIB"
        if layout != "read-2022":
            word = "Diperbarui " if updated else ""
            return f"Kompas.com - {word}{updated or at:%d/%m/%Y, %H:%M} WIB"
        if updated:
            dash = self.dice.choice(("-", ","))
            return f"Kompas.com{dash} Diperbarui {updated:%d/%m/%Y, %H:%M} WIB"
        long = f"{prose.long_date(at.date())}, {at:%H:%M} WIB"
        short = f"{at:%d/%m/%Y, %H:%M} WIB"
        return self.dice.choice(
            (
                f"Kompas.com, {long}",
                f"Kompas.com , {long}",
                f"Kompas.com- {short}",
                f"Kompas.com, {short}",
            )
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
    slug = re.sub(r"[^\w.-]", "-", _ascii(title).lower().replace(", ", " ").replace(": ", "--"))
    slug = slug.replace("[", "-").replace("]", "-")
    return slug if len(slug) <= 80 else slug[:80].rpartition("-")[0]


def tag_url(tag: str) -> str:
    return f"https://www.kompas.com/tag/{tag.replace(' ', '-')}"


_PLAIN_LETTERS = str.maketrans("éèëüÇç", "eeeuCc")


def _ascii(text: str) -> str:
    return text.translate(_PLAIN_LETTERS)


def _line(form: str, text: str) -> Block:
    return Block(kind="furniture", form=form, tail=text)


def _person(name: str) -> str:
    return name.partition(", ")[2] if name.startswith("Kontributor ") else name


def _section_path(host: str) -> str:
    return "/global" if host == "www.kompas.com" else ""


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
