"""The alumnus's verbs: join, keep the profile right, choose who may find me.

Each takes who does it as `by` (None for a command) and writes in one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from alumni.models import Profile, User
from alumni.privacy import consents
from alumni.privacy.consents import Purpose
from alumni.visibility import Tier, tier_of
from newsletters.models import Subscriber, Subscription

KEPT_BY_THE_MEMBER = (
    "given_name",
    "family_name",
    "gender",
    "country",
    "role",
    "institution",
    "institution_type",
    "post",
    "languages",
    "expertise",
    "biography",
)
WIDENING = (Tier.PROTECTED, Tier.COHORT, Tier.NETWORK)


@dataclass(frozen=True)
class Visibility:
    """Who may find me, and how I then appear."""

    tier: Tier
    shows_initials: bool = False
    shares_institution: bool = False


def accept(*, profile: Profile, by: User | None, language: str, how: str = "web form") -> Profile:
    """The person joins; nobody can find him or her yet. Safe to run again."""
    with transaction.atomic():
        joined = Profile.objects.waiting().filter(pk=profile.pk).update(accepted_at=timezone.now())
        if joined:
            profile.refresh_from_db()
            consents.record(profile, Purpose.MEMBERSHIP, given=True, language=language, how=how)
    return profile


def update(*, profile: Profile, changes: dict[str, object], by: User | None) -> Profile:
    """Write what the person, or staff for him or her, changed; other fields stay as they are."""
    unknown = changes.keys() - set(KEPT_BY_THE_MEMBER)
    if unknown:
        raise ValueError(f"not kept by the member: {', '.join(sorted(unknown))}")
    for name, value in changes.items():
        setattr(profile, name, value)
    if by is not None and by.pk == profile.user_id:
        profile.reviewed_at = timezone.now()
    profile.save(update_fields=[*changes, "reviewed_at", "changed_at"])
    return profile


def choose_visibility(
    *,
    profile: Profile,
    chosen: Visibility,
    by: User | None,
    language: str,
    how: str = "web form",
) -> Profile:
    """Who may find this person from now on; each step wider is a recorded consent.

    Staff can only narrow it: PermissionDenied otherwise. A person at risk gets mails that name
    neither subject nor network outside.
    """
    with transaction.atomic():
        profile = Profile.objects.select_for_update().get(pk=profile.pk)
        if not profile.has_accepted:
            raise PermissionDenied("Only a person who has joined can be found.")
        if is_wider(profile, chosen) and not (by and by.pk == profile.user_id):
            raise PermissionDenied("Only the person can show more of himself or herself.")
        before = _agreed(_visibility(profile))
        profile.tier = chosen.tier
        profile.shows_initials = chosen.shows_initials
        profile.shares_institution = chosen.shares_institution
        profile.save(update_fields=["tier", "shows_initials", "shares_institution", "changed_at"])
        after = _agreed(chosen)
        for purpose in sorted(before ^ after, key=lambda purpose: purpose.value):
            consents.record(profile, purpose, given=purpose in after, language=language, how=how)
        Subscriber.objects.filter(profile=profile).update(discreet=chosen.tier is Tier.PROTECTED)
    return profile


def is_wider(profile: Profile, chosen: Visibility) -> bool:
    """Whether the choice shows more than now in any respect."""
    now = _visibility(profile)
    return (
        WIDENING.index(chosen.tier) > WIDENING.index(now.tier)
        or (chosen.shares_institution and not now.shares_institution)
        or (now.shows_initials and not chosen.shows_initials)
    )


def link_subscriber(*, profile: Profile, address: str) -> bool:
    """Tie the member to the newsletters read at an address both have proved to be theirs.

    Call it with a confirmed address of the signed-in person only. Safe to run again.
    """
    if not profile.has_accepted or profile.subscriber_id:
        return False
    subscriber = Subscriber.objects.filter(
        address=address,
        profile__isnull=True,
        subscriptions__state=Subscription.State.CONFIRMED,
    ).first()
    if subscriber is None:
        return False
    with transaction.atomic():
        Profile.objects.filter(pk=profile.pk, subscriber=None).update(subscriber=subscriber)
        Subscriber.objects.filter(pk=subscriber.pk).update(
            discreet=tier_of(profile) is Tier.PROTECTED
        )
    return True


def _visibility(profile: Profile) -> Visibility:
    return Visibility(tier_of(profile), profile.shows_initials, profile.shares_institution)


def _agreed(visibility: Visibility) -> set[Purpose]:
    """The consents that a choice rests on; being found by nobody needs none."""
    purposes = {Tier.COHORT: {Purpose.COHORT}, Tier.NETWORK: {Purpose.COHORT, Purpose.NETWORK}}
    agreed = set(purposes.get(visibility.tier, set()))
    return agreed | ({Purpose.INSTITUTION} if visibility.shares_institution else set())
