"""Saved pages: WARC files written by a crawl, and the reparse of WARC files and saved HTML."""
