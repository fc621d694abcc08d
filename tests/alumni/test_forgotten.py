"""Who asked to be forgotten comes back by no list, no form and no change of address."""

import pytest
from django.test import Client

from alumni import profiles, reading
from alumni.models import Profile
from alumni.roster import Outcome
from newsletters import subscriptions
from newsletters.addresses import keyed_hash
from newsletters.models import Subscriber, Suppression
from tests.alumni.test_roster import imported
from tests.factories.alumni import (
    CourseRunFactory,
    EnrolmentFactory,
    ProfileFactory,
    UserFactory,
)
from tests.factories.newsletters import SubscriptionFactory

pytestmark = pytest.mark.django_db

ERASED = "erased@example.org"
HEADER = "Given name,Family name,E-mail,Country\n"


@pytest.fixture
def erased_reader(db):
    """A reader who had no profile: only the hash of the address is kept."""
    Suppression.objects.create(address_hash=keyed_hash(ERASED), reason="erased")


@pytest.fixture
def desk(db):
    client = Client()
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    return client


@pytest.mark.usefixtures("erased_reader")
def test_no_roster_brings_an_erased_reader_back():
    report = imported(CourseRunFactory(), HEADER + f"Amina,Odhiambo,{ERASED.upper()},KE\n")

    assert [row.outcome for row in report.lines] == [Outcome.FORGOTTEN.value]
    assert not Profile.objects.exists()


@pytest.mark.usefixtures("erased_reader")
def test_no_roster_fills_in_an_erased_address():
    run = CourseRunFactory()
    person = ProfileFactory(given_name="Amina", family_name="Odhiambo", address="", user=None)
    EnrolmentFactory(profile=person, run=run)

    report = imported(run, HEADER + f"Amina,Odhiambo,{ERASED},KE\n")

    assert [row.outcome for row in report.lines] == [Outcome.THERE.value]
    person.refresh_from_db()
    assert person.address == ""
    assert "asked to be forgotten" in str(report.lines[0].notes)


def test_a_bounced_address_may_stand_on_a_roster():
    Suppression.objects.create(address=ERASED, reason="bounce")

    report = imported(CourseRunFactory(), HEADER + f"Amina,Odhiambo,{ERASED},KE\n")

    assert [row.outcome for row in report.lines] == [Outcome.NEW.value]


@pytest.mark.usefixtures("erased_reader")
def test_no_person_is_given_an_erased_address(desk):
    person = ProfileFactory(address="old@example.org", user=None)
    data = {"given_name": person.given_name, "family_name": person.family_name}

    page = desk.post(f"/cms/people/edit/{person.pk}/", data | {"address": ERASED})

    assert page.status_code == 200
    person.refresh_from_db()
    assert person.address == "old@example.org"


@pytest.mark.usefixtures("erased_reader")
def test_no_member_moves_the_newsletters_there():
    member = ProfileFactory(joined=True)
    SubscriptionFactory(subscriber__address=member.user.email)
    profiles.link_subscriber(profile=member, address=member.user.email)
    member.refresh_from_db()
    member.user.emailaddress_set.create(email=ERASED, verified=True)

    with pytest.raises(subscriptions.AddressCannotBeUsed):
        reading.move(profile=member, address=ERASED, by=member.user)
    assert Subscriber.objects.get().address == member.user.email
