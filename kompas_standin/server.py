"""The HTTP and HTTPS proxy on loopback that answers Kompas's addresses.

A crawler that uses it (`http_proxy`, `https_proxy`) asks for https://www.kompas.com as
ever; the stand-in answers the CONNECT itself, with a certificate of its own authority. Hosts that
are not Kompas's get 502: nothing leaves the machine.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import IO, Any
from urllib.parse import urlsplit

from twisted.internet import protocol

from kompas_standin import admin
from kompas_standin.answers import Answer, Answers, PageRequest, apply_to_site, redirect, with_fault
from kompas_standin.authority import Authority
from kompas_standin.faults import Fault, Schedule
from kompas_standin.site import Site
from kompas_standin.templates import plain
from kompas_standin.templates.pieces import page_gzip

_KOMPAS = re.compile(r"(?:[\w-]+\.)*kompas\.com")
_HEAD_END = b"\r\n\r\n"
#: Every answer has this header, so that a crawler can tell what is invented.
HEADER = "X-Kompas-Stand-In"
_LONGEST_HEAD = 64 * 1024
LOOPBACK = "127.0.0.1"


class StandIn:
    """A site, what goes wrong with it, and the port where it listens."""

    def __init__(self, site: Site, schedule: Schedule | None = None, log: IO[str] | None = None):
        self.site = site
        self.schedule = schedule or Schedule()
        self.requests: list[str] = []
        self.authority = Authority()
        self.tls = self.authority.server_options()
        self.answers = Answers(site)
        self.admin = admin.Admin(site, self.schedule, self.requests)
        self._log = log

    def listen(self, reactor: Any, port: int = 0) -> Any:
        """Listen on loopback with a Twisted reactor and return the listening port.

        Port 0 takes a free one, which `getHost().port` of what is returned tells.
        """
        return reactor.listenTCP(port, _Exchanges(self, reactor), interface=LOOPBACK)

    def note(self, row: dict[str, Any]) -> None:
        """Keep what was asked, in memory and in the log."""
        line = json.dumps(row) + "\n"
        self.requests.append(line)
        if self._log:
            self._log.write(line)
            self._log.flush()


class _Exchanges(protocol.ServerFactory):
    noisy = False

    def __init__(self, stand_in: StandIn, reactor: Any) -> None:
        self._stand_in, self._reactor = stand_in, reactor

    def buildProtocol(self, addr: Any) -> Exchange:  # noqa: N802 - Twisted's name
        return Exchange(self._stand_in, self._reactor)


class Exchange(protocol.Protocol):
    """One connection: requests one after the other, first to the proxy, then inside TLS."""

    transport: Any  # Twisted's interfaces tell mypy nothing

    def __init__(self, stand_in: StandIn, reactor: Any) -> None:
        self._stand_in, self._reactor = stand_in, reactor
        self._received = b""
        self._secure_host = ""
        self._stalled = False

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Answer every whole request that has come."""
        self._received += data
        while not self._stalled and (request := self._whole_request()):
            self._answer(*request)
        if len(self._received) > _LONGEST_HEAD:
            self.transport.abortConnection()

    def _whole_request(self) -> tuple[str, str, dict[str, str], bytes] | None:
        """Take one request off what was received, or None while it is not all there."""
        head, found, rest = self._received.partition(_HEAD_END)
        if not found:
            return None
        lines = head.decode("latin-1").split("\r\n")
        method, _, remainder = lines[0].partition(" ")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        length = int(headers.get("content-length") or 0)
        if len(rest) < length:
            return None
        self._received = rest[length:]
        return method, remainder.rpartition(" ")[0], headers, rest[:length]

    def _answer(self, method: str, target: str, headers: dict[str, str], sent: bytes) -> None:
        if method == "CONNECT":
            self._connect(target)
            return
        asked = self._asked(target, headers)
        if asked.host == admin.HOST or not asked.host:
            self._send(self._stand_in.admin.to(method, asked, sent), headers, method)
        elif not _KOMPAS.fullmatch(asked.host):
            self._note(asked, 502, None)
            self._send(_unknown_host(), headers, method)
        elif not self._secure_host:
            self._note(asked, 301, None)
            self._send(redirect(f"https://{asked.host}{asked.target}"), headers, method)
        else:
            self._serve(asked, headers, method)

    def _connect(self, target: str) -> None:
        host = target.rpartition(":")[0].lower()
        if not _KOMPAS.fullmatch(host):
            self._note(PageRequest(host=host, target=""), 502, None)
            self._send(_unknown_host(), {}, "GET")
            return
        self.transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self._secure_host = host
        self.transport.startTLS(self._stand_in.tls)

    def _asked(self, target: str, headers: dict[str, str]) -> PageRequest:
        """Return what was asked for; without a host where it was the stand-in's own port."""
        cookie = headers.get("cookie", "")
        if self._secure_host:
            return PageRequest(host=self._secure_host, target=target, cookie=cookie)
        parts = urlsplit(target)
        query = f"?{parts.query}" if parts.query else ""
        return PageRequest(
            host=(parts.hostname or "").lower(), target=f"{parts.path or '/'}{query}", cookie=cookie
        )

    def _serve(self, asked: PageRequest, headers: dict[str, str], method: str) -> None:
        stand_in = self._stand_in
        fault = stand_in.schedule.due(f"{asked.host}{asked.target}")
        if fault is None:
            answer = stand_in.answers.to(asked)
            self._note(asked, answer.status, None)
            self._send(answer, headers, method)
            return
        apply_to_site(fault, stand_in.site, asked)
        answer = with_fault(stand_in.answers.to(asked), fault, stand_in.site)
        self._note(asked, answer.status, fault.kind)
        self._send_with(fault, lambda: self._send(answer, headers, method))

    def _send_with(self, fault: Fault, send: Callable[[], None]) -> None:
        if fault.kind == "reset":
            self.transport.abortConnection()
        elif fault.kind == "timeout":
            self._stalled = True
        elif fault.kind == "slow":
            self._stalled = True
            self._reactor.callLater(fault.seconds, self._send_late, send)
        else:
            send()

    def _send_late(self, send: Callable[[], None]) -> None:
        self._stalled = False
        if self.connected:
            send()
            self.dataReceived(b"")

    def _send(self, answer: Answer, headers: dict[str, str], method: str) -> None:
        """Write an answer; one whose announced length is a lie ends the connection."""
        packed = "gzip" in headers.get("accept-encoding", "") and not isinstance(answer.page, bytes)
        content = page_gzip(answer.page) if packed else answer.raw  # type: ignore[arg-type]
        length = answer.length if answer.length is not None else len(content)
        lines = [
            f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}",
            f"Content-Type: {answer.type}",
            f"Content-Length: {length}",
            f"{HEADER}: invented",
            *(f"{name}: {value}" for name, value in answer.headers),
        ]
        if packed:
            lines.append("Content-Encoding: gzip")
        closing = answer.length is not None or headers.get("connection", "").lower() == "close"
        lines.append(f"Connection: {'close' if closing else 'keep-alive'}")
        head = "\r\n".join(lines).encode() + _HEAD_END
        self.transport.write(head + (b"" if method == "HEAD" else content))
        if closing:
            self.transport.loseConnection()

    def _note(self, asked: PageRequest, status: int, fault: str | None) -> None:
        self._stand_in.note(
            {
                "time": round(time.time(), 3),
                "host": asked.host,
                "target": asked.target,
                "status": status,
                "fault": fault,
            }
        )


def _unknown_host() -> Answer:
    return Answer(page=plain.simple("Bukan alamat Kompas.com"), status=502)
