"""A command of ours in this process, through Scrapy's own door: for tables of many cases.

`python -m tests.in_process OUTPUT '[["show", "ID"], …]'` runs several in one process, which another
user or another checkout may own, and prints how each ended as JSON.
"""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

from scrapy.cmdline import execute

from tests.command_line import Done
from tests.conftest import ROOT


def run_in_process(name: str, *words: str, output: Path) -> Done:
    """Run `scrapy NAME WORDS` as `tests.command_line.scrapy` does, without a new process."""
    out, log = io.StringIO(), io.StringIO()
    told = {"KOMPAS_OUTPUT_DIR": str(output), "SCRAPY_SETTINGS_MODULE": "kompas_crawler.settings"}
    code = None
    hook = patch.object(sys, "unraisablehook", sys.unraisablehook)
    with (
        patch.dict(os.environ, told),
        hook,
        chdir(ROOT),
        redirect_stdout(out),
        redirect_stderr(log),
    ):
        try:
            execute(["scrapy", name, *words, "-s", f"KOMPAS_OUTPUT_DIR={output}"])
        except SystemExit as end:
            code = end.code
    return Done(code, out.getvalue(), log.getvalue())


if __name__ == "__main__":
    asked = json.loads(sys.argv[2])
    done = [vars(run_in_process(*words, output=Path(sys.argv[1]))) for words in asked]
    sys.stdout.write(json.dumps(done))
