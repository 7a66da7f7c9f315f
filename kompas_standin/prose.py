"""The prose of the stand-in: invented Indonesian news about countries that do not exist.

Countries, places, people, agencies and sentences are all invented here. A frame is a sentence with
slots (`{negara}`); words between asterisks are set in italics, as Kompas sets foreign words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip
WEEKDAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    name: str
    short: str  # the abbreviation in brackets after the full name, as in "Uni Karvia (UK)"
    capital: str
    cities: tuple[str, ...]


def _country(name: str, short: str, capital: str, *cities: str) -> Country:
    return Country(name=name, short=short, capital=capital, cities=cities)


COUNTRIES = (
    _country("Veldania", "VLD", "Veldan", "Port Elara", "Sarvik", "Lembah Tirsa"),
    _country("Republik Karsk", "RK", "Karskova", "Mirnaya", "Dolgoprud", "Tambersk"),
    _country("Tamarua", "TMR", "Teluk Marin", "Kahela", "Noumira", "Pulau Owata"),
    _country("Norlandia", "NRL", "Havn", "Bergsund", "Tromvik", "Kaldfjord"),
    _country("Uni Ostrava", "UO", "Saint Orvin", "New Calder", "Wexmoor", "Dunhaven"),
    _country("Zamburia", "ZBR", "Zamburi", "Kasenga", "Lulonde", "Mpika Barat"),
    _country("Al Qandar", "AQ", "Qandara", "Bir Salim", "Wadi Nuhas", "Rasmal"),
    _country("Cordova Selatan", "CS", "Santa Ilaria", "Puerto Brio", "Almeria Nueva", "La Cuesta"),
    _country("Hanmoria", "HMR", "Hanmo", "Seiryo", "Tsukamine", "Gyodan"),
    _country("Kepulauan Marrow", "KM", "Marrow City", "Stillwater", "Gannet Bay", "Kelp Island"),
    _country("Arvenia", "ARV", "Arven", "Plovac", "Brezna", "Kamena Gora"),
    _country("Sunda Lor", "SL", "Banyu Biru", "Kalimaya", "Tegal Wangi", "Rawa Jene"),
    _country("Tirasia", "TRS", "Tiras", "Chalmar", "Osh Bulak", "Zerafhan"),
    _country("Lusivia", "LSV", "Vila Serra", "Porto Novo do Sul", "Alcoba", "Moinhos"),
)

AGENCIES = (
    "Meridian News", "Kantor Berita Veldania", "Radio Karsk", "The Harbour Post", "Utara Press",
    "Selat Times", "Wartawan Dunia", "Cordova Hoy", "Hanmo Shimbun", "Qandar TV", "NRL24",
    "www.tirasia.example", "Lusivia Diario", "The Calder Courier", "Arven Glas", "Marrow Gazette",
    "Pasifik Wire", "Global Ledger", "Kronika", "Zamburi Daily",
)  # fmt: skip
PHOTOGRAPHERS = (
    "MERIDIAN/ILSE MARKOV", "UTARA PRESS/R. DANISH", "PASIFIK WIRE/T. Okunda", "Meridian/Sol Barret",
    "KANTOR BERITA VELDANIA via UTARA PRESS", "DOK. PALANG HIJAU", "SHUTTERSTOCK/Ferno",
    "HARBOUR POST/Ana Lucero", "Handout/NRL24", "RADIO KARSK via MERIDIAN",
)  # fmt: skip
WRITERS = (
    "Rengganis Prawira", "Tirta Kusuma Aji", "Maheswara Lintang", "Dewi Sekar Arumdalu",
    "Galang Baskoro", "Nayla Puspaningrum", "Yoga Wiratmaka", "Larasati Hening", "Bima Argadinata",
    "Cahya Mustikaning", "Raka Surendra", "Intan Kemuning",
)  # fmt: skip
EDITORS = ("Sekar Wijayanti", "Hanung Pradipta", "Bayu Samodra", "Ratri Anindya", "Wening Kinasih")
STRINGERS = ("Karskova", "Hanmo", "Saint Orvin", "Qandara", "Kuala Timur")
GIVEN = (
    "Orsin", "Mirela", "Tomas", "Keahi", "Sigrun", "Abena", "Yusra", "Rafaela", "Shiro", "Douglas",
    "Jovan", "Wardah", "Bakhyt", "Ines", "Petra", "Ludo", "Nadir", "Hélène", "Jürgen", "Aslan",
)  # fmt: skip
SURNAMES = (
    "Valdek", "Tarsov", "Kealoha", "Halvorsen", "Mensande", "Al Rimawi", "Barros", "Kurosawa",
    "Pembroke", "Dragov", "Sastrowo", "Tulegen", "Ferraz", "Lindqvist", "Oduya", "Marchetti",
    "Brontë", "Çelar", "Novak", "Whitlock",
)  # fmt: skip
OFFICES = (
    "Menteri Dalam Negeri", "Menteri Luar Negeri", "Perdana Menteri", "Wali Kota", "Gubernur",
    "Kepala Kepolisian", "Menteri Kesehatan", "Menteri Energi", "Ketua Parlemen", "Presiden",
)  # fmt: skip
BODIES = (
    "Badan Penanggulangan Bencana", "Dewan Keamanan Kawasan", "Komisi Pemilihan", "Palang Hijau",
    "Institut Kelautan", "Badan Antariksa", "Universitas Negeri", "Otoritas Pelabuhan",
    "Kementerian Perhubungan", "Lembaga Statistik",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A kind of news: its tags, and the frames that only make sense for it."""

    tags: tuple[str, ...]
    titles: tuple[str, ...]
    leads: tuple[str, ...]
    details: tuple[str, ...]
    headings: tuple[str, ...]


