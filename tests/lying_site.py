"""A stand-in whose lists lie: `python -m tests.lying_site WHICH HOW [options of the stand-in]`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, timedelta
from email.utils import format_datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any
from unittest import mock
from zlib import crc32

from kompas_standin import __main__ as standin
from kompas_standin import answers
from kompas_standin.answers import PER_PAGE, Answer, Answers, PageRequest
from kompas_standin.launch import _address
from kompas_standin.site import Headline
from kompas_standin.templates import listings
from tests import forked
from tests.conftest import ROOT, SEED, Remote

DAY = timedelta(days=1)
Lines = list[Headline]
Paged = tuple[Lines, bool]  # what a page shows, and whether it announces another one


def paged(lines: Lines, page: int, size: int) -> Paged:
    return lines[size * (page - 1) : size * page], len(lines) > size * page


def repeated(lines: Lines, page: int, size: int) -> Paged:
    """Every page is page 1 again: its parameter was renamed."""
    return paged(lines, 1, size)


def no_list(lines: Lines, page: int, size: int) -> Paged:
    """What page 1 announces has a menu and no list."""
    return paged(lines, page, size) if page == 1 else ([], False)


def cut(lines: Lines, page: int, size: int) -> Paged:
    """Only the newest are there, and no word of more."""
    return paged(lines[:size], page, size)


def not_full(lines: Lines, page: int, size: int) -> Paged:
    """The lower half of every page is missing."""
    shown, more = paged(lines, page, size)
    return shown[: size // 3], more


def backwards(lines: Lines, page: int, size: int) -> Paged:
    """The oldest come first."""
    return paged(lines[::-1], page, size)


def hole(lines: Lines, page: int, size: int) -> Paged:
    """Half of the list, in its middle, is on no page."""
    quarter = len(lines) // 4
    return paged(lines[:quarter] + lines[-quarter:], page, size)


def skipped(lines: Lines, page: int, size: int) -> Paged:
    """Page 2 is page 3, and page 3 the last one again."""
    return paged(lines, page + (page == 2), size)[0], page < 3


def thinned(lines: Lines, page: int, size: int) -> Paged:
    """Every second one is missing."""
    return paged(lines[::2], page, size)


def promoted(lines: Lines, page: int, size: int) -> Paged:
    """The three oldest of all stand at the end of every page, in place of others."""
    shown, more = paged(lines, page, size)
    return shown[:-3] + lines[-3:], more


def unordered(lines: Lines, page: int, size: int) -> Paged:
    """They are in no order."""
    return paged(sorted(lines, key=lambda line: crc32(line.id.encode())), page, size)


def unread(lines: Lines, page: int, size: int) -> Paged:
    """Every second address has a number that is too long."""
    shown, more = paged(lines, page, size)
    odd = [replace(line, id=f"{line.id[:17]}0000{line.id[17:]}") for line in shown[::2]]
    return [line for pair in zip_longest(odd, shown[1::2]) for line in pair if line], more


def empty(lines: Lines, page: int, size: int) -> Paged:
    """There is a menu and nothing else."""
    return [], False


PAGINGS: dict[str, Callable[[Lines, int, int], Paged]] = {
    each.__name__: each
    for each in (
        paged,
        repeated,
        no_list,
        cut,
        not_full,
        backwards,
        hole,
        skipped,
        thinned,
        promoted,
        unordered,
        unread,
        empty,
    )
}

# Other lines than those that were asked for, in right pages.
SHIFTED, TODAY, OTHERS, OTHERS_BEHIND = "shifted", "today", "others", "others_behind"
LATE = "late"  # the day begins some hours after midnight, and ends as late


def _others(self: Answers, day: date, count: int) -> Lines:
    found = self.site.neighbours(day)
    return (found * (count // max(1, len(found)) + 1))[:count]


def _lines_of(self: Answers, how: str, lines: Lines, code: str, day: date, page: int) -> Lines:
    if how == SHIFTED:
        return self._indexed(code, day - DAY)
    if how == LATE:
        return self._indexed(code, day + DAY)[-4:] + lines[:-4]
    if how == TODAY:
        return self._indexed(code, self.site.now.date())
    if how == OTHERS or (how == OTHERS_BEHIND and page > 1):
        return _others(self, day, len(lines))
    return lines


def index(how: str, only: str | None) -> Callable[[Answers, PageRequest], Answer]:
    """Return what answers for the daily index; `only` is the day that is lied about."""

    def answer(self: Answers, asked: PageRequest) -> Answer:
        code, day = asked.option("site", "all"), date.fromisoformat(asked.option("date"))
        lies = only in (None, "None", day.isoformat())
        lines = self._indexed(code, day)
        if lies and lines:
            lines = _lines_of(self, how, lines, code, day, asked.page)
        pages = PAGINGS.get(how, paged) if lies else paged
        shown, more = pages(lines, asked.page, PER_PAGE["2024"])
        codes = (*listings.CODES, self.site.index_site)
        drawn = listings.index(self.boxes, codes, code, day, shown, asked.page, more)
        return Answer(page=drawn)

    return answer


def front(how: str) -> Callable[[Answers, PageRequest], Answer]:
    """Return what answers for the section's front."""

    def answer(self: Answers, asked: PageRequest) -> Answer:
        site, page = self.site, asked.page
        lines = [site.headline(id_) for id_ in site.latest(20 * site.front_pages)]
        if how == SHIFTED:
            lines = [line for line in lines if line.published_at < site.now - DAY]
        elif how == OTHERS or (how == OTHERS_BEHIND and page > 1):
            lines = _others(self, site.now.date(), len(lines))
        shown, more = PAGINGS.get(how, paged)(lines, page, 20)
        popular = [site.headline(id_) for id_ in site.latest(12)]
        drawn = listings.front(
            self.boxes, shown, shown[0] if shown else popular[0], popular, page, more
        )
        return Answer(page=drawn)

    return answer


