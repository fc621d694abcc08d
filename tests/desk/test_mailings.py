"""The editors' screens of mailings: what they show, who may press what."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from alumni.models import User
from newsletters import tasks
from newsletters.models import Issue, Newsletter
from tests.factories.newsletters import (
    CadenceFactory,
    IssueFactory,
    NewsletterFactory,
    own_this_database,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def newsletter() -> Newsletter:
    own_this_database()
    return NewsletterFactory()


@pytest.fixture
def editor(client: Client) -> User:
    user = User.objects.create_user("editor@example.org", "a long pass phrase")
    user.groups.add(Group.objects.get(name="Editors"))
    client.force_login(user)
    return user


@pytest.fixture
def rings(monkeypatch: Any) -> list[int]:
    heard: list[int] = []
    monkeypatch.setattr(tasks.send_due, "delay", lambda: heard.append(1))
    return heard


def test_the_list_says_what_happened_and_what_is_next(
    client: Client, editor: User, newsletter: Newsletter
) -> None:
    CadenceFactory(newsletter=newsletter)
    IssueFactory(newsletter=newsletter, state=Issue.State.DONE, reason="nothing_published")

    page = client.get(reverse("mailings")).content.decode()

    assert "No new stories or calls since the last mailing" in page
    assert "The worker has never run" in page
    assert "every week" in page


def test_one_and_three_mailings_cost_the_same_but_for_their_sums(
    client: Client, editor: User, newsletter: Newsletter
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("mailings")).status_code == 200
        return len(captured)

    def add(days: int) -> None:
        cutoff = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
        IssueFactory(newsletter=newsletter, state=Issue.State.DONE, cutoff_at=cutoff)

    add(1)
    one = queries()
    add(2)
    add(3)

    assert queries() == one


def test_a_mailing_shows_the_sum(client: Client, editor: User, newsletter: Newsletter) -> None:
    issue = IssueFactory(newsletter=newsletter, state=Issue.State.SENDING)

    page = client.get(reverse("mailing", args=[issue.pk])).content.decode()

    assert "Where everyone is" in page


def test_the_button_makes_it_due_and_rings(
    client: Client, editor: User, newsletter: Newsletter, rings: list[int]
) -> None:
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=3)
    cadence = CadenceFactory(newsletter=newsletter, next_at=later)

    answer = client.post(reverse("mailings_send"), {"newsletter": newsletter.slug})

    assert (answer.status_code, rings) == (302, [1])
    cadence.refresh_from_db()
    assert cadence.next_at < later


def test_sending_is_a_right_of_its_own(
    client: Client, newsletter: Newsletter, rings: list[int]
) -> None:
    reader = User.objects.create_user("reader@example.org", "a long pass phrase")
    reader.user_permissions.add(
        *Permission.objects.filter(codename__in=["access_admin", "view_issue"])
    )
    client.force_login(reader)

    assert client.get(reverse("mailings")).status_code == 200
    assert b"Send what is due" not in client.get(reverse("mailings")).content
    answer = client.post(reverse("mailings_send"), {"newsletter": newsletter.slug})

    assert answer.status_code in {302, 403}
    assert rings == []


def test_strangers_are_sent_to_the_one_door(client: Client) -> None:
    answer = client.get(reverse("mailings"))

    assert answer.status_code == 302
    assert "/accounts/login/" in answer.url
