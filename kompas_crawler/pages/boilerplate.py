"""The tables of what is in the body of a Kompas page and is not journalism.

Each row holds the pattern of a line or box, the action for it, and where it was seen. Patterns are
matched against one block of text, white space collapsed. Boilerplate depends on the day of the
download: an article of 2011 fetched in 2024 ends with the promotion of 2024. Credit lines have a
grammar of their own, in `credits`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What is done with a line of boilerplate."""

    DROP = "drop"
    ANNOUNCE = "announce"  # dropped, and so is the linked title in the next block
    CUT = "cut"  # only the match is removed; prose glued to it stays
    REPUBLISHED = "republished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Boilerplate:
    """One kind of line that is not journalism; with `in_headings`, a heading may be one."""

    name: str
    seen: str
    pattern: re.Pattern[str]
    action: Action
    at_most: int = 10_000  # characters; a longer block is prose
    in_headings: bool = True


def _row(
    name: str,
    action: Action,
    pattern: str,
    *,
    seen: str,
    at_most: int = 10_000,
    in_headings: bool = True,
) -> Boilerplate:
    return Boilerplate(
        name=name,
        seen=seen,
        action=action,
        at_most=at_most,
        in_headings=in_headings,
        pattern=re.compile(pattern, re.IGNORECASE),
    )


_A_DAY = (
    r",? (?:pada )?(?:(?:hari |tanggal )?[a-z']{2,10},? )?\(?\d{1,2}[/ ]\w{1,9}[/ ]\d{4}\)?"
    r"(?:,? pukul [\d.:]{4,5}(?: wi\w{1,2})?)?"
)
# A name of a newspaper or a site: every word begins with a capital, or it is a host.
_OUTLET = (
    r"(?-i:(?:[A-Z0-9][\w.&'’-]*|(?:[\w-]+\.)+[a-z]{2,6})"
    r"(?: (?:[A-Z0-9][\w.&'’-]*|(?:[\w-]+\.)+[a-z]{2,6}|of|the|dan|and)){0,7}?)"
)
_HERE = r"(?:sini|(?:tautan|link|artikel|berita)(?: (?:ini|berikut)){1,2})"
_PLACE = rf"(?:(?:di|dalam|pada|melalui|lewat) )?{_HERE}"
# A promotion in quotation marks is prose.
_UNQUOTED = r"(?<![\"“‘'])"
_READ = r"(?:silakan )?(?:anda )?(?:bisa |dapat )?(?:anda )?(?:klik|dibaca|baca|disimak|simak|ada)"

