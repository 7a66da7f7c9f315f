"""Start the stand-in for Kompas.com from the command line."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from twisted.internet import error, protocol, reactor
from twisted.internet.base import ReactorBase
from twisted.python.failure import Failure

from kompas_standin.articles import LAYOUTS, WIB
from kompas_standin.environment import environment
from kompas_standin.faults import KINDS, Schedule, read_faults
from kompas_standin.server import LOOPBACK, StandIn
from kompas_standin.site import Site

_reactor = cast(ReactorBase, reactor)

DESCRIPTION = """\
A stand-in for Kompas.com on a loopback port: an HTTP and HTTPS proxy that answers the true
addresses of the international section with generated articles. No internet is used or reached."""
_FAULTS = "\n  ".join(f"{name:14} {what}" for name, what in KINDS.items())
EPILOG = f"""\
Use it by hand:
  python -m kompas_standin --port 8100 --ca ca.pem
  https_proxy=http://127.0.0.1:8100 SSL_CERT_FILE=ca.pem scrapy crawl international
or let it do that, and keep its invented articles apart, in output/stand-in, or in
KOMPAS_OUTPUT_DIR if nothing else lies there, else in stand-in/ below it:
  python -m kompas_standin --run scrapy crawl international

Faults (--faults FILE, a JSON list; or POST it to /faults on the port):
  {_FAULTS}
  with "match", "on", "per", "probability", "times" and "seed": see faults.py.

The port itself answers /requests, /ids, /record?id=, /publish, /revise?id=, /remove?id=, /now?at=.
"""


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m kompas_standin",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one (default)")
    add("--days", type=int, default=3, help="days that have articles (default 3)")
    add("--per-day", type=int, default=20, help="articles a day (default 20)")
    add("--last-day", type=date.fromisoformat, metavar="DATE", help="default: today in Jakarta")
    add("--now", type=datetime.fromisoformat, metavar="TIME", help="default: last day, 23:00 WIB")
    add("--seed", default="1", help="another seed makes another site (default 1)")
    add("--layout", choices=["mixed", *LAYOUTS], default="mixed", help="template of the articles")
    codes = ["global", "internasional", "news"]
    add("--index-site", choices=codes, default="global", help="code of the index")
    add("--index-markup", choices=["2017", "2024"], default="2024", help="markup of the index")
    add("--front-pages", type=int, default=10, help="pages of the section front (default 10)")
    add("--second-host", type=float, default=0.1, help="share on internasional.kompas.com")
    add("--evergreen", type=int, default=0, help="old articles listed again each day")
    add("--twins", action="store_true", help="one article a day repeats another's words")
    add("--no-page-all", action="store_true", help="?page=all answers page 1 only")
    add("--weight", choices=["light", "full"], default="light", help="45 or 200 KB a page")
    add("--faults", type=Path, metavar="FILE", help="a schedule of faults, as JSON")
    add("--ca", type=Path, metavar="FILE", help="write the certificate to trust there")
    add("--ready", type=Path, metavar="FILE", help="write the address there once it listens")
    add("--log", type=Path, metavar="FILE", help="write every request there, as JSON lines")
    add("--output", metavar="DIR", help="where --run stores what it invents (default: see above)")
    add("--run", nargs=argparse.REMAINDER, metavar="COMMAND", help="run it against the stand-in")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Serve until stopped, or until the command given ends; return the exit code."""
    parser = arguments()
    options = parser.parse_args(argv)
    if options.now and options.now.tzinfo is None:
        options.now = options.now.replace(tzinfo=WIB)
    try:
        schedule = Schedule(read_faults(options.faults.read_text()) if options.faults else ())
    except (OSError, ValueError) as problem:
        parser.error(f"--faults: {problem}")
    try:
        output = _apart(options.output) if options.run else None
    except ValueError as refusal:
        parser.error(str(refusal))
    log = options.log.open("a", encoding="utf-8") if options.log else None
    stand_in = StandIn(_site(options), schedule, log)
    port = stand_in.listen(cast(Any, reactor), options.port)
    address = f"http://{LOOPBACK}:{port.getHost().port}"
    with tempfile.TemporaryDirectory(prefix="kompas-standin-") as own:
        ca = (options.ca or Path(own) / "ca.pem").absolute()
        stand_in.authority.write(ca)
        if options.ready:
            _write_at_once(options.ready, f"{address}\n")
        sys.stdout.write(f"The stand-in for Kompas.com listens at {address}; its authority: {ca}\n")
        sys.stdout.flush()
        return _run(options.run, environment(address, ca), output) if output else _serve()


