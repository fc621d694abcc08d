"""People, courses and sign-ins for tests."""

from __future__ import annotations

import datetime as dt

import factory
from allauth.account.models import EmailAddress

from alumni.models import (
    Answer,
    Certificate,
    Course,
    CourseRun,
    Enrolment,
    Profile,
    Programme,
    Project,
    User,
)

JOINED = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)


class UserFactory(factory.django.DjangoModelFactory):
    """Someone who signs in with a confirmed address; `password=None` signs in by code."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person-{n}@example.org")
    password = factory.django.Password("a long enough password")

    @factory.post_generation
    def confirmed(self, create: bool, extracted: bool | None, **kwargs: object) -> None:
        if create and extracted is not False:
            EmailAddress.objects.create(user=self, email=self.email, verified=True, primary=True)


class ProfileFactory(factory.django.DjangoModelFactory):
    """Someone on a roster, not joined; `joined=True` adds a sign-in and the acceptance."""

    class Meta:
        model = Profile

    class Params:
        joined = factory.Trait(
            accepted_at=JOINED,
            user=factory.SubFactory(
                UserFactory, email=factory.SelfAttribute("..address"), confirmed=True
            ),
        )

    given_name = factory.Sequence(lambda n: f"Given{n}")
    family_name = factory.Sequence(lambda n: f"Family{n}")
    address = factory.Sequence(lambda n: f"member-{n}@example.org")
    country = "KE"


class ProgrammeFactory(factory.django.DjangoModelFactory):
    """A thematic line."""

    class Meta:
        model = Programme

    title = factory.LazyFunction(lambda: {"en": "Threats", "ar": "تهديدات"})
    slug = factory.Sequence(lambda n: f"programme-{n}")


class ProjectFactory(factory.django.DjangoModelFactory):
    """A funded intervention with the line its donor asks for."""

    class Meta:
        model = Project

    programme = factory.SubFactory(ProgrammeFactory)
    title = factory.LazyFunction(lambda: {"en": "Stability III"})
    slug = factory.Sequence(lambda n: f"project-{n}")
    donor = factory.LazyFunction(lambda: {"en": "A donor"})
    acknowledgement = factory.LazyFunction(lambda: {"en": "Made possible by a donor."})


class CourseFactory(factory.django.DjangoModelFactory):
    """A curriculum."""

    class Meta:
        model = Course

    programme = factory.SubFactory(ProgrammeFactory)
    title = factory.LazyFunction(lambda: {"en": "Evidence", "ar": "الأدلة"})
    slug = factory.Sequence(lambda n: f"course-{n}")


class CourseRunFactory(factory.django.DjangoModelFactory):
    """One run of a course."""

    class Meta:
        model = CourseRun

    course = factory.SubFactory(CourseFactory)
    project = factory.SubFactory(ProjectFactory)
    slug = factory.Sequence(lambda n: f"run-{n}")
    starts_on = dt.date(2026, 2, 2)
    ends_on = dt.date(2026, 2, 5)


class EnrolmentFactory(factory.django.DjangoModelFactory):
    """Someone who took part."""

    class Meta:
        model = Enrolment

    profile = factory.SubFactory(ProfileFactory)
    run = factory.SubFactory(CourseRunFactory)


class AnswerFactory(factory.django.DjangoModelFactory):
    """Someone used it, after three months."""

    class Meta:
        model = Answer

    enrolment = factory.SubFactory(EnrolmentFactory)
    wave = "3-months"
    first = "used"
    language = "en"
    how = Answer.How.MAIL


class CertificateFactory(factory.django.DjangoModelFactory):
    """A number on paper that holds."""

    class Meta:
        model = Certificate

    enrolment = factory.SubFactory(EnrolmentFactory)
    issued_on = dt.date(2026, 2, 5)
