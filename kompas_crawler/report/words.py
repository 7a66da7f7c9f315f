"""What does the report say, in Indonesian and in English?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

Language = Literal["id", "en"]
LANGUAGES: tuple[Language, ...] = ("id", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """The same thing said in both languages."""

    id: str
    en: str

    def __getitem__(self, language: Language) -> str:
        return self.id if language == "id" else self.en


#: A text of the page by its name; `{…}` is filled in by `say`.
TEXTS: Mapping[str, Text] = {
    "title": Text("Laporan koleksi", "Collection report"),
    "kicker": Text("Kompas.com, rubrik internasional", "Kompas.com, international section"),
    "made": Text("Dibuat {day}, pukul {clock} WIB.", "Made on {day}, {clock} WIB."),
    "lead": Text(
        "{articles} artikel, dari {first} sampai {last}.",
        "{articles} articles, from {first} to {last}.",
    ),
    "only": Text("Hanya yang dipilih: {asked}.", "Only what was chosen: {asked}."),
    "lead-empty": Text("Belum ada artikel.", "There are no articles yet."),
    "empty-hint": Text(
        "Jalankan scrapy crawl international, lalu buat laporan ini lagi.",
        "Run scrapy crawl international, then make this report again.",
    ),
    "proof": Text(
        "{percent} % hari dalam rentang itu terbukti lengkap. {owed} artikel masih ditunggu.",
        "{percent} % of the days in that time are proven complete. {owed} articles are still owed.",
    ),
    "invented": Text(
        "Rekaan: {number} artikel berasal dari situs tiruan bawaan, bukan dari Kompas.com.",
        "Invented: {number} articles come from the bundled stand-in, not from Kompas.com.",
    ),
    "broken": Text(
        "{number} baris arsip tidak terbaca; scrapy verify menunjukkan yang mana.",
        "{number} lines of the archive could not be read; scrapy verify says which.",
    ),
    "skip": Text("Langsung ke isi", "Skip to the content"),
    "contents": Text("Isi laporan", "Contents"),
    "language": Text("Bahasa", "Language"),
    "scheme": Text("Warna", "Colours"),
    "scheme-auto": Text("Otomatis", "Automatic"),
    "scheme-light": Text("Terang", "Light"),
    "scheme-dark": Text("Gelap", "Dark"),
    "table": Text("Tabel", "Table"),
    "noscript": Text(
        "Gambar memerlukan JavaScript. Angka-angkanya ada di tabel di bawah tiap gambar.",
        "The pictures need JavaScript. Their numbers are in the table below each of them.",
    ),
    "first-of": Text("{shown} teratas dari {whole}.", "The first {shown} of {whole}."),
    # The head.
    "key-articles": Text("artikel", "articles"),
    "key-days": Text("hari berisi artikel", "days with articles"),
    "key-words": Text("kata", "words"),
    "key-revised": Text("artikel dengan revisi", "articles with revisions"),
    "key-duplicates": Text("salinan isi yang sama", "copies of the same content"),
    "key-owed": Text("masih ditunggu", "still owed"),
    # The parts.
    "part-when": Text("Kapan", "When"),
    "part-who": Text("Dari mana dan oleh siapa", "From where and by whom"),
    "part-what": Text("Tentang apa", "About what"),
    "part-trust": Text("Seberapa bisa dipercaya", "How far to trust it"),
    # Columns.
    "day": Text("Hari", "Day"),
    "month": Text("Bulan", "Month"),
    "year": Text("Tahun", "Year"),
    "hour": Text("Jam (WIB)", "Hour (WIB)"),
    "articles": Text("Artikel", "Articles"),
    "share": Text("Bagian", "Share"),
    "since": Text("Sejak", "Since"),
    "until": Text("Sampai", "Until"),
    "source": Text("Sumber", "Source"),
    "place": Text("Tempat", "Place"),
    "writer": Text("Penulis", "Writer"),
    "tag": Text("Tag", "Tag"),
    "words": Text("Kata", "Words"),
    "field": Text("Isian", "Field"),
    "rules": Text("Dibaca menurut", "Read by"),
    "delay": Text("Setelah terbit", "After publication"),
    "revision": Text("Revisi", "Revision"),
    "run": Text("Jalan", "Run"),
    "spider": Text("Spider", "Spider"),
    "outcome": Text("Hasil", "Outcome"),
    "runs": Text("Jalan", "Runs"),
    "started": Text("Mulai", "Started"),
    "took": Text("Lama", "Took"),
    "stored": Text("Baru", "New"),
    "revised": Text("Berubah", "Changed"),
    "failed": Text("Gagal", "Failed"),
    "requests": Text("Permintaan", "Requests"),
    "proven-days": Text("Hari terbukti", "Days proven"),
    "part-days": Text("Sebagian", "In part"),
    "of-days": Text("Dari", "Of"),
    "period": Text("Masa", "Period"),
    # Figures: title, what it shows, what it says.
    "days.title": Text("Artikel per hari", "Articles per day"),
    "days.says": Text(
        "Rata-rata {mean} artikel pada hari yang berisi; terbanyak {most} pada {day}.",
        "On average {mean} articles on a day that has any; the most, {most}, on {day}.",
    ),
    "days.pause": Text(
        "Jeda terpanjang tanpa artikel: {days} hari.",
        "The longest pause without an article: {days} days.",
    ),
    "coverage.title": Text("Cakupan dan celah", "Coverage and gaps"),
    "coverage.says": Text(
        "Terbukti berarti: daftar hari itu dibaca sampai habis, dan tiap artikelnya tersimpan atau"
        " tercatat sebagai utang.",
        "Proven means: the lists of that day were read to their end, and every article is stored"
        " or noted as owed.",
    ),
    "coverage.gaps": Text(
        "Celah di antara bagian yang terbukti: {number}; yang terpanjang {days} hari.",
        "Gaps between the proven stretches: {number}; the longest has {days} days.",
    ),
    "coverage.no-gaps": Text(
        "Di antara bagian yang terbukti tidak ada celah.",
        "There is no gap between the proven stretches.",
    ),
    "coverage.none": Text("Belum ada yang terbukti.", "Nothing is proven yet."),
    "gaps": Text("Celah", "Gaps"),
    "hours.title": Text("Menurut jam terbit", "By hour of publication"),
    "hours.says": Text(
        "Paling ramai pukul {hour}.00 WIB, {percent} % dari semua artikel.",
        "Busiest at {hour}:00 WIB, with {percent} % of all articles.",
    ),
    "length.title": Text("Panjang artikel", "Length of the articles"),
    "length.says": Text(
        "Separuh artikel lebih pendek dari sekitar {median} kata.",
        "Half of the articles are shorter than about {median} words.",
    ),
    "length.more": Text("{words} kata atau lebih", "{words} words or more"),
    "length.from-to": Text("{least} sampai {most} kata", "{least} to {most} words"),
    "sources.title": Text("Kantor berita dan media sumber", "Agencies and media"),
    "sources.says": Text(
        "{percent} % artikel menyebut sumber; ada {number} nama.",
        "{percent} % of the articles name a source; there are {number} names.",
    ),
    "places.title": Text("Tempat pelaporan", "Places of the datelines"),
    "places.says": Text(
        "{percent} % artikel menyebut tempat. {mapped} % dari yang disebut ada di peta.",
        "{percent} % of the articles name a place. {mapped} % of those are on the map.",
    ),
    "writers.title": Text("Penulis", "Writers"),
    "writers.says": Text(
        "{percent} % artikel menyebut penulis; ada {number} nama.",
        "{percent} % of the articles name a writer; there are {number} names.",
    ),
    "tags.title": Text("Tag dari waktu ke waktu", "Tags over time"),
    "tags.says": Text(
        "{number} tag berbeda; yang tersering {tag}.",
        "{number} different tags; the most frequent is {tag}.",
    ),
    "fields.title": Text("Isian yang ada", "Fields that are there"),
    "fields.says": Text(
        "Yang tidak ada di halaman Kompas tetap kosong, tidak pernah ditebak.",
        "What a page of Kompas does not have stays empty; nothing is guessed.",
    ),
    "doubts": Text("Yang meragukan", "What was doubtful"),
    "doubt": Text("Peringatan", "Warning"),
    "layout": Text("Tata letak", "Layout"),
    "layouts": Text("Tata letak halaman", "Page layouts"),
    "delays.title": Text("Perubahan setelah terbit", "Changes after publication"),
    "delays.says": Text(
        "{updated} % artikel berubah menurut halamannya sendiri; {revised} artikel tersimpan"
        " dalam lebih dari satu revisi.",
        "{updated} % of the articles changed by their page's own word; {revised} articles are"
        " stored in more than one revision.",
    ),
    "runs.title": Text("Riwayat jalan", "History of runs"),
    "runs.says": Text(
        "{number} kali dijalankan, {percent} % lengkap. {gone} artikel telah dihapus Kompas.",
        "{number} runs, {percent} % of them complete. Kompas has removed {gone} articles.",
    ),
    "nothing": Text("Belum ada data.", "No data yet."),
    # The legends.
    "none": Text("tidak ada", "none"),
    "unproven": Text("belum terbukti", "not proven"),
    "whole": Text("seluruhnya", "whole"),
    "from": Text("{number} ke atas", "{number} and more"),
    "proven-most": Text("separuh atau lebih", "half or more"),
    "proven-some": Text("kurang dari separuh", "less than half"),
    # How long after publication.
    "delay-0": Text("dalam 1 jam", "within 1 h"),
    "delay-1": Text("1–6 jam", "1–6 h"),
    "delay-2": Text("6–24 jam", "6–24 h"),
    "delay-3": Text("1–7 hari", "1–7 days"),
    "delay-4": Text("7–30 hari", "7–30 days"),
    "delay-5": Text("lebih dari 30 hari", "over 30 days"),
    # How runs end, as `runs.Outcome` names it.
    "complete": Text("lengkap", "complete"),
    "partial": Text("sebagian", "partial"),
    "drift": Text("halaman berubah", "pages changed"),
    "blocked": Text("ditolak", "blocked"),
    "unreachable": Text("tak terjangkau", "unreachable"),
    "storage": Text("gagal menyimpan", "storage failed"),
    "locked": Text("terkunci", "locked"),
    "stopped": Text("dihentikan", "stopped"),
    "budget": Text("jatah habis", "budget spent"),
    "crashed": Text("terputus", "crashed"),
}

MONTHS: Mapping[Language, tuple[str, ...]] = {
    "id": (
        "Januari",
        "Februari",
        "Maret",
        "April",
        "Mei",
        "Juni",
        "Juli",
        "Agustus",
        "September",
        "Oktober",
        "November",
        "Desember",
    ),
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
}
SHORT_MONTHS: Mapping[Language, tuple[str, ...]] = {
    "id": ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
DAYS: Mapping[Language, tuple[str, ...]] = {
    "id": ("Minggu", "Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu"),
    "en": ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"),
}


def say(name: str, **values: object) -> Text:
    """Return a text of the page, filled in; a value may itself differ by language.

    >>> say("days.pause", days=12).en
    'The longest pause without an article: 12 days.'
    >>> say("lead", articles=number(12345), first=long_day(date(2026, 5, 1)), last="x").id
    '12\u202f345 artikel, dari 1 Mei 2026 sampai x.'
    """
    text = TEXTS[name]
    return Text(*(_filled(text[language], values, language) for language in LANGUAGES))


def word(name: str) -> Text:
    """Return the text of that name, or the name itself in both languages if there is none."""
    return TEXTS.get(name, Text(name, name))


def _filled(text: str, values: Mapping[str, object], language: Language) -> str:
    own = {key: v[language] if isinstance(v, Text) else v for key, v in values.items()}
    return text.format(**own)


def number(count: int) -> str:
    """Return a number in groups of three, parted as both languages can read it (SI, ISO 80000-1).

    >>> number(1234567)
    '1\u202f234\u202f567'
    """
    return f"{count:,}".replace(",", "\u202f")


def long_day(day: date) -> Text:
    return Text(*(f"{day.day} {MONTHS[lang][day.month - 1]} {day.year}" for lang in LANGUAGES))


def short_month(day: date) -> Text:
    """Return a month and its year.

    >>> short_month(date(2026, 5, 1)).id
    'Mei 2026'
    """
    return Text(*(f"{SHORT_MONTHS[lang][day.month - 1]} {day.year}" for lang in LANGUAGES))


def time_locale(language: Language) -> dict[str, object]:
    """Return how the drawing library is to name months and days."""
    return {
        "dateTime": "%A, %-d %B %Y %H.%M",
        "date": "%-d %B %Y",
        "time": "%H.%M",
        "periods": ["", ""],
        "days": list(DAYS[language]),
        "shortDays": [name[:3] for name in DAYS[language]],
        "months": list(MONTHS[language]),
        "shortMonths": list(SHORT_MONTHS[language]),
    }


#: How the drawing library is to write numbers, in both languages.
NUMBER_LOCALE: Mapping[str, object] = {
    "decimal": ",",
    "thousands": "\u202f",
    "grouping": [3],
    "currency": ["", ""],
}
