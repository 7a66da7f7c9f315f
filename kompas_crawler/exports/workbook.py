"""Export to an Excel workbook of one sheet; its header row stays visible."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from kompas_crawler.archive.record import to_record
from kompas_crawler.errors import BadArgument
from kompas_crawler.exports.columns import COLUMNS, Column, ColumnType
from kompas_crawler.exports.options import ExportRequest
from kompas_crawler.exports.spreadsheet import joined
from kompas_crawler.items import Article

LONGEST = 32_767  # characters that Excel takes in a cell
MOST = 1_048_575  # rows of a sheet below the first
CUT = " … [cut: Excel takes no more]"

# A string is written as a string: no formula, and no link of what looks like one.
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write(articles: Iterable[Article], path: Path, request: ExportRequest) -> None:
    """Write a row for each article; moments are real ones, at the clock that the page states."""
    # Its rows and parts are files first: on the target's disk, and removed whatever happens.
    with TemporaryDirectory(dir=path.parent, prefix=".", suffix=".part") as parts:
        try:
            with xlsxwriter.Workbook(str(path), {**_OPTIONS, "tmpdir": parts}) as book:
                _fill(book, articles)
        except FileCreateError as error:
            raise error.args[0] from error  # an OSError; the caller names the target


def _fill(book: xlsxwriter.Workbook, articles: Iterable[Article]) -> None:
    bold = book.add_format({"bold": True})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet = book.add_worksheet("articles")
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(COLUMNS) - 1, 20)
    for at, column in enumerate(COLUMNS):
        sheet.write_string(0, at, column.name, bold)
    row = 0
    for row, article in enumerate(articles, 1):
        if row > MOST:
            raise BadArgument(f"a sheet has {MOST:,} rows at most: select fewer articles")
        record = to_record(article)
        for at, column in enumerate(COLUMNS):
            _write_cell(sheet, (row, at), column, record[column.name], moment)
    sheet.autofilter(0, 0, row, len(COLUMNS) - 1)


def _write_cell(
    sheet: xlsxwriter.worksheet.Worksheet,
    place: tuple[int, int],
    column: Column,
    value: Any,
    moment: xlsxwriter.format.Format,
) -> None:
    if value is None or value == []:
        return
    if column.kind is ColumnType.MOMENT:
        clock = datetime.fromisoformat(value).replace(tzinfo=None)
        sheet.write_datetime(*place, clock, moment)
    elif column.kind is ColumnType.COUNT:
        sheet.write_number(*place, value)
    else:
        sheet.write_string(*place, _text(column, value))


def _text(column: Column, value: Any) -> str:
    if column.kind is ColumnType.TEXTS:
        value = joined(value)
    elif column.kind is ColumnType.PARTS:
        value = json.dumps(value, ensure_ascii=False)
    text = str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - len(CUT)] + CUT
