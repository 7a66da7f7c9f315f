"""The walk over a body's elements: raw blocks of text, photos, embeds and links, in page order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from kompas_crawler.characters import percent_encoded
from kompas_crawler.items import Embed, Image
from kompas_crawler.pages import boilerplate
from kompas_crawler.pages.document import (
    BLOCK_TAGS,
    LONGEST_CLASS,
    POWER_TAGS,
    TEXT,
    UNREAD_TAGS,
    Element,
    attribute,
    attributes_hide,
    descendants,
    next_element,
    previous_element,
    raised_or_lowered,
    text_of,
    trailing_text,
)
from kompas_crawler.pages.layouts import SIDE_BOXES
from kompas_crawler.pages.media import (
    AMP_EMBEDS,
    PICTURE_TAGS,
    in_caption,
    picture_address,
    read_frame,
    read_photo,
    read_post,
    read_script,
)
from kompas_crawler.processors import squeeze, visible

HEADING_TAGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
BOLD_TAGS = frozenset(("strong", "b"))
FRAME_TAGS = frozenset(("iframe", "object", "video", "embed", *AMP_EMBEDS, "amp-iframe"))
PAGE_TAGS = frozenset(("html", "body"))  # hold the whole page, whatever their classes say
PROSE_TAGS = frozenset((*HEADING_TAGS, *BOLD_TAGS, "p", "li", "em", "i", "u", "td", "th"))
LONGEST_HEADING = 100  # characters; a longer bold paragraph is a bold paragraph
STRAY_LETTERS = 3  # of a heading may be outside its <strong>: "10."

_WEIGHT = re.compile(
    r"font-weight\s*:\s*(?:(?P<bold>bold|bolder|[6-9]00)|normal|[1-4]00)", re.IGNORECASE
)
_DATUM = re.compile(r":\s*\S{0,3}\d[\d.,%:/ -]*\w{0,10}$")  # "Karsk: 12.268"

# The site puts a space before each automatic tag link; after these it shows.
_OPENERS = frozenset("([{“‘«/@#")
_LETTER_THEN_HYPHEN = re.compile(r"\w[-‐‑]$")
_OPENING_QUOTE = re.compile(r"(?:^|[\s(\[])[\"']$")
# "pameran. gondola.example": the space is inside an address.
_INSIDE_ADDRESS = re.compile(r"[\w-]\.$")
_GOES_ON_AS_ADDRESS = re.compile(r"\.[a-z]{2,}")


@dataclass(slots=True)
class Block:
    """One paragraph, heading, list item, table row or quotation of the body.

    `is_own` says that its tag is that of a heading or a list item.
    """

    text: str
    heading: bool = False
    is_own: bool = False
    in_related: bool = False  # stood in a box of links to other articles
    bold_start: int = 0  # letters that are bold from the start on
    pieces: tuple[str, ...] = ()
    spans: tuple[tuple[int, int, str], ...] = ()  # first piece, end, address of each link

    @property
    def links(self) -> list[PlacedLink]:
        """The links of the block, with their offsets in `text`."""
        if not self.spans:
            return []
        starts, ends = _offsets(self.pieces)
        return [
            PlacedLink(
                title=self.text[starts[first] : ends[last - 1]].strip(),
                url=url,
                start=starts[first],
                end=ends[last - 1],
            )
            for first, last, url in self.spans
            if first < last
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedLink:
    """A link inside a block."""

    title: str
    url: str
    start: int
    end: int

    @property
    def is_article(self) -> bool:
        """Whether the link leads to an article."""
        return "/read/" in self.url or self.url.startswith("/read/")


def _offsets(pieces: tuple[str, ...]) -> tuple[list[int], list[int]]:
    """Return where each piece of a block begins and ends in its text, white space collapsed."""
    starts, ends = [], []
    length, is_parted = 0, False
    for piece in pieces:
        words = squeeze(piece)
        if words:
            if length and (is_parted or piece[:1].isspace()):
                length += 1
            starts.append(length)
            length += len(words)
            is_parted = piece[-1:].isspace()
        else:
            starts.append(length)
            is_parted = is_parted or bool(piece)
        ends.append(length)
    return starts, ends


OnLeave = Callable[[], None]


def _nothing() -> None:
    return


def _weight_of(style: str | None) -> str:
    """Return the font weight in a style, "bold" or "normal", "" without one."""
    match = _WEIGHT.search(style) if style else None
    return "" if match is None else "bold" if match["bold"] else "normal"


class BodyWalker:
    """Walks a body's elements in reading order and collects raw blocks."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.images: list[Image] = []
        self.embeds: list[Embed] = []
        self.gated = False
        self._begin()
        self._clear()

    def _begin(self) -> None:
        """Reset the state of one container."""
        self._ended = False
        self._weight = ""  # "bold" or "normal" where the page says so
        self._heading = False
        self._item: Element | None = None
        self._in_related = False
        self._kind = ""  # of the box that is being entered
        self._no_picture = False
        self._rows: list[list[int] | None] = []
        self._open_links: list[tuple[int, str]] = []

    def _clear(self) -> None:
        """Reset the state of one block."""
        self._pieces: list[str] = []
        self._spans: list[tuple[int, int, str]] = []
        self._letters = 0
        self._bold_letters = 0
        self._normal_letters = 0
        self._bold_start: int | None = None
        self._after_break = False

    def container(self, element: Element) -> None:
        """Walk an element's descendants; with a stack, because nesting has no limit."""
        self._begin()
        stack: list[tuple[Iterator[Element], OnLeave]] = [
            (element.iter(include_text=True), _nothing)
        ]
        while stack and not self._ended:
            children, leave = stack[-1]
            child = next(children, None)
            if child is None:
                stack.pop()
                leave()
            elif (tag := child.tag) == TEXT:
                self._add_text(child.text_content or "")
            elif (inside := self._enter(child, tag or "")) is not None:
                stack.append((child.iter(include_text=True), inside))
        self._close_block()

    def _add_text(self, text: str) -> None:
        text = visible(text)
        self._pieces.append(text)
        letters = len(text) - text.count(" ") if not text.isspace() else 0
        if letters:
            self._after_break = False
            if self._weight == "bold":
                self._bold_letters += letters
            elif self._bold_start is None:
                self._bold_start = self._letters
            if self._weight == "normal":
                self._normal_letters += letters
            self._letters += letters

    def _enter(self, child: Element, tag: str) -> OnLeave | None:
        """Return what to call after an element's children, None if they are not to be walked."""
        if tag in UNREAD_TAGS:
            if tag == "script" and (embed := read_script(child)):
                self.embeds.append(embed)
            return None
        if tag == "br":
            self._break(child)
            return None
        self._kind = ""
        attributes = child.attributes
        if not attributes:
            return self._enter_bare(child, tag)
        if attributes_hide(attributes):
            return None
        if tag == "a":
            return self._enter_link(child)
        if self._is_special(child, tag, attributes):
            return None
        if tag in BOLD_TAGS or tag in POWER_TAGS:
            return self._enter_bare(child, tag)
        weight = _weight_of(attributes.get("style"))
        return self._enter_weighted(child, tag, weight) if weight else self._enter_plain(child, tag)

    def _enter_bare(self, child: Element, tag: str) -> OnLeave | None:
        """Enter an element by its tag alone."""
        if tag in BOLD_TAGS:
            return self._enter_weighted(child, tag, "bold")
        if tag in POWER_TAGS:
            self._add_text(raised_or_lowered(child))
            return None
        if tag in FRAME_TAGS or tag in PICTURE_TAGS:
            self._media(child, tag)
            return None
        return self._enter_plain(child, tag)

    def _enter_weighted(self, child: Element, tag: str, weight: str) -> OnLeave | None:
        outside, self._weight = self._weight, weight
        inside = self._enter_plain(child, tag)
        if inside is None:
            self._weight = outside
            return None

        def leave() -> None:
            inside()
            self._weight = outside

        return leave

    def _enter_plain(self, child: Element, tag: str) -> OnLeave | None:
        if tag == "a":
            return self._enter_link(child)
        if tag in ("tr", "td", "th"):
            return self._enter_table(child, tag)
        if tag in BLOCK_TAGS:
            return self._enter_block(child, tag)
        return _nothing

    def _is_special(self, child: Element, tag: str, attributes: Mapping[str, str | None]) -> bool:
        """Handle a photo, embed or box of boilerplate; return whether the element was one."""
        if tag in FRAME_TAGS or tag in PICTURE_TAGS:
            self._media(child, tag)
            return True
        names, identity = attributes.get("class"), attributes.get("id")
        if identity == "EndOfArticle":
            self._ended = True
            return True
        kind = self._kind = _box_kind(names or "", identity or "", tag in PROSE_TAGS)
        if kind == "photo":
            return self._photo(child)
        if kind in ("noise", "gate"):
            self.gated = self.gated or kind == "gate"
            return True
        if kind and (tag == "blockquote" or attributes.get("data-href")) and kind != "related":
            self._close_block()
            self.embeds.append(read_post(child, kind))
            return True
        return boilerplate.OPENS_WINDOW in attributes

    def _enter_block(self, element: Element, tag: str) -> OnLeave | None:
        if tag == "figure" and not self._no_picture:
            if descendants(element, *PICTURE_TAGS):
                return None if self._photo(element) else self._leaving_block()
            return self._leaving_block(no_picture=True)
        if tag == "figcaption":
            return None
        if self._kind == "related":
            return self._leaving_block(in_related=True)
        if tag in HEADING_TAGS:
            return self._leaving_block(heading=True)
        return self._leaving_block(item=element if tag == "li" else None)

    def _leaving_block(
        self,
        *,
        heading: bool = False,
        item: Element | None = None,
        in_related: bool = False,
        no_picture: bool = False,
    ) -> OnLeave:
        """Close the block before an element, and return what closes the block inside it."""
        self._close_block()
        outside = self._heading, self._item, self._in_related, self._no_picture
        self._heading = self._heading or heading
        self._item = self._item if item is None else item
        self._in_related = self._in_related or in_related
        self._no_picture = self._no_picture or no_picture

        def leave() -> None:
            self._close_block()
            self._heading, self._item, self._in_related, self._no_picture = outside

        return leave

    def _enter_table(self, element: Element, tag: str) -> OnLeave:
        """Join a row's cells into one block; a table of one column is only layout."""
        self._close_block()
        if tag != "tr":
            if self._rows and (row := self._rows[-1]) is not None:
                row.append(len(self.blocks))
            return self._close_block
        cells = sum(cell.tag in ("td", "th") for cell in element.iter())
        self._rows.append([] if cells > 1 else None)
        return self._leave_row

    def _leave_row(self) -> None:
        self._close_block()
        starts = self._rows.pop()
        if not starts:
            return
        ends = [*starts[1:], len(self.blocks)]
        related = [b for b in self.blocks[starts[0] :] if boilerplate.RELATED.match(b.text)]
        cells = [
            " ".join(block.text for block in self.blocks[start:end] if block not in related)
            for start, end in zip(starts, ends, strict=True)
        ]
        del self.blocks[starts[0] :]
        if text := " | ".join(filter(None, cells)):
            self.blocks.append(Block(text, in_related=self._in_related))
        self.blocks.extend(related)

    def _break(self, mark: Element) -> None:
        # Two breaks in a row part paragraphs (the pages of 2015-16 have no <p>); one is a space,
        # but words after a "Baca juga" line and its link are prose.
        if self._after_break or (
            self._spans and squeeze(trailing_text(mark)) and self._is_related()
        ):
            self._close_block()
        self._after_break = True
        self._pieces.append(" ")

    def _is_related(self) -> bool:
        start = squeeze("".join(piece[:40] for piece in self._pieces[:6]))
        return bool(boilerplate.RELATED.match(start))

    def _enter_link(self, link: Element) -> OnLeave:
        url = percent_encoded(attribute(link, "href").strip())
        if "/tag/" in url or "inner-link-tag" in attribute(link, "class")[:LONGEST_CLASS].split():
            self._drop_inserted_space(link)
        self._open_links.append((len(self._pieces), url))
        return self._leave_link

    def _leave_link(self) -> None:
        start, url = self._open_links.pop()
        if url:
            self._spans.append((start, len(self._pieces), url))

    def _drop_inserted_space(self, link: Element) -> None:
        """Remove the space that the site inserts before a tag link where none belongs."""
        before = "".join(self._pieces[-3:])
        bare = before.rstrip()
        if len(before) - len(bare) == 1 and bare and _opens(bare, trailing_text(link)):
            while self._pieces and self._pieces[-1].isspace():
                self._pieces.pop()
            if self._pieces:
                self._pieces[-1] = self._pieces[-1].rstrip()

    def _close_block(self) -> None:
        if self._pieces and (text := squeeze("".join(self._pieces))):
            open_spans = ((start, len(self._pieces), url) for start, url in self._open_links if url)
            self.blocks.append(
                Block(
                    text,
                    heading=self._is_heading(text),
                    is_own=self._heading or self._item is not None,
                    in_related=self._in_related,
                    bold_start=self._letters if self._bold_start is None else self._bold_start,
                    pieces=tuple(self._pieces),
                    spans=(*self._spans, *open_spans),
                )
            )
        self._open_links = [(0, url) for _, url in self._open_links]
        self._clear()

    def _is_heading(self, text: str) -> bool:
        """Return whether a block is a heading: by its tag, or because all of it is bold."""
        if self._heading:
            return self._normal_letters < self._letters or _looks_like_title(text)
        stray = self._letters - self._bold_letters
        is_bold = stray <= STRAY_LETTERS and self._bold_letters > 2 * stray
        return is_bold and self._is_alone() and _looks_like_title(text) and not _DATUM.search(text)

    def _is_alone(self) -> bool:
        """Return whether the block is no item of a longer list: bold items of a list are data."""
        item = self._item
        return item is None or (next_element(item) is None and previous_element(item) is None)

    def _photo(self, box: Element) -> bool:
        """Read a photo's box; return whether it holds nothing else, such as paragraphs."""
        self._close_block()
        if photo := read_photo(box):
            is_all = not any(text_of(p) and not in_caption(p) for p in descendants(box, "p"))
            self.images.append(photo if is_all else Image(url=photo.url))
            return is_all
        return True

    def _media(self, element: Element, tag: str) -> None:
        if tag in PICTURE_TAGS:
            if (address := picture_address(element)) is not None:
                self.images.append(Image(url=address))
        elif embed := read_frame(element):
            self.embeds.append(embed)


