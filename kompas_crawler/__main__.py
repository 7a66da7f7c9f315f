"""The command `kompas`: every command of this project, in any directory.

`kompas search WORDS` is `scrapy search WORDS` in a checkout, and needs none.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from configparser import ConfigParser
from pathlib import Path

from scrapy.cmdline import execute
from scrapy.utils.conf import closest_scrapy_cfg

SETTINGS = "kompas_crawler.settings"


def main() -> None:
    """Run the command that the words of the command line name."""
    # Before Scrapy looks for a project: the directory may be in somebody else's.
    os.environ["SCRAPY_SETTINGS_MODULE"] = SETTINGS
    if not os.environ.get("KOMPAS_OUTPUT_DIR") and not _is_in_checkout():
        os.environ["KOMPAS_OUTPUT_DIR"] = str(Path.cwd() / "output")
    os.environ["KOMPAS_PROGRAM"] = "kompas"
    words = ["kompas", *sys.argv[1:]]
    if words[1:] in ([], ["-h"], ["--help"], ["help"]):
        _print_commands()
    else:
        execute(words)


def _is_in_checkout() -> bool:
    """Return whether the project that the current directory is in is this one."""
    config = ConfigParser()
    config.read(closest_scrapy_cfg() or ())
    return config.get("settings", "default", fallback=None) == SETTINGS


def _print_commands() -> None:
    """Print the commands as Scrapy lists them, under our own name."""
    listed = io.StringIO()
    with contextlib.redirect_stdout(listed), contextlib.suppress(SystemExit):
        execute(["kompas"])
    sys.stdout.write(listed.getvalue().replace("scrapy <command>", "kompas <command>"))


if __name__ == "__main__":
    main()
