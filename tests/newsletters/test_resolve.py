"""A batch in doubt: what settles it, and what happens when nothing does."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from newsletters import lookup, providers, tallies
from newsletters.models import Attempt, Batch, Delivery, Issue, Subscription
from newsletters.pipeline import deliver, freeze, record, resolve
from newsletters.pipeline.claim import Claim
from newsletters.providers import Kind, Outcome
from tests.factories.newsletters import LONG_AGO, SubscriptionFactory
from tests.newsletters.fake_source import publish

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def doubtful(issue: Issue) -> Batch:
    """Three people in one batch whose worker died between hand-over and record."""
    publish("kenya", at=issue.cutoff_at - HOUR)
    for _reader in range(3):
        SubscriptionFactory(newsletter=issue.newsletter)
    freeze.freeze(issue.pk)
    claim = deliver.claim_batch("dead")
    assert claim is not None
    assert deliver.begin(claim, deliver.look_again(claim)) is not None
    Batch.objects.update(lease_until=LONG_AGO)
    resolve.sweep()
    Batch.objects.update(next_at=LONG_AGO)
    return Batch.objects.get()


def says(monkeypatch: Any, *answers: set[str] | None) -> None:
    """What the mail service's record says, look by look."""
    told = list(answers)
    monkeypatch.setattr(lookup, "taken", lambda key, since: told.pop(0))


def able(monkeypatch: Any, **facts: Any) -> None:
    from dataclasses import replace

    mailgun = providers.PROVIDERS["mailgun"]
    monkeypatch.setattr(providers, "PROVIDERS", {"mailgun": replace(mailgun, **facts)})


def look(times: int = 1) -> None:
    for _look in range(times):
        Batch.objects.filter(state="uncertain").update(next_at=LONG_AGO)
        assert resolve.resolve_next("resolver")


def parts() -> dict[str, int]:
    tally = tallies.tally(Issue.objects.get(follows=None))
    assert tally.closes
    return {name: count for name, count in tally.parts.items() if count}


def test_found_at_the_service_is_accepted_whole(doubtful: Batch, monkeypatch: Any) -> None:
    says(monkeypatch, {Subscription.objects.first().subscriber.address})  # type: ignore[union-attr]

    look()

    assert parts() == {"accepted": 3}
    assert Issue.objects.get().state == Issue.State.DONE
    assert not Subscription.objects.filter(caught_up_at=LONG_AGO).exists()


def test_found_and_absent_move_apart_where_a_call_may_be_taken_in_part(
    doubtful: Batch, monkeypatch: Any
) -> None:
    able(monkeypatch, atomic=False)
    one = Subscription.objects.order_by("pk")[0].subscriber
    says(monkeypatch, {one.address}, set())

    look()
    assert parts() == {"accepted": 1, "uncertain": 2}
    look()

    assert parts() == {"accepted": 1, "queued": 2}
    taken = Delivery.objects.get(subscriber_id=one.pk)
    assert taken.batch.state == Batch.State.ACCEPTED
    assert taken.batch_id != doubtful.pk


def test_absent_twice_is_sent_once_more_and_then_never(doubtful: Batch, monkeypatch: Any) -> None:
    says(monkeypatch, set(), set(), set(), set())

    look()
    assert parts() == {"uncertain": 3}
    look()
    assert parts() == {"queued": 3}

    claim = deliver.claim_batch("dies again")
    assert claim is not None
    assert deliver.begin(claim, deliver.look_again(claim)) is not None
    Batch.objects.update(lease_until=LONG_AGO)
    resolve.sweep()
    look(2)

    assert parts() == {"unknown": 3}
    assert deliver.claim_batch("anybody") is None
    assert Issue.objects.get().state == Issue.State.DONE


def test_a_look_is_not_taken_too_early(doubtful: Batch, monkeypatch: Any) -> None:
    """The service lists a call a little after it took it, and two looks at once are one."""

    def waits() -> float:
        assert not resolve.resolve_next("hasty")
        return (Batch.objects.get().next_at - timezone.now()).total_seconds()

    says(monkeypatch, set())
    settle = providers.current().settle.total_seconds()
    Batch.objects.update(state="submitting", lease_until=LONG_AGO)
    resolve.sweep()
    assert settle - 5 < waits() <= settle

    look()
    assert 295 < waits() <= 300

    people = tuple(Delivery.objects.values_list("pk", flat=True))
    record.settle(doubtful, [record.Result(people, Outcome(Kind.AMBIGUOUS))])
    assert settle - 5 < waits() <= settle


def test_a_look_up_without_an_answer_decides_nothing(doubtful: Batch, monkeypatch: Any) -> None:
    says(monkeypatch, None, None, None, {"reader@example.org"})

    look(3)
    assert (parts(), Batch.objects.get().looks) == ({"uncertain": 3}, 0)


def test_a_look_up_that_never_answers_ends_with_the_mailing(
    doubtful: Batch, monkeypatch: Any
) -> None:
    says(monkeypatch, None)
    Issue.objects.update(not_after=LONG_AGO)

    look()

    assert parts() == {"unknown": 3}


def test_a_report_about_one_settles_a_call_that_is_taken_whole(
    doubtful: Batch, monkeypatch: Any
) -> None:
    says(monkeypatch)
    Delivery.objects.filter(pk=Delivery.objects.order_by("pk")[0].pk).update(
        delivered_at=timezone.now()
    )

    look()

    assert parts() == {"accepted": 3}


def test_an_answer_noted_too_late_counts(doubtful: Batch, monkeypatch: Any) -> None:
    says(monkeypatch)
    dead = Claim(Batch.objects.get(), "dead")
    people = tuple(Delivery.objects.values_list("pk", flat=True))
    accepted = Outcome(Kind.ACCEPTED, 200)
    record.finish(dead, Attempt.objects.get(), [record.Result(people, accepted)])
    assert parts() == {"uncertain": 3}

    look()

    assert parts() == {"accepted": 3}


def test_without_look_up_and_reports_a_doubt_is_named_at_once(
    doubtful: Batch, monkeypatch: Any
) -> None:
    able(monkeypatch, can_look_up=False, reports=False, atomic=False)

    look()

    assert parts() == {"unknown": 3}


def test_a_young_key_is_called_again_with_the_same_bytes_only(
    doubtful: Batch, monkeypatch: Any
) -> None:
    able(monkeypatch, can_look_up=False, idempotent_for=dt.timedelta(hours=24))

    look()
    assert parts() == {"queued": 3}
    Subscription.objects.filter(pk=Subscription.objects.order_by("pk")[0].pk).update(state="left")
    assert deliver.take_turn("w")

    assert Attempt.objects.count() == 1
    assert parts() == {"unknown": 3}


def test_two_resolvers_never_hold_the_same_batch(doubtful: Batch, monkeypatch: Any) -> None:
    says(monkeypatch, set())

    Batch.objects.update(owner="a", lease_until=timezone.now() + HOUR)
    assert not resolve.resolve_next("b")

    Batch.objects.update(lease_until=LONG_AGO)
    assert resolve.resolve_next("b")
    assert not resolve.resolve_next("c")


def test_of_a_cancelled_mailing_nothing_found_absent_is_sent(
    doubtful: Batch, monkeypatch: Any
) -> None:
    says(monkeypatch, set(), set())
    Issue.objects.update(state="cancelled")

    look(2)

    assert parts() == {"cancelled": 3}
    assert Issue.objects.get().closed_at
