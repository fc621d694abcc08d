"""Members whose mailbox a list brings in, or who leave by a report: as if they had said it here."""

from __future__ import annotations

import io

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alumni.followup.survey import survey
from alumni.models import Profile
from alumni.privacy.consents import Purpose
from newsletters.imports import carry, hold
from newsletters.models import Consent, Newsletter, Report, Subscriber
from newsletters.pipeline import track
from tests.factories.alumni import ProfileFactory, UserFactory
from tests.factories.newsletters import (
    DeliveryFactory,
    IssueFactory,
    NewsletterFactory,
    SubscriberFactory,
    SubscriptionFactory,
)

pytestmark = pytest.mark.django_db
AGREED = "signed the list,2026-03-31"


@pytest.fixture
def newsletter() -> Newsletter:
    return NewsletterFactory()


def bring_in(newsletter: Newsletter, *addresses: str, agreed: str = AGREED) -> None:
    lines = ["E-mail,Language,Source,Date", *(f"{one},en,{agreed}" for one in addresses)]
    file = io.BytesIO("\n".join(lines).encode())
    table = hold.hold(file, name="l.csv", newsletter=newsletter, language="en", by=UserFactory())
    assert carry.take_in(table)


def found(address: str) -> tuple[bool, Profile | None]:
    reader = Subscriber.objects.select_related("profile").get(address=address)
    return reader.discreet, getattr(reader, "profile", None)


def said_of_questions(profile: Profile) -> list[bool]:
    rows = Consent.objects.filter(subject=f"profile:{profile.key}", purpose=Purpose.SURVEY.value)
    return list(rows.values_list("given", flat=True))


@pytest.mark.parametrize(
    ("tier", "discreet"), [("protected", True), ("", True), ("cohort", False), ("network", False)]
)
def test_a_member_on_a_list_is_tied_and_whoever_is_at_risk_gets_discreet_mails(
    newsletter: Newsletter, tier: str, discreet: bool
) -> None:
    profile = ProfileFactory(joined=True, tier=tier)

    bring_in(newsletter, "other@example.org", profile.address)

    assert found(profile.address) == (discreet, profile)
    assert found("other@example.org") == (False, None)


def test_every_mailbox_of_a_person_at_risk_gets_discreet_mails(newsletter: Newsletter) -> None:
    profile = ProfileFactory(
        joined=True, tier="protected", subscriber=SubscriberFactory(discreet=True)
    )
    second = "second@example.org"
    EmailAddress.objects.create(user=profile.user, email=second, verified=True)

    bring_in(newsletter, profile.address, second)

    assert found(profile.address) == found(second) == (True, None)
    assert Profile.objects.get(pk=profile.pk).subscriber_id == profile.subscriber_id


def test_a_mailbox_that_nobody_proved_ties_nobody(newsletter: Newsletter) -> None:
    claimed = ProfileFactory(joined=True, tier="network", address="claimed@example.org")
    EmailAddress.objects.filter(user=claimed.user).update(verified=False)
    waiting = ProfileFactory(user=UserFactory())

    bring_in(newsletter, claimed.address, waiting.address)

    assert found(claimed.address) == found(waiting.address) == (False, None)


def test_many_members_on_a_list_cost_no_more_than_one(newsletter: Newsletter) -> None:
    def queries(people: int) -> int:
        members = [ProfileFactory(joined=True, tier="network").address for _ in range(people)]
        with CaptureQueriesContext(connection) as captured:
            bring_in(newsletter, *members)
        assert Profile.objects.filter(subscriber__address__in=members).count() == people
        return len(captured)

    assert queries(1) == queries(12)


def test_who_agreed_on_a_list_to_be_asked_is_asked() -> None:
    questions = NewsletterFactory(slug=survey().newsletter)
    agreed, elsewhere = (ProfileFactory(joined=True, tier="network") for _ in range(2))

    bring_in(questions, agreed.address)
    bring_in(NewsletterFactory(), elsewhere.address)

    assert list(Profile.objects.filter(answers_questions=True)) == [agreed]
    assert said_of_questions(agreed) == [True]


@pytest.mark.parametrize("kind", ["complained", "unsubscribed"])
def test_who_leaves_the_questions_by_the_mail_service_is_not_asked_on_the_own_page_either(
    kind: str,
) -> None:
    reader = SubscriberFactory(address="amina@example.org")
    questions = NewsletterFactory(slug=survey().newsletter)
    SubscriptionFactory(newsletter=questions, subscriber=reader)
    profile = ProfileFactory(joined=True, answers_questions=True, subscriber=reader)
    mail = DeliveryFactory(subscriber_id=reader.pk, issue=IssueFactory(newsletter=questions))
    Report.objects.create(key="one", kind=kind, delivery=str(mail.pk), recipient=reader.address)

    track.apply_reports()

    profile.refresh_from_db()
    assert not profile.answers_questions
    assert said_of_questions(profile) == [False]
