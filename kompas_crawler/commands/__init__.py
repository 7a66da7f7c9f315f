"""The commands this project adds to `scrapy`."""
