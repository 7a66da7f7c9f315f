"""Every file of deploy/ is used as its reader would use it; deploy/scrapyd.conf in test_scrapyd."""

from __future__ import annotations

import ast
import configparser
import getpass
import grp
import importlib.metadata
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import tomllib
import traceback
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from kompas_crawler.errors import BadArgument, NotDeployed
from kompas_crawler.operations.scrapyd import Scrapyd, Target, build_egg, read_target
from tests.conftest import QUICK, ROOT, Remote, environment, runs, stored

DEPLOY = ROOT / "deploy"
HOME, DATA, LOGS = "/opt/kompas-crawler", "/var/lib/kompas-crawler", "/var/log/kompas-crawler"
PATIENCE = 60
HASH = r" +--hash=sha256:[0-9a-f]{64}"
LOGROTATE = shutil.which("logrotate") or shutil.which("/usr/sbin/logrotate")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The directories that the files name, below a temporary one."""
    for path in (HOME, DATA, LOGS):
        (tmp_path / path.lstrip("/")).mkdir(parents=True)
    home = tmp_path / HOME.lstrip("/")
    (home / ".venv").symlink_to(sys.prefix)
    (home / "kompas_crawler").symlink_to(ROOT / "kompas_crawler")
    shutil.copy(ROOT / "scrapy.cfg", home)
    return tmp_path


def there(machine: Path, text: str) -> str:
    """Return a file of deploy/ with its paths on that machine, and nothing else changed."""
    for path in (HOME, DATA, LOGS):
        text = text.replace(path, f"{machine}{path}")
    return text


def lead(remote: Remote | None) -> dict[str, str]:
    """What leads to a stand-in, or to nobody, and nothing of this test's own environment."""
    if remote is None:
        return dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
    told = environment(remote, Path())
    return {name: told[name] for name in ("http_proxy", "https_proxy", "SSL_CERT_FILE")}


def quick(words: str) -> str:
    """Let a command line crawl without our pauses."""
    chosen = " ".join(
        f"-s {name}={value}" for name, value in (QUICK | {"RETRY_TIMES": "0"}).items()
    )
    return re.sub(r"crawl (international|backfill)\b", rf"crawl \1 {chosen}", words)


# cron.


def crontab(text: str) -> tuple[dict[str, str], list[str]]:
    """Return the variables and the lines with a time, as cron reads a user's crontab."""
    told, lines = {}, []
    for row in text.splitlines():
        if assignment := re.fullmatch(r"(\w+)=(.*)", row):
            told[assignment[1]] = assignment[2]
        elif row.strip() and not row.startswith("#"):
            lines.append(row)
    return told, lines


def by_cron(
    machine: Path, remote: Remote | None, start: str = "17 * * * *", **changes: str
) -> subprocess.CompletedProcess[str]:
    """Run the line that begins so, of both crontabs, as cron does; `changes` are of variables."""
    text = "".join((DEPLOY / name).read_text() for name in ("crontab", "crontab-backfill"))
    told, lines = crontab(there(machine, text))
    (words,) = (line.removeprefix(start) for line in lines if line.startswith(start))
    assert "%" not in words, "cron makes a newline of it"
    told |= changes
    told["KOMPAS_PIECE"] = quick(told["KOMPAS_PIECE"])
    given = {"HOME": str(machine), "LOGNAME": "kompas", **told, **lead(remote)}
    assignments = [f"{name}={value}" for name, value in given.items()]
    return subprocess.run(
        ["env", "-i", *assignments, told["SHELL"], "-c", quick(words)],
        check=False,
        cwd=machine,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def test_crons_line_collects_in_an_empty_environment_and_says_nothing(stand_in, machine):
    done = by_cron(machine, stand_in("--days", "2", "--per-day", "4"))
    output = Path(f"{machine}{DATA}")
    log = Path(f"{machine}{LOGS}/international.log").read_text()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), log
    assert [line["outcome"] for line in runs(output)] == ["complete"]
    assert stored(output)
    assert "ended as complete, " in log