def sitemap(how: str) -> Callable[[Answers, PageRequest], Answer]:
    """Return what answers for the news sitemap; the front shows no list."""

    def answer(self: Answers, asked: PageRequest) -> Answer:
        site = self.site
        lines = [site.headline(id_) for id_ in site.latest(60)]
        if how == SHIFTED:
            lines = [line for line in lines if line.published_at < site.now - DAY]
        elif how in (OTHERS, OTHERS_BEHIND):
            lines = _others(self, site.now.date(), len(lines))
        shown, _ = PAGINGS.get(how, paged)(lines, 1, 20)
        return Answer(page=listings.news_sitemap(shown), type=answers.XML)

    return answer


def _dated(
    answer: Callable[[Answers, PageRequest], Answer], date_header: str
) -> Callable[[Answers, PageRequest], Answer]:
    """Let every answer tell this time, or the site's."""

    def to(self: Answers, asked: PageRequest) -> Answer:
        was = answer(self, asked)
        told = date_header or format_datetime(self.site.now.astimezone(UTC), usegmt=True)
        return replace(was, headers=(*was.headers, ("Date", told)))

    return to


def _replaced(
    answer: Callable[[Answers, PageRequest], Answer], what: str, by: str
) -> Callable[[Answers, PageRequest], Answer]:
    def spoiled(self: Answers, asked: PageRequest) -> Answer:
        was = answer(self, asked)
        return replace(was, page=was.raw.replace(what.encode(), by.encode()))

    return spoiled


#: What commands a terminal or hides what a line says, and leaves nothing to see.
HOSTILE = "\x1b\x07\x7f\x85\u2028\u202e\u2066\u200f\u061c\U000e0041"


