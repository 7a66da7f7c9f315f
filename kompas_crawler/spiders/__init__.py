"""The spiders: what to fetch next."""
