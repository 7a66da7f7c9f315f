"""The skeleton of a page: which tags with which classes and ids stand in which others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache

from lxml import html
from lxml.html import HtmlElement

# Code, and pictures of code.
CODE = frozenset({"script", "style", "link", "noscript", "svg", "amp-analytics"})
# Places of advertisers and trackers: which of them a page has changes from one hour to the next.
_SLOT = re.compile(
    r"div-gpt-|^ads?[-_](?!on-body|partner)|^kcm(__|$)|^ads-right$|ScriptRoot|^crt-|^wrap_lazy|^osmdiv$"
)
# Boxes that a script fills after the page has come: what is in them is no article of ours.
CLOSED = frozenset(
    [
        "comment",
        "comment__wrap",
        "comment__widget",
        "cm__widget",
        "video-box-wrap",
        "video-box-thumb",
        "wSpec",
        "wBox",
        "social--article",
        "voucher__banner",
        "kcm-comments",
        "rVideo",
        "kompas-widget",
        "menuHeader",
    ]
)
# Windows over the page, and the forms of the comments.
OUTSIDE = frozenset(
    [
        "comment__row",
        "modals__content",
        "comment__read__box",
        "comment_widget",
        "comment-widget-inject",
        "dsharetitle",
        "topicMost",
        "calendar__nav",
        "boxBanner1",
        "regional-widget",
        "ivs-wrap",
        "_popIn_recommend",
        "read_skola_search",
    ]
)
# What a person types or pastes into an article: how it nests is no template's business.
TYPED = frozenset(
    [
        "a",
        "b",
        "big",
        "blockquote",
        "br",
        "center",
        "code",
        "div",
        "em",
        "embed",
        "figcaption",
        "figure",
        "font",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "iframe",
        "img",
        "ins",
        "li",
        "object",
        "ol",
        "p",
        "s",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
    ]
)
PASTED = frozenset(
    [
        "twitter-tweet",
        "instagram-media",
        "tiktok-embed",
        "fb-post",
        "inner-link-tag",
        "inner-link-baca-juga",
    ]
)
BODIES = frozenset({"read__content", "kcm-read-text", "kcmread1114"})
WRAPPERS = frozenset({"clearfix"})  # the <div> in which the desktop of 2022 has the whole body
_NUMBER = re.compile(r"[0-9a-f]{8,}|https?:.*|\d+")


def skeleton(text: str, roots: tuple[str, ...]) -> set[str]:
    """Return `parent > child` of all that stands in the roots, and the names of the metadata."""
    page = html.document_fromstring(text)
    steps = set(_metadata(page))
    for root in roots:
        for element in page.cssselect(root):
            steps.add(f"page > {name(element)}")
            steps.update(_inside(element, name(element)))
    return steps


def name(element: HtmlElement) -> str:
    """Return tag, classes in order and id of an element, numbers left out of the id."""
    return _name(element.tag, element.get("class"), element.get("id"))


# The same few names stand in all pages.


@cache
def _name(tag: str, classes: str | None, id_: str | None) -> str:
    id_ = _NUMBER.sub("N", id_ or "")
    return tag + "".join(f".{one}" for one in sorted(_words(classes))) + (id_ and f"#{id_}")


@cache
def _words(classes: str | None, id_: str | None = None) -> frozenset[str]:
    return frozenset((classes or "").split()) | ({id_} if id_ else frozenset())


def _classes(element: HtmlElement) -> frozenset[str]:
    return _words(element.get("class"))


def _names(element: HtmlElement) -> frozenset[str]:
    return _words(element.get("class"), element.get("id"))


def _inside(element: HtmlElement, parent: str) -> Iterator[str]:
    """Yield the steps below an element; a child without a name is told by its parent's."""
    if CLOSED & _names(element):
        return
    for child in _children(element):
        if BODIES & _classes(element):
            yield from _typed(child, parent, top=True)
            continue
        yield f"{parent} > {name(child)}"
        yield from _inside(child, name(child) if _names(child) else f"{parent}/{child.tag}")


def _typed(element: HtmlElement, parent: str, top: bool) -> Iterator[str]:
    """Yield what the body holds; what a writer typed counts only where it stands in the body."""
    wrapper = top and _classes(element) == WRAPPERS
    if wrapper or (element.tag in TYPED and not _names(element)):
        if top:
            yield f"{parent} > {name(element)}"
        inner = f"{parent} > {name(element)}" if wrapper else parent
        for child in _children(element):
            yield from _typed(child, inner, top=wrapper)
        return
    yield f"{parent} > {name(element)}"
    if not PASTED & _classes(element):
        yield from _inside(element, name(element))


def _children(element: HtmlElement) -> Iterator[HtmlElement]:
    for child in element:
        if isinstance(child.tag, str) and child.tag not in CODE and not _left_out(_names(child)):
            yield child


@cache
def _left_out(names: frozenset[str]) -> bool:
    return any(_SLOT.search(one) or one in OUTSIDE for one in names)


def _metadata(page: HtmlElement) -> Iterator[str]:
    for meta in page.xpath("//meta[@name or @property]"):
        yield f"meta {meta.get('name') or meta.get('property')}"
    for link in page.xpath("//link[@rel='canonical' or @rel='amphtml']"):
        yield f"link {link.get('rel')}"
    for script in page.xpath("//script[@type='application/ld+json']"):
        yield from _keys(json.loads(script.text, strict=False), "json-ld")


def _keys(held: object, place: str) -> Iterator[str]:
    if isinstance(held, dict):
        place = f"{place} {held.get('@type', '')}"
        for key, value in held.items():
            yield f"{place}.{key}"
            yield from _keys(value, f"{place}.{key}")
