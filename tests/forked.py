"""`python -m MODULE WORDS` in a process that has the imports already, for tests that start many.

`start` stands for `subprocess.Popen`, `run` for `subprocess.run`. A server, one for each process of
pytest, has imported what the modules import. It forks for each command, and the child takes the
environment, files and process group that were asked for and runs the module as its main program. It
is a process with signals and an exit code like any other. `multiprocessing` has such a server, too,
but its processes know that they belong to a pool, and skip the end of the interpreter.

What an interpreter reads only at its start cannot be given to a forked child: a command with other
PYTHON… variables, another locale or another directory is started as `python -m MODULE` after all.
"""

from __future__ import annotations

import atexit
import gc
import inspect
import io
import json
import os
import resource
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout, suppress
from functools import cache
from importlib import import_module, metadata, reload
from pathlib import Path
from pkgutil import walk_packages
from runpy import run_module
from threading import Lock
from typing import Any

from tests import kept_bundle

ROOT = Path(__file__).parent.parent
#: The modules that may be forked.
MODULES = (
    "scrapy",
    "kompas_standin",
    "tests.asking_crawler",
    "tests.disturbed_reparse",
    "tests.lying_site",
    "tests.stuck_parser",
)
#: A deprecated call in our own code fails, also in the processes that tests start.
WARNINGS = {"PYTHONWARNINGS": "error::DeprecationWarning:kompas_crawler"}
#: They import large packages, and few commands need them.
_RARE = {f"kompas_crawler.exports.{name}" for name in ("dataset", "parquet", "workbook")}
#: Functions without arguments that keep what they return.
_SAME_EACH_TIME = (
    ("archive.record", "_fitting"),
    ("archive.record", "_schema_check"),
    ("fleet.serialization", "_schema_check"),
    ("runs.log_validation", "_check"),
    ("search.lemmas", "_dictionary"),
)
_STREAMS = ("stdin", "stdout", "stderr")
_OPTIONS = {
    *_STREAMS,
    "cwd",
    "env",
    "text",
    "errors",
    "start_new_session",
    "process_group",
    "closed",
    "largest_file",
}
_NUMBER = struct.Struct("q")


def start(words: Sequence[str | Path], **options: Any) -> subprocess.Popen[Any]:
    """Start `[sys.executable, "-m", MODULE, …]` with the options of `subprocess.Popen`.

    Besides, `closed` names streams that the process does not have, as after a shell's `>&-`, and
    `largest_file` is a limit in bytes, as after its `ulimit -f`: to the process the disk is full.
    """
    words = [os.fspath(word) for word in words]
    if _may_be_forked(words, options):
        return _Forked(words, **options)
    return subprocess.Popen(words, **options)


def run(
    words: Sequence[str | Path],
    *,
    capture_output: bool = False,
    timeout: float | None = None,
    **options: Any,
) -> subprocess.CompletedProcess[Any]:
    """Start it, wait for its end, and kill it after `timeout` seconds, as `subprocess.run` does."""
    if capture_output:
        options |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with start(words, **options) as process:
        try:
            out, log = process.communicate(timeout=timeout)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(process.args, process.returncode, out, log)


def close() -> None:
    """End the servers of this process."""
    while _servers:
        _servers.popitem()[1].close()


def _read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    beginnings = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC_")
    return {k: v for k, v in environment.items() if k.startswith(beginnings)}


#: A PYTHONPATH with which the clock is wrong by KOMPAS_DAYS days.
OTHER_DAY = str(ROOT / "tests" / "other_day")
_OURS = _read_at_start({**os.environ, **WARNINGS})
_SERVED = (_OURS, _OURS | {"PYTHONPATH": OTHER_DAY})


def _may_be_forked(words: Sequence[str], options: Mapping[str, Any]) -> bool:
    return (
        sys.platform == "linux"  # the system libraries of macOS do not survive a fork
        and words[:2] == [sys.executable, "-m"]
        and words[2] in MODULES
        and options.keys() <= _OPTIONS
        and Path(options.get("cwd") or Path.cwd()) == ROOT
        and _read_at_start(options.get("env") or os.environ) in _SERVED
    )


