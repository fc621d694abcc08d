"""The editors' form of a newsletter: its rhythm follows, what mail filters know stays."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from alumni.models import User
from newsletters.models import Newsletter, Suppression
from tests.factories.newsletters import CadenceFactory, NewsletterFactory

pytestmark = pytest.mark.django_db

FORM = {
    "slug": "stories",
    "kind": "digest",
    "is_open": "on",
    "from_email": "stories@news.example.org",
    "reply_to": "editors@news.example.org",
    "postal_address": "1 Garden Street",
    "list_id": "stories.news.example.org",
    "timezone": "Africa/Cairo",
    "weekday": 0,
    "hour": 9,
    "weekend": "45",
    "grace_hours": 48,
}


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("chief@example.org", "a long pass phrase"))
    return client


def save(desk: Client, newsletter: Newsletter, **changes: Any) -> Newsletter:
    answer = desk.post(reverse("newsletter:edit", args=[newsletter.pk]), FORM | changes)
    assert answer.status_code == 302
    newsletter.refresh_from_db()
    return newsletter


def test_a_new_digest_falls_due_by_itself(desk: Client) -> None:
    answer = desk.post(reverse("newsletter:add"), FORM)

    assert answer.status_code == 302
    due = Newsletter.objects.get().cadences.values_list("frequency", flat=True)
    assert sorted(due) == ["daily", "monthly", "weekly"]


def test_another_hour_moves_what_is_due(desk: Client) -> None:
    newsletter = NewsletterFactory()
    long_ago = dt.datetime(2026, 1, 1, 7, tzinfo=dt.UTC)
    cadence = CadenceFactory(newsletter=newsletter, next_at=long_ago)

    save(desk, newsletter)
    cadence.refresh_from_db()
    assert cadence.next_at == long_ago
    save(desk, newsletter, hour=14, weekday=3)

    cadence.refresh_from_db()
    local = cadence.next_at.astimezone(newsletter.zone)
    assert (local.hour, local.weekday()) == (14, 3)
    assert cadence.next_at > dt.datetime.now(dt.UTC)


def test_a_written_one_that_becomes_a_digest_falls_due(desk: Client) -> None:
    newsletter = NewsletterFactory(kind=Newsletter.Kind.WRITTEN)

    save(desk, newsletter, kind="digest")

    assert newsletter.cadences.count() == 3


def test_what_archives_and_mail_filters_know_stays(desk: Client) -> None:
    newsletter = NewsletterFactory(slug="as-it-was", list_id="as-it-was.example.org")

    save(desk, newsletter, slug="other", list_id="other.example.org", grace_hours=12)

    assert (newsletter.slug, newsletter.list_id) == ("as-it-was", "as-it-was.example.org")
    assert newsletter.grace_hours == 12
    page = desk.get(reverse("newsletter:edit", args=[newsletter.pk])).content.decode()
    assert "as-it-was.example.org" in page
    assert 'name="slug"' not in page
    assert 'name="slug"' in desk.get(reverse("newsletter:add")).content.decode()


def test_a_suppression_typed_with_capitals_holds(desk: Client) -> None:
    form = {"address": "Amina@Example.ORG", "reason": "asked", "note": ""}

    assert desk.post(reverse("suppression:add"), form).status_code == 302
    assert desk.post(reverse("suppression:add"), form).status_code == 200

    assert list(Suppression.objects.values_list("address", flat=True)) == ["amina@example.org"]
