"""Why did, or didn't, this person get it: each sentence from what really happened."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone
from django.utils.translation import override

from newsletters import subscriptions
from newsletters.explain import explain
from newsletters.models import (
    Attempt,
    Batch,
    Delivery,
    Issue,
    Newsletter,
    Subscription,
    Suppression,
)
from newsletters.pipeline import freeze
from tests.factories.newsletters import (
    LONG_AGO,
    IssueFactory,
    NewsletterFactory,
    SubscriberFactory,
    SubscriptionFactory,
)
from tests.newsletters import fake_source
from tests.newsletters.fake_source import publish, write

HOUR = dt.timedelta(hours=1)
LEFT_AT = dt.datetime(2026, 11, 27, 8, 42, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _clock(settings: Any) -> None:
    settings.TIME_ZONE = "Africa/Cairo"


def reader(newsletter: Newsletter, name: str = "amina", **facts: Any) -> Subscription:
    languages = facts.pop("languages", ["en"])
    subscriber = SubscriberFactory(address=f"{name}@example.org", languages=languages)
    return SubscriptionFactory(newsletter=newsletter, subscriber=subscriber, **facts)


def frozen(issue: Issue) -> Issue:
    freeze.freeze(issue.pk)
    issue.refresh_from_db()
    return issue


def why(issue: Issue, name: str = "amina") -> list[str]:
    return explain(issue, f"{name}@example.org")


def test_who_left_by_the_button_left_at_that_minute_by_the_button(newsletter: Newsletter) -> None:
    with time_machine.travel(LEFT_AT, tick=False):
        row = reader(newsletter)
        subscriptions.unsubscribe(row, how="button in the mail", language="en")
    with time_machine.travel(LEFT_AT + 2 * HOUR, tick=False):
        issue = IssueFactory(newsletter=newsletter)
        publish("kenya", at=issue.cutoff_at - HOUR)
        frozen(issue)

    assert why(issue) == ["Left on 27 November 2026 at 10:42 by the button in the mail."]


def test_who_came_back_later_had_left_all_the_same(issue: Issue) -> None:
    publish("kenya", at=issue.cutoff_at - HOUR)
    row = reader(issue.newsletter)
    subscriptions.unsubscribe(row, how="link in the mail", language="en")
    frozen(issue)
    assert subscriptions.return_to(row, language="en")

    [sentence] = why(issue)

    assert sentence.startswith("Left on ")
    assert sentence.endswith(" by the link in the mail.")


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"interests": ["country:ZM"]}, "Nothing new for what this reader follows: Zambia."),
        ({"languages": ["pt"]}, "Reads Portuguese; the mailing was in English and Arabic."),
        ({"frequency": "monthly"}, "this was the mailing for those who want it every week."),
        ({"caught_up_at": dt.datetime(2126, 1, 1, tzinfo=dt.UTC)}, "Nothing was new since"),
        ({"state": "pending", "confirmed_at": None}, "has not confirmed."),
        ({"paused_until": dt.datetime(2126, 1, 1, tzinfo=dt.UTC)}, "paused the newsletter until"),
    ],
)
def test_whoever_was_left_out_is_told_why(issue: Issue, facts: dict[str, Any], says: str) -> None:
    publish("kenya", at=issue.cutoff_at - HOUR, languages="en ar", interests="country:KE")
    reader(issue.newsletter, "badr", languages=["ar"])
    reader(issue.newsletter, "chanda")
    reader(issue.newsletter, **facts)

    [sentence] = why(frozen(issue))

    assert says in sentence


def test_who_came_when_the_list_stood_is_told_so(issue: Issue) -> None:
    publish("kenya", at=issue.cutoff_at - HOUR)
    frozen(issue)
    reader(issue.newsletter, confirmed_at=timezone.now())

    [sentence] = why(issue)

    assert "when the list of this mailing had been drawn up" in sentence


def test_who_must_not_be_written_to_is_told_why_and_since_when(issue: Issue) -> None:
    publish("kenya", at=issue.cutoff_at - HOUR)
    row = reader(issue.newsletter)
    Suppression.objects.create(
        address=row.subscriber.address, reason="complaint", created_at=LONG_AGO
    )

    [sentence] = why(frozen(issue))

    assert sentence.startswith("Not written to since ")
    assert "marked as spam" in sentence


def test_what_came_after_the_list_is_no_reason(issue: Issue) -> None:
    """Suppressed, paused or moved to another rhythm afterwards explains nothing."""
    publish("kenya", at=issue.cutoff_at - HOUR, interests="country:KE")
    row = reader(issue.newsletter, interests=["country:ZM"])
    frozen(issue)
    Suppression.objects.create(address=row.subscriber.address, reason="asked")

    [sentence] = why(issue)

    assert "Zambia" in sentence


def test_a_written_mailing_names_both_sides_languages(newsletter: Newsletter) -> None:
    write("letter", "en")
    issue = IssueFactory(newsletter=newsletter, kind="written", frequency="", reference="letter")
    reader(newsletter, languages=["ar"])
    reader(newsletter, "badr")

    assert why(frozen(issue)) == ["Reads Arabic; the mailing was in English."]


def test_a_mailing_for_some_was_not_for_the_others(newsletter: Newsletter) -> None:
    write("letter", "en")
    fake_source.permitted["members"] = {"badr@example.org"}
    issue = IssueFactory(
        newsletter=newsletter,
        kind="written",
        frequency="",
        reference="letter",
        criteria={"audience": "members"},
    )
    reader(newsletter)
    reader(newsletter, "badr")

    [sentence] = why(frozen(issue))

    assert "for some readers only" in sentence


def test_whoever_got_it_reads_when_it_was_handed_over_and_what_came_back(issue: Issue) -> None:
    publish("kenya", at=issue.cutoff_at - HOUR)
    row = reader(issue.newsletter)
    frozen(issue)
    batch = Batch.objects.get()
    Batch.objects.update(state=Batch.State.ACCEPTED)
    Attempt.objects.create(
        batch=batch,
        epoch=1,
        key="k",
        body_sha256="b",
        deadline_at=LEFT_AT,
        finished_at=LEFT_AT,
        outcome=Attempt.Outcome.ACCEPTED,
    )
    Delivery.objects.filter(subscriber_id=row.subscriber_id).update(
        delivered_at=LEFT_AT + HOUR, complained_at=LEFT_AT + 2 * HOUR
    )

    said = why(issue)

    assert said[:3] == [
        "Handed to the mail service on 27 November 2026 at 10:42.",
        "Delivered on 27 November 2026 at 11:42.",
        "Marked as spam on 27 November 2026 at 12:42.",
    ]
    assert "It was the mailing in English" in said[3]


def test_a_mail_that_came_back_says_when_and_a_failure_names_no_address(issue: Issue) -> None:
    publish("kenya", at=issue.cutoff_at - HOUR)
    row, other = reader(issue.newsletter), reader(issue.newsletter, "badr")
    frozen(issue)
    Batch.objects.update(state=Batch.State.ACCEPTED)
    ours = Delivery.objects.filter(issue=issue)
    ours.filter(subscriber_id=row.subscriber_id).update(bounced_at=LEFT_AT)
    ours.filter(subscriber_id=other.subscriber_id).update(
        exception="failed", reason="550 badr@example.org unknown"
    )

    assert "Came back on 27 November 2026 at 10:42." in why(issue)
    assert why(issue, "badr") == [
        "Could not be handed to the mail service.",
        "The mail service said: 550 … unknown",
    ]


def test_nobody_a_wrong_address_and_another_newsletter_s_reader(issue: Issue) -> None:
    reader(NewsletterFactory())
    frozen(issue)

    assert why(issue, "nobody") == ["Nobody reads a newsletter at this address."]
    assert explain(issue, "not an address")[0].startswith("This is not an e-mail address.")
    assert why(issue)[0].startswith("Has never asked for")


def test_before_the_list_is_drawn_up_nothing_is_claimed(issue: Issue) -> None:
    reader(issue.newsletter)

    assert why(issue) == ["The list of this mailing has not been drawn up yet."]


def test_it_speaks_the_language_of_whoever_asks(issue: Issue) -> None:
    publish("kenya", at=issue.cutoff_at - HOUR)
    reader(issue.newsletter, languages=["pt"])
    reader(issue.newsletter, "badr")
    frozen(issue)

    with override("fr"):
        [sentence] = why(issue)

    assert "portugais" in sentence.lower()


def test_the_command_says_the_same(issue: Issue) -> None:
    reader(issue.newsletter)
    out = StringIO()

    call_command("explain_delivery", str(issue.pk), "amina@example.org", stdout=out)

    assert out.getvalue().splitlines() == why(issue)
    with pytest.raises(CommandError, match="no mailing number"):
        call_command("explain_delivery", "0", "amina@example.org")