class _Server:
    """The process that forks."""

    def __init__(self, read_at_start: Mapping[str, str]) -> None:
        self._lock = Lock()
        self._door, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.forked", str(theirs.fileno())],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], **read_at_start},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def fork(self, asked: Mapping[str, Any], files: Sequence[int]) -> int:
        """Return a pipe that gives the number of the new process, and at its end how it ended."""
        told, tells = os.pipe()
        text = json.dumps(asked).encode()
        try:
            with self._lock:
                socket.send_fds(self._door, [_NUMBER.pack(len(text))], [*files, tells])
                self._door.sendall(text)
        finally:
            os.close(tells)
        return told

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def close(self) -> None:
        self._door.close()
        self._process.wait()


_servers: dict[str, _Server] = {}


def _server(environment: Mapping[str, str]) -> _Server:
    read_at_start = _read_at_start(environment)
    name = json.dumps(read_at_start, sort_keys=True)
    if name not in _servers or _servers[name].has_ended():
        _servers[name] = _Server(read_at_start)
    return _servers[name]


class _Forked(subprocess.Popen):
    """A `subprocess.Popen` whose process the server forks, and waits for."""

    def __init__(
        self,
        words: Sequence[str],
        closed: Sequence[str] = (),
        largest_file: int | None = None,
        **options: Any,
    ) -> None:
        self._closed = [_STREAMS.index(name) for name in closed]
        self._largest_file = largest_file
        super().__init__(words, **options)

    def _execute_child(self, *given: Any) -> None:
        asked = inspect.signature(super()._execute_child).bind(*given).arguments
        pipes = [
            asked[f"{name}{end}"] for name in ("p2c", "c2p", "err") for end in ("read", "write")
        ]
        files = [pipes[0], pipes[3], pipes[5]]  # -1 is a stream of this process
        request = {name: asked[name] for name in ("args", "start_new_session", "process_group")}
        request |= {"environment": dict(asked["env"] or os.environ), "closed": self._closed}
        request["largest_file"] = self._largest_file
        self._told = _server(request["environment"]).fork(
            request, [number if file < 0 else file for number, file in enumerate(files)]
        )
        self._close_pipe_fds(*pipes)
        self.pid = self._read()
        self._child_created = True

    def _read(self) -> int:
        told = os.read(self._told, _NUMBER.size)
        if not told:
            raise ChildProcessError("the server of tests/forked.py has ended")
        return _NUMBER.unpack(told)[0]

    def _try_wait(self, wait_flags: int) -> tuple[int, int]:
        if wait_flags & os.WNOHANG and not select.select([self._told], [], [], 0)[0]:
            return 0, 0
        ended = self._read()
        os.close(self._told)
        return self.pid, ended

    def _internal_poll(self, _deadstate: int | None = None) -> int | None:
        if self.returncode is None and self._waitpid_lock.acquire(blocking=False):
            try:
                pid, ended = self._try_wait(os.WNOHANG)
                if pid:
                    self._handle_exitstatus(ended)
            finally:
                self._waitpid_lock.release()
        return self.returncode


def _serve(door: socket.socket) -> dict[str, Any] | None:
    """Fork for each request and return it in the child; return None when no more can come."""
    running: dict[int, tuple[int, int]] = {}  # by a descriptor that is readable at the end
    while True:
        ready = select.select([door, *running], [], [])[0]
        for ended in running.keys() & set(ready):
            os.close(ended)
            _tell_end(*running.pop(ended))
        if door not in ready:
            continue
        head, files, *_ = socket.recv_fds(door, _NUMBER.size, maxfds=4)
        if not head:
            return None
        asked = json.loads(door.recv(_NUMBER.unpack(head)[0], socket.MSG_WAITALL))
        *streams, tells = files
        if not (child := os.fork()):
            door.close()
            for file in (tells, *running, *(tells for _, tells in running.values())):
                os.close(file)
            for number, file in enumerate(streams):
                os.dup2(file, number)
                os.close(file)
            return asked
        for file in streams:
            os.close(file)
        with suppress(BrokenPipeError):
            os.write(tells, _NUMBER.pack(child))
        running[os.pidfd_open(child)] = (child, tells)


def _tell_end(child: int, tells: int) -> None:
    ended = os.waitpid(child, 0)[1]
    with suppress(BrokenPipeError):  # nobody waits for it any more
        os.write(tells, _NUMBER.pack(ended))
    os.close(tells)


