"""Who may open an account, and how a confirmed mailbox finds the profile that waits for it.

Sign-up is closed except for an address that stands on a roster, once, or that the holder of a
joining code has named. Two people on one mailbox are never told apart by it alone: each has an
invitation of his or her own, or a slip.
"""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from alumni.models import Profile, Slip, User
from alumni.privacy import consents
from alumni.privacy.consents import Purpose
from newsletters.addresses import keyed_hash, normalise

UNDONE_WITHIN = dt.timedelta(hours=1)
"""So long whoever said “This is the person” can take it back."""


def is_awaited(address: str) -> bool:
    """Whether exactly one person who has not joined is reached at this address."""
    return _promised(address).exists() or _awaited(address) is not None


def claim(*, user: User, address: str) -> Profile | None:
    """Give the owner of a confirmed mailbox the one profile that waits for it. Safe to run again.

    A code whose holder named this address comes before the roster. The profile stays unseen: the
    person has still to accept, and who came by a code has to be identified.
    """
    own = Profile.objects.filter(user=user).first()
    if own is not None:
        return own
    slip = _promised(address).select_related("profile").first()
    if slip is not None:
        return _redeem(slip, user, address)
    awaited = _awaited(address)
    return give(awaited, to=user, door=Profile.Door.MAIL) if awaited else None


def redeem(*, slip: Slip, user: User) -> Profile | None:
    """The holder of a code is signed in already: the profile is his or hers, if it still waits."""
    return _redeem(slip, user, "")


def give(profile: Profile, *, to: User, door: str) -> Profile | None:
    """Tie a profile that nobody has to a sign-in that has none; None when somebody was faster."""
    try:
        with transaction.atomic():
            given = Profile.objects.filter(pk=profile.pk, user=None).update(user=to, door=door)
    except IntegrityError:  # the same person, twice at the same moment
        given = 0
    to.refresh_from_db()
    return Profile.objects.filter(user=to).first() if given else None


def identify(*, profile: Profile, by: User) -> bool:
    """A colleague says that whoever came by slip or call is the person. Safe to run again."""
    if profile.user_id == by.pk:
        raise PermissionDenied("Somebody else has to say who you are.")
    return bool(
        Profile.objects.to_identify()
        .filter(pk=profile.pk)
        .update(identified_at=timezone.now(), identified_by=by)
    )


def just_identified(*, by: User) -> QuerySet[Profile]:
    """Of whom this colleague said so a moment ago, and may have pressed the wrong button."""
    since = timezone.now() - UNDONE_WITHIN
    return Profile.objects.filter(identified_by=by, identified_at__gt=since)


def undo_identify(*, profile: Profile, by: User) -> bool:
    """Take back a wrong press. Safe to run again."""
    mine = just_identified(by=by).filter(pk=profile.pk)
    return bool(mine.update(identified_at=None, identified_by=None))


def turn_away(*, profile: Profile, by: User, language: str) -> bool:
    """A colleague says that whoever came by slip or call is not the person. Safe to run again.

    The place waits again as if nobody had come; what the stranger wrote in it is for staff to mend.
    """
    with transaction.atomic():
        stranger = Profile.objects.to_identify().select_for_update().filter(pk=profile.pk).first()
        if stranger is None or stranger.user_id == by.pk:
            return False
        given = {
            Purpose.MEMBERSHIP: stranger.has_accepted,
            Purpose.SURVEY: stranger.answers_questions,
        }
        for purpose in (one for one in given if given[one]):
            consents.record(stranger, purpose, given=False, language=language, how="turned away")
        Profile.objects.filter(pk=stranger.pk).update(
            user=None,
            subscriber=None,
            door="",
            accepted_at=None,
            tier="",
            public_name=False,
            shares_institution=False,
            shows_initials=False,
            answers_questions=False,
        )
    return True


def shares_a_mailbox(address: str) -> bool:
    """Whether several people who have not joined are reached at this address."""
    return _at(address).count() > 1


def _redeem(slip: Slip, user: User, address: str) -> Profile | None:
    """The code is used up with what it opens, or neither happens."""
    # Whoever has a code and the mailbox of the roster has proved as much as by mail.
    by_mail = bool(address) and slip.profile.address == normalise(address)
    with transaction.atomic():
        used = (
            Slip.objects.live()
            .filter(pk=slip.pk)
            .update(state=Slip.State.USED, used_at=timezone.now(), promised_to="")
        )
        profile = None
        if used:
            door = Profile.Door.MAIL if by_mail else slip.door
            profile = give(slip.profile, to=user, door=door)
        if used and profile is None:
            transaction.set_rollback(True)
    return profile


def _promised(address: str) -> QuerySet[Slip]:
    try:
        comparable = normalise(address)
    except ValidationError:
        return Slip.objects.none()
    waiting = Slip.objects.live().filter(promised_to=keyed_hash(comparable))
    return waiting.order_by("-made_at", "-pk")


def _awaited(address: str) -> Profile | None:
    found = list(_at(address)[:2])
    return found[0] if len(found) == 1 else None


def _at(address: str) -> QuerySet[Profile]:
    try:
        comparable = normalise(address)
    except ValidationError:
        return Profile.objects.none()
    return Profile.objects.waiting().filter(address=comparable, user=None)
