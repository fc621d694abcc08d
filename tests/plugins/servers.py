"""Fresh PostgreSQL and Valkey for one pytest run.

Loaded with `-p`, because pytest-django reads the settings before any conftest.py: the addresses
must stand in the environment by then. The servers are our own wherever they can be, whatever
DATABASE_URL says: a shell that speaks to the running demo must not lend its data to the tests.
"""

from __future__ import annotations

import os
from contextlib import ExitStack

from config.local import folders, messages, postgres, servers, valkey
from tests.plugins import clusters

_stack = ExitStack()


def _start() -> None:
    """Start the servers, unless this is a worker or a child of a run that has them."""
    if os.environ.get(clusters.RUN_FOLDER):
        return
    messages.compile_stale()
    folder = _stack.enter_context(clusters.run_folder())
    clusters.fetch(folder)
    ours = postgres.binaries(folders.reachable(folders.ROOT / "var" / "bin")) and valkey.binary()
    running = _stack.enter_context(
        servers.running(folder, named={} if ours else None, scratch=True)
    )
    os.environ.update(running.environment)
    os.environ[clusters.RUN_FOLDER] = str(folder)
    os.environ["MEDIA_ROOT"] = str(folder / "media")
    if running.own_postgres is not None:
        _stack.callback(clusters.drop_all_but_templates)
    _stack.callback(os.environ.pop, clusters.RUN_FOLDER)


_start()


def pytest_unconfigure() -> None:
    _stack.close()


def pytest_report_header() -> str:
    return f"servers: {os.environ['DATABASE_URL']} {os.environ['CELERY_BROKER_URL']}"
