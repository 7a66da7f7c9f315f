"""Search: which of the stored articles a person asks for."""
