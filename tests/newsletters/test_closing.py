"""A mailing closes in slices: stopped in the middle, done again, never half done for good."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import OperationalError, connection

from newsletters import issues
from newsletters.models import Batch, Issue, Subscription
from newsletters.pipeline import closing, freeze, resolve
from tests.factories.newsletters import LONG_AGO, SubscriptionFactory
from tests.newsletters.fake_source import publish
from tests.newsletters.test_interleavings import _nobody


@pytest.fixture
def handed_over(issue: Issue, monkeypatch: Any) -> Issue:
    """Nothing is left to do for its five readers but to close it."""
    monkeypatch.setattr(closing, "SLICE", 2)
    publish("kenya", at=issue.cutoff_at - dt.timedelta(hours=1))
    SubscriptionFactory.create_batch(5, newsletter=issue.newsletter)
    freeze.freeze(issue.pk)
    Batch.objects.update(state="accepted")
    issue.refresh_from_db()
    return issue


def told() -> int:
    return Subscription.objects.exclude(caught_up_at=LONG_AGO).count()


def test_every_slice_is_told(handed_over: Issue) -> None:
    assert closing.close(handed_over)

    handed_over.refresh_from_db()
    assert (handed_over.state, told()) == ("done", 5)


@pytest.mark.django_db(transaction=True)
def test_what_was_interrupted_is_done_again_and_closes_only_then(handed_over: Issue) -> None:
    slices = []

    def stopped(execute: Any, sql: str, *rest: Any) -> Any:
        if sql == closing.CAUGHT_UP:
            slices.append(sql)
            if len(slices) == 2:
                raise OperationalError("the database goes away")
        return execute(sql, *rest)

    with connection.execute_wrapper(stopped):
        with pytest.raises(OperationalError):
            closing.close(handed_over)
        handed_over.refresh_from_db()
        assert (handed_over.state, told()) == ("sending", 2)

        resolve.sweep()

    handed_over.refresh_from_db()
    assert (handed_over.state, told()) == ("done", 5)
    assert len(slices) == 4  # two, of which one failed, then only the two that were left


def test_whoever_comes_next_goes_on_where_the_last_one_ran_out_of_time(
    handed_over: Issue, monkeypatch: Any
) -> None:
    """However many workers find nothing left to send: none begins again from the start."""
    clock = iter(range(100))
    monkeypatch.setattr(closing, "LASTS", 1.5)
    monkeypatch.setattr(closing.time, "monotonic", lambda: next(clock))

    moved = [(closing.close(handed_over), told()) for _worker in range(3)]

    assert moved == [(False, 2), (False, 4), (False, 5)]
    assert closing.close(handed_over)


def test_who_was_told_more_since_is_left_alone(handed_over: Issue) -> None:
    later = handed_over.cutoff_at + dt.timedelta(days=1)
    Subscription.objects.filter(pk=Subscription.objects.order_by("pk")[0].pk).update(
        caught_up_at=later
    )

    closing.close(handed_over)

    assert Subscription.objects.filter(caught_up_at=later).count() == 1


def test_a_person_who_cancels_a_large_one_does_not_wait_for_that(handed_over: Issue) -> None:
    assert issues.cancel(handed_over, by=_nobody())
    handed_over.refresh_from_db()
    assert (handed_over.closed_at, told()) == (None, 0)

    resolve.sweep()

    handed_over.refresh_from_db()
    assert handed_over.closed_at
    assert told() == 5
