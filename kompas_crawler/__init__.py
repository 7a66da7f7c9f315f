"""Collects the international news of Kompas.com as JSON Lines, one line per article."""

__version__ = "0.1.0"
