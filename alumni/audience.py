"""The promise kept for newsletters: which readers may get what is not for everyone.

Querysets only, so that freezing a mailing stays one `INSERT … SELECT`; nobody joins on an address.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from alumni.models import Enrolment, Profile, User
from newsletters.models import Subscriber
from newsletters.sources import PUBLIC

MEMBERS = "members"
RUN = "run:"


def narrow(readers: QuerySet[Subscriber], criteria: dict[str, Any]) -> QuerySet[Subscriber]:
    """The readers who meet the criteria; an audience it does not know reaches nobody."""
    audience = str(criteria.get("audience", PUBLIC))
    if audience == PUBLIC:
        return readers
    members = readers.filter(
        Q(profile__user__isnull=True) | Q(profile__user__is_active=True),
        profile__in=Profile.objects.members(),
    )
    if audience == MEMBERS:
        return members
    if audience.startswith(RUN):
        cohort = Enrolment.objects.taken_up().filter(
            run__slug=audience.removeprefix(RUN), profile__subscriber=OuterRef("pk")
        )
        return members.filter(Exists(cohort))
    return readers.filter(pk__lt=0)  # not none(): the engine makes one statement of it


def audiences_of(user: User | AnonymousUser | None) -> frozenset[str]:
    """The audiences of content that this visitor belongs to; two queries at most."""
    profile = None
    if user is not None and user.is_authenticated and user.is_active:
        profile = getattr(user, "profile", None)
    if profile is None or not profile.is_member:
        return frozenset({PUBLIC})
    runs = profile.enrolments.taken_up().values_list("run__slug", flat=True)
    return frozenset({PUBLIC, MEMBERS, *(f"{RUN}{slug}" for slug in runs)})
