"""An address of which only the hash is kept gets nothing, however its row came back."""

from __future__ import annotations

import datetime as dt

import pytest

from newsletters import links, subscriptions
from newsletters.addresses import keyed_hash
from newsletters.models import Batch, Delivery, Issue, Subscriber, Subscription, Suppression
from newsletters.pipeline import claim, follow, freeze
from tests.factories.newsletters import SubscriberFactory, SubscriptionFactory
from tests.newsletters.fake_source import publish

ERASED = "erased@example.org"


def erase(address: str = ERASED) -> None:
    Suppression.objects.create(address_hash=keyed_hash(address), reason="erased")


def subscribed(issue: Issue, address: str) -> Subscription:
    reader = SubscriberFactory(address=address)
    return SubscriptionFactory(newsletter=issue.newsletter, subscriber=reader)


def draw_up(issue: Issue) -> Issue:
    publish("kenya", at=issue.cutoff_at - dt.timedelta(hours=1))
    frozen = freeze.freeze(issue.pk)
    assert frozen is not None
    return frozen


@pytest.mark.parametrize("erased", [1, 3])
def test_freezing_leaves_them_out(issue: Issue, erased: int) -> None:
    for n in range(erased):
        subscribed(issue, f"erased-{n}@example.org")
        erase(f"erased-{n}@example.org")
    subscribed(issue, "reader@example.org")

    frozen = draw_up(issue)

    assert (frozen.audience, frozen.excluded) == (1, {"suppressed": erased})


def test_who_was_erased_after_freezing_is_not_handed_over(issue: Issue) -> None:
    subscribed(issue, ERASED)
    kept = subscribed(issue, "reader@example.org")
    draw_up(issue)
    erase()

    held = claim.claim_batch("a worker")
    assert held is not None
    recipients = claim.look_again(held)

    assert [one.address for one in recipients] == [kept.subscriber.address]
    assert list(Delivery.objects.exclude(exception="").values_list("exception", flat=True)) == [
        "suppressed"
    ]


def test_nothing_is_sent_again_to_them(issue: Issue) -> None:
    subscribed(issue, ERASED)
    draw_up(issue)
    Batch.objects.update(state=Batch.State.FAILED)
    erase()

    assert follow.counts(issue, Issue.Why.RETRY) == {"suppressed": 1}


def test_nobody_moves_to_their_address(issue: Issue) -> None:
    erase()
    reader = subscribed(issue, "reader@example.org").subscriber

    with pytest.raises(subscriptions.AddressCannotBeUsed):
        subscriptions.change_address(reader, address=ERASED)


def test_the_hash_follows_the_address(issue: Issue) -> None:
    saved = subscribed(issue, "reader@example.org").subscriber
    made, _new = links.locked("other@example.org", "en")
    subscriptions.change_address(saved, address="third@example.org")
    Subscriber(address="fourth@example.org", languages=["en"]).save()

    rows = Subscriber.objects.order_by("pk")
    assert [row.address_hash for row in rows] == [
        keyed_hash(address) for address in ("third@example.org", made.address, "fourth@example.org")
    ]


def test_readers_who_share_no_address_with_them_are_not_meant(issue: Issue) -> None:
    erase()
    bare = subscribed(issue, "reader@example.org").subscriber
    Subscriber.objects.filter(pk=bare.pk).update(address_hash="")  # written in SQL

    assert draw_up(issue).audience == 1
