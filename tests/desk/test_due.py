"""What would leave now: the screen on which a colleague looks at a digest before its readers."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.users.models import UserProfile

from alumni.models import User
from newsletters import preview
from newsletters.models import Cadence, Edition, Fragment, Issue, Subscription
from newsletters.pipeline import editions, freeze
from tests.factories.newsletters import (
    CadenceFactory,
    NewsletterFactory,
    SubscriberFactory,
    SubscriptionFactory,
    own_this_database,
)
from tests.newsletters import fake_source

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def fake_stories(settings: Any) -> Any:
    settings.RABITA_CONTENT_SOURCE = "tests.newsletters.fake_source"
    yield
    fake_source.published.clear()


@pytest.fixture
def due() -> Cadence:
    own_this_database()
    newsletter = NewsletterFactory()
    for name, languages, interests in (
        ("one", ["en"], ["country:KE"]),
        ("two", ["ar", "en"], ["all"]),
        ("three", ["en"], ["all"]),
        ("four", ["ar"], ["all"]),
    ):
        person = SubscriberFactory(address=f"{name}@example.org", languages=languages)
        SubscriptionFactory(newsletter=newsletter, subscriber=person, interests=interests)
    fake_source.publish(
        "kenya", at=timezone.now() - HOUR, languages="en ar", interests="country:KE"
    )
    return CadenceFactory(newsletter=newsletter, next_at=timezone.now() + 20 * HOUR)


def look(client: Client, due: Cadence, query: str = "") -> str:
    response = client.get(reverse("mailing_due", args=[due.pk]) + query)
    assert response.status_code == 200
    return response.content.decode()


def press(client: Client, due: Cadence, verb: str, seen: dt.datetime | None = None) -> Any:
    url = reverse(f"mailing_due_{verb}", args=[due.pk])
    return client.post(url, {"seen": (seen or due.next_at).isoformat()}, follow=True)


def test_three_readers_side_by_side(client: Client, editor: User, due: Cadence) -> None:
    page = look(client, due)

    assert "If it left now, 4 readers would get it." in page
    assert "Send to 4 people now" in page
    mails = [html.unescape(mail) for mail in re.findall(r'srcdoc="([^"]*)"', page)]
    assert len(mails) == 3
    assert {'dir="rtl"' in mail for mail in mails} == {True, False}
    assert any("Because you follow Kenya." in mail for mail in mails)
    assert "Follows Kenya." in page
    assert "@example.org" not in page.replace("editor@example.org", "")


def test_in_arabic_lists_have_arabic_commas(client: Client, editor: User, due: Cadence) -> None:
    reads_arabic = UserProfile.get_for_user(editor)
    reads_arabic.preferred_language = "ar"
    reads_arabic.save()

    page = look(client, due)

    assert "العربيّة، English" in page
    with translation.override("ar"):
        assert "، " in str(due)


def test_all_rhythms_at_once_are_asked_first(
    client: Client, editor: User, due: Cadence, rings: list[int]
) -> None:
    CadenceFactory(newsletter=due.newsletter, frequency="daily")
    daily = Subscription.objects.filter(subscriber__address="four@example.org")
    daily.update(frequency="daily")
    address = reverse("mailings_send", args=[due.newsletter.slug])

    page = client.get(address).content.decode()

    assert re.findall(r'(?s)Would get it now">(\d+)<', page) == ["3", "1"]
    assert "Send to 4 people now" in page
    due.refresh_from_db()
    assert (due.next_at > timezone.now(), rings) == (True, [])
    assert not Issue.objects.exists()
    seen = re.findall(r'name="seen" value="([^"]*)"', page)[0]
    client.post(address, {"seen": seen})
    due.refresh_from_db()
    assert (due.next_at > timezone.now(), rings) == (False, [1])


def test_a_press_on_a_page_that_is_old_sends_nothing(
    client: Client, editor: User, due: Cadence, rings: list[int]
) -> None:
    address = reverse("mailings_send", args=[due.newsletter.slug])
    seen = client.get(address).context["seen"]
    later = due.next_at + dt.timedelta(days=7)
    Cadence.objects.filter(pk=due.pk).update(next_at=later)

    answer = client.post(address, {"seen": seen}, follow=True)

    assert "look again" in answer.content.decode()
    due.refresh_from_db()
    assert (due.next_at, rings) == (later, [])


def test_nobody_is_asked_where_nothing_is_new(client: Client, editor: User, due: Cadence) -> None:
    fake_source.published.clear()

    page = client.get(reverse("mailings_send", args=[due.newsletter.slug])).content.decode()

    assert "nobody would get it" in page
    assert "people now" not in page


def test_what_is_shown_is_what_leaves(due: Cadence) -> None:
    shown = {reading.html for reading in preview.would_leave(due, shown=9).readings}
    assert not Issue.objects.exists()
    issue = Issue.objects.create(
        newsletter=due.newsletter,
        kind="digest",
        frequency="weekly",
        cutoff_at=timezone.now(),
        not_after=timezone.now() + HOUR,
        state=Issue.State.APPROVED,
    )
    freeze.freeze(issue.pk)

    left = {editions.mail(edition).html for edition in Edition.objects.filter(issue=issue)}

    assert {_without_keys(mail) for mail in shown} == {_without_keys(mail) for mail in left}


def test_looking_changes_nothing(client: Client, editor: User, due: Cadence) -> None:
    before = list(Subscription.objects.order_by("pk").values())

    look(client, due)

    assert list(Subscription.objects.order_by("pk").values()) == before
    assert not any(model.objects.exists() for model in (Issue, Edition, Fragment))


def test_other_readers_can_be_looked_at(client: Client, editor: User, due: Cadence) -> None:
    first = look(client, due)
    assert "?from=3" in first

    assert look(client, due, "?from=3").count("<iframe") == 1
    assert look(client, due, "?from=x").count("<iframe") == 3


def test_it_is_sent_at_once(client: Client, editor: User, due: Cadence, rings: list[int]) -> None:
    page = press(client, due, "send")

    assert "is being drawn up" in page.content.decode()
    due.refresh_from_db()
    assert due.next_at <= timezone.now()
    assert rings == [1]


def test_it_is_skipped_and_nobody_is_told(
    client: Client, editor: User, due: Cadence, rings: list[int]
) -> None:
    page = press(client, due, "skip")

    assert "comes with the next one" in page.content.decode()
    before = due.next_at
    due.refresh_from_db()
    assert due.next_at > before
    assert not Issue.objects.exists()


def test_a_second_press_changes_nothing(client: Client, editor: User, due: Cadence) -> None:
    press(client, due, "skip")
    due.refresh_from_db()
    once = due.next_at

    page = press(client, due, "skip", once - dt.timedelta(days=7))

    assert "had changed meanwhile" in page.content.decode()
    due.refresh_from_db()
    assert due.next_at == once
    assert client.post(reverse("mailing_due_skip", args=[due.pk]), {"seen": "x"}).status_code == 302


def test_who_may_only_look_has_no_buttons(client: Client, due: Cadence) -> None:
    user = User.objects.create_user("looks@example.org", "a long pass phrase")
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["view_issue", "access_admin"])
    )
    client.force_login(user)

    page = look(client, due)

    assert "Send to" not in page
    assert press(client, due, "skip").status_code in {302, 403} or "Sorry" in str(
        press(client, due, "skip").content
    )
    due.refresh_from_db()
    assert due.next_at > timezone.now()


def test_strangers_are_asked_to_sign_in(client: Client, due: Cadence) -> None:
    assert client.get(reverse("mailing_due", args=[due.pk])).status_code == 302


def test_the_number_of_statements_does_not_grow_with_readers(
    client: Client, editor: User, due: Cadence
) -> None:
    look(client, due)
    with CaptureQueriesContext(connection) as few:
        look(client, due)
    for number in range(12):
        person = SubscriberFactory(languages=["en"])
        interests = ["country:KE"] if number % 2 else ["all"]
        SubscriptionFactory(newsletter=due.newsletter, subscriber=person, interests=interests)
    with CaptureQueriesContext(connection) as many:
        look(client, due)

    assert len(many) == len(few)


def _without_keys(mail: str) -> str:
    """Apart from keys of readers and of the issue, which nobody has before it leaves."""
    for key in (editions.render.UNSUBSCRIBE, editions.render.PREFERENCES):
        mail = mail.replace(key, preview.DEAD)
    return re.sub(r"(/newsletters/[\w-]+/)[\w-]+/", r"\1", mail)
