"""A worker's machine may have any clock: what others rely on is reckoned by the database's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.utils import timezone

from newsletters import lookup
from newsletters.models import Attempt, Batch, Issue
from newsletters.pipeline import deliver, freeze, record, resolve
from newsletters.pipeline.claim import Claim
from newsletters.providers import Kind, Outcome
from tests.factories.newsletters import LONG_AGO, SubscriptionFactory
from tests.newsletters.fake_source import publish

HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)


@pytest.fixture(params=[-5, 5])
def batch(issue: Issue, request: pytest.FixtureRequest) -> Iterator[Batch]:
    """The only batch of an issue, for a worker whose clock is hours slow or fast."""
    publish("kenya", at=issue.cutoff_at - HOUR)
    SubscriptionFactory(newsletter=issue.newsletter)
    freeze.freeze(issue.pk)
    with time_machine.travel(timezone.now() + request.param * HOUR):
        yield Batch.objects.get()


def begin() -> tuple[Claim, Attempt]:
    claim = deliver.claim_batch("w")
    assert claim is not None
    attempt = deliver.begin(claim, deliver.look_again(claim))
    assert attempt is not None
    return claim, Attempt.objects.get()


def minutes_until(moment: dt.datetime, really: dt.datetime) -> int:
    return round((moment - really) / MINUTE)


@pytest.fixture
def really(db: None) -> dt.datetime:
    """Now, by a clock that is right."""
    return timezone.now()


def test_a_call_begins_by_the_shared_clock(really: dt.datetime, batch: Batch) -> None:
    _claim, attempt = begin()

    assert minutes_until(attempt.started_at, really) == 0
    assert minutes_until(attempt.deadline_at, really) == 2


def test_a_dead_workers_call_is_looked_up_no_sooner(really: dt.datetime, batch: Batch) -> None:
    begin()
    Batch.objects.update(lease_until=LONG_AGO)

    resolve.sweep()

    batch.refresh_from_db()
    assert (batch.state, minutes_until(batch.next_at, really)) == ("uncertain", 5)


@pytest.mark.parametrize(
    ("kind", "state", "least", "most"),
    [(Kind.AMBIGUOUS, "uncertain", 5, 5), (Kind.NOT_SENT, "queued", 0, 1)],
)
def test_an_answer_waits_no_longer_and_no_shorter(
    really: dt.datetime, batch: Batch, kind: Kind, state: str, least: int, most: int
) -> None:
    claim, attempt = begin()
    people = tuple(batch.deliveries.values_list("pk", flat=True))

    record.finish(claim, attempt, [record.Result(people, Outcome(kind))])

    batch.refresh_from_db()
    assert batch.state == state
    assert least <= minutes_until(batch.next_at, really) <= most


def test_the_second_look_comes_no_sooner(
    really: dt.datetime, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_since = []
    monkeypatch.setattr(lookup, "taken", lambda key, since: asked_since.append(since) or set())
    begin()
    Batch.objects.update(lease_until=LONG_AGO)
    resolve.sweep()
    Batch.objects.update(next_at=LONG_AGO)

    assert resolve.resolve_next("w")

    batch.refresh_from_db()
    assert (batch.state, minutes_until(batch.next_at, really)) == ("uncertain", 5)
    assert [minutes_until(moment, really) for moment in asked_since] == [0]
