"""The people of an article on desktops of 2022 to 2024: columnists, and the box of names."""

from __future__ import annotations

from kompas_standin.articles import StandInArticle
from kompas_standin.templates import pieces
from kompas_standin.templates.pieces import attribute


def columnist(article: StandInArticle) -> str:
    """Return the columnist above the title of an opinion; a paragraph in a paragraph breaks."""
    if article.form != "opinion":
        return ""
    name = attribute(article.printed_authors[0])
    return f"""<div class="">
        <div class="opinion__header col-offset-fluid clearfix">
            <div class="opinion__asset opinion--pull-left"><img src="https://asset.kompas.com/x.jpg" \
alt="{name}"></div>
            <div class="opinion__desc">
                <div class="opinion__author"><a class="opinion__link" \
href="https://kolom.kompas.com/x">{name}</a></div>
                <div class="opinion__authortitle">Pengamat pelabuhan</div>
                <div class="opinion__authorprofile"><p><p>Menulis tentang laut dan angin.</p></p></div>
            </div>
        </div>
        </div>
        """


def call(article: StandInArticle) -> str:
    """Return the call for columnists that stands above the body of an opinion."""
    if article.form != "opinion":
        return ""
    return """<div class="wKolom read">
    <div class="wKolom__block">
        <div class="wKolom__bg"></div>
        <div class="wKolom__title">Anda bisa menjadi kolumnis !</div>
        <div class="wKolom__lead">Siapa saja boleh menulis.
            <a href="https://www.kompas.com/kolom">Baca selengkapnya</a></div>
        <div class="wKolom__action">
            <a href="https://kolom.kompas.com/kolumnis/daftar" class="wKolom__btn">\
<span class="wKolom__iconwrite"></span>Daftar di sini</a>
            <a href="https://kolom.kompas.com/kolumnis/dashboard" class="wKolom__btn">\
<span class="wKolom__iconsend"></span>Kirim artikel</a>
        </div>
    </div>
</div>"""


def box(article: StandInArticle) -> str:
    """Return the box of the names; with two of them a window tells their offices."""
    people = (
        *((name, "Penulis") for name in article.printed_authors),
        *((name, "Editor") for name in article.printed_editors),
    )
    # A name with a picture, or with its first letters.
    pictures = "".join(
        f'<div class="credit-picture-img{_picture(name)}</div>\n' for name, _ in people
    )
    shown = "".join(
        f"<h6>{attribute(name)}{',' if number < len(people) else ''}</h6>\n"
        for number, (name, _) in enumerate(people, start=1)
    )
    several = len(people) > 1
    opens = "onclick=\"document.getElementById('creditModal')\"" if several else 'role="link"'
    return f"""                <div class="credit" {opens}>
    <div class="credit-picture">
{pictures}    </div>
    <div class="credit-title">
        <div class="credit-title-name">
{shown}        </div>
        <p>{"Tim Redaksi" if several else people[0][1]}</p>
    </div>
</div>
{_window(people) if several else ""}"""


def _picture(name: str) -> str:
    first = "".join(word[0] for word in name.split()[:2])
    if len(name) % 2:
        return '">\n<img src="https://asset.kompas.com/x.jpg" alt="">'
    return f' avatarInit" data-avatar-initial="{first}">'


def _window(people: tuple[tuple[str, str], ...]) -> str:
    """Return the window that tells the offices; its last heading is opened twice, never closed."""
    authors = "".join(
        f"""                <a href="{pieces.profile(name)}">
            <div class="credit-author">
                                <div class="credit-author-img{_picture(name)}</div>
                                <div class="credit-author-title">
                    <h6 class="credit-author-name">
                        {attribute(name)}                    </h6>
                    <h6 class="credit-author-position">{office}<h6>
                </div>
            </div>
        </a>
"""
        for name, office in people
    )
    return f"""<div id="creditModal" class="creditModal">
    <div class="creditModal-header">
        <!-- <div class="creditModal-title">Tim Redaksi</div> -->
        <button class="button buttonDismiss modalDismiss" aria-label="Close">
            <span class="icoBase icoDismiss"></span>
        </button>
    </div>
    <div class="creditModal-body">
{authors}            </div>
</div>
"""
