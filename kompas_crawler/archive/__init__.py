"""The archive: articles on disk as JSON Lines, one file per month, and what finds, locks and reads them."""
