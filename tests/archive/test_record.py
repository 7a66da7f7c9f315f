"""The record: its contract, its way to a line and back, and the documents made of it."""

import json
import os
import random
import subprocess
import sys
import zipfile
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kompas_crawler.archive import record as records
from kompas_crawler.archive import schema
from kompas_crawler.archive.record import (
    ADDED_FIELDS,
    FIELD_NAMES,
    from_record,
    line_of,
    problems_of,
    to_record,
    validate,
)
from kompas_crawler.archive.schema import EXAMPLE
from kompas_crawler.errors import BrokenRecord
from kompas_crawler.items import Article, Embed, Image, Link
from kompas_crawler.processors import content_hash

ROOT = Path(__file__).parents[2]
WIT = timezone(timedelta(hours=9))


def article(**changes):
    return replace(from_record(EXAMPLE), **changes)


def record(**changes):
    return EXAMPLE | changes


def retold(**changes):
    """A record whose hash and count of words fit its changed title and text."""
    told = record(**changes)
    content = f"{told['title']}\n{told['text']}".encode(errors="surrogatepass")
    told["content_hash"] = f"sha256:{sha256(content).hexdigest()}"
    told["word_count"] = len(told["text"].split())
    return told


def test_an_article_becomes_json_types_in_the_order_of_the_contract():
    told = to_record(
        article(
            published_at=datetime(2021, 8, 26, 18, 22, 26, 999_999, tzinfo=WIT),
            updated_at=None,
            images=(Image(url="https://asset.kompas.com/a.jpg"),),
            embeds=(Embed(kind="twitter", url=None, text="Halo"),),
            related=(Link(title="Judul", url="https://www.kompas.com/x"),),
            tags=("a, b", "c"),
        )
    )
    assert list(told) == [field.name for field in fields(Article)]
    assert told["published_at"] == "2021-08-26T18:22:26+09:00"
    assert told["updated_at"] is None
    parts = {
        "images": {"url": "https://asset.kompas.com/a.jpg", "caption": None, "credit": None},
        "embeds": {"kind": "twitter", "url": None, "text": "Halo"},
        "related": {"title": "Judul", "url": "https://www.kompas.com/x"},
    }
    for name, part in parts.items():
        assert len(told[name]) == 1
        assert part.items() <= told[name][0].items()
    assert told["tags"] == ["a, b", "c"]
    assert json.loads(json.dumps(told)) == told


def test_the_example_keeps_the_contract_and_comes_back_the_same():
    assert problems_of(EXAMPLE) == ()
    assert to_record(from_record(EXAMPLE)) == EXAMPLE


def test_a_line_is_utf8_without_ascii_escapes():
    line = line_of(article(title="Café “Ñandú” – 東京 😀"))
    assert "Café “Ñandú” – 東京 😀".encode() in line
    assert line.endswith(b"}\n")


@pytest.mark.parametrize("mark", ["\x85", "\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\r", "\n"])
def test_no_character_of_a_text_ends_a_line_for_any_reader(mark):
    told = article(text=f"satu{mark}dua", title=f"tiga{mark}empat")
    line = line_of(told)
    assert len(line.decode().splitlines()) == 1
    assert len(line.splitlines()) == 1
    assert from_record(json.loads(line)) == told


@pytest.mark.parametrize("seed", range(3))
def test_a_line_is_judged_alike_however_it_is_read(monkeypatch, seed):
    chance = random.Random(f"lines {seed}")
    line = line_of(article(related=(Link(title="A", url="https://www.kompas.com/a"),)))
    assert records._written_here(line) is not None
    for _ in range(600):
        raw = _spoiled(line, chance)
        quickly = _verdict(raw)
        with monkeypatch.context() as patched:
            patched.setattr(records, "_written_here", lambda raw: None)
            assert _verdict(raw) == quickly, raw


