"""The reader's verbs: subscribe, confirm, prefer, pause, leave, ask for the link again.

Answers to a stranger never tell whether an address is known; only the mailbox learns it. Nor does
their time: every request writes, rings and is kept or taken back alike.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from newsletters import beginning, consents, letters, links
from newsletters.addresses import keyed_hash, masked, normalise
from newsletters.interests import in_words
from newsletters.models import (
    Delivery,
    Frequency,
    Newsletter,
    OneTimeLink,
    Subscriber,
    Subscription,
)
from newsletters.models.subscribers import SubscriptionQuerySet
from newsletters.sources import EVERYTHING

UNDO_WITHIN = dt.timedelta(minutes=30)
"""How long the preference page takes back a leaving by itself."""


class AddressCannotBeUsed(Exception):
    """Newsletters come to this address already, or nothing may be mailed to it."""


def subscribe(
    *,
    address: str,
    newsletter: Newsletter,
    language: str,
    frequency: str = Frequency.WEEKLY,
    interests: Iterable[str] = (EVERYTHING,),
    network: str = "",
) -> None:
    """Ask the mailbox whether it wants the newsletter; nothing is sent before it says yes.

    A reader who receives it already gets the preference link instead. An address that must not
    be written to, or was asked too often, gets nothing; the caller's answer is the same.
    Raises ValidationError for what is no address, TooManyRequests for a network.
    """
    address = normalise(address)
    links.count_request(network)
    asked = {
        "language": language,
        "frequency": frequency,
        "interests": list(interests) or [EVERYTHING],
    }
    now = timezone.now()
    params = {
        "newsletter": newsletter.wording(language).name,
        "interests": in_words(asked["interests"], language),
    }
    with transaction.atomic():
        suppressed = links.suppressed(address)
        before = transaction.savepoint()
        subscriber, _new = links.locked(address, language)
        subscription = _asked_for(newsletter, subscriber).get()
        unconfirmed = Subscription.objects.filter(state=Subscription.State.PENDING)
        unconfirmed.filter(pk=subscription.pk).update(created_at=now)
        if subscription.state == Subscription.State.CONFIRMED:
            subscription.links.filter(expires_at__lte=now).delete()
            wanted = links.post_preferences(subscriber, language)
        else:
            wanted = links.post_confirmation(subscription, subscriber, params, asked)
        links.keep(before, wanted and not suppressed)


def confirmable(token: str) -> OneTimeLink | None:
    """A confirmation link with its subscription, if it still counts. Changes nothing.

    A link that was pressed already shows what it did, as long as that is still so.
    """
    link = links.find(token)
    if link is None:
        return None
    pressed = link.used_at is not None
    confirmed = link.subscription.state == Subscription.State.CONFIRMED
    return link if confirmed or not pressed else None


def confirm(token: str, *, language: str) -> Subscription | None:
    """The mailbox's owner agrees to what was asked for. A second press changes nothing.

    None when the link does not count (any more). Other links of the subscription are used up.
    """
    now = timezone.now()
    with transaction.atomic():
        link = links.find(token)
        if link is None:
            return None
        subscriber = Subscriber.objects.select_for_update().get(pk=link.subscription.subscriber_id)
        link = confirmable(token)
        if link is None or links.suppressed(subscriber.address):
            return None
        subscription = link.subscription
        subscription.links.filter(used_at=None).update(used_at=now)
        if subscription.state == Subscription.State.CONFIRMED:
            return subscription
        Subscription.objects.filter(pk=subscription.pk).begin(
            now, frequency=link.asked["frequency"], interests=link.asked["interests"]
        )
        read_in(subscriber, languages=[link.asked["language"], *subscriber.languages])
        subscription.refresh_from_db()
        record_consent(subscription, given=True, language=language, how="confirmation link")
        letters.post(
            kind="welcome",
            to=subscriber.address,
            language=language,
            params={
                "newsletter": subscription.newsletter.wording(language).name,
                "preferences_url": links.preferences_url(subscriber),
                **beginning.as_params(beginning.newest(subscription, now)),
            },
            discreet=subscriber.discreet,
        )
        return subscription


def accept(*, address: str, newsletter: Newsletter, language: str, how: str) -> Subscription:
    """Subscribe a mailbox whose owner has proved it and agrees elsewhere: the caller vouches.

    No mail asks again. Safe to run again. Raises AddressCannotBeUsed.
    """
    address, now = normalise(address), timezone.now()
    with transaction.atomic():
        if links.suppressed(address):
            raise AddressCannotBeUsed
        subscriber, _new = links.locked(address, language)
        rows = _asked_for(newsletter, subscriber)
        agreed = rows.exclude(state=Subscription.State.CONFIRMED).begin(now)
        subscription = rows.select_related("subscriber", "newsletter").get()
        if agreed:
            record_consent(subscription, given=True, language=language, how=how)
    return subscription


def prefer(
    subscription: Subscription,
    *,
    frequency: str,
    interests: Iterable[str],
    paused_until: dt.datetime | None,
) -> None:
    """What the reader follows, how often, and whether it rests for a while."""
    Subscription.objects.filter(pk=subscription.pk).update(
        frequency=frequency,
        interests=list(interests) or [EVERYTHING],
        paused_until=paused_until,
    )


def read_in(subscriber: Subscriber, *, languages: Iterable[str]) -> None:
    """The languages read, best first; at least one stays."""
    if chosen := list(dict.fromkeys(languages)):
        Subscriber.objects.filter(pk=subscriber.pk).update(languages=chosen)


def read_as(subscriber: Subscriber, *, plain_text: bool) -> None:
    """Whether newsletters come as text alone; holds from the next list that is drawn up."""
    Subscriber.objects.filter(pk=subscriber.pk).update(plain_text=plain_text)


def change_address(subscriber: Subscriber, *, address: str) -> bool:
    """Everything comes to another mailbox from now on; the old one is told. Safe to run again.

    The caller vouches that the mailbox is the reader's. Raises AddressCannotBeUsed.
    """
    address = normalise(address)
    with transaction.atomic():
        subscriber = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
        old = subscriber.address
        if old == address:
            return False
        if links.suppressed(address) or not _is_free(address):
            raise AddressCannotBeUsed
        Subscriber.objects.filter(pk=subscriber.pk).update(
            address=address, address_hash=keyed_hash(address)
        )
        letters.post(
            kind="address_changed",
            to=old,
            language=subscriber.languages[0],
            params={"address": masked(address)},
            discreet=subscriber.discreet,
        )
    return True


def unsubscribe(subscription: Subscription, *, how: str, language: str) -> bool:
    """Leave one newsletter, at once and also for a mailing on its way. Safe to run again."""
    with transaction.atomic():
        left = (
            Subscription.objects.filter(pk=subscription.pk)
            .exclude(state=Subscription.State.LEFT)
            .update(state=Subscription.State.LEFT, left_at=timezone.now(), left_how=how)
        )
        if left:
            record_consent(subscription, given=False, language=language, how=how)
    return bool(left)


def return_to(subscription: Subscription, *, language: str) -> bool:
    """Undo a leaving of the last half hour; True when that was enough.

    Preference links travel with forwarded mail: later, the mailbox is asked again.
    """
    now = timezone.now()
    with transaction.atomic():
        left = Subscription.objects.filter(
            pk=subscription.pk,
            state=Subscription.State.LEFT,
            confirmed_at__isnull=False,
            left_at__gt=now - UNDO_WITHIN,
        ).exclude(left_how=Subscription.COMPLAINT)
        if not links.suppressed(subscription.subscriber.address) and left.update(
            state=Subscription.State.CONFIRMED, left_at=None, left_how=""
        ):
            record_consent(subscription, given=True, language=language, how="undone at once")
            return True
    subscribe(
        address=subscription.subscriber.address,
        newsletter=subscription.newsletter,
        language=language,
        frequency=subscription.frequency,
        interests=subscription.interests,
    )
    return False


def send_preferences_link(*, address: str, language: str, network: str = "") -> None:
    """Mail the way to the preference page to an address, if it is known; the answer is the same."""
    address = normalise(address)
    links.count_request(network)
    with transaction.atomic():
        suppressed = links.suppressed(address)
        before = transaction.savepoint()
        subscriber, new = links.locked(address, language)
        wanted = links.post_preferences(subscriber, language)
        links.keep(before, wanted and not new and not suppressed)


def record_consent(subscription: Subscription, *, given: bool, language: str, how: str) -> None:
    """One append-only row, with the sentence as the person read it."""
    wording = consents.sentence(subscription.newsletter, language)
    subscription.note_consent(given=given, language=language, how=how, wording=wording)


def _asked_for(newsletter: Newsletter, subscriber: Subscriber) -> SubscriptionQuerySet:
    """The reader's one subscription to it, made where none stands."""
    asked = {"subscriber": subscriber, "newsletter": newsletter}
    Subscription.objects.bulk_create([Subscription(**asked)], ignore_conflicts=True)
    return Subscription.objects.filter(**asked)


def _is_free(address: str) -> bool:
    """Nobody reads at it; a request that nobody confirmed, and that was sent nothing, gives way."""
    other = Subscriber.objects.select_for_update().filter(address=address).first()
    if other is None:
        return True
    asked = other.subscriptions.exclude(state=Subscription.State.PENDING, confirmed_at=None)
    if asked.exists() or Delivery.objects.filter(subscriber_id=other.pk).exists():
        return False
    other.delete()
    return True