BOILERPLATE = (
    _row(
        "pointer only",
        Action.ANNOUNCE,
        r"^\(?(?=.*(?:sel[ae]ngkapnya|lengkapnya|sini|tautan|link))"
        r"(?:baca|simak|klik)(?: juga)?(?: berita| ulasan| artikel| kisah| informasi(?:nya)?)?"
        r"(?: ini)? ?(?:sel[ae]ngkapnya|lengkapnya|lebih (?:lanjut|lengkap))?"
        rf"(?: {_PLACE})?[.:!)]*$",
        seen="round-ups 2019-2025; the typo 'selangkapnya' is real",
        at_most=90,
    ),
    _row(
        "pointer only, the other way round",
        Action.ANNOUNCE,
        rf"^\(?(?:(?:untuk (?=selengkap))?(?:selengkapnya|selanjutnya|jawabannya|lengkapnya),?(?: {_READ})?"
        rf"(?: {_PLACE})[.:!)]*|selengkapnya[.!)…]*)$",
        seen="3 pages of 2020-21, 30 round-ups of 2024",
        at_most=90,
    ),
    _row(
        "pointer only, long form",
        Action.ANNOUNCE,
        r"^(?:(?:berita|artikel|ulasan|kisah|informasi)(?:nya)? "
        rf"(?:selengkapnya|(?:selengkapnya|lengkapnya)(?:,? {_READ})? {_PLACE})[.:!)]*"
        rf"|(?:klik|baca) {_PLACE} untuk (?:membaca|menyimak|melihat) (?:\w+ )?(?:selengkapnya|lengkapnya)[.!]*"
        r"|anda (?:bisa|dapat) (?:menyimak|membaca) (?:kisah|berita|artikel|ulasan)(?: ini)?"
        rf" (?:selengkapnya|lengkapnya) {_PLACE}\.?)$",
        seen="round-ups 2017-2025",
        at_most=120,
    ),
    _row(
        "channel promotion",
        Action.CUT,
        rf"{_UNQUOTED}dapatkan update berita (?:pilihan|teknologi)[^.]{{0,60}}? setiap hari\b"
        r"(?:.{0,400}?(?:terlebih (?:dulu|dahulu) di ponsel\.?)"
        r"|.{0,80}?\bbergabung di (?:grup )?(?:telegram|whatsapp)\b.*$)",
        seen="Telegram 2020-12 to 2023, WhatsApp of Tekno 2025",
    ),
    _row(
        "channel promotion, its beginning alone",
        Action.DROP,
        r"^dapatkan update berita (?:pilihan|teknologi)[^.]{0,60}? setiap hari(?: dari kompas\.com)?"
        r"\.?$",
        seen="pages cut in the middle, 2021",
        at_most=140,
    ),
    _row(
        "whatsapp promotion",
        Action.CUT,
        rf"{_UNQUOTED}simak\s*breaking\s*news\s*dan\s*berita\s*pilihan\s*kami\s*langsung\s*di\s*ponselmu"
        r"(?:.{0,400}?aplikasi\s*whatsapp\s*ya\.?|\s*\.?\s*pilih saluran.*$|\s*\.?$)",
        seen="2023-10 to 2026; also with the spaces lost",
    ),
    _row(
        "newsletter promotion",
        Action.CUT,
        rf"{_UNQUOTED}dapatkan informasi(?:, inspirasi dan insight di email kamu\.(?:\s*daftarkan email|\s*$)"
        r"| dan insight pilihan redaksi kompas\.com\b)",
        seen="2021-2026; the shorter form in a data set of 2021 and the tables of two public crawlers",
    ),
    _row(
        "subscription",
        Action.CUT,
        rf"{_UNQUOTED}baca berita tanpa iklan\.?\s*gabung kompas\.com\s*\+?",
        seen="crawls of 2023-2026, up to six times a page",
    ),
    _row(
        "subscription plus",
        Action.DROP,
        r"^(?:gabung kompas\.com plus sekarang[.!]*"
        r"|(?:dukung keberlanjutan jurnalisme|(?:dan )?nikmati kenyamanan baca tanpa iklan"
        r"|kirimkan apresiasi spesial untuk mendukung jurnalisme)\b.*)$",
        seen="2022-2026; the later lines 2025-12 and in the tables of three public crawlers",
        at_most=160,
    ),
    _row(
        "appreciation",
        Action.CUT,
        r"(?:^|(?<=[.!?] ))(?:dalam segala situasi,\s*)?kompas\.com berkomitmen (?:untuk )?memberikan fakta jernih"
        r".*$",
        seen="2024-2026, up to 'Berikan apresiasi sekarang'",
    ),
    _row(
        "comment contest",
        Action.DROP,
        r"^tulis komentar(?:mu)? dengan (?:menyertakan )?(?:tagar|tag) "
        r"#(?:jernihberkomentar|melihatharapan)(?: dan #\w+)?(?: (?:dan|untuk) .*)?[.!]*$",
        seen="2020-2023",
    ),
    _row(
        "republished",
        Action.REPUBLISHED,
        r"^(?:(?![\"“‘'])[\W_]){0,8}(?:artikel|berita|tulisan) ini (?:sebelumnya |seelumnya )?"
        r"(?:sudah |telah |pernah |pertama kali )*"
        r"(?:di)?(?:tayang|terbit)(?:kan)? (?:pertama kali )?(?:di|pada|dalam) "
        r"(?:(?P<site>.{2,80}?)"
        rf"(?:{_A_DAY})?(?:,? (?:dengan (?:judul|tajuk|tautan)|berjudul|bertajuk)\b|{_A_DAY}\.?\)?$)"
        rf"|(?P<outlet>{_OUTLET})[.)\s*]*(?:baca artikel (?:sumber|asli)(?:nya)?[.)\s*]*)?$)",
        seen="2016-2025, at the end; The Conversation ends it with 'Baca artikel sumber.'",
        at_most=400,
    ),
    _row(
        "part of a series",
        Action.ANNOUNCE,
        r"^\(?(?:baca )?bagian (?:pertama|kedua|ketiga|keempat|lain|sebelumnya|selanjutnya)"
        r"(?: dari)?(?: artikel| tulisan| berita)?(?: ini)?,? (?:bisa|dapat|silakan) .{0,40}?"
        rf"{_PLACE}\s*:?\.?\)?$",
        seen="Properti 2023-04 (40 and more) and 2024-04 (3): the other part's title follows",
        at_most=160,
    ),
    _row(
        "post attribution",
        Action.DROP,
        r"^(?:view this post on instagram|lihat postingan ini di instagram|view on threads"
        r"|(?:a post shared by|sebuah kiriman dibagikan oleh) [^()@]{0,80}\(?@[\w.]+\)?(?: (?:on|pada) .{1,60})?|(?:https?://)?pic\.twitter\.com/\w+)$",
        seen="2019-2025, where the embed's own box was lost",
        at_most=200,
    ),
    _row(
        "columnist call",
        Action.DROP,
        r"^(?:anda bisa menjadi kolumnis\s*!?|kriteria \(salah satu\)\s*:.*"
        r"|cara daftar baca di sini\.?)$",
        seen="opinion pages since 2022, before the body",
    ),
    _row(
        "copyright",
        Action.DROP,
        r"^copyright (?:©\s*)?\d{4}(?:\s*[-–]\s*\d{4})?,? (?:pt\.? )?kompas.*$",
        seen="all years, tail",
    ),
    _row(
        "box line",
        Action.DROP,
        r"^(?:advertisement|iklan|lihat foto|lihat semua|download sekarang|close ads(?: x)?|oke"
        r"|komentar|lengkapi profil|video rekomendasi|video lainnya|video pilihan|halaman selanjutnya"
        r"|halaman berikutnya|halaman:[\d ]*(?:show all)?|bagikan:|bagikan artikel ini melalui|berikan apresiasi sekarang"
        r"|kolom komentar masih kosong|mengirim\.\.\.|powered by|rekomendasi untuk anda|berita terkait"
        r"|terkini lainnya|now trending|artikel terpopuler|terpopuler|kompas\.com play|salin artikel"
        r"|login untuk memaksimalkan pengalaman mengakses kompas\.com"
        r"|segera lengkapi data dirimu(?: untuk ikutan program #\w+)?\.?"
        r"|periksa kembali dan lengkapi data dirimu\.?(?: data dirimu akan .*)?"
        r"|data dirimu akan digunakan untuk verifikasi akun.*|daftarkan email"
        r"|(?:unduh|download) kompas\.com app\b.*"
        r"|terangi negeri dengan literasi(?:,? .*kompas\.com.*)?|penghargaan dan sertifikat:)$",
        seen="page furniture of 2018-2026 that slips into a body; a heading of one such word is one",
        at_most=160,
        in_headings=False,
    ),
    _row(
        "end mark",
        Action.DROP,
        r"^[\s*()_.,:;~=+#>»–—―•-]{1,8}$",
        seen="(*), *** and bare dashes of 2013-2024; what is left before a 'Baca juga'",
        at_most=8,
    ),
)

