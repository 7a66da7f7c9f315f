"""Exports: each is opened again by the programs people use, and holds what the archive holds."""

import csv
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kompas_crawler.archive.record import FIELD_NAMES, from_record, line_of
from kompas_crawler.archive.schema import EXAMPLE
from kompas_crawler.archive.store import Archive
from kompas_crawler.errors import BadArgument, StorageFailed
from kompas_crawler.exports import FORMATS, ExportRequest, dataset, destination, export, spreadsheet
from kompas_crawler.exports.columns import COLUMNS, ColumnType
from kompas_crawler.exports.spreadsheet import harmless, harmless_json, joined
from kompas_crawler.items import Embed, Image
from kompas_crawler.processors import content_hash, count_words
from kompas_crawler.runs.outcome import EXIT_CODES, NOTHING_FOUND, Outcome
from kompas_crawler.search.selection import Selection
from kompas_crawler.timezones import WIB, WIT, WITA
from kompas_crawler.urls import month_of
from tests import forked
from tests.command_line import scrapy
from tests.conftest import ROOT, environment
from tests.in_process import run_in_process

STORAGE = EXIT_CODES[Outcome.STORAGE]
USE = (ROOT / "docs" / "use.md").read_text(encoding="utf-8")
TARGETS = ["a.parquet", "a.csv", "a.sqlite", "a.jsonl", "a.xlsx", "a-folder"]
MOMENTS = [column.name for column in COLUMNS if column.kind is ColumnType.MOMENT]
PARTS = {column.name: column.parts for column in COLUMNS if column.kind is ColumnType.PARTS}


def article(id, **changes):
    made = replace(
        from_record(EXAMPLE),
        id=id,
        url=f"https://www.kompas.com/global/read/{id}/contoh",
        published_at=datetime(*map(int, id.split("/")[:3]), 9, 30, 5, tzinfo=WIB),
        updated_at=None,
        **changes,
    )
    return replace(
        made,
        content_hash=content_hash(made.title, made.text),
        word_count=count_words(made.text),
    )


FIRST = article("2024/01/31/093005170", title='=HYPERLINK("https://jahat.example","Baca")')
ARTICLES = [
    FIRST,
    article(
        "2024/02/01/093005270",
        title="Presiden Erdoğan tiba di Café Ankara",
        text='Kata "kutipan", koma; titik koma.\n\nJudul kecil\n\n-Butir dengan\ttab | garis. 🚁 العربية',
        subheadings=("Judul kecil",),
        place="ANKARA",
        sources=("Reuters", "AP | AFP", "-Kantor"),
        tags=("@akun", "Turki, Erdoğan", "1/2"),
        related=(),
        images=(
            Image(url="https://asset.kompas.com/a.jpg"),
            Image(url="https://asset.kompas.com/b.jpg", caption="=1+1", credit="AFP"),
        ),
        embeds=(Embed(kind="twitter", url=None, text="Halo\nDunia"),),
        warnings=(),
    ),
    article(
        "2024/02/29/093005370",
        text="'=Rusia kebanjiran.\n\nHelikopter dikirim.",
        section=None,
        place=None,
        dateline=None,
        description=None,
        authors=(),
        editors=(),
        sources=(),
        subheadings=(),
        tags=(),
        related=(),
        images=(),
        embeds=(),
        warnings=(),
        duplicate_of="2024/01/31/093005170",
    ),
    replace(
        article("2024/12/31/093005470", place="JAYAPURA", tags=("rusia",)),
        published_at=datetime(2025, 1, 1, 0, 15, 0, tzinfo=WIT),
        updated_at=datetime(2025, 1, 1, 7, 45, 9, tzinfo=WIT),
    ),
    replace(
        article("2025/01/02/093005570", place="MAKASSAR", sources=("TASS",)),
        published_at=datetime(2025, 1, 2, 10, 30, 5, tzinfo=WITA),
    ),
]
SECOND_REVISION = article(FIRST.id, title="Judul baru", text="Isi baru.", subheadings=())


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    root = tmp_path_factory.mktemp("output")
    with Archive(root) as archive:
        for each in ARTICLES:
            archive.append(each)
        archive.append(SECOND_REVISION, revise=True)
    return root


