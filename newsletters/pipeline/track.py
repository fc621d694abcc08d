"""In: what the provider reports of a delivery. Out: facts beside the state, and suppressions.

A fact never re-opens sending, never undoes a bounce, and may arrive before the answer is recorded.
"""

from __future__ import annotations

import datetime as dt

from anymail.signals import EventType, RejectReason
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from newsletters.models import Delivery, Subscriber, Subscription, Suppression

FACTS = {
    EventType.DELIVERED: "delivered_at",
    EventType.BOUNCED: "bounced_at",
    EventType.COMPLAINED: "complained_at",
}
PERMANENT = {RejectReason.BOUNCED, RejectReason.INVALID}


def record(
    *, kind: str, delivery_id: str, recipient: str, at: dt.datetime | None, reject_reason: str
) -> bool:
    """Note one event; False when it speaks of no delivery of ours. Safe to run again.

    Deliveries are found by our own id, which the provider carries in the message's metadata.
    """
    fact = FACTS.get(kind)
    if fact is None or not delivery_id.isdecimal() or len(delivery_id) > 18:
        return False
    with transaction.atomic():
        known = Delivery.objects.filter(pk=int(delivery_id))
        row = known.values("subscriber_id", "issue__newsletter").first()
        if row is None:
            return False
        known.update(**{fact: Coalesce(F(fact), at or timezone.now())})
        subscriber = Subscriber.objects.filter(pk=row["subscriber_id"]).first()
        # An address changed since belongs to another mailbox: what bounced was the old one.
        if subscriber is None or subscriber.address != recipient.lower():
            return True
        if kind == EventType.BOUNCED and reject_reason in PERMANENT:
            _suppress(subscriber.address, Suppression.Reason.BOUNCE)
        elif kind == EventType.COMPLAINED:
            _suppress(subscriber.address, Suppression.Reason.COMPLAINT)
            receives = Subscription.objects.confirmed().filter(subscriber=subscriber)
            for subscription in receives.select_related("newsletter"):
                subscription.note_consent(
                    given=False,
                    language=subscriber.languages[0],
                    how=Subscription.COMPLAINT,
                    wording="",
                )
            receives.update(
                state=Subscription.State.LEFT,
                left_at=timezone.now(),
                left_how=Subscription.COMPLAINT,
            )
    return True


def _suppress(address: str, reason: str) -> None:
    """First reason wins, except that a complaint outweighs a bounce."""
    row, made = Suppression.objects.get_or_create(address=address, defaults={"reason": reason})
    if not made and reason == Suppression.Reason.COMPLAINT:
        Suppression.objects.filter(pk=row.pk, reason=Suppression.Reason.BOUNCE).update(
            reason=reason
        )