FLOOD = Topic(
    tags=("banjir", "hujan lebat", "pengungsi"),
    titles=(
        "Banjir Rendam {kota}, {ratus} Keluarga Mengungsi",
        "Hujan Tiga Hari Tanpa Henti, Bendungan di {kota} Dibuka",
        "Sungai Meluap, Warga {kota} Naik ke Atap Rumah",
        '"Air Datang Saat Kami Tidur", Kesaksian Korban Banjir {negara}',
    ),
    leads=(
        (
            "Banjir yang merendam {kota} sejak {hari} memaksa sedikitnya {ratus} keluarga meninggalkan "
            "rumah mereka dan bermalam di gedung sekolah."
        ),
        (
            "Pemerintah {negara} ({singkatan}) menetapkan keadaan darurat setelah hujan lebat membuat "
            "sungai di sekitar {kota} meluap."
        ),
        "Air setinggi dada orang dewasa masih menggenangi sebagian besar {kota} hingga {hari}.",
    ),
    details=(
        "Tim penolong mengerahkan {puluh} perahu karet untuk menjangkau kampung yang terputus.",
        "Debit sungai naik {persen} hanya dalam satu malam, kata petugas pintu air.",
        "Sebagian warga memilih bertahan di lantai dua karena takut rumahnya dijarah.",
        "Halaman rumah sakit setempat dipakai sebagai dapur umum bagi para pengungsi.",
        "Tanggul sepanjang {puluh} kilometer akan diperiksa ulang begitu air surut.",
        "Banjir serupa pernah terjadi pada {tahun}, tetapi kali ini air datang lebih cepat.",
    ),
    headings=("Tanggul yang rapuh", "Peringatan yang terlambat", "Dapur umum di sekolah"),
)
QUAKE = Topic(
    tags=("gempa", "gempa susulan", "bangunan"),
    titles=(
        "Gempa Guncang {kota}, Getaran Terasa hingga {tetangga}",
        "{puluh} Jam Tertimbun, Penjaga Toko di {kota} Selamat",
        "Gempa Susulan Masih Terasa, Warga {kota} Tidur di Lapangan",
        "Setelah Gempa, {negara} Periksa {ratus} Bangunan Tua",
    ),
    leads=(
        "Gempa kuat mengguncang {kota}, {negara}, pada {hari} {jam} dan merusak ratusan bangunan.",
        "Regu penyelamat di {kota} masih menyisir reruntuhan setelah gempa yang terjadi {hari}.",
        "Warga {kota} berhamburan ke jalan ketika gempa datang pada {hari} dini hari.",
    ),
    details=(
        "Pusat gempa berada {puluh} kilometer di bawah permukaan tanah.",
        "Sedikitnya {ratus} bangunan retak, termasuk dua jembatan dan sebuah menara air.",
        "Listrik padam di {persen} wilayah kota, sementara jaringan telepon hanya pulih sebagian.",
        "Anjing pelacak didatangkan dari {tetangga} untuk membantu pencarian.",
        "Rumah kayu justru lebih tahan guncangan dibandingkan gedung *beton* yang dibangun tergesa.",
        "Sekolah diliburkan sampai para insinyur selesai memeriksa setiap ruang kelas.",
    ),
    headings=("Malam di lapangan terbuka", "Bangunan tua paling rentan", "Bantuan dari tetangga"),
)
ELECTION = Topic(
    tags=("pemilu", "parlemen", "oposisi"),
    titles=(
        "Pemilu {negara}: Oposisi Klaim Unggul di {puluh} Distrik",
        "{nama} Menang Tipis, Penghitungan Ulang Dimulai",
        "Antrean Panjang di TPS {kota}, Pemungutan Suara Diperpanjang",
        "Kalah Pemilu, {nama}: Saya Terima Putusan Rakyat",
    ),
    leads=(
        (
            "Komisi pemilihan {negara} memulai penghitungan ulang setelah selisih suara kedua calon "
            "kurang dari satu persen."
        ),
        "Kubu oposisi {negara} ({singkatan}) menyatakan unggul dalam pemilu yang digelar {hari}.",
        "Pemungutan suara di {kota} diperpanjang dua jam karena antrean belum habis.",
    ),
    details=(
        "Partisipasi pemilih mencapai {persen}, angka tertinggi sejak {tahun}.",
        "Pengamat dari {tetangga} menyebut pemungutan suara berlangsung tertib.",
        "Hasil resmi baru diumumkan setelah semua kotak suara dari pulau terluar tiba.",
        "Kedua kubu meminta pendukungnya tidak turun ke jalan sebelum penghitungan selesai.",
        "Sebanyak {ribu} suara dinyatakan tidak sah karena tinta yang luntur.",
        "Undang-undang baru mengharuskan setiap TPS memasang hasil hitungan di pintu masuk.",
    ),
    headings=("Selisih yang tipis", "Suara dari pulau terluar", "Peran pemilih muda"),
)
SUMMIT = Topic(
    tags=("KTT", "diplomasi", "perbatasan"),
    titles=(
        "{negara} dan {tetangga} Sepakat Buka Lagi Perbatasan",
        "KTT Kawasan di {ibukota} Berakhir Tanpa Pernyataan Bersama",
        "{nama} Walk Out dari KTT, Ini Sebabnya",
        "Setelah {puluh} Tahun, Kedutaan {tetangga} di {ibukota} Dibuka Kembali",
    ),
    leads=(
        "Para pemimpin kawasan mengakhiri KTT di {ibukota} pada {hari} tanpa pernyataan bersama.",
        (
            "{negara} ({singkatan}) dan {tetangga} sepakat membuka kembali perbatasan yang ditutup sejak "
            "{tahun}."
        ),
        "Perundingan antara {negara} dan {tetangga} memasuki hari ketiga di {ibukota}.",
    ),
    details=(
        "Rancangan naskah sepanjang {puluh} halaman itu berkali-kali berubah menjelang tengah malam.",
        "Kedua delegasi hanya saling mengangguk ketika berpapasan di lobi hotel.",
        "Pos lintas batas pertama akan beroperasi {puluh} hari lagi.",
        "Perdagangan kedua negara turun {persen} sejak hubungan diplomatik diputus.",
        "Utusan khusus {tetangga} menolak disebut mengalah dalam perundingan.",
        "Perjanjian itu masih harus disetujui parlemen di kedua ibu kota.",
    ),
    headings=("Naskah yang terus berubah", "Pos lintas batas", "Apa langkah berikutnya?"),
)
TRADE = Topic(
    tags=("ekspor", "tarif impor", "gandum"),
    titles=(
        "Tarif Impor {tetangga} Naik, Petani {negara} Menjerit",
        "Ekspor Gandum {negara} Anjlok {persen}",
        "Pelabuhan {kota} Mogok, {puluh} Kapal Tertahan",
        "Bank Sentral {negara} Pangkas Suku Bunga",
    ),
    leads=(
        "Ekspor gandum {negara} turun {persen} setelah {tetangga} menaikkan tarif impor.",
        "Pekerja pelabuhan {kota} menghentikan bongkar muat sejak {hari} untuk menuntut upah layak.",
        "Bank sentral {negara} ({singkatan}) memangkas suku bunga acuan untuk ketiga kalinya.",
    ),
    details=(
        "Sedikitnya {puluh} kapal peti kemas masih antre di luar kolam pelabuhan.",
        "Harga roti di {ibukota} sudah naik {persen} dalam sebulan.",
        "Para petani meminta pemerintah membeli sisa panen dengan harga dasar.",
        "Kesepakatan lama yang diteken pada {tahun} tidak mengatur tarif musiman.",
        "Kerugian akibat pemogokan ditaksir mencapai {ratus} juta mark per hari.",
        "Pelaku usaha kecil berharap ada masa peralihan sebelum aturan itu berlaku.",
    ),
    headings=("Panen yang tak terjual", "Kapal antre di laut", "Harga roti naik"),
)
DIG = Topic(
    tags=("arkeologi", "situs kuno", "penemuan"),
    titles=(
        "Arkeolog Temukan Kota Kuno di Bawah Ladang {kota}",
        "Makam Berusia {ribu} Tahun Dibuka di {negara}, Ini Isinya",
        "Mozaik Kuno Muncul Saat Kemarau di {kota}",
        "Misteri Perahu Batu {negara} Akhirnya Terpecahkan?",
    ),
    leads=(
        "Sekelompok arkeolog menemukan sisa kota kuno di bawah ladang gandum dekat {kota}, {negara}.",
        "Makam batu yang diperkirakan berusia {ribu} tahun dibuka untuk pertama kali pada {hari}.",
        "Kemarau panjang di {negara} menyingkap mozaik yang selama ini terendam waduk.",
    ),
    details=(
        "Di dalamnya ditemukan {puluh} kendi, sebuah timbangan perunggu, dan sisa anyaman.",
        "Penggalian dilakukan dengan kuas dan sendok karena dindingnya sangat rapuh.",
        "Tulisan pada batu itu belum pernah dijumpai di situs lain.",
        "Contoh arang dikirim ke laboratorium di {tetangga} untuk ditentukan umurnya.",
        "Pemilik ladang mengaku sering membajak pecahan gerabah sejak {tahun}.",
        "Situs itu akan ditutup kembali dengan pasir agar tidak rusak oleh hujan.",
    ),
    headings=("Timbangan perunggu", "Tulisan yang tak dikenal", "Ditutup kembali dengan pasir"),
)
HEALTH = Topic(
    tags=("vaksin", "wabah", "rumah sakit"),
    titles=(
        "Wabah Demam Rawa Meluas, {negara} Tutup Pasar Hewan",
        "Uji Vaksin {negara} Masuk Tahap Akhir",
        "Rumah Sakit di {kota} Kehabisan Oksigen",
        "Dokter {negara} Sarankan Warga Tetap Pakai Kelambu",
    ),
    leads=(
        "Otoritas kesehatan {negara} melaporkan {ratus} kasus baru demam rawa pada {hari}.",
        "Uji klinis vaksin demam rawa di {negara} ({singkatan}) memasuki tahap ketiga.",
        "Rumah sakit terbesar di {kota} hanya memiliki persediaan oksigen untuk dua hari.",
    ),
    details=(
        "Sebanyak {ribu} sukarelawan sudah menerima suntikan pertama.",
        "Kelompok anti-vaksin sempat menghadang mobil petugas di pinggir kota.",
        "Angka kesembuhan naik menjadi {persen} setelah obat baru dipakai.",
        "Kelambu dibagikan dari rumah ke rumah mulai pekan ini.",
        "Penelitian serupa di {tetangga} terhenti karena kekurangan dana.",
        "Para perawat bergantian tidur di ruang tunggu selama masa darurat.",
    ),
    headings=("Relawan pertama", "Mengapa kelambu penting", "Oksigen yang menipis"),
)
FIRE = Topic(
    tags=("kebakaran hutan", "kabut asap", "kemarau"),
    titles=(
        "Kebakaran Hutan {negara} Hanguskan {ribu} Hektar",
        "Kabut Asap dari {tetangga} Sampai ke {ibukota}",
        "Demi Padamkan Api, {negara} Kerahkan {puluh} Helikopter",
        "Kawanan Rusa Masuk Kota {kota} Hindari Kebakaran Hutan",
    ),
    leads=(
        "Kebakaran hutan di utara {kota} sudah menghanguskan {ribu} hektar lahan hingga {hari}.",
        "Kabut asap menyelimuti {ibukota} dan memaksa bandara menunda {puluh} penerbangan.",
        "Petugas pemadam {negara} berpacu dengan angin kencang yang diramalkan datang besok.",
    ),
    details=(
        "Sebanyak {ratus} petugas membuat sekat api sepanjang malam.",
        "Jarak pandang di jalan tol tinggal {puluh} meter.",
        "Kemarau tahun ini tercatat sebagai yang terpanjang sejak {tahun}.",
        "Balai kota dibuka sebagai tempat berlindung bagi warga dan ternak mereka.",
        "Kelembapan tanah turun {persen} dibandingkan rata-rata sepuluh tahun.",
        "Helikopter mengambil air dari waduk yang juga sudah mulai mengering.",
    ),
    headings=("Sekat api", "Bandara lumpuh", "Ternak ikut diungsikan"),
)
RAIL = Topic(
    tags=("kereta api", "kecelakaan", "transportasi"),
    titles=(
        "Kereta Malam {ibukota}-{kota} Anjlok, {puluh} Orang Luka",
        "Masinis Tertidur, Kereta Barang Lewati {puluh} Stasiun",
        "{negara} Resmikan Jalur Kereta Tertinggi di Kawasan",
        "Kereta Tua {negara} Berlari Lagi Setelah {puluh} Tahun",
    ),
    leads=(
        "Kereta malam rute {ibukota}-{kota} anjlok pada {hari} dan melukai {puluh} penumpang.",
        "{negara} meresmikan jalur kereta api baru yang menghubungkan {ibukota} dan {kota}.",
        "Sebuah kereta barang melaju tanpa kendali sejauh {ratus} kilometer sebelum berhenti.",
    ),
    details=(
        "Tiga gerbong terguling, sedangkan lokomotif tetap berada di atas rel.",
        "Kotak rekaman perjalanan sudah diserahkan kepada penyelidik.",
        "Jalur itu dibangun selama {puluh} bulan dan menembus {puluh} terowongan.",
        "Tiket hari pertama habis terjual dalam {puluh} menit.",
        "Sistem pengereman otomatis belum terpasang di ruas tersebut.",
        "Penumpang dialihkan ke bus sampai rel selesai diperbaiki.",
    ),
    headings=("Rem yang tidak bekerja", "Jalur menembus gunung", "Tiket habis terjual"),
)
SPACE = Topic(
    tags=("satelit", "antariksa", "roket"),
    titles=(
        "Roket {negara} Gagal Mengorbit, Satelit Jatuh di Laut",
        "Satelit Buatan Pelajar {negara} Kirim Foto Pertama",
        "{negara} Pilih {puluh} Calon Antariksawan",
        "Badan Antariksa {negara} Kehilangan Kontak dengan Wahana Tua",
    ),
    leads=(
        "Satelit kecil buatan pelajar {negara} mengirim foto pertamanya dari orbit pada {hari}.",
        (
            "Roket pengangkut milik {negara} ({singkatan}) gagal mencapai orbit beberapa menit setelah "
            "lepas landas."
        ),
        "Badan antariksa {negara} memilih {puluh} calon antariksawan dari {ribu} pelamar.",
    ),
    details=(
        "Satelit itu beratnya tidak lebih dari sekantong beras.",
        "Stasiun bumi di {kota} menerima sinyal selama {puluh} detik.",
        "Kegagalan diduga berasal dari katup bahan bakar yang membeku.",
        "Peluncuran berikutnya dijadwalkan pada bulan depan bila cuaca mengizinkan.",
        "Program itu sudah menelan {ratus} juta mark sejak {tahun}.",
        "Serpihan roket jatuh di laut lepas dan tidak membahayakan pelayaran.",
    ),
    headings=("Sinyal dari orbit", "Katup yang membeku", "Cita-cita para pelajar"),
)
TRUCE = Topic(
    tags=("gencatan senjata", "pengungsi", "bantuan"),
    titles=(
        "Gencatan Senjata di {kota} Mulai Berlaku, Truk Bantuan Masuk",
        "{nama}: Kami Tak Akan Mundur dari {kota}",
        "Perang {negara}-{tetangga}, Warga Mulai Pulang ke {kota}",
        "Rangkuman Hari Ke-{puluh} Perundingan {negara}-{tetangga}",
    ),
    leads=(
        "Gencatan senjata antara {negara} dan {tetangga} mulai berlaku pada {hari} {jam}.",
        "Iring-iringan {puluh} truk bantuan akhirnya memasuki {kota} pada {hari}.",
        "Ribuan pengungsi mulai berjalan pulang ke {kota} meski sebagian rumah tinggal puing.",
    ),
    details=(
        "Truk-truk itu membawa tepung, selimut, dan tablet penjernih air.",
        "Pasukan kedua pihak mundur sejauh {puluh} kilometer dari garis semula.",
        "Ranjau masih ditemukan di ladang dan di tepi jalan desa.",
        "Kesepakatan itu hanya berlaku {puluh} hari dan dapat diperpanjang.",
        "Pihak pro-pemerintah menuduh lawannya melanggar kesepakatan sejak jam pertama.",
        "Seorang ibu mencari anaknya dari tenda ke tenda dengan selembar foto.",
    ),
    headings=("Truk bantuan pertama", "Ranjau di ladang", "Pulang ke puing"),
)
ANIMALS = Topic(
    tags=("satwa", "paus", "konservasi"),
    titles=(
        "Paus Terdampar di {kota}, Warga Siram Air Semalaman",
        "Burung yang Dikira Punah Terlihat Lagi di {negara}",
        "Beruang Masuk Toko Roti di {kota}, Pemilik: Ia Pilih yang Manis",
        "{negara} Bangun Jembatan Khusus Kepiting",
    ),
    leads=(
        "Warga {kota} bergantian menyiram seekor paus yang terdampar sejak {hari} pagi.",
        "Burung yang dikira punah sejak {tahun} terlihat lagi di hutan dekat {kota}, {negara}.",
        "Seekor beruang muda masuk ke toko roti di {kota} dan menghabiskan {puluh} kue.",
    ),
    details=(
        "Paus itu panjangnya hampir sama dengan bus kota.",
        "Kamera pengintai merekam kejadian tersebut dari awal sampai akhir.",
        "Petugas konservasi menunggu air pasang sebelum menariknya ke laut.",
        "Jumlah satwa itu turun {persen} dalam dua puluh tahun.",
        "Anak-anak sekolah menggambar poster agar pengemudi melambat.",
        "Para peneliti menolak menyebut lokasi persisnya untuk mencegah perburuan.",
    ),
    headings=("Menunggu air pasang", "Rekaman kamera pengintai", "Lokasi yang dirahasiakan"),
)
CULTURE = Topic(
    tags=("festival", "warisan budaya", "musik"),
    titles=(
        "Festival Lentera {kota} Kembali Digelar",
        "Piano {ribu} Tahun? Ini Alat Musik Tertua {negara}",
        "Lukisan Curian Kembali ke {ibukota} Lewat Paket Pos",
        "Kakek {puluh} Cucu Ini Lulus Sekolah Musik {kota}",
    ),
    leads=(
        "Festival lentera di {kota} kembali digelar pada {hari} setelah dua tahun ditiadakan.",
        "Sebuah lukisan yang dicuri pada {tahun} kembali ke museum di {ibukota} lewat paket pos.",
        "Alat musik tertua {negara} dimainkan lagi untuk pertama kalinya di hadapan umum.",
    ),
    details=(
        "Sebanyak {ribu} lentera dilepas ke sungai tepat saat matahari terbenam.",
        "Paket itu tidak mencantumkan nama pengirim, hanya secarik permintaan maaf.",
        "Bunyinya disebut mirip *cello*, tetapi lebih parau.",
        "Pengunjung datang dari {tetangga} dengan kereta tambahan.",
        "Panitia membatasi jumlah penonton menjadi {ratus} orang per jam.",
        "Naskah lagu itu ditulis dalam ejaan lama yang kini jarang dikuasai.",
    ),
    headings=("Lentera di sungai", "Paket tanpa nama", "Lagu dengan ejaan lama"),
)
ENERGY = Topic(
    tags=("listrik", "energi surya", "tambang"),
    titles=(
        "Listrik Padam Total di {ibukota}, Lift Berhenti di Tengah Jalan",
        "{negara} Tutup Tambang Batu Bara Terakhir",
        "Ladang Surya Terapung {negara} Mulai Beroperasi",
        "Harga Listrik Naik, Warga {kota} Pukul Panci di Jalan",
    ),
    leads=(
        "Listrik padam di hampir seluruh {ibukota} pada {hari} dan baru pulih menjelang subuh.",
        (
            "{negara} ({singkatan}) menutup tambang batu bara terakhirnya setelah beroperasi {ratus} "
            "tahun."
        ),
        "Ladang surya terapung di waduk dekat {kota} mulai mengalirkan listrik pada {hari}.",
    ),
    details=(
        "Pembangkit itu memasok {persen} kebutuhan listrik kota.",
        "Sedikitnya {puluh} orang terjebak di dalam lift ketika listrik padam.",
        "Bekas penambang dilatih menjadi teknisi turbin angin.",
        "Pemadaman bermula dari satu gardu yang terbakar di {kota}.",
        "Tarif baru berlaku untuk pelanggan dengan pemakaian di atas {ratus} kilowatt jam.",
        "Kabel bawah laut ke {tetangga} belum dapat dipakai sebelum akhir tahun.",
    ),
    headings=("Gardu yang terbakar", "Penambang jadi teknisi", "Panel di atas air"),
)
TOPICS = (
    FLOOD, QUAKE, ELECTION, SUMMIT, TRADE, DIG, HEALTH,
    FIRE, RAIL, SPACE, TRUCE, ANIMALS, CULTURE, ENERGY,
)  # fmt: skip

