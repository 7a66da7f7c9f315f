"""The spiders, which decide what is fetched next."""
