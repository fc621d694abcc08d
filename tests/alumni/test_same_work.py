"""Doors that take an address: known or not, the same steps, hashing, mails and time."""

from __future__ import annotations

from types import SimpleNamespace
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


@pytest.fixture
def waited(settings: Any, monkeypatch: Any) -> list[float]:
    """How long each answer that waits would have waited."""
    settings.DOORS_TAKE_SECONDS = 900.0
    noted: list[float] = []
    monkeypatch.setattr(same_time.time, "sleep", noted.append)
    return noted


@pytest.mark.parametrize(("door", "pages"), list(zip(DOORS, (1, 2, 2, 2), strict=True)))
def test_the_answer_of_every_door_waits_for_the_same_time(
    people: None, door: str, pages: int, waited: list[float]
) -> None:
    for who in PEOPLE:
        ask(door, who)

    # What is left of the time, whatever the work behind the door took of it; a page for the code
    # that was mailed waits, too.
    assert len(waited) == len(PEOPLE) * pages
    assert all(0 < over <= 900 for over in waited)


@pytest.mark.parametrize("door", list(DOORS)[1:])
@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("said", [{"code": "WRONG1"}, {"action": "resend"}])
def test_a_wrong_code_and_another_one_wait_as_long(
    people: None, door: str, who: str, said: dict[str, str], waited: list[float]
) -> None:
    cache.clear()
    path, more = DOORS[door]
    client, address = Client(), f"{who}@example.org"
    page = client.post(f"{ACCOUNTS}/{path}", {"email": address, **more})["Location"]
    waited.clear()

    client.post(page, said)

    assert len(waited) == 1


def test_a_slip_s_holder_learns_nothing_of_addresses_either(waited: list[float]) -> None:
    Client().post("/en/members/slip/", {"code": "1" * 16, "address": "nobody@example.org"})

    assert len(waited) == 1


def test_work_that_takes_longer_than_a_step_waits_for_the_next(
    waited: list[float], monkeypatch: Any
) -> None:
    ticks = iter([0.0, 1000.0])
    clock = SimpleNamespace(monotonic=lambda: next(ticks), sleep=waited.append)
    monkeypatch.setattr(same_time, "time", clock)

    Client().post(f"{ACCOUNTS}/login/", {"login": "nobody@example.org", "password": "wrong"})

    assert waited == [800.0]


def test_other_pages_wait_for_nothing(waited: list[float]) -> None:
    Client().get(f"{ACCOUNTS}/login/")
    Client().post("/en/newsletters/link/", {"address": "nobody@example.org"})

    assert waited == []
