"""A stand-in for Kompas.com: the demo, the end-to-end tests and the benchmarks crawl it.

It is independent of the crawler it tests: nothing here imports `kompas_crawler`.
"""
