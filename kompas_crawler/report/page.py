"""Rendering of a report as one HTML file that needs no network."""

from __future__ import annotations

import re
from base64 import b64encode
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

import vl_convert
from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from kompas_crawler.audit.changes import DiffPiece
from kompas_crawler.exports.destination import replacing
from kompas_crawler.report import statistics
from kompas_crawler.report.chart_data import UNPROVEN
from kompas_crawler.report.charts import colour
from kompas_crawler.report.differences import by_day, clock, field_name
from kompas_crawler.report.figure import Figure, Value
from kompas_crawler.report.figures import Report
from kompas_crawler.report.texts import (
    LANGUAGES,
    TEXTS,
    Language,
    Text,
    articles_text,
    day_range,
    days_text,
    long_day,
    number,
    number_locale,
    page_text,
    time_locale,
)
from kompas_crawler.sections import SECTION

#: What is not proven is hatched: the name of the pattern, its ground and its lines.
_HATCHINGS = (
    (UNPROVEN, "transparent", "var(--hatch)"),
    *((f"hatch-{n}", f"var(--ramp-{n})", "var(--card)") for n in range(1, 6)),
)


def render(report: Report, language: Language) -> str:
    """Return the page; it opens in `language`, and holds both."""
    scripts = [library().result(), _text("page.js")]
    template = _environment().get_template("page.html")
    return template.render(
        language=language,
        report=report,
        lead=_lead(report),
        keys=_key_numbers(report),
        made=page_text("made", day=long_day(report.made_at.date()), clock=clock(report.made_at)),
        style=Markup(_text("page.css")),  # noqa: S704 (our own file)
        scripts=[Markup(script) for script in scripts],  # noqa: S704 (a library and our own file)
        policy=_policy(scripts),
        data=_data(report.figures),
    )


def write(page: str, path: Path) -> None:
    """Put the page at `path`, whole or not at all; raise StorageFailed where the disk refuses."""
    with replacing(path) as draft:
        draft.write_text(page, encoding="utf-8")


def _lead(report: Report) -> tuple[Text, ...]:
    counted = report.totals
    asked = (page_text("asked", what=report.asked),) if report.asked else ()
    if not counted.days:
        return TEXTS["lead-empty"], TEXTS["empty-hint"]
    days = day_range(min(counted.days), max(counted.days))
    lead = page_text("lead", articles=articles_text(counted.articles), days=days)
    whole = sum(cell.is_proven for cell in report.cells)
    proof = page_text(
        "proof",
        whole=whole,
        days=days_text(len(report.cells)),
        percent=statistics.percent(whole, len(report.cells)),
        pending=len(report.history.state.pending),
    )
    warnings = {"invented": counted.invented, "broken": counted.broken}
    return (
        lead,
        *asked,
        proof,
        *(page_text(name, number=n) for name, n in warnings.items() if n),
    )


def _key_numbers(report: Report) -> list[tuple[Text, Text]]:
    counted = report.totals
    values = {
        "key-articles": counted.articles,
        "key-days": len(counted.days),
        "key-words": counted.words,
        "key-revised": counted.revised,
        "key-duplicates": counted.duplicates,
        "key-pending": len(report.history.state.pending),
    }
    return [(number(value), TEXTS[name]) for name, value in values.items()]


def _data(figures: list[Figure]) -> dict[str, Any]:
    """Return what `page.js` draws from."""
    drawn = [figure for figure in figures if figure.is_drawn]
    return {
        "charts": {figure.name: figure.specs() for figure in drawn},
        "data": {name: rows for figure in drawn for name, rows in figure.data.items()},
        "numbers": {language: number_locale(language) for language in LANGUAGES},
        "times": {language: time_locale(language) for language in LANGUAGES},
        "copied": {language: TEXTS["copied"][language] for language in LANGUAGES},
        "titles": {language: TEXTS["title"][language] for language in LANGUAGES},
    }


def _policy(scripts: list[str]) -> str:
    """Return a policy that lets the page run these scripts, and load nothing from anywhere."""
    allowed = " ".join(
        f"'sha256-{b64encode(sha256(s.encode()).digest()).decode()}'" for s in scripts
    )
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:;"
        " base-uri 'none'; form-action 'none'"
    )


@cache
def library() -> Future[str]:
    """Begin to make one script of Vega, Vega-Lite and Vega-Embed, and return it as it will be.

    No network is needed; it takes two seconds of CPU, beside what else is done meanwhile.
    """
    return ThreadPoolExecutor(1).submit(_bundled)


def _bundled() -> str:
    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return bundle.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _environment() -> Environment:
    made = Environment(
        loader=FunctionLoader(_text),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(both=_both, cell=_cell, heading=_heading, cut=_cut, paint=colour)
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    made.filters.update(by_day=by_day, field_name=field_name)
    made.tests["numeric"] = _is_numeric
    made.globals.update(hatchings=_HATCHINGS, texts=TEXTS, page_text=page_text)
    made.globals.update(section=Text(SECTION.indonesian, SECTION.english))
    return made


def _both(text: Text) -> Markup:
    """Return a text in both languages; the style shows the one of the page.

    >>> _both(Text("Hari", "Day"))
    Markup('<span lang="id">Hari</span><span lang="en">Day</span>')
    >>> _both(Text("A&P", "A&P"))
    Markup('A&amp;P')
    """
    if text.id == text.en:
        return escape(text.id)
    return Markup('<span lang="id">{}</span><span lang="en">{}</span>').format(text.id, text.en)


def _cell(value: Value) -> Markup:
    if isinstance(value, int):
        value = number(value)
    return _both(value) if isinstance(value, Text) else escape(value)


def _is_numeric(value: Value) -> bool:
    """Return whether a cell holds a number; a tag of digits is none.

    >>> [_is_numeric(value) for value in (7, "<1%", Text("0,5", "0.5"), "2021", "meta 97%")]
    [True, True, True, False, False]
    """
    if isinstance(value, str):
        return bool(re.fullmatch(r"[<>]?\d+%", value))
    return isinstance(value, int) or bool(re.fullmatch(r"[<>−+]?[\d.,]+%?", value.en))


def _heading(column: str | Text) -> Markup:
    return _both(column if isinstance(column, Text) else TEXTS[column])


def _cut(piece: DiffPiece) -> str:
    """Return the words of a difference; of many, the first and the last.

    >>> _cut(DiffPiece("same", " ".join("abcdefghijklmnopqrstuvwxyz")))
    'a b c d e f g h … s t u v w x y z'
    """
    words, ends = piece.words.split(), 8 if piece.how == "same" else 30
    if len(words) <= 2 * ends:
        return piece.words
    return " ".join([*words[:ends], "…", *words[-ends:]])


def _text(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