def _spoiled(line: bytes, chance: random.Random) -> bytes:
    if chance.random() < 0.4:
        raw = bytearray(line)
        raw[chance.randrange(len(raw))] = chance.choice(b'"{}:,[x\\0\xff')
        return bytes(raw)
    record = json.loads(line)
    values = (
        None,
        1,
        1.0,
        -1,
        10**30,
        2**31,
        "",
        " ",
        "\u2003\x1f",
        "x\n",
        "\u2028",
        '": "',
        "Unknown",
    )
    values += ([], [1], [" "], {}, [{}], True, "\ud800")
    part = chance.choice([record, record, record, record["images"][0], record["related"][0]])
    for _ in range(chance.randint(0, 2)):
        part[chance.choice([*part, "baru"])] = chance.choice(values)
    if chance.random() < 0.2:
        part.pop(chance.choice([*part]))
    if chance.random() < 0.2:
        record = dict(chance.sample([*record.items()], len(record)))
    separators = chance.choice([None, None, (",", ":"), ("\t,", ":\t")])
    text = json.dumps(record, ensure_ascii=chance.random() < 0.5, separators=separators)
    raw = text.encode("utf-8", "surrogatepass")
    if chance.random() < 0.1:
        raw = raw.replace(b'"tags"', b'"title"')  # a key that stands there twice
    return b"\xef\xbb\xbf" + raw if chance.random() < 0.05 else raw


def _verdict(raw: bytes) -> object:
    try:
        record = records.record_in(raw)
    except BrokenRecord as broken:
        return broken.article_id, broken.problems
    return json.dumps(record), records.disagreements_of(record)


def test_half_a_surrogate_pair_is_refused_by_name():
    with pytest.raises(BrokenRecord, match="UTF-8"):
        line_of(article(title="rusak \ud83d"))
    assert problems_of(retold(title="rusak \ud83d")) == (
        "not writable as UTF-8: surrogates not allowed",
    )


def test_content_hash_is_the_documented_one():
    expected = sha256("Judul é\nSatu.\n\nDua.".encode()).hexdigest()
    assert content_hash("Judul é", "Satu.\n\nDua.") == f"sha256:{expected}"
    assert content_hash("Judul", "é") != content_hash("Judulé", "")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"id": "2021/08/26/162226371"}, "id is not the one in url"),
        (
            {
                "id": "2021/13/26/162226370",
                "url": "https://www.kompas.com/global/read/2021/13/26/162226370/contoh",
            },
            "no day of the calendar",
        ),
        ({"id": "2021-08-26-162226370"}, "id must match pattern"),
        ({"url": EXAMPLE["url"] + "?page=all"}, "url is not the canonical one"),
        ({"url": EXAMPLE["url"].replace("https", "http")}, "url must match pattern"),
        ({"title": ""}, "title must match pattern"),
        ({"title": None}, "title must be string"),
        ({"text": " \n"}, "text must match pattern"),
        ({"place": ""}, "place must match pattern"),
        ({"place": "Unknown"}, "place is 'Unknown'"),
        ({"authors": [""]}, "authors[0] must match pattern"),
        ({"authors": ["Unknown"]}, "authors is 'Unknown'"),
        ({"authors": None}, "authors must be array"),
        ({"authors": "Sari"}, "authors must be array"),
        (
            {"images": [{"url": "https://a", "caption": "Unknown", "credit": None}]},
            "images says 'Unknown'",
        ),
        (
            {"images": [{"url": "https://a", "caption": "", "credit": None}]},
            "images[0].caption must match pattern",
        ),
        ({"images": [{"url": "https://a"}]}, "images[0] must contain"),
        ({"images": [{"url": "/a.jpg", "caption": None, "credit": None}]}, "not http: '/a.jpg'"),
        ({"related": [{"title": "a", "url": "javascript:x"}]}, "related has a url"),
        ({"embeds": [{"kind": "twitter", "url": "x.com/1", "text": None}]}, "embeds has a url"),
        ({"embeds": [{"kind": "tiktok", "url": None, "text": None}]}, "embeds[0].kind must be one"),
        ({"published_at": "2021-08-26T16:22:26"}, "published_at must"),
        ({"published_at": "2021-08-26T16:22:26Z"}, "published_at must match"),
        ({"published_at": "2021-08-26T16:22:26.5+07:00"}, "published_at must match"),
        ({"published_at": "2021-08-32T16:22:26+07:00", "updated_at": None}, "published_at"),
        ({"fetched_at": "2021-02-30T16:22:26+07:00"}, "fetched_at must be date-time"),
        ({"fetched_at": "2021-02-28T16:22:26+29:00"}, "fetched_at"),
        ({"fetched_at": "2021-02-28T16:22:60+07:00"}, "fetched_at"),
        ({"fetched_at": "0000-02-28T16:22:06+07:00"}, "fetched_at"),
        ({"fetched_at": None}, "fetched_at must be string"),
        ({"crawl": None}, "crawl must be string"),
        ({"updated_at": "2021-08-26T16:22:25+07:00"}, "updated_at is before published_at"),
        ({"updated_at": "2021-08-26T17:22:25+08:00"}, "updated_at is before published_at"),
        ({"published_from": "guess"}, "published_from must be one of"),
        ({"subheadings": ["Yang termuda"]}, "subheading is no block of text: 'Yang termuda'"),
        ({"subheadings": ["Yang"]}, "subheading is no block of text: 'Yang'"),
        ({"word_count": 13}, "word_count is 13, text has 14"),
        ({"word_count": "14"}, "word_count must be integer"),
        ({"revision": 0}, "revision must be bigger than or equal to 1"),
        ({"revision": True}, "revision must be integer"),
        ({"page_count": 0}, "page_count must be bigger"),
        ({"content_hash": content_hash("lain", "sama sekali")}, "content_hash is not that"),
        ({"content_hash": ""}, "content_hash must"),
        ({"title": "Judul yang lain"}, "content_hash is not that"),
        ({"duplicate_of": EXAMPLE["id"]}, "duplicate_of is the record itself"),
    ],
)
def test_what_breaks_the_contract_is_named(changes, problem):
    assert any(problem in found for found in problems_of(record(**changes)))


