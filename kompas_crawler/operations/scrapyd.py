"""Deployment of this project to a Scrapyd server, and a check that the server can run it.

Scrapyd answers HTTP 200 for an egg it cannot run, keeps it, and makes it the default version, so
that the next scheduled job fails. The answer is therefore read, and such an egg is deleted.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from configparser import ConfigParser
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from kompas_crawler.errors import BadArgument, NotDeployed
from kompas_crawler.secret_urls import NoRedirects, parts_of

TIMEOUT = 60.0  # seconds; the server imports the whole project before it answers
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A Scrapyd server, and the name of this project there."""

    url: str
    project: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)


def read_target(config: ConfigParser, name: str | None, environ: Mapping[str, str]) -> Target:
    """Return the target that `[deploy]` or `[deploy:NAME]` of a scrapy.cfg describes.

    SCRAPYD_USERNAME and SCRAPYD_PASSWORD of the environment win; Scrapyd reads the same ones.
    Raises BadArgument.
    """
    section = f"deploy:{name}" if name else "deploy"
    if not config.has_section(section):
        known = ", ".join(each for each in config.sections() if each.startswith("deploy")) or "none"
        raise BadArgument(f"scrapy.cfg has no section [{section}]; it has {known}")
    options = config[section]
    url = _web_address(section, options.get("url", ""))
    return Target(
        url=url,
        project=options.get("project", "kompas_crawler"),
        username=environ.get("SCRAPYD_USERNAME") or options.get("username"),
        password=environ.get("SCRAPYD_PASSWORD") or options.get("password"),
    )


def _web_address(section: str, url: str) -> str:
    if "@" in url:
        raise BadArgument(
            f"[{section}] url holds a user name: name and password belong into SCRAPYD_USERNAME and"
            " SCRAPYD_PASSWORD, for the address is shown"
        )
    parts = parts_of(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadArgument(f"[{section}] url={url!r} is no address such as http://127.0.0.1:6800/")
    return url.rstrip("/") + "/"


def build_egg(root: Path) -> bytes:
    """Return the egg of the project below `root`, package data included; raise NotDeployed.

    Everything setuptools leaves behind lies in a temporary directory: what an earlier build left
    in `build/` does not get into the egg.
    """
    if not (root / "setup.py").exists():
        raise NotDeployed(f"{root} has no setup.py: deploy from a checkout of the project")
    with TemporaryDirectory(prefix="kompas-egg-") as folder:
        command = (
            *(sys.executable, "setup.py", "--quiet"),
            *("egg_info", f"--egg-base={folder}"),
            *("build", f"--build-base={folder}/build"),
            *("bdist_egg", f"--bdist-dir={folder}/bdist", f"--dist-dir={folder}/dist"),
        )
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
            raise NotDeployed(
                f"the egg could not be built: {''.join(last)}. Building needs what is in"
                " requirements-scrapyd.txt; `make deploy` installs it"
            )
        (egg,) = Path(folder, "dist").glob("*.egg")
        return egg.read_bytes()


class Scrapyd:
    """The API of one Scrapyd server. Everything raises NotDeployed where it does not answer `ok`."""

    def __init__(self, target: Target) -> None:
        self.target = target
        # No proxy is used for addresses of this machine.
        is_here = urlsplit(target.url).hostname in LOOPBACK
        self._opener = build_opener(ProxyHandler({}) if is_here else ProxyHandler(), NoRedirects)

    def deploy(self, egg: bytes, version: int, spiders: Collection[str]) -> None:
        """Make this egg the default version; if it does not run, restore the one before.

        The version is a whole number: Scrapyd compares others as text, and 10.0 comes before 9.0.
        """
        self.get("daemonstatus.json")  # before anything is uploaded
        try:
            self.post("addversion.json", version=str(version), egg=egg)
            self._check(str(version), spiders)
        except NotDeployed as failure:
            self._delete_version(str(version), failure)
            raise

    def get(self, resource: str, **query: str) -> Mapping[str, Any]:
        """Return the JSON answer to GET of a resource such as `status.json`."""
        query_string = urlencode({"project": self.target.project, **query})
        return self._answer(Request(f"{urljoin(self.target.url, resource)}?{query_string}"))  # noqa: S310

    def post(self, resource: str, **fields: str | bytes | Sequence[str]) -> Mapping[str, Any]:
        """Return the JSON answer to POST to a resource such as `schedule.json`."""
        form = urlencode({"project": self.target.project, **fields}, doseq=True).encode()
        return self._answer(Request(urljoin(self.target.url, resource), form))  # noqa: S310

    def _check(self, version: str, spiders: Collection[str]) -> None:
        served = self.get("listspiders.json", _version=version)["spiders"]
        if sorted(served) != sorted(spiders):
            raise NotDeployed(f"version {version} has the spiders {served}, not {sorted(spiders)}")
        versions = self.get("listversions.json")["versions"]
        if versions[-1] != version:
            raise NotDeployed(
                f"version {version} would not be the default: {versions[-1]} sorts after it; remove"
                " that one with delversion.json"
            )

    def _delete_version(self, version: str, failure: NotDeployed) -> None:
        try:
            self.post("delversion.json", version=version)
        except NotDeployed as second:
            failure.add_note(f"Version {version} may still be there: {second}")

    def _answer(self, request: Request) -> Mapping[str, Any]:
        if self.target.username and self.target.password:
            pair = f"{self.target.username}:{self.target.password}".encode()
            request.add_header("Authorization", "Basic " + base64.b64encode(pair).decode())
        try:
            with self._opener.open(request, timeout=TIMEOUT) as response:
                answer: dict[str, Any] = json.load(response)
        except HTTPError as error:
            error.close()
            raise NotDeployed(_why_not(self.target, error.code)) from error
        except ValueError as error:
            raise NotDeployed(f"{self.target.url} gave no answer of a Scrapyd: {error}") from error
        except (OSError, HTTPException) as error:
            asked = f"{self.target.url} could not be asked, does Scrapyd run there?"
            raise NotDeployed(f"{asked} {error}") from error
        if answer.get("status") != "ok":
            raise NotDeployed(_last_line(str(answer.get("message", answer))))
        return answer


def _why_not(target: Target, status: int) -> str:
    if status == 401:
        return (
            f"{target.url} refused the password (HTTP 401): set SCRAPYD_USERNAME and SCRAPYD_PASSWORD to"
            " what the server has"
        )
    leads = "leads elsewhere" if 300 <= status < 400 else "could not be asked"
    return f"{target.url} {leads} (HTTP {status}): is it the address of a Scrapyd?"


def _last_line(message: str) -> str:
    """Return the last line of the traceback that Scrapyd sends."""
    lines = [line for line in message.strip().splitlines() if line.strip()]
    last = lines[-1].strip() if lines else "the server gave no reason"
    return "".join(each if each.isprintable() else "?" for each in last)
