"""Doors that take an address: known or not, the same steps, hashing, mails and time."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import hashers
from django.core import mail
from django.core.cache import cache
from django.test import Client

from alumni.joining import same_time
from tests.factories.alumni import ProfileFactory, UserFactory

pytestmark = pytest.mark.django_db

ACCOUNTS = "/en/accounts"
DOORS = {
    "a password": ("login/", {"password": "not the right one"}),
    "a code by mail": ("login/code/", {}),
    "another password": ("password/reset/", {}),
    "signing up": ("signup/", {}),
}
PEOPLE = ("nobody", "member", "awaited", "shared", "without", "locked")
"""The first is known to no one."""


@pytest.fixture
def people() -> None:
    ProfileFactory(joined=True, address="member@example.org")
    ProfileFactory(address="awaited@example.org")
    for name in ("Amina", "Grace"):
        ProfileFactory(given_name=name, address="shared@example.org")
    without = UserFactory(email="without@example.org")
    without.set_unusable_password()
    without.save()
    UserFactory(email="locked@example.org", is_active=False)


def ask(door: str, who: str) -> tuple[list[tuple[int, str]], int]:
    """The steps that the browser goes, and how many mails leave."""
    cache.clear()
    path, more = DOORS[door]
    address = f"{who}@example.org"
    client, before = Client(), len(mail.outbox)
    answer = client.post(f"{ACCOUNTS}/{path}", {"login": address, "email": address, **more})
    steps = [(answer.status_code, answer.get("Location", ""))]
    while answer.status_code == 302:
        answer = client.get(answer["Location"])
        steps.append((answer.status_code, answer.get("Location", "")))
    return steps, len(mail.outbox) - before


@pytest.mark.parametrize("door", DOORS)
def test_every_door_asks_and_hashes_the_same_for_everybody(
    people: None, door: str, monkeypatch: Any
) -> None:
    hashed: list[str] = []
    hasher = type(hashers.get_hasher())
    encode = hasher.encode
    monkeypatch.setattr(
        hasher, "encode", lambda self, *words: hashed.append("once") or encode(self, *words)
    )

    told = {}
    for who in PEOPLE:
        hashed.clear()
        told[who] = (*ask(door, who), len(hashed))

    assert told == dict.fromkeys(PEOPLE, told["nobody"])


@pytest.mark.parametrize("door", DOORS)
def test_the_answer_of_every_door_waits_for_the_same_time(
    people: None, door: str, settings: Any, monkeypatch: Any
) -> None:
    settings.DOORS_TAKE_SECONDS = 900.0
    waited: list[float] = []
    monkeypatch.setattr(same_time.time, "sleep", waited.append)

    for who in PEOPLE:
        ask(door, who)

    # What is left of the time, whatever the work behind the door took of it.
    assert len(waited) == len(PEOPLE)
    assert all(0 < over <= 900 for over in waited)


def test_other_pages_wait_for_nothing(settings: Any, monkeypatch: Any) -> None:
    settings.DOORS_TAKE_SECONDS = 900.0
    waited: list[float] = []
    monkeypatch.setattr(same_time.time, "sleep", waited.append)

    Client().get(f"{ACCOUNTS}/login/")
    Client().post("/en/newsletters/link/", {"address": "nobody@example.org"})

    assert waited == []
