"""Which boxes does this site's present put on every page?"""

from __future__ import annotations

from dataclasses import dataclass

from kompas_crawler.standin.site import Site
from kompas_crawler.standin.templates import boxes
from kompas_crawler.standin.templates.pieces import Fixture


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxes:
    """The furniture of a site as it is now; "full" weighs what real pages weigh, 150 KB and more."""

    scripts: Fixture
    menu: Fixture
    side: Fixture
    tail: Fixture


def boxes_of(site: Site) -> Boxes:
    """Return the boxes; those at the side name the newest articles of the site."""
    full = site.weight == "full"
    newest = [site.headline(id_) for id_ in site.latest(15 if full else 4)]
    side = f"{boxes.link_list(newest)}\n</div>\n{boxes.most_read(newest[:5])}</div>\n"
    tail = boxes.comments(40 if full else 1) + boxes.modals() + boxes.icons(60 if full else 1)
    return Boxes(
        scripts=Fixture(boxes.scripts(60 if full else 1)),
        menu=Fixture(boxes.menu()),
        side=Fixture(side),
        tail=Fixture(tail + boxes.foot(site.now.year)),
    )
