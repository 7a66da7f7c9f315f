"""What stands in the body of a Kompas page and is not journalism.

Every row says what such a line looks like, what becomes of it, and where it was seen. Patterns
are matched against one block of text, white space collapsed. Furniture follows the day of the
download: an article of 2011 fetched in 2024 ends with the promotion of 2024.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """What becomes of a line of furniture."""

    DROP = "drop"
    CUT = "cut"  # only the furniture goes; prose glued to it stays
    RELATED = "related"
    CREDITS = "credits"
    REPUBLISHED = "republished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Furniture:
    """One kind of line that is not journalism."""

    name: str
    seen: str
    pattern: re.Pattern[str]
    fate: Fate
    at_most: int = 10_000  # characters; a longer block is prose


def _row(name: str, fate: Fate, pattern: str, *, seen: str, at_most: int = 10_000) -> Furniture:
    return Furniture(
        name=name, seen=seen, fate=fate, at_most=at_most, pattern=re.compile(pattern, re.IGNORECASE)
    )


# A name or an outlet begins with a capital or is a host; a sentence after "Sumber:" is what
# somebody of that office says.
_A_NAME = r"(?-i:(?![a-z\s])|(?=[\w.-]+\.[a-z]{2,4}\b|berbagai ))"
_A_DAY = (
    r",? (?:pada )?(?:(?:hari |tanggal )?[a-z']{2,10},? )?\(?\d{1,2}[/ ]\w{1,9}[/ ]\d{4}\)?"
    r"(?:,? pukul [\d.:]{4,5}(?: wi\w{1,2})?)?"
)

FURNITURE = (
    _row("baca juga", Fate.RELATED, r"^\(?\s*baca\s*juga\s*:", seen="2018-2026; every article"),
    _row("baca", Fate.RELATED, r"^\(?\s*baca\s*:", seen="articles of 2017"),
    _row(
        "pointer only",
        Fate.DROP,
        r"^\(?(?:baca|simak|klik)(?: juga)?(?: berita| ulasan| artikel| kisah)?"
        r"(?: ini)? ?(?:sel[ae]ngkapnya|lengkapnya)?"
        r"(?: (?:di|pada|melalui|lewat) (?:sini|tautan (?:ini|berikut)|link (?:ini|berikut)))?"
        r"[.!)]*$",
        seen="round-ups 2019-2025; the typo 'selangkapnya' is real",
        at_most=90,
    ),
    _row(
        "pointer only, long form",
        Fate.DROP,
        r"^(?:(?:berita|artikel|ulasan|kisah)(?:nya)? selengkapnya "
        r"(?:bisa |dapat )?(?:klik|dibaca|baca|disimak|simak)\b.*"
        r"|anda bisa menyimak (?:kisah|berita|artikel) ini selengkapnya di sini\.?)$",
        seen="round-ups 2017-2025",
        at_most=120,
    ),
    _row(
        "channel promotion",
        Fate.CUT,
        r"dapatkan update berita (?:pilihan|teknologi)[^.]{0,60}? setiap hari\b.*?"
        r"(?:terlebih (?:dulu|dahulu) di ponsel\.?|$)",
        seen="Telegram 2020-12 to 2023, WhatsApp of Tekno 2025",
    ),
    _row(
        "whatsapp promotion",
        Fate.CUT,
        r"simak\s*breaking\s*news\s*dan\s*berita\s*pilihan\s*kami\s*langsung\s*di\s*ponselmu.*?"
        r"(?:aplikasi\s*whatsapp\s*ya\.?|$)",
        seen="2023-10 to 2026; also with the spaces lost",
    ),
    _row(
        "newsletter promotion",
        Fate.CUT,
        r"dapatkan informasi, inspirasi dan insight di email kamu\..*$",
        seen="2022-2026",
    ),
    _row(
        "subscription",
        Fate.CUT,
        r"baca berita tanpa iklan\.?\s*gabung kompas\.com\s*\+?",
        seen="crawls of 2023-2026, up to six times a page",
    ),
    _row(
        "subscription plus",
        Fate.DROP,
        r"^gabung kompas\.com plus sekarang.*$",
        seen="2022-2026",
        at_most=160,
    ),
    _row(
        "appreciation",
        Fate.CUT,
        r"(?:dalam segala situasi,\s*)?kompas\.com berkomitmen (?:untuk )?memberikan fakta jernih"
        r".*$",
        seen="2024-2026, up to 'Berikan apresiasi sekarang'",
    ),
    _row(
        "comment contest",
        Fate.DROP,
        r"^tulis komentar(?:mu)? dengan (?:menyertakan )?(?:tagar|tag) "
        r"#(?:jernihberkomentar|melihatharapan).*$",
        seen="2020-2023",
    ),
    _row(
        "republished",
        Fate.REPUBLISHED,
        r"^\(?(?:artikel|berita|tulisan) ini (?:sebelumnya |seelumnya )?(?:sudah |telah |pernah )*"
        r"(?:di)?(?:tayang|terbit)(?:kan)? (?:di|pada|dalam) (?P<site>.{2,80}?)"
        rf"(?:{_A_DAY})?(?:,? (?:dengan (?:judul|tajuk)|berjudul|bertajuk)\b|{_A_DAY}\.?\)?$)",
        seen="2016-2025, at the end",
        at_most=400,
    ),
    _row(
        "writer and editor",
        Fate.CREDITS,
        r"^\(?\s*(?:penulis|reporter|laporan reporter)\s*:\s*(?P<writers>[^|]+?)"
        r"\s*\|\s*editor\s*:\s*(?P<editors>[^|]+?)\s*\)?$",
        seen="2016-2025, at the end",
        at_most=200,
    ),
    _row(
        "writer of a partner",
        Fate.CREDITS,
        r"^\(?penulis\s*:\s*(?P<partner_writers>[^/|:]{2,120}?)\s*/\s*(?P<outlet>[^/|:]{2,60}?)\)?$",
        seen="BBC and DW pieces of 2025, first line",
        at_most=200,
    ),
    _row(
        "writer",
        Fate.CREDITS,
        rf"^\(?(?:penulis\s*:\s*{_A_NAME}(?P<writers>[^|/]{{2,100}}?)"
        rf"|oleh\s*:\s*{_A_NAME}(?P<columnists>[^|/]{{2,100}}?))(?:\s*[|/].*)?\)?$",
        seen="opinion columns 2020-2025, first line",
        at_most=160,
    ),
    _row(
        "editor",
        Fate.CREDITS,
        rf"^\(?editor\s*:\s*{_A_NAME}(?P<editors>[^|]{{2,100}}?)\)?$",
        seen="2016-2025, at the end",
        at_most=140,
    ),
    _row(
        "source line",
        Fate.CREDITS,
        rf"^\(?sumber\s*:\s*{_A_NAME}(?P<sources>.{{2,160}}?)\)?\.?$",
        seen="2016-2025, at the end",
        at_most=180,
    ),
    _row(
        "post attribution",
        Fate.DROP,
        r"^(?:view this post on instagram|lihat postingan ini di instagram"
        r"|(?:a post shared by|sebuah kiriman dibagikan oleh) .*@.*|(?:https?://)?pic\.twitter\.com/\w+)$",
        seen="2019-2025, where the embed's own box was lost",
        at_most=200,
    ),
    _row(
        "columnist call",
        Fate.DROP,
        r"^(?:anda bisa menjadi kolumnis\s*!?|kriteria \(salah satu\)\s*:.*"
        r"|cara daftar baca di sini\.?)$",
        seen="opinion pages since 2022, before the body",
    ),
    _row(
        "copyright",
        Fate.DROP,
        r"^copyright (?:©\s*)?\d{4}.*kompas.*$",
        seen="all years, tail",
    ),
    _row(
        "box line",
        Fate.DROP,
        r"^(?:advertisement|iklan|lihat foto|lihat semua|download sekarang|close ads(?: x)?|oke"
        r"|komentar|lengkapi profil|video rekomendasi|video lainnya|video pilihan|halaman selanjutnya"
        r"|halaman berikutnya|halaman:|bagikan:|bagikan artikel ini melalui|berikan apresiasi sekarang"
        r"|kolom komentar masih kosong|mengirim\.\.\.|powered by|rekomendasi untuk anda|berita terkait"
        r"|terkini lainnya|now trending|artikel terpopuler|terpopuler|kompas\.com play|salin artikel"
        r"|login untuk memaksimalkan pengalaman mengakses kompas\.com"
        r"|segera lengkapi data dirimu.*|periksa kembali dan lengkapi data dirimu.*"
        r"|terangi negeri dengan literasi.*|penghargaan dan sertifikat:)$",
        seen="page furniture of 2018-2026 that slips into a body",
        at_most=160,
    ),
    _row(
        "end mark",
        Fate.DROP,
        r"^[\W_]{1,8}$",
        seen="(*), *** and bare dashes of 2013-2024",
        at_most=8,
    ),
)

# A block that neither begins with one of these nor holds one of those is no furniture and needs no
# closer look: nine blocks of ten. A test holds them to the rows above.
_BEGINNINGS = re.compile(
    r"\(?\s*(?:baca|simak|klik|berita|artikel|tulisan|ulasan|kisah|anda bisa|gabung|tulis komentar"
    r"|penulis|reporter|laporan|oleh|editor|sumber|view this|lihat|a post|sebuah|https?:|pic\."
    r"|kriteria|cara daftar|copyright|advertisement|iklan|download|close|oke|komentar|lengkapi"
    r"|video|halaman|bagikan|berikan|kolom|mengirim|powered|rekomendasi|terkini|now|terpopuler"
    r"|kompas\.com play|salin|login|segera|periksa|terangi|penghargaan|[\W_]{1,8}$)",
    re.IGNORECASE,
)
_INSIDE = ("dapatkan update", "dapatkan informasi", "simak", "tanpa iklan", "berkomitmen")


def furniture_of(text: str) -> tuple[Furniture, re.Match[str]] | None:
    """Return the row that knows this block as furniture, with its match, or None for prose.

    >>> furniture_of("Baca juga: Laut yang Tenang")[0].name
    'baca juga'
    >>> furniture_of("Warga diminta mari bergabung di Telegram.") is None
    True
    """
    if not _BEGINNINGS.match(text):
        lower = text.lower()
        if not any(words in lower for words in _INSIDE):
            return None
    for row in FURNITURE:
        if len(text) <= row.at_most and (match := row.pattern.search(text)):
            return row, match
    return None


# A "Baca juga: …" may hang at the end of a paragraph of prose (4 of 4,223 pages).
RELATED_TAIL = re.compile(r"\(?\s*\bbaca\s*juga\s*:\s*", re.IGNORECASE)

# "(AFP/AP/REUTERS/CAL)" closes articles of 2008-2014: agencies, and a reporter's three letters.
SIGNATURE = re.compile(r"^\(([A-Z]{2,10}(?:/[A-Z]{2,10})*)\)$")
AGENCIES = frozenset(
    {"AFP", "AP", "REUTERS", "ANTARA", "BBC", "CNN", "DPA", "UPI", "XINHUA", "TASS", "VOA", "RTR"}
)

# Boxes inside the body that are no paragraph of it, by class; a trailing * stands for any ending.
# The first kind that answers wins: a gate is noise that also says something.
BOXES = (
    ("photo", ("photo", "photo__wrap", "photo-infographic", "cover-photo", "imgHL")),
    ("twitter", ("twitter-*",)),
    ("instagram", ("instagram-*",)),
    ("other", ("tiktok-embed", "fb-post", "telegram-post")),
    ("related", ("inject-baca-juga*",)),  # 2022-2026
    ("gate", ("gate-kgplus*",)),  # 2023-2026
    (
        "noise",
        (
            "ads-*",  # 147 of 147 pages of 2020, and since
            "ads__*",
            "adsbygoogle",
            "fb-quote",
            "liftdown_v2_tanda",
            "kompasidRec*",  # 2022-2026
            "articleRelated*",
            "article__related*",
            "inner__sidebar*",
            "komentar-bar*",
            "related__inline*",  # 2020, beside the body
            "terkait-dev",
            "hoax__*",  # boxes of the fact-checking desk, 2020
            "read__paging*",
            "paging*",
            "social*",
            "reaction*",
            "modal*",
            "opinion__*",
            "photo__caption",  # read with its photo
        ),
    ),
)

# What a box has that opens a window over the page: a gift, a reaction, a question (2022-2026).
OPENS_WINDOW = "data-modal-target"

# Frames that sell something or count visitors; any other frame is an embed.
NOT_AN_EMBED = re.compile(
    r"(?:googletagmanager|doubleclick|googlesyndication|facebook\.com/plugins/(?:like|share)"
    r"|about:blank|kompasads|/ads?/)",
    re.IGNORECASE,
)
EMBED_HOSTS = (
    ("twitter", re.compile(r"^https?://(?:[\w-]+\.)?(?:twitter|x)\.com/", re.IGNORECASE)),
    ("instagram", re.compile(r"^https?://(?:[\w-]+\.)?instagram\.com/", re.IGNORECASE)),
    (
        "youtube",
        re.compile(
            r"^https?://(?:[\w-]+\.)?(?:youtube(?:-nocookie)?\.com|youtu\.be)/", re.IGNORECASE
        ),
    ),
)
