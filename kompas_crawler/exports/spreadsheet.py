"""Export to a CSV file that no spreadsheet takes for formulas, whatever separator it assumes.

A cell that begins with = + - @, a tab or a carriage return is a formula to Excel and LibreOffice,
and a headline may be written to be one. To a program that parts cells by semicolons, a cell begins
behind each semicolon. So an apostrophe stands before such a sign wherever a separator or a line
end, blanks and quotes are all that comes before it; and so that this can be undone, apostrophes
that stood there already get one more.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from kompas_crawler.archive.record import to_record
from kompas_crawler.exports.columns import COLUMNS, ColumnType
from kompas_crawler.exports.options import ExportRequest
from kompas_crawler.items import Article

SEPARATOR = " | "
_json = json.JSONEncoder(ensure_ascii=False).encode

_BEGINNING = r'((?:^|[,;|\t\r\n])(?:[^\S\t\r\n]|")*+)'
# The full-width forms count as formulas in spreadsheets of East Asia.
_FORMULA = r"[=+\-@\t\r＝＋－＠]"
_HARMFUL = re.compile(f"{_BEGINNING}(?='*{_FORMULA})")
_HARMFUL_IN_JSON = re.compile(f"{_BEGINNING}({_FORMULA})")
# Nearly every text has separators, few have a sign at their beginning or behind what may precede it:
# to look for that first takes a quarter of the time.
_SUSPECT = re.compile(rf"""{_FORMULA}(?<![^\s,;|"'].)""")


def write(articles: Iterable[Article], path: Path, request: ExportRequest) -> None:
    """Write a row for each article, below a row of names: RFC 4180, UTF-8.

    Null and the empty list are empty cells; lists of text are joined, lists of objects are JSON.
    """
    encoding = "utf-8-sig" if request.byte_order_mark else "utf-8"
    with path.open("x", encoding=encoding, newline="") as file:
        rows = csv.writer(file, delimiter=request.delimiter)
        rows.writerow(column.name for column in COLUMNS)
        for article in articles:
            record = to_record(article)
            rows.writerow(cell(record[name]) if record[name] else "" for name, cell in _CELLS)


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet reads as a formula, in whole or in part.

    >>> harmless("=1+1"), harmless("'=1+1"), harmless("'kutipan'"), harmless("Naik; =1")
    ("'=1+1", "''=1+1", "'kutipan'", "Naik; '=1")
    """
    return _HARMFUL.sub(r"\1'", cell) if _SUSPECT.search(cell) else cell


def harmless_json(text: str) -> str:
    r"""Return JSON of the same value that no spreadsheet reads as a formula, in whole or in part.

    >>> harmless_json('["Naik; =1"]')
    '["Naik; \\u003d1"]'
    """
    if not _SUSPECT.search(text):
        return text
    return _HARMFUL_IN_JSON.sub(lambda found: f"{found[1]}\\u{ord(found[2]):04x}", text)


def joined(values: Iterable[str]) -> str:
    r"""Return a list of text as one cell; what its values hold of the separator is escaped.

    >>> joined(["Rusia", "A | B"])
    'Rusia | A \\| B'
    """
    return SEPARATOR.join(value.replace("|", "\\|") for value in values)


_BY_TYPE: dict[ColumnType, Callable[[Any], str | int]] = {
    ColumnType.TEXT: harmless,
    ColumnType.COUNT: int,
    ColumnType.MOMENT: str,
    ColumnType.TEXTS: lambda values: harmless(joined(values)),
    ColumnType.PARTS: lambda values: harmless_json(_json(values)),
}
_CELLS = tuple((column.name, _BY_TYPE[column.kind]) for column in COLUMNS)