def _site(options: argparse.Namespace) -> Site:
    last = options.last_day or (options.now or datetime.now(WIB)).astimezone(WIB).date()
    return Site(
        options.seed,
        last - timedelta(days=options.days - 1),
        last,
        options.per_day,
        layout=options.layout,
        now=options.now,
        second_host=options.second_host,
        index_site=options.index_site,
        index_markup=options.index_markup,
        front_pages=options.front_pages,
        evergreen=options.evergreen,
        twins=options.twins,
        page_all=not options.no_page_all,
        weight=options.weight,
    )


def _write_at_once(path: Path, text: str) -> None:
    """Write a file so that whoever waits for it never sees half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    with draft.open("x", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def _serve() -> int:
    _reactor.run()
    return 0


class _Command(protocol.ProcessProtocol):
    """A command that shares our terminal and takes the stand-in down with it."""

    code = 1

    def processEnded(self, reason: Failure) -> None:  # noqa: N802 - Twisted's name
        ended = reason.value
        if isinstance(ended, error.ProcessDone):
            self.code = 0
        elif isinstance(ended, error.ProcessTerminated):
            self.code = 128 + ended.signal if ended.signal else ended.exitCode
        _reactor.stop()


def _apart(told: str | None) -> Path:
    """Return where invented articles go: beside true ones they would count as true.

    Raises `ValueError` for what is no path.
    """
    if told is not None:
        return _read_path("--output", told)
    # Only who runs a command needs Scrapy.
    from scrapy.utils.conf import closest_scrapy_cfg

    given = os.environ.get("KOMPAS_OUTPUT_DIR")
    if not given:
        return Path(closest_scrapy_cfg()).parent.absolute() / "output" / "stand-in"
    configured = _read_path("KOMPAS_OUTPUT_DIR", given)
    return configured if _holds_no_true_runs(configured) else configured / "stand-in"


def _read_path(name: str, text: str) -> Path:
    if not text.strip() or text != text.strip(" \"'") or not text.isprintable():
        raise ValueError(f"{name}={text!r} is no plain path")
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as error:
        raise ValueError(f"{name}={text!r} names the home of a user who is unknown here") from error


def _holds_no_true_runs(root: Path) -> bool:
    lines = root / "crawls.jsonl"
    if not lines.exists():
        return not any(root.glob("articles/*.jsonl"))
    return all(map(_is_no_true_run, lines.read_bytes().splitlines()))


def _is_no_true_run(line: bytes) -> bool:
    try:
        run = json.loads(line)
    except ValueError:
        return True  # torn by a crash
    return not isinstance(run, dict) or "crawl" not in run or bool(run.get("stand_in"))


def _run(command: list[str], more: Mapping[str, str], output: Path) -> int:
    process = _Command()
    told = {**os.environ, **more, "KOMPAS_OUTPUT_DIR": str(output)}

    def start() -> None:
        spawned = cast(Any, reactor).spawnProcess(
            process, command[0], command, told, childFDs={0: 0, 1: 1, 2: 2}
        )
        for number in (signal.SIGINT, signal.SIGTERM):
            # The command ends in its own way; we end when it has.
            signal.signal(number, lambda signum, _: spawned.signalProcess(signum))

    _reactor.callWhenRunning(start)
    _reactor.run()
    return process.code


if __name__ == "__main__":
    sys.exit(main())
