"""The boxes that a site's present puts on every page, made once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from kompas_standin.articles import Headline
from kompas_standin.site import Site
from kompas_standin.templates import boxes
from kompas_standin.templates.pieces import Fixture


class Boxes:
    """The furniture of a site as it is now; "full" weighs what real pages weigh, 150 KB and more."""

    def __init__(self, newest: list[Headline], full: bool, year: int) -> None:
        self.newest = newest
        self.full = full
        self.year = year

    @cached_property
    def scripts(self) -> Fixture:
        return Fixture(boxes.scripts(50 if self.full else 1))

    @cached_property
    def menu(self) -> Fixture:
        return Fixture(boxes.menu(self.full))

    def latest(self, advertised: bool = False) -> str:
        return boxes.latest(self.newest, advertised)

    @cached_property
    def comments(self) -> str:
        return boxes.comments(20 if self.full else 1)

    @cached_property
    def beside(self) -> str:
        """The lists of the right column, between the advertisements and the comments."""
        return (
            boxes.slots(50 if self.full else 2)
            + boxes.most_read(self.newest[:5])
            + boxes.trending(self.newest[5:15] or self.newest)
        )

    def missed(self, lazy: bool = False) -> str:
        return boxes.COMMENTED + boxes.missed(self.newest[:3], lazy)

    @cached_property
    def tail(self) -> Fixture:
        icons = boxes.icons(60 if self.full else 1)
        return Fixture(boxes.modals() + icons + boxes.foot(self.year))

    def fixture(self, name: str, draw: Callable[[Boxes], str]) -> Fixture:
        """Return what a template draws of these boxes, drawn once."""
        if name not in self._drawn:
            self._drawn[name] = Fixture(draw(self))
        return self._drawn[name]

    @cached_property
    def _drawn(self) -> dict[str, Fixture]:
        return {}


def boxes_of(site: Site) -> Boxes:
    """Return the boxes; those at the side name the newest articles of the site."""
    full = site.weight == "full"
    newest = [site.headline(id_) for id_ in site.latest(20 if full else 4)]
    return Boxes(newest, full, site.now.year)
