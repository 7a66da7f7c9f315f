"""Indonesia's time zones, which Python's own data name by cities only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta, timezone
from types import MappingProxyType

WIB = timezone(timedelta(hours=7), "WIB")


WITA = timezone(timedelta(hours=8), "WITA")


WIT = timezone(timedelta(hours=9), "WIT")


#: Indonesia's three zones by the name a page prints. A line without a zone is in WIB.
ZONES: Mapping[str, timezone] = MappingProxyType({"WIB": WIB, "WITA": WITA, "WIT": WIT})
