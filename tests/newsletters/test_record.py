"""What was certainly not sent comes back: when, how often, and for how long."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from newsletters import tallies
from newsletters.models import Batch, Issue, Subscription
from newsletters.pipeline import closing, deliver, freeze, record
from tests.factories.newsletters import (
    LONG_AGO,
    BatchFactory,
    DeliveryFactory,
    EditionFactory,
    SubscriptionFactory,
)
from tests.newsletters.fake_source import publish


@pytest.fixture
def unreachable(issue: Issue, settings: Any) -> Issue:
    """A mailing to two people in one batch; nobody listens where the mail service should be."""
    settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
    settings.ANYMAIL = settings.ANYMAIL | {"MAILGUN_API_URL": "http://127.0.0.1:9/v3"}
    publish("kenya", at=issue.cutoff_at - dt.timedelta(hours=1))
    SubscriptionFactory.create_batch(2, newsletter=issue.newsletter)
    freeze.freeze(issue.pk)
    return issue


def parts(issue: Issue) -> dict[str, int]:
    issue.refresh_from_db()
    tally = tallies.tally(issue)
    assert tally.closes
    return {name: count for name, count in tally.parts.items() if count}


@pytest.mark.parametrize(
    ("tries", "longest"), [(1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600), (20, 3600)]
)
def test_waits_double_and_differ_up_to_an_hour(tries: int, longest: int) -> None:
    waits = {record._wait(tries, 0).total_seconds() for _time in range(50)}

    assert longest / 2 <= min(waits) < max(waits) <= longest
    assert len(waits) > 10


def test_a_wait_is_never_shorter_than_the_service_asked_for() -> None:
    assert record._wait(1, 600).total_seconds() == 600
    assert record._wait(8, 1).total_seconds() >= 1800


@pytest.mark.parametrize(("tries", "fate"), [(6, "queued"), (7, "failed")])
def test_the_eighth_try_is_the_last(unreachable: Issue, tries: int, fate: str) -> None:
    Batch.objects.update(tries=tries)

    assert deliver.take_turn("w")

    assert parts(unreachable) == {fate: 2}
    assert Batch.objects.get().tries == tries + 1
    assert unreachable.state == ("sending" if fate == "queued" else "done")
    assert set(Subscription.objects.values_list("caught_up_at", flat=True)) == {LONG_AGO}


def test_what_could_only_leave_too_late_has_failed(unreachable: Issue) -> None:
    Issue.objects.update(not_after=timezone.now() + dt.timedelta(seconds=10))

    assert deliver.take_turn("w")

    assert parts(unreachable) == {"failed": 2}


@pytest.mark.django_db
def test_who_may_have_been_told_is_caught_up_and_nobody_falls_back() -> None:
    edition = EditionFactory(issue__kind="digest", issue__frequency="weekly")
    issue, told = edition.issue, {}
    for state in ("accepted", "unknown", "failed", "cancelled", "expired"):
        batch = BatchFactory(edition=edition, state=state)
        for exception in ("", "accepted", "unknown", "failed", "left", "suppressed"):
            mail = DeliveryFactory(batch=batch, exception=exception)
            told[mail.subscriber_id] = exception or state
    ahead = DeliveryFactory(batch=BatchFactory(edition=edition))
    later = issue.cutoff_at + dt.timedelta(days=1)
    Subscription.objects.filter(subscriber=ahead.subscriber_id).update(caught_up_at=later)

    assert closing.close(issue)

    moved = Subscription.objects.filter(caught_up_at=issue.cutoff_at)
    assert set(moved.values_list("subscriber", flat=True)) == {
        person for person, fate in told.items() if fate in {"accepted", "unknown"}
    }
    assert Subscription.objects.get(subscriber=ahead.subscriber_id).caught_up_at == later


@pytest.mark.django_db
@pytest.mark.parametrize("state", Batch.OPEN)
def test_a_mailing_is_not_over_while_something_is_to_come(state: str) -> None:
    batch = BatchFactory()
    BatchFactory(edition=batch.edition, state=state)

    assert not closing.close(batch.issue)
    Batch.objects.update(state="unknown")
    assert closing.close(batch.issue)
    assert Issue.objects.get().state == Issue.State.DONE
