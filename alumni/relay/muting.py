"""Staff take the right to write from one member, with a reason; the member reads it. Reversible."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from alumni.models import Muting, Profile, User
from alumni.privacy import access


def is_muted(profile: Profile) -> bool:
    """Whether this member may not write to members now."""
    return Muting.objects.in_force().filter(profile=profile).exists()


def mute(*, profile: Profile, by: User, why: str) -> Muting:
    """Nothing of this member reaches anybody from now on. ValidationError without a reason.

    Safe to run again: the first reason stands.
    """
    if not why.strip():
        raise ValidationError(gettext("Write why: the member can read it."))
    with transaction.atomic():
        # Whoever is just sending is waited for, or finds the door closed.
        Profile.objects.select_for_update().get(pk=profile.pk)
        muting, new = Muting.objects.get_or_create(
            profile=profile,
            ended_at=None,
            defaults={"why": why.strip()[:300], "began_by": by},
        )
        if new:
            access.note(profile=profile, what=access.What.MUTED, by=by, detail=muting.why)
    return muting


def end(*, muting: Muting, by: User) -> bool:
    """The member may write again, as before. False when it had ended already."""
    with transaction.atomic():
        ended = Muting.objects.in_force().filter(pk=muting.pk)
        done = bool(ended.update(ended_at=timezone.now(), ended_by=by))
        if done:
            access.note(profile=muting.profile, what=access.What.UNMUTED, by=by)
    return done
