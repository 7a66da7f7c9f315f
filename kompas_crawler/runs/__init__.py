"""A run: what it was to cover, what it found and proves, and how it ended."""
