"""Boilerplate, and what only looks like it. The sentences are ours; the furniture's words are
Kompas's, as they stand on every page."""

import pytest

from kompas_crawler.pages.boilerplate import BOILERPLATE, match_boilerplate, without_promotions

EXAMPLES = {
    "pointer only": [
        "Baca selengkapnya di sini.",
        "Baca selangkapnya",
        "Simak artikel lengkapnya melalui tautan ini.",
        "Simak selengkapnya di sini",
        "Baca informasinya melalui tautan berikut ini:",
        "Baca informasi lengkapnya di sini",
        "Baca lebih lanjut di sini.",
    ],
    "pointer only, the other way round": [
        "Selengkapnya, silakan baca di sini.",
        "Selanjutnya baca di sini",
        "Jawabannya di sini.",
        "Jawabannya ada di sini.",
        "Untuk selengkapnya baca di sini.",
        "Selengkapnya...",
    ],
    "pointer only, long form": [
        "Berita selengkapnya klik di sini",
        "Berita selengkapnya di sini",
        "Artikel selengkapnya bisa dibaca melalui tautan ini.",
        "Anda bisa menyimak kisah ini selengkapnya di sini.",
        "Anda dapat membaca artikel selengkapnya melalui tautan ini.",
        "Artikel lengkapnya dapat disimak di sini.",
        "Kisah selengkapnya ada dalam berita ini.",
    ],
    "channel promotion, its beginning alone": [
        "Dapatkan update berita pilihan dan breaking news setiap hari dari Kompas.com."
    ],
    "part of a series": [
        "Bagian pertama artikel ini bisa Anda baca di sini:",
        "Bagian kedua artikel ini bisa Anda baca melalui tautan berikut",
    ],
    "channel promotion": [
        (
            "Dapatkan update berita pilihan setiap hari. Mari bergabung di Grup Telegram. Anda harus"
            " install aplikasi Telegram terlebih dulu di ponsel."
        )
    ],
    "whatsapp promotion": [
        (
            "Simak breaking news dan berita pilihan kami langsung di ponselmu. Pastikan kamu sudah"
            " install aplikasi WhatsApp ya."
        ),
        "Simakbreaking newsdanberita pilihankami langsung di ponselmu. aplikasi WhatsApp ya.",
    ],
    "newsletter promotion": [
        "Dapatkan informasi, inspirasi dan insight di email kamu. Daftarkan email",
        "Dapatkan informasi dan insight pilihan redaksi Kompas.com",
    ],
    "subscription": ["Baca berita tanpa iklan. Gabung Kompas.com+"],
    "subscription plus": [
        "Gabung KOMPAS.com Plus sekarang",
        "Dukung keberlanjutan jurnalisme jernih dan nikmati kenyamanan baca melalui Membership.",
        "Kirimkan Apresiasi Spesial untuk mendukung Jurnalisme Jernih KOMPAS.com",
    ],
    "appreciation": ["Dalam segala situasi, KOMPAS.com berkomitmen memberikan fakta jernih ..."],
    "comment contest": ["Tulis komentarmu dengan tagar #JernihBerkomentar dan menangkan hadiah"],
    "republished": [
        "Artikel ini telah tayang di Kabar Laut dengan judul Kapal Tiba",
        "Berita ini sebelumnya sudah ditayangkan di Kabar Laut pada 12 Mei 2021, berjudul Kapal",
        "Artikel ini pernah tayang di Kabar Laut pada Rabu, 12 Mei 2021.",
        "Berita ini sudah tayang di Kabar Laut, Rabu (12/5/2021), dengan judul Kapal",
        "Artikel ini tayang di Kabar Laut pada 12 Mei 2021, pukul 10.00 WIB.",
        "**Artikel ini telah tayang di Kabar Laut dengan judul Kapal Tiba",
        "Artikel ini tayang di Kabar Laut dengan tautan berikut: Kapal Tiba",
        "Artikel ini pertama kali tayang di Kabar Laut.",
        "(Berita ini telah terbit di Kabar Laut)",
        "Artikel ini terbit pertama kali di Kabar Laut. Baca artikel sumber.",
    ],
    "post attribution": ["View this post on Instagram", "A post shared by Ani (@ani)"],
    "columnist call": ["Anda bisa menjadi kolumnis !", "Cara daftar baca di sini"],
    "copyright": ["Copyright 2008 - 2024 PT. Kompas Cyber Media"],
    "box line": [
        *("Lihat Foto", "ADVERTISEMENT", "Halaman: 1 2 Show All", "Video rekomendasi"),
        *(
            "Daftarkan email",
            "Unduh KOMPAS.com App",
            "Download KOMPAS.com App untuk berita terkini",
        ),
        "Data dirimu akan digunakan untuk verifikasi akun ketika kamu membutuhkan bantuan.",
    ],
    "end mark": ["***", "(*)", "—", ">>>"],
}

