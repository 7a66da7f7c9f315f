"""Starting a stand-in in a process of its own, and routing a crawler to it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kompas_standin.environment import environment

_HOME = Path(__file__).parents[1]
_PATIENCE = 30.0  # seconds until it must listen, and until it must answer


class LaunchedStandIn:
    """A stand-in in a process of its own."""

    def __init__(self, address: str, ca: Path) -> None:
        self.address = address
        self.ca = ca
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead a crawler to it."""
        return environment(self.address, self.ca)

    def ask(self, target: str) -> Any:
        """Return the answer to GET of an admin address: `/ids`, `/record?id=…`, `/requests`, …"""
        return self._call(urllib.request.Request(self.address + target))  # noqa: S310 - loopback

    def tell(self, target: str, sent: Any = None) -> Any:
        """POST to an admin address, `sent` as JSON, and return its answer."""
        body = b"" if sent is None else json.dumps(sent).encode()
        request = urllib.request.Request(self.address + target, data=body)  # noqa: S310
        return self._call(request)

    def _call(self, request: urllib.request.Request) -> Any:
        with self._opener.open(request, timeout=_PATIENCE) as response:
            text = response.read().decode()
        if request.full_url.endswith("/requests"):
            return [json.loads(line) for line in text.splitlines()]
        return json.loads(text)


@contextmanager
def launch_stand_in(
    *options: str, popen: Callable[..., subprocess.Popen[bytes]] = subprocess.Popen
) -> Iterator[LaunchedStandIn]:
    """Start `python -m kompas_standin` with these options, and stop it at the end."""
    with tempfile.TemporaryDirectory(prefix="kompas-standin-") as folder:
        ready, ca = Path(folder) / "address", Path(folder) / "ca.pem"
        command = [sys.executable, "-m", "kompas_standin", *options]
        command += ["--ready", str(ready), "--ca", str(ca)]
        paths = (str(_HOME), os.environ.get("PYTHONPATH", ""))
        found = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        process = popen(command, stdout=subprocess.DEVNULL, env=found)
        try:
            yield LaunchedStandIn(_address(process, ready), ca)
        finally:
            process.terminate()
            process.wait()


def _address(process: subprocess.Popen[bytes], ready: Path) -> str:
    deadline = time.monotonic() + _PATIENCE
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the stand-in did not start (exit code {process.poll()})")
        time.sleep(0.02)
    return ready.read_text().strip()
