"""What a member reads by mail: the way to it, for the member alone, and asking for more of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from alumni.adapters import confirmed_addresses, owners_among
from alumni.models import Profile, User
from alumni.visibility import Tier, tier_of
from newsletters import links, subscriptions
from newsletters.models import Newsletter, Subscriber, Subscription


@dataclass(frozen=True)
class Kept:
    """A newsletter that comes, in words."""

    name: str
    frequency: str
    """Empty for what comes when it is written."""
    paused_until: dt.datetime | None


@dataclass(frozen=True)
class Reading:
    """What comes to a member by mail, and what could."""

    address: str
    """The mailbox it comes to, or would; empty when none is confirmed."""
    kept: tuple[Kept, ...]
    preferences_url: str
    """Empty until a newsletter has been confirmed from the member's mailbox."""
    offered: QuerySet[Newsletter]
    mailboxes: tuple[str, ...] = ()
    """The member's other confirmed mailboxes, to which it could come instead."""


def of(profile: Profile, *, by: User) -> Reading:
    """The member's own newsletters. Its link needs no sign-in: PermissionDenied for anyone else."""
    if profile.user_id != by.pk:
        raise PermissionDenied("A preference link is for the person alone.")
    subscriber = profile.subscriber
    rows = Subscription.objects.confirmed().filter(subscriber=subscriber)
    kept = list(rows.select_related("newsletter").prefetch_related("newsletter__wordings"))
    now, address = timezone.now(), _address(profile, by)
    own = confirmed_addresses(by) if subscriber else []
    return Reading(
        address=address,
        mailboxes=tuple(mailbox for mailbox in own if mailbox != address),
        kept=tuple(
            Kept(
                name=row.newsletter.wording().name,
                frequency=""
                if row.newsletter.kind == Newsletter.Kind.WRITTEN
                else row.get_frequency_display(),
                paused_until=row.paused_until
                if row.paused_until and row.paused_until > now
                else None,
            )
            for row in sorted(kept, key=lambda row: row.newsletter_id)
        ),
        preferences_url=links.preferences_url(subscriber) if subscriber else "",
        offered=Newsletter.objects.filter(is_open=True)
        .exclude(pk__in=[row.newsletter_id for row in kept])
        .prefetch_related("wordings"),
    )


def ask(
    *, profile: Profile, newsletter: Newsletter, frequency: str, language: str, by: User
) -> None:
    """Ask the member's own mailbox; nothing comes before it says yes.

    A person at risk gets mails that name neither subject nor network from the first one on.
    """
    if profile.user_id != by.pk:
        raise PermissionDenied("Only the person can ask for a newsletter.")
    address, known = _address(profile, by), profile.subscriber
    if not address:
        raise PermissionDenied("No mailbox of this person is confirmed.")
    subscriptions.subscribe(
        address=address,
        newsletter=newsletter,
        language=known.languages[0] if known else language,
        frequency=frequency,
    )
    if tier_of(profile) is Tier.PROTECTED:
        Subscriber.objects.filter(address=address, profile=None).update(discreet=True)


def move(*, profile: Profile, address: str, by: User) -> bool:
    """The newsletters come to another mailbox of the member, who changed post perhaps.

    PermissionDenied for a mailbox that he or she has not confirmed; raises
    `subscriptions.AddressCannotBeUsed` where newsletters come to it already.
    """
    if profile.user_id != by.pk or profile.subscriber is None:
        raise PermissionDenied("Only the person can say where the newsletters come.")
    if address not in confirmed_addresses(by):
        raise PermissionDenied("This mailbox is not confirmed.")
    return subscriptions.change_address(profile.subscriber, address=address)


def recognise(readers: QuerySet[Subscriber]) -> None:
    """These mailboxes have said yes to a newsletter: tie them to the members who have proved them.

    A few statements, whatever their number. A person at risk gets discreet mails at each mailbox;
    of several the first is tied.
    """
    strangers = readers.filter(profile=None)
    owners = owners_among(strangers.values("address"))
    if not owners:
        return
    with transaction.atomic():
        people = Profile.objects.filter(user__in=owners.values(), accepted_at__isnull=False)
        members = {one.user_id: one for one in people.order_by("pk").select_for_update()}
        tied: dict[int, Profile] = {}
        at_risk: list[int] = []
        for reader in strangers.filter(address__in=owners).order_by("pk"):
            profile = members.get(owners[reader.address])
            if profile is None:
                continue
            if tier_of(profile) is Tier.PROTECTED:
                at_risk.append(reader.pk)
            if profile.subscriber_id is None:
                profile.subscriber = reader
                tied[profile.pk] = profile
        Subscriber.objects.filter(pk__in=at_risk).update(discreet=True)
        Profile.objects.bulk_update(tied.values(), ["subscriber"], batch_size=500)


def _address(profile: Profile, user: User) -> str:
    if profile.subscriber:
        return profile.subscriber.address
    return next(iter(confirmed_addresses(user)), "")
