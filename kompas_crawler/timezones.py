"""Indonesia's three time zones: WIB, WITA and WIT."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta, timezone
from types import MappingProxyType

# Fixed offsets: Indonesia has no summer time, and `zoneinfo` would need the system's data.
WIB = timezone(timedelta(hours=7), "WIB")
WITA = timezone(timedelta(hours=8), "WITA")
WIT = timezone(timedelta(hours=9), "WIT")


#: Indonesia's three zones by the name a page prints. A line without a zone is in WIB.
ZONES: Mapping[str, timezone] = MappingProxyType({"WIB": WIB, "WITA": WITA, "WIT": WIT})
