"""Export of sentences, one a line, as the Leipzig Corpora Collection lays them out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from simplemma import split_sentences

from kompas_crawler.exports.options import ExportRequest
from kompas_crawler.items import Article

# Abbreviations, whose full stop ends no sentence; simplemma has no Indonesian ones.
_ABBREVIATIONS = ("Dr.", "dr.", "Prof.", "Ir.", "Drs.", "Hj.", "H.", "Jl.", "No.", "St.", "Tn.")


def write(articles: Iterable[Article], path: Path, request: ExportRequest) -> None:
    """Write a line for each sentence of every text: its number from 1 on, a tab, the sentence."""
    with path.open("x", encoding="utf-8", newline="\n") as file:
        every = (
            sentence
            for article in articles
            for block in article.text.split("\n\n")
            for sentence in sentences(block)
        )
        file.writelines(f"{number}\t{sentence}\n" for number, sentence in enumerate(every, 1))


def sentences(block: str) -> Iterator[str]:
    """Yield the sentences of a block of text, each on one line.

    >>> list(sentences("Kata Dr. Sari: ya. Ia pergi."))
    ['Kata Dr. Sari: ya.', 'Ia pergi.']
    """
    held = ""
    for sentence in split_sentences(" ".join(block.split()), "id"):
        held = f"{held} {sentence}" if held else sentence
        if not held.endswith(tuple(f" {each}" for each in _ABBREVIATIONS)):
            yield held
            held = ""
    if held:
        yield held
