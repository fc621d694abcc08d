"""A member's newsletters on the own page: the way there, for nobody else, and asking for more."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.test import Client

from alumni import profiles, reading
from alumni.models import Profile
from alumni.visibility import Tier
from newsletters import links, subscriptions
from newsletters.models import Letter, Newsletter, Subscriber, Subscription
from tests.factories.alumni import ProfileFactory, UserFactory
from tests.factories.newsletters import (
    NewsletterFactory,
    SubscriberFactory,
    SubscriptionFactory,
)

pytestmark = pytest.mark.django_db

ME = "/en/members/me/"
SUBSCRIBE = ME + "newsletters/"


@pytest.fixture
def newsletter():
    return NewsletterFactory(slug="stories")


@pytest.fixture
def reader(newsletter):
    """A member whose mailbox has confirmed the newsletter, linked."""
    profile = ProfileFactory(joined=True, tier=Tier.NETWORK)
    SubscriptionFactory(newsletter=newsletter, subscriber__address=profile.address)
    profiles.link_subscriber(profile=profile, address=profile.address)
    profile.refresh_from_db()
    return profile


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def page(user, path=ME):
    return signed_in(user).get(path).content.decode()


def ask(user, **data):
    return signed_in(user).post(SUBSCRIBE, {"newsletter": "stories", "frequency": "weekly"} | data)


def press_the_button_in_the_mail():
    (letter,) = Letter.objects.filter(kind="confirm")
    token = re.search(r"/n/c/([^/]+)/", letter.params["confirm_url"])[1]
    assert Client().post(f"/n/c/{token}/").status_code == 200


def test_a_reader_finds_the_way_to_the_preferences(reader):
    text = page(reader.user)

    assert f'href="{links.preferences_url(reader.subscriber)}"' in text
    assert "What countries learned" in text
    assert "every week" in text
    assert SUBSCRIBE not in text


def test_a_member_who_reads_nothing_is_offered_it_at_the_sign_in_address(newsletter):
    profile = ProfileFactory(joined=True)

    text = page(profile.user)

    assert f'action="{SUBSCRIBE}"' in text
    assert f"<bdi>{profile.address}</bdi>" in text
    assert "You do not receive “What countries learned” yet." in text
    assert "/n/p/" not in text


def test_nothing_comes_before_the_mailbox_says_yes(newsletter):
    profile = ProfileFactory(joined=True)

    answer = ask(profile.user, frequency="monthly")

    profile.refresh_from_db()
    subscription = Subscription.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, "/en/newsletters/asked/")
    assert (subscription.subscriber.address, subscription.state) == (profile.address, "pending")
    assert profile.subscriber is None
    assert "/n/p/" not in page(profile.user)

    press_the_button_in_the_mail()

    profile.refresh_from_db()
    subscription.refresh_from_db()
    assert (subscription.state, subscription.frequency) == ("confirmed", "monthly")
    assert profile.subscriber == subscription.subscriber
    assert links.preferences_url(subscription.subscriber) in page(profile.user)


@pytest.mark.parametrize(
    ("tier", "discreet"), [("", True), ("protected", True), ("network", False)]
)
def test_a_person_at_risk_gets_discreet_mails_from_the_first_one_on(newsletter, tier, discreet):
    profile = ProfileFactory(joined=True, tier=tier)

    ask(profile.user)
    asked = Subscriber.objects.get().discreet
    press_the_button_in_the_mail()

    assert (asked, Subscriber.objects.get().discreet) == (discreet, discreet)


def test_the_public_form_is_recognised_as_the_member_s_once_the_mailbox_says_yes(newsletter):
    profile = ProfileFactory(joined=True)
    subscriptions.subscribe(address=profile.address, newsletter=newsletter, language="en")

    press_the_button_in_the_mail()

    profile.refresh_from_db()
    assert profile.subscriber.address == profile.address


@pytest.mark.parametrize("whose", ["unproved address", "not joined", "nobody's"])
def test_a_mailbox_that_is_no_member_s_is_linked_to_nobody(newsletter, whose):
    address = "someone@example.org"
    if whose == "unproved address":
        user = UserFactory(email=address, confirmed=False)
        EmailAddress.objects.create(user=user, email=address, verified=False)
        ProfileFactory(joined=True, user=user, address=address)
    elif whose == "not joined":
        ProfileFactory(user=UserFactory(email=address), address=address)
    else:
        ProfileFactory(joined=True)
    subscriptions.subscribe(address=address, newsletter=newsletter, language="en")

    press_the_button_in_the_mail()

    assert not Profile.objects.exclude(subscriber=None).exists()


def test_a_second_newsletter_is_asked_for_at_the_address_that_reads_already(reader):
    NewsletterFactory(slug="calls")
    Subscriber.objects.filter(pk=reader.subscriber_id).update(
        address="elsewhere@example.org", languages=["fr", "en"]
    )

    ask(reader.user, newsletter="calls")
    press_the_button_in_the_mail()

    (subscriber,) = Subscriber.objects.all()
    assert (subscriber.address, subscriber.languages) == ("elsewhere@example.org", ["fr", "en"])
    assert subscriber.subscriptions.confirmed().count() == 2


def test_who_left_may_come_back_from_the_own_page(reader):
    reader.subscriber.subscriptions.update(state="left")

    text = page(reader.user)

    assert f'action="{SUBSCRIBE}"' in text
    assert links.preferences_url(reader.subscriber) in text


@pytest.mark.parametrize("data", [{"newsletter": "closed"}, {"newsletter": ""}, {"frequency": "x"}])
def test_what_is_not_on_offer_is_not_asked_for(newsletter, data):
    NewsletterFactory(slug="closed", is_open=False)
    profile = ProfileFactory(joined=True)

    answer = ask(profile.user, **data)

    assert (answer.status_code, answer["Location"]) == (302, ME)
    assert not Letter.objects.exists()


def test_without_a_confirmed_mailbox_nothing_is_asked_for(newsletter):
    user = UserFactory(confirmed=False)
    ProfileFactory(joined=True, user=user)

    assert f'action="{SUBSCRIBE}"' not in page(user)
    assert ask(user)["Location"] == ME
    assert not Letter.objects.exists()


def test_who_has_not_joined_is_asked_to_join_first(newsletter, waiting):
    assert SUBSCRIBE not in page(waiting)
    assert ask(waiting)["Location"] == ME
    assert not Letter.objects.exists()


def test_the_preference_link_is_shown_to_nobody_else(reader, viewers):
    viewers["superuser"] = UserFactory(is_superuser=True)
    key = reader.subscriber.key
    number = reader.pk
    paths = [
        f"/en/members/{reader.key}/",
        ME,
        "/cms/people/",
        f"/cms/people/edit/{number}/",
        f"/cms/people/delete/{number}/",
        f"/cms/people/history/{number}/",
        f"/cms/people/usage/{number}/",
        f"/cms/person_chooser/chosen/{number}/",
    ]
    assert key in page(reader.user)
    del viewers["anonymous"]

    shown = [
        (who, path) for who, user in viewers.items() for path in paths if key in page(user, path)
    ]

    assert shown == []
    assert reader.name in page(viewers["superuser"], f"/cms/people/edit/{number}/")
    with pytest.raises(PermissionDenied):
        reading.of(reader, by=viewers["superuser"])
    with pytest.raises(PermissionDenied):
        reading.ask(
            profile=reader,
            newsletter=Newsletter.objects.get(),
            frequency="weekly",
            language="en",
            by=viewers["superuser"],
        )


def test_a_mailbox_that_reads_for_a_colleague_tells_nothing_of_it(newsletter):
    """Two people at one address: the newsletter is the other one's, and its link stays there."""
    colleague, profile = ProfileFactory(joined=True), ProfileFactory(joined=True)
    subscriber = SubscriberFactory(address=profile.address)
    SubscriptionFactory(newsletter=newsletter, subscriber=subscriber)
    Profile.objects.filter(pk=colleague.pk).update(subscriber=subscriber)

    text = page(profile.user)

    assert f'action="{SUBSCRIBE}"' in text
    assert subscriber.key not in text
    assert not profiles.link_subscriber(profile=profile, address=profile.address)


def test_the_own_page_takes_the_same_queries_with_one_newsletter_and_three(
    reader, django_assert_max_num_queries
):
    client = signed_in(reader.user)
    client.get(ME)
    counts = []
    for _newsletter in range(3):
        SubscriptionFactory(subscriber=reader.subscriber)
        NewsletterFactory()
        NewsletterFactory()
        with django_assert_max_num_queries(60) as queries:
            client.get(ME)
        counts.append(len(queries))

    assert len(set(counts)) == 1
