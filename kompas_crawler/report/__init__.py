"""The report on a collection: its statistics, its figures and the page that shows them."""