@pytest.mark.parametrize("key", [key for key in FIELD_NAMES if key not in ADDED_FIELDS])
def test_every_key_must_be_there(key):
    told = record()
    del told[key]
    assert any(f"'{key}'" in found for found in problems_of(told))


def test_keys_keep_their_order_and_new_ones_may_be_added():
    assert problems_of(dict(sorted(EXAMPLE.items()))) == (
        "keys are not in the order of the contract",
    )
    assert problems_of(record(a_new_field=[1])) == ()
    assert from_record(record(a_new_field=[1])) == from_record(EXAMPLE)
    photos = [photo | {"a_new_field": 1} for photo in EXAMPLE["images"]]
    assert problems_of(record(images=photos)) == ()
    assert from_record(record(images=photos)) == from_record(EXAMPLE)


def test_all_misfits_are_told_at_once():
    found = problems_of(record(title="", revision=0, crawl=None))
    assert [problem.split()[0] for problem in found] == ["title", "revision", "crawl"]


@pytest.mark.parametrize("junk", [{}, {"id": 1}, [], None, "text"])
def test_what_is_no_record_at_all_has_problems_too(junk):
    assert problems_of(junk)


def test_validate_tells_the_article_and_every_reason():
    validate(article())
    with pytest.raises(BrokenRecord) as broken:
        validate(article(word_count=1, content_hash=content_hash("a", "b")))
    assert broken.value.article_id == EXAMPLE["id"]
    assert len(broken.value.problems) == 2


@pytest.mark.parametrize(
    "value", [None, "", " ", "x\n", "\ud800", "Unknown", -1, 2**31, 10**30, ()]
)
def test_an_article_is_judged_alike_however_it_is_checked(monkeypatch, value):
    for name in FIELD_NAMES:
        if "_at" in name:  # these are moments, until they are written
            continue
        changed = article(**{name: value})
        quickly = _judgement(changed)
        with monkeypatch.context() as patched:
            patched.setattr(records, "_plainly_fits", lambda record: False)
            assert _judgement(changed) == quickly, name


def _judgement(changed: Article) -> object:
    try:
        validate(changed)
    except (BrokenRecord, TypeError) as error:
        return repr(error)
    return "valid"


def test_a_time_without_offset_is_refused():
    with pytest.raises(BrokenRecord, match="published_at"):
        validate(article(published_at=datetime(2021, 8, 26), updated_at=None))  # noqa: DTZ001