# A block that neither begins with one of these nor contains one of those cannot match a row: nine
# blocks of ten. A test checks that they agree with the rows above.
_BEGINNINGS = re.compile(
    r"[\W_]{0,8}\s*(?:baca|simak|klik|berita|artikel|tulisan|ulasan|kisah|informasi|anda (?:bisa|dapat)|untuk selengkap|gabung"
    r"|dukung|dan nikmati|nikmati|kirimkan|daftarkan|unduh|data dirimu"
    r"|tulis komentar|selengkapnya|selanjutnya|jawabannya|lengkapnya|bagian"
    r"|view|lihat|a post|sebuah|https?:|pic\.|dapatkan"
    r"|kriteria|cara daftar|copyright|advertisement|iklan|download|close|oke|komentar|lengkapi"
    r"|video|halaman|bagikan|berikan|kolom|mengirim|powered|rekomendasi|terkini|now|terpopuler"
    r"|kompas\.com play|salin|login|segera|periksa|terangi|penghargaan|$)",
    re.IGNORECASE,
)
_INSIDE = ("dapatkan update", "dapatkan informasi", "simak", "tanpa iklan", "berkomitmen")
_CUTS = tuple(row for row in BOILERPLATE if row.action is Action.CUT)


def match_boilerplate(
    text: str, *, heading: bool = False
) -> tuple[Boilerplate, re.Match[str]] | None:
    """Return the row that matches this block, with the match, or None for prose.

    >>> match_boilerplate("Baca selengkapnya di sini.")[0].name
    'pointer only'
    >>> match_boilerplate("Warga diminta mari bergabung di Telegram.") is None
    True
    """
    if not _BEGINNINGS.match(text):
        lower = text.lower()
        if not any(words in lower for words in _INSIDE):
            return None
    for row in BOILERPLATE:
        if heading and not row.in_headings:
            continue
        if len(text) <= row.at_most and (match := row.pattern.search(text)):
            return row, match
    return None


def without_promotions(text: str) -> str:
    """Return a block without promotions glued to its prose, white space collapsed."""
    lower = text.lower()
    if any(words in lower for words in _INSIDE):
        for row in _CUTS:
            text = row.pattern.sub(" ", text)
    return " ".join(text.split())


# The label of a link to another article: "Baca juga: TITLE"; "Baca: TITLE" in 2017.
_ALSO = r"\b(?:baca|lihat|simak)\s*(?:juga|pula|berikutnya)"  # the last: one crawler of 2026
RELATED = re.compile(rf"[\W_]{{0,3}}(?:{_ALSO}|\bbaca)\s*:\s*", re.IGNORECASE)
# It may be at the end of a sentence, or before one.
RELATED_INSIDE = re.compile(rf"[(\[]?\s*{_ALSO}\s*:\s*|\s?[(\[]\s*baca\s*:\s*", re.IGNORECASE)
# Without a colon it is one only where a link is the rest of the line.
RELATED_UNMARKED = re.compile(r"[\W_]{0,3}baca\s*(?:juga|pula)", re.IGNORECASE)

