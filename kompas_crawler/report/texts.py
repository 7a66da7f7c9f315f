"""The texts of the report in Indonesian and in English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
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


#: A text of the page by its name; `{…}` is filled in by `say`.
TEXTS: Mapping[str, Text] = {
    "title": Text("Laporan koleksi", "Collection report"),
    "kicker": Text("Kompas.com, rubrik internasional", "Kompas.com, international section"),
    "made": Text("Dibuat {day}, pukul {clock} WIB.", "Made on {day}, {clock} WIB."),
    "lead": Text("{articles}, {days}.", "{articles}, {days}."),
    "lead-empty": Text("Belum ada artikel.", "There are no articles yet."),
    "empty-hint": Text(
        "Jalankan scrapy crawl international, lalu buat laporan ini lagi.",
        "Run scrapy crawl international, then make this report again.",
    ),
    "asked": Text("Pilihan: {what}.", "Selection: {what}."),
    "asked-period": Text("terbit {days}", "published {days}"),
    "from-to": Text("{first} sampai {last}", "{first} to {last}"),
    "or": Text(" atau ", " or "),
    "proof": Text(
        "Terbukti lengkap: {whole} dari {days} ({percent}%). Artikel yang belum terambil: {owed}.",
        "Proven complete: {whole} of {days} ({percent}%). Articles still to be fetched: {owed}.",
    ),
    "invented": Text(
        "Rekaan: {number} artikel berasal dari situs simulasi bawaan, bukan dari Kompas.com.",
        "Invented: {number} articles come from the bundled stand-in, not from Kompas.com.",
    ),
    "broken": Text(
        "Baris arsip yang tidak terbaca: {number}; scrapy verify menunjukkan yang mana.",
        "Lines of the archive that could not be read: {number}; scrapy verify says which.",
    ),
    "skip": Text("Langsung ke isi", "Skip to the content"),
    "contents": Text("Isi laporan", "Contents"),
    "language": Text("Bahasa", "Language"),
    "scheme": Text("Warna", "Colours"),
    "scheme-auto": Text("Otomatis", "Automatic"),
    "scheme-light": Text("Terang", "Light"),
    "scheme-dark": Text("Gelap", "Dark"),
    "table": Text("Tabel", "Table"),
    "copy": Text("Salin tabel", "Copy table"),
    "copied": Text("Tersalin", "Copied"),
    "noscript": Text(
        "Grafik memerlukan JavaScript. Angkanya ada di tabel di bawah tiap grafik.",
        "The charts need JavaScript. Their numbers are in the table below each of them.",
    ),
    "first-of": Text("{shown} teratas dari {whole}.", "The first {shown} of {whole}."),
    # The head.
    "key-articles": Text("artikel", "articles"),
    "key-days": Text("hari dengan artikel", "days with articles"),
    "key-words": Text("kata", "words"),
    "key-revised": Text("artikel dengan revisi", "articles with revisions"),
    "key-duplicates": Text("duplikat isi", "copies of the same content"),
    "key-owed": Text("belum terambil", "still to be fetched"),
    # The parts.
    "part-compare": Text("Perbandingan dua periode", "Two periods compared"),
    "part-topics": Text("Kata pilihan", "Chosen words"),
    "part-when": Text("Waktu", "Time"),
    "part-who": Text("Sumber, lokasi, dan penulis", "Sources, places and writers"),
    "part-what": Text("Topik dan panjang", "Topics and length"),
    "part-changed": Text("Perubahan", "Changes"),
    "part-trust": Text("Mutu data", "Data quality"),
    # Columns.
    "day": Text("Hari", "Day"),
    "days": Text("Hari", "Days"),
    "month": Text("Bulan", "Month"),
    "hour": Text("Jam (WIB)", "Hour (WIB)"),
    "articles": Text("Artikel", "Articles"),
    "share": Text("Persentase", "Share"),
    "since": Text("Sejak", "Since"),
    "until": Text("Sampai", "Until"),
    "source": Text("Sumber", "Source"),
    "place": Text("Lokasi", "Place"),
    "writer": Text("Penulis", "Writer"),
    "section": Text("Rubrik", "Section"),
    "tag": Text("Tag", "Tag"),
    "author": Text("Penulis", "Writer"),
    "words": Text("Kata", "Words"),
    "field": Text("Kolom", "Field"),
    "rules": Text("Dibaca dari", "Read from"),
    "delay": Text("Setelah terbit", "After publication"),
    "revision": Text("Revisi", "Revision"),
    "spider": Text("Spider", "Spider"),
    "outcome": Text("Hasil", "Outcome"),
    "runs": Text("Perayapan", "Runs"),
    "started": Text("Mulai", "Started"),
    "took": Text("Durasi", "Duration"),
    "stored": Text("Baru", "New"),
    "revised": Text("Berubah", "Changed"),
    "failed": Text("Gagal", "Failed"),
    "requests": Text("Permintaan", "Requests"),
    "proven": Text("Terbukti", "Proven"),
    "proven-days": Text("Hari terbukti", "Days proven"),
    "part-days": Text("Terbukti sebagian", "Proven in part"),
    "of-days": Text("Jumlah hari", "Days"),
    "period": Text("Periode", "Period"),
    "of-articles": Text("Dari", "Of"),
    "percent": Text("Persen", "Percent"),
    "measure": Text("Ukuran", "Measure"),
    "difference": Text("Selisih", "Difference"),
    "topic": Text("Kata", "Words"),
    "hits": Text("Kemunculan", "Hits"),
    "per-million": Text("Per sejuta kata", "Per million words"),
    "seen": Text("Terlihat", "Seen"),
    "changed-fields": Text("Yang berubah", "What changed"),
    "words-added": Text("Kata ditambah", "Words added"),
    "words-removed": Text("Kata dihapus", "Words removed"),
    # Units of time, as in "each column is a …".
    "unit-day": Text("hari", "day"),
    "unit-week": Text("minggu", "week"),
    "unit-month": Text("bulan", "month"),
    "unit-quarter": Text("triwulan", "quarter"),
    "unit-half": Text("semester", "half-year"),
    "unit-year": Text("tahun", "year"),
    # The fields of an article, as the differences name them.
    "field-title": Text("Judul", "Title"),
    "field-text": Text("Isi", "Text"),
    "field-id": Text("ID", "ID"),
    "field-published_at": Text("Waktu terbit", "Time of publication"),
    "field-url": Text("Alamat", "Address"),
    "field-section": Text("Rubrik", "Section"),
    "field-updated_at": Text("Waktu pembaruan", "Time of update"),
    "field-dateline": Text("Baris waktu", "Dateline"),
    "field-place": Text("Lokasi", "Place"),
    "field-authors": Text("Penulis", "Writers"),
    "field-editors": Text("Editor", "Editors"),
    "field-sources": Text("Sumber", "Sources"),
    "field-description": Text("Ringkasan", "Summary"),
    "field-subheadings": Text("Subjudul", "Subheadings"),
    "field-tags": Text("Tag", "Tags"),
    "field-related": Text("Artikel terkait", "Related articles"),
    "field-images": Text("Foto", "Photos"),
    "field-embeds": Text("Unggahan", "Posts"),
    "field-page_count": Text("Jumlah halaman", "Number of pages"),
    "field-layout": Text("Tata letak", "Layout"),
    "field-warnings": Text("Peringatan", "Warnings"),
    # Figures: title, what it shows, what it says.
    "days.title": Text("Artikel per hari", "Articles per day"),
    "days.says": Text(
        "Rata-rata {mean} artikel pada hari yang ada artikelnya; terbanyak {most}, pada {day}.",
        "On average {mean} articles on a day that has any; the most, {most}, on {day}.",
    ),
    "days.pause": Text(
        "Jeda terpanjang tanpa artikel: {days}.",
        "The longest pause without an article: {days}.",
    ),
    "coverage.title": Text("Cakupan", "Coverage"),
    "coverage.says": Text(
        "Terbukti berarti: daftar hari itu dibaca sampai habis, dan setiap artikelnya tersimpan"
        " atau tercatat untuk diambil.",
        "Proven means: the lists of that day were read to their end, and every article is stored"
        " or noted to be fetched.",
    ),
    "coverage.part": Text(
        "Terbukti: {whole} dari {days}, {range} ({percent}%). Rentang terpanjang yang belum"
        " terbukti: {gap} ({longest}).",
        "Proven: {whole} of {days}, {range} ({percent}%). The longest stretch that is not proven:"
        " {gap} ({longest}).",
    ),
    "coverage.whole": Text(
        "Terbukti seluruhnya: {days}, {range}.",
        "Proven as a whole: {days}, {range}.",
    ),
    "coverage.none": Text("Belum ada hari yang terbukti.", "No day is proven yet."),
    "gaps": Text("Rentang yang belum terbukti", "Stretches that are not proven"),
    "hours.title": Text("Jam terbit", "Hour of publication"),
    "hours.says": Text(
        "Jam tersibuk: {hour}.00 WIB, {percent}% dari semua artikel.",
        "Busiest at {hour}:00 WIB, with {percent}% of all articles.",
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
        "{percent}% artikel menyebut sumber; jumlah nama: {number}.",
        "{percent}% of the articles name a source; different names: {number}.",
    ),
    "places.title": Text("Lokasi peliputan", "Places of the datelines"),
    "places.says": Text(
        "{percent}% artikel menyebut lokasi; jumlah lokasi: {number}.",
        "{percent}% of the articles name a place; different places: {number}.",
    ),
    "places.unknown": Text(
        "{percent}% dari yang disebut tidak ada di peta: {names}.",
        "{percent}% of those named are not on the map: {names}.",
    ),
    "places.no-map": Text(
        "Tidak satu pun ada di tabel lokasi, jadi tidak ada peta: {names}.",
        "None of them is in the table of places, so there is no map: {names}.",
    ),
    "off-map": Text("Tidak ada di peta", "Not on the map"),
    "writers.title": Text("Penulis", "Writers"),
    "writers.says": Text(
        "{percent}% artikel menyebut penulis; jumlah nama: {number}.",
        "{percent}% of the articles name a writer; different names: {number}.",
    ),
    "tags.title": Text("Tag dari waktu ke waktu", "Tags over time"),
    "tags.says": Text(
        "Persentase artikel yang bertag itu, per {unit}. Jumlah tag: {number}; tersering: {tag}.",
        "Share of the articles of each {unit} that carry the tag. Different tags: {number}; most"
        " frequent: {tag}.",
    ),
    "fields.title": Text("Kelengkapan kolom", "Completeness of the fields"),
    "fields.says": Text(
        "Yang tidak ada di halaman Kompas tetap kosong, tidak pernah ditebak.",
        "What a page of Kompas does not have stays empty; nothing is guessed.",
    ),
    "doubts": Text("Peringatan", "Warnings"),
    "doubt": Text("Peringatan", "Warning"),
    "layout": Text("Tata letak", "Layout"),
    "layouts": Text("Tata letak halaman", "Page layouts"),
    "delays.title": Text("Waktu perubahan", "Time of change"),
    "delays.says": Text(
        "{updated}% artikel menyatakan pernah diperbarui; tersimpan dalam lebih dari satu revisi:"
        " {revised}.",
        "{updated}% of the articles say that they were updated; stored in more than one revision:"
        " {revised}.",
    ),
    "changed.title": Text("Perubahan isi artikel", "Differences between revisions"),
    "changed.says": Text(
        "Jumlah perubahan: {changes}, pada {articles}. Terbaru di atas, masing-masing dibandingkan"
        " dengan revisi sebelumnya.",
        "Changes: {changes}, in {articles}. Newest first, each compared with the revision before.",
    ),
    "changed.none": Text(
        "Tidak ada artikel tersimpan yang berubah.", "No stored article has changed."
    ),
    "article": Text("Artikel", "Article"),
    "changed.between": Text(
        "Berubah di antara dua pengambilan: {before} dan {after}.",
        "Changed between two fetches: {before} and {after}.",
    ),
    "changed.updated": Text(
        "Kompas menyebut waktu pembaruan: {moment}.", "Kompas states the time of update: {moment}."
    ),
    "changed.published": Text("Terbit: {moment}.", "Published: {moment}."),
    "changed.skipped": Text("paragraf tidak berubah: {number}", "unchanged paragraphs: {number}"),
    "changed.words": Text("+{added} −{removed} kata", "+{added} −{removed} words"),
    "changed.open": Text("Buka semua", "Open all"),
    "changed.link": Text("Tautan ke perubahan ini", "Link to this change"),
    "removed": Text("dihapus", "removed"),
    "added": Text("ditambahkan", "added"),
    "moment": Text("{day}, {clock} WIB", "{day}, {clock} WIB"),
    "no-moment": Text("waktu tidak tercatat", "time not recorded"),
    "runs.title": Text("Riwayat perayapan", "History of runs"),
    "runs.says": Text(
        "Jumlah perayapan: {number}, lengkap {percent}%. Artikel yang dihapus Kompas: {gone}.",
        "Runs: {number}, complete: {percent}%. Articles that Kompas has removed: {gone}.",
    ),
    "nothing": Text("Belum ada data.", "No data yet."),
    "topics.title": Text("Kata pilihan dari waktu ke waktu", "Chosen words over time"),
    "topics.says": Text(
        "Persentase artikel per {unit} yang memuat kata itu di judul atau isinya, dihitung dari semua"
        " artikel yang tersimpan. Skala semua panel sama.",
        "Share of all stored articles of each {unit} that have the words in title or text. All"
        " panels have the same scale.",
    ),
    "topics.words": Text(
        "Kata tanpa tanda kutip mencakup semua bentuk turunannya; di dalam tanda kutip hanya bentuk"
        " itu yang dihitung.",
        "A word without quotation marks stands for all forms of its family; in quotation marks only"
        " that form counts.",
    ),
    "topics.unproven": Text(
        "Bagian yang diarsir memuat hari yang belum terbukti lengkap; sedikit artikel di sana belum"
        " tentu berarti sedikit pemberitaan.",
        "Hatched periods have days that are not proven complete; few articles there need not mean"
        " that Kompas published few.",
    ),
    "topics.sum": Text("{share} ({found} dari {articles})", "{share} ({found} of {articles})"),
    "topics.days": Text("{proven} dari {days}", "{proven} of {days}"),
    "topics-proven": Text("semua hari terbukti", "all days proven"),
    "compare.title": Text("Angka utama", "Key numbers"),
    "compare.says": Text(
        "Periode yang belum terbukti dapat berisi lebih banyak artikel daripada yang tersimpan.",
        "A period that is not proven may hold more articles than are stored.",
    ),
    "per-day": Text("Artikel per hari", "Articles per day"),
    "median": Text("Median panjang (kata)", "Median length (words)"),
    "proven-share": Text("Hari terbukti", "Days proven"),
    "compare-sources.title": Text("Perbandingan sumber", "Sources compared"),
    "compare-places.title": Text("Perbandingan lokasi", "Places compared"),
    "compare-tags.title": Text("Perbandingan tag", "Tags compared"),
    "compare-writers.title": Text("Perbandingan penulis", "Writers compared"),
    "compare.shares": Text(
        "Persentase artikel tiap periode.", "Shares of the articles of each period."
    ),
    # The legends.
    "none": Text("tidak ada artikel", "no article"),
    "other": Text("lainnya", "others"),
    "unproven": Text("belum terbukti", "not proven"),
    "hatched": Text("belum terbukti, mungkin ada lagi", "not proven, there may be more"),
    "stored-day": Text("tersimpan, hari terbukti", "stored, day proven"),
    "whole": Text("seluruhnya", "whole"),
    "in-part": Text("sebagian", "in part"),
    "from": Text("{number} atau lebih", "{number} or more"),
    "proven-most": Text("separuh atau lebih", "half or more"),
    "proven-some": Text("kurang dari separuh", "less than half"),
    "busiest": Text("jam tersibuk", "busiest hour"),
    "middle": Text("median: artikel yang di tengah", "median: where the middle article lies"),
    "disc": Text("luas lingkaran: jumlah artikel", "area of a disc: number of articles"),
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


def page_text(name: str, **values: object) -> Text:
    """Return a text of the page with its values filled in; a value may itself be a `Text`.

    >>> page_text("days.pause", days=days_text(1)).en
    'The longest pause without an article: 1 day.'
    >>> page_text("lead", articles=articles_text(12345), days=long_day(date(2026, 5, 1))).id
    '12.345 artikel, 1 Mei 2026.'
    """
    text = TEXTS[name]
    return Text(*(_filled(text[language], values, language) for language in LANGUAGES))


def page_text_or_name(name: str) -> Text:
    """Return the text of that name, or the name itself in both languages if there is none."""
    return TEXTS.get(name, Text(name, name))


def _filled(text: str, values: Mapping[str, object], language: Language) -> str:
    own = {key: v[language] if isinstance(v, Text) else v for key, v in values.items()}
    return text.format(**own)


def joined(parts: Iterable[Text | str], between: Text | str = ", ") -> Text:
    """Return texts one after another.

    >>> joined([Text("satu", "one"), "2"], Text(" atau ", " or "))
    Text(id='satu atau 2', en='one or 2')
    """
    found = [part if isinstance(part, Text) else Text(part, part) for part in parts]
    told = between if isinstance(between, Text) else Text(between, between)
    return Text(*(told[each].join(part[each] for part in found) for each in LANGUAGES))


def number(count: int) -> Text:
    """Return a number in groups of three, as each language writes it.

    >>> number(1234567)
    Text(id='1.234.567', en='1,234,567')
    """
    return Text(f"{count:,}".replace(",", "."), f"{count:,}")


def days_text(count: int) -> Text:
    return Text(f"{number(count).id} hari", f"{number(count).en} {'day' if count == 1 else 'days'}")


def articles_text(count: int) -> Text:
    told = number(count)
    return Text(f"{told.id} artikel", f"{told.en} {'article' if count == 1 else 'articles'}")


def decimal(value: float) -> Text:
    """Return a number with one digit after the comma or point.

    >>> decimal(1234.56)
    Text(id='1.234,6', en='1,234.6')
    """
    told = f"{value:,.1f}"
    return Text(told.translate(str.maketrans(",.", ".,")), told)


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
    return [_part_of_year(first, unit, language), str(first.year)]


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


def _part_of_year(first: date, unit: str, language: Language) -> str:
    if unit == "month":
        return SHORT_MONTHS[language][first.month - 1]
    part = (first.month - 1) // (3 if unit == "quarter" else 6)
    if language == "en":
        return f"{'Q' if unit == 'quarter' else 'H'}{part + 1}"
    return f"{'Tw' if unit == 'quarter' else 'Smt'} {('I', 'II', 'III', 'IV')[part]}"


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


def number_locale(language: Language) -> dict[str, object]:
    """Return how the drawing library is to write numbers."""
    decimal_mark, thousands = (",", ".") if language == "id" else (".", ",")
    return {
        "decimal": decimal_mark,
        "thousands": thousands,
        "grouping": [3],
        "currency": ["", ""],
    }
