"""What a subclass of the loader changes of what is read."""

from pathlib import Path

from kompas_crawler import pages
from kompas_crawler.loaders import ArticleLoader

PAGE = Path(__file__).parent / "pages" / "articles" / "read-2022-as-served-in-2024.html"


class Shouting(ArticleLoader):
    title_in = staticmethod(lambda texts: [text.upper() for text in texts])
    dateline_in = staticmethod(lambda texts: [text.partition(",")[0] for text in texts])
    authors_in = staticmethod(lambda texts: [f"by {text}" for text in texts])


def test_an_input_processor_of_a_subclass_reads_what_the_page_says():
    url = "https://www.kompas.com/properti/read/2024/03/05/103017121/jembatan"
    html = PAGE.read_text(encoding="utf-8")
    own, other = (pages.read(html, url, loader).article for loader in (ArticleLoader, Shouting))
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