# "(AFP/AP/REUTERS/CAL)" closes articles of 2008-2014: agencies, and a reporter's three letters.
SIGNATURE = re.compile(r"^\(([A-Z]{2,10}(?:/[A-Z]{2,10})*)\)$")
AGENCIES = frozenset(
    {"AFP", "AP", "REUTERS", "ANTARA", "BBC", "CNN", "DPA", "UPI", "XINHUA", "TASS", "VOA", "RTR"}
)

ATTRIBUTION = next(row.pattern for row in BOILERPLATE if row.name == "post attribution")

# Boxes inside the body that are no paragraph of it, by class or id. A name ends in * where more
# may follow it, but for a small letter: `ads-*` is `ads-on-body`, and no `adsorpsi`.
# Headings and paragraphs are boxes only by a whole name: `<h2 id="social-distancing">` is prose.
# The first kind that matches wins: a gate is noise that also holds a fact.
BOXES = (
    ("photo", ("photo", "photo__wrap", "photo-infographic", "cover-photo", "imgHL")),
    ("twitter", ("twitter-*",)),
    ("instagram", ("instagram-*",)),
    (
        "other",
        (
            *("tiktok-embed", "fb-post", "fb-video", "telegram-post"),
            # Threads, Bluesky, Reddit and Mastodon, by their own documents
            *("text-post-media", "bluesky-embed", "reddit-embed-bq", "mastodon-embed"),
        ),
    ),
    ("related", ("inject-baca-juga*", "read__also")),  # 2022-2026; 2025, by one crawler
    ("gate", ("gate-kgplus*",)),  # 2023-2026; beside the body on all pages at hand
    (
        "noise",
        (
            *("ads-*", "ads__*", "adsbygoogle", "banner-300", "gomed-box"),
            *("fb-quote", "liftdown_v2_tanda", "kid-wrap", "gtx-trans"),
            *("nwsLetter-*", "bapps-middle*", "banner-show", "rVideo-middle*"),  # mobile, 2021-22
            *("kgnw-*", "kgnowGate*"),  # recommended videos, by filter lists of 2025-05 and 2026-06
            *("tagsCloud*", "native-wrap"),  # by one crawler of 2025
            *("lihatJuga", "rekomendasi_in_article", "subscribe__*", "kcm-track*"),
            "wrap__sticky__article",
            *("photoCarousel*", "pCarousel*", "photo__footer", "photo__icon*"),
            *("kompasidRec*", "articleRelated*", "article__related*", "inner__sidebar*"),
            *("komentar-bar*", "related__inline*", "terkait-dev", "aTerkait*", "wLink*", "wSpec*"),
            *("wKolom*", "info-banner*", "video-box-wrap", "next-topic"),
            "hoax__*",  # boxes of the fact-checking desk, 2020
            *(
                "read__paging*",
                "read__tagging",
                "read__credit*",
                "paging",
                "paging__*",
                "paging--*",
            ),
            *("kcm-read-paging", "kcm-read-terkait", "kcm-read-copy", "kcm-read-bottom-topic"),
            *("social__*", "social--*", "social-*alt*"),
            *("reaction", "reactionList", "reactionItem", "reactionTxt", "reaction-bottom"),
            *("modal", "modal__*", "modal--*", "creditModal*", "opinion__*"),
            "photo__caption",  # read with its photo
            "sr-only",
        ),
    ),
)
# Part of the class of a button on a photo.
PHOTO_BUTTON = "photo__icon"

# Attribute of a box that opens a modal window: a gift, a reaction, a question (2022-2026).
OPENS_WINDOW = "data-modal-target"

# Frames, by address, class or id, that sell something, count visitors, ask (polls and surveys:
# 11,000 pages of 2023-04, 651 of 2024-04) or recommend other videos. Any other frame is an embed.
NOT_AN_EMBED = re.compile(
    r"(?:googletagmanager|doubleclick|googlesyndication|google_ads_iframe|\.teads\.tv|ivideosmart"
    r"|criteo\.(?:com|net)|facebook\.com/plugins/(?:like|share|follow)"
    r"|about:blank|kompasads|/ads?/|//widget\.kompas\.com/|amp\.kompas\.com/jixie|jixie\.io"
    r"|widget-polling|kgwidget)",
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

# Signs of a gate: the page keeps (part of) the article from a visitor. The age gate and the log-in
# wall are classes of <body>, known from filter lists (2026-06); the text was still there where seen.
GATED_BODY = frozenset(("-restricted", "-locked", "--restricted", "--locked"))
