"""Credit lines of the body, and prose that only begins like one."""

import pytest

from kompas_crawler.pages.credits import credit_line, credit_tail

ANI, BUDI, CICI = "Ani Rahman", "Budi Misal", "Cici Dedi"

# line: writers, editors, sources
LINES = {
    f"(Penulis: {ANI} | Editor: {CICI})": ([ANI], [CICI], []),
    f"(Penulis {ANI} | Editor {CICI})": ([ANI], [CICI], []),
    f"Penulis: {ANI}, Editor: {CICI}": ([ANI], [CICI], []),
    f"Penulis : {ANI} - Editor : {CICI}": ([ANI], [CICI], []),
    f"Pewarta: {ANI} - Editor : {CICI}": ([ANI], [CICI], []),
    f"Reporter: {ANI}, {BUDI} | Editor: {CICI}": ([ANI, BUDI], [CICI], []),
    f"**Penulis: {ANI} dan {BUDI} | Editor: {CICI}": ([ANI, BUDI], [CICI], []),
    f"Penulis dan Editor: {CICI}": ([CICI], [CICI], []),
    f"Editor: {CICI}": ([], [CICI], []),
    f"Penulis: {ANI}": ([ANI], [], []),
    f"Penulis: {ANI}/DW Indonesia": ([ANI], [], ["DW Indonesia"]),
    f"(Sumber: Kompas.com/{ANI}, {BUDI} | Editor: {CICI})": ([], [], ["Kompas.com"]),
    f"Penulis: {ANI} Editor: {CICI}": ([ANI], [CICI], []),
    f"[Penulis: {ANI} | Editor: {CICI}]": ([ANI], [CICI], []),
    f"Penulis: Rina d'Ombak, \u1e24asan | Editor: {CICI}": (
        ["Rina d'Ombak", "\u1e24asan"],
        [CICI],
        [],
    ),
    f"(Sumber: Kompas.com/ {ANI} | Editor : {CICI}, {BUDI})": ([], [], ["Kompas.com"]),
    f"(Sumber: Kompas.com/{ANI})": ([], [], ["Kompas.com"]),
    f"Sumber: Kompas.com (Penulis: {ANI} | Editor: {CICI})": ([], [], ["Kompas.com"]),
    "SUMBER: AFP, Kabar Laut": ([], [], ["AFP", "Kabar Laut"]),
    "Sumber: AFP, TASS, dan Kabar Laut": ([], [], ["AFP", "TASS", "Kabar Laut"]),
    "Sumber: www.kabar-laut.com": ([], [], ["www.kabar-laut.com"]),
    "Sumber: laut.id.": ([], [], ["laut.id"]),
    "Sumber: https://laut.id/kapal?no=1": ([], [], ["https://laut.id/kapal?no=1"]),
    "SUMBER: berbagai media": ([], [], ["berbagai media"]),
    f"Oleh: {ANI}": ([ANI], [], []),
    f"Oleh {ANI}": ([ANI], [], []),
    f"Oleh: {ANI} dan {BUDI}*": ([ANI, BUDI], [], []),
    f"Oleh: {ANI} | Kabar Laut": ([ANI], [], []),
    f"Oleh: {ANI}, Guru Besar Universitas Samudra": (
        [f"{ANI}, Guru Besar Universitas Samudra"],
        [],
        [],
    ),
    f"(Penulis Kontributor Bone, {ANI} | Editor {CICI})": (
        [f"Kontributor Bone, {ANI}"],
        [CICI],
        [],
    ),
}
PROSE = [
    "Penulis: Saya takut kehilangan naskah.",
    "Penulis: Tidak.",
    "Editor: Apa yang paling Anda takutkan?",
    "Sumber: Kami melihat tiga kabin malam itu.",
    "Sumber: kami tidak bisa tidur semalaman karena suara ledakan itu",
    "Penulis: saya menyelesaikan buku ini di penjara",
    "Editor: surat kabar itu akan ditutup pekan depan",
    "Oleh: karena itu para nelayan tidak melaut",
    "Oleh karena itu",
    "Editor surat kabar itu ditahan sejak Senin.",
    "Penulis buku itu meninggal pada usia 90 tahun.",
    "Sumber air di desa itu mengering sejak Juli.",
    f"Penulis {ANI}",
]


@pytest.mark.parametrize("line", LINES)
def test_a_credit_line_gives_names_by_office(line):
    found = credit_line(line)

    assert found is not None
    writers = [*found.writers, *found.partner_writers]
    assert (writers, found.editors, [*found.sources, *found.partners]) == LINES[line]


@pytest.mark.parametrize("line", PROSE)
def test_a_sentence_behind_a_label_is_prose(line):
    assert credit_line(line) is None


def test_credits_in_brackets_behind_a_sentence_are_cut_and_the_sentence_stays():
    rest, found = credit_tail(f"Kapal tiba. (Penulis: {ANI} | Editor: {CICI})")

    assert rest == "Kapal tiba."
    assert (found.writers, found.editors) == ([ANI], [CICI])
    assert credit_tail("Ia mengutip sebuah buku (Penulis: itu saya)") is None
    assert credit_tail("Naik dua kali lipat (sumber: Badan Statistik).") is None
