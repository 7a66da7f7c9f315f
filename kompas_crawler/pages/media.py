"""The photos of an article, and its embeds: posts, videos, maps."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kompas_crawler.characters import percent_encoded
from kompas_crawler.items import Embed, Image
from kompas_crawler.pages.boilerplate import ATTRIBUTION, EMBED_HOSTS, NOT_AN_EMBED, PHOTO_BUTTON
from kompas_crawler.pages.document import (
    Element,
    ancestors,
    attribute,
    descendants,
    is_same_element,
    next_element,
    text_of,
    text_pieces,
)
from kompas_crawler.processors import squeeze

PICTURE_TAGS = ("img", "amp-img")
_WEB = ("http://", "https://")
_TRACKING = re.compile(r"(?:utm_\w+|ref_src|ref_url|igshid|igsh|fbclid)\Z")
# What counts visitors on these hosts may be a part of the content on others.
_TRACKING_HOSTS = re.compile(
    r"https?://(?:[\w-]+\.)?(?:youtube(?:-nocookie)?\.com|youtu\.be|spotify\.com)/"
)
_TRACKING_THERE = frozenset(("si", "feature"))
_BRACKETED = re.compile(r"\((.*)\)", re.DOTALL)
_PIXEL = re.compile(r"[0-2](?:px)?\Z")  # a side of a picture that only counts visitors
# Placeholders for "no credit" and "no caption".
_NOTHING = frozenset(("", "-", "()", "(-)", "Unknown"))

# AMP has an element for each site; its attribute holds the end of the address (AMP's own reference;
# the one AMP page at hand has none).
_AMP_EMBEDS = {
    "amp-youtube": ("data-videoid", "https://www.youtube.com/embed/{}"),
    "amp-twitter": ("data-tweetid", "https://twitter.com/i/status/{}"),
    "amp-instagram": ("data-shortcode", "https://www.instagram.com/p/{}/"),
    "amp-facebook": ("data-href", "{}"),
    "amp-tiktok": ("data-src", "{}"),
}
# Attributes that hold a post's own address.
_POST_ADDRESSES = ("data-instgrm-permalink", "data-text-post-permalink", "cite", "data-href")


def web_address(url: str) -> str | None:
    """Return an http(s) address as a browser requests it, None for anything else."""
    url = squeeze(percent_encoded(url.strip()))
    if url.startswith("//"):
        url = "https:" + url
    return url if url[:8].lower().startswith(_WEB) else None


def clean_embed_url(url: str) -> str:
    """Return an embed's address as printed, without tracking.

    >>> clean_embed_url("https://twitter.com/a/status/1?ref_src=twsrc%5Etfw")
    'https://twitter.com/a/status/1'
    >>> clean_embed_url("//peta.example/embed?pb=!1m1%20a&utm_source=x#b")
    'https://peta.example/embed?pb=!1m1%20a#b'
    """
    url = web_address(url) or squeeze(url)
    address, hash_sign, fragment = url.partition("#")
    base, question_mark, query = address.partition("?")
    there = _TRACKING_THERE if _TRACKING_HOSTS.match(base) else ()
    names = ((part, part.partition("=")[0]) for part in query.split("&"))
    kept = [part for part, name in names if not _TRACKING.match(name) and name not in there]
    query = question_mark + "&".join(kept) if any(kept) else ""
    return base + query + hash_sign + fragment


def embed_kind(url: str) -> str:
    """Return the kind of an embed by its address: "twitter", "instagram", "youtube" or "other"."""
    return next((kind for kind, hosts in EMBED_HOSTS if hosts.match(url)), "other")


def read_photo(box: Element) -> Image | None:
    """Return the photo in a box, with caption and credit, or None where there is none.

    Four forms, by template: `span.author CREDIT` then the caption as bare text (2015-2022, and in
    bodies to 2024); `.photo__caption CAPTION <span>(CREDIT)</span>` inside `.cover-photo` or beside
    `.photo__wrap` (2022-2026), whose brackets are the template's; `.photo__author` and
    `.photo__caption` apart (AMP); a `figcaption`.
    """
    picture = next(iter(descendants(box, *PICTURE_TAGS)), None)
    address = picture_address(picture) if picture is not None else None
    if address is None:
        return None
    caption_box = next(filter(_is_caption, descendants(box)), None)
    words = box if caption_box is not None or text_of_photo(box) else _caption_beside(box)
    if not is_same_element(words, box):
        caption_box = words
    credit_box = _credit_box(words, caption_box)
    caption = text_of_photo(words, credit_box)
    credit = text_of(credit_box) if credit_box is not None else ""
    if credit_box is not None and caption_box is not None and _lies_in(credit_box, caption_box):
        credit = _without_brackets(credit)
    return Image(url=address, caption=_printed(caption), credit=_printed(credit))


def picture_address(picture: Element) -> str | None:
    """Return the address of a picture, None for a tracking pixel or without an address."""
    if any(_PIXEL.match(attribute(picture, side)) for side in ("width", "height")):
        return None
    return web_address(attribute(picture, "data-src")) or web_address(attribute(picture, "src"))


def text_of_photo(box: Element, credit_box: Element | None = None) -> str:
    """Return the caption in a photo's box: its text without buttons and without the credit."""
    left_out = {each for each in descendants(box) if _is_button(each)}
    if credit_box is not None:
        left_out.add(credit_box)
    return squeeze("".join(text_pieces(box, left_out)))


