"""The prefix "PLACE, KOMPAS.com –" with which a text begins."""

from __future__ import annotations

import re
from dataclasses import replace

from kompas_crawler.pages.blocks import Block

# "MOSKWA, KOMPAS.com –", with every misspelling met in 15,000 pages. A place is in capitals, its
# country may not be. Without its ".com" the brand is in capitals, else it is the newspaper, an
# instrument, or a sentence.
_WORDS = r"[^\W\d_a-z][^a-z,:;!?“”\"]{0,57}?"
_CAPITALS = rf"{_WORDS}(?: dan {_WORDS})?"
_COUNTRY = r"(?:,\s?(?-i:[A-Z][A-Za-z .'’-]{1,30}?))?"  # "PORTLAND, OREGON", "KARSKOVA, Zamburia"
_DOTCOM = r"(?:K?OMPASA?|KOMPAS\.?)\s?[.,]\s?c?o[mn]"
_BRAND = rf"(?:{_DOTCOM}|JAKARTA\.com)\b|(?-i:KOMPAS)\b(?!\.)"
BRAND = "KOMPAS.com"
_DASHES = "-‐‑‒–—―−"
_DASH = re.compile(rf"^[{_DASHES}]+\s+")
_PREFIX = re.compile(
    rf"^(?:(?P<place>(?-i:{_CAPITALS}){_COUNTRY})(?:\s*[,.]\s*|\s+[{_DASHES}]\s+|\s+))?"
    rf"(?P<brand>{_BRAND})(?P<dash>\s*[{_DASHES}]+\s*|\s*$|)",
    re.IGNORECASE,
)
# A place in small letters counts where place and brand are bold: "<strong>Kairo, KOMPAS.com</strong>",
# or where a dash follows the brand as it is written in every other prefix: "Kairo, KOMPAS.com - ".
_BOLD_PREFIX = re.compile(
    rf"^(?P<place>(?-i:[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){{0,3}}){_COUNTRY})\s*,\s*"
    rf"(?P<brand>KOMPAS\.com)(?P<dash>\s*[{_DASHES}]+\s*|\s*$)",
    re.IGNORECASE,
)
_PLACE_AND_COMMA = re.compile(r"[^,]+,")
_PREFIX_BLOCKS = 3  # a motto, or a stray first paragraph, may precede it


def take_prefix(blocks: list[Block]) -> str | None:
    """Remove "MOSKWA, KOMPAS.com –" from the start of a text, and return the place it names."""
    for number, block in enumerate(blocks[:_PREFIX_BLOCKS]):
        match = _prefix_of(block, is_first=number == 0)
        if match is None:
            continue
        rest = block.text[match.end() :].lstrip()
        blocks[number : number + 1] = [replace(block, text=rest)] if rest else []
        if not rest and blocks[number:]:  # the dash may open the next paragraph
            following = blocks[number]
            blocks[number] = replace(following, text=_DASH.sub("", following.text))
        return match["place"]
    return None


def _prefix_of(block: Block, *, is_first: bool) -> re.Match[str] | None:
    match = _PREFIX.match(block.text)
    if match is None or not _is_in_capitals(match["place"]):
        match = _BOLD_PREFIX.match(block.text)
        is_usual = match is not None and is_first and match["brand"] == BRAND and match["dash"]
        if match is None or not (is_usual or _is_bold(block, match)):
            return None
    has_dotcom = "." in match["brand"] or "," in match["brand"]
    if match["place"] and not has_dotcom and not _PLACE_AND_COMMA.match(match[0]):
        return None
    if match["dash"].strip() or not block.text[match.end() :]:
        return match if is_first or has_dotcom else None
    # "BOGOR,KOMPAS.com Kata": without a dash only behind a place, where a sentence begins.
    begins = block.text[match.end() :].lstrip()[:1]
    is_start = match["place"] and has_dotcom and begins.isupper() and _is_bold(block, match)
    return match if is_start else None


def _is_in_capitals(place: str | None) -> bool:
    city = (place or "").partition(",")[0].replace(" dan ", " ")
    return city == city.upper()


def _is_bold(block: Block, prefix: re.Match[str]) -> bool:
    letters = len(block.text[: prefix.end("brand")].replace(" ", ""))
    return block.bold_start >= letters
