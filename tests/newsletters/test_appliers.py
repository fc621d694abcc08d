"""Two workers apply the inbox at once: every report once, whoever is quicker."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from newsletters.models import Consent, Delivery, Report, Subscription, Suppression
from newsletters.pipeline import track
from tests.factories.newsletters import BatchFactory, DeliveryFactory
from tests.newsletters.mailgun import event, post, signed
from tests.newsletters.test_interleavings import at_once
from tests.newsletters.test_track import reported

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 40


@pytest.fixture
def mails() -> list[Delivery]:
    return DeliveryFactory.create_batch(PEOPLE, batch=BatchFactory(size=PEOPLE))


def applier(most: int) -> Callable[[], list[int]]:
    """Counts of what one worker applied, turn by turn, until nothing waits for it."""

    def work() -> list[int]:
        turns = []
        while applied := track.apply_reports(most):
            turns.append(applied)
        return turns

    return work


def test_two_appliers_apply_each_report_once(mails: list[Delivery]) -> None:
    for mail in mails:
        reported(mail, "complained")

    turns = at_once(applier(3), applier(3))

    assert sum(map(sum, turns)) == PEOPLE
    assert Consent.objects.filter(given=False).count() == PEOPLE
    assert Suppression.objects.count() == PEOPLE
    assert set(Subscription.objects.values_list("state", flat=True)) == {"left"}
    assert not Delivery.objects.filter(complained_at=None).exists()


def test_appliers_with_the_same_people_never_wait_in_a_ring(mails: list[Delivery]) -> None:
    shuffled = random.Random(7)
    kinds = [("complained", ""), ("delivered", ""), ("bounced", "bounced"), ("complained", "")]
    for kind, reason in kinds * 3:
        # A turn's worth: whoever takes the next one needs the same rows in another order.
        for mail in shuffled.sample(mails, PEOPLE):
            reported(mail, kind, reason=reason)

    turns = at_once(*[applier(PEOPLE)] * 3)

    assert None not in turns
    assert sum(map(sum, turns)) == 12 * PEOPLE
    assert set(Suppression.objects.values_list("reason", flat=True)) == {"complaint"}
    assert Consent.objects.filter(given=False).count() == PEOPLE
    one = Delivery.objects.order_by("pk")[0]
    assert None not in (one.delivered_at, one.complained_at, one.bounced_at)


def test_the_same_report_through_two_doors_is_kept_once(mails: list[Delivery]) -> None:
    report = signed(event(mails[0]))
    forged: dict[str, Any] = report | {"event-data": event(mails[1], "complained")}

    answers = at_once(*[lambda: post(report)] * 3, lambda: post(forged))

    assert answers == [200] * 4
    assert Report.objects.count() == 1
