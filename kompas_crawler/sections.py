"""What is known of the section that is collected: its addresses, its code, and its names.

Everything that would be different for another section stands here.
"""

from __future__ import annotations

import re
from typing import Final

from kompas_crawler.items import Article

WWW: Final = "www.kompas.com"
INTERNATIONAL: Final = "internasional.kompas.com"

# Host and folder of the section's articles. Both are in use, one of them per article.
HOMES: Final = frozenset({(WWW, "global"), (INTERNATIONAL, "")})
# The home of an article of which only the id is known: of nine digits, and of fewer.
HOME_SINCE_2020: Final = (WWW, "global")
HOME_BEFORE: Final = (INTERNATIONAL, "")
# A host that stands for a folder of www.kompas.com.
SAME_AS: Final = {"internasional": "global"}

# The section's front, whose older pages are `?page=2` and so on.
FRONT: Final = f"https://{WWW}/global"
# Pages that list the section, by host and path. The last three are lists by agency, 2016-2020.
FRONTS: Final = frozenset(
    {
        (WWW, ""),
        (WWW, "global"),
        (INTERNATIONAL, ""),
        (INTERNATIONAL, "abcaustralia"),
        (INTERNATIONAL, "bbcnews"),
        (INTERNATIONAL, "deutsche-welle"),
    }
)
# The section's news sitemaps, by their name in the index of sitemaps; none of them was seen.
SITEMAP: Final = re.compile(r"/sitemap-news-(?:global|internasional)\b")

# The last two digits of its ids of nine digits; those of other sections: `urls.SITE_CODES`.
CODE: Final = "70"

# The name under which crawls.jsonl keeps what is proven of the section, and pending. Lines without
# a name were written when there was only one section.
SECTION: Final = "global"

# Codes of the index that hold the section, by the names its own menu gives them, best first. Three
# crawlers of 2021-22 used `global`; a probe of 2026-10 found the section within `news`.
SITE_NAMES: Final = ("global", "internasional", "news", "all")

# Names by which pages of other sections know themselves. Numbers of seven or eight digits and old
# hosts prove no section (four of six links of 2012-13 led to national politics).
OTHER_SECTIONS: Final = frozenset(
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
    """Tell whether an article that was listed in the section names another one on its page.

    An id that ends in the code of the section is never another's.
    """
    return (article.section or "").lower() in OTHER_SECTIONS and not article.id.endswith(CODE)
