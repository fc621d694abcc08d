"""Once a year: is this still right? The person answers with one button on the own page."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone, translation

from alumni.models import Profile, User
from alumni.visibility import Tier, tier_of
from newsletters import letters

GOOD_FOR = dt.timedelta(days=365)
MOST_A_DAY = 500
KIND = "still_right"


def stale(now: dt.datetime) -> QuerySet[Profile]:
    """Members who have not looked at their profile for a year, longest first."""
    looked = Coalesce("reviewed_at", "accepted_at")
    people = Profile.objects.accepted().alias(looked_at=looked)
    return people.filter(looked_at__lt=now - GOOD_FOR).order_by("looked_at", "pk")


def is_stale(profile: Profile, now: dt.datetime) -> bool:
    """The same of one person."""
    looked = profile.reviewed_at or profile.accepted_at
    return looked is not None and looked < now - GOOD_FOR


def confirm(*, profile: Profile, by: User) -> None:
    """The person finds everything right."""
    own = Profile.objects.accepted().filter(pk=profile.pk, user=by)
    own.update(reviewed_at=timezone.now())


def ask(now: dt.datetime) -> int:
    """Mail those who have not looked for a year, each once a year; how many. Safe to run again."""
    waiting = _not_asked(now).filter(pk__in=stale(now).values("pk"), user__is_active=True)
    people = list(waiting.select_related("user", "subscriber").order_by("pk")[:MOST_A_DAY])
    return sum(_ask(profile, now) for profile in people)


def _ask(profile: Profile, now: dt.datetime) -> bool:
    if profile.user is None:
        return False
    language = _language(profile)
    with transaction.atomic(), translation.override(language):
        if not _not_asked(now).filter(pk=profile.pk).update(asked_to_review_at=now):
            return False
        letters.post(
            kind=KIND,
            to=profile.user.email,
            language=language,
            params={"profile_url": f"{settings.SITE_URL}{reverse('alumni:me')}"},
            discreet=tier_of(profile) is Tier.PROTECTED,
        )
    return True


def _not_asked(now: dt.datetime) -> QuerySet[Profile]:
    long_ago = Q(asked_to_review_at=None) | Q(asked_to_review_at__lt=now - GOOD_FOR)
    return Profile.objects.filter(long_ago)


def _language(profile: Profile) -> str:
    """The first language the person reads that the site speaks."""
    read = profile.subscriber.languages if profile.subscriber else []
    spoken = dict(settings.LANGUAGES)
    known = (code for code in [*read, *profile.languages] if code in spoken)
    return str(next(known, settings.LANGUAGE_CODE))
