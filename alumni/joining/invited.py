"""In: the link of an invitation. Out: the mailbox's owner joins by it, or asks for a fresh one."""

from __future__ import annotations

import datetime as dt

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from alumni.adapters import owner_of
from alumni.joining import accounts
from alumni.joining.invitations import Step, hash_of, mail
from alumni.models import Invitation, Profile, User
from newsletters import links

ASKED_AGAIN_WITHIN, MOST_A_DAY = dt.timedelta(minutes=10), 3


class SignedInAsSomeoneElse(Exception):
    """The person should sign out and open the link again; it still counts."""


class MailboxHasAnOwner(Exception):
    """Another member signs in with this mailbox: a slip and another address open the door."""


def find(token: str) -> Invitation | None:
    """The invitation of a link that counts. Changes nothing."""
    found = _of(token).filter(used_at=None, expires_at__gt=timezone.now()).first()
    if found is None or not _is_open(found):
        return None
    return found


def take(*, token: str, by: User | None) -> tuple[User, Invitation] | None:
    """The mailbox's owner takes up the invitation: the profile is his or hers, the link used up.

    None when the link does not count (any more). The caller marks the mailbox as confirmed and
    signs the person in. Raises SignedInAsSomeoneElse, MailboxHasAnOwner; the link then stays good.
    """
    with transaction.atomic():
        invitation = find(token)
        if invitation is None:
            return None
        Profile.objects.select_for_update().get(pk=invitation.profile_id)
        if find(token) is None:  # taken while we waited
            return None
        owner = owner_of(invitation.address)
        if by is not None and by != owner:
            raise SignedInAsSomeoneElse
        user = owner or _user_at(invitation.address)
        if not user.is_active:
            return None
        own = Profile.objects.filter(user=user).first()
        if own is not None and own.pk != invitation.profile_id:
            raise MailboxHasAnOwner
        if own is None and not accounts.give(invitation.profile, to=user, door=Profile.Door.MAIL):
            return None
        invitation.profile.invitations.filter(used_at=None).update(used_at=timezone.now())
        return user, invitation


def ask_again(*, token: str, network: str) -> None:
    """A fresh link to the same address, if the old one ever was one; the answer is the same.

    Raises TooManyRequests for a network.
    """
    links.count_request(network)
    old = _of(token).first()
    if old is None or not _is_open(old) or links.suppressed(old.address):
        return
    with transaction.atomic():
        Profile.objects.select_for_update().get(pk=old.profile_id)
        now = timezone.now()
        asked = old.profile.invitations.filter(step=Step.FRESH)
        if (
            asked.filter(sent_at__gt=now - ASKED_AGAIN_WITHIN).exists()
            or asked.filter(sent_at__gt=now - dt.timedelta(days=1)).count() >= MOST_A_DAY
        ):
            return
        mail([old.profile], old.run, Step.FRESH)


def _of(token: str) -> QuerySet[Invitation]:
    rows = Invitation.objects.filter(hash=hash_of(token))
    return rows.select_related("profile__user", "run__course")


def _is_open(invitation: Invitation) -> bool:
    """The person has not joined, and is still reached at the address that was mailed."""
    profile = invitation.profile
    if profile.has_accepted or profile.address != invitation.address:
        return False
    if profile.user_id is None:
        return True
    # Began to join and left off: the mailbox may lead back, if it is the one that signed in.
    return EmailAddress.objects.filter(
        user=profile.user_id, email=invitation.address, verified=True
    ).exists()


def _user_at(address: str) -> User:
    """The user that staff made for this address, or a new one without a password.

    Whoever only began to sign up with it need not be its owner: that beginning is swept away, so
    that no session that waits for the mailbox's word gets in by this one.
    """
    begun = User.objects.filter(
        email=address, last_login=None, profile=None, groups=None, is_staff=False
    ).exclude(is_superuser=True)
    begun.exclude(emailaddress__verified=True).delete()
    return User.objects.filter(email=address).first() or User.objects.create_user(address)