def test_crons_line_mails_what_went_wrong_but_not_that_a_run_is_at_work(machine):
    failed = by_cron(machine, None)
    assert failed.returncode == 13
    assert failed.stdout.startswith("kompas_crawler: exit code 13, see docs/operations.md\n")
    assert "ended as unreachable, " in failed.stdout
    lock = f"{machine}{DATA}/.international.lock"
    with subprocess.Popen(["flock", lock, "sh", "-c", "echo held; read _"], text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:  # fmt: skip
        holder.stdout.readline()
        locked = by_cron(machine, None)
        holder.communicate("\n")
    assert (locked.returncode, locked.stdout) == (15, "")


def test_crons_line_ends_within_its_hour():
    _, (line, _) = crontab((DEPLOY / "crontab").read_text())
    grace, limit = map(int, re.search(r"timeout --preserve-status -k (\d+) (\d+) ", line).groups())
    assert line.split()[:5] == ["17", "*", "*", "*", "*"]
    assert 0 < grace < grace + limit < 3600


def test_crons_check_of_health_mails_only_if_no_run_was_complete(stand_in, machine):
    silent = by_cron(machine, None, "7 */6 * * *")
    assert "international: no run yet" in silent.stdout
    remote = stand_in("--days", "1", "--per-day", "2")
    assert by_cron(machine, remote).returncode == 0
    assert by_cron(machine, None, "7 */6 * * *").stdout == ""


def test_a_backfill_goes_on_piece_by_piece_where_the_last_one_ended(stand_in, machine):
    remote = stand_in("--days", "6", "--per-day", "3")
    output, log = Path(f"{machine}{DATA}"), Path(f"{machine}{LOGS}/backfill.log")
    told, _ = crontab(there(machine, (DEPLOY / "crontab-backfill").read_text()))
    whole = told["KOMPAS_PIECE"].replace("since=2011-01-01", "since=5d")
    piece = whole.replace("TIMEOUT=21000", "TIMEOUT=3 -s DOWNLOAD_DELAY=1")
    for start, words in {"41 */6 * * *": piece, "@reboot sleep 60;": whole}.items():
        done = by_cron(machine, remote, start, KOMPAS_PIECE=words)
        assert (done.stdout, done.stderr) == ("", ""), log.read_text()
    assert [line["outcome"] for line in runs(output)] == ["stopped", "complete"]
    last, before = log.read_text().rpartition("days are proven")[0], len(remote.requests())
    first, second = re.findall(r"(\d+) of \d+ days are proven", log.read_text())
    assert int(first) == 0 < int(second), last
    ids = [each["id"] for each in stored(output)]
    assert len(ids) == len(set(ids)) >= 9
    assert by_cron(machine, remote, "41 */6 * * *", KOMPAS_PIECE=whole).returncode == 0
    assert "no day is left" in log.read_text()
    assert len(remote.requests()) == before


def test_all_recipes_ask_for_the_same_piece():
    text = "".join(
        (DEPLOY / name).read_text() for name in ("crontab-backfill", "kompas-backfill.service")
    )
    given = re.findall(r"-a (\w+=\S+)|-s (CLOSESPIDER_TIMEOUT=\d+)", text)
    words = {argument or f"setting={setting}" for argument, setting in given}
    assert len(words) == 4
    scrapyd = re.search(
        r"^41 .*spider=backfill.*$", (DEPLOY / "README.md").read_text(), re.MULTILINE
    )[0]
    assert words <= set(re.findall(r"-d (\S+)", scrapyd))
    (seconds,) = (int(word.rpartition("=")[2]) for word in words if "TIMEOUT" in word)
    assert seconds < 6 * 3600, "a piece ends before the next one begins"


# systemd.


SERVICES = sorted(path.stem for path in DEPLOY.glob("*.service"))
CONFINED = Path("kompas-.service.d") / "confined.conf"


def units(machine: Path) -> Path:
    folder = machine / "units"
    folder.mkdir()
    for unit in (*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer"), DEPLOY / CONFINED):
        path = folder / unit.relative_to(DEPLOY)
        path.parent.mkdir(exist_ok=True)
        path.write_text(there(machine, unit.read_text()))
    return folder


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
def test_systemd_finds_no_fault_with_its_units(machine):
    # A setting that it does not know is only a warning, with exit code 0.
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, units(machine).glob("*.*r"))],
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert str(machine) not in done.stderr


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
@pytest.mark.parametrize("name", SERVICES)
def test_little_of_the_machine_is_exposed_to_a_unit(name):
    words = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=25"]
    done = subprocess.run(
        [*words, str(DEPLOY / f"{name}.service")],
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    if "unrecognized option" in done.stderr:
        pytest.skip("systemd-analyze is older than 250")
    assert f"exposure level for {name}.service" in done.stdout, done.stderr
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_has_no_privilege_and_its_share_of_the_machine(name):
    text = (DEPLOY / f"{name}.service").read_text() + (DEPLOY / CONFINED).read_text()
    rows = text.splitlines()
    for row in ("CapabilityBoundingSet=", "SystemCallFilter=@system-service", "ProtectProc=invisible",
                "SystemCallFilter=~@privileged @resources", "LimitCORE=0"):  # fmt: skip
        assert row in rows
    assert [row for row in rows if re.fullmatch(r"MemoryMax=[1-9]G", row)]
    assert [row for row in rows if re.fullmatch(r"TasksMax=[1-9]\d+", row)]
    assert not [row for row in rows if row.startswith("MemoryDenyWriteExecute")], "TLS needs it"


@pytest.mark.parametrize("name", ["kompas-crawler", "kompas-backfill"])
def test_systemds_command_collects_with_what_the_unit_gives_it(stand_in, machine, name):
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str
    unit.read(units(machine) / f"{name}.service")
    service = unit["Service"]
    told = dict([service["Environment"].split("=", 1)])
    done = subprocess.run(
        shlex.split(quick(service["ExecStart"]).replace("since=2011-01-01", "since=3d")),
        check=False,
        cwd=service["WorkingDirectory"],
        env={"PATH": "/usr/bin:/bin", **told, **lead(stand_in("--days", "4", "--per-day", "3"))},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert runs(Path(f"{machine}{DATA}"))[0]["outcome"] == "complete"
    assert service["StateDirectory"] == Path(DATA).name
    assert service["SuccessExitStatus"].split()[0] == "15"


# logrotate.


@pytest.mark.skipif(not LOGROTATE, reason="logrotate is not installed")
def test_logrotate_turns_the_logs_over_and_leaves_the_archive_alone(machine):
    me, mine = getpass.getuser(), grp.getgrgid(os.getgid()).gr_name
    conf = machine / "logrotate.conf"
    conf.write_text(there(machine, (DEPLOY / "logrotate").read_text()).replace("kompas kompas", f"{me} {mine}"))  # fmt: skip
    conf.chmod(0o644)
    logs, data = Path(f"{machine}{LOGS}"), Path(f"{machine}{DATA}")
    (data / "crawls.jsonl").write_text("{}\n")
    for day in range(2):
        (logs / "international.log").write_text(f"run {day}\n")
        words = [LOGROTATE, "--force", "--state", str(machine / "state"), str(conf)]
        done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=PATIENCE)
        assert (done.returncode, done.stderr) == (0, "")
    assert (logs / "international.log").read_text() == ""
    assert {path.name for path in logs.iterdir()} == {
        "international.log",
        "international.log.1",
        "international.log.2.gz",
    }
    assert [path.name for path in data.iterdir()] == ["crawls.jsonl"]


# The container.


def container() -> list[tuple[str, str]]:
    text = re.sub(r"\\\n\s*", "", (DEPLOY / "Containerfile").read_text())
    rows = [row for row in text.splitlines() if row.strip() and not row.startswith("#")]
    return [tuple(row.split(None, 1)) for row in rows]


def said(word: str) -> str:
    (only,) = (rest for name, rest in container() if name == word)
    return only


def test_the_containers_python_is_pinned_and_one_we_support():
    assert said("FROM") == "${BASE}", "the base can be named by its digest"
    base = said("ARG").removeprefix("BASE=")
    version = re.fullmatch(r"docker\.io/library/python:(\d+\.\d+\.\d+)-slim-bookworm", base)
    assert version, "base image not pinned to a patch release"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert Version(version[1]) in Requirement(f"p {project['requires-python']}").specifier
    assert version[1].startswith("3.11."), "the version whose wheels the lock file names"


def test_the_containers_packages_come_by_their_hashes_from_wherever_the_builder_has_them():
    (install,) = (rest for word, rest in container() if word == "RUN" and "pip" in rest)
    assert {"--require-hashes", "--no-deps"} <= set(install.split())
    lock = (DEPLOY / "requirements.lock").read_text()
    assert len(locked()) > 50
    assert not re.findall(
        r"https?:|index|find-links|trusted-host", lock.replace("--no-emit-index-url", "")
    )


def locked() -> dict[str, str]:
    text = (DEPLOY / "requirements.lock").read_text().replace("\\\n", " ")
    rows = [row for row in text.splitlines() if row and row[0] != "#"]
    pins = [re.fullmatch(rf"([a-z0-9-]+)==([0-9.]+) ({HASH})+", row) for row in rows]
    assert all(pins), rows
    return {pin[1]: pin[2] for pin in pins}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def required(of: str) -> list[Requirement]:
    """What a package that is installed here needs on Linux, without extras."""
    needs = [Requirement(each) for each in importlib.metadata.requires(of) or ()]
    plain = {"extra": "", "sys_platform": "linux", "platform_system": "Linux"}
    return [each for each in needs if each.marker is None or each.marker.evaluate(plain)]


def test_the_containers_packages_are_all_that_the_crawler_needs_and_no_more():
    pins = locked()
    rows = (ROOT / "requirements.txt").read_text().splitlines()
    waiting = [Requirement(row) for row in rows if row and row[0] not in "#-"]
    met = set()
    while waiting:
        need = waiting.pop()
        name = canonical(need.name)
        assert name in pins, f"{need} is not in deploy/requirements.lock"
        assert pins[name] in need.specifier, f"{need}, but {pins[name]} is in the lock file"
        if name not in met:
            met.add(name)
            waiting += required(name)
    assert met == set(pins)


def test_what_the_container_copies_is_enough_to_crawl_and_to_tell_its_health(stand_in, tmp_path):
    app = tmp_path / "app"
    app.mkdir()
    ignored = (ROOT / ".dockerignore").read_text().split()
    for word, rest in container():
        if word != "COPY":
            continue
        source, target = rest.split()
        assert f"!{source}" in ignored, "the builder does not get it"
        copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
        copy(ROOT / source, app / target)
    told = dict(each.split("=", 1) for each in said("ENV").split())
    assert told["KOMPAS_OUTPUT_DIR"] == said("VOLUME")
    told |= {"PATH": f"{Path(sys.prefix) / 'bin'}:/usr/bin:/bin"}
    told |= {"KOMPAS_OUTPUT_DIR": str(tmp_path / "data")}
    told |= lead(stand_in("--days", "1", "--per-day", "3"))

    def inside(words: list[str]) -> int:
        given = [part for name, value in QUICK.items() for part in ("-s", f"{name}={value}")]
        done = subprocess.run(
            [*words, *given], check=False, cwd=app, env=told, capture_output=True, timeout=PATIENCE
        )
        return done.returncode

    check = json.loads(said("HEALTHCHECK").partition("CMD ")[2])
    entry = json.loads(said("ENTRYPOINT"))
    assert inside(check) == 1
    assert inside(entry + json.loads(said("CMD"))) == 0
    assert inside(check) == 0
    assert runs(tmp_path / "data")[0]["outcome"] == "complete"


def test_the_container_is_not_run_by_root():
    words = [word for word, _ in container()]
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", said("USER"))
    assert words.index("RUN") < words.index("USER") < words.index("ENTRYPOINT")
    assert f"--uid {said('USER').partition(':')[0]} " in dict(container())["RUN"]


# The egg.


@pytest.fixture(scope="module")
def egg() -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(build_egg(ROOT)))


