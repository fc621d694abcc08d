"""More is new than one mailing can tell: the oldest goes first, the rest at once, nothing twice."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from newsletters import issues, schedule
from newsletters.models import Cadence, Issue, Newsletter, Subscriber
from newsletters.pipeline import closing, freeze
from newsletters.sources import MOST_ENTRIES
from tests.factories.newsletters import CadenceFactory, SubscriberFactory, SubscriptionFactory
from tests.newsletters.fake_source import publish

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
MANY = 150


@pytest.fixture
def due(newsletter: Newsletter) -> Cadence:
    """A weekly digest is due, and 150 stories are new since a reader rested."""
    now = timezone.now()
    row = CadenceFactory(newsletter=newsletter, next_at=now - MINUTE)
    for number in range(MANY):
        publish(f"s{number:03}", at=row.next_at - DAY * (MANY - number) / 2)
    rested = row.next_at - DAY * (MANY + 1) / 2
    for name, since in (("rested", rested), ("regular", row.next_at - DAY)):
        SubscriptionFactory(
            newsletter=newsletter,
            subscriber=SubscriberFactory(address=f"{name}@example.org", languages=["en"]),
            caught_up_at=since,
            heard_at=row.next_at - DAY,
        )
    return row


def leave() -> dict[str, list[str]]:
    """By name what the one digest that is due tells; every mail of it is taken."""
    (opened,) = schedule.open_due()
    frozen = freeze.freeze(opened.pk)
    assert frozen is not None
    names = dict(Subscriber.objects.values_list("pk", "address"))
    told = {
        names[row.subscriber_id].partition("@")[0]: row.batch.edition.selection
        for row in frozen.deliveries.select_related("batch__edition")
    }
    frozen.batches.update(state="accepted")
    closing.close(frozen)
    return told


def test_nobody_misses_and_nobody_is_told_twice(due: Cadence) -> None:
    mailings = []
    while due.next_at <= timezone.now():
        mailings.append(leave())
        due.refresh_from_db()

    told = [name for mailing in mailings for name in mailing.get("rested", [])]
    assert sorted(told) == [f"s{number:03}@en" for number in range(MANY)]
    assert all(len(mailing.get("rested", [])) <= MOST_ENTRIES for mailing in mailings)
    # Who had missed nothing gets the one mail that tells something new.
    regular = [mailing.get("regular", []) for mailing in mailings]
    assert regular == [[], [], [f"s{MANY - 1:03}@en"]]


def test_it_says_that_the_rest_follows(due: Cadence) -> None:
    leave()

    assert Issue.objects.get().reason == freeze.REST_FOLLOWS


def test_whoever_stops_it_stops_the_rest_as_well(due: Cadence) -> None:
    (opened,) = schedule.open_due()
    frozen = freeze.freeze(opened.pk)
    assert frozen is not None

    issues.cancel(frozen, by=AnonymousUser())

    due.refresh_from_db()
    assert due.next_at > timezone.now()
