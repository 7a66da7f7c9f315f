"""The check that the program runs on this Python and this system.

`make` runs it before it installs anything, so any Python from 2.7 on must be able to run it.
"""

import os
import sys

OLDEST = (3, 11)


def refusal(version=sys.version_info[:2], system=os.name):
    # type: (tuple[int, ...], str) -> str
    """Return in one sentence why the program does not run here, "" where it does."""
    if system == "nt":
        return (
            "kompas_crawler runs on Linux and macOS: Windows has no locks as it needs them;"
            " use WSL there (https://learn.microsoft.com/windows/wsl)."
        )
    if tuple(version) < OLDEST:
        return (
            "kompas_crawler needs Python {} or newer, and this is {} ({}): install a newer one and"
            " say which, as in: make PYTHON=python3.13 test"
        ).format(_dotted(OLDEST), _dotted(version), sys.executable)
    return ""


def _dotted(version):
    # type: (tuple[int, ...]) -> str
    return ".".join(map(str, version))


def main(wanted):
    # type: (list[str]) -> str
    """Return why this Python cannot be used, "" if it can; `wanted` may hold a version, as "3.13"."""
    here = _dotted(sys.version_info[:2])
    if wanted and wanted[0] != here:
        return "this is Python {}, not {}".format(here, wanted[0])
    return refusal()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) or None)
