"""Servers, the provider stand-in and Celery workers of one fault run; all of it ends with the run.

The servers are always our own: a fault run kills them.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.test import override_settings

from config.local import folders, postgres, processes, servers, supervisor, valkey
from config.local.processes import LocalError
from config.local.servers import Servers
from config.local.site import HOST, free_ports
from config.local.steps import tail
from localmail import Client
from localmail.ledger import CALLS
from tests.plugins import proc


class World:
    """Everything a run can start, kill and ask."""

    def __init__(self, folder: Path, up: Servers, *, seed: int, lease_seconds: int) -> None:
        assert up.own_postgres is not None
        assert up.own_valkey is not None
        self.folder, self.postgres, self.valkey = folder, up.own_postgres, up.own_valkey
        self.chance = random.Random(seed)
        self.ledger = folder / "localmail"
        self.port, self.smtp_port = free_ports(2)
        self.mail = Client(f"http://{HOST}:{self.port}")
        self.workers: list[subprocess.Popen[bytes]] = []
        self.gone: list[subprocess.Popen[bytes]] = []
        """Killed, or asked to go. Their children find out for themselves."""
        self.own = up.environment | {
            "DJANGO_SETTINGS_MODULE": "tests.proof.settings",
            "SITE_URL": "http://testserver",
            "EMAIL_PROVIDER": "mailgun",
            "MAILGUN_API_KEY": "key-of-the-tests",
            "MAILGUN_API_URL": f"{self.mail.url}/v3",
            "LEASE_SECONDS": str(lease_seconds),
            "LOOK_UP_SECONDS": "1",
            "TICK_SECONDS": "1",
            "PYTHONUNBUFFERED": "1",
        }
        """Settings of this run, which other programs must not inherit."""
        os.environ.update(self.own)

    def log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    def prepare(self) -> None:
        """The database migrated, the provider stand-in up."""
        # Servers for tests forget the last commits when they are killed; this one must not.
        with self.postgres.connect() as connection:
            connection.execute(f"ALTER DATABASE {servers.DATABASE} SET synchronous_commit = on")
        processes.run([sys.executable, "-m", "config.local.migrate"])
        provider = [sys.executable, "-m", "localmail", "--port", str(self.port), "--lean"]
        provider += ["--data", str(self.ledger), "--api-key", "key-of-the-tests", "--test-mode"]
        provider += ["--smtp-port", str(self.smtp_port)]
        self.provider = processes.start(provider, log=self.log("localmail"))
        while not supervisor.answers(f"{self.mail.url}/api/healthz"):
            if self.provider.poll() is not None:
                raise LocalError(f"localmail did not start:\n{tail(self.log('localmail'))}")

    def calls(self) -> int:
        """How many lines the ledger has: what comes later belongs to the next run."""
        with (self.ledger / CALLS).open("rb") as lines:
            return sum(1 for _line in lines)

    @contextmanager
    def over_smtp(self) -> Iterator[None]:
        """Mail leaves through the other door, here and in workers started meanwhile."""
        self.send_home()
        before, port = dict(os.environ), self.smtp_port
        os.environ.update(EMAIL_PROVIDER="smtp", SMTP_HOST=HOST, SMTP_PORT=f"{port}")
        os.environ["SMTP_TLS"] = "none"
        here = {"EMAIL_PROVIDER": "smtp", "EMAIL_BACKEND": "newsletters.smtp.EmailBackend"}
        try:
            with override_settings(**here, EMAIL_HOST=HOST, EMAIL_PORT=port, EMAIL_USE_TLS=False):
                yield
        finally:
            os.environ.clear()
            os.environ.update(before)
            self.send_home()

    def employ(self, count: int) -> None:
        """So many Celery workers, each with a child that works; those that are there stay."""
        self.gone += [worker for worker in self.workers if worker.poll() is not None]
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        while len(self.workers) < count:
            name = f"worker-{len(self.workers) + len(self.gone)}"
            self.workers.append(self.start_celery("worker", "--concurrency", "1", "-n", name))

    def start_celery(self, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "celery", "-A", "config", *words, "--loglevel", "ERROR"]
        if words[0] == "worker":
            command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        return processes.start(command, log=self.log(words[0]))

    def kill_one(self) -> str:
        """kill -9 of any process of the workers: a child at work or the one that rings for it."""
        worker = self.chance.choice(self.workers)
        pid = self.chance.choice([worker.pid, *proc.children(worker.pid)])
        os.kill(pid, signal.SIGKILL)
        if pid != worker.pid:
            return "a child"
        worker.wait()
        return "a worker"

    def dismiss_one(self) -> None:
        """SIGTERM: it ends what it has begun, takes nothing more, and goes."""
        worker = self.workers.pop(self.chance.randrange(len(self.workers)))
        worker.terminate()
        self.gone.append(worker)

    def send_home(self) -> None:
        """No worker is left, nor a child of one that was killed."""
        for worker in self.workers + self.gone:
            processes.stop(worker, by=signal.SIGKILL)
        self.workers, self.gone = [], []

    def restart_broker(self) -> None:
        """kill -9: the messages it held are gone."""
        processes.stop(self.valkey.child, by=signal.SIGKILL)
        again = valkey.start(self.folder, log=self.log("valkey"), scratch=True)
        assert again is not None
        self.valkey = again

    def restart_database(self) -> None:
        """PostgreSQL's immediate stop: every connection is cut, it recovers from its log."""
        processes.stop(self.postgres.child, by=signal.SIGQUIT)
        again = postgres.start(self.folder, log=self.log("postgres"), scratch=True)
        assert again is not None
        self.postgres = again

    def end(self) -> None:
        self.send_home()
        if hasattr(self, "provider"):
            processes.stop(self.provider)
        self.valkey.stop()
        self.postgres.stop()


@contextmanager
def running(seed: int, lease_seconds: int) -> Iterator[World]:
    """Servers of its own in a folder of its own, ready for the first run."""
    with tempfile.TemporaryDirectory(prefix="rabita-proof-") as place, ExitStack() as stack:
        Path(place).chmod(0o755)
        folder = folders.reachable(Path(place) / "s")
        up = stack.enter_context(servers.running(folder, named={}, scratch=True))
        world = World(folder, up, seed=seed, lease_seconds=lease_seconds)
        stack.callback(world.end)
        world.prepare()
        yield world