@pytest.fixture(scope="module")
def latest(output):
    """The records that an export must hold: read here from the files, without the archive."""
    lines = {}
    for path in sorted((output / "articles").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            lines.pop(record["id"], None)
            lines[record["id"]] = record
    return list(lines.values())


@pytest.fixture(scope="module")
def exported(output, tmp_path_factory):
    """All formats, each written by the command."""
    folder = tmp_path_factory.mktemp("exported")
    for name in TARGETS:
        form = ["--format", "dataset"] if "." not in name else []
        done = scrapy("export", "--to", str(folder / name), *form, output=output)
        assert done.code == 0, done.log
        assert done.out.startswith("5 articles from 2024-01-31 to 2025-01-02 in "), done.out
    assert sorted(path.name for path in folder.iterdir()) == sorted(TARGETS)
    return folder


def retold(row):
    """A record made again from a typed row."""
    row = dict(row)
    offset = datetime.fromisoformat(f"2000-01-01T00:00:00{row.pop('published_offset')}").tzinfo
    for name in MOMENTS:
        if row[name] is not None:
            zone = WIB if name == "fetched_at" else offset
            row[name] = row[name].astimezone(zone).isoformat(timespec="seconds")
    return row


def test_parquet_holds_every_record(exported, latest):
    rows = pq.read_table(exported / "a.parquet").to_pylist()
    assert list(map(retold, rows)) == latest
    assert list(rows[0]) == [*FIELD_NAMES, "published_offset"]


def test_parquet_is_typed_and_compressed(exported):
    file = pq.ParquetFile(exported / "a.parquet")
    types = {field.name: field.type for field in file.schema_arrow}
    assert {types[name] for name in MOMENTS} == {pa.timestamp("ms", tz="Asia/Jakarta")}
    assert {types[name] for name in ("page_count", "word_count", "revision")} == {pa.int32()}
    assert pa.types.is_list(types["tags"])
    assert pa.types.is_string(types["tags"].value_type)
    for name, parts in PARTS.items():
        assert [field.name for field in types[name].value_type] == list(parts)
    row_group = file.metadata.row_group(0)
    codecs = {row_group.column(at).compression for at in range(row_group.num_columns)}
    assert codecs == {"ZSTD"}


def test_pandas_opens_parquet(exported, latest):
    frame = pd.read_parquet(exported / "a.parquet")
    assert list(frame["id"]) == [record["id"] for record in latest]
    moments = [datetime.fromisoformat(record["published_at"]) for record in latest]
    assert list(frame["published_at"]) == moments
    assert str(frame["published_at"].dt.tz) == "Asia/Jakarta"
    assert [list(tags) for tags in frame["tags"]] == [record["tags"] for record in latest]
    assert frame["updated_at"].isna().sum() == 4


def test_duckdb_opens_parquet(exported, latest):
    with closing(duckdb.connect()) as db:
        path = str(exported / "a.parquet")
        rows = db.execute("SELECT id, title, text, sources, images FROM read_parquet(?)", [path])
        keys = ("id", "title", "text", "sources", "images")
        assert rows.fetchall() == [tuple(record[key] for key in keys) for record in latest]
        epochs = db.execute("SELECT epoch(published_at) FROM read_parquet(?)", [path]).fetchall()
    moments = [datetime.fromisoformat(record["published_at"]) for record in latest]
    assert [epoch for (epoch,) in epochs] == [moment.timestamp() for moment in moments]


BEGINNING = r'((?:^|[,;|\t\r\n])(?:[^\S\t\r\n]|")*)'
UNDO = re.compile(BEGINNING + r"'(?='*[=+\-@\t\r＝＋－＠])")  # as docs/use.md has it
FORMULA = re.compile(r'[^\S\t\r\n"]*[=+\-@\t\r＝＋－＠]')


def uncelled(column, cell):
    """The value of a CSV cell, by the rules that docs/use.md gives."""
    if cell == "":
        return [] if column.kind in (ColumnType.TEXTS, ColumnType.PARTS) else None
    if column.kind is ColumnType.COUNT:
        return int(cell)
    if column.kind is ColumnType.PARTS:
        return json.loads(cell)
    cell = UNDO.sub(r"\1", cell)
    if column.kind is ColumnType.TEXTS:
        return [value.replace("\\|", "|") for value in cell.split(" | ")]
    return cell


def uncelled_rows(rows):
    return [
        {column.name: uncelled(column, row[column.name] or "") for column in COLUMNS}
        for row in rows
    ]


def test_csv_holds_every_record(exported, latest):
    with (exported / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(FIELD_NAMES)
    assert uncelled_rows(rows) == latest


def test_pandas_opens_csv(exported, latest):
    frame = pd.read_csv(exported / "a.csv", dtype=str, keep_default_na=False)
    assert uncelled_rows(frame.to_dict("records")) == latest


def test_duckdb_opens_csv(exported, latest):
    with closing(duckdb.connect()) as db:
        rows = db.execute(
            "SELECT * FROM read_csv(?, header = true, all_varchar = true, quote = '\"',"
            " escape = '\"', delim = ',', strict_mode = false, auto_detect = false, columns = ?)",
            [str(exported / "a.csv"), dict.fromkeys(FIELD_NAMES, "VARCHAR")],
        )
        assert (
            uncelled_rows(dict(zip(FIELD_NAMES, row, strict=True)) for row in rows.fetchall())
            == latest
        )


def test_no_cell_of_the_csv_is_a_formula(exported):
    with (exported / "a.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if FORMULA.match(cell)]
    assert "'@akun | Turki, Erdoğan | 1/2" in cells
    assert "''=Rusia kebanjiran.\n\nHelikopter dikirim." in cells


HOSTILE = st.text("='+-@\t\r\n ＝－a\xa0\u3000é|;,\"\\", max_size=8)


@given(HOSTILE)
def test_what_makes_a_cell_harmless_can_be_undone(text):
    cell = harmless(text)
    assert not FORMULA.match(cell)
    assert UNDO.sub(r"\1", cell) == text
    parts = [{"title": text, "url": text}]
    assert json.loads(harmless_json(json.dumps(parts))) == parts


def parted(path, separator, **how):
    """The cells of a CSV file as a program reads it that assumes another separator."""
    with path.open(encoding="utf-8", newline="") as file:
        return [cell for row in csv.reader(file, delimiter=separator, **how) for cell in row]


@pytest.mark.parametrize("how", [{}, {"skipinitialspace": True}, {"quoting": csv.QUOTE_NONE}])
@given(texts=st.lists(HOSTILE.map(lambda text: text.replace("\r", "\n")), min_size=4, max_size=4))
def test_no_cell_is_a_formula_whatever_parts_the_cells(tmp_path_factory, how, texts):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    title, text, tag, caption = texts
    hostile = article(
        "2026/11/20/093005070",
        title=title,
        text=text,
        place=tag,
        description=caption,
        tags=(tag, title),
        images=(Image(url=f"https://x.example/{caption}", caption=caption, credit=text),),
    )
    request = ExportRequest(selection=Selection(), made_at=datetime(2026, 11, 23, tzinfo=WIB))
    spreadsheet.write([hostile, hostile], path, request)
    for separator in ",;|\t":
        cells = parted(path, separator, **how)
        assert not [cell for cell in cells if FORMULA.match(cell.lstrip('" '))], separator


@given(st.lists(st.text("a| \\", min_size=1).filter(lambda text: text == text.strip()), min_size=1))
def test_what_joins_a_list_can_be_undone(values):
    assert [value.replace("\\|", "|") for value in joined(values).split(" | ")] == values


def test_a_byte_order_mark_is_written_where_it_is_asked_for(output, exported, tmp_path):
    path = tmp_path / "excel.csv"
    assert run_in_process("export", "--to", str(path), "--bom", output=output).code == 0
    plain = (exported / "a.csv").read_bytes()
    assert not plain.startswith(b"\xef\xbb\xbf")
    assert path.read_bytes() == b"\xef\xbb\xbf" + plain


def from_tables(db):
    """Every record again, from the tables."""
    db.row_factory = sqlite3.Row
    for row in db.execute("SELECT * FROM articles ORDER BY key"):
        record = {}
        for column in COLUMNS:
            if column.kind in (ColumnType.TEXTS, ColumnType.PARTS):
                question = f'SELECT * FROM "{column.name}" WHERE article = ? ORDER BY position'
                rows = db.execute(question, (row["key"],)).fetchall()
                record[column.name] = [
                    {name: each[name] for name in column.parts} if column.parts else each["value"]
                    for each in rows
                ]
            else:
                record[column.name] = row[column.name]
        yield record


def test_sqlite_holds_every_record(exported, latest):
    with closing(sqlite3.connect(exported / "a.sqlite")) as db:
        assert list(from_tables(db)) == latest
        assert db.execute("PRAGMA integrity_check").fetchall()[0][0] == "ok"
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_sqlite_has_an_index_for_what_is_looked_up(exported):
    with closing(sqlite3.connect(exported / "a.sqlite")) as db:
        rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql NOT NULL")
        names = {name for (name,) in rows}
        usable = db.execute("EXPLAIN QUERY PLAN SELECT article FROM tags WHERE value = 'x'")
        assert "tags_by_value" in usable.fetchone()[3]
    lists = {"authors", "editors", "sources", "tags", "images", "related"}
    assert names >= {
        "articles_by_id",
        "articles_by_published_at",
        *(f"{n}_by_value" for n in lists),
    }


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("erdogan", ["2024/02/01/093005270"]),
        ("CAFE", ["2024/02/01/093005270"]),
        ("kebanjiran helikopter", ["2024/02/29/093005370"]),
        ("title: baru", ["2024/01/31/093005170"]),
        ("hyperlink", []),
    ],
)
def test_sqlite_searches_title_and_text(exported, words, found):
    with closing(sqlite3.connect(exported / "a.sqlite")) as db:
        rows = db.execute(
            "SELECT id FROM articles_fts JOIN articles ON key = articles_fts.rowid"
            " WHERE articles_fts MATCH ?",
            (words,),
        )
        assert [id for (id,) in rows] == found


def test_sqlite_shows_the_searched_text(exported):
    with closing(sqlite3.connect(exported / "a.sqlite")) as db:
        rows = db.execute(
            "SELECT highlight(articles_fts, 1, '<', '>') FROM articles_fts"
            " WHERE articles_fts MATCH 'helikopter'"
        )
        assert rows.fetchall() == [("'=Rusia kebanjiran.\n\n<Helikopter> dikirim.",)]


def test_datasette_finds_the_search_table(exported):
    """By the rule of datasette/utils `detect_fts_sql`; without it, its search returns everything."""
    rule = """SELECT name FROM sqlite_master WHERE rootpage = 0
        AND (sql LIKE '%VIRTUAL TABLE%USING FTS%content="articles"%'
          OR sql LIKE '%VIRTUAL TABLE%USING FTS%content=[articles]%')"""
    with closing(sqlite3.connect(exported / "a.sqlite")) as db:
        assert db.execute(rule).fetchall() == [("articles_fts",)]


def test_sqlite_knows_where_places_are(tmp_path):
    with Archive(tmp_path) as archive:
        assert archive.append(article("2024/03/01/093005999", place="Kiev"))
        assert archive.append(article("2024/03/01/093006999", place="ATLANTIS"))
    path = tmp_path / "a.sqlite"
    assert run_in_process("export", "--to", str(path), output=tmp_path).code == 0
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT place, latitude, longitude FROM articles")
        assert rows.fetchall() == [("Kiev", 50.5, 30.5), ("ATLANTIS", None, None)]


@pytest.mark.parametrize(("sign", "parts"), [(";", ";"), ("tab", "\t"), (",", ",")])
def test_a_csv_can_be_parted_by_other_signs(output, tmp_path, latest, sign, parts):
    path = tmp_path / "a.csv"
    words = ["--to", str(path), "--bom", "--delimiter", sign]
    assert run_in_process("export", *words, output=output).code == 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=parts))
    assert [row["id"] for row in rows] == [record["id"] for record in latest]
    assert set(rows[0]) == set(FIELD_NAMES)