def _is_button(element: Element) -> bool:
    return PHOTO_BUTTON in attribute(element, "class")


def _caption_beside(box: Element) -> Element:
    beside = next_element(box)
    return beside if beside is not None and _is_caption(beside) else box


def _is_caption(element: Element) -> bool:
    return element.tag == "figcaption" or "caption" in attribute(element, "class").lower()


def in_caption(element: Element) -> bool:
    """Return whether an element is a caption, or lies in one."""
    return any(map(_is_caption, (element, *ancestors(element))))


def _credit_box(words: Element, caption_box: Element | None) -> Element | None:
    """Return the element with the credit: one of that class, else the last bracketed span."""
    for element in descendants(words, "span", "div", "p", "small"):
        names = attribute(element, "class").split()
        if "author" in names or any(name.endswith("__author") for name in names):
            return element
    if caption_box is None:
        return None
    spans = [
        span for span in descendants(caption_box, "span") if _BRACKETED.fullmatch(text_of(span))
    ]
    return spans[-1] if spans else None


def _lies_in(element: Element, box: Element) -> bool:
    return any(is_same_element(each, box) for each in ancestors(element))


def _without_brackets(credit: str) -> str:
    match = _BRACKETED.fullmatch(credit)
    return match[1].strip() if match else credit


def _printed(text: str) -> str | None:
    return None if text in _NOTHING else text


def read_frame(frame: Element) -> Embed | None:
    """Return what an `<iframe>`, an `<object>`, a `<video>` or an AMP element embeds.

    None for polls, surveys, advertisements and players that recommend other videos.
    """
    given = list(_frame_addresses(frame))
    address = next((url for each in given if (url := web_address(each))), None)
    if address is None or any(NOT_AN_EMBED.search(each) for each in (address, *_names(frame))):
        return None
    address = clean_embed_url(address)
    return Embed(kind=embed_kind(address), url=address)


def _frame_addresses(frame: Element) -> Iterator[str]:
    """Yield the addresses in a frame; a lazy one has "about:blank" until it is in view."""
    if frame.tag in _AMP_EMBEDS:
        name, address = _AMP_EMBEDS[frame.tag]
        yield address.format(attribute(frame, name))
        return
    for name in ("data-src", "data-lazy-src", "src", "data"):
        yield attribute(frame, name)
    for part in descendants(frame, "source", "param", "embed"):
        if part.tag != "param" or attribute(part, "name").lower() in ("src", "movie"):
            yield attribute(part, "src") or attribute(part, "value")


def _names(frame: Element) -> tuple[str, ...]:
    return (attribute(frame, "id"), attribute(frame, "class"))


AMP_EMBEDS = frozenset(_AMP_EMBEDS)


def read_script(script: Element) -> Embed | None:
    """Return the post of Telegram that a `<script>` shows in its place, None for another script."""
    post = attribute(script, "data-telegram-post")
    return Embed(kind="other", url=web_address(f"https://t.me/{post}")) if post else None


def read_post(box: Element, kind: str) -> Embed:
    """Return a post of a social network: its text and its address.

    Attribution ("A post shared by …"), buttons ("View on Threads") and tracking are left out.
    """
    address = _post_address(box, kind)
    words = squeeze(
        " ".join(text_of(p) for p in descendants(box, "p") if not ATTRIBUTION.match(text_of(p)))
    )
    return Embed(kind=kind, url=address, text=words or None)


def _post_address(box: Element, kind: str) -> str | None:
    links = [attribute(link, "href") for link in descendants(box, "a")]
    addresses = [url for url in links if embed_kind(url) == kind]
    if kind == "twitter":
        statuses = [url for url in addresses if "/status" in url]
        return web_address((statuses or addresses or [""])[-1].partition("?")[0])
    given = [value for name in _POST_ADDRESSES if (value := attribute(box, name))]
    posts = [url for url in addresses if url.count("/") > 4]  # a profile's address is shorter
    candidates = (*given, *posts, *addresses, *links)
    best = next((url for each in candidates if (url := web_address(each))), "")
    return web_address(clean_embed_url(best))