QUOTES = (
    '"Kami belum dapat memastikan penyebabnya," kata {pejabat}, {hari}.',
    '"Yang terpenting sekarang adalah keselamatan warga," ujar {pejabat} kepada wartawan.',
    '"Saya tidak pernah membayangkan hari seperti ini," tutur {warga}, warga {kota}.',
    '"Semua orang saling membantu. Tidak ada yang bertanya siapa memilih siapa," kata {warga}.',
    "“Keputusan ini tidak diambil dengan mudah,” ucap {pejabat} dalam jumpa pers di {ibukota}.",
    (
        '"Data yang kami miliki menunjukkan arah yang sama," jelas {ahli}, peneliti di {lembaga} '
        "{negara}."
    ),
    '"Kami akan kembali besok, dan lusa, sampai semuanya selesai," imbuhnya.',
    '"Tolong jangan menyebarkan kabar yang belum jelas," pinta {pejabat}.',
    "“Saya hanya ingin pulang,” kata {warga} sambil memandang ke arah rumahnya.",
    '"{negara} tidak sendirian," kata juru bicara {lembaga}.',
    '"Kita lihat saja nanti di parlemen," ujar {nama_lain} singkat.',
    (
        '"Anak saya bertanya kapan sekolah dibuka, dan saya tidak tahu harus menjawab apa," kata '
        "{warga}."
    ),
)
ATTRIBUTIONS = (
    "Dikutip dari *{kantor}* pada {hari}, {lembaga} {negara} masih mengumpulkan keterangan.",
    "Melansir *{kantor}*, kejadian itu merupakan yang ketiga dalam {puluh} bulan terakhir.",
    "*{kantor}* melaporkan, pemerintah telah membentuk tim khusus yang dipimpin {pejabat}.",
    "Laporan *{kantor}* menyebutkan, jumlah itu masih dapat bertambah.",
    "Sebagaimana diberitakan *{kantor},* keputusan akhir ada di tangan {pejabat}.",
    "Kepada *{kantor}*, {nama_lain} mengatakan bahwa keluarganya baik-baik saja.",
    (
        "Menurut dokumen yang dilihat *{kantor}*, peringatan pertama sudah dikirim {puluh} hari "
        "sebelumnya."
    ),
)
BACKGROUND = (
    "{negara} berpenduduk sekitar {puluh} juta jiwa dan berbatasan langsung dengan {tetangga}.",
    "Hubungan {negara} dan {tetangga} naik turun sejak {tahun}.",
    "{kota} terletak {ratus} kilometer di sebelah timur {ibukota}.",
    "Ini bukan pertama kalinya {lembaga} {negara} turun tangan dalam perkara serupa.",
    "Pada {tahun}, pemerintah menjanjikan perbaikan, tetapi anggarannya baru cair tahun lalu.",
    "{pejabat} menjabat sejak {tahun} dan dikenal jarang memberi wawancara.",
    "Sekitar {persen} penduduk {kota} bekerja di pelabuhan dan pasar ikan.",
    "Jajak pendapat terakhir menunjukkan {persen} responden mendukung langkah pemerintah.",
    "Undang-undang yang berlaku sekarang disusun pada {tahun} dan belum pernah diubah.",
    "Lembaga swadaya di {tetangga} menawarkan bantuan berupa obat dan tenda.",
    "Sidang berikutnya akan digelar secara tertutup di {ibukota}.",
    "Sejumlah toko di pusat {kota} sudah dibuka kembali, tetapi pembelinya masih sedikit.",
    "Jalan utama menuju {kota} hanya dapat dilalui kendaraan roda empat.",
    "Suhu di {ibukota} pada malam hari turun hingga {puluh} derajat di bawah rata-rata.",
    "Beberapa negara, termasuk {tetangga}, menyampaikan simpati melalui kedutaan masing-masing.",
    "Belum ada pihak yang menyatakan bertanggung jawab.",
    "Foto-foto dari lokasi memperlihatkan warga berjalan dalam barisan panjang.",
    "{nama_lain} termasuk di antara {puluh} orang yang dimintai keterangan.",
    "Hingga berita ini ditulis, {pejabat} belum menjawab pertanyaan wartawan.",
    "Penyelidikan diperkirakan memakan waktu {puluh} pekan.",
    "Di sisi lain, {lembaga} mengingatkan bahwa angka itu belum diperiksa pihak ketiga.",
    "Warga yang tinggal di dekat lokasi diminta merebus air sebelum diminum.",
    "Kantor {nama_lain} menolak berkomentar ketika dihubungi pada {hari}.",
    "Setelah rapat selama {puluh} jam, tidak ada keputusan yang diumumkan.",
    "Pemerintah kota menyediakan *hotline* bagi keluarga yang mencari kerabatnya.",
    "Rencana itu ditolak oleh kelompok *centre-left* di parlemen.",
)
# Sentences that look like furniture and are news: they stay.
FALSE_FRIENDS = (
    "Seruan itu menyebar lewat grup Telegram dan WhatsApp yang diikuti {ribu} warga {kota}.",
    '"Mari bergabung bersama kami di alun-alun," begitu bunyi pesan berantai tersebut.',
    "Ia mengaku sering membaca juga berita dari {tetangga} agar tidak salah paham.",
    "Sebuah mobil ditemukan terparkir di halaman rumah {nama_lain} selama berhari-hari.",
    "Warga mendapatkan informasi pertama justru dari siaran radio amatir.",
    "Penulis surat terbuka itu meminta editor surat kabar setempat memuatnya tanpa perubahan.",
    "Siaran ulang pidato itu telah tayang di televisi negara dengan judul yang berbeda.",
)
ROUNDUP_LEADS = (
    "Dari {kota} hingga {tetangga}, sejumlah kabar dunia ramai dibaca sepanjang {hari}.",
    "Berikut rangkuman kabar dunia yang paling banyak dibaca pada {hari}.",
)
POINTER_FRAMES = (
    "Apa yang sebenarnya terjadi di {kota}? Simak berita selengkapnya ",
    "Bagaimana tanggapan {pejabat}? Kisah lengkapnya dapat Anda ikuti ",
    "Laporan lengkap dari {ibukota} bisa disimak ",
)
CAPTIONS = (
    "Suasana di pusat kota {kota}, {negara}, pada {hari}.",
    "{pejabat} memberi keterangan kepada wartawan di {ibukota}.",
    "Petugas dari {lembaga} berjaga di salah satu sudut {kota}.",
    "Ilustrasi peta {negara} dan {tetangga}.",
    "Warga {kota} menunggu kabar di depan balai kota.",
)
POSTS = (
    "We stand with the people of {kota}. More updates soon.",
    "Live from {ibukota}: the square is filling up.",
    "Terima kasih untuk semua doa bagi {negara}.",
    "First light over {kota} this morning",
)
CONCLUSIONS = (
    "Keterangan resmi berikutnya dijadwalkan pada {hari_lain}.",
    "Untuk sementara, warga {kota} hanya bisa menunggu.",
    "{pejabat} berjanji akan kembali ke {kota} dalam waktu dekat.",
    "Keputusan akhir diharapkan keluar sebelum pergantian bulan.",
    "Hingga kini, upaya tersebut masih berlangsung.",
)
CHANGES = (
    "Dalam keterangan terbaru, {lembaga} meralat jumlah itu menjadi {ratus}.",
    "Belakangan, {pejabat} menyampaikan permintaan maaf kepada warga {kota}.",
    "Pembaruan: pembicaraan dengan {tetangga} dilanjutkan setelah jeda {puluh} jam.",
)


