"""Scrapy extensions: the record of the run, and its progress on the screen."""