@pytest.fixture(scope="module")
def corpora(output, tmp_path_factory):
    """The three forms of corpus tools."""
    made = tmp_path_factory.mktemp("corpora")
    for form in ("vertical", "txt", "sentences"):
        done = run_in_process("export", "--format", form, "--to", str(made / form), output=output)
        assert done.code == 0, done.log
    return made


def test_a_vertical_file_holds_every_word(corpora, latest):
    """Read back by an XML parser: lines, structures and <g/> give the text again."""
    text = (corpora / "vertical" / "corpus.vert").read_text(encoding="utf-8")
    docs = ET.fromstring(f"<corpus>{text}</corpus>")
    assert [doc.get("id") for doc in docs] == [record["id"] for record in latest]
    for doc, record in zip(docs, latest, strict=True):
        assert doc.get("date") == record["published_at"][:10]
        assert doc.get("title") == " ".join(record["title"].split())
        assert doc.get("place") == (record["place"] or "")
        assert [together(p) for p in doc] == [
            "".join(block.split()) for block in record["text"].split("\n\n")
        ]
    rows = [line.split("\t") for line in text.splitlines() if "\t" in line]
    assert {len(row) for row in rows} == {2}
    assert ["kebanjiran", "banjir"] in rows
    registry = (corpora / "vertical" / "registry").read_text()
    assert all(f"    ATTRIBUTE {name}\n" in registry for name in docs[0].attrib)


