"""Collects the international news of Kompas.com as JSON Lines, one line per article."""

from kompas_crawler.supported import refusal

__version__ = "0.1.0"

# Before anything is imported that an older Python or another system does not have.
if refusal():
    raise SystemExit(refusal())