_PLAIN_LETTERS = str.maketrans("éèëüÇç", "eeeuCc")


def without_accents(text: str) -> str:
    return text.translate(_PLAIN_LETTERS)


def dotted(number: int) -> str:
    """Return a number as Indonesian prints it.

    >>> dotted(12340)
    '12.340'
    """
    return f"{number:,}".replace(",", ".")


def long_date(day: date) -> str:
    """Return a day as Kompas's lists print it.

    >>> long_date(date(2025, 5, 12))
    '12 Mei 2025'
    """
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def weekday_date(day: date) -> str:
    """Return a day as sentences print it.

    >>> weekday_date(date(2020, 10, 17))
    'Sabtu (17/10/2020)'
    """
    return f"{WEEKDAYS[day.weekday()]} ({day.day}/{day.month}/{day.year})"


class Facts(dict[str, str]):
    """The slots of one story: names stay the same throughout, numbers are thrown anew each time."""

    def __init__(self, dice: Random, day: date) -> None:
        country, neighbour = dice.sample(COUNTRIES, 2)
        surname, other, witness, expert = dice.sample(SURNAMES, 4)
        given = dice.sample(GIVEN, 4)
        super().__init__(
            negara=country.name,
            singkatan=country.short,
            ibukota=country.capital,
            kota=dice.choice(country.cities),
            tetangga=neighbour.name,
            nama=surname,
            pejabat=f"{dice.choice(OFFICES)} {given[0]} {surname}",
            nama_lain=f"{given[1]} {other}",
            warga=f"{given[2]} {witness} ({dice.randrange(18, 84)})",
            ahli=f"{given[3]} {expert}",
            lembaga=dice.choice(BODIES),
            kantor=dice.choice(AGENCIES),
            hari=weekday_date(day),
            hari_lain=weekday_date(day + timedelta(days=3)),
            jam=f"pukul {dice.randrange(1, 24):02d}.{dice.randrange(60):02d} waktu setempat",
        )
        self._dice = dice
        self._year = day.year

    def __missing__(self, slot: str) -> str:
        throw = self._dice.randrange
        if slot == "puluh":
            return str(throw(12, 97))
        if slot == "ratus":
            return str(throw(110, 990))
        if slot == "ribu":
            return dotted(throw(1001, 89000))
        if slot == "persen":
            return f"{throw(3, 78)},{throw(1, 10)} persen"
        if slot == "tahun":
            return str(throw(1948, self._year - 1))
        raise KeyError(slot)