def together(paragraph):
    words = [line.partition("\t")[0] for part in paragraph.itertext() for line in part.splitlines()]
    return "".join(words)


def test_a_folder_of_texts_has_a_table_about_them(corpora, latest):
    with (corpora / "txt" / "metadata.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == [record["id"] for record in latest]
    for row, record in zip(rows, latest, strict=True):
        text = (corpora / "txt" / row["file"]).read_text(encoding="utf-8")
        assert text == f"{record['title']}\n\n{record['text']}\n"
    assert len(list((corpora / "txt" / "texts").iterdir())) == len(rows)


def test_sentences_are_numbered(corpora, latest):
    lines = (corpora / "sentences").read_text(encoding="utf-8").splitlines()
    numbers, sentences = zip(*(line.split("\t") for line in lines), strict=True)
    assert list(map(int, numbers)) == list(range(1, len(lines) + 1))
    said = "".join("".join(record["text"].split()) for record in latest)
    assert "".join("".join(sentence.split()) for sentence in sentences) == said


def test_a_folder_for_corpus_tools_is_replaced_only_by_force(corpora, output, tmp_path):
    for form in ("vertical", "txt"):
        words = ["export", "--format", form, "--to", str(corpora / form)]
        assert run_in_process(*words, output=output).code == 2
        assert run_in_process(*words, "--force", output=output).code == 0
    (corpora / "txt" / "texts" / "mine.doc").write_text("mine")
    assert "no export has written" in run_in_process(*words, "--force", output=output).log


def test_openpyxl_opens_the_workbook(output, tmp_path, latest):
    path = tmp_path / "a.xlsx"
    assert run_in_process("export", "--to", str(path), output=output).code == 0
    sheet = openpyxl.load_workbook(path)["articles"]
    assert sheet.freeze_panes == "B2"
    names, *rows = sheet.iter_rows()
    assert tuple(cell.value for cell in names) == tuple(FIELD_NAMES)
    assert len(rows) == len(latest)
    for row, record in zip(rows, latest, strict=True):
        cells = dict(zip(FIELD_NAMES, row, strict=True))
        assert not {"f", "e"} & {cell.data_type for cell in row}
        assert cells["title"].value == record["title"]
        moment = datetime.fromisoformat(record["published_at"]).replace(tzinfo=None)
        assert cells["published_at"].value == moment
        assert cells["word_count"].value == record["word_count"]


def test_a_text_too_long_for_excel_is_cut_where_one_sees_it(tmp_path):
    with Archive(tmp_path) as archive:
        assert archive.append(article("2024/03/01/093005999", text="kata " * 10_000))
    path = tmp_path / "a.xlsx"
    assert run_in_process("export", "--to", str(path), output=tmp_path).code == 0
    row = next(openpyxl.load_workbook(path)["articles"].iter_rows(min_row=2))
    (text,) = (cell.value for cell, name in zip(row, FIELD_NAMES, strict=True) if name == "text")
    assert len(text) == 32_767
    assert text.endswith(" … [cut: Excel takes no more]")


def test_jsonl_holds_the_lines_of_the_archive(exported, latest):
    text = (exported / "a.jsonl").read_text(encoding="utf-8")
    assert [json.loads(line) for line in text.splitlines()] == latest


def card_of(folder):
    """The front matter and the words of a dataset card."""
    empty, front, words = (folder / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    assert empty == ""
    return yaml.safe_load(front), words


def test_a_dataset_holds_every_record(exported, latest):
    table = pq.read_table(exported / "a-folder" / "data")
    assert list(map(retold, table.to_pylist())) == latest


def test_a_dataset_card_tells_what_lies_beside_it(exported):
    folder = exported / "a-folder"
    front, words = card_of(folder)
    files = list((folder / "data").iterdir())
    (config,) = front["configs"]
    assert sorted(folder.glob(config["data_files"][0]["path"])) == sorted(files)
    info = front["dataset_info"]
    assert info["splits"][0]["num_examples"] == 5
    assert info["download_size"] == sum(file.stat().st_size for file in files)
    assert front["language"] == ["id"]
    assert front["license"] == "other"
    assert front["size_categories"] == ["n<1K"]
    assert "| 2024 | 3 |" in words  # the fourth was published in 2025, in Jayapura
    assert "| 2025 | 2 |" in words
    assert "1 of the articles repeat" in words
    assert "permission" in words
    assert "@misc{kompas-international" in words


def test_a_dataset_card_names_the_types_of_the_files(exported):
    front, words = card_of(exported / "a-folder")
    schema = pq.read_schema(next((exported / "a-folder" / "data").iterdir()))
    features = {feature["name"]: feature for feature in front["dataset_info"]["features"]}
    assert list(features) == schema.names
    for field in schema:
        feature = features[field.name]
        if pa.types.is_list(field.type) and pa.types.is_struct(field.type.value_type):
            parts = [{"name": part.name, "dtype": str(part.type)} for part in field.type.value_type]
            assert feature["list"] == parts
        elif pa.types.is_list(field.type):
            assert feature["list"] == str(field.type.value_type)
        else:
            assert feature["dtype"] == str(field.type)
        assert f"| `{field.name}` |" in words


def test_a_large_dataset_has_several_files(monkeypatch, tmp_path, output):
    monkeypatch.setattr(dataset, "SHARD", 1)
    monkeypatch.setattr("kompas_crawler.exports.parquet.BATCH", 2)
    request = ExportRequest(
        selection=Selection(names={"tag": ("a | [b](c)",)}), made_at=datetime.now(WIB)
    )
    with Archive(output) as archive:
        records = list(archive.records(latest=True))
        export(records, FORMATS["dataset"], tmp_path / "many", request)
    names = sorted(path.name for path in (tmp_path / "many" / "data").iterdir())
    assert names == [f"train-0000{number}-of-00003.parquet" for number in range(3)]
    table = pq.read_table(tmp_path / "many" / "data")
    assert list(map(retold, table.to_pylist())) == records
    front, words = card_of(tmp_path / "many")
    assert front["dataset_info"]["splits"][0]["num_bytes"] == pytest.approx(table.nbytes, rel=0.02)
    assert "- tag: a \\| \\[b\\](c)" in words


ALL = [each.id for each in ARTICLES]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--since", "2024-02-29"], [2, 3, 4]),
        (["--until", "2024-02-01"], [0, 1]),
        # 00:15 in Jayapura is 22:15 of the day before in Jakarta.
        (["--since", "2024-12-31", "--until", "2024-12-31"], [3]),
        (["--source", "tass"], [0, 3, 4]),
        (["--source", "TASS", "--source", "Reuters"], [0, 1, 3, 4]),
        (["--source", "TAS"], None),
        (["--place", "ankara", "--place", "MAKASSAR"], [1, 4]),
        (["--tag", "Rusia"], [0, 3, 4]),
        (["--tag", "turki,  erdogan"], [1]),
        (["--section", "global"], [0, 1, 3, 4]),
        (["--words", "HELIKOPTER rusia"], [2]),
        (["--words", '"helikopter rusia"'], None),
        (["--words", "hyperlink"], None),
        (["--tag", "Rusia", "--place", "JAYAPURA"], [3]),
    ],
)
def test_only_what_is_asked_for_is_exported(output, tmp_path, options, found):
    path = tmp_path / "some.jsonl"
    done = run_in_process("export", "--to", str(path), *options, output=output)
    if found is None:
        assert done.code == NOTHING_FOUND
        assert done.log == "No article matches: nothing was written.\n"
        assert not path.exists()
    else:
        assert done.code == 0, done.log
        records = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        # The first article was revised: its file has it last, and it is the revision that counts.
        expected = [ALL[at] for at in found]
        assert sorted(record["id"] for record in records) == sorted(expected)


