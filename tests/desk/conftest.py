"""The editors' side of newsletters: somebody at the desk, a newsletter, and who hears the bell."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from alumni.models import User
from newsletters import tasks
from newsletters.models import Newsletter
from tests.factories.newsletters import NewsletterFactory, own_this_database


@pytest.fixture
def newsletter(db: None) -> Newsletter:
    own_this_database()
    return NewsletterFactory()


@pytest.fixture
def editor(client: Client, db: None) -> User:
    """Signed in."""
    user = User.objects.create_user("editor@example.org", "a long pass phrase")
    user.groups.add(Group.objects.get(name="Editors"))
    client.force_login(user)
    return user


@pytest.fixture
def rings(monkeypatch: Any) -> list[int]:
    """A ring a number."""
    heard: list[int] = []
    monkeypatch.setattr(tasks.send_due, "delay", lambda: heard.append(1))
    return heard
