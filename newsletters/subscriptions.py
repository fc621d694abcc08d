"""The reader's verbs: subscribe, confirm, prefer, pause, leave, ask for the link again.

Answers to a stranger never tell whether an address is known; only the mailbox learns it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, override

from newsletters import letters
from newsletters.addresses import keyed_hash, normalise
from newsletters.models import (
    CONFIRM_WITHIN,
    Frequency,
    Letter,
    Newsletter,
    OneTimeLink,
    Subscriber,
    Subscription,
    Suppression,
)
from newsletters.sources import EVERYTHING

UNDO_WITHIN = dt.timedelta(minutes=30)
MOST_A_NETWORK = 5
"""Confirmation mails one network can cause within an hour."""


class TooManyRequests(Exception):
    """This network asked for too many mails; the person should try again in an hour."""


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
    _count(network)
    asked = {
        "language": language,
        "frequency": frequency,
        "interests": list(interests) or [EVERYTHING],
    }
    with transaction.atomic():
        if _suppressed(address):
            return
        subscriber = _locked(address, language)
        subscription, made = Subscription.objects.get_or_create(
            subscriber=subscriber, newsletter=newsletter
        )
        if subscription.state == Subscription.State.CONFIRMED:
            _post_preferences(subscriber, language)
            return
        if not made and subscription.state == Subscription.State.PENDING:
            subscription.created_at = timezone.now()
            subscription.save(update_fields=["created_at"])
        _post_confirmation(subscription, asked)


def confirmable(token: str) -> Subscription | None:
    """The subscription a confirmation link stands for, if it still counts. Changes nothing.

    A link that was pressed already shows what it did, as long as that is still so.
    """
    link = _link(token)
    if link is None:
        return None
    pressed = link.used_at is not None
    confirmed = link.subscription.state == Subscription.State.CONFIRMED
    return link.subscription if confirmed or not pressed else None


def confirm(token: str, *, language: str) -> Subscription | None:
    """The mailbox's owner agrees to what was asked for. A second press changes nothing.

    None when the link does not count (any more). Other links of the subscription are used up.
    """
    now = timezone.now()
    with transaction.atomic():
        link = _link(token)
        if link is None:
            return None
        subscriber = Subscriber.objects.select_for_update().get(pk=link.subscription.subscriber_id)
        subscription = confirmable(token)
        if subscription is None or subscription.state == Subscription.State.CONFIRMED:
            return subscription
        OneTimeLink.objects.filter(subscription=subscription, used_at=None).update(used_at=now)
        Subscription.objects.filter(pk=subscription.pk).update(
            state=Subscription.State.CONFIRMED,
            frequency=link.asked["frequency"],
            interests=link.asked["interests"],
            confirmed_at=now,
            caught_up_at=now,
            paused_until=None,
            left_at=None,
            left_how="",
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
                "preferences_url": preferences_url(subscriber),
            },
        )
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
        left = Subscription.objects.filter(pk=subscription.pk, state=Subscription.State.LEFT)
        back = (
            left.filter(left_at__gt=now - UNDO_WITHIN)
            .exclude(left_how=Subscription.COMPLAINT)
            .update(state=Subscription.State.CONFIRMED, left_at=None, left_how="")
        )
        if back:
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
    _count(network)
    with transaction.atomic():
        subscriber = Subscriber.objects.select_for_update().filter(address=address).first()
        if subscriber and not _suppressed(address):
            _post_preferences(subscriber, language)


def preferences_url(subscriber: Subscriber) -> str:
    """The reader's own page; the key never expires and holds no address."""
    return f"{settings.SITE_URL}/n/p/{subscriber.key}/"


def record_consent(subscription: Subscription, *, given: bool, language: str, how: str) -> None:
    """One append-only row, with the sentence as the person read it."""
    wording = consent_sentence(subscription.newsletter, language)
    subscription.note_consent(given=given, language=language, how=how, wording=wording)


def consent_sentence(newsletter: Newsletter, language: str) -> str:
    """What the confirmation page asks, word for word."""
    with override(language):
        return gettext(
            "Send me “%(newsletter)s” by e-mail until I say stop. I can leave with one click."
        ) % {"newsletter": newsletter.wording(language).name}


def _locked(address: str, language: str) -> Subscriber:
    """The address's row, made if needed, held until the transaction ends: requests queue up."""
    Subscriber.objects.get_or_create(address=address, defaults={"languages": [language]})
    return Subscriber.objects.select_for_update().get(address=address)


def _link(token: str) -> OneTimeLink | None:
    links = OneTimeLink.objects.filter(
        hash=_hash(token), purpose=OneTimeLink.Purpose.CONFIRM, expires_at__gt=timezone.now()
    )
    return links.select_related("subscription__subscriber", "subscription__newsletter").first()


def _post_confirmation(subscription: Subscription, asked: dict[str, Any]) -> None:
    """At most one confirmation mail a day and three in thirty days for an address."""
    address, language, now = subscription.subscriber.address, asked["language"], timezone.now()
    for most, days in ((1, 1), (3, 30)):
        if letters.sent_since(address, "confirm", now - dt.timedelta(days=days)) >= most:
            return
    token = secrets.token_urlsafe(24)
    OneTimeLink.objects.create(
        hash=_hash(token),
        purpose=OneTimeLink.Purpose.CONFIRM,
        subscription=subscription,
        asked=asked,
        expires_at=now + CONFIRM_WITHIN,
    )
    letters.post(
        kind="confirm",
        to=address,
        language=language,
        params={
            "newsletter": subscription.newsletter.wording(language).name,
            "confirm_url": f"{settings.SITE_URL}/n/c/{token}/",
        },
    )


def _post_preferences(subscriber: Subscriber, language: str) -> Letter | None:
    """At most one such mail an hour for an address."""
    hour_ago = timezone.now() - dt.timedelta(hours=1)
    if letters.sent_since(subscriber.address, "preferences_link", hour_ago):
        return None
    return letters.post(
        kind="preferences_link",
        to=subscriber.address,
        language=subscriber.languages[0] if subscriber.languages else language,
        params={"preferences_url": preferences_url(subscriber)},
    )


def _suppressed(address: str) -> bool:
    """A bounced mailbox, or a person who asked to be forgotten. Who left may come back."""
    return (
        Suppression.objects.filter(address=address).exists()
        or Suppression.objects.filter(address_hash=keyed_hash(address)).exists()
    )


def _count(network: str) -> None:
    if not network:
        return
    key = f"mails-asked-for:{keyed_hash(network)}"
    cache.add(key, 0, 3600)
    if cache.incr(key) > MOST_A_NETWORK:
        raise TooManyRequests


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
