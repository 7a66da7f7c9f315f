"""The names by which Kompas's pages and index call the international section and the others."""

from __future__ import annotations

from kompas_crawler.items import Article

# The name under which crawls.jsonl keeps what is proven of the section, and pending. Lines without
# a name were written when there was only one section.
SECTION = "global"

# Codes of the index that hold the section, by the names its own menu gives them, best first. Three
# crawlers of 2021-22 used `global`; a probe of 2026-10 found the section within `news`.
SITE_NAMES = ("global", "internasional", "news", "all")

# Names by which pages of other sections know themselves. Numbers of seven or eight digits and old
# hosts prove no section (four of six links of 2012-13 led to national politics).
OTHER_SECTIONS = frozenset(
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

    An id that ends in 70, the code of the international section, is never another's.
    """
    return (article.section or "").lower() in OTHER_SECTIONS and not article.id.endswith("70")
