"""The reader's verbs: subscribe, confirm, prefer, pause, leave, ask for the link again.

Answers to a stranger never tell whether an address is known; only the mailbox learns it. Nor does
their time: every request writes, rings and is kept or taken back alike.
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
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, override

from newsletters import letters, sources
from newsletters.addresses import keyed_hash, normalise
from newsletters.models import (
    CONFIRM_WITHIN,
    Frequency,
    Newsletter,
    OneTimeLink,
    Subscriber,
    Subscription,
    Suppression,
)
from newsletters.sources import EVERYTHING, Interest

UNDO_WITHIN = dt.timedelta(minutes=30)
"""How long the preference page takes back a leaving by itself."""
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
    now = timezone.now()
    params = {
        "newsletter": newsletter.wording(language).name,
        "interests": in_words(asked["interests"], language),
    }
    with transaction.atomic():
        suppressed = _suppressed(address)
        before = transaction.savepoint()
        subscriber, _new = _locked(address, language)
        Subscription.objects.bulk_create(
            [Subscription(subscriber=subscriber, newsletter=newsletter)], ignore_conflicts=True
        )
        subscription = Subscription.objects.get(subscriber=subscriber, newsletter=newsletter)
        unconfirmed = Subscription.objects.filter(state=Subscription.State.PENDING)
        unconfirmed.filter(pk=subscription.pk).update(created_at=now)
        if subscription.state == Subscription.State.CONFIRMED:
            subscription.links.filter(expires_at__lte=now).delete()
            wanted = _post_preferences(subscriber, language)
        else:
            wanted = _post_confirmation(subscription, subscriber, params, asked)
        _keep(before, wanted and not suppressed)


def confirmable(token: str) -> OneTimeLink | None:
    """A confirmation link with its subscription, if it still counts. Changes nothing.

    A link that was pressed already shows what it did, as long as that is still so.
    """
    link = _link(token)
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
        link = _link(token)
        if link is None:
            return None
        subscriber = Subscriber.objects.select_for_update().get(pk=link.subscription.subscriber_id)
        link = confirmable(token)
        if link is None or _suppressed(subscriber.address):
            return None
        subscription = link.subscription
        subscription.links.filter(used_at=None).update(used_at=now)
        if subscription.state == Subscription.State.CONFIRMED:
            return subscription
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
            discreet=subscriber.discreet,
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
        left = Subscription.objects.filter(
            pk=subscription.pk,
            state=Subscription.State.LEFT,
            confirmed_at__isnull=False,
            left_at__gt=now - UNDO_WITHIN,
        ).exclude(left_how=Subscription.COMPLAINT)
        if not _suppressed(subscription.subscriber.address) and left.update(
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
    _count(network)
    with transaction.atomic():
        suppressed = _suppressed(address)
        before = transaction.savepoint()
        subscriber, new = _locked(address, language)
        wanted = _post_preferences(subscriber, language)
        _keep(before, wanted and not new and not suppressed)


def preferences_url(subscriber: Subscriber) -> str:
    """The reader's own page; the key never expires and holds no address."""
    return f"{settings.SITE_URL}/n/p/{subscriber.key}/"


def followable(codes: Iterable[str], language: str) -> list[Interest]:
    """Those of the codes that can be followed, labelled, in the order in which to show them."""
    if not (asked := set(codes)):
        return []
    return [one for one in sources.content().interests(language) if one.code in asked]


def in_words(codes: Iterable[str], language: str) -> str:
    """“Kenya · Victim protection”, or “everything”; empty when none can be followed any more."""
    codes = set(codes)
    if EVERYTHING in codes:
        with override(language):
            return gettext("everything")
    return " · ".join(one.label for one in followable(codes, language))


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


def _locked(address: str, language: str) -> tuple[Subscriber, bool]:
    """The address's row, and whether it is new; held until the transaction ends.

    One statement makes it or takes it: requests for an address queue up, whoever was first.
    """
    newcomer = Subscriber(address=address, languages=[language])
    Subscriber.objects.bulk_create(
        [newcomer], update_conflicts=True, unique_fields=["address"], update_fields=["address"]
    )
    subscriber = Subscriber.objects.get(address=address)
    return subscriber, subscriber.key == newcomer.key


def _keep(before: str, wanted: bool) -> None:
    """What was written since a savepoint stays, or was never there.

    The bell rings in both cases: hooks on the commit outlive a savepoint made by hand, and no
    worker finds a letter that was taken back.
    """
    if wanted:
        transaction.savepoint_commit(before)
    else:
        transaction.savepoint_rollback(before)


def _link(token: str) -> OneTimeLink | None:
    links = OneTimeLink.objects.filter(
        hash=_hash(token), purpose=OneTimeLink.Purpose.CONFIRM, expires_at__gt=timezone.now()
    )
    return links.select_related("subscription__subscriber", "subscription__newsletter").first()


def _post_confirmation(
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


def _post_preferences(subscriber: Subscriber, language: str) -> bool:
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


def _suppressed(address: str) -> bool:
    """A bounced mailbox, or a person who asked to be forgotten. Who left may come back."""
    by_either = Q(address=address) | Q(address_hash=keyed_hash(address))
    return Suppression.objects.filter(by_either).exists()


def _count(network: str) -> None:
    if not network:
        return
    key = f"mails-asked-for:{keyed_hash(network)}"
    cache.add(key, 0, 3600)
    if cache.incr(key) > MOST_A_NETWORK:
        raise TooManyRequests


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
