"""The promise kept for newsletters: who gets what is not for everyone."""

import pytest
from django.contrib.auth.models import AnonymousUser

from alumni.audience import audiences_of, narrow
from alumni.models import Enrolment, Profile
from newsletters.models import Subscriber
from tests.factories.alumni import CourseRunFactory, EnrolmentFactory, ProfileFactory, UserFactory
from tests.factories.newsletters import SubscriberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def readers(run):
    """One of each kind, by what they are to the course."""
    people = {
        "member": ProfileFactory(joined=True),
        "course": ProfileFactory(joined=True),
        "nominee": ProfileFactory(joined=True),
        "waiting": ProfileFactory(user=UserFactory()),
        "closed": ProfileFactory(joined=True),
    }
    EnrolmentFactory(profile=people["course"], run=run)
    EnrolmentFactory(profile=people["course"], run=CourseRunFactory())
    EnrolmentFactory(profile=people["nominee"], run=run, completion=Enrolment.Completion.NOMINATED)
    EnrolmentFactory(profile=people["waiting"], run=run)
    EnrolmentFactory(profile=people["closed"], run=run)
    people["closed"].user.is_active = False
    people["closed"].user.save()
    found = {"stranger": SubscriberFactory()}
    for name, profile in people.items():
        found[name] = SubscriberFactory()
        Profile.objects.filter(pk=profile.pk).update(subscriber=found[name])
    return found


@pytest.mark.parametrize(
    ("criteria", "who"),
    [
        ({}, {"stranger", "member", "course", "nominee", "waiting", "closed"}),
        (
            {"audience": "public"},
            {"stranger", "member", "course", "nominee", "waiting", "closed"},
        ),
        ({"audience": "members"}, {"member", "course", "nominee"}),
        ({"audience": "run:winter"}, {"course"}),
        ({"audience": "run:summer"}, set()),
        ({"audience": "run:"}, set()),
        ({"audience": "nonsense"}, set()),
    ],
)
def test_an_audience_is_narrowed_in_one_statement(
    readers, criteria, who, django_assert_num_queries
):
    with django_assert_num_queries(1):
        found = list(narrow(Subscriber.objects.all(), criteria))

    assert sorted(found, key=lambda reader: reader.pk) == [
        reader for name, reader in readers.items() if name in who
    ]


def test_a_member_twice_in_the_narrowing_stands_once(readers, run):
    narrowed = narrow(
        narrow(Subscriber.objects.all(), {"audience": "members"}), {"audience": f"run:{run.slug}"}
    )

    assert list(narrowed) == [readers["course"]]


def test_a_visitor_belongs_to_the_audiences_of_own_courses(run, django_assert_num_queries):
    profile = ProfileFactory(joined=True)
    EnrolmentFactory(profile=profile, run=run)
    EnrolmentFactory(
        profile=profile,
        run=CourseRunFactory(slug="summer"),
        completion=Enrolment.Completion.NOMINATED,
    )
    user = type(profile.user).objects.get(pk=profile.user.pk)

    with django_assert_num_queries(2):
        assert audiences_of(user) == {"public", "members", "run:winter"}


@pytest.mark.parametrize("user", [None, AnonymousUser()])
def test_a_stranger_belongs_to_the_public_alone(user):
    assert audiences_of(user) == {"public"}


def test_signed_in_without_having_joined_is_public(run):
    profile = ProfileFactory(user=UserFactory())
    EnrolmentFactory(profile=profile, run=run)

    assert audiences_of(profile.user) == {"public"}
