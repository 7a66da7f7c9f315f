"""What Kompas prints around and between the sentences, by month.

The promotions are Kompas's own lines, here because a crawler has to know them; everything else in
this package is ours.
"""

from __future__ import annotations

TELEGRAM = (
    "Dapatkan update berita pilihan dan breaking news setiap hari dari Kompas.com. Mari bergabung "
    'di Grup Telegram "Kompas.com News Update", caranya klik link https://t.me/kompascomupdate, '
    "kemudian join. Anda harus install aplikasi Telegram terlebih dulu di ponsel."
)
WHATSAPP = (
    "Simak breaking news dan berita pilihan kami langsung di ponselmu. Pilih saluran andalanmu "
    "akses berita Kompas.com WhatsApp Channel : "
    "https://www.whatsapp.com/channel/0029VaFPbedBPzjZrk13HO3D. "
    "Pastikan kamu sudah install aplikasi WhatsApp ya."
)
TECH_WHATSAPP = (
    "Dapatkan update berita teknologi dan gadget pilihan setiap hari. Mari bergabung di Kanal "
    "WhatsApp KompasTekno. Caranya klik link https://whatsapp.com/channel/0029VaCVYKk89ine5YSjZh1a."
    " Anda harus install aplikasi WhatsApp terlebih dulu di ponsel."
)
WITHOUT_ADS = "Baca berita tanpa iklan. Gabung Kompas.com+"
ADVERTISEMENT = "ADVERTISEMENT"
COPYRIGHT = (
    "Copyright 2008 - {year} PT. Kompas Cyber Media (Kompas Gramedia Digital Group). "
    "All Rights Reserved."
)
# The promotions that an editor's hand or a script put among the paragraphs, by month of service.
# From 2022-02 to 2024-04 a promotion stands loose behind the last paragraph: see LOOSE.
PROMOTIONS = {
    "2020-10": (TELEGRAM, WHATSAPP),
    "2020-11": (TELEGRAM, WHATSAPP),
    "2021-03": (TELEGRAM,),
    "2025": (WHATSAPP, TELEGRAM, TECH_WHATSAPP),
}
LOOSE_TELEGRAM = (
    "<i>Dapatkan update <b>berita pilihan</b> dan <b>breaking news</b> setiap hari dari Kompas.com. "
    'Mari bergabung di Grup Telegram "Kompas.com News Update", caranya klik link '
    '<a href="https://t.me/kompascomupdate" rel="nofollow">https://t.me/kompascomupdate</a>, '
    "kemudian join. Anda harus install aplikasi Telegram terlebih dulu di ponsel.</i>"
)
LOOSE_WHATSAPP = (
    "<i>Simak <b>breaking news</b> dan <b>berita pilihan</b> kami langsung di ponselmu. Pilih "
    "saluran andalanmu akses berita Kompas.com WhatsApp Channel : "
    '<a target="_blank" href="https://www.whatsapp.com/channel/0029VaFPbedBPzjZrk13HO3D" '
    'rel="nofollow">https://www.whatsapp.com/channel/0029VaFPbedBPzjZrk13HO3D</a>. '
    "Pastikan kamu sudah install aplikasi WhatsApp ya.</i>"
)
LOOSE = {
    "2022-02": LOOSE_TELEGRAM.replace("<a ", '<a class="inner-link-baca-juga" target="_self" '),
    "2022-07": LOOSE_TELEGRAM,
    "2022-10": LOOSE_TELEGRAM,
    "2023-04": LOOSE_TELEGRAM,
    "2023-11": LOOSE_TELEGRAM,
    "2024-04": LOOSE_WHATSAPP,
}
ONLY_POINTERS = ("Baca selengkapnya di sini.", "Baca berita selengkapnya di sini.")
