"""What an address is sent when somebody types it: a link to confirm, or one to its preferences.

In: an address, from a stranger perhaps. Out: a mail with a token, not too often, and nothing that
the caller's answer or its time could tell.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from newsletters import letters
from newsletters.addresses import keyed_hash
from newsletters.models import (
    CONFIRM_WITHIN,
    FreshLink,
    OneTimeLink,
    Subscriber,
    Subscription,
    Suppression,
)

MOST_A_NETWORK = 5
"""Confirmation mails one network can cause within an hour."""


class TooManyRequests(Exception):
    """This network asked for too many mails; the person should try again in an hour."""


def count_request(network: str) -> None:
    """One more mail that this network causes. Raises TooManyRequests."""
    if not network:
        return
    key = f"mails-asked-for:{keyed_hash(network)}"
    cache.add(key, 0, 3600)
    if cache.incr(key) > MOST_A_NETWORK:
        raise TooManyRequests


def suppressed(address: str) -> bool:
    """A bounced mailbox, or a person who asked to be forgotten. Who left may come back."""
    by_either = Q(address=address) | Q(address_hash=keyed_hash(address))
    return Suppression.objects.filter(by_either).exists()


def locked(address: str, language: str) -> tuple[Subscriber, bool]:
    """The address's row, and whether it is new; held until the transaction ends.

    One statement makes it or takes it: requests for an address queue up, whoever was first.
    """
    newcomer = Subscriber(address=address, languages=[language])
    Subscriber.objects.bulk_create(
        [newcomer], update_conflicts=True, unique_fields=["address"], update_fields=["address"]
    )
    subscriber = Subscriber.objects.get(address=address)
    return subscriber, subscriber.key == newcomer.key


def keep(before: str, wanted: bool) -> None:
    """What was written since a savepoint stays, or was never there.

    The bell rings in both cases: hooks on the commit outlive a savepoint made by hand, and no
    worker finds a letter that was taken back.
    """
    if wanted:
        transaction.savepoint_commit(before)
    else:
        transaction.savepoint_rollback(before)


def post_confirmation(
    subscription: Subscription,
    subscriber: Subscriber,
    params: dict[str, str],
    asked: dict[str, Any],
) -> bool:
    """Whether the address may be asked: once a day, three times in thirty days."""
    now = timezone.now()
    times = letters.sent_since(subscriber.address, "confirm", now - dt.timedelta(days=30))
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
        to=subscriber.address,
        language=asked["language"],
        params=params | {"confirm_url": f"{settings.SITE_URL}/n/c/{token}/"},
        # Nobody knows whose mailbox a stranger typed.
        discreet=True,
    )
    return len(times) < 3 and not any(time >= now - dt.timedelta(days=1) for time in times)


def find(token: str) -> OneTimeLink | None:
    """The confirmation link of this token, pressed or not, until it expires."""
    links = OneTimeLink.objects.filter(
        hash=_hash(token), purpose=OneTimeLink.Purpose.CONFIRM, expires_at__gt=timezone.now()
    )
    return links.select_related("subscription__subscriber", "subscription__newsletter").first()


def issue(subscriber: Subscriber, purpose: str, lasts: dt.timedelta, *, address: str = "") -> str:
    """A link of one use for this reader; only its hash is kept. Its token."""
    token = secrets.token_urlsafe(24)
    FreshLink.objects.create(
        hash=_hash(token),
        purpose=purpose,
        subscriber=subscriber,
        address=address,
        expires_at=timezone.now() + lasts,
    )
    return token


def unused(token: str, purpose: str) -> FreshLink | None:
    """The link of this token while it counts. Changes nothing."""
    links = FreshLink.objects.filter(
        hash=_hash(token), purpose=purpose, used_at=None, expires_at__gt=timezone.now()
    )
    return links.select_related("subscriber").first()


def use_up(link: FreshLink) -> bool:
    """True for the one press that uses it."""
    now = timezone.now()
    waiting = FreshLink.objects.filter(pk=link.pk, used_at=None, expires_at__gt=now)
    return bool(waiting.update(used_at=now, address=""))


def post_preferences(subscriber: Subscriber, language: str) -> bool:
    """Whether the address may have such a mail: once an hour."""
    hour_ago = timezone.now() - dt.timedelta(hours=1)
    times = letters.sent_since(subscriber.address, "preferences_link", hour_ago)
    letters.post(
        kind="preferences_link",
        to=subscriber.address,
        language=subscriber.languages[0] if subscriber.languages else language,
        params={"preferences_url": preferences_url(subscriber)},
        discreet=subscriber.discreet,
    )
    return not times


def preferences_url(subscriber: Subscriber) -> str:
    """The reader's own page; the key never expires and holds no address."""
    return f"{settings.SITE_URL}/n/p/{subscriber.key}/"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
