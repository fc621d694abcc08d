"""Officials change posts: the member says which of his or her mailboxes gets the newsletters."""

import time

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.test import Client

from alumni import profiles, reading
from newsletters import letters, subscriptions
from newsletters.models import Letter, Subscriber, Suppression
from tests.factories.alumni import ProfileFactory, UserFactory
from tests.factories.newsletters import NewsletterFactory, SubscriptionFactory

pytestmark = pytest.mark.django_db

PATH = "/en/members/me/mailbox/"
NEW = "amina@new-post.example.org"


@pytest.fixture
def reader():
    """A member who reads at the old post and has confirmed a mailbox at the new one."""
    profile = ProfileFactory(joined=True, address="amina@old-post.example.org")
    SubscriptionFactory(
        newsletter=NewsletterFactory(slug="stories"), subscriber__address=profile.address
    )
    profiles.link_subscriber(profile=profile, address=profile.address)
    EmailAddress.objects.create(user=profile.user, email=NEW, verified=True)
    profile.refresh_from_db()
    return profile


def signed_in(profile):
    """Signed in, and asked again who is there a moment ago."""
    client = Client()
    client.force_login(profile.user)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = str(profile.user.pk)
    session.save()
    return client


def read_at(profile):
    return Subscriber.objects.get(profile=profile).address


def test_the_newsletters_move_and_the_old_mailbox_is_told(reader):
    answer = signed_in(reader).post(PATH, {"address": NEW}, follow=True)

    letter = Letter.objects.get(kind="address_changed")
    assert "Your newsletters come to this address from now on" in answer.content.decode()
    assert read_at(reader) == NEW
    assert (letter.to, letter.params["address"]) == (reader.address, "a…@new-post.example.org")
    assert letter.params["discreet"] is True


def test_who_has_not_just_signed_in_is_asked_who_is_there(reader):
    client = Client()
    client.force_login(reader.user)

    answer = client.post(PATH, {"address": NEW})

    assert answer["Location"].startswith("/en/accounts/reauthenticate/")
    assert read_at(reader) == reader.address


def test_the_page_offers_the_mailboxes_that_are_confirmed_and_no_other(reader):
    EmailAddress.objects.create(user=reader.user, email="un@confirmed.example.org")

    body = signed_in(reader).get("/en/members/me/").content.decode()

    assert f'value="{NEW}"' in body
    assert "un@confirmed.example.org" not in body


@pytest.mark.parametrize("address", ["stranger@example.org", "un@confirmed.example.org", ""])
def test_a_mailbox_that_is_not_confirmed_gets_nothing(reader, address):
    EmailAddress.objects.create(user=reader.user, email="un@confirmed.example.org")

    signed_in(reader).post(PATH, {"address": address})

    assert read_at(reader) == reader.address
    with pytest.raises(PermissionDenied):
        reading.move(profile=reader, address=address, by=reader.user)


def test_nobody_moves_the_newsletters_of_another(reader):
    with pytest.raises(PermissionDenied):
        reading.move(profile=reader, address=NEW, by=UserFactory())


@pytest.mark.parametrize("why", ["read", "suppressed"])
def test_an_address_in_use_or_not_to_be_mailed_is_refused_with_a_reason(reader, why):
    if why == "read":
        SubscriptionFactory(newsletter=NewsletterFactory(), subscriber__address=NEW)
    else:
        Suppression.objects.create(address=NEW, reason=Suppression.Reason.BOUNCE)

    answer = signed_in(reader).post(PATH, {"address": NEW}, follow=True)

    assert "Newsletters come to that address already" in answer.content.decode()
    assert read_at(reader) == reader.address
    assert not Letter.objects.filter(kind="address_changed").exists()


def test_a_request_nobody_confirmed_gives_way(reader):
    subscriptions.subscribe(address=NEW, newsletter=NewsletterFactory(slug="other"), language="en")

    assert reading.move(profile=reader, address=NEW, by=reader.user)

    assert read_at(reader) == NEW


def test_moving_twice_tells_once(reader):
    assert reading.move(profile=reader, address=NEW, by=reader.user)
    reader.refresh_from_db()
    assert not reading.move(profile=reader, address=NEW, by=reader.user)

    assert len(letters.sent_since(reader.address, "address_changed", reader.created_at)) == 1
