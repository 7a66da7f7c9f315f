"""What a subclass of the loader changes of what is read."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kompas_crawler import pages
from kompas_crawler.dates import publications
from kompas_crawler.errors import IncompleteArticle
from kompas_crawler.loaders import ArticleLoader

PAGE = Path(__file__).parent / "pages" / "articles" / "read-2022-as-served-in-2024.html"
HTML = PAGE.read_text(encoding="utf-8")
URL = "https://www.kompas.com/properti/read/2024/03/05/103017121/jembatan"


class Shouting(ArticleLoader):
    title_in = staticmethod(lambda texts: [text.upper() for text in texts])
    dateline_in = staticmethod(lambda texts: [text.partition(",")[0] for text in texts])
    authors_in = staticmethod(lambda texts: [f"by {text}" for text in texts])


def test_an_input_processor_of_a_subclass_reads_what_the_page_says():
    own, other = (pages.read(HTML, URL, loader).article for loader in (ArticleLoader, Shouting))
    assert other.title == own.title.upper() != own.title
    assert other.dateline == own.dateline.partition(",")[0] != own.dateline
    assert other.authors == tuple(f"by {name}" for name in own.authors) != ()
    assert other.text == own.text


def test_placeholders_are_not_collected():
    loader = ArticleLoader()
    loader.add_value("authors", ["-", "Advertorial"])
    loader.add_value("title", ["", "Kapal Tiba Halaman all"])
    assert loader.get_collected_values("authors") == []
    assert loader.get_collected_values("title") == ["Kapal Tiba"]


def loader(article_id: str, **values: str) -> ArticleLoader:
    """A loader that was given an article's strings as a page prints them."""
    loader = ArticleLoader()
    for name, value in {
        "id": article_id,
        "url": f"https://www.kompas.com/global/read/{article_id}/kapal",
        "title": "Kapal Tiba",
        "text": "Kapal itu tiba.",
        **values,
    }.items():
        loader.add_value(name, value)
    return loader


@pytest.mark.parametrize(
    ("printed", "published", "updated"),
    [
        ("Kompas.com - 26/08/2021, 16:22 WIB", "2021-08-26T16:22:00+07:00", None),
        ("Kompas.com - 26/08/2021, 16:22 WITA", "2021-08-26T16:22:00+08:00", None),
        (
            "Kompas.com - 26/08/2021, 16:22 WIB Diperbarui 27/08/2021, 08:00 WIB",
            "2021-08-26T16:22:00+07:00",
            "2021-08-27T08:00:00+07:00",
        ),
    ],
)
def test_a_printed_dateline_becomes_moments(printed, published, updated):
    # An address of 2010 has no clock, so the printed line alone says when.
    article = loader("2021/08/26/12345", published_at=printed, updated_at=printed).load_item()
    assert article.published_at.isoformat() == published
    assert article.published_from == "dateline"
    assert (article.updated_at and article.updated_at.isoformat()) == updated


def test_the_clock_of_the_address_counts_before_the_printed_line():
    line = "Kompas.com - 26/08/2021, 19:00 WIB"
    article = loader("2021/08/26/162226370", published_at=line).load_item()
    assert article.published_at.isoformat() == "2021-08-26T16:22:26+07:00"
    assert article.updated_at.isoformat() == "2021-08-26T19:00:00+07:00"


def test_an_impossible_dateline_leaves_the_article_without_a_time():
    with pytest.raises(IncompleteArticle, match="no published_at"):
        loader("2021/08/26/12345", published_at="Kompas.com - 31/02/2021, 16:22 WIB").load_item()


def test_a_loader_without_an_id_names_what_is_missing():
    empty = ArticleLoader()
    empty.add_value("published_at", "Kompas.com - 26/08/2021, 16:22 WIB")
    with pytest.raises(IncompleteArticle, match="no id, url, title, text"):
        empty.load_item()


class SlowClock(ArticleLoader):
    """Reads pages whose times of publication are an hour slow, but for those in addresses."""

    @staticmethod
    def published_at_in(texts):
        hour = timedelta(hours=1)
        return [replace(time, moment=time.moment + hour) for time in publications(texts)]


def test_a_subclass_reads_times_by_a_processor_of_its_own():
    own, other = (pages.read(HTML, URL, loader).article for loader in (ArticleLoader, SlowClock))
    assert own.updated_at is None
    assert own.published_at == other.published_at == other.updated_at - timedelta(hours=1)
