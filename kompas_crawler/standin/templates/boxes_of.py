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
    related: Fixture
    side: Fixture
    tail: Fixture


def boxes_of(site: Site) -> Boxes:
    """Return the boxes; those at the side name the newest articles of the site."""
    full = site.weight == "full"
    newest = [site.headline(id_) for id_ in site.latest(20 if full else 4)]
    near = (
        boxes.link_list(newest)
        + boxes.comments(20 if full else 1)
        + "</div>\n"  # the end of the column of the article
    )
    beside = (
        f'<div class="col-bs10-3">\n{boxes.most_read(newest[:5])}'
        f"{boxes.slots(50 if full else 2)}{boxes.trending(newest[5:15])}</div>\n</div>\n"
    )
    tail = boxes.modals() + boxes.icons(60 if full else 1) + boxes.foot(site.now.year)
    return Boxes(
        scripts=Fixture(boxes.scripts(50 if full else 1)),
        menu=Fixture(boxes.menu(full)),
        related=Fixture(boxes.related(newest[:5])),
        side=Fixture(near + beside),
        tail=Fixture(tail),
    )