def _hostile(
    answer: Callable[[Answers, PageRequest], Answer],
) -> Callable[[Answers, PageRequest], Answer]:
    """Put such characters into every text and every address of a page."""
    texts = re.compile("<(?:h1|h2|p|a|span|strong|figcaption|li|title|em)\\b[^>]*>")
    addresses = re.compile('(?:src|href|content)="[^"]*')

    def to(self: Answers, asked: PageRequest) -> Answer:
        was = answer(self, asked)
        page = texts.sub(lambda found: found[0] + HOSTILE, was.raw.decode())
        if "/read/" in asked.target:
            page = addresses.sub(lambda found: found[0] + HOSTILE, page)
        return replace(was, page=page.encode(), headers=(*was.headers, ("X-Told", "\x1b[2J")))

    return to


def sitemaps(how: str) -> Callable[[Answers, PageRequest], Answer]:
    """Return what answers for the index of sitemaps: `how` many of the section, by http."""
    places = (f"http://www.kompas.com/sitemap-news-global-{n}.xml" for n in range(int(how)))
    listed = "".join(f"<sitemap><loc>{place}</loc></sitemap>" for place in places)
    page = f"<sitemapindex>{listed}</sitemapindex>".encode()
    return lambda self, asked: Answer(page=page, type=answers.XML)


def main(which: str, how: str, only: str, options: list[str]) -> int:
    places: dict[tuple[str, str], Any] = dict(answers._PLACES)
    if which in ("front", "both"):
        places["www.kompas.com", "/global"] = front(how)
    if which == "sitemap":
        places["www.kompas.com", "/global"] = front("empty")
        places["www.kompas.com", "/sitemap-news-global.xml"] = sitemap(how)
    if which == "sitemaps":
        places["www.kompas.com", "/global"] = front("empty")
        places["www.kompas.com", "/sitemap.xml"] = sitemaps(how)
    patches = [mock.patch.object(answers, "_PLACES", places)]
    if which == "hostile":
        patches.append(mock.patch.object(Answers, "to", _hostile(Answers.to)))
    if which in ("index", "both"):
        patches.append(mock.patch.object(Answers, "_index", index(how, only)))
    if which == "robots":
        rules = Answer(page=f"User-agent: *\n{how}\n".encode(), type=answers.TEXT)
        answer = Answers.to

        def to(self: Answers, asked: PageRequest) -> Answer:
            return rules if asked.path == "/robots.txt" else answer(self, asked)

        patches.append(mock.patch.object(Answers, "to", to))
    if which == "option":
        spoiled = _replaced(Answers._index, "<option ", f"<option {how}>x</option><option ")
        patches.append(mock.patch.object(Answers, "_index", spoiled))
    if which == "pages":
        drawn = Answers._drawn

        def other(self: Answers, article: Any, _: int | None) -> Any:
            newest = self.site.article(self.site.latest(1)[0])
            return drawn(self, newest if how == OTHERS else article, 1)

        patches.append(mock.patch.object(Answers, "_drawn", other))
    if which == "clock":
        patches.append(mock.patch.object(Answers, "to", _dated(Answers.to, how)))
    for patch in patches:
        patch.start()
    return standin.main(options)


@contextmanager
def lying(which: str, how: str, *options: str, only: date | None = None) -> Iterator[Remote]:
    """Start a stand-in that lies in `which` lists: "index", "front", "sitemap", "both".

    "robots" puts a line into robots.txt, "clock" a Date into every answer (the site's time if `how` is ""),
    "option" one more option into the menu of the index. "sitemaps" has `how` many in the index of
    sitemaps, "hostile" puts what commands a terminal into every page. "pages" answers page 1 of an
    article (OTHERS: of the newest) for each of its pages.
    """
    with tempfile.TemporaryDirectory(prefix="kompas-lying-") as folder:
        ready, ca = Path(folder) / "address", Path(folder) / "ca.pem"
        command = [sys.executable, "-m", "tests.lying_site", which, how, str(only)]
        command += ["--seed", SEED, *options, "--ready", str(ready), "--ca", str(ca)]
        told = os.environ | forked.WARNINGS
        process = forked.start(command, stdout=subprocess.DEVNULL, cwd=ROOT, env=told)
        try:
            yield Remote(_address(process, ready), ca)
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4], sys.argv[4:]))
