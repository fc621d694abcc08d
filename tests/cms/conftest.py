"""A small site for the tests of pages: two languages, the sections, one course with a donor."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.test import Client

from alumni.models import User
from tests.factories.alumni import UserFactory
from tests.factories.cms import Tree, site_tree


@pytest.fixture(autouse=True)
def fresh_cache() -> Iterator[None]:
    """Wagtail keeps root paths of sites in the cache; a rolled-back test must not leave its own."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def tree(db: None) -> Tree:
    """Home and sections in English and Arabic."""
    return site_tree()


@pytest.fixture
def editor(db: None) -> User:
    user = UserFactory()
    user.groups.add(Group.objects.get(name="Editors"))
    return user


@pytest.fixture
def desk(client: Client, editor: User) -> Client:
    """The browser of an editor."""
    client.force_login(editor)
    return client
