"""Put first on PYTHONPATH, this sets the clock of a process wrong by KOMPAS_DAYS days."""

import os
from datetime import timedelta

import time_machine


def set_clock() -> None:
    """Set it, and let it go on from there."""
    if days := os.environ.get("KOMPAS_DAYS"):
        time_machine.travel(timedelta(days=float(days))).start()


set_clock()
