"""A limit on the memory that one step may allocate, enforced by the kernel (RLIMIT_DATA)."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_STATM = Path("/proc/self/statm")
_DATA = 5  # its field: pages of data and stack


@contextmanager
def memory_limit(size: int) -> Iterator[None]:
    """Limit the process to `size` bytes more than it uses now; a larger allocation fails.

    Linux enforces it for all threads of the process. Elsewhere nothing is limited.
    """
    try:
        taken = int(_STATM.read_bytes().split()[_DATA]) * os.sysconf("SC_PAGE_SIZE")
    except FileNotFoundError:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limits = [each for each in (soft, hard) if each != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min([taken + size, *limits]), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
