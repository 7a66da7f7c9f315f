"""The pages of the stand-in, one module for each generation of Kompas's templates."""

from __future__ import annotations

from collections.abc import Callable

from kompas_standin.articles import StandInArticle
from kompas_standin.templates import (
    amp_2022,
    kcm_2014,
    kcm_2015,
    mobile_2021,
    read_2017,
    read_2022,
)
from kompas_standin.templates.boxes_of import Boxes
from kompas_standin.templates.pieces import Page

ARTICLE_PAGES: dict[str, Callable[[StandInArticle, Boxes, int | None], Page]] = {
    "read-2017": read_2017.draw,
    "read-2022": read_2022.draw,
    "kcm-2015": kcm_2015.draw,
    "mobile-2021": mobile_2021.draw,
    "amp-2022": amp_2022.draw,
    "kcm-2014": kcm_2014.draw,
}
