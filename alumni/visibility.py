"""The one policy: who sees which field of whom. In: a viewer and people. Out: the fields to show.

Pages, lists, mails, exports and reports ask this module and nothing else; `appearance.py` puts the
answer in words. People who have not accepted, or not shown who they are, exist for staff alone; a
viewer who may not know of someone gets the same as for nobody.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum

from django.contrib.auth.models import AnonymousUser
from django.db.models import BooleanField, Exists, OuterRef, Q, QuerySet, Value

from alumni.models import Enrolment, Hiding, Profile, User
from alumni.models.profiles import KNOWN

Viewer = User | AnonymousUser
Tier = Profile.Tier


class Relation(Enum):
    """What the viewer is to the person looked at."""

    STRANGER = "stranger"
    MEMBER = "member"
    COHORT = "cohort"
    STAFF = "staff"
    SELF = "self"


class Field(Enum):
    """What there is to be shown of a person."""

    NAME = "name"
    INITIALS = "initials"
    COUNTRY = "country"
    REGION = "region"
    INSTITUTION = "institution"
    INSTITUTION_TYPE = "institution type"
    LANGUAGES = "languages"
    EXPERTISE = "expertise"
    BIOGRAPHY = "biography"
    COURSES = "courses"
    COURSES_IN_FULL = "courses in full"


Fields = frozenset[Field]
NOTHING: Fields = frozenset()
EVERYTHING: Fields = frozenset(Field) - {Field.INITIALS}
TO_MEMBERS: Fields = frozenset(
    {
        Field.NAME,
        Field.COUNTRY,
        Field.REGION,
        Field.INSTITUTION_TYPE,
        Field.LANGUAGES,
        Field.EXPERTISE,
        Field.BIOGRAPHY,
        Field.COURSES,
    }
)
TO_COHORT: Fields = TO_MEMBERS | {Field.INSTITUTION, Field.COURSES_IN_FULL}
OF_THE_PROTECTED: Fields = frozenset({Field.INITIALS, Field.REGION, Field.INSTITUTION_TYPE})

# Who sees what, by the person's own choice of who may find him or her.
TABLE: dict[tuple[Tier, Relation], Fields] = {
    (Tier.NETWORK, Relation.MEMBER): TO_MEMBERS,
    (Tier.NETWORK, Relation.COHORT): TO_COHORT,
    (Tier.COHORT, Relation.COHORT): TO_COHORT,
    (Tier.PROTECTED, Relation.COHORT): OF_THE_PROTECTED | {Field.COURSES},
}


def tier_of(profile: Profile) -> Tier:
    """Who may find this person. No choice made means nobody."""
    return Tier(profile.tier) if profile.tier else Tier.PROTECTED


def visible_to(viewer: Viewer) -> QuerySet[Profile]:
    """The people whose existence the viewer may know, with `shares_a_course` and `is_hidden`."""
    own = membership(viewer)
    people = Profile.objects.defer("words", "listed_as").annotate(
        shares_a_course=_shares_a_course_with(own), is_hidden=Hiding.objects.of_each()
    )
    if is_staff(viewer):
        return people
    if own is None:
        return people.none()
    if not own.is_member:
        return people.filter(pk=own.pk)
    active = Q(user__isnull=True) | Q(user__is_active=True)
    met = Q(shares_a_course=True) | Q(tier=Tier.NETWORK)
    shown = Q(active & met & KNOWN, accepted_at__isnull=False, is_hidden=False)
    return people.filter(Q(pk=own.pk) | shown)


def relation(viewer: Viewer, profile: Profile) -> Relation:
    """What the viewer is to a row of `visible_to(viewer)`; the closest one counts."""
    own = membership(viewer)
    if own is not None and own.pk == profile.pk:
        return Relation.SELF
    if is_staff(viewer):
        return Relation.STAFF
    if own is None or not own.is_member:
        return Relation.STRANGER
    return Relation.COHORT if getattr(profile, "shares_a_course", False) else Relation.MEMBER


def fields(profile: Profile, how: Relation) -> Fields:
    """What someone in this relation sees of the person."""
    if how in {Relation.SELF, Relation.STAFF}:
        return EVERYTHING
    if not profile.is_member or is_hidden(profile):
        return NOTHING
    tier = tier_of(profile)
    if how is Relation.STRANGER:
        named = profile.public_name and tier is not Tier.PROTECTED
        return frozenset({Field.NAME}) if named else NOTHING
    what = TABLE.get((tier, how), NOTHING)
    if what and profile.shares_institution and tier is not Tier.PROTECTED:
        what |= {Field.INSTITUTION}
    if Field.NAME in what and profile.shows_initials:
        what = (what - {Field.NAME}) | {Field.INITIALS}
    return what


def is_hidden(profile: Profile) -> bool:
    """Whether the person is hidden now; rows of `visible_to` know it already."""
    known = getattr(profile, "is_hidden", None)
    if known is None:
        return Profile.objects.filter(Hiding.objects.of_each(), pk=profile.pk).exists()
    return bool(known)


def byline(profile: Profile | None, chosen: str) -> str:
    """The words a story is signed with: as its author chose, and none while the author is hidden.

    Without an author among the members they are the editors' own words.
    """
    return "" if profile is not None and is_hidden(profile) else chosen


def showing(field: Field, viewer: Viewer, met: Collection[int]) -> Q:
    """Which rows of `visible_to(viewer)` show this field: `fields()` as a condition for a search.

    `met` holds the keys of `people_met(viewer)`: asked once, used for every field.
    """
    if is_staff(viewer):
        return Q()
    own = membership(viewer)
    shown = Q(pk=own.pk) if own is not None else Q(pk__in=())
    among_them = Q(pk__in=met)
    for (tier, how), what in TABLE.items():
        here = _of_tier(tier) & (among_them if how is Relation.COHORT else ~among_them)
        if field in what:
            shown |= here & (Q(shows_initials=False) if field is Field.NAME else Q())
        elif field is Field.INSTITUTION and tier is not Tier.PROTECTED:
            shown |= here & Q(shares_institution=True)
    return shown


def people_met(viewer: Viewer) -> list[int]:
    """The rows of everyone the viewer shares a course with."""
    own = membership(viewer)
    if own is None or not own.is_member:
        return []
    mine = Enrolment.objects.taken_up().filter(profile=own).values("run")
    met = Enrolment.objects.taken_up().filter(run__in=mine)
    return list(met.values_list("profile_id", flat=True).distinct())


def membership(viewer: Viewer) -> Profile | None:
    """The viewer's own profile, accepted or not; None for strangers and staff without one."""
    if not viewer.is_authenticated or not viewer.is_active:
        return None
    return getattr(viewer, "profile", None)


