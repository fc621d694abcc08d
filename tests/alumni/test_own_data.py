"""A reader's fresh link: who is listed at the mailbox goes along, a member signs in."""

import pytest

from alumni import audience, profiles
from alumni.models import Forgotten, Profile
from alumni.privacy import erasure
from newsletters import links, rights
from newsletters.models import Subscriber, Suppression
from tests.factories.alumni import EnrolmentFactory, ProfileFactory
from tests.factories.newsletters import SubscriberFactory, SubscriptionFactory

pytestmark = pytest.mark.django_db

ADDRESS = "amina@example.org"


@pytest.fixture
def reader():
    return SubscriptionFactory(subscriber__address=ADDRESS).subscriber


def listed(**facts):
    return ProfileFactory(address=ADDRESS, user=None, accepted_at=None, **facts)


def test_who_is_listed_at_the_mailbox_is_in_the_file(reader):
    enrolment = EnrolmentFactory(profile=listed(given_name="Amina"))

    found = {section.label: section.rows for section in audience.elsewhere(reader).sections}

    assert found["alumni.Profile"][0]["given_name"] == "Amina"
    assert found["alumni.Enrolment"][0]["run_id"] == enrolment.run_id
    assert not {label for label in found if label.startswith("newsletters.Sub")}


def test_who_is_listed_at_the_mailbox_is_erased_with_the_reader(reader):
    listed()

    rights.forget(reader, language="en")

    assert not Profile.objects.exists()
    assert not Subscriber.objects.exists()
    assert Forgotten.objects.exists()
    assert links.suppressed(ADDRESS)


def test_people_who_share_a_mailbox_are_neither_told_nor_erased(reader):
    for _n in range(2):
        listed()

    assert audience.elsewhere(reader).sections == ()
    rights.forget(reader, language="en")

    assert Profile.objects.count() == 2


@pytest.mark.parametrize("how", ["linked", "same address", "second address"])
def test_who_has_an_account_is_led_to_sign_in(reader, how):
    member = ProfileFactory(joined=True)
    if how == "linked":
        member.subscriber = reader
        member.save()
    elif how == "same address":
        member.user.email = ADDRESS
        member.user.save()
    else:
        member.user.emailaddress_set.create(email=ADDRESS, verified=True)

    found = audience.elsewhere(reader)

    assert found.page.endswith("/en/members/me/data/")
    assert found.sections == ()


def test_erasing_a_person_takes_the_untied_reader_of_the_mailbox_along(reader):
    person = listed()
    other = SubscriberFactory(address="other@example.org")

    erasure.erase(profile=person, by=None, language="en")

    assert list(Subscriber.objects.all()) == [other]
    assert Suppression.objects.count() == 1


def test_erasing_a_person_leaves_the_reader_of_a_shared_mailbox(reader):
    person = listed()
    listed()

    erasure.erase(profile=person, by=None, language="en")

    assert list(Subscriber.objects.all()) == [reader]


def test_erasing_a_person_leaves_a_reader_who_is_somebody_else(reader):
    member = ProfileFactory(joined=True)
    Profile.objects.filter(pk=member.pk).update(subscriber=reader)
    person = listed()

    erasure.erase(profile=person, by=None, language="en")

    assert Subscriber.objects.filter(pk=reader.pk).exists()
    assert not profiles.link_subscriber(profile=member, address=ADDRESS)
