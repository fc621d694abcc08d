"""Out of sight at once: a member by himself or herself, staff by person, institution or country.

What people chose stays as it was: when the last hiding ends, they are shown as before.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from alumni.models import Hiding, Profile, User
from alumni.privacy import access
from alumni.signals import sight_changed
from alumni.visibility import is_hidden


def hide_me(*, profile: Profile, by: User) -> Hiding:
    """The person hides; nobody but staff sees him or her from now on. Safe to run again."""
    if profile.user_id != by.pk:
        raise PermissionDenied("Only the person, or staff with a reason, can hide a person.")
    return _begin(by=by, why="", profile=profile, is_own=True)


def show_me(*, profile: Profile, by: User) -> bool:
    """End the person's own hiding; True when the person is shown again as before.

    What staff hid stays hidden until staff end it.
    """
    if profile.user_id != by.pk:
        raise PermissionDenied("Only the person ends the own hiding.")
    for hiding in Hiding.objects.in_force().filter(profile=profile, is_own=True):
        _end(hiding, by)
    return not is_hidden(Profile.objects.get(pk=profile.pk))


def hide(
    *,
    by: User,
    why: str,
    profile: Profile | None = None,
    institution: str = "",
    country: str = "",
) -> Hiding:
    """Staff hide one person, everyone of an institution, or everyone of a country.

    Needs a reason: ValidationError without one. Safe to run again.
    """
    if not why.strip():
        raise ValidationError(gettext("Write why: it is kept with the hiding."))
    with transaction.atomic():
        hiding = _begin(
            by=by, why=why, profile=profile, institution=institution.strip(), country=country
        )
        access.note_all(profiles=people(hiding), what=access.What.HIDDEN, by=by, detail=why)
    return hiding


def end(*, hiding: Hiding, by: User, why: str = "") -> bool:
    """Staff end a hiding of theirs; a member's own is the member's. False when it has ended."""
    if hiding.is_own:
        raise PermissionDenied("Only the person ends the own hiding.")
    with transaction.atomic():
        ended = _end(hiding, by)
        if ended:
            access.note_all(profiles=people(hiding), what=access.What.SHOWN, by=by, detail=why)
    return ended


def people(hiding: Hiding) -> QuerySet[Profile]:
    """Everyone it hides, or hid, as people stand now."""
    if hiding.profile_id:
        return Profile.objects.filter(pk=hiding.profile_id)
    if hiding.country:
        place = Q(country=hiding.country) | Q(enrolments__country=hiding.country)
    else:
        name = hiding.institution
        place = Q(institution__iexact=name) | Q(enrolments__institution__iexact=name)
        place |= Q(positions__institution__iexact=name)
    return Profile.objects.filter(place).distinct()


def _begin(
    *,
    by: User,
    why: str,
    profile: Profile | None = None,
    institution: str = "",
    country: str = "",
    is_own: bool = False,
) -> Hiding:
    target = {"profile": profile, "institution": institution, "country": country, "is_own": is_own}
    try:
        with transaction.atomic():
            hiding = Hiding.objects.create(**target, why=why.strip()[:300], began_by=by)
    except IntegrityError:
        return Hiding.objects.in_force().get(**target)
    sight_changed.send(Hiding, profiles=people(hiding))
    return hiding


def _end(hiding: Hiding, by: User) -> bool:
    ended = Hiding.objects.in_force().filter(pk=hiding.pk)
    done = bool(ended.update(ended_at=timezone.now(), ended_by=by))
    if done:
        sight_changed.send(Hiding, profiles=people(hiding))
    return done
