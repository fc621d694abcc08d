"""The alumnus's verbs: join, keep the profile, choose who may find me."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from alumni import profiles
from alumni.models import Profile
from alumni.privacy import consents
from alumni.privacy.consents import Purpose
from alumni.profiles import Visibility
from newsletters.models import Subscription
from tests.factories.alumni import ProfileFactory, UserFactory
from tests.factories.newsletters import SubscriptionFactory

pytestmark = pytest.mark.django_db
Tier = Profile.Tier


def agreed(profile):
    return [(row.purpose, row.given, row.language) for row in consents.history(profile)]


def test_accepting_records_the_sentence_once_and_shows_nobody():
    profile = ProfileFactory(user=UserFactory())

    for _again in range(2):
        profile = profiles.accept(profile=profile, by=profile.user, language="ar")

    assert profile.has_accepted
    assert profile.tier == ""
    assert agreed(profile) == [("membership", True, "ar")]
    assert consents.history(profile)[0].wording == consents.sentence(Purpose.MEMBERSHIP, "ar")


def test_each_step_wider_is_a_consent_and_each_step_back_takes_it_back():
    profile = ProfileFactory(joined=True)

    for tier in (Tier.COHORT, Tier.NETWORK, Tier.PROTECTED):
        profiles.choose_visibility(
            profile=profile, chosen=Visibility(tier), by=profile.user, language="en"
        )

    assert agreed(profile) == [
        ("directory:cohort", True, "en"),
        ("directory:network", True, "en"),
        ("directory:cohort", False, "en"),
        ("directory:network", False, "en"),
    ]
    profile.refresh_from_db()
    assert profile.tier == Tier.PROTECTED


@pytest.mark.parametrize(
    "chosen",
    [
        Visibility(Tier.NETWORK),
        Visibility(Tier.COHORT, shares_institution=True),
        Visibility(Tier.COHORT, shows_initials=False),
    ],
)
def test_staff_cannot_show_more_of_a_person(chosen):
    profile = ProfileFactory(joined=True, tier=Tier.COHORT, shows_initials=True)

    with pytest.raises(PermissionDenied):
        profiles.choose_visibility(
            profile=profile, chosen=chosen, by=UserFactory(is_superuser=True), language="en"
        )

    profile.refresh_from_db()
    assert (profile.tier, profile.shows_initials) == (Tier.COHORT, True)


def test_staff_can_show_less_of_a_person():
    profile = ProfileFactory(joined=True, tier=Tier.NETWORK)

    profile = profiles.choose_visibility(
        profile=profile, chosen=Visibility(Tier.PROTECTED), by=UserFactory(), language="en"
    )

    assert profile.tier == Tier.PROTECTED


def test_whoever_has_not_joined_cannot_be_found_by_anyone_s_choice():
    profile = ProfileFactory(user=UserFactory())

    with pytest.raises(PermissionDenied):
        profiles.choose_visibility(
            profile=profile, chosen=Visibility(Tier.COHORT), by=profile.user, language="en"
        )


@pytest.mark.parametrize(
    "shown", [{"tier": "network"}, {"public_name": True}, {"shares_institution": True}]
)
def test_the_database_refuses_to_show_someone_before_accepting(shown):
    profile = ProfileFactory()

    with pytest.raises(IntegrityError, match="nobody_shows_before_accepting"), transaction.atomic():
        Profile.objects.filter(pk=profile.pk).update(**shown)


def test_updating_writes_only_what_the_member_keeps():
    profile = ProfileFactory(joined=True, institution="Police")

    profiles.update(profile=profile, changes={"post": "Adviser"}, by=profile.user)

    profile.refresh_from_db()
    assert (profile.institution, profile.post) == ("Police", "Adviser")
    with pytest.raises(ValueError, match="address"):
        profiles.update(profile=profile, changes={"address": "x@example.org"}, by=profile.user)


def test_a_confirmed_reader_at_the_member_s_own_address_is_linked_and_mails_become_discreet():
    profile = ProfileFactory(joined=True)
    subscription = SubscriptionFactory(
        subscriber__address=profile.address, state=Subscription.State.CONFIRMED
    )

    linked = profiles.link_subscriber(profile=profile, address=profile.address)

    profile.refresh_from_db()
    assert linked
    assert profile.subscriber == subscription.subscriber
    assert profile.subscriber.discreet

    profiles.choose_visibility(
        profile=profile, chosen=Visibility(Tier.NETWORK), by=profile.user, language="en"
    )

    profile.subscriber.refresh_from_db()
    assert not profile.subscriber.discreet


def test_an_unconfirmed_reader_and_a_person_who_has_not_joined_are_not_linked():
    waiting, member = ProfileFactory(user=UserFactory()), ProfileFactory(joined=True)
    SubscriptionFactory(subscriber__address=waiting.address, state=Subscription.State.CONFIRMED)
    SubscriptionFactory(
        subscriber__address=member.address,
        state=Subscription.State.PENDING,
        confirmed_at=None,
        caught_up_at=None,
    )

    assert not profiles.link_subscriber(profile=waiting, address=waiting.address)
    assert not profiles.link_subscriber(profile=member, address=member.address)