def _looks_like_title(text: str) -> bool:
    is_sentence = text.endswith(".") and not text.endswith("..")
    return len(text) <= LONGEST_HEADING and not is_sentence and not text.startswith("*")


def _opens(before: str, behind: str) -> bool:
    """Return whether a tag link follows this text without a space."""
    return (
        before[-1] in _OPENERS
        or bool(_LETTER_THEN_HYPHEN.search(before))
        or bool(_OPENING_QUOTE.search(before))
        or bool(_INSIDE_ADDRESS.search(before) and _GOES_ON_AS_ADDRESS.match(behind))
    )


_WHOLE_NAMES = {
    name: kind for kind, names in reversed(boilerplate.BOXES) for name in names if name[-1] != "*"
}
_BEGINNINGS_OF_NAMES = tuple(
    (name[:-1], kind) for kind, names in boilerplate.BOXES for name in names if name[-1] == "*"
)


@lru_cache(maxsize=2048)
def _box_kind(classes: str, identity: str, is_prose: bool) -> str:
    """Return the kind of a box with these class names and id, "" for an ordinary one.

    >>> _box_kind("ads-on-body", "", False), _box_kind("", "social-distancing", True)
    ('noise', '')
    """
    names = classes[:LONGEST_CLASS].split()
    if is_prose:
        names = [name for name in names if "-" in name or "_" in name]
        return next((kind for name in names if (kind := _WHOLE_NAMES.get(name, ""))), "")
    kinds = {kind for name in names if (kind := _WHOLE_NAMES.get(name) or _kind_by_start(name))}
    kinds.add(_WHOLE_NAMES.get(identity, ""))
    return next((kind for kind, _ in boilerplate.BOXES if kind in kinds), "")


def _kind_by_start(name: str) -> str:
    for start, kind in _BEGINNINGS_OF_NAMES:
        if name.startswith(start):
            rest = name[len(start) :]
            if start[-1] in "-_" or not rest or not rest[0].islower():
                return kind
    return ""


def is_side_box(box: Element) -> bool:
    """Return whether a box belongs to other articles, or to a modal window."""
    names = attribute(box, "class")[:LONGEST_CLASS]
    return bool(names and box.tag not in PAGE_TAGS) and (
        _box_kind(names, "", False) in ("noise", "gate", "related")
        or not SIDE_BOXES.isdisjoint(names.split())
    )
