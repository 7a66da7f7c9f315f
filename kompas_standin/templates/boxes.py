"""What is on every page beside the article: menus, side boxes, scripts and the foot.

Class names and nesting are Kompas's, from pages of 2020 to 2024; words and scripts are ours. The
side boxes are full of other articles' links and dates: they are there to be told apart.
"""

from __future__ import annotations

import json
from functools import lru_cache
from random import Random

from kompas_standin.articles import Headline
from kompas_standin.furniture import COPYRIGHT
from kompas_standin.templates.pieces import attribute

MENU = {
    "News": ("nasional", "megapolitan", "regional", "internasional"),
    "Tren": ("tren", "hype", "entertainment", "homey"),
    "Health": ("health", "lifestyle", "food", "parapuan"),
    "Money": ("money", "properti", "umkm", "lestari"),
    "Bola": ("bola", "sports", "motogp", "otomotif"),
    "Tekno": ("tekno", "sains", "edukasi", "skola"),
    "Travel": ("travel", "ohayojepang", "jelajah", "kuliner"),
    "Kolom": ("kolom", "jeo", "vik", "cekfakta"),
}
MODALS = '<div id="kcm-modals"><div class="modals__content"></div></div>\n'
COMMENTED = """<div class="comment__widget mt2 ga--comment-widget clearfix">
<div class="title clearfix title--center"><div class="title__content">komentar</div></div>
<div id="comment-widget" class="cm__wBox"></div>
</div>
"""
GATE = (
    '<div class="gate-kgplus"><span>Baca berita tanpa iklan. '
    '<a href="https://plus.kompas.com/?source=Kompas.com">Gabung Kompas.com+</a></span></div>\n'
)
ADVERTISER = "BrandzView"
TERM = "Kolom komentar masih kosong"


def menu(full: bool) -> str:
    """Return the head of the page: network bar, logo, search field and navigation."""
    fold = 3 if full else 1  # the real menu has some hundred entries in a desert of spaces
    items = "\n".join(
        _menu_item(name, hosts * fold, 80 if full else 4) for name, hosts in MENU.items()
    )
    network = "\n".join(
        f'                <li class="network__item">\n                    <a class="network__link" '
        f'href="http://jaringan{number}.example" target="_blank">Jaringan {number}</a>\n'
        "                </li>"
        for number in range(1, 10)
    )
    return f"""<div class="wrap">
<!-- header-->
<div class="header clearfix">
    <div class="row clearfix network">
        <div class="container clearfix network__wrap">
            <ul class="network__row network__row--left clearfix">
{network}
            </ul>
        </div>
    </div>
    <div class="row clearfix header__wrap">
        <div class="logo"><a href="https://www.kompas.com"><img alt="logo"></a></div>
        <form class="search search--header" action="https://search.kompas.com/search/">
            <input class="form__input form__input__header" id="search" type="text" name="q">
        </form>
        <ul class="sso__wrap"><li class="sso__item" id="sso__item">
            <a id="txt_signin" class="sso__link" href="https://sso.kompas.com/login/x">MASUK</a>
        </li></ul>
    </div>
    <div class="row clearfix nav">
        <ul class="nav__row clearfix">
{items}
        </ul>
    </div>
</div>
<div class="container clearfix">
"""


def _menu_item(name: str, hosts: tuple[str, ...], width: int) -> str:
    gap = " " * width
    links = f"\n{gap}\n".join(
        f'{gap}<li class="nav__subitem">\n{gap}    <a target="" class="nav__sublink " '
        f'href="https://{host}.kompas.com">{host.title()}</a>\n{gap}</li>'
        for host in hosts
    )
    return f"""{gap[:60]}<li class="nav__item">
{gap[:64]}<a target="" class="nav__link nav__link--{name.lower()}  " href="#">{name}</a>
{gap[:64]}<ul class="nav__sub nav__sub--{name.lower()}" >
{links}
{gap[:64]}</ul>
{gap[:60]}</li>"""


