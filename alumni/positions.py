"""Where people work and worked. Where someone works now stands on the profile alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from alumni.models import Position, Profile, User


@dataclass(frozen=True)
class Post:
    """A place of work."""

    institution: str
    institution_type: str
    post: str
    since: dt.date


def move(*, profile: Profile, to: Post, by: User | None) -> Profile:
    """The person works elsewhere now; what it was until now becomes an earlier position.

    Enrolments are not touched: they keep institution and post as they were at the course.
    """
    with transaction.atomic():
        profile = Profile.objects.select_for_update().get(pk=profile.pk)
        began = profile.post_since
        if profile.institution or profile.post:
            Position.objects.create(
                profile=profile,
                institution=profile.institution,
                institution_type=profile.institution_type,
                post=profile.post,
                starts_on=began if began and began <= to.since else None,
                ends_on=to.since,
            )
        profile.institution, profile.post = to.institution, to.post
        profile.institution_type, profile.post_since = to.institution_type, to.since
        if by is not None and by.pk == profile.user_id:
            profile.reviewed_at = timezone.now()
        profile.save(
            update_fields=[
                *("institution", "institution_type", "post", "post_since", "reviewed_at"),
                "changed_at",
            ]
        )
    return profile
