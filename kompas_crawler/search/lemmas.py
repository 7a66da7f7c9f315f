"""The Indonesian lemma of a word: `membunuh`, `dibunuh` and `pembunuhan` have the lemma `bunuh`.

The lemmas are those of the dictionary of `simplemma`. A word that is not in it is taken apart by the
affixes of Indonesian, and is of a family only if what remains is in the dictionary: most unknown
words of a newspaper are names. `lemmas.tsv` overrides both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simplemma.strategies import DictionaryLookupStrategy

# Which suffixes go with which prefixes, and which first letter of a root a nasal has replaced
# (kirim: mengirim), after Alwi et al., "Tata Bahasa Baku Bahasa Indonesia", and the pairs that
# Asian, Williams and Tahaghoghi, "Stemming Indonesian" (2005), found impossible: be-i, di-an, ke-i.
_VERBS = ("kan", "i", "")
_NOUNS = ("an", "")
_AFFIXES: tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    (("",), ("",), ("kan", "an", "i")),
    (
        ("di", "ter", "me", "menge", "diper", "memper", "diber", "member", "ku", "kau"),
        ("",),
        _VERBS,
    ),
    (("mem",), ("", "p"), _VERBS),
    (("men",), ("", "t"), _VERBS),
    (("meng",), ("", "k"), _VERBS),
    (("meny",), ("s",), _VERBS),
    (("ber", "be"), ("",), ("kan", "an", "")),
    (("per",), ("",), ("kan", "an", "i")),
    (("pe", "penge", "pember"), ("",), _NOUNS),
    (("pem",), ("", "p"), _NOUNS),
    (("pen",), ("", "t"), _NOUNS),
    (("peng",), ("", "k"), _NOUNS),
    (("peny",), ("s",), _NOUNS),
    (("ke", "keber", "keter", "kese"), ("",), ("an",)),
)
_FORMS = tuple(
    (prefix, first, suffix)
    for prefixes, firsts, suffixes in _AFFIXES
    for prefix in prefixes
    for first in firsts
    for suffix in suffixes
)
_CLITICS = (("lah", "kah", "pun"), ("nya", "ku", "mu"))  # in this order from the end: bukunyalah

# Where less remains, it looks like a root by chance: Milan is not mil + an.
_SHORTEST = 4
_SHORTEST_FOR = {"di": 3}  # dicek, dites

_WORD = re.compile(r"[^\W_]+(?:[-\N{HYPHEN}\N{NON-BREAKING HYPHEN}][^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
_AFTER_HYPHEN = ("nya", "ku", "mu", "lah", "kah", "pun", "an")  # Trump-nya, 1990-an


@cache
def _dictionary() -> DictionaryLookupStrategy:
    # Every command imports this module, and few of them look a word up.
    from simplemma.strategies import DictionaryLookupStrategy

    return DictionaryLookupStrategy()


#: Where a word of a text begins and ends, and its lemma. A tuple, for there are many.
Token = tuple[int, int, str]


def tokens(text: str) -> Iterator[Token]:
    """Yield the words of a folded text (see `selection.folded`); a reduplication is one word.

    >>> [lemma for _, _, lemma in tokens("ibu-ibu dibunuh di jakarta-bandung")]
    ['ibu', 'bunuh', 'di', 'jakarta', 'bandung']
    """
    for word in _WORD.finditer(text):
        lemmas = _lemmas(word[0])
        if len(lemmas) == 1:
            yield word.start(), word.end(), lemmas[0]
        else:
            parts = _PART.finditer(text, word.start(), word.end())
            for part, each in zip(parts, lemmas, strict=True):
                yield part.start(), part.end(), each


def lemma_of(token: str) -> str:
    """Return the lemma of a folded token of any kind; hyphens join those of a compound.

    >>> lemma_of("anak-anaknya"), lemma_of("jakarta-bandung"), lemma_of("“")
    ('anak', 'jakarta-bandung', '“')
    """
    return "-".join(_lemmas(token)) if _WORD.fullmatch(token) else token


@lru_cache(maxsize=1 << 17)
def _lemmas(word: str) -> tuple[str, ...]:
    """Return the lemma of each part of a word with hyphens, or the one of a reduplication."""
    parts = _PART.findall(word)
    lemmas = tuple(map(lemma, parts))
    if len(parts) != 2:
        return lemmas
    first, second = lemmas
    if parts[1] in _AFTER_HYPHEN:
        return (first,)
    if first == second or first == lemma(f"me{parts[1]}"):  # menakut-nakuti
        return (first,)
    if len(second) >= _SHORTEST and parts[0].endswith(second):  # kemerah-merahan
        return (second,)
    return lemmas


@lru_cache(maxsize=1 << 17)
def lemma(word: str) -> str:
    """Return the lemma of a folded word without hyphens; a word of no known family is its own.

    >>> lemma("pembunuhan"), lemma("menemuinya"), lemma("bekasi"), lemma("erdogannya")
    ('bunuh', 'temu', 'bekasi', 'erdogan')
    """
    if known := _known(word):
        return known
    if not word.isalpha():
        return word
    for bare in _without_clitics(word):
        if known := _known(bare) or _root(bare):
            return known
    if known := _root(word):
        return known
    bare = word.removesuffix("nya")
    return bare if len(bare) >= _SHORTEST else word


def _without_clitics(word: str) -> Iterator[str]:
    """Yield a word without the clitics at its end: one, then two of them."""
    for clitics in _CLITICS:
        for clitic in clitics:
            if word.endswith(clitic) and len(word) - len(clitic) > 2:
                word = word.removesuffix(clitic)
                yield word
                break


def _known(word: str) -> str | None:
    """Return the lemma that a word has in `lemmas.tsv` or else in the dictionary."""
    table = _lemma_table()
    if word in table:
        return table[word]
    found = _dictionary().get_lemma(word, "id")
    return found and table.get(found.lower(), found.lower())


def _root(word: str) -> str | None:
    """Return the lemma of the longest known word that affixes make this word of."""
    stems = (
        first + word[len(prefix) : len(word) - len(suffix)]
        for prefix, first, suffix in _FORMS
        if word.startswith(prefix)
        and word.endswith(suffix)
        and len(word) - len(prefix) - len(suffix)
        >= _SHORTEST_FOR.get(prefix, _SHORTEST - len(first))
    )
    return next(filter(None, map(_known, sorted(stems, key=len, reverse=True))), None)


@cache
def _lemma_table() -> dict[str, str]:
    """Return the words of `lemmas.tsv` with their lemmas."""
    text = files(__package__).joinpath("lemmas.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {word: lemma for word, lemma, _ in rows}
