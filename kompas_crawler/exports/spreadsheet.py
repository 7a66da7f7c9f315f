"""How do articles become a CSV file that a spreadsheet opens without harm?

A cell that begins with = + - @, a tab or a line end is a formula to Excel and LibreOffice, and
a headline may be written to be one. Such a cell gets an apostrophe before it, and so that
this can be undone, a cell that begins with apostrophes before one of these gets one more.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from kompas_crawler.exports.columns import COLUMNS, Column, Kind
from kompas_crawler.exports.request import Request
from kompas_crawler.items import Article
from kompas_crawler.records import to_record

SEPARATOR = " | "

# The full-width forms count as formulas in spreadsheets of East Asia.
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")


def write(articles: Iterable[Article], path: Path, request: Request) -> None:
    """Write a row for each article, below a row of names: RFC 4180, UTF-8.

    Null and the empty list are empty cells; lists of text are joined, lists of objects are JSON.
    """
    encoding = "utf-8-sig" if request.byte_order_mark else "utf-8"
    with path.open("x", encoding=encoding, newline="") as file:
        rows = csv.writer(file, delimiter=request.delimiter)
        rows.writerow(column.name for column in COLUMNS)
        for article in articles:
            record = to_record(article)
            rows.writerow(_cell(column, record[column.name]) for column in COLUMNS)


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula.

    >>> harmless("=1+1"), harmless("'=1+1"), harmless("'kutipan'")
    ("'=1+1", "''=1+1", "'kutipan'")
    """
    return f"'{cell}" if _FORMULA.match(cell) else cell


def joined(values: Iterable[str]) -> str:
    r"""Return a list of text as one cell; what its values hold of the separator is escaped.

    >>> joined(["Rusia", "A | B"])
    'Rusia | A \\| B'
    """
    return SEPARATOR.join(value.replace("|", "\\|") for value in values)


def _cell(column: Column, value: Any) -> str | int:
    if value is None or value == []:
        return ""
    if column.kind is Kind.COUNT:
        return int(value)
    if column.kind is Kind.TEXTS:
        return harmless(joined(value))
    if column.kind is Kind.PARTS:
        return json.dumps(value, ensure_ascii=False)
    return harmless(value.isoformat() if isinstance(value, datetime) else str(value))
