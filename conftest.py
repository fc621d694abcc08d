"""What every test gets without asking: a database of its own, and no way out for mail."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation

from newsletters.pipeline import claim, editions
from tests.mailcheck import every_mail_is_checked
from tests.plugins import clusters

__all__ = ["every_mail_is_checked"]
pytest_plugins = ["tests.plugins.live", "tests.plugins.browser"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the files with slow tests evenly: one worker waits for a page while another reckons.

    None stands among the last, where one worker would hold two of them and the other nothing.
    """
    slow = dict.fromkeys(item.path for item in items if item.get_closest_marker("slow"))
    quick = dict.fromkeys(item.path for item in items if item.path not in slow)
    place = {path: number / len(quick) for number, path in enumerate(quick)}
    place |= {path: 0.85 * number / len(slow) for number, path in enumerate(slow)}
    items.sort(key=lambda item: place[item.path])


@pytest.fixture(autouse=True)
def mail_stays_here(settings: Any) -> None:
    """Django's test set-up puts its own mail back-end in; Anymail's keeps what Anymail adds."""
    settings.EMAIL_BACKEND = "anymail.backends.test.EmailBackend"


@pytest.fixture(autouse=True)
def mailings_of_other_tests_are_forgotten() -> None:
    """A worker keeps what is frozen by its number, and each test's database counts anew."""
    editions.mail.cache_clear()
    editions._kept.cache_clear()
    claim._issue.cache_clear()


@pytest.fixture(autouse=True)
def speaks_the_first_language() -> None:
    """A page asked for in Portuguese leaves its language to the thread, and so to the next test."""
    translation.deactivate()


@pytest.fixture(scope="session")
def migrated_template(django_test_environment: None, django_db_blocker: Any) -> str:
    """The name of a database with every migration applied; made once, kept for later runs."""
    with django_db_blocker.unblock():
        return clusters.migrated_template()


@pytest.fixture(scope="session")
def django_db_setup(migrated_template: str, django_db_blocker: Any) -> Iterator[None]:
    """A copy of the migrated template for this worker, instead of all migrations again."""
    name = f"test_rabita_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"

    def begin_anew(case: TransactionTestCase) -> None:
        connection.close()
        clusters.renew(name, template=migrated_template)

    before = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]
    with django_db_blocker.unblock():
        clusters.renew(name, template=migrated_template)
        # A migration that is merely loaded may open the connection to the database before.
        connection.close()
        connection.settings_dict["NAME"] = name
        os.environ["DATABASE_URL"] = clusters.url_of(name)
        # Django flushes after a transactional test; Wagtail's root page and languages go with it.
        TransactionTestCase._fixture_teardown = begin_anew  # type: ignore[attr-defined]
    yield
    TransactionTestCase._fixture_teardown = before  # type: ignore[attr-defined]
    with django_db_blocker.unblock():
        connection.close()
