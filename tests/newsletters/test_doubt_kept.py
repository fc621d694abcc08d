"""A doubt stays with its people until something settles it, and ends for all of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from newsletters import issues, lookup
from newsletters.models import Attempt, Batch, Delivery, Issue, Newsletter, Subscription
from newsletters.pipeline import claim, deliver, freeze, record, resolve
from newsletters.providers import Kind, Outcome
from tests.factories.newsletters import LONG_AGO, SubscriptionFactory
from tests.newsletters.fake_source import publish
from tests.newsletters.test_interleavings import _nobody
from tests.newsletters.test_resolve import able, look, parts, says

DAY = dt.timedelta(hours=24)


@pytest.fixture
def frozen(issue: Issue) -> Issue:
    """Three people in one batch."""
    publish("kenya", at=issue.cutoff_at - dt.timedelta(hours=1))
    SubscriptionFactory.create_batch(3, newsletter=issue.newsletter)
    freeze.freeze(issue.pk)
    return issue


def turn(*kinds: Kind) -> Batch:
    """A worker's turn in which the people of the batch fare like this, in order."""
    claim = deliver.claim_batch("w")
    assert claim is not None
    recipients = deliver.look_again(claim)
    attempt = deliver.begin(claim, recipients)
    assert attempt is not None
    record.finish(
        claim,
        attempt,
        [
            record.Result((one.delivery_id,), Outcome(kind))
            for one, kind in zip(recipients, kinds, strict=True)
        ],
    )
    return claim.batch


def a_call_a_person(monkeypatch: Any, **facts: Any) -> None:
    able(monkeypatch, can_look_up=False, atomic=False, merges=False, **facts)


def test_a_doubt_beside_a_refused_account_ends(frozen: Issue, monkeypatch: Any) -> None:
    a_call_a_person(monkeypatch)
    turn(Kind.ACCEPTED, Kind.AMBIGUOUS, Kind.ACCOUNT)
    Attempt.objects.update(started_at=LONG_AGO)

    look()

    assert parts() == {"accepted": 1, "queued": 1, "unknown": 1}


def test_late_answers_count_for_everyone_but_those_in_doubt(
    frozen: Issue, monkeypatch: Any
) -> None:
    a_call_a_person(monkeypatch)
    claim = deliver.claim_batch("slow")
    assert claim is not None
    recipients = deliver.look_again(claim)
    attempt = deliver.begin(claim, recipients)
    assert attempt is not None
    Batch.objects.update(lease_until=LONG_AGO)
    resolve.sweep()
    kinds = (Kind.ACCEPTED, Kind.AMBIGUOUS, Kind.NOT_SENT)
    fates = [
        record.Result((one.delivery_id,), Outcome(kind))
        for one, kind in zip(recipients, kinds, strict=True)
    ]
    record.finish(claim, attempt, fates)

    look()

    assert parts() == {"accepted": 1, "uncertain": 1, "queued": 1}


def test_an_answer_that_comes_during_the_look_up_counts(frozen: Issue, monkeypatch: Any) -> None:
    claim = deliver.claim_batch("slow")
    assert claim is not None
    recipients = deliver.look_again(claim)
    attempt = deliver.begin(claim, recipients)
    assert attempt is not None
    Batch.objects.update(lease_until=LONG_AGO)
    resolve.sweep()
    says(monkeypatch, set())
    look()

    def meanwhile(key: str, since: dt.datetime) -> set[str]:
        people = tuple(one.delivery_id for one in recipients)
        record.finish(claim, attempt, [record.Result(people, Outcome(Kind.ACCEPTED, 200))])
        return set()

    monkeypatch.setattr(lookup, "taken", meanwhile)
    look()

    assert parts() == {"accepted": 3}


def test_who_was_not_called_again_keeps_the_age_of_the_doubt(
    frozen: Issue, monkeypatch: Any
) -> None:
    """The second call met a quota that lasts longer than the key does."""
    a_call_a_person(monkeypatch, idempotent_for=DAY)
    doubtful = turn(Kind.AMBIGUOUS, Kind.AMBIGUOUS, Kind.AMBIGUOUS)
    look()
    assert turn(Kind.ACCEPTED, Kind.QUOTA, Kind.HELD_BACK) == doubtful
    assert parts() == {"accepted": 1, "queued": 2}
    Attempt.objects.update(started_at=timezone.now() - DAY)
    Batch.objects.filter(state="queued").update(next_at=LONG_AGO)

    assert deliver.take_turn("w")

    assert Attempt.objects.count() == 2
    assert parts() == {"accepted": 1, "unknown": 2}


def test_a_second_doubt_takes_the_first_ones_with_it(frozen: Issue, monkeypatch: Any) -> None:
    a_call_a_person(monkeypatch, idempotent_for=DAY)
    turn(Kind.AMBIGUOUS, Kind.AMBIGUOUS, Kind.AMBIGUOUS)
    look()
    turn(Kind.ACCEPTED, Kind.AMBIGUOUS, Kind.NOT_SENT)

    assert parts() == {"accepted": 1, "uncertain": 2}


