"""The runs whose articles were invented by the bundled stand-in.

The stand-in marks every response with a header. A run that received one notes it in its line of
`crawls.jsonl`, and every article names its run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

HEADER = "X-Kompas-Stand-In"
KEY = "stand_in"


def invented_runs(lines: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Return the runs that read the stand-in, and those killed before them, which have no line.

    >>> sorted(invented_runs([{"crawl": "b", "stand_in": True, "after_crash_of": "a"}]))
    ['a', 'b']
    """
    found = {
        line.get(name) for line in lines if line.get(KEY) for name in ("crawl", "after_crash_of")
    }
    return frozenset(crawl for crawl in found if isinstance(crawl, str))


def in_words(invented: int, articles: int) -> str:
    """Return one sentence; there is none where nothing is invented.

    >>> in_words(60, 60)
    'Invented: these articles come from the bundled stand-in, not from Kompas.com.'
    """
    if not invented:
        return ""
    which = (
        "these articles come" if invented == articles else f"{invented:,} of these articles come"
    )
    return f"Invented: {which} from the bundled stand-in, not from Kompas.com."
