"""The pages of error say what to do, and nothing of what was going on."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.privacy.crawler import body_of
from tests.privacy.shown import leaks
from tests.privacy.world import World


def strange_host(client: Client) -> Any:
    return client.get("/en/", headers={"host": "elsewhere.example"})


def without_a_cookie(client: Client) -> Any:
    return client.post("/en/newsletters/link/", {"address": "somebody@canary.example"})


def nowhere(client: Client) -> Any:
    return client.get("/en/stories/nowhere/")


def odd_method(client: Client) -> Any:
    return client.options("/en/newsletters/")


def broken(client: Client) -> Any:
    return client.get("/en/search/?q=anything")


@pytest.mark.parametrize(
    ("goes_wrong", "status"),
    [
        (strange_host, 400),
        (without_a_cookie, 403),
        (nowhere, 404),
        (odd_method, 405),
        (broken, 500),
    ],
)
def test_no_page_of_error_tells_what_went_wrong(
    world: World,
    logged: list[str],
    monkeypatch: pytest.MonkeyPatch,
    goes_wrong: Any,
    status: int,
) -> None:
    person = world.profiles["network"]
    token = person.subscriber.key

    def fails(words: str, *args: Any, **kwargs: Any) -> None:
        secret = person.given_name
        raise RuntimeError(f"{person.address} at /n/p/{token}/ {len(secret)}")

    monkeypatch.setattr("cms.views.search", fails)
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    answer = goes_wrong(client)

    assert answer.status_code == status
    heads = str(dict(answer.items())).encode()
    noted = world.canaries.found_in(heads + "\n".join(logged).encode())
    assert {str(world.canaries.places[mark]) for mark in noted} == set()
    # A page that is not there leads on to the newest stories: what every stranger may read.
    shown = {world.canaries.places[mark] for mark in world.canaries.found_in(body_of(answer))}
    assert {str(place) for place in (leaks("stranger", shown) if status == 404 else shown)} == set()
    assert "canary.example" not in "\n".join(logged)
