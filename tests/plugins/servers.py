"""Fresh PostgreSQL and Valkey for one pytest run, and a migrated database for each worker.

Loaded with `-p`, because pytest-django reads the settings before any conftest.py: the addresses must
stand in the environment by then. The servers are our own wherever they can be, whatever DATABASE_URL
says: a shell that speaks to the running demo must not lend its data to the tests.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from config.local import folders, postgres, servers, valkey
from tests.plugins import clusters

_stack = ExitStack()


def _start() -> None:
    """Start the servers, unless this is a worker or a child of a run that has them."""
    if os.environ.get(clusters.RUN_FOLDER):
        return
    folder = _stack.enter_context(clusters.run_folder())
    clusters.fetch(folder)
    ours = postgres.binaries(folders.reachable(folders.ROOT / "var" / "bin")) and valkey.binary()
    running = _stack.enter_context(
        servers.running(folder, named={} if ours else None, scratch=True)
    )
    os.environ.update(running.environment)
    os.environ[clusters.RUN_FOLDER] = str(folder)
    if running.own_postgres is not None:
        _stack.callback(clusters.drop_all_but_templates)
    _stack.callback(os.environ.pop, clusters.RUN_FOLDER)


_start()


def pytest_unconfigure() -> None:
    _stack.close()


def pytest_report_header() -> str:
    return f"servers: {os.environ['DATABASE_URL']} {os.environ['CELERY_BROKER_URL']}"


@pytest.fixture(scope="session")
def migrated_template(django_test_environment: None, django_db_blocker: Any) -> str:
    """The name of a database with every migration applied; made once, kept for later runs."""
    with django_db_blocker.unblock():
        return clusters.migrated_template()


@pytest.fixture(scope="session")
def django_db_setup(
    migrated_template: str, django_db_blocker: Any, request: pytest.FixtureRequest
) -> Iterator[None]:
    """A copy of the migrated template for this worker, instead of all migrations again."""
    from django.db import connection
    from django.test import TransactionTestCase

    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    name = f"test_rabita_{worker}"

    def begin_anew(case: TransactionTestCase) -> None:
        connection.close()
        clusters.renew(name, template=migrated_template)

    before = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]
    with django_db_blocker.unblock():
        clusters.renew(name, template=migrated_template)
        connection.settings_dict["NAME"] = name
        os.environ["DATABASE_URL"] = clusters.url_of(name)
        # Django flushes after a transactional test; Wagtail's root page and languages go with it.
        TransactionTestCase._fixture_teardown = begin_anew  # type: ignore[attr-defined]
    yield
    TransactionTestCase._fixture_teardown = before  # type: ignore[attr-defined]
    with django_db_blocker.unblock():
        connection.close()
