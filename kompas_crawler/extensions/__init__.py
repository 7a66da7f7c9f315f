"""The extensions of Scrapy that this project adds."""
