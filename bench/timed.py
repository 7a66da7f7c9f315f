"""What does one command cost, as a person would start it?

As a script, it starts the command it is given and writes down what that used. A process counts
what its parent held when it was started as its own memory, so the parent is to be a small one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path

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


def timed(
    *words: str, environment: Mapping[str, str] | None = None, fine: Container[int] = (0,)
) -> Cost:
    """Run `python -m` with these words; SystemExit with the end of its log if its code is not fine."""
    with tempfile.TemporaryDirectory() as folder:
        used = Path(folder) / "used.json"
        ended = subprocess.run(  # noqa: S603 - our own words
            [sys.executable, "-S", __file__, str(used), sys.executable, "-m", *words],
            env={**os.environ, **(environment or {})},
            cwd=HOME,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if ended.returncode not in fine:
            raise SystemExit(f"{' '.join(words)}\n{(ended.stderr or ended.stdout)[-3000:]}")
        return Cost(said=ended.stdout, **json.loads(used.read_text()))


def _start(used: Path, command: list[str]) -> int:
    began, clock = time.time(), time.perf_counter()
    process = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(process, 0)
    cost = {
        "s": time.perf_counter() - clock,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "mb": round(usage.ru_maxrss / 1024),
        "began": began,
    }
    used.write_text(json.dumps(cost))
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(_start(Path(sys.argv[1]), sys.argv[2:]))