def test_all_revisions_are_exported_when_asked_for(output, tmp_path):
    path = tmp_path / "all.jsonl"
    done = run_in_process("export", "--to", str(path), "--all-revisions", "--json", output=output)
    assert (done.json["articles"], done.json["left_out"]) == (6, 0)
    stored = [path.read_bytes() for path in sorted((output / "articles").glob("*.jsonl"))]
    assert path.read_bytes() == b"".join(stored)


def test_of_two_archives_joined_with_cat_nothing_is_lost_and_no_article_is_there_twice(tmp_path):
    """Both hold a first revision; and a whole month was put behind another one."""
    root, form = tmp_path / "output", ["--format", "txt", "--all-revisions"]
    (root / "articles").mkdir(parents=True)
    ours, theirs, other = ARTICLES[0], replace(ARTICLES[0], title="Lain"), ARTICLES[-1]
    theirs = replace(theirs, content_hash=content_hash(theirs.title, theirs.text))
    joined = b"".join(map(line_of, (ours, theirs, other)))
    for article, lines in ((ours, joined), (other, line_of(other))):
        (root / "articles" / f"{month_of(article.id)}.jsonl").write_bytes(lines)
    found = []
    for to in (["--to", str(tmp_path / "a.jsonl")], ["--to", str(tmp_path / "txt"), *form]):
        done = run_in_process("export", *to, output=root)
        assert f"{other.id}: its line belongs in {month_of(other.id)}.jsonl" in done.log
        found.append(done.out.partition(" from ")[0])
    assert found == ["2 articles", "3 articles"]
    texts = (tmp_path / "txt" / "texts").iterdir()
    titles = {path.read_text(encoding="utf-8").partition("\n")[0] for path in texts}
    assert titles == {ours.title, "Lain", other.title}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([], "--to is missing"),
        (["--to", "x.csv", "--since", "kemarin"], "since='kemarin' cannot be read"),
        (["--to", "x.csv", "--since", "2024-02-02", "--until", "2024-02-01"], "is later than"),
        (["--to", "x.csv", "--until", "31/02/2024"], "until='31/02/2024' cannot be read"),
        (["--to", "x.csv", "--format", "xls"], "format='xls' is unknown: choose one of parquet"),
        (["--to", "x.xls"], "does not show the format"),
        (["--to", "-", "--format", "csv"], "never to standard output: name a file"),
        (["--to", "x.csv", "--words", "?!"], "'?!' holds no word"),
        (["--to", "x.csv", "--tag", " "], "tag is empty"),
        (["--to", "x.parquet", "--bom"], "--bom is for csv"),
        (["--to", "x.jsonl", "--delimiter", ";"], "--delimiter is for csv"),
        (["--to", "x.csv", "--delimiter", "::"], "delimiter='::' cannot separate cells"),
        (["--to", "x.csv", "--fore"], "there is no option --fore"),
        (["--to", "x.csv", "rusia"], "takes no 'rusia'"),
        (["--to", "x.csv", "--output", "/nonexistent"], "/nonexistent holds no articles"),
    ],
)
def test_bad_arguments_are_told_in_one_sentence(output, tmp_path, options, sentence):
    if options:
        options = ["--to", str(tmp_path / options[1]), *options[2:]]
    done = run_in_process("export", *options, output=output)
    assert (done.code, done.out) == (2, "")
    assert sentence in done.log
    assert done.log.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", TARGETS)
