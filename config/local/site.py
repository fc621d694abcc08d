"""A whole Rabita on one machine: its folder, its ports, its environment, its commands."""

from __future__ import annotations

import fcntl
import os
import secrets
import shlex
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import packs
from config.local import folders
from config.local.processes import LocalError
from config.local.servers import Servers

HOST = "127.0.0.1"
OWN_SITE = "RABITA_SITE"
"""Stands in the environment of our own sites: the servers named there are not for others."""
_SECRETS = ("SECRET_KEY", "MAILGUN_API_KEY", "MAILGUN_WEBHOOK_SIGNING_KEY", "WEBHOOK_PASSWORD")


@dataclass(frozen=True)
class Site:
    """Where one site of this machine lives and what it listens on."""

    folder: Path
    port: int
    mail_port: int
    tick_seconds: int = 60
    scratch: bool = False
    """Data that nobody will look for after the run: quicker, and lost when the machine stops."""

    @property
    def url(self) -> str:
        # By name: passkeys are refused on a bare number.
        return f"http://localhost:{self.port}"

    @property
    def mail_url(self) -> str:
        return f"http://{HOST}:{self.mail_port}"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep a second supervisor out of the same folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LocalError(
                    f"A site already runs from {self.folder}. Stop it first."
                ) from None
            yield

    def empty(self) -> None:
        """Remove everything that was kept, wherever the servers had to put it, but not the lock."""
        away = folders.reachable(self.folder)
        if away != self.folder:
            shutil.rmtree(away, ignore_errors=True)
        for kept in self.folder.glob("*"):
            if kept.is_dir() and not kept.is_symlink():
                shutil.rmtree(kept)
            elif kept.name != "lock":
                kept.unlink()

    def forget(self) -> None:
        """Remove the folder and all."""
        self.empty()
        shutil.rmtree(self.folder)

    def environment(self, servers: Servers) -> dict[str, str]:
        """All that the processes of this site read, on top of what this process has."""
        kept = self._kept_secrets()
        return {
            **os.environ,
            **self.own_settings(servers, kept),
            # A log line must be in the log when something dies the next moment.
            "PYTHONUNBUFFERED": "1",
        }

    def own_settings(self, servers: Servers, kept: dict[str, str]) -> dict[str, str]:
        return servers.environment | {
            OWN_SITE: str(self.folder),
            "DJANGO_SETTINGS_MODULE": "config.settings.demo",
            "PACK": chosen_pack(),
            "SECRET_KEY": kept["SECRET_KEY"],
            "SITE_URL": self.url,
            "SITE_INSTANCE": f"local:{self.folder.name}",
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "STATIC_ROOT": str(self.folder / "static"),
            "MEDIA_ROOT": str(self.folder / "media"),
            "TICK_SECONDS": str(self.tick_seconds),
            "DEFAULT_FROM_EMAIL": "network@news.example.org",
            "EMAIL_PROVIDER": "mailgun",
            "MAILGUN_API_KEY": kept["MAILGUN_API_KEY"],
            "MAILGUN_API_URL": f"{self.mail_url}/v3",
            "MAILGUN_SENDER_DOMAIN": "news.example.org",
            "MAILGUN_WEBHOOK_SIGNING_KEY": kept["MAILGUN_WEBHOOK_SIGNING_KEY"],
            "ANYMAIL_WEBHOOK_SECRET": f"webhooks:{kept['WEBHOOK_PASSWORD']}",
        }

    def write_environment(self, path: Path, servers: Servers) -> None:
        """A file to source, so that `manage.py` speaks to this site; for its owner's eyes."""
        settings = self.own_settings(servers, self._kept_secrets())
        lines = [f"{name}={shlex.quote(value)}\n" for name, value in settings.items()]
        path.unlink(missing_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.writelines(["# set -a; . this file; .venv/bin/python manage.py …\n", *lines])

    def manage(self, *words: str) -> list[str | Path]:
        return [sys.executable, folders.ROOT / "manage.py", *words]

    def localmail(self, kept: dict[str, str] | None = None) -> list[str | Path]:
        """The provider stand-in, known by its command line alone."""
        kept = kept or self._kept_secrets()
        hook = f"http://webhooks:{kept['WEBHOOK_PASSWORD']}@{HOST}:{self.port}"
        return [
            *(sys.executable, "-m", "localmail", "--host", HOST, "--port", str(self.mail_port)),
            *("--data", self.folder / "localmail", f"--api-key={kept['MAILGUN_API_KEY']}"),
            *("--webhook-url", f"{hook}/anymail/mailgun/tracking/"),
            f"--webhook-signing-key={kept['MAILGUN_WEBHOOK_SIGNING_KEY']}",
            # The same clock as on the desk: somebody compares the two.
            *("--clock", packs.load(chosen_pack()).clock),
        ]

    def web(self) -> list[str | Path]:
        return [
            *(sys.executable, "-m", "gunicorn", "config.wsgi:application"),
            *("--bind", f"{HOST}:{self.port}", "--worker-class", "gthread"),
            *("--workers", "1", "--threads", "8", "--worker-tmp-dir", self.folder),
            *("--graceful-timeout", "5", "--log-level", "warning"),
        ]

    def worker(self) -> list[str | Path]:
        return [
            *(sys.executable, "-m", "celery", "-A", "config", "worker", "--concurrency", "2"),
            *("--loglevel", "INFO", "--without-gossip", "--without-mingle"),
        ]

    def beat(self) -> list[str | Path]:
        return [
            *(sys.executable, "-m", "celery", "-A", "config", "beat", "--loglevel", "INFO"),
            *("--schedule", self.folder / "beat-schedule", "--pidfile", ""),
        ]

    def _kept_secrets(self) -> dict[str, str]:
        """Made once for the folder, so that sign-ins and links in mails survive a second run."""
        path = self.folder / "secrets"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            made = "".join(f"{name}={secrets.token_hex(48)}\n" for name in _SECRETS)
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(made)
        return dict(line.split("=", 1) for line in path.read_text().splitlines())


def chosen_pack() -> str:
    """The code of the pack that this process was asked for."""
    return os.environ.get("PACK") or packs.FIRST


def refuse_taken_ports(*ports: int, say: str) -> None:
    """Before anything starts: the first port that something else listens on stops us."""
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                raise LocalError(f"Port {port} is in use: {say}") from None


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((HOST, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
