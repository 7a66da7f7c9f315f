"""The writers, editors and sources of an article: credit boxes, bylines, credit lines in the body."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from kompas_crawler.pages.document import (
    BLOCK_TAGS,
    COMMENT,
    TEXT,
    UNREAD_TAGS,
    Document,
    Element,
    is_hidden,
    leading_text,
    text_of,
)
from kompas_crawler.pages.layouts import Layout
from kompas_crawler.processors import outlets, people, squeeze

#: The offices that Kompas prints, in lower case, and the field their names belong to.
OFFICES = {
    "penulis dan editor": "both",
    "penulis & editor": "both",
    "penulis": "writers",
    "reporter": "writers",
    "laporan reporter": "writers",
    "pewarta": "writers",
    "kontributor": "writers",
    "kolumnis": "writers",
    "editor": "editors",
    "penyunting": "editors",
    "sumber": "sources",
}
_OFFICE = "|".join(sorted(map(re.escape, OFFICES), key=len, reverse=True))
_LABEL = re.compile(rf"(?P<office>{_OFFICE})\b\s*(?P<colon>:)?\s*", re.IGNORECASE)
# In a box of its own a label may touch the name: "<span>Penulis</span>NAME".
_BOX_LABEL = re.compile(rf"[\s,;–-]*(?P<office>(?i:{_OFFICE}))(?:\b|(?=[A-Z]))\s*:?\s*")
# Where one credit of a box ends: at a bar, and before an office with a colon.
_CREDITS = re.compile(rf"\||(?<=[\s,;–-])(?=(?:{_OFFICE})\s*:)", re.IGNORECASE)
_BY = re.compile(r"(?P<office>oleh)\b\s*(?P<colon>:)?\s*", re.IGNORECASE)
_PARTED = re.compile(r"[|,;(/–—-]\s*\Z")
_EDGES = re.compile(r"^[\s*(\[]+|[\s*)\]]+$")
_VALUE_EDGES = " \t|,;(-–—/*"
_AND = re.compile(r"\s+(?:dan|&)\s+")
_LAST_OF_LIST = re.compile(r",\s*(?:dan|&)\s+")
_CONTRIBUTOR = re.compile(r"\s*kontributor\b", re.IGNORECASE)
_TAIL = re.compile(
    rf"\s*\((?P<line>(?:{_OFFICE})\b[^()]{{3,200}}(?:\([^()]{{3,160}}\))?)\)\s*\.?$", re.IGNORECASE
)
RETOLD = "Kompas.com"  # the source of articles that retell others of Kompas
LONGEST_LINE = 260  # characters; a longer credit line is prose

# A name: words that begin with a capital or a digit, hosts, and the particles between them.
_HOST = re.compile(r"(?:https?://)?(?:[\w-]+\.)+[a-z]{2,6}(?:/[\w./?=&%#-]*)?\.?")
_WORD = re.compile(r"[\"“(]?(?:[a-z]{1,3}['’-])?(?P<first>[^\W_]|@)[\w.'’\"”&+()-]*")
_PARTICLES = frozenset(
    (
        "bin",
        "binti",
        "van",
        "von",
        "de",
        "der",
        "den",
        "di",
        "da",
        "dos",
        "al",
        "el",
        "la",
        "le",
        "of",
        "the",
        "and",
        "ibn",
        "dari",
        "dan",
        "&",
    )
)
LINKED_TAGS = ("a", "b", "strong")  # each holds one name
MOST_WORDS = 10  # of a name
_VARIOUS = re.compile(r"(?:dari )?berbagai (?:sumber|media|situs)", re.IGNORECASE)
_ONE_WORD_SENTENCE = re.compile(r"\w+\.")
_LOOSE = re.compile(r"(?:\s*[,;|&]\s*|\s+|^)dan(?:\s+|$)|\s*[,;|&]\s*")
_COMMA = re.compile(r"\s*[,;|]\s*")


@dataclass(slots=True)
class Credits:
    """Names by office; `mixed` are the names of a byline that does not say who is the editor.

    `partner_writers` and `partners` come from "Penulis: NAME/DW Indonesia" and are added to the
    names that the page prints elsewhere.
    """

    writers: list[str] = field(default_factory=list)
    editors: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    partner_writers: list[str] = field(default_factory=list)
    partners: list[str] = field(default_factory=list)

    def extend(self, other: Credits) -> None:
        """Add the names of a further credit line."""
        for name in Credits.__dataclass_fields__:
            getattr(self, name).extend(getattr(other, name))

    def add(self, office: str, names: Iterable[str]) -> bool:
        """Add names under a printed office; return whether the office is known."""
        role = OFFICES.get(squeeze(office).strip(" :").lower())
        for name, listed in (
            ("writers", self.writers),
            ("editors", self.editors),
            ("sources", self.sources),
        ):
            if role == name or (role == "both" and name != "sources"):
                listed.extend(names := list(names))
        return role is not None


def credit_line(text: str) -> Credits | None:
    """Return the credits in a line of the body, None where the line is prose.

    A label counts only before names, not before a sentence. Without colons two labels are needed.

    >>> credit_line("(Penulis: Sari Contoh | Editor: Budi Misal)").editors
    ['Budi Misal']
    >>> credit_line("Penulis: Saya takut kehilangan naskah.") is None
    True
    """
    if len(text) > LONGEST_LINE:
        return None
    bare = _EDGES.sub("", text)
    if by := _BY.match(bare):
        return _by_line(bare[by.end() :], has_colon=bool(by["colon"]))
    labels = list(_labels(bare))
    if not labels or labels[0].start() != 0:
        return None
    if not all(label["colon"] for label in labels) and len(labels) < 2:
        return None
    ends = [*(label.start() for label in labels[1:]), len(bare)]
    found = Credits()
    for label, end in zip(labels, ends, strict=True):
        if not _add_value(found, label["office"], bare[label.end() : end]):
            return None
    if found.sources[:1] == [RETOLD]:  # its people are those of the articles that are retold
        return Credits(sources=[RETOLD])
    return found


def credit_tail(text: str) -> tuple[str, Credits] | None:
    """Return prose without the bracketed credit line at its end, and the credits; None without one."""
    match = _TAIL.search(text) if text.rstrip(". ").endswith(")") else None
    found = credit_line(match["line"]) if match else None
    # "(sumber: Badan Statistik)" alone belongs to the sentence.
    if (
        match is None
        or found is None
        or (match["line"].lower().startswith("sumber") and found.sources != [RETOLD])
    ):
        return None
    return text[: match.start()], found


def _labels(line: str) -> Iterator[re.Match[str]]:
    """Yield the labels of a line: at its start, and after a separator of two credits."""
    for label in _LABEL.finditer(line):
        before = line[max(0, label.start() - 4) : label.start()]
        if not before or _PARTED.search(before) or (label["colon"] and before[-1] == " "):
            yield label


def _add_value(found: Credits, office: str, value: str) -> bool:
    value = value.strip(_VALUE_EDGES).rstrip(")").strip()
    role = OFFICES[squeeze(office).lower()]
    if role == "sources":
        return _add_sources(found, value)
    writer, slash, outlet = value.partition("/")
    if slash and role == "writers" and _are_names([outlet.strip()]):
        found.partners.append(outlet.strip())
        found.partner_writers.extend(writers := list(_names(writer)))
        return _are_names(writers)
    names = list(_names(value.split("|", maxsplit=1)[0]))
    return _are_names(names) and found.add(office, names)


def _add_sources(found: Credits, value: str) -> bool:
    value = _LAST_OF_LIST.sub(", ", value.rstrip("."))
    outlet = value.partition("/")[0]
    if outlet.strip().lower() == RETOLD.lower():
        value = RETOLD  # "(Sumber: Kompas.com/WRITERS | Editor: EDITORS)"
    names = list(outlets([value]))
    if not _are_names(names):
        return False
    found.sources.extend(names)
    return True


def _by_line(value: str, *, has_colon: bool) -> Credits | None:
    """Return the writers of "Oleh: NAME dan NAME"; a title after the name belongs to it."""
    value = re.split(r"[|/]", value, maxsplit=1)[0].strip(_VALUE_EDGES)
    writers = [name for part in _AND.split(value) if (name := squeeze(part).strip(_VALUE_EDGES))]
    parts = [part.strip() for name in writers for part in name.split(",")]
    if not _are_names(parts) or (not has_colon and not all(" " in name for name in writers)):
        return None
    return Credits(writers=writers)


def _names(text: str) -> Iterator[str]:
    """Yield the names of a credit line; "Kontributor Bone, Andi Rahman" is one."""
    for names in _AND.split(text):
        parts = [names] if _CONTRIBUTOR.match(names) else names.split(",")
        yield from filter(None, (squeeze(part).strip(_VALUE_EDGES) for part in parts))


def _are_names(names: Sequence[str]) -> bool:
    return bool(names) and all(
        _VARIOUS.fullmatch(name)
        or (_is_name(name.replace(",", "")) and not _ONE_WORD_SENTENCE.fullmatch(name))
        for name in names
    )


def _is_name(name: str) -> bool:
    words = name.split()
    if not 0 < len(words) <= MOST_WORDS or words[0] in _PARTICLES or words[-1] in _PARTICLES:
        return False
    return all(word in _PARTICLES or _HOST.fullmatch(word) or _is_capital(word) for word in words)


def _is_capital(word: str) -> bool:
    match = _WORD.fullmatch(word)
    return match is not None and not match["first"].islower()


def printed_credits(page: Document, layout: Layout) -> Credits:
    """Return the people and sources that a page prints outside its body.

    Names of a "Tim Redaksi" without a credit box are `mixed`.
    """
    found = Credits(
        writers=[name for box in page.first(layout.writers) for name in _names_in(box)],
        editors=[name for box in page.first(layout.editors) for name in _names_in(box)],
        sources=list(outlets(map(text_of, page.first(layout.sources)))),
    )
    for box in page.first(layout.credits):
        _add_box(found, box)
    if not (found.writers or found.editors):
        _add_credit_box(found, page, layout)
    if not (found.writers or found.editors):
        _add_byline(found, page, layout)
    return found


def _add_box(found: Credits, box: Element) -> None:
    """Add the names of a labelled box: "Penulis: A, B", `<span>Sumber</span> <a>AFP</a>`, a row.

    A box may hold a second label: "Penulis: A | Editor: B".
    """
    labelled: list[tuple[str, list[tuple[str, bool]]]] = []
    for text, is_linked in _runs_of(box):
        for part in [text] if is_linked else _CREDITS.split(text):
            label = _BOX_LABEL.match(part) if not (is_linked and labelled) else None
            if label:
                labelled.append((label["office"], []))
            if labelled and (rest := part[label.end() :] if label else part):
                labelled[-1][1].append((rest, is_linked and not label))
    for office, runs in labelled:
        is_source = OFFICES[office.lower()] == "sources"
        values = _values(runs, _COMMA if is_source else _LOOSE)
        found.add(office, outlets(values) if is_source else people(values))


def _names_in(box: Element) -> tuple[str, ...]:
    return people(_values(_runs_of(box), _LOOSE))


def _values(runs: Iterable[tuple[str, bool]], parting: re.Pattern[str]) -> Iterator[str]:
    """Yield the names in a box: its links and bold words, and names in plain text.

    Only plain text is split at commas: "Kontributor Bone, NAME" is one name.
    """
    for text, is_linked in runs:
        bare = text.lstrip(" :")
        if is_linked or _CONTRIBUTOR.match(bare):
            yield bare
        else:
            yield from filter(None, parting.split(bare))


def _runs_of(box: Element) -> Iterator[tuple[str, bool]]:
    """Yield the text of a box in runs, each with whether it is linked or bold.

    A link or bold word is one run, and so is the plain text up to the next one, a break or the edge
    of a block, whatever comments and other tags are in it.
    """
    plain = ""
    stack = [(iter([box]), False)]
    while stack:
        children, is_block = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            if is_block:
                yield squeeze(plain), False
                plain = ""
        elif child.tag == TEXT:
            plain += child.text_content or ""
        elif child.tag == COMMENT or child.tag in UNREAD_TAGS or is_hidden(child):
            continue
        else:
            is_name = child.tag == "a" or (child.tag in LINKED_TAGS and not child.css_first("a"))
            is_block = child.tag == "br" or child.tag in BLOCK_TAGS
            if is_name or is_block:
                yield squeeze(plain), False
                plain = ""
            if is_name:
                yield text_of(child), True
            else:
                stack.append((child.iter(include_text=True), is_block))
    yield squeeze(plain), False


def _add_credit_box(found: Credits, page: Document, layout: Layout) -> None:
    """Add the names of the credit box, each followed by its office."""
    if not page.first(layout.credit_box):
        return
    # Its <h6> is never closed, so one person's may be inside another's.
    names = [each for place in layout.credit_name for each in page.find_all(place)]
    offices = {each for place in layout.credit_office for each in page.find_all(place)}
    waiting: list[str] = []
    for element in sorted((*names, *offices), key=page.position):
        if element not in offices:
            waiting.append(leading_text(element) or text_of(element))
        else:
            found.add(leading_text(element).strip() or text_of(element), people(waiting))
            waiting = []


def _add_byline(found: Credits, page: Document, layout: Layout) -> None:
    names = people(map(text_of, page.first(layout.byline)))
    offices = [text_of(office) for office in page.first(layout.byline_office)]
    if not any(found.add(office, names) for office in offices):
        found.mixed = list(names)
