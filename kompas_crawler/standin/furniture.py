"""What does Kompas print around and between the sentences, year by year?

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
# By template: those of the crawl's year stand on all articles, whatever their own.
PROMOTIONS = {
    "read-2017": (TELEGRAM, WHATSAPP),
    "read-2022": (WHATSAPP, TELEGRAM, TECH_WHATSAPP),
    "mobile-2023": (TELEGRAM,),
    "kcm-2015": (),
}
ONLY_POINTERS = ("Baca selengkapnya di sini.", "Baca berita selengkapnya di sini.")
