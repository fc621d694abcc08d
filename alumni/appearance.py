"""In: a viewer and people of `visible_to`. Out: each as this viewer may see him or her, in words.

`visibility.py` decides what that is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils.translation import gettext

from alumni import vocabulary
from alumni.models import Enrolment, Profile
from alumni.visibility import (
    NOTHING,
    Field,
    Fields,
    Relation,
    Tier,
    Viewer,
    fields,
    relation,
    tier_of,
)


@dataclass(frozen=True)
class CourseSeen:
    """A course someone attended, as far as the viewer may know."""

    title: str
    year: int
    run: str = ""
    """The run's short name, empty where only course and year are shown."""


@dataclass(frozen=True)
class PositionSeen:
    """Where someone worked before."""

    institution: str
    post: str
    since: int | None
    until: int


@dataclass(frozen=True)
class Seen:
    """A person as one viewer may see him or her; what is hidden is empty."""

    key: str
    name: str
    country: str
    region: str
    institution: str
    institution_type: str
    post: str
    languages: tuple[str, ...]
    expertise: tuple[str, ...]
    biography: str
    courses: tuple[CourseSeen, ...]
    positions: tuple[PositionSeen, ...] = ()


def seen(viewer: Viewer, profiles: Iterable[Profile]) -> list[Seen]:
    """The people as the viewer may see them, in the order given; those unknown to him left out.

    Takes rows of `visible_to(viewer)`; prefetch `enrolments__run__course` for more than one.
    """
    relations = ((profile, relation(viewer, profile)) for profile in profiles)
    shown = ((profile, fields(profile, how), how) for profile, how in relations)
    return [_shown(profile, what, how) for profile, what, how in shown if what]


def shown_to(profile: Profile, how: Relation) -> Seen | None:
    """The person as someone in this relation would see him or her, None for not at all.

    Strangers open no member's page, whatever else of the person is public.
    """
    what = NOTHING if how is Relation.STRANGER else fields(profile, how)
    if not what:
        return None
    return replace(_shown(profile, what, how), positions=positions(profile, how))


def role_and_place(profile: Profile) -> str:
    """`Harbour master, Iceland`; of a person whom nobody may find, the region."""
    place = profile.country and (
        vocabulary.region_name(profile.country)
        if tier_of(profile) is Tier.PROTECTED
        else vocabulary.country_name(profile.country)
    )
    role = str(profile.get_role_display()) if profile.role else ""
    if role and place:
        return gettext("%(role)s, %(place)s") % {"role": role, "place": place}
    return role or place


def initials(profile: Profile) -> str:
    """`Amina Wanjiru Otieno` → `A. O.`; written the same way in every script."""
    names = [name.strip() for name in (profile.given_name, profile.family_name)]
    return " ".join(f"{name[0]}." for name in names if name)


def _shown(profile: Profile, what: Fields, how: Relation) -> Seen:
    def show(field: Field, value: str) -> str:
        return value if field in what else ""

    name = show(Field.NAME, profile.name) or show(Field.INITIALS, initials(profile))
    topics, types = dict(vocabulary.topics()), dict(vocabulary.institution_types())
    return Seen(
        key=profile.key,
        name=name,
        country=show(Field.COUNTRY, profile.country and vocabulary.country_name(profile.country)),
        region=show(Field.REGION, vocabulary.region_name(profile.country)),
        institution=show(Field.INSTITUTION, profile.institution),
        institution_type=show(Field.INSTITUTION_TYPE, types.get(profile.institution_type, "")),
        post=show(Field.INSTITUTION, profile.post),
        languages=(
            tuple(vocabulary.language_names(profile.languages)) if Field.LANGUAGES in what else ()
        ),
        expertise=(
            tuple(topics[code] for code in profile.expertise if code in topics)
            if Field.EXPERTISE in what
            else ()
        ),
        biography=show(Field.BIOGRAPHY, profile.biography),
        courses=_courses(profile, what),
    )


def positions(profile: Profile, how: Relation) -> tuple[PositionSeen, ...]:
    """Where the person worked before, for whoever may know where he or she works now."""
    if Field.INSTITUTION not in fields(profile, how):
        return ()
    return tuple(
        PositionSeen(
            institution=position.institution,
            post=position.post,
            since=position.starts_on.year if position.starts_on else None,
            until=position.ends_on.year,
        )
        for position in profile.positions.all()
    )


def _courses(profile: Profile, what: Fields) -> tuple[CourseSeen, ...]:
    if Field.COURSES not in what:
        return ()
    in_full = Field.COURSES_IN_FULL in what
    return tuple(
        CourseSeen(
            title=enrolment.run.title,
            year=enrolment.run.ends_on.year,
            run=enrolment.run.slug if in_full else "",
        )
        for enrolment in profile.enrolments.all()
        if enrolment.completion != Enrolment.Completion.NOMINATED
    )