def test_an_export_replaces_another_only_when_told(output, exported, tmp_path, name):
    target = tmp_path / name
    options = ["--to", str(target), "--format", "dataset" if "." not in name else name[2:]]
    assert run_in_process("export", *options, "--until", "2024-01-31", output=output).code == 0
    before = contents(target)
    refused = run_in_process("export", *options, output=output)
    assert refused.code == 2
    assert refused.log == f"{target} already exists: use --force to replace it\n"
    assert contents(target) == before
    assert run_in_process("export", *options, "--force", output=output).code == 0
    assert contents(target).keys() == contents(exported / name).keys()
    assert contents(target) != before
    assert [path.name for path in tmp_path.iterdir()] == [name]


def contents(path):
    files = [path] if path.is_file() else sorted(path.rglob("*.*"))
    return {file.name: file.read_bytes() for file in files}


def test_a_folder_of_somebody_else_is_never_replaced(output, tmp_path):
    (tmp_path / "data").mkdir()
    for name in ("README.md", "data/train-1.parquet", "data/letters.txt"):
        (tmp_path / name).write_text("mine")
    options = ["--to", str(tmp_path), "--format", "dataset", "--force"]
    done = run_in_process("export", *options, output=output)
    assert (done.code, done.log.count("\n")) == (2, 1)
    assert "holds what no export has written" in done.log
    assert (tmp_path / "data" / "letters.txt").read_text() == "mine"


@pytest.mark.parametrize(
    "place",
    [
        *("articles/2024-01.jsonl", "crawls.jsonl", "withdrawn.jsonl", ".index.sqlite"),
        *("articles", ".", ".."),
    ],
)
def test_the_archive_itself_is_never_replaced(output, place):
    form = "jsonl" if "." in place[1:] else "dataset"
    options = ["--to", str(output / place), "--format", form, "--force"]
    before = contents(output)
    done = run_in_process("export", *options, output=output)
    assert (done.code, done.log.count("\n")) == (2, 1)
    assert "belongs to the archive itself" in done.log
    assert contents(output) == before


@pytest.mark.parametrize("through", ["root", "other disk"])
def test_nor_where_its_folder_is_a_link_to_another_disk(output, tmp_path, through):
    disk, root = tmp_path / "other disk", tmp_path / "root"
    shutil.copytree(output / "articles", disk / "articles")
    root.mkdir()
    (root / "articles").symlink_to(disk / "articles")
    before = contents(disk)
    month = tmp_path / through / "articles" / "2024-01.jsonl"
    done = run_in_process("export", "--to", str(month), "--force", output=root)
    assert (done.code, done.log.count("\n")) == (2, 1)
    assert "belongs to the archive itself" in done.log
    assert contents(disk) == before


def test_a_link_is_followed_and_the_mode_of_the_file_stays(output, tmp_path):
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "real.csv").chmod(0o640)
    (tmp_path / "link.csv").symlink_to("real.csv")
    done = run_in_process("export", "--to", str(tmp_path / "link.csv"), "--force", output=output)
    assert done.code == 0
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text(encoding="utf-8").startswith("id,url,")
    assert (tmp_path / "real.csv").stat().st_mode & 0o777 == 0o640


def test_a_link_into_the_archive_is_refused(output, tmp_path):
    (tmp_path / "link.jsonl").symlink_to(output / "articles" / "2024-01.jsonl")
    before = contents(output)
    done = run_in_process("export", "--to", str(tmp_path / "link.jsonl"), "--force", output=output)
    assert (done.code, done.log.count("\n")) == (2, 1)
    assert contents(output) == before


@pytest.mark.parametrize("name", ["export", "report"])
@pytest.mark.parametrize("kind", ["fifo", "socket", "loop", "long"])
def test_what_is_no_file_is_refused_and_never_replaced(output, tmp_path, name, kind):
    target = tmp_path / kind
    with socket.socket(socket.AF_UNIX) as bound:
        if kind == "fifo":
            os.mkfifo(target)
        elif kind == "socket":
            bound.bind(str(target))
        elif kind == "loop":
            target.symlink_to("loop")
        elif kind == "long":
            target = tmp_path / ("x" * 256)
        status = os.lstat(target) if os.path.lexists(target) else None
        options = ["--to", str(target), *(["--format", "csv", "--force"] * (name == "export"))]
        done = run_in_process(name, *options, output=output)
    assert (done.code, done.out, done.log.count("\n")) == (2, "", 1), done
    assert str(target) in done.log
    if status:
        assert os.path.samestat(os.lstat(target), status)


