"""A command of ours, started as a user starts it, for the tests of the commands."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import forked
from tests.conftest import PATIENCE, QUICK, ROOT, Remote, environment


@dataclass
class Done:
    """How a command ended, and what it said."""

    code: int
    out: str
    log: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def scrapy(
    name: str,
    *words: str,
    output: Path,
    remote: Remote | None = None,
    home: Path = ROOT,
    **settings: str,
) -> Done:
    """Run `scrapy NAME WORDS`, against a stand-in if one is given."""
    chosen = [part for k, v in (QUICK | settings).items() for part in ("-s", f"{k}={v}")]
    done = forked.run(
        [sys.executable, "-m", "scrapy", name, *words, *chosen],
        cwd=home,
        env=environment(remote, output),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)
