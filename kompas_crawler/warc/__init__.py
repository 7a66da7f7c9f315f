"""Saved pages: written as WARC by a crawl, and read again from files."""
