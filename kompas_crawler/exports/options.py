"""The options of an export besides its articles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from kompas_crawler.exports.cards import Totals
from kompas_crawler.runs.coverage_proof import CoverageProof, nothing_proven
from kompas_crawler.search.selection import Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """What was selected, when, how a spreadsheet wants its CSV, and what is invented.

    `proof` returns what runs have proven of the days between two dates. `totals` are those of the
    articles that were handed to the writer so far.
    """

    selection: Selection
    made_at: datetime
    byte_order_mark: bool = False
    delimiter: str = ","
    invented_runs: frozenset[str] = frozenset()
    proof: Callable[[date, date], CoverageProof] = nothing_proven
    totals: Totals = field(default_factory=Totals)