def test_the_egg_has_every_file_of_the_package(egg):
    found = [path for path in (ROOT / "kompas_crawler").rglob("*") if path.is_file()]
    ours = {
        str(path.relative_to(ROOT))
        for path in found
        if "__pycache__" not in path.parts and path.suffix != ".pyc"
    }
    # setuptools packs bytecode besides, unless PYTHONDONTWRITEBYTECODE is set.
    packed = {name for name in egg.namelist() if not name.endswith(".pyc")}
    assert {name for name in packed if name.startswith("kompas_crawler/")} == ours
    assert b"[scrapy]\nsettings = kompas_crawler.settings" in egg.read("EGG-INFO/entry_points.txt")


def test_the_package_reads_its_own_files_out_of_a_zip(tmp_path):
    path = tmp_path / "project.egg"
    path.write_bytes(build_egg(ROOT))
    asks = (
        "import kompas_crawler, kompas_crawler.archive.record, kompas_crawler.archive.schema as schema;"
        "assert '.egg' in kompas_crawler.__file__;"
        "assert schema.shipped_schema() == schema.record_schema()"
    )
    done = subprocess.run(
        [sys.executable, "-c", asks],
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(path)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr


#: Tools of a checkout, which a server never runs: they write files of the repository anew.
OF_A_CHECKOUT = {"audit/regenerate.py": "def main"}


def test_nothing_looks_for_files_beside_a_module():
    for path in sorted((ROOT / "kompas_crawler").rglob("*.py")):
        name = str(path.relative_to(ROOT / "kompas_crawler"))
        for statement in ast.parse(path.read_text()).body:
            used = {each.id for each in ast.walk(statement) if isinstance(each, ast.Name)}
            used |= {a.attr for a in ast.walk(statement) if isinstance(a, ast.Attribute)}
            allowed = OF_A_CHECKOUT.get(name, "nothing") in ast.unparse(statement)
            assert allowed or not used & {"__file__", "data_path"}, f"{name}:{statement.lineno}"


# scrapy.cfg and `scrapy deploy`.


def config(text: str) -> configparser.ConfigParser:
    told = configparser.ConfigParser()
    told.read_string(text)
    return told


def test_the_target_is_this_machine_and_its_password_is_not_in_the_repository():
    told = config((ROOT / "scrapy.cfg").read_text())
    target = read_target(told, None, {})
    assert (target.url, target.project) == ("http://127.0.0.1:6800/", "kompas_crawler")
    assert (target.username, target.password) == (None, None)
    given = {"SCRAPYD_USERNAME": "kompas", "SCRAPYD_PASSWORD": "geheim"}
    target = read_target(told, None, given)
    assert (target.username, target.password) == ("kompas", "geheim")
    assert "geheim" not in repr(target)


@pytest.mark.parametrize(
    ("text", "name", "says"),
    [
        ("[deploy]\nurl = http://a/", "live", r"no section \[deploy:live\]; it has deploy"),
        ("[settings]", None, "it has none"),
        ("[deploy]\nurl = 127.0.0.1:6800", None, "is no address such as"),
        ("[deploy]", None, "url='' is no address"),
    ],
)
def test_a_target_that_cannot_be_meant_is_refused(text, name, says):
    with pytest.raises(BadArgument, match=says):
        read_target(config(text), name, {})


@pytest.mark.parametrize("mark", ["", "/", "#", "?", "@", "[", "%2F", "\u2100"])
def test_a_password_in_a_targets_address_is_refused_and_not_shown(mark):
    text = f"[deploy]\nurl = http://kompas:sangat{mark}rahasia@127.0.0.1:9/"
    told = configparser.ConfigParser(interpolation=None)
    told.read_string(text)
    with pytest.raises(BadArgument, match="SCRAPYD_PASSWORD") as refusal:
        read_target(told, None, {})
    shown = "".join(traceback.format_exception(refusal.value))
    assert not [part for part in ("sangat", "rahasia") if part in shown]


class Elsewhere(BaseHTTPRequestHandler):
    """Sends everybody to another server, or keeps what it is sent."""

    def do_GET(self) -> None:
        self.server.received.append(self.headers.get("Authorization"))
        self.send_response(302 if self.server.location else 200)
        self.send_header("Location", self.server.location)
        self.end_headers()
        self.wfile.write(b'{"status": "ok"}')

    do_POST = do_GET  # noqa: N815 - the name http.server calls

    def log_message(self, *_: object) -> None:
        pass


def test_a_password_for_scrapyd_is_not_carried_to_where_it_leads():
    with HTTPServer(("127.0.0.1", 0), Elsewhere) as thief, HTTPServer(("127.0.0.1", 0), Elsewhere) as server:  # fmt: skip
        for each in (thief, server):
            each.received, each.location = [], ""
            threading.Thread(target=each.serve_forever, args=(0.02,), daemon=True).start()
        server.location = f"http://localhost:{thief.server_port}/"
        url = f"http://127.0.0.1:{server.server_port}/"
        api = Scrapyd(Target(url=url, project="p", username="kompas", password="geheim"))
        with pytest.raises(NotDeployed, match="leads elsewhere") as refusal:
            api.get("daemonstatus.json")
        with pytest.raises(NotDeployed, match="leads elsewhere"):
            api.post("schedule.json", spider="x")
        assert len(server.received) == 2
        assert thief.received == []
        assert "geheim" not in str(refusal.value)
        for each in (thief, server):
            each.shutdown()


def test_an_egg_that_cannot_be_built_is_no_egg(tmp_path):
    with pytest.raises(NotDeployed, match=r"has no setup\.py"):
        build_egg(tmp_path)
    (tmp_path / "setup.py").write_text("raise SystemExit('kaput')")
    with pytest.raises(NotDeployed, match="kaput"):
        build_egg(tmp_path)


def test_without_a_server_nothing_is_deployed_and_one_sentence_says_so(tmp_path):
    shutil.copy(ROOT / "setup.py", tmp_path)
    (tmp_path / "scrapy.cfg").write_text(
        "[settings]\ndefault = kompas_crawler.settings\n[deploy]\nurl = http://127.0.0.1:9/\n"
    )
    for name in ("pyproject.toml", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "kompas_crawler").symlink_to(ROOT / "kompas_crawler")
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "deploy"],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 3
    assert done.stderr.startswith("deploy: http://127.0.0.1:9/ could not be asked")
    assert "Traceback" not in done.stderr
