"""The texts of the report in Indonesian and in English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Literal

Language = Literal["id", "en"]
LANGUAGES: tuple[Language, ...] = ("id", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """The same text in both languages."""

    id: str
    en: str

    def __getitem__(self, language: Language) -> str:
        return self.id if language == "id" else self.en


def _table() -> dict[str, Text]:
    """Return the texts of `texts.tsv` by their names."""
    table = resources.files(__package__).joinpath("texts.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return {name: Text(indonesian, english) for name, indonesian, english in rows}


#: The texts of the page by their names; `page_text` fills in what is in braces.
TEXTS: Mapping[str, Text] = _table()


def _words(name: str) -> Mapping[Language, list[str]]:
    return {language: TEXTS[name][language].split("|") for language in LANGUAGES}


MONTHS, SHORT_MONTHS, QUARTERS, HALVES, DAYS = map(
    _words, ("months", "short-months", "quarters", "halves", "weekdays")
)


def page_text(name: str, **values: object) -> Text:
    """Return a text of the page with its values filled in: texts, whole numbers or strings.

    >>> page_text("days.pause", days=days_text(1)).en
    'The longest pause without an article: 1 day.'
    >>> page_text("lead", articles=articles_text(12345), days=long_day(date(2026, 5, 1))).id
    '12.345 artikel, 1 Mei 2026.'
    """
    text = TEXTS[name]
    return Text(*(_filled(text[language], values, language) for language in LANGUAGES))


def _filled(text: str, values: Mapping[str, object], language: Language) -> str:
    texts = {key: number(v) if isinstance(v, int) else v for key, v in values.items()}
    own = {key: v[language] if isinstance(v, Text) else v for key, v in texts.items()}
    return text.format(**own)


def joined(parts: Iterable[Text | str], between: Text | str = ", ") -> Text:
    """Return texts one after another.

    >>> joined([Text("satu", "one"), "2"], Text(" atau ", " or "))
    Text(id='satu atau 2', en='one or 2')
    """
    found = [part if isinstance(part, Text) else Text(part, part) for part in parts]
    mark = between if isinstance(between, Text) else Text(between, between)
    return Text(*(mark[each].join(part[each] for part in found) for each in LANGUAGES))


def number(count: int) -> Text:
    """Return a number in groups of three, as each language writes it.

    >>> number(1234567)
    Text(id='1.234.567', en='1,234,567')
    """
    return Text(f"{count:,}".replace(",", "."), f"{count:,}")


def days_text(count: int) -> Text:
    return Text(f"{number(count).id} hari", f"{number(count).en} {'day' if count == 1 else 'days'}")


def articles_text(count: int) -> Text:
    noun = "article" if count == 1 else "articles"
    return Text(f"{number(count).id} artikel", f"{number(count).en} {noun}")


def decimal(value: float) -> Text:
    """Return a number with one digit after the comma or point.

    >>> decimal(1234.56)
    Text(id='1.234,6', en='1,234.6')
    """
    english = f"{value:,.1f}"
    return Text(english.translate(str.maketrans(",.", ".,")), english)


def long_day(day: date) -> Text:
    return Text(*(f"{day.day} {MONTHS[lang][day.month - 1]} {day.year}" for lang in LANGUAGES))


def day_range(first: date, last: date) -> Text:
    """Return the days from the first to the last.

    >>> day_range(date(2026, 5, 1), date(2026, 5, 2)).en, day_range(date.min, date.min).en
    ('1 May 2026 to 2 May 2026', '1 January 1')
    """
    if first == last:
        return long_day(first)
    return page_text("from-to", first=long_day(first), last=long_day(last))


def short_month(day: date) -> Text:
    """Return a month and its year.

    >>> short_month(date(2026, 5, 1)).id
    'Mei 2026'
    """
    return Text(*(f"{SHORT_MONTHS[lang][day.month - 1]} {day.year}" for lang in LANGUAGES))


def short_weekday(day: date, language: Language) -> str:
    return DAYS[language][day.isoweekday() % 7][:3]


def short_day(day: date, language: Language) -> str:
    return f"{day.day} {SHORT_MONTHS[language][day.month - 1]}"


def span_lines(first: date, unit: str, language: Language) -> list[str]:
    """Return the label of a span of the calendar on an axis, its lines one below the other.

    >>> span_lines(date(2026, 11, 23), "day", "id"), span_lines(date(2026, 10, 1), "quarter", "en")
    (['Sen', '23 Nov'], ['Q4', '2026'])
    """
    if unit == "day":
        return [short_weekday(first, language), short_day(first, language)]
    if unit == "week":
        return [short_day(first, language), str(first.year)]
    if unit == "year":
        return [str(first.year)]
    parts = {"month": SHORT_MONTHS, "quarter": QUARTERS, "half": HALVES}[unit][language]
    return [parts[(first.month - 1) * len(parts) // 12], str(first.year)]


def span_name(first: date, last: date, unit: str) -> Text:
    """Return the full name of a span of the calendar.

    >>> span_name(date(2026, 11, 23), date(2026, 11, 29), "week").en
    '23 Nov–29 Nov 2026'
    >>> span_name(date(2026, 7, 1), date(2026, 12, 31), "half").id
    'Smt II 2026'
    """
    if unit == "day":
        return long_day(first)
    if unit == "week":
        return Text(
            *(f"{short_day(first, la)}–{short_day(last, la)} {last.year}" for la in LANGUAGES)
        )
    return Text(*(" ".join(span_lines(first, unit, language)) for language in LANGUAGES))


def time_locale(language: Language) -> dict[str, object]:
    """Return how the drawing library is to name months and days."""
    return {
        "dateTime": "%A, %-d %B %Y %H.%M",
        "date": "%-d %B %Y",
        "time": "%H.%M",
        "periods": ["", ""],
        "days": DAYS[language],
        "shortDays": [name[:3] for name in DAYS[language]],
        "months": MONTHS[language],
        "shortMonths": SHORT_MONTHS[language],
    }


def number_locale(language: Language) -> dict[str, object]:
    """Return how the drawing library is to write numbers."""
    decimal_mark, thousands = (",", ".") if language == "id" else (".", ",")
    return {
        "decimal": decimal_mark,
        "thousands": thousands,
        "grouping": [3],
        "currency": ["", ""],
    }
