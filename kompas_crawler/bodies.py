"""What a body says: from the elements of a page to blocks of prose, photos, embeds and links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TypeAlias, cast
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from lxml import etree

from kompas_crawler import boilerplate
from kompas_crawler.boilerplate import Fate, Furniture
from kompas_crawler.items import Embed, Image, Link

Element: TypeAlias = etree._Element

SKIPPED_TAGS = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "ivs-player",
        "svg",
        "form",
        "button",
        "input",
        "select",
        "textarea",
        "video",
        "audio",
        "object",
        "canvas",
        "link",
        "meta",
        "head",
        "title",
    ]
)
BLOCK_TAGS = frozenset(
    [
        "p",
        "div",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "blockquote",
        "table",
        "tbody",
        "thead",
        "tfoot",
        "caption",
        "section",
        "article",
        "aside",
        "header",
        "footer",
        "main",
        "figure",
        "figcaption",
        "pre",
        "hr",
        "center",
        "address",
    ]
)
HEADING_TAGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
BOLD_TAGS = frozenset(("strong", "b"))
LONGEST_HEADING = 100  # characters; a longer bold paragraph is a bold paragraph
DEEPEST = 200  # elements inside one another; libxml2 itself stops at 256

_SPACES = re.compile(r"\s+")
# What a reader cannot see: control characters, zero-width spaces, soft hyphens, byte order marks.
# Joiners (U+200C, U+200D) stay: Persian names and emoji need them.
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff]")
_TRACKING = re.compile(r"^(?:utm_\w+|ref_src|ref_url|igshid|si|feature|fbclid|source)$")
# The site puts a space before each automatic tag link; after these it shows.
_OPENERS = frozenset("([{“‘«/")
_LETTER_THEN_HYPHEN = re.compile(r"\w[-‐‑]$")
_OPENING_QUOTE = re.compile(r"(?:^|[\s(\[])[\"']$")
# "MOSKWA, KOMPAS.com –", with every misspelling met in 4,223 pages.
# Without its ".com" it is in capitals, else it is the newspaper, an instrument, or a sentence.
_BRAND = r"KOMPASA?\s?[.,]\s?c?om|JAKARTA\.com|(?-i:(?<![a-z],\s)KOMPAS)"
_COUNTRY = r"(?:,\s?(?-i:[A-Z][A-Z .'-]{1,30}))?"  # "PORTLAND, OREGON"
_DASH = re.compile(r"^[-–—―]+\s+")
_PREFIX = re.compile(
    rf"^(?:(?P<place>[^\W\d_][^,:;!?“”\"]{{1,58}}?{_COUNTRY})\s*[,.]\s*)?(?:{_BRAND})"
    r"(?:\s*[-–—―]+\s*|\s*$)",
    re.IGNORECASE,
)
_AND = re.compile(r"\s+dan\s+")
_CONTRIBUTOR = re.compile(r"\s*kontributor\b", re.IGNORECASE)


def squeeze(text: str) -> str:
    r"""Return text as a reader sees it on one line.

    >>> squeeze(" dua\xa0 kata\u200b ")
    'dua kata'
    """
    if not text.isprintable():
        text = _UNSEEN.sub("", text)
    return " ".join(text.split())


def text_of(element: Element) -> str:
    """Return all the text below an element, on one line."""
    if len(element) == 0:  # most have nothing but words, and asking them is cheaper
        return squeeze(element.text or "")
    return squeeze("".join(cast("Iterator[str]", element.itertext())))


def clean_embed_url(url: str) -> str:
    """Return an embed's address without tracking.

    >>> clean_embed_url("https://twitter.com/a/status/1?ref_src=twsrc%5Etfw")
    'https://twitter.com/a/status/1'
    """
    url = squeeze(url)
    if url.startswith("//"):
        url = "https:" + url
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    kept = [(k, v) for k, v in parse_qsl(parts.query, True) if not _TRACKING.match(k)]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(kept), ""))


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, heading, list item, table row or quotation of the body."""

    text: str
    heading: bool = False
    links: tuple[Link, ...] = ()
    after_related: bool = False  # stood in a box of "Baca juga" links


