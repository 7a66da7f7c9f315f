"""The selection that a report shows, as text and as days."""

from __future__ import annotations

from datetime import date

from kompas_crawler.report.figures import SelectionText
from kompas_crawler.report.statistics import Statistics
from kompas_crawler.report.texts import TEXTS, Text, day_range, joined, page_text
from kompas_crawler.runs.periods import FIRST_DAY, Period
from kompas_crawler.search.selection import Selection
from kompas_crawler.timezones import WIB


def describe_selection(
    selection: Selection, other: Selection | None, counted: Statistics
) -> SelectionText:
    """Return the selection as text and days; an open period begins with the first article."""
    days = _days(selection.period, counted.first_day)
    parts = [
        joined([TEXTS[kind], ": ", joined(names, Text(" atau ", " or "))], "")
        for kind, names in selection.names.items()
        if names
    ]
    if days:
        parts.insert(0, page_text("asked-period", days=day_range(*days)))
    return SelectionText(
        words=joined(parts, "; ") if parts else None,
        days=days,
        other=_days(other.period if other else None, None),
    )


def _days(period: Period | None, first_day: date | None) -> tuple[date, date] | None:
    if period is None:
        return None
    since, until = (moment.astimezone(WIB).date() for moment in (period.since, period.until))
    if since == FIRST_DAY:
        since = max(since, min(first_day or until, until))
    return since, until