class Story:
    """One piece of invented news: a topic, its facts, and sentences on demand."""

    def __init__(self, dice: Random, day: date) -> None:
        self.dice = dice
        self.topic: Topic = dice.choice(TOPICS)
        self.facts = Facts(dice, day)
        self._used: set[str] = set()

    def fill(self, frame: str) -> str:
        return frame.format_map(self.facts)

    def title(self) -> str:
        return self.fill(self.dice.choice(self.topic.titles))

    def lead(self) -> str:
        return self.fill(self.dice.choice(self.topic.leads))

    def sentence(self, frames: tuple[str, ...]) -> str:
        """Return a filled frame, one not used before in this story as long as there is any."""
        fresh = [frame for frame in frames if frame not in self._used] or list(frames)
        frame = self.dice.choice(fresh)
        self._used.add(frame)
        return self.fill(frame)

    def paragraph(self) -> str:
        """Return one paragraph of one to three sentences, as agency prose has them."""
        if self.dice.random() < 0.25:
            return self.sentence(QUOTES)
        kinds = (self.topic.details, self.topic.details, BACKGROUND, ATTRIBUTIONS, BACKGROUND)
        count = self.dice.choice((1, 1, 2, 2, 3))
        return " ".join(self.sentence(self.dice.choice(kinds)) for _ in range(count))

    def tags(self) -> tuple[str, ...]:
        names = (self.facts["negara"], self.facts["kota"], self.facts["singkatan"])
        return (*names[:1], *self.topic.tags, *names[1:])
