"""A chart of counts over time, with the share of the time that is proven."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import altair as alt

from kompas_crawler.report.charts import FONT
from kompas_crawler.search.counts import Count, Unit, total

_ACCENT, _INK, _SOFT, _LINE = "#0c6470", "#1c2126", "#626a72", "#e2dfd7"
_PROVEN = ["#ffffff", _ACCENT]  # nothing, all


def draw(
    rows: Sequence[Count], words: str, unit: Unit, notes: Sequence[str], path: Path, form: str
) -> None:
    """Write the picture as html, svg or png, with notes below its title.

    The page needs nothing from the internet.
    A stretch of time without an article is a gap in the line, and no zero.
    """
    picture = alt.vconcat(_frequency(rows, words, unit, notes), _proof(rows), spacing=6)
    picture.configure(
        font=FONT,
        background="#ffffff",
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(labelColor=_SOFT, titleColor=_SOFT, gridColor=_LINE, domain=False),
        title=alt.TitleConfig(color=_INK, subtitleColor=_SOFT, anchor="start", offset=14),
    ).resolve_scale(x="shared").save(
        str(path), format=form, scale_factor=2, **({"inline": True} if form == "html" else {})
    )


def _frequency(
    rows: Sequence[Count], words: str, unit: Unit, notes: Sequence[str]
) -> alt.LayerChart | alt.FacetChart:
    whole = total(rows)
    base = _base(rows).encode(
        x=alt.X("middle:T", title=None, axis=alt.Axis(labels=False, ticks=False, grid=False)),
        y=alt.Y("per_million:Q", title="hits per million words", scale=alt.Scale(zero=True)),
        tooltip=[
            "first:N",
            "last:N",
            "hits:Q",
            "per_million:Q",
            "articles_with_hits:Q",
            "articles:Q",
        ],
    )
    line = base.mark_line(color=_ACCENT, invalid="break-paths-show-path-domains")
    points = base.mark_point(color=_ACCENT, filled=True, size=40, invalid="filter")
    return alt.layer(line, points).properties(
        width=720,
        height=260,
        title=alt.TitleParams(
            words, subtitle=[f"hits by {unit}: {whole.hits:,}, articles: {whole.found:,}", *notes]
        ),
    )


def _proof(rows: Sequence[Count]) -> alt.Chart:
    """Return the strip below: the share of each stretch's days that is proven complete."""
    strip = (
        _base(rows)
        .mark_rect(stroke=_LINE)
        .encode(
            x=alt.X("begin:T", title=None, axis=alt.Axis(grid=False)),
            x2="end:T",
            fill=alt.Fill(
                "proven:Q",
                scale=alt.Scale(domain=[0, 1], range=_PROVEN, interpolate="rgb"),
                legend=None,
            ),
            tooltip=["first:N", "last:N", "days_proven:Q", "days:Q"],
        )
    )
    title = alt.TitleParams(
        "days proven complete: white none, dark all",
        fontSize=11,
        fontWeight="normal",
        color=_SOFT,
        orient="bottom",
    )
    made: alt.Chart = strip.properties(width=720, height=14, title=title)
    return made


def _base(rows: Sequence[Count]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=[_values(row) for row in rows]))


def _values(row: Count) -> dict[str, Any]:
    # With slashes a browser reads the day in the reader's own zone; with hyphens it would be UTC.
    begin = datetime.combine(row.first, time.min)
    length = timedelta(days=row.days)
    moments = {"begin": begin, "middle": begin + length / 2, "end": begin + length}
    clocks = {name: f"{moment:%Y/%m/%d %H:%M}" for name, moment in moments.items()}
    return row.row() | clocks | {"proven": row.proven / row.days}
