"""The sections that can be collected, each with its addresses, its code, and its names.

A row of `SECTIONS` holds everything that is different for another section. `SECTION` is the row
that this process collects: the first one, or that which KOMPAS_SECTION names in the environment.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Final

from kompas_crawler.items import Article

WWW: Final = "www.kompas.com"
VARIABLE: Final = "KOMPAS_SECTION"

Home = tuple[str, str]  # host, and the folder before `read/`: "" where there is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section of Kompas.com, as it is known by its addresses and pages.

    - `name`: the value of KOMPAS_SECTION, and of `section` in crawls.jsonl.
    - `english`, `indonesian`: what messages, exports and the report call it.
    - `code`: the last two digits of its ids of nine digits (see `urls.SITE_CODES`).
    - `homes`: hosts and folders of its articles, one of them per article.
    - `home_since_2020`, `home_before`: the home of an article of which only the id is known, of
      nine digits and of fewer.
    - `front`: its front, whose older pages are `?page=2` and so on.
    - `lists`: the pages that list it, by host and path, the front among them.
    - `sitemap`: its news sitemaps, by their name in the index of sitemaps.
    - `index_codes`: values of `site=` in the daily index that hold it, by the names that the
      index's own menu gives them, best first.
    - `labels`: what its pages print as their section, in lower case.
    """

    name: str
    english: str
    indonesian: str
    seen: str
    code: str
    homes: frozenset[Home]
    home_since_2020: Home
    home_before: Home
    front: str
    lists: frozenset[tuple[str, str]]
    sitemap: re.Pattern[str]
    index_codes: tuple[str, ...]
    labels: frozenset[str]


_INTERNASIONAL: Final = "internasional.kompas.com"

INTERNATIONAL: Final = Section(
    name="global",
    english="international",
    indonesian="internasional",
    seen="1,764 addresses of 2020-26, and pages of every year from 2008; none of its sitemaps",
    code="70",
    homes=frozenset({(WWW, "global"), (_INTERNASIONAL, "")}),
    home_since_2020=(WWW, "global"),
    home_before=(_INTERNASIONAL, ""),
    front=f"https://{WWW}/global",
    lists=frozenset(
        {
            (WWW, ""),
            (WWW, "global"),
            (_INTERNASIONAL, ""),
            # Lists by agency, 2016-2020.
            (_INTERNASIONAL, "abcaustralia"),
            (_INTERNASIONAL, "bbcnews"),
            (_INTERNASIONAL, "deutsche-welle"),
        }
    ),
    sitemap=re.compile(r"/sitemap-news-(?:global|internasional)\b"),
    # Three crawlers of 2021-22 used `global`; a probe of 2026-10 found the section within `news`.
    index_codes=("global", "internasional", "news", "all"),
    labels=frozenset({"global", "internasional"}),
)

SECTIONS: Final = {each.name: each for each in (INTERNATIONAL,)}

# A name that is in no row is refused by every command, in one sentence (`cli/command.py`).
SECTION: Final = SECTIONS.get(os.environ.get(VARIABLE, ""), INTERNATIONAL)

# Lines of crawls.jsonl that name no section were written when there was only this one.
UNNAMED: Final = INTERNATIONAL.name

# A host that is an older name of a folder of www.kompas.com.
SAME_AS: Final = {"internasional": "global"}

# Labels by which pages know the section they belong to. Numbers of seven or eight digits and old
# hosts prove no section (four of six links of 2012-13 led to national politics).
LABELS: Final = INTERNATIONAL.labels | frozenset(
    [
        "nasional",
        "megapolitan",
        "regional",
        "money",
        "ekonomi",
        "bola",
        "olahraga",
        "sports",
        "tekno",
        "otomotif",
        "travel",
        "lifestyle",
        "properti",
        "sains",
        "health",
        "edukasi",
        "hype",
        "entertainment",
        "tren",
        "skola",
        "food",
    ]
)


def of_other_section(article: Article) -> bool:
    """Return whether an article that was listed in the section names another one on its page.

    An id that ends in the code of the section is never another's.
    """
    is_other = (article.section or "").lower() in LABELS - SECTION.labels
    return is_other and not article.id.endswith(SECTION.code)
