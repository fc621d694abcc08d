"""Sending again from the desk: to whom, what is said before, and that a second press adds none."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alumni.models import User
from newsletters.models import Batch, Delivery, Fragment, Issue, Subscription
from newsletters.pipeline import freeze
from tests.factories.newsletters import (
    BatchFactory,
    DeliveryFactory,
    EditionFactory,
    IssueFactory,
    SubscriberFactory,
    SubscriptionFactory,
    own_this_database,
)

pytestmark = pytest.mark.django_db

WORDS = {
    "unknown": "Send again to these 2 people",
    "retry": "Try again with these 2 people",
}


@pytest.fixture
def ended() -> Issue:
    """Three got it, two perhaps, one was refused, for one it was too late."""
    own_this_database()
    issue = IssueFactory(state=Issue.State.DONE, closed_at=timezone.now(), audience=7)
    edition = EditionFactory(issue=issue)
    for state, size in (("accepted", 4), ("unknown", 2), ("expired", 1)):
        batch = BatchFactory(edition=edition, state=state, size=size)
        for number in range(size):
            to(batch, f"{state}-{number}")
    Delivery.objects.filter(subscriber_id=reader("accepted-3")).update(exception="failed")
    return issue


def to(batch: Batch, name: str) -> Delivery:
    subscriber = SubscriberFactory(address=f"{name}@example.org")
    issue = batch.issue
    return DeliveryFactory(
        batch=batch, reader=SubscriptionFactory(newsletter=issue.newsletter, subscriber=subscriber)
    )


def reader(name: str) -> int:
    return Subscription.objects.get(subscriber__address=f"{name}@example.org").subscriber_id


def allow(user: User, *rights: str) -> None:
    user.user_permissions.add(*Permission.objects.filter(codename__in=rights))


def asking(issue: Issue, why: str) -> str:
    return reverse(f"mailing_again_{why}", args=[issue.pk])


def shown(client: Client, address: str) -> str:
    return client.get(address, follow=True).content.decode()


def press(client: Client, address: str) -> HttpResponse:
    """As a browser does that has shown the page."""
    page = client.get(address)
    return client.post(address, {"latest": page.context["latest"]})


@pytest.mark.parametrize("why", ["unknown", "retry"])
def test_an_ended_mailing_offers_it_and_asks_first(
    client: Client, editor: User, ended: Issue, rings: list[int], why: str
) -> None:
    page = shown(client, reverse("mailing", args=[ended.pk]))
    assert WORDS[why] in page
    assert f'href="{asking(ended, why)}"' in page

    question = shown(client, asking(ended, why))

    assert "2 people get this mailing again" in question
    assert WORDS[why] in question
    risk = {"unknown": "gets it a second time", "retry": "None of them has got it."}
    assert risk[why] in question
    assert (Issue.objects.count(), rings) == (1, [])


def test_pressing_makes_one_mailing_to_them_and_shows_it(
    client: Client, editor: User, ended: Issue, rings: list[int]
) -> None:
    answer = press(client, asking(ended, "unknown"))

    again = Issue.objects.get(follows=ended)
    assert (again.why, again.state, again.approved_by) == ("unknown", "approved", editor)
    assert answer.headers["Location"] == reverse("mailing", args=[again.pk])
    assert rings == [1]
    freeze.freeze(again.pk)
    assert set(again.deliveries.values_list("subscriber_id", flat=True)) == {
        reader("unknown-0"),
        reader("unknown-1"),
    }


def test_each_shows_the_other(client: Client, editor: User, ended: Issue, rings: list[int]) -> None:
    press(client, asking(ended, "retry"))
    again = Issue.objects.get(follows=ended)

    before, after = (shown(client, reverse("mailing", args=[issue.pk])) for issue in (ended, again))

    assert f'It is followed by <a href="/cms/mailings/{again.pk}/">{again}</a>.' in before
    assert f'It follows <a href="/cms/mailings/{ended.pk}/">{ended}</a>.' in after


@pytest.mark.parametrize("ends_between", [False, True])
def test_a_second_press_leads_to_what_the_first_made(
    client: Client, editor: User, ended: Issue, rings: list[int], ends_between: bool
) -> None:
    address = asking(ended, "retry")
    form = {"latest": client.get(address).context["latest"]}
    client.post(address, form)
    again = Issue.objects.get(follows=ended)
    if ends_between:
        # Even if it failed for them anew: the second press was meant for the first question.
        freeze.freeze(again.pk)
        Batch.objects.filter(issue=again).update(state="failed")
        Issue.objects.filter(pk=again.pk).update(state="done", closed_at=timezone.now())

    answer = client.post(address, form, follow=True)

    assert Issue.objects.filter(follows=ended).count() == 1
    assert answer.redirect_chain[-1][0] == reverse("mailing", args=[again.pk])
    assert "It is sent again already" in answer.content.decode()


def test_while_it_is_sent_again_the_question_leads_there(
    client: Client, editor: User, ended: Issue, rings: list[int]
) -> None:
    press(client, asking(ended, "unknown"))
    again = Issue.objects.get(follows=ended)

    answer = client.get(asking(ended, "unknown"), follow=True)

    assert answer.redirect_chain[-1][0] == reverse("mailing", args=[again.pk])


def test_what_failed_anew_can_be_tried_anew(
    client: Client, editor: User, ended: Issue, rings: list[int]
) -> None:
    press(client, asking(ended, "retry"))
    again = Issue.objects.get(follows=ended)
    freeze.freeze(again.pk)
    Batch.objects.filter(issue=again).update(state="failed")
    Issue.objects.filter(pk=again.pk).update(state="done", closed_at=timezone.now())

    press(client, asking(ended, "retry"))

    assert Issue.objects.filter(follows=ended).count() == 2


def test_who_has_left_rests_or_was_told_is_counted_apart(
    client: Client, editor: User, ended: Issue, rings: list[int]
) -> None:
    mine = Subscription.objects.filter(newsletter=ended.newsletter)
    mine.filter(subscriber=reader("unknown-0")).update(state="left")
    mine.filter(subscriber=reader("accepted-3")).update(
        paused_until=timezone.now() + dt.timedelta(days=9)
    )
    mine.filter(subscriber=reader("expired-0")).update(caught_up_at=ended.cutoff_at)

    page = shown(client, reverse("mailing", args=[ended.pk]))

    assert "Send again to this 1 person" in page
    assert "Try again" not in page
    question = shown(client, asking(ended, "unknown"))
    assert "1 person gets this mailing again" in question
    assert "have left" in question
    assert "There is nobody to send it to again." in shown(client, asking(ended, "retry"))
    nobody = client.post(asking(ended, "retry"), {"latest": ""}, follow=True)
    assert "There is nobody to send it to again." in nobody.content.decode()
    assert Issue.objects.count() == 1


@pytest.mark.parametrize("state", ["sending", "paused", "halted", "cancelled"])
def test_what_has_not_ended_offers_nothing(
    client: Client, editor: User, ended: Issue, rings: list[int], state: str
) -> None:
    Issue.objects.filter(pk=ended.pk).update(state=state, closed_at=None)

    page = shown(client, reverse("mailing", args=[ended.pk]))

    assert "/again/" not in page
    client.post(asking(ended, "unknown"), {"latest": ""})
    assert Issue.objects.count() == 1


def test_another_mailing_under_way_has_to_end_first(
    client: Client, editor: User, ended: Issue, rings: list[int]
) -> None:
    address = asking(ended, "unknown")
    IssueFactory(newsletter=ended.newsletter, frequency="daily", state=Issue.State.SENDING)

    answer = client.post(address, {"latest": ""}, follow=True)

    assert answer.redirect_chain[-1][0] == reverse("mailing", args=[ended.pk])
    assert "wait until it has ended" in answer.content.decode()


def test_who_they_are_is_shown_to_those_who_may_see_it_and_masked(
    client: Client, editor: User, ended: Issue, rings: list[int], monkeypatch: Any
) -> None:
    assert "example.org</bdi>" not in shown(client, asking(ended, "retry"))
    allow(editor, "view_people")

    page = shown(client, asking(ended, "retry"))

    assert page.count("…@example.org") == 2
    assert "accepted-3@" not in page
    assert "too late" in page
    monkeypatch.setattr("newsletters.again_views.SHOWN", 1)
    page = shown(client, asking(ended, "retry"))
    assert page.count("…@example.org") == 1
    assert "And 1 more person." in page


def test_who_may_only_look_is_offered_nothing(
    client: Client, ended: Issue, rings: list[int]
) -> None:
    user = User.objects.create_user("reader@example.org", "a long pass phrase")
    allow(user, "access_admin", "view_issue", "view_people")
    client.force_login(user)

    page = shown(client, reverse("mailing", args=[ended.pk]))

    assert "Send again" not in page
    assert "gets it a second time" not in shown(client, asking(ended, "unknown"))
    client.post(asking(ended, "unknown"), {"latest": ""})
    assert Issue.objects.count() == 1


@pytest.fixture
def taken_down(ended: Issue) -> Issue:
    """It was written, and a story of it does not stand any more."""
    Issue.objects.filter(pk=ended.pk).update(kind="written", frequency="")
    Fragment.objects.create(
        issue=ended, language="en", entry="letter@en", withdrawn_at=timezone.now()
    )
    return ended


def test_what_tells_of_a_story_that_was_taken_down_is_refused_with_a_sentence(
    client: Client, editor: User, taken_down: Issue, rings: list[int]
) -> None:
    address = asking(taken_down, "retry")

    asked, pressed = shown(client, address), client.post(address, {"latest": ""}, follow=True)

    for page in (asked, pressed.content.decode()):
        assert "was taken down, so it is not sent again" in page
    assert (Issue.objects.count(), rings) == (1, [])


def test_what_was_stopped_for_that_offers_to_cancel_and_nothing_else(
    client: Client, editor: User, taken_down: Issue, rings: list[int]
) -> None:
    Issue.objects.filter(pk=taken_down.pk).update(
        state="halted", reason="withdrawn|", closed_at=None
    )
    address = reverse("mailing", args=[taken_down.pk])

    page = shown(client, address)
    pressed = client.post(f"{address}resume/", follow=True).content.decode()

    assert "Go on sending" not in page
    assert reverse("mailing_cancel", args=[taken_down.pk]) in page
    assert "Cancel it; without the story it can be proposed again" in pressed
    taken_down.refresh_from_db()
    assert (taken_down.state, rings) == ("halted", [])
