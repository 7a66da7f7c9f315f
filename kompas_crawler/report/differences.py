"""The changes between revisions of articles, as the texts of the report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from kompas_crawler.audit.changes import Change, DiffKind, FieldChange
from kompas_crawler.report.texts import TEXTS, Text, joined, long_day, page_text
from kompas_crawler.timezones import WIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A revision of an article beside the one before it, and what the page shows of it."""

    change: Change

    @property
    def anchor(self) -> str:
        """The name by which a link finds it on the page."""
        return f"change-{self.change.after.id}-{self.change.after.revision}"

    @property
    def day(self) -> Text:
        """The day, in WIB, on which the later revision was fetched."""
        fetched = self.change.after.fetched_at
        return long_day(fetched.astimezone(WIB).date()) if fetched else TEXTS["no-moment"]

    @property
    def fields(self) -> Text:
        """The names of the fields that changed."""
        return joined([field_name(field.name) for field in self.change.fields])

    @property
    def shown(self) -> tuple[FieldChange, ...]:
        """The fields to show before and after; the time of update is in a sentence."""
        return tuple(field for field in self.change.fields if field.name != "updated_at")

    @property
    def words(self) -> Text:
        """The number of words added and removed, in title and text."""
        return page_text(
            "changed.words",
            added=self.count("added"),
            removed=self.count("removed"),
        )

    def count(self, how: DiffKind) -> int:
        """Return the number of words of title and text that were added or removed."""
        return sum(
            len(piece.words.split())
            for field in self.change.fields
            if field.name in ("title", "text")
            for block in field.blocks
            for piece in block
            if piece.how == how
        )

    @property
    def says(self) -> tuple[Text, ...]:
        """When the article was published, when it changed, and what Kompas says of that."""
        before, after = self.change.before, self.change.after
        says = [
            page_text("changed.published", moment=moment(after.published_at)),
            page_text(
                "changed.between", before=moment(before.fetched_at), after=moment(after.fetched_at)
            ),
        ]
        if after.updated_at and after.updated_at != before.updated_at:
            says.append(page_text("changed.updated", moment=moment(after.updated_at)))
        return tuple(says)


def newest(changes: Iterable[Change], most: int) -> tuple[Difference, ...]:
    """Return the changes that were seen last, the last one first."""

    def seen(change: Change) -> tuple[float, str, int]:
        fetched = change.after.fetched_at
        return fetched.timestamp() if fetched else 0.0, change.after.id, change.after.revision

    ordered = sorted(changes, key=seen, reverse=True)[:most]
    return tuple(Difference(change=change) for change in ordered)


def by_day(differences: Sequence[Difference]) -> list[tuple[Text, list[Difference]]]:
    """Return the differences of each day on which some were seen."""
    return [(day, list(some)) for day, some in groupby(differences, key=lambda each: each.day)]


def field_name(name: str) -> Text:
    """Return what people call a field of the record.

    >>> field_name("text").id, field_name("no_such_field").en
    ('Isi', 'no_such_field')
    """
    return TEXTS.get(f"field-{name}", Text(name, name))


def moment(at: datetime | None) -> Text:
    """Return a moment by day and clock, in WIB.

    >>> moment(datetime(2026, 11, 22, 9, 5, tzinfo=WIB)).id
    '22 November 2026, 09.05 WIB'
    """
    if at is None:
        return TEXTS["no-moment"]
    local = at.astimezone(WIB)
    return page_text("moment", day=long_day(local.date()), clock=clock(local))


def clock(at: datetime) -> Text:
    return Text(f"{at:%H.%M}", f"{at:%H:%M}")
