"""Audits of an archive and of Kompas's pages: verify, repair, coverage, changes and doctor."""