def home_meta(title: str) -> str:
    """Return the metadata of pages that are no article: that of networks says they are one."""
    told = f"{title}, berita dan kabar dunia"
    return f"""<meta name="viewport" content="width=device-width">
<meta name="description" content="{told}">
<meta name="keywords" content="Berita Terkini">
<meta name="googlebot-news" content="index, follow" />
<meta name="googlebot" content="index, follow" />
<meta name="author" content="Kompas Cyber Media">
<meta name="robots" content="index, follow" />
<meta name="language" content="id" />
<meta name="geo.country" content="id" />
<meta name="geo.placename" content="Indonesia" />
<meta property="og:type" content="article" />
<meta property="og:image" content="https://asset.kompas.com/x.jpg" />
<meta property="og:title" content="{title}" />
<meta property="og:description" content="{told}" />
<meta property="og:url" content="https://www.kompas.com/" />
<meta property="og:site_name" content="KOMPAS.com" />
<meta property="fb:app_id" content="3" />
<meta name="twitter:card" content="summary_large_image" />
<meta name="twitter:site" content="@kompascom" />
<meta name="twitter:creator" content="@kompascom">
<meta name="twitter:title" content="{title}" />
<meta name="twitter:description" content="{told}" />
<meta name="twitter:image" content="https://asset.kompas.com/x.jpg" />
"""


@lru_cache
def scripts(kilobytes: int) -> str:
    """Return scripts of about this size: ad slots, bidders, trackers; full of false scents."""
    dice = Random(kilobytes)  # the same in every process
    slots = "\n".join(
        f"gptadslots[{n}]= googletag.defineSlot('/31800665/KOMPAS.COM/news/news_index', "
        f"[[300,{250 + n}]],'div-gpt-ad-Right_{n}').setTargeting('Pos',['Right_{n}'])"
        ".addService(googletag.pubads());"
        for n in range(1, 12)
    )
    head = f"""<script type="text/javascript">
googletag.cmd.push(function() {{
{slots}
	var cekclassread = document.getElementsByClassName("read__content")[0];
	if (cekclassread != undefined) {{
		var content = document.getElementsByClassName("read__content")[0].innerText;
		var aman = content.match(/\\b(gempa|banjir|wabah)\\b/i) ? 'no' : 'yes';
	}}
	var cekclasstitle = document.getElementsByClassName("read__title")[0];
}});
</script>
"""
    bidders = []
    size = 0
    while size < kilobytes * 1024:
        bidder = {
            "code": f"lelang-{dice.randrange(10**6)}",
            "params": {"placementId": dice.getrandbits(40), "zone": f"{dice.getrandbits(64):x}"},
            "sizes": [[dice.randrange(100, 970), dice.randrange(50, 600)] for _ in range(6)],
            "paint": f"(a,b)=>a.width*{dice.random():.6f}-b.top%{size % 97 + 1}",
        }
        bidders.append(bidder)
        size += len(json.dumps(bidder))
    return f'{head}<script type="text/javascript">var lelang = {json.dumps(bidders)};</script>\n'


def latest(headlines: list[Headline], advertised: bool) -> str:
    """Return "Terkini" below the article on desktops since 2017.

    The dates are decoys, and so is the paging to indeks.kompas.com, whose active page is always 1;
    the closing tags of the titles stand in Kompas's own wrong order. With `advertised` one of the
    articles is an advertiser's, whose label has a colour.
    """
    labels = {2: ADVERTISER} if advertised else {}
    items = "\n".join(
        listed_2017(line, line.url, label=labels.get(number, ""))
        for number, line in enumerate(headlines)
    )
    index = "https://indeks.kompas.com?site=global&page="
    return f"""<div class="row mt2 clearfix">
            <div class="title clearfix">
                <h2 class="title__content">Terkini Lainnya</h2>
            </div>
            <div class="latest ga--latest mt2 clearfix">
{items}
            </div>
            <div class="text-center mt2 clearfix">
<div class="paging__wrap clearfix">
<div class="paging__item"><a class="paging__link paging__link--active" \
href="javascript:void(0)">1</a></div>
<div class="paging__item"><a class="paging__link" href="{index}2">2</a></div>
<div class="paging__item"><a class="paging__link" href="{index}3">3</a></div>
<div class="paging__item"><a class="paging__link paging__link--next" href="{index}2">Next</a></div>
</div>
            </div>
        </div>
"""


