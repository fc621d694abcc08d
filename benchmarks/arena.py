"""Where the races take place: servers of our own, a database for each race, a fresh sink.

Everything stands in one folder and is stopped by its process id at the end.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Any
from urllib.parse import urlsplit

import psycopg
import redis
from psycopg import sql

from config.local import folders, processes, servers, steps, supervisor
from config.local.processes import LocalError
from config.local.servers import Servers
from config.local.site import HOST, Site, free_ports

KEY, DOMAIN = "key-of-the-benchmark", "news.example.org"
READY_SECONDS = 900
"""Some contenders load their readers by themselves before they are ready."""
EMPTY = "template0"
INHERITED = "PATH", "HOME", "LANG", "TMPDIR"
"""Nothing else of this shell: its settings must not reach the races."""


@dataclass(frozen=True)
class Sink:
    """A running localmail."""

    child: Popen[bytes]
    folder: Path
    url: str
    smtp_port: int

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger"

    def stop(self) -> int:
        """End it; how many octets came in on the wire."""
        processes.stop(self.child)
        return int((self.folder / "octets").read_text())


class Arena:
    """The running servers, and what races need of them."""

    def __init__(self, folder: Path, up: Servers, migrated: str = "") -> None:
        self.folder, self.logs = folder, folder / "logs"
        self.servers = up
        own = {"database": up.own_postgres, "broker": up.own_valkey}
        self.pids = {name: [one.child.pid] if one else [] for name, one in own.items()}
        self._migrated = migrated
        self._made: set[str] = set()

    def environment(self, database: str) -> dict[str, str]:
        """What every process of a contender reads, apart from where the sink is."""
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        return inherited | self.servers.environment | {
            "PYTHONPATH": str(folders.ROOT),
            "DATABASE_URL": self._url(database),
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
            "SITE_URL": "https://network.example.org",
            "SECRET_KEY": "b" * 50,
            "DEFAULT_FROM_EMAIL": f"network@{DOMAIN}",
            "EMAIL_PROVIDER": "mailgun",
            "MAILGUN_API_KEY": KEY,
            "MAILGUN_SENDER_DOMAIN": DOMAIN,
            "MAILGUN_WEBHOOK_SIGNING_KEY": "b" * 50,
            "ANYMAIL_WEBHOOK_SECRET": f"webhooks:{'b' * 50}",
        }  # fmt: skip

    def people(self, size: int) -> str:
        """The database with so many readers; made when it is first asked for."""
        name, template = f"people_{size}", self._migrated_once()
        if name not in self._made:
            with steps.step(f"loading {size:,} readers"):
                self._copy(name, template)
                self._product(name, f"people({size})")
            self._made.add(name)
        return name

    def pages_environment(self, host: str, folder: Path) -> dict[str, str]:
        """What a site with the demonstration in it reads; made now, static files collected."""
        env = self.environment("pages") | {
            "DJANGO_SETTINGS_MODULE": "config.settings.base",
            "SITE_URL": f"http://{host}",
            "ALLOWED_HOSTS": host.partition(":")[0],
            "STATIC_ROOT": str(folder / "static"),
            "MEDIA_ROOT": str(folder / "media"),
        }
        template = self._migrated_once()
        with steps.step("filling the site"):
            self._copy("pages", template)
            fill = "import django; django.setup(); from benchmarks import site; site.fill()"
            for words in (["-c", fill], ["-m", "django", "collectstatic", "--no-input"]):
                steps.run([sys.executable, *words], env=env, log=self.logs / "pages.log")
        return env

    def empty_environment(self, database: str) -> dict[str, str]:
        """The environment with a new database in it."""
        self._copy(database, EMPTY)
        return self.environment(database)

    def content(self) -> Path:
        """What the product would send, as a file for all the others."""
        place = self.folder / "content.json"
        if str(place) not in self._made:
            with self.copy_of(self.people(1000)) as database:
                self._product(database, f"content({str(place)!r})")
            self._made.add(str(place))
        return place

    @contextmanager
    def copy_of(self, template: str) -> Iterator[str]:
        """A database of one's own for as long as the block lasts, and an empty broker."""
        self._copy("race", template)
        if valkey := self.servers.own_valkey:
            with redis.Redis(unix_socket_path=str(valkey.socket)) as client:
                client.flushall()
        try:
            yield "race"
        finally:
            self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", "race")

    @contextmanager
    def sink(self, knobs: Mapping[str, Any]) -> Iterator[Sink]:
        """A fresh localmail; its ledger goes when the block ends."""
        folder, log = self.folder / "sink", self.logs / "sink.log"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        port, smtp_port = free_ports(2)
        command: list[str | Path] = [
            *(sys.executable, "-m", "benchmarks.sink", folder / "octets", "--host", HOST),
            *("--port", str(port), "--smtp-port", str(smtp_port), "--api-key", KEY),
            *("--data", folder / "ledger", "--lean", "--test-mode", "--knobs", json.dumps(knobs)),
        ]
        child = processes.start(command, log=log, env=self.environment("race"))
        url = f"http://{HOST}:{port}"
        try:
            wait_until(lambda: supervisor.answers(f"{url}/api/healthz"), child, log)
            yield Sink(child, folder, url, smtp_port)
        finally:
            processes.stop(child)
            shutil.rmtree(folder, ignore_errors=True)

    def settle(self) -> None:
        """Let no race pay for what was written before it."""
        self._execute("CHECKPOINT")

    def database_settings(self) -> str:
        """What the database server was started with, for the report."""
        with psycopg.connect(self._url("postgres")) as connection:
            found = connection.execute(
                "SELECT name || ' ' || current_setting(name) FROM pg_settings "
                "WHERE source = 'command line' AND name !~ 'zone|listen|socket' ORDER BY 1"
            )
            return ", ".join(row[0] for row in found)

    def _migrated_once(self) -> str:
        """The database that all others are copied from."""
        if not self._migrated:
            with steps.step("preparing the database"):
                self._copy("migrated", EMPTY)
                self._run("migrated", "-m", "config.local.migrate")
            self._migrated = "migrated"
        return self._migrated

    def _url(self, database: str) -> str:
        return urlsplit(self.servers.database_url)._replace(path=f"/{database}").geturl()

    def _product(self, database: str, call: str) -> None:
        self._run(
            database,
            "-c",
            f"import django; django.setup(); from benchmarks import product; product.{call}",
        )

    def _run(self, database: str, *words: str) -> None:
        log = self.logs / "product.log"
        steps.run([sys.executable, *words], env=self.environment(database), log=log)

    def _copy(self, name: str, template: str) -> None:
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        self._execute("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)

    def _execute(self, statement: Any, *names: str) -> None:
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def opened(folder: Path) -> Iterator[Arena]:
    """Servers of our own with nothing in them, whatever the environment names."""
    away = folders.reachable(folder)
    with ExitStack() as stack:
        stack.enter_context(Site(folder, 0, 0).held())
        for old in ("postgres", "valkey", "sink", "logs"):
            shutil.rmtree(folder / old, ignore_errors=True)
            shutil.rmtree(away / old, ignore_errors=True)
        stack.callback(shutil.rmtree, away / "postgres", ignore_errors=True)
        with steps.step("starting PostgreSQL and Valkey"):
            up = stack.enter_context(servers.running(folder, named={}))
        yield Arena(folder, up)


def wait_until(ready: Callable[[], bool], child: Popen[bytes], log: Path) -> None:
    """Until something is ready; LocalError with the end of its log where it ended or takes long."""
    give_up = time.monotonic() + READY_SECONDS
    while not ready():
        if child.poll() is not None or time.monotonic() > give_up:
            raise LocalError(f"This did not start; see {log}:\n{steps.tail(log)}")
        time.sleep(0.02)
