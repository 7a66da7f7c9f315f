"""A web server on loopback that keeps what is POSTed to it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Recorder(BaseHTTPRequestHandler):
    """Keeps what its server makes of a path and a body; answers as the server is told to."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.received.append(self.server.noted(self.path, body))
        time.sleep(self.server.delay)
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def recording(noted: Callable[[str, str], Any]) -> Iterator[ThreadingHTTPServer]:
    """Run a server; `received` holds what `noted` returns for each path and body."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Recorder) as server:
        server.daemon_threads = True
        server.block_on_close = False
        server.received, server.noted = [], noted
        server.status, server.delay, server.location = 200, 0, None
        server.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()