def is_staff(viewer: Viewer) -> bool:
    """Whether the viewer looks after people: a permission, not a mark on the user."""
    return viewer.has_perm("alumni.view_profile")


def public_name(profile: Profile) -> str:
    """The name beside what a person tells everyone; none of someone at risk or not joined."""
    shows = profile.is_member and not is_hidden(profile) and tier_of(profile) is not Tier.PROTECTED
    return profile.name if shows else ""


def _shares_a_course_with(own: Profile | None) -> Exists | Value:
    if own is None or not own.is_member:
        return Value(False, output_field=BooleanField())
    mine = Enrolment.objects.taken_up().filter(profile=own).values("run")
    return Exists(Enrolment.objects.taken_up().filter(profile=OuterRef("pk"), run__in=mine))


def _of_tier(tier: Tier) -> Q:
    open_ones = [Tier.NETWORK, Tier.COHORT]
    return ~Q(tier__in=open_ones) if tier is Tier.PROTECTED else Q(tier=tier)


def takes_messages(profile: Profile, how: Relation) -> bool:
    """Whether someone in this relation may write through the site."""
    if how is Relation.COHORT:
        return profile.contact in {Profile.Contact.COHORT, Profile.Contact.MEMBERS}
    return how is Relation.MEMBER and profile.contact == Profile.Contact.MEMBERS
