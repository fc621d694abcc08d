"""One world for all crawls of a file: built once, rolled back at its end."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction

from config.logs import LineFormatter
from tests.privacy import content
from tests.privacy.world import World, build, forget


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """A network with canaries everywhere, seen by whoever the tests send in."""
    with django_db_blocker.unblock(), transaction.atomic():
        cache.clear()
        made = build()
        content.publish(made)
        forget(made)
        yield made
        transaction.set_rollback(True)
    cache.clear()


class _Kept(logging.Handler):
    """Every line as it would stand in the log."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []
        self.setFormatter(LineFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """The log of this test, as production writes it."""
    kept, root = _Kept(), logging.getLogger()
    before = root.level
    root.addHandler(kept)
    root.setLevel(logging.INFO)
    yield kept.lines
    root.removeHandler(kept)
    root.setLevel(before)