def _become(asked: Mapping[str, Any]) -> str:
    """Make this process what a new interpreter would be, and return the module to run."""
    if asked["start_new_session"]:
        os.setsid()
    if asked["process_group"] >= 0:
        os.setpgid(0, asked["process_group"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(asked["environment"])
    time.tzset()
    if asked["largest_file"] is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (asked["largest_file"],) * 2)
    if asked["environment"].get("PYTHONPATH") == OTHER_DAY:
        import_module("sitecustomize").set_clock()
    tempfile.tempdir = None
    for number, name in enumerate(_STREAMS):
        stream = None if number in asked["closed"] else _opened(number, getattr(sys, name))
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    for number in asked["closed"]:
        os.close(number)
    reload(import_module("kompas_crawler.settings"))  # it reads the environment
    _, _, module, *words = asked["args"]
    sys.argv[1:] = words
    return module


def _opened(number: int, like: io.TextIOWrapper) -> io.TextIOWrapper:
    """Return a standard stream of this process, buffered as an interpreter does at its start."""
    file = io.FileIO(number, like.mode, closefd=False)
    file.name = like.name
    raw = like.write_through and like.writable()  # PYTHONUNBUFFERED
    stream = io.TextIOWrapper(
        file if raw else (io.BufferedWriter if like.writable() else io.BufferedReader)(file),
        encoding=like.encoding,
        errors=like.errors,
        newline="\n",
        line_buffering=not like.write_through and (number == 2 or os.isatty(number)),
        write_through=like.write_through,
    )
    stream.mode = like.mode
    return stream


def _import_all() -> None:
    """Import what the commands import, and install no reactor: each command chooses its own."""
    import pytest  # noqa: F401 - tests.lying_site imports it
    from scrapy.settings import default_settings
    from scrapy.utils.misc import load_object, walk_modules_iter

    components = [value for name, value in vars(default_settings).items() if name.isupper()]
    for name in [*walk_modules_iter("scrapy.commands"), *_texts(components)]:
        if isinstance(name, str) and name.startswith("scrapy.") and name.count(".") > 1:
            load_object(name)
    for package in ("kompas_crawler", "kompas_standin"):
        for found in walk_packages(import_module(package).__path__, f"{package}."):
            if found.name not in _RARE and not found.name.endswith("__main__"):
                import_module(found.name)
    _fill_caches()
    assert "twisted.internet.reactor" not in sys.modules


def _fill_caches() -> None:
    """Do once what each command does anew, and always with the same result."""
    for module, name in _SAME_EACH_TIME:
        getattr(import_module(f"kompas_crawler.{module}"), name)()
    kept_bundle.keep()
    metadata.entry_points = cache(metadata.entry_points)
    with redirect_stdout(io.StringIO()), suppress(SystemExit):
        import_module("scrapy.cmdline").execute(["scrapy"])  # lists the commands


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts(list(value.items()))
    elif isinstance(value, Sequence):
        for each in value:
            yield from _texts(each)


def _main() -> None:
    codes: list[int] = []
    atexit.register(_end, codes)  # what is registered first is called last
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for pytest, which then closes the door
    _import_all()
    gc.collect()
    gc.freeze()
    if asked := _serve(socket.socket(fileno=int(sys.argv[1]))):
        module = _become(asked)
        try:
            run_module(module, run_name="__main__", alter_sys=True)
            codes.append(0)
        except SystemExit as end:
            codes.append((end.code or 0) if isinstance(end.code, int | None) else 1)
            raise
        except Exception:
            codes.append(1)
            raise


def _end(codes: Sequence[int]) -> None:
    """End a forked process with its code, when its threads and all that waited for its end are done.

    An interpreter would then take apart all modules, also those of the server, which lasts longer
    than most commands. That is left to it where the end is not told by a code: after Ctrl-C, or
    where a stream cannot be written.
    """
    atexit._clear()  # with what only these functions held
    sys.last_traceback = sys.last_value = None
    gc.collect()
    with suppress(OSError, ValueError):
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.flush()
        for code in codes:
            os._exit(code & 0xFF)


if __name__ == "__main__":
    _main()