@pytest.mark.parametrize("key", ["id", "url", "title", "published_at", "published_from", "text"])
def test_an_article_needs_its_required_keys(key):
    told = record()
    del told[key]
    with pytest.raises(BrokenRecord, match=f"`{key}`"):
        from_record(told)


def test_an_article_does_without_the_others():
    told = {key: EXAMPLE[key] for key in ("id", "url", "title", "published_at", "text")}
    bare = from_record(told | {"published_from": "meta"})
    assert (bare.tags, bare.revision, bare.fetched_at) == ((), 1, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"published_at": "kemarin"},
        {"published_at": 5},
        {"tags": None},
        {"images": [{"src": "x"}]},
        {"images": [5]},
    ],
)
def test_a_value_of_another_kind_is_refused(changes):
    with pytest.raises(BrokenRecord):
        from_record(record(**changes))


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
moments = st.datetimes(
    min_value=datetime(1995, 1, 1),  # noqa: DTZ001
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, WIT, timezone(timedelta(hours=7))]),
).map(lambda moment: moment.replace(microsecond=0))
articles = st.builds(
    Article,
    id=st.just("2021/08/26/162226370"),
    url=words,
    section=st.none() | words,
    title=words,
    published_at=moments,
    published_from=words,
    updated_at=st.none() | moments,
    dateline=st.none() | words,
    place=st.none() | words,
    authors=st.lists(words).map(tuple),
    description=st.none() | words,
    text=words,
    tags=st.lists(words).map(tuple),
    related=st.lists(st.builds(Link, title=words, url=words)).map(tuple),
    images=st.lists(st.builds(Image, url=words, caption=st.none() | words)).map(tuple),
    embeds=st.lists(st.builds(Embed, kind=words, url=st.none() | words)).map(tuple),
    revision=st.integers(1, 99),
    fetched_at=st.none() | moments,
)


@given(articles)
def test_every_article_comes_back_from_its_line(told):
    line = line_of(told)
    assert line.count(b"\n") == 1
    assert len(line.decode().splitlines()) == 1
    assert from_record(json.loads(line)) == told


def test_the_shipped_schema_and_the_dictionary_are_those_of_the_class():
    again = "run `python -m kompas_crawler.audit.regenerate`"
    assert schema.shipped_schema() == schema.record_schema(), again
    written = (ROOT / "docs" / "record.md").read_text(encoding="utf-8")
    assert written == schema.data_dictionary(), again


def test_the_schema_knows_every_field_and_what_may_be_null():
    made = schema.record_schema()
    assert tuple(made["properties"]) == FIELD_NAMES
    assert tuple(made["required"]) == tuple(key for key in FIELD_NAMES if key not in ADDED_FIELDS)
    shapes = {key: shape for key, shape in made["properties"].items() if key not in ADDED_FIELDS}
    nullable = {key for key, shape in shapes.items() if "null" in shape["type"]}
    optional = {"section", "updated_at", "dateline", "place", "description", "duplicate_of"}
    assert nullable == optional
    assert made["properties"]["embeds"]["items"]["properties"]["kind"]["enum"] == [
        "twitter",
        "instagram",
        "youtube",
        "other",
    ]


def test_the_dictionary_has_a_row_for_every_field_and_its_examples_are_the_items_own():
    rows = [row for row in schema.data_dictionary().splitlines() if row.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == list(FIELD_NAMES)
    for field in fields(Article):
        if "example" in field.metadata:
            told = EXAMPLE[field.name]
            assert field.metadata["example"] in (told if isinstance(told, list) else [told])


def test_the_schema_is_found_in_a_zipped_egg(tmp_path):
    egg = tmp_path / "kompas.egg"
    with zipfile.ZipFile(egg, "w") as packed:
        for path in (ROOT / "kompas_crawler").rglob("*.*"):
            packed.write(path, path.relative_to(ROOT))
    asked = (
        "from kompas_crawler.archive import record, schema; assert '.egg' in schema.__file__;"
        " assert record.problems_of(schema.EXAMPLE) == ()"
    )
    environment = os.environ | {"PYTHONPATH": str(egg)}
    subprocess.run([sys.executable, "-c", asked], check=True, cwd=tmp_path, env=environment)
