"""The edge to allauth's signals: each translates and calls one verb."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed, user_logged_in

from alumni import joining, profiles
from alumni.adapters import confirmed_addresses
from alumni.models import User


def connect() -> None:
    """Called once, when the application is ready."""
    email_confirmed.connect(claim_by_mailbox, dispatch_uid="alumni.claim_by_mailbox")
    user_logged_in.connect(arrive, dispatch_uid="alumni.arrive")


def claim_by_mailbox(email_address: EmailAddress, **kwargs: Any) -> None:
    """A mailbox was confirmed: the profile that waits for it, if any, is its owner's."""
    joining.claim(user=email_address.user, address=email_address.email)


def arrive(user: User, **kwargs: Any) -> None:
    """Someone signed in: a roster may have been imported, or a newsletter confirmed, meanwhile."""
    for address in confirmed_addresses(user):
        profile = joining.claim(user=user, address=address)
        if profile is not None:
            profiles.link_subscriber(profile=profile, address=address)
