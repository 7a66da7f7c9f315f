"""The position on Earth of the place that a dateline names.

`places.tsv` names cities, and the countries, states and regions that Kompas prints in their stead
(WASHINGTON DC, KARIBIA, ARIZONA: datelines of 2020 and 2025), a country at its capital, in degrees
rounded to a tenth. `land.json` is the outline of the land, from Natural Earth (1:110 million,
public domain), without Antarctica.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place on the map: its name as it is mostly printed, degrees, and its articles."""

    name: str
    latitude: float
    longitude: float
    articles: int


def spots(places: Mapping[str, int]) -> tuple[list[Spot], Counter[str]]:
    """Return the places that are in the table, most articles first, and those that are not.

    >>> found, unknown = spots({"KYIV": 2, "Kiev": 1, "WASHINGTON, D.C.": 1, "ATLANTIS": 1})
    >>> [(spot.name, spot.articles) for spot in found], dict(unknown)
    ([('KYIV', 3), ('WASHINGTON, D.C.', 1)], {'ATLANTIS': 1})
    """
    names: dict[tuple[float, float], Counter[str]] = {}
    unknown: Counter[str] = Counter()
    for place, number in places.items():
        point = point_of(place)
        if point is None:
            unknown[place] += number
        else:
            names.setdefault(point, Counter())[place] += number
    found = [
        Spot(
            name=counts.most_common(1)[0][0],
            latitude=latitude,
            longitude=longitude,
            articles=counts.total(),
        )
        for (latitude, longitude), counts in names.items()
    ]
    return sorted(found, key=lambda spot: (-spot.articles, spot.name)), unknown


def point_of(place: str) -> tuple[float, float] | None:
    """Return latitude and longitude of a place in degrees, None if it is not in the table.

    >>> point_of("Kiev")
    (50.5, 30.5)
    """
    return _points().get(_plain(place))


def land() -> dict[str, Any]:
    """Return the outline of the land as a GeoJSON feature."""
    outline: dict[str, Any] = json.loads(_text("land.json"))
    return outline


def _plain(place: str) -> str:
    """Return a place's name as the table has it: capitals, one space, no stops.

    >>> _plain("Washington,  D.C.")
    'WASHINGTON DC'
    """
    return " ".join(place.upper().replace(".", "").replace(",", " ").split())


@cache
def _points() -> dict[str, tuple[float, float]]:
    rows = csv.DictReader(_text("places.tsv").splitlines(), delimiter="\t")
    return {
        _plain(name): (float(row["latitude"]), float(row["longitude"]))
        for row in rows
        for name in row["names"].split("|")
    }


def _text(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
