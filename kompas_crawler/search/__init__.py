"""Search: selections of stored articles, full text, concordances and counts."""
