"""A limit on the memory that one step may take, held by the kernel."""

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
    """Let the process take `size` bytes more than it has now; what asks for more fails.

    Linux holds it, for every thread of the process. Other systems have no such limit.
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