@pytest.mark.parametrize("ends", ["expired", "cancelled", "withdrawn", "tried too often"])
def test_what_is_in_doubt_never_counts_as_not_sent(
    frozen: Issue, monkeypatch: Any, ends: str
) -> None:
    a_call_a_person(monkeypatch, idempotent_for=DAY)
    turn(Kind.AMBIGUOUS, Kind.AMBIGUOUS, Kind.AMBIGUOUS)
    look()
    assert parts() == {"queued": 3}
    if ends == "expired":
        Issue.objects.update(not_after=LONG_AGO)
        resolve.sweep()
    elif ends == "cancelled":
        issues.cancel(frozen, by=_nobody())
    elif ends == "withdrawn":
        issues.withdraw("kenya", ["en"])
    else:
        Batch.objects.update(tries=record.MOST_TRIES)
        turn(Kind.NOT_SENT, Kind.NOT_SENT, Kind.NOT_SENT)

    assert parts() == {"unknown": 3}


@pytest.mark.parametrize("how", ["a report", "the answer"])
def test_what_comes_to_light_before_the_second_call_saves_it(
    frozen: Issue, monkeypatch: Any, how: str
) -> None:
    claim = deliver.claim_batch("slow")
    assert claim is not None
    recipients = deliver.look_again(claim)
    attempt = deliver.begin(claim, recipients)
    assert attempt is not None
    Batch.objects.update(lease_until=LONG_AGO)
    resolve.sweep()
    says(monkeypatch, set(), set())
    look(2)
    assert parts() == {"queued": 3}
    if how == "a report":
        first = Delivery.objects.filter(pk=recipients[0].delivery_id)
        first.update(delivered_at=timezone.now())
    else:
        people = tuple(one.delivery_id for one in recipients)
        record.finish(claim, attempt, [record.Result(people, Outcome(Kind.ACCEPTED, 200))])

    assert deliver.take_turn("w")

    assert Attempt.objects.count() == 1
    assert parts() == {"accepted": 3}


def test_who_was_never_called_does_not_fail_with_who_was(frozen: Issue, monkeypatch: Any) -> None:
    """One mailbox that is always busy must not use up the tries of the others."""
    a_call_a_person(monkeypatch)
    Batch.objects.update(tries=record.MOST_TRIES - 1)

    turn(Kind.NOT_SENT, Kind.HELD_BACK, Kind.HELD_BACK)

    assert parts() == {"failed": 1, "queued": 2}


def test_another_account_is_not_asked_and_not_called(
    frozen: Issue, monkeypatch: Any, settings: Any
) -> None:
    """It would say that it knows nothing of the call, and send it once more."""
    able(monkeypatch, can_look_up=True, atomic=True)
    turn(*[Kind.AMBIGUOUS] * 3)
    says(monkeypatch)  # has no answer to give
    settings.ANYMAIL = settings.ANYMAIL | {"MAILGUN_SENDER_DOMAIN": "moved.example.org"}

    look()
    look()
    assert parts() == {"uncertain": 3}

    Attempt.objects.update(started_at=LONG_AGO)
    look()
    assert parts() == {"unknown": 3}


def test_a_second_call_is_not_made_by_another_account(
    frozen: Issue, monkeypatch: Any, settings: Any
) -> None:
    turn(*[Kind.AMBIGUOUS] * 3)
    Batch.objects.update(state="queued", is_second_call=True, next_at=LONG_AGO)
    settings.ANYMAIL = settings.ANYMAIL | {"MAILGUN_SENDER_DOMAIN": "moved.example.org"}

    assert deliver.take_turn("w")

    assert parts() == {"unknown": 3}


@pytest.mark.parametrize(
    ("changed", "people"),
    [({}, {"accepted": 3}), ({"reply_to": "desk@news.example.org"}, {"unknown": 3})],
)
def test_a_second_call_says_what_the_first_one_said(
    frozen: Issue, monkeypatch: Any, changed: dict[str, str], people: dict[str, int]
) -> None:
    """Whom to answer is a part of it, too. Another worker makes the call, with nothing kept."""
    able(monkeypatch, can_look_up=False, atomic=False, merges=True, idempotent_for=DAY)
    turn(*[Kind.AMBIGUOUS] * 3)
    Batch.objects.update(state="queued", is_second_call=True, next_at=LONG_AGO)
    Newsletter.objects.update(hour=8, **changed)
    claim._issue.cache_clear()

    assert deliver.take_turn("w")

    assert parts() == people


@pytest.mark.parametrize(
    ("facts", "gone"), [({"idempotent_for": DAY}, "unknown"), ({"idempotent_for": None}, "left")]
)
def test_who_leaves_before_the_second_call_may_have_had_the_first(
    frozen: Issue, monkeypatch: Any, facts: dict[str, Any], gone: str
) -> None:
    """Where a look-up came first it is known that nothing arrived."""
    a_call_a_person(monkeypatch, **facts)
    turn(*[Kind.AMBIGUOUS] * 3)
    Batch.objects.update(state="queued", is_second_call=True, next_at=LONG_AGO)
    leaver = Subscription.objects.order_by("pk")[0]
    Subscription.objects.filter(pk=leaver.pk).update(state="left")

    turn(*[Kind.ACCEPTED] * 2)

    assert parts() == {"accepted": 2, gone: 1}
