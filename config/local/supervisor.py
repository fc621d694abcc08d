"""Starts everything of a site in order, watches it, and leaves nothing behind."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from config.local import folders, processes, servers, steps
from config.local.processes import LocalError
from config.local.servers import Servers
from config.local.site import HOST, OWN_SITE, Site
from config.local.steps import step

READY_SECONDS = 60
RESTARTS = 5
"""How often one process may be started again within RESTART_SECONDS before we give up."""
RESTART_SECONDS = 60


class Stopped(BaseException):
    """Somebody asked us to stop: Ctrl-C, kill, or a closed terminal."""


@dataclass
class Process:
    """One of the site's own processes, and how often it had to be started again."""

    name: str
    command: list[str | Path]
    child: subprocess.Popen[bytes]
    starts: deque[float] = field(default_factory=lambda: deque(maxlen=RESTARTS))


class Supervisor:
    """The processes of one running site."""

    def __init__(self, site: Site, running: Servers) -> None:
        self.site = site
        self.servers = running
        self.environment = site.environment(running)
        self.processes: list[Process] = []

    def start(self, name: str, command: list[str | Path]) -> Process:
        process = Process(name, command, self.spawn(name, command))
        self.processes.append(process)
        return process

    def stop(self) -> None:
        """In the opposite order of starting; safe to call twice."""
        for process in reversed(self.processes):
            processes.stop(process.child)
        self.processes.clear()

    def watch(self, every: float = 0.5) -> None:
        """Stay until somebody stops us; what dies is started again, and said."""
        while True:
            self.look()
            time.sleep(every)

    def look(self) -> None:
        """Start again what has ended; a server or a restless process ends it all."""
        for own in (self.servers.own_postgres, self.servers.own_valkey):
            if own is not None and own.child.poll() is not None:
                raise LocalError(f"A server has stopped; see {self.site.logs}.")
        for process in self.processes:
            code = process.child.poll()
            if code is None:
                continue
            now = time.monotonic()
            if len(process.starts) == RESTARTS and now - process.starts[0] < RESTART_SECONDS:
                log = self.site.log(process.name)
                raise LocalError(f"The {process.name} keeps stopping:\n{steps.tail(log)}")
            how = f"by signal {-code}" if code < 0 else f"with code {code}"
            print(f"The {process.name} ended {how}; it is started again.", flush=True)
            processes.stop(process.child)
            process.child = self.spawn(process.name, process.command)
            process.starts.append(now)

    def until(self, process: Process, ready: Callable[[], bool]) -> None:
        """Wait until a process is ready; if it ends or takes too long, its log is the message."""
        give_up = time.monotonic() + READY_SECONDS
        while not ready():
            if process.child.poll() is not None or time.monotonic() > give_up:
                log = self.site.log(process.name)
                raise LocalError(f"The {process.name} did not start:\n{steps.tail(log)}")
            time.sleep(0.1)

    def spawn(
        self, name: str, command: list[str | Path], said: Path | None = None
    ) -> subprocess.Popen[bytes]:
        """A command in the site's environment that is not watched."""
        return processes.start(command, log=self.site.log(name), env=self.environment, said=said)


@contextmanager
def running(site: Site) -> Iterator[tuple[Supervisor, str]]:
    """The whole site for as long as the block lasts; with it, what `manage.py demo` has to say."""
    with ExitStack() as stack:
        with step("starting PostgreSQL and Valkey"):
            # A shell that speaks to a site of ours must not lend its servers to this one.
            named: dict[str, str] | None = {} if OWN_SITE in os.environ else None
            up = stack.enter_context(
                servers.running(site.folder, named=named, scratch=site.scratch)
            )
        supervisor = Supervisor(site, up)
        stack.callback(supervisor.stop)
        _prepare(supervisor)
        with step("starting the mail provider, the site and a Celery worker, loading the demo"):
            mail = supervisor.start("mail provider", site.localmail())
            worker = supervisor.start("worker", site.worker())
            web = supervisor.start("site", site.web())
            words = _load(supervisor)
            supervisor.until(mail, lambda: answers(f"{site.mail_url}/api/healthz"))
            supervisor.until(web, lambda: answers(f"http://{HOST}:{site.port}/healthz"))
            supervisor.until(worker, lambda: " ready." in steps.tail(site.log("worker"), 1000))
            # Last: nothing falls due while the content is still being loaded.
            supervisor.start("beat", site.beat())
        yield supervisor, words


def stop_on_signals() -> None:
    """Ctrl-C, kill and a closed terminal all unwind the same way; a second one is not heard."""

    def stop(number: int, frame: object) -> None:
        for signal_ in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signal_, signal.SIG_IGN)
        raise Stopped

    for signal_ in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_, stop)
    if "MAKELEVEL" in os.environ:
        # Ending `make` ends what it started, even where make itself cannot say so.
        processes.stop_with_parent(signal.SIGTERM)


def answers(url: str) -> bool:
    """Whether something answers there without an error."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 (our own address)
            return bool(answer.status < 400)
    except (urllib.error.URLError, OSError):
        return False


def _prepare(supervisor: Supervisor) -> None:
    """Database and static files, side by side; safe to run again."""
    site = supervisor.site
    collecting = _collect_static(supervisor)
    with step("preparing the database"):
        migrate = [sys.executable, "-m", "config.local.migrate"]
        steps.run(migrate, env=supervisor.environment, log=site.log("migrate"))
    if collecting is not None:
        with step("collecting style sheets and scripts"):
            steps.wait(collecting, log=site.log("static"))
            (site.folder / "static" / ".of").write_text(_static_key())


def _load(supervisor: Supervisor) -> str:
    """The centre's data and the demo content, safe to run again; what `manage.py demo` says."""
    site, said = supervisor.site, supervisor.site.folder / "said"
    steps.run(site.manage("setup", "--no-input"), env=supervisor.environment, log=site.log("setup"))
    steps.wait(supervisor.spawn("demo", site.manage("demo"), said), log=site.log("demo"))
    return said.read_text().strip()


def _collect_static(supervisor: Supervisor) -> subprocess.Popen[bytes] | None:
    """Begin it beside the migrations; None where the last run's files are still right."""
    site = supervisor.site
    of = site.folder / "static" / ".of"
    if of.exists() and of.read_text() == _static_key():
        return None
    return supervisor.spawn(
        "static", site.manage("collectstatic", "--no-input", "--clear", "-v", "0")
    )


def _static_key() -> str:
    """Changes with our own static files and with the packages that bring theirs."""
    found = hashlib.sha256((folders.ROOT / "requirements.txt").read_bytes())
    own = (path for top in folders.ROOT.glob("*/") for path in top.glob("**/static/**/*"))
    for path in sorted([*own, *(folders.ROOT / "static").rglob("*")]):
        if path.is_file() and not {".venv", "var"} & set(path.parts):
            found.update(str(path).encode() + path.read_bytes())
    return found.hexdigest()
