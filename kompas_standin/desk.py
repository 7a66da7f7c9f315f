"""The making of a stand-in article: its blocks, credits and times."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Protocol

from kompas_standin import furniture, prose
from kompas_standin.articles import (
    CREDIT_BOXES,
    OLD,
    SERVED,
    Headline,
    StandInArticle,
    tag_url,
)
from kompas_standin.blocks import (
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

PAGE_COUNTS = (1,) * 46 + (2,) * 72 + (3,) * 18 + (4,) * 7 + (5, 6, 6, 7)  # 147 pages of 2020
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
# What else than news a template is known to print, by weight.
FORMS = {
    "2023-04": {"news": 46, "opinion": 4},
    "2024-04": {"news": 44, "opinion": 3, "advertorial": 3},
}
VIDEOS = {"2023-04": 0.3, "2023-11": 0.5, "2024-04": 0.6}  # the share of pages with a video
UPDATED = {"2023-04": 0.25, "2025": 0.12}  # the share of pages that print "Diperbarui"


class Newsroom(Protocol):
    """What writing an article needs of the site: the other headlines, and its dice."""

    def dice(self, *names: str) -> Random: ...
    def twin(self, id_: str) -> str | None: ...
    def head(self, id_: str) -> Headline: ...
    def first_published(self, day: date) -> tuple[str, ...]: ...


class Desk:
    """Writes one article."""

    def __init__(self, site: Newsroom, head: Headline, revision: int, seen: datetime) -> None:
        self.site, self.head, self.revision, self.seen = site, head, revision, seen
        self.twin = site.twin(head.id)
        self.dice = site.dice("body", self.twin or head.id)
        self.story = prose.Story(site.dice("head", self.twin or head.id), head.published_at.date())
        self.old = head.layout in OLD
        # No page is known that shows how AMP prints what a body embeds.
        self.embeds = head.layout != "amp-2022"
        self.served = self._served()
        self.drawn = head.layout == "read-2022" and self.served != "2025"
        self.form = self._form()
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
            served=self.served,
            form=self.form,
            published_at=head.published_at,
            updated_at=updated,
            dateline=dateline,
            announced=self._announced(len(pages)),
            prefix=prefix,
            place=place,
            printed_authors=printed[0],
            printed_editors=printed[1],
            printed_sources=printed[2],
            authors=authors,
            editors=editors,
            sources=sources,
            tags=() if self.old else self.tags,
            printed_tags=self._printed_tags(),
            description=description,
            lead_photo=self._lead_photo(),
            pages=tuple(tuple(page) for page in pages),
            utc=self.served != "2025" or self.dice.random() < 0.5,
            revision=self.revision,
            duplicate_of=self.twin,
        )

    def _served(self) -> str:
        months = SERVED[self.head.layout]
        dice = self.site.dice("served", self.twin or self.head.id)
        return dice.choices(tuple(months), tuple(months.values()))[0]

    def _form(self) -> str:
        dice = self.site.dice("form", self.twin or self.head.id)
        forms = FORMS.get(self.served, {"news": 1})
        return dice.choices(tuple(forms), tuple(forms.values()))[0]

    def _announced(self, count: int) -> str | None:
        """Return what content_total_pages says: "0" on some single pages, more on advertorials."""
        if self.served not in CREDIT_BOXES:
            return None
        if self.form == "advertorial":
            return "2"
        return "0" if count == 1 and self._chance(0.07) else str(count)

    def _printed_tags(self) -> tuple[str, ...]:
        repeated = self.served in ("2023-04", "2024-04") and self._chance(0.1)
        return (*self.tags, self.tags[0]) if repeated else self.tags

    def _chance(self, share: float) -> bool:
        return self.dice.random() < share

    def _prose(self, text: str, **more: Any) -> Block:
        return Block(kind="p", runs=self.links.link(words(text)), **more)

    def _prefix(self) -> tuple[str, str | None]:
        forms = PREFIXES[:3] if self.old or not self.embeds else PREFIXES
        form = self.dice.choices([f for f, _ in forms], [w for _, w in forms])[0]
        if self.form == "opinion":
            form = ""
        place = self.story.facts["ibukota" if self._chance(0.5) else "kota"].upper()
        link = (
            f"<a target='_self' class='inner-link-tag' href='{tag_url(place.title())}'>{place}</a>"
        )
        return form.format(place=place, linked=link), place if "{" in form else None

    def _pages(self) -> list[list[Block]]:
        if self.roundup:
            return [self._roundup()]
        count = 1 if self.old or self.form != "news" else self.dice.choice(PAGE_COUNTS)
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
            (0.06 * self.embeds, self._tweet),
            (0.03 * self.embeds, self._instagram),
            (VIDEOS.get(self.served, 0.09) * self.embeds, self._youtube),
            (0.01 * (self.served in ("2023-04", "2024-04")), self._own_video),
            (0.06 * self.embeds, self._photo_alone),
            (0.06 * self.embeds, self._photo_then_prose),
            (0.04, self._list),
            (0.06 if self.served == "2022-07" else 0.02, self._table),
            (0.02, self._quotation),
            (0.03, self._broken_line),
            (0.05, self._outbound),
            (0.06, self._spacer),
            (0.08, self._false_friend),
        ):
            if self._chance(share):
                blocks.insert(self.dice.randrange(2, len(blocks)), make())

    def _heading(self) -> Block:
        kinds = ("h2", "h2", "h2-strong", "bold")
        if self.head.layout == "read-2022":
            kinds = ("h2", "h3", "h2-strong", "bold")
        kind = self.dice.choice(kinds)
        text = self.story.sentence(self.story.topic.headings)
        return Block(kind=kind, runs=self.links.link(words(text)))

    def _tweet(self) -> Block:
        handle = self.story.facts["nama_lain"].replace(" ", "").lower()
        number = self.dice.randrange(10**18, 2 * 10**18)
        post = Post(
            kind="twitter",
            url=f"https://twitter.com/{prose.without_accents(handle)}/status/{number}",
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

    def _own_video(self) -> Block:
        url = f"https://video.kompas.com/embed/p/{self.dice.getrandbits(52):013x}"
        return Block(kind="embed", post=Post(kind="other", url=url, text=None))

    def _lead_photo(self) -> Photo:
        """Return the lead photo; some of 2022 and later have none but empty brackets as credit."""
        photo = self._photo()
        if self.head.layout == "read-2022" and self._chance(0.05):
            return replace(photo, credit=None)
        if self.drawn and self._chance(0.05):
            return replace(photo, credit=f"({photo.credit})")  # a writer's own brackets
        if self.head.layout == "mobile-2021" and self.served.startswith("2021"):
            return replace(photo, url=photo.url.replace("750x500", "375x240"))
        if self.served == "2023-11":
            return replace(photo, url=photo.url.replace("750x500", "1200x800"))
        return photo

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
        if self.served == "2025" and self._chance(0.2):
            form = "injected"
        if self.served == "2023-04" and self._chance(0.06):
            form = self.dice.choice(("one-link", "left-over", "listed"))
        url = other.url
        if self.head.layout == "amp-2022" or (self.drawn and self._chance(0.1)):
            url, form = url.replace("https:", "http:"), "plain"
        return Block(kind="related", link=Pointer(title=other.title, url=url), form=form)

    def _changes(self) -> list[Block]:
        dice = self.site.dice("changes", self.head.id)
        story = prose.Story(dice, self.head.published_at.date())
        return [
            Block(kind="p", runs=words(story.sentence(prose.CHANGES)))
            for _ in range(self.revision - 1)
        ]

    def _promotion(self) -> list[Block]:
        """Return the promotion as a paragraph, or glued to one; elsewhere the template has it."""
        lines = furniture.PROMOTIONS.get(self.served, ())
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
        editor = self.dice.choice(prose.EDITORS)
        boxed = self.served in CREDIT_BOXES and self.served != "2025"
        if self.form == "opinion":
            return (writer,), (editor,), ()
        if boxed:
            # One person in four is alone in the box; its editor stands in the metadata only.
            return (writer,), () if self._chance(0.25) else (editor,), self._sources()
        if self._chance(0.06):
            writer = f"Kontributor {self.dice.choice(prose.STRINGERS)}, {writer}"
        return () if self._chance(0.16) else (writer,), (editor,), self._sources()

    def _sources(self) -> tuple[str, ...]:
        if self.head.layout in ("amp-2022", "kcm-2014"):
            return ()
        few = self.head.layout in ("read-2022", "mobile-2021")
        weights = (70, 25, 4, 1) if few else (4, 80, 13, 3)
        return tuple(self.dice.sample(prose.AGENCIES, self.dice.choices((0, 1, 2, 3), weights)[0]))

    def _signed(
        self, writers: tuple[str, ...], editors: tuple[str, ...], sources: tuple[str, ...]
    ) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], list[Block]]:
        """Return the true credits, and the lines of the body that carry some of them."""
        authors = tuple(_person(name) for name in writers)
        alone = not editors
        editors = editors or writers
        lines: list[Block] = []
        if self.form == "opinion":
            lines += [_line("byline", f"Oleh: {writers[0]}*")] if self._chance(0.5) else []
            return authors, editors, sources, lines
        if not writers and not sources and self._chance(0.5):
            name = self.dice.choice(prose.WRITERS)
            lines.append(_line("byline", f"Penulis: {name}/DW Indonesia"))
            return (name,), editors, ("DW Indonesia",), lines
        if self._chance(0.04):
            other = "Kabar Jiran"
            title = squeeze(self.head.title)
            text = f"Artikel ini telah tayang di {other} dengan judul {title}"
            lines.append(_line("provenance", text))
            sources = (*sources, other)
        elif self.served == "2023-04" and not sources and self._chance(0.1):
            name, editor = self.dice.choice(prose.WRITERS), self.dice.choice(prose.EDITORS)
            lines.append(_line("signature", f"(Sumber: Kompas.com/{name} | Editor: {editor})"))
            sources = ("Kompas.com",)
        elif not alone and self._chance(0.04):
            name, editor = self.dice.choice(prose.WRITERS), self.dice.choice(prose.EDITORS)
            lines.append(_line("signature", f"(Penulis: {name} | Editor: {editor})"))
            authors = authors or (name,)
        return authors, editors, sources, lines

    def _updated(self) -> datetime | None:
        if self.old:
            return None
        if self.revision > 1:
            return self.seen
        if not self._chance(UPDATED.get(self.served, 0)):
            return None
        return self.head.published_at + timedelta(seconds=self.dice.randrange(180, 2400))

    def _dateline(self, updated: datetime | None) -> str:
        at = updated or self.head.published_at
        word = "Diperbarui " if updated else ""
        long = f"{prose.long_date(at.date())}, {at:%H:%M} WIB"
        short = f"{at:%d/%m/%Y, %H:%M} WIB"
        if self.served == "2025":
            return self._dateline_2025(word, long, short)
        if self.old or (self.served.startswith("2021-08") and not updated):
            return f"{prose.WEEKDAYS[at.weekday()]}, {long.replace(',', ' |')}"
        if self.head.layout in ("mobile-2021", "amp-2022"):
            return f"Kompas.com, {word}{long}"
        return f"Kompas.com - {word}{short}"

    def _dateline_2025(self, word: str, long: str, short: str) -> str:
        if word:
            return f"Kompas.com{self.dice.choice(('-', ','))} {word}{short}"
        begun = self.dice.choice((f", {long}", f" , {long}", f"- {short}", f", {short}"))
        return f"Kompas.com{begun}"


def _line(form: str, text: str) -> Block:
    return Block(kind="furniture", form=form, tail=text)


def _person(name: str) -> str:
    return name.partition(", ")[2] if name.startswith("Kontributor ") else name