@pytest.mark.parametrize("place", ["/dev/stdout", "/dev/fd/1", "/dev/null", "/"])
def test_no_stream_and_no_device_is_a_target(tmp_path, place):
    # Only asked: a real export would spoil the machine, should this ever fail.
    with pytest.raises(BadArgument, match=place):
        destination.check(Path(place), tmp_path)


@pytest.mark.parametrize("name", ["export", "report"])
def test_the_longest_name_that_a_disk_takes_can_be_written(output, tmp_path, name):
    target = tmp_path / ("x" * 250 + {"export": ".csv", "report": ".htm"}[name])
    done = run_in_process(name, "--to", str(target), output=output)
    assert done.code == 0, done.log
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


@pytest.mark.long
def test_folders_that_were_made_for_an_export_that_failed_are_removed(output, tmp_path):
    target = tmp_path / "one" / "two" / "x.csv"
    done = forked.run(
        [sys.executable, "-m", "scrapy", "export", "--to", target],
        cwd=ROOT,
        env=environment(None, output),
        capture_output=True,
        text=True,
        largest_file=400,
    )
    assert done.returncode == STORAGE
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_an_export_that_is_told_to_stop_leaves_nothing(output, tmp_path):
    slow = tmp_path / "slow"
    slow.mkdir()
    # The export has begun to write, and waits there.
    (slow / "sitecustomize.py").write_text(
        "import time, kompas_crawler.exports.spreadsheet as made\n"
        "made.to_record = lambda article: time.sleep(60)\n"
    )
    target = tmp_path / "deep" / "x.csv"
    told = environment(None, output) | {"PYTHONPATH": f"{slow}{os.pathsep}{ROOT}"}
    words = [sys.executable, "-m", "scrapy", "export", "--to", str(target)]
    process = subprocess.Popen(words, cwd=ROOT, env=told)
    while not list(tmp_path.glob("deep/.*.part")):
        assert process.poll() is None
        time.sleep(0.05)
    process.terminate()
    assert process.wait(10) == 128 + signal.SIGTERM
    assert [path.name for path in tmp_path.iterdir()] == ["slow"]


@pytest.mark.long
@pytest.mark.parametrize(("name", "room"), [(name, 400) for name in TARGETS])
def test_a_full_disk_leaves_the_old_export_as_it_was(output, exported, tmp_path, name, room):
    target, scratch = tmp_path / name, tmp_path / "scratch"
    scratch.mkdir()
    form = "dataset" if "." not in name else name[2:]
    copied = scrapy("export", "--to", str(target), "--format", form, output=output)
    assert copied.code == 0
    before = contents(target)
    done = forked.run(
        [sys.executable, "-m", "scrapy", "export", "--to", target, "--format", form, "--force"],
        cwd=ROOT,
        env=environment(None, output) | {"TMPDIR": str(scratch)},
        capture_output=True,
        text=True,
        largest_file=room,
    )
    assert done.returncode == STORAGE, done.stderr
    assert f"{target}: " in done.stderr
    assert "See that the disk has room" in done.stderr
    assert "Traceback" not in done.stderr
    assert contents(target) == before
    assert list(scratch.iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {name, "scratch"}


@pytest.mark.long
def test_a_disk_that_is_full_at_the_end_of_a_workbook_is_told_in_one_sentence(output, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "sitecustomize.py").write_text(
        "import zipfile, xlsxwriter.workbook as made\n"
        "made.ZipFile = lambda path, *given, **named:"
        " zipfile.ZipFile('/dev/full', *given, **named)\n"
    )
    told = environment(None, output) | {"PYTHONPATH": f"{tmp_path / 'full'}{os.pathsep}{ROOT}"}
    words = [sys.executable, "-m", "scrapy", "export", "--to", str(tmp_path / "x.xlsx")]
    done = subprocess.run(words, check=False, cwd=ROOT, env=told, capture_output=True, text=True)
    assert done.returncode == STORAGE
    assert [line.partition(": ")[0] for line in done.stderr.splitlines()] == [words[-1]]
    assert [path.name for path in tmp_path.iterdir()] == ["full"]


@pytest.mark.parametrize("name", FORMATS)
def test_use_md_shows_every_format_with_its_suffix(name):
    row = re.search(rf"^\| `{name}` \| (.*?) \|", USE, re.MULTILINE)
    assert row is not None, f"docs/use.md does not show {name}"
    target = "a folder" if FORMATS[name].folder else "a file"
    assert row[1] in [f"`NAME{suffix}`" for suffix in FORMATS[name].suffixes] or row[1] == target


@pytest.mark.parametrize("name", FORMATS)
def test_an_export_that_is_broken_off_leaves_nothing(tmp_path, name):
    def until_stopped():
        yield EXAMPLE
        raise KeyboardInterrupt

    request = ExportRequest(selection=Selection(), made_at=datetime.now(WIB))
    with pytest.raises(KeyboardInterrupt):
        export(until_stopped(), FORMATS[name], tmp_path / "new", request)
    assert list(tmp_path.iterdir()) == []


def test_records_that_somebody_broke_are_left_out_by_name(output, tmp_path):
    root = tmp_path / "output"
    (root / "articles").mkdir(parents=True)
    whole = EXAMPLE | {"id": "2021/08/26/162226370"}
    broken = [
        {key: value for key, value in EXAMPLE.items() if key != "title"} | {"id": "a"},
        EXAMPLE | {"id": "b", "tags": None},
        EXAMPLE | {"id": "2021/08/26/162226371", "page_count": "2"},
        EXAMPLE | {"id": "d", "published_at": "2021-08-26T16:22:26"},
        EXAMPLE | {"id": "e", "title": "\ud83d"},
        EXAMPLE | {"id": "f", "images": [{"url": 1}]},
    ]
    text = "".join(json.dumps(record) + "\n" for record in [*broken, whole])
    (root / "articles" / "2021-08.jsonl").write_text(text)
    for name in ("a.parquet", "a.sqlite", "a.csv", "a.jsonl"):
        done = run_in_process("export", "--to", str(tmp_path / name), output=root)
        assert done.code == 0
        assert done.out.startswith("1 article from 2021-08-26 to 2021-08-26 in ")
        assert "Left out: 2021-08.jsonl, byte 0: a: record must contain" in done.log
        assert "2021/08/26/162226371: page_count must be integer" in done.log
        assert done.log.endswith("6 left out; `scrapy verify` says why.\n")


def test_a_thousand_stray_lines_are_told_with_some_examples_and_their_number(output, tmp_path):
    root = tmp_path / "output"
    shutil.copytree(output, root)
    for path in (root / "articles").glob("*.jsonl"):
        path.write_bytes(b"stray\n" * 1000 + path.read_bytes())
    months = len(list((root / "articles").iterdir()))
    target = tmp_path / "x.jsonl"
    for words in (["export", "--to", str(target)], ["search", "kapal"], ["changes"], ["report"]):
        *examples, last = run_in_process(*words, output=root).log.splitlines()
        assert last.startswith(f"Stored lines that hold no record: {months * 1000} left out")
        # A search that finds the archive indexed reads none of these lines.
        assert sum(line.startswith("Left out: ") for line in examples) in (0, 5), examples
        assert len(examples) < 8, examples


@pytest.mark.long
def test_a_missing_package_is_named_with_its_cure(output, tmp_path):
    (tmp_path / "pyarrow").mkdir()
    (tmp_path / "pyarrow" / "__init__.py").write_text("raise ModuleNotFoundError(name='pyarrow')")
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "export", "--to", tmp_path / "a.parquet"],
        check=False,
        cwd=ROOT,
        env=environment(None, output) | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr == "parquet needs pyarrow: pip install -r requirements-export.txt\n"


