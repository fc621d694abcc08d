"""They wrote to us: please stop. One verb, and nothing comes again."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from alumni import profiles
from alumni.models import Access, Profile
from alumni.privacy import stopping
from alumni.relay import contact
from newsletters import links
from newsletters.models import Consent, Letter, Subscription, Suppression
from newsletters.pipeline.audience import considered
from tests.factories.alumni import ProfileFactory, UserFactory
from tests.factories.newsletters import (
    IssueFactory,
    NewsletterFactory,
    SubscriberFactory,
    SubscriptionFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return UserFactory(is_superuser=True, is_staff=True, first_name="Mariam", last_name="Desk")


@pytest.fixture
def reader():
    """A member who reads two newsletters at the sign-in address; the roster has another one."""
    profile = ProfileFactory(joined=True, tier="network")
    subscriber = SubscriberFactory(address=profile.address)
    for _n in range(2):
        SubscriptionFactory(newsletter=NewsletterFactory(), subscriber=subscriber)
    profiles.link_subscriber(profile=profile, address=profile.address)
    Profile.objects.filter(pk=profile.pk).update(address="roster@example.org")
    profile.refresh_from_db()
    return profile


def states():
    return list(Subscription.objects.order_by("pk").values_list("state", "left_how"))


@pytest.mark.parametrize("by_address", [True, False])
def test_it_covers_every_newsletter_and_address_of_the_person(officer, reader, by_address):
    who = {"address": " Roster@Example.ORG "} if by_address else {"profile": reader}

    found = stopping.stop(by=officer, how="letter of 3 May", **who)

    sign_in = reader.user.email
    assert found == sorted(["roster@example.org", sign_in])
    assert states() == [("left", stopping.HOW)] * 2
    assert list(Consent.objects.values_list("given", "how")) == [(False, stopping.HOW)] * 2
    rows = Suppression.objects.order_by("address").values_list("address", "reason", "note")
    assert list(rows) == [(address, "asked", "letter of 3 May (Mariam Desk)") for address in found]
    assert all(links.suppressed(address) for address in found)
    assert list(Access.objects.values_list("subject", "what", "detail")) == [
        (reader.key, "stopped", "letter of 3 May")
    ]


def test_an_address_without_a_person_is_stopped_too(officer):
    subscription = SubscriptionFactory(newsletter=NewsletterFactory())

    stopping.stop(by=officer, how="call", address=subscription.subscriber.address)

    assert states() == [("left", stopping.HOW)]


def test_an_address_we_never_wrote_to_is_stopped_before_it_begins(officer):
    stopping.stop(by=officer, how="call", address="never@example.org")

    assert links.suppressed("never@example.org")


def test_people_who_share_the_mailbox_keep_their_other_addresses(officer):
    one, _other = (ProfileFactory(address="office@example.org") for _n in range(2))
    one.user = UserFactory(email="own@example.org")
    one.save()

    assert stopping.stop(by=officer, how="call", address="office@example.org") == [
        "office@example.org"
    ]


def test_what_waits_does_not_leave(officer, reader):
    Letter.objects.create(kind="message_waits", to=reader.user.email, language="en")

    stopping.stop(by=officer, how="call", profile=reader)
    writer = ProfileFactory(joined=True, tier="network")
    contact.ask(by=writer.user, to=reader, text="Hello")

    assert list(Letter.objects.values_list("to", "state")) == [("", "failed")]


def test_a_mailing_under_way_passes_the_reader_by(officer, reader):
    newsletter = Subscription.objects.first().newsletter
    issue = IssueFactory(newsletter=newsletter)
    assert considered(issue).count() == 1

    stopping.stop(by=officer, how="call", profile=reader)

    assert considered(issue).count() == 0


def test_twice_is_once(officer, reader):
    for _again in range(2):
        stopping.stop(by=officer, how="call", profile=reader)

    assert Consent.objects.count() == 2
    assert Suppression.objects.count() == 2


def test_what_is_no_address_is_said(officer):
    with pytest.raises(ValidationError):
        stopping.stop(by=officer, how="call", address="nobody at all")


def test_staff_do_it_on_their_screen(officer, reader):
    desk = Client()
    desk.force_login(officer)
    page = "/cms/rights/stop/"

    for wrong in (
        {"how": "call"},
        {"how": "call", "address": "no address"},
        {"address": "a@example.org"},
        {"how": "call", "address": "a@example.org", "profile": reader.pk},
    ):
        assert desk.post(page, wrong).status_code == 200
    assert Suppression.objects.count() == 0

    assert desk.post(page, {"how": "call", "profile": reader.pk}).status_code == 302
    assert states() == [("left", stopping.HOW)] * 2