@dataclass(slots=True)
class Body:
    """What a body says, sorted."""

    blocks: list[Block] = field(default_factory=list)
    place: str | None = None
    related: list[Link] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    embeds: list[Embed] = field(default_factory=list)
    writers: list[str] = field(default_factory=list)
    partner_writers: list[str] = field(default_factory=list)
    editors: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    republished_from: list[str] = field(default_factory=list)
    gated: bool = False

    @property
    def text(self) -> str:
        return "\n\n".join(block.text for block in self.blocks)

    @property
    def subheadings(self) -> tuple[str, ...]:
        return tuple(block.text for block in self.blocks if block.heading)


def read_body(containers: Iterable[Element]) -> Body:
    """Return what the body in these elements says, without furniture.

    The shapes it knows were counted over 147 international pages of 2020, and
    the boxes of 2021-2026.
    """
    walk = _Walk()
    for container in containers:
        walk.container(container)
    body = Body(images=walk.images, embeds=walk.embeds, gated=walk.gated)
    _sort(walk.blocks, body)
    _take_prefix(body)
    return body


class _Walk:
    """Walks a body's elements in reading order and collects raw blocks."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.images: list[Image] = []
        self.embeds: list[Embed] = []
        self.gated = False
        self._pieces: list[str] = []
        self._links: list[Link] = []
        self._bold = 0
        self._bold_letters = 0
        self._letters = 0
        self._heading = False
        self._in_related = False
        self._after_break = False
        self._ended = False
        self._depth = 0

    def container(self, element: Element) -> None:
        self._inside(element)
        self._close_block()

    def _inside(self, element: Element) -> None:
        if self._depth > DEEPEST:
            return
        self._depth += 1
        self._say(element.text)
        for child in element:
            if self._ended:
                break
            if isinstance(child.tag, str):
                self._child(child, child.tag)
            self._say(child.tail)
        self._depth -= 1

    def _say(self, text: str | None) -> None:
        if not text or self._ended:
            return
        self._pieces.append(text)
        letters = len(text) - text.count(" ") if not text.isspace() else 0
        if letters:
            self._after_break = False
            self._letters += letters
            if self._bold:
                self._bold_letters += letters

    def _child(self, child: Element, tag: str) -> None:
        if tag in SKIPPED_TAGS:
            return
        if tag == "br":
            self._break(child)
        elif tag == "iframe":
            self._frame(child)
        elif tag == "figure" and child.find(".//img") is not None:
            self._photo(child)
        elif self._special(child):
            return
        elif tag == "a":
            self._link(child)
        elif tag in BOLD_TAGS:
            self._bold += 1
            self._inside(child)
            self._bold -= 1
        elif tag == "tr":
            self._row(child)
        elif tag in BLOCK_TAGS:
            self._block(child, tag)
        else:
            self._inside(child)

    def _special(self, child: Element) -> bool:
        """Deal with an element that is no plain part of the text, or return False."""
        if child.get("id") == "EndOfArticle":
            self._ended = True
            return True
        kind = _box_kind(child.get("class") or child.get("id") or "")
        if kind == "photo":
            self._photo(child)
        elif kind in ("noise", "gate"):
            self.gated = self.gated or kind == "gate"
        elif kind == "related":
            self._related_box(child)
        elif kind and (child.tag == "blockquote" or (kind == "other" and child.get("data-href"))):
            self._post(child, kind)
        else:
            return child.get(boilerplate.OPENS_WINDOW) is not None
        return True

    def _block(self, element: Element, tag: str) -> None:
        self._close_block()
        heading = self._heading
        self._heading = heading or tag in HEADING_TAGS
        self._inside(element)
        self._close_block()
        self._heading = heading

    def _break(self, mark: Element) -> None:
        # Two breaks in a row part paragraphs (the pages of 2015-16 have no <p>); one is a space,
        # but words after a "Baca juga" line and its link are prose.
        if self._after_break or (self._links and squeeze(mark.tail or "") and self._is_related()):
            self._close_block()
        self._after_break = True
        self._pieces.append(" ")

    def _is_related(self) -> bool:
        start = squeeze("".join(piece[:40] for piece in self._pieces[:6]))
        return bool(boilerplate.RELATED_TAIL.match(start))

    def _row(self, row: Element) -> None:
        """Make one block of the cells; a table of one column only lays out what it holds."""
        self._close_block()
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        if len(cells) == 1:
            self._block(cells[0], "td")
            return
        read = [self._cell(cell) for cell in cells]
        if text := " | ".join(block.text for block in read if block.text):
            links = tuple(link for block in read for link in block.links)
            self.blocks.append(Block(text, links=links, after_related=self._in_related))

    def _cell(self, cell: Element) -> Block:
        start = len(self.blocks)
        self._block(cell, "td")
        blocks = self.blocks[start:]
        del self.blocks[start:]
        links = tuple(link for block in blocks for link in block.links)
        return Block(" ".join(block.text for block in blocks), links=links)

    def _link(self, link: Element) -> None:
        if link.get("class") == "inner-link-tag":
            self._drop_inserted_space()
        start = len(self._pieces)
        self._inside(link)
        href = link.get("href")
        if href:
            self._links.append(Link(title=squeeze("".join(self._pieces[start:])), url=href.strip()))

    def _drop_inserted_space(self) -> None:
        """Take back the one space the site put before a tag link where no writer would."""
        before = "".join(self._pieces[-3:])
        bare = before.rstrip()
        if len(before) - len(bare) == 1 and bare and _opens(bare):
            while self._pieces and self._pieces[-1].isspace():
                self._pieces.pop()
            if self._pieces:
                self._pieces[-1] = self._pieces[-1].rstrip()

    def _close_block(self) -> None:
        if self._pieces and (text := squeeze("".join(self._pieces))):
            heading = self._heading or (
                self._bold_letters == self._letters > 0
                and len(text) <= LONGEST_HEADING
                and not text.endswith(".")
            )
            links = tuple(self._links)
            self.blocks.append(Block(text, heading, links, self._in_related))
        self._pieces = []
        self._links = []
        self._letters = self._bold_letters = 0
        self._after_break = False

    def _related_box(self, box: Element) -> None:
        self._close_block()
        outside, self._in_related = self._in_related, True
        self._inside(box)
        self._close_block()
        self._in_related = outside

    def _photo(self, box: Element) -> None:
        self._close_block()
        if photo := read_photo(box):
            self.images.append(photo)

    def _post(self, box: Element, kind: str) -> None:
        self._close_block()
        self.embeds.append(_read_post(box, kind))

    def _frame(self, frame: Element) -> None:
        source = frame.get("src") or frame.get("data-src") or ""
        url = clean_embed_url(source)
        if url.startswith(("http://", "https://")) and not boilerplate.NOT_AN_EMBED.search(source):
            self.embeds.append(Embed(kind=_embed_kind(url), url=url))


def _opens(text: str) -> bool:
    return (
        text[-1] in _OPENERS
        or bool(_LETTER_THEN_HYPHEN.search(text))
        or bool(_OPENING_QUOTE.search(text))
    )


@lru_cache(maxsize=2048)
def _box_kind(classes: str) -> str:
    """Return what a box with these classes is, "" for one that is nothing special."""
    for name in classes.split():
        for kind, patterns in boilerplate.BOXES:
            for pattern in patterns:
                if name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern:
                    return kind
    return ""


def read_photo(box: Element) -> Image | None:
    """Return the photo in a box, or None where there is none.

    The 2015-2021 box prints the credit in `span.author`, then the caption as bare text; the
    2022-2026 one a `.photo__caption` that ends in `<span>(CREDIT)</span>`. A lone "-" is how
    Kompas writes "none".
    """
    picture = next(box.iter("img"), None)
    if picture is None:
        return None
    source = squeeze(picture.get("data-src") or picture.get("src") or "")
    if source.startswith("//"):
        source = "https:" + source
    if not source.startswith(("http://", "https://")):
        return None
    credit, caption = _photo_words(box)
    return Image(url=source, caption=caption, credit=credit)


def _photo_words(box: Element) -> tuple[str | None, str | None]:
    words = box if _has_words(box) else _next_caption(box)
    credit_box = next((span for span in words.iter("span") if _is_credit(span)), None)
    credit = text_of(credit_box) if credit_box is not None else ""
    if words is not box or _caption_box(words) is not None:
        credit = credit.removeprefix("(").removesuffix(")")
    caption = "".join(_words_apart_from(words, credit_box))
    return _printed(credit), _printed(caption)


def _has_words(box: Element) -> bool:
    return any(text and not text.isspace() for text in box.itertext())


def _caption_box(box: Element) -> Element | None:
    return next(
        (e for e in box.iter("div", "p", "figcaption") if "caption" in e.get("class", "")), None
    )


def _next_caption(box: Element) -> Element:
    following = box.getnext()
    if following is not None and "caption" in (following.get("class") or ""):
        return following
    return box


def _is_credit(span: Element) -> bool:
    above = span.getparent()
    return "author" in (span.get("class") or "") or (
        above is not None and "caption" in (above.get("class") or "")
    )


def _words_apart_from(box: Element, left_out: Element | None) -> Iterator[str]:
    if box.text:
        yield box.text
    for child in box:
        if child is not left_out and isinstance(child.tag, str) and child.tag not in SKIPPED_TAGS:
            yield from _words_apart_from(child, left_out)
        if child.tail:
            yield child.tail


def _printed(text: str) -> str | None:
    text = squeeze(text)
    return None if text in ("", "-", "()", "Unknown") else text


def _embed_kind(url: str) -> str:
    return next((kind for kind, hosts in boilerplate.EMBED_HOSTS if hosts.match(url)), "other")


def _read_post(box: Element, kind: str) -> Embed:
    """Return a post: its own words and its address, without attribution or tracking."""
    links = [a.get("href", "") for a in box.iter("a")]
    addresses = [url for url in links if _embed_kind(url) == kind]
    if kind == "twitter":
        statuses = [url for url in addresses if "/status" in url]
        url = (statuses or addresses or [""])[-1].partition("?")[0]
    else:
        told = (box.get(name) for name in ("data-instgrm-permalink", "cite", "data-href"))
        url = next(filter(None, told), None) or (addresses or links or [""])[0]
    words = squeeze(" ".join(text_of(p) for p in box.iter("p") if not _is_attribution(p)))
    url = clean_embed_url(url)
    is_address = url.startswith(("http://", "https://"))
    return Embed(kind=kind, url=url if is_address else None, text=words or None)


def _is_attribution(paragraph: Element) -> bool:
    text = text_of(paragraph)
    found = boilerplate.furniture_of(text)
    return bool(found) and found is not None and found[0].name == "post attribution"


def _sort(blocks: list[Block], body: Body) -> None:
    """Part prose from furniture, and keep what the furniture tells."""
    announced = False
    for block in blocks:
        if block.after_related or (announced and _is_only_links(block)):
            body.related.extend(_related_links(block, block.text))
            continue
        announced = bool(boilerplate.RELATED_TAIL.fullmatch(block.text))
        if found := boilerplate.furniture_of(block.text):
            block = _without_furniture(block, found, body)
        block = _without_related_tail(block, body)
        if block.text:
            body.blocks.append(block)
    _take_signature(body)


def _is_only_links(block: Block) -> bool:
    """Tell whether a block is what may follow a line "Baca juga:" that has no link itself."""
    shown = squeeze(" ".join(link.title for link in block.links))
    are_articles = all("/read/" in link.url for link in block.links)
    return bool(shown) and block.text == shown and are_articles


def _without_furniture(
    block: Block, found: tuple[Furniture, re.Match[str]] | None, body: Body
) -> Block:
    while found:
        row, match = found
        if row.fate is not Fate.CUT:
            _keep_facts(block, row, match, body)
            return Block("")
        rest = squeeze(block.text[: match.start()] + " " + block.text[match.end() :])
        block = Block(rest, block.heading, block.links)
        found = boilerplate.furniture_of(rest) if rest else None
    return block


def _keep_facts(block: Block, row: Furniture, match: re.Match[str], body: Body) -> None:
    if row.fate is Fate.RELATED:
        body.related.extend(_related_links(block, block.text[match.end() :]))
    elif row.fate is Fate.REPUBLISHED:
        body.republished_from.append(squeeze(match["site"]).strip("\"'“”"))
    elif row.fate is Fate.CREDITS:
        facts = match.groupdict()
        body.writers.extend(_names(facts.get("writers")))
        body.writers.extend(_AND.split(facts.get("columnists") or ""))
        body.partner_writers.extend(_names(facts.get("partner_writers")))
        body.editors.extend(_names(facts.get("editors")))
        if outlet := facts.get("outlet"):
            body.republished_from.append(squeeze(outlet))
        if sources := facts.get("sources"):
            body.sources.extend(s for part in sources.split(",") if (s := squeeze(part)))


def _related_links(block: Block, shown: str) -> Iterator[Link]:
    """Yield the links of a "Baca juga" line; the words of a line without a link are lost."""
    for link in block.links:
        title = boilerplate.RELATED_TAIL.sub("", link.title).strip() or squeeze(shown)
        if title and link.url.startswith(("http://", "https://", "//", "/")):
            url = "https:" + link.url if link.url.startswith("//") else link.url
            yield Link(title=title, url=url)


def _without_related_tail(block: Block, body: Body) -> Block:
    """Cut a "Baca juga: …" that hangs at the end of prose, if all that follows it is a link."""
    if not block.links or ":" not in block.text:
        return block
    match = boilerplate.RELATED_TAIL.search(block.text)
    if not match:
        return block
    shown = block.text[match.end() :].rstrip(" ).")
    links = [link for link in block.links if link.title.rstrip(" ).") == shown]
    if not links:
        return block
    body.related.extend(_related_links(Block(block.text, links=tuple(links)), shown))
    return Block(block.text[: match.start()].rstrip(" |"), block.heading)


def _take_signature(body: Body) -> None:
    """Take "(AFP/AP/REUTERS/CAL)" from the end, where only furniture may have followed it."""
    match = boilerplate.SIGNATURE.match(body.blocks[-1].text) if body.blocks else None
    if not match:
        return
    names = match[1].split("/")
    if len(names) > 1 or names[0] in boilerplate.AGENCIES or len(names[0]) == 3:
        body.sources.extend(name for name in names if name in boilerplate.AGENCIES)
        body.blocks.pop()


def _names(text: str | None) -> Iterator[str]:
    """Yield the names of a credit line; "Kontributor Bone, Andi Rahman" is one."""
    for names in _AND.split(text or ""):
        parts = [names] if _CONTRIBUTOR.match(names) else names.split(",")
        yield from filter(None, map(squeeze, parts))


def _take_prefix(body: Body) -> None:
    """Take "MOSKWA, KOMPAS.com –" from the first paragraph, and keep the place."""
    for number, block in enumerate(body.blocks):
        if match := _PREFIX.match(block.text):
            body.place = match["place"]
            rest = block.text[match.end() :]
            body.blocks[number : number + 1] = [Block(rest, links=block.links)] if rest else []
            if not rest and body.blocks[number:]:  # the dash may open the next paragraph
                following = body.blocks[number]
                body.blocks[number] = replace(following, text=_DASH.sub("", following.text))
            return
        if not block.heading:
            return