def test_a_write_that_fails_is_told_with_the_target(tmp_path):
    request = ExportRequest(selection=Selection(), made_at=datetime.now(WIB))
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed, match="file/new"):
        export([EXAMPLE], FORMATS["csv"], tmp_path / "file" / "new", request)


# What wait4 tells of a child includes the memory of its parent before the fork.
WITH_PEAK = """
import re, sys
from scrapy.cmdline import execute
try:
    execute(sys.argv[1:])
finally:
    print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks Linux for its memory")
@pytest.mark.parametrize("name", TARGETS)
def test_memory_does_not_grow_with_the_archive(tmp_path, name):
    """Articles of 20 kB: 60 MB of them in the reduced form, 2 GB in the full one."""
    size = 100_000 if os.environ.get("KOMPAS_PROOFS") == "full" else 3_000
    room = 400 if name in ("a.parquet", "a-folder") else 120  # MB, with Python and Scrapy
    (tmp_path / "articles").mkdir()
    line = json.dumps(EXAMPLE | {"text": "kabar " * 3_400, "id": "2021/08/26/NNNNNNNNN"}) + "\n"
    with (tmp_path / "articles" / "2021-08.jsonl").open("w") as file:
        file.writelines(line.replace("NNNNNNNNN", f"{number:09}") for number in range(size))
    form = "dataset" if "." not in name else name[2:]
    words = ["scrapy", "export", "--to", str(tmp_path / name), "--format", form]
    done = subprocess.run(
        [sys.executable, "-c", WITH_PEAK, *words],
        check=True,
        cwd=ROOT,
        env=environment(None, tmp_path),
        capture_output=True,
        text=True,
    )
    told, peak = done.stdout.splitlines()
    assert told.startswith(f"{size:,} articles")
    assert int(peak) / 1024 < room
    if form == "parquet":
        assert pq.ParquetFile(tmp_path / name).num_row_groups > 1


def test_what_a_crawl_stored_is_what_is_exported(stand_in, crawl, tmp_path):
    done = crawl(stand_in("--days", "1", "--per-day", "12"), "international", "since=1d")
    assert done.records
    path = tmp_path / "crawled.parquet"
    told = scrapy("export", "--to", str(path), "--json", output=done.output).json
    assert told["articles"] == len(done.records)
    assert list(map(retold, pq.read_table(path).to_pylist())) == done.records


@pytest.mark.long
def test_commands_are_listed_and_explain_themselves():
    listed = subprocess.run(
        [sys.executable, "-m", "scrapy"], check=True, cwd=ROOT, capture_output=True, text=True
    ).stdout
    for name in ("export", "search", "show"):
        assert re.search(rf"^  {name} +\S", listed, re.MULTILINE)
    told = scrapy("export", "-h", output=Path("unused"))
    assert told.code == 0
    assert all(f"--{name}" in told.out for name in ("to", "words", "all-revisions", "bom", "force"))
