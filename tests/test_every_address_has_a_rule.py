"""Who may open what, for every address the site has: a new one without a rule fails here.

The addresses come from the resolver, the people from the roles; a rule says what a GET may answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import translation

from alumni.models import User

OPEN = "everybody"
SIGNED_IN = "people with an account"
DESK = "staff with the right"
NOBODY = "nobody by GET"

RULES: list[tuple[str, str]] = [
    (r"healthz$", OPEN),
    (r"metrics$", NOBODY),
    (r"anymail/", NOBODY),
    (r"n/", NOBODY),  # an unknown token is not found, whoever asks
    (r"cms/(login|logout|password_reset|sprite|jsi18n)/", OPEN),
    (r"cms/", DESK),
    (r"documents/", NOBODY),
    (r"media/", NOBODY),
    (r"(sitemap\.xml|robots\.txt)$", OPEN),
    (r"en/_util/login/", OPEN),
    (r"en/_util/", NOBODY),
    (r"en/accounts/(login|logout|signup|inactive|confirm-email)/", OPEN),
    (r"en/accounts/password/reset/", OPEN),
    (r"en/accounts/2fa/(authenticate|webauthn/login)/", OPEN),
    (r"en/accounts/", SIGNED_IN),
    (r"en/members/answer/", NOBODY),  # nor is a forged one
    (r"en/members/invitation/nothing/", NOBODY),  # an unknown token is not found, whoever asks
    (r"en/members/(invitation|slip)/$", OPEN),
    (r"en/members/", SIGNED_IN),
    (r"en/certificates/$", OPEN),
    (r"en/reports/", NOBODY),
    (r"en/newsletters/", OPEN),
    (r"en/(search|feed)/", OPEN),
    (r"en/$", OPEN),
]


@dataclass(frozen=True)
class Address:
    path: str
    rule: str


def addresses() -> list[Address]:
    """Every address of the resolver with sample values, and the first rule that fits it."""
    found = []
    with translation.override("en"):
        routes = list(_routes(get_resolver()))
    for route in routes:
        path = _sample(route)
        rule = next((rule for pattern, rule in RULES if re.match(pattern, path)), "")
        found.append(Address(f"/{path}", rule))
    return found


def _routes(resolver: Any, before: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route


def _sample(route: str) -> str:
    """A path that the route takes: whatever it asks for, it gets something that does not exist."""
    route = route.replace("^", "").replace("$", "").replace(r"\.", ".").replace(r"\Z", "")
    route = re.sub(r"<int:\w+>|\(\\d\+\)|\(\?P<\w+>\\d\+\)", "987654", route)
    route = re.sub(r"<\w*:?\w+>", "nothing", route)
    route = route.replace(r"((?:[\w\-]+/)*)", "").replace(r"((?:[\w-]+/)*)", "")
    route = re.sub(r"\(\?P<\w+>[^()]*\)", "nothing", route)
    return re.sub(r"\(\.\*\)|\.\*|\.\+|\([^()]*\)\??", "nothing", route)


@pytest.fixture
def people(db: None) -> dict[str, Client]:
    """One client for each role."""
    clients = {"anonymous": Client(raise_request_exception=False)}
    for role, group in (("alumnus", None), ("editor", "Editors"), ("administrator", "root")):
        user = User.objects.create_user(f"{role}@example.org", "a long pass phrase")
        if group == "root":
            user.is_superuser = True
            user.save()
        elif group:
            user.groups.add(Group.objects.get(name=group))
        clients[role] = Client(raise_request_exception=False)
        clients[role].force_login(user)
    return clients


def test_every_address_has_a_rule() -> None:
    assert [address.path for address in addresses() if not address.rule] == []


def test_no_address_breaks_or_shows_itself_to_the_wrong_people(people: dict[str, Client]) -> None:
    shown_to_wrong, broken = [], []
    allowed = {
        OPEN: set(people),
        SIGNED_IN: {"alumnus", "editor", "administrator"},
        DESK: {"editor", "administrator"},
        NOBODY: set(),
    }
    for address in addresses():
        for role, client in people.items():
            answer = client.get(address.path)
            # Wagtail's own screens answer made-up ids of its choosers with errors, to staff alone.
            if answer.status_code >= 500 and address.rule != DESK:
                broken.append((role, address.path, answer.status_code))
            if answer.status_code == 200 and role not in allowed[address.rule]:
                shown_to_wrong.append((role, address.path))

    assert shown_to_wrong == []
    assert broken == []


def test_what_editors_may_not_see(people: dict[str, Client]) -> None:
    """People and addresses are the administrators' business."""
    private = (
        "/cms/suppression/",
        "/cms/users/",
        "/cms/wording/",
        "/cms/groups/",
        "/cms/rights/hiding/",
        "/cms/rights/stop/",
        "/cms/rights/letter/",
        "/cms/rights/list/",
        "/cms/rights/reported/",
        "/cms/rights/looks/",
    )

    assert [p for p in private if people["editor"].get(p).status_code == 200] == []
    assert [p for p in private if people["administrator"].get(p).status_code != 200] == []


@pytest.mark.parametrize("door", ["/cms/login/", "/en/_util/login/", "/cms/"])
def test_there_is_one_door(people: dict[str, Client], door: str) -> None:
    answer = people["anonymous"].get(door, follow=True)

    assert answer.redirect_chain[-1][0].partition("?")[0] == "/en/accounts/login/"


def test_no_door_takes_a_password_past_the_account_pages(people: dict[str, Client]) -> None:
    for door in ("/cms/login/", "/en/_util/login/"):
        client = Client()
        client.post(
            door,
            {"username": "administrator@example.org", "password": "a long pass phrase"},
            follow=True,
        )
        assert "_auth_user_id" not in client.session
