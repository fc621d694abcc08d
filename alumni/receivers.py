"""The edge to allauth's and the engine's signals: each translates and calls one verb."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed, user_logged_in
from django.db.models import QuerySet
from django.db.models.signals import post_save

from alumni import profiles, reading
from alumni.adapters import confirmed_addresses
from alumni.followup import asking
from alumni.followup.survey import survey
from alumni.joining import accounts
from alumni.models import User
from newsletters.models import Consent, Newsletter, Subscriber
from newsletters.signals import brought_in, left_together


def connect() -> None:
    """Called once, when the application is ready."""
    email_confirmed.connect(claim_by_mailbox, dispatch_uid="alumni.claim_by_mailbox")
    user_logged_in.connect(arrive, dispatch_uid="alumni.arrive")
    post_save.connect(meet_reader, sender=Consent, dispatch_uid="alumni.meet_reader")
    brought_in.connect(meet_readers, dispatch_uid="alumni.meet_readers")
    left_together.connect(part_from_readers, dispatch_uid="alumni.part_from_readers")


def claim_by_mailbox(email_address: EmailAddress, **kwargs: Any) -> None:
    """A mailbox was confirmed: the profile and the newsletters of it are its owner's."""
    profile = accounts.claim(user=email_address.user, address=email_address.email)
    if profile is not None:
        profiles.link_subscriber(profile=profile, address=email_address.email)


def arrive(user: User, **kwargs: Any) -> None:
    """Someone signed in: a roster may have been imported, or a newsletter confirmed, meanwhile."""
    for address in confirmed_addresses(user):
        profile = accounts.claim(user=user, address=address)
        if profile is not None:
            profiles.link_subscriber(profile=profile, address=address)


def meet_reader(instance: Consent, created: bool, **kwargs: Any) -> None:
    """A reader agreed to a newsletter from the mailbox, or left: it may be a member's."""
    kind, _colon, number = instance.subject.partition(":")
    if not created or kind != "subscriber":
        return
    if instance.given:
        reading.recognise(Subscriber.objects.filter(pk=int(number)))
    if instance.purpose == f"newsletter:{survey().newsletter}":
        asking.heed(
            subscriber_id=int(number),
            given=instance.given,
            language=instance.language,
            how=instance.how,
        )


def meet_readers(
    newsletter: Newsletter, readers: QuerySet[Subscriber], how: str, **kwargs: Any
) -> None:
    """The same for a list of readers who agreed to a newsletter elsewhere."""
    reading.recognise(readers)
    if newsletter.slug == survey().newsletter:
        for reader in readers.exclude(profile=None):
            asking.heed(subscriber_id=reader.pk, given=True, language=reader.languages[0], how=how)


def part_from_readers(consents: list[Consent], **kwargs: Any) -> None:
    """The same for readers whose mail service says that they leave."""
    for consent in consents:
        meet_reader(consent, created=True)
