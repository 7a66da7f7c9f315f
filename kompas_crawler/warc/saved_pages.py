"""A part of the saved files, the pages in it, and what is noted where a page cannot be read."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from scrapy.http import Headers, HtmlResponse
from w3lib.encoding import read_bom

from kompas_crawler.budget import budget
from kompas_crawler.errors import BadArgument, SetAside, TooCostly
from kompas_crawler.pages.markup import LONGEST_PAGE, encoding_of
from kompas_crawler.warc.gzip_members import DAMAGED, DOUBTFUL, TOO_LARGE

logger = logging.getLogger(__name__)

LARGEST_PAGE = 4 * LONGEST_PAGE  # bytes; as text it may take four times as many, and be refused
MOST_NAMED = 100  # places of damage in a part; a run's line names no more

INVENTED = "invented"  # counted too: pages of the bundled stand-in

# What is counted and means that pages may be lost. The end of our own file is torn when its run was
# killed, and that page was never stored; any other file with a torn end is incomplete.
CUT_SHORT = "cut short"
NO_ADDRESS = "without address"
BAD_TIME = "unreadable time"
NOT_READABLE = "not readable here"
OTHER_ADDRESS = "other addresses"
COSTLY = "too costly to read"
LOSSES = (DAMAGED, TOO_LARGE, COSTLY, CUT_SHORT, DOUBTFUL, NO_ADDRESS, BAD_TIME, NOT_READABLE)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPage:
    """A page of an article of the section, and when it was downloaded (in WIB).

    A doubtful one was found after damage and may be a part of another site's page. An invented one
    comes from the bundled stand-in. `place` names the file that holds it, and the offset.
    """

    url: str
    html: str
    fetched_at: datetime
    place: str
    is_doubtful: bool = False
    is_invented: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """Where there is no page to read, and why: one of `LOSSES` if a page may be lost."""

    what: str
    where: str


@dataclass(slots=True, kw_only=True)
class Source(ABC):
    """A part of what is to be read: its size in bytes, and its pages in order.

    While reading, `seen` counts "pages" and what was skipped by its reason; `damage` lists what may
    be lost. `changed_at` is when its files were last written, in nanoseconds since 1970. After
    `stop`, only pages that are decompressed already follow, and `rest` is what was not read.
    """

    changed_at: int
    stopped: bool = field(default=False, init=False, compare=False)
    seen: Counter[str] = field(default_factory=Counter, init=False, compare=False)
    damage: list[Damage] = field(default_factory=list, init=False, compare=False)

    @property
    @abstractmethod
    def name(self) -> str: ...
    @property
    @abstractmethod
    def size(self) -> int: ...
    @property
    @abstractmethod
    def rest(self) -> Source | None: ...
    @abstractmethod
    def pages(self) -> Iterator[SavedPage]: ...

    def stop(self) -> None:
        self.stopped = True

    def counted(self, found: SavedPage | Damage) -> Iterator[SavedPage]:
        """Count what was found at a place, and yield it if it is a page."""
        if isinstance(found, Damage):
            self.note(found)
            return
        self.seen["pages"] += 1
        if found.is_invented:
            self.seen[INVENTED] += 1
        yield found

    def note(self, damage: Damage) -> None:
        """Count a place without a page, and keep it if a page may be lost there."""
        self.seen[damage.what] += 1
        if damage.what in LOSSES and len(self.damage) < MOST_NAMED:
            self.damage.append(damage)


def within_budget(place: str, read: Callable[[], SavedPage | Damage]) -> SavedPage | Damage:
    """Return what `read` finds; of what cannot be read only this place is lost. Raises OSError."""
    try:
        with budget.reading(place):
            return read()
    except OSError:
        raise
    except (SetAside, TooCostly) as refusal:
        logger.warning("Refused %s", refusal)
        return Damage(what=COSTLY, where=place)
    except Exception:  # foreign bytes may fail in any way
        logger.exception("%s cannot be read", place)
        return Damage(what=DAMAGED, where=place)


def text_of_page(body: bytes, headers: Iterable[tuple[str, str]] = ()) -> str:
    """Return a page's text, decoded by the same rules as in a crawl."""
    kinds = Headers([(name, value) for name, value in headers if name.lower() == "content-type"])
    page = HtmlResponse("https://www.kompas.com/", headers=kinds, body=body)
    marked, mark = read_bom(body)
    encoding = marked or encoding_of(body, page.encoding)
    return body.removeprefix(mark or b"").decode(encoding, "replace")


def or_bad_argument(question: Callable[[Path], T], path: Path) -> T:
    """Return what a function returns for a path; `BadArgument` where it raises OSError."""
    try:
        return question(path)
    except OSError as error:
        raise BadArgument(
            f"{error_text(error.filename or path, error)}; nothing was read"
        ) from error


def error_text(where: Path | str, error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) else None
    return f"{path_text(where)}: {reason or error}"


def path_text(path: Path | str) -> str:
    """Return a path as text that can be written: "?" for bytes that are not UTF-8."""
    return str(path).encode(errors="replace").decode()
