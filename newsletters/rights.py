"""A reader's own data, behind a fresh link to the mailbox: take it, move it, have it erased.

A preference link alone opens none of this: mail is forwarded. In: that link, then the fresh one.
Out: a mail; a file; an address that only its hash remembers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction
from django.utils import timezone

from newsletters import everything, letters, links, sources, subscriptions
from newsletters.addresses import keyed_hash, normalise
from newsletters.models import (
    Attempt,
    FreshLink,
    Letter,
    ReaderRow,
    Report,
    Subscriber,
    Subscription,
    Suppression,
)

LINK_LASTS = dt.timedelta(hours=1)
SITTING_LASTS = dt.timedelta(minutes=20)
"""How long the page stays open for whoever has pressed the link's button."""
HOW = "link to the mailbox"
ERASED = "erased"
_SALT = "own data"


def ask(subscriber: Subscriber, *, network: str = "") -> None:
    """Mail the way to the own data; once an hour, and whoever asks is answered the same.

    Raises TooManyRequests for a network.
    """
    links.count_request(network)
    with transaction.atomic():
        before = transaction.savepoint()
        times = _mailed_of_late(subscriber.address, "own_data")
        token = links.issue(subscriber, FreshLink.Purpose.DATA, LINK_LASTS)
        letters.post(
            kind="own_data",
            to=subscriber.address,
            language=subscriber.languages[0],
            params={"data_url": f"{settings.SITE_URL}/n/d/{token}/"},
            discreet=subscriber.discreet,
        )
        links.keep(before, not times)


def begin(token: str) -> tuple[Subscriber, str] | None:
    """Use the link up: its reader, and the sitting that the page carries from here on."""
    link = links.unused(token, FreshLink.Purpose.DATA)
    if link is None or not links.use_up(link):
        return None
    return link.subscriber, TimestampSigner(salt=_SALT).sign(link.subscriber.key)


def sitting_of(sitting: str) -> Subscriber | None:
    """Who sits there, while it lasts."""
    try:
        key = TimestampSigner(salt=_SALT).unsign(sitting, max_age=SITTING_LASTS)
    except BadSignature:
        return None
    return Subscriber.objects.filter(key=key).first()


def take(subscriber: Subscriber) -> bytes:
    """Everything that is kept about the owner of the mailbox, in a zip."""
    found = everything.of_reader(subscriber)
    elsewhere = sources.audience().elsewhere(subscriber)
    found += [*elsewhere.sections, *elsewhere.looks]
    return everything.archive(found, name=subscriber.address)


def forget(subscriber: Subscriber, *, language: str, how: str = HOW) -> None:
    """Erase the reader, and whom the lists name at the mailbox; nothing brings either back.

    A last mail says that it is done.
    """
    with transaction.atomic():
        subscriber = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
        address, discreet = subscriber.address, subscriber.discreet
        sources.audience().forget(subscriber, language)
        remove(subscriber, language=language, how=how)
        wipe_mail(address)
        keep_out([address])
        say_erased(address, language=language, discreet=discreet)


def ask_new_mailbox(subscriber: Subscriber, *, address: str, network: str = "") -> None:
    """Ask another mailbox whether it is the reader's; the answer is the same for any address.

    Raises ValidationError for what is no address, TooManyRequests for a network.
    """
    address = normalise(address)
    links.count_request(network)
    with transaction.atomic():
        before = transaction.savepoint()
        times = _mailed_of_late(address, "new_mailbox")
        token = links.issue(subscriber, FreshLink.Purpose.MOVE, LINK_LASTS, address=address)
        letters.post(
            kind="new_mailbox",
            to=address,
            language=subscriber.languages[0],
            params={"move_url": f"{settings.SITE_URL}/n/m/{token}/"},
            # Nobody knows whose mailbox was typed.
            discreet=True,
        )
        usable = not links.suppressed(address) and address != subscriber.address
        links.keep(before, usable and not times)


def movable(token: str) -> FreshLink | None:
    """The link in the new mailbox while it counts. Changes nothing."""
    return links.unused(token, FreshLink.Purpose.MOVE)


def move(token: str) -> Subscriber | None:
    """The new mailbox agrees: everything comes there, and the old one is told. Else None."""
    with transaction.atomic():
        link = movable(token)
        if link is None or not links.use_up(link):
            return None
        try:
            subscriptions.change_address(link.subscriber, address=link.address)
        except subscriptions.AddressCannotBeUsed:
            return None
        return Subscriber.objects.get(pk=link.subscriber.pk)


def remove(subscriber: Subscriber, *, language: str, how: str) -> None:
    """Leave every newsletter, on record, and then be gone: what waits for the reader stays.

    Nothing is remembered: `keep_out` does that.
    """
    for subscription in Subscription.objects.confirmed().filter(subscriber=subscriber):
        subscriptions.unsubscribe(subscription, how=how[:30], language=language)
    subscriber.delete()


def wipe_mail(address: str) -> None:
    """Letters and rows of tables that wait, reports not applied yet, answers that name it."""
    waiting = Letter.objects.filter(to=address)
    waiting.update(state=Letter.State.FAILED, reason=ERASED, to="", params={})
    Report.objects.filter(recipient=address).update(recipient="")
    Attempt.objects.filter(answer__icontains=address).update(answer="")
    FreshLink.objects.filter(address=address).update(address="")
    ReaderRow.objects.filter(address=address).delete()


def keep_out(addresses: Iterable[str]) -> None:
    """From now on they stand here as hashes alone; what stood in the clear goes."""
    addresses = set(addresses)
    Suppression.objects.filter(address__in=addresses).delete()
    Suppression.objects.bulk_create(
        [
            Suppression(address_hash=keyed_hash(address), reason=Suppression.Reason.ERASED)
            for address in sorted(addresses)
        ],
        ignore_conflicts=True,
    )


def say_erased(address: str, *, language: str, discreet: bool) -> None:
    """The last mail; call it after `wipe_mail`. It is wiped itself once it is handed over."""
    letters.post(kind="erased", to=address, language=language, params={}, discreet=discreet)


def _mailed_of_late(address: str, kind: str) -> list[dt.datetime]:
    return letters.sent_since(address, kind, timezone.now() - dt.timedelta(hours=1))
