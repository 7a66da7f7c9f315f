"""Runs: what a run covers, finds and proves, how it ends, and the log of all runs."""
