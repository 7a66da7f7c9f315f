"""Arguments of spiders: addresses or ids of articles, and whether pages are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from kompas_crawler.archive.files import encoding_in
from kompas_crawler.errors import BadArgument
from kompas_crawler.runs import manifest

# A comma may be a part of an address; before the next one, or at the end, it parts them.
_BETWEEN = re.compile(
    r"[,;]*(?:\s+|\Z)|[,;]+(?=https?:|//|\d{4}/|[\w-]+(?:\.[\w-]+)*\.kompas\.com)"
)
_COMMENT = re.compile(r"(?:^|\s)#.*")


def addresses_in(text: str) -> list[str]:
    """Return the addresses in a text, separated by white space, commas or semicolons.

    >>> addresses_in("2026/11/22/134820670,2026/11/22/031254170; https://www.kompas.com/x,y")
    ['2026/11/22/134820670', '2026/11/22/031254170', 'https://www.kompas.com/x,y']
    """
    return [address for address in _BETWEEN.split(text) if address]


def addresses_of_file(given: str) -> list[str]:
    """Return the addresses in a text file, in which `#` begins a comment, or in a manifest.

    Raises `BadArgument` for a file that cannot be read or is not text.
    """
    if manifest.is_list(path := Path(given)):
        return [*dict.fromkeys(listed.url for listed in manifest.listed_in(path))]
    return [address for line in _lines(given) for address in addresses_in(_COMMENT.sub("", line))]


def _lines(given: str) -> Iterator[str]:
    path = Path(given)
    try:
        # What comes through a pipe could be read once only, and it is read again when a run begins.
        if path.exists() and not path.is_file():
            raise BadArgument(f"file={given!r} is no regular file: save the list, and name that")
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadArgument(f"file={given!r} cannot be read: {reason}") from error
    encoding = encoding_in(content)
    if encoding is None and b"\0" in content:
        raise BadArgument(
            f"file={given!r} is no text in UTF-8: save it as UTF-8, a line an address"
        )
    text = content.decode(encoding or "utf-8", errors="replace").removeprefix("\N{BOM}")
    yield from text.splitlines()


def wants_pages_kept(arguments: Mapping[str, str], setting: str | None = None) -> bool:
    """Return whether pages are kept, by the argument `keep`, else by the setting KOMPAS_KEEP.

    Raises `BadArgument` for a value that is neither "warc" nor "no", and when warcio is not installed.
    """
    given = arguments.get("keep") or setting or "no"
    if given not in ("warc", "no"):
        raise BadArgument(f"keep={given!r} cannot be read: pages are kept as warc, or no")
    if given == "warc" and find_spec("warcio") is None:
        raise BadArgument(
            "keep=warc needs the package warcio, which `pip install -r requirements-warc.txt` installs"
        )
    return given == "warc"
