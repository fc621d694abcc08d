"""Alumni for the benchmark of the directory, drawn the same way each time.

Cohorts of COHORT; every third person shows less than all; some are hidden. Needs Django set up.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.utils import timezone

from alumni.models import Course, CourseRun, Enrolment, Hiding, Profile, User

COHORT = 25
RARE_NAME, RARE = "Rarename", (3, 203)
"""Places of those whose name nobody else has, among the first who are added."""
AT_A_TIME = 2000
COUNTRIES = settings.PACK.countries[:6]
TOPICS = [topic.code for topic in settings.PACK.topics if topic.parent][:3]
LANGUAGES = settings.PACK.languages
TIERS = ("network", "network", "network", "cohort", "")


@dataclass(frozen=True)
class Network:
    """What one call has added."""

    people: list[Profile]
    courses: list[Course]


def add(number: int, chance: random.Random) -> Network:
    """So many people who have joined, with their courses."""
    known = Profile.objects.count()
    is_first = not Profile.objects.filter(family_name=RARE_NAME).exists()
    people = Profile.objects.bulk_create(
        [_person(chance, is_rare=is_first and place in RARE) for place in range(number)],
        batch_size=AT_A_TIME,
    )
    cohorts = [people[begin : begin + COHORT] for begin in range(0, number, COHORT)]
    courses = list(Course.objects.all())
    day = dt.date(2025, 6, 20)
    runs = CourseRun.objects.bulk_create(
        CourseRun(
            course=chance.choice(courses), slug=f"run-{known}-{n}", starts_on=day, ends_on=day
        )
        for n, _cohort in enumerate(cohorts)
    )
    Enrolment.objects.bulk_create(
        [
            Enrolment(profile=one, run=run)
            for run, cohort in zip(runs, cohorts, strict=True)
            for one in cohort
        ],
        batch_size=AT_A_TIME,
    )
    Hiding.objects.create(profile=people[1], is_own=True)
    Hiding.objects.create(institution=f"A house that nobody may know of {known}")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE alumni_profile, alumni_enrolment, alumni_courserun")
    return Network(people, courses)


def sign_in_of(person: Profile) -> User:
    """The sign-in of someone, made now."""
    person.user = User.objects.create_user(f"person-{person.pk}@example.org")
    person.save(update_fields=["user"])
    return person.user


def _person(chance: random.Random, *, is_rare: bool) -> Profile:
    tier = chance.choice(TIERS)
    return Profile(
        given_name=f"Given{chance.randrange(50)}",
        family_name=RARE_NAME if is_rare else f"Family{chance.randrange(5000)}",
        institution="Institution of something",
        institution_type="police",
        biography="A few lines about work and what was learned of it.",
        country=chance.choice(COUNTRIES),
        languages=chance.sample(LANGUAGES, 2),
        expertise=[chance.choice(TOPICS)],
        tier=tier,
        shares_institution=bool(tier) and chance.random() < 0.3,
        shows_initials=chance.random() < 0.2,
        accepted_at=timezone.now(),
    )
