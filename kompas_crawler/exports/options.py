"""The options of an export besides its articles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kompas_crawler.search.selection import Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """What was asked for, when, how a spreadsheet wants its CSV, and what is invented."""

    selection: Selection
    made_at: datetime
    byte_order_mark: bool = False
    delimiter: str = ","
    invented_runs: frozenset[str] = frozenset()