PROSE = [
    "Baca koran pagi sudah menjadi kebiasaan warga kota itu.",
    "Baca juga tulisan di dinding itu, kata penjaga museum kepada rombongan anak sekolah.",
    "Warga yang ingin membantu diminta mari bergabung di grup Telegram desa.",
    "Ia membaca juga: koran, majalah, dan surat dari ibunya.",
    "Dapatkan tempat duduk lebih dulu, begitu pesan panitia.",
    "Simak cerita nelayan yang selamat dari badai itu.",
    "Berita itu dibantah oleh juru bicara pemerintah.",
    "Editor surat kabar itu ditahan sejak Senin.",
    "Pemerintah berkomitmen memulangkan semua warganya.",
    "1. Zelensky: kami tidak akan menyerah",
    "Sumber air di desa itu mengering sejak Juli.",
    "Video itu ditonton jutaan orang dalam semalam.",
    "Penulis buku itu meninggal pada usia 90 tahun.",
    "Kriteria pemenang diumumkan pada hari Rabu.",
    "Sumber: kami tidak bisa tidur semalaman karena suara ledakan itu",
    "Penulis: saya menyelesaikan buku ini di penjara",
    "Editor: surat kabar itu akan ditutup pekan depan",
    "Oleh: karena itu para nelayan tidak melaut",
    "Artikel ini terbit di jurnal kelautan pada Rabu dan menuai kritik dari ilmuwan lain.",
    "Berita ini telah tayang di televisi pemerintah pada Selasa malam, lalu warga turun ke jalan.",
    "Berita ini telah tayang di televisi itu pada 12 Mei 2021 dan memicu unjuk rasa.",
    "Tulisan ini pernah diterbitkan dalam majalah itu dengan foto sampul seorang gadis.",
    "Warga diminta: dapatkan update berita pilihan dari sumber resmi. Listrik padam sejak Senin.",
    "Sebuah kiriman dibagikan oleh akun resmi istana, memperlihatkan raja yang tersenyum.",
    "Tulis komentar dengan tagar #LautKita menjadi gerakan di media sosial pekan ini.",
    "Dukung keberlanjutan laut, begitu pesan nelayan.",
    "Data dirimu akan digunakan dalam penelitian itu, kata sang dokter.",
    "Unduh gratis, begitu bunyi spanduk di pelabuhan.",
    "Kisah selengkapnya ada dalam buku harian nakhoda.",
    "Baca",
    "Simak",
    "Artikel ini terbit di majalah itu sebelum dibredel.",
    '"Artikel ini telah tayang di koran itu dengan judul Kapal," kata hakim.',
    'Spanduk itu berbunyi "Dapatkan update berita pilihan setiap hari" dan dipasang di stasiun.',
    "Selengkapnya:",
    "Informasi lengkapnya:",
    "Simak selengkapnya di bawah ini:",
    "Selengkapnya tentang kapal itu tertulis di prasasti.",
    "Bagian pertama artikel ini ditulis di kapal.",
]
HEADINGS = ["Komentar", "Iklan", "Terpopuler", "Oke"]


@pytest.mark.parametrize(
    ("name", "line"), [(name, line) for name, lines in EXAMPLES.items() for line in lines]
)
def test_furniture_is_known_by_its_row(name, line):
    found = match_boilerplate(line)
    assert found is not None
    assert found[0].name == name


def test_every_row_has_an_example_that_reaches_it():
    assert set(EXAMPLES) == {row.name for row in BOILERPLATE}


@pytest.mark.parametrize("line", EXAMPLES["republished"])
def test_where_it_was_published_first_is_told_without_the_day(line):
    match = match_boilerplate(line)[1]
    assert (match["site"] or match["outlet"]).rstrip(".") == "Kabar Laut"


@pytest.mark.parametrize("line", PROSE)
def test_what_only_looks_like_furniture_stays(line):
    assert match_boilerplate(line) is None


@pytest.mark.parametrize("line", HEADINGS)
def test_one_word_of_a_box_is_furniture_but_no_heading_of_the_article(line):
    assert match_boilerplate(line) is not None
    assert match_boilerplate(line, heading=True) is None


def test_a_promotion_is_cut_and_the_prose_around_it_stays():
    promotion = EXAMPLES["channel promotion"][0]

    assert without_promotions(f"Kapal tiba. {promotion} Warga lega.") == "Kapal tiba. Warga lega."
    assert without_promotions(f"{promotion} {promotion}") == ""