def listed_2017(line: Headline, url: str, day: str = "", label: str = "", lazy: bool = True) -> str:
    title = attribute(line.title)
    printed = day or f"{line.published_at:%d/%m/%Y, %H:%M} WIB"
    source = ' class="lozad" data-src' if lazy else " src"
    brand = "color--brandzview" if label == ADVERTISER else ""
    return f"""<div class="article__list clearfix">
  <div class="article__list__asset clearfix">
        <div class="article__asset"><a href="{url}" target="_parent">\
<img{source}="https://asset.kompas.com/crops/177x117.jpg" alt="{title}"/></a></div>
  </div>
  <div class="article__list__title">
    <h3 class="article__title article__title--medium"><a class="article__link" href="{url}" \
target="_parent">{title}</a></div>
  </h3>
  <div class="article__list__info">
    <div class="article__subtitle article__subtitle--inline {brand}">{label or line.section}</div>
    <div class="article__date">{printed}</div>
  </div>
  <div class="clearfix"></div>
</div>"""


def most_read(headlines: list[Headline]) -> str:
    items = "".join(
        f"""<div class="most__list clearfix">
    <div class="most__count">{number}</div>
        <a class="most__link" href="{line.url}">
        <h4 class="most__title">{attribute(line.title)}</h4>
                <div class="most__read">Dibaca {27 - number}.850 kali</div>
            </a>
</div>"""
        for number, line in enumerate(headlines, start=1)
    )
    return f"""<div class="most ga--most mt1 clearfix">
<div class="title title--center clearfix"><h2 class="title__content">Terpopuler</h2></div>
<div class="most__wrap clearfix">
{items}
</div>
</div>
"""


def related(headlines: list[Headline]) -> str:
    """Return "Berita Terkait" as it stood on desktops until 2023: once to see, once hidden."""
    seen = hidden = ""
    for line in headlines:
        url, title = line.url.replace("https:", "http:"), attribute(line.title)
        heading = f'<h4 class="related__inline__title"><a href="{url}">{title}</a></h4>'
        seen += heading
        hidden += f'<a href="{url}"><img src="https://asset.kompas.com/crops/x.jpg"></a>{heading}'
    box = "related__inline ga--related mt2 clearfix"
    label = "<h3><span>Berita Terkait</span></h3>"
    return (
        f'<div class="{box}">{label}{seen}</div>\n'
        f'<div style="display:none;" class="terkait-dev {box}">{label}{hidden}</div>\n'
    )


def missed(headlines: list[Headline], lazy: bool) -> str:
    """Return the boxes of older articles at the foot of the right column."""
    kind = ' class="lozad"' if lazy else ""
    items = "".join(
        f"""<div class="article__list clearfix">
  <div class="article__list__asset clearfix">
        <div class="article__asset"><a href="{line.url}"><img{kind} src="https://asset.kompas.com/x.jpg"></a></div>
  </div>
  <div class="article__list__title">
    <h3 class="article__title article__title--medium"><a class="article__link" href="{line.url}">\
{attribute(line.title)}</a></h3>
  </div>
  <div class="clearfix"></div>
</div>
"""
        for line in headlines
    )
    last = headlines[-1]
    return f"""<div id="previous" style="display:none">
<span id="previous_title">{attribute(last.title)}</span><span id="previous_path">{last.url}</span>\
<span id="previous_thumbnail">https://asset.kompas.com/x.jpg</span>
</div>
<div class="oldArticle mt2 clearfix">
<div class="title clearfix title--center"><h2 class="title__content">Mungkin Anda melewatkan ini</h2></div>
<div class="latest ga--latest mt2 clearfix">
{items}</div>
</div>
"""


