"""Hints for a person who adds a layout: where an unknown page seems to keep its facts.

They are suggestions for a person; no article is read by them.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import islice

from kompas_crawler import urls
from kompas_crawler.datelines import read_dateline
from kompas_crawler.pages.article import densest_element
from kompas_crawler.pages.document import (
    LONGEST_CLASS,
    Document,
    Element,
    ancestors,
    attribute,
    text_of,
)

MAX_LINKS = 3_000  # that are looked at; a real list page has some 300
MAX_BOXES = 20  # around one link
MAX_LINES = 50  # that read as a dateline
MAX_DATELINE_LENGTH = 120  # characters


def guess_selector(page: Document, name: str) -> str | None:
    """Return a selector of the element that seems to hold the title, dateline or text."""
    guess = {"title": _title, "dateline": _dateline, "text": _text}.get(name)
    element = guess(page) if guess else None
    return None if element is None else selector_of(element)


def selector_of(element: Element) -> str:
    """Return a name for an element as the layout table writes it: an id, a class, or the tag.

    A tag is preceded by the nearest named element around it.
    """
    if name := _own_name(element):
        return name
    box = next(filter(None, map(_own_name, ancestors(element))), "")
    return f"{box} {element.tag}".strip()


def _own_name(element: Element) -> str:
    if classes := attribute(element, "class").split():
        return f".{classes[0]}"
    return f"#{element.id}" if element.id else ""


def _title(page: Document) -> Element | None:
    stated = page.metas.get("og:title")
    headings = page.by_tag("h1", "h2")
    named = (each for each in headings if stated and text_of(each) == stated)
    return next(named, next((each for each in headings if each.tag == "h1"), None))


def _dateline(page: Document) -> Element | None:
    lines = list(islice(filter(_is_line, page.by_tag("div", "p", "span", "h6", "time")), MAX_LINES))
    boxes = {box for line in lines for box in ancestors(line)}
    return next((line for line in lines if line not in boxes), None)


def _is_line(element: Element) -> bool:
    text = text_of(element)
    short = 10 < len(text) < MAX_DATELINE_LENGTH
    return short and read_dateline(text, grammar_only=True) is not None


def _text(page: Document) -> Element | None:
    box = densest_element(page.root)
    return None if box is None else next(filter(_own_name, (box, *ancestors(box))), box)


def _is_box(element: Element) -> bool:
    return element.tag in ("div", "li", "article", "section")


def guess_item_classes(page: Document, url: str) -> list[str]:
    """Return up to three classes whose elements hold one article each, the most frequent first.

    The items of an unknown list probably have one of them.
    """
    held: defaultdict[str, dict[Element, set[str]]] = defaultdict(lambda: defaultdict(set))
    for link in page.by_tag("a")[:MAX_LINKS]:
        article_id = urls.article_id(urls.absolute_url(url, attribute(link, "href")))
        if article_id is None:
            continue
        for box in islice(filter(_is_box, ancestors(link)), MAX_BOXES):
            for name in attribute(box, "class")[:LONGEST_CLASS].split():
                held[name][box].add(article_id)
    single = {
        name: len({id_ for ids in boxes.values() for id_ in ids})
        for name, boxes in held.items()
        if len(boxes) > 1 and all(len(ids) == 1 for ids in boxes.values())
    }
    return sorted(single, key=lambda name: (-single[name], name))[:3]
