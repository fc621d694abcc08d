"""What is somebody else's answers as what never was: the same status, and the same bytes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from alumni.models import Profile
from alumni.relay import contact
from cms.models import Submission
from tests import addresses
from tests.factories.alumni import CourseRunFactory, EnrolmentFactory, ProfileFactory, UserFactory

OURS = ("en/members/", "en/reports/", "en/newsletters/")
CODES = {
    "en/members/me/seen-by/<slug:who>/": "names of a fixed list, the same for everybody",
    "en/newsletters/<slug:newsletter>/<str:key>/": "the archive is for everyone",
    "en/newsletters/<slug:newsletter>/feed/": "the archive's feed is for everyone",
    "en/members/answer/<str:token>/": "a sealed token: a foreign one is a good one",
    "en/members/invitation/<str:token>/": "a mailed token: a foreign one is a good one",
    "en/reports/<str:token>/": "a token: a foreign one is a good one",
    "en/reports/<str:token>/report.csv": "a token: a foreign one is a good one",
}
CHANGING = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"')


@pytest.fixture
def foreign(db: None) -> dict[str, str]:
    """Routes with a key in them, and the key of something that is not the visitor's."""
    run = CourseRunFactory(slug="others")
    hidden, one, other = (ProfileFactory(joined=True, tier="network") for _ in range(3))
    for person in (hidden, one, other):
        EnrolmentFactory(profile=person, run=run)
    Profile.objects.filter(pk=hidden.pk).update(tier="protected")
    talk = contact.ask(by=one.user, to=other, text="Between the two of us")
    change = one.changes.create(kind="procedure", text="Mine")
    own = {"members/me/changes/<str:key>/": change.key, "members/me/plan/<slug:run>/": "others"}
    story = Submission.objects.create(author=one, language="en", title="Mine")
    own |= {f"members/stories/<slug:key>/{verb}": story.key for verb in ("", "back/")}
    shown = story.pictures.create(place=1, data=b"", alt="Mine")
    own |= {"members/stories/pictures/<slug:key>/": shown.key}
    talks = ("", "report/", "accept/", "decline/", "block/", "unblock/")
    own |= {f"members/messages/<str:key>/{verb}": talk.key for verb in talks}
    own |= {f"members/<str:key>/{verb}": hidden.key for verb in ("", "write/")}
    own |= {"members/courses/<slug:slug>/": "others"}
    return {f"en/{route}": key for route, key in own.items()}


def asking(route: str) -> bool:
    return route.startswith(OURS) and bool(addresses.arguments(route))


def test_every_route_with_a_key_has_a_foreign_one_to_try(foreign: dict[str, str]) -> None:
    keyed = {route for route in addresses.routes() if asking(route)}

    assert sorted(keyed - foreign.keys() - CODES.keys()) == []
    assert sorted((foreign.keys() | CODES.keys()) - keyed) == []


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("visitor", ["stranger", "waiting", "member"])
def test_foreign_and_missing_answer_alike(
    foreign: dict[str, str], visitor: str, method: str
) -> None:
    client = Client()
    if visitor != "stranger":
        profile = ProfileFactory(joined=True) if visitor == "member" else None
        client.force_login((profile or ProfileFactory(user=UserFactory())).user)

    told = []
    for route, key in foreign.items():
        [name] = addresses.arguments(route)
        missing = "A" * 22 if len(key) == 22 else "winter"
        answers = [
            said(client.generic(method, "/" + addresses.sample(route, **{name: value})), value)
            for value in (key, missing)
        ]
        if answers[0] != answers[1]:
            told.append((route, answers[0][0], answers[1][0]))

    assert told == []


def said(answer: Any, key: str) -> tuple[int, str, bytes]:
    """Status, place and body, without what was asked for and what differs by itself."""
    body = CHANGING.sub(b"", answer.content).replace(key.encode(), b"")
    return answer.status_code, answer.get("Location", "").replace(key, ""), body