def trending(headlines: list[Headline]) -> str:
    items = "".join(
        f"""<div class="article__grid">
<div class="article__asset"><a href="{line.url}?source=trending"><img class="lozad" \
data-src="https://asset.kompas.com/x.jpg"></a></div>
<div class="article__box article__box--medium"><h4 class="article__title">\
<a class="article__link" href="{line.url}?source=trending">{attribute(line.title)}</a></h4></div>
</div>
"""
        for line in headlines
    )
    return f"""<div class="trending--sidebar ga--trending--sidebar mt3 clearfix">
  <div class="title clearfix title--center"><h2 class="title__content">Now Trending</h2></div>
  <div class="trending__wrap mt2 clearfix">
{items}</div></div>
"""


def recommended(headlines: list[Headline], told: bool) -> str:
    """Return the recommendations below the article; until 2023 they told who chose them."""
    powered = _CHOSEN if told else ""
    items = "".join(
        f"""<div class="col-bs12-3">
<div class="article__grid">
<div class="article__boxsubtitle" id="{line.url}"><div class="article__subtitle">BERITA</div></div>
<div class="article__asset"><a title="{attribute(line.title)}" href="{line.url}" position="{number}">\
<img id="{line.url}" class="lozad" data-src="https://asset.kompas.com/x.jpg"></a></div>
<div class="article__box"><div class="article__title"><a class="article__link" href="{line.url}">\
{attribute(line.title)}</a></div></div>
</div>
</div>
"""
        for number, line in enumerate(headlines, start=1)
    )
    return f"""<div id="rekomendasi" class="recommendation recommendation--small clearfix">
<div class="title clearfix"><div class="title__content">Rekomendasi untuk anda</div>{powered}</div>
<div class="article__wrap__grid--flex col-offset-fluid mt2">
{items}</div>
</div>
"""


_CHOSEN = """<div class="jixie__logo jixie__logo--right"><span>Powered by</span>\
<div class="jixie__logo__img"><img src="https://asset.kompas.com/x.png" alt="">\
<div class="tooltips"><span>Berita yang dipilih untukmu.</span></div></div></div>"""


def also_read(headlines: list[Headline]) -> str:
    """Return "Artikel Terkait" below the article since 2022; links by http, texts as attributes."""
    items = "".join(
        f"""<li>
<a href="{line.url.replace("https:", "http:")}">
<div class="aTerkait__list__img" data-placeholder="{attribute(line.title)}">\
<img class="lozad" data-src="https://asset.kompas.com/x.jpg" alt=""></div>
<h4 class="aTerkait__list__title">{attribute(line.title)}</h4>
</a>
</li>
"""
        for line in headlines
    )
    return f"""<div class="aTerkait" text="Artikel Terkait">
<div class="aTerkait__list">
<ul>
{items}</ul>
</div>
</div>
"""


WHOLE_SECTION = """<!--Link ke indeks kanal -->
<div class="wLink">
<a href="https://www.kompas.com/global">
<div class="wLink__block">
<div class="wLink__img"><img class="lozad" data-src="https://asset.kompas.com/x.jpg" alt="#"></div>
<div class="wLink__title">Lihat Global Selengkapnya</div>
<div class="wLink__arrow"><span class="wLink__arrowPoint"></span></div>
</div>
</a>
</div>
"""


