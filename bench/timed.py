"""What does one command cost, as a person would start it?"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

HOME = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one process and those it waited for: seconds, and the peak of the largest in MB."""

    s: float
    cpu_s: float
    mb: int
    began: float
    said: str

    def row(self) -> dict[str, float]:
        return {"s": round(self.s, 2), "CPU s": round(self.cpu_s, 2), "MB": self.mb}


def timed(*words: str, environment: Mapping[str, str] | None = None) -> Cost:
    """Run `python -m` with these words; SystemExit with the end of its log if it fails."""
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as log:
        began, clock = time.time(), time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - our own words
            [sys.executable, "-m", *words],
            env={**os.environ, **(environment or {})},
            cwd=HOME,
            stdout=said,
            stderr=log,
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - clock
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"{' '.join(words)}\n{_text(log)[-3000:]}")
        told = _text(said)
    return Cost(
        s=seconds,
        cpu_s=used.ru_utime + used.ru_stime,
        mb=round(used.ru_maxrss / 1024),
        began=began,
        said=told,
    )


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")
