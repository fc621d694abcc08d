"""Who may open an account, and how a confirmed mailbox finds its place on a roster.

Sign-up is closed except for an address that stands on a roster, once. Two people on one mailbox
are never told apart by it: staff link them, or they use a door of their own.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from alumni.models import Profile, User
from newsletters.addresses import normalise


def is_awaited(address: str) -> bool:
    """Whether exactly one person who has not joined is reached at this address."""
    return _awaited(address) is not None


def claim(*, user: User, address: str) -> Profile | None:
    """Give the owner of a confirmed mailbox the one profile that waits for it. Safe to run again.

    The profile stays unseen: the person has still to accept.
    """
    own = Profile.objects.filter(user=user).first()
    if own is not None:
        return own
    awaited = _awaited(address)
    if awaited is None:
        return None
    try:
        with transaction.atomic():
            claimed = Profile.objects.filter(pk=awaited.pk, user=None).update(user=user)
    except IntegrityError:  # the same person, twice at the same moment
        claimed = 0
    user.refresh_from_db()
    return Profile.objects.filter(user=user).first() if claimed else None


def shares_a_mailbox(address: str) -> bool:
    """Whether several people who have not joined are reached at this address."""
    return _at(address).count() > 1


def _awaited(address: str) -> Profile | None:
    found = list(_at(address)[:2])
    return found[0] if len(found) == 1 else None


def _at(address: str) -> QuerySet[Profile]:
    try:
        comparable = normalise(address)
    except ValidationError:
        return Profile.objects.none()
    return Profile.objects.waiting().filter(address=comparable, user=None)