def games(lazy: str = " lozad", heading: str = "") -> str:
    """Return the banner of games and quizzes below the article, as it is since 2021."""
    items = "".join(
        f"""<li>
<a id="kompasplay-{n}" href="https://play.kompas.com/kuis/{n}">
<div class="info-banner-list-img" data-placeholder="Kuis {n}"><img class="lozad" \
data-src="https://asset.kompas.com/x.jpg"></div>
<h4 class="info-banner-list-title">Kuis pekan ini nomor {n}</h4>
</a>
</li>
"""
        for n in (1, 2)
    )
    logo = heading or (
        f'<div class="info-banner-logo"><img class="{lazy.strip()}" src="https://asset.kompas.com/x.jpg">'
        f'<img class="info-banner-logo-dark{lazy}" src="https://asset.kompas.com/y.jpg"></div>'
    )
    return f"""<div class="info-banner clearfix" data-slider="true">
<a href="https://play.kompas.com/?source=kompascomplay">
<div class="info-banner-header">
{logo}
<span class="info-banner-idx">Lihat Semua</span>
</div>
</a>
<div class="info-banner-list">
<ul>
{items}</ul>
</div>
</div>
"""


def slots(count: int) -> str:
    """Return places of advertisements, each with its script."""
    return "".join(
        f"""<div class="kcm kcm__rectangle clearfix">
	<div id='div-gpt-ad-Right_{n}'>
	<script type='text/javascript'>
		googletag.cmd.push(function() {{ googletag.display('div-gpt-ad-Right_{n}'); }});
	</script>
	</div>
</div>
"""
        for n in range(count)
    )


def comments(kilobytes: int) -> str:
    """Return the comment widget; its script holds a date format that looks like a dateline."""
    lines = "\n".join(
        f"    baris += '<div class=\"comment__item comment__item--{n}\">' + nilai.teks{n} + '</div>';"
        for n in range(kilobytes * 10)
    )
    return f"""<div id="comment_widget"></div>
<div id="komentar" class="row mt2 comment ga--comment clearfix">
    <div class="title clearfix"><a href="#"><div class="title__content">Komentar</div></a></div>
    <div class="comment__wrap">
        <div class="comment__promo__content"><p>Tulis komentar dengan menyertakan tagar \
<span>#JernihBerkomentar</span> dan <span>#MelihatHarapan</span>.</p></div>
        <textarea class="comment__textarea" placeholder="Tulis komentar anda..."></textarea>
        <span class="comment__error" style="display: none">{TERM}</span>
        <button type="button" class="comment__button send">Kirim</button>
    </div>
</div>
{MODALS}<script type="text/javascript">
function gambar(nilai) {{
    var baris = '<div class="comment__date">' + tanggal(nilai.waktu, 'dddd, d MMM yyyy | HH:mm WIB');
{lines}
    return baris + '</div>';
}}
</script>
"""


def modals() -> str:
    """Return the boxes of 2022 and later that ask to log in or to react."""
    names = ("gift", "reaction", "question", "report")
    return "".join(
        f'<div class="modal" data-modal-target="{name}"><h1 class="modal__title">Kotak {name}</h1>'
        "<p>Segera lengkapi data dirimu untuk ikutan program #JernihBerkomentar.</p></div>\n"
        for name in names
    )


def foot(year: int) -> str:
    links = "".join(
        f'<li class="footer__item"><a class="footer__link" href="https://inside.kompas.com/{n}">'
        f"Tautan {n}</a></li>\n"
        for n in range(1, 25)
    )
    prize = "https://money.kompas.com/read/2019/08/01/124215826/kompascom-kembali-jadi-pemenang"
    return f"""<div class="footer clearfix">
<ul class="footer__wrap">
{links}</ul>
<div class="footer__award">Penghargaan dan sertifikat: <a href="{prize}">Pemenang</a></div>
<div class="footer__copy">{COPYRIGHT.format(year=year)}</div>
</div>
</div>
</div>
</body>
</html>
"""


def icons(count: int) -> str:
    """Return the sprite of icons that closes the page."""
    dice = Random(count)
    symbols = "".join(
        f'<symbol id="icon-{n}" viewBox="0 0 32 32"><path d="M'
        + " ".join(f"{dice.randrange(320) / 10} {dice.randrange(320) / 10}" for _ in range(60))
        + 'z"></path></symbol>\n'
        for n in range(count)
    )
    return f'<svg style="display:none" xmlns="http://www.w3.org/2000/svg">\n{symbols}</svg>\n'
